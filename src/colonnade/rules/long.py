"""Operations that may rightly take long before they answer: they move or assemble whole objects."""

from __future__ import annotations

LONG = frozenset({"CompleteMultipartUpload", "CopyObject", "SelectObjectContent", "UploadPartCopy"})
