"""Where a gateway listens, and for what: S3, and the administrator's API if it has a port of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from colonnade.config.flags import ConfigError

if TYPE_CHECKING:
    from colonnade.app import Gateway
    from colonnade.server.settings import Application, Door

#: The settings that name a certificate, and its key.
_TLS = (("cert", "key"), ("admin-cert", "admin-cert-key"))


def check(values: Mapping[str, Any]) -> None:
    """Whether the settings of doors agree. Raises ConfigError."""
    for pair in _TLS:
        there = [name for name in pair if _value(values, name)]
        if len(there) == 1:
            missing = pair[1 - pair.index(there[0])]
            raise ConfigError(f"{there[0]} is given without {missing}: TLS needs both")
        for name in there:
            if not Path(_value(values, name)).is_file():
                raise ConfigError(f"{name}: there is no file {_value(values, name)!r}")
    if values["admin_cert"] and not values["admin_port"]:
        raise ConfigError("admin-cert is given without admin-port: the S3 port's certificate is cert")


def addresses(values: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """The addresses that `port` or `admin-port` names, each once, in a form the server takes. Raises ConfigError."""
    return tuple(_address(name, text) for text in dict.fromkeys(_value(values, name)))


def doors(values: Mapping[str, Any], workers: int) -> Iterable[Door]:
    """The doors of a gateway, that of S3 first."""
    from colonnade.admin.port import AdminPort
    from colonnade.server.settings import Door

    def admin(gateway: Gateway) -> Application:
        return AdminPort(gateway, max_requests=-(-values["admin_max_requests"] // workers))

    cert, key = _tls(values, *_TLS[0])
    yield Door(addresses(values, "port"), cert=cert, key=key, max_connections=values["max_connections"])
    if values["admin_port"]:
        cert, key = _tls(values, *_TLS[1])
        yield Door(addresses(values, "admin-port"), admin, cert, key, values["admin_max_connections"])


def _tls(values: Mapping[str, Any], *names: str) -> Iterable[Path | None]:
    return [Path(_value(values, name)) if _value(values, name) else None for name in names]


def _value(values: Mapping[str, Any], name: str) -> Any:
    return values[name.replace("-", "_")]


def _address(name: str, text: str) -> str:
    """A bare number is a port: container setups often give that."""
    from colonnade.server.listen import ListenError, parse_address

    address = f":{text}" if text.isascii() and text.isdigit() else text
    try:
        parse_address(address)
    except ListenError as error:
        raise ConfigError(f"{name}: {error}") from error
    return address
