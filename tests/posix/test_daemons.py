"""The pool of threads: as many run at once as may, whatever was asked of it before."""

from __future__ import annotations

import random
import threading
from concurrent.futures import wait

from colonnade.backends.posix.daemons import Daemons


def test_none_waits_behind_another_while_there_may_be_a_thread_for_it() -> None:
    """Four that wait for each other all run in a pool of four, asked while others come to their end."""
    chance = random.Random(8)
    for _ in range(50):
        pool = Daemons(4, "tested")
        for _ in range(3):
            for _ in range(chance.randrange(5)):
                pool.submit(lambda: None)
            together = threading.Barrier(4)
            wait([pool.submit(together.wait, 30) for _ in range(4)])
            assert not together.broken
        pool.shutdown()


def test_what_was_asked_is_done_before_it_ends() -> None:
    """One thread, a hundred things: none is left undone."""
    pool = Daemons(1, "tested")
    done: list[int] = []
    for number in range(100):
        pool.submit(done.append, number)
    pool.shutdown()
    assert done == list(range(100))
