"""Another value for the same thing in another source: `disputed(...)`. After ranking, before presenting.

Two sentences speak of one thing when both hold practically all that the question fixes, name no periods that differ, and
measure it in the same words (年均增长22%, 年均增长22.6%). Then both figures are shown. Of the twelve pairs that news on
150 questions gave without the last condition, eleven were of two things: 中国电影 and 国产电影, 增长率 and 贡献率.
"""

import re
from dataclasses import dataclass

import numpy as np

from rag.quantities import Quantity, quantities, same
from rag.read.places import Places
from rag.read.pool import STRIDE, Pool
from rag.tokens import fold

_ALL = 0.85  # the share of what the question fixes that both sentences must hold
_MEASURE = 4  # characters before a figure that say what it measures
_LINK = re.compile("[达到为约是了共计有已近超的至：:（(\\s]+$")
_EQUAL = 0.005  # figures no further apart are one, rounded
_KINDS = ("money", "percent", "multiple", "measure", "count")


@dataclass(frozen=True, slots=True)
class Place:
    """A figure at `[start, end)` (pool positions) of a sentence."""

    sentence: int
    start: int
    end: int


def disputed(pool: Pool, places: Places, best: Place) -> Place | None:
    """The figure of another source that differs from the one at `best` for the same thing, None if there is none."""
    said = figure(pool, best)
    held = places.share(places.here | places.heading)
    if said is None or said.kind not in _KINDS or said.approximation or held[best.sentence] < _ALL:
        return None
    measure = _measure(pool, best)
    if len(measure) < _MEASURE:
        return None
    source = pool.prepared[int(pool.sentences[best.sentence, 2])].chunk.source
    for sentence in np.argsort(-held, kind="stable").tolist():
        if held[sentence] < _ALL:
            return None
        start, end, c = pool.sentences[sentence].tolist()
        if pool.prepared[c].chunk.source == source or _apart(pool, best.sentence, sentence):
            continue
        given = quantities(pool.between(start, end))
        if any(same(said, other, _EQUAL) for other in given):
            continue
        for other in given:
            at = Place(sentence, start + other.core[0], start + other.core[1])
            alike = (other.kind, other.unit) == (said.kind, said.unit) and _measure(pool, at) == measure
            if alike and not other.approximation:
                return at
    return None


def _measure(pool: Pool, at: Place) -> str:
    """The last characters before a figure in its clause, without those that only link it: 文化企业 of 文化企业达325家."""
    before = re.split("[，,；;。]", pool.between(int(pool.sentences[at.sentence, 0]), at.start))[-1]
    return _LINK.sub("", fold(before))[-_MEASURE:]


def figure(pool: Pool, at: Place) -> Quantity | None:
    """The quantity at a place, with the words of approximation around it."""
    start, end = at.start % STRIDE, at.end % STRIDE
    text = pool.prepared[at.start // STRIDE].chunk.text
    return next((q for q in quantities(text) if q.start <= start < q.core[1] and end <= q.end), None)


def _apart(pool: Pool, a: int, b: int) -> bool:
    """Whether two sentences name periods and none in common."""
    first, second = _intervals(pool, a), _intervals(pool, b)
    return bool(first and second) and not first & second


def _intervals(pool: Pool, sentence: int) -> set[tuple[int, int]]:
    start, end, c = pool.sentences[sentence].tolist()
    table = pool.prepared[c].periods
    inside = table[(table[:, 0] >= start - c * STRIDE) & (table[:, 1] <= end - c * STRIDE)]
    return {(int(first), int(last)) for first, last in inside[:, 2:]}
