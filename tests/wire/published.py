"""Amazon's published examples of signed requests, and what the gateway says of them and of others."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from colonnade.errors import S3Error
from colonnade.iam.single import SingleAccount
from colonnade.wire.request import Request
from colonnade.wire.signature import Signed, verify

ACCESS, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
WHEN = datetime(2013, 5, 24, tzinfo=UTC).timestamp()
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
SCOPE = f"{ACCESS}/20130524/us-east-1/s3/aws4_request"
HOST = {"host": "examplebucket.s3.amazonaws.com"}
STAMP = "20130524T000000Z"
BASIC = HOST | {"x-amz-content-sha256": EMPTY, "x-amz-date": STAMP}

#: What both examples of an upload in chunks send.
CHUNKS = {
    "host": "s3.amazonaws.com",
    "x-amz-date": STAMP,
    "x-amz-storage-class": "REDUCED_REDUNDANCY",
    "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "content-encoding": "aws-chunked",
    "x-amz-decoded-content-length": "66560",
}

#: method, path, query, headers, signature
EXAMPLES = {
    "get an object": (
        "GET", b"/test.txt", b"", BASIC | {"range": "bytes=0-9"},
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    ),
    "put an object": (
        "PUT", b"/test%24file.text", b"",
        BASIC | {
            "date": "Fri, 24 May 2013 00:00:00 GMT",
            "x-amz-content-sha256": "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
            "x-amz-storage-class": "REDUCED_REDUNDANCY",
        },
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    ),
    "get bucket lifecycle": (
        "GET", b"/", b"lifecycle", BASIC, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    ),
    "list objects": (
        "GET", b"/", b"max-keys=2&prefix=J", BASIC, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    ),
    "put in chunks": (
        "PUT", b"/examplebucket/chunkObject.txt", b"", CHUNKS | {"content-length": "66824"},
        "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
    ),
    "put in chunks with a trailer": (
        "PUT", b"/examplebucket/chunkObject.txt", b"",
        CHUNKS | {
            "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
            "x-amz-trailer": "x-amz-checksum-crc32c",
        },
        "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
    ),
}  # fmt: skip


def signed_request(
    method: str, path: bytes, query: bytes, headers: dict[str, str], signature: str, scope: str = SCOPE
) -> Request:
    """A request with an Authorization header over all its headers."""
    names = ";".join(sorted(headers))
    authorization = f"AWS4-HMAC-SHA256 Credential={scope},SignedHeaders={names},Signature={signature}"
    return Request(method, path, query, {**headers, "authorization": authorization})


async def judge(request: Request, now: float = WHEN, region: str = "us-east-1") -> Signed | None:
    """What the gateway says of it."""
    return await verify(request, SingleAccount(ACCESS, SECRET), region=region, now=now)


async def refusal(request: Request, now: float = WHEN, region: str = "us-east-1") -> S3Error:
    """The error it is refused with."""
    with pytest.raises(S3Error) as caught:
        await judge(request, now, region)
    return caught.value


def presigned(**changes: str) -> Request:
    """Amazon's example of a presigned request, with parameters changed."""
    parameters = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": SCOPE.replace("/", "%2F"),
        "X-Amz-Date": "20130524T000000Z",
        "X-Amz-Expires": "86400",
        "X-Amz-SignedHeaders": "host",
        "X-Amz-Signature": "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
    } | {name.replace("_", "-"): value for name, value in changes.items()}
    query = "&".join(f"{name}={value}" for name, value in parameters.items() if value)
    return Request("GET", b"/test.txt", query.encode(), dict(HOST))
