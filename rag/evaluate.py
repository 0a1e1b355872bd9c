"""Measures a bot on questions whose answers are known: the edge that `wenju eval` and `make bench` stand on.

    questions.jsonl -> read_rows -> judge(row, reply) for each -> Report -> table

A reply is right when it answers, its short answer holds an accepted variant and little else, and a citation shows
the evidence. A question that the documents do not answer is right when it is refused. Everything here but
`read_rows` and `evaluate` is a pure function of its arguments.
"""

import gzip
import json
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import RagError
from rag.tokens import fold
from rag.types import Reply, Turn

if TYPE_CHECKING:
    from rag.chat import ChatBot

# A citation shows the evidence when both share a run of this many characters (or all of the shorter one):
# long enough that no two sentences of a text share it by chance, short enough for a quote that starts elsewhere.
SHARED_RUN = 12
# What a short answer may hold beyond the accepted variant: a second half of a range, a unit, a few words around it.
SHORT_ROOM = 20
# What the shown text may hold beyond the wanted parts where those are judged on the text: two long sentences.
TEXT_ROOM = 400

CHECKS = {
    "right": "正确",
    "kept": "作答",
    "short": "简答",
    "text": "正文",
    "source": "出处",
    "evidence": "证据",
    "refused": "拒答",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A question and what a right reply to it holds.

    `wanted` are groups of equivalent variants; a right answer holds one of every group. `brief` says whether they are
    looked for in the short answer (otherwise in the text shown). Empty `sources` or `evidence` are not judged.
    """

    id: str
    question: str
    history: tuple[Turn, ...]
    kind: str
    wanted: tuple[tuple[str, ...], ...]
    brief: bool
    sources: tuple[str, ...]
    evidence: tuple[str, ...]
    unanswerable: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one reply was worth; a check that does not apply to the row is None."""

    id: str
    question: str
    kind: str
    given: str
    seconds: float
    right: bool
    kept: bool | None = None
    short: bool | None = None
    text: bool | None = None
    source: bool | None = None
    evidence: bool | None = None
    refused: bool | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The judgements of one run; every figure is worked out from them."""

    judgements: tuple[Judgement, ...]

    def kinds(self) -> tuple[str, ...]:
        """The question types, in the order in which they first occur."""
        return tuple(dict.fromkeys(judgement.kind for judgement in self.judgements))

    def of(self, kind: str) -> "Report":
        """The part of this report on questions of one type."""
        return Report(tuple(judgement for judgement in self.judgements if judgement.kind == kind))

    def share(self, check: str) -> float | None:
        """The share, in [0, 1], of the questions `check` applies to that passed it; None where there are none."""
        values = [value for judgement in self.judgements if (value := getattr(judgement, check)) is not None]
        return sum(values) / len(values) if values else None

    def shares(self) -> dict[str, float | None]:
        """Every check with its share."""
        return {check: self.share(check) for check in CHECKS}

    def milliseconds(self, percentile: int) -> float:
        """The time that `percentile` percent of the questions did not exceed (nearest rank); 0 without questions."""
        ordered = sorted(judgement.seconds for judgement in self.judgements)
        rank = max(0, -(-len(ordered) * percentile // 100) - 1)
        return ordered[rank] * 1000 if ordered else 0.0

    def as_dict(self) -> dict[str, Any]:
        """The figures and the judgements as plain values, for JSON; `from_dict` reads them back."""
        figures = {"count": len(self.judgements), **self.shares()}
        return {
            "all": figures | {"p50_ms": self.milliseconds(50), "p95_ms": self.milliseconds(95)},
            "kinds": {kind: {"count": len(part.judgements), **part.shares()} for kind, part in self.parts()},
            "questions": [{field.name: getattr(one, field.name) for field in fields(one)} for one in self.judgements],
        }

    def parts(self) -> list[tuple[str, "Report"]]:
        """The report of each question type."""
        return [(kind, self.of(kind)) for kind in self.kinds()]

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Report":
        """The report that `as_dict` wrote.

        Raises:
            RagError: `values` do not hold the judgements of a report.
        """
        try:
            return cls(tuple(Judgement(**judgement) for judgement in values["questions"]))
        except (KeyError, TypeError) as error:
            raise RagError("用于比较的文件不是 wenju eval --json 写出的报告。") from error


def read_rows(path: Path) -> list[Row]:
    """The questions of a JSON-lines file (or a gzipped one), in order.

    A line is an object with `question` and, as far as known, `answers` or `answer` (with `variants`), `must_include`
    (groups of variants), `sources`, `evidence`, `unanswerable`, `history`, `type` and `id`.

    Raises:
        RagError: the file cannot be read, holds no question, or a line is not such an object.
    """
    try:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        lines = data.decode("utf-8-sig").splitlines()
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise RagError(f"无法读取问题文件 {path}：{error}") from error
    rows = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                rows.append(_row(json.loads(line), number))
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                raise RagError(f"{path} 第 {number} 行不是一道题：应为含有 question 的 JSON 对象。") from error
    if not rows:
        raise RagError(f"{path} 里没有问题。")
    return rows


def _row(values: Mapping[str, Any], number: int) -> Row:
    answers = _texts(values.get("answers")) or _texts(values.get("answer")) + _texts(values.get("variants"))
    groups = tuple(_texts(group) for group in values.get("must_include") or ())
    wanted = groups or ((answers,) if answers else ())
    return Row(
        id=str(values.get("id", number)),
        question=str(values["question"]),
        history=tuple(Turn(turn["role"], turn["content"]) for turn in values.get("history") or ()),
        kind=str(values.get("type", "question")),
        wanted=wanted,
        brief=bool(answers),
        sources=_texts(values.get("sources")),
        evidence=_texts(values.get("evidence")),
        unanswerable=bool(values.get("unanswerable", False)),
    )


def _texts(value: object) -> tuple[str, ...]:
    """`value`, one text or a list of texts, as a tuple of those that are not empty."""
    items = [value] if isinstance(value, str) else list(value) if isinstance(value, list) else []
    return tuple(str(item) for item in items if item)


def evaluate(bot: "ChatBot", rows: Iterable[Row], progress: Callable[[str, int, int], None] | None = None) -> Report:
    """The report on what `bot` replies to the rows; `progress` is told the stage, how many are done, of how many."""
    wanted = list(rows)
    judgements = []
    for done, row in enumerate(wanted, start=1):
        start = time.perf_counter()
        reply = bot.ask(row.question, row.history)
        judgements.append(judge(row, reply, time.perf_counter() - start))
        if progress:
            progress("ask", done, len(wanted))
    return Report(tuple(judgements))


@dataclass(frozen=True, slots=True)
class Both:
    """The reports on the same questions without and with a language model.

    `missing` are the questions whose recorded answer is still missing; they are in neither report. `failed` are those the
    model gave no usable answer to, with the reason; `withheld` counts its sentences that were not shown.
    """

    without: Report
    with_model: Report
    missing: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]
    withheld: int
    input_tokens: int
    output_tokens: int

    def as_dict(self) -> dict[str, Any]:
        """All of it as plain values, for JSON."""
        told = {field.name: getattr(self, field.name) for field in fields(self)}
        return told | {"without": self.without.as_dict(), "with_model": self.with_model.as_dict()}


def evaluate_both(bot: "ChatBot", rows: Iterable[Row], progress: Callable[[str, int, int], None] | None = None) -> Both:
    """What `bot`, which has a language model, replies before and after asking it."""
    wanted = list(rows)
    first, last, missing, failed = [], [], [], []
    withheld = tokens_in = tokens_out = 0
    for done, row in enumerate(wanted, start=1):
        start = time.perf_counter()
        replies = bot.stream(row.question, row.history)
        read = next(replies)
        early = time.perf_counter() - start
        reply = [read, *replies][-1]
        made = reply.generation
        if made and made.missing:
            missing.append(row.id)
        else:
            first.append(judge(row, read, early))
            last.append(judge(row, reply, time.perf_counter() - start))
        if made:
            failed += [(row.id, made.note)] if made.note and not made.missing else []
            withheld += len(made.withheld)
            tokens_in, tokens_out = tokens_in + made.input_tokens, tokens_out + made.output_tokens
        if progress:
            progress("ask", done, len(wanted))
    reports = Report(tuple(first)), Report(tuple(last))
    return Both(*reports, tuple(missing), tuple(failed), withheld, tokens_in, tokens_out)


def judge(row: Row, reply: Reply, seconds: float = 0.0) -> Judgement:
    """What `reply` is worth as a reply to `row`."""
    known = (row.id, row.question, row.kind, reply.short, seconds)
    if row.unanswerable:
        return Judgement(*known, right=not reply.answered, refused=not reply.answered)
    length = sum(len(_bare(variants[0])) for variants in row.wanted)
    text = _holds(reply.text, row.wanted, 3 * length + TEXT_ROOM)
    short = _holds(reply.short, row.wanted, 3 * length + SHORT_ROOM) if row.brief else text
    cited = [citation for citation in reply.citations if _named(citation.source, row.sources)]
    source = bool(cited) if row.sources else None
    evidence = any(shares_run(c.quote, e) for c in cited for e in row.evidence) if row.evidence else None
    right = reply.answered and short and source is not False and evidence is not False
    return Judgement(*known, right, reply.answered, short, text, source, evidence)


def contains(text: str, wanted: str) -> bool:
    """Whether `wanted` stands in `text`, however both are spaced, and not inside a longer number.

    >>> contains("达568.3 亿元", "568.3亿元"), contains("1568.3亿元", "568.3亿元"), contains("3.5", "3")
    (True, False, False)
    """
    bare = _bare(wanted)
    before = r"(?<!\d)(?<!\d\.)" if bare[:1].isdigit() else ""
    after = r"(?!\d|\.\d)" if bare[-1:].isdigit() else ""
    return bool(bare) and re.search(before + re.escape(bare) + after, _bare(text)) is not None


def _holds(text: str, groups: Sequence[Sequence[str]], limit: int) -> bool:
    """Whether one variant of every group stands in `text`, which is no longer than `limit` characters."""
    return len(_bare(text)) <= limit and all(any(contains(text, variant) for variant in group) for group in groups)


def _bare(text: str) -> str:
    """`text` folded, without spaces, emphasis and the (ASCII) commas that group the digits of a number."""
    return fold(re.sub(r"[\s*]+|(?<=\d),(?=\d{3}(?!\d))", "", text))


def _named(source: str, sources: Sequence[str]) -> bool:
    """Whether `source` is one of `sources`, which may lack its leading folders; true where none is named."""
    return not sources or any(source == name or source.endswith(f"/{name}") for name in sources)


def shares_run(quote: str, evidence: str) -> bool:
    """Whether a quote shows some evidence: both share a run of `SHARED_RUN` characters, or all of the shorter one."""
    quote, evidence = _bare(quote), _bare(evidence)
    length = min(SHARED_RUN, len(quote), len(evidence))
    runs = {evidence[i : i + length] for i in range(len(evidence) - length + 1)}
    return length > 0 and any(quote[i : i + length] in runs for i in range(len(quote) - length + 1))


def table(report: Report, earlier: Report | None = None) -> str:
    """The figures by question type as Markdown, with the change against an `earlier` report in brackets."""
    lines = ["| 类型 | 题数 | " + " | ".join(CHECKS.values()) + " |", "|---|---:|" + "---:|" * len(CHECKS)]
    for name, part in [*report.parts(), ("全部", report)]:
        old = earlier and (earlier if part is report else earlier.of(name))
        cells = [_cell(part.share(check), old.share(check) if old else None) for check in CHECKS]
        lines.append(f"| {name} | {len(part.judgements)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def beside(both: Both) -> str:
    """The figures by question type as Markdown, each without / with the model."""
    lines = ["| 类型 | 题数 | " + " | ".join(CHECKS.values()) + " |", "|---|---:|" + "---:|" * len(CHECKS)]
    pairs = [(kind, part, both.with_model.of(kind)) for kind, part in both.without.parts()]
    for name, one, other in [*pairs, ("全部", both.without, both.with_model)]:
        cells = [f"{_cell(one.share(check), None)} / {_cell(other.share(check), None)}" for check in CHECKS]
        lines.append(f"| {name} | {len(one.judgements)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(share: float | None, old: float | None) -> str:
    if share is None:
        return "–"
    return f"{share:.3f}" if old is None else f"{share:.3f} ({share - old:+.3f})"


def changes(report: Report, earlier: Report) -> tuple[list[Judgement], list[Judgement]]:
    """The questions that became right since `earlier`, and those that stopped being right."""
    old = {judgement.id: judgement.right for judgement in earlier.judgements}
    gained = [one for one in report.judgements if one.right and old.get(one.id) is False]
    lost = [one for one in report.judgements if not one.right and old.get(one.id) is True]
    return gained, lost
