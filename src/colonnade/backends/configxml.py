"""Configurations as the XML documents that clients send, for stores that keep them so. By the model, both ways."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from colonnade import model
from colonnade.rules.bucketconfig import BY_NAME, Kind


def to_xml(kind: Kind, value: Any) -> bytes:
    """A configuration as a document."""
    operation = model.service().operation_model(kind.put)
    serializer = create_serializer("rest-xml", include_validation=False)
    body: bytes = serializer.serialize_to_request({"Bucket": "bucket", kind.payload: value}, operation)["body"]
    return body.replace(b"\r", b"&#xD;")  # XML's parsers turn a bare CR into LF (XML 1.0 §2.11)


@lru_cache(256)
def from_xml(name: str, raw: bytes) -> Any:
    """The value of a document, None for one that can't be read: some other program wrote it."""
    if b"<!DOCTYPE" in raw:  # entities that swell
        return None
    shape = model.service().operation_model(BY_NAME[name].get).output_shape
    response = {"status_code": 200, "headers": {}, "body": raw}
    answer = create_parser("rest-xml").parse(response, shape)
    return {member: value for member, value in answer.items() if member != "ResponseMetadata"} or None
