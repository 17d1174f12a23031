"""Object Lock's arithmetic, which no conformance test could wait for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from colonnade.errors import S3Error
from colonnade.rules import lock
from colonnade.rules.lock import Lock

NOW = datetime(2024, 2, 29, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rule", "until"),
    [
        ({"Days": 1}, datetime(2024, 3, 1, 12, 0, 0, 123000, tzinfo=UTC)),
        ({"Years": 1}, datetime(2025, 2, 28, 12, 0, 0, 123000, tzinfo=UTC)),
        ({"Years": 4}, datetime(2028, 2, 29, 12, 0, 0, 123000, tzinfo=UTC)),
    ],
)
def test_default_retention_counts_from_now(rule: Any, until: datetime) -> None:
    """Days and years are those of the calendar, told in milliseconds."""
    made = lock.of_write({}, {"Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", **rule}}}, NOW)
    assert made == Lock("GOVERNANCE", until)


@pytest.mark.parametrize("mode", ["GOVERNANCE", "COMPLIANCE"])
def test_retention_ends(mode: str) -> None:
    """At its date a version is free, and its retention can be changed to anything."""
    kept = Lock(mode, NOW)
    lock.check_removal(kept, NOW, bypass=False)
    assert lock.retained(kept, {}, NOW, bypass=False) == lock.FREE
    with pytest.raises(S3Error, match="AccessDenied"):
        lock.check_removal(kept, NOW - timedelta(milliseconds=1), bypass=False)


def test_what_was_told_can_be_set_again() -> None:
    """Finer than milliseconds nothing is kept, or the same date would count as an earlier one."""
    kept = lock.of_write({"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": NOW + timedelta(1)}, {}, NOW)
    assert kept.until is not None
    told = {"Mode": "COMPLIANCE", "RetainUntilDate": kept.until.replace(microsecond=123000)}
    assert lock.retained(kept, told, NOW, bypass=False) == kept


def test_legal_hold_outlasts_retention() -> None:
    """An expired retention doesn't end a hold."""
    with pytest.raises(S3Error, match="AccessDenied"):
        lock.check_removal(Lock("GOVERNANCE", NOW - timedelta(1), "ON"), NOW, bypass=True)


def test_new_kinds_of_lock_are_not_taken_for_granted() -> None:
    """What isn't known to be kept is refused."""
    with pytest.raises(S3Error, match="NotImplemented"):
        lock.of_write({"ObjectLockEventHold": "ON"}, {}, NOW)
