"""SIGHUP: certificates are read anew, and nothing else happens."""

from __future__ import annotations

import signal
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
import trustme
from botocore.config import Config

from tests.cli.command import Serving, serving

ROOT_KEYS = {"ROOT_ACCESS_KEY_ID": "rootaccess", "ROOT_SECRET_ACCESS_KEY": "rootsecret"}


def issue(folder: Path) -> None:
    """Another certificate in the place of the one there is, and of who signed that."""
    authority = trustme.CA()
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(folder / "both.pem")
    authority.cert_pem.write_to_path(folder / "ca.pem")


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[tuple[Serving, Path]]:
    """A server with a certificate and two workers, and a large object; where the certificate is."""
    issue(tmp_path)
    (tmp_path / "data" / "bucket").mkdir(parents=True)
    (tmp_path / "data" / "bucket" / "large").write_bytes(bytes(32 << 20))
    words: list[str | Path] = ["--workers", "2", "--cert", tmp_path / "both.pem", "--key", tmp_path / "both.pem"]
    with serving(*words, "posix", tmp_path / "data", env=ROOT_KEYS) as running:
        yield running, tmp_path


def certificate(url: str) -> str:
    """What a server shows just now. Asked again where a handshake is cut, which renewing may do to it."""
    where = urlsplit(url)
    until = time.monotonic() + 60
    while True:
        try:
            return ssl.get_server_certificate((where.hostname or "", where.port or 0), timeout=20)
        except (ssl.SSLEOFError, ConnectionResetError):
            assert time.monotonic() < until, "no handshake succeeds"


def settled(url: str) -> str:
    """What it shows once eight connections in a row, which go to either worker, were shown the same."""
    until = time.monotonic() + 30
    while len(seen := {certificate(url) for _ in range(8)}) > 1:
        assert time.monotonic() < until, "workers go on showing several certificates"
        time.sleep(0.1)
    return seen.pop()


def test_a_new_certificate_is_shown(tls: tuple[Serving, Path]) -> None:
    """By all workers; a download that runs meanwhile is carried to its end."""
    server, folder = tls
    before = settled(server.url)
    client = boto3.client("s3", endpoint_url=server.url, verify=str(folder / "ca.pem"), **keys(server))
    body = client.get_object(Bucket="bucket", Key="large")["Body"]
    first = body.read(1000)
    issue(folder)
    server.process.send_signal(signal.SIGHUP)
    wait_for(lambda: settled(server.url) != before)
    assert len(first) + len(body.read()) == 32 << 20
    assert server.stop().count("Error") == 0


def test_a_certificate_that_is_none_changes_nothing(tls: tuple[Serving, Path]) -> None:
    """The former one is shown on, and stderr says why."""
    server, folder = tls
    before = settled(server.url)
    (folder / "both.pem").write_text("nonsense")
    server.process.send_signal(signal.SIGHUP)
    server.says("certificates can't be read anew, the former stay")
    assert settled(server.url) == before


def test_without_certificates_nothing_happens(tmp_path: Path) -> None:
    """A server isn't ended by it."""
    with serving("posix", tmp_path, env=ROOT_KEYS) as server:
        for _ in range(3):
            server.process.send_signal(signal.SIGHUP)
            server.client().list_buckets()
        server.stop()
        assert server.process.returncode == 0


def keys(server: Serving) -> dict[str, Any]:
    """Further arguments of a client."""
    return {
        "aws_access_key_id": server.env["AWS_ACCESS_KEY_ID"],
        "aws_secret_access_key": server.env["AWS_SECRET_ACCESS_KEY"],
        "region_name": server.env["AWS_REGION"],
        "config": Config(retries={"total_max_attempts": 1}),
    }


def wait_for(holds: Callable[[], bool]) -> None:
    """Wait until something holds, for at most half a minute."""
    until = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < until, "it never held"
        time.sleep(0.1)
