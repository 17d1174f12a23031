"""Which bucket and key a request is about: path-style, or the bucket in the host name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from colonnade.errors import S3Error
from colonnade.wire import uri
from colonnade.wire.request import Request


@dataclass(frozen=True, slots=True)
class Target:
    """What a request is about: the service (neither), a bucket, or a key in a bucket."""

    bucket: str | None = None
    key: str | None = None

    @property
    def level(self) -> str:
        """service, bucket or object."""
        if self.key is not None:
            return "object"
        return "service" if self.bucket is None else "bucket"


_SERVICE = Target()

#: Paths of more bytes than this are not remembered.
_LONG = 256


def resolve(request: Request, virtual_domains: Sequence[str] = ()) -> Target:
    """The bucket and key of a request.

    ``bucket.domain`` for one of `virtual_domains` names the bucket (names with dots too), anything else is
    path-style. Slashes and dots in keys are kept as they are. Raises InvalidURI, InvalidBucketName.
    """
    bucket = _host_bucket(request.headers.get("host", ""), virtual_domains) if virtual_domains else None
    path = request.raw_path.removeprefix(request.mount)[1:]
    return _read(bucket, path) if len(path) > _LONG else _remembered(bucket, path)


def _read(bucket: str | None, path: bytes) -> Target:
    """What a path says, below the bucket if that is known already."""
    if bucket is None:
        if not path:
            return _SERVICE
        raw_bucket, _, path = path.partition(b"/")
        bucket = uri.decode(raw_bucket)
        if not bucket:
            raise S3Error("InvalidBucketName", BucketName="")
    return Target(bucket, uri.decode(path)) if path else Target(bucket)


_remembered = lru_cache(maxsize=4096)(_read)


def _host_bucket(host: str, domains: Sequence[str]) -> str | None:
    """The bucket in a Host header, None for path-style. The longest domain that fits decides."""
    name = _without_port(host).lower().rstrip(".")
    for domain in sorted(domains, key=len, reverse=True):
        bare = domain.lower().strip(".")
        if name == bare:
            return None
        if name.endswith(f".{bare}"):
            return name[: -len(bare) - 1]
    return None


def _without_port(host: str) -> str:
    """A Host header's name; an IPv6 address keeps its brackets."""
    name, colon, port = host.strip().rpartition(":")
    return name if colon and (port.isdigit() or not port) else host.strip()
