"""Attributes in a directory beside: where they lie, and that they never come apart from their bodies."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import shutil
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from colonnade.backends.posix import PosixBackend, from_options, names, uploads
from colonnade.errors import S3Error
from tests.posix.test_killed import allowed, run_and_kill, seed_of, writer
from tests.posix.test_races import compete

WHERE = {"Bucket": "bucket", "Key": "a/k"}


@pytest.fixture
def side(tmp_path: Path) -> Path:
    """The directory for attributes."""
    path = tmp_path / "side"
    path.mkdir()
    return path


def over(root: Path, side: Path, **options: object) -> PosixBackend:
    """A backend that keeps attributes in `side`."""
    return from_options({"path": str(root), "sidecar": str(side), "fsync": False, **options})


@pytest.fixture
async def backend(root: Path, side: Path) -> AsyncIterator[PosixBackend]:
    """A started backend with one empty bucket."""
    made = over(root, side)
    await made.start()
    await made.call("CreateBucket", {"Bucket": "bucket"})
    yield made
    await made.close()


def kept(path: Path) -> dict[str, bytes]:
    """The attributes that lie at a place in the sidecar."""
    return {entry.name: entry.read_bytes() for entry in (path / "meta").iterdir() if entry.is_file()}


def files(path: Path) -> list[str]:
    """All files below a directory."""
    return [os.path.join(at, name) for at, _, names in os.walk(path) for name in names]


async def test_a_file_for_each(backend: PosixBackend, root: Path, side: Path) -> None:
    """An object's lie below its key, the bucket's below its name; the body has none itself."""
    await backend.call("PutObject", {**WHERE, "Body": b"x", "Metadata": {"m": "1"}, "Tagging": "t=1"})
    found = kept(side / "bucket/a/k")
    assert (found["metadata"], found["X-Amz-Tagging"]) == (b'{"m":"1"}', b'{"t":"1"}')
    assert found["etag"] == b'"9dd4e461268c8034f5c8564e155c67a6"'
    assert b"Owner" in kept(side / "bucket")["acl"]
    assert [name for name in os.listxattr(root / "bucket/a/k") if name.startswith("user.")] == []


async def test_none_stay_behind(backend: PosixBackend, side: Path) -> None:
    """A deleted object's attributes go, and the directories they leave empty; the bucket's go with it."""
    await backend.call("PutObject", {**WHERE, "Body": b"x"})
    await backend.call("DeleteObject", WHERE)
    assert os.listdir(side / "bucket") == ["meta"]
    await backend.call("DeleteBucket", {"Bucket": "bucket"})
    assert files(side) == []


async def test_an_overwritten_object_keeps_nothing(backend: PosixBackend, side: Path) -> None:
    """What the new object wasn't given is not there any more."""
    await backend.call("PutObject", {**WHERE, "Body": b"x", "Metadata": {"m": "1"}, "CacheControl": "no-store"})
    await backend.call("PutObject", {**WHERE, "Body": b"y"})
    assert {"metadata", "cache-control"}.isdisjoint(kept(side / "bucket/a/k"))


async def test_uploads_leave_nothing(backend: PosixBackend, side: Path) -> None:
    """Once an upload is completed, or aborted, only the object's attributes are there, and the key's own name."""
    for end in ("CompleteMultipartUpload", "AbortMultipartUpload"):
        upload = {**WHERE, "UploadId": (await backend.call("CreateMultipartUpload", WHERE))["UploadId"]}
        part = await backend.call("UploadPart", {**upload, "PartNumber": 1, "Body": b"part"})
        parts = {"MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}} if end[0] == "C" else {}
        await backend.call(end, {**upload, **parts})
    left = [path for path in files(side / "bucket/.sgwtmp") if not path.endswith("objname")]
    assert left == []


async def test_a_bare_file_has_none(backend: PosixBackend, root: Path) -> None:
    """What somebody put there by other ways is an object without attributes."""
    (root / "bucket/k").write_bytes(b"bare")
    answer = await backend.call("HeadObject", {"Bucket": "bucket", "Key": "k"})
    assert (answer["Metadata"], answer["ContentLength"]) == ({}, 4)


async def test_a_restored_copy_keeps_its_attributes(backend: PosixBackend, root: Path) -> None:
    """A file that was copied back has another identity, and its attributes still."""
    await backend.call("PutObject", {**WHERE, "Body": b"x", "Metadata": {"m": "1"}})
    shutil.copy2(root / "bucket/a/k", root / "copy")
    os.rename(root / "copy", root / "bucket/a/k")
    assert (await backend.call("HeadObject", WHERE))["Metadata"] == {"m": "1"}


@pytest.mark.parametrize("first", ["a/", "a/meta/etag"])
async def test_a_name_that_is_taken(backend: PosixBackend, root: Path, first: str) -> None:
    """The layout has one place for an attribute of `a/` and for those of `a/meta/etag`: the second is refused."""
    await backend.call("PutObject", {"Bucket": "bucket", "Key": first})
    other = "a/" if first != "a/" else "a/meta/etag"
    with pytest.raises(S3Error, match="--sidecar"):
        await backend.call("PutObject", {"Bucket": "bucket", "Key": other})
    assert (await backend.call("HeadObject", {"Bucket": "bucket", "Key": first}))["ContentLength"] == 0
    page = await backend.call("ListObjectsV2", {"Bucket": "bucket"})
    assert [row["Key"] for row in page["Contents"]] == [first]


async def test_a_writer_that_died_in_between(backend: PosixBackend, root: Path, side: Path) -> None:
    """A body in its place with its attributes still on their way: reads find them, and the next start settles it."""
    await backend.call("PutObject", {**WHERE, "Body": b"old", "Metadata": {"of": "old"}})
    store = backend.tree.store
    # As if the writer of `a/k` had died when its body was there already.
    with backend.tree.temp("bucket", 5) as temp:
        temp.write([b"newer"])
        store.write(
            temp,
            names.find("bucket", "a/k"),
            "bucket/a/k",
            {"etag": b'"e"', "metadata": b'{"of":"newer"}'},
            durable=False,
        )
        above = os.open(root / "bucket/a", os.O_RDONLY)
        temp.move(above, "k")
        os.close(above)
    assert (await backend.call("HeadObject", WHERE))["Metadata"] == {"of": "newer"}
    other = over(root, side)
    await other.start()
    await other.close()
    assert kept(side / "bucket/a/k")["metadata"] == b'{"of":"newer"}'
    assert os.listdir(side / ".sgwtmp/colonnade.meta") == []


async def test_readers_never_see_a_mixture(backend: PosixBackend, root: Path, side: Path) -> None:
    """While one gateway overwrites and deletes, another reads: body, ETag and metadata are of one write."""
    other = over(root, side)
    done = asyncio.Event()

    def write() -> None:
        for count in range(300):
            body = f"{count}".encode() * (count % 7 + 1)
            asyncio.run(other.call("PutObject", {**WHERE, "Body": body, "Metadata": {"body": body.decode()}}))
            if count % 10 == 9:
                asyncio.run(other.call("DeleteObject", WHERE))

    async def read() -> int:
        seen = 0
        while not done.is_set():
            await asyncio.sleep(0)
            try:
                answer = await backend.call("GetObject", WHERE)
            except S3Error as error:
                if error.code != "NoSuchKey":
                    raise
                continue
            assert (await answer["Body"].read()).decode() == answer["Metadata"]["body"]
            seen += 1
        return seen

    reading = asyncio.create_task(read())
    await asyncio.to_thread(write)
    done.set()
    assert await reading > 0


async def test_over_buckets_that_were_there_before(root: Path, side: Path) -> None:
    """A directory that was filled by other means is served with an empty sidecar."""
    (root / "bucket").mkdir()
    (root / "bucket/k").write_bytes(b"bare")
    backend = over(root, side)
    await backend.start()
    where = {"Bucket": "bucket", "Key": "k"}
    await backend.call("PutObjectTagging", {**where, "Tagging": {"TagSet": [{"Key": "a", "Value": "1"}]}})
    assert kept(side / "bucket/k") == {"X-Amz-Tagging": b'{"a":"1"}'}
    await backend.close()


async def test_what_the_other_gateway_wrote(root: Path, side: Path) -> None:
    """Without our own notes: its attributes are those of the file, also after it has replaced one of ours."""
    backend = over(root, side)
    await backend.start()
    await backend.call("CreateBucket", {"Bucket": "bucket"})
    await backend.call("PutObject", {**WHERE, "Body": b"ours", "Metadata": {"of": "ours"}})
    (root / "theirs").write_bytes(b"theirs, longer")
    os.rename(root / "theirs", root / "bucket/a/k")
    (side / "bucket/a/k/meta/etag").write_bytes(b'"theirs"')
    (side / "bucket/a/k/meta/metadata").write_bytes(b'{"of":"theirs"}')
    answer = await backend.call("HeadObject", WHERE)
    assert (answer["ETag"], answer["Metadata"], answer["ContentLength"]) == ('"theirs"', {"of": "theirs"}, 14)
    (row,) = (await backend.call("ListObjectsV2", {"Bucket": "bucket"}))["Contents"]
    assert row["ETag"] == '"theirs"'
    await backend.close()


async def test_versions(root: Path, side: Path, tmp_path: Path) -> None:
    """An older version's attributes lie by its absolute path, and go with it, or come back with it."""
    older = tmp_path / "older"
    older.mkdir()
    backend = over(root, side, versioning_dir=str(older))
    await backend.start()
    await backend.call("CreateBucket", {"Bucket": "bucket"})
    enabled = {"VersioningConfiguration": {"Status": "Enabled"}}
    await backend.call("PutBucketVersioning", {"Bucket": "bucket", **enabled})
    ids = []
    for name in ("first", "second"):
        put = await backend.call("PutObject", {**WHERE, "Body": name.encode(), "Metadata": {"of": name}})
        ids.append(put["VersionId"])
    digest = hashlib.sha256(b"a/k").hexdigest()
    place = f"{older}/bucket/{digest[:2]}/{digest[2:4]}/{digest[4:6]}/{digest}/{ids[0]}"
    assert kept(Path(f"{side}{place}"))["metadata"] == b'{"of":"first"}'
    await backend.call("DeleteObject", {**WHERE, "VersionId": ids[1]})
    assert (await backend.call("HeadObject", WHERE))["Metadata"] == {"of": "first"}
    assert not os.path.exists(f"{side}{place}")
    await backend.call("DeleteObject", {**WHERE, "VersionId": ids[0]})
    await backend.call("DeleteBucket", {"Bucket": "bucket"})
    assert files(side) == []
    await backend.close()


async def test_a_bucket_named_like_the_way_to_the_versions(root: Path, side: Path, tmp_path: Path) -> None:
    """In the sidecar its attributes lie where those of all older versions do: they outlive it."""
    older = tmp_path / "older"
    older.mkdir()
    name = older.parts[1]  # "tmp"
    backend = over(root, side, versioning_dir=str(older))
    await backend.start()
    for bucket in (name, "bucket"):
        await backend.call("CreateBucket", {"Bucket": bucket})
    enabled = {"VersioningConfiguration": {"Status": "Enabled"}}
    await backend.call("PutBucketVersioning", {"Bucket": "bucket", **enabled})
    first = await backend.call("PutObject", {**WHERE, "Body": b"1", "Metadata": {"of": "first"}})
    await backend.call("PutObject", {**WHERE, "Body": b"2"})
    await backend.call("DeleteBucket", {"Bucket": name})
    answer = await backend.call("HeadObject", {**WHERE, "VersionId": first["VersionId"]})
    assert answer["Metadata"] == {"of": "first"}
    assert not (side / name / "meta").exists()
    await backend.close()


async def test_one_process_replaces(
    backend: PosixBackend, root: Path, side: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of six processes with If-Match on the same ETag one wins, and body and ETag are the winner's."""
    monkeypatch.setenv("SIDECAR", str(side))
    where = {"Bucket": "bucket", "Key": "k"}
    put = await backend.call("PutObject", {**where, "Body": b"first"})
    results = compete(root, [["swap", "k", put["ETag"], f"body{number}"] for number in range(6)])
    assert sorted(results) == ["PreconditionFailed"] * 5 + ["won"]
    answer = await backend.call("GetObject", where)
    assert answer["ETag"] == f'"{hashlib.md5(await answer["Body"].read()).hexdigest()}"'


@pytest.mark.slow
async def test_killed_writers_of_versions(
    root: Path, side: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed four times: every version that was acknowledged is there, its own attributes with its body."""
    monkeypatch.setenv("SIDECAR", str(side))
    older = tmp_path / "older"
    older.mkdir()
    (root / "bucket").mkdir()
    (side / "bucket/meta").mkdir(parents=True)
    (side / "bucket/meta/versioning").write_bytes(b"\x01")
    for turn in range(4):
        log = run_and_kill(root, f"turn{turn}", random.Random(turn).uniform(0.1, 0.4), older)
        backend = over(root, side, versioning_dir=str(older))
        await backend.start()
        for key, version, seed in (line for line in log if len(line) == 3 and len(line[1]) == 26):
            if seed == "-":
                continue
            got = await backend.call("GetObject", {"Bucket": "bucket", "Key": key, "VersionId": version})
            assert (await got["Body"].read(), got["Metadata"]["seed"]) == (writer.body(seed), seed)
        assert os.listdir(side / ".sgwtmp/colonnade.meta") == []
        await backend.close()


@pytest.mark.slow
async def test_killed_writers(root: Path, side: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed half a dozen times: every key holds a whole object and its attributes; nothing else is left."""
    monkeypatch.setenv("SIDECAR", str(side))
    (root / "bucket").mkdir()
    for turn in range(6):
        states = allowed(run_and_kill(root, f"turn{turn}", random.Random(turn).uniform(0.05, 0.4)))
        backend = over(root, side)
        await backend.start()
        for key, seeds in states.items():
            assert await seed_of(backend, key) in seeds, key
        assert os.listdir(side / ".sgwtmp/colonnade.meta") == []
        await backend.close()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"sidecar": "gone"}, "is not a directory; make it first"),
        ({"sidecar": "root/inside"}, "must lie outside"),
        ({"sidecar": "."}, "and not around it"),
        ({"nometa": True, "versioning_dir": "side"}, "exclude each other"),
        ({"nometa": True, "sidecar": "side"}, "exclude each other"),
    ],
)
def test_what_will_not_do(root: Path, side: Path, options: dict[str, object], says: str) -> None:
    """The message says what is wrong with the directory."""
    (root / "inside").mkdir()
    given = {name: str(root.parent / value) if isinstance(value, str) else value for name, value in options.items()}
    with pytest.raises(ValueError, match=says):
        from_options({"path": str(root), **given})


async def test_a_removed_files_attributes_make_no_directory_object(backend: PosixBackend, root: Path) -> None:
    """Somebody removed a file by other means: the directory that has its name by now is nobody's object."""
    await backend.call("PutObject", {"Bucket": "bucket", "Key": "a", "Body": b"x", "Metadata": {"of": "file"}})
    (root / "bucket/a").unlink()
    await backend.call("PutObject", {"Bucket": "bucket", "Key": "a/b", "Body": b"y"})
    page = await backend.call("ListObjectsV2", {"Bucket": "bucket"})
    assert [row["Key"] for row in page["Contents"]] == ["a/b"]
    await backend.call("PutObject", {"Bucket": "bucket", "Key": "a/", "Body": b""})
    assert (await backend.call("HeadObject", {"Bucket": "bucket", "Key": "a/"}))["Metadata"] == {}


async def test_over_an_object_of_the_other_gateway(backend: PosixBackend, root: Path, side: Path) -> None:
    """Its attributes don't say of which file they are: a new body isn't read with them, its own are on their way."""
    await backend.call("PutObject", {**WHERE, "Body": b"old", "Metadata": {"of": "old"}})
    (side / "bucket/a/k/meta/colonnade.identity").unlink()
    with backend.tree.temp("bucket", 5) as temp:
        values = {"etag": b'"e"', "metadata": b'{"of":"newer"}'}
        backend.tree.store.write(temp, names.find("bucket", "a/k"), "bucket/a/k", values, durable=False)
        above = os.open(root / "bucket/a", os.O_RDONLY)
        temp.move(above, "k")
        os.close(above)
        assert (await backend.call("HeadObject", WHERE))["Metadata"] == {"of": "newer"}


async def test_uploads_begin_while_gateways_start(backend: PosixBackend, root: Path, side: Path) -> None:
    """Who clears what dead uploads left takes nothing from one that begins: it is whole, again and again."""
    other = over(root, side)
    done = threading.Event()

    def sweep() -> None:
        while not done.is_set():
            other.tree.store.sweep("bucket", lambda _: [], other.tree.locks)

    sweeping = asyncio.create_task(asyncio.to_thread(sweep))
    for _ in range(150):
        upload = {**WHERE, "UploadId": (await backend.call("CreateMultipartUpload", WHERE))["UploadId"]}
        await asyncio.sleep(0)
        listed = await backend.call("ListMultipartUploads", {"Bucket": "bucket"})
        assert [row["UploadId"] for row in listed["Uploads"]] == [upload["UploadId"]]
        found = kept(next((side / "bucket/.sgwtmp/multipart").glob(f"*/{upload['UploadId']}")))
        assert {"colonnade.initiated", "colonnade.initiator"} <= set(found)
        await backend.call("AbortMultipartUpload", upload)
    done.set()
    await sweeping
    await other.close()


async def test_the_other_gateways_claim_is_given_back(backend: PosixBackend, root: Path, side: Path) -> None:
    """It renames an upload's attributes with it, and died: they are back once the upload is."""
    asked = {**WHERE, "Metadata": {"m": "1"}, "ChecksumAlgorithm": "CRC32"}
    upload = {**WHERE, "UploadId": (await backend.call("CreateMultipartUpload", asked))["UploadId"]}
    await backend.call("UploadPart", {**upload, "PartNumber": 1, "Body": b"part", "ChecksumAlgorithm": "CRC32"})
    for top in (root, side):
        at = next((top / "bucket/.sgwtmp/multipart").glob(f"*/{upload['UploadId']}"))
        claimed = at.rename(f"{at}.0123456789abcdef-1.inprogress")
        if top == root:
            names_of = str(claimed.relative_to(root)), str(at.relative_to(root))
    uploads.rename(backend.tree, *names_of)
    told = await backend.call("ListParts", upload)
    assert (told["ChecksumAlgorithm"], len(told["Parts"])) == ("CRC32", 1)
