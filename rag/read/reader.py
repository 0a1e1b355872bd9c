"""The answer that some hits give to a question, or a refusal: `SpanReader.read(...)`. Last step of the reader.

What the ranker puts first is answered with its sentence when the chance that it is right, as `confidence` estimates it,
reaches a threshold and nothing contradicts it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from rag.question import Question
from rag.read.confidence import Confidence, counted_back, described, load_confidence
from rag.read.exact import more_exact
from rag.read.guess import Network
from rag.read.kinds import KindModel, load_kinds
from rag.read.neural import load_network
from rag.read.present import Found, answer, refusal
from rag.read.ranker import Ranker, load_ranker
from rag.read.weigh import weigh
from rag.types import BY_RULE, Answer, Hit


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
    network: Network
    confidence: Confidence

    @classmethod
    def load(cls) -> "SpanReader":
        """The reader with the shipped models."""
        return cls(load_ranker(), load_kinds(), load_network(), load_confidence())

    @np.errstate(invalid="ignore")  # raised by some builds of OpenBLAS over finite numbers; `weigh` looks at the scores
    def read(self, question: Question, hits: Sequence[Hit]) -> Answer:
        """The answer of `hits` to `question`, or a refusal."""
        weighed = weigh(question, hits, self.ranker, self.kinds, self.network)
        if weighed is None:
            return refusal(question, None)
        chance = self.confidence.chance(described(question, weighed))
        if counted_back(question, weighed):
            chance = max(chance, BY_RULE)
        pool, places, best = weighed.pool, weighed.places, int(weighed.order[0])
        exact = more_exact(pool, places, best)
        found = Found(pool, places.recall(), weighed.scores, weighed.order, chance, exact, weighed.contradicted)
        if weighed.contradicted or chance < self.confidence.threshold:
            return refusal(question, found)
        return answer(question, found)
