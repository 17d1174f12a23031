"""Object Lock: what keeps a version from being removed, and who may change that.

Pure: a lock, a moment and the arguments in, a lock or a refusal out. Amazon's user guide, "Locking objects with
Object Lock", is the source. Whether a caller *may* bypass governance was decided before an argument that says so
gets here.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from colonnade.errors import S3Error

COMPLIANCE, GOVERNANCE = "COMPLIANCE", "GOVERNANCE"

_MODE, _UNTIL, _HOLD = "ObjectLockMode", "ObjectLockRetainUntilDate", "ObjectLockLegalHoldStatus"

#: Arguments that are a digest of an upload's body.
_DIGESTS = ("ContentMD5", "ChecksumAlgorithm")


@dataclass(frozen=True, slots=True)
class Lock:
    """What locks a version: retention in `mode` up to `until`, both empty without one, and legal hold (ON, OFF, '')."""

    mode: str = ""
    until: datetime | None = None
    hold: str = ""

    def retained(self, now: datetime) -> bool:
        """Whether its retention still runs."""
        return self.until is not None and self.until > now

    def answer(self) -> dict[str, Any]:
        """What GetObject and HeadObject say of it."""
        said: dict[str, Any] = {_MODE: self.mode, _UNTIL: self.until} if self.until is not None else {}
        return said | ({_HOLD: self.hold} if self.hold else {})


FREE = Lock()


def moment() -> datetime:
    """Now, as locks are judged by."""
    return datetime.now(UTC)


def in_utc(until: datetime) -> datetime:
    """A date as locks keep it: in milliseconds, as S3 tells it, so that what was told can be set again.

    boto3 takes dates without a zone for UTC.
    """
    until = until.replace(tzinfo=UTC) if until.tzinfo is None else until.astimezone(UTC)
    return until.replace(microsecond=until.microsecond // 1000 * 1000)


def asked(arguments: Mapping[str, Any]) -> bool:
    """Whether a write's own arguments ask for a lock."""
    for name, value in arguments.items():  # noqa: SIM110 (of every write: a generator takes twice as long)
        if name.startswith("ObjectLock") and value:
            return True
    return False


def check_bucket(configuration: Mapping[str, Any] | None) -> None:
    """Raise InvalidRequest for a bucket that has no Object Lock."""
    if configuration is None:
        raise S3Error("InvalidRequest", "Bucket is missing Object Lock Configuration")


def check_versioned(enabled: bool) -> None:
    """Raise InvalidBucketState unless the bucket's versioning is enabled."""
    if not enabled:
        raise S3Error(
            "InvalidBucketState", "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"
        )


def check_suspension(configuration: Mapping[str, Any] | None) -> None:
    """Raise InvalidBucketState for suspending the versioning of a bucket that has Object Lock."""
    if configuration is not None:
        raise S3Error(
            "InvalidBucketState",
            "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.",
        )


def of_write(arguments: Mapping[str, Any], configuration: Mapping[str, Any] | None, now: datetime) -> Lock:
    """The lock of a new object: what its arguments ask for, else the bucket's default retention from now on.

    Raises InvalidRequest where the bucket has no Object Lock, InvalidArgument.
    """
    if not asked(arguments):
        return with_default(FREE, configuration, now)
    check_bucket(configuration)
    known = {_MODE, _UNTIL, _HOLD}
    if any(name.startswith("ObjectLock") and value and name not in known for name, value in arguments.items()):
        raise S3Error("NotImplemented", "Of Object Lock only retention and legal hold are available here.")
    mode, until = arguments.get(_MODE), arguments.get(_UNTIL)
    if bool(mode) is not bool(until):
        raise S3Error(
            "InvalidArgument",
            "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
            ArgumentName="x-amz-object-lock-mode" if mode is None else "x-amz-object-lock-retain-until-date",
            ArgumentValue="null",
        )
    if until is not None:
        until = in_utc(until)
        _check_future(until, now, "x-amz-object-lock-retain-until-date")
    lock = Lock(str(mode or ""), until, str(arguments.get(_HOLD) or ""))
    return with_default(lock, configuration, now)


def without_default(configuration: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """A configuration without its default, for an upload in parts: that counts from the upload's end."""
    return None if configuration is None else {"ObjectLockEnabled": "Enabled"}


def with_default(lock: Lock, configuration: Mapping[str, Any] | None, now: datetime) -> Lock:
    """A new object's lock with the bucket's default retention, unless it has one of its own."""
    default = ((configuration or {}).get("Rule") or {}).get("DefaultRetention")
    if not default or lock.until is not None:
        return lock
    until = now + timedelta(days=default["Days"]) if default.get("Days") else _years_later(now, default["Years"])
    return replace(lock, mode=default["Mode"], until=in_utc(until))


def check_digest(lock: Lock, arguments: Mapping[str, Any]) -> None:
    """Raise InvalidRequest for an upload to be locked that doesn't say what its body sums to."""
    told = any(value and (name in _DIGESTS or name.startswith("Checksum")) for name, value in arguments.items())
    if lock != FREE and not told:
        raise S3Error(
            "InvalidRequest",
            "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock "
            "parameters",
        )


def check_removal(lock: Lock, now: datetime, *, bypass: bool) -> None:
    """Raise AccessDenied for removing a version that is locked. `bypass` passes over governance alone."""
    if lock.hold == "ON" or (lock.retained(now) and not (bypass and lock.mode == GOVERNANCE)):
        raise _denied()


def retained(old: Lock, value: Mapping[str, Any], now: datetime, *, bypass: bool) -> Lock:
    """The lock after PutObjectRetention: longer always, shorter, other or none only in governance and with `bypass`.

    An empty value takes the retention away. Raises MalformedXML, InvalidArgument, AccessDenied.
    """
    mode, until = value.get("Mode"), value.get("RetainUntilDate")
    if bool(mode) is not bool(until):
        raise S3Error("MalformedXML")
    if set(value) - {"Mode", "RetainUntilDate"}:
        raise S3Error("NotImplemented", "Of Object Lock only retention and legal hold are available here.")
    if until is not None:
        until = in_utc(until)
        _check_future(until, now, "RetainUntilDate")
    longer = mode == old.mode and until is not None and old.until is not None and until >= old.until
    if old.retained(now) and not longer and not (bypass and old.mode == GOVERNANCE):
        raise _denied()
    return replace(old, mode=str(mode or ""), until=until)


def held(old: Lock, value: Mapping[str, Any]) -> Lock:
    """The lock after PutObjectLegalHold. Raises MalformedXML."""
    if value.get("Status") not in ("ON", "OFF"):
        raise S3Error("MalformedXML")
    return replace(old, hold=value["Status"])


def retention_answer(lock: Lock) -> dict[str, Any]:
    """What GetObjectRetention says. Raises NoSuchObjectLockConfiguration."""
    if lock.until is None:
        raise S3Error("NoSuchObjectLockConfiguration")
    return {"Retention": {"Mode": lock.mode, "RetainUntilDate": lock.until}}


def hold_answer(lock: Lock) -> dict[str, Any]:
    """What GetObjectLegalHold says. Raises NoSuchObjectLockConfiguration."""
    if not lock.hold:
        raise S3Error("NoSuchObjectLockConfiguration")
    return {"LegalHold": {"Status": lock.hold}}


def _check_future(until: datetime, now: datetime, name: str) -> None:
    if until <= now:
        raise S3Error(
            "InvalidArgument",
            "The retain until date must be in the future!",
            ArgumentName=name,
            ArgumentValue=until.isoformat(),
        )


def _years_later(now: datetime, years: int) -> datetime:
    """The same day so many years on; of 29 February the 28th where there is none."""
    year = now.year + years
    return now.replace(year=year, day=min(now.day, monthrange(year, now.month)[1]))


def _denied() -> S3Error:
    return S3Error("AccessDenied", "Access Denied because object protected by object lock.")
