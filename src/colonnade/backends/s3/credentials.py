"""Whose requests they are: given keys, AWS' usual places, or nobody's."""

from __future__ import annotations

import asyncio
import time
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError
from botocore.session import Session

from colonnade.backends.s3.settings import Settings
from colonnade.errors import S3Error

#: Seconds in which nobody asks the usual places again after there was nothing: each time may take seconds.
PAUSE = 5.0


class Keys(NamedTuple):
    """What a request is signed with."""

    access: str
    secret: str
    token: str | None = None


class Credentials:
    """Gives keys that are good now. The usual places are asked in a thread: some of them are other machines."""

    def __init__(self, settings: Settings) -> None:
        self._anonymous = settings.anonymous_credentials
        self._given: Keys | None = None
        if settings.access is not None and settings.secret is not None:
            self._given = Keys(settings.access, settings.secret)
        self._found: Any = None
        self._finding = asyncio.Lock()
        self._in_vain = -PAUSE

    async def keys(self) -> Keys | None:
        """Keys, None to sign nothing. Raises ServiceUnavailable where none can be found."""
        if self._given is not None or self._anonymous:
            return self._given
        try:
            return await self._usual()
        except (BotoCoreError, OSError) as error:
            raise S3Error("ServiceUnavailable", "The gateway has no credentials for its upstream now.") from error

    async def _usual(self) -> Keys:
        if self._found is None:
            async with self._finding:
                await self._find()
        refresh_needed = getattr(self._found, "refresh_needed", None)
        if refresh_needed is None or not refresh_needed():
            return Keys(*self._found.get_frozen_credentials()[:3])
        return Keys(*(await asyncio.to_thread(self._found.get_frozen_credentials))[:3])

    async def _find(self) -> None:
        """Look in the usual places, unless that was in vain just now. Raises ServiceUnavailable."""
        if self._found is None and time.monotonic() - self._in_vain >= PAUSE:
            try:
                self._found = await asyncio.to_thread(Session().get_credentials)
            finally:
                self._in_vain = time.monotonic()
        if self._found is None:
            raise S3Error("ServiceUnavailable", "The gateway has no credentials for its upstream.")
