"""Making the library beside this file, where there is a C compiler.

Run by the build of the package, which goes on without it, and by tests; imports nothing of the package.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

SOURCE = Path(__file__).with_name("glance.c")
LIBRARY = SOURCE.with_name("libglance.so")


def compile_to(target: Path = LIBRARY) -> bool:
    """Compile the library to `target`; whether that could be done. CC and CFLAGS are heeded, as make has them.

    If not, an older one goes: it would be found, and be of another source.
    """
    compiler = shlex.split(os.environ.get("CC") or "cc")
    flags = shlex.split(os.environ.get("CFLAGS") or "-O2")
    command = [*compiler, *flags, "-std=gnu11", "-shared", "-fPIC", "-fvisibility=hidden", str(SOURCE), "-o"]
    try:
        with tempfile.TemporaryDirectory(dir=target.parent) as directory:
            made = Path(directory) / target.name
            done = subprocess.run([*command, str(made)], capture_output=True, text=True, check=False)  # noqa: S603
            if done.returncode == 0:
                made.replace(target)
                return True
            reason = done.stderr
    except OSError as error:
        reason = str(error)
    with suppress(OSError):
        target.unlink(missing_ok=True)
    what = f"colonnade: listings and reads will be slower, {target.name} can't be compiled"
    print(f"{what}: {reason.strip()}", file=sys.stderr)
    return False


if __name__ == "__main__":
    sys.exit(not compile_to())
