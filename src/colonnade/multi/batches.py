"""A SQLite file that many wait for: one thread works on it, and those that wait together share a transaction.

A transaction costs an fsync, so what it is shared by makes writes cheap.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


class Batches:
    """The file at `path`, made by the SQL of `schema` where it isn't there."""

    def __init__(self, path: Path, schema: str) -> None:
        self.path = path
        self.schema = schema
        self._thread = ThreadPoolExecutor(1, "colonnade-queue")
        self._waiting: list[tuple[Callable[[sqlite3.Connection], Any], asyncio.Future[Any]]] = []
        self._flushing: asyncio.Task[None] | None = None
        self._db: sqlite3.Connection | None = None

    async def start(self) -> None:
        """Open it. Raises sqlite3.Error, OSError."""
        self._db = await asyncio.get_running_loop().run_in_executor(self._thread, _open, self.path, self.schema)

    async def close(self) -> None:
        """Close it, after what waits."""
        if self._flushing is not None:
            await self._flushing
        if self._db is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._db.close)
        self._thread.shutdown()

    async def do(self, act: Callable[[sqlite3.Connection], T]) -> T:
        """Carry out something in a transaction. Whoever asked may be cancelled; what was asked is carried out."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((act, future))
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush())
        return await asyncio.shield(future)

    async def _flush(self) -> None:
        """All that waits, in one transaction; then what came meanwhile, in the next."""
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                results = await loop.run_in_executor(self._thread, self._transact, [act for act, _ in batch])
            except Exception as error:
                for _, future in batch:
                    future.set_exception(error)
            else:
                for (_, future), result in zip(batch, results, strict=True):
                    future.set_result(result)

    def _transact(self, acts: Sequence[Callable[[sqlite3.Connection], Any]]) -> list[Any]:
        assert self._db is not None
        self._db.execute("BEGIN IMMEDIATE")
        try:
            results = [act(self._db) for act in acts]
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        return results


def _open(path: Path, schema: str) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(path, timeout=30.0, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")  # an intent must outlive a power cut
    db.executescript(schema)
    return db
