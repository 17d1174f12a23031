"""Filesystems of a test's own: small ones, read-only ones, and one that fails when told to. They need root."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

FAULTY = Path(__file__).with_name("faulty.py")

#: MS_RDONLY, MS_REMOUNT; MNT_DETACH.
READ_ONLY, REMOUNT, _DETACH = 1, 32, 2

_libc = ctypes.CDLL(None, use_errno=True)


def mount(kind: str, target: Path, options: str = "", flags: int = 0) -> None:
    """mount(2); skips the test where that isn't allowed."""
    if _libc.mount(kind.encode(), os.fsencode(target), kind.encode(), flags, options.encode()) != 0:
        pytest.skip(f"NOT TESTED: can't mount a {kind}: {os.strerror(ctypes.get_errno())}")


def unmount(target: Path) -> None:
    """Unmount, whoever uses it."""
    _libc.umount2(os.fsencode(target), _DETACH)


@contextmanager
def tmpfs(target: Path, options: str) -> Iterator[Path]:
    """A filesystem in memory."""
    target.mkdir(exist_ok=True)
    mount("tmpfs", target, options)
    try:
        yield target
    finally:
        unmount(target)


@contextmanager
def whole_seconds(directory: Path) -> Iterator[Path]:
    """A filesystem whose times have no fraction: ext2 with inodes of 128 bytes."""
    image, target = directory / "image", directory / "mounted"
    target.mkdir()
    with image.open("wb") as file:
        file.truncate(16 << 20)
    make = ["mke2fs", "-q", "-F", "-t", "ext2", "-I", "128", str(image)]
    for command in (make, ["mount", "-o", "loop,user_xattr", str(image), str(target)]):
        if not shutil.which(command[0]) or subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip(f"NOT TESTED: a filesystem of whole seconds needs {command[0]} and root")
    try:
        yield target
    finally:
        unmount(target)


class Faults:
    """What a faulty filesystem does; see `faulty.py`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.set()

    def set(self, *stall: str, **fail: int) -> None:
        """Let operations stall, or fail with an errno; others go well from now on."""
        self._write({"stall": stall, "fail": fail})

    def _write(self, said: dict[str, Any]) -> None:
        written = self.path.with_suffix(".new")
        written.write_text(json.dumps(said))
        os.rename(written, self.path)


@contextmanager
def faulty(directory: Path) -> Iterator[tuple[Path, Faults]]:
    """A FUSE filesystem and its faults."""
    if not os.path.exists("/dev/fuse") or os.geteuid() != 0:
        pytest.skip("NOT TESTED: a faulty filesystem needs /dev/fuse and root")
    backing, target, control = directory / "backing", directory / "mounted", directory / "control"
    backing.mkdir()
    target.mkdir()
    faults = Faults(control)
    command = [sys.executable, str(FAULTY), str(backing), str(target), str(control)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            if process.stdout.readline() != "mounted\n":
                pytest.skip("NOT TESTED: can't mount a FUSE filesystem")
            yield target, faults
        finally:
            faults.set()
            unmount(target)
            process.kill()
