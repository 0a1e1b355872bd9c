"""An exact figure before an approximate one: `more_exact(...)`. After ranking, before presenting.

"首次突破500亿元" and "已经达到568.3亿元" say one thing, the second says it better. Of two figures for the same period,
in one unit and compatible in value, the exact one is answered and the approximate one supports it.
"""

import numpy as np
from numpy.typing import NDArray

from rag.quantities import Quantity, quantities
from rag.read.features import FEATURES
from rag.read.pool import STRIDE, Pool

_AT_LEAST = frozenset("超过 超 突破 逾 至少 高达 多 余 来 以上 略高于 高于 超出".split())
_AT_MOST = frozenset("不到 不足 至多 最多 以下 以内 略低于 低于 近 将近 接近".split())
_PERIOD, _RECALL = FEATURES.index("period_near"), FEATURES.index("recall_near")
_SLACK = 8.0  # how far, in log-odds, the exact figure may be ranked behind
_LIKE = 0.5  # the share of the approximate figure's recall that the exact one's sentence must reach


def more_exact(pool: Pool, rows: NDArray[np.float32], scores: NDArray[np.float32], best: int) -> int | None:
    """The best-ranked exact figure that candidate `best` approximates, None where it is exact or there is none."""
    rough = _quantity(pool, best)
    if rough is None or not rough.approximation:
        return None
    for i in map(int, np.argsort(-scores, kind="stable")):
        if scores[i] < scores[best] - _SLACK:
            return None
        alike = rows[i, _PERIOD] >= min(rows[best, _PERIOD], 0.4) and rows[i, _RECALL] >= _LIKE * rows[best, _RECALL]
        if i == best or not alike:
            continue
        exact = _quantity(pool, i)
        if exact is not None and not exact.approximation and _approximates(rough, exact):
            return i
    return None


def _quantity(pool: Pool, i: int) -> Quantity | None:
    """The quantity that candidate `i` is, with the words of approximation around it."""
    start, end = int(pool.start[i]) % STRIDE, int(pool.end[i]) % STRIDE
    text = pool.prepared[int(pool.chunk[i])].chunk.text
    return next((q for q in quantities(text) if q.core[0] <= start < q.core[1] and end <= q.end), None)


def _approximates(rough: Quantity, exact: Quantity) -> bool:
    """Whether `rough` can be said of `exact`: same unit, on the right side, and not more than half of it away."""
    if (rough.kind, rough.unit) != (exact.kind, exact.unit) or rough.value <= 0:
        return False
    ratio = exact.value / rough.value
    if rough.approximation in _AT_LEAST:
        return 1.0 <= ratio <= 1.5
    return 0.67 <= ratio <= 1.0 if rough.approximation in _AT_MOST else 0.9 <= ratio <= 1.1
