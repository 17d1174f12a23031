"""What can go wrong between us and an upstream, and what a caller is told then."""

from __future__ import annotations

import enum
from dataclasses import dataclass

#: Seconds after which what never comes is given up, and those that what does come has, however busy the machine is.
SOON, AMPLE = 0.5, 60.0
#: In so many everything must have ended that is given up soon: fewer than it would take to be given up otherwise.
BOUND = 30.0


class Then(enum.Enum):
    """What happens to a connection when the fault strikes."""

    CLOSE = "close"
    RESET = "reset"
    STALL = "stall"
    #: Nobody listens at all.
    REFUSE = "refuse"


@dataclass(frozen=True)
class Fault:
    """One way to fail. `code` is what the caller gets, "" for an answer as if nothing were.

    Numbers of bytes that pass: `up` of the request, `down` of the answer, `body` of the answer's body; then comes
    `then`. `says` is answered instead of asking the server. `delay` is in seconds before a request is sent on, `drip`
    before each 40 bytes of the answer, or before each of `slow_body` parts of its body. `longer` is how much too much
    the answer's Content-Length promises. `methods` are the only requests that it strikes, all if there are none.
    """

    code: str = "ServiceUnavailable"
    up: int | None = None
    down: int | None = None
    body: int | None = None
    then: Then = Then.CLOSE
    says: bytes | None = None
    delay: float = 0.0
    drip: float = 0.0
    slow_body: int = 0
    longer: int = 0
    methods: tuple[bytes, ...] = ()

    @property
    def waits(self) -> str:
        """Which of the time-outs ends it, by the name of its setting; "" for none."""
        if self.then is Then.STALL:
            return "answer_timeout" if self.body is None else "stall_timeout"
        return "answer_timeout" if self.delay >= AMPLE or self.drip else ""

    def strikes(self, head: bytes) -> bool:
        """Whether a request is one of those."""
        return not self.methods or head.startswith(self.methods)


def says(status: str, body: bytes = b"", kind: str = "application/xml") -> bytes:
    """An answer in bytes."""
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def error(code: str) -> bytes:
    """S3's error document."""
    return f"<?xml version='1.0'?>\n<Error><Code>{code}</Code><Message>No.</Message></Error>".encode()


PAGE = b"<!DOCTYPE html><html><body><h1>Something went wrong</h1></body></html>"

WELL = Fault(code="")

FAULTS = {
    "well": WELL,
    "refused": Fault(then=Then.REFUSE),
    "reset at once": Fault(up=1, then=Then.RESET),
    "reset in the request": Fault(up=600, then=Then.RESET),
    "closed in the request": Fault(up=600),
    "reset in a long body": Fault(up=200_000, then=Then.RESET),
    "black hole": Fault(up=1, then=Then.STALL),
    "stalls in the request": Fault(up=200_000, then=Then.STALL),
    "closed before the answer": Fault(down=1),
    "reset in the head": Fault(down=40, then=Then.RESET),
    "stalls in the head": Fault(down=40, then=Then.STALL),
    "reset in the body": Fault(body=20, then=Then.RESET),
    "closed in the body": Fault(body=20),
    "stalls in the body": Fault(body=20, then=Then.STALL),
    "promises too much": Fault(longer=7),
    "late": Fault(code="", delay=0.15),
    "too late": Fault(delay=AMPLE),
    "drips for ever": Fault(drip=0.2),
    "body in drops": Fault(drip=0.3, slow_body=5),
    "500 in XML": Fault(code="InternalError", says=says("500 Internal Server Error", error("InternalError"))),
    "503 in XML": Fault(code="SlowDown", says=says("503 Slow Down", error("SlowDown"))),
    "502 in HTML": Fault(says=says("502 Bad Gateway", PAGE, "text/html")),
    "504 in HTML": Fault(says=says("504 Gateway Timeout", PAGE, "text/html")),
    "503 empty": Fault(says=says("503 Service Unavailable")),
    "500 empty": Fault(code="InternalError", says=says("500 Internal Server Error")),
    "200 in HTML": Fault(says=says("200 OK", PAGE, "text/html")),
    "404 in HTML": Fault(says=says("404 Not Found", PAGE, "text/html")),
    "error in a 200": Fault(code="InternalError", says=says("200 OK", error("InternalError"))),
    "not HTTP": Fault(says=b"SSH-2.0-OpenSSH_9.6\r\n\r\n"),
}
