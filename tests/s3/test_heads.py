"""Answers that are all headers are read as botocore reads them."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.parsers import create_parser

from colonnade import model
from colonnade.backends.s3 import answer, heads
from colonnade.body import BytesBody
from colonnade.errors import S3Error
from colonnade.model import OPERATIONS

HEADS = sorted(name for name in OPERATIONS if heads.is_head(name))
VALUES = {"integer": "7", "long": "123456789012", "boolean": "true", "timestamp": "Tue, 01 Jan 2030 00:00:00 GMT"}


@pytest.mark.parametrize("operation", HEADS)
def test_the_same_as_botocore(operation: str) -> None:
    """Every header that the operation's answer may have, and metadata."""
    output = OPERATIONS[operation].output
    headers = {m.wire: VALUES.get(m.shape.kind, f"{m.name} text") for m in output.headers}
    headers |= {"x-amz-meta-One": "1", "x-amz-meta-two": "2", "Server": "somebody's"}
    if "Expires" in headers:
        headers["Expires"] = VALUES["timestamp"]
    ours = answer.parse(operation, headers, BytesBody(b"") if output.payload else b"")
    shape = model.service().operation_model(operation).output_shape
    theirs: dict[str, Any] = create_parser("rest-xml").parse(
        {"status_code": 200, "headers": headers, "body": b""}, shape
    )
    for answered in (ours, theirs):
        for name in ("ResponseMetadata", "ExpiresString", "Body", output.payload.name if output.payload else ""):
            answered.pop(name, None)
    if "Metadata" in theirs:
        theirs["Metadata"] = {name.lower(): text for name, text in theirs["Metadata"].items()}
    assert ours == theirs


def test_what_is_not_of_its_type() -> None:
    """A length that is no number is no answer of S3's."""
    with pytest.raises(S3Error) as refused:
        answer.parse("HeadObject", {"Content-Length": "many"}, b"")
    assert refused.value.code == "ServiceUnavailable"
