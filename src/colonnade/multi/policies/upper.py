"""A delete is the primary's alone: what lies below comes to light again."""

from __future__ import annotations


class Upper:
    """Nothing beside deleting in the primary (``delete = "primary"``)."""

    async def before(self, bucket: str, key: str) -> None:
        """Nothing is hidden."""

    async def before_version(self, bucket: str, key: str) -> None:
        """Nothing is hidden."""

    async def after(self, bucket: str, key: str) -> None:
        """Nothing more is promised."""
