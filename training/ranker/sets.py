"""Questions with documents and answers from the training sets, in one form: `load(folder, name)`.

The sets are those the project may train on: its own news questions (those `written` later lie beside this folder), CMRC
2018 (CC BY-SA 4.0), DRCD (CC BY-SA 3.0, made simplified) and a translation of SQuAD 2.0 (CC BY-SA 4.0). The others are not
part of the project; `folder` holds them. The project's own further questions about the `paragraphs` of CMRC and DRCD lie
beside this folder too.
"""

import gzip
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

NAMES = ("newsqa", "written", "cmrc2018", "drcd", "paragraphs", "squad_zh")
WRITTEN = Path(__file__).parents[1] / "questions.jsonl.gz"
PARAGRAPHS = Path(__file__).parents[1] / "paragraphs.jsonl.gz"
_ANSWERABLE_SQUAD = 1500


@dataclass(frozen=True, slots=True)
class Example:
    """A question, the id of its document, and the accepted answers ((), where the document does not answer it)."""

    question: str
    document: str
    answers: tuple[str, ...]
    evidence: str
    kind: str


def rows(path: Path) -> list[dict[str, object]]:
    """The objects of a gzipped JSON lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def load(folder: Path, name: str) -> tuple[dict[str, tuple[str, str]], list[Example]]:
    """The documents (id -> text, ISO date or "") and the questions of a set."""
    if name in ("newsqa", "written"):
        return _news(folder, WRITTEN if name == "written" else folder / "eval" / "newsqa.jsonl.gz")
    if name == "paragraphs":
        return _paragraphs(folder)
    simplify = _simplifier() if name == "drcd" else str
    documents = {r["id"]: (simplify(r["text"]), "") for r in rows(folder / "eval" / f"{name}_contexts.jsonl.gz")}
    examples = list(_spans(rows(folder / "eval" / f"{name}_questions.jsonl.gz"), documents, simplify))
    if name == "squad_zh":
        answerable = [e for e in examples if e.answers]
        random.Random(0).shuffle(answerable)
        examples = answerable[:_ANSWERABLE_SQUAD] + [e for e in examples if not e.answers][:_ANSWERABLE_SQUAD]
    return documents, examples


def _spans(questions: list[dict], documents: dict[str, tuple[str, str]], simplify: object) -> Iterator[Example]:
    for row in questions:
        text = documents[row["context_id"]][0]
        answers = tuple(dict.fromkeys(simplify(a["text"]) for a in row["answers"]))
        start = row["answers"][0]["start"] if row["answers"] else 0
        around = text[max(0, start - 60) : start + len(answers[0]) + 60] if answers else ""
        yield Example(simplify(row["question"]), row["context_id"], answers, around, "span")


def _paragraphs(folder: Path) -> tuple[dict[str, tuple[str, str]], list[Example]]:
    """The paragraphs of CMRC and DRCD, and the further questions about them, whose answers are ranges of their raw text."""
    raw = {
        r["id"]: r["text"] for name in ("cmrc2018", "drcd") for r in rows(folder / "eval" / f"{name}_contexts.jsonl.gz")
    }
    simplify = _simplifier()
    examples = []
    for row in rows(PARAGRAPHS):
        text = raw[row["context_id"]]
        answers = tuple(dict.fromkeys(simplify(text[start:end]) for start, end in row["spans"]))
        start, end = row["spans"][0] if row["spans"] else (0, 0)
        around = simplify(text[max(0, start - 60) : end + 60]) if answers else ""
        examples.append(Example(simplify(row["question"]), row["context_id"], answers, around, row["type"]))
    return {key: (simplify(text), "") for key, text in raw.items()}, examples


def _news(folder: Path, path: Path) -> tuple[dict[str, tuple[str, str]], list[Example]]:
    questions = rows(path)
    corpus = {r["id"]: r for r in rows(folder / "corpus" / "news.jsonl.gz")}
    wanted = {q["news_id"] for q in questions}
    documents = {i: (corpus[i]["text"], _iso(corpus[i]["date"])) for i in sorted(wanted)}
    examples = [
        Example(
            q["question"],
            q["news_id"],
            () if q["unanswerable"] else (q["answer"], *q["variants"]),
            q["evidence"],
            q["type"],
        )
        for q in questions
    ]
    return documents, examples


def _iso(text: str) -> str:
    day = text.strip()[:10]
    return day if len(day) == 10 and day[4] == day[7] == "-" and day.replace("-", "").isdigit() else ""


def _simplifier() -> object:
    from opencc import OpenCC

    return OpenCC("t2s").convert
