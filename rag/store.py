"""The index: built from sources, saved in a folder, loaded again, and told apart from one that is out of date.

    load -> split -+-> embed  -> dense  -+-> [store] -> index/ -> [store] -> retrieve
                   +-> tokens -> sparse -+

`manifest` says what an index was built from, `records` holds its texts, `swap` puts a new one in place of the old.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag import manifest as described
from rag import records, swap
from rag.config import Settings
from rag.dense import DenseIndex
from rag.embed import Embedder, load_embedder
from rag.errors import CorpusError, IndexDamaged, RagError, StoreError
from rag.manifest import read_manifest
from rag.sparse import SparseIndex
from rag.split import split
from rag.tokens import terms
from rag.types import Chunk, SourceText

__all__ = [
    "Index",
    "build_index",
    "built_elsewhere",
    "index_sources",
    "is_current",
    "is_settled",
    "load_index",
    "read_manifest",
]

Progress = Callable[[str, int, int], None]
WAIT_SECONDS = 600.0
"""How long a builder waits for another one of the same folder."""
_BATCH = 2048  # chunks embedded at a time, so that progress is seen
_ATTEMPTS = 5  # an index that is swapped while it is opened is opened again


@dataclass(frozen=True, slots=True)
class Index:
    """All that a question needs: `dense` and `sparse` hold, at row i, what was made of `chunks[i]`."""

    manifest: Mapping[str, Any]
    sources: Mapping[str, SourceText]
    chunks: Sequence[Chunk]
    dense: DenseIndex
    sparse: SparseIndex
    embedder: Embedder
    settings: Settings


def index_sources(sources: Iterable[SourceText], settings: Settings, progress: Progress | None = None) -> Index:
    """The index of `sources`, in memory. Two sources of one name are told apart by a number: "a.txt", "a.txt#2"."""
    return _index(sources, settings, load_embedder(settings.model), progress or _silent, {})


def build_index(
    corpus_folder: str | Path,
    index_folder: str | Path,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> Index:
    """The index of the documents under `corpus_folder`, saved in `index_folder`.

    Until the new index is whole the old one stays and answers. Files that could not be read are in
    `manifest["skipped"]` as (path, reason). Of an older index of the same model, vectors of unchanged chunks are kept.

    Raises:
        CorpusError: the corpus folder is missing, or nothing in it can be read.
        StoreError: the index folder holds other things, cannot be written, or another process builds there.
    """
    from rag.load import load_folder

    corpus, folder = Path(corpus_folder), Path(index_folder)
    settings, report = settings or Settings.load(), progress or _silent
    if corpus.resolve() in (folder.resolve(), *folder.resolve().parents):
        raise StoreError(f"索引文件夹 {folder} 不能在文档文件夹 {corpus} 之内：请换一个位置。")
    if not corpus.is_dir():
        raise CorpusError(f"文档文件夹不存在：{corpus}。")
    started = time.monotonic()
    with swap.only_builder(folder, WAIT_SECONDS):
        embedder = load_embedder(settings.model)
        known = _known_vectors(folder, settings, embedder)
        digest = described.corpus_digest(corpus)  # before reading: a file that changes meanwhile makes it out of date
        skipped: list[tuple[str, str]] = []
        index = _index(load_folder(corpus, skipped), settings, embedder, report, known)
        if not len(index.chunks):
            raise CorpusError(f"文件夹 {corpus} 中没有可以检索的文字。")
        built = {
            "folder": str(corpus.resolve()),
            "corpus": digest,
            "skipped": skipped,
            "seconds": round(time.monotonic() - started, 2),
        }
        return _save(replace(index, manifest={**index.manifest, **built}), folder, report)


def load_index(index_folder: str | Path, settings: Settings | None = None) -> Index:
    """The index saved in `index_folder`; large arrays and texts stay on disk until a question needs them.

    Raises:
        IndexMissing: there is none.
        IndexDamaged: a file is missing, or is not the one that was saved.
        IndexOutdated: it was built with another format, model or settings.
    """
    folder = Path(index_folder)
    settings = settings or Settings.load()
    for _ in range(_ATTEMPTS):
        manifest = read_manifest(folder)
        described.check_settings(manifest, settings)
        try:
            return _open(folder, manifest, settings)
        except IndexDamaged:
            if read_manifest(folder)["data"] == manifest["data"]:
                raise
    raise StoreError(f"索引 {folder} 正在反复重建：请稍后再试。")


def is_current(corpus: str | Path, index: str | Path, settings: Settings) -> bool:
    """Whether the index in the folder `index` is what `build_index` would now make of the folder `corpus`.

    Reads every document but cuts, embeds and indexes none.
    """
    folder = Path(index)
    try:
        manifest = read_manifest(folder)
        described.check_settings(manifest, settings)
        described.check_files(folder, manifest)
        wanted = described.describe(settings, load_embedder(settings.model))
        described.check_model(manifest, load_embedder(settings.model))
    except RagError:
        return False
    return manifest.get("code") == wanted["code"] and manifest.get("corpus") == described.corpus_digest(Path(corpus))


def built_elsewhere(corpus: str | Path, index: str | Path) -> bool:
    """Whether the folder `index` holds an index that was built from another folder than `corpus`.

    Such an index is its user's choice: it is not to be replaced by one of `corpus` without being asked.
    """
    try:
        folder = read_manifest(Path(index)).get("folder")
    except RagError:
        return False
    return folder is not None and folder != str(Path(corpus).resolve())


def is_settled(corpus: str | Path, index: str | Path, settings: Settings, *, keep_other: bool) -> bool:
    """Whether the index of `corpus` needs no build: it is current, or with `keep_other` that of another corpus."""
    return (keep_other and built_elsewhere(corpus, index)) or is_current(corpus, index, settings)


def _index(
    sources: Iterable[SourceText],
    settings: Settings,
    embedder: Embedder,
    progress: Progress,
    known: Mapping[tuple[str, tuple[str, ...]], NDArray[np.float32]],
) -> Index:
    started = time.monotonic()
    kept: dict[str, SourceText] = {}
    chunks: list[Chunk] = []
    total = len(sources) if isinstance(sources, Sequence) else 0
    for source in _told_apart(sources):
        kept[source.source] = source
        chunks += split(source, settings.chunk_chars)
        if len(kept) % 100 == 0:
            progress("load", len(kept), max(total, len(kept)))
    progress("load", len(kept), len(kept))
    vectors = _vectors(chunks, settings, embedder, progress, known)
    numbers = {name: number for number, name in enumerate(kept)}
    sparse = SparseIndex.from_terms(_terms(chunks, settings, progress), [numbers[chunk.source] for chunk in chunks])
    counts = {
        "sources": len(kept),
        "chunks": len(chunks),
        "characters": sum(len(source.text) for source in kept.values()),
        "terms": sparse.vocabulary_size,
    }
    manifest = {
        **described.describe(settings, embedder),
        "counts": counts,
        "versions": dict(described.versions()),
        "built": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - started, 2),
    }
    return Index(manifest, kept, chunks, DenseIndex.from_vectors(vectors), sparse, embedder, settings)


def _told_apart(sources: Iterable[SourceText]) -> Iterator[SourceText]:
    """The sources with a number added to a name that was there before; the same source again is left out."""
    seen: Counter[str] = Counter()
    texts: set[tuple[str, str]] = set()
    for source in sources:
        if (source.source, source.text) in texts:
            continue
        texts.add((source.source, source.text))
        seen[source.source] += 1
        times = seen[source.source]
        yield source if times == 1 else replace(source, source=f"{source.source}#{times}")


def passage(chunk: Chunk) -> str:
    """What is indexed of a chunk: the headings above it that it does not repeat, and its text."""
    above = [heading for heading in chunk.headings if heading not in chunk.text]
    return "\n".join((*above, chunk.text)) if above else chunk.text


def _vectors(
    chunks: Sequence[Chunk],
    settings: Settings,
    embedder: Embedder,
    progress: Progress,
    known: Mapping[tuple[str, tuple[str, ...]], NDArray[np.float32]],
) -> NDArray[np.float32]:
    """The vectors of the chunks, those `known` by id and headings taken over."""
    vectors = np.empty((len(chunks), embedder.dimension), dtype=np.float32)
    for start in range(0, len(chunks), _BATCH):
        part = range(start, min(start + _BATCH, len(chunks)))
        new = []
        for row in part:
            vector = known.get((chunks[row].id, chunks[row].headings))
            if vector is None:
                new.append(row)
            else:
                vectors[row] = vector
        if new:
            vectors[new] = embedder.encode([passage(chunks[row]) for row in new], settings.passage_prefix)
        progress("embed", part.stop, len(chunks))
    return vectors


def _terms(chunks: Sequence[Chunk], settings: Settings, progress: Progress) -> Iterator[list[str]]:
    for row, chunk in enumerate(chunks, start=1):
        yield terms(passage(chunk), settings.terms)
        if row % _BATCH == 0 or row == len(chunks):
            progress("sparse", row, len(chunks))


def _known_vectors(
    folder: Path, settings: Settings, embedder: Embedder
) -> dict[tuple[str, tuple[str, ...]], NDArray[np.float32]]:
    """The vectors of the index in `folder` by chunk id and headings; none where it was made another way."""
    try:
        manifest = read_manifest(folder)
        if manifest["settings"].get("passage_prefix") != settings.passage_prefix:
            return {}
        described.check_model(manifest, embedder)
        described.check_files(folder, manifest)
        _, chunks = records.load(folder / manifest["data"])
        dense = DenseIndex.load(folder / manifest["data"] / "vectors.faiss")
    except (RagError, OSError, ValueError):
        return {}
    vectors = dense.vectors().copy()
    return {(chunk.id, chunk.headings): vector for chunk, vector in zip(chunks, vectors, strict=True)}


def _save(index: Index, folder: Path, progress: Progress) -> Index:
    """Makes `index` the one in `folder`; returned with the whole manifest."""
    progress("save", 0, 1)
    manifest = dict(index.manifest)

    def write(data: Path) -> None:
        records.save(data, index.sources, index.chunks)
        index.dense.save(data / "vectors.faiss")
        index.sparse.save(data / "sparse")

    def text(data: Path) -> str:
        files = sorted(path for path in data.rglob("*") if path.is_file())
        manifest["data"] = data.name
        manifest["files"] = {
            path.relative_to(data).as_posix(): [path.stat().st_size, described.file_digest(path)] for path in files
        }
        return json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"

    swap.publish(folder, write, text)
    progress("save", 1, 1)
    return replace(index, manifest=manifest)


def _open(folder: Path, manifest: Mapping[str, Any], settings: Settings) -> Index:
    described.check_files(folder, manifest)
    embedder = load_embedder(settings.model)
    described.check_model(manifest, embedder)
    data = folder / manifest["data"]
    try:
        sources, chunks = records.load(data)
        dense = DenseIndex.load(data / "vectors.faiss")
        sparse = SparseIndex.load(data / "sparse")
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise IndexDamaged(f"索引已损坏：{data} 无法读取（{error}）。请运行 wenju build 重建。") from error
    if not len(chunks) == len(dense) == len(sparse):
        raise IndexDamaged(f"索引已损坏：{len(chunks)} 个段落，{len(dense)} 个向量。请运行 wenju build 重建。")
    return Index(manifest, sources, chunks, dense, sparse, embedder, settings)


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""
