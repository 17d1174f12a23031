"""Conditions hold and nothing is lost among all workers of all gateways on a directory."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.fleet.many import Fleet, codes

WRITERS = 100

#: Each race is run so often.
TURNS = pytest.mark.parametrize("turn", range(3))


def put(bucket: str, number: int, **more: Any) -> tuple[str, dict[str, Any]]:
    """Write a number under a key."""
    return "put_object", {"Bucket": bucket, "Key": "k", "Body": b"%d" % number, **more}


def begin(fleet: Fleet, bucket: str, body: bytes, key: str = "k") -> dict[str, Any]:
    """An upload of one part, as it is completed."""
    where = {"Bucket": bucket, "Key": key}
    upload = {**where, "UploadId": fleet.client.create_multipart_upload(**where)["UploadId"]}  # type: ignore[arg-type]
    etag = fleet.client.upload_part(**upload, PartNumber=1, Body=body)["ETag"]  # type: ignore[arg-type]
    return {**upload, "MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": etag}]}}


def read(fleet: Fleet, bucket: str, key: str = "k", **more: Any) -> bytes:
    """The bytes of a key, by the gateway that didn't take the first of the writes."""
    body: bytes = fleet.clients[1].get_object(Bucket=bucket, Key=key, **more)["Body"].read()
    return body


def one_won(replies: list[Any]) -> int:
    """Which reply is the only success; all others failed their condition."""
    assert codes(replies) == [""] + ["PreconditionFailed"] * (len(replies) - 1)
    return next(number for number, reply in enumerate(replies) if not reply.code)


@TURNS
def test_one_creates(fleet: Fleet, bucket: str, turn: int) -> None:
    """Of 100 writers with If-None-Match: * one wins, and what it wrote is there."""
    winner = one_won(fleet.at_once([put(bucket, n, IfNoneMatch="*") for n in range(WRITERS)]))
    assert read(fleet, bucket) == b"%d" % winner


@TURNS
def test_one_replaces(fleet: Fleet, bucket: str, turn: int) -> None:
    """Of 100 writers with If-Match on the same ETag one wins."""
    etag = fleet.client.put_object(Bucket=bucket, Key="k", Body=b"first")["ETag"]
    winner = one_won(fleet.at_once([put(bucket, n, IfMatch=etag) for n in range(WRITERS)]))
    assert read(fleet, bucket) == b"%d" % winner


@TURNS
def test_one_completes(fleet: Fleet, bucket: str, turn: int) -> None:
    """Of 30 uploads completed with If-None-Match: * one becomes the object, and the others stay uploads."""
    begun = [begin(fleet, bucket, b"%d" % n) for n in range(30)]
    replies = fleet.at_once([("complete_multipart_upload", {**one, "IfNoneMatch": "*"}) for one in begun])
    winner = one_won(replies)
    assert read(fleet, bucket) == b"%d" % winner
    assert len(fleet.client.list_multipart_uploads(Bucket=bucket)["Uploads"]) == 29


@TURNS
def test_one_upload_completed_many_times(fleet: Fleet, bucket: str, turn: int) -> None:
    """Everybody gets the same answer, and there is one object."""
    upload = begin(fleet, bucket, b"data")
    replies = fleet.at_once([("complete_multipart_upload", upload)] * 30)
    assert codes(replies) == [""] * 30
    assert len({reply.find("ETag") for reply in replies}) == 1
    assert "Uploads" not in fleet.client.list_multipart_uploads(Bucket=bucket)


def test_one_upload_completed_many_times_is_one_version(fleet: Fleet, kept: str) -> None:
    """Where versions are kept, all are told the same one."""
    upload = begin(fleet, kept, b"data")
    replies = fleet.at_once([("complete_multipart_upload", upload)] * 30)
    assert codes(replies) == [""] * 30
    versions = {row["VersionId"] for row in fleet.client.list_object_versions(Bucket=kept)["Versions"]}
    assert {reply.headers["x-amz-version-id"] for reply in replies if "x-amz-version-id" in reply.headers} == versions
    assert len(versions) == 1


@TURNS
def test_completing_and_aborting(fleet: Fleet, bucket: str, turn: int) -> None:
    """Whoever is first: the object is there whole and the abort finds no upload, or the other way round."""
    begun = [begin(fleet, bucket, b"data", f"k{n}") for n in range(20)]
    calls = [("complete_multipart_upload", one) for one in begun]
    calls += [("abort_multipart_upload", {n: one[n] for n in ("Bucket", "Key", "UploadId")}) for one in begun]
    replies = fleet.at_once(calls)
    rows = fleet.client.list_objects_v2(Bucket=bucket).get("Contents", [])
    there = {row["Key"]: row["Size"] for row in rows}
    for one, completed, aborted in zip(begun, replies[:20], replies[20:], strict=True):
        assert sorted([completed.code, aborted.code]) == ["", "NoSuchUpload"]
        assert there.get(one["Key"]) == (None if completed.code else 4)
    assert "Uploads" not in fleet.client.list_multipart_uploads(Bucket=bucket)


@TURNS
def test_one_copies(fleet: Fleet, bucket: str, turn: int) -> None:
    """Of 50 copies with If-None-Match: * on the destination one wins."""
    for n in range(50):
        fleet.client.put_object(Bucket=bucket, Key=f"source{n}", Body=b"%d" % n)
    calls = [
        ("copy_object", {"Bucket": bucket, "Key": "k", "CopySource": f"{bucket}/source{n}", "IfNoneMatch": "*"})
        for n in range(50)
    ]
    winner = one_won(fleet.at_once(calls))
    assert read(fleet, bucket) == b"%d" % winner


@TURNS
def test_copies_of_what_was_seen(fleet: Fleet, bucket: str, turn: int) -> None:
    """With x-amz-copy-source-if-match a copy is of that very object, or refused, while it is overwritten."""
    etag = fleet.client.put_object(Bucket=bucket, Key="k", Body=b"seen")["ETag"]
    copies = [
        ("copy_object", {"Bucket": bucket, "Key": f"c{n}", "CopySource": f"{bucket}/k", "CopySourceIfMatch": etag})
        for n in range(40)
    ]
    replies = fleet.at_once([*copies[:20], put(bucket, turn), *copies[20:]])
    del replies[20]
    for number, reply in enumerate(replies):
        assert reply.code in ("", "PreconditionFailed")
        if not reply.code:
            assert read(fleet, bucket, f"c{number}") == b"seen"


@TURNS
def test_every_write_is_a_version(fleet: Fleet, kept: str, turn: int) -> None:
    """100 writes at once leave 100 versions, each with the bytes its writer was told the id of, newest first."""
    replies = fleet.at_once([put(kept, n) for n in range(WRITERS)])
    written = {reply.headers["x-amz-version-id"]: b"%d" % n for n, reply in enumerate(replies)}
    rows = fleet.client.list_object_versions(Bucket=kept)["Versions"]
    ids = [row["VersionId"] for row in rows]
    assert ids == sorted(written, reverse=True)
    assert [row["IsLatest"] for row in rows] == [True] + [False] * (WRITERS - 1)
    assert read(fleet, kept) == written[ids[0]]
    assert all(read(fleet, kept, VersionId=version) == written[version] for version in ids[::9])
    assert fleet.client.put_object(Bucket=kept, Key="k", Body=b"")["VersionId"] > ids[0]


@TURNS
def test_many_delete_one_version(fleet: Fleet, kept: str, turn: int) -> None:
    """All of them succeed, whether it is the current version or an older one; the others stay."""
    ids = [fleet.client.put_object(Bucket=kept, Key="k", Body=b"%d" % n)["VersionId"] for n in range(3)]
    for version in (ids[0], ids[2]):
        replies = fleet.at_once([("delete_object", {"Bucket": kept, "Key": "k", "VersionId": version})] * 40)
        assert {reply.status for reply in replies} == {204}
    assert [row["VersionId"] for row in fleet.client.list_object_versions(Bucket=kept)["Versions"]] == [ids[1]]
    assert read(fleet, kept) == b"1"


@TURNS
def test_all_versions_deleted_at_once(fleet: Fleet, kept: str, turn: int) -> None:
    """By two callers each: nothing stays, and the bucket can go."""
    replies = fleet.at_once([put(kept, n) for n in range(30)])
    ids = [reply.headers["x-amz-version-id"] for reply in replies]
    calls = [("delete_object", {"Bucket": kept, "Key": "k", "VersionId": version}) for version in ids * 2]
    assert {reply.status for reply in fleet.at_once(calls)} == {204}
    fleet.client.delete_bucket(Bucket=kept)


@TURNS
def test_parts_from_everywhere(fleet: Fleet, bucket: str, turn: int) -> None:
    """200 parts sent to all workers at once, each number twice: all are there, each as it was answered last."""
    begun = fleet.client.create_multipart_upload(Bucket=bucket, Key="k")
    upload = {"Bucket": bucket, "Key": "k", "UploadId": begun["UploadId"]}
    numbers = list(range(1, 101)) * 2
    calls = [("upload_part", {**upload, "PartNumber": n, "Body": b"%d" % at}) for at, n in enumerate(numbers)]
    told: dict[int, set[str]] = {}
    for number, reply in zip(numbers, fleet.at_once(calls), strict=True):
        told.setdefault(number, set()).add(reply.headers["etag"])
    rows = fleet.client.list_parts(**upload)["Parts"]  # type: ignore[arg-type]
    assert [row["PartNumber"] for row in rows] == list(range(1, 101))
    assert all(row["ETag"] in told[row["PartNumber"]] for row in rows)


@TURNS
def test_parts_replaced_while_they_are_joined(fleet: Fleet, bucket: str, turn: int) -> None:
    """An object is of the parts that were named, or the completion finds that one was replaced."""
    begun = [begin(fleet, bucket, b"first", f"k{n}") for n in range(30)]
    calls: list[tuple[str, dict[str, Any]]] = []
    for one in begun:
        part: dict[str, Any] = {name: one[name] for name in ("Bucket", "Key", "UploadId")}
        part |= {"PartNumber": 1, "Body": b"other"}
        calls += [("complete_multipart_upload", one), ("upload_part", part)]
    for one, reply in zip(begun, fleet.at_once(calls)[::2], strict=True):
        assert reply.code in ("", "InvalidPart")
        if not reply.code:
            assert read(fleet, bucket, one["Key"]) == b"first"


@TURNS
def test_keys_come_and_go_in_one_directory(fleet: Fleet, bucket: str, turn: int) -> None:
    """While half of a directory's keys are deleted the other half are put: none is lost, none comes back."""
    halves = [[f"a/b/{half}{n}" for n in range(25)] for half in "xy"]
    fleet.at_once([("put_object", {"Bucket": bucket, "Key": key, "Body": b""}) for key in halves[0]])
    for _ in range(4):
        calls: list[tuple[str, dict[str, Any]]] = [("delete_object", {"Bucket": bucket, "Key": k}) for k in halves[0]]
        calls += [("put_object", {"Bucket": bucket, "Key": key, "Body": b""}) for key in halves[1]]
        assert codes(fleet.at_once(calls)) == [""] * 50
        rows = fleet.client.list_objects_v2(Bucket=bucket)["Contents"]
        assert [row["Key"] for row in rows] == sorted(halves[1])
        halves.reverse()
    fleet.at_once([("delete_object", {"Bucket": bucket, "Key": key}) for key in halves[0]])
    assert os.listdir(fleet.data / bucket) == [".sgwtmp"]
