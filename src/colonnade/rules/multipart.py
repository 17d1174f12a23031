"""What S3 demands of a multipart upload, whatever keeps its parts: numbers, part lists, ETag and checksums.

A kept part is a :class:`Part`; `checksum` is of the upload's algorithm, or CRC64NVME where the upload named
none, as S3 does since it gives every object a checksum.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from colonnade.errors import S3Error
from colonnade.rules import checksums
from colonnade.rules.checksums import Checksum

MOST_PARTS = 10_000
SMALLEST_PART = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Part:
    """A part as it was uploaded. `etag` has its quotes, `checksum` is base64."""

    number: int
    size: int
    etag: str
    checksum: str = ""


@dataclass(frozen=True, slots=True)
class Promise:
    """The checksum an upload was created with: `algorithm` is None where the client named none."""

    algorithm: str | None = None
    type: str | None = None

    @property
    def used(self) -> str:
        """The algorithm the parts are summed with."""
        return self.algorithm or checksums.DEFAULT

    @property
    def composite(self) -> bool:
        """Whether the whole's checksum is one of the parts' checksums."""
        return self.type == "COMPOSITE"


def promise_of(arguments: Mapping[str, Any]) -> Promise:
    """What CreateMultipartUpload's ChecksumAlgorithm and ChecksumType promise together.

    The type is COMPOSITE unless said otherwise, FULL_OBJECT for CRC64NVME. Raises InvalidRequest for a type
    without an algorithm, an unknown algorithm, or a pair that S3 has not.
    """
    name, kind = arguments.get("ChecksumAlgorithm"), arguments.get("ChecksumType")
    if not name:
        if kind:
            raise S3Error(
                "InvalidRequest",
                "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
            )
        return Promise()
    name = name.upper()
    algorithm = checksums.ALGORITHMS.get(name)
    if algorithm is None:
        raise S3Error(
            "InvalidRequest",
            "Checksum algorithm provided is unsupported. Please try again with any of the valid types",
        )
    kind = kind or ("COMPOSITE" if algorithm.composite else "FULL_OBJECT")
    if kind not in ("COMPOSITE", "FULL_OBJECT"):
        raise S3Error("InvalidRequest", "Value for x-amz-checksum-type header is invalid.")
    if not (algorithm.composite if kind == "COMPOSITE" else algorithm.full_object):
        raise S3Error(
            "InvalidRequest",
            f"The {kind} checksum type cannot be used with the {name.lower()} checksum algorithm.",
        )
    return Promise(name, kind)


def check_number(number: int, most: int = MOST_PARTS) -> None:
    """A part's number is 1 to `most`. Raises InvalidArgument."""
    if not 1 <= number <= most:
        raise S3Error(
            "InvalidArgument",
            f"Part number must be an integer between 1 and {most}, inclusive",
            ArgumentName="partNumber",
            ArgumentValue=str(number),
        )


def given_algorithm(arguments: Mapping[str, Any]) -> str | None:
    """The algorithm of the checksum that a request carries or announces for its body, None without one."""
    for name, algorithm in checksums.ALGORITHMS.items():
        if algorithm.argument in arguments:
            return name
    announced = arguments.get("ChecksumAlgorithm")
    return announced.upper() if announced else None


def check_part(arguments: Mapping[str, Any], promise: Promise, most: int = MOST_PARTS) -> None:
    """UploadPart must use the upload's algorithm, and name it where the whole is a checksum of checksums."""
    check_number(arguments["PartNumber"], most)
    given = given_algorithm(arguments)
    if promise.algorithm is None or given == promise.algorithm or (given is None and not promise.composite):
        return
    raise _mismatch(promise.algorithm, given)


def _mismatch(expected: str, actual: str | None) -> S3Error:
    return S3Error(
        "InvalidRequest",
        f"Checksum Type mismatch occurred, expected checksum Type: {expected.lower()}, "
        f"actual checksum Type: {(actual or 'null').lower()}",
    )


def choose(
    requested: Sequence[Mapping[str, Any]], kept: Mapping[int, Part], promise: Promise, upload_id: str = ""
) -> list[Part]:
    """The parts that CompleteMultipartUpload asks for, checked as S3 checks them.

    Raises MalformedXML for an empty list, InvalidPartOrder, InvalidPart (not there, other ETag or checksum),
    InvalidRequest (a composite upload's checksum missing), EntityTooSmall (any but the last below 5 MiB).
    """
    if not requested:
        raise S3Error("MalformedXML")
    numbers = [row.get("PartNumber", 0) for row in requested]
    for number in numbers:
        check_number(number)
    if any(number >= following for number, following in itertools.pairwise(numbers)):
        raise S3Error("InvalidPartOrder", UploadId=upload_id)
    parts = [_chosen(row, kept.get(row["PartNumber"]), promise, upload_id) for row in requested]
    for part in parts[:-1]:
        if part.size < SMALLEST_PART:
            raise S3Error(
                "EntityTooSmall",
                ProposedSize=str(part.size),
                MinSizeAllowed=str(SMALLEST_PART),
                PartNumber=str(part.number),
                ETag=part.etag.strip('"'),
            )
    return parts


def _chosen(row: Mapping[str, Any], part: Part | None, promise: Promise, upload_id: str) -> Part:
    number, etag = row["PartNumber"], str(row.get("ETag", "")).strip('"')
    claimed = row.get(checksums.ALGORITHMS[promise.used].argument)
    if part is None or etag != part.etag.strip('"') or (claimed and claimed != part.checksum):
        raise S3Error("InvalidPart", UploadId=upload_id, PartNumber=str(number), ETag=etag)
    if promise.composite and not claimed:
        raise S3Error(
            "InvalidRequest",
            f"The upload was created using a {promise.used.lower()} checksum. The complete request must "
            f"include the checksum for each part. It was missing for part {number} in the request.",
        )
    return part


def check_complete(arguments: Mapping[str, Any], promise: Promise, parts: Sequence[Part]) -> Checksum:
    """The whole's checksum, after comparing what CompleteMultipartUpload says of the whole with what it is.

    Raises InvalidRequest for another checksum type or algorithm than the upload's and for a wrong
    MpuObjectSize, BadDigest for a wrong checksum.
    """
    kind = arguments.get("ChecksumType")
    if kind and kind != (promise.type or "FULL_OBJECT"):
        raise S3Error(
            "InvalidRequest",
            f"The upload was created using the {promise.type or 'FULL_OBJECT'} checksum mode. "
            "The complete request must use the same checksum mode.",
        )
    size, claimed_size = sum(part.size for part in parts), arguments.get("MpuObjectSize")
    if claimed_size is not None and claimed_size != size:
        raise S3Error(
            "InvalidRequest",
            f"The provided 'x-amz-mp-object-size' header value {claimed_size} does not match what was computed: {size}",
        )
    given = given_algorithm(arguments)
    if given is not None and given != promise.used:
        raise _mismatch(promise.used, given)
    whole = checksum_of(parts, promise)
    claimed = arguments.get(whole.argument)
    if claimed and claimed != whole.value and not (promise.composite and claimed == whole.value.rpartition("-")[0]):
        raise S3Error("BadDigest", f"The {promise.used} you specified did not match the calculated checksum.")
    return whole


def checksum_of(parts: Sequence[Part], promise: Promise) -> Checksum:
    """The whole's checksum out of its parts', without reading a byte; without a value if a part has none."""
    kind = promise.type or "FULL_OBJECT"
    if not all(part.checksum for part in parts):
        value = ""
    elif promise.composite:
        value = checksums.composite(promise.used, [part.checksum for part in parts])
    else:
        value = checksums.combine(promise.used, [(part.checksum, part.size) for part in parts])
    return Checksum(promise.used, kind, value)


def etag_of(etags: Sequence[str]) -> str:
    """The whole's ETag, quoted: the MD5 of the parts' binary MD5s and their count.

    Parts whose ETag is no MD5 (another gateway's checksum ETags) are hashed as text, which is as stable.
    """
    digest = hashlib.md5(usedforsecurity=False)
    for etag in etags:
        bare = etag.strip('"')
        try:
            digest.update(bytes.fromhex(bare))
        except ValueError:
            digest.update(bare.encode())
    return f'"{digest.hexdigest()}-{len(etags)}"'
