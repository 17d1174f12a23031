"""S3's objects, versions and uploads as a dict would have them: what every backend must answer.

Answers are boto3's, with the members that are compared; a refusal is `Refused` with S3's code. The ids of versions and
uploads are those that the backend under test gave.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

Answer = dict[str, Any]


class Refused(Exception):
    """S3's refusal; its text is the code."""


@dataclass(frozen=True)
class Version:
    """One version of a key. `parts` are the sizes of those it was joined from."""

    id: str
    body: bytes = b""
    metadata: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[tuple[str, str], ...] = ()
    parts: tuple[bytes, ...] | None = None
    upload: str = ""
    marker: bool = False

    @property
    def etag(self) -> str:
        """The MD5 of the body, or of the parts' MD5s with their number."""
        if self.parts is None:
            return md5(self.body)
        digests = b"".join(hashlib.md5(part).digest() for part in self.parts)
        return f'"{hashlib.md5(digests).hexdigest()}-{len(self.parts)}"'


@dataclass
class Upload:
    """An upload under way."""

    key: str
    metadata: Mapping[str, str]
    tags: tuple[tuple[str, str], ...]
    parts: dict[int, bytes] = field(default_factory=dict)


def md5(body: bytes) -> str:
    """A plain object's ETag."""
    return f'"{hashlib.md5(body).hexdigest()}"'


class Model:
    """One bucket. `chains` have the versions of each key, newest first."""

    def __init__(self) -> None:
        self.versioning = ""
        self.chains: dict[str, list[Version]] = {}
        self.uploads: dict[str, Upload] = {}
        #: The id that the backend gave to what this operation makes.
        self.fresh = ""

    def call(self, operation: str, arguments: Mapping[str, Any]) -> Answer:
        """The answer to one operation. Raises Refused."""
        method: Callable[[Mapping[str, Any]], Answer] = getattr(self, operation)
        return method(arguments)

    def current(self, key: str) -> Version | None:
        """What a key is, None for nothing and for a delete marker."""
        chain = self.chains.get(key)
        return chain[0] if chain and not chain[0].marker else None

    def _find(self, key: str, version: str | None) -> Version:
        if version is None:
            found = self.current(key)
            if found is None:
                raise Refused("NoSuchKey")
            return found
        for found in self.chains.get(key, ()):
            if found.id == version:
                if found.marker:
                    raise Refused("MethodNotAllowed")
                return found
        raise Refused("NoSuchVersion")

    def _said(self, version: Version) -> Answer:
        return {"VersionId": version.id} if self.versioning else {}

    def _put(self, key: str, version: Version) -> Answer:
        """Make a version current."""
        chain = self.chains.get(key, [])
        if self.versioning == "Enabled":
            assert all(old.id == "null" or old.id < self.fresh for old in chain), "ids rise"
            version = replace(version, id=self.fresh)
        else:
            version = replace(version, id="null")
            chain = [old for old in chain if old.id != "null"]
        self.chains[key] = [version, *chain]
        return self._said(version)

    def _judge(self, key: str, asked: Mapping[str, Any]) -> None:
        found = self.current(key)
        if "IfNoneMatch" in asked and found is not None:
            raise Refused("PreconditionFailed")
        if "IfMatch" in asked:
            if found is None:
                raise Refused("NoSuchKey")
            if asked["IfMatch"] not in ("*", found.etag):
                raise Refused("PreconditionFailed")

    def DeleteBucket(self, _: Mapping[str, Any]) -> Answer:
        """Remove the bucket, and the uploads in it."""
        if any(self.chains.values()):
            raise Refused("BucketNotEmpty")
        self.versioning, self.chains, self.uploads = "", {}, {}
        return {}

    def PutBucketVersioning(self, asked: Mapping[str, Any]) -> Answer:
        """Enable or suspend."""
        self.versioning = asked["VersioningConfiguration"]["Status"]
        return {}

    def PutObject(self, asked: Mapping[str, Any]) -> Answer:
        """Write."""
        self._judge(asked["Key"], asked)
        version = Version("", asked["Body"], asked["Metadata"], _tags(asked["Tagging"]))
        return {"ETag": version.etag} | self._put(asked["Key"], version)

    def HeadObject(self, asked: Mapping[str, Any]) -> Answer:
        """Read without the bytes."""
        answer = self.GetObject(asked)
        del answer["Body"]
        return answer

    def GetObject(self, asked: Mapping[str, Any]) -> Answer:
        """Read a version, or a range or part of it."""
        found = self._find(asked["Key"], asked.get("VersionId"))
        answer: Answer = {"ETag": found.etag, "Metadata": dict(found.metadata), "Body": found.body}
        answer |= self._said(found) | ({"TagCount": len(found.tags)} if found.tags else {})
        if "Range" in asked:
            first, _, last = asked["Range"].removeprefix("bytes=").partition("-")
            if int(first) >= len(found.body):
                raise Refused("InvalidRange")
            answer["Body"] = found.body[int(first) : int(last) + 1]
        if "PartNumber" in asked:
            parts = (found.body,) if found.parts is None else found.parts
            if asked["PartNumber"] > len(parts):
                raise Refused("InvalidPartNumber")
            answer["Body"] = parts[asked["PartNumber"] - 1]
            answer |= {} if found.parts is None else {"PartsCount": len(parts)}
        return answer | {"ContentLength": len(answer["Body"])}

    def _source(self, asked: Mapping[str, Any]) -> Version:
        """What is copied."""
        source = asked["CopySource"]
        try:
            found = self._find(source["Key"], source.get("VersionId"))
        except Refused as error:
            raise Refused("InvalidRequest" if str(error) == "MethodNotAllowed" else str(error)) from None
        if asked.get("CopySourceIfMatch") not in (None, found.etag):
            raise Refused("PreconditionFailed")
        return found

    def CopyObject(self, asked: Mapping[str, Any]) -> Answer:
        """Make a new object of another's bytes, metadata and tags, or with other ones."""
        source = asked["CopySource"]
        if source["Key"] == asked["Key"] and "MetadataDirective" not in asked and "VersionId" not in source:
            raise Refused("InvalidRequest")
        found = self._source(asked)
        self._judge(asked["Key"], asked)
        metadata = asked["Metadata"] if "MetadataDirective" in asked else found.metadata
        tags = _tags(asked["Tagging"]) if "TaggingDirective" in asked else found.tags
        answer: Answer = {"ETag": md5(found.body), **({"CopySourceVersionId": found.id} if self.versioning else {})}
        return answer | self._put(asked["Key"], Version("", found.body, metadata, tags))

    def DeleteObject(self, asked: Mapping[str, Any]) -> Answer:
        """Remove a version, or put a delete marker."""
        key, version = asked["Key"], asked.get("VersionId")
        if version is None:
            if "IfMatch" in asked:
                self._judge(key, asked)
            if self.versioning:
                return {"DeleteMarker": True, **self._put(key, Version("", marker=True))}
            version = "null"
        chain = self.chains.get(key, [])
        gone = [old for old in chain if old.id == version]
        self.chains[key] = [old for old in chain if old.id != version]
        answer = {"DeleteMarker": True} if gone and gone[0].marker else {}
        return answer | ({"VersionId": version} if "VersionId" in asked else {})

    def DeleteObjects(self, asked: Mapping[str, Any]) -> Answer:
        """Remove many; in a bucket without versions here, for the answer has no place for each marker's id."""
        for entry in asked["Delete"]["Objects"]:
            self.chains.pop(entry["Key"], None)
        return {"Deleted": [entry["Key"] for entry in asked["Delete"]["Objects"]]}

    def _alter(self, asked: Mapping[str, Any], tags: tuple[tuple[str, str], ...]) -> Answer:
        found = self._find(asked["Key"], asked.get("VersionId"))
        chain = self.chains[asked["Key"]]
        chain[chain.index(found)] = replace(found, tags=tags)
        return self._said(found)

    def PutObjectTagging(self, asked: Mapping[str, Any]) -> Answer:
        """Replace the tags of a version."""
        return self._alter(asked, tuple((tag["Key"], tag["Value"]) for tag in asked["Tagging"]["TagSet"]))

    def DeleteObjectTagging(self, asked: Mapping[str, Any]) -> Answer:
        """Remove them."""
        return self._alter(asked, ())

    def GetObjectTagging(self, asked: Mapping[str, Any]) -> Answer:
        """Tell them, in their order."""
        found = self._find(asked["Key"], asked.get("VersionId"))
        return {"TagSet": [{"Key": key, "Value": value} for key, value in found.tags]} | self._said(found)

    def CreateMultipartUpload(self, asked: Mapping[str, Any]) -> Answer:
        """Begin."""
        self.uploads[self.fresh] = Upload(asked["Key"], asked["Metadata"], _tags(asked["Tagging"]))
        return {}

    def _upload(self, asked: Mapping[str, Any]) -> Upload:
        found = self.uploads.get(asked["UploadId"])
        if found is None or found.key != asked["Key"]:
            raise Refused("NoSuchUpload")
        return found

    def UploadPart(self, asked: Mapping[str, Any]) -> Answer:
        """Keep a part."""
        self._upload(asked).parts[asked["PartNumber"]] = asked["Body"]
        return {"ETag": md5(asked["Body"])}

    def UploadPartCopy(self, asked: Mapping[str, Any]) -> Answer:
        """Keep a part that is an object."""
        upload, found = self._upload(asked), self._source(asked)
        upload.parts[asked["PartNumber"]] = found.body
        return {"ETag": md5(found.body), **({"CopySourceVersionId": found.id} if self.versioning else {})}

    def ListParts(self, asked: Mapping[str, Any]) -> Answer:
        """Tell the parts."""
        parts = sorted(self._upload(asked).parts.items())
        return {"Parts": [(number, len(body), md5(body)) for number, body in parts]}

    def AbortMultipartUpload(self, asked: Mapping[str, Any]) -> Answer:
        """Throw it away."""
        self._upload(asked)
        del self.uploads[asked["UploadId"]]
        return {}

    def CompleteMultipartUpload(self, asked: Mapping[str, Any]) -> Answer:
        """Join parts; said again it gives the same answer while the object stands."""
        key, upload_id = asked["Key"], asked["UploadId"]
        for made in self.chains.get(key, ()):
            if made.upload == upload_id:
                return {"ETag": made.etag} | self._said(made)
        upload = self._upload(asked)
        rows = asked["MultipartUpload"]["Parts"]
        numbers = [row["PartNumber"] for row in rows]
        if numbers != sorted(set(numbers)):
            raise Refused("InvalidPartOrder")
        for row in rows:
            if row["PartNumber"] not in upload.parts or row["ETag"] != md5(upload.parts[row["PartNumber"]]):
                raise Refused("InvalidPart")
        parts = tuple(upload.parts[number] for number in numbers)
        if not all(parts[:-1]):
            raise Refused("EntityTooSmall")
        self._judge(key, asked)
        version = Version("", b"".join(parts), upload.metadata, upload.tags, parts, upload_id)
        del self.uploads[upload_id]
        return {"ETag": version.etag} | self._put(key, version)

    def keys(self) -> list[str]:
        """The objects, in the order of a listing."""
        return sorted((key for key in self.chains if self.current(key)), key=str.encode)

    def versions(self) -> list[tuple[str, str, bool, bool]]:
        """Key, id, whether the latest and whether a marker: in the order of a listing."""
        return [
            (key, version.id, version is chain[0], version.marker)
            for key, chain in sorted(self.chains.items(), key=lambda item: item[0].encode())
            for version in chain
        ]


def _tags(header: str) -> tuple[tuple[str, str], ...]:
    pairs: Iterable[str] = header.split("&") if header else ()
    return tuple((key, value) for key, _, value in (pair.partition("=") for pair in pairs))
