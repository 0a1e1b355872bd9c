"""What a question says about each candidate span: `features(cues, places, pool)`. Third step of the reader.

A row of `FEATURES` floats per candidate. Nothing here knows any particular question; all of it is overlap, distance,
agreement of period and unit, shape and frequency.
"""

from collections.abc import Mapping
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from rag.read import words as w
from rag.read.agreement import agreement
from rag.read.cues import Cues
from rag.read.guess import COLUMNS, Scored
from rag.read.guess import columns as guesses
from rag.read.overlap import distance, overlap
from rag.read.places import Places
from rag.read.pool import Array, Pool
from rag.read.rival import rivals
from rag.read.unasked import label
from rag.read.words import Words

FEATURES = (
    "score rank chars words clauseshape listshape comma_items quoted booked has_quotes money percent multiple "
    "amount count rankword bare period latin name person weight_sum weight_max sentence_chars sentence_at "
    "clause_first clause_last recall recall_near recall_chunk recall_heading recall_rel numbers numbers_near "
    "clause_recall clause_rest left right left_wide right_wide left_gap right_gap own_overlap own_all head_in "
    "head_ends head_left head_right unit unit_wrong period_left period_any period_near period_asked rank_same "
    "rank_other aligned aligned_known votes votes_chunks first_vote best_recall surname kind_fit kind_chance pair_recall "
    "segment_recall partial_list label_rest label_held part_rest rival"
).split() + list(COLUMNS)


def features(
    looked: Cues,
    places: Places,
    pool: Pool,
    wanted: NDArray[np.float32],
    usual: NDArray[np.float32],
    scored: Mapping[int, Scored],
) -> NDArray[np.float32]:
    """A (m, len(FEATURES)) array: one row of floats for each candidate of the pool.

    `wanted` and `usual` are log probabilities of the kinds of answer, to this question and to any; `scored` is what the
    network says of the passages it read.
    """
    columns: dict[str, Array] = {}
    columns |= _shape(pool)
    columns |= overlap(looked, places, pool)
    columns |= distance(looked, places, pool)
    columns |= agreement(looked, pool)
    columns |= label(looked, places, pool)
    columns |= rivals(looked, places, pool)
    kinds = pool.gather([p.kinds for p in pool.prepared])
    columns |= {"kind_fit": (wanted - usual)[kinds] / 2, "kind_chance": wanted[kinds] / 4}
    group = pool.strings()
    columns |= _votes(pool, columns["recall"], group)
    columns |= guesses(pool, scored, group)
    return np.column_stack([columns[name].astype(np.float32) for name in FEATURES])


def _words_at(pool: Pool, name: str, which: str) -> Array:
    """An array of `Words` taken at the first or last word of every candidate."""
    return pool.gather([getattr(p.words, name)[getattr(p.spans, which)] for p in pool.prepared])


def _shape(pool: Pool) -> dict[str, Array]:
    """What the candidate is, whatever was asked."""
    scores = np.array([hit.score for hit in pool.hits], dtype=np.float32)
    top = float(scores.max()) if len(scores) else 1.0
    first, last = _words_at(pool, "tags", "first"), _words_at(pool, "tags", "last")
    size = pool.gather([p.spans.last - p.spans.first + 1 for p in pool.prepared])
    shapes = pool.gather([p.spans.shapes for p in pool.prepared])
    alone = size == 1
    sums = pool.gather([_between(np.cumsum(p.words.weights), p.spans.first, p.spans.last) for p in pool.prepared])
    most = pool.gather(
        [np.maximum(p.words.weights[p.spans.first], p.words.weights[p.spans.last]) for p in pool.prepared]
    )
    before, after = _outside(pool)
    s_start, s_end = pool.sentences[pool.sentence, 0], pool.sentences[pool.sentence, 1]
    c_start, c_end = pool.clauses[pool.clause, 0], pool.clauses[pool.clause, 1]
    made: dict[str, Array] = {
        "score": scores[pool.chunk] / max(top, 1e-6),
        "rank": 1.0 / (1.0 + pool.chunk),
        "chars": np.log1p(pool.end - pool.start) / 4,
        "words": np.minimum(size, 30) / 10,
        "clauseshape": shapes == 2,
        "listshape": shapes == 1,
        "comma_items": np.minimum(
            pool.gather([_marks(p.words, p.spans.first, p.spans.last, "、") for p in pool.prepared]), 8
        )
        / 4,
        "quoted": (before == _QUOTE) & (after == _UNQUOTE),
        "partial_list": (shapes == 1) & ((before == _COMMA) | (after == _COMMA)),
        "booked": (before == _BOOK) & (after == _UNBOOK),
        "has_quotes": (first == w.MARK) & (last == w.MARK),
        "weight_sum": np.log1p(sums),
        "weight_max": most,
        "sentence_chars": np.minimum((s_end - s_start) / 100.0, 3.0),
        "sentence_at": (pool.start - s_start) / np.maximum(s_end - s_start, 1),
        "clause_first": pool.start == c_start,
        "clause_last": pool.end == c_end,
        "latin": first == w.LATIN,
        "name": (first == w.PLACE) | (first == w.ORGANISATION) | (first == w.NAME),
        "person": first == w.PERSON,
        "surname": (pool.end - pool.start <= 4) & _words_at(pool, "surnames", "first"),
    }
    kinds = ("bare", w.BARE), ("money", w.MONEY), ("percent", w.PERCENT), ("multiple", w.MULTIPLE), ("amount", w.AMOUNT)
    for name, tag in (*kinds, ("count", w.COUNT), ("rankword", w.RANK), ("period", w.PERIOD)):
        made[name] = alone & (first == tag)
    return made


_QUOTE, _UNQUOTE, _BOOK, _UNBOOK, _COMMA = (crc32(c.encode()) for c in "“”《》、")


def _between(running: NDArray[np.float32], first: NDArray[np.int32], last: NDArray[np.int32]) -> NDArray[np.float32]:
    padded = np.concatenate(([0.0], running)).astype(np.float32)
    result: NDArray[np.float32] = padded[last + 1] - padded[first]
    return result


def _marks(cut: Words, first: NDArray[np.int32], last: NDArray[np.int32], mark: str) -> NDArray[np.float32]:
    return _between(np.cumsum(cut.hashes == crc32(mark.encode())).astype(np.float32), first, last)


def _outside(pool: Pool) -> tuple[Array, Array]:
    """The hashes of the words right before and right after each candidate, 0 at the ends of a chunk."""
    before = pool.gather([np.concatenate(([0], p.words.hashes))[p.spans.first] for p in pool.prepared])
    after = pool.gather([np.concatenate((p.words.hashes, [0]))[p.spans.last + 1] for p in pool.prepared])
    return before, after


def _votes(pool: Pool, recall: Array, group: Array) -> dict[str, Array]:
    """How often the same string is a candidate, in how many chunks, and whether this is its best sentence.

    `group` is `pool.strings()`.
    """
    counts = np.bincount(group)
    chunks = np.zeros(len(counts), dtype=np.float32)
    pairs = np.unique(group * len(pool.prepared) + pool.chunk)  # a string in a chunk
    np.add.at(chunks, pairs // len(pool.prepared), 1.0)
    best = np.zeros(len(counts), dtype=np.float32)
    np.maximum.at(best, group, recall.astype(np.float32))
    return {
        "votes": np.log(counts)[group],
        "votes_chunks": np.log(chunks)[group],
        "first_vote": (recall >= best[group] - 1e-6),
        "best_recall": best[group],
    }
