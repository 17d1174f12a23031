"""Which arguments are refused rather than forgotten."""

from __future__ import annotations

import pytest

from colonnade.backends.memory import MemoryBackend
from colonnade.errors import S3Error
from colonnade.model import OPERATIONS
from colonnade.rules.unserved import UNSERVED
from colonnade.wire.extras import ENCRYPTION_PREFIXES


def test_all_arguments_about_encryption_are_known() -> None:
    """Every header of the model that asks for encryption is one."""
    headers = (header for operation in OPERATIONS.values() for header in operation.input.headers)
    asked = {header.name: header.wire for header in headers if header.wire.startswith(ENCRYPTION_PREFIXES)}
    assert asked == {name: wire for name, wire in UNSERVED.items() if name != "WriteOffsetBytes"}


@pytest.mark.parametrize("name", UNSERVED)
async def test_a_backend_refuses_them(name: str) -> None:
    """A backend that says nothing of them is never asked."""
    with pytest.raises(S3Error, match="NotImplemented") as caught:
        await MemoryBackend().call("PutObject", {"Bucket": "bucket", "Key": "key", name: "x"})
    assert caught.value.fields == {"Header": UNSERVED[name]}


@pytest.mark.parametrize(("name", "value"), [("BucketKeyEnabled", False), *((name, None) for name in UNSERVED)])
async def test_what_asks_for_nothing_is_served(name: str, value: object) -> None:
    """An SDK may spell out what it doesn't want."""
    backend = MemoryBackend()
    await backend.call("CreateBucket", {"Bucket": "bucket"})
    await backend.call("PutObject", {"Bucket": "bucket", "Key": "key", "Body": b"x", name: value})
    assert (await backend.call("HeadObject", {"Bucket": "bucket", "Key": "key"}))["ContentLength"] == 1


async def test_appending_at_the_beginning_is_refused() -> None:
    """An offset of nought asks for it as any other does."""
    with pytest.raises(S3Error, match="NotImplemented"):
        await MemoryBackend().call("PutObject", {"Bucket": "bucket", "Key": "key", "WriteOffsetBytes": 0})
