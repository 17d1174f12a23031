"""The answers of S3's listings of objects, in boto3's shape, out of any cursor over keys in order.

A backend gives a cursor over its keys (:class:`~colonnade.rules.pages.Cursor`; over sorted lists
:class:`~colonnade.rules.pages.SortedCursor`) and a function that makes entries of the answer; everything
that S3 says about paging is here. Keys come out as they are: ``encoding-type`` is the wire's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from colonnade.backend import Answer
from colonnade.rules import tokens
from colonnade.rules.pages import Cursor, Describe, Page, assemble, limit_of, query

T = TypeVar("T")


def list_objects(arguments: Mapping[str, Any], cursor: Cursor[T], describe: Describe[T]) -> Answer:
    """The answer of ListObjects. Reads Prefix, Delimiter, Marker, MaxKeys.

    NextMarker is there only with a delimiter: without one it is the last key, as S3 documents.
    """
    delimiter = arguments.get("Delimiter")
    limit = limit_of(arguments.get("MaxKeys"))
    page = assemble(cursor, query(arguments.get("Prefix"), delimiter, arguments.get("Marker"), limit), describe)
    answer = _objects(arguments, page, limit)
    if page.next is not None and delimiter:
        answer["NextMarker"] = page.last
    return answer


def list_objects_v2(arguments: Mapping[str, Any], cursor: Cursor[T], describe: Describe[T]) -> Answer:
    """The answer of ListObjectsV2. Reads Prefix, Delimiter, StartAfter, ContinuationToken, MaxKeys.

    KeyCount counts keys and common prefixes, as S3 does.
    """
    limit = limit_of(arguments.get("MaxKeys"))
    token = arguments.get("ContinuationToken")
    start = tokens.decode(token) if token else ""
    asked = query(arguments.get("Prefix"), arguments.get("Delimiter"), arguments.get("StartAfter"), limit, start)
    page = assemble(cursor, asked, describe)
    answer = _objects(arguments, page, limit)
    answer["KeyCount"] = len(page.entries) + len(page.prefixes)
    if page.next is not None:
        answer["NextContinuationToken"] = tokens.encode(page.next)
    return answer


#: What an answer repeats of its request, even when that was empty; MaxKeys as it was used.
ECHOED = ("Prefix", "Delimiter", "Marker", "StartAfter", "ContinuationToken", "KeyMarker", "VersionIdMarker")


def _objects(arguments: Mapping[str, Any], page: Page, limit: int) -> Answer:
    answer = echo(arguments, page, limit)
    if page.entries:
        answer["Contents"] = page.entries
    return answer


def echo(arguments: Mapping[str, Any], page: Page, limit: int) -> Answer:
    """What the answers of all listings of keys have in common."""
    answer: Answer = {name: arguments[name] for name in ECHOED if name in arguments}
    answer["Name"] = arguments["Bucket"]
    answer["MaxKeys"] = limit
    answer["IsTruncated"] = page.next is not None
    if page.prefixes:
        answer["CommonPrefixes"] = page.common_prefixes
    return answer
