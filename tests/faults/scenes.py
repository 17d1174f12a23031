"""Three stores as one, in this process or behind real sockets; what may be changed, and what each holds then."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from colonnade import testing
from colonnade.backend import Answer, Arguments, Backend, Layer
from colonnade.backends import load
from colonnade.backends.s3 import S3Backend
from colonnade.backends.s3.settings import Settings
from colonnade.errors import S3Error
from colonnade.multi import Member, Overlay, Role, Timeouts, markers
from tests.faults.proxy import Proxy, proxied
from tests.faults.table import AMPLE, BOUND, FAULTS, WELL, Fault, Then

STORES = ("one", "two", "three")
WAYS = ("down", "lost")
TAGS = {"TagSet": [{"Key": "t", "Value": "1"}]}

P, F, R = Role.PRIMARY, Role.FALLBACK, Role.REPLICA
SETUPS: dict[str, tuple[tuple[Role, Role, Role], dict[str, Any]]] = {
    "primary, marker": ((P, F, F), {}),
    "primary, all": ((P, F, F), {"delete": "all"}),
    "primary, primary": ((P, F, F), {"delete": "primary"}),
    "all, marker": ((P, R, F), {"write": "all"}),
    "all, all": ((P, R, F), {"write": "all", "delete": "all"}),
    "all, primary": ((P, R, F), {"write": "all", "delete": "primary"}),
    "async, marker": ((P, R, F), {"write": "async"}),
    "async, all": ((P, R, F), {"write": "async", "delete": "all"}),
    "async, primary": ((P, R, F), {"write": "async", "delete": "primary"}),
}

#: The keys a change is about, how it is asked, and with what.
CHANGES: dict[str, tuple[tuple[str, ...], str, Arguments]] = {
    "put": (("k",), "PutObject", {"Key": "k", "Body": b"new"}),
    "put if none": (("none",), "PutObject", {"Key": "none", "Body": b"new", "IfNoneMatch": "*"}),
    "complete": (("k",), "CompleteMultipartUpload", {"Key": "k"}),
    "copy": (("none",), "CopyObject", {"Key": "none", "CopySource": "k"}),
    "copy of low": (("none",), "CopyObject", {"Key": "none", "CopySource": "low"}),
    "tag": (("k",), "PutObjectTagging", {"Key": "k", "Tagging": TAGS}),
    "tag low": (("low",), "PutObjectTagging", {"Key": "low", "Tagging": TAGS}),
    "delete": (("k",), "DeleteObject", {"Key": "k"}),
    "delete low": (("low",), "DeleteObject", {"Key": "low"}),
    "delete none": (("none",), "DeleteObject", {"Key": "none"}),
    "delete many": (("k", "low"), "DeleteObjects", {"Delete": {"Objects": [{"Key": "k"}, {"Key": "low"}]}}),
}
READING = ("Get", "Head", "List")


class Failing(Layer):
    """A store that is `down`, or whose answers to changes are `lost`."""

    way = ""

    async def call(self, operation: str, arguments: Arguments) -> Answer:
        """Carry out, or fail, or both."""
        if self.way == "down":
            raise ConnectionRefusedError("connection refused")
        try:
            return await self.inner.call(operation, arguments)
        finally:
            if self.way == "lost" and not operation.startswith(READING):
                raise ConnectionResetError("connection reset")


class Near:
    """Three stores in this process."""

    def __init__(self) -> None:
        self.stores: dict[str, Backend] = {name: load("memory", {}) for name in STORES}
        self.faults = {name: Failing(store) for name, store in self.stores.items()}
        self.members: Mapping[str, Backend] = self.faults

    async def strike(self, name: str, way: str) -> None:
        """Let one fail."""
        self.faults[name].way = way

    async def mend(self) -> None:
        """Let all be well."""
        for fault in self.faults.values():
            fault.way = ""


class Far:
    """Three servers, reached over HTTP; the overlay's requests go through a proxy before each."""

    def __init__(self, servers: Mapping[str, testing.RunningServer], proxies: Mapping[str, Proxy]) -> None:
        self.stores: dict[str, Backend] = {name: _reaching(servers[name], servers[name].url) for name in STORES}
        self.members: Mapping[str, Backend] = {name: _reaching(servers[name], proxies[name].url) for name in STORES}
        self.proxies = proxies

    async def strike(self, name: str, way: str) -> None:
        """Let one fail, down in one way or another."""
        await self.proxies[name].use(LOST if way == "lost" else next(_downs))

    async def mend(self) -> None:
        """Let all be well."""
        for proxy in self.proxies.values():
            if proxy.fault.then is Then.REFUSE:
                await proxy.listen()
            await proxy.use(WELL)


#: Answers to changes that never arrive; and the ways to be down, in turn.
LOST = Fault(down=1, methods=(b"PUT", b"POST", b"DELETE"))
_downs = itertools.cycle(FAULTS[name] for name in ("refused", "500 in XML", "reset at once", "502 in HTML"))


def _reaching(server: testing.RunningServer, url: str) -> S3Backend:
    return S3Backend(Settings(endpoint=url, access=server.access, secret=server.secret, use_path_style=True))


class Scene:
    """Three stores as one. The primary and replicas hold "k", the stores below an older one, the last also "low"."""

    def __init__(self, directory: Path, setup: str, world: Near | Far) -> None:
        number = next(_count)
        self.bucket = f"bucket-{number}"
        self.roles, policy = SETUPS[setup]
        self.world, self.stores = world, world.stores
        members = [
            Member(name, world.members[name], role, timeouts=Timeouts(AMPLE, AMPLE, AMPLE))
            for name, role in zip(STORES, self.roles, strict=True)
        ]
        self.overlay = Overlay(members, queue=directory / f"{number}.db", **policy)

    async def fill(self) -> Arguments:
        """Put there what is there before; what completes the upload that was begun."""
        for name, role in zip(STORES, self.roles, strict=True):
            objects = {"k": b"under" if role is F else b"old"} | ({"low": b"under"} if name == "three" else {})
            await self.stores[name].call("CreateBucket", {"Bucket": self.bucket})
            for key, body in objects.items():
                await self.stores[name].call("PutObject", {"Bucket": self.bucket, "Key": key, "Body": body})
        where = {"Bucket": self.bucket, "Key": "k"}
        upload = (await self.overlay.call("CreateMultipartUpload", where))["UploadId"]
        part = {**where, "UploadId": upload, "PartNumber": 1, "Body": b"new"}
        etag = (await self.overlay.call("UploadPart", part))["ETag"]
        return {"UploadId": upload, "MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": etag}]}}

    async def change(self, name: str, completion: Arguments) -> str:
        """Carry out a change; "ok" or the code it was refused with, one for each key."""
        keys, operation, arguments = CHANGES[name]
        more = completion if operation == "CompleteMultipartUpload" else {}
        if operation == "CopyObject":
            more = {"CopySource": {"Bucket": self.bucket, "Key": arguments["CopySource"]}}
        try:
            answer = await self.overlay.call(operation, {"Bucket": self.bucket, **arguments, **more})
        except S3Error as error:
            return f"{error.status} {error.code}"
        failed = {entry["Key"]: entry["Code"] for entry in answer.get("Errors", ())}
        return " ".join(failed.get(key, "ok") for key in keys) if operation == "DeleteObjects" else "ok"

    async def held(self, keys: tuple[str, ...], *, now: bool = False) -> str:
        """What each store has of each key; where that is not promised `now`, only the primary's object."""
        if now and self.overlay.write == "async":
            held = [await self._held("one", key) for key in keys]
            return " / ".join(each.removesuffix("x") or "-" for each in held)
        return " / ".join([" ".join([await self._held(name, key) for name in STORES]) for key in keys])

    async def _held(self, name: str, key: str) -> str:
        where = {"Bucket": self.bucket, "Key": key}
        marked = await _there(self.stores[name], {**where, "Key": markers.name(key)})
        if not await _there(self.stores[name], where):
            return "x" if marked else "-"
        body = await (await self.stores[name].call("GetObject", where))["Body"].read()
        tags = (await self.stores[name].call("GetObjectTagging", where))["TagSet"]
        return str(body.decode()) + "+" * len(tags) + "x" * marked

    async def well(self) -> None:
        """Mend everything, and wait until all are in line."""
        await self.world.mend()
        await until(self._in_line)

    async def _in_line(self) -> bool:
        if not all(member.breaker.closed for member in self.overlay.layers.all):
            return False
        return self.overlay.replicas is None or not await self.overlay.replicas.queue.depths()


_count = itertools.count()


async def _there(store: Backend, where: Mapping[str, Any]) -> bool:
    try:
        await store.call("HeadObject", dict(where))
    except S3Error as error:
        if error.status != 404:
            raise
        return False
    return True


async def until(check: Callable[[], Awaitable[bool]]) -> None:
    """Wait for something that happens soon."""
    async with asyncio.timeout(BOUND):
        while not await check():
            await asyncio.sleep(0.01)


async def line(scene: Scene, change: str, store: str, way: str) -> str:
    """One line of the table: what is told, what is held then, and what in the end if that is different."""
    completion = await scene.fill()
    if store:
        await scene.world.strike(store, way)
    keys = CHANGES[change][0]
    told = await scene.change(change, completion)
    if not store:
        await scene.well()
    then = await scene.held(keys, now=True)
    await scene.well()
    async for _ in scene.overlay.sweep.run():
        pass
    end = await scene.held(keys)
    if scene.overlay.write == "all" and (store, way) == ("two", "lost"):
        # Who looks again at a replica whose answer was lost finds it in line: the client waits for that, or does not.
        told = "ok or 503"
    failing = f"{store} {way}".strip() or "well"
    return f"{change} | {failing} | {told} | {then}" + (f" > {end}" if end != then else "")


async def near(directory: Path, setup: str, change: str, *failing: str) -> str:
    """A line by stores of its own."""
    async with started(Scene(directory, setup, Near())) as scene:
        return await line(scene, change, *failing)


async def far(servers: Mapping[str, testing.RunningServer], *asked: Any) -> str:
    """A line by servers that all lines share, through proxies of its own."""
    directory, setup, change, *failing = asked
    async with contextlib.AsyncExitStack() as stack:
        proxies = {name: await stack.enter_async_context(proxied(servers[name].url)) for name in STORES}
        world = Far(servers, proxies)
        for store in world.stores.values():
            await store.start()
            stack.push_async_callback(store.close)
        scene = await stack.enter_async_context(started(Scene(directory, setup, world)))
        return await line(scene, change, *failing)


@contextlib.asynccontextmanager
async def started(scene: Scene) -> AsyncIterator[Scene]:
    """A scene whose overlay runs."""
    await scene.overlay.start()
    try:
        yield scene
    finally:
        await scene.overlay.close()
