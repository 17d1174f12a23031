"""Which HTTP is spoken: 1.1 everywhere, 2 where TLS lets client and server agree on it."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme

from tests.cli.command import serving

#: What a client that takes HTTP/2 for granted begins with (RFC 9113, 3.4), and an empty SETTINGS frame.
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))

ROOT_KEYS = {"ROOT_ACCESS_KEY_ID": "rootaccess", "ROOT_SECRET_ACCESS_KEY": "rootsecret"}


@pytest.fixture
def address(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[str, int]]:
    """Where a server listens."""
    words: list[str | Path] = []
    if request.param:
        certificate = tmp_path / "both.pem"
        trustme.CA().issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(certificate)
        words = ["--cert", certificate, "--key", certificate]
    (tmp_path / "data").mkdir()
    with serving(*words, "posix", tmp_path / "data", env=ROOT_KEYS) as running:
        where = urlsplit(running.url)
        yield where.hostname or "", where.port or 0


def agreed(address: tuple[str, int], *offered: str) -> ssl.SSLSocket:
    """A TLS connection for which these were offered."""
    context = ssl._create_unverified_context()
    context.set_alpn_protocols(list(offered))
    return context.wrap_socket(socket.create_connection(address, timeout=30))


@pytest.mark.parametrize("address", [True], indirect=True)
def test_two_is_agreed_on_within_tls(address: tuple[str, int]) -> None:
    """A client that offers both gets HTTP/2, and is answered in it."""
    with agreed(address, "h2", "http/1.1") as client:
        assert client.selected_alpn_protocol() == "h2"
        client.sendall(PREFACE)
        assert client.recv(9)[3] == 4  # SETTINGS


@pytest.mark.parametrize("address", [True], indirect=True)
def test_one_is_agreed_on_within_tls(address: tuple[str, int]) -> None:
    """A client that knows HTTP/1.1 alone gets it."""
    with agreed(address, "http/1.1") as client:
        assert client.selected_alpn_protocol() == "http/1.1"
        client.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        assert client.recv(1000).startswith(b"HTTP/1.1 403 ")


@pytest.mark.parametrize("address", [False], indirect=True)
def test_two_is_not_taken_for_granted(address: tuple[str, int]) -> None:
    """Without TLS a client that begins with HTTP/2 is refused at once, and one that speaks HTTP/1.1 answered."""
    with socket.create_connection(address, timeout=30) as client:
        client.sendall(PREFACE)
        received = b""
        while piece := client.recv(1000):
            received += piece
        assert received.startswith(b"HTTP/1.1 4") or not received
    with socket.create_connection(address, timeout=30) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        assert client.recv(1000).startswith(b"HTTP/1.1 403 ")
