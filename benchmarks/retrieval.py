"""What each half of the index finds, and both together: the ablation table of benchmarks/README.md.

    python benchmarks/retrieval.py FOLDER [--news news.jsonl.gz] [--weights 0.3] [--sets cmrc2018 drcd rgb news]

FOLDER holds `cmrc2018_contexts.jsonl.gz` and `cmrc2018_questions.jsonl.gz` (`{"id", "text"}` and
`{"question", "context_id"}`), the same for `drcd`, `rgb_zh_refine_*.jsonl.gz` (`{"query", "positive", "negative"}`) and
`news_questions.jsonl.gz` (`{"news_ids", "questions": [{"question"}]}`); sets that are not there are left out. A
question counts as found at k when one of the first k chunks comes from a document that answers it.
"""

import argparse
import gzip
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from langchain_core.documents import Document

from rag.config import Settings
from rag.load import from_document
from rag.retrieve import retrieve
from rag.store import Index, index_sources

SETS = ("cmrc2018", "drcd", "rgb", "news")
LEVELS = (1, 5, 10, 20)
SAMPLE = 800  # questions of a reading-comprehension set


@dataclass(frozen=True, slots=True)
class Task:
    """Passages by name, and questions with the names of the passages that answer them."""

    name: str
    passages: dict[str, str]
    questions: list[tuple[str, set[str]]]


def _rows(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def _reading(folder: Path, name: str) -> Task:
    """A set of paragraphs, in simplified characters, and questions about them."""
    from opencc import OpenCC

    simplified = OpenCC("t2s").convert
    questions = _rows(folder / f"{name}_questions.jsonl.gz")
    random.Random(0).shuffle(questions)  # noqa: S311 - a fixed sample
    return Task(
        name,
        {row["id"]: simplified(row["text"]) for row in _rows(folder / f"{name}_contexts.jsonl.gz")},
        [(simplified(row["question"]), {row["context_id"]}) for row in questions[:SAMPLE]],
    )


def _rgb(folder: Path) -> Task:
    """All passages of RGB's Chinese questions together."""
    rows = [row for path in sorted(folder.glob("rgb_zh_refine_*.jsonl.gz")) for row in _rows(path)]
    names: dict[str, str] = {}
    for row in rows:
        for passage in row["positive"] + row["negative"]:
            names.setdefault(passage, f"p{len(names)}")
    questions = [(row["query"], {names[passage] for passage in row["positive"]}) for row in rows]
    return Task("rgb", {name: passage for passage, name in names.items()}, questions)


def _news(folder: Path, corpus: Path) -> Task:
    """The news corpus and the questions about it."""
    groups = _rows(folder / "news_questions.jsonl.gz")
    questions = [(item["question"], set(group["news_ids"])) for group in groups for item in group["questions"]]
    return Task("news", {row["id"]: row["text"] for row in _rows(corpus)}, questions)


def tasks(folder: Path, corpus: Path | None, wanted: list[str]) -> Iterator[Task]:
    """The sets of `folder` that are wanted and there."""
    for name in wanted:
        if name in ("cmrc2018", "drcd") and (folder / f"{name}_contexts.jsonl.gz").is_file():
            yield _reading(folder, name)
        elif name == "rgb" and any(folder.glob("rgb_zh_refine_*.jsonl.gz")):
            yield _rgb(folder)
        elif name == "news" and corpus is not None and (folder / "news_questions.jsonl.gz").is_file():
            yield _news(folder, corpus)


def found(index: Index, task: Task) -> list[float]:
    """The share of questions found at each of `LEVELS`."""
    counts = [0] * len(LEVELS)
    for question, right in task.questions:
        sources = [hit.chunk.source in right for hit in retrieve(index, question, max(LEVELS))]
        for place, level in enumerate(LEVELS):
            counts[place] += any(sources[:level])
    return [count / len(task.questions) for count in counts]


def main() -> None:
    """Prints a table in markdown for each set, a row at a time."""
    parser = argparse.ArgumentParser(prog="python benchmarks/retrieval.py", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="the folder of the sets")
    parser.add_argument("--news", type=Path, help="the news corpus: .jsonl.gz of {id, text}")
    parser.add_argument("--weights", type=float, nargs="+", default=[Settings().dense_weight], help="dense weights")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    given = parser.parse_args()
    for task in tasks(given.folder, given.news, given.sets):
        print(f"\n{task.name}: {len(task.passages)} documents, {len(task.questions)} questions\n", flush=True)
        print("| | " + " | ".join(f"hit@{level}" for level in LEVELS) + " |\n|---|" + "---:|" * len(LEVELS), flush=True)
        documents = [Document(page_content=text, metadata={"source": name}) for name, text in task.passages.items()]
        sources = [from_document(document) for document in documents]
        for terms in ("words", "bigrams", "both"):
            index = index_sources(sources, replace(Settings(), terms=terms))
            for weight in ([1.0] if terms == "words" else []) + [0.0, *given.weights]:
                asked = replace(index, settings=replace(index.settings, dense_weight=weight))
                name = "dense" if weight == 1 else f"BM25, {terms}" + (f" + {weight:g} dense" if weight else "")
                print(f"| {name} | " + " | ".join(f"{share:.3f}" for share in found(asked, task)) + " |", flush=True)


if __name__ == "__main__":
    main()
