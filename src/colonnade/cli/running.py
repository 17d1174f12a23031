"""What the server that runs with a configuration says of itself: its health page, asked at an address of its own."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from typing import Any

from colonnade.config.settings import Settings
from colonnade.server.listen import parse_address

#: Seconds that a server on this machine has to answer.
PATIENCE = 2.0


def ask(settings: Settings) -> dict[str, Any] | None:
    """The page, None if the configuration has none (no `health`), or nobody answers."""
    path = settings.values["health"]
    if not path:
        return None
    for address in settings.addresses:
        try:
            connection = _connection(address, tls=bool(settings.values["cert"]))
            connection.request("GET", f"{path}?ready", headers={"Host": "localhost"})
            said = json.loads(connection.getresponse().read())
        except (OSError, ValueError, http.client.HTTPException):
            continue
        return said if isinstance(said, dict) else None
    return None


def _connection(text: str, *, tls: bool) -> http.client.HTTPConnection:
    address = parse_address(text)
    if isinstance(address, str):
        connection = http.client.HTTPConnection("localhost", timeout=PATIENCE)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(PATIENCE)
        connection.sock.connect("\0" + address[1:] if address.startswith("@") else address)
        return connection
    host, port = address[0] or "127.0.0.1", address[1]
    if not tls:
        return http.client.HTTPConnection(host, port, timeout=PATIENCE)
    context = ssl.create_default_context()
    context.check_hostname = False  # the certificate is for what clients call it
    context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(host, port, timeout=PATIENCE, context=context)
