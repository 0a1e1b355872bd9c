"""The words of a text as arrays: `words(text, published)`. First step of the reader.

Numbers with their units and dates are one word each, whatever a dictionary makes of them; the rest is cut by jieba.
Parts of speech are looked up in jieba's dictionary, which is a hundred times cheaper than tagging and enough for a
feature.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import log
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from rag.articles import SURNAMES
from rag.periods import periods
from rag.quantities import quantities
from rag.tokens import cut, dictionary, fold, sentences, tagged

OTHER, NOUN, PERSON, PLACE, ORGANISATION, NAME, VERB, ADJECTIVE, ADVERB, FUNCTION, PRONOUN, TIME, MEASURE, LOCATIVE = (
    range(14)
)
LATIN, SINGLE, BREAK, MARK, BARE, MONEY, PERCENT, MULTIPLE, AMOUNT, COUNT, RANK, PERIOD = range(14, 26)
TAGS = 26
_JIEBA_TAGS = {
    "nr": PERSON, "ns": PLACE, "nt": ORGANISATION, "nz": NAME, "n": NOUN, "v": VERB, "a": ADJECTIVE, "b": ADJECTIVE,
    "z": ADJECTIVE, "d": ADVERB, "u": FUNCTION, "p": FUNCTION, "c": FUNCTION, "y": FUNCTION, "e": FUNCTION,
    "r": PRONOUN, "t": TIME, "q": MEASURE, "m": BARE, "f": LOCATIVE, "s": LOCATIVE, "i": NOUN, "l": NOUN, "j": NAME,
}  # fmt: skip
_KINDS = {
    "money": MONEY, "percent": PERCENT, "multiple": MULTIPLE, "measure": AMOUNT, "count": COUNT, "rank": RANK, "bare": BARE
}  # fmt: skip
_BREAKS = "，。；：！？\n,;!?…"
_LATIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+\-_/]*$")
_OPEN, _CLOSE = "“《（(「『【‘〈[", "”》）)」』】’〉]"


@dataclass(frozen=True, slots=True)
class Words:
    """The words of `text`, arrays of one length n (int32 but for `weights`, float32).

    `starts`, `ends` are offsets in the text; `tags` are the constants above; `weights` are about -ln of the word's
    probability, 0 for punctuation and function words; `hashes` are CRC-32 of the folded word; `clauses` and
    `sentences` number the clause and sentence a word is in; `depths` is how many quotes or brackets are open before it.
    """

    text: str
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    tags: NDArray[np.int32]
    weights: NDArray[np.float32]
    hashes: NDArray[np.int64]
    clauses: NDArray[np.int32]
    sentences: NDArray[np.int32]
    depths: NDArray[np.int32]
    surnames: NDArray[np.bool_]


def words(text: str, published: date | None = None) -> Words:
    """The words of `text`; `published` gives its relative dates an interval (see `rag.periods`)."""
    pieces = _pieces(text, published)
    whole = fold(text)
    folded = [whole[start:end] for start, end, _ in pieces]
    tags = [tag if tag >= 0 else _tag(word) for (_, _, tag), word in zip(pieces, folded, strict=True)]
    starts = np.array([start for start, _, _ in pieces], dtype=np.int32)
    breaks = np.array([tag == BREAK for tag in tags], dtype=np.int32)
    bounds = np.array([start for start, _ in sentences(text)], dtype=np.int32)
    opened = np.cumsum([(w in _OPEN) - (w in _CLOSE) for w in (text[s:e] for s, e, _ in pieces)], dtype=np.int32)
    return Words(
        text,
        starts,
        np.array([end for _, end, _ in pieces], dtype=np.int32),
        np.array(tags, dtype=np.int32),
        np.array([_weight(word, tag) for word, tag in zip(folded, tags, strict=True)], dtype=np.float32),
        np.array([crc32(word.encode()) for word in folded], dtype=np.int64),
        np.cumsum(breaks, dtype=np.int32) - breaks,
        np.searchsorted(bounds, starts, side="right").astype(np.int32) - 1,
        np.concatenate(([0], opened[:-1])).astype(np.int32) if len(pieces) else opened,
        np.array([word[0] in SURNAMES for word in folded], dtype=bool),
    )


def _pieces(text: str, published: date | None) -> list[tuple[int, int, int]]:
    """(start, end, tag) of every word; tag -1 where the dictionary is to be asked. White space is left out."""
    whole: list[tuple[int, int, int]] = []
    taken = 0
    found = [(p.start, p.end, PERIOD) for p in periods(text, published)]
    found += [(*q.core, _KINDS[q.kind]) for q in quantities(text)]
    for start, end, tag in sorted(found, key=lambda piece: (piece[0], -piece[1], -piece[2])):  # of equals, the period
        if start < taken:
            continue
        whole += _cut(text, taken, start)
        whole.append((start, end, tag))
        taken = end
    return whole + _cut(text, taken, len(text))


def _cut(text: str, start: int, end: int) -> list[tuple[int, int, int]]:
    made = []
    for word in cut(text[start:end]):
        if not word.isspace():
            made.append((start, start + len(word), -1))
        start += len(word)
    return made


@lru_cache(maxsize=65536)
def _tag(word: str) -> int:
    if not word[0].isalnum():
        return BREAK if word[0] in _BREAKS else MARK
    if _LATIN.match(word):
        return LATIN
    tag = tagged(word)
    if tag:
        return _JIEBA_TAGS.get(tag[:2], _JIEBA_TAGS.get(tag[0], OTHER))
    return SINGLE if len(word) == 1 else OTHER


@lru_cache(maxsize=65536)
def _weight(word: str, tag: int) -> float:
    """How much finding a question's word tells: its information in nats over 4, function words and marks nothing."""
    if tag in (BREAK, MARK, FUNCTION):
        return 0.0
    rare = max(0.0, log(6e7 / ((dictionary().FREQ.get(word) or 0) + 20.0)) / 4 - 1.0)
    return min(rare, 3.0) * (0.3 if tag in (PRONOUN, ADVERB) else 1.0)
