"""How likely the best candidate is right: `Confidence.chance(...)`. Between ranking and answering.

A small network over how clearly the best candidate won, how much of the question its surroundings hold, and whether
period, rank and unit agree. Trained in `training/ranker` on right answers, wrong answers and questions whose answer was
not among the passages.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from math import exp
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.periods import periods
from rag.question import ASKED, Question
from rag.read.cues import Cues
from rag.read.features import FEATURES
from rag.read.pool import STRIDE
from rag.read.weigh import Weighed

MODEL = Path(__file__).parent / "model" / "confidence.safetensors"
_TAKEN = (
    "score rank chars words clauseshape listshape recall recall_near recall_chunk recall_heading recall_rel "
    "numbers numbers_near clause_recall left right left_wide right_wide own_overlap unit unit_wrong "
    "period_left period_any period_near period_asked rank_same rank_other aligned aligned_known votes "
    "votes_chunks money percent count period head_in head_left head_right kind_fit kind_chance neural neural_rel neural_here neural_any neural_vote "
    "neural_read pair_recall segment_recall best_recall quoted surname name latin label_rest label_held part_rest rival"
).split()
_LIKELIEST = [FEATURES.index(name) for name in ("neural", "neural_any", "recall_near")]
_COUNTED_BACK = re.compile(
    "^(?:[今昨前][天日年]|去年|上年|上个?月|本月|这个月|上+个?(?:周|星期)|(?:周|星期)[一二三四五六日])|.前$"
)
_SCENE = 2  # characters
_CLEAR = 0.4  # of the mass, for a date counted from the day of publication
_MOST_HELD = 0.4  # of the question, that its sentence must hold, half counted where its neighbours do
_COLUMNS = np.array([FEATURES.index(name) for name in _TAKEN])
SIGNS = (
    *_TAKEN, "top", "margin", "mass", "second_mass", "top_mean", "missing_near", "missing_chunk", "missing_all", "terms",
    "weight", "candidates", "network_best", "network_any", "recall_best", *(f"asked_{asked}" for asked in ASKED),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Confidence:
    """The weights of a network with one hidden layer, and the chance under which an answer is withheld."""

    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    hidden: NDArray[np.float32]
    hidden_bias: NDArray[np.float32]
    out: NDArray[np.float32]
    out_bias: float
    threshold: float

    def chance(self, signs: NDArray[np.float32]) -> float:
        """The chance in [0, 1] that the best candidate is right, from its `SIGNS`."""
        x = np.clip((signs - self.mean) * self.scale, -4, 4)
        logit = float(np.maximum(x @ self.hidden + self.hidden_bias, 0) @ self.out + self.out_bias)
        return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, logit))))


def described(question: Question, weighed: Weighed) -> NDArray[np.float32]:
    """The `SIGNS` of the best candidate, shape (len(SIGNS),)."""
    looked, places, pool, scores = weighed.looked, weighed.places, weighed.pool, weighed.scores
    order, mass = weighed.order, weighed.mass
    best = int(order[0])
    second = int(order[1]) if len(order) > 1 else best
    near, chunk, heading = places.near, places.chunk, places.heading
    at = pool.sentence[best]
    anywhere: NDArray[np.bool_] = np.any(chunk | heading, axis=0)
    gaps = [_missing(looked, held) for held in (near[at] | heading[at], chunk[at] | heading[at], anywhere)]
    signs = [
        scores[best], scores[best] - scores[second], mass[0], mass[1] if len(mass) > 1 else 0.0,
        scores[best] - np.sort(scores)[-20:].mean(), *gaps, len(looked.terms), looked.weights.sum(), np.log1p(len(scores)),
        *weighed.rows[:, _LIKELIEST].max(axis=0),
    ]  # fmt: skip
    kinds = [float(question.asked == asked) for asked in ASKED]
    return np.concatenate([weighed.rows[best, _COLUMNS], signs, kinds]).astype(np.float32)


def counted_back(question: Question, weighed: Weighed) -> bool:
    """Whether the best candidate is a date that is counted from the day of publication (昨日, 三年前), in a sentence that holds most of the question.

    The questions that the estimate was trained on are answered by dates as written, so that it knows next to none of these.
    """
    pool, best = weighed.pool, int(weighed.order[0])
    if question.asked != "date" or weighed.mass[0] < _CLEAR:
        return False
    prepared = pool.prepared[pool.chunk[best]]
    start, text = int(pool.start[best]) % STRIDE, pool.text(best)
    told = any(
        p.start == start and p.first and p.text == text for p in periods(prepared.chunk.text, prepared.chunk.published)
    )
    if weighed.contradicted or not told or not _COUNTED_BACK.search(text):
        return False
    clause = pool.clauses[pool.clause[best], :2]
    alone = int(clause[1] - clause[0]) <= len(text) + _SCENE  # 昨日，大桥通车: it goes for the whole sentence
    here = weighed.places.held(clause[:1].astype(np.int64), clause[1:].astype(np.int64))[0, : len(weighed.looked.terms)]
    held = weighed.places.recall()[pool.sentence[best]]
    return bool(held >= _MOST_HELD and (alone or (len(here) and here[-1])))


def _missing(looked: Cues, held: NDArray[np.bool_]) -> float:
    """The weight of the weightiest thing asked for that is not held."""
    return float(looked.weights[~held].max(initial=0.0))


@lru_cache(maxsize=1)
def load_confidence(path: Path = MODEL) -> Confidence:
    """The shipped estimate of confidence.

    Raises:
        ValueError: the file was trained for other signs than this code computes.
    """
    from safetensors import safe_open
    from safetensors.numpy import load_file

    with safe_open(str(path), "np") as file:
        metadata = file.metadata() or {}
    if metadata.get("signs", "").split() != list(SIGNS):
        raise ValueError(f"{path} was trained for other signs; train it again")
    arrays = load_file(path)
    bias = float(arrays.pop("out_bias")[0])
    return Confidence(**arrays, out_bias=bias, threshold=float(metadata["threshold"]))
