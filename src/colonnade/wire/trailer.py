"""The trailer of an aws-chunked body: one checksum, and its signature if the body is signed.

Source: Amazon S3 API reference, "Signature calculations for trailing headers (chunked uploads)".
"""

from __future__ import annotations

import base64
from collections.abc import Callable

from colonnade.errors import S3Error
from colonnade.rules.checksums import ALGORITHMS

_PREFIX = "x-amz-checksum-"
_SIGNATURE = "x-amz-trailer-signature"


class Trailer:
    """Gathers a trailer's lines and reads them.

    `announced` is the checksum header named by x-amz-trailer, None if there is to be none.
    """

    def __init__(self, announced: str | None, *, signed: bool) -> None:
        self.announced = announced
        self.signed = signed
        self._headers: list[tuple[str, str]] = []
        self._signature: str | None = None
        self._parted = False

    def add(self, line: bytes) -> None:
        """Take one line, without its end. Raises MalformedTrailerError for one that can't stand here."""
        name, colon, value = line.decode("latin-1").partition(":")
        name, value = name.strip().lower(), value.strip()
        if not colon or self._signature is not None:
            raise S3Error("MalformedTrailerError")
        if self.signed and name == _SIGNATURE:
            self._signature = value
        elif self._headers or name != self.announced:
            raise S3Error("MalformedTrailerError")
        else:
            self._headers.append((name, value))

    def ends(self) -> bool:
        """Whether an empty line ends the trailer; minio-go puts one before the signature."""
        if self.signed and self._headers and self._signature is None and not self._parted:
            self._parted = True
            return False
        return True

    def read(self, check: Callable[[bytes, str], None] | None) -> dict[str, str]:
        """The checksum by its S3 argument name, nothing if none was announced.

        `check` verifies the signed lines against their signature. Raises MalformedTrailerError if the checksum
        or the signature is missing, InvalidRequest for a checksum that can't be one.
        """
        if self.announced is None and self._signature is None:
            return {}
        if self.announced is not None and not self._headers:
            raise S3Error("MalformedTrailerError")
        if check is not None:
            if self._signature is None:
                raise S3Error("MalformedTrailerError")
            check("".join(f"{name}:{value}\n" for name, value in self._headers).encode("latin-1"), self._signature)
        return dict(_checksum(name, value) for name, value in self._headers)


def _checksum(name: str, value: str) -> tuple[str, str]:
    algorithm = ALGORITHMS[checksum_algorithm(name)]
    try:
        size = len(base64.b64decode(value, validate=True))
    except ValueError:
        size = -1
    if size != algorithm.size:
        raise S3Error("InvalidRequest", f"Value for {name} trailing header is invalid.")
    return algorithm.argument, value


def checksum_algorithm(name: str) -> str:
    """The algorithm of a trailing checksum header. Raises InvalidRequest for any other trailer."""
    algorithm = name.removeprefix(_PREFIX).upper()
    if not name.startswith(_PREFIX) or algorithm not in ALGORITHMS:
        raise S3Error("InvalidRequest", "The value specified in the x-amz-trailer header is not supported")
    return algorithm
