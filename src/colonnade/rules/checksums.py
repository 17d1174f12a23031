"""What S3 promises about checksums: of an uploaded body, of parts joined to a whole, and as kept on disk."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from colonnade.errors import S3Error
from colonnade.rules.hashers import ALGORITHMS, Algorithm, Hasher

__all__ = [
    "ALGORITHMS",
    "DEFAULT",
    "Algorithm",
    "Checksum",
    "Hasher",
    "Ingest",
    "Sums",
    "combine",
    "composite",
    "decode",
    "from_json",
    "to_json",
]

#: What S3 sums an object with when the client names nothing.
DEFAULT = "CRC64NVME"


@dataclass(frozen=True, slots=True)
class Checksum:
    """An object's checksum: `value` is base64, with ``-N`` behind it if `type` is COMPOSITE."""

    algorithm: str
    type: str
    value: str

    @property
    def argument(self) -> str:
        """Its name in S3's requests and answers: ``ChecksumCRC32``."""
        return ALGORITHMS[self.algorithm].argument

    def answer(self) -> dict[str, str]:
        """Its members in an answer; none without a value."""
        return {self.argument: self.value, "ChecksumType": self.type} if self.value else {}


@dataclass(frozen=True, slots=True)
class Sums:
    """What was found out about one body: `etag` is quoted, `values` are base64 by algorithm.

    `algorithm` is the one the client named, else the default; empty where nothing was summed.
    """

    etag: str
    algorithm: str
    values: Mapping[str, str]

    @property
    def value(self) -> str:
        """The checksum of `algorithm`, base64."""
        return self.values.get(self.algorithm, "")

    @property
    def checksum(self) -> Checksum:
        """The checksum to be kept with a whole object."""
        return Checksum(self.algorithm, "FULL_OBJECT", self.value)

    def answer(self) -> dict[str, str]:
        """The members of PutObject's answer."""
        return self.checksum.answer()

    def part_answer(self) -> dict[str, str]:
        """The members of UploadPart's answer, which has no type."""
        return {ALGORITHMS[self.algorithm].argument: self.value} if self.value else {}


#: What they are called in requests and answers.
_ARGUMENTS = frozenset(algorithm.argument for algorithm in ALGORITHMS.values())


class Ingest:
    """All digests over one uploaded body, and the comparison with what the client said.

    Reads Checksum*, ChecksumAlgorithm and ContentMD5 of `arguments`. `default` is the algorithm used when the
    client names none, `also` are summed beside it, `md5` makes an ETag. Raises InvalidRequest or
    InvalidDigest for what can't be a checksum, before a byte is read.
    """

    def __init__(
        self,
        arguments: Mapping[str, Any],
        *,
        default: str | None = DEFAULT,
        also: Iterable[str] = (),
        md5: bool = True,
    ) -> None:
        self._given = _given(arguments)
        self._announced = _announced(arguments, self._given)
        self._content_md5 = _content_md5(arguments.get("ContentMD5"))
        self.algorithm = (self._given[0] if self._given else self._announced) or default or ""
        self._hashers: dict[str, Hasher] = {}
        for name in (self.algorithm, *also):
            if name and name not in self._hashers:
                self._hashers[name] = ALGORITHMS[name].new()
        self._md5 = hashlib.md5(usedforsecurity=False) if md5 or self._content_md5 else None
        #: All running digests, for who wants to feed them side by side instead of through `update`.
        self.hashers: list[Hasher] = [*self._hashers.values(), *([self._md5] if self._md5 else [])]

    def update(self, piece: bytes) -> None:
        """Take in a piece of the body."""
        for hasher in self.hashers:
            hasher.update(piece)

    def finish(self, trailers: Mapping[str, str] | None = None) -> Sums:
        """Compare and report. Raises BadDigest where a checksum, trailing or not, or Content-MD5 differs."""
        values = {name: _encode(hasher.digest()) for name, hasher in self._hashers.items()}
        md5 = self._md5.digest() if self._md5 else b""
        if self._content_md5 and md5 != self._content_md5:
            raise S3Error(
                "BadDigest",
                "The Content-MD5 you specified did not match what we received.",
                ExpectedDigest=_encode(self._content_md5),
                CalculatedDigest=_encode(md5),
            )
        for said in (self._given, _given(trailers) if trailers else None):
            if said is not None and values.get(said[0]) != said[1]:
                raise S3Error("BadDigest", f"The {said[0]} you specified did not match the calculated checksum.")
        return Sums(f'"{md5.hex()}"' if md5 else "", self.algorithm, values)


def _given(arguments: Mapping[str, Any]) -> tuple[str, str] | None:
    """The one checksum that came with the request: its algorithm and base64."""
    if _ARGUMENTS.isdisjoint(arguments):
        return None
    given = [(a, arguments[a.argument]) for a in ALGORITHMS.values() if a.argument in arguments]
    if len(given) > 1:
        raise S3Error(
            "InvalidRequest",
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
        )
    for algorithm, value in given:
        if decode(value, algorithm.size) is None:
            raise S3Error("InvalidRequest", f"Value for {algorithm.header} header is invalid.")
        return algorithm.name, value
    return None


def _announced(arguments: Mapping[str, Any], given: tuple[str, str] | None) -> str | None:
    """The algorithm named by ChecksumAlgorithm: must exist and be that of the value, if there is one."""
    name = arguments.get("ChecksumAlgorithm")
    if not name:
        return None
    name = str(name).upper()
    if name not in ALGORITHMS or (given is not None and given[0] != name):
        raise S3Error("InvalidRequest", "Value for x-amz-sdk-checksum-algorithm header is invalid.")
    return name


def _content_md5(value: str | None) -> bytes | None:
    if value is None:
        return None
    digest = decode(value, 16)
    if digest is None:
        fields: dict[str, Any] = {"Content-MD5": value}
        raise S3Error("InvalidDigest", "The Content-MD5 you specified was invalid.", **fields)
    return digest


def decode(value: str, size: int) -> bytes | None:
    """The bytes of a base64 digest, None if it isn't one of `size` bytes."""
    try:
        digest = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return None
    return digest if len(digest) == size else None


def _encode(digest: bytes) -> str:
    return binascii.b2a_base64(digest, newline=False).decode()


def composite(algorithm: str, parts: Sequence[str]) -> str:
    """The checksum of the parts' checksums (base64 each), and behind it how many they were."""
    hasher = ALGORITHMS[algorithm].new()
    for part in parts:
        hasher.update(base64.b64decode(part))
    return f"{_encode(hasher.digest())}-{len(parts)}"


def combine(algorithm: str, parts: Sequence[tuple[str, int]]) -> str:
    """The checksum of the whole out of each part's (base64) and length, without reading a byte.

    Only the CRCs can; ValueError for the others, and for no parts.
    """
    chosen = ALGORITHMS[algorithm]
    if chosen.join is None or not parts:
        raise ValueError(f"{algorithm} of {len(parts)} parts can't be combined")
    whole = _number(parts[0][0])
    for value, length in parts[1:]:
        whole = chosen.join(whole, _number(value), length)
    return _encode(whole.to_bytes(chosen.size, "big"))


def _number(value: str) -> int:
    return int.from_bytes(base64.b64decode(value), "big")


def to_json(checksum: Checksum) -> bytes:
    """The `checksums` attribute: every algorithm is named, the unused ones null; a part's Type is empty."""
    head, tail = _around(checksum.algorithm, checksum.type)
    value = f'"{checksum.value}"' if checksum.value else "null"  # base64, and how many parts, need no escaping
    return f"{head}{value}{tail}".encode()


@lru_cache(maxsize=64)
def _around(algorithm: str, kind: str) -> tuple[str, str]:
    """What stands before and behind the value in that attribute."""
    row: dict[str, str | None] = {"Algorithm": algorithm, "Type": kind, **dict.fromkeys(ALGORITHMS), algorithm: "@"}
    head, _, tail = json.dumps(row, separators=(",", ":")).partition('"@"')
    return head, tail


def from_json(raw: bytes) -> Checksum | None:
    """The checksum in a `checksums` attribute; None for one that names no algorithm we know, or isn't JSON.

    The value is empty where only the algorithm was written down (uploads).
    """
    try:
        row = json.loads(raw)
        name = str(row.get("Algorithm") or "").upper()
    except (ValueError, AttributeError):
        return None
    if name not in ALGORITHMS:
        return None
    return Checksum(name, str(row.get("Type") or ""), str(row.get(name) or ""))
