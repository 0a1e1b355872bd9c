"""The answer that some hits give to a question, or a refusal: `SpanReader.read(...)`. Last step of the reader.

The spans of the best sentences are scored by the ranker; equal strings in several places add up; what is then best is
answered with its sentence when the chance that it is right, as `confidence` estimates it, reaches a threshold.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.question import Question
from rag.read.bags import question_bag, span_bags
from rag.read.confidence import Confidence, described, load_confidence
from rag.read.cues import Cues, cues
from rag.read.exact import more_exact
from rag.read.features import features
from rag.read.kinds import KindModel, load_kinds
from rag.read.places import Places, locate
from rag.read.pool import Pool, make_pool
from rag.read.present import Found, answer, refusal
from rag.read.ranker import Ranker, load_ranker
from rag.read.slots import consistent
from rag.types import Answer, Hit

MAX_SENTENCES = 16


class Reader(Protocol):
    """What a reader must do; `SpanReader` is the one that needs no language model."""

    def read(self, question: Question, hits: Sequence[Hit]) -> Answer:
        """The answer that `hits` give to `question`, or a refusal that says what was nearest."""
        ...


@dataclass(frozen=True, slots=True)
class SpanReader:
    """The extractive reader: it can only say what stands in a passage, word for word."""

    ranker: Ranker
    kinds: KindModel
    confidence: Confidence

    @classmethod
    def load(cls) -> "SpanReader":
        """The reader with the shipped models."""
        return cls(load_ranker(), load_kinds(), load_confidence())

    def read(self, question: Question, hits: Sequence[Hit]) -> Answer:
        """The answer that `hits` give to `question`, or a refusal."""
        looked = cues(question)
        pool, places = candidates(looked, hits)
        if not len(pool.start):
            return refusal(question, None)
        found = self.best(question, looked, places, pool)
        if found.contradicted or found.confidence < self.confidence.threshold:
            return refusal(question, found)
        return answer(question, found)

    def best(self, question: Question, looked: Cues, places: Places, pool: Pool) -> Found:
        """The best candidate of a pool with the chance that it is right."""
        rows = features(looked, places, pool, self.kinds.wanted(question), self.kinds.prior)
        scores = self.ranker.scores(rows, question_bag(question), span_bags(pool))
        order, mass = ranked(pool, scores)
        order, contradicted = consistent(question, looked, places, (pool, rows), order)
        chance = self.confidence.chance(described(question, looked, places, pool, rows, scores, order, mass))
        best = int(order[0])
        return Found(pool, places.recall(), scores, order, chance, more_exact(pool, places, best), contradicted)


def candidates(looked: Cues, hits: Sequence[Hit]) -> tuple[Pool, Places]:
    """The candidates of the sentences of `hits` that hold most of what is looked for, and where that stands."""
    whole = make_pool(hits)
    places = locate(looked, whole)
    if len(whole.sentences) <= MAX_SENTENCES:
        return whole, places
    kept = np.zeros(len(whole.sentences), dtype=bool)
    kept[np.argsort(-places.recall(), kind="stable")[:MAX_SENTENCES]] = True
    return whole.only(kept), places


def ranked(pool: Pool, scores: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The best candidate of each distinct string, by the softmax mass of all its occurrences, highest first."""
    share = np.exp(scores - scores.max())
    share /= share.sum()
    keys = pool.gather([p.spans.keys for p in pool.prepared])
    _, group = np.unique(keys, return_inverse=True)
    mass = np.bincount(group, weights=share).astype(np.float32)
    # the candidate with the highest score of each group comes last in this order, so it is what stays
    representative = np.zeros(len(mass), dtype=np.int64)
    ascending = np.argsort(scores, kind="stable")
    representative[group[ascending]] = ascending
    order = np.argsort(-mass, kind="stable")
    return representative[order], mass[order]
