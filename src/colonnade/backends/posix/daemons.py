"""A pool of threads that the process doesn't wait for when it ends: one may be stuck in a filesystem for ever."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Daemons(Executor):
    """At most `most` threads, begun when they are needed; each does `last` before it ends."""

    def __init__(self, most: int, name: str, last: Callable[[], object] = lambda: None) -> None:
        self._most = most
        self._last = last
        self._name = name
        self._asked: deque[tuple[Future[Any], Callable[[], Any]] | None] = deque()
        self._changed = threading.Condition(threading.Lock())
        self._waiting = 0
        self._threads: list[threading.Thread] = []

    def submit(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run it as soon as a thread is free."""
        future: Future[T] = Future()
        with self._changed:
            self._asked.append((future, lambda: function(*args, **kwargs)))
            if self._waiting >= len(self._asked):  # those that were told and have not come yet among them
                self._changed.notify()
            elif len(self._threads) < self._most:
                thread = threading.Thread(target=self._run, name=f"{self._name}-{len(self._threads)}", daemon=True)
                self._threads.append(thread)
                thread.start()
        return future

    def _run(self) -> None:
        while (asked := self._next()) is not None:
            future, action = asked
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(action())
                except BaseException as error:
                    future.set_exception(error)
            del future, action, asked  # so that what they hold goes now, not with the next
        self._last()

    def _next(self) -> tuple[Future[Any], Callable[[], Any]] | None:
        with self._changed:
            while not self._asked:
                self._waiting += 1
                self._changed.wait()
                self._waiting -= 1
            return self._asked.popleft()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the threads once they have done what was asked of them; `wait` for that."""
        with self._changed:
            self._asked.extend(None for _ in self._threads)
            self._most = 0
            self._changed.notify_all()
        if wait:
            self.join()

    def join(self, seconds: float | None = None) -> None:
        """Wait for all threads to end, for so many seconds at most."""
        until = None if seconds is None else time.monotonic() + seconds
        for thread in self._threads:
            thread.join(None if until is None else max(0.0, until - time.monotonic()))
