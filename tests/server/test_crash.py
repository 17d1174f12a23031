"""A gateway that is killed in the middle of everything, many times, loses nothing it acknowledged."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

COLONNADE = Path(sys.executable).with_name("colonnade")
LIFES = 12


@contextmanager
def gateway(directory: Path) -> Iterator[tuple[Any, subprocess.Popen[str]]]:
    """The real command over a directory, two workers; killed without warning at the end."""
    command = [str(COLONNADE), "--print-env", "--quiet", "--workers=2", "--port=127.0.0.1:0"]
    command += ["--access=root", "--secret=secret-of-root", "posix", str(directory)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip().partition("=")[2]
        client = boto3.client(
            "s3",
            endpoint_url=url,
            aws_access_key_id="root",
            aws_secret_access_key="secret-of-root",
            region_name="us-east-1",
            config=Config(retries={"total_max_attempts": 1}, read_timeout=60),
        )
        yield client, process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def content(key: str, number: int) -> bytes:
    """What is written under a key the nth time: its length and every block of it follow from that."""
    block = f"{key} {number};".encode()
    return block * (1 + hash((key, number)) % 30_000)


def write(client: Any, name: str, acknowledged: dict[str, int], attempted: dict[str, int]) -> None:
    """Overwrite a few keys until the gateway is gone; note what was begun and what was acknowledged."""
    number = max(attempted.values(), default=0)
    while True:
        number += 1
        key = f"{name}/deep/{number % 5}"
        attempted[key] = number
        try:
            client.put_object(Bucket="bucket", Key=key, Body=content(key, number))
        except Exception:
            return
        acknowledged[key] = number


def test_killed_many_times(tmp_path: Path) -> None:
    """After kill -9 every object is whole, none older than acknowledged, and the next start clears what was left."""
    with gateway(tmp_path) as (client, _):
        client.create_bucket(Bucket="bucket")
    acknowledged: dict[str, dict[str, int]] = {f"w{index}": {} for index in range(4)}
    attempted: dict[str, dict[str, int]] = {name: {} for name in acknowledged}
    for life in range(LIFES):
        with gateway(tmp_path) as (client, _):
            check(client, tmp_path, acknowledged, attempted)
            threads = [
                threading.Thread(target=write, args=(client, name, acknowledged[name], attempted[name]))
                for name in acknowledged
            ]
            for thread in threads:
                thread.start()
            time.sleep(random.uniform(0.1, 0.5))
            while life == LIFES - 1 and sum(map(len, acknowledged.values())) < 20:
                assert any(thread.is_alive() for thread in threads)
                time.sleep(0.1)
        for thread in threads:
            thread.join()
    with gateway(tmp_path) as (client, _):
        check(client, tmp_path, acknowledged, attempted)


def check(
    client: Any, directory: Path, acknowledged: dict[str, dict[str, int]], attempted: dict[str, dict[str, int]]
) -> None:
    """What a gateway finds that was just started."""
    for name, kept in acknowledged.items():
        for key, number in kept.items():
            body = client.get_object(Bucket="bucket", Key=key)["Body"].read()
            begun = range(number, attempted[name][key] + 1)
            assert body in [content(key, candidate) for candidate in begun]
    left = [path.name for path in (directory / "bucket" / ".sgwtmp").glob("*") if path.is_file()]
    assert left == []


def test_an_upload_in_parts_survives(tmp_path: Path) -> None:
    """Parts that were acknowledged before kill -9 are joined after it, also when killed while completing."""
    body = os.urandom(5 * 1024 * 1024)
    with gateway(tmp_path) as (client, _):
        client.create_bucket(Bucket="bucket")
        upload = client.create_multipart_upload(Bucket="bucket", Key="k")["UploadId"]
        parts = [
            {
                "PartNumber": number,
                "ETag": client.upload_part(Bucket="bucket", Key="k", UploadId=upload, PartNumber=number, Body=body)[
                    "ETag"
                ],
            }
            for number in (1, 2, 3)
        ]
    for pause in (0.0, 0.002, 0.005, 0.01, 0.02):
        with gateway(tmp_path) as (client, _):
            arguments = {"Bucket": "bucket", "Key": "k", "UploadId": upload, "MultipartUpload": {"Parts": parts}}
            thread = threading.Thread(target=quietly, args=(client.complete_multipart_upload, arguments))
            thread.start()
            time.sleep(pause)
        thread.join()
    with gateway(tmp_path) as (client, _):
        client.complete_multipart_upload(**arguments)
        assert client.get_object(Bucket="bucket", Key="k")["Body"].read() == body * 3


def quietly(function: Any, arguments: dict[str, Any]) -> None:
    """Call something that may be cut off."""
    try:
        function(**arguments)
    except Exception:
        return


def test_one_of_many_creators_wins(tmp_path: Path) -> None:
    """Of many writers with If-None-Match: * through two gateways on one directory exactly one wins, each time."""
    with gateway(tmp_path) as (first, _), gateway(tmp_path) as (second, _):
        first.create_bucket(Bucket="bucket")
        for attempt in range(5):
            won: list[int] = []
            refusals: set[str] = set()

            def put(
                index: int, key: str = f"key-{attempt}", won: list[int] = won, refusals: set[str] = refusals
            ) -> None:
                client = (first, second)[index % 2]
                try:
                    client.put_object(Bucket="bucket", Key=key, Body=b"%d" % index, IfNoneMatch="*")
                except client.exceptions.ClientError as error:
                    refusals.add(error.response["Error"]["Code"])
                else:
                    won.append(index)

            threads = [threading.Thread(target=put, args=(index,)) for index in range(20)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert (len(won), refusals) == (1, {"PreconditionFailed"})
            assert first.get_object(Bucket="bucket", Key=f"key-{attempt}")["Body"].read() == b"%d" % won[0]
