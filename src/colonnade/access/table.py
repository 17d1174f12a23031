"""What each operation is in the eyes of policies and ACLs, as one table.

Actions are those of "Required permissions for Amazon S3 API operations"; what a grant in a bucket's ACL allows is
"Mapping of ACL permissions and access policy permissions". An operation without a row is root's and admins' alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One operation: its action, that on a version, and the grant in a bucket's ACL that allows it, if one does.

    `on_object` is None where the bucket's owner decides, whoever owns the object; else the grant in the object's ACL
    that allows it, "" if none does.
    """

    action: str
    of_version: str = ""
    permission: str = ""
    on_object: str | None = None


def _object(name: str, on_object: str = "") -> Row:
    """An action that is another one with a version: GetObject, GetObjectVersion."""
    for verb in ("Get", "Put", "Delete"):
        if name.startswith(f"{verb}Object"):
            version = f"s3:{verb}ObjectVersion{name.removeprefix(f'{verb}Object')}"
            return Row(f"s3:{name}", version, on_object=on_object)
    raise ValueError(name)


#: Kinds of configurations -> verbs, where operation, action and grant are of one pattern: action Get<name>/Put<name>,
#: and Delete is Put's too.
_CONFIGURATIONS: Mapping[str, tuple[str, ...]] = {
    "AccelerateConfiguration": ("GetBucketAccelerateConfiguration", "PutBucketAccelerateConfiguration"),
    "AnalyticsConfiguration": (
        "GetBucketAnalyticsConfiguration",
        "ListBucketAnalyticsConfigurations",
        "PutBucketAnalyticsConfiguration",
        "DeleteBucketAnalyticsConfiguration",
    ),
    "BucketCORS": ("GetBucketCors", "PutBucketCors", "DeleteBucketCors"),
    "BucketLogging": ("GetBucketLogging", "PutBucketLogging"),
    "BucketNotification": ("GetBucketNotificationConfiguration", "PutBucketNotificationConfiguration"),
    "BucketObjectLockConfiguration": ("GetObjectLockConfiguration", "PutObjectLockConfiguration"),
    "BucketOwnershipControls": (
        "GetBucketOwnershipControls",
        "PutBucketOwnershipControls",
        "DeleteBucketOwnershipControls",
    ),
    "BucketPublicAccessBlock": ("GetPublicAccessBlock", "PutPublicAccessBlock", "DeletePublicAccessBlock"),
    "BucketRequestPayment": ("GetBucketRequestPayment", "PutBucketRequestPayment"),
    "BucketTagging": ("GetBucketTagging", "PutBucketTagging", "DeleteBucketTagging"),
    "BucketVersioning": ("GetBucketVersioning", "PutBucketVersioning"),
    "BucketWebsite": ("GetBucketWebsite", "PutBucketWebsite"),
    "EncryptionConfiguration": ("GetBucketEncryption", "PutBucketEncryption", "DeleteBucketEncryption"),
    "IntelligentTieringConfiguration": (
        "GetBucketIntelligentTieringConfiguration",
        "ListBucketIntelligentTieringConfigurations",
        "PutBucketIntelligentTieringConfiguration",
        "DeleteBucketIntelligentTieringConfiguration",
    ),
    "InventoryConfiguration": (
        "GetBucketInventoryConfiguration",
        "ListBucketInventoryConfigurations",
        "PutBucketInventoryConfiguration",
        "DeleteBucketInventoryConfiguration",
    ),
    "LifecycleConfiguration": (
        "GetBucketLifecycleConfiguration",
        "PutBucketLifecycleConfiguration",
        "DeleteBucketLifecycle",
    ),
    "MetricsConfiguration": (
        "GetBucketMetricsConfiguration",
        "ListBucketMetricsConfigurations",
        "PutBucketMetricsConfiguration",
        "DeleteBucketMetricsConfiguration",
    ),
    "ReplicationConfiguration": ("GetBucketReplication", "PutBucketReplication", "DeleteBucketReplication"),
}


def _configurations() -> dict[str, Row]:
    return {
        operation: Row(f"s3:{'Get' if operation.startswith(('Get', 'List')) else 'Put'}{name}")
        for name, operations in _CONFIGURATIONS.items()
        for operation in operations
    }


#: Operations of the model that are here nobody's but root's and admins', each with its reason.
CLOSED: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "CreateBucketMetadataConfiguration",
            "CreateBucketMetadataTableConfiguration",
            "DeleteBucketMetadataConfiguration",
            "DeleteBucketMetadataTableConfiguration",
            "GetBucketMetadataConfiguration",
            "GetBucketMetadataTableConfiguration",
            "UpdateBucketMetadataAnnotationTableConfiguration",
            "UpdateBucketMetadataInventoryTableConfiguration",
            "UpdateBucketMetadataJournalTableConfiguration",
        ),
        "metadata tables are a service of Amazon's own",
    ),
    **dict.fromkeys(("GetBucketAbac", "PutBucketAbac"), "decides who may do what, by tags that nothing here judges by"),
    **dict.fromkeys(
        ("DeleteObjectAnnotation", "GetObjectAnnotation", "ListObjectAnnotations", "PutObjectAnnotation"),
        "no backend keeps annotations",
    ),
    "CreateSession": "directory buckets have another way to say who may",
    "RenameObject": "directory buckets have another way to say who may",
    "UpdateObjectEncryption": "no backend encrypts",
}

_LIST = Row("s3:ListBucket", permission="READ")

ROWS: Mapping[str, Row] = {
    "AbortMultipartUpload": Row("s3:AbortMultipartUpload", permission="WRITE"),
    "CompleteMultipartUpload": Row("s3:PutObject", permission="WRITE"),
    "CopyObject": Row("s3:PutObject", permission="WRITE"),
    "CreateBucket": Row("s3:CreateBucket"),
    "CreateMultipartUpload": Row("s3:PutObject", permission="WRITE"),
    "DeleteBucket": Row("s3:DeleteBucket"),
    "DeleteBucketPolicy": Row("s3:DeleteBucketPolicy"),
    "DeleteBucketWebsite": Row("s3:DeleteBucketWebsite"),
    # A grant to write lets go of objects, and of their versions only the owner, who needs no grant.
    "DeleteObject": Row("s3:DeleteObject", "s3:DeleteObjectVersion", "WRITE"),
    "DeleteObjects": Row("s3:DeleteObject", "s3:DeleteObjectVersion", "WRITE"),
    "DeleteObjectTagging": _object("DeleteObjectTagging"),
    "GetBucketAcl": Row("s3:GetBucketAcl", permission="READ_ACP"),
    "GetBucketLocation": Row("s3:GetBucketLocation"),
    "GetBucketPolicy": Row("s3:GetBucketPolicy"),
    "GetBucketPolicyStatus": Row("s3:GetBucketPolicyStatus"),
    # What a bucket's ACL grants says nothing of reading its objects: that is what the objects' own ACLs do.
    "GetObject": _object("GetObject", "READ"),
    "GetObjectAcl": _object("GetObjectAcl", "READ_ACP"),
    "GetObjectAttributes": _object("GetObjectAttributes", "READ"),
    "GetObjectLegalHold": Row("s3:GetObjectLegalHold"),
    "GetObjectRetention": Row("s3:GetObjectRetention"),
    "GetObjectTagging": _object("GetObjectTagging"),
    "GetObjectTorrent": _object("GetObjectTorrent", "READ"),
    "HeadBucket": _LIST,
    "HeadObject": _object("GetObject", "READ"),
    "ListBuckets": Row("s3:ListAllMyBuckets"),
    "ListMultipartUploads": Row("s3:ListBucketMultipartUploads", permission="READ"),
    "ListObjectVersions": Row("s3:ListBucketVersions", permission="READ"),
    "ListObjects": _LIST,
    "ListObjectsV2": _LIST,
    "ListParts": Row("s3:ListMultipartUploadParts"),
    "PutBucketAcl": Row("s3:PutBucketAcl", permission="WRITE_ACP"),
    "PutBucketPolicy": Row("s3:PutBucketPolicy"),
    "PutObject": Row("s3:PutObject", permission="WRITE"),
    "PutObjectAcl": _object("PutObjectAcl", "WRITE_ACP"),
    "PutObjectLegalHold": Row("s3:PutObjectLegalHold"),
    "PutObjectRetention": Row("s3:PutObjectRetention"),
    "PutObjectTagging": _object("PutObjectTagging"),
    "RestoreObject": Row("s3:RestoreObject"),
    "SelectObjectContent": _object("GetObject", "READ"),
    "UploadPart": Row("s3:PutObject", permission="WRITE"),
    "UploadPartCopy": Row("s3:PutObject", permission="WRITE"),
    **_configurations(),
}

#: Headers that ask for more than the operation itself -> the action that allows it.
MORE: Mapping[str, str] = {
    "x-amz-tagging": "s3:PutObjectTagging",
    "x-amz-object-lock-mode": "s3:PutObjectRetention",
    "x-amz-object-lock-retain-until-date": "s3:PutObjectRetention",
    "x-amz-object-lock-legal-hold": "s3:PutObjectLegalHold",
    "x-amz-acl": "s3:PutObjectAcl",
    "x-amz-grant-full-control": "s3:PutObjectAcl",
    "x-amz-grant-read": "s3:PutObjectAcl",
    "x-amz-grant-read-acp": "s3:PutObjectAcl",
    "x-amz-grant-write-acp": "s3:PutObjectAcl",
}
#: The operations that such headers may come with.
WRITES = frozenset({"PutObject", "CopyObject", "CreateMultipartUpload"})

BYPASS = "s3:BypassGovernanceRetention"

#: The owner's, whatever the policy says (nobody could mend it otherwise), and nobody's from another account.
POLICY = frozenset({"GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy", "GetBucketPolicyStatus"})

#: The operations that may say something of an object's ACL.
ACLS = WRITES | {"PutObjectAcl"}

#: What S3 lets nobody do who didn't sign, whatever is public, and its reason.
SIGNED_ONLY: Mapping[str, str] = {
    "CopyObject": "Anonymous users cannot copy objects. Please authenticate.",
    "CreateMultipartUpload": "Anonymous users cannot initiate multipart uploads. Please authenticate.",
    "UploadPartCopy": "Anonymous users cannot copy objects. Please authenticate.",
}

#: Operations whose bodies say what is asked for: judged once they are read.
LATE = frozenset({"DeleteObjects", "PutObjectTagging", "PutObjectRetention", "PutObjectLegalHold"})


def _actions() -> dict[str, bool]:
    """Every action that policies may name, in lower case -> whether it is one on objects."""
    objects = {
        "s3:AbortMultipartUpload",
        "s3:ListMultipartUploadParts",
        "s3:RestoreObject",
        "s3:ReplicateObject",
        BYPASS,
    }
    objects |= {"s3:ReplicateDelete", "s3:ReplicateTags", "s3:ObjectOwnerOverrideToBucketOwner"}
    found = {name.lower(): True for name in objects}
    for operation, row in ROWS.items():
        on_objects = "Object" in row.action.removeprefix("s3:BucketObject") and "BucketObject" not in row.action
        on_objects = on_objects and operation not in ("GetObjectLockConfiguration", "PutObjectLockConfiguration")
        for action in filter(None, (row.action, row.of_version)):
            found.setdefault(action.lower(), on_objects)
    return found


ACTIONS: Mapping[str, bool] = _actions()

#: Keys of conditions that begin so go on with the name of a tag.
TAG_KEYS = ("s3:existingobjecttag/", "s3:requestobjecttag/")

#: Keys of conditions that say whose account the bucket is.
OWNER_KEYS = ("aws:resourceaccount", "s3:resourceaccount")

#: The headers that conditions may look at by their own name.
HEADERS = (
    "x-amz-acl",
    "x-amz-content-sha256",
    "x-amz-copy-source",
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-read-acp",
    "x-amz-grant-write",
    "x-amz-grant-write-acp",
    "x-amz-metadata-directive",
    "x-amz-object-ownership",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-storage-class",
    "x-amz-website-redirect-location",
)

#: S3's own keys of conditions, in lower case.
KEYS = frozenset(
    {
        *(f"s3:{name}" for name in HEADERS),
        "s3:authtype",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
        "s3:accesspointnetworkorigin",
        "s3:delimiter",
        "s3:if-match",
        "s3:if-none-match",
        "s3:locationconstraint",
        "s3:max-keys",
        "s3:objectcreationoperation",
        "s3:object-lock-legal-hold",
        "s3:object-lock-mode",
        "s3:object-lock-remaining-retention-days",
        "s3:object-lock-retain-until-date",
        "s3:prefix",
        "s3:requestobjecttagkeys",
        "s3:resourceaccount",
        "s3:signatureage",
        "s3:signatureversion",
        "s3:tlsversion",
        "s3:versionid",
    }
)
