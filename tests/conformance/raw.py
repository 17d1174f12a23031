"""Requests that no SDK would send: signed HTTP, header by header; and how a refusal is expected."""

from __future__ import annotations

import http.client
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from colonnade.testing import Endpoint


@dataclass
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    def find(self, tag: str) -> str | None:
        """The text of an element of the XML body, whatever its namespace."""
        found = ElementTree.fromstring(self.body).find(f".//{{*}}{tag}")
        return None if found is None else found.text or ""


class _Signer(S3SigV4Auth):  # type: ignore[misc]
    """Signs what x-amz-content-sha256 says of the body, if it says something."""

    content: str | None = None

    def payload(self, request: AWSRequest) -> str:
        return self.content or str(super().payload(request))


class Raw:
    """Sends requests header by header."""

    def __init__(self, server: Endpoint) -> None:
        self.server = server

    def __call__(self, method: str, path: str, body: bytes = b"", **headers: str) -> Reply:
        """Send one signed request. `headers` have underscores for hyphens; `path` is percent-encoded already."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = AWSRequest(method, self.server.url + path, headers=named, data=body)
        keys = Credentials(self.server.access, self.server.secret)
        signer = _Signer(keys, "s3", self.server.region)
        signer.content = named.get("x-amz-content-sha256")
        signer.add_auth(request)
        return self.unsigned(method, path, body, dict(request.headers.items()))

    def unsigned(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Reply:
        """Send one request as it is."""
        connection = http.client.HTTPConnection(self.server.url.removeprefix("http://"), timeout=60)
        try:
            connection.request(method, path, body, dict(headers or {}))
            response = connection.getresponse()
            got = {name.lower(): value for name, value in response.getheaders()}
            return Reply(response.status, got, response.read())
        finally:
            connection.close()


@contextmanager
def refused(code: str, status: int | None = None) -> Iterator[dict[str, Any]]:
    """Expect boto3 to be refused with an error code; the dict is filled with the error's fields."""
    fields: dict[str, Any] = {}
    with pytest.raises(ClientError) as caught:
        yield fields
    answer: Any = caught.value.response
    assert answer["Error"]["Code"] == code
    if status is not None:
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == status
    fields.update(answer["Error"])
