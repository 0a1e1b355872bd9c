"""What the neural reader makes of the candidates: `guess(...)`, `columns(...)`. Between the pool and its features.

The network reads the passages whose sentences hold most of what is looked for. Its best spans join the candidates, where
no rule had made them; its log-odds become features of all.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.question import Question
from rag.read.pool import STRIDE, Array, Pool, extended, pool_of

READ = 6
"""How many passages the network reads for a question; further ones cost 3 ms each."""
_JOIN = 12  # how many of its best spans of a passage become candidates
_LIMIT = 12.0  # log-odds beyond it tell nothing more
COLUMNS = ("neural", "neural_rel", "neural_here", "neural_any", "neural_vote", "neural_read")


class Scored(Protocol):
    """The log-odds of the spans of one passage; see `rag.read.neural.Scored`."""

    @property
    def null(self) -> float:
        """The log-odds that the passage holds no answer."""
        ...

    def best(self, k: int) -> list[tuple[int, int, float]]:
        """The `k` likeliest spans: first character, end, log-odds."""
        ...

    def many(self, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.float32]:
        """The log-odds of the character ranges `[starts, ends)`."""
        ...


class Network(Protocol):
    """A reader of whole passages; see `rag.read.neural.NeuralReader`."""

    def score(self, question: str, passages: Sequence[str]) -> Sequence[Scored]:
        """The spans of each passage."""
        ...


def guess(network: Network, question: Question, pool: Pool, recall: NDArray[np.float32]) -> dict[int, Scored]:
    """What the network says of the passages of a pool (by their index) with the best sentences; `recall` is the sentences'."""
    best = np.zeros(len(pool.prepared), dtype=np.float32)
    np.maximum.at(best, pool.sentences[:, 2], recall)
    chosen = np.argsort(-best, kind="stable")[:READ].tolist()
    scored = network.score(question.text, [pool.prepared[i].chunk.text for i in chosen])
    return dict(zip(chosen, scored, strict=True))


def with_guesses(pool: Pool, scored: Mapping[int, Scored]) -> Pool:
    """`pool` with the network's best spans among its candidates."""
    prepared = list(pool.prepared)
    for i, one in scored.items():
        prepared[i] = extended(prepared[i], [(start, end) for start, end, _ in one.best(_JOIN)])
    return pool_of(pool.hits, tuple(prepared))


def columns(pool: Pool, scored: Mapping[int, Scored], group: Array) -> dict[str, Array]:
    """The features of `COLUMNS` for the candidates of a pool, in nats over 4; `group` is `pool.strings()`."""
    m = len(pool.start)
    odds, null = np.full(m, -_LIMIT, dtype=np.float32), np.full(m, -_LIMIT, dtype=np.float32)
    here, read = np.full(m, -_LIMIT, dtype=np.float32), np.zeros(m, dtype=np.float32)
    for i, one in scored.items():
        rows = np.flatnonzero(pool.chunk == i)
        if not len(rows):
            continue
        odds[rows] = one.many(pool.start[rows] - i * STRIDE, pool.end[rows] - i * STRIDE)
        here[rows] = odds[rows] - odds[rows].max()
        null[rows], read[rows] = -one.null, 1.0
    odds = np.clip(odds, -3 * _LIMIT, _LIMIT)
    share = np.exp(odds - odds.max(initial=0.0))
    mass = np.bincount(group, weights=share)
    vote = np.log(mass / mass.sum() + 1e-9)[group]
    made = {
        "neural": odds, "neural_rel": odds - odds.max(initial=-_LIMIT), "neural_here": here, "neural_any": null, "neural_vote": vote,
    }  # fmt: skip
    return {name: np.clip(values, -_LIMIT, _LIMIT) / 4 for name, values in made.items()} | {"neural_read": read}
