"""What the server promises of HTTP, over raw sockets."""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Iterator
from contextlib import closing

import boto3
import pytest
from botocore.config import Config

import colonnade.testing
from colonnade.testing import RunningServer


@pytest.fixture(scope="module")
def running() -> Iterator[RunningServer]:
    """One server in memory, with one bucket."""
    with colonnade.testing.server(health="/health") as server:
        boto3.client("s3", **server.boto3).create_bucket(Bucket="bucket")
        yield server


@pytest.fixture
def connection(running: RunningServer) -> Iterator[http.client.HTTPConnection]:
    """A connection of one's own."""
    with closing(http.client.HTTPConnection(running.url.removeprefix("http://"), timeout=60)) as opened:
        yield opened


def presigned(running: RunningServer, method: str = "put_object", key: str = "key") -> str:
    """A presigned path and query."""
    client = boto3.client("s3", **running.boto3, config=Config(signature_version="s3v4"))
    url: str = client.generate_presigned_url(method, Params={"Bucket": "bucket", "Key": key})
    return url.removeprefix(running.url)


def raw(running: RunningServer, head: str, body: bytes = b"", enough: bytes = b"</Error>") -> bytes:
    """Send a request as it stands; what comes back until there is enough of it, or the server closes or is silent."""
    host, port = running.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as client:
        client.sendall(head.replace("\n", "\r\n").encode() + b"\r\n" + body)
        received = b""
        try:
            while piece := client.recv(65536):
                received += piece
                if enough in received or (b"\r\n\r\n" in received and b"100 Continue" not in received):
                    break
        except TimeoutError:
            pass
    return received


def test_health_is_answered_without_a_signature(connection: http.client.HTTPConnection) -> None:
    """The health path says 200 to anybody."""
    connection.request("GET", "/health")
    assert connection.getresponse().status == 200


def test_connections_are_kept_alive(connection: http.client.HTTPConnection) -> None:
    """Several requests go over one connection, errors among them."""
    for _ in range(3):
        connection.request("GET", "/bucket/none")
        answer = connection.getresponse()
        answer.read()
        assert (answer.status, answer.will_close) == (403, False)


def test_a_refused_upload_is_refused_before_it_is_sent(running: RunningServer) -> None:
    """With Expect: 100-continue and a wrong signature the final answer comes at once, and no 100."""
    path = presigned(running) + "0"
    received = raw(running, f"PUT {path} HTTP/1.1\nHost: {running.url[7:]}\nContent-Length: 9\nExpect: 100-continue\n")
    assert received.startswith(b"HTTP/1.1 403")
    assert b"SignatureDoesNotMatch" in received


def test_a_good_upload_is_asked_for(running: RunningServer) -> None:
    """With Expect: 100-continue and a right signature the client is told to go on."""
    head = f"PUT {presigned(running)} HTTP/1.1\nHost: {running.url[7:]}\nContent-Length: 9\nExpect: 100-continue\n"
    assert raw(running, head, enough=b"\r\n\r\n").startswith(b"HTTP/1.1 100")


def test_an_upload_without_any_length_is_411(running: RunningServer) -> None:
    """Neither Content-Length nor chunks: MissingContentLength."""
    received = raw(running, f"PUT {presigned(running)} HTTP/1.1\nHost: {running.url[7:]}\n")
    assert received.startswith(b"HTTP/1.1 411")
    assert b"<Code>MissingContentLength</Code>" in received


def test_plain_chunked_uploads_are_accepted(running: RunningServer, connection: http.client.HTTPConnection) -> None:
    """Transfer-Encoding: chunked without a length is stored whole."""
    connection.request("PUT", presigned(running, key="chunked"), iter([b"hel", b"lo"]), encode_chunked=True)
    assert connection.getresponse().status == 200
    client = boto3.client("s3", **running.boto3)
    assert client.get_object(Bucket="bucket", Key="chunked")["Body"].read() == b"hello"


def test_a_vanishing_client_leaves_nothing(running: RunningServer) -> None:
    """An upload whose client goes away in the middle is no object."""
    head = f"PUT {presigned(running, key='gone')} HTTP/1.1\r\nHost: {running.url[7:]}\r\nContent-Length: 99\r\n\r\nhalf"
    host, port = running.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as client:
        client.sendall(head.encode())
    time.sleep(0.2)
    listed = boto3.client("s3", **running.boto3).list_objects_v2(Bucket="bucket", Prefix="gone")
    assert listed["KeyCount"] == 0


def test_every_answer_has_its_ids(connection: http.client.HTTPConnection) -> None:
    """x-amz-request-id and x-amz-id-2 stand in the headers and in the error document."""
    connection.request("GET", "/bucket/none")
    answer = connection.getresponse()
    document = answer.read().decode()
    assert f"<RequestId>{answer.headers['x-amz-request-id']}</RequestId>" in document
    assert f"<HostId>{answer.headers['x-amz-id-2']}</HostId>" in document


def test_a_large_body_goes_both_ways(running: RunningServer) -> None:
    """Several megabytes come back as they were sent."""
    client = boto3.client("s3", **running.boto3)
    body = bytes(range(256)) * 40_000
    client.put_object(Bucket="bucket", Key="large", Body=body)
    assert client.get_object(Bucket="bucket", Key="large")["Body"].read() == body
