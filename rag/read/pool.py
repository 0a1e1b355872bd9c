"""The passages of one question side by side: `Pool`. What is known of a chunk alone is computed once and kept.

All positions of a pool are characters on one line: chunk i begins at `i * STRIDE`, so that distances across chunks are
never small.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.periods import periods
from rag.read import words as w
from rag.read.align import Aligned, aligned, changes
from rag.read.bags import span_bags
from rag.read.kinds import span_kinds
from rag.read.spans import Spans, joined, spans
from rag.read.words import Words, words
from rag.tokens import fold, sentences
from rag.types import Chunk, Hit

STRIDE = 100_000
_BREAK = re.compile("[。！？；;\n]")
Array = NDArray[Any]
IntArray = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A chunk with its words, spans, sentence ranges (s, 2) and clause ranges (c, 2) in characters.

    `periods` has a row (start, end, first, last) for each dated period, days as proleptic ordinals; `folded` is the
    folded text, `heading` the folded title and headings; `kinds` and `bags` are those of the spans (`rag.read.kinds`, `rag.read.bags`);
    `changes` has a row like those of `periods` for each value of a change from one period to another; `breaks` are the positions after which a new sentence or a part after a semicolon begins.
    """

    chunk: Chunk
    words: Words
    spans: Spans
    folded: str
    heading: str
    sentences: IntArray
    clauses: IntArray
    periods: IntArray
    aligned: tuple[Aligned, ...]
    changes: IntArray
    kinds: NDArray[np.int64]
    bags: NDArray[np.int64]
    breaks: tuple[int, ...]


@lru_cache(maxsize=512)
def prepare(chunk: Chunk) -> Prepared:
    """Everything about `chunk` that no question changes."""
    cut = words(chunk.text, chunk.published)
    made = spans(cut)
    dated = [
        (p.start, p.end, p.first.toordinal(), p.last.toordinal())
        for p in periods(chunk.text, chunk.published)
        if p.first and p.last
    ]
    folded = fold(chunk.text)
    return Prepared(
        chunk,
        cut,
        made,
        folded,
        fold(" ".join((chunk.title, *chunk.headings))),
        np.array(sentences(chunk.text), dtype=np.int32).reshape(-1, 2),
        _clause_ranges(cut),
        np.array(dated, dtype=np.int32).reshape(-1, 4),
        aligned(cut),
        np.array(changes(chunk.text, chunk.published), dtype=np.int32).reshape(-1, 4),
        span_kinds(cut, made.first, made.last) if len(made.first) else np.zeros(0, dtype=np.int64),
        span_bags(cut, made, folded),
        tuple(match.end() for match in _BREAK.finditer(chunk.text)),
    )


def extended(prepared: Prepared, ranges: Sequence[tuple[int, int]]) -> Prepared:
    """`prepared` with further candidates behind its own: the words that cover the given ranges of characters."""
    more = joined(prepared.words, prepared.spans, ranges)
    if not len(more.first):
        return prepared
    own = prepared.spans
    return replace(
        prepared,
        spans=Spans(
            np.concatenate([own.first, more.first]),
            np.concatenate([own.last, more.last]),
            np.concatenate([own.shapes, more.shapes]),
            np.concatenate([own.lengths, more.lengths]),
            np.concatenate([own.keys, more.keys]),
        ),
        kinds=np.concatenate([prepared.kinds, span_kinds(prepared.words, more.first, more.last)]),
        bags=np.concatenate([prepared.bags, span_bags(prepared.words, more, prepared.folded)]),
    )


def _clause_ranges(cut: Words) -> IntArray:
    """(start, end) of every clause number, (0, 0) where a number has no words."""
    count = int(cut.clauses.max()) + 1 if len(cut.clauses) else 0
    ranges = np.zeros((count, 2), dtype=np.int32)
    for clause in range(count):
        inside = np.flatnonzero((cut.clauses == clause) & (cut.tags != w.BREAK))
        if len(inside):
            ranges[clause] = cut.starts[inside[0]], cut.ends[inside[-1]]
    return ranges


@dataclass(frozen=True, slots=True)
class Pool:
    """The candidate spans of the best sentences of some hits, in arrays of one length m.

    `chunk` indexes `prepared`; `row` is the span's row in its chunk's `Spans`; `start` and `end` are pool positions;
    `sentence` indexes `sentences` (rows: pool start, pool end, chunk), `clause` likewise `clauses`.
    """

    hits: tuple[Hit, ...]
    prepared: tuple[Prepared, ...]
    sentences: NDArray[np.int64]
    clauses: NDArray[np.int64]
    chunk: NDArray[np.int64]
    row: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    sentence: NDArray[np.int64]
    clause: NDArray[np.int64]

    def only(self, kept: NDArray[np.bool_]) -> "Pool":
        """This pool with the candidates of the `kept` sentences alone."""
        rows = kept[self.sentence]
        columns = (self.chunk, self.row, self.start, self.end, self.sentence, self.clause)
        return Pool(self.hits, self.prepared, self.sentences, self.clauses, *(column[rows] for column in columns))

    def gather(self, values: Sequence[Array]) -> Array:
        """One array of length m from one array for each chunk, indexed by span row."""
        offsets = np.cumsum([0, *(len(v) for v in values)])[:-1]
        return np.concatenate(values)[offsets[self.chunk] + self.row]

    def strings(self) -> NDArray[np.intp]:
        """For each candidate the number of its string, from 0: equal for equal strings, quotes and spaces apart."""
        return np.unique(self.gather([p.spans.keys for p in self.prepared]), return_inverse=True)[1]

    def text(self, i: int) -> str:
        """The text of candidate `i`."""
        return self.between(int(self.start[i]), int(self.end[i]))

    def between(self, start: int, end: int) -> str:
        """The text from pool position `start` to `end`, both in one chunk."""
        chunk, first = divmod(start, STRIDE)
        return self.prepared[chunk].chunk.text[first : end - chunk * STRIDE]


def make_pool(hits: Sequence[Hit]) -> Pool:
    """The pool of `hits` with all their candidates."""
    return pool_of(hits, tuple(prepare(hit.chunk) for hit in hits))


def pool_of(hits: Sequence[Hit], prepared: tuple[Prepared, ...]) -> Pool:
    """The pool of `hits`, whose chunks are prepared."""
    sentence_rows, clause_rows, parts = [], [], []
    sentence_base = clause_base = 0
    for i, p in enumerate(prepared):
        base = i * STRIDE
        sentence_rows.append(np.column_stack([p.sentences + base, np.full(len(p.sentences), i)]))
        clause_rows.append(np.column_stack([p.clauses + base, np.full(len(p.clauses), i)]))
        first, last = p.spans.first, p.spans.last
        sentence = p.words.sentences[first] + sentence_base
        rows = np.arange(len(first))
        parts.append(
            np.stack([
                np.full(len(rows), i), rows, p.words.starts[first[rows]] + base, p.words.ends[last[rows]] + base,
                sentence[rows], p.words.clauses[first[rows]] + clause_base,
            ])
        )  # fmt: skip
        sentence_base += len(p.sentences)
        clause_base += len(p.clauses)
    columns = np.concatenate(parts, axis=1).astype(np.int64) if parts else np.zeros((6, 0), dtype=np.int64)
    empty = np.zeros((0, 3), dtype=np.int64)
    return Pool(
        tuple(hits),
        prepared,
        np.concatenate(sentence_rows) if sentence_rows else empty,
        np.concatenate(clause_rows) if clause_rows else empty,
        *columns,
    )
