"""HTTP to the upstream: one pool of connections for each worker, every wait bounded."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator

import aiohttp
from yarl import URL

from colonnade.backends.s3.failure import UnreachableError
from colonnade.backends.s3.settings import Settings
from colonnade.backends.s3.upload import Upload
from colonnade.body import Body, BytesBody
from colonnade.rules.long import LONG

#: The most bytes of an answer that isn't an object: a page of a thousand keys, each fully encoded, with all else.
LARGEST = 32 * 1024 * 1024

#: Bytes of a download read ahead; aiohttp keeps up to twice that for each, and a slow reader's pieces are as large.
BUFFER = 64 * 1024

_IDLE = 15.0


class Transport:
    """Carries requests. `start` and `close` belong to the event loop it is used in."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Make the pool; nothing is connected yet."""
        connector = aiohttp.TCPConnector(limit=0, ssl=_tls(self._settings), keepalive_timeout=_IDLE)
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=None, connect=self._settings.connect_timeout),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=("Accept", "Content-Type", "User-Agent"),
            read_bufsize=BUFFER,
            max_line_size=65536,
            max_field_size=65536,
        )
        # aiohttp sends every PUT and DELETE again by itself, whatever their conditions and bodies; there is no
        # public way to say that we judge that here.
        self._session._retry_connection = False

    async def close(self) -> None:
        """Close every connection."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def send(
        self, operation: str, method: str, url: str, headers: dict[str, str], body: bytes | Upload
    ) -> aiohttp.ClientResponse:
        """Send a request, give the head of its answer. Raises UnreachableError, and what the client's body raises."""
        assert self._session is not None, "not started"
        try:
            async with asyncio.timeout(self._patience(operation)) as clock:
                if isinstance(body, Upload):
                    body.clock, body.stall = clock, self._settings.stall_timeout
                    body.answer = self._patience(operation)
                # "identity": nothing on the way shall pack what is stored unpacked.
                return await self._session.request(
                    method,
                    URL(url, encoded=True),
                    headers={**headers, "accept-encoding": "identity", "user-agent": "colonnade"},
                    data=body or None,
                    allow_redirects=False,
                )
        except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
            if isinstance(body, Upload) and body.failure is not None:
                raise body.failure from None
            raise _unreachable(error) from error
        finally:
            if isinstance(body, Upload):
                body.clock = None

    def body(self, response: aiohttp.ClientResponse) -> Body:
        """The body of an answer; a small one has come with the head, and is in memory already."""
        content, length = response.content, _length(response)
        if length is None or length > BUFFER or not content.is_eof():
            return self.download(response)
        data = content.read_nowait(-1)
        response.release()
        if len(data) != length:
            raise UnreachableError("ended its answer early")
        return BytesBody(data)

    def download(self, response: aiohttp.ClientResponse) -> Download:
        """The body of an answer."""
        return Download(response, self._settings.stall_timeout)

    async def read(self, operation: str, response: aiohttp.ClientResponse) -> bytes:
        """The whole of an answer, the connection given back. It has the time again that its beginning had."""
        pieces: list[bytes] = []
        body = self.download(response)
        try:
            async with asyncio.timeout(self._patience(operation)), contextlib.aclosing(body):
                async for piece in body:
                    pieces.append(piece)
                    if sum(map(len, pieces)) > LARGEST:
                        raise UnreachableError("answered more than can be an answer")
        except TimeoutError as error:
            raise _unreachable(error) from error
        return b"".join(pieces)

    def _patience(self, operation: str) -> float:
        return self._settings.patience if operation in LONG else self._settings.answer_timeout


class Download(Body):
    """An object on its way down, no piece taking more than `stall` seconds.

    Raises UnreachableError if it ends early; closing gives the connection back.
    """

    def __init__(self, response: aiohttp.ClientResponse, stall: float) -> None:
        super().__init__(_length(response))
        self._response = response
        self._stall = stall

    async def __aiter__(self) -> AsyncIterator[bytes]:
        content, count = self._response.content, 0
        try:
            while True:
                async with asyncio.timeout(self._stall):
                    piece = await content.readany()
                if not piece:
                    break
                count += len(piece)
                yield piece
        except (aiohttp.ClientError, OSError) as error:
            raise _unreachable(error) from error
        if self.length is not None and count != self.length:
            raise UnreachableError("ended its answer early")

    async def aclose(self) -> None:
        """Back into the pool if it was read to its end, else the connection is closed."""
        if self._response.content.at_eof():
            self._response.release()
        else:
            self._response.close()


def _length(response: aiohttp.ClientResponse) -> int | None:
    """How long the body of an answer is to be; the Content-Length of those that have none is another's."""
    return 0 if response.method == "HEAD" or response.status in (204, 304) else response.content_length


def _tls(settings: Settings) -> ssl.SSLContext | bool:
    if settings.ssl_skip_verify:
        return False
    return ssl.create_default_context(cafile=settings.ca_file) if settings.ca_file is not None else True


def _unreachable(error: Exception) -> UnreachableError:
    if isinstance(error, aiohttp.ClientConnectorError):
        return UnreachableError("can't be reached", sent=False)
    if isinstance(error, TimeoutError):
        return UnreachableError("took too long", timed_out=True)
    return UnreachableError("broke the connection")
