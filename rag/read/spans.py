"""What could be an answer: `spans(words)`. Second step of the reader; nothing here depends on the question.

A span is a run of words. Candidates are all short runs inside a clause that begin and end with a word that can, plus
enumerations (A、B和C), clause endings and runs of whole clauses for longer answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from rag.read import words as w
from rag.read.words import Words
from rag.tokens import fold

SHORT_WORDS = 8
LIST_WORDS = 60
_EDGE = 5  # how many words the first or last item of an enumeration may have
_FEW = 40
_DROPPED = frozenset("“”《》「」『』\"'（）() 　\t")


@dataclass(frozen=True, slots=True)
class Spans:
    """Candidate spans of a chunk: word ranges `[first, last]`, both included, sorted by them, int32 arrays of length m.

    `shapes` says how a span was made (SHORT, LIST, CLAUSE); `keys` is a hash of its text without quotes and spaces,
    equal for equal strings (int64); `lengths` are characters.
    """

    first: NDArray[np.int32]
    last: NDArray[np.int32]
    shapes: NDArray[np.int32]
    lengths: NDArray[np.int32]
    keys: NDArray[np.int64]


_SOLID: NDArray[np.bool_] = np.ones(w.TAGS, dtype=bool)
_SOLID[[w.BREAK, w.MARK, w.FUNCTION]] = False
SHORT, LIST, CLAUSE = range(3)


def spans(words: Words) -> Spans:
    """All candidate spans of `words`."""
    made: dict[tuple[int, int], int] = {}
    for shape, found in ((SHORT, _short(words)), (LIST, _lists(words)), (CLAUSE, _clauses(words))):
        for pair in found:
            made.setdefault(pair, shape)
    pairs = sorted(made)
    return _spans(words, pairs, [made[pair] for pair in pairs])


def joined(words: Words, known: Spans, ranges: Sequence[tuple[int, int]]) -> Spans:
    """The spans of the words that cover the given character ranges, without those that are `known` or cross sentences."""
    held = set(zip(known.first.tolist(), known.last.tolist(), strict=True))
    solid = _solid(words) | _is_one_of(words, "“《「『（(”》」』）)")
    pairs = []
    for start, end in ranges:
        first = int(np.searchsorted(words.ends, start, side="right"))
        last = int(np.searchsorted(words.starts, end, side="left")) - 1
        fits = first <= last < len(words.starts) and words.sentences[first] == words.sentences[last]
        if fits and solid[first] and solid[last] and (first, last) not in held:
            held.add((first, last))
            pairs.append((first, last))
    return _spans(words, pairs, [SHORT if last - first < SHORT_WORDS else CLAUSE for first, last in pairs])


def _spans(words: Words, pairs: list[tuple[int, int]], shapes: list[int]) -> Spans:
    first = np.array([a for a, _ in pairs], dtype=np.int32)
    last = np.array([b for _, b in pairs], dtype=np.int32)
    starts, ends = words.starts[first], words.ends[last]
    return Spans(first, last, np.array(shapes, dtype=np.int32), ends - starts, _keys(words.text, starts, ends))


def _keys(text: str, starts: NDArray[np.int32], ends: NDArray[np.int32]) -> NDArray[np.int64]:
    """The hash of `plain` of each range; of many ranges, from the text made plain once."""
    if len(starts) < _FEW:
        ranges = zip(starts.tolist(), ends.tolist(), strict=True)
        return np.array([crc32(plain(text[a:b]).encode()) for a, b in ranges], dtype=np.int64)
    folded = fold(text)
    kept = [c not in _DROPPED for c in folded]
    at = np.concatenate(([0], np.cumsum(kept)))
    bare = "".join(c for c, keep in zip(folded, kept, strict=True) if keep)
    ranges = zip(at[starts].tolist(), at[ends].tolist(), strict=True)
    return np.array([crc32(bare[a:b].encode()) for a, b in ranges], dtype=np.int64)


def plain(text: str) -> str:
    """`text` folded, without spaces and quotes: equal for spans that are the same answer."""
    return "".join(c for c in fold(text) if c not in _DROPPED)


def _short(words: Words) -> list[tuple[int, int]]:
    n = len(words.starts)
    if not n:
        return []
    first = np.repeat(np.arange(n), SHORT_WORDS)
    last = first + np.tile(np.arange(SHORT_WORDS), n)
    keep = last < n
    first, last = first[keep], last[keep]
    keep = words.clauses[first] == words.clauses[last]
    keep &= _can_begin(words)[first] & _can_end(words)[last] & _balanced(words, first, last)
    keep &= (words.ends[last] - words.starts[first] > 1) | (words.tags[first] != w.SINGLE)
    # "2022年的1368.5亿美元" is two values
    keep &= (words.tags[first] != w.PERIOD) | (words.tags[last] < w.BARE) | (words.tags[last] == w.PERIOD)
    return list(zip(first[keep].tolist(), last[keep].tolist(), strict=True))


def _can_begin(words: Words) -> NDArray[np.bool_]:
    return _solid(words) | _is_one_of(words, "“《「『（(")


def _can_end(words: Words) -> NDArray[np.bool_]:
    return _solid(words) | _is_one_of(words, "”》」』）)")


def _is_one_of(words: Words, marks: str) -> NDArray[np.bool_]:
    """Which words begin with one of `marks`."""
    return np.array([words.text[s] in marks for s in words.starts], dtype=bool)


def _solid(words: Words) -> NDArray[np.bool_]:
    """Which words are neither marks nor function words."""
    return _SOLID[words.tags]


def _balanced(words: Words, first: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether as many quotes and brackets are open after the span as before it."""
    after = np.append(words.depths[1:], words.depths[-1:] * 0)
    return np.equal(words.depths[first], after[last])


def _lists(words: Words) -> list[tuple[int, int]]:
    """Enumerations: from a word shortly before the first 、 to one shortly after the last 、 of a clause."""
    text, begins, ends = words.text, _can_begin(words), _can_end(words)
    depths = [*words.depths.tolist(), 0]  # (记者甲、乙）丙 is no enumeration
    commas = [i for i, s in enumerate(words.starts.tolist()) if text[s] == "、"]
    made = []
    for group in _runs(commas, words):
        low, high = group[0], group[-1]
        stop = next(
            (i for i in range(high + 1, len(words.starts)) if words.clauses[i] != words.clauses[low]), len(words.starts)
        )
        firsts = [i for i in range(max(0, low - _EDGE), low) if words.clauses[i] == words.clauses[low] and begins[i]]
        lasts = [i for i in range(high + 1, min(stop, high + 2 * _EDGE)) if ends[i]]
        made += [(a, b) for a in firsts for b in lasts if 2 <= b - a <= LIST_WORDS and depths[a] == depths[b + 1]]
    return made


def _runs(commas: list[int], words: Words) -> list[list[int]]:
    """Positions of 、 grouped: neighbours in one clause, at most 12 words apart, belong to one enumeration."""
    groups: list[list[int]] = []
    for at in commas:
        if groups and at - groups[-1][-1] <= 12 and words.clauses[at] == words.clauses[groups[-1][-1]]:
            groups[-1].append(at)
        else:
            groups.append([at])
    return groups


def _clauses(words: Words) -> list[tuple[int, int]]:
    """Endings of clauses, whole clauses, and runs of up to four clauses of one sentence."""
    n = len(words.starts)
    if not n:
        return []
    solid = np.flatnonzero(words.tags != w.BREAK)
    edges: dict[int, list[int]] = {}
    for i in solid.tolist():
        edges.setdefault(int(words.clauses[i]), []).append(i)
    order = sorted(edges)
    begins, ends = _can_begin(words), _can_end(words)
    made = []
    for at, clause in enumerate(order):
        inside = edges[clause]
        if ends[inside[-1]]:
            made += [(i, inside[-1]) for i in inside[:-SHORT_WORDS][:24] if begins[i]]
        for more in order[at + 1 : at + 4]:
            last = edges[more][-1]
            if words.sentences[last] != words.sentences[inside[0]]:
                break
            starts = [inside[0], *inside[1:6], *inside[-3:]]
            made += [(i, last) for i in sorted(set(starts)) if begins[i] and ends[last] and last - i <= LIST_WORDS]
    return made
