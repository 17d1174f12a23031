"""The ten checksum algorithms of S3, all native code, behind one small interface."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from awscrt import checksums as crt


class Hasher(Protocol):
    """A running checksum."""

    def update(self, data: bytes, /) -> None:
        """Take in more bytes."""

    def digest(self) -> bytes:
        """The checksum's bytes, big-endian. Nothing may be taken in afterwards."""


class _Crc:
    """A CRC as a hasher."""

    __slots__ = ("_size", "_step", "_value")

    def __init__(self, step: Callable[[bytes, int], int], size: int) -> None:
        self._step, self._size, self._value = step, size, 0

    def update(self, data: bytes, /) -> None:
        self._value = self._step(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(self._size, "big")


class _XXHash:
    """An XXHash as a hasher: the library's can be finalized only once."""

    def __init__(self, new: Callable[[], crt.XXHash]) -> None:
        self._hash = new()
        self._digest: bytes | None = None

    def update(self, data: bytes, /) -> None:
        self._hash.update(data)

    def digest(self) -> bytes:
        if self._digest is None:
            self._digest = bytes(self._hash.finalize())
        return self._digest


@dataclass(frozen=True, slots=True)
class Algorithm:
    """One of S3's checksum algorithms.

    `argument` is its name in S3's requests and answers, `size` that of a digest in bytes. `full_object` and
    `composite` say which checksum types S3 has for it in multipart uploads. `join` makes the checksum of two
    pieces out of theirs and the length of the second, None where only reading the bytes again would.
    """

    name: str
    argument: str
    size: int
    new: Callable[[], Hasher]
    full_object: bool = False
    composite: bool = True
    join: Callable[[int, int, int], int] | None = None

    @property
    def header(self) -> str:
        """The HTTP header that carries it."""
        return f"x-amz-checksum-{self.name.lower()}"


def _hash(name: str, size: int) -> Algorithm:
    return Algorithm(name, f"Checksum{name}", size, lambda: hashlib.new(name, usedforsecurity=False))


def _crc(name: str, size: int, step: Callable[..., int], join: Callable[..., int], composite: bool = True) -> Algorithm:
    return Algorithm(name, f"Checksum{name}", size, lambda: _Crc(step, size), True, composite, join)


def _xxhash(name: str, size: int, new: Callable[[], crt.XXHash]) -> Algorithm:
    return Algorithm(name, f"Checksum{name}", size, lambda: _XXHash(new))


#: In the order in which the `checksums` attribute on disk has them.
ALGORITHMS: dict[str, Algorithm] = {
    algorithm.name: algorithm
    for algorithm in (
        _crc("CRC32", 4, crt.crc32, crt.combine_crc32),
        _crc("CRC32C", 4, crt.crc32c, crt.combine_crc32c),
        _hash("SHA1", 20),
        _hash("SHA256", 32),
        _crc("CRC64NVME", 8, crt.crc64nvme, crt.combine_crc64nvme, composite=False),
        _hash("SHA512", 64),
        _hash("MD5", 16),
        _xxhash("XXHASH64", 8, crt.XXHash.new_xxhash64),
        _xxhash("XXHASH3", 8, crt.XXHash.new_xxhash3_64),
        _xxhash("XXHASH128", 16, crt.XXHash.new_xxhash3_128),
    )
}
