"""The index folder on disk: one builder at a time, and a new index in place of the old one at once. Used by `store`.

    index/manifest.json        names the data folder that is the index
    index/data-1a2b3c4d/       its files
    index/.lock                there while an index is built

A new index is written into a data folder of its own, beside the old one; then a new manifest replaces the old in one
step, which the operating system does whole or not at all. A reader has the one or the other.
"""

import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from rag.errors import StoreError
from rag.manifest import FILE

_LOCK = ".lock"
_DATA = "data-"
_POLL_SECONDS = 0.1


@contextmanager
def only_builder(folder: Path, wait_seconds: float) -> Iterator[None]:
    """Makes `folder` where needed, and holds it against other builders while the block runs.

    The operating system gives the lock back when a process ends, however it ends.

    Raises:
        StoreError: another process is still building after `wait_seconds`, or the folder is no place for an index.
    """
    refuse_other_things(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = _locked(folder / _LOCK, time.monotonic() + wait_seconds)
    except OSError as error:
        raise StoreError(f"无法在 {folder} 建立索引：{error.strerror or error}。") from error
    if lock is None:
        raise StoreError(f"另一个进程正在 {folder} 建立索引：请等它完成后再试。")
    try:
        _drop_leftovers(folder, keep=None)
        yield
    finally:
        with suppress(OSError):  # Windows removes no open file; the next builder takes the one that stays
            (folder / _LOCK).unlink()
        lock.close()


def refuse_other_things(folder: Path) -> None:
    """Nothing where `folder` is missing, empty, or holds an index.

    Raises:
        StoreError: it is a file, or a folder of something else.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise StoreError(f"{folder} 是一个文件，不能用作索引文件夹。")
    own = {FILE, "README.md"}
    others = [p.name for p in folder.iterdir() if p.name not in own and not p.name.startswith((_DATA, "."))]
    if others:
        raise StoreError(f"{folder} 中有别的文件（{min(others)}），不在那里建立索引：请换一个文件夹。")


def publish(folder: Path, write: Callable[[Path], None], manifest: Callable[[Path], str]) -> None:
    """Makes what `write` writes into a new data folder the index; `manifest` gives the manifest's text for it.

    Raises:
        StoreError: the files could not be written; the old index is as it was.
    """
    data = folder / f"{_DATA}{secrets.token_hex(4)}"
    try:
        data.mkdir()
        write(data)
        text = manifest(data)
        written = data.with_suffix(".json")
        written.write_text(text, encoding="utf-8")
        _replace(written, folder / FILE)
    except OSError as error:
        shutil.rmtree(data, ignore_errors=True)
        raise StoreError(f"无法写入索引 {folder}：{error.strerror or error}。原有的索引没有改变。") from error
    except BaseException:
        shutil.rmtree(data, ignore_errors=True)
        raise
    _drop_leftovers(folder, keep=data.name)


def _replace(new: Path, old: Path) -> None:
    """Puts the file `new` in the place of `old`; tried again where Windows says that somebody reads the old one."""
    for attempt in range(20):
        try:
            new.replace(old)
        except PermissionError:
            if attempt == 19:
                raise
            time.sleep(0.05)
        else:
            return


def _drop_leftovers(folder: Path, keep: str | None) -> None:
    """Removes data folders that no manifest names: those of a build that crashed, or of the index just replaced."""
    named = keep or _named(folder)
    for path in folder.glob(f"{_DATA}*"):
        if path.name != named:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def _named(folder: Path) -> str:
    """The data folder that the manifest names; searched as text, since a manifest may be of a format not known here."""
    try:
        text = (folder / FILE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
    return next((path.name for path in folder.glob(f"{_DATA}*") if f'"{path.name}"' in text), "")


def _locked(path: Path, until: float) -> IO[bytes] | None:
    """The lock file, open and locked; None where another holds it until `until`."""
    while True:
        file = path.open("ab")
        if _try_lock(file):
            # The one who held it removes it: what is locked must still be the file at that path.
            if path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return file
        elif time.monotonic() > until:
            file.close()
            return None
        else:
            time.sleep(_POLL_SECONDS)
        file.close()


def _try_lock(file: IO[bytes]) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return False
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
