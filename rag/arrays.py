"""Arrays from files, by any number of threads at once: `load_array(path)`. Used by sparse, records and the reader.

numpy reads a file's header with `ast`; in CPython 3.11 two threads that do so at the same time may fail with "SystemError:
AST constructor recursion depth mismatch" (python/cpython issue 106905). A lock keeps them apart.
"""

from pathlib import Path
from threading import Lock
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

_READING = Lock()


def load_array(path: Path, mmap_mode: Literal["r"] | None = None) -> NDArray[Any]:
    """The array that `np.save` wrote to `path`; with `mmap_mode` its values stay in the file until they are used."""
    with _READING:
        array: NDArray[Any] = np.load(path, mmap_mode=mmap_mode, allow_pickle=False)
    return array


def load_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays that `np.savez` wrote to `path`, by their names."""
    with _READING, np.load(path, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}
