"""Texts as the arrays the neural reader sees: `passage(text)`, `question(text)`, `match(question, passage)`.

    text -> words (whole numbers, jieba's words, no guesses) -> ids and features -> neural

Used alike by training (`training/reader`) and at question time, so that both see the same.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import log

import numpy as np
from numpy.typing import NDArray

from rag.tokens import cut, fold, sentences, tagged

_PIECE = re.compile(
    r"(?P<number>\d+(?:,\d{3}(?!\d))*(?:\.\d+)?)"
    r"|(?P<latin>[^\W\d_\u3041-\u30fa\u3400-\u9fff]+(?:[-'’.&]?[^\W_\u3041-\u30fa\u3400-\u9fff]+)*)"
    r"|(?P<han>[\u3041-\u30fa\u3400-\u9fff]+)"
    r"|(?P<other>\S)"
)
_TAGS = {
    "nr": 1, "ns": 2, "nt": 3, "nz": 4, "n": 5, "vn": 6, "v": 7, "a": 8, "b": 8, "z": 8, "d": 9, "u": 10, "p": 11,
    "c": 12, "y": 10, "e": 10, "r": 13, "t": 14, "q": 15, "m": 16, "f": 17, "s": 18, "i": 19, "l": 19, "j": 4,
}  # fmt: skip
_OTHER, _LATIN, _BREAK, _MARK, _INTEGER, _DECIMAL, _YEAR = 0, 20, 21, 22, 23, 24, 25
TAGS = 26
_BREAKS = "，。；：！？,;!?…"
_OPEN, _CLOSE = {"“": 1, "「": 1, "『": 1, "《": 2, "〈": 2, "（": 3, "(": 3, "【": 3, "[": 3}, "”」』》〉）)】]"
STATIC = 9  # features of a word by itself
MATCHED = 12  # features of a passage's word against a question
CHARS = 4  # characters of a word that are embedded: its first two and its last two


@dataclass(frozen=True, slots=True)
class Encoded:
    """The n words of `text`: offsets, ids (int32), characters (n, 4), tags, `features` (n, STATIC) float32."""

    text: str
    words: tuple[str, ...]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    ids: NDArray[np.int32]
    chars: NDArray[np.int32]
    tags: NDArray[np.int32]
    features: NDArray[np.float32]
    idf: NDArray[np.float32]
    clauses: NDArray[np.int32]
    sentences: NDArray[np.int32]


class Vocabulary:
    """Ids of words and characters; id 0 is padding. Words outside it fall into classes ("<han>", "<latin>", ...)."""

    def __init__(self, words: Sequence[str], idf: Sequence[float], chars: Sequence[str]) -> None:
        """Keep the word and character tables; `idf[i]` in nats belongs to `words[i]`, whose id is i + 1."""
        self.words: Mapping[str, int] = {word: i for i, word in enumerate(words, 1)}
        self.chars: Mapping[str, int] = {char: i for i, char in enumerate(chars, 2)}  # 1: any other
        self.idf = np.concatenate(([0.0], np.asarray(idf, dtype=np.float32))).astype(np.float32)

    def encode(self, text: str) -> Encoded:
        """The words of `text`, in order; white space belongs to none."""
        pieces = split(text)
        words = tuple(piece[0] for piece in pieces)
        shapes = [shape(word) for word in words]
        tags = np.array([tag(word) for word in words], dtype=np.int32)
        ids = np.array([self._id(word, form) for word, form in zip(words, shapes, strict=True)], dtype=np.int32)
        get = self.chars.get
        chars = [[get(c, 1) for c in (w[0], w[1:2], w[-2:-1], w[-1])] for w in shapes]
        starts = np.array([piece[1] for piece in pieces], dtype=np.int32)
        bounds = np.array([start for start, _ in sentences(text)] or [0], dtype=np.int32)
        breaks = (tags == _BREAK).astype(np.int32)
        number = (np.searchsorted(bounds, starts, side="right") - 1).astype(np.int32)
        idf = np.where((tags == _BREAK) | (tags == _MARK), 0, self.idf[ids]).astype(np.float32)
        return Encoded(
            text, words, starts, np.array([piece[2] for piece in pieces], dtype=np.int32), ids,
            np.array(chars, dtype=np.int32).reshape(-1, CHARS), tags,
            _features(words, starts, len(text), number, idf), idf,
            np.cumsum(breaks, dtype=np.int32) - breaks, np.maximum(number, 0),
        )  # fmt: skip

    def _id(self, word: str, form: str) -> int:
        found = self.words.get(form, 0)
        return found or self.words.get("<one>" if len(word) == 1 else "<latin>" if word.isascii() else "<han>", 0)


def split(text: str) -> list[tuple[str, int, int]]:
    """(folded word, start, end) of every word of `text`.

    >>> [word for word, _, _ in split("完成额568.3亿元")]
    ['完成', '额', '568.3', '亿元']
    """
    made = []
    folded = fold(text)
    for piece in _PIECE.finditer(folded):
        start = piece.start()
        if piece.lastgroup == "han":
            for word in cut(piece[0]):
                made.append((word, start, start + len(word)))
                start += len(word)
        else:
            made.append((piece[0], start, piece.end()))
    return made


@lru_cache(maxsize=65536)
def shape(word: str) -> str:
    """What is looked up for `word`: itself, or the form of a number ("<year>", "<3>", "<2.>")."""
    if not word[0].isdecimal():
        return word
    if not word.replace(",", "").isdecimal():
        return f"<{min(len(word.split('.')[0].replace(',', '')), 6)}.>"
    if len(word) == 4 and "1000" <= word < "2100":
        return "<year>"
    return f"<{min(len(word.replace(',', '')), 9)}>"


@lru_cache(maxsize=65536)
def tag(word: str) -> int:
    """The part of speech of `word`, below `TAGS`; 0 where jieba's dictionary does not know it."""
    if word[0].isdecimal():
        form = shape(word)
        return _YEAR if form == "<year>" else _DECIMAL if "." in form else _INTEGER
    if not word[0].isalnum():
        return _BREAK if word[0] in _BREAKS else _MARK
    if word[0] < "\u0250":
        return _LATIN
    name = tagged(word)
    return _TAGS.get(name[:2], _TAGS.get(name[:1], _OTHER))


def _features(
    words: Sequence[str], starts: NDArray[np.int32], length: int, number: NDArray[np.int32], idf: NDArray[np.float32]
) -> NDArray[np.float32]:
    made = np.zeros((len(words), STATIC), dtype=np.float32)
    kind = 0
    for row, word in enumerate(words):
        if word in _CLOSE:
            kind = 0
        if kind:
            made[row, kind - 1] = 1
        kind = _OPEN.get(word, kind)
    made[:, 3] = starts / max(length, 1)
    made[:, 4] = number == 0
    made[:, 5] = np.log1p(np.maximum(number, 0)) / 3
    made[:, 6] = idf / 8
    made[:, 7] = [min(len(word), 6) / 4 for word in words]
    made[1:, 8] = starts[1:] > starts[:-1] + np.array([len(word) for word in words[:-1]])  # a blank stands before it
    return made


def match(question: Encoded, passage: Encoded) -> NDArray[np.float32]:
    """Features (n, MATCHED) of the words of a passage against a question, all within about 0..1."""
    made = np.zeros((len(passage.words), MATCHED), dtype=np.float32)
    asked: dict[str, float] = {}
    for word, weight in zip(question.words, question.idf.tolist(), strict=True):
        asked[word] = max(weight, asked.get(word, 0.0))
    text, wanted = fold(passage.text), fold(question.text)
    if not passage.words or not asked:
        return made
    same = np.array([word in asked for word in passage.words], dtype=np.float32)
    chars = {c for c in wanted if c.isalnum()}
    pairs = {a + b for a, b in pairwise(wanted) if a.isalnum() and b.isalnum()}
    char = np.fromiter((c in chars for c in text), dtype=np.float32, count=len(text))
    pair = np.zeros(len(text), dtype=np.float32)
    if len(text) > 1:
        hits = np.fromiter((a + b in pairs for a, b in pairwise(text)), dtype=np.float32, count=len(text) - 1)
        pair[:-1] = hits
        pair[1:] = np.maximum(pair[1:], hits)
    size = (passage.ends - passage.starts).astype(np.float32)
    made[:, 0] = same * (passage.idf > 0)
    made[:, 1] = same * passage.idf / 8
    made[:, 2] = (
        np.diff(np.concatenate(([0.0], np.cumsum(char)))[np.stack([passage.starts, passage.ends], 1)])[:, 0] / size
    )
    made[:, 3] = (
        np.diff(np.concatenate(([0.0], np.cumsum(pair)))[np.stack([passage.starts, passage.ends], 1)])[:, 0] / size
    )
    total = sum(asked.values()) or 1.0
    made[:, 4] = _cover(passage, asked, passage.sentences) / total
    made[:, 5] = _cover(passage, asked, passage.clauses) / total
    made[:, 6] = sum(asked[word] for word in set(passage.words) if word in asked) / total
    covered = np.bincount(passage.sentences, weights=pair[passage.starts], minlength=1)
    made[:, 7] = np.minimum(covered[passage.sentences] / (len(pairs) + 1), 2)
    made[:, 8] = made[:, 4] >= made[:, 4].max() - 1e-6
    _years(question, passage, made)
    made[:, 11] = log(1 + len(question.words)) / 3
    return made


def _cover(passage: Encoded, asked: Mapping[str, float], groups: NDArray[np.int32]) -> NDArray[np.float32]:
    """The weight of the distinct words of the question that stand in the group of each word."""
    sums = np.zeros(int(groups[-1]) + 1, dtype=np.float32)
    for group, word in {(g, w) for g, w in zip(groups.tolist(), passage.words, strict=True) if w in asked}:
        sums[group] += asked[word]
    return sums[groups]


def _years(question: Encoded, passage: Encoded, made: NDArray[np.float32]) -> None:
    """Features 9 and 10: the word's sentence names a year the question names; it names only others."""
    wanted = {word for word, kind in zip(question.words, question.tags, strict=True) if kind == _YEAR}
    rows = np.flatnonzero(passage.tags == _YEAR)
    if not wanted or not len(rows):
        return
    hit = np.zeros(int(passage.sentences.max()) + 1, dtype=np.float32)
    other = hit.copy()
    for row in rows:
        (hit if passage.words[row] in wanted else other)[passage.sentences[row]] = 1
    made[:, 9] = hit[passage.sentences]
    made[:, 10] = (other * (1 - hit))[passage.sentences]
