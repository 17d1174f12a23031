"""The one error class, and the one table of what S3 calls its errors.

Wording and statuses are Amazon's list of error responses. Whoever refuses something raises S3Error with S3's
code; only the wire turns it into HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: code -> (HTTP status, S3's own sentence)
ERRORS: dict[str, tuple[int, str]] = {
    "AccessDenied": (403, "Access Denied"),
    "BadDigest": (400, "The Content-MD5 or checksum value that you specified did not match what the server received."),
    "BucketAlreadyExists": (
        409,
        "The requested bucket name is not available. The bucket namespace is shared by all users of the system. "
        "Please select a different name and try again.",
    ),
    "BucketAlreadyOwnedByYou": (
        409,
        "Your previous request to create the named bucket succeeded and you already own it.",
    ),
    "BucketNotEmpty": (409, "The bucket you tried to delete is not empty."),
    "InternalError": (500, "We encountered an internal error. Please try again."),
    "InvalidArgument": (400, "Invalid Argument"),
    "InvalidRequest": (400, "Invalid Request"),
    "NoSuchBucket": (404, "The specified bucket does not exist."),
    "NoSuchKey": (404, "The specified key does not exist."),
    "NotImplemented": (501, "A header you provided implies functionality that is not implemented."),
    "NotModified": (304, "Not Modified"),
    "ServiceUnavailable": (503, "Service is unable to handle request."),
    "SlowDown": (503, "Please reduce your request rate."),
}


class S3Error(Exception):
    """A refusal in S3's words.

    `code` is S3's error code, `message` its sentence (the table's unless given), `status` the HTTP status
    (the table's unless given, 500 for a code the table lacks). `fields` become elements of the error
    document (``BucketName``, ``Key``, ``ArgumentName``). `output` holds members of the operation's answer that
    S3 sends as headers beside the error: ETag and LastModified of a 304, DeleteMarker and VersionId of a 404.
    """

    def __init__(
        self,
        code: str,
        message: str | None = None,
        *,
        status: int | None = None,
        output: Mapping[str, Any] | None = None,
        **fields: Any,
    ) -> None:
        known_status, known_message = ERRORS.get(code, (500, code))
        self.code = code
        self.message = known_message if message is None else message
        self.status = known_status if status is None else status
        self.output: dict[str, Any] = dict(output or {})
        self.fields = fields
        super().__init__(f"{code}: {self.message}")
