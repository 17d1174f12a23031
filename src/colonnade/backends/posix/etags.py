"""What the ETag of a file is: of one that we write, and of one that carries none."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence

from colonnade.backends.posix.options import Options
from colonnade.backends.posix.status import Status, etag_of
from colonnade.rules.checksums import DEFAULT, Checksum
from colonnade.rules.multipart import Part


class ETags:
    """The ETags of a served directory. `kept` is whether files can carry one."""

    def __init__(self, options: Options, *, kept: bool) -> None:
        self._default = options.default_etag
        self._of_checksums = options.data_integrity_etag
        self._kept = kept

    @property
    def md5(self) -> bool:
        """Whether bodies must be digested with MD5."""
        return self._kept and not self._of_checksums

    def of(self, status: os.stat_result | Status, kept: bytes | None) -> str:
        """The ETag of a file, from the attribute `kept` if it has that."""
        return kept.decode() if kept else self._default or etag_of(status)

    def of_object(self, fd: int, md5: str, checksum: Checksum | None) -> str:
        """The ETag of an object that has been written to an open file, in Amazon's way `md5`."""
        if not self._kept:
            return self.of(os.fstat(fd), None)
        if self._of_checksums and checksum is not None and checksum.value:
            return f'"{checksum.algorithm}-{checksum.value}"'
        return md5

    @property
    def md5_of_parts(self) -> bool:
        """Whether parts must be digested with MD5; theirs are kept while the upload lasts, whatever the store."""
        return not self._of_checksums

    @property
    def part_sums(self) -> tuple[str, ...]:
        """Algorithms that parts are summed with for their ETags."""
        return (DEFAULT,) if self._of_checksums else ()

    def of_part(self, md5: str, values: Mapping[str, str]) -> str:
        """The ETag of a part, in Amazon's way `md5`, with checksums by algorithm."""
        return f'"{DEFAULT}-{values[DEFAULT]}"' if self._of_checksums else md5


def claim(parts: Sequence[Part], etag: str) -> str:
    """The name under which an upload is completed: what `etag`, Amazon's, has within its quotes if that is of MD5s."""
    if all(len(part.etag.strip('"')) == 32 for part in parts):
        return etag.strip('"')
    text = "".join(f"{part.number}:{part.etag.strip(chr(34))};" for part in parts)
    return f"{hashlib.sha256(text.encode()).hexdigest()}-{len(parts)}"
