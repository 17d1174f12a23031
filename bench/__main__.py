"""``make bench``: rates in one run, side by side, as shares of a bare ASGI application's.

Every figure is the median of several rounds in which all are measured in turn, so that a machine whose speed drifts
changes all of them alike. Quote the shares, not the rates.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from bench import servers, wrk
from bench.hello import Hello

BODY = 4096
KEYS = 100


def main() -> int:
    """Measure, print a table, keep the JSON."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--peer", help="URL of another endpoint to measure beside (keys from the AWS_* variables)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each measurement")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path, default=Path("bench/result.json"))
    options = parser.parse_args()
    with ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory())
        hello = stack.enter_context(servers.running(Hello, options.workers))
        factory = servers.directory_gateway(directory, fsync=False)
        gateway = stack.enter_context(servers.running(factory, options.workers))
        load = partial(wrk.rate, connections=options.connections, seconds=options.seconds)
        figures: dict[str, Callable[[], float]] = {
            "hello": partial(load, hello, ["/"], method="GET", body=0),
            **endpoint("", gateway, load, aws_access_key_id=servers.ACCESS, aws_secret_access_key=servers.SECRET),
        }
        if options.peer:
            figures |= endpoint("peer ", options.peer, load)
        rounds = [{name: measure() for name, measure in figures.items()} for _ in range(options.rounds)]
    result = report(rounds)
    options.json.write_text(
        json.dumps({"options": vars(options) | {"json": None}, "rounds": rounds, **result}, indent=1)
    )
    return 0


def endpoint(label: str, url: str, load: Callable[..., float], **keys: str) -> Mapping[str, Callable[[], float]]:
    """What is measured of an S3 endpoint; its bucket and objects are made here."""
    config = Config(signature_version="s3v4", s3={"addressing_style": "path"})
    client: Any = boto3.client("s3", endpoint_url=url, region_name="us-east-1", config=config, **keys)
    bucket = "colonnade-bench"
    client.create_bucket(Bucket=bucket)
    for number in range(KEYS):
        client.put_object(Bucket=bucket, Key=f"k{number:03}", Body=b"x" * BODY)

    def sign(method: str, **arguments: Any) -> str:
        signed: str = client.generate_presigned_url(method, Params={"Bucket": bucket, **arguments}, ExpiresIn=86400)
        return signed.removeprefix(url)

    names = [f"k{number:03}" for number in range(KEYS)]
    gets = [sign("get_object", Key=name) for name in names]
    puts = [sign("put_object", Key=f"put/{name}") for name in names]
    lists = [sign("list_objects_v2", MaxKeys=KEYS, Delimiter="/")]
    return {
        f"{label}GET 4 KiB": partial(load, url, gets, method="GET", body=0),
        f"{label}PUT 4 KiB": partial(load, url, puts, method="PUT", body=BODY),
        f"{label}LIST {KEYS}": partial(load, url, lists, method="GET", body=0),
    }


def report(rounds: list[dict[str, float]]) -> dict[str, Any]:
    """Print medians and shares of hello; the same as a dict."""
    rates = {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
    shares = {name: statistics.median(one[name] / one["hello"] for one in rounds) for name in rounds[0]}
    print(f"{'what':<20}{'a second':>12}{'of hello':>10}")
    for name, value in rates.items():
        print(f"{name:<20}{value:>12,.0f}{shares[name]:>10.3f}")
    return {"rates": rates, "shares": shares}


if __name__ == "__main__":
    sys.exit(main())
