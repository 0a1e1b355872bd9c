"""The order of candidate spans: `Ranker.scores(...)`, a small network in numpy. Fourth step of the reader.

    e_q, e_c = sums of table rows of the question's and the candidate's buckets       (d each)
    score    = w3 relu(W2 relu(W1 [x, e_q, e_c, e_q * e_c] + b1) + b2) + slot prior    (x: the features, standardised)

Trained in `training/ranker` to give the right spans of a question's pool the highest softmax; its scores are log-odds
against each other within one question and mean nothing across questions.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.read.features import FEATURES

MODEL = Path(__file__).parent / "model" / "ranker.safetensors"


_AGREE = {
    "period_left": 1.5, "period_near": 0.5, "rank_same": 1.0, "unit": 1.0, "aligned": 6.0, "recall": 1.0,
    "pair_recall": 1.0, "segment_recall": 3.0, "numbers": 1.0, "partial_list": -2.0,
}  # fmt: skip
_CONTRADICT = {"period_left": 3.0, "period_near": 2.0, "rank_other": -3.0, "unit_wrong": -3.0, "aligned": 6.0}


def slot_prior(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """What agreeing and contradicting slots add to a candidate's log-odds, before anything is learned; shape (m,).

    Training questions seldom come with the same sentence for another year or subject, users' documents often do, so
    that learning alone underrates slots. The weights were set on the seed questions, where they gain 8 points, such that
    the held-out folds of the training questions lose nothing.
    """
    total = np.zeros(len(features), dtype=np.float32)
    for name, weight in _AGREE.items():
        total += weight * np.maximum(features[:, FEATURES.index(name)], 0)
    for name, weight in _CONTRADICT.items():
        column = features[:, FEATURES.index(name)]
        total += weight * (np.minimum(column, 0) if weight > 0 else column)
    return total


@dataclass(frozen=True, slots=True)
class Ranker:
    """The weights of the network, float32: `table` (buckets, d), `hidden` (features + 3d, h), `out` (h, 1)."""

    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    table_question: NDArray[np.float32]
    table_span: NDArray[np.float32]
    hidden: NDArray[np.float32]
    hidden_bias: NDArray[np.float32]
    middle: NDArray[np.float32]
    middle_bias: NDArray[np.float32]
    out: NDArray[np.float32]

    def scores(
        self, features: NDArray[np.float32], question: NDArray[np.int64], spans: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """The score of each candidate, shape (m,); `question` and `spans` are the buckets of `rag.read.bags`."""
        x = np.clip((features - self.mean) * self.scale, -5, 5)
        e_q = self.table_question[question].sum(axis=0)
        e_c = self.table_span[spans[:, 0]]
        for column in spans[:, 1:].T:  # half the time of one sum over (m, k, d)
            e_c += self.table_span[column]
        n, d = len(self.mean), len(e_q)
        # the question's part is the same for all candidates: one row, and its product with e_c folds into the weights
        weights = self.hidden[n + d : n + 2 * d] + e_q[:, None] * self.hidden[n + 2 * d :]
        layer = x @ self.hidden[:n] + e_c @ weights + (e_q @ self.hidden[n : n + d] + self.hidden_bias)
        layer = np.maximum(layer, 0) @ self.middle + self.middle_bias
        result: NDArray[np.float32] = (np.maximum(layer, 0) @ self.out)[:, 0] + slot_prior(features)
        return result


@lru_cache(maxsize=1)
def load_ranker(path: Path = MODEL) -> Ranker:
    """The shipped ranker.

    Raises:
        ValueError: the file was trained for other features than this code computes.
    """
    from safetensors import safe_open
    from safetensors.numpy import load_file

    with safe_open(str(path), "np") as file:
        names = (file.metadata() or {}).get("features", "").split()
    if names != list(FEATURES):
        raise ValueError(f"{path} was trained for other features; train it again")
    return Ranker(**{name: np.ascontiguousarray(values, dtype=np.float32) for name, values in load_file(path).items()})
