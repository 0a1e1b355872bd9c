"""Where in a pool the things that a question looks for stand: `locate(cues, pool)`. Used by features and reader."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.read.cues import Cues
from rag.read.pool import STRIDE, Pool

Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Places:
    """For each thing looked for, the sorted pool positions where it begins and ends (the first `terms` are words, the others
    periods); and what of it the headings hold.

    `here`, `near`, `chunk` and `heading` are (sentences, k) arrays: which sentence holds which thing itself, or has a
    neighbour, a chunk, or headings that do.
    """

    found: tuple[tuple[Positions, Positions], ...]
    terms: int
    weights: NDArray[np.float32]
    here: NDArray[np.bool_]
    near: NDArray[np.bool_]
    chunk: NDArray[np.bool_]
    heading: NDArray[np.bool_]

    def held(self, starts: Positions, ends: Positions) -> NDArray[np.bool_]:
        """Which of the ranges `[starts, ends)` hold which thing whole, shape (n, k)."""
        return _held(self.found, starts, ends)

    def share(self, held: NDArray[np.bool_]) -> NDArray[np.float32]:
        """The weighted share of what is looked for that each row of `held` (n, k) has, in [0, 1]."""
        if not len(self.weights):
            return np.zeros(len(held), dtype=np.float32)
        result: NDArray[np.float32] = np.where(held, self.weights, 0).sum(axis=1) / self.weights.sum()
        return result

    def recall(self) -> NDArray[np.float32]:
        """How much each sentence has of what is looked for, half counted when only a neighbour or a heading does."""
        return 0.5 * (self.share(self.here) + self.share(self.near | self.heading))


def locate(looked: Cues, pool: Pool) -> Places:
    """The places of everything that `looked` looks for in the chunks of `pool`."""
    found = tuple(
        [_of_term(forms, pool) for forms in looked.forms] + [_of_period(p, pool, looked.whole) for p in looked.periods]
    )
    starts, ends, owner = pool.sentences.T
    here = _held(found, starts, ends)
    near = here.copy()
    same = owner[1:] == owner[:-1]
    near[1:] |= here[:-1] & same[:, None]
    near[:-1] |= here[1:] & same[:, None]
    bounds = np.arange(len(pool.prepared), dtype=np.int64) * STRIDE
    chunk = _held(found, bounds, bounds + STRIDE)
    heading = np.zeros((len(pool.prepared), len(found)), dtype=bool)
    for i, prepared in enumerate(pool.prepared):
        heading[i, : len(looked.terms)] = [any(form in prepared.heading for form in forms) for forms in looked.forms]
    return Places(found, len(looked.terms), looked.weights, here, near, chunk[owner], heading[owner])


def occurrences(term: str, pool: Pool) -> Positions:
    """The pool positions where the folded string `term` begins, sorted; 进出口 says nothing of 出口 alone."""
    found = []
    both = term.startswith("出口")
    for i, prepared in enumerate(pool.prepared):
        at = prepared.folded.find(term) if term else -1
        while at >= 0:
            if not (both and prepared.folded[at - 1 : at] == "进"):
                found.append(i * STRIDE + at)
            at = prepared.folded.find(term, at + 1)
    return np.array(found, dtype=np.int64)


def relation(
    first: int, last: int, firsts: NDArray[np.int32], lasts: NDArray[np.int32], whole: bool = False
) -> NDArray[np.float32]:
    """How periods agree with the asked one: 1 equal, .7 inside it, .4 a little around it, .2 overlapping, -1 apart.

    A period much longer than the asked one has figures of its own, as has a part of it where the `whole` is asked for: -.6.
    """
    made = np.full(len(firsts), 0.2, dtype=np.float32)
    around = (firsts <= first) & (lasts >= last)
    made[around] = np.where(lasts[around] - firsts[around] > 1.5 * (last - first + 1), -0.6, 0.4)
    made[(firsts >= first) & (lasts <= last)] = -0.6 if whole else 0.7
    made[(firsts == first) & (lasts == last)] = 1.0
    made[(firsts > last) | (lasts < first)] = -1.0
    return made


def _of_term(forms: tuple[str, ...], pool: Pool) -> tuple[Positions, Positions]:
    """Where any of the forms of a term stands."""
    found = [(start, start + len(form)) for form in forms for start in occurrences(form, pool).tolist()]
    ranges = np.array(sorted(found), dtype=np.int64).reshape(-1, 2)
    return ranges[:, 0], np.maximum.accumulate(ranges[:, 1])  # a form inside another ends with it


def _of_period(asked: tuple[int, int], pool: Pool, whole: bool) -> tuple[Positions, Positions]:
    """The periods that are the asked one, or lie inside or around it."""
    parts = []
    for i, prepared in enumerate(pool.prepared):
        table = prepared.periods
        fit = table[relation(*asked, table[:, 2], table[:, 3], whole) >= 0.4]
        parts.append(fit[:, :2].astype(np.int64) + i * STRIDE)
    rows = np.concatenate(parts) if parts else np.zeros((0, 2), dtype=np.int64)
    rows = rows[np.argsort(rows[:, 0], kind="stable")]
    return rows[:, 0], np.maximum.accumulate(rows[:, 1]) if len(rows) else rows[:, 1]


def _held(found: tuple[tuple[Positions, Positions], ...], starts: Positions, ends: Positions) -> NDArray[np.bool_]:
    made = np.zeros((len(starts), len(found)), dtype=bool)
    for k, (firsts, lasts) in enumerate(found):
        if len(firsts):
            at = np.searchsorted(firsts, starts, side="left")
            inside = at < len(firsts)
            made[:, k] = inside & (lasts[np.minimum(at, len(firsts) - 1)] <= ends)
    return made
