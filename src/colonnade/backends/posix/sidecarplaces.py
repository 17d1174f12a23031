"""Where in a sidecar what belongs to a path lies."""

from __future__ import annotations

import os
import re

from colonnade.backends.posix.names import TMP
from colonnade.backends.posix.paths import Root
from colonnade.backends.posix.underway import UnderWay

#: An upload, and what is in it, while it is being completed.
_CLAIM = re.compile(rf"(/{re.escape(TMP)}/multipart/[^/]+/[^/.]+)\.[^/]*\.inprogress(?=/|$)")


class SidecarPlaces:
    """The places below `top`. `versions` is where older versions lie, by an absolute path."""

    def __init__(self, root: Root, top: str, versions: str) -> None:
        self.top = top
        self.under_way = UnderWay(top)
        self._root = root
        self._versions = versions

    def relative(self, path: str) -> str:
        """What names a thing: relative to the served directory, absolute for an older version.

        An upload that is being completed has its name of before: so its attributes need no renaming with it.
        """
        path = path.removeprefix(f"{self._root.path}/")
        return _CLAIM.sub(r"\1", path) if ".inprogress" in path else path

    def home(self, path: str) -> str:
        """The directory that a thing's attributes have below: its place in the sidecar."""
        return f"{self.top}/{self.relative(path).lstrip('/')}"

    def bucket_of(self, path: str) -> str:
        """The bucket that a thing is in."""
        return (path.removeprefix(self._versions) if self._versions else path).lstrip("/").partition("/")[0]

    def at(self, path: str) -> str:
        """The absolute path of the thing itself."""
        return path if path[0] == "/" else self._root.at(path)

    def coming(self, path: str, status: os.stat_result) -> str:
        """Where the attributes of a file lie that is about to be, or just became, `path`."""
        return self.under_way.of(self.relative(path), status)
