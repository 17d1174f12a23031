"""What a bucket can be told to be: kept, told and removed, by S3's rules and with S3's errors."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.conformance.raw import Raw, refused

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


class Row(NamedTuple):
    """A configuration: the end of its operations' names, the argument, a value, and the error without one."""

    name: str
    argument: str
    value: Any
    missing: str
    more: Any = MappingProxyType({})

    @property
    def told(self) -> Any:
        """What Get's answer holds, apart from metadata."""
        inline = self.argument in ("CORSConfiguration", "WebsiteConfiguration", "Tagging")
        return self.value if inline else {self.argument: self.value}


POLICY = json.dumps(
    {"Version": "2012-10-17",  "Statement": [{"Effect": "Deny", "Principal": {"AWS": ["*"]}, "Action": "s3:GetObject",
     "Resource": "arn:aws:s3:::{bucket}/*"}]}, indent=3
)  # fmt: skip
CORS: Any = {
    "CORSRules": [
        {
            "ID": "one",
            "AllowedHeaders": ["x-amz-*"],
            "AllowedMethods": ["GET", "PUT"],
            "AllowedOrigins": ["https://*.example.com"],
            "ExposeHeaders": ["ETag"],
            "MaxAgeSeconds": 600,
        },
        {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]},
    ]
}
WEBSITE: Any = {
    "IndexDocument": {"Suffix": "index.html"},
    "ErrorDocument": {"Key": "ü error.html"},
    "RoutingRules": [
        {
            "Condition": {"KeyPrefixEquals": "docs/", "HttpErrorCodeReturnedEquals": "404"},
            "Redirect": {"ReplaceKeyPrefixWith": "documents/", "HttpRedirectCode": "302", "Protocol": "https"},
        }
    ],
}
DESTINATION: Any = {"S3BucketDestination": {"Bucket": "arn:aws:s3:::reports", "Format": "CSV"}}
INVENTORY: Any = {
    "Id": "i",
    "IsEnabled": True,
    "Destination": DESTINATION,
    "IncludedObjectVersions": "All",
    "Schedule": {"Frequency": "Daily"},
    "OptionalFields": ["Size", "ETag"],
}
ANALYTICS: Any = {
    "Id": "i",
    "Filter": {"And": {"Prefix": "a/", "Tags": [{"Key": "k", "Value": "v"}]}},
    "StorageClassAnalysis": {"DataExport": {"OutputSchemaVersion": "V_1", "Destination": DESTINATION}},
}
TIERING: Any = {"Id": "i", "Status": "Enabled", "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}]}
TAGS: Any = [{"Key": "b", "Value": "2"}, {"Key": "a", "Value": ""}]
BLOCK: Any = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": False,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": False,
}

SEVERAL = (
    Row("bucket_inventory_configuration", "InventoryConfiguration", INVENTORY, "NoSuchConfiguration", {"Id": "i"}),
    Row("bucket_analytics_configuration", "AnalyticsConfiguration", ANALYTICS, "NoSuchConfiguration", {"Id": "i"}),
    Row("bucket_metrics_configuration", "MetricsConfiguration", {"Id": "i"}, "NoSuchConfiguration", {"Id": "i"}),
    Row(
        "bucket_intelligent_tiering_configuration",
        "IntelligentTieringConfiguration",
        TIERING,
        "NoSuchConfiguration",
        {"Id": "i"},
    ),
)
ROWS = (
    Row("bucket_tagging", "Tagging", {"TagSet": TAGS}, "NoSuchTagSet"),
    Row("bucket_policy", "Policy", POLICY, "NoSuchBucketPolicy"),
    Row(
        "bucket_ownership_controls",
        "OwnershipControls",
        {"Rules": [{"ObjectOwnership": "ObjectWriter"}]},
        "OwnershipControlsNotFoundError",
    ),
    Row(
        "public_access_block", "PublicAccessBlockConfiguration", BLOCK, "NoSuchPublicAccessBlockConfiguration"
    ),
    Row("bucket_cors", "CORSConfiguration", CORS, "NoSuchCORSConfiguration"),
    Row("bucket_website", "WebsiteConfiguration", WEBSITE, "NoSuchWebsiteConfiguration"),
    *SEVERAL,
)  # fmt: skip

rows = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


def value(row: Row, bucket: str) -> Any:
    """The row's value, made for a bucket."""
    return row.value.replace("{bucket}", bucket) if isinstance(row.value, str) else row.value


def put(client: S3Client, bucket: str, row: Row) -> Any:
    """Set a row's value."""
    return getattr(client, f"put_{row.name}")(Bucket=bucket, **row.more, **{row.argument: value(row, bucket)})


def get(client: S3Client, bucket: str, row: Row) -> Any:
    """What the bucket says of a row."""
    answer = getattr(client, f"get_{row.name}")(Bucket=bucket, **row.more)
    del answer["ResponseMetadata"]
    return answer


@rows
def test_comes_back_as_it_was_given(client: S3Client, bucket: str, row: Row) -> None:
    """Get tells what Put was given, member by member; putting it again replaces it."""
    put(client, bucket, row)
    put(client, bucket, row)
    assert get(client, bucket, row) == (row._replace(value=value(row, bucket))).told


@rows
def test_gone_when_deleted(client: S3Client, bucket: str, row: Row) -> None:
    """Delete is 204, and then S3's error says that there is none."""
    put(client, bucket, row)
    answer = getattr(client, f"delete_{row.name}")(Bucket=bucket, **row.more)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    with refused(row.missing, 404) as fields:
        get(client, bucket, row)
    assert fields["BucketName"] == bucket


@rows
def test_a_missing_bucket_has_none(client: S3Client, new_bucket: str, row: Row) -> None:
    """NoSuchBucket comes before everything else."""
    with refused("NoSuchBucket", 404):
        put(client, new_bucket, row)
    with refused("NoSuchBucket", 404):
        get(client, new_bucket, row)


@pytest.mark.parametrize("row", [row for row in ROWS if "ownership" not in row.name], ids=lambda row: row.name)
def test_a_new_bucket_has_none(client: S3Client, bucket: str, row: Row) -> None:
    """Nothing is configured by itself, but for ownership."""
    with refused(row.missing, 404):
        get(client, bucket, row)


def test_a_new_bucket_owns_its_objects(client: S3Client, bucket: str) -> None:
    """As at Amazon since April 2023."""
    controls = client.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]
    assert controls["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]


@pytest.mark.parametrize(
    ("name", "argument", "unset", "given"),
    [
        ("request_payment", "RequestPaymentConfiguration", {"Payer": "BucketOwner"}, {"Payer": "Requester"}),
        ("accelerate_configuration", "AccelerateConfiguration", {}, {"Status": "Suspended"}),
    ],
)
def test_always_there(client: S3Client, bucket: str, name: str, argument: str, unset: Any, given: Any) -> None:
    """Of these every bucket has one."""
    for step in (unset, given):
        answer = getattr(client, f"get_bucket_{name}")(Bucket=bucket)
        del answer["ResponseMetadata"]
        assert answer == step
        getattr(client, f"put_bucket_{name}")(Bucket=bucket, **{argument: given})


@pytest.mark.parametrize("row", SEVERAL, ids=lambda row: row.name)
def test_listed_by_id(client: S3Client, bucket: str, row: Row) -> None:
    """Those with an id are listed in its order; another id is another one."""
    listing = getattr(client, f"list_{row.name}s")
    assert listing(Bucket=bucket).get(f"{row.argument}List") is None
    for name in ("b", "a"):
        put(client, bucket, row._replace(value={**row.value, "Id": name}, more={"Id": name}))
    answer = listing(Bucket=bucket)
    assert ([entry["Id"] for entry in answer[f"{row.argument}List"]], answer["IsTruncated"]) == (["a", "b"], False)


def test_listed_by_pages(client: S3Client, bucket: str) -> None:
    """A page has a hundred, and a token to go on with."""
    names = [f"{number:03}" for number in range(101)]
    for name in names:
        client.put_bucket_metrics_configuration(Bucket=bucket, Id=name, MetricsConfiguration={"Id": name})
    first = client.list_bucket_metrics_configurations(Bucket=bucket)
    second = client.list_bucket_metrics_configurations(Bucket=bucket, ContinuationToken=first["NextContinuationToken"])
    shown = [entry["Id"] for page in (first, second) for entry in page["MetricsConfigurationList"]]
    assert (shown, first["IsTruncated"], second["IsTruncated"]) == (names, True, False)


def test_deleting_what_is_not_there(client: S3Client, bucket: str) -> None:
    """An id that isn't there can't be deleted; everything else can."""
    client.delete_bucket_cors(Bucket=bucket)
    with refused("NoSuchConfiguration", 404):
        client.delete_bucket_inventory_configuration(Bucket=bucket, Id="none")


def rule(**members: Any) -> Any:
    """A CORS configuration of one rule."""
    return {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], **members}]}


def routed(**redirect: Any) -> Any:
    """A website that has one routing rule."""
    return {"IndexDocument": {"Suffix": "i"}, "RoutingRules": [{"Redirect": redirect}]}


@pytest.mark.parametrize(
    ("row", "given", "code"),
    [
        ("bucket_policy", "no JSON", "MalformedPolicy"),
        ("bucket_policy", "[]", "MalformedPolicy"),
        ("bucket_policy", json.dumps({"Statement": ["x" * 20480]}), "MalformedPolicy"),
        ("bucket_cors", rule(AllowedMethods=["PATCH"]), "InvalidRequest"),
        ("bucket_cors", rule(AllowedOrigins=["http://*.*"]), "InvalidRequest"),
        ("bucket_cors", rule(AllowedHeaders=["*-*"]), "InvalidRequest"),
        ("bucket_cors", rule(ExposeHeaders=["x-*"]), "InvalidRequest"),
        ("bucket_cors", rule(AllowedOrigins=[]), "MalformedXML"),
        ("bucket_cors", {"CORSRules": rule()["CORSRules"] * 101}, "InvalidRequest"),
        ("bucket_cors", {"CORSRules": []}, "MalformedXML"),
        ("bucket_cors", rule(AllowedHeaders=["h" * 65536]), "MaxMessageLengthExceeded"),
        ("bucket_website", {"IndexDocument": {"Suffix": "a/b"}}, "InvalidArgument"),
        ("bucket_website", {"ErrorDocument": {"Key": "e"}}, "InvalidArgument"),
        (
            "bucket_website",
            {"RedirectAllRequestsTo": {"HostName": "h"}, "IndexDocument": {"Suffix": "i"}},
            "InvalidRequest",
        ),
        ("bucket_website", routed(HttpRedirectCode="200", HostName="h"), "InvalidRequest"),
        ("bucket_website", routed(ReplaceKeyWith="a", ReplaceKeyPrefixWith="b"), "InvalidRequest"),
        ("bucket_website", routed(Protocol="ftp"), "MalformedXML"),
        ("bucket_ownership_controls", {"Rules": [{"ObjectOwnership": "Nobody"}]}, "MalformedXML"),
        ("bucket_ownership_controls", {"Rules": [{"ObjectOwnership": "ObjectWriter"}] * 2}, "MalformedXML"),
        ("bucket_tagging", {"TagSet": [{"Key": "k", "Value": ""}] * 2}, "InvalidTag"),
        ("bucket_tagging", {"TagSet": [{"Key": str(n), "Value": ""} for n in range(51)]}, "BadRequest"),
        ("bucket_inventory_configuration", {**INVENTORY, "Id": "other"}, "InvalidArgument"),
        ("bucket_inventory_configuration", {**INVENTORY, "Schedule": {"Frequency": "Hourly"}}, "MalformedXML"),
    ],
)
def test_what_s3_refuses(client: S3Client, bucket: str, row: str, given: Any, code: str) -> None:
    """A refused configuration changes nothing."""
    found = next(each for each in ROWS if each.name == row)
    put(client, bucket, found)
    with refused(code, 400):
        put(client, bucket, found._replace(value=given))
    assert get(client, bucket, found) == found._replace(value=value(found, bucket)).told


def test_acceleration_needs_a_plain_name(client: S3Client, new_bucket: str) -> None:
    """A name with a period has no place before the accelerated domain."""
    client.create_bucket(Bucket=f"{new_bucket}.dotted")
    with refused("InvalidRequest", 400):
        client.put_bucket_accelerate_configuration(
            Bucket=f"{new_bucket}.dotted", AccelerateConfiguration={"Status": "Enabled"}
        )


def test_a_body_that_lacks_something(bucket: str, raw: Raw) -> None:
    """What the schema requires must be there."""
    body = b"<InventoryConfiguration><Id>i</Id></InventoryConfiguration>"
    reply = raw("PUT", f"/{bucket}?inventory&id=i", body)
    assert (reply.status, reply.find("Code")) == (400, "MalformedXML")


def test_cors_needs_a_digest(bucket: str, raw: Raw) -> None:
    """A body that arrives damaged must not open a bucket to the wrong site."""
    body = b"<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule>"
    reply = raw("PUT", f"/{bucket}?cors", body + b"</CORSConfiguration>")
    assert (reply.status, reply.find("Code")) == (400, "InvalidRequest")


RULES: Any = {"Rules": [{"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}]}
ENCRYPTION: Any = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
REPLICATION: Any = {
    "Role": "r",
    "Rules": [{"Status": "Enabled", "Prefix": "", "Destination": {"Bucket": "arn:aws:s3:::b"}}],
}
LOGGING: Any = {"LoggingEnabled": {"TargetBucket": "b", "TargetPrefix": "p"}}
NOTIFICATION: Any = {"QueueConfigurations": [{"QueueArn": "arn:aws:sqs:r:a:q", "Events": ["s3:ObjectCreated:*"]}]}


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("put_bucket_lifecycle_configuration", {"LifecycleConfiguration": RULES}),
        ("put_bucket_encryption", {"ServerSideEncryptionConfiguration": ENCRYPTION}),
        ("put_bucket_replication", {"ReplicationConfiguration": REPLICATION}),
        ("put_bucket_logging", {"BucketLoggingStatus": LOGGING}),
        ("put_bucket_notification_configuration", {"NotificationConfiguration": NOTIFICATION}),
    ],
)
def test_promises_that_nobody_would_keep(client: S3Client, bucket: str, name: str, arguments: Any) -> None:
    """What would have to happen later is refused, not taken and forgotten."""
    with refused("NotImplemented", 501):
        getattr(client, name)(Bucket=bucket, **arguments)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("get_bucket_lifecycle_configuration", "NoSuchLifecycleConfiguration"),
        ("get_bucket_encryption", "ServerSideEncryptionConfigurationNotFoundError"),
        ("get_bucket_replication", "ReplicationConfigurationNotFoundError"),
    ],
)
def test_what_is_never_set_is_not_found(client: S3Client, bucket: str, name: str, code: str) -> None:
    """Asking is answered as by a bucket that has none."""
    with refused(code, 404):
        getattr(client, name)(Bucket=bucket)


def test_what_is_off_can_be_turned_off(client: S3Client, bucket: str) -> None:
    """Tools write the empty configuration to be sure, and delete what isn't there."""
    client.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={})
    client.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    client.delete_bucket_lifecycle(Bucket=bucket)
    client.delete_bucket_encryption(Bucket=bucket)
    client.delete_bucket_replication(Bucket=bucket)
    assert "LoggingEnabled" not in client.get_bucket_logging(Bucket=bucket)
    assert set(client.get_bucket_notification_configuration(Bucket=bucket)) == {"ResponseMetadata"}
