"""The part of the build that may be missing: a small library, compiled where there is a C compiler."""

from __future__ import annotations

import runpy
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_POSIX = Path("src/colonnade/backends/posix")


class Compiling(BuildHookInterface):
    """Compiles beside the source: so it is there for an editable installation too, and left out of the repository."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before files are gathered. A wheel with the library is for one platform, but any Python."""
        module = runpy.run_path(str(self.root / _POSIX / "build.py"))
        if module["compile_to"]():
            # Only what was made now: one that lies there may be of an older source or another machine.
            build_data["artifacts"].append(str(_POSIX / module["LIBRARY"].name))
            platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{platform}"
