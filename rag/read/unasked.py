"""What stands before a candidate and how much of it the question names: `label(looked, places, pool)`. Used by features.

离岸信息技术外包（ITO）执行额3735.6亿元, asked for 离岸外包执行额: 信息技术 and ITO are not asked for, so that this is a part of it.
A label reaches back to the figure, comma or full stop before; a part of a sentence to the semicolon or full stop.
"""

import numpy as np
from numpy.typing import NDArray

from rag.read import words as w
from rag.read.cues import Cues
from rag.read.places import Places
from rag.read.pool import STRIDE, Array, Pool

_NAMING = np.zeros(w.TAGS, dtype=bool)
_NAMING[[w.NOUN, w.PERSON, w.PLACE, w.ORGANISATION, w.NAME, w.ADJECTIVE, w.LATIN, w.OTHER]] = True
_ENDING = np.zeros(w.TAGS, dtype=bool)
_ENDING[[w.BREAK, w.MONEY, w.PERCENT, w.MULTIPLE, w.AMOUNT, w.COUNT]] = True
_MOST = 6.0  # of the weight of words that is told apart


def label(looked: Cues, places: Places, pool: Pool) -> dict[str, Array]:
    """For each candidate the weight of names in its label that the question lacks and has, and of those lacking in its part.

    `label_rest` and `part_rest` are of the weights of `rag.read.words`, up to 6, over 3; `label_held` is a share of the question's.
    """
    counts = np.array([len(prepared.words.starts) for prepared in pool.prepared])
    begins = np.cumsum(counts) - counts  # of each chunk, in words of the pool
    at = pool.gather([prepared.spans.first + begin for prepared, begin in zip(pool.prepared, begins, strict=True)])
    tags = np.concatenate([prepared.words.tags for prepared in pool.prepared])
    weights = np.concatenate([prepared.words.weights for prepared in pool.prepared])
    starts = np.concatenate([prepared.words.starts + i * STRIDE for i, prepared in enumerate(pool.prepared)])
    asked = _covered(starts, places)
    lacking = _running(np.where(_NAMING[tags] & ~asked, weights, 0))
    having = _running(np.where(asked, weights, 0))
    since = _since(_ENDING[tags], begins[counts > 0])[at]
    breaks = [i * STRIDE + cut for i, prepared in enumerate(pool.prepared) for cut in (0, *prepared.breaks)]
    part = np.searchsorted(starts, np.array(breaks))[np.searchsorted(breaks, pool.start, side="right") - 1]
    total = max(float(looked.weights.sum()), 1e-6)
    return {
        "label_rest": np.minimum(lacking[at] - lacking[since], _MOST) / 3,
        "label_held": np.minimum((having[at] - having[since]) / total, 1.0),
        "part_rest": np.minimum(lacking[at] - lacking[part], _MOST) / 3,
    }


def _covered(starts: NDArray[np.int64], places: Places) -> NDArray[np.bool_]:
    """Which words, that begin at pool positions `starts`, begin inside something that the question looks for."""
    firsts = np.sort(np.concatenate([first for first, _ in places.found] or [starts[:0]]))
    lasts = np.sort(np.concatenate([last for _, last in places.found] or [starts[:0]]))
    opened = np.searchsorted(firsts, starts, side="right")
    return np.greater(opened, np.searchsorted(lasts, starts, side="right"))


def _running(weights: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.concatenate(([0.0], np.cumsum(weights, dtype=np.float64)))


def _since(ending: NDArray[np.bool_], begins: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each word the one after the last before it that ends a label, or the first of its chunk."""
    after = np.zeros(len(ending) + 1, dtype=np.int64)
    after[1:] = np.where(ending, np.arange(1, len(ending) + 1), 0)
    after[begins] = begins
    return np.maximum.accumulate(after)[:-1]
