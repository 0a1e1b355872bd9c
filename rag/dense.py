"""Nearest vectors: the dense half of the index.

    embed -> [dense] -> store -> retrieve

FAISS holds the vectors and compares a question with every one (flat inner product): exact, and 10 ms at 160,000 chunks
on one core, which is less than the reader takes. See benchmarks/README.md before reaching for an approximate index.
"""

import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray


class DenseIndex:
    """The vectors of the chunks, row by row, searched by inner product (the cosine, since rows are unit vectors)."""

    def __init__(self, index: Any) -> None:
        self._index = index

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return int(self._index.d)

    @classmethod
    def from_vectors(cls, vectors: NDArray[np.float32]) -> "DenseIndex":
        """The index of `vectors`, shape (n, d), float32, unit rows (a row of zeros is never near anything)."""
        index = _faiss().IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(index)

    def vectors(self) -> NDArray[np.float32]:
        """The stored vectors, shape (n, d), float32: a view that must not outlive the index."""
        size = len(self) * self.dimension
        flat: NDArray[np.float32] = (
            _faiss().rev_swig_ptr(self._index.get_xb(), size) if size else np.zeros(0, np.float32)
        )
        return flat.reshape(len(self), self.dimension)

    def search(self, vector: NDArray[np.float32], k: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The rows nearest to `vector` (shape (d,)) and their inner products, best first, equal ones by row.

        At most `k` of them, fewer where the index is smaller.
        """
        k = min(k, len(self))
        if k <= 0:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        # One thread: a single question gains nothing from more, and waits for them where others use the cores.
        _faiss().omp_set_num_threads(1)
        scores, rows = self._index.search(np.asarray(vector, dtype=np.float32).reshape(1, -1), k)
        order = np.lexsort((rows[0], -scores[0]))
        return rows[0][order], scores[0][order]

    def save(self, path: Path) -> None:
        """Writes the index to `path`, in FAISS's own format."""
        # Through memory: FAISS itself opens no path with Chinese characters on Windows.
        _faiss().serialize_index(self._index).tofile(path)

    @classmethod
    def load(cls, path: Path) -> "DenseIndex":
        """The index saved at `path`.

        Raises:
            ValueError: the file is not a whole index of this kind.
            OSError: the file cannot be read.
        """
        faiss = _faiss()
        try:
            index = faiss.deserialize_index(np.fromfile(path, dtype=np.uint8))
        except RuntimeError as error:  # what FAISS raises for bytes it does not understand
            raise ValueError(f"{path.name}: {str(error).splitlines()[0]}") from error
        if not isinstance(index, faiss.IndexFlat):
            raise ValueError(f"{path.name}: {type(index).__name__}")  # noqa: TRY004  the file is wrong, not the caller
        return cls(index)


def _faiss() -> ModuleType:
    """The module faiss, whose SWIG types warn when they are first imported."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import faiss

    module: ModuleType = faiss
    return module
