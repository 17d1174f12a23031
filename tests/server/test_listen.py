"""The forms an address to listen on may have."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from colonnade.server.listen import ListenError, listen, parse_address

GOOD: list[tuple[str, tuple[str, int] | str]] = [
    (":7070", ("", 7070)),
    ("127.0.0.1:0", ("127.0.0.1", 0)),
    ("localhost:80", ("localhost", 80)),
    ("[::1]:7070", ("::1", 7070)),
    ("/run/x.sock", "/run/x.sock"),
    ("@name", "@name"),
]


@pytest.mark.parametrize(("text", "address"), GOOD)
def test_address_forms(text: str, address: tuple[str, int] | str) -> None:
    """Each documented form is understood."""
    assert parse_address(text) == address


@pytest.mark.parametrize("text", ["", "7070", "host:", ":70700", "host:x", "::1:7070", "@", "x.sock"])
def test_other_forms_are_refused(text: str) -> None:
    """Anything else is refused, naming what was given."""
    with pytest.raises(ListenError, match=r"allowed are|brackets"):
        parse_address(text)


def test_a_port_in_use_is_said_at_once() -> None:
    """A second gateway on a port does not silently share it."""
    first = listen("127.0.0.1:0")[0]
    port = first.sockets[0].getsockname()[1]
    with pytest.raises(ListenError, match="in use"):
        listen(f"127.0.0.1:{port}")
    first.close()


def test_every_interface_answers_on_loopback() -> None:
    """An address without a host is reached over IPv4, and its URL names a host that works."""
    listener = listen(":0")[0]
    url = listener.url(tls=False)
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))):
        assert url.startswith("http://127.0.0.1:")
    listener.close()


def test_a_stale_socket_file_is_replaced(tmp_path: Path) -> None:
    """What a killed gateway left behind does not stop the next one; a live one does."""
    path = str(tmp_path / "c.sock")
    left = listen(path, 0o600)[0]
    left.sockets[0].close()
    again = listen(path, 0o600)[0]
    assert (Path(path).stat().st_mode & 0o777) == 0o600
    with pytest.raises(ListenError, match="in use"):
        listen(path)
    again.close()
    assert not Path(path).exists()
