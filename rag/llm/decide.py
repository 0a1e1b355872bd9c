"""The reader's answer and a model's draft made one: `decided(...)`. Last step of `rag.llm`.

Both agree                   the model's sentences are shown; the short answer is the one that both bear out
They differ                  both are shown; the reader's stands unless it was unsure of it (half a sentence is then not told)
The model finds nothing      the reader's answer stands; if it was unsure, a refusal that shows what it had found
Nothing is borne out         the reader's answer stands
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.llm.support import Supported
from rag.periods import periods
from rag.quantities import quantities, same
from rag.question import Question
from rag.tokens import fold
from rag.types import BY_RULE, RELATED, Answer, Evidence, Statement
from rag.verify import verified

_FEW_CHARS = 8
_NAME_CHARS = 12
SURE = 0.75
"""The confidence from which the reader's answer stands against a model's: from there two of three or more are right
(benchmarks/README.md, "Confidence")."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to show, and a line that says why it is not the model's, "" where it is."""

    answer: Answer
    note: str = ""


def decided(question: Question, read: Answer, short: str, told: Sequence[Supported], declined: bool) -> Decision:
    """What to answer, given the reader's answer `read` and what a model wrote: its short answer and sentences."""
    if declined:
        return _without(read)
    kept = [one for one in told if one.evidence]
    if not kept:
        return Decision(read, "模型的回答没有通过与原文的核对，未采用。" if told or short else "模型没有给出内容。")
    if not read.answered and not _of_the_asked_time(question, kept):
        return Decision(read, "模型的回答说的是另外的时间，未采用。")
    model = _answer(short, kept)
    if not model.answered:
        return Decision(read, "模型的回答没有通过与原文的核对，未采用。")
    if not read.answered:
        return Decision(model)
    if agree(read.short, model.short):
        return Decision(
            replace(model, confidence=read.confidence, statements=(*model.statements, *_besides(read, model)))
        )
    # what bears the model's short answer out was withheld: the reader's quotes do
    if short and agree(read.short, short):
        return Decision(replace(read, statements=(*read.statements, *model.statements), prose=True))
    if not _sure(read) and not _differs(read.short):
        return Decision(replace(model, statements=(*model.statements, *_besides(read, model))))
    return Decision(_both(read, model))


def agree(one: str, other: str) -> bool:
    """Whether two short answers say the same: one holds the other as whole numbers and words, or they have the same figures."""
    few, many = sorted((_bare(one), _bare(other)), key=len)
    if few and re.search(rf"(?<![\d.]){re.escape(few)}(?!\.?\d)", many):
        return True
    figures = [quantities(text) for text in (one, other)]
    if any(figures):
        fewer, more = sorted(figures, key=len)
        return bool(fewer) and all(any(same(a, b) for b in more) for a in fewer)
    return False


def _bare(text: str) -> str:
    return "".join(c for c in fold(text) if c.isalnum() or c in ".%")


def _answer(short: str, kept: Sequence[Supported]) -> Answer:
    """The model's answer as far as the gate lets it through; its first sentence where it gave no short answer that is."""
    statements: tuple[Statement, ...] = tuple((one.text, one.evidence) for one in kept)
    formulas = tuple(formula for one in kept for formula in one.formulas)
    told = verified(Answer(False, "", statements, formulas=formulas, prose=True), verbatim=False)
    if not told.statements:
        return told
    if short and _said(short, told.statements):
        made = verified(replace(told, answered=True, short=short, confidence=BY_RULE), verbatim=False)
        if made.answered:
            return made
    return replace(told, answered=True, short=told.statements[0][0].strip().rstrip("。"), confidence=BY_RULE)


def _said(short: str, statements: Sequence[Statement]) -> bool:
    """Whether a short answer without a figure, which the gate could hold against nothing but names, is what the sentences say.

    A few words (可以, 下降) must stand in a sentence or its quotes; of a longer answer half of its pairs of characters must.
    """
    if quantities(short):
        return True
    texts = _bare(
        "\n".join([*(text for text, _ in statements), *(one.quote for _, held in statements for one in held)])
    )
    bare = _bare(short)
    if len(bare) <= _FEW_CHARS:
        return bare in texts
    pairs = [bare[i : i + 2] for i in range(len(bare) - 1)]
    return sum(pair in texts for pair in pairs) >= len(pairs) / 2


def _without(read: Answer) -> Decision:
    """The reader's answer, where the model found none."""
    if not read.answered:
        return Decision(read)
    if _sure(read):
        return Decision(read, "模型认为资料没有直接回答，请核对原文。")
    return Decision(replace(read, answered=False, short="", reason="资料中没有找到确切的答案。"))


def _sure(read: Answer) -> bool:
    """Whether the reader's answer stands against a model's: it is confident, or computed from figures that are cited."""
    return read.confidence >= SURE or bool(read.formulas)


def _differs(short: str) -> bool:
    """Whether another answer than the model's is worth telling though it is unsure: a figure, a date or a name, no half sentence."""
    return len(short) <= _NAME_CHARS or bool(quantities(short)) or bool(periods(short))


def _both(read: Answer, model: Answer) -> Answer:
    """Both answers, the one that stands first; the other is told with its source."""
    if _sure(read):
        stands, other = read, model
        reason = f"模型另给出“{model.short}”；此处以直接检索到的“{read.short}”为准。"
    else:
        stands, other = model, read
        reason = f"直接检索另给出“{read.short}”，把握不大；此处采用模型依据原文给出的“{model.short}”。"
    return replace(
        stands,
        statements=(*stands.statements, *other.statements),
        reason=reason,
        formulas=(*stands.formulas, *other.formulas),
    )


def _besides(read: Answer, model: Answer) -> tuple[Statement, ...]:
    """The reader's quotes that the model does not give, as what to look at besides."""
    shown = [one for _, evidence in model.statements for one in evidence]
    others: list[Evidence] = []
    for _, evidence in read.statements:
        others += [one for one in evidence if not any(one.overlaps(old) for old in (*shown, *others))]
    return ((RELATED, tuple(others)),) if others else ()


def _of_the_asked_time(question: Question, kept: Sequence[Supported]) -> bool:
    """Whether some quote or heading is of each period asked for; where the reader found nothing a model may mistake the year."""
    held = [
        p
        for one in kept
        for e in one.evidence
        for p in periods(" ".join((e.quote, *e.chunk.headings)), e.chunk.published)
    ]
    return all(asked.first is None or any(asked.overlaps(p) for p in held) for asked in question.periods)
