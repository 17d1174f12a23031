"""Driving wrk, the load generator, with requests that are written out beforehand."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.load import Load, run
from bench.servers import Server

#: Reads the requests at the start and hands them out in turn: nothing is formatted while it measures.
_SCRIPT = """
local requests, at = {}, 0

init = function(args)
  local file = assert(io.open(args[1], "rb"))
  for length in file:lines() do
    requests[#requests + 1] = file:read(tonumber(length))
  end
  file:close()
end

request = function()
  at = at %% #requests + 1
  return requests[at]
end

%(delay)s

done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\\n@{"requests": %%d, "duration": %%d, "bytes": %%d, "p50": %%d, "p99": %%d, "failed": %%d}\\n',
    summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""

#: Every connection waits before each request, for a random time whose mean is given; wrk takes whole milliseconds.
_DELAY = "delay = function() return math.floor(math.random() * 2 * %f + math.random()) end"


class ExhaustedError(RuntimeError):
    """There were too few requests that may be sent once only."""


def drive(
    server: Server,
    requests: Sequence[bytes],
    *,
    connections: int,
    seconds: int,
    rate: float | None = None,
    once: bool = False,
) -> Load:
    """Send the requests in turn; at most about `rate` a second, or as fast as they are answered.

    With `once` none is sent twice; raises ExhaustedError if there were too few. Raises RuntimeError if wrk is missing
    or any request failed: a rate of errors is none.
    """
    delay = _DELAY % (1000 * connections / rate) if rate else ""
    with tempfile.TemporaryDirectory() as directory:
        script, data = Path(directory) / "load.lua", Path(directory) / "requests"
        script.write_text(_SCRIPT % {"delay": delay})
        data.write_bytes(b"".join(b"%d\n%s" % (len(request), request) for request in requests))
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(script)]
        ran = run([*command, server.url, str(data)], server)
    said = json.loads(ran.printed.rpartition("@")[2])
    if said["failed"] or not said["bytes"]:
        raise RuntimeError(f"{server.url} {requests[0][:80]!r}: {ran.printed}")
    if once and said["requests"] + connections > len(requests):
        raise ExhaustedError(f"{len(requests)} requests were too few")
    count, duration = max(1, said["requests"]), said["duration"] / 1e6  # none may have ended, of large ones
    return Load(
        count / duration,
        said["bytes"] / duration,
        said["p50"] / 1e6,
        said["p99"] / 1e6,
        ran.server / count,
        ran.generator / count,
    )
