"""`colonnade test`: the conformance suite against an endpoint that is already there."""

from __future__ import annotations

import boto3

from colonnade import testing
from colonnade.backend import Layer
from colonnade.backends import load
from colonnade.errors import S3Error
from tests.cli.command import colonnade


class Broken(Layer):
    """Deletes nothing that is asked for with others."""

    async def delete_objects(self, **_: object) -> dict[str, object]:
        """Refused."""
        raise S3Error("InternalError")


def test_what_passes_is_counted_and_nothing_is_left() -> None:
    """A table by area; the buckets of the run are gone afterwards, others stay."""
    with testing.server() as served:
        client = boto3.client("s3", **served.boto3)
        client.create_bucket(Bucket="mine")
        keys = ("--access", served.access, "--secret", served.secret)
        done = colonnade("test", "--endpoint-url", served.url, *keys, "test_ranges", "test_delete")
        left = [each["Name"] for each in client.list_buckets()["Buckets"]]
    assert (done.returncode, left) == (0, ["mine"])
    rows = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()}
    assert rows.keys() >= {"area", "delete", "ranges", "all"}
    assert (int(rows["all"][0]) > 20, rows["all"][1:]) == (True, ["0", "0"])


def test_what_fails_is_named() -> None:
    """Each failure with its reason, and status 1."""
    with testing.server(Broken(load("memory", {}))) as served:
        keys = {"AWS_ACCESS_KEY_ID": served.access, "AWS_SECRET_ACCESS_KEY": served.secret}
        done = colonnade("test", "-e", served.url, "test_delete", env=keys)
    assert done.returncode == 1
    assert "delete: test_" in done.stdout
    assert "InternalError" in done.stdout


def test_an_endpoint_is_needed() -> None:
    """One line says what is missing."""
    done = colonnade("test")
    assert (done.returncode, done.stderr) == (1, "colonnade: test: give --endpoint-url\n")
