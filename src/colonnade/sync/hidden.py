"""What an overlay's clients deleted is not brought back by a sync into its primary.

Beside live traffic a key may be missing from the primary because it was never copied, or because it was deleted
since: then there is a marker (see `colonnade.multi.markers`), or the store's own delete marker.
"""

from __future__ import annotations

from typing import Any

from colonnade.errors import S3Error
from colonnade.multi import markers, tombstones
from colonnade.sync.places import Place


async def is_deleted(place: Place, key: str) -> bool:
    """Whether a key that the place lacks was deleted there by clients of the overlay."""
    if not place.system:
        return False
    whole = place.prefix + key
    where = {"Bucket": place.bucket, "Key": whole}
    return await _holds(place, {**where, "Key": markers.name(whole)}) or await _has_own_marker(place, where)


async def is_bucket_deleted(place: Place) -> bool:
    """Whether the bucket was: then nothing that lies below belongs to the one of that name which may be there now."""
    key = tombstones.PREFIX + place.bucket
    return bool(place.system) and await _holds(place, {"Bucket": place.system, "Key": key})


async def _holds(place: Place, where: dict[str, Any]) -> bool:
    try:
        await place.backend.call("HeadObject", where)
    except S3Error as error:
        if error.status != 404:
            raise
        return False
    return True


async def _has_own_marker(place: Place, where: dict[str, Any]) -> bool:
    try:
        await place.backend.call("HeadObject", where)
    except S3Error as error:
        if error.status not in (404, 405):
            raise
        return bool(error.output.get("DeleteMarker"))
    return False
