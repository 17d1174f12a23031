"""What a run came to: counted as it goes, shown while it runs, told at its end as a table or as JSON."""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from dataclasses import dataclass, field
from typing import TextIO

#: Seconds between two lines of progress: on a terminal the line is drawn over, in a log that would be too many.
TERMINAL, LOG = 0.5, 10.0
#: Single keys that a report names; the rest are counted.
NAMED = 1000

_COUNTS = (
    "looked_at",
    "same",
    "copied",
    "deleted",
    "differ",
    "only_in_source",
    "only_in_target",
    "newer_in_target",
    "deleted_in_target",
    "failed",
)
_SUFFIXES = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


@dataclass
class Report:
    """Counts of keys by what became of them, bytes copied, and the keys that need somebody's eye."""

    command: str
    source: str
    target: str
    looked_at: int = 0
    same: int = 0
    copied: int = 0
    deleted: int = 0
    differ: int = 0
    only_in_source: int = 0
    only_in_target: int = 0
    newer_in_target: int = 0
    deleted_in_target: int = 0
    failed: int = 0
    bytes: int = 0
    seconds: float = 0.0
    dry_run: bool = False
    keys: list[dict[str, str]] = field(default_factory=list)

    def name(self, bucket: str, key: str, what: str) -> None:
        """Name a key, and what is to be said of it."""
        if len(self.keys) < NAMED:
            self.keys.append({"bucket": bucket, "key": key, "what": what})

    def as_json(self) -> str:
        """The whole of it."""
        return json.dumps(dataclasses.asdict(self), ensure_ascii=False)

    def as_table(self) -> str:
        """For people: counts that aren't nothing, then the keys by name."""
        head = f"{self.command} {self.source} -> {self.target}{' (dry run)' if self.dry_run else ''}"
        rows = [(name.replace("_", " "), str(getattr(self, name))) for name in _COUNTS if getattr(self, name)]
        rate = f" in {self.seconds:.1f} s" + (f", {size(self.bytes / self.seconds)}/s" if self.seconds else "")
        rows.append(("bytes", size(self.bytes) + rate))
        width = max(len(name) for name, _ in rows)
        lines = [head, *(f"  {name:<{width}}  {value}" for name, value in rows)]
        lines += [f"  {one['what']}: {one['bucket']}/{one['key']!r}" for one in self.keys]
        return "\n".join(lines)


class Progress:
    """A line on a stream while a run goes on, none if it is `quiet`. `expected` are the bytes there are to copy."""

    def __init__(self, report: Report, *, quiet: bool = False, stream: TextIO | None = None) -> None:
        self.report = report
        self.quiet = quiet
        self.stream = stream or sys.stderr
        self.expected: int | None = None
        self.began = time.monotonic()
        self._interval = TERMINAL if self.stream.isatty() else LOG
        self._next = self.began + self._interval

    def tick(self) -> None:
        """Show the line if it is time."""
        now = time.monotonic()
        if self.quiet or now < self._next:
            return
        self._next = now + self._interval
        end = "\r" if self.stream.isatty() else "\n"
        print(self.line(now), end=end, file=self.stream, flush=True)

    def line(self, now: float) -> str:
        """How far it is, how fast, and how long it may take."""
        report, spent = self.report, max(now - self.began, 1e-9)
        rate = report.bytes / spent
        text = f"{report.looked_at} keys, {report.copied} copied, {report.failed} failed, {size(report.bytes)}"
        text += f" at {size(rate)}/s"
        if self.expected is not None and rate > 0:
            left = max(self.expected - report.bytes, 0) / rate
            clock = f"{int(left) // 3600}:{int(left) // 60 % 60:02}:{int(left) % 60:02}"
            text += f", {size(self.expected)} in all, {clock} left"
        return text


def size(count: float) -> str:
    """Bytes for people."""
    for suffix in _SUFFIXES[:-1]:
        if count < 1024:
            return f"{count:.0f} {suffix}" if suffix == "B" else f"{count:.1f} {suffix}"
        count /= 1024
    return f"{count:.1f} {_SUFFIXES[-1]}"
