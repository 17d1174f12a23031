"""The account store of a gateway that has no other: root alone."""

from __future__ import annotations

from colonnade.iam.accounts import Account, Accounts, Role


class SingleAccount(Accounts):
    """Knows root and nobody else."""

    def __init__(self, access: str, secret: str) -> None:
        self.root = Account(access, secret, Role.ADMIN, root=True)

    async def get(self, access: str) -> Account | None:
        """Root, if that is who is asked for."""
        return self.root if access == self.root.access else None
