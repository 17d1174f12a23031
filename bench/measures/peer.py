"""Another endpoint, beside: the same small requests."""

from __future__ import annotations

import os
from collections.abc import Iterator

from bench import objects
from bench.figure import Figure
from bench.measures.small import pages
from bench.servers import Server
from bench.setting import BUCKET, Setting, client, fill, puts, small_gets


def peer(setting: Setting) -> Iterator[Figure]:
    """Nothing unless one was named; its keys come from the AWS_* variables, and its bucket is made and left there."""
    if not setting.peer:
        return
    keys = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
    server = Server(setting.peer.rstrip("/"), 0, keys=keys)
    fill(server)
    s3 = client(server)
    for number in range(1000):
        s3.put_object(Bucket=BUCKET, Key=f"many/k{number:03}", Body=objects.body(number))
    yield setting.beside_hello("peer GET 4 KiB", server, small_gets(server))
    yield setting.beside_hello("peer PUT 4 KiB", server, puts(server, "put/"))
    for what, page in pages(server).items():
        yield setting.beside_hello(f"peer {what}", server, page)
