"""The AWS SDKs of other languages, each with its default checksums: a small program beside this file for each."""

from __future__ import annotations

import pytest

from tests.clients.conftest import Shell


@pytest.mark.parametrize("doing", ["objects", "listing", "multipart", "presign"])
@pytest.mark.parametrize("sdk", ["sdk-js", "sdk-go", "sdk-java"])
def test_sdk(shell: Shell, sdk: str, doing: str) -> None:
    """The program, which compares what it gets with what it put, ends well."""
    shell.run(sdk, doing)
