"""How much of the question stands around a candidate, and how near. Used by features.

Each function gives columns of length m, one value for each candidate of the pool, by the names in `rag.read.features`.
"""

import numpy as np
from numpy.typing import NDArray

from rag.read.cues import Cues
from rag.read.places import Places, occurrences
from rag.read.pool import STRIDE, Array, Pool

FAR = 400.0
"""The distance, in characters, beyond which nothing is told apart."""


def overlap(looked: Cues, places: Places, pool: Pool) -> dict[str, Array]:
    """How much of the question stands in the candidate's sentence, beside it, in its clause and chunk."""
    fixed = looked.fixed
    recall, known = places.share(places.here), places.chunk | places.heading
    clause = places.held(pool.clauses[:, 0], pool.clauses[:, 1])
    sizes = np.array([len(term) for term in looked.terms] + [4] * len(looked.periods), dtype=np.float32)
    rest = pool.clauses[:, 1] - pool.clauses[:, 0] - (clause.astype(np.float32) * sizes).sum(axis=1)
    per_sentence = {
        "recall": recall,
        "recall_near": places.share(places.near | places.heading),
        "recall_chunk": places.share(known),
        "recall_heading": places.share(places.heading),
        "recall_rel": recall - (recall.max() if len(recall) else 0.0),
        "numbers": places.here[:, fixed].mean(axis=1) if fixed.any() else np.full(len(recall), 0.5),
        "numbers_near": known[:, fixed].mean(axis=1) if fixed.any() else np.full(len(recall), 0.5),
    }
    made: dict[str, Array] = {name: values[pool.sentence] for name, values in per_sentence.items()}
    made["clause_recall"] = places.share(clause)[pool.clause]
    made["pair_recall"] = places.share(clause | _before(clause, pool))[pool.clause]
    made["segment_recall"] = places.share(_segments(places, pool))[pool.clause]
    made["clause_rest"] = np.clip(rest, 0, 90)[pool.clause] / 30
    return made


def _before(clause: NDArray[np.bool_], pool: Pool) -> NDArray[np.bool_]:
    """What the clause before each clause holds, nothing at the beginning of a chunk."""
    moved = np.zeros_like(clause)
    moved[1:] = clause[:-1] & (pool.clauses[1:, 2] == pool.clauses[:-1, 2])[:, None]
    return moved


def _segments(places: Places, pool: Pool) -> NDArray[np.bool_]:
    """What each clause's segment holds: its sentence's part between two semicolons, where a subject has its figures."""
    starts, ends = pool.clauses[:, 0].copy(), pool.clauses[:, 1].copy()
    for i, prepared in enumerate(pool.prepared):
        rows = np.flatnonzero(pool.clauses[:, 2] == i)
        cuts = np.array([0, *prepared.breaks, len(prepared.folded)], dtype=np.int64) + i * STRIDE
        starts[rows] = cuts[np.searchsorted(cuts, pool.clauses[rows, 0], side="right") - 1]
        ends[rows] = cuts[np.minimum(np.searchsorted(cuts, pool.clauses[rows, 0], side="right"), len(cuts) - 1)]
    return places.held(starts, ends)


def distance(looked: Cues, places: Places, pool: Pool) -> dict[str, Array]:
    """How near the words of the question stand, left and right of the candidate, and what of it they cover."""
    m = len(pool.start)
    total = max(float(looked.weights.sum()), 1e-6)
    kernel = {name: np.zeros(m, dtype=np.float32) for name in ("left", "right", "left_wide", "right_wide")}
    gaps = {"left": np.full(m, FAR), "right": np.full(m, FAR)}
    inside, own = np.zeros(m, dtype=np.float32), np.zeros(m, dtype=np.float32)
    for (starts, ends), weight in zip(places.found, looked.weights.tolist(), strict=True):
        if not len(starts):
            continue
        for side, away in zip(("left", "right"), _nearest(starts, ends, pool.start, pool.end), strict=True):
            kernel[side] += weight * np.exp(-away / 6.0)
            kernel[side + "_wide"] += weight * np.exp(-away / 30.0)
            if weight > 0.5:
                gaps[side] = np.minimum(gaps[side], away)
        covered, whole = _covered(starts, ends, pool.start, pool.end)
        inside += covered
        own += weight * whole
    made: dict[str, Array] = {name: values / total for name, values in kernel.items()}
    made |= {"left_gap": np.log1p(gaps["left"]) / 6, "right_gap": np.log1p(gaps["right"]) / 6}
    made |= {"own_overlap": np.minimum(inside / np.maximum(pool.end - pool.start, 1), 1.0), "own_all": own / total}
    return made | _head(looked.head, pool)


def _nearest(
    starts: NDArray[np.int64], ends: NDArray[np.int64], first: NDArray[np.int64], last: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Characters from each candidate to the nearest occurrence that ends before it, and that begins after it."""
    at = np.searchsorted(ends, first, side="right") - 1
    left = np.where(at >= 0, first - ends[np.maximum(at, 0)], FAR)
    at = np.searchsorted(starts, last, side="left")
    right = np.where(at < len(starts), starts[np.minimum(at, len(starts) - 1)] - last, FAR)
    return np.minimum(left, FAR).astype(np.float64), np.minimum(right, FAR).astype(np.float64)


def _covered(
    starts: NDArray[np.int64], ends: NDArray[np.int64], first: NDArray[np.int64], last: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """How many characters of each candidate the first occurrence that reaches into it covers, and whether all of it is in."""
    at = np.minimum(np.searchsorted(ends, first, side="right"), len(starts) - 1)
    inside = np.minimum(ends[at], last) - np.maximum(starts[at], first)
    return np.maximum(inside, 0).astype(np.float32), np.greater_equal(inside, ends[at] - starts[at])


def _head(head: str, pool: Pool) -> dict[str, Array]:
    """Whether the noun asked of is in the candidate, at its end, and how near on either side."""
    starts = occurrences(head, pool)
    if not len(starts):
        nothing = np.zeros(len(pool.start), dtype=np.float32)
        return {"head_in": nothing, "head_ends": nothing, "head_left": nothing, "head_right": nothing}
    ends = starts + len(head)
    _, whole = _covered(starts, ends, pool.start, pool.end)
    left, right = _nearest(starts, ends, pool.start, pool.end)
    return {
        "head_in": whole,
        "head_ends": whole & np.isin(pool.end, ends),
        "head_left": np.exp(-left / 5.0),
        "head_right": np.exp(-right / 5.0),
    }
