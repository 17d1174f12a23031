"""The table of operations, written from the code: ``python -m colonnade.cli.operations > FILE``.

A test compares the page in docs/guide with this, so it can't promise what no backend has.
"""

from __future__ import annotations

from collections.abc import Iterator

from colonnade.backend import Backend
from colonnade.backends.memory import MemoryBackend
from colonnade.backends.posix.backend import PosixBackend
from colonnade.backends.s3 import S3Backend
from colonnade.backends.s3.settings import Settings
from colonnade.model import OPERATIONS
from colonnade.rules.bucketconfig import REFUSED
from colonnade.wire import extras

INTRODUCTION = """\
# Operations

<!-- Written by `make docs` from the code; edit that. -->

What each type of backend carries out; anything else is answered `NotImplemented`. `s3` hands an operation on, and the
service behind it may refuse it. Several backends as one have what their primary has. `colonnade test` says what an
endpoint really does.
"""

AFTER = """
POST Object, the upload from an HTML form, is carried out as PutObject by every backend.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([INTRODUCTION, *_table(), AFTER, *_gaps(), *_refused(), *_unserved()]) + "\n"


def _backends() -> dict[str, Backend]:
    """One of each type, never started."""
    return {
        "posix": PosixBackend.__new__(PosixBackend),
        "s3": S3Backend(Settings()),
        "memory": MemoryBackend(),
    }


def _table() -> Iterator[str]:
    backends = _backends()
    yield f"| Operation | {' | '.join(backends)} |"
    yield f"|---|{'---|' * len(backends)}"
    for name in sorted(OPERATIONS.keys() - extras.UNROUTED.keys() - extras.UNRENDERED.keys()):
        marks = ["yes" if each.has(name) else "no" for each in backends.values()]
        if "yes" in marks:
            yield f"| {name} | {' | '.join(marks)} |"


def _gaps() -> Iterator[str]:
    """What a backend has, but not all of it."""
    for name, backend in _backends().items():
        if backend.gaps:
            yield f"## What `{name}` lacks, and why\n"
            yield from (f"- {gap}: {reason}" for gap, reason in sorted(backend.gaps.items()))
            yield ""


def _refused() -> Iterator[str]:
    """What is taken only to be turned off."""
    yield "## Taken only where it asks for nothing\n"
    yield "A configuration that promises something later is refused by `posix` and `memory`, unless it is empty.\n"
    yield from (f"- {name}" for name in sorted(REFUSED))
    yield ""


def _unserved() -> Iterator[str]:
    """What is served over no backend."""
    yield "## Served by none\n"
    for name, reason in sorted({**extras.UNROUTED, **extras.UNRENDERED}.items()):
        yield f"- {name}: {reason}"
    backends = _backends().values()
    for name in sorted(OPERATIONS.keys() - extras.UNROUTED.keys() - extras.UNRENDERED.keys()):
        if not any(each.has(name) for each in backends):
            yield f"- {name}: no backend has it"


if __name__ == "__main__":
    print(page(), end="")
