"""An upload whose receiver is given a time-out, but is not held to account for a slow client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from colonnade.body import Body


class Paced(Body):
    """Passes a client's body on to a member; the member's clock stands still while the client is waited for.

    The member has `stall` seconds to take each piece, and `answer` once it has them all.
    `failure` is what the client's body raised, if it did: that is the client's error (a wrong digest, a
    connection that went away) and says nothing about the member. `touched` tells whether the body was begun:
    until then it can be given to another member.
    """

    def __init__(self, source: Body, clock: asyncio.Timeout, stall: float, answer: float) -> None:
        super().__init__(source.length)
        self.source = source
        self.touched = False
        self.failure: Exception | None = None
        self._clock = clock
        self._stall = stall
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.touched = True
        pieces = aiter(self.source)
        while True:
            self._clock.reschedule(None)
            seconds = self._answer
            try:
                piece = await anext(pieces, b"")
                seconds = self._stall if piece else self._answer
            except Exception as error:
                self.failure = error
                raise
            finally:
                self._clock.reschedule(asyncio.get_running_loop().time() + seconds)
            if not piece:
                break
            yield piece
        self.trailers = self.source.trailers

    async def aclose(self) -> None:
        """Close the client's body."""
        await self.source.aclose()
