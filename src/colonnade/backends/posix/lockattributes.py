"""Object Lock as attributes keep it: of a version, and of its bucket."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from colonnade.rules import lock
from colonnade.rules.lock import Lock

RETENTION, HOLD = "object-retention", "object-legal-hold"

#: The attribute of a bucket that has Object Lock.
BUCKET = "bucket-lock"


def of(attributes: Mapping[str, bytes]) -> Lock:
    """The lock that a version's attributes tell of."""
    retention, hold = attributes.get(RETENTION), attributes.get(HOLD)
    if retention is None and hold is None:
        return lock.FREE
    mode, until = "", None
    if retention is not None:
        kept = json.loads(retention)
        mode, until = kept["Mode"], lock.in_utc(datetime.fromisoformat(kept["RetainUntilDate"]))
    return Lock(mode, until, "" if hold is None else "ON" if hold == b"\x01" else "OFF")


def attributes(kept: Lock) -> dict[str, bytes]:
    """A lock as a version's attributes."""
    values = {}
    if kept.until is not None:
        values[RETENTION] = _json({"Mode": kept.mode, "RetainUntilDate": _moment(kept.until)})
    if kept.hold:
        values[HOLD] = b"\x01" if kept.hold == "ON" else b"\x00"
    return values


@lru_cache(256)
def configuration(raw: bytes | None) -> Any:
    """A bucket's Object Lock configuration, None for a bucket without."""
    kept = json.loads(raw) if raw else {}
    if not kept.get("Enabled"):
        return None
    value: dict[str, Any] = {"ObjectLockEnabled": "Enabled"}
    default = kept.get("DefaultRetention")
    if default:
        rule = {name: default[name] for name in ("Mode", "Days", "Years") if default.get(name)}
        value["Rule"] = {"DefaultRetention": rule}
    return value


def of_configuration(value: Mapping[str, Any]) -> bytes:
    """A bucket's Object Lock configuration as its attribute, which also says when it was made."""
    default = (value.get("Rule") or {}).get("DefaultRetention")
    kept = default and {"Days": default.get("Days"), "Mode": default["Mode"], "Years": default.get("Years")}
    return _json({"Enabled": True, "DefaultRetention": kept, "CreatedAt": _moment(datetime.now(UTC))})


def _moment(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
