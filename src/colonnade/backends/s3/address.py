"""Where a request goes: scheme, host and path, with the bucket in the one or the other."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import quote, urlsplit

#: Buckets that can be a label of a host name. With dots no wildcard certificate covers them.
_LABEL = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Address:
    """The service's address. Raises ValueError for an endpoint that can't be one.

    Cloudflare R2 shows a bucket's URL as ``https://account.r2.cloudflarestorage.com/bucket``: one name as the path
    is that of a bucket and left out, since every request names its own. A path that ends in a slash or has several
    names, such as ``/storage/v1/s3``, is where the service is mounted.
    """

    def __init__(self, endpoint: str | None, region: str, path_style: bool) -> None:
        if endpoint is None:
            suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
            self.scheme, self.host, self.path_style = "https", f"s3.{region}.{suffix}", False
            self.base = ""
            return
        parts = urlsplit(endpoint if "://" in endpoint else f"https://{endpoint}")
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or parts.query or parts.username is not None:
            raise ValueError(f"endpoint: {endpoint!r} is no address such as https://s3.example.com")
        port = parts.port
        name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        self.scheme = parts.scheme
        self.host = name if port in (None, _DEFAULT_PORTS[parts.scheme]) else f"{name}:{port}"
        names = parts.path.strip("/")
        self.base = f"/{quote(names, safe='/%~')}" if "/" in names or (names and parts.path.endswith("/")) else ""
        self.path_style = path_style or bool(self.base) or _local(parts.hostname)

    def place(self, path: str) -> tuple[str, str]:
        """Host and path for a path in path style (``/bucket/key``, percent-encoded)."""
        bucket, _, key = path[1:].partition("/")
        if self.path_style or not _LABEL.fullmatch(bucket):
            return self.host, self.base + path
        return f"{bucket}.{self.host}", f"/{key}"


def _local(host: str) -> bool:
    """Whether the host can have no sub-domains: an IP address, this machine or another of its network."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." not in host
    return True
