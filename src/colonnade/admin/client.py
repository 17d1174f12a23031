"""The other side of the administrator's API: a client that signs with our own signatures.

AdminClient("http://127.0.0.1:7070", access, secret).send("/delete-user", {"access": "alice"})
"""

from __future__ import annotations

import hashlib
import http.client
import socket
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from colonnade import sigv4
from colonnade.errors import S3Error
from colonnade.wire import xml

FORMS = "http://HOST:PORT, https://HOST:PORT or unix:/PATH"

#: Seconds to connect, and for each further wait.
PATIENCE = 30.0


class RefusedError(Exception):
    """The gateway said no. `code` and `message` are its own, `status` is HTTP's."""

    def __init__(self, code: str, message: str, status: int) -> None:
        self.code, self.message, self.status = code, message, status
        super().__init__(f"refused, {code}: {message}")


class UnreachableError(Exception):
    """There is no answer, or it is no gateway's; says why."""


class AdminClient:
    """Asks one gateway as one administrator. `verify` says whether its certificate must be trusted.

    Raises ValueError for an endpoint that is no http, https or unix address.
    """

    def __init__(
        self, endpoint: str, access: str, secret: str, *, region: str = "us-east-1", verify: bool = True
    ) -> None:
        parts = urlsplit(endpoint)
        known = parts.path if parts.scheme == "unix" else parts.hostname
        if parts.scheme not in ("http", "https", "unix") or not known or parts.query:
            raise ValueError(f"{endpoint!r} is no endpoint; allowed are {FORMS}")
        self.endpoint, self.access, self.secret, self.region, self.verify = endpoint, access, secret, region, verify
        self._parts = parts
        self._host = "localhost" if parts.scheme == "unix" else _host(parts.scheme, parts.netloc)
        self._prefix = "" if parts.scheme == "unix" else parts.path.rstrip("/")

    def send(
        self,
        path: str,
        query: Mapping[str, str] | None = None,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """The body of the answer to one request. Raises RefusedError, UnreachableError."""
        path, pairs = self._prefix + path, list((query or {}).items())
        signed = self._signed(path, pairs, body, headers or {})
        target = f"{path}?{sigv4.canonical_query(pairs)}" if pairs else path
        connection = self._connection()
        try:
            connection.request("PATCH", target, body, signed)
            response = connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise UnreachableError(f"{self.endpoint} can't be reached: {_why(error)}") from error
        finally:
            connection.close()
        if response.status >= 300:
            raise self._refusal(response.status, answer)
        return answer

    def rows(self, path: str) -> list[dict[str, str]]:
        """What a listing holds: each entry's elements. Raises as `send` does."""
        answer = self.send(path)
        try:
            return [{field.name: field.text for field in entry.children} for entry in xml.parse(answer).children]
        except S3Error as error:
            raise UnreachableError(f"{self.endpoint} does not answer as a gateway does") from error

    def _signed(
        self, path: str, pairs: list[tuple[str, str]], body: bytes, headers: Mapping[str, str]
    ) -> dict[str, str]:
        timestamp, payload = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ"), hashlib.sha256(body).hexdigest()
        sent = {**headers, "host": self._host, "x-amz-date": timestamp, "x-amz-content-sha256": payload}
        authorization = sigv4.sign_headers(
            "PATCH",
            path.encode(),
            pairs,
            sent,
            access=self.access,
            secret=self.secret,
            region=self.region,
            timestamp=timestamp,
            payload=payload,
        )
        return {**sent, "authorization": authorization}

    def _connection(self) -> http.client.HTTPConnection:
        if self._parts.scheme == "unix":
            return _UnixConnection(self._parts.path)
        host = self._parts.hostname or ""
        if self._parts.scheme == "http":
            return http.client.HTTPConnection(host, self._parts.port, timeout=PATIENCE)
        tls = ssl.create_default_context()
        if not self.verify:
            tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
        return http.client.HTTPSConnection(host, self._parts.port, timeout=PATIENCE, context=tls)

    def _refusal(self, status: int, answer: bytes) -> Exception:
        try:
            said = {element.name: element.text for element in xml.parse(answer).children}
            code = said["Code"]
        except (S3Error, KeyError):
            return UnreachableError(f"{self.endpoint} does not answer as a gateway does (HTTP status {status})")
        message = said.get("Message", "")
        if code == "MethodNotAllowed":
            message += " The administrator's API may be on another port (see --admin-port)."
        return RefusedError(code, message, status)


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket; ``@name`` is an abstract one."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=PATIENCE)
        self._path = "\0" + path[1:] if path.startswith("@") else path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(self._path)


def _host(scheme: str, netloc: str) -> str:
    """The Host header: without the port that goes without saying."""
    host = netloc.rpartition("@")[2]
    return host.removesuffix(":443" if scheme == "https" else ":80")


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted, {error.verify_message} (--allow-insecure trusts any)"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
