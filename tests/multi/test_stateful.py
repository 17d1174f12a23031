"""Any operations and any faults on three stores as one: what clients were told stays true.

While stores fail, whatever is answered must be right: no 404 for what may be there, no listing that lacks a key, no
old object that isn't called stale. Once they are well again reads, listings and the model agree, replicas hold what
the primary holds, and fallbacks were not written. ``COLONNADE_STATEFUL=20`` makes twenty times as many runs, each
time others.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from colonnade import context
from colonnade.backend import Answer, Backend
from colonnade.backends import load
from colonnade.body import StreamBody
from colonnade.errors import S3Error
from colonnade.multi import Member, Overlay, Role, breaker, health, replicas
from tests.multi.model import Model, State, Value
from tests.multi.shelf import AMPLE
from tests.multi.strikes import Kind, Striking

T = TypeVar("T")

BUCKET = "bucket"
#: One that is another's folder, one whose marker is a digest, and one beside ours.
KEYS = ("a", "a/b", "a/c", "zz" * 250, ".colonnadf/e")
NAMES = ("one", "two", "three")
P, F, R = Role.PRIMARY, Role.FALLBACK, Role.REPLICA
SETUPS: dict[str, tuple[tuple[Role, Role, Role], dict[str, Any]]] = {
    "primary, marker": ((P, F, F), {}),
    "primary, marker, not stale": ((P, F, F), {"stale": False}),
    "primary, all": ((P, F, F), {"delete": "all"}),
    "primary, primary": ((P, F, F), {"delete": "primary"}),
    "all, marker": ((P, R, F), {"write": "all"}),
    "all, all": ((P, R, F), {"write": "all", "delete": "all"}),
    "async, marker": ((P, R, R), {"write": "async"}),
    "async, all": ((P, R, F), {"write": "async", "delete": "all"}),
    "primary, marker, versions": ((P, F, F), {"versions": True}),
    "async, marker, versions": ((P, R, F), {"write": "async", "versions": True}),
}

#: How much of it: a number of times as many runs as in the suite, and others each time.
TIMES = int(os.environ.get("COLONNADE_STATEFUL", "0"))

keys = st.sampled_from(KEYS)
numbers = st.integers(0, 3)
stores = st.sampled_from(NAMES)


class Machine(RuleBasedStateMachine):
    """Three stores in memory as one, and what is known of them."""

    roles: tuple[Role, Role, Role]
    policy: dict[str, Any]

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.directory = Path(tempfile.mkdtemp())
        self.stores: dict[str, Backend] = {name: load("memory", {}) for name in NAMES}
        self.faults = {name: Striking(store) for name, store in self.stores.items()}
        self.count = itertools.count()
        self.uploads: dict[str, tuple[str, Value, str]] = {}
        self.over: set[str] = set()
        self.model: Model
        self.overlay: Overlay

    # What the rules are made of.

    def run(self, doing: Awaitable[T]) -> T:
        """Let the loop run until something is done."""

        async def bounded() -> T:
            async with asyncio.timeout(60):
                return await doing

        return self.loop.run_until_complete(bounded())

    async def begin(self) -> None:
        """Put the overlay together and start it."""
        members = [
            Member(name, self.faults[name], role, timeouts=AMPLE) for name, role in zip(NAMES, self.roles, strict=True)
        ]
        policy = {name: value for name, value in self.policy.items() if name != "versions"}
        self.overlay = Overlay(members, queue=self.directory / "queue.db", **policy)
        await self.overlay.start()

    async def ask(self, operation: str, **arguments: Any) -> tuple[dict[str, Any] | None, str]:
        """The answer and no code, or a refusal's code; neither if nobody knows what became of it."""
        context.set_served_by("")
        try:
            return await self.overlay.call(operation, {"Bucket": BUCKET, **arguments}), ""
        except S3Error as error:
            return None, error.code if error.status < 500 else ""

    async def read(self, key: str) -> tuple[bytes | None, str]:
        """An object's bytes; None and no code if they could not be had."""
        answer, code = await self.ask("GetObject", Key=key)
        if answer is None:
            return None, code
        try:
            return await answer["Body"].read(), ""
        except (S3Error, OSError, TimeoutError, EOFError):
            return None, ""
        finally:
            await answer["Body"].aclose()

    def new(self, size: int = 1) -> Value:
        """An object that no other is like."""
        return Value(f"{next(self.count)}.".encode() * [1, 10, 20_000, 100_000][size])

    async def put(self, key: str, value: Value, **more: Any) -> None:
        """PutObject and what is known then."""
        answer, code = await self.ask("PutObject", Key=key, Body=pieces(value.body), **more)
        if answer is not None:
            assert answer["ETag"] == value.etag
        if code == "PreconditionFailed" and "IfNoneMatch" in more:
            self.model.saw_some(key)
        elif code:
            assert code == "PreconditionFailed", code
            assert "IfMatch" in more
        else:
            if answer is not None and "IfNoneMatch" in more:
                self.model.saw_none(key)
            self.model.wrote(key, [value], sure=answer is not None)

    async def delete(self, key: str) -> None:
        """DeleteObject and what is known then."""
        answer, code = await self.ask("DeleteObject", Key=key)
        assert not code, code
        self.model.wrote(key, self.gone(key), sure=answer is not None)

    def gone(self, key: str) -> list[State]:
        """What a key is after a delete."""
        return list(self.model.below[key]) if self.policy.get("delete") == "primary" else [None]

    # What clients do.

    @initialize(
        below=st.dictionaries(keys, st.booleans(), max_size=4), middle=st.dictionaries(keys, st.booleans(), max_size=3)
    )
    def start(self, below: dict[str, bool], middle: dict[str, bool]) -> None:
        """Fallbacks hold something already; the bucket is there, above or only below."""
        lying: dict[str, dict[str, Value]] = {}
        for name, role, filled in zip(NAMES, self.roles, ({}, middle, below), strict=True):
            lying[name] = {}
            if role is F:
                for key, tagged in filled.items():
                    lying[name][key] = self.new().tagged("old" if tagged else "")
        self.model = Model(lying.values(), KEYS)
        self.lying = lying
        self.run(self._fill(lying))
        self.run(self.begin())

    async def _fill(self, lying: dict[str, dict[str, Value]]) -> None:
        for name, objects in lying.items():
            kept = "versions" in self.policy
            if objects or (name == "one" and (kept or not any(lying.values()))):
                await self.stores[name].call("CreateBucket", {"Bucket": BUCKET})
            if name == "one" and kept:
                enabled = {"Bucket": BUCKET, "VersioningConfiguration": {"Status": "Enabled"}}
                await self.stores[name].call("PutBucketVersioning", enabled)
            for key, value in objects.items():
                tags = {"Tagging": f"t={value.tag}"} if value.tag else {}
                await self.stores[name].call("PutObject", {"Bucket": BUCKET, "Key": key, "Body": value.body, **tags})

    @rule(key=keys, size=numbers)
    def puts(self, key: str, size: int) -> None:
        """PutObject."""
        self.run(self.put(key, self.new(size)))

    @rule(key=keys)
    def puts_if_new(self, key: str) -> None:
        """PutObject with If-None-Match."""
        self.run(self.put(key, self.new(), IfNoneMatch="*"))

    @rule(key=keys, which=numbers)
    def puts_if_it_is(self, key: str, which: int) -> None:
        """PutObject with If-Match."""
        known = sorted(self.model.there(key), key=lambda value: (value.body, value.tag))
        if not known:
            return
        etag = known[which % len(known)].etag
        value = self.new()
        answer, code = self.run(self.ask("PutObject", Key=key, Body=pieces(value.body), IfMatch=etag))
        if code == "NoSuchKey":
            self.model.saw_none(key)
        elif code == "PreconditionFailed":
            self.model.saw(key, [state for state in self.model.may[key] if state is None or state.etag != etag])
        else:
            assert not code, code
            if answer is not None:
                self.model.saw(key, [state for state in known if state.etag == etag])
            self.model.wrote(key, [value], sure=answer is not None)

    @rule(key=keys)
    def breaks_off(self, key: str) -> None:
        """A client that goes away amid its body leaves nothing."""

        async def half() -> AsyncIterator[bytes]:
            yield b"half"
            raise S3Error("IncompleteBody")

        _, code = self.run(self.ask("PutObject", Key=key, Body=StreamBody(half(), 8)))
        assert code in ("IncompleteBody", "")

    @rule(key=keys)
    def deletes(self, key: str) -> None:
        """DeleteObject."""
        self.run(self.delete(key))

    @rule(some=st.lists(keys, min_size=1, max_size=4, unique=True))
    def deletes_many(self, some: list[str]) -> None:
        """DeleteObjects."""
        answer, code = self.run(self.ask("DeleteObjects", Delete={"Objects": [{"Key": key} for key in some]}))
        assert not code, code
        done = {entry["Key"] for entry in (answer or {}).get("Deleted", ())}
        failed = {entry["Key"]: entry["Code"] for entry in (answer or {}).get("Errors", ())}
        assert answer is None or done | failed.keys() == set(some)
        assert set(failed.values()) <= {"ServiceUnavailable", "InternalError"}
        for key in some:
            self.model.wrote(key, self.gone(key), sure=key in done)

    @rule(key=keys, source=keys)
    def copies(self, key: str, source: str) -> None:
        """CopyObject."""
        answer, code = self.run(self.ask("CopyObject", Key=key, CopySource={"Bucket": BUCKET, "Key": source}))
        if code == "NoSuchKey":
            self.model.saw_none(source)
        elif code:
            assert (code, key) == ("InvalidRequest", source), code
        elif answer is not None:
            etag = answer["CopyObjectResult"]["ETag"]
            copied = [value for value in self.model.there(source) if Value(value.body).etag == etag]
            self.model.saw(source, copied)
            self.model.wrote(key, [Value(value.body, value.tag) for value in copied], sure=True)
        else:
            self.model.wrote(key, [Value(each.body, each.tag) for each in self.model.there(source)], sure=False)

    @rule(key=keys)
    def tags(self, key: str) -> None:
        """PutObjectTagging."""
        tag = f"t{next(self.count)}"
        answer, code = self.run(self.ask("PutObjectTagging", Key=key, Tagging={"TagSet": [{"Key": "t", "Value": tag}]}))
        self._changed(key, tag, answer, code)

    @rule(key=keys)
    def takes_tags_away(self, key: str) -> None:
        """DeleteObjectTagging."""
        self._changed(key, "", *self.run(self.ask("DeleteObjectTagging", Key=key)))

    def _changed(self, key: str, tag: str, answer: Any, code: str) -> None:
        if code:
            assert code == "NoSuchKey", code
            self.model.saw_none(key)
            return
        if answer is not None:
            self.model.saw_some(key)
        self.model.wrote(key, [value.tagged(tag) for value in self.model.there(key)], sure=answer is not None)

    @rule(key=keys)
    def begins_an_upload(self, key: str) -> None:
        """CreateMultipartUpload and its one part."""
        begun, code = self.run(self.ask("CreateMultipartUpload", Key=key))
        assert not code, code
        if begun is None:
            return
        value = self.new()
        upload = {"Key": key, "UploadId": begun["UploadId"]}
        part, code = self.run(self.ask("UploadPart", PartNumber=1, Body=pieces(value.body), **upload))
        assert not code, code
        if part is not None:
            self.uploads[begun["UploadId"]] = key, Value(value.body, parts=1), part["ETag"]

    @rule(which=numbers, abort=st.booleans())
    def ends_an_upload(self, which: int, abort: bool) -> None:
        """CompleteMultipartUpload, AbortMultipartUpload; again if nobody knows."""
        if not self.uploads:
            return
        upload = list(self.uploads)[which % len(self.uploads)]
        key, value, etag = self.uploads[upload]
        named = {"Key": key, "UploadId": upload}
        if abort:
            answer, code = self.run(self.ask("AbortMultipartUpload", **named))
        else:
            parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
            answer, code = self.run(self.ask("CompleteMultipartUpload", MultipartUpload=parts, **named))
        if code:
            assert code == "NoSuchUpload", code
            assert upload in self.over
        elif not abort and (answer is not None or upload not in self.over):
            self.model.wrote(key, [value], sure=answer is not None)
        elif not abort:
            self.model.wrote(key, [value], sure=False)
        self.over.add(upload)
        if answer is not None or code:
            del self.uploads[upload]

    @rule(key=keys, sizes=st.lists(st.one_of(st.none(), numbers), min_size=2, max_size=4))
    def race(self, key: str, sizes: list[int | None]) -> None:
        """Writers and deleters of one key at once: any of them may be the last."""
        values = [None if size is None else self.new(size) for size in sizes]

        async def one(value: Value | None) -> bool:
            if value is None:
                answer, code = await self.ask("DeleteObject", Key=key)
            else:
                answer, code = await self.ask("PutObject", Key=key, Body=pieces(value.body))
            assert not code, code
            return answer is not None

        async def all_of_them() -> list[bool]:
            return await asyncio.gather(*(one(value) for value in values))

        done = self.run(all_of_them())
        states = {state for value in values for state in (self.gone(key) if value is None else [value])}
        self.model.wrote(key, states, sure=any(done))

    @rule()
    def makes_the_bucket_anew(self) -> None:
        """DeleteBucket, whatever fails; then CreateBucket, once all is well."""
        if "versions" in self.policy:
            return
        answer, code = self.run(self.ask("DeleteBucket"))
        if code:
            assert code == "BucketNotEmpty", code
            assert any(self.model.there(key) for key in KEYS) or self.uploads
            return
        self.model.emptied(sure=answer is not None)
        self.over |= self.uploads.keys()
        self.run(self._make_again())

    async def _make_again(self) -> None:
        for fault in self.faults.values():
            fault.mend()

        async def made() -> bool:
            answer, code = await self.ask("CreateBucket")
            assert code in ("", "BucketAlreadyOwnedByYou"), code
            return answer is not None or bool(code)

        await until(made)

    # What clients see.

    @rule(key=keys)
    def gets(self, key: str) -> None:
        """GetObject."""
        self.run(self.check_get(key))

    async def check_get(self, key: str) -> bool:
        """Whether it was answered, and rightly."""
        body, code = await self.read(key)
        stale = context.served_by().endswith("stale")
        if body is not None:
            known = self.model.known(key, stale=stale)
            found = [state for state in known if state is not None and state.body == body]
            self.model.saw(key, found, stale=stale)
            assert self.policy.get("stale", True) or not stale
        elif code:
            assert code == "NoSuchKey", code
            self.model.saw_none(key)
        return body is not None or bool(code)

    @rule(key=keys)
    def heads(self, key: str) -> None:
        """HeadObject."""
        self.run(self.check_head(key))

    async def check_head(self, key: str) -> bool:
        """Whether it was answered, and rightly."""
        answer, code = await self.ask("HeadObject", Key=key)
        stale = context.served_by().endswith("stale")
        if answer is not None:
            known = self.model.known(key, stale=stale)
            tagged = answer.get("TagCount", 0)
            fitting = [each for each in known if each and (each.etag, bool(each.tag)) == (answer["ETag"], bool(tagged))]
            self.model.saw(key, fitting, stale=stale)
        elif code:
            assert code in ("NoSuchKey", "NotFound", "404"), code
            self.model.saw_none(key)
        return answer is not None or bool(code)

    @rule(key=keys)
    def gets_tags(self, key: str) -> None:
        """GetObjectTagging."""
        self.run(self.check_tags(key))

    async def check_tags(self, key: str) -> bool:
        """Whether it was answered, and rightly."""
        answer, code = await self.ask("GetObjectTagging", Key=key)
        stale = context.served_by().endswith("stale")
        if answer is not None:
            tag = "".join(each["Value"] for each in answer["TagSet"])
            known = self.model.known(key, stale=stale)
            self.model.saw(key, [each for each in known if each and each.tag == tag], stale=stale)
        elif code:
            assert code == "NoSuchKey", code
            self.model.saw_none(key)
        return answer is not None or bool(code)

    @rule(size=st.integers(1, 3))
    def lists(self, size: int) -> None:
        """ListObjectsV2, in pages."""
        self.run(self.check_list(size))

    async def check_list(self, size: int = 1000) -> bool:
        """Whether it was answered, and rightly: a listing is right or there is none."""
        pages = await self.pages("ListObjectsV2", size, "ContinuationToken")
        if pages is None:
            return False
        found = {entry["Key"]: entry["ETag"] for page in pages for entry in page.get("Contents", ())}
        assert found.keys() <= set(KEYS)
        for key in KEYS:
            if key in found:
                self.model.saw(key, [value for value in self.model.there(key) if value.etag == found[key]])
            else:
                self.model.saw_none(key)
        return True

    @rule(size=st.integers(1, 3))
    def lists_versions(self, size: int) -> None:
        """ListObjectVersions, in pages."""
        self.run(self.check_versions(size))

    async def check_versions(self, size: int = 1000) -> bool:
        """Whether it was answered, and rightly: each key that is there has one latest version, the others none."""
        pages = await self.pages("ListObjectVersions", size, "KeyMarker", "VersionIdMarker")
        if pages is None:
            return False
        lines = [line for page in pages for kind in ("Versions", "DeleteMarkers") for line in page.get(kind, ())]
        latest: dict[str, str] = {}
        for entry in (line for line in lines if line["IsLatest"]):
            assert entry["Key"] not in latest
            latest[entry["Key"]] = entry.get("ETag", "")
        for key in KEYS:
            if latest.get(key):
                self.model.saw(key, [value for value in self.model.there(key) if value.etag == latest[key]])
            else:
                self.model.saw_none(key)
        return True

    async def pages(self, operation: str, size: int, marker: str, within: str = "") -> list[Answer] | None:
        """All pages of a listing, which goes on by `marker`, or amid a key by `within`; None if one couldn't be had."""
        made: list[Answer] = []
        more: dict[str, Any] = {}
        while True:
            page, code = await self.ask(operation, MaxKeys=size, **more)
            assert not code, code
            if page is None:
                return None
            made.append(page)
            if not page["IsTruncated"]:
                return made
            more = {marker: page[f"Next{marker}"]}
            if within:
                more[within] = page.get(f"Next{within}", "")

    # What goes wrong.

    @rule(name=stores, kind=st.sampled_from(Kind), well=st.integers(0, 4), times=st.sampled_from([1, 2, 10**9]))
    def breaks(self, name: str, kind: Kind, well: int, times: int) -> None:
        """A store fails, once or from now on, in the middle of what comes next."""
        self.faults[name].strike(kind, well, times)

    @rule(name=stores)
    def mends(self, name: str) -> None:
        """A store is well again."""
        self.faults[name].mend()

    @rule()
    def restarts(self) -> None:
        """The gateway is stopped and started."""
        self.run(self.overlay.close())
        self.run(self.begin())

    @rule()
    def tidies(self) -> None:
        """Markers that hide nothing are looked for, beside everything else."""

        async def tidy() -> None:
            try:
                async for _ in self.overlay.sweep.run():
                    pass
            except S3Error as error:
                if error.status < 500:
                    raise

        self.run(tidy())

    @rule()
    def mends_all(self) -> None:
        """Everything is well, and must come to agree."""
        self.run(self.agree())

    async def agree(self) -> None:
        """Wait until the stores are in line, and look at all of them."""
        for fault in self.faults.values():
            fault.mend()
        await until(self._well)
        for key in KEYS:
            await until(lambda key=key: self.check_get(key))  # type: ignore[misc]  # mypy knows no such lambdas
            assert await self.check_head(key)
            assert await self.check_tags(key)
            assert len(self.model.may[key]) == 1
        assert await self.check_list()
        assert await self.check_versions()
        await self._look_at_stores()

    async def _well(self) -> bool:
        members = self.overlay.layers.all
        queue = self.overlay.replicas.queue if self.overlay.replicas is not None else None
        return all(member.breaker.closed for member in members) and (queue is None or not await queue.depths())

    async def _look_at_stores(self) -> None:
        """Replicas are like the primary; fallbacks as they were, unless deletes reach them."""
        held = {name: await contents(store) for name, store in self.stores.items()}
        for name, role in zip(NAMES, self.roles, strict=True):
            if role is R:
                assert held[name] == held["one"]
            if role is F:
                kept = {k: v for k, v in self.lying[name].items() if k in held[name]}
                assert held[name] == kept
                left = {
                    k
                    for k, v in self.lying[name].items()
                    if self.policy.get("delete") != "all" or v in self.model.may[k]
                }
                assert left <= held[name].keys()

    def teardown(self) -> None:
        """At the end everything is well, and must agree."""
        try:
            if hasattr(self, "overlay"):
                self.run(self.agree())
                self.tidies()
                self.run(self.agree())
        finally:
            if hasattr(self, "overlay"):
                self.run(self.overlay.close())
            self.loop.run_until_complete(self.loop.shutdown_asyncgens())
            self.loop.close()
            shutil.rmtree(self.directory)


async def contents(store: Backend) -> dict[str, Value]:
    """What a store holds, our own keys left out."""
    found: dict[str, Value] = {}
    try:
        page = await store.call("ListObjectsV2", {"Bucket": BUCKET})
    except S3Error as error:
        if error.code != "NoSuchBucket":
            raise
        return {}
    for entry in page.get("Contents", ()):
        if entry["Key"].startswith(".colonnade/"):
            continue
        where = {"Bucket": BUCKET, "Key": entry["Key"]}
        body = await (await store.call("GetObject", where))["Body"].read()
        tags = (await store.call("GetObjectTagging", where))["TagSet"]
        parts = int(entry["ETag"].strip('"').partition("-")[2] or 0)
        found[entry["Key"]] = Value(body, "".join(tag["Value"] for tag in tags), parts)
    return found


def pieces(data: bytes) -> StreamBody:
    """A body as it comes from a client."""

    async def stream() -> AsyncIterator[bytes]:
        for at in range(0, len(data), 65536):
            yield data[at : at + 65536]

    return StreamBody(stream(), len(data))


async def until(check: Callable[[], Awaitable[bool]]) -> None:
    """Wait for something that happens soon."""
    while not await check():
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("setup", SETUPS)
def test_whatever_happens(setup: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients are told nothing that turns out untrue."""
    monkeypatch.setattr(breaker, "REST", 0.03)
    monkeypatch.setattr(breaker, "LONGEST_REST", 0.1)
    monkeypatch.setattr(health, "LOOK", 0.02)
    monkeypatch.setattr(replicas, "LOOK", 0.05)
    monkeypatch.setattr(replicas, "FIRST", 0.01)
    monkeypatch.setattr(replicas, "LONGEST", 0.05)
    roles, policy = SETUPS[setup]
    machine = type("Machine", (Machine,), {"roles": roles, "policy": policy})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=4 * max(TIMES, 1),
            stateful_step_count=40,
            derandomize=not TIMES,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            # What comes of a run depends on the clock too, so there is no telling a smaller one that fails alike.
            phases=[Phase.generate],
        ),
    )
