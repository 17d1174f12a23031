"""Who is sent counters of requests."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from colonnade.config.flags import ConfigError

if TYPE_CHECKING:
    from colonnade.metrics.statsd import Counters


def build(values: Mapping[str, Any]) -> Counters | None:
    """The counters, None if nobody is to be sent any. Raises ConfigError."""
    if not values["metrics_statsd_servers"] and not values["metrics_dogstatsd_servers"]:
        return None
    from colonnade.metrics.statsd import Counters, dog, influx

    servers = [(_address("metrics-statsd-servers", text), influx) for text in values["metrics_statsd_servers"]]
    servers += [(_address("metrics-dogstatsd-servers", text), dog) for text in values["metrics_dogstatsd_servers"]]
    return Counters(values["metrics_service_name"] or socket.gethostname(), servers)


def _address(flag: str, text: str) -> tuple[int, Any]:
    """The family and the address that ``host:port`` stands for."""
    host, _, port = text.rpartition(":")
    try:
        family, _, _, _, address = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_DGRAM)[0]
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "allowed is host:port"
        raise ConfigError(f"{flag}: {text}: {why}") from error
    return family, address
