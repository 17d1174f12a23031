"""A file that several processes append whole lines to, and that may be renamed under them.

Before each write the name is looked at (one `stat`): if it is another file's now, or nobody's, that one is opened. So
logrotate needs neither ``copytruncate`` nor a signal.
"""

from __future__ import annotations

import os


class LogFile:
    """Lines at the end of the file at `path`, made with mode 0644 where it isn't there. Raises OSError."""

    def __init__(self, path: str) -> None:
        self.path = os.path.abspath(path)  # a backend may change the working directory
        self._fd = -1
        self._identity: tuple[int, int] | None = None
        self._torn = False
        self._open()

    def write(self, lines: str) -> None:
        """Append a line, or several with ends of lines between them, in one write: no other process's come between.

        Raises OSError; some of them may be there then.
        """
        self._follow()
        data = f"{lines}\n".encode(errors="backslashreplace")
        if self._torn:  # a full disk took half of the last one
            data = b"\n" + data
        written = os.write(self._fd, data)
        self._torn = written < len(data)
        if self._torn:
            raise OSError(f"only {written} of {len(data)} bytes could be written to {self.path}")

    def close(self) -> None:
        """Let the file go."""
        if self._fd >= 0:
            os.close(self._fd)
        self._fd, self._identity = -1, None

    def _follow(self) -> None:
        try:
            status = os.stat(self.path)
        except FileNotFoundError:
            self._open()
            return
        if (status.st_dev, status.st_ino) != self._identity:
            self._open()

    def _open(self) -> None:
        fd = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        status = os.fstat(fd)
        self.close()
        self._fd, self._identity, self._torn = fd, (status.st_dev, status.st_ino), False
