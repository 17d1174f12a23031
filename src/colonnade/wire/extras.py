"""What botocore's model doesn't say about S3, each fact with its reason.

botocore ignores the root element of answers, knows nothing of what S3 demands of a request beyond names and
types, and lists operations that share one request line. Amazon's API reference is the source.
"""

from __future__ import annotations

from colonnade.model import OPERATIONS

#: The namespace of every S3 answer (error documents have none).
NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"

#: Operations no request is routed to, and why.
UNROUTED = {
    "GetBucketLifecycle": "superseded: GetBucketLifecycleConfiguration answers the same request",
    "PutBucketLifecycle": "superseded: PutBucketLifecycleConfiguration answers the same request",
    "GetBucketNotification": "superseded: GetBucketNotificationConfiguration answers the same request",
    "PutBucketNotification": "superseded: PutBucketNotificationConfiguration answers the same request",
    "ListDirectoryBuckets": "asked of S3 Express's own endpoint with the request that is ListBuckets here",
    "WriteGetObjectResponse": "answers an Object Lambda, on a host of its own; no gateway is asked it",
}

#: Operations whose answers aren't rendered, and why.
UNRENDERED = {
    "SelectObjectContent": "answers an event stream; no backend evaluates SQL",
    "WriteGetObjectResponse": UNROUTED["WriteGetObjectResponse"],
}

#: Operations that have nothing to do with an upload, and are refused where a query names one.
WITHOUT_UPLOADS = frozenset({"PutObject", "CopyObject", "HeadObject"})

#: Uploads that a stray ``partNumber`` must not turn into a write of the whole object.
PLAIN_UPLOADS = frozenset({"PutObject", "CopyObject"})

#: MethodNotAllowed's ResourceType where it isn't the sub-resource in capitals; after a level's name that level's.
RESOURCE_TYPES = {
    "abac": "BUCKET_ABAC",
    "attributes": "OBJECT_ATTRIBUTES",
    "delete": "MULTI_OBJECT_DELETE",
    "intelligent-tiering": "INTELLIGENT_TIERING",
    "legal-hold": "OBJECT_LOCK_LEGALHOLD",
    "logging": "LOGGING_STATUS",
    "object-lock": "OBJECT_LOCK_CONFIGURATION",
    "object?tagging": "OBJECT_TAGGING",
    "ownershipControls": "OWNERSHIP_CONTROLS",
    "partNumber": "PART",
    "policy": "BUCKETPOLICY",
    "policyStatus": "POLICY_STATUS",
    "publicAccessBlock": "PUBLIC_ACCESS_BLOCK",
    "requestPayment": "REQUEST_PAYMENT",
    "retention": "OBJECT_LOCK_RETENTION",
    "uploadId": "UPLOAD",
    "versions": "BUCKETVERSIONS",
}

#: The root element of answers that are XML, from the Response Syntax of each operation's page and, where its
#: example differs from it, the example: what S3 sends. A payload's root is its own name unless given here.
ROOTS = {
    "CompleteMultipartUpload": "CompleteMultipartUploadResult",
    "CopyObject": "CopyObjectResult",
    "CreateMultipartUpload": "InitiateMultipartUploadResult",
    "CreateSession": "CreateSessionResult",
    "DeleteObjects": "DeleteResult",
    "GetBucketAccelerateConfiguration": "AccelerateConfiguration",
    "GetBucketAcl": "AccessControlPolicy",
    "GetBucketCors": "CORSConfiguration",
    "GetBucketLifecycle": "LifecycleConfiguration",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketLocation": "LocationConstraint",
    "GetBucketLogging": "BucketLoggingStatus",
    "GetBucketNotification": "NotificationConfiguration",
    "GetBucketNotificationConfiguration": "NotificationConfiguration",
    "GetBucketRequestPayment": "RequestPaymentConfiguration",
    "GetBucketTagging": "Tagging",
    "GetBucketVersioning": "VersioningConfiguration",
    "GetBucketWebsite": "WebsiteConfiguration",
    "GetObjectAcl": "AccessControlPolicy",
    "GetObjectAttributes": "GetObjectAttributesResponse",
    "GetObjectTagging": "Tagging",
    "ListBucketAnalyticsConfigurations": "ListBucketAnalyticsConfigurationResult",
    "ListBucketIntelligentTieringConfigurations": "ListBucketIntelligentTieringConfigurationsOutput",
    "ListBucketInventoryConfigurations": "ListInventoryConfigurationsResult",
    "ListBucketMetricsConfigurations": "ListMetricsConfigurationsResult",
    "ListBuckets": "ListAllMyBucketsResult",
    "ListDirectoryBuckets": "ListAllMyDirectoryBucketsResult",
    "ListMultipartUploads": "ListMultipartUploadsResult",
    "ListObjectAnnotations": "ListObjectAnnotationsOutput",
    "ListObjectVersions": "ListVersionsResult",
    "ListObjects": "ListBucketResult",
    "ListObjectsV2": "ListBucketResult",
    "ListParts": "ListPartsResult",
    "PutObjectAnnotation": "PutObjectAnnotationOutput",
    "UploadPartCopy": "CopyPartResult",
}

#: Statuses S3 answers that the model leaves at 200: its pages show ``HTTP/1.1 204 No Content`` for these.
STATUSES = {"PutBucketPolicy": 204, "PutBucketTagging": 204}

#: Content types of string payloads.
TEXT_TYPES = {"GetBucketPolicy": b"application/json"}

#: What a body that is stored is called when nobody said: S3's default.
DEFAULT_CONTENT_TYPE = b"binary/octet-stream"

#: Operations whose requests S3 refuses without Content-MD5 or a checksum header. The model marks many more, but
#: there it says what SDKs send: s3cmd sets ACLs, policies and versioning without either, and S3 accepts them.
CHECKSUM_REQUIRED = frozenset(
    {
        "DeleteObjects",
        "PutBucketCors",
        "PutBucketLifecycleConfiguration",
        "PutBucketTagging",
        "PutObjectLegalHold",
        "PutObjectLockConfiguration",
        "PutObjectRetention",
    }
)

#: Bytes of an XML or JSON body: S3's own limits, and where those need more than MAX_BODY: 1,000 keys of 1,024
#: bytes, each byte up to six characters of XML, and 10,000 parts with a checksum each.
MAX_BODY = 1024 * 1024
BODY_LIMITS = {
    "DeleteObjects": 8 * 1024 * 1024,
    "CompleteMultipartUpload": 4 * 1024 * 1024,
    "PutBucketCors": 64 * 1024,
    "PutBucketWebsite": 128 * 1024,
}

#: How many items a list in a body may have: (shape, member) -> most. More is MalformedXML.
LIST_LIMITS = {("Delete", "Objects"): 1000, ("CompletedMultipartUpload", "Parts"): 10000}

#: Members S3 requires in a body that the model leaves optional.
REQUIRED = {
    "CompletedMultipartUpload": frozenset({"Parts"}),
    "CompletedPart": frozenset({"PartNumber", "ETag"}),
    "AccessControlPolicy": frozenset({"Grants"}),
    "VersioningConfiguration": frozenset({"Status"}),
}

#: Required texts that S3 gives a length of at least 1: (shape, member).
FILLED = frozenset({("ObjectIdentifier", "Key")})

#: Bodies S3 requires that the model leaves optional: it answers MissingRequestBodyError without.
BODY_REQUIRED = frozenset(
    {
        "CompleteMultipartUpload",
        "PutBucketLifecycleConfiguration",
        "PutObjectLegalHold",
        "PutObjectLockConfiguration",
        "PutObjectRetention",
    }
)

#: What S3 calls a body it can't make sense of, where it isn't MalformedXML.
MALFORMED = {"PutBucketAcl": "MalformedACLError", "PutObjectAcl": "MalformedACLError"}

#: Enumerations not held against a request: a gateway's region has any name its owner chose.
OPEN_ENUMS = frozenset({"BucketLocationConstraint"})

#: Enumerations S3 reads in any case: SDKs of several languages differ.
CASELESS_ENUMS = frozenset({"ChecksumAlgorithm", "ChecksumType", "ChecksumMode", "EncodingType"})

#: Checksum algorithms by the names of the model; their headers are ``x-amz-checksum-`` and the name in lower case.
ALGORITHMS = frozenset(
    next(m.shape.enum for m in OPERATIONS["PutObject"].input.headers if m.name == "ChecksumAlgorithm")
)

#: What S3 says of a header or parameter that isn't one of its enumeration: (code, message).
ENUM_ERRORS = {
    "encoding-type": ("InvalidArgument", "Invalid Encoding Method specified in Request"),
    "x-amz-checksum-algorithm": (
        "InvalidRequest",
        "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
        f"[{', '.join(sorted(ALGORITHMS))}]",
    ),
    "x-amz-checksum-type": ("InvalidRequest", "Value for x-amz-checksum-type header is invalid."),
    "x-amz-metadata-directive": ("InvalidArgument", "Unknown metadata directive."),
    "x-amz-mp-object-size": ("InvalidRequest", "Value for x-amz-mp-object-size header is invalid: '{value}'"),
    "x-amz-object-attributes": ("InvalidArgument", "Invalid attribute name specified."),
    "x-amz-object-lock-mode": ("InvalidArgument", "Unknown wormMode directive."),
    "x-amz-object-lock-legal-hold": ("InvalidArgument", "Legal Hold must be either of 'ON' or 'OFF'"),
    "x-amz-object-ownership": ("InvalidArgument", "Invalid x-amz-object-ownership header: {value}"),
    "x-amz-sdk-checksum-algorithm": ("InvalidRequest", "Value for x-amz-sdk-checksum-algorithm header is invalid."),
    "x-amz-storage-class": ("InvalidStorageClass", "The storage class you specified is not valid"),
    "x-amz-tagging-directive": ("InvalidArgument", "Unknown tagging directive."),
}

#: Dates that are ignored when they can't be read: RFC 9110 §13.1.3 and §13.1.4 say so.
LENIENT_DATES = frozenset({"if-modified-since", "if-unmodified-since"})

#: Requests for encryption at rest. Where an operation has no such argument they are refused: what was asked to be
#: encrypted is never stored in the clear.
ENCRYPTION_PREFIXES = ("x-amz-server-side-encryption", "x-amz-copy-source-server-side-encryption")

#: Arguments that are the wire's own business and reach no backend: they shape the answer's form.
WIRE_QUERY = frozenset({"EncodingType"})

#: ``response-*`` parameters and the headers of the answer they replace.
OVERRIDES = {
    "response-cache-control": b"cache-control",
    "response-content-disposition": b"content-disposition",
    "response-content-encoding": b"content-encoding",
    "response-content-language": b"content-language",
    "response-content-type": b"content-type",
    "response-expires": b"expires",
}
OVERRIDABLE = frozenset({"GetObject", "HeadObject"})

#: Members of answers that ``encoding-type=url`` encodes, and of the items of their lists.
ENCODED = frozenset({"Delimiter", "Key", "KeyMarker", "Marker", "NextKeyMarker", "NextMarker", "Prefix", "StartAfter"})
ENCODED_LISTS = {
    "CommonPrefixes": "Prefix",
    "Contents": "Key",
    "DeleteMarkers": "Key",
    "Uploads": "Key",
    "Versions": "Key",
}
LISTINGS = frozenset({"ListMultipartUploads", "ListObjectVersions", "ListObjects", "ListObjectsV2"})

#: What listings say again of the request: operation -> ((member, argument, default), ...). A default of None says
#: it only when asked, even if what was asked is empty; S3 always says the others.
ECHOES: dict[str, tuple[tuple[str, str, object], ...]] = {
    "ListObjects": (
        ("Name", "Bucket", ""),
        ("Prefix", "Prefix", ""),
        ("Marker", "Marker", ""),
        ("MaxKeys", "MaxKeys", 1000),
        ("Delimiter", "Delimiter", None),
        ("IsTruncated", "", False),
    ),
    "ListObjectsV2": (
        ("Name", "Bucket", ""),
        ("Prefix", "Prefix", ""),
        ("MaxKeys", "MaxKeys", 1000),
        ("Delimiter", "Delimiter", None),
        ("ContinuationToken", "ContinuationToken", None),
        ("StartAfter", "StartAfter", None),
        ("IsTruncated", "", False),
    ),
    "ListObjectVersions": (
        ("Name", "Bucket", ""),
        ("Prefix", "Prefix", ""),
        ("KeyMarker", "KeyMarker", ""),
        ("VersionIdMarker", "VersionIdMarker", ""),
        ("MaxKeys", "MaxKeys", 1000),
        ("Delimiter", "Delimiter", None),
        ("IsTruncated", "", False),
    ),
    "ListMultipartUploads": (
        ("Bucket", "Bucket", ""),
        ("KeyMarker", "KeyMarker", ""),
        ("UploadIdMarker", "UploadIdMarker", ""),
        ("MaxUploads", "MaxUploads", 1000),
        ("Prefix", "Prefix", None),
        ("Delimiter", "Delimiter", None),
        ("IsTruncated", "", False),
    ),
    "ListParts": (
        ("Bucket", "Bucket", ""),
        ("Key", "Key", ""),
        ("UploadId", "UploadId", ""),
        ("PartNumberMarker", "PartNumberMarker", 0),
        ("MaxParts", "MaxParts", 1000),
        ("IsTruncated", "", False),
    ),
    "ListBuckets": (("Prefix", "Prefix", None), ("Buckets", "", ())),
    "CreateMultipartUpload": (("Bucket", "Bucket", ""), ("Key", "Key", "")),
    "CompleteMultipartUpload": (("Bucket", "Bucket", ""), ("Key", "Key", "")),
}

#: The most a page holds: a larger number asked for is said back as this one.
PAGE_LIMITS = {"MaxKeys": 1000, "MaxUploads": 1000, "MaxParts": 1000}

#: Parameters of another operation, or of another version of it, that S3 refuses rather than passes over: where they
#: were ignored, what the client meant would not be what it gets.
REFUSED = {
    "ListObjects": ("continuation-token", "start-after"),
    "ListObjectsV2": ("marker",),
    # No version is ever written anew.
    **dict.fromkeys(("PutObject", "CopyObject", "UploadPart", "CompleteMultipartUpload"), ("versionId",)),
}
REFUSED_BECAUSE = {
    "continuation-token": "continuation-token only supported in REST.GET.BUCKET with list-type=2",
    "marker": "Marker unsupported with REST.GET.BUCKET in list-type=2",
    "start-after": "startAfter only supported in REST.GET.BUCKET with list-type=2",
    "versionId": "This operation does not accept a version-id.",
}

#: Numbers that S3 takes for not said where they are empty.
EMPTY_IS_ABSENT = frozenset({"max-keys", "max-uploads"})

#: What S3 says of a parameter that isn't a number.
NUMBER_ERRORS = {
    "max-keys": "Provided max-keys not an integer or within integer range",
    "max-parts": "Provided max-parts not an integer or within integer range",
    "max-uploads": "Provided max-uploads not an integer or within integer range",
    "max-buckets": "Provided max-buckets not an integer or within integer range",
    "part-number-marker": "Provided part-number-marker not an integer or within integer range",
    "partNumber": "Part number must be an integer between 1 and 10000, inclusive",
}
