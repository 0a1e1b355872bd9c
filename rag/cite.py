"""Numbered sources: `cite(answer, sources)` turns evidence into `[n]` markers and citations. After verify, before Reply.

A citation's offsets point into the original file, through the map that cleaning kept.
"""

from collections.abc import Mapping

from rag.arithmetic import terms, written
from rag.types import RELATED, Answer, Citation, Evidence, SourceText, Statement

_GLANCE_CHARS = 150  # of a reply whose further sentences are written out
_MARK_CHARS = 3  # of a citation's number: [1]


def cite(answer: Answer, sources: Mapping[str, SourceText]) -> tuple[str, tuple[Citation, ...]]:
    """The text of an answer with `[n]` behind each statement, and the citations in the order of their numbers.

    In a formula each operand has its own mark: 568.3亿元[1] − 127.5亿元[2] = 440.8亿元.
    """
    numbers: dict[tuple[str, int, int], int] = {}
    made: list[Citation] = []

    def mark(one: Evidence) -> str:
        key = (one.chunk.source, one.start, one.end)
        if key not in numbers:
            numbers[key] = len(numbers) + 1
            made.append(_citation(numbers[key], one, sources[one.chunk.source]))
        return f"[{numbers[key]}]"

    formulas = {written(formula): terms(formula) for formula in answer.formulas}
    text, ended = "", True
    for said, evidence in _at_a_glance(answer):
        if said in formulas:
            line = "".join(piece + (mark(one) if one else "") for piece, one in formulas[said])
        else:
            line = _marked(said, "".join(map(mark, evidence)), prose=answer.prose)
        flows = answer.prose and not said.startswith(RELATED) and ended
        text += line if flows or not text else "\n" + line
        ended = said.endswith(("。", "！", "？"))  # the items of a list do not: each is a line
    return text, tuple(made)


def _marked(text: str, marks: str, *, prose: bool) -> str:
    """`text` with its marks behind it; in prose they stand before the full stop."""
    return f"{text[:-1]}{marks}{text[-1]}" if prose and text[-1:] in "。！？" and marks else text + marks


def _at_a_glance(answer: Answer) -> list[Statement]:
    """The statements; sentences to look at besides are written out as long as all is read at a glance, then named by number."""
    made = [(text, evidence) for text, evidence in answer.statements if text != RELATED]
    related = [one for text, evidence in answer.statements if text == RELATED for one in evidence]
    chars = sum(len(text) + _MARK_CHARS * len(evidence) for text, evidence in made) + len(answer.reason)
    left: list[Evidence] = []
    for at, one in enumerate(related):
        more = len(one.quote) + 2 * _MARK_CHARS
        if chars + more + _MARK_CHARS * (len(left) + len(related) - at - 1) <= _GLANCE_CHARS:
            made.append((f"{RELATED}：{one.quote}", (one,)))
            chars += more
        else:
            left.append(one)
    return [*made, (RELATED, tuple(left))] if left else made


def _citation(number: int, evidence: Evidence, source: SourceText) -> Citation:
    start, end = source.offsets.raw_span(evidence.start, evidence.end)
    return Citation(number, source.source, source.title, source.published, evidence.quote, start, end, evidence.chunk)
