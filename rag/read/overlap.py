"""How much of the question stands around a candidate, and how near. Used by features.

Each function gives columns of length m, one value for each candidate of the pool, by the names in `rag.read.features`.
"""

import numpy as np
from numpy.typing import NDArray

from rag.read.cues import Cues, presence, share
from rag.read.pool import STRIDE, Array, Pool

FAR = 400.0
"""The distance, in characters, beyond which nothing is told apart."""


def overlap(looked: Cues, pool: Pool) -> dict[str, Array]:
    """How much of the question stands in the candidate's sentence, beside it, in its clause and chunk."""
    here, near, chunk, heading = presence(looked, pool)
    fixed = looked.fixed
    recall = share(here, looked)
    clause = np.zeros((len(pool.clauses), len(looked.terms)), dtype=bool)
    rest = np.zeros(len(pool.clauses), dtype=np.float32)
    for i, (start, end, c) in enumerate(pool.clauses.tolist()):
        text = pool.prepared[c].folded[start - c * STRIDE : end - c * STRIDE]
        clause[i] = [term in text for term in looked.terms]
        rest[i] = len(text) - sum(len(term) for term, held in zip(looked.terms, clause[i], strict=True) if held)
    per_sentence = {
        "recall": recall,
        "recall_near": share(near | heading, looked),
        "recall_chunk": share(chunk | heading, looked),
        "recall_heading": share(heading, looked),
        "recall_rel": recall - (recall.max() if len(recall) else 0.0),
        "numbers": here[:, fixed].mean(axis=1) if fixed.any() else np.full(len(recall), 0.5),
        "numbers_near": (chunk | heading)[:, fixed].mean(axis=1) if fixed.any() else np.full(len(recall), 0.5),
    }
    made: dict[str, Array] = {name: values[pool.sentence] for name, values in per_sentence.items()}
    made["clause_recall"] = share(clause, looked)[pool.clause]
    made["clause_rest"] = np.clip(rest, 0, 90)[pool.clause] / 30
    return made


def distance(looked: Cues, pool: Pool) -> dict[str, Array]:
    """How near the words of the question stand, left and right of the candidate, and what of it they cover."""
    m = len(pool.start)
    total = max(float(looked.weights.sum()), 1e-6)
    kernel = {name: np.zeros(m, dtype=np.float32) for name in ("left", "right", "left_wide", "right_wide")}
    gaps = {"left": np.full(m, FAR), "right": np.full(m, FAR)}
    heads = {"left": np.full(m, FAR), "right": np.full(m, FAR)}
    inside, own = np.zeros(m, dtype=np.float32), np.zeros(m, dtype=np.float32)
    for term, weight in zip((*looked.terms, looked.head), (*looked.weights.tolist(), 0.0), strict=True):
        starts = _occurrences(pool, term)
        if not len(starts):
            continue
        distances = _nearest(starts, starts + len(term), pool.start, pool.end)
        if weight == 0.0:
            heads = dict(zip(("left", "right"), distances, strict=True))
            continue
        for side, distance in zip(("left", "right"), distances, strict=True):
            kernel[side] += weight * np.exp(-distance / 6.0)
            kernel[side + "_wide"] += weight * np.exp(-distance / 30.0)
            if weight > 0.5:
                gaps[side] = np.minimum(gaps[side], distance)
        overlap = _covered(starts, len(term), pool.start, pool.end)
        inside = inside + overlap
        own = own + weight * (overlap >= len(term))
    made: dict[str, Array] = {name: values / total for name, values in kernel.items()}
    length = np.maximum(pool.end - pool.start, 1)
    made |= {"left_gap": np.log1p(gaps["left"]) / 6, "right_gap": np.log1p(gaps["right"]) / 6}
    made |= {"own_overlap": np.minimum(inside / length, 1.0), "own_all": own / total}
    made |= {"head_left": np.exp(-heads["left"] / 5.0), "head_right": np.exp(-heads["right"] / 5.0)}
    return made | _head(looked, pool)


def _occurrences(pool: Pool, term: str) -> NDArray[np.int64]:
    """The pool positions where `term` stands."""
    if not term:
        return np.zeros(0, dtype=np.int64)
    found = []
    for i, p in enumerate(pool.prepared):
        at = p.folded.find(term)
        while at >= 0:
            found.append(i * STRIDE + at)
            at = p.folded.find(term, at + 1)
    return np.array(found, dtype=np.int64)


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
    starts: NDArray[np.int64], length: int, first: NDArray[np.int64], last: NDArray[np.int64]
) -> NDArray[np.float32]:
    """How many characters of each candidate the first occurrence that reaches into it covers."""
    at = np.minimum(np.searchsorted(starts + length, first, side="right"), len(starts) - 1)
    overlap = np.minimum(starts[at] + length, last) - np.maximum(starts[at], first)
    result: NDArray[np.float32] = np.maximum(overlap, 0).astype(np.float32)
    return result


def _head(looked: Cues, pool: Pool) -> dict[str, Array]:
    head = looked.head
    if not head:
        nothing = np.zeros(len(pool.start), dtype=np.float32)
        return {"head_in": nothing, "head_ends": nothing}
    starts = _occurrences(pool, head)
    if not len(starts):
        starts = np.array([-(10**9)])
    covered = _covered(starts, len(head), pool.start, pool.end) >= len(head)
    ends = starts + len(head)
    return {"head_in": covered, "head_ends": covered & np.isin(pool.end, ends)}
