"""An exact figure before an approximate one: `more_exact(...)`. After ranking, before presenting.

"首次突破500亿元" and "已经达到568.3亿元" say one thing, the second says it better. Of two figures for the same period,
in one unit and compatible in value, the exact one is answered and the approximate one supports it. Of two exact figures
that differ, the other one is shown as well.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.quantities import approximates, quantities
from rag.read.conflict import Place, disputed, figure
from rag.read.places import Places
from rag.read.pool import Pool

_LIKE = 0.8  # the share of what the approximate figure's surroundings hold that the exact one's must hold


@dataclass(frozen=True, slots=True)
class Compared:
    """What other sentences give for the figure of a candidate: `exact` says it exactly, `other` says something else."""

    exact: Place | None
    other: Place | None


def more_exact(pool: Pool, places: Places, best: int) -> Compared | None:
    """The exact figure that candidate `best` approximates, and the one that contradicts it; None if there is neither."""
    own = Place(int(pool.sentence[best]), int(pool.start[best]), int(pool.end[best]))
    exact = _exact(pool, places, own)
    other = disputed(pool, places, exact or own)
    return Compared(exact, other) if exact or other else None


def _exact(pool: Pool, places: Places, own: Place) -> Place | None:
    """All sentences are looked through, also those that say too little to be ranked ("这个数字已经达到...")."""
    rough = figure(pool, own)
    if rough is None or not rough.approximation:
        return None
    around = places.share(places.near | places.heading)
    least = _LIKE * around[own.sentence]
    dated: NDArray[np.bool_] = np.all(places.here[:, places.terms :], axis=1)
    for sentence in np.argsort(-around, kind="stable").tolist():
        if around[sentence] < least:
            return None
        start, end, _ = pool.sentences[sentence].tolist()
        for exact in quantities(pool.between(start, end)) if dated[sentence] else ():
            if not exact.approximation and approximates(rough, exact):
                return Place(sentence, start + exact.core[0], start + exact.core[1])
    return None
