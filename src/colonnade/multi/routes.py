"""Which operation goes where, and what is answered for a bucket that exists only below: one closed table.

What stands nowhere here and has no handler of its own is NotImplemented, so an operation not yet invented
can't slip past the overlay.
"""

from __future__ import annotations

from typing import Any

from colonnade.errors import S3Error

#: Reads of one object: the first layer that knows the key answers.
OBJECT_READS = (
    "GetObjectAcl",
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
UNSET_ERRORS = {
    "GetBucketCors": "NoSuchCORSConfiguration",
    "GetBucketEncryption": "ServerSideEncryptionConfigurationNotFoundError",
    "GetBucketLifecycle": "NoSuchLifecycleConfiguration",
    "GetBucketLifecycleConfiguration": "NoSuchLifecycleConfiguration",
    "GetBucketOwnershipControls": "OwnershipControlsNotFoundError",
    "GetBucketPolicy": "NoSuchBucketPolicy",
    "GetBucketPolicyStatus": "NoSuchBucketPolicy",
    "GetBucketReplication": "ReplicationConfigurationNotFoundError",
    "GetBucketTagging": "NoSuchTagSet",
    "GetBucketWebsite": "NoSuchWebsiteConfiguration",
    "GetObjectLockConfiguration": "ObjectLockConfigurationNotFoundError",
    "GetPublicAccessBlock": "NoSuchPublicAccessBlockConfiguration",
    "GetBucketAnalyticsConfiguration": "NoSuchConfiguration",
    "GetBucketIntelligentTieringConfiguration": "NoSuchConfiguration",
    "GetBucketInventoryConfiguration": "NoSuchConfiguration",
    "GetBucketMetricsConfiguration": "NoSuchConfiguration",
}

#: ... or the answer that says so.
UNSET_ANSWERS: dict[str, dict[str, Any]] = {
    "GetBucketAbac": {},
    "GetBucketAccelerateConfiguration": {},
    "GetBucketAcl": {"Owner": {"ID": "", "DisplayName": ""}, "Grants": []},
    "GetBucketLocation": {},
    "GetBucketLogging": {},
    "GetBucketNotification": {},
    "GetBucketNotificationConfiguration": {},
    "GetBucketRequestPayment": {"Payer": "BucketOwner"},
    "GetBucketVersioning": {},
    "ListBucketAnalyticsConfigurations": {"IsTruncated": False},
    "ListBucketIntelligentTieringConfigurations": {"IsTruncated": False},
    "ListBucketInventoryConfigurations": {"IsTruncated": False},
    "ListBucketMetricsConfigurations": {"IsTruncated": False},
    "ListMultipartUploads": {"IsTruncated": False},
}

#: Reads of what belongs to a bucket, which is the primary's alone.
BUCKET_READS = (*UNSET_ERRORS, *UNSET_ANSWERS)

#: Changes of what belongs to a bucket: made in the primary first if it is only below.
BUCKET_CHANGES = (
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
