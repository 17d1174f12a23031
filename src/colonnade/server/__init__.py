"""Serving a gateway: listeners, worker processes, TLS and signals."""

from colonnade.server.listen import Listener, ListenError, parse_address
from colonnade.server.settings import Door, ServerSettings
from colonnade.server.supervisor import serve

__all__ = ["Door", "ListenError", "Listener", "ServerSettings", "parse_address", "serve"]
