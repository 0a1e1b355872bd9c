"""A stream that may stall, waited for so long and no longer: `patient(...)`. Part of `rag.llm`.

Libraries differ in which timeouts they know, and none counts a stream as a whole; so the stream runs in an event loop of its
own thread, and what comes is waited for here. Who leaves early (a timeout, a closed generator) cancels it, which closes the
connection at once, also while nothing comes, so that the server stops as well.
"""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from rag.llm.failure import ModelFailed, failed

T = TypeVar("T")
_END = object()
_LEAVING_SECONDS = 2.0  # how long a cancelled stream may take to close its connection before it is left to itself


class _Stream(Generic[T]):
    """A stream in its thread: `items` gets what comes, then an error or `_END`."""

    def __init__(self, start: Callable[[], AsyncIterator[T]]) -> None:
        self.items: SimpleQueue[object] = SimpleQueue()
        self._start = start
        self._begun = threading.Event()
        self._thread = threading.Thread(target=asyncio.run, args=(self._run(),), name="wenju-model", daemon=True)
        self._thread.start()
        self._begun.wait()

    async def _run(self) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        self._begun.set()
        try:
            async for item in self._start():
                self.items.put(item)
            self.items.put(_END)
        except asyncio.CancelledError:
            return
        except Exception as error:  # noqa: BLE001 whatever a library raises is handed over to who waits
            self.items.put(error)

    def leave(self) -> None:
        """Cancel the stream if it still runs, and wait a little for its connection to be closed."""
        if self._thread.is_alive() and self._task is not None:
            try:
                self._loop.call_soon_threadsafe(self._task.cancel)
            except RuntimeError:  # it ended just now
                return
        self._thread.join(_LEAVING_SECONDS)


def patient(start: Callable[[], AsyncIterator[T]], item_seconds: float, total_seconds: float) -> Iterator[T]:
    """The items of `start()`, each within `item_seconds` of the one before, all within `total_seconds`.

    Raises:
        ModelFailed: the stream failed, or one of the times ran out.
    """
    deadline = time.monotonic() + total_seconds
    stream = _Stream(start)
    try:
        while True:
            item = _next(stream, item_seconds, deadline)
            if item is _END:
                return
            if isinstance(item, Exception):
                raise failed(item) from item
            yield item  # type: ignore[misc]  # neither the end nor an error, so an item
    finally:
        stream.leave()


def _next(stream: _Stream[T], item_seconds: float, deadline: float) -> object:
    seconds = min(item_seconds, deadline - time.monotonic())
    try:
        return stream.items.get(timeout=max(0.0, seconds))
    except Empty:
        whole = seconds < item_seconds
        raise ModelFailed("模型作答的总时间已到" if whole else "模型服务没有及时回应") from None
