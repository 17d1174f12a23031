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

from bench import layers, servers, streams, wrk
from bench.hello import Hello

BODY = 4096
KEYS_LISTED = 100
BUCKET = "colonnade-bench"
KEYS = {"aws_access_key_id": servers.ACCESS, "aws_secret_access_key": servers.SECRET}


def main() -> int:
    """Measure, print a table, keep the JSON."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--peer", help="URL of another endpoint to measure beside (keys from the AWS_* variables)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each measurement")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--streams", action="store_true", help="also large bodies: 1 GiB each, and 8 GiB at once")
    parser.add_argument("--directory", help="where the served directory is made; the system's temporary one if missing")
    parser.add_argument("--json", type=Path, default=Path("bench/result.json"))
    options = parser.parse_args()
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=options.directory)))
        tiers = [directory / name for name in ("data", "second", "third")]
        for tier in tiers:
            tier.mkdir()
        hello = stack.enter_context(servers.running(Hello, options.workers))
        factory = servers.directory_gateway(str(directory / "data"), fsync=False)
        gateway = stack.enter_context(servers.running(factory, options.workers))
        proxy = stack.enter_context(servers.running(servers.proxy_gateway(gateway.url), options.workers))
        two = stack.enter_context(servers.running(layers.gateway(tiers[:2]), options.workers))
        three = stack.enter_context(servers.running(layers.gateway(tiers), options.workers))
        load = partial(wrk.rate, connections=options.connections, seconds=options.seconds)
        figures: dict[str, Callable[[], float]] = {
            "hello": partial(load, hello.url, ["/"], method="GET", body=0),
            **endpoint("", gateway.url, load, **KEYS),
            "s3 backend GET 4 KiB": partial(load, proxy.url, presigned(proxy.url), method="GET", body=0),
            "two layers GET 4 KiB": partial(load, two.url, presigned(two.url), method="GET", body=0),
            "3 layers LIST 1000": partial(load, three.url, listing(three.url, "spread/"), method="GET", body=0),
            "3 full layers LIST 1000": partial(load, three.url, listing(three.url, "many/"), method="GET", body=0),
        }
        layers.fill(tiers, BUCKET)
        if options.peer:
            figures |= endpoint("peer ", options.peer, load)
        rounds = [{name: measure() for name, measure in figures.items()} for _ in range(options.rounds)]
        result = report(rounds)
        result["streams"] = large(directory, hello.url, gateway, options.rounds) if options.streams else {}
    options.json.write_text(
        json.dumps({"options": {k: str(v) for k, v in vars(options).items()}, "rounds": rounds, **result}, indent=1)
    )
    return 0


def large(directory: Path, hello: str, gateway: servers.Server, rounds: int) -> dict[str, float]:
    """Large bodies, as shares of what bounds them; printed, and as a dict."""
    file = streams.sparse(directory / "body", streams.GIB)
    s3 = client(gateway.url, **KEYS)
    s3.create_bucket(Bucket="streams")
    s3.upload_file(str(file), "streams", "large")

    def sign(method: str, key: str) -> str:
        return str(s3.generate_presigned_url(method, Params={"Bucket": "streams", "Key": key}))

    def median(measure: Callable[[], float]) -> float:
        return statistics.median(measure() for _ in range(rounds))

    get = median(lambda: streams.download(sign("get_object", "large")) / streams.download(f"{hello}/{streams.GIB}"))
    put = median(lambda: streams.upload(sign("put_object", "up"), file) / streams.md5_rate())
    piece = streams.sparse(directory / "piece", 256 * streams.MIB)
    urls = [sign("put_object", f"many/{number}") for number in range(32)]
    memory = streams.peak_memory(urls, piece, streams.workers_of(gateway.pid))
    print(f"{'GET 1 GiB':<24}{get:>10.2f} of a bare stream")
    print(f"{'PUT 1 GiB':<24}{put:>10.2f} of MD5's rate")
    print(f"{'32 uploads of 256 MiB':<24}{memory:>10.0f} MiB in a worker at the most")
    return {"GET 1 GiB": get, "PUT 1 GiB": put, "memory of a worker": memory}


def endpoint(label: str, url: str, load: Callable[..., float], **keys: str) -> Mapping[str, Callable[[], float]]:
    """What is measured of an S3 endpoint; its bucket and objects are made here."""
    s3 = client(url, **keys)
    s3.create_bucket(Bucket=BUCKET)
    for number in range(KEYS_LISTED):
        s3.put_object(Bucket=BUCKET, Key=f"k{number:03}", Body=b"x" * BODY)
    for number in range(1000):
        s3.put_object(Bucket=BUCKET, Key=f"many/k{number:03}", Body=b"x")
    sign = partial(signed, s3, url)
    puts = [sign("put_object", Key=f"put/k{number:03}") for number in range(KEYS_LISTED)]
    short = [sign("list_objects_v2", MaxKeys=KEYS_LISTED, Delimiter="/")]
    long = [sign("list_objects_v2", Prefix="many/")]
    return {
        f"{label}GET 4 KiB": partial(load, url, presigned(url, s3), method="GET", body=0),
        f"{label}PUT 4 KiB": partial(load, url, puts, method="PUT", body=BODY),
        f"{label}LIST {KEYS_LISTED}": partial(load, url, short, method="GET", body=0),
        f"{label}LIST 1000": partial(load, url, long, method="GET", body=0),
    }


def client(url: str, **keys: str) -> Any:
    """boto3 at an endpoint; keys from the environment unless given."""
    config = Config(signature_version="s3v4", s3={"addressing_style": "path"})
    return boto3.client("s3", endpoint_url=url, region_name="us-east-1", config=config, **keys)


def signed(s3: Any, url: str, method: str, **arguments: Any) -> str:
    """The path and query of a presigned request."""
    made: str = s3.generate_presigned_url(method, Params={"Bucket": BUCKET, **arguments}, ExpiresIn=86400)
    return made.removeprefix(url)


def presigned(url: str, s3: Any = None) -> list[str]:
    """Presigned GETs of the small objects."""
    s3 = s3 or client(url, **KEYS)
    return [signed(s3, url, "get_object", Key=f"k{number:03}") for number in range(KEYS_LISTED)]


def listing(url: str, prefix: str) -> list[str]:
    """A presigned page of a thousand keys."""
    return [signed(client(url, **KEYS), url, "list_objects_v2", Prefix=prefix)]


def report(rounds: list[dict[str, float]]) -> dict[str, Any]:
    """Print medians and shares of hello; the same as a dict."""
    rates = {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
    shares = {name: statistics.median(one[name] / one["hello"] for one in rounds) for name in rounds[0]}
    print(f"{'what':<24}{'a second':>12}{'of hello':>10}")
    for name, value in rates.items():
        print(f"{name:<24}{value:>12,.0f}{shares[name]:>10.3f}")
    return {"rates": rates, "shares": shares}


if __name__ == "__main__":
    sys.exit(main())
