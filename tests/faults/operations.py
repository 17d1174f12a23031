"""A spread of operations, and what may be at the upstream after one that went wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from colonnade.backend import Arguments
from colonnade.backends.s3 import S3Backend
from colonnade.body import StreamBody
from colonnade.errors import S3Error

OLD = b"old." * 75_000
SMALL = b"small"
LARGE = b"large..." * (1024 * 1024 // 8)
TAGS = [{"Key": "a", "Value": "b"}]
POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}]}'


@dataclass
class Scene:
    """A bucket with the object "old", and an upload with one part."""

    bucket: str
    upload: str
    etag: str

    @classmethod
    async def build(cls, s3: S3Backend, bucket: str) -> Scene:
        """Make it."""
        await s3.call("CreateBucket", {"Bucket": bucket})
        await s3.call("PutObject", {"Bucket": bucket, "Key": "old", "Body": OLD})
        begun = await s3.call("CreateMultipartUpload", {"Bucket": bucket, "Key": "parts"})
        upload = {"Bucket": bucket, "Key": "parts", "UploadId": begun["UploadId"]}
        part = await s3.call("UploadPart", {**upload, "PartNumber": 1, "Body": SMALL})
        return cls(bucket, begun["UploadId"], part["ETag"])

    async def objects(self, s3: S3Backend) -> dict[str, bytes]:
        """What is there now. A request whose sender has gone may still be carried out meanwhile."""
        listed = (await s3.call("ListObjectsV2", {"Bucket": self.bucket})).get("Contents", ())
        found: dict[str, bytes] = {}
        for entry in listed:
            try:
                answer = await s3.call("GetObject", {"Bucket": self.bucket, "Key": entry["Key"]})
            except S3Error as error:
                if error.code != "NoSuchKey":
                    raise
            else:
                found[entry["Key"]] = await answer["Body"].read()
        return found

    async def parts(self, s3: S3Backend) -> list[int]:
        """Sizes of the upload's parts, none if it is over."""
        try:
            found = await s3.call("ListParts", {"Bucket": self.bucket, "Key": "parts", "UploadId": self.upload})
        except S3Error:
            return []
        return [part["Size"] for part in found["Parts"]]


async def stream(data: bytes) -> Any:
    """Bytes in pieces, as they come from a client."""
    for at in range(0, len(data), 65536):
        yield data[at : at + 65536]


def large() -> StreamBody:
    """A body of 1 MiB that can be read once."""
    return StreamBody(stream(LARGE), len(LARGE))


@dataclass(frozen=True)
class Operation:
    """One row. `silent`: its answer has no body. `result` is what `key` is afterwards if it is carried out."""

    name: str
    arguments: Callable[[Scene], Arguments] = lambda scene: {}
    silent: bool = False
    status: int = 200
    key: str = "old"
    result: bytes | None = OLD


def on(key: str | None = "old", **more: Any) -> Callable[[Scene], Arguments]:
    """Arguments that name the bucket, and a key unless that is None."""
    return lambda scene: {"Bucket": scene.bucket, **({"Key": key} if key else {}), **more}


def part(**more: Any) -> Callable[[Scene], Arguments]:
    """Arguments that name the upload."""
    return lambda scene: {"Bucket": scene.bucket, "Key": "parts", "UploadId": scene.upload, **more}


def _completion(scene: Scene) -> Arguments:
    return part(MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": scene.etag}]})(scene)


OPERATIONS = {
    "GetObject": Operation("GetObject", on()),
    "HeadObject": Operation("HeadObject", on(), silent=True),
    "PutObject, 5 bytes": Operation("PutObject", on(Body=SMALL), silent=True, result=SMALL),
    "PutObject, 1 MiB": Operation("PutObject", lambda s: on(Body=large())(s), silent=True, result=LARGE),
    "ListObjectsV2": Operation("ListObjectsV2", on(None)),
    "ListBuckets": Operation("ListBuckets"),
    "HeadBucket": Operation("HeadBucket", on(None), silent=True),
    "DeleteObject": Operation("DeleteObject", on(), silent=True, status=204, result=None),
    "DeleteObjects": Operation("DeleteObjects", on(None, Delete={"Objects": [{"Key": "old"}]}), result=None),
    "CopyObject": Operation(
        "CopyObject", lambda s: on("copy", CopySource=f"{s.bucket}/old")(s), key="copy", result=OLD
    ),
    "CreateMultipartUpload": Operation("CreateMultipartUpload", on("new")),
    "UploadPart": Operation("UploadPart", lambda s: part(PartNumber=2, Body=large())(s), silent=True),
    "CompleteMultipartUpload": Operation("CompleteMultipartUpload", _completion, key="parts", result=SMALL),
    "AbortMultipartUpload": Operation("AbortMultipartUpload", part(), silent=True, status=204),
    "ListParts": Operation("ListParts", part()),
    "GetObjectTagging": Operation("GetObjectTagging", on()),
    "PutObjectTagging": Operation("PutObjectTagging", on(Tagging={"TagSet": TAGS}), silent=True),
    "PutBucketPolicy": Operation("PutBucketPolicy", on(None, Policy=POLICY), silent=True, status=204),
}
