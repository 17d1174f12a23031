"""Whose new files and directories are: the account's that asks for them, where options want that."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from colonnade import context

if TYPE_CHECKING:
    from colonnade.backends.posix.options import Options


class Owner(NamedTuple):
    """User and group of what is made; -1 leaves the process's own."""

    uid: int = -1
    gid: int = -1

    def give(self, at: int | str, directory: int | None = None) -> None:
        """Make an open file, or a name in an open directory, the owner's. Raises OSError."""
        if self == NOBODY:
            return
        if isinstance(at, int):
            os.fchown(at, self.uid, self.gid)
        else:
            os.chown(at, self.uid, self.gid, dir_fd=directory, follow_symlinks=False)


#: Leaves all as it is.
NOBODY = Owner()


def of_caller(options: Options) -> Owner:
    """The owner of what is made for the request in hand. Anonymous callers and root own nothing on disk."""
    account = context.caller()
    if account is None or account.root or not (options.chuid or options.chgid):
        return NOBODY
    uid = account.user_id if options.chuid and account.user_id != os.geteuid() else -1
    gid = account.group_id if options.chgid and account.group_id != os.getegid() else -1
    return Owner(uid, gid)
