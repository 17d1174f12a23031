"""Listings of every store, page by page, against everything sorted in memory."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colonnade.backend import Backend
from tests.model.stores import STORES, VERSIONED, Make

NAMES = st.text("ab-|é", min_size=1, max_size=2)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
FOLDERS = PATHS.map(lambda path: path + "/")
DELIMITERS = st.sampled_from(["", "/", "a", "a/", "-", "/b"])
PREFIXES = st.text("ab-/", max_size=3)
LIMITS = st.sampled_from([1, 2, 3, 1000])
SETTINGS = settings(deadline=None, max_examples=25, report_multiple_bugs=False)


def fits(keys: set[str]) -> list[str]:
    """Those that a tree holds side by side: no file where a directory has to be."""
    above = {key[:at] for key in keys for at, letter in enumerate(key) if letter == "/"}
    return sorted(key for key in keys if key not in above)


def rolled(keys: list[str], prefix: str, delimiter: str, after: str) -> list[str]:
    """What a listing shows, in order: keys and, with a star, common prefixes; none up to a marker."""
    seen: dict[str, None] = {}
    for key in sorted(keys, key=str.encode):
        if key.startswith(prefix):
            head, found, _ = key[len(prefix) :].partition(delimiter) if delimiter else ("", "", "")
            common = prefix + head + found
            if (common if found else key) > after:
                seen["*" + common if found else key] = None
    return list(seen)


async def filled(make: Make, keys: list[str]) -> Backend:
    """A store with a bucket that has these keys."""
    backend = make()
    await backend.start()
    await backend.call("CreateBucket", {"Bucket": "bucket"})
    for key in keys:
        body = b"" if key.endswith("/") else key.encode()
        await backend.call("PutObject", {"Bucket": "bucket", "Key": key, "Body": body})
    return backend


def shown(page: dict[str, Any]) -> list[str]:
    """What a page shows: its keys, and its common prefixes with a star, in order."""
    rows = [row["Key"] for row in page.get("Contents", ())]
    rows += ["*" + row["Prefix"] for row in page.get("CommonPrefixes", ())]
    return sorted(rows, key=lambda row: row.lstrip("*").encode())


@pytest.mark.parametrize("store", STORES)
@SETTINGS
@given(
    keys=st.sets(st.one_of(PATHS, FOLDERS), max_size=25).map(fits),
    prefix=PREFIXES,
    delimiter=DELIMITERS,
    after=st.one_of(st.just(""), PATHS),
    limit=LIMITS,
)
def test_objects(store: str, keys: list[str], prefix: str, delimiter: str, after: str, limit: int) -> None:
    """Both versions of ListObjects give each key and each common prefix once, in order, on full pages."""
    expected = rolled(keys, prefix, delimiter, after)
    asked = {"Bucket": "bucket", "Prefix": prefix, "Delimiter": delimiter, "MaxKeys": limit}

    async def run(make: Make) -> None:
        backend = await filled(make, keys)
        for operation, first, following, told in (
            ("ListObjectsV2", "StartAfter", "ContinuationToken", "NextContinuationToken"),
            ("ListObjects", "Marker", "Marker", "NextMarker"),
        ):
            marker, left = {first: after}, expected
            while True:
                page = await backend.call(operation, {**asked, **marker})
                assert shown(page) == left[:limit]
                left = left[limit:]
                assert page["IsTruncated"] == bool(left)
                if not left:
                    break
                # Without a delimiter V1 leaves it to the client to go on from the last key.
                marker = {following: page[told] if told in page else page["Contents"][-1]["Key"]}
        await backend.close()

    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(run(STORES[store](Path(directory))))


@pytest.mark.parametrize("store", VERSIONED)
@SETTINGS
@given(
    writes=st.lists(st.tuples(PATHS, st.booleans()), max_size=25),
    prefix=PREFIXES,
    delimiter=DELIMITERS,
    limit=LIMITS,
)
def test_versions(store: str, writes: list[tuple[str, bool]], prefix: str, delimiter: str, limit: int) -> None:
    """ListObjectVersions gives each version and delete marker once, newest first, over pages that cut keys in two."""
    fit = set(fits({key for key, _ in writes}))

    async def run(make: Make) -> None:
        backend = await filled(make, [])
        enabled = {"Status": "Enabled"}
        await backend.call("PutBucketVersioning", {"Bucket": "bucket", "VersioningConfiguration": enabled})
        chains: dict[str, list[tuple[str, str]]] = {}
        for key, marker in writes:
            if key in fit:
                where = {"Bucket": "bucket", "Key": key}
                operation = "DeleteObject" if marker else "PutObject"
                told = await backend.call(operation, where if marker else where | {"Body": b""})
                chains.setdefault(key, []).insert(0, (key, told["VersionId"]))
        expected: list[tuple[str, str]] = []
        for row in rolled(list(chains), prefix, delimiter, ""):
            expected += [(row, "")] if row.startswith("*") else chains[row]
        got: list[tuple[str, str]] = []
        asked: dict[str, Any] = {"Bucket": "bucket", "Prefix": prefix, "Delimiter": delimiter, "MaxKeys": limit}
        while True:
            page = await backend.call("ListObjectVersions", asked)
            entries = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            rows = [(row["Key"], row["VersionId"]) for row in entries]
            rows += [("*" + row["Prefix"], "") for row in page.get("CommonPrefixes", ())]
            assert set(rows) == set(expected[len(got) : len(got) + limit])
            got += rows
            if not page["IsTruncated"]:
                break
            asked |= {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page.get("NextVersionIdMarker", "")}
        assert len(got) == len(expected)
        await backend.close()

    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(run(VERSIONED[store](Path(directory))))
