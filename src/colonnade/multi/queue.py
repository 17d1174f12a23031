"""What replicas still lack, kept on disk: SQLite in WAL mode, shared by every worker of one endpoint.

A row names a key that a replica has to be brought in line with, not what was done to it: however often a key was
written, one look at the primary tells what the replica should hold. So nothing can be carried out in the wrong
order, and what comes twice is done once.

A write in hand is an *intent*, on disk before the primary is asked: a process that dies leaves it behind, and it
becomes a row. Writers of one key that cross each other, or cross a row that is being worked on, leave a row too,
for nobody can say which of them a replica saw last.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS intents (
    id INTEGER PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, owner TEXT NOT NULL, crossed INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS intents_by_key ON intents (bucket, key);
CREATE TABLE IF NOT EXISTS tasks (
    replica TEXT NOT NULL, bucket TEXT NOT NULL, key TEXT NOT NULL, number INTEGER NOT NULL, since REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL, owner TEXT, error TEXT,
    PRIMARY KEY (replica, bucket, key)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tasks_by_due ON tasks (due) WHERE owner IS NULL;
"""
_ADD = """
INSERT INTO tasks (replica, bucket, key, number, since, due) VALUES (?, ?, ?, 1, ?, ?)
ON CONFLICT DO UPDATE SET number = number + 1, due = min(due, excluded.due)
"""
_CLAIM = """
UPDATE tasks SET owner = ? WHERE (replica, bucket, key) IN
    (SELECT replica, bucket, key FROM tasks WHERE owner IS NULL AND due <= ? ORDER BY due LIMIT ?)
RETURNING replica, bucket, key, number, since, attempts
"""
_TAKE = """
UPDATE tasks SET owner = ? WHERE replica = ? AND bucket = ? AND key = ? AND owner IS NULL
RETURNING replica, bucket, key, number, since, attempts
"""
_DONE = "DELETE FROM tasks WHERE replica = ? AND bucket = ? AND key = ? AND number = ?"
_AGAIN = "UPDATE tasks SET owner = NULL, attempts = 0 WHERE replica = ? AND bucket = ? AND key = ?"
_PUT_BACK = """
UPDATE tasks SET owner = NULL, attempts = ?, due = ?, error = ? WHERE replica = ? AND bucket = ? AND key = ?
"""


@dataclass(frozen=True, slots=True)
class Task:
    """A key that `replica` has to be brought in line with; an empty key is the bucket itself.

    `since` is when it was first found behind, in seconds since the epoch.
    """

    replica: str
    bucket: str
    key: str
    number: int
    since: float
    attempts: int

    @property
    def place(self) -> tuple[str, str, str]:
        """What names it."""
        return self.replica, self.bucket, self.key


@dataclass(frozen=True, slots=True)
class Depth:
    """How much a replica lacks: how many keys, since when, and what the last attempt at one came to."""

    replica: str
    keys: int
    since: float
    error: str | None


class BusyError(Exception):
    """Somebody has the task in hand."""


class Queue:
    """The queue in the file `path`. Its calls go to one thread, and those that wait together are one transaction."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.owner = _identity(os.getpid())
        self._thread = ThreadPoolExecutor(1, "colonnade-queue")
        self._waiting: list[tuple[Callable[[sqlite3.Connection], Any], asyncio.Future[Any]]] = []
        self._flushing: asyncio.Task[None] | None = None
        self._db: sqlite3.Connection | None = None

    async def start(self) -> None:
        """Open the file, which is made if it isn't there. Raises sqlite3.Error, OSError."""
        self.owner = _identity(os.getpid())
        self._db = await asyncio.get_running_loop().run_in_executor(self._thread, _open, self.path)

    async def close(self) -> None:
        """Close it; what is in it stays."""
        if self._flushing is not None:
            await self._flushing
        if self._db is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._db.close)
        self._thread.shutdown()

    async def begin(self, bucket: str, key: str) -> int:
        """Say, durably, that a key is about to be written; the number of that intent."""

        def act(db: sqlite3.Connection) -> int:
            others = db.execute("UPDATE intents SET crossed = 1 WHERE bucket = ? AND key = ?", (bucket, key)).rowcount
            busy = "SELECT 1 FROM tasks WHERE bucket = ? AND key = ? AND owner IS NOT NULL"
            crossed = others > 0 or db.execute(busy, (bucket, key)).fetchone() is not None
            row = (bucket, key, self.owner, crossed)
            made = db.execute("INSERT INTO intents (bucket, key, owner, crossed) VALUES (?, ?, ?, ?)", row)
            assert made.lastrowid is not None
            return made.lastrowid

        made = asyncio.ensure_future(self._do(act))
        try:
            return await asyncio.shield(made)
        except asyncio.CancelledError:
            await self.end(await made, (), ())  # nothing was written
            raise

    async def end(self, intent: int, behind: Sequence[str], replicas: Sequence[str]) -> bool:
        """The write came to its end, and the replicas named in `behind` don't have it.

        Returns whether it crossed another: then all `replicas` count as behind.
        """

        def act(db: sqlite3.Connection) -> bool:
            gone = db.execute("DELETE FROM intents WHERE id = ? RETURNING bucket, key, crossed", (intent,)).fetchone()
            if gone is None:
                return False
            bucket, key, crossed = gone
            _add(db, replicas if crossed else behind, bucket, key)
            return bool(crossed)

        return await self._do(act)

    async def add(self, replicas: Sequence[str], bucket: str, key: str) -> None:
        """Say that replicas are behind with a key."""
        await self._do(lambda db: _add(db, replicas, bucket, key))

    async def claim(self, most: int) -> list[Task]:
        """Up to `most` tasks that are due, which nobody else is given until they are done or put back."""

        def act(db: sqlite3.Connection) -> list[Task]:
            tasks = [Task(*row) for row in db.execute(_CLAIM, (self.owner, time.time(), most)).fetchall()]
            for task in tasks:
                db.execute("UPDATE intents SET crossed = 1 WHERE bucket = ? AND key = ?", (task.bucket, task.key))
            return tasks

        return await self._do(act)

    async def take(self, replica: str, bucket: str, key: str) -> Task | None:
        """One task by name, due or not, None if there is none. Raises BusyError if somebody has it in hand."""

        def act(db: sqlite3.Connection) -> Task | BusyError | None:
            row = db.execute(_TAKE, (self.owner, replica, bucket, key)).fetchone()
            if row is None:
                there = "SELECT 1 FROM tasks WHERE replica = ? AND bucket = ? AND key = ?"
                return BusyError() if db.execute(there, (replica, bucket, key)).fetchone() else None
            db.execute("UPDATE intents SET crossed = 1 WHERE bucket = ? AND key = ?", (bucket, key))
            return Task(*row)

        taken = await self._do(act)
        if isinstance(taken, BusyError):
            raise taken
        return taken

    async def idle(self, bucket: str, key: str) -> bool:
        """Whether nobody is writing a key, and no replica lacks it."""

        def act(db: sqlite3.Connection) -> bool:
            return not any(
                db.execute(f"SELECT 1 FROM {table} WHERE bucket = ? AND key = ?", (bucket, key)).fetchone()  # noqa: S608
                for table in ("intents", "tasks")
            )

        return await self._do(act)

    async def done(self, task: Task) -> None:
        """A task is carried out; it stays if the key was written again meanwhile."""

        def act(db: sqlite3.Connection) -> None:
            db.execute(_DONE, (*task.place, task.number))
            db.execute(_AGAIN, task.place)

        await self._do(act)

    async def put_back(self, task: Task, delay: float, error: str) -> None:
        """A task could not be carried out, and is due again in `delay` seconds."""

        def act(db: sqlite3.Connection) -> None:
            values = (task.attempts + 1, time.time() + delay, error[:500], *task.place)
            db.execute(_PUT_BACK, values)

        await self._do(act)

    async def recover(self, replicas: Sequence[str]) -> None:
        """Take over what processes that are no more have left: their intents become tasks, their tasks are free."""

        def act(db: sqlite3.Connection) -> None:
            owners = "SELECT owner FROM intents UNION SELECT owner FROM tasks WHERE owner IS NOT NULL"
            for (owner,) in db.execute(owners).fetchall():
                if _alive(owner):
                    continue
                left = db.execute("DELETE FROM intents WHERE owner = ? RETURNING bucket, key", (owner,)).fetchall()
                for bucket, key in left:
                    _add(db, replicas, bucket, key)
                db.execute("UPDATE tasks SET owner = NULL WHERE owner = ?", (owner,))

        await self._do(act)

    async def depths(self) -> list[Depth]:
        """What each replica that is behind lacks."""
        return await self._do(depths)

    async def _do(self, act: Callable[[sqlite3.Connection], T]) -> T:
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((act, future))
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush())
        # Whoever asked may be cancelled; what was asked is carried out all the same.
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


def depths(db: sqlite3.Connection) -> list[Depth]:
    """What each replica that is behind lacks, by a connection of one's own."""
    rows = db.execute("SELECT replica, count(*), min(since), max(error) FROM tasks GROUP BY replica ORDER BY replica")
    return [Depth(*row) for row in rows.fetchall()]


def _add(db: sqlite3.Connection, replicas: Sequence[str], bucket: str, key: str) -> None:
    now = time.time()
    db.executemany(_ADD, [(replica, bucket, key, now, now) for replica in replicas])


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(path, timeout=30.0, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")  # an intent must outlive a power cut
    db.executescript(_SCHEMA)
    return db


def _identity(pid: int) -> str:
    """Names a process for as long as this machine runs: a pid alone is given to others later."""
    try:
        started = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        started = "?"
    return f"{pid}/{started}/{_boot()}"


def _alive(owner: str) -> bool:
    pid = owner.partition("/")[0]
    return pid.isdigit() and Path(f"/proc/{pid}").exists() and _identity(int(pid)) == owner


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return "?"
