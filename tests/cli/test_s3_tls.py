"""The way to a service over TLS: whom the gateway believes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import trustme
from botocore.exceptions import ClientError

from tests.cli.command import Serving, serving


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Serving, Path]]:
    """A service whose certificate nobody knows, with one bucket, and the file of who signed that."""
    directory = tmp_path_factory.mktemp("tls")
    (directory / "data" / "bucket").mkdir(parents=True)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(directory / "ca.pem")
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(directory / "both.pem")
    tls = ("--cert", directory / "both.pem", "--key", directory / "both.pem")
    with serving(*tls, "posix", directory / "data") as running:
        yield running, directory / "ca.pem"


def status(running: Serving, words: Sequence[str | Path]) -> int:
    """What a gateway in front of the service answers to a HEAD of its bucket."""
    keys = ("--access", running.env["AWS_ACCESS_KEY_ID"], "--secret", running.env["AWS_SECRET_ACCESS_KEY"])
    with serving("s3", "--endpoint", running.url, *keys, *words) as gateway:
        try:
            answer: Any = gateway.client().head_bucket(Bucket="bucket")
        except ClientError as error:
            answer = error.response
    return int(answer["ResponseMetadata"]["HTTPStatusCode"])


def test_unknown_certificates_are_refused(service: tuple[Serving, Path]) -> None:
    """A service that can't prove who it is isn't asked."""
    assert status(service[0], []) == 503


def test_a_ca_of_ones_own(service: tuple[Serving, Path]) -> None:
    """Certificates of an authority in a file are believed."""
    assert status(service[0], ["--ca-file", service[1]]) == 200


def test_anybody(service: tuple[Serving, Path]) -> None:
    """Or nothing is verified."""
    assert status(service[0], ["--ssl-skip-verify"]) == 200
