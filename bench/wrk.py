"""Driving wrk, the load generator."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

_RATE = re.compile(r"Requests/sec:\s+([0-9.]+)")
_ERRORS = re.compile(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)")

_SCRIPT = """
local paths = %(paths)s
local at = 0
wrk.method = "%(method)s"
%(body)s
request = function()
  at = at %% #paths + 1
  return wrk.format(nil, paths[at])
end
"""


def rate(url: str, paths: Sequence[str], *, method: str, body: int, connections: int, seconds: float) -> float:
    """Requests a second over the given paths in turn; `body` is the size in bytes of what is sent.

    Raises RuntimeError if wrk is missing or any request failed: a rate of errors is none.
    """
    if shutil.which("wrk") is None:
        raise RuntimeError("wrk is missing: install it from your system's packages (apt-get install wrk)")
    table = "{" + ",".join(json.dumps(path) for path in paths) + "}"
    content = f'wrk.body = string.rep("x", {body})' if body else ""
    with tempfile.TemporaryDirectory() as directory:
        script = Path(directory) / "load.lua"
        script.write_text(_SCRIPT % {"paths": table, "method": method, "body": content})
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "-s", str(script), url]
        printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 (wrk, with our arguments)
    found = _RATE.search(printed)
    if found is None or _ERRORS.search(printed):
        raise RuntimeError(f"{method} {url}{paths[0][:60]}: {printed}")
    return float(found[1])
