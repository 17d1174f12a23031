"""The answers of S3's listings in which a key may stand more than once: versions and multipart uploads.

Their markers are pairs, and a page may end in the middle of a key. The entries of the marker's key are taken
out of the cursor together and cut at the second marker; everything else is an ordinary page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar

from colonnade.backend import Answer
from colonnade.errors import S3Error
from colonnade.rules.listing import echo
from colonnade.rules.pages import Cursor, Entry, Page, Query, assemble, each, limit_of, query

T = TypeVar("T")


def list_object_versions(
    arguments: Mapping[str, Any],
    cursor: Cursor[T],
    describe: Callable[[str, T], Entry | None],
    version_id: Callable[[T], str] = lambda _: "null",
) -> Answer:
    """The answer of ListObjectVersions. Reads Prefix, Delimiter, KeyMarker, VersionIdMarker, MaxKeys.

    The cursor gives the versions of a key newest first; `version_id` names one of its items. An entry
    without Size is a delete marker. Raises InvalidArgument for a version marker without a key marker.
    """
    limit = limit_of(arguments.get("MaxKeys"))
    key, version = arguments.get("KeyMarker") or "", arguments.get("VersionIdMarker") or ""
    if version and not key:
        raise S3Error(
            "InvalidArgument",
            "A version-id marker cannot be specified without a key marker.",
            ArgumentName="version-id-marker",
            ArgumentValue=version,
        )
    page = _page(
        arguments,
        cursor,
        describe,
        key,
        limit,
        lambda items: _older(items, version, version_id) if version else [],
    )
    answer = echo(arguments, page, limit)
    for entry in page.entries:
        answer.setdefault("Versions" if "Size" in entry else "DeleteMarkers", []).append(entry)
    if page.next is not None:
        answer["NextKeyMarker"] = page.last
        if page.last_entry is not None:
            answer["NextVersionIdMarker"] = page.last_entry["VersionId"]
    return answer


def list_multipart_uploads(
    arguments: Mapping[str, Any],
    cursor: Cursor[T],
    describe: Callable[[str, T], Entry | None],
    upload_id: Callable[[T], str],
) -> Answer:
    """The answer of ListMultipartUploads. Reads Prefix, Delimiter, KeyMarker, UploadIdMarker, MaxUploads.

    The cursor gives the uploads of a key in the order of their ids. S3 ignores an upload marker that comes
    without a key marker.
    """
    limit = limit_of(arguments.get("MaxUploads"), "max-uploads")
    key = arguments.get("KeyMarker") or ""
    marker = (arguments.get("UploadIdMarker") or "") if key else ""
    page = _page(
        arguments,
        cursor,
        describe,
        key,
        limit,
        lambda items: [item for item in items if marker and upload_id(item) > marker],
    )
    answer = echo(arguments, page, limit)
    answer["Bucket"] = answer.pop("Name")
    answer["MaxUploads"] = answer.pop("MaxKeys")
    # S3 repeats both markers in this answer, empty when there were none.
    answer["KeyMarker"], answer["UploadIdMarker"] = key, marker
    if page.entries:
        answer["Uploads"] = page.entries
    # Where the page ends is said of every page, also of the last one; empty where nothing is on it.
    answer["NextKeyMarker"] = page.last
    answer["NextUploadIdMarker"] = page.last_entry["UploadId"] if page.last_entry is not None else ""
    return answer


class _Resumed(Generic[T]):
    """A cursor that gives of one key's items only what `rest` leaves of them."""

    def __init__(self, cursor: Cursor[T], key: str, rest: Callable[[list[T]], list[T]]) -> None:
        self._cursor = cursor
        self._key = key
        self._rest = rest
        self._pending: Iterator[tuple[str, T]] = iter(())

    def seek(self, start: str) -> None:
        """Go forward; the items of the marker's key are gathered where it is reached."""
        self._cursor.seek(start)
        self._pending = self._gathered() if start <= self._key else iter(())

    def __iter__(self) -> Iterator[tuple[str, T]]:
        return self

    def __next__(self) -> tuple[str, T]:
        for pair in self._pending:
            return pair
        return next(self._cursor)

    def _gathered(self) -> Iterator[tuple[str, T]]:
        items: list[T] = []
        following: list[tuple[str, T]] = []
        for key, item in self._cursor:
            if key != self._key:
                following.append((key, item))
                break
            items.append(item)
        yield from ((self._key, item) for item in self._rest(items))
        yield from following


def _page(
    arguments: Mapping[str, Any],
    cursor: Cursor[T],
    describe: Callable[[str, T], Entry | None],
    key: str,
    limit: int,
    rest: Callable[[list[T]], list[T]],
) -> Page:
    asked = query(arguments.get("Prefix"), arguments.get("Delimiter"), key, limit)
    # A marker that is rolled up into a common prefix, or lies before the prefix, cuts no key in two.
    if key and key.startswith(asked.prefix) and asked.common(key) is None:
        asked = Query(asked.prefix, asked.delimiter, key, limit)
        cursor = _Resumed(cursor, key, rest)
    return assemble(cursor, asked, each(describe))


def _older(items: list[T], marker: str, version_id: Callable[[T], str]) -> list[T]:
    """The items that come after the marker's.

    If that version is gone meanwhile its id still says how old it was, ids being issued in rising order; only
    of "null" it doesn't, and then showing a version again is better than losing one.
    """
    ids = [version_id(item) for item in items]
    if marker in ids:
        return items[ids.index(marker) + 1 :]
    if marker == "null":
        return items
    return [item for item, own in zip(items, ids, strict=True) if own == "null" or own < marker]
