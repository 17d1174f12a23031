"""HeadBucket's region where the backend tells none."""

from __future__ import annotations

from typing import Any

import colonnade.testing
from colonnade import Layer
from colonnade.backends import load
from tests.conformance.raw import Raw


class Silent(Layer):
    """Says of a bucket that it is there, and no more: as several backends do of one that lies below."""

    async def head_bucket(self, **arguments: Any) -> dict[str, Any]:
        """Nothing."""
        await self.inner.call("HeadBucket", arguments)
        return {}


def test_the_gateways_own() -> None:
    """It is where signatures say that the bucket is; of no bucket there is none."""
    with colonnade.testing.server(Silent(load("memory", {})), region="here-1") as server:
        raw = Raw(server)
        raw("PUT", "/bucket")
        assert raw("HEAD", "/bucket").headers["x-amz-bucket-region"] == "here-1"
        assert raw.unsigned("HEAD", "/bucket").headers["x-amz-bucket-region"] == "here-1"
        assert "x-amz-bucket-region" not in raw("HEAD", "/none").headers
