"""Counters over UDP."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.metrics.statsd import DATAGRAM, datagrams
from tests.cli.command import colonnade, serving
from tests.conformance.raw import refused


@pytest.fixture
def receiver() -> Iterator[socket.socket]:
    """Who is sent counters."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        udp.settimeout(0.2)
        yield udp


def received(udp: socket.socket) -> set[str]:
    """All lines that came."""
    found: set[str] = set()
    try:
        while True:
            found.update(udp.recv(65536).decode().splitlines())
    except TimeoutError:
        return found


def served(tmp_path: Path, *words: str) -> None:
    """Some requests to a server, which is stopped then."""
    with serving(*words, "-msn", "here", "posix", "--no-fsync", tmp_path) as running:
        client = running.client()
        client.create_bucket(Bucket="bbb")
        client.put_object(Bucket="bbb", Key="k", Body=b"hello")
        client.put_object(Bucket="bbb", Key="k", Body=b"hello")
        client.get_object(Bucket="bbb", Key="k", Range="bytes=1-2")["Body"].read()
        with refused("NoSuchKey"):
            client.get_object(Bucket="bbb", Key="none")
        client.delete_objects(Bucket="bbb", Delete={"Objects": [{"Key": "k"}, {"Key": "l"}]})


def test_requests_are_counted(tmp_path: Path, receiver: socket.socket) -> None:
    """With the compatible gateway's names and tags, as StatsD with InfluxDB's tags."""
    served(tmp_path, "--metrics-statsd-servers", f"127.0.0.1:{receiver.getsockname()[1]}")
    lines = received(receiver)
    put = "service=here,method=PUT,api=s3,action=PutObject,bucket=bbb,status=200"
    sums = {line.rpartition(":")[0]: int(line.rpartition(":")[2].removesuffix("|c")) for line in lines}
    assert sums[f"versitygw.success_count,{put}"] in (1, 2)  # two, unless a second began between them
    assert sums[f"versitygw.bytes_written,{put}"] in (5, 10)
    assert "versitygw.bytes_read,service=here,method=GET,api=s3,action=GetObject,bucket=bbb,status=206:2|c" in lines
    assert "versitygw.failed_count,service=here,method=GET,api=s3,action=GetObject,bucket=bbb,status=404:1|c" in lines
    removed = "service=here,method=POST,api=s3,action=DeleteObjects,bucket=bbb,status=200:2|c"
    assert f"versitygw.object_removed_count,{removed}" in lines


def test_requests_are_counted_for_dogs(tmp_path: Path, receiver: socket.socket) -> None:
    """DogStatsD has its tags behind."""
    served(tmp_path, "--metrics-dogstatsd-servers", f"127.0.0.1:{receiver.getsockname()[1]}")
    tags = "service:here,method:PUT,api:s3,action:CreateBucket,bucket:bbb,status:200"
    assert f"versitygw.success_count:1|c|#{tags}" in received(receiver)


def test_nobody_needs_to_be_there(tmp_path: Path) -> None:
    """Counters are sent and forgotten; a server whose name nobody knows is told at once."""
    served(tmp_path, "-mss", "127.0.0.1:1")
    done = colonnade("-mss", "no.such.host.invalid:1", "posix", tmp_path)
    assert done.stderr.startswith("colonnade: metrics-statsd-servers: no.such.host.invalid:1: ")


@given(st.lists(st.text("abc", min_size=1, max_size=DATAGRAM), max_size=50))
def test_datagrams_are_not_too_long(lines: list[str]) -> None:
    """And hold every line, in order."""
    sent = list(datagrams(iter(lines)))
    assert all(len(each) <= DATAGRAM for each in sent)
    assert [line for each in sent for line in each.decode().split("\n")] == lines
