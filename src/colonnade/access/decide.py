"""The decision. Closed by default: what nothing allows is denied."""

from __future__ import annotations

from colonnade.errors import S3Error
from colonnade.iam.accounts import Account, Role


def may_bypass_governance(account: Account | None, bucket: str | None, key: str | None) -> bool:
    """Whether `account` has s3:BypassGovernanceRetention, which x-amz-bypass-governance-retention asks for."""
    return account is not None and account.role is Role.ADMIN


def check(account: Account | None, operation: str, bucket: str | None, key: str | None) -> None:
    """Raise AccessDenied unless `account` (None: anonymous) may carry out `operation` on that bucket and key."""
    if account is None or account.role is not Role.ADMIN:
        raise S3Error("AccessDenied")
