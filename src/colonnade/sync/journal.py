"""How far a run got, kept on disk, so that one that was killed goes on where it was.

Keys are taken in order but finish in any, so what is kept is a low-water mark: everything up to it is done or noted
as failed. Parts of large uploads that reached the target are found there again by the upload's id.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS marks (bucket TEXT PRIMARY KEY, key TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS failed (bucket TEXT, key TEXT, PRIMARY KEY (bucket, key));
CREATE TABLE IF NOT EXISTS uploads (bucket TEXT, key TEXT, etag TEXT, upload TEXT, PRIMARY KEY (bucket, key));
"""


def default_path(source: str, target: str) -> Path:
    """Where the journal of a run between two places lies unless told: the user's state directory."""
    home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    name = hashlib.sha256(f"{source}\0{target}".encode()).hexdigest()[:20]
    return home / "colonnade" / f"sync-{name}.db"


class Journal:
    """The journal in the file `path`. What is written is on disk before the call returns."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.executescript(_SCHEMA)

    def mark(self, bucket: str) -> str:
        """The key up to which a bucket is done; empty at its beginning."""
        row = self._db.execute("SELECT key FROM marks WHERE bucket = ?", (bucket,)).fetchone()
        return row[0] if row else ""

    def advance(self, bucket: str, key: str) -> None:
        """Everything up to a key is done."""
        self._db.execute("INSERT OR REPLACE INTO marks VALUES (?, ?)", (bucket, key))

    def fail(self, bucket: str, key: str) -> None:
        """A key could not be done, and is to be tried again by the next run."""
        self._db.execute("INSERT OR IGNORE INTO failed VALUES (?, ?)", (bucket, key))

    def failed(self, bucket: str) -> list[str]:
        """The keys of earlier runs that are to be tried again; they are forgotten by being asked for."""
        rows = self._db.execute("DELETE FROM failed WHERE bucket = ? RETURNING key", (bucket,)).fetchall()
        return sorted(row[0] for row in rows)

    def upload(self, bucket: str, key: str, etag: str) -> str | None:
        """The upload that was begun for this version of a key."""
        query = "SELECT upload FROM uploads WHERE bucket = ? AND key = ? AND etag = ?"
        row = self._db.execute(query, (bucket, key, etag)).fetchone()
        return row[0] if row else None

    def begun(self, bucket: str, key: str, etag: str, upload: str) -> None:
        """An upload was begun."""
        self._db.execute("INSERT OR REPLACE INTO uploads VALUES (?, ?, ?, ?)", (bucket, key, etag, upload))

    def ended(self, bucket: str, key: str) -> None:
        """The upload of a key is no more."""
        self._db.execute("DELETE FROM uploads WHERE bucket = ? AND key = ?", (bucket, key))

    def finish(self) -> None:
        """The run came to its end: the next one begins anew. What failed is looked at there as everything is."""
        self.close()
        for path in self._files():
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the file; what is in it stays."""
        self._db.close()

    def _files(self) -> Iterator[Path]:
        for suffix in ("", "-wal", "-shm"):
            yield self.path.with_name(self.path.name + suffix)
