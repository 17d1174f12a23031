"""Bodies of a gibibyte: down, up, and in parts."""

from __future__ import annotations

import hashlib
import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from bench import curl, load, requests, servers
from bench.curl import GIB, MIB
from bench.figure import Figure
from bench.servers import Server
from bench.setting import BUCKET, Setting, client

PARTS = 16


def downloads(setting: Setting) -> Iterator[Figure]:
    """GET against a bare application that reads the same file from the page cache.

    Which worker a connection goes to is chance, so that four clients may find one of two busy with all of them: more
    rounds even that out, processor time knows nothing of it.
    """
    server = setting.gateway
    file = setting.served / BUCKET / "large"
    curl.upload(requests.url(server, f"/{BUCKET}/large", "PUT"), _content(setting))
    bare = setting.start(servers.hello(setting.workers, file))
    url = requests.url(server, f"/{BUCKET}/large")
    for what, clients in (("GET 1 GiB, one client", 1), ("GET 1 GiB, four clients", 4)):
        curl.download(url)
        rounds = []
        for _ in range(setting.rounds):
            least = _spent(bare, [partial(curl.download, f"{bare.url}/file")] * clients)
            rounds.append((least, _spent(server, [partial(curl.download, url)] * clients)))
        values = [least[0] / ours[0] for least, ours in rounds]
        yield Figure(what, values, statistics.median(least[1] / ours[1] for least, ours in rounds))


def _spent(server: Server, transfers: Sequence[Callable[[], object]]) -> tuple[float, float]:
    """Seconds until all are done, and those of processors: the server's and the clients'."""
    before = load.used(server) + load.children()
    seconds = curl.at_once(transfers)
    return seconds, load.used(server) + load.children() - before


def uploads(setting: Setting) -> Iterator[Figure]:
    """PUT against the rate of MD5 on one core, and a multipart upload against a PUT."""
    server, file = setting.gateway, _content(setting)
    put = partial(curl.upload, requests.url(server, f"/{BUCKET}/put", "PUT"), file)
    values, parts = [], []
    for _ in range(setting.rounds):
        hashed, single = md5_seconds(GIB), curl.at_once([put])
        values.append(hashed / single)
        parts.append(single / multipart_seconds(server, setting))
    yield Figure("PUT 1 GiB", values)
    yield Figure("1 GiB in 16 parts at once", parts)
    file.unlink()


def checksum_uploads(setting: Setting) -> Iterator[Figure]:
    """PUT where ETags are made of checksums, and no MD5 is computed."""
    server = setting.start(servers.directory(setting.fresh(), setting.workers, "--no-fsync", "--data-integrity-etag"))
    client(server).create_bucket(Bucket=BUCKET)
    put = partial(curl.upload, requests.url(server, f"/{BUCKET}/put", "PUT"), _content(setting))
    yield Figure("PUT 1 GiB, checksum ETag", [md5_seconds(GIB) / curl.at_once([put]) for _ in range(setting.rounds)])


def md5_seconds(size: int) -> float:
    """Seconds that one core takes to hash so many bytes."""
    piece = os.urandom(MIB)
    hasher = hashlib.md5(usedforsecurity=False)
    began = time.perf_counter()
    for _ in range(size // MIB // 4):
        hasher.update(piece)
    return 4 * (time.perf_counter() - began)


def multipart_seconds(server: Server, setting: Setting) -> float:
    """Seconds of an upload in sixteen parts that are sent at once, begun and completed."""
    s3, piece = client(server), curl.sparse(setting.directory / "piece", GIB // PARTS)
    began = time.perf_counter()
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="parts")["UploadId"]
    urls = [
        requests.url(server, f"/{BUCKET}/parts", "PUT", [("partNumber", str(number)), ("uploadId", upload)])
        for number in range(1, PARTS + 1)
    ]
    curl.at_once([partial(curl.upload, url, piece) for url in urls])
    listed = s3.list_parts(Bucket=BUCKET, Key="parts", UploadId=upload)["Parts"]
    parts = [{name: part[name] for name in ("PartNumber", "ETag")} for part in listed]
    s3.complete_multipart_upload(Bucket=BUCKET, Key="parts", UploadId=upload, MultipartUpload={"Parts": parts})
    return time.perf_counter() - began


def _content(setting: Setting) -> Path:
    return curl.sparse(setting.directory / "content", GIB)
