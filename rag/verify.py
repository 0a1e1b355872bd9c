"""The gate: `unsupported(...)` names what a statement says that its quotes do not. Between read and cite.

Every figure with its unit and every date of a statement must stand in one of its quotes, however it is written there
(half or full width, 万 and 亿, Chinese numerals, %), or follow from the publication date of the quoted document.
"""

from collections.abc import Sequence
from dataclasses import replace

from rag.periods import Period, periods
from rag.quantities import Quantity, quantities, same
from rag.tokens import fold
from rag.types import Answer, Evidence


def unsupported(text: str, evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """The figures, dates and quoted names of `text` that no quote of `evidence` holds."""
    held = [quantity for one in evidence for quantity in quantities(one.quote)]
    dates = [period for one in evidence for period in periods(one.quote, one.chunk.published)]
    dates += [_day(one) for one in evidence if one.chunk.published]
    quotes = " ".join(fold(one.quote) for one in evidence)
    named = periods(text)
    missing = [p.text for p in named if fold(p.text) not in quotes and not _dated(p, dates)]
    for quantity in quantities(text):
        inside = any(p.start <= quantity.start < p.end for p in named)
        if not inside and not any(_holds(quantity, other) for other in held):
            missing.append(quantity.text)
    return tuple(missing)


def _day(evidence: Evidence) -> Period:
    day = evidence.chunk.published
    return Period(0, 0, "", day, day)


def _dated(period: Period, held: Sequence[Period]) -> bool:
    return period.first is not None and any((p.first, p.last) == (period.first, period.last) for p in held)


def _holds(quantity: Quantity, other: Quantity) -> bool:
    return same(quantity, other) and quantity.kind == other.kind


def verified(answer: Answer) -> Answer:
    """`answer` without the statements that say more than their quotes; a refusal where the short answer is one."""
    kept = tuple((text, evidence) for text, evidence in answer.statements if not unsupported(text, evidence))
    everything = [one for _, evidence in kept for one in evidence]
    if answer.answered and (not kept or unsupported(answer.short, everything)):
        return Answer(False, "", kept, reason="找到的说法与原文不完全一致，为避免出错未作回答。")
    return replace(answer, statements=kept)
