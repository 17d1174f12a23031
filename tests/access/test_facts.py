"""Conditions look at what an operation takes: what else is sent with it asks for nothing, and so is no fact."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
import urllib3

from colonnade.access import table
from colonnade.facts import Known
from colonnade.wire.request import Request
from tests.access.test_decisions import DENIED, OK, outcome

Of = Callable[[str], Any]

_WRITES = {"PutObject", "CopyObject", "CreateMultipartUpload"}
_ACLS = _WRITES | {"CreateBucket", "PutBucketAcl", "PutObjectAcl"}
_COPIES = {"CopyObject", "UploadPartCopy"}
_READS = {"GetObject", "HeadObject"}
_LISTINGS = {"ListObjects", "ListObjectsV2", "ListObjectVersions"}
_TAGGING = {"GetObjectTagging", "PutObjectTagging", "DeleteObjectTagging"}

#: A header or parameter, and what of it: the key of the condition -> the operations that take it, by Amazon's pages.
TAKEN: dict[tuple[str, str, str], set[str]] = {
    ("x-amz-acl", "private", "s3:x-amz-acl"): _ACLS,
    ("x-amz-copy-source", "b/k", "s3:x-amz-copy-source"): _COPIES,
    ("x-amz-grant-full-control", "id=a", "s3:x-amz-grant-full-control"): _ACLS,
    ("x-amz-grant-read", "id=a", "s3:x-amz-grant-read"): _ACLS,
    ("x-amz-grant-read-acp", "id=a", "s3:x-amz-grant-read-acp"): _ACLS,
    ("x-amz-grant-write", "id=a", "s3:x-amz-grant-write"): _ACLS - _WRITES,
    ("x-amz-grant-write-acp", "id=a", "s3:x-amz-grant-write-acp"): _ACLS,
    ("x-amz-metadata-directive", "COPY", "s3:x-amz-metadata-directive"): {"CopyObject"},
    ("x-amz-object-ownership", "ObjectWriter", "s3:x-amz-object-ownership"): {"CreateBucket"},
    ("x-amz-server-side-encryption", "AES256", "s3:x-amz-server-side-encryption"): _WRITES,
    (
        "x-amz-server-side-encryption-customer-algorithm",
        "AES256",
        "s3:x-amz-server-side-encryption-customer-algorithm",
    ): _WRITES
    | _READS
    | {"UploadPart", "UploadPartCopy", "CompleteMultipartUpload"}
    | {"GetObjectAttributes", "ListParts", "SelectObjectContent"},
    ("x-amz-storage-class", "STANDARD", "s3:x-amz-storage-class"): _WRITES,
    ("x-amz-website-redirect-location", "/x", "s3:x-amz-website-redirect-location"): _WRITES,
    ("x-amz-tagging", "a=b", "s3:requestobjecttag/a"): _WRITES - {"CopyObject"},
    ("x-amz-tagging", "a=b", "s3:requestobjecttagkeys"): _WRITES - {"CopyObject"},
    ("x-amz-object-lock-mode", "GOVERNANCE", "s3:object-lock-mode"): _WRITES,
    ("x-amz-object-lock-retain-until-date", "2001-01-01T00:00:00Z", "s3:object-lock-retain-until-date"): _WRITES,
    (
        "x-amz-object-lock-retain-until-date",
        "2001-01-01T00:00:00Z",
        "s3:object-lock-remaining-retention-days",
    ): _WRITES,
    ("x-amz-object-lock-legal-hold", "ON", "s3:object-lock-legal-hold"): _WRITES,
    ("if-match", '"e"', "s3:if-match"): _READS | {"PutObject", "CopyObject", "CompleteMultipartUpload", "DeleteObject"},
    ("if-none-match", "*", "s3:if-none-match"): _READS | {"PutObject", "CopyObject", "CompleteMultipartUpload"},
    ("referer", "page", "aws:referer"): set(table.ROWS),
    ("user-agent", "browser", "aws:useragent"): set(table.ROWS),
    ("?prefix", "p", "s3:prefix"): _LISTINGS | {"ListBuckets", "ListMultipartUploads"},
    ("?delimiter", "/", "s3:delimiter"): _LISTINGS | {"ListMultipartUploads"},
    ("?max-keys", "1", "s3:max-keys"): _LISTINGS,
    ("?versionId", "v", "s3:versionid"): {"GetObject", "HeadObject", "DeleteObject", "GetObjectAttributes"}
    | {"GetObjectAcl", "PutObjectAcl", "RestoreObject"}
    | {f"{verb}Object{kind}" for verb in ("Get", "Put") for kind in ("Retention", "LegalHold")}
    | _TAGGING,
}


@pytest.mark.parametrize(("sent", "operations"), TAKEN.items(), ids=[f"{name} {key}" for name, _, key in TAKEN])
def test_what_is_a_fact_with_which_operations(sent: tuple[str, str, str], operations: set[str]) -> None:
    """With these and no others."""
    name, value, key = sent
    query, headers = ({name[1:]: value}, {}) if name.startswith("?") else ({}, {name: value})
    request = Request("PUT", b"/b/k", urlencode(query).encode(), headers)
    told = {operation for operation in table.ROWS if Known(request, None, None, operation).get(key, None)}
    assert told == operations


def test_every_header_is_in_the_table() -> None:
    """Of those that conditions may look at by name; these two have rules of their own."""
    keys = {key for _, _, key in TAKEN}
    own = {"x-amz-content-sha256", "x-amz-server-side-encryption-aws-kms-key-id"}
    assert {f"s3:{name}" for name in table.HEADERS if name not in own} <= keys


def ruled(client: Of, bucket: str, action: str, condition: Any, *, deny: bool = False) -> Any:
    """Alice, who may do something under a condition, or everything but that."""
    everything = {"Effect": "Allow", "Principal": {"AWS": "alice"}, "Action": "s3:*"}
    on = {"Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]}
    allow = {**everything, **on, "Action": action, "Condition": condition}
    statements = [{**everything, **on}, {**allow, "Effect": "Deny"}] if deny else [allow]
    client("owner").put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Statement": statements}))
    return client("alice")


def with_line(client: Any, operation: str, name: str, value: str, **arguments: Any) -> str:
    """What comes of an operation (its name in snake case) with a header that SDKs don't send with it."""
    event = "before-sign.s3." + "".join(word.title() for word in operation.split("_"))

    def add(request: Any, **_: Any) -> None:
        request.headers.add_header(name, value)

    client.meta.events.register(event, add)
    try:
        return outcome(getattr(client, operation), **arguments)
    finally:
        client.meta.events.unregister(event, add)


def posted(client: Any, bucket: str, fields: dict[str, str]) -> int:
    """The status that a form with these fields is answered with."""
    form = client.generate_presigned_post(bucket, "new", Fields=fields, Conditions=[{k: v} for k, v in fields.items()])
    return int(urllib3.request("POST", form["url"], fields={**form["fields"], "file": ("file", b"x")}).status)


SECRET = {"StringEquals": {"s3:RequestObjectTag/class": "secret"}}
TAGS = "<Tagging><TagSet><Tag><Key>class</Key><Value>secret</Value></Tag></TagSet></Tagging>"


@pytest.mark.parametrize("source", [{}, {"x-amz-copy-source": "x/y"}])
def test_tags_that_are_set_are_judged(client: Of, bucket: str, source: dict[str, str]) -> None:
    """Of an upload in parts and of a form, also where a header says that something is copied."""
    alice, sets = ruled(client, bucket, "s3:PutObject", SECRET, deny=True), {"Tagging": "class=secret"}
    for name, value in (source or {"x-none": "x"}).items():
        told = with_line(alice, "create_multipart_upload", name, value, Bucket=bucket, Key="new", **sets)
        assert told == DENIED
    assert posted(alice, bucket, {"tagging": TAGS, **source}) == 403
    assert outcome(alice.create_multipart_upload, Bucket=bucket, Key="new") == OK


@pytest.mark.parametrize("source", [{}, {"x-amz-copy-source": "x/y"}])
def test_setting_tags_is_an_action(client: Of, bucket: str, source: dict[str, str]) -> None:
    """However they are set."""
    alice, sets = ruled(client, bucket, "s3:PutObject", {}), {"Tagging": "class=secret"}
    for name, value in (source or {"x-none": "x"}).items():
        told = with_line(alice, "create_multipart_upload", name, value, Bucket=bucket, Key="new", **sets)
        assert told == DENIED
    assert posted(alice, bucket, {"tagging": TAGS, **source}) == 403
    assert posted(alice, bucket, {}) == 204


def test_a_form_copies_nothing(client: Of, bucket: str) -> None:
    """What it says of a source satisfies no condition about copies."""
    copies = {"StringLike": {"s3:x-amz-copy-source": f"{bucket}/*"}}
    assert posted(ruled(client, bucket, "s3:PutObject", copies), bucket, {"x-amz-copy-source": f"{bucket}/k"}) == 403
    assert posted(client("owner"), bucket, {"x-amz-copy-source": f"{bucket}/k"}) == 204
    assert client("owner").get_object(Bucket=bucket, Key="new")["Body"].read() == b"x"


def test_a_part_has_no_acl(client: Of, bucket: str) -> None:
    """Nor has it a source, a class or tags: a header that says so does not open what is open to such writes."""
    named = {"Bucket": bucket, "Key": "new"}
    upload = client("owner").create_multipart_upload(**named)["UploadId"]
    alice = ruled(client, bucket, "s3:PutObject", {"StringEquals": {"s3:x-amz-acl": "private"}})
    told = with_line(alice, "upload_part", "x-amz-acl", "private", **named, UploadId=upload, PartNumber=1, Body=b"x")
    assert told == DENIED


def test_a_read_has_no_prefix(client: Of, bucket: str) -> None:
    """Who may do everything below a prefix reads nothing by naming it."""
    alice = ruled(client, bucket, "s3:*", {"StringEquals": {"s3:prefix": "p/"}})
    url = alice.generate_presigned_url("list_objects_v2", Params={"Bucket": bucket, "Prefix": "p/"})
    assert urllib3.request("GET", url).status == 200
    alice.meta.events.register("before-sign.s3.GetObject", naming)
    url = alice.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    alice.meta.events.unregister("before-sign.s3.GetObject", naming)
    assert "prefix=" in url
    assert urllib3.request("GET", url).status == 403


def naming(request: Any, **_: Any) -> None:
    """Name a prefix, and a version."""
    request.params = {**request.params, "prefix": "p/"}


def test_a_write_has_no_version(client: Of, bucket: str) -> None:
    """Tags of a version that is named don't stand for those of the object that is replaced."""
    owner, seen = client("owner"), {"Bucket": bucket, "Key": "k"}
    owner.put_object_tagging(**seen, Tagging={"TagSet": [{"Key": "class", "Value": "shut"}]})
    alice = ruled(client, bucket, "s3:PutObject", {"Null": {"s3:ExistingObjectTag/class": "true"}})
    alice.meta.events.register("before-sign.s3.PutObject", versioned)
    url = alice.generate_presigned_url("put_object", Params=seen)
    alice.meta.events.unregister("before-sign.s3.PutObject", versioned)
    assert "versionId=" in url
    assert urllib3.request("PUT", url, body=b"x").status == 403


def versioned(request: Any, **_: Any) -> None:
    """Name a version that isn't there."""
    request.params = {**request.params, "versionId": "0" * 26}


@pytest.mark.parametrize(("held", "expected"), [(True, []), (False, [DENIED])])
def test_deletes_that_must_have_conditions(client: Of, bucket: str, held: bool, expected: list[str]) -> None:
    """The ETag of each entry is one, a header is none."""
    alice = ruled(client, bucket, "s3:DeleteObject", {"Null": {"s3:if-match": "false"}})
    etag = client("owner").head_object(Bucket=bucket, Key="k")["ETag"]
    entry = {"Key": "k", "ETag": etag} if held else {"Key": "k"}
    alice.meta.events.register("before-sign.s3.DeleteObjects", matching)
    answer = alice.delete_objects(Bucket=bucket, Delete={"Objects": [entry]})
    alice.meta.events.unregister("before-sign.s3.DeleteObjects", matching)
    assert [row["Code"] for row in answer.get("Errors") or ()] == expected


def matching(request: Any, **_: Any) -> None:
    """Hold it to something, in a header."""
    request.headers.add_header("if-match", "*")
