"""Whether unit, period, rank and subject of a candidate are those asked for. Used by features.

Each function gives columns of length m, one value for each candidate of the pool, by the names in `rag.read.features`.
"""

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.quantities import quantities
from rag.read import words as w
from rag.read.cues import Cues
from rag.read.places import relation
from rag.read.pool import STRIDE, Array, Pool
from rag.read.words import Words


def agreement(looked: Cues, pool: Pool) -> dict[str, Array]:
    """Whether unit, period, rank and aligned subject of a candidate are those of the question: 1, -1, or 0 unknown."""
    units = [_chunk_units(p.chunk.text, p.words, p.spans.first, p.spans.last, looked) for p in pool.prepared]
    made: dict[str, Array] = {
        "unit": pool.gather([u[0] for u in units]),
        "unit_wrong": pool.gather([u[1] for u in units]),
    }
    made |= _periods(looked, pool)
    made |= _ranks(looked, pool)
    made |= _alignment(looked, pool)
    return made


def _chunk_units(
    text: str, cut: Words, first: NDArray[np.int32], last: NDArray[np.int32], looked: Cues
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """For each span: whether its last word has the unit asked for, and whether it has another."""
    right, wrong = np.zeros(len(cut.starts), dtype=np.float32), np.zeros(len(cut.starts), dtype=np.float32)
    if looked.unit:
        for i in np.flatnonzero((cut.tags >= w.BARE) & (cut.tags <= w.COUNT)).tolist():
            found = quantities(text[cut.starts[i] : cut.ends[i]])
            if found:
                good = found[0].unit == looked.unit or (found[0].kind == looked.kind and looked.kind == "percent")
                (right if good else wrong)[i] = 1.0
    return right[last] * (right[first] > 0), wrong[last] * (right[first] == 0)


def _periods(looked: Cues, pool: Pool) -> dict[str, Array]:
    """The relation of the question's period to the period named left of the candidate, in its sentence, and before it."""
    m = len(pool.start)
    asked = looked.periods
    made: dict[str, Array] = {
        name: np.zeros(m, dtype=np.float32) for name in ("period_left", "period_any", "period_near")
    }
    made["period_asked"] = np.full(m, float(bool(asked)), dtype=np.float32)
    rows = [p.periods + np.array([i * STRIDE, i * STRIDE, 0, 0]) for i, p in enumerate(pool.prepared) if len(p.periods)]
    if not asked or not rows:
        return made
    table = np.concatenate(rows).astype(np.int64)
    agreed = _agreed(looked, table)
    sentence_start = pool.sentences[pool.sentence, 0]
    at = np.searchsorted(table[:, 0], pool.start, side="left") - 1
    left = np.where(at >= 0, table[np.maximum(at, 0), 0], -1)
    value = agreed[np.maximum(at, 0)]
    here = (at >= 0) & (left >= sentence_start)
    made["period_left"] = np.where(here, value, 0.0)
    near = (at >= 0) & (left // STRIDE == pool.chunk)
    made["period_near"] = np.where(near, value, 0.0)
    low = np.searchsorted(table[:, 0], pool.sentences[:, 0], side="left")
    high = np.searchsorted(table[:, 0], pool.sentences[:, 1], side="left")
    best = np.array([agreed[a:b].max() if b > a else 0.0 for a, b in zip(low, high, strict=True)], dtype=np.float32)
    made["period_any"] = best[pool.sentence]
    for i, prepared in enumerate(pool.prepared):  # a value of a change has a period of its own
        for (start, end, *_), value in zip(prepared.changes.tolist(), _agreed(looked, prepared.changes), strict=True):
            own = (pool.start >= start + i * STRIDE) & (pool.end <= end + i * STRIDE)
            made["period_left"][own] = made["period_any"][own] = value
    return made


def _agreed(looked: Cues, table: NDArray[Any]) -> NDArray[np.float32]:
    """The best relation of each row's days to a period asked for."""
    firsts, lasts = table[:, 2].astype(np.int32), table[:, 3].astype(np.int32)
    related = [relation(first, last, firsts, lasts, looked.whole) for first, last in looked.periods]
    return np.asarray(np.max(related, axis=0), dtype=np.float32)


def _ranks(looked: Cues, pool: Pool) -> dict[str, Array]:
    """Whether the sentence names the asked rank (第十四届), and whether it names only another of the same counter."""
    same, other = np.zeros(len(pool.sentences), dtype=np.float32), np.zeros(len(pool.sentences), dtype=np.float32)
    for rank, counter in looked.ranks:
        pattern = re.compile(f"第[^，。、]{{1,4}}?{re.escape(counter)}")
        for s, (start, end, c) in enumerate(pool.sentences.tolist()):
            named = pattern.findall(pool.prepared[c].folded[start - c * STRIDE : end - c * STRIDE])
            same[s] = max(same[s], float(rank in named))
            other[s] = max(other[s], float(bool(named) and rank not in named))
    return {"rank_same": same[pool.sentence], "rank_other": other[pool.sentence]}


def _alignment(looked: Cues, pool: Pool) -> dict[str, Array]:
    """For a value that 分别 pairs with a subject: how much more of the question its subject holds than the others do."""
    gain, known = np.zeros(len(pool.start), dtype=np.float32), np.zeros(len(pool.start), dtype=np.float32)
    total = max(float(looked.weights.sum()), 1e-6)
    for i, p in enumerate(pool.prepared):
        for pair in p.aligned:
            rows = (pool.start >= pair.start + i * STRIDE) & (pool.end <= pair.end + i * STRIDE)
            if rows.any():
                held = [_held(looked, p.folded[a:b]) / total for a, b in (pair.own, *pair.others)]
                gain[rows] = held[0] - max(held[1:], default=0.0)
                known[rows] = 1.0
    return {"aligned": gain, "aligned_known": known}


def _held(looked: Cues, text: str) -> float:
    return float(
        sum(weight for term, weight in zip(looked.terms, looked.weights.tolist(), strict=False) if term in text)
    )
