"""Presigned requests that were found to be signed well: used again, they cost no arithmetic.

What a signature covers is all in the method, the path, the query and the headers it names; so the same of all these
is signed as well as it was, as long as the signer's secret is what it was. Time is not remembered: it is judged anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from colonnade.remembered import Remembered, Twice
from colonnade.wire.claims import Claim
from colonnade.wire.request import Request

#: Requests remembered in each of two generations: some 2 KiB each.
MOST = 2048

#: Longer queries are not remembered.
_LONG = 2048


@dataclass(frozen=True, slots=True)
class Verified:
    """A claim that was verified, in a `region`, with a `secret`, and the signed headers it was verified with."""

    claim: Claim
    region: str
    secret: str = field(repr=False)
    headers: tuple[tuple[str, str | None], ...]


_known: Remembered[tuple[str, bytes, bytes], Verified] = Remembered(MOST)
_came = Twice(MOST)


def find(request: Request, region: str) -> Verified | None:
    """What was verified of the same request before, None for another."""
    known = _known.get((request.method, request.raw_path, request.query_string))
    if known is None or known.region != region:
        return None
    headers = request.headers
    for name, value in known.headers:
        if headers.get(name) != value:
            return None
    return None if _says_more(request) else known


def remember(request: Request, claim: Claim, region: str, secret: str) -> None:
    """Keep that a request is signed well, if it comes for the second time: most uploads come but once."""
    if claim.expires is None or len(request.query_string) > _LONG or _says_more(request):
        return
    asked = (request.method, request.raw_path, request.query_string)
    if not _came.before(asked):
        return
    headers = tuple((name, request.headers.get(name)) for name in claim.signed_headers)
    _known.put(asked, Verified(claim, region, secret, headers))


def _says_more(request: Request) -> bool:
    """Whether headers have a say in who signs, or had to be signed: such requests are judged in full."""
    headers = request.headers
    if "authorization" in headers:
        return True
    for name in headers:  # noqa: SIM110 (of every request: a generator costs as much as all the rest of it)
        if name.startswith("x-amz-"):
            return True
    return False
