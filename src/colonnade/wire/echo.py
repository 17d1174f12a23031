"""What answers say again of their requests, where the backend left it out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from colonnade.wire import extras, uri
from colonnade.wire.request import Request


def fill(operation: str, request: Request, arguments: Mapping[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """The answer with what S3 says of the request; a new dict if anything was added."""
    rows = extras.ECHOES.get(operation)
    if rows is not None:
        answer = dict(answer)
        for member, argument, default in rows:
            if answer.get(member) is None:
                said = arguments.get(argument, default)
                if said is not None:
                    most = extras.PAGE_LIMITS.get(member)
                    answer[member] = said if most is None else min(said, most)
        if operation == "ListObjectsV2" and answer.get("KeyCount") is None:
            answer["KeyCount"] = len(answer.get("Contents") or ()) + len(answer.get("CommonPrefixes") or ())
    if operation in _LOCATED and answer.get("Location") is None:
        answer = dict(answer)
        answer["Location"] = _location(operation, request, arguments)
    return answer


_LOCATED = frozenset({"CompleteMultipartUpload", "CreateBucket"})


def _location(operation: str, request: Request, arguments: Mapping[str, Any]) -> str:
    """Where the new object or bucket is."""
    if operation == "CreateBucket":
        return f"/{arguments['Bucket']}"
    return f"{request.scheme}://{request.headers.get('host', '')}{request.raw_path.decode('latin-1')}"


def encode(answer: dict[str, Any], leave: str = "") -> dict[str, Any]:
    """A listing as ``encoding-type=url`` has it: keys and what is compared to keys percent-encoded.

    The rows of the list to `leave` stay as they are: whoever writes them encodes their keys.
    """
    encoded = {name: value if name == leave else _encoded(name, value) for name, value in answer.items()}
    encoded["EncodingType"] = "url"
    return encoded


def _encoded(name: str, value: Any) -> Any:
    if isinstance(value, str):
        return uri.encode(value) if name in extras.ENCODED else value
    if name in extras.ENCODED_LISTS:
        key = extras.ENCODED_LISTS[name]
        return [{**item, key: uri.encode(item[key])} if key in item else item for item in value]
    return value
