"""Which operation goes where, and what is answered for a bucket that exists only below: one closed table.

What stands nowhere here and has no handler of its own is NotImplemented, so an operation not yet invented
can't slip past the overlay.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from colonnade.errors import S3Error
from colonnade.rules import bucketconfig
from colonnade.rules.bucketconfig import KINDS

#: Reads of one object: the first layer that knows the key answers.
OBJECT_READS = (
    "GetObjectAnnotation",
    "GetObjectAttributes",
    "GetObjectLegalHold",
    "GetObjectRetention",
    "GetObjectTagging",
    "GetObjectTorrent",
    "HeadObject",
    "ListObjectAnnotations",
    "SelectObjectContent",
)

#: Changes of something beside an object's body: what exists only below is copied up first.
OBJECT_CHANGES = (
    "DeleteObjectAnnotation",
    "DeleteObjectTagging",
    "PutObjectAcl",
    "PutObjectAnnotation",
    "PutObjectLegalHold",
    "PutObjectRetention",
    "PutObjectTagging",
    "RenameObject",
    "RestoreObject",
    "UpdateObjectEncryption",
)

#: Steps of an upload that the primary has begun, and knows alone.
UPLOADS = ("AbortMultipartUpload", "ListParts", "UploadPart")

#: What a bucket that the primary doesn't have yet answers about itself: S3's error for "not configured" ...
UNSET_ERRORS: Mapping[str, str] = {
    **{kind.get: kind.missing for kind in KINDS if kind.missing},
    **bucketconfig.UNSET_ERRORS,
    "GetBucketLifecycle": "NoSuchLifecycleConfiguration",
    "GetBucketPolicyStatus": "NoSuchBucketPolicy",
}

#: ... or the answer that says so.
UNSET_ANSWERS: Mapping[str, Mapping[str, Any]] = {
    **{kind.get: kind.unset for kind in KINDS if kind.unset is not None},
    **{kind.list: {"IsTruncated": False} for kind in KINDS if kind.several},
    **bucketconfig.UNSET_ANSWERS,
    "GetBucketAbac": {},
    "GetBucketAcl": {"Owner": {"ID": "", "DisplayName": ""}, "Grants": []},
    "GetBucketLocation": {},
    "GetBucketNotification": {},
    "GetBucketVersioning": {},
    "ListMultipartUploads": {"IsTruncated": False},
}

#: Reads of what belongs to a bucket, which is the primary's alone.
BUCKET_READS = (*UNSET_ERRORS, *UNSET_ANSWERS)

#: Changes of what belongs to a bucket: made in the primary first if it is only below.
BUCKET_CHANGES = (
    "ChangeBucketOwner",  # the administrator's API's, not S3's
    "DeleteBucketAnalyticsConfiguration",
    "DeleteBucketCors",
    "DeleteBucketEncryption",
    "DeleteBucketIntelligentTieringConfiguration",
    "DeleteBucketInventoryConfiguration",
    "DeleteBucketLifecycle",
    "DeleteBucketMetricsConfiguration",
    "DeleteBucketOwnershipControls",
    "DeleteBucketPolicy",
    "DeleteBucketReplication",
    "DeleteBucketTagging",
    "DeleteBucketWebsite",
    "DeletePublicAccessBlock",
    "PutBucketAbac",
    "PutBucketAccelerateConfiguration",
    "PutBucketAcl",
    "PutBucketAnalyticsConfiguration",
    "PutBucketCors",
    "PutBucketEncryption",
    "PutBucketIntelligentTieringConfiguration",
    "PutBucketInventoryConfiguration",
    "PutBucketLifecycle",
    "PutBucketLifecycleConfiguration",
    "PutBucketLogging",
    "PutBucketMetricsConfiguration",
    "PutBucketNotification",
    "PutBucketNotificationConfiguration",
    "PutBucketOwnershipControls",
    "PutBucketPolicy",
    "PutBucketReplication",
    "PutBucketRequestPayment",
    "PutBucketTagging",
    "PutBucketVersioning",
    "PutBucketWebsite",
    "PutObjectLockConfiguration",
    "PutPublicAccessBlock",
)


def unset(operation: str, bucket: str) -> dict[str, Any]:
    """What a bucket says of something that was never configured: an answer, or an S3Error is raised."""
    if operation in UNSET_ERRORS:
        raise S3Error(UNSET_ERRORS[operation], status=404, BucketName=bucket)
    return dict(UNSET_ANSWERS[operation])
