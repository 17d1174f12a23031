"""How a record is written to a log: whatever it says, it forges no other record.

What clients and other services send ends up in messages and tracebacks. A line that begins at the margin is always
the beginning of a record; what goes on is indented, and no message has a line break or a control character in it.
"""

from __future__ import annotations

import logging
import re
from types import TracebackType

#: C0 and C1 controls, and what Unicode and terminals take for line breaks or for another direction of writing.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def one_line(text: str) -> str:
    """A text with its control characters written as escapes."""
    return _CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


class Formatter(logging.Formatter):
    """Time, level, name and message; a traceback below, indented."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (its name there)
        """The record's first line."""
        return one_line(super().formatMessage(record))

    def formatException(  # noqa: N802 (its name there)
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        """The lines of a traceback."""
        return "\n".join(f"    {one_line(line)}" for line in super().formatException(ei).split("\n"))
