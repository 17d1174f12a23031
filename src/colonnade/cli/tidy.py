"""``colonnade tidy --config FILE``: take away delete markers that hide nothing any more.

Of a backend that is alone again all of them go, and the bucket that remembered deleted ones.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from colonnade.cli import serve
from colonnade.cli.parse import Given
from colonnade.cli.serving import log_to_stderr
from colonnade.config.settings import Settings

if TYPE_CHECKING:
    from colonnade.multi import Overlay


def run(given: Given, flags: Given, arguments: list[str]) -> int:
    """Look through all of them, beside live traffic if need be; prints each that goes."""
    settings = serve.read("tidy", given, flags, arguments)
    log_to_stderr(debug=settings.values["debug"], quiet=settings.values["quiet"])
    count = asyncio.run(_tidy(settings))
    print(f"{count} {'marker' if count == 1 else 'markers'} taken away")
    return 0


async def _tidy(settings: Settings) -> int:
    from colonnade.multi import Member, Overlay, Role

    overlay = settings.backend()
    alone = not isinstance(overlay, Overlay)
    if not isinstance(overlay, Overlay):  # nothing lies below any more, so nothing is left to hide
        member = Member(settings.backends[0].name, overlay, Role.PRIMARY)
        overlay = Overlay([member], system_bucket=settings.overlay["system_bucket"])
    count = 0
    await overlay.start()
    try:
        async for bucket, key in overlay.sweep.run():
            print(f"{bucket}/{ascii(key)[1:-1]}" if key else bucket)
            count += 1
        if alone:
            await _without_system(overlay)
    finally:
        await overlay.close()
    return count


async def _without_system(overlay: Overlay) -> None:
    bucket = overlay.veil.tombstones.bucket
    outcome = await overlay.layers.primary.ask("DeleteBucket", {"Bucket": bucket})
    if outcome.code not in ("NoSuchBucket", "BucketNotEmpty"):
        outcome.take()
