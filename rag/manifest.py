"""What an index was built from, and whether that is what is asked for now. Used by `store` alone.

`manifest.json` is the one file that says which data folder is the index; replacing it swaps the whole index at once.
"""

import hashlib
import importlib.metadata
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from platform import python_version
from typing import Any

import numpy as np

from rag.config import Settings
from rag.embed import Embedder
from rag.errors import IndexDamaged, IndexMissing, IndexOutdated

FORMAT = 1
FILE = "manifest.json"
BUILT_IN = ("model", "passage_prefix", "terms", "chunk_chars")
"""The settings that an index is built with; the others may change from one question to the next."""
_KEYS = ("settings", "model", "files", "data", "counts")
_STAGES = ("articles", "clean", "layout", "load", "split", "tokens", "embed", "sparse", "dense", "records", "store")
_LIBRARIES = ("wenju", "numpy", "faiss-cpu", "jieba", "opencc", "tokenizers")
_PROBE = "2024年，宁波舟山港的集装箱吞吐量同比增长9.7%，知识产权保护让小微企业受益。"
_REBUILD = "请运行 wenju build 重建"


def describe(settings: Settings, embedder: Embedder) -> dict[str, Any]:
    """What an index of `settings` and `embedder` must have in its manifest to be current; its corpus aside."""
    return {
        "format": FORMAT,
        "settings": {name: getattr(settings, name) for name in BUILT_IN},
        "model": {"name": embedder.name, "dimension": embedder.dimension, "probe": probe(embedder)},
        "code": code_digest(),
    }


def probe(embedder: Embedder) -> list[float]:
    """The beginning of the vector of a fixed sentence: a fingerprint that changes when the model's weights do."""
    return [round(float(value), 4) for value in embedder.encode([_PROBE])[0][:16]]


@lru_cache(maxsize=1)
def code_digest() -> str:
    """A digest of the modules that make an index: when they change, an index is rebuilt where that is asked for."""
    digest = hashlib.sha256()
    for name in _STAGES:
        path = Path(__file__).with_name(f"{name}.py")
        digest.update(path.read_bytes().replace(b"\r\n", b"\n") if path.is_file() else b"")
    return digest.hexdigest()[:16]


def corpus_digest(folder: Path) -> str:
    """A digest of the names and contents of all files under `folder` but hidden ones, "" where there is no folder."""
    digest = hashlib.sha256()
    if not folder.is_dir():
        return ""
    for name in sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()):
        if not any(part.startswith(".") for part in name.split("/")):
            digest.update(f"{name}\0{file_digest(folder / name)}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def file_digest(path: Path) -> str:
    """The SHA-256 of a file, "" where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


@lru_cache(maxsize=1)
def versions() -> Mapping[str, str]:
    """The versions of Python and of the libraries that make an index. Kept: looking them up takes milliseconds."""
    made = {"Python": python_version()}
    for name in _LIBRARIES:
        try:
            made[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return made


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of the index in `folder`.

    Raises:
        IndexMissing: there is no index in the folder.
        IndexDamaged: the manifest is no manifest.
        IndexOutdated: its format is that of another version.
    """
    path = folder / FILE
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise IndexMissing(f"{folder} 中没有索引：请先运行 wenju build。") from error
    except (OSError, ValueError) as error:
        raise IndexDamaged(f"索引已损坏：{path} 无法读取（{error}）。{_REBUILD}。") from error
    if not isinstance(manifest, dict) or "format" not in manifest:
        raise IndexDamaged(f"索引已损坏：{path} 不是索引的清单。{_REBUILD}。")
    if manifest["format"] != FORMAT:
        raise IndexOutdated(
            f"索引 {folder} 的格式版本是 {manifest['format']}，当前程序使用 {FORMAT}：{_REBUILD}，或换用建立它的版本。"
        )
    missing = [key for key in _KEYS if key not in manifest]
    if missing:
        raise IndexDamaged(f"索引已损坏：{path} 缺少 {'、'.join(missing)}。{_REBUILD}。")
    return manifest


def check_settings(manifest: Mapping[str, Any], settings: Settings) -> None:
    """Nothing where the index was built with these settings.

    Raises:
        IndexOutdated: it was built with others.
    """
    built, model = manifest["settings"], manifest["model"]
    if built.get("model") != settings.model:
        wanted = settings.model or "自带的模型"
        raise IndexOutdated(
            f"索引由模型 {model.get('name')}（{model.get('dimension')} 维）建成，当前设置为 {wanted}：{_REBUILD}。"
        )
    for name in BUILT_IN:
        if built.get(name) != getattr(settings, name):
            raise IndexOutdated(
                f"索引建成时 {name} 为 {built.get(name)!r}，当前设置为 {getattr(settings, name)!r}：{_REBUILD}。"
            )


def check_model(manifest: Mapping[str, Any], embedder: Embedder) -> None:
    """Nothing where the index was built with this model.

    Raises:
        IndexOutdated: it was built with another, or with other weights of the same name.
    """
    model = manifest["model"]
    if (model.get("name"), model.get("dimension")) != (embedder.name, embedder.dimension):
        raise IndexOutdated(
            f"索引由模型 {model.get('name')}（{model.get('dimension')} 维）建成，"
            f"当前设置为 {embedder.name}（{embedder.dimension} 维）：{_REBUILD}。"
        )
    if not np.allclose(model.get("probe", []) or [0.0], probe(embedder), atol=0.01):
        raise IndexOutdated(f"索引由模型 {embedder.name} 的另一个版本建成：{_REBUILD}。")


def check_files(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Nothing where each file of the index has the size and, if it is not large, the content the manifest names.

    Raises:
        IndexDamaged: a file is missing or is another one.
    """
    for name, (size, digest) in manifest["files"].items():
        path = folder / manifest["data"] / name
        try:
            found = path.stat().st_size
        except OSError as error:
            raise IndexDamaged(f"索引已损坏：缺少文件 {path}。{_REBUILD}。") from error
        if found != size:
            raise IndexDamaged(f"索引已损坏：{path} 有 {found} 字节，应有 {size} 字节。{_REBUILD}。")
        if size <= LARGE_BYTES and file_digest(path) != digest:
            raise IndexDamaged(f"索引已损坏：{path} 的内容与清单不符。{_REBUILD}。")


LARGE_BYTES = 16_000_000
"""A larger file is only measured when an index is loaded: reading it whole would cost what mapping it saves."""
