"""The s3 backend: every operation of S3's model passed on to another S3 service, none of them by hand."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import random
import time
from collections.abc import Mapping
from functools import lru_cache

import aiohttp
from multidict import CIMultiDict

from colonnade import model, sigv4
from colonnade.backend import Answer, Arguments, Backend
from colonnade.backends.s3 import answer as answers
from colonnade.backends.s3 import genuine
from colonnade.backends.s3.address import Address
from colonnade.backends.s3.credentials import Credentials, Keys
from colonnade.backends.s3.failure import UnreachableError, refused
from colonnade.backends.s3.request import Request, build, in_region
from colonnade.backends.s3.settings import Settings
from colonnade.backends.s3.transport import Transport
from colonnade.errors import S3Error
from colonnade.model import OPERATIONS

log = logging.getLogger("colonnade.s3")

#: Operations that aren't passed on, and why.
REFUSED = {
    "SelectObjectContent": "answers an event stream",
    "WriteGetObjectResponse": "answers an Object Lambda, on a host of its own",
    "ListDirectoryBuckets": "asked of S3 Express's own endpoint",
    "CreateSession": "gives out credentials of the upstream",
}

#: How often a request is tried in all, and the seconds before the second time; doubled before each further one.
ATTEMPTS = 3
BACKOFF = 0.1

#: Statuses that say try again.
PASSING = frozenset({500, 502, 503, 504})


class S3Backend(Backend):
    """Another S3 service. All callers share its one account. Raises ValueError for an endpoint that can't be one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._address = Address(settings.endpoint, settings.region, settings.use_path_style)
        self._credentials = Credentials(settings)
        self._transport = Transport(settings)

    async def start(self) -> None:
        """Make the pool of connections. The upstream need not be there yet."""
        await asyncio.to_thread(model.service)
        await self._transport.start()

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close()

    def has(self, operation: str) -> bool:
        """Whether the operation is passed on. The upstream may not have it: it says NotImplemented then."""
        return operation in OPERATIONS and operation not in REFUSED

    async def call(self, operation: str, arguments: Arguments) -> Answer:
        """Have the upstream carry it out. Its refusals are raised as they are, its absence as ServiceUnavailable."""
        if not self.has(operation):
            raise S3Error("NotImplemented")
        if operation == "CreateBucket" and self._settings.endpoint is None:
            arguments = in_region(arguments, self._settings.region)
        request = await build(operation, arguments, sums=not self._settings.disable_data_integrity_check)
        response = await self._try(request)
        headers: Mapping[str, str] = response.headers
        if not all(map(str.isprintable, headers.values())):
            headers = CIMultiDict((name, _readable(value)) for name, value in headers.items())
        payload = OPERATIONS[operation].output.payload
        if response.status < 300 and payload is not None and payload.shape.kind == "blob":
            try:
                answer = answers.parse(operation, headers, self._transport.body(response))
                genuine.check_answer(operation, answer, b"")
                return answer
            except S3Error:
                response.close()
                raise
        body = await self._transport.read(operation, response)
        if response.status == 404:
            genuine.check_absence(headers, body)
        if response.status >= 300 or answers.is_error(body):
            raise refused(operation, response.status, headers, body, answers.head(headers))
        answer = answers.parse(operation, headers, body)
        genuine.check_answer(operation, answer, body)
        return answer

    async def _try(self, request: Request) -> aiohttp.ClientResponse:
        """Send it, and again where that does no harm: as often as ATTEMPTS says, never after a time-out."""
        for attempt in range(1, ATTEMPTS):
            try:
                response = await self._send(request)
            except UnreachableError as error:
                untouched = request.upload is None or not request.upload.touched
                if error.timed_out or not (untouched and (request.repeatable() or not error.sent)):
                    raise
            else:
                if response.status not in PASSING or not request.repeatable():
                    return response
                response.close()
            # S311: spreads the load, guards nothing.
            await asyncio.sleep(BACKOFF * 2 ** (attempt - 1) * random.uniform(0.5, 1.0))  # noqa: S311
        return await self._send(request)

    async def _send(self, request: Request) -> aiohttp.ClientResponse:
        host, path = self._address.place(request.path)
        headers = {**request.headers, "host": host}
        body = request.body if request.upload is None else request.upload
        if body or request.method in ("PUT", "POST"):
            headers["content-length"] = str(len(body) if isinstance(body, bytes) else body.length)
        keys = await self._credentials.keys()
        self._sign(request, path, headers, keys)
        query = "&".join(
            pair.removesuffix("=") for pair in sigv4.canonical_query(request.query).split("&") if request.query
        )
        url = f"{self._address.scheme}://{host}{path}" + (f"?{query}" if query else "")
        response = await self._transport.send(request.operation, request.method, url, headers, body)
        if self._settings.debug:
            log.info("%s %s %s: %d", request.operation, request.method, ascii(url)[1:-1], response.status)
        return response

    def _sign(self, request: Request, path: str, headers: dict[str, str], keys: Keys | None) -> None:
        payload = self._payload(request)
        headers["x-amz-content-sha256"] = payload
        if keys is None:
            return
        timestamp = headers["x-amz-date"] = _basic(int(time.time()))
        if keys.token is not None:
            headers["x-amz-security-token"] = keys.token
        headers["authorization"] = sigv4.sign_headers(
            request.method,
            path.encode(),
            request.query,
            headers,
            access=keys.access,
            secret=keys.secret,
            region=self._settings.region,
            timestamp=timestamp,
            payload=payload,
        )

    def _payload(self, request: Request) -> str:
        if "x-amz-trailer" in request.headers:
            return sigv4.STREAMING_UNSIGNED_TRAILER
        if request.upload is not None or self._settings.disable_checksum:
            return sigv4.UNSIGNED
        return hashlib.sha256(request.body).hexdigest() if request.body else sigv4.EMPTY_SHA256


@lru_cache(maxsize=4)
def _basic(second: int) -> str:
    """Seconds since the epoch in ISO's basic form."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(second))


def _readable(value: str) -> str:
    """A header's value: UTF-8, else Latin-1 (RFC 9110 §5.5)."""
    return value.encode("utf-8", "surrogateescape").decode("latin-1") if not value.isprintable() else value
