"""``colonnade tidy --config FILE``: take away delete markers that hide nothing any more."""

from __future__ import annotations

import asyncio

from colonnade.cli import serve
from colonnade.cli.parse import Given
from colonnade.cli.serving import log_to_stderr
from colonnade.config.flags import ConfigError
from colonnade.config.settings import Settings


def run(given: Given, flags: Given, arguments: list[str]) -> int:
    """Look through all of them, beside live traffic if need be; prints each that goes."""
    settings = serve.read("tidy", given, flags, arguments)
    log_to_stderr(debug=settings.values["debug"], quiet=settings.values["quiet"])
    if len(settings.backends) < 2:
        raise ConfigError("tidy: there is one backend only, and nothing is hidden")
    count = asyncio.run(_tidy(settings))
    print(f"{count} {'marker' if count == 1 else 'markers'} taken away")
    return 0


async def _tidy(settings: Settings) -> int:
    from colonnade.multi import Overlay

    overlay = settings.backend()
    assert isinstance(overlay, Overlay)
    count = 0
    await overlay.start()
    try:
        async for bucket, key in overlay.sweep.run():
            print(f"{bucket}/{ascii(key)[1:-1]}" if key else bucket)
            count += 1
    finally:
        await overlay.close()
    return count
