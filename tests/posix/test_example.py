"""A tree that the compatible gateway wrote is read back, attribute by attribute."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from colonnade.backends.posix import PosixBackend, from_options
from colonnade.errors import S3Error
from colonnade.rules.checksums import Ingest

TREE = Path(__file__).parent.parent / "data" / "tree.tar.gz"


@pytest.fixture
async def example(tmp_path: Path) -> AsyncIterator[PosixBackend]:
    """The example's served directory."""
    if shutil.which("tar") is None:
        pytest.skip("needs GNU tar, which keeps extended attributes")
    subprocess.run(["tar", "--xattrs", "--xattrs-include=user.*", "-xzf", str(TREE), "-C", str(tmp_path)], check=True)
    places = {"path": str(tmp_path / "xattr/data"), "versioning_dir": str(tmp_path / "xattr/versions")}
    backend = from_options({**places, "fsync": False})
    await backend.start()
    yield backend
    await backend.close()


async def head(backend: PosixBackend, bucket: str, key: str) -> dict[str, object]:
    """What HeadObject says, checksums included."""
    return await backend.call("HeadObject", {"Bucket": bucket, "Key": key, "ChecksumMode": "ENABLED"})


async def test_every_header(example: PosixBackend) -> None:
    """hello.txt was written with every system header, metadata and tags."""
    answer = await head(example, "plain", "hello.txt")
    assert (
        answer.items()
        >= {
            "CacheControl": "max-age=60",
            "ContentDisposition": 'attachment; filename="h.txt"',
            "ContentEncoding": "identity",
            "ContentLanguage": "en",
            "ContentType": "text/plain",
            "ETag": '"5eb63bbbe01eeed093cb22bb8f5acdc3"',
            "Expires": "Tue, 01 Jan 2030 00:00:00 GMT",
            "TagCount": 2,
            "ContentLength": 11,
            "ChecksumCRC32": "DUoRhQ==",
        }.items()
    )
    assert answer["Metadata"] == {"colour": "blue", "name": "x y"}


@pytest.mark.parametrize("name", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
async def test_checksums_are_those_of_the_bytes(example: PosixBackend, name: str) -> None:
    """Each stored checksum is what we compute of the body."""
    key = f"sums/{name.lower()}"
    answer = await example.call("GetObject", {"Bucket": "plain", "Key": key, "ChecksumMode": "ENABLED"})
    ingest = Ingest({"ChecksumAlgorithm": name})
    ingest.update(await answer["Body"].read())
    sums = ingest.finish()
    assert (answer[f"Checksum{name}"], answer["ETag"]) == (sums.value, sums.etag)


async def test_parts_of_a_joined_object(example: PosixBackend) -> None:
    """A completed upload is served part by part."""
    answer = await example.call("HeadObject", {"Bucket": "plain", "Key": "multi/done.bin", "PartNumber": 3})
    assert (answer["ContentLength"], answer["PartsCount"]) == (1000, 3)
    asked = ["ETag", "ObjectParts", "Checksum"]
    arguments = {"Bucket": "plain", "Key": "multi/done.bin", "ObjectAttributes": asked}
    attributes = await example.call("GetObjectAttributes", arguments)
    assert attributes["ETag"] == "505d2aa466e846b04a7fbf4cd5a096a2-3"
    assert [part["Size"] for part in attributes["ObjectParts"]["Parts"]] == [5242880, 5242880, 1000]


async def test_lock_is_shown(example: PosixBackend) -> None:
    """Retention and legal hold of a locked object are in its headers."""
    answer = await head(example, "locked", "explicit")
    assert (answer["ObjectLockMode"], answer["ObjectLockLegalHoldStatus"]) == ("COMPLIANCE", "ON")


async def test_delete_marker_hides(example: PosixBackend) -> None:
    """A deleted key of a versioned bucket is not there, and says so."""
    with pytest.raises(S3Error) as caught:
        await head(example, "versioned", "gone")
    assert (caught.value.code, caught.value.output["DeleteMarker"]) == ("NoSuchKey", True)


async def test_versioned_bucket_is_not_written(tmp_path: Path, example: PosixBackend) -> None:
    """Overwriting where versions are kept would lose one: it is refused without a place for them."""
    without = from_options({"path": str(tmp_path / "xattr/data"), "fsync": False})
    for operation in ("PutObject", "DeleteObject"):
        with pytest.raises(S3Error, match="NotImplemented"):
            await without.call(operation, {"Bucket": "versioned", "Key": "k"})
    await without.close()
    assert (await head(example, "versioned", "k"))["Metadata"] == {"n": "2"}


async def test_buckets_and_their_configuration(example: PosixBackend) -> None:
    """Buckets, tags, ACL and ownership are found."""
    listed = await example.call("ListBuckets", {})
    names = [row["Name"] for row in listed["Buckets"]]
    assert names == ["alices", "locked", "plain", "suspended", "versioned"]
    tags = await example.call("GetBucketTagging", {"Bucket": "plain"})
    assert tags["TagSet"] == [{"Key": "dept", "Value": "ops"}]
    acl = await example.call("GetBucketAcl", {"Bucket": "alices"})
    assert acl["Owner"]["ID"] == "alice"
    assert acl["Grants"][1]["Grantee"]["URI"].endswith("/AllUsers")


async def test_a_copy_carries_everything(example: PosixBackend) -> None:
    """What is copied has the source's headers, metadata, tags, ETag and checksum."""
    copy = {"Bucket": "plain", "Key": "copied", "CopySource": "plain/hello.txt"}
    await example.call("CopyObject", copy)
    source, copied = await head(example, "plain", "hello.txt"), await head(example, "plain", "copied")
    assert source | {"LastModified": None} == copied | {"LastModified": None}


async def versions_of(backend: PosixBackend, bucket: str, key: str) -> list[tuple[str, bool]]:
    """The versions of a key, newest first: the id (or null), and whether it is a delete marker."""
    page = await backend.call("ListObjectVersions", {"Bucket": bucket, "Prefix": key})
    rows = [(row, False) for row in page.get("Versions", ())] + [(row, True) for row in page.get("DeleteMarkers", ())]
    rows.sort(key=lambda row: (not row[0]["IsLatest"], row[0]["VersionId"] == "null", row[0]["VersionId"]))
    return [("null" if row["VersionId"] == "null" else "id", marker) for row, marker in rows]


async def test_versions(example: PosixBackend) -> None:
    """What it kept of each key: written before there were versions, then three times; deleted; suspended."""
    assert await versions_of(example, "versioned", "k") == [
        ("id", False),
        ("id", False),
        ("id", False),
        ("null", False),
    ]
    assert await versions_of(example, "versioned", "gone") == [("id", True), ("id", False)]
    assert await versions_of(example, "suspended", "s") == [("null", False), ("id", False)]
    assert await versions_of(example, "suspended", "d") == [("null", True), ("id", False)]


async def test_versions_go_on(example: PosixBackend) -> None:
    """A key it deleted comes back when its marker is removed, and is written anew."""
    page = await example.call("ListObjectVersions", {"Bucket": "versioned", "Prefix": "gone"})
    where = {"Bucket": "versioned", "Key": "gone"}
    await example.call("DeleteObject", {**where, "VersionId": page["DeleteMarkers"][0]["VersionId"]})
    head = await example.call("HeadObject", where)
    assert head["VersionId"] == page["Versions"][0]["VersionId"]
    new = (await example.call("PutObject", {**where, "Body": b"anew"}))["VersionId"]
    assert new > head["VersionId"]
