"""A call that is begun before anybody waits for it, since most calls of a local store never have to wait.

Waiting under a time-out costs more than such a call does, so the time-out is for those only that did not end at once.
"""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Begun(Generic[T]):
    """A coroutine that has run up to where it waits for something first, to be awaited from there."""

    __slots__ = ("_running", "_waiting")

    def __init__(self, running: Coroutine[Any, Any, T], waiting: Any) -> None:
        self._running = running
        self._waiting = waiting

    def __await__(self) -> Generator[Any, Any, T]:
        running, waiting = self._running, self._waiting
        try:
            while True:
                try:
                    sent = yield waiting
                except GeneratorExit:
                    running.close()
                    raise
                except BaseException as error:  # a time-out or a client that went away: the coroutine is told
                    waiting = running.throw(error)
                else:
                    waiting = running.send(sent)
        except StopIteration as done:
            value: T = done.value
            return value
