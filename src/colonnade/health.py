"""The answer to health checks: that we are here, and with ``?ready`` whether reads and writes can be served."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from colonnade.backend import Backend
from colonnade.wire.render import Response


def asked(path: bytes | None, scope: Mapping[str, Any]) -> bool:
    """Whether a request is a GET or HEAD of the path (None: there is none), wherever we are mounted."""
    if path is None or scope["method"] not in ("GET", "HEAD"):
        return False
    given: bytes = scope.get("raw_path") or b""
    return given.removeprefix(scope.get("root_path", "").encode()) == path


async def answer(backend: Backend, query: bytes) -> Response:
    """200 to anybody; to ``?ready`` what the backend says of itself as JSON, 503 unless it serves reads and writes."""
    if query.split(b"=")[0] != b"ready":
        return Response(200, [(b"content-type", b"text/plain")], b"OK")
    said = await backend.ready()
    status = 200 if said.get("read") and said.get("write") else 503
    return Response(status, [(b"content-type", b"application/json")], json.dumps(said).encode())
