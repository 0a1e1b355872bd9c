"""Slots that forbid an answer: `consistent(...)`. Between ranking and presenting.

A figure of another year, another session or another place is no answer, however well its sentence fits otherwise.
"""

import numpy as np
from numpy.typing import NDArray

from rag.quantities import quantities
from rag.question import Question
from rag.read.cues import Cues
from rag.read.features import FEATURES
from rag.read.places import Places
from rag.read.pool import Pool

_TRIED = 12  # how many of the best candidates may be passed over
_RECENT = 45  # days after a period within which a paper still speaks of it without naming it
_LEFT, _ANY = FEATURES.index("period_left"), FEATURES.index("period_any")
_ANY_UNIT = frozenset({"个", "年", "月", "点"})  # 个 counts anything


def consistent(
    question: Question, looked: Cues, places: Places, found: tuple[Pool, NDArray[np.float32]], order: NDArray[np.int64]
) -> tuple[NDArray[np.int64], str]:
    """`order` with the candidates that contradict the question moved behind the others, and what the first contradicts.

    Only the first `_TRIED` are looked at; the second value is "" when one of them contradicts nothing.
    """
    pool, rows = found
    reasons = [contradiction(question, looked, places, pool, rows, int(i)) for i in order[:_TRIED]]
    fit = [i for i, reason in zip(order[:_TRIED], reasons, strict=True) if not reason]
    rest = [i for i, reason in zip(order[:_TRIED], reasons, strict=True) if reason]
    return np.array([*fit, *rest, *order[_TRIED:]], dtype=np.int64), "" if fit else reasons[0]


def contradiction(
    question: Question, looked: Cues, places: Places, pool: Pool, rows: NDArray[np.float32], best: int
) -> str:
    """What the question fixes and candidate `best` contradicts or does not have ("2019年"), "" where nothing."""
    known = _known(places, pool, best)
    return (
        _other_period(question, looked, known, pool, rows, best)
        or _other_rank(question, pool, best)
        or _other_unit(looked, pool.text(best))
        or "、".join(t for t, place, has in zip(looked.terms, looked.located, known, strict=False) if place and not has)
    )


def _known(places: Places, pool: Pool, best: int) -> NDArray[np.bool_]:
    """What the passages of the candidate's source, as far as they are in the pool, hold of what is looked for."""
    source = pool.hits[int(pool.chunk[best])].chunk.source
    same = np.array([hit.chunk.source == source for hit in pool.hits], dtype=bool)[pool.sentences[:, 2]]
    return np.asarray((places.chunk[same] | places.heading[same]).any(axis=0), dtype=bool)


def _other_period(
    question: Question, looked: Cues, known: NDArray[np.bool_], pool: Pool, rows: NDArray[np.float32], best: int
) -> str:
    """The asked period, if the sentence names only others or the whole passage does not know it."""
    if not looked.periods or question.asked == "date":
        return ""
    published = pool.prepared[int(pool.chunk[best])].chunk.published
    if published is None:  # most of its dates have no year to compare
        return ""
    today = published.toordinal()
    current = [first <= today <= last + _RECENT for first, last in looked.periods]
    absent = not any(has or now for has, now in zip(known[len(looked.terms) :], current, strict=True))
    elsewhere = rows[best, _LEFT] < 0 and rows[best, _ANY] <= 0
    return "、".join(p.text for p in question.periods) if elsewhere or absent else ""


def _other_rank(question: Question, pool: Pool, best: int) -> str:
    """The asked rank (第十三届), if the passages of the candidate's source do not name it."""
    asked = [q for q in question.quantities if q.kind == "rank"]
    if not asked:
        return ""
    source = pool.hits[int(pool.chunk[best])].chunk.source
    texts = [p.chunk.text for p in pool.prepared if p.chunk.source == source]
    named = {(q.value, q.text[-1]) for text in texts for q in quantities(text) if q.kind == "rank"}
    strange = [q.text for q in asked if (q.value, q.text[-1]) not in named]
    return "、".join(strange) if len(strange) == len(asked) else ""


def _other_unit(looked: Cues, text: str) -> str:
    """The asked unit, if the candidate counts in another one: people for money, 种 for 台, 120家 for 多少亿."""
    if not looked.unit or looked.unit in _ANY_UNIT:
        return ""
    found = quantities(text)
    last = found[-1] if found else None
    if looked.kind == "bare":
        fits = looked.unit in text
    elif last is None:
        fits = False
    elif looked.kind == "percent":
        fits = last.kind in ("percent", "multiple")
    else:
        fits = last.unit in (looked.unit, "")
    return "" if fits else f"以“{looked.unit}”计的数字"
