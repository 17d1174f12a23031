"""What is written is where and as the layout says, attribute by attribute."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from colonnade import context
from colonnade.backends.posix import PosixBackend
from colonnade.iam.accounts import Account


def attributes(path: Path) -> dict[str, bytes]:
    """All user attributes of a file, without their prefix."""
    return {name[5:]: os.getxattr(path, name) for name in os.listxattr(path) if name.startswith("user.")}


async def test_object_is_a_plain_file(backend: PosixBackend, root: Path) -> None:
    """The body is the file's content, the key its path."""
    await backend.call("PutObject", {"Bucket": "bucket", "Key": "a/b/c.txt", "Body": b"hello"})
    assert (root / "bucket/a/b/c.txt").read_bytes() == b"hello"


async def test_plain_object_has_three_attributes(backend: PosixBackend, root: Path) -> None:
    """Without anything said an object has its ETag with quotes, the default type and a CRC64NVME."""
    await backend.call("PutObject", {"Bucket": "bucket", "Key": "k", "Body": b"hello"})
    found = attributes(root / "bucket/k")
    assert found.pop("checksums") == (
        b'{"Algorithm":"CRC64NVME","Type":"FULL_OBJECT","CRC32":null,"CRC32C":null,"SHA1":null,"SHA256":null,'
        b'"CRC64NVME":"M3eFcAZSQlc=","SHA512":null,"MD5":null,"XXHASH64":null,"XXHASH3":null,"XXHASH128":null}'
    )
    etag = f'"{hashlib.md5(b"hello").hexdigest()}"'.encode()
    assert found == {"etag": etag, "content-type": b"binary/octet-stream"}


async def test_system_headers_are_plain_text(backend: PosixBackend, root: Path) -> None:
    """Each system header is an attribute of its own name."""
    headers = {
        "CacheControl": "max-age=60",
        "ContentDisposition": "attachment",
        "ContentEncoding": "gzip",
        "ContentLanguage": "en",
        "ContentType": "text/plain",
        "Expires": "0",
        "WebsiteRedirectLocation": "/other",
    }
    await backend.call("PutObject", {"Bucket": "bucket", "Key": "k", "Body": b"", **headers})
    found = attributes(root / "bucket/k")
    names = (
        "cache-control content-disposition content-encoding content-language content-type expires "
        "website-redirect-location"
    )
    assert [found[name].decode() for name in names.split()] == list(headers.values())


async def test_metadata_is_sorted_json(backend: PosixBackend, root: Path) -> None:
    """User metadata is compact JSON with sorted lower-case names, escaped as Go escapes."""
    metadata = {"Zeta": "ü <&>", "alpha": "1"}
    await backend.call("PutObject", {"Bucket": "bucket", "Key": "k", "Body": b"", "Metadata": metadata})
    assert attributes(root / "bucket/k")["metadata"].decode() == ('{"alpha":"1","zeta":"ü \\u003c\\u0026\\u003e"}')


async def test_tags_keep_their_order(backend: PosixBackend, root: Path) -> None:
    """Tags are one JSON object, in the order they were given."""
    await backend.call("PutObject", {"Bucket": "bucket", "Key": "k", "Body": b"", "Tagging": "b=1&a=2"})
    assert attributes(root / "bucket/k")["X-Amz-Tagging"] == b'{"b":"1","a":"2"}'


async def test_directory_object(backend: PosixBackend, root: Path) -> None:
    """A key that ends in a slash is a directory with attributes; its type is not the client's."""
    await backend.call("PutObject", {"Bucket": "bucket", "Key": "d/", "ContentType": "text/plain"})
    found = attributes(root / "bucket/d")
    assert found["etag"] == b'"d41d8cd98f00b204e9800998ecf8427e"'
    assert found["content-type"] == b"application/x-directory"


async def test_bucket_names_its_owner(backend: PosixBackend, root: Path) -> None:
    """A bucket's directory carries ACL and ownership."""
    context.set_caller(Account("alice", "secret"))
    try:
        await backend.call("CreateBucket", {"Bucket": "alices"})
    finally:
        context.set_caller(None)
    assert attributes(root / "alices") == {
        "acl": b'{"Owner":"alice","Grantees":[{"Permission":"FULL_CONTROL","Access":"alice","Type":"CanonicalUser"}]}',
        "ownership": b"BucketOwnerEnforced",
    }


async def test_public_bucket_grants_to_a_group(backend: PosixBackend, root: Path) -> None:
    """A canned public-read is a grant to all-users."""
    arguments = {"Bucket": "open", "ACL": "public-read", "ObjectOwnership": "BucketOwnerPreferred"}
    await backend.call("CreateBucket", arguments)
    grants = json.loads(attributes(root / "open")["acl"])["Grantees"]
    assert grants[1] == {"Permission": "READ", "Access": "all-users", "Type": "Group"}


async def test_tagging_does_not_move_last_modified(backend: PosixBackend, root: Path) -> None:
    """Tags changed later leave the file's time alone."""
    await backend.call("PutObject", {"Bucket": "bucket", "Key": "k", "Body": b"x"})
    os.utime(root / "bucket/k", (1_000_000_000, 1_000_000_000))
    tags = {"TagSet": [{"Key": "a", "Value": "b"}]}
    await backend.call("PutObjectTagging", {"Bucket": "bucket", "Key": "k", "Tagging": tags})
    head = await backend.call("HeadObject", {"Bucket": "bucket", "Key": "k"})
    assert head["LastModified"].timestamp() == 1_000_000_000


async def test_nothing_else_lies_in_the_tree(backend: PosixBackend, root: Path) -> None:
    """After writing, overwriting and copying there are objects and the work area, and no temporary file."""
    for _ in range(2):
        await backend.call("PutObject", {"Bucket": "bucket", "Key": "k", "Body": bytes(3_000_000)})
    await backend.call("CopyObject", {"Bucket": "bucket", "Key": "copy", "CopySource": "bucket/k"})
    assert sorted(os.listdir(root / "bucket")) == [".sgwtmp", "copy", "k"]
    assert os.listdir(root / "bucket/.sgwtmp") == ["colonnade.locks"]
