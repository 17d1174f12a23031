"""The parent process: binds the listeners, forks the workers, and stops them together."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import logging
import os
import signal
import sys
import time
import traceback
from collections.abc import Sequence

import uvloop

from colonnade.server.listen import Listener, listen
from colonnade.server.settings import ServerSettings
from colonnade.server.worker import run_worker

log = logging.getLogger("colonnade.server")

#: A worker that dies this soon (seconds) after its start is not started again: it would die again.
CRASH_LOOP = 5.0

#: New containers between two looks for cycles among them: answers to listings are many, and in no cycle.
GARBAGE = 10_000

_WAITED_FOR = {signal.SIGCHLD, signal.SIGHUP, signal.SIGINT, signal.SIGTERM}
_PR_SET_PDEATHSIG = 1


def serve(settings: ServerSettings) -> int:
    """Serve until SIGINT or SIGTERM, or until workers can't be kept alive. Returns an exit status.

    Raises ListenError when an address can't be bound, before anything is forked.
    """
    listeners: list[list[Listener]] = [[] for _ in settings.doors]
    try:
        for door, bound in zip(settings.doors, listeners, strict=True):
            for address in door.addresses:
                bound += listen(address, settings.socket_perm, settings.workers)
        supervisor = Supervisor(settings, listeners)
        return supervisor.run()
    finally:
        for bound in listeners:
            for listener in bound:
                listener.close()


class Supervisor:
    """Keeps `settings.workers` processes alive on the given listeners, those of each door."""

    def __init__(self, settings: ServerSettings, listeners: Sequence[Sequence[Listener]]) -> None:
        self.settings = settings
        self.listeners = listeners
        self.started: dict[int, tuple[int, float]] = {}  # pid -> worker number, when

    def run(self) -> int:
        """Fork, announce, wait."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _WAITED_FOR)
        for index in range(self.settings.workers):
            self._fork(index)
        if self.settings.on_listening is not None:
            doors = zip(self.settings.doors, self.listeners, strict=True)
            self.settings.on_listening(
                [[listener.url(door.cert is not None) for listener in bound] for door, bound in doors]
            )
        status = self._wait()
        self._stop()
        return status

    def _fork(self, index: int) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                status = _worker_main(parent, index, self.listeners, self.settings)
            except BaseException:  # the child must never return into the parent's code
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(status)
        self.started[pid] = index, time.monotonic()

    def _wait(self) -> int:
        """Until told to stop; a worker that dies is replaced, unless it died right after its start.

        SIGHUP is passed on: workers read certificates anew then.
        """
        while (caught := signal.sigwait(_WAITED_FOR)) in (signal.SIGCHLD, signal.SIGHUP):
            if caught == signal.SIGHUP:
                self._signal(signal.SIGHUP)
            for pid, status in self._reap():
                code = os.waitstatus_to_exitcode(status)
                index, when = self.started.pop(pid)
                if time.monotonic() - when < CRASH_LOOP:
                    return code or 1
                log.error("worker %d ended unexpectedly (status %d); starting another", pid, code)
                self._fork(index)
        log.info("caught %s, shutting down", signal.Signals(caught).name)
        return 0

    def _stop(self) -> None:
        """Ask every worker to finish, and end those that do not in time."""
        deadline = time.monotonic() + self.settings.stop_timeout + 2.0
        self._signal(signal.SIGTERM)
        while self.started and (left := deadline - time.monotonic()) > 0:
            signal.sigtimedwait({signal.SIGCHLD}, min(left, 0.1))
            for pid, _ in self._reap():
                del self.started[pid]
        self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        for pid in self.started:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def _reap(self) -> list[tuple[int, int]]:
        """The workers that have ended, with their wait statuses."""
        ended = [os.waitpid(pid, os.WNOHANG) for pid in self.started]
        return [(pid, status) for pid, status in ended if pid]


def _worker_main(parent: int, index: int, listeners: Sequence[Sequence[Listener]], settings: ServerSettings) -> int:
    """What a worker process does; returns its exit status."""
    # A parent that is killed must not leave workers behind that go on answering on its port.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        return 1
    for number in (signal.SIGINT, signal.SIGHUP):  # Ctrl-C and a hang-up reach the whole group; the parent decides
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _WAITED_FOR)

    sockets = [[listener.of_worker(index) for listener in bound] for bound in listeners]

    # What is there by now stays: it needn't be looked through again and again, nor copied by looking.
    gc.freeze()
    gc.set_threshold(GARBAGE)

    async def main() -> None:
        stop, renew = asyncio.Event(), asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, renew.set)
        await run_worker(settings.gateway_factory(), sockets, settings, stop, renew)

    try:
        uvloop.run(main())
    except Exception as error:
        log.error("cannot serve: %s", error, exc_info=log.isEnabledFor(logging.DEBUG))
        return 1
    return 0
