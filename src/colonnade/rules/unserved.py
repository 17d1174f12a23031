"""Arguments that change what is stored, and that a backend which doesn't know them must not forget."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from colonnade.errors import S3Error

#: Their names, and those of their headers. What was to be encrypted is never stored in the clear, and what was to be
#: appended never replaces what is there.
UNSERVED = {
    "ServerSideEncryption": "x-amz-server-side-encryption",
    "SSEKMSKeyId": "x-amz-server-side-encryption-aws-kms-key-id",
    "SSEKMSEncryptionContext": "x-amz-server-side-encryption-context",
    "BucketKeyEnabled": "x-amz-server-side-encryption-bucket-key-enabled",
    "SSECustomerAlgorithm": "x-amz-server-side-encryption-customer-algorithm",
    "SSECustomerKey": "x-amz-server-side-encryption-customer-key",
    "SSECustomerKeyMD5": "x-amz-server-side-encryption-customer-key-MD5",
    "CopySourceSSECustomerAlgorithm": "x-amz-copy-source-server-side-encryption-customer-algorithm",
    "CopySourceSSECustomerKey": "x-amz-copy-source-server-side-encryption-customer-key",
    "CopySourceSSECustomerKeyMD5": "x-amz-copy-source-server-side-encryption-customer-key-MD5",
    "WriteOffsetBytes": "x-amz-write-offset-bytes",
}

_NAMES = frozenset(UNSERVED)


def refuse(arguments: Mapping[str, Any]) -> None:
    """Raise NotImplemented if one of them is among `arguments`, and asks for something."""
    if _NAMES.isdisjoint(arguments):
        return
    for name, value in arguments.items():
        # None and False ask for nothing; WriteOffsetBytes=0 does, though it equals False.
        if name in _NAMES and value is not None and value is not False:
            raise S3Error("NotImplemented", Header=UNSERVED[name])
