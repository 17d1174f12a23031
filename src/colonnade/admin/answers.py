"""What the administrator's API answers with: nothing, or a small document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from colonnade.wire.markup import HEADER, escape
from colonnade.wire.render import Response


def empty(status: int) -> Response:
    """A status and no body."""
    return Response(status, [(b"content-length", b"0")], b"")


def rows(root: str, element: str, found: Iterable[Mapping[str, object]]) -> Response:
    """A document with one `element` for each of `found`, whose items are elements in it."""
    inside = "".join(
        f"<{element}>{''.join(f'<{name}>{escape(str(value))}</{name}>' for name, value in row.items())}</{element}>"
        for row in found
    )
    body = f"{HEADER}<{root}>{inside}</{root}>".encode()
    lines = [(b"content-length", b"%d" % len(body)), (b"content-type", b"application/xml")]
    return Response(200, lines, body)
