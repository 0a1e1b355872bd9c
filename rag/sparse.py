"""BM25 over index terms: the sparse half of the index.

    tokens -> [sparse] -> store -> retrieve

The score of a passage D for a question Q is, with f the count of t in D, |D| its number of terms and n the number of
the N passages that hold t (Robertson and Zaragoza 2009, in the form Lucene uses):

    sum over t in Q of  ln(1 + (N - n + 0.5) / (n + 0.5)) * f / (f + k1 * (1 - b + b * |D| / mean |D|))

A passage is also read in its document, whose subject may be named only at its beginning: to the score of a passage that
holds a term of Q at all, a share is added of what its document covers, which is for each t the highest score that any of
the document's passages has for it. Where a document is one passage this changes no order.

All that depends on the passage is computed when the index is built, as bm25s does (Lù 2024); a search adds up one list
of scores per term. It is written out here rather than taken from bm25s because that library takes 0.3 s to import,
returns passages of score 0 and raises where k exceeds the corpus; tests compare the two.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.arrays import load_array

K1, B = 1.5, 0.75  # the usual values; others gained nothing on the news questions (benchmarks/README.md)
COVER = 0.4  # the share of a document's cover; measured in benchmarks/README.md, flat from 0.3 to 1


class SparseIndex:
    """For each term the rows that hold it and what it adds to their scores.

    Postings of the term of number i are `rows[starts[i]:starts[i + 1]]` (int32, increasing) and `scores[...]`
    (float32). `documents[row]` is the number of the document that a passage is of, never falling from row to row.
    """

    def __init__(
        self,
        size: int,
        terms: Mapping[str, int],
        starts: NDArray[np.int64],
        rows: NDArray[np.int32],
        scores: NDArray[np.float32],
        documents: NDArray[np.int32],
    ) -> None:
        self._size = size
        self._documents = documents
        self._terms = terms
        self._starts = starts
        self._rows = rows
        self._scores = scores

    def __len__(self) -> int:
        return self._size

    @classmethod
    def from_terms(cls, passages: Iterable[Sequence[str]], documents: Sequence[int] | None = None) -> "SparseIndex":
        """The index of `passages`, each given as its terms in any order, repeated as they occur.

        The passages may come from a generator: only the numbers of their terms are kept. `documents` holds the number
        of each passage's document, from 0, never falling; without it each passage is a document of its own.
        """
        terms: defaultdict[str, int] = defaultdict()
        terms.default_factory = terms.__len__
        numbers = [np.fromiter(map(terms.__getitem__, found), np.int32, len(found)) for found in passages]
        terms.default_factory = None
        lengths = np.array([len(found) for found in numbers], dtype=np.int64)
        keys, counts = _counted(numbers, lengths)
        found_in = keys >> _ROW_BITS
        rows = (keys & _ROW_MASK).astype(np.int32)
        del keys
        frequencies = np.bincount(found_in, minlength=len(terms))
        inverse = np.log1p((len(lengths) - frequencies + 0.5) / (frequencies + 0.5)).astype(np.float32)
        scores = inverse[found_in]
        del found_in
        mean = lengths.mean() if lengths.any() else 1.0
        scores *= counts / (counts + (K1 * (1 - B + B * lengths / mean)).astype(np.float32)[rows])
        starts = np.concatenate(([0], np.cumsum(frequencies)))
        owners = np.arange(len(lengths), dtype=np.int32) if documents is None else np.asarray(documents, np.int32)
        return cls(len(lengths), terms, starts, rows, scores, owners)

    @property
    def vocabulary_size(self) -> int:
        """How many different terms the passages hold."""
        return len(self._terms)

    def frequency(self, term: str) -> int:
        """How many passages hold `term`."""
        number = self._terms.get(term)
        return 0 if number is None else int(self._starts[number + 1] - self._starts[number])

    def totals(self, terms: Iterable[str]) -> NDArray[np.float32]:
        """The score of every row for `terms`, shape (len(self),), 0 where it holds none; repeated terms add up."""
        totals = np.zeros(self._size, dtype=np.float32)
        cover = np.zeros(int(self._documents[-1]) + 1 if self._size else 0, dtype=np.float32)
        for term, times in Counter(terms).items():
            number = self._terms.get(term)
            if number is None:
                continue
            part = slice(self._starts[number], self._starts[number + 1])
            rows, scores = self._rows[part], self._scores[part] * np.float32(times)
            totals[rows] += scores  # a term holds a row once, so that this adds to every one
            owners = self._documents[rows]
            first = np.flatnonzero(np.diff(owners, prepend=-1))
            cover[owners[first]] += np.maximum.reduceat(scores, first)
        np.add(totals, COVER * cover[self._documents], out=totals, where=totals > 0)
        return totals

    def document_rows(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """For each row where the rows of its document start and stop."""
        owners = self._documents[rows]
        return np.searchsorted(self._documents, owners), np.searchsorted(self._documents, owners, side="right")

    def search(self, terms: Iterable[str], k: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The rows that score highest for `terms` and their scores, best first, equal ones by row.

        At most `k` of them, and only rows that hold one of the terms.
        """
        totals = self.totals(terms)
        rows = best(totals, k)
        return rows, totals[rows]

    def save(self, folder: Path) -> None:
        """Writes the index into `folder`: arrays of numpy, and the terms one to a line."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "terms.txt").write_text("\n".join(self._terms), encoding="utf-8", newline="\n")
        (folder / "size.json").write_text(json.dumps({"passages": self._size, "k1": K1, "b": B}), encoding="utf-8")
        for name, array in self._arrays().items():
            np.save(folder / f"{name}.npy", array, allow_pickle=False)

    def _arrays(self) -> dict[str, NDArray[Any]]:
        return {"starts": self._starts, "rows": self._rows, "scores": self._scores, "documents": self._documents}

    @classmethod
    def load(cls, folder: Path) -> "SparseIndex":
        """The index saved in `folder`; its arrays stay on disk and are read where a question needs them.

        Raises:
            ValueError: the files do not fit together.
            OSError: a file cannot be read.
        """
        names = (folder / "terms.txt").read_text(encoding="utf-8")
        terms = {name: number for number, name in enumerate(names.split("\n"))} if names else {}
        size = json.loads((folder / "size.json").read_text(encoding="utf-8"))["passages"]
        starts, documents = (load_array(folder / f"{name}.npy") for name in ("starts", "documents"))
        rows, scores = (load_array(folder / f"{name}.npy", "r") for name in ("rows", "scores"))
        whole = len(terms) + 1 == len(starts) and starts[-1] == len(rows) == len(scores) and size == len(documents)
        if not whole:
            raise ValueError(f"{folder.name}: {len(terms)} terms, {len(starts)} starts, {len(rows)} rows")
        return cls(size, terms, starts, rows, scores, documents)


def best(totals: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """The rows of the `k` highest totals above 0, best first, equal ones by row."""
    rows = np.flatnonzero(totals > 0)
    if 0 < k < len(rows):
        scores = totals[rows]
        least = np.partition(scores, len(rows) - k)[len(rows) - k]
        rows = rows[scores >= least]
    return rows[np.lexsort((rows, -totals[rows]))][: max(k, 0)]


_ROW_BITS = 32
_ROW_MASK = (1 << _ROW_BITS) - 1


def _counted(
    numbers: list[NDArray[np.int32]], lengths: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The pairs (term, row) as keys `term << 32 | row`, increasing, and how often each occurs.

    `numbers` is emptied: at the size of the news corpus its 40 million term numbers are worth the room.
    """
    keys = np.empty(int(lengths.sum()), dtype=np.int64)
    np.concatenate(numbers, out=keys) if numbers else None
    numbers.clear()
    keys <<= _ROW_BITS
    keys |= np.repeat(np.arange(len(lengths)), lengths)
    keys.sort()
    first = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))) if len(keys) else np.zeros(0, np.int64)
    counts = np.diff(first, append=len(keys)).astype(np.float32)
    return keys[first], counts
