"""Sources and chunks as files, read one by one: a large index opens at once and holds only what is asked for.

Each kind is a file of JSON lines and an array of the offsets at which its lines start.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Generic, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from rag.arrays import load_array
from rag.types import Article, Chunk, OffsetMap, SourceText

T = TypeVar("T")
_KEPT = 256  # decoded records: the passages of one talk, and of a small index all


class Records(Sequence[T], Generic[T]):
    """The records of a file, each decoded when it is asked for."""

    def __init__(self, lines: NDArray[np.uint8], starts: NDArray[np.int64], decode: Callable[[Any], T]) -> None:
        self._lines = lines
        self._starts = starts
        self._decode = decode
        self._read = lru_cache(maxsize=_KEPT)(self._record)

    def __len__(self) -> int:
        return len(self._starts) - 1

    @overload
    def __getitem__(self, row: int) -> T: ...
    @overload
    def __getitem__(self, row: slice) -> "list[T]": ...
    def __getitem__(self, row: int | slice) -> "T | list[T]":
        if isinstance(row, slice):
            return [self[i] for i in range(*row.indices(len(self)))]
        return self._read(range(len(self))[row])

    def _record(self, place: int) -> T:
        line = self._lines[self._starts[place] : self._starts[place + 1]].tobytes()
        return self._decode(json.loads(line))

    @classmethod
    def load(cls, folder: Path, name: str, decode: Callable[[Any], T]) -> "Records[T]":
        """The records saved as `name` in `folder`."""
        starts = load_array(folder / f"{name}.npy")
        path = folder / f"{name}.jsonl"
        lines = np.memmap(path, np.uint8, "r") if path.stat().st_size else np.zeros(0, np.uint8)
        if not len(starts) or starts[-1] != len(lines):
            raise ValueError(f"{path.name}: {len(lines)} bytes")
        return cls(lines, starts, decode)


class Sources(Mapping[str, SourceText]):
    """The sources of an index by their names, in the order they were indexed."""

    def __init__(self, names: Sequence[str], records: Sequence[SourceText]) -> None:
        self._rows = {name: row for row, name in enumerate(names)}
        self._records = records

    def __getitem__(self, name: str) -> SourceText:
        return self._records[self._rows[name]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


def save(folder: Path, sources: Mapping[str, SourceText], chunks: Iterable[Chunk]) -> None:
    """Writes sources and chunks into `folder`."""
    _write(folder, "sources", (_source_values(source) for source in sources.values()))
    _write(folder, "chunks", (_chunk_values(chunk) for chunk in chunks))
    (folder / "names.json").write_text(json.dumps(list(sources), ensure_ascii=True), encoding="ascii")


def load(folder: Path) -> tuple[Sources, Records[Chunk]]:
    """The sources and chunks saved in `folder`.

    Raises:
        ValueError: a file is not what was saved.
        OSError: a file cannot be read.
    """
    names = json.loads((folder / "names.json").read_text(encoding="ascii"))
    records = Records.load(folder, "sources", _source)
    if len(names) != len(records):
        raise ValueError(f"names.json: {len(names)} names, {len(records)} sources")
    return Sources(names, records), Records.load(folder, "chunks", _chunk)


def _write(folder: Path, name: str, records: Iterable[object]) -> None:
    starts = [0]
    with (folder / f"{name}.jsonl").open("wb") as file:
        for record in records:
            line = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
            starts.append(starts[-1] + file.write(line + b"\n"))
    np.save(folder / f"{name}.npy", np.array(starts, dtype=np.int64), allow_pickle=False)


def _source_values(source: SourceText) -> list[object]:
    articles = [[article.start, article.end, article.headline] for article in source.articles]
    offsets = [source.offsets.clean_starts, source.offsets.raw_starts]
    day = source.published.isoformat() if source.published else None
    return [source.source, source.title, source.publisher, day, source.text, articles, offsets]


def _source(values: Any) -> SourceText:
    name, title, publisher, day, text, articles, (clean_starts, raw_starts) = values
    return SourceText(
        name,
        title,
        publisher,
        date.fromisoformat(day) if day else None,
        text,
        tuple(Article(start, end, headline) for start, end, headline in articles),
        OffsetMap(tuple(clean_starts), tuple(raw_starts)),
    )


def _chunk_values(chunk: Chunk) -> list[object]:
    day = chunk.published.isoformat() if chunk.published else None
    return [chunk.id, chunk.source, chunk.title, day, chunk.headings, chunk.text, chunk.start, chunk.end]


def _chunk(values: Any) -> Chunk:
    name, source, title, day, headings, text, start, end = values
    return Chunk(name, source, title, date.fromisoformat(day) if day else None, tuple(headings), text, start, end)
