"""Run as a program by the tests: one process that writes, until it is done or killed.

python writer.py storm ROOT NAME          writes, overwrites and deletes for ever, logging what was answered
python writer.py versions ROOT NAME OLDER the same in a bucket that keeps versions in OLDER, logging the ids
python writer.py replace ROOT KEY         overwrites KEY for ever with another number of bytes
python writer.py swing ROOT KEY OLDER     the same where there are versions in OLDER, each removed by its id again
python writer.py once ROOT KEY            waits for a line on stdin, then puts KEY if it isn't there
python writer.py swap ROOT KEY ETAG BODY  the same, if KEY still has ETAG

The environment's SIDECAR is a directory for attributes.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import os
import random
import sys

from colonnade.backends.posix import PosixBackend, from_options
from colonnade.errors import S3Error


def body(seed: str) -> bytes:
    """Bytes that say what they should be: half of them small, half too large for one piece."""
    size = random.Random(seed).choice([0, 3000, 70_000, 1_500_000])
    return (hashlib.sha256(seed.encode()).digest() * (size // 32 + 1))[:size]


async def storm(backend: PosixBackend, name: str) -> None:
    """Four writers side by side, each on keys of its own; a line for what was begun, and when it was answered."""
    await asyncio.gather(*(_writer(backend, f"{name}-{number}") for number in range(4)))


async def _writer(backend: PosixBackend, name: str) -> None:
    for count in itertools.count():
        key, seed = f"{name}/{count % 3}/key{count % 2}", f"{name}:{count}"
        if count % 5 == 4:
            print("begin", key, "-", flush=True)
            await backend.call("DeleteObject", {"Bucket": "bucket", "Key": key})
            print("done", key, "-", flush=True)
        else:
            print("begin", key, seed, flush=True)
            arguments = {"Bucket": "bucket", "Key": key, "Body": body(seed), "Metadata": {"seed": seed}}
            if count % 4 == 3:
                arguments["Tagging"] = "&".join(f"key{number}={'v' * 250}" for number in range(10))
                arguments["Metadata"] = {"seed": seed, "much": "m" * 1500}
            await backend.call("PutObject", arguments)
            print("done", key, seed, flush=True)


async def versions(backend: PosixBackend, name: str) -> None:
    """Two writers of versions side by side, each on a key of its own; a line for each version that was answered."""
    await asyncio.gather(*(_versioner(backend, f"{name}-{number}") for number in range(2)))


async def _versioner(backend: PosixBackend, key: str) -> None:
    for count in itertools.count():
        where = {"Bucket": "bucket", "Key": key}
        seed = f"{key}:{count}"
        if count % 5 == 4:
            answer = await backend.call("DeleteObject", where)
            seed = "-"
        else:
            answer = await backend.call("PutObject", {**where, "Body": body(seed), "Metadata": {"seed": seed}})
        print(key, answer["VersionId"], seed, flush=True)


async def replace(backend: PosixBackend, key: str) -> None:
    """Overwrite a key."""
    for size in itertools.count():
        await backend.call("PutObject", {"Bucket": "bucket", "Key": key, "Body": bytes(size % 50)})


async def swing(backend: PosixBackend, key: str) -> None:
    """Write two versions over what there is, delete that, and remove the three again."""
    where = {"Bucket": "bucket", "Key": key}
    while True:
        written = [await backend.call("PutObject", {**where, "Body": b"x"}) for _ in range(2)]
        written.append(await backend.call("DeleteObject", where))
        for answer in written[::-1]:
            await backend.call("DeleteObject", {**where, "VersionId": answer["VersionId"]})


async def once(backend: PosixBackend, arguments: dict[str, object]) -> None:
    """Try a conditional put as soon as told to."""
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        await backend.call("PutObject", {"Bucket": "bucket", **arguments})
        print("won", flush=True)
    except S3Error as error:
        print(error.code, flush=True)


async def main() -> None:
    """Do what the command line says."""
    what, root, *rest = sys.argv[1:]
    older = rest[1] if what in ("versions", "swing") else None
    sidecar = os.environ.get("SIDECAR")
    backend = from_options({"path": root, "fsync": False, "versioning_dir": older, "sidecar": sidecar})
    if what == "versions":
        await versions(backend, rest[0])
    elif what == "replace":
        await replace(backend, rest[0])
    elif what == "swing":
        await swing(backend, rest[0])
    elif what == "storm":
        await storm(backend, rest[0])
    elif what == "once":
        await once(backend, {"Key": rest[0], "Body": b"x", "IfNoneMatch": "*"})
    else:
        await once(backend, {"Key": rest[0], "Body": rest[2].encode(), "IfMatch": rest[1]})


if __name__ == "__main__":
    asyncio.run(main())
