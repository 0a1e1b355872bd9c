"""Where a sentence has something else in the place of what is asked for: `rivals(looked, places, pool)`. Used by features.

滴灌通B轮融资 and 完成C轮融资, 马赛的租客 and 巴黎租客, 成人肾脏 and 成人肝脏: the words asked for are not there, but their like is.
"""

import re

import numpy as np

from rag.read import words as w
from rag.read.cues import TELLING, Cues
from rag.read.places import Places
from rag.read.pool import STRIDE, Array, Pool

_NAMING = frozenset({w.NOUN, w.PERSON, w.PLACE, w.ORGANISATION, w.NAME, w.LATIN, w.OTHER, w.LOCATIVE})
_CODED = re.compile(r"[a-z0-9]+(?P<noun>[\u4e00-\u9fff])")  # B轮, 4s店
_WHOLES = frozenset("我国 全国 国内 全球 世界 全省 全市".split())


def rivals(looked: Cues, places: Places, pool: Pool) -> dict[str, Array]:
    """For each candidate the weight, up to 3, of the weightiest word asked for that its sentence has another for."""
    made = np.zeros(len(pool.sentences), dtype=np.float32)
    count = len(looked.terms)
    weights = looked.weights[:count]
    named = np.array(looked.located, dtype=bool) | (weights >= TELLING)
    telling = named & np.array([len(term) > 1 for term in looked.terms], dtype=bool)
    lacking = ~(places.near | places.heading)[:, :count] & telling
    for s in np.unique(pool.sentence).tolist():
        missing = np.flatnonzero(lacking[s])
        if len(missing):
            text, others = _others(looked, pool, s)
            held = [weights[k] for k in missing.tolist() if _replaced(looked, k, text, others)]
            made[s] = min(3.0, max(held, default=0.0))
    return {"rival": made[pool.sentence]}


def _others(looked: Cues, pool: Pool, sentence: int) -> tuple[str, list[tuple[str, bool]]]:
    """A folded sentence, and the words of it that name something the question does not, with whether they are places."""
    start, end, chunk = pool.sentences[sentence].tolist()
    prepared = pool.prepared[chunk]
    start, end, cut = start - chunk * STRIDE, end - chunk * STRIDE, prepared.words
    low, high = np.searchsorted(cut.starts, [start, end])
    found = {
        (prepared.folded[a:b], tag == w.PLACE or prepared.folded[a:b] in _WHOLES)
        for a, b, tag in np.column_stack([cut.starts, cut.ends, cut.tags])[low:high].tolist()
        if b - a > 1 and (tag in _NAMING or prepared.folded[a:b] in _WHOLES)
    }
    text = prepared.folded[start:end]
    return text, [one for one in found if not any(one[0] in term or term in one[0] for term in looked.terms)]


def _replaced(looked: Cues, k: int, text: str, others: list[tuple[str, bool]]) -> bool:
    """Whether something of a sentence could stand where term `k` would: a place for a place, a code for a code, a noun of its last character."""
    term = looked.terms[k]
    if looked.located[k]:
        return any(place for _, place in others)
    if coded := _CODED.fullmatch(term):
        return bool(re.search("[a-z0-9]+" + coded["noun"], text))
    return any(word[-1] == term[-1] and abs(len(word) - len(term)) <= 1 for word, place in others if not place)
