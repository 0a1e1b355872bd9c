"""A stream that may stall, waited for so long and no longer: `patient(...)`. Part of `rag.llm`.

Libraries differ in which timeouts they know, and none counts a stream as a whole; so the streams run in an event loop of a
thread of their own, and what comes is waited for here. Who leaves early (a timeout, a closed generator) cancels the stream,
which closes the connection at once, also while nothing comes, so that the server stops as well.
"""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from functools import lru_cache
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from rag.llm.failure import ModelFailed, failed

T = TypeVar("T")
_END = object()
_LEAVING_SECONDS = 2.0  # how long a cancelled stream may take to close its connection before it is left to itself
_MOMENT = 0.3  # seconds after which who waits is asked whether to go on
_making = threading.Lock()


@lru_cache(maxsize=1)
def _made() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="wenju-model", daemon=True).start()
    return loop


def _loop() -> asyncio.AbstractEventLoop:
    """The one loop of all streams: clients keep connections for later requests, and those belong to the loop they began in."""
    with _making:
        return _made()


class _Stream(Generic[T]):
    """A stream in the loop: `items` gets what comes, then an error or `_END`."""

    def __init__(self, start: Callable[[], AsyncIterator[T]]) -> None:
        self.items: SimpleQueue[object] = SimpleQueue()
        self._start = start
        self._left, self._ended = threading.Event(), threading.Event()
        self._running = asyncio.run_coroutine_threadsafe(self._run(), _loop())

    async def _run(self) -> None:
        task = asyncio.current_task()
        try:
            async for item in self._start():
                # asyncio.wait_for before Python 3.12 forgets a cancel that meets an item
                if task and self._left.is_set():
                    task.cancel()
                self.items.put(item)
            self.items.put(_END)
        except Exception as error:  # noqa: BLE001 whatever a library raises is handed over to who waits
            self.items.put(error)
        finally:
            self._ended.set()

    def leave(self) -> None:
        """Cancel the stream if it still runs, and wait a little for its connection to be closed."""
        self._left.set()
        if self._running.cancel():
            self._ended.wait(_LEAVING_SECONDS)


def patient(start: Callable[[], AsyncIterator[T]], item_seconds: float, total_seconds: float) -> Iterator[T | None]:
    """The items of `start()`, each within `item_seconds` of the one before, all within `total_seconds`.

    None now and then while nothing comes: only a generator that has yielded can be closed.

    Raises:
        ModelFailed: the stream failed, or one of the times ran out.
    """
    deadline = time.monotonic() + total_seconds
    stream = _Stream(start)
    try:
        came = time.monotonic()
        while True:
            item = _next(stream, came + item_seconds, deadline)
            if item is None:
                yield None
                continue
            came = time.monotonic()
            if item is _END:
                return
            if isinstance(item, Exception):
                raise failed(item) from item
            yield item  # type: ignore[misc]  # neither the end nor an error, so an item
    finally:
        stream.leave()


def _next(stream: _Stream[T], patience: float, deadline: float) -> object:
    """What comes next, None where nothing came for a moment."""
    left = min(patience, deadline) - time.monotonic()
    try:
        return stream.items.get(timeout=max(0.0, min(_MOMENT, left)))
    except Empty:
        if left > _MOMENT:
            return None
        raise ModelFailed("模型作答的总时间已到" if deadline < patience else "模型服务没有及时回应") from None
