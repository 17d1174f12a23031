"""Object Lock: what was promised to stay stays."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.raw import Raw, refused

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

LATER = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
MUCH_LATER = LATER + timedelta(days=10)
SOONER = LATER - timedelta(days=1)


@pytest.fixture
def locked(client: S3Client, new_bucket: str) -> str:
    """A bucket that was made with Object Lock."""
    client.create_bucket(Bucket=new_bucket, ObjectLockEnabledForBucket=True)
    return new_bucket


def put(client: S3Client, bucket: str, **lock: Any) -> Any:
    """An object with a lock; what names the version that was made."""
    answer: Any = client.put_object(Bucket=bucket, Key="k", Body=b"x", **lock)
    named = {"Bucket": bucket, "Key": "k"}
    return named | ({"VersionId": answer["VersionId"]} if "VersionId" in answer else {})


def retain(mode: str, until: datetime = LATER) -> dict[str, Any]:
    """The arguments of an upload that is retained."""
    return {"ObjectLockMode": mode, "ObjectLockRetainUntilDate": until}


def rule(**default: Any) -> Any:
    """A configuration with a default retention."""
    return {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": default}}


def default(client: S3Client, bucket: str, **given: Any) -> None:
    """Give a bucket a default retention."""
    client.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=rule(**given))


def test_a_bucket_made_with_it(client: S3Client, locked: str) -> None:
    """It is enabled, without a default."""
    answer = client.get_object_lock_configuration(Bucket=locked)
    assert answer["ObjectLockConfiguration"] == {"ObjectLockEnabled": "Enabled"}


def test_a_bucket_without(client: S3Client, bucket: str) -> None:
    """Nothing is set, nothing can be locked, and nothing is asked of its objects."""
    with refused("ObjectLockConfigurationNotFoundError", 404):
        client.get_object_lock_configuration(Bucket=bucket)
    with refused("InvalidRequest", 400):
        put(client, bucket, ObjectLockLegalHoldStatus="ON")
    put(client, bucket)
    with refused("InvalidRequest", 400):
        client.get_object_retention(Bucket=bucket, Key="k")
    with refused("InvalidRequest", 400):
        client.put_object_legal_hold(Bucket=bucket, Key="k", LegalHold={"Status": "ON"})


@pytest.mark.parametrize("given", [{"Mode": "GOVERNANCE", "Days": 3}, {"Mode": "COMPLIANCE", "Years": 2}])
def test_a_default_is_given_to_new_objects(client: S3Client, locked: str, given: Any) -> None:
    """From the moment of the upload on, for so many days or years; older objects have none."""
    old = put(client, locked)
    default(client, locked, **given)
    lock = client.get_object_lock_configuration(Bucket=locked)["ObjectLockConfiguration"]
    assert lock["Rule"] == {"DefaultRetention": given}
    with refused("NoSuchObjectLockConfiguration", 404):
        client.get_object_retention(**old)
    client.put_object(Bucket=locked, Key="new", Body=b"x")
    kept = client.get_object_retention(Bucket=locked, Key="new")["Retention"]
    days = (kept["RetainUntilDate"] - datetime.now(UTC)) / timedelta(days=1)
    assert (kept["Mode"], round(days) in (3, 730, 731)) == (given["Mode"], True)


@pytest.mark.parametrize(
    ("lock", "code"),
    [
        ({}, "MalformedXML"),
        (rule(Mode="GOVERNANCE"), "MalformedXML"),
        (rule(Mode="GOVERNANCE", Days=1, Years=1), "MalformedXML"),
        (rule(Mode="NONE", Days=1), "MalformedXML"),
        (rule(Mode="GOVERNANCE", Days=0), "InvalidArgument"),
        (rule(Mode="GOVERNANCE", Years=101), "InvalidArgument"),
    ],
)
def test_bad_configurations(client: S3Client, locked: str, lock: Any, code: str) -> None:
    """A default has a mode and either days or years, at least one and not forever."""
    with refused(code, 400):
        client.put_object_lock_configuration(Bucket=locked, ObjectLockConfiguration=lock)


@pytest.mark.parametrize("mode", ["GOVERNANCE", "COMPLIANCE"])
def test_an_upload_brings_its_lock(client: S3Client, locked: str, mode: str) -> None:
    """Its own wins over the default, and is told in all places."""
    default(client, locked, Mode="GOVERNANCE", Days=100)
    named = put(client, locked, ObjectLockLegalHoldStatus="ON", **retain(mode))
    expected = {"Mode": mode, "RetainUntilDate": LATER}
    assert client.get_object_retention(**named)["Retention"] == expected
    assert client.get_object_legal_hold(**named)["LegalHold"] == {"Status": "ON"}
    for head in (client.head_object(**named), client.get_object(**named)):
        assert (head["ObjectLockMode"], head["ObjectLockRetainUntilDate"]) == (mode, LATER)
        assert head["ObjectLockLegalHoldStatus"] == "ON"


@pytest.mark.parametrize(
    "lock",
    [
        {"ObjectLockMode": "GOVERNANCE"},
        {"ObjectLockRetainUntilDate": LATER},
        retain("GOVERNANCE", datetime.now(UTC) - timedelta(minutes=1)),
        retain("FOREVER"),
        {"ObjectLockLegalHoldStatus": "MAYBE"},
    ],
)
def test_bad_headers(client: S3Client, locked: str, lock: Any) -> None:
    """Mode and date belong together, the date in the future."""
    with refused("InvalidArgument", 400):
        put(client, locked, **lock)


def test_a_locked_upload_needs_a_digest(locked: str, raw: Raw) -> None:
    """What can't be mended later must have come whole."""
    lock = {"x_amz_object_lock_legal_hold": "ON"}
    reply = raw("PUT", f"/{locked}/k", b"x", **lock)
    assert (reply.status, reply.find("Code")) == (400, "InvalidRequest")
    digest = base64.b64encode(hashlib.md5(b"x").digest()).decode()
    assert raw("PUT", f"/{locked}/k", b"x", Content_MD5=digest, **lock).status == 200


@pytest.mark.parametrize("sub", ["retention", "legal-hold"])
def test_changes_need_a_digest(client: S3Client, locked: str, raw: Raw, sub: str) -> None:
    """So do changes of a lock."""
    put(client, locked)
    reply = raw("PUT", f"/{locked}/k?{sub}", b"<LegalHold><Status>ON</Status></LegalHold>")
    assert (reply.status, reply.find("Code")) == (400, "InvalidRequest")


def test_copies_bring_their_own(client: S3Client, locked: str) -> None:
    """The source's lock is not the copy's, its arguments are."""
    put(client, locked, **retain("COMPLIANCE"))
    source: Any = {"Bucket": locked, "Key": "k"}
    client.copy_object(Bucket=locked, Key="free", CopySource=source)
    with refused("NoSuchObjectLockConfiguration", 404):
        client.get_object_retention(Bucket=locked, Key="free")
    client.copy_object(Bucket=locked, Key="copy", CopySource=source, ObjectLockMode="GOVERNANCE",
                       ObjectLockRetainUntilDate=LATER)  # fmt: skip
    assert client.get_object_retention(Bucket=locked, Key="copy")["Retention"]["Mode"] == "GOVERNANCE"


@pytest.mark.parametrize("given", [True, False])
def test_uploads_in_parts(client: S3Client, locked: str, given: bool) -> None:
    """The lock is said when it begins; else the default is the object's."""
    default(client, locked, Mode="COMPLIANCE", Days=1)
    lock: Any = retain("GOVERNANCE") if given else {}
    named: Any = {"Bucket": locked, "Key": "k"}
    named["UploadId"] = client.create_multipart_upload(**named, **lock)["UploadId"]
    part = client.upload_part(**named, PartNumber=1, Body=b"x")
    parts: Any = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    client.complete_multipart_upload(**named, MultipartUpload=parts)
    kept = client.get_object_retention(Bucket=locked, Key="k")["Retention"]["Mode"]
    assert kept == ("GOVERNANCE" if given else "COMPLIANCE")


def test_retention_can_be_lengthened(client: S3Client, locked: str) -> None:
    """In both modes, by anybody who may write it; Last-Modified stays."""
    for mode in ("GOVERNANCE", "COMPLIANCE"):
        named = put(client, locked, **retain(mode)) if mode == "COMPLIANCE" else put(client, locked)
        before = client.head_object(**named)["LastModified"]
        client.put_object_retention(**named, Retention={"Mode": mode, "RetainUntilDate": MUCH_LATER})
        after = client.head_object(**named)
        assert (after["ObjectLockRetainUntilDate"], after["LastModified"]) == (MUCH_LATER, before)
        client.put_object_retention(**named, Retention={"Mode": mode, "RetainUntilDate": MUCH_LATER})
        if mode == "GOVERNANCE":
            client.put_object_retention(**named, Retention={}, BypassGovernanceRetention=True)


CHANGES: Any = [
    {"Mode": "GOVERNANCE", "RetainUntilDate": SOONER},
    {"Mode": "COMPLIANCE", "RetainUntilDate": SOONER},
    {"Mode": "COMPLIANCE", "RetainUntilDate": MUCH_LATER},
    {},
]


@pytest.mark.parametrize("change", CHANGES)
def test_governance_gives_way_to_a_bypass(client: S3Client, locked: str, change: Any) -> None:
    """Shorter, another mode or none at all needs the header."""
    named = put(client, locked, **retain("GOVERNANCE"))
    with refused("AccessDenied", 403):
        client.put_object_retention(**named, Retention=change)
    client.put_object_retention(**named, Retention=change, BypassGovernanceRetention=True)
    if change:
        assert client.get_object_retention(**named)["Retention"] == change
    else:
        with refused("NoSuchObjectLockConfiguration", 404):
            client.get_object_retention(**named)


@pytest.mark.parametrize("change", [CHANGES[1], {"Mode": "GOVERNANCE", "RetainUntilDate": MUCH_LATER}, {}])
def test_compliance_gives_way_to_nobody(client: S3Client, locked: str, change: Any) -> None:
    """Neither to root nor to the header."""
    named = put(client, locked, **retain("COMPLIANCE"))
    with refused("AccessDenied", 403):
        client.put_object_retention(**named, Retention=change, BypassGovernanceRetention=True)
    assert client.get_object_retention(**named)["Retention"] == {"Mode": "COMPLIANCE", "RetainUntilDate": LATER}


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"Mode": "GOVERNANCE"}, "MalformedXML"),
        ({"RetainUntilDate": LATER}, "MalformedXML"),
        ({"Mode": "NONE", "RetainUntilDate": LATER}, "MalformedXML"),
        ({"Mode": "GOVERNANCE", "RetainUntilDate": datetime(2020, 1, 1, tzinfo=UTC)}, "InvalidArgument"),
    ],
)
def test_bad_retention(client: S3Client, locked: str, value: Any, code: str) -> None:
    """Mode and date, the date in the future."""
    put(client, locked)
    with refused(code, 400):
        client.put_object_retention(Bucket=locked, Key="k", Retention=value)


def test_legal_hold_on_and_off(client: S3Client, locked: str) -> None:
    """Apart from retention, as often as one likes."""
    named = put(client, locked, **retain("COMPLIANCE"))
    with refused("NoSuchObjectLockConfiguration", 404):
        client.get_object_legal_hold(**named)
    for status in ("ON", "OFF", "ON", "OFF"):
        client.put_object_legal_hold(**named, LegalHold={"Status": status})
        assert client.get_object_legal_hold(**named)["LegalHold"] == {"Status": status}
    assert client.get_object_retention(**named)["Retention"]["Mode"] == "COMPLIANCE"


LOCKS: Any = [
    (retain("GOVERNANCE"), False, False),
    (retain("GOVERNANCE"), True, True),
    (retain("COMPLIANCE"), True, False),
    ({"ObjectLockLegalHoldStatus": "ON"}, True, False),
    ({**retain("GOVERNANCE"), "ObjectLockLegalHoldStatus": "ON"}, True, False),
    ({"ObjectLockLegalHoldStatus": "OFF"}, False, True),
    ({}, False, True),
]


@pytest.mark.parametrize(("lock", "bypass", "removed"), LOCKS)
def test_removing_a_version(client: S3Client, locked: str, lock: Any, bypass: bool, removed: bool) -> None:
    """Only governance gives way, and only to the header."""
    named = put(client, locked, **lock)
    if removed:
        client.delete_object(**named, BypassGovernanceRetention=bypass)
        with refused("404", 404):
            client.head_object(**named)
    else:
        with refused("AccessDenied", 403):
            client.delete_object(**named, BypassGovernanceRetention=bypass)
        assert client.get_object(**named)["Body"].read() == b"x"


@pytest.mark.parametrize(("lock", "bypass", "removed"), LOCKS)
def test_removing_many(client: S3Client, locked: str, lock: Any, bypass: bool, removed: bool) -> None:
    """Each is judged by itself: what is free goes, what is locked is told."""
    named = put(client, locked, **lock)
    free = client.put_object(Bucket=locked, Key="free", Body=b"x")
    rows: Any = [{name: value for name, value in named.items() if name != "Bucket"}, {"Key": "free"}]
    if "VersionId" in free:
        rows[1]["VersionId"] = free["VersionId"]
    answer = client.delete_objects(Bucket=locked, Delete={"Objects": rows}, BypassGovernanceRetention=bypass)
    gone = {row["Key"] for row in answer["Deleted"]}
    refusals = [(row["Key"], row["Code"]) for row in answer.get("Errors", [])]
    assert gone == ({"k", "free"} if removed else {"free"})
    assert refusals == ([] if removed else [("k", "AccessDenied")])


def test_a_locked_version_is_never_overwritten(client: S3Client, locked: str) -> None:
    """A new version is made, or where there are none the write is refused; the bytes stay."""
    named = put(client, locked, **retain("COMPLIANCE"))
    if "VersionId" in named:
        client.put_object(Bucket=locked, Key="k", Body=b"new")
        client.delete_object(Bucket=locked, Key="k")
    else:
        with refused("AccessDenied", 403):
            client.put_object(Bucket=locked, Key="k", Body=b"new")
    assert client.get_object(**named)["Body"].read() == b"x"


@pytest.mark.needs("PutBucketVersioning")
def test_versioning_is_what_it_stands_on(client: S3Client, bucket: str) -> None:
    """A lock needs versioning enabled, which then can't be suspended."""
    lock: Any = {"ObjectLockEnabled": "Enabled"}
    with refused("InvalidBucketState", 409):
        client.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=lock)
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    client.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=lock)
    with refused("InvalidBucketState", 409):
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    assert client.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
