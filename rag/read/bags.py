"""Hashed categories of a question and of each candidate, for the ranker's learned table. Used by the pool and the ranker.

What a question's cue (哪家公司) likes in a candidate (its last character, the word before it) is learned from their
products; the categories are only named here. Equal names fall into equal buckets in every run (CRC-32).
"""

from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from rag.question import Question
from rag.read.spans import Spans
from rag.read.words import Words
from rag.tokens import cut, fold

BUCKETS = 1 << 15
QUESTION_NAMES = 14
_PRIMES = np.array(
    [
        2654435761,
        2246822519,
        3266489917,
        668265263,
        374761393,
        2654435769,
        3624381080,
        1183186591,
        2971215073,
        1640531513,
    ]
)


def question_bag(question: Question) -> NDArray[np.int64]:
    """The buckets of a question: its kind, cue, head and what stands around the cue, shape (`QUESTION_NAMES`,)."""
    text = fold(question.text)
    start, end = question.cue
    cue, head = text[start:end], fold(question.head)
    names = [f"asked {question.asked}", f"cue {cue}", f"head {head}", f"cue {cue} {head}", f"tail {head[-1:]}"]
    around = text[max(0, start - 2) : start], text[end : end + 2], text[end : end + 1], text[-2:]
    names += [f"around{i} {part}" for i, part in enumerate(around)]
    words = [word for word in cut(text[max(0, start - 8) : end + 8]) if len(word) > 1]
    names += [f"near {word}" for word in words[-(QUESTION_NAMES - len(names)) :]]
    buckets = [crc32(name.encode()) % BUCKETS for name in names]
    return np.array(buckets + [0] * (QUESTION_NAMES - len(buckets)), dtype=np.int64)


def span_bags(cut: Words, spans: Spans, folded: str) -> NDArray[np.int64]:
    """The buckets of the spans of a text, shape (m, 10): edge words and their neighbours, edge tags, last character, length."""
    first, last = spans.first, spans.last
    hashes = np.concatenate(([0, 0], cut.hashes, [0, 0]))
    tags = np.concatenate(([0, 0], cut.tags, [0, 0])).astype(np.int64)
    endings = np.array([ord(folded[e - 1]) for e in cut.ends.tolist()], dtype=np.int64)
    size = np.minimum(last - first, 12).astype(np.int64)
    columns = [
        hashes[first + 2], hashes[last + 2], hashes[first + 1], hashes[last + 3], hashes[first] * 31 + hashes[first + 1],
        endings[last], tags[first + 2] * 64 + tags[last + 2], tags[first + 1] * 64 + tags[last + 3],
        tags[first + 2] * 4096 + tags[last + 2] * 64 + size, np.minimum(spans.lengths, 40).astype(np.int64),
    ]  # fmt: skip
    return np.stack([_bucket(column, i) for i, column in enumerate(columns)], axis=1)


def _bucket(values: NDArray[np.int64], salt: int) -> NDArray[np.int64]:
    """A bucket for each value, by multiplicative hashing (Knuth, TAOCP 6.4) with a multiplier for each category."""
    mixed = (values.astype(np.uint64) + np.uint64(salt + 1)) * np.uint64(_PRIMES[salt])
    return ((mixed >> np.uint64(16)) % np.uint64(BUCKETS)).astype(np.int64)
