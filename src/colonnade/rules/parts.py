"""The parts of an object or an upload, listed in pages and found by number.

ListParts shows an upload's, GetObjectAttributes a finished object's, GetObject and HeadObject serve one of
them. A finished object's parts are numbered from 1 without gaps, whatever numbers they were uploaded with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from colonnade.backend import Answer
from colonnade.errors import S3Error
from colonnade.rules.multipart import Part, check_number
from colonnade.rules.pages import check_number as check_marker
from colonnade.rules.pages import limit_of


def page(numbers: Sequence[int], marker: int | None, most: int | None) -> tuple[slice, Answer]:
    """Which of the sorted numbers stand on the page after `marker`, and what the answer says of paging.

    Raises InvalidArgument for a marker or a number below 0.
    """
    limit, marker = limit_of(most, "max-parts"), marker or 0
    check_marker(marker, "part-number-marker")
    first = next((at for at, number in enumerate(numbers) if number > marker), len(numbers))
    shown = slice(first, first + limit)
    answer: Answer = {"PartNumberMarker": marker, "MaxParts": limit}
    answer["IsTruncated"] = limit > 0 and first + limit < len(numbers)
    # S3 says it of every page, also of the last one and of one that is empty.
    answer["NextPartNumberMarker"] = numbers[shown][-1] if numbers[shown] else 0
    return shown, answer


def locate(number: int, sizes: Sequence[int] | None, total: int) -> tuple[int, int, int | None]:
    """Where part `number` of an object lies: (offset, length, how many parts there are).

    `sizes` are those of the parts of a multipart object; any other object (None) is its own first part, and
    the count is None. Raises InvalidPartNumber for one that isn't there.
    """
    check_number(number)
    count = 1 if sizes is None else len(sizes)
    if not 1 <= number <= count:
        raise S3Error("InvalidPartNumber", ActualPartCount=str(count), PartNumberRequested=str(number))
    if sizes is None:
        return 0, total, None
    return sum(sizes[: number - 1]), sizes[number - 1], count


def part_at(offset: int, length: int, sizes: Sequence[int]) -> int | None:
    """Which part lies exactly there, counted from 0. S3 tells its checksum, as it tells none of other ranges."""
    begins = 0
    for at, size in enumerate(sizes):
        if begins == offset and size == length:
            return at
        if begins > offset:
            break
        begins += size
    return None


def object_parts(arguments: Mapping[str, Any], parts: Sequence[Part], argument: str) -> Answer:
    """ObjectParts of GetObjectAttributes. Reads PartNumberMarker, MaxParts.

    `argument` names the parts' checksums.
    """
    shown, answer = page([part.number for part in parts], arguments.get("PartNumberMarker"), arguments.get("MaxParts"))
    answer["TotalPartsCount"] = len(parts)
    rows = [
        {"PartNumber": part.number, "Size": part.size} | ({argument: part.checksum} if part.checksum else {})
        for part in parts[shown]
    ]
    if rows:
        answer["Parts"] = rows
    return answer
