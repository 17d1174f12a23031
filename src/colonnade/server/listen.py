"""Listener addresses, and the sockets behind them.

The sockets are bound by us, before workers are forked: a second gateway on the same port is told so at once, port 0
works, and so do abstract sockets. Each worker has a socket of its own on a TCP port, among which the kernel spreads
connections: of one that all share, whoever wakes first takes nearly every connection (measured: 32 of 32).
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import stat
from dataclasses import dataclass
from typing import Any

BACKLOG = 1024

FORMS = ":7070, host:7070, 192.0.2.1:7070, [2001:db8::1]:7070, /run/colonnade.sock, ./colonnade.sock or @name"


class ListenError(Exception):
    """An address that can't be understood or listened on; the message says which and why."""


@dataclass(frozen=True)
class Listener:
    """An address that is listened on: one socket for each worker, or one that they share (unix sockets)."""

    sockets: tuple[socket.socket, ...]

    def of_worker(self, index: int) -> socket.socket:
        """The socket that worker number `index` accepts connections from."""
        return self.sockets[index % len(self.sockets)]

    @property
    def is_unix(self) -> bool:
        """Whether this is a unix socket."""
        return self.sockets[0].family == socket.AF_UNIX

    def url(self, tls: bool) -> str:
        """The URL a client on this machine reaches it by."""
        if self.is_unix:
            name = self.sockets[0].getsockname()
            return "unix:" + ("@" + name[1:].decode() if isinstance(name, bytes) else str(name))
        host, port = self.sockets[0].getsockname()[:2]
        if host in ("::", "0.0.0.0"):  # noqa: S104 (compared, not bound)
            host = "127.0.0.1"
        return f"{'https' if tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"

    def close(self) -> None:
        """Stop listening; the file of a unix socket goes too."""
        name = self.sockets[0].getsockname() if self.is_unix else ""
        for bound in self.sockets:
            bound.close()
        if isinstance(name, str) and name.startswith("/"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)


def parse_address(text: str) -> tuple[str, int] | str:
    """``(host, port)``, the host empty for every interface, or the path of a unix socket (``@name``: abstract).

    Raises ListenError for anything else.
    """
    if text.startswith(("/", "./", "../")):
        return os.path.abspath(text)
    if text.startswith("@") and len(text) > 1:
        return text
    host, colon, port = text.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise ListenError(f"{text!r} is not an address to listen on; allowed are {FORMS}")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise ListenError(f"{text!r}: an IPv6 address goes in brackets, [{host}]:{port}")
    return host, int(port)


def listen(text: str, socket_perm: int | None = None, workers: int = 1) -> list[Listener]:
    """Bind every address `text` stands for; a host name may stand for several. Raises ListenError."""
    address = parse_address(text)
    try:
        if isinstance(address, str):
            return [_unix(address, socket_perm)]
        host, port = address
        if not host:
            return [_every_interface(port, workers)]
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        return [_tcp(family, sockaddr, workers) for family, _, _, _, sockaddr in dict.fromkeys(found)]
    except OSError as error:
        raise ListenError(f"cannot listen on {text}: {error.strerror or error}") from error


def _every_interface(port: int, workers: int) -> Listener:
    """IPv6 and IPv4 at once, or IPv4 alone where the machine has no IPv6."""
    if socket.has_dualstack_ipv6():
        try:
            return _tcp(socket.AF_INET6, ("::", port), workers, dual=True)
        except OSError as error:
            if error.errno not in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
                raise
    return _tcp(socket.AF_INET, ("0.0.0.0", port), workers)  # noqa: S104 (asked for: no host is every interface)


def _tcp(family: int, sockaddr: tuple[Any, ...], workers: int, dual: bool = False) -> Listener:
    bound: list[socket.socket] = []
    try:
        for _ in range(workers):
            bound.append(opened := socket.socket(family, socket.SOCK_STREAM))
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            # Accepted connections inherit it: without, the last piece of a body waits for the client's delayed ACK.
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if family == socket.AF_INET6:
                opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, not dual)
            if opened is not bound[0]:
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            opened.bind(sockaddr)
            # Only once the first has the port to itself is it shared: another gateway on it is found out.
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            sockaddr = bound[0].getsockname()
        for opened in bound:
            opened.listen(BACKLOG)
    except BaseException:
        for opened in bound:
            opened.close()
        raise
    return Listener(tuple(bound))


def _unix(path: str, socket_perm: int | None) -> Listener:
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if path.startswith("@"):
            bound.bind("\0" + path[1:])
        else:
            _remove_stale(path)
            bound.bind(path)
            if socket_perm is not None:
                os.chmod(path, socket_perm)
        bound.listen(BACKLOG)
    except BaseException:
        bound.close()
        raise
    return Listener((bound,))


def _remove_stale(path: str) -> None:
    """Remove a socket file nobody listens on any more; anything else stands in the way and stays."""
    try:
        if not stat.S_ISSOCK(os.lstat(path).st_mode):
            return
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            os.unlink(path)
