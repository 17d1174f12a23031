"""A backend that is only read: what is no GET or HEAD of the model is refused, also what is not invented yet."""

from __future__ import annotations

from colonnade.backend import Answer, Arguments, Backend, Layer
from colonnade.errors import S3Error
from colonnade.model import OPERATIONS

READS = frozenset(name for name, operation in OPERATIONS.items() if operation.method in ("GET", "HEAD"))


class ReadOnly(Layer):
    """Lets reads through, and what is named besides. SelectObjectContent is asked with POST and yet a read."""

    def __init__(self, inner: Backend, *besides: str) -> None:
        super().__init__(inner)
        self._passed = READS | {"SelectObjectContent", *besides}

    async def call(self, operation: str, arguments: Arguments) -> Answer:
        """Pass a read on. Raises AccessDenied for everything else."""
        if operation not in self._passed:
            raise S3Error("AccessDenied", "This backend is read-only.")
        return await self.inner.call(operation, arguments)

    async def ready(self) -> Answer:
        """What lies behind says, but for writes."""
        return {**await self.inner.ready(), "write": False}
