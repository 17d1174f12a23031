"""What the posix listings say of objects."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from colonnade import ticks
from colonnade.backends.posix.etags import ETags
from colonnade.backends.posix.glance import Glance
from colonnade.backends.posix.listing import Listings
from colonnade.backends.posix.options import Options
from colonnade.backends.posix.versionlisting import VersionListings

ETAGS = ETags(Options("."), kept=True)


class Xattrs:
    """Extended attributes as a metadata store."""

    in_inode = True

    def get(self, path: str, name: str) -> bytes | None:
        """An attribute, None where it is absent."""
        try:
            return os.getxattr(path, f"user.{name}")
        except OSError:
            return None


@pytest.fixture(params=["compiled", "plain"])
def listings(request: pytest.FixtureRequest, tmp_path: Path) -> Listings:
    """Listings over the buckets in a directory, with one bucket `b` of somebody's."""
    (tmp_path / "b").mkdir()
    os.setxattr(tmp_path / "b", "user.acl", json.dumps({"Owner": "somebody", "Grantees": []}).encode())
    compiled = request.getfixturevalue("compiled") if request.param == "compiled" else Glance(os.devnull)
    return Listings(lambda name: str(tmp_path / name), Xattrs(), ETAGS, glance=compiled)


def put(path: Path, data: bytes = b"", **attributes: bytes) -> None:
    """A file with attributes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    for name, value in attributes.items():
        os.setxattr(path, f"user.{name.replace('_', '-')}", value)


async def test_an_entry(listings: Listings, tmp_path: Path) -> None:
    """Size, ETag with quotes, whole seconds, checksum algorithm and type."""
    put(
        tmp_path / "b/k",
        b"data",
        etag=b'"e"',
        checksums=b'{"Algorithm":"SHA1","Type":"FULL_OBJECT","SHA1":"x"}',
    )
    os.utime(tmp_path / "b/k", ns=(0, 1_700_000_000_999_999_999))
    (row,) = (await listings.list_objects_v2(Bucket="b"))["Contents"]
    assert row.pop("LastModified").isoformat() == "2023-11-14T22:13:20+00:00"
    assert row == {
        "Key": "k",
        "ETag": '"e"',
        "Size": 4,
        "StorageClass": "STANDARD",
        "ChecksumAlgorithm": ["SHA1"],
        "ChecksumType": "FULL_OBJECT",
    }


async def test_owners(listings: Listings, tmp_path: Path) -> None:
    """V1 names the owner always, V2 when asked."""
    put(tmp_path / "b/k")
    owner = {"ID": "somebody", "DisplayName": "somebody"}
    assert (await listings.list_objects(Bucket="b"))["Contents"][0]["Owner"] == owner
    assert (await listings.list_objects_v2(Bucket="b", FetchOwner=True))["Contents"][0]["Owner"] == owner
    assert "Owner" not in (await listings.list_objects_v2(Bucket="b"))["Contents"][0]


async def test_versions_of_a_bucket_never_versioned(listings: Listings, tmp_path: Path) -> None:
    """Every object is its latest version, with the id "null"."""
    put(tmp_path / "b/k")
    versions = VersionListings(lambda name: str(tmp_path / name), Xattrs(), ETAGS)
    (row,) = (await versions.list_object_versions(Bucket="b"))["Versions"]
    assert (row["VersionId"], row["IsLatest"]) == ("null", True)


async def test_delete_markers_are_hidden(listings: Listings, tmp_path: Path) -> None:
    """In a bucket that was versioned, a marked file is no object, nor is its directory a common prefix."""
    os.setxattr(tmp_path / "b", "user.versioning", b"\1")
    put(tmp_path / "b/d/gone", delete_marker=b"")
    put(tmp_path / "b/kept")
    answer = await listings.list_objects_v2(Bucket="b", Delimiter="/")
    assert ([row["Key"] for row in answer["Contents"]], "CommonPrefixes" in answer) == (["kept"], False)


async def test_what_is_deleted_meanwhile(listings: Listings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that becomes a delete marker once the walk has passed it is not told as an empty object."""
    os.setxattr(tmp_path / "b", "user.versioning", b"\1")
    put(tmp_path / "b/k", b"data", etag=b'"1"')
    put(tmp_path / "b/z", b"data", etag=b'"2"')
    get = Xattrs.get

    def deleting(self: Xattrs, path: str, name: str) -> bytes | None:
        value = get(self, path, name)
        if (path, name) == (str(tmp_path / "b/z"), "delete-marker"):
            put(tmp_path / "marker", delete_marker=b"")
            os.rename(tmp_path / "marker", tmp_path / "b/k")
        return value

    monkeypatch.setattr(Xattrs, "get", deleting)
    answer = await listings.list_objects_v2(Bucket="b")
    assert [row["Key"] for row in answer["Contents"]] == ["z"]


async def test_links(listings: Listings, tmp_path: Path) -> None:
    """A link to a file in the bucket is listed, one to a directory, outwards or to nothing is not."""
    put(tmp_path / "secret")
    put(tmp_path / "b/d/k")
    for name, target in {"1": "d/k", "2": "d", "3": "../secret", "4": "nothing"}.items():
        (tmp_path / "b" / name).symlink_to(target)
    answer = await listings.list_objects_v2(Bucket="b")
    assert [row["Key"] for row in answer["Contents"]] == ["1", "d/k"]


async def test_changes_are_seen_at_once(listings: Listings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a listing remembers of a file is forgotten with its first change, and not begun before it has settled."""
    monkeypatch.setattr(ticks, "TICK", 20_000_000)
    put(tmp_path / "b/k", etag=b'"0"')
    for number in range(1, 50):
        if number % 7 == 0:
            time.sleep(0.025)
        (row,) = (await listings.list_objects_v2(Bucket="b"))["Contents"]
        assert row["ETag"] == f'"{number - 1}"'
        os.setxattr(tmp_path / "b/k", "user.etag", f'"{number}"'.encode())
