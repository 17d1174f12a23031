"""Where a bucket's configurations lie, and that those the compatible gateway wrote are read."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from colonnade.backends.posix import PosixBackend, from_options
from colonnade.errors import S3Error
from colonnade.rules.acl import ALL_USERS
from tests.posix.test_layout import attributes

BUCKET = {"Bucket": "bucket"}
XMLNS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
CORS = (
    f"<CORSConfiguration {XMLNS}><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin>"
    "</CORSRule></CORSConfiguration>"
).encode()
WEBSITE = (
    f"<WebsiteConfiguration {XMLNS}><IndexDocument><Suffix>i</Suffix></IndexDocument></WebsiteConfiguration>"
).encode()
RULE = {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}
DEFAULT = {"Mode": "GOVERNANCE", "Days": 3}


@pytest.mark.parametrize(
    ("subject", "argument", "value", "attribute", "raw"),
    [
        ("BucketTagging", "Tagging", {"TagSet": [{"Key": "k", "Value": "ü"}]}, "X-Amz-Tagging", '{"k":"ü"}'.encode()),
        ("BucketPolicy", "Policy", '{ "Statement" : [] }', "policy", b'{ "Statement" : [] }'),
        ("BucketCors", "CORSConfiguration", {"CORSRules": [RULE]}, "cors", CORS),
        (
            "BucketOwnershipControls",
            "OwnershipControls",
            {"Rules": [{"ObjectOwnership": "ObjectWriter"}]},
            "ownership",
            b"ObjectWriter",
        ),
        (
            "BucketRequestPayment",
            "RequestPaymentConfiguration",
            {"Payer": "Requester"},
            "colonnade.request-payment",
            b'{"Payer":"Requester"}',
        ),
    ],
)
async def test_as_they_are_kept(
    backend: PosixBackend, root: Path, subject: str, argument: str, value: Any, attribute: str, raw: bytes
) -> None:
    """Names and encodings are those of the layout."""
    await backend.call(f"Put{subject}", {**BUCKET, argument: value})
    assert attributes(root / "bucket")[attribute] == raw


async def test_websites_are_compressed(backend: PosixBackend, root: Path) -> None:
    """The document as gzip."""
    await backend.call("PutBucketWebsite", {**BUCKET, "WebsiteConfiguration": {"IndexDocument": {"Suffix": "i"}}})
    assert gzip.decompress(attributes(root / "bucket")["website"]) == WEBSITE


@pytest.mark.parametrize("default", [None, DEFAULT])
async def test_locks(backend: PosixBackend, root: Path, default: Any) -> None:
    """The lock's JSON has all its fields, the moment it was set among them."""
    rule = {"Rule": {"DefaultRetention": default}} if default else {}
    configuration = {"ObjectLockEnabled": "Enabled", **rule}
    await backend.call("PutObjectLockConfiguration", {**BUCKET, "ObjectLockConfiguration": configuration})
    kept = json.loads(attributes(root / "bucket")["bucket-lock"])
    assert kept.pop("CreatedAt")
    expected = {"Days": 3, "Mode": "GOVERNANCE", "Years": None} if default else None
    assert kept == {"Enabled": True, "DefaultRetention": expected}
    answer = await backend.call("GetObjectLockConfiguration", BUCKET)
    assert answer == {"ObjectLockConfiguration": configuration}


@pytest.mark.parametrize(
    ("attribute", "raw", "operation", "answer"),
    [
        ("cors", CORS.replace(f" {XMLNS}".encode(), b""), "GetBucketCors", {"CORSRules": [RULE]}),
        ("website", WEBSITE, "GetBucketWebsite", {"IndexDocument": {"Suffix": "i"}}),
        (
            "bucket-lock",
            b'{"Enabled":true,"DefaultRetention":null,"CreatedAt":null}',
            "GetObjectLockConfiguration",
            {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}},
        ),
    ],
)
async def test_what_another_wrote(
    backend: PosixBackend, root: Path, attribute: str, raw: bytes, operation: str, answer: Any
) -> None:
    """Documents without a namespace or compression are read."""
    os.setxattr(root / "bucket", f"user.{attribute}", raw)
    assert await backend.call(operation, BUCKET) == answer


async def test_entities_are_not_read(backend: PosixBackend, root: Path) -> None:
    """A document with a DOCTYPE, which swells, counts as none."""
    os.setxattr(root / "bucket", "user.cors", b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + CORS)
    with pytest.raises(S3Error, match="NoSuchCORSConfiguration"):
        await backend.call("GetBucketCors", BUCKET)


async def test_public_access_blocked_from_the_start(root: Path) -> None:
    """An option gives new buckets a block of everything, and then they can't be made public."""
    backend = from_options({"path": str(root), "block_public_access": True})
    await backend.call("CreateBucket", BUCKET)
    block = (await backend.call("GetPublicAccessBlock", BUCKET))["PublicAccessBlockConfiguration"]
    for acl in ({"ACL": "public-read"}, {"GrantRead": f'uri="{ALL_USERS}"'}):
        asked = {"Bucket": "open", "ObjectOwnership": "ObjectWriter", **acl}
        with pytest.raises(S3Error, match="InvalidBucketAclWithBlockPublicAccessError"):
            await backend.call("CreateBucket", asked)
    await backend.close()
    assert (len(block), all(block.values())) == (4, True)


async def test_changes_at_once_lose_none(backend: PosixBackend, root: Path) -> None:
    """Configurations added by several gateways at once are all there."""
    other = from_options({"path": str(root), "fsync": False})

    async def add(served: PosixBackend, number: int) -> None:
        for each in range(number, 30, 3):
            name = f"{each:02}"
            asked = {**BUCKET, "Id": name, "MetricsConfiguration": {"Id": name, "Filter": {"Prefix": "p" * 300}}}
            await served.call("PutBucketMetricsConfiguration", asked)

    works = [add((backend, other)[number % 2], number) for number in range(3)]
    await asyncio.gather(*(asyncio.to_thread(asyncio.run, work) for work in works))
    listed = (await backend.call("ListBucketMetricsConfigurations", BUCKET))["MetricsConfigurationList"]
    await other.close()
    assert [row["Id"] for row in listed] == [f"{number:02}" for number in range(30)]
