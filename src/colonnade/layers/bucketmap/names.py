"""The names alone: from a client's bucket to a place in the backend, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Place:
    """Where a bucket is kept: a bucket of the backend, or with a `prefix` (ending with a slash) a part of one."""

    bucket: str
    prefix: str = ""


@dataclass(frozen=True)
class Names:
    """How clients' buckets are named in a backend.

    `pairs` name single buckets: ``{"photos": "acme-photos"}``, or ``"attic/photos"`` for a part of one. All others
    are called the same with `prefix` in front, or are the first-level folders of the bucket `into`. Raises
    ValueError for a map in which two buckets would be one.
    """

    prefix: str = ""
    into: str = ""
    pairs: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.prefix and self.into:
            raise ValueError("bucket-prefix and into-bucket: give one of them")
        places = [self.place(bucket) for bucket in self.pairs]
        if not all(self.pairs) or not all(place is not None and place.bucket for place in places):
            raise ValueError("buckets: a pair needs two names")
        if len(set(places)) != len(places):
            raise ValueError("buckets: two of them lie in the same place")

    def place(self, bucket: str) -> Place | None:
        """Where a client's bucket is kept; None for a name that belongs to another bucket's place."""
        if bucket in self.pairs:
            stored, _, prefix = self.pairs[bucket].partition("/")
            return Place(stored, prefix.rstrip("/") + "/" if prefix else "")
        place = Place(self.into, f"{bucket}/") if self.into else Place(self.prefix + bucket)
        return None if self._taken(place) else place

    def bucket(self, stored: str) -> str | None:
        """What clients call a whole bucket of the backend; None for one they don't see under a name of its own."""
        for bucket in self.pairs:
            if self.place(bucket) == Place(stored):
                return bucket
        if self.into or not stored.startswith(self.prefix) or stored == self.prefix:
            return None
        bucket = stored.removeprefix(self.prefix)
        return None if bucket in self.pairs or self._taken(Place(stored)) else bucket

    def folders(self) -> list[tuple[str, Place]]:
        """The paired buckets that are parts of others."""
        places = [(bucket, self.place(bucket)) for bucket in self.pairs]
        return [(bucket, place) for bucket, place in places if place is not None and place.prefix]

    def _taken(self, place: Place) -> bool:
        """Whether a place is, or lies in the bucket of, what a pair names."""
        return any(self.place(bucket) == place for bucket in self.pairs)
