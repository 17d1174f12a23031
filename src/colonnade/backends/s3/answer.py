"""Responses into answers: botocore's parser, and what its handlers would have done."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_plus
from xml.etree import ElementTree

from botocore.parsers import ResponseParserError, ResponseParserFactory
from botocore.utils import parse_timestamp

from colonnade import model
from colonnade.backend import Answer
from colonnade.backends.s3 import heads
from colonnade.backends.s3.failure import UnreachableError
from colonnade.body import Body
from colonnade.model import OPERATIONS
from colonnade.rules import rfc2047

#: Members that ``encoding-type=url`` encodes, and the lists whose items hold some.
_ENCODED = ("Delimiter", "Key", "KeyMarker", "Marker", "NextKeyMarker", "NextMarker", "Prefix", "StartAfter")
_LISTS = ("CommonPrefixes", "Contents", "DeleteMarkers", "Uploads", "Versions")

_ERROR = re.compile(rb"\s*(<\?xml[^>]*\?>)?\s*<Error[\s>]")


@lru_cache(maxsize=1024)
def _moment(text: str) -> datetime:
    """A time in any of the forms S3 services write; without a zone it is UTC."""
    for read in (datetime.fromisoformat, parsedate_to_datetime, parse_timestamp):
        try:
            moment: datetime = read(text)
        except (TypeError, ValueError):
            continue
        return moment.astimezone(UTC) if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    raise ValueError(f"not a time: {text}")


_factory = ResponseParserFactory()
_factory.set_parser_defaults(timestamp_parser=_moment)
_parser = _factory.create_parser("rest-xml")


def parse(operation: str, headers: Mapping[str, str], body: bytes | Body) -> Answer:
    """The answer of an operation. Raises UnreachableError for what isn't one."""
    if isinstance(body, bytes):
        body = body.strip()  # a completion that takes long sends blanks before its document
    if operation == "GetBucketLocation" and isinstance(body, bytes):
        return {"LocationConstraint": _location(body)}
    if heads.is_head(operation):
        answer = _head(operation, headers, body)
    else:
        answer = _parsed(model.service().operation_model(operation).output_shape, headers, body)
    answer.pop("ExpiresString", None)
    if "Metadata" in answer:
        answer["Metadata"] = {name.lower(): rfc2047.decode(value) for name, value in answer["Metadata"].items()}
    if answer.pop("EncodingType", None) == "url":
        _decode(answer)
    return answer


def _head(operation: str, headers: Mapping[str, str], body: bytes | Body) -> Answer:
    """An answer that is all headers, and the stream behind them if it has one."""
    try:
        answer = heads.parse(operation, headers, _moment)
    except ValueError as error:
        raise UnreachableError("answered what is not S3") from error
    payload = OPERATIONS[operation].output.payload
    return answer if payload is None else answer | {payload.name: body}


def head(headers: Mapping[str, str]) -> Answer:
    """What the headers say of an object, beside an error."""
    try:
        return _parsed(model.service().operation_model("HeadObject").output_shape, headers, b"")
    except UnreachableError:
        return {}


def is_error(body: bytes) -> bool:
    """Whether what came with a good status is an error nevertheless."""
    return _ERROR.match(body) is not None


def _parsed(shape: Any, headers: Mapping[str, str], body: bytes | Body) -> Answer:
    try:
        answer: Answer = _parser.parse({"status_code": 200, "headers": headers, "body": body}, shape)
    except (ResponseParserError, ValueError) as error:
        raise UnreachableError("answered what is not S3") from error
    answer.pop("ResponseMetadata", None)
    return answer


def _location(body: bytes) -> str | None:
    """The region is the text of the document's root, which the model has no word for."""
    try:
        return ElementTree.fromstring(body).text or None  # noqa: S314  expat bounds entities
    except ElementTree.ParseError as error:
        raise UnreachableError("answered what is not S3") from error


def _decode(answer: Answer) -> None:
    for item in (answer, *(item for name in _LISTS for item in answer.get(name, ()))):
        for name in _ENCODED:
            if name in item:
                item[name] = unquote_plus(item[name])
