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
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from colonnade.multi import owners
from colonnade.multi.batches import Batches

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
    """The queue in the file `path`."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.owner = owners.name()
        self._file = Batches(self.path, _SCHEMA)

    async def start(self) -> None:
        """Open the file, which is made if it isn't there. Raises sqlite3.Error, OSError."""
        self.owner = owners.name()
        await self._file.start()

    async def close(self) -> None:
        """Close it; what is in it stays."""
        await self._file.close()

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

        made = asyncio.ensure_future(self._file.do(act))
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

        return await self._file.do(act)

    async def add(self, replicas: Sequence[str], bucket: str, key: str) -> None:
        """Say that replicas are behind with a key."""
        await self._file.do(lambda db: _add(db, replicas, bucket, key))

    async def claim(self, most: int) -> list[Task]:
        """Up to `most` tasks that are due, which nobody else is given until they are done or put back."""

        def act(db: sqlite3.Connection) -> list[Task]:
            tasks = [Task(*row) for row in db.execute(_CLAIM, (self.owner, time.time(), most)).fetchall()]
            for task in tasks:
                db.execute("UPDATE intents SET crossed = 1 WHERE bucket = ? AND key = ?", (task.bucket, task.key))
            return tasks

        return await self._held(act, list)

    async def take(self, replica: str, bucket: str, key: str) -> Task | None:
        """One task by name, due or not, None if there is none. Raises BusyError if somebody has it in hand."""

        def act(db: sqlite3.Connection) -> Task | BusyError | None:
            row = db.execute(_TAKE, (self.owner, replica, bucket, key)).fetchone()
            if row is None:
                there = "SELECT 1 FROM tasks WHERE replica = ? AND bucket = ? AND key = ?"
                return BusyError() if db.execute(there, (replica, bucket, key)).fetchone() else None
            db.execute("UPDATE intents SET crossed = 1 WHERE bucket = ? AND key = ?", (bucket, key))
            return Task(*row)

        taken = await self._held(act, lambda found: [found] if isinstance(found, Task) else [])
        if isinstance(taken, BusyError):
            raise taken
        return taken

    async def _held(self, act: Callable[[sqlite3.Connection], T], tasks: Callable[[T], list[Task]]) -> T:
        """Carry out what gives us tasks; they are given back if nobody waits for them any more."""
        made = asyncio.ensure_future(self._file.do(act))
        try:
            return await asyncio.shield(made)
        except asyncio.CancelledError:
            for task in tasks(await made):
                await self.put_back(task, 0.0, "interrupted")
            raise

    async def idle(self, bucket: str, key: str) -> bool:
        """Whether nobody is writing a key, and no replica lacks it."""

        def act(db: sqlite3.Connection) -> bool:
            return not any(
                db.execute(f"SELECT 1 FROM {table} WHERE bucket = ? AND key = ?", (bucket, key)).fetchone()  # noqa: S608
                for table in ("intents", "tasks")
            )

        return await self._file.do(act)

    async def done(self, task: Task) -> None:
        """A task is carried out; it stays if the key was written again meanwhile."""

        def act(db: sqlite3.Connection) -> None:
            db.execute(_DONE, (*task.place, task.number))
            db.execute(_AGAIN, task.place)

        await self._file.do(act)

    async def put_back(self, task: Task, delay: float, error: str) -> None:
        """A task could not be carried out, and is due again in `delay` seconds."""

        def act(db: sqlite3.Connection) -> None:
            values = (task.attempts + 1, time.time() + delay, error[:500], *task.place)
            db.execute(_PUT_BACK, values)

        await self._file.do(act)

    async def recover(self, replicas: Sequence[str], *, ours: bool = False) -> None:
        """Take over what processes that are no more have left: their intents become tasks, their tasks are free.

        With `ours` that of this queue too, whose workers have all ended.
        """

        def act(db: sqlite3.Connection) -> None:
            busy = "SELECT owner FROM intents UNION SELECT owner FROM tasks WHERE owner IS NOT NULL"
            for (owner,) in db.execute(busy).fetchall():
                if owners.alive(owner) and not (ours and owner == self.owner):
                    continue
                left = db.execute("DELETE FROM intents WHERE owner = ? RETURNING bucket, key", (owner,)).fetchall()
                for bucket, key in left:
                    _add(db, replicas, bucket, key)
                db.execute("UPDATE tasks SET owner = NULL WHERE owner = ?", (owner,))

        await self._file.do(act)

    async def depths(self) -> list[Depth]:
        """What each replica that is behind lacks."""
        return await self._file.do(depths)


def depths(db: sqlite3.Connection) -> list[Depth]:
    """What each replica that is behind lacks, by a connection of one's own."""
    rows = db.execute("SELECT replica, count(*), min(since), max(error) FROM tasks GROUP BY replica ORDER BY replica")
    return [Depth(*row) for row in rows.fetchall()]


def _add(db: sqlite3.Connection, replicas: Sequence[str], bucket: str, key: str) -> None:
    now = time.time()
    db.executemany(_ADD, [(replica, bucket, key, now, now) for replica in replicas])
