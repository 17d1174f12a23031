"""``colonnade test``: the conformance suite against any S3 endpoint, and a table of what passes.

The suite is the one that our own backends must pass: the wheel carries tests/conformance as it is, a checkout has it
in its place. It needs pytest and boto3: ``pip install 'colonnade[test]'``.
"""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

import colonnade
from colonnade.cli.parse import Given
from colonnade.config import options
from colonnade.config.flags import ConfigError
from colonnade.config.values import resolve


def run(given: Given, flags: Given, arguments: list[str]) -> int:
    """Run the suite; status 0 if all of it passes."""
    names = {name: value for name, value in given.items() if name in ("access", "secret", "region")}
    values = resolve(options.TEST, names | flags, os.environ)
    for flag in ("endpoint-url", "access", "secret"):
        if not values[flag.replace("-", "_")]:
            raise ConfigError(f"test: give --{flag}")
    try:
        import pytest

        from colonnade.testing import Endpoint
        from colonnade.testing.suite import Suite
    except ImportError as error:
        raise ConfigError(f"test: {error.name} is missing: pip install 'colonnade[test]'") from None
    top = _top()
    sys.path.insert(0, str(top))
    endpoint = Endpoint(values["endpoint_url"].rstrip("/"), values["access"], values["secret"], values["region"])
    suite = Suite(endpoint, f"conformance-{secrets.token_hex(4)}")
    chosen = ["-k", " or ".join(arguments)] if arguments else []
    # Another project's pytest configuration and plugins are no concern of this run.
    own = [
        "-c",
        os.devnull,
        "--rootdir",
        str(top),
        "--import-mode=importlib",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:asyncio",
    ]
    tests = top / "tests" / "conformance"
    left = [] if values["object_lock"] else [f"--ignore={tests / 'test_objectlock.py'}"]
    status = pytest.main([*own, "-p", "no:terminal", *left, *chosen, str(tests)], plugins=[suite])
    suite.clean()
    print(suite.table())
    return 0 if status == pytest.ExitCode.OK else 1


def _top() -> Path:
    """The directory below which tests/conformance is."""
    package = Path(colonnade.__file__).parent
    for top in (package / "_suite", package.parent.parent):
        if (top / "tests" / "conformance" / "conftest.py").exists():
            return top
    raise ConfigError("test: the conformance suite is not installed here")
