"""``colonnade status --config FILE``: how the backends are, what replicas lack, what a running server counted."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from colonnade.cli import check, running, serve
from colonnade.cli.parse import Given
from colonnade.config.flags import ConfigError
from colonnade.config.settings import Settings


def run(given: Given, flags: Given, arguments: list[str]) -> int:
    """Ask every backend and look into the queue; status 1 if a backend doesn't answer."""
    as_json = bool(flags.pop("json", False))
    settings = serve.read("status", given, flags, arguments)
    backends = [check.answer(settings, backend) for backend in settings.backends]
    queue, serving = depths(settings), running.ask(settings)
    if as_json:
        print(json.dumps({"backends": backends, "queue": queue, "serving": serving}))
    else:
        for backend in backends:
            print(f"{backend['name']}: {check.said(backend)}")
        for row in queue:
            age = time.time() - row["since"]
            print(
                f"{row['replica']} lacks {row['keys']} keys, the oldest for {age:.0f} s: {row['error'] or 'no error'}"
            )
        for row in (serving or {}).get("backends", ()):
            print(served(row))
    return 0 if all(backend["answers"] for backend in backends) else 1


def served(row: Mapping[str, Any]) -> str:
    """What the workers of the running server counted of one backend."""
    each = 1000 * row["seconds"] / max(row["requests"], 1)
    return (
        f"{row['name']}: {row['state']}, {row['requests']} requests, {row['errors']} errors, "
        f"{row['fallbacks']} fallbacks, {each:.1f} ms each"
    )


def depths(settings: Settings) -> list[dict[str, Any]]:
    """What each replica lacks, read from the queue's file; nothing where there is none yet."""
    path = settings.overlay.get("queue")
    if not path or not Path(path).exists():
        return []
    from dataclasses import asdict

    from colonnade.multi.queue import depths as read

    try:
        db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            return [asdict(depth) for depth in read(db)]
        finally:
            db.close()
    except sqlite3.Error as error:
        raise ConfigError(f"overlay.queue: {path}: {error}") from error
