"""A pytest plugin that turns the conformance suite on an endpoint somewhere else, and counts what passes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from colonnade.testing import Endpoint

#: The name under which the suite's conftest looks for this plugin.
NAME = "colonnade-endpoint"


class Suite:
    """One run. Its buckets' names begin with `prefix`, so that nothing else is ever touched."""

    def __init__(self, endpoint: Endpoint, prefix: str) -> None:
        self.endpoint = endpoint
        self.prefix = prefix
        self.counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.failures: list[str] = []
        self.left: list[str] = []
        self.obstacle: ClientError | None = None

    def pytest_configure(self, config: pytest.Config) -> None:
        """Be found by the suite's conftest."""
        config.pluginmanager.register(self.endpoint, NAME)
        config.stash[PREFIX] = self.prefix

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a test when it was called, or when it could not be."""
        if report.when != "call" and report.outcome == "passed":
            return
        area = PurePath(report.location[0]).stem.removeprefix("test_")
        self.counts[area][report.outcome] += 1
        if report.failed:
            self.failures.append(f"{area}: {report.location[2]}: {_reason(report)}")

    def table(self) -> str:
        """What passed, by area, and why what failed did."""
        rows = [f"{'area':<16}{'passed':>8}{'failed':>8}{'skipped':>9}"]
        total: Counter[str] = Counter()
        for area, counts in sorted(self.counts.items()):
            rows.append(_row(area, counts))
            total.update(counts)
        rows.append(_row("all", total))
        return "\n".join([*rows, *(["", *self.failures] if self.failures else [])])

    def clean(self) -> None:
        """Remove the buckets of this run, as far as the endpoint lets us."""
        config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, signature_version="s3v4")
        client = boto3.client("s3", **self.endpoint.boto3, config=config)
        try:
            names = [each["Name"] for each in client.list_buckets()["Buckets"]]
        except ClientError as error:
            self.failures.append(f"cleaning up: {error}")
            return
        for name in names:
            if name.startswith(self.prefix):
                self._remove(client, name)
        if self.left:
            self.failures.append(f"cleaning up: {', '.join(self.left)} could not be removed: {self.obstacle}")

    def _remove(self, client: Any, name: str) -> None:
        try:
            for each in client.list_multipart_uploads(Bucket=name).get("Uploads", ()):
                client.abort_multipart_upload(Bucket=name, Key=each["Key"], UploadId=each["UploadId"])
            for key in _keys(client, name):
                _delete(client, name, key)
            client.delete_bucket(Bucket=name)
        except ClientError as error:
            self.left.append(name)
            self.obstacle = error


#: Where the suite's conftest finds what names of buckets begin with.
PREFIX = pytest.StashKey[str]()


def _keys(client: Any, name: str) -> Iterator[dict[str, str]]:
    """Every object of a bucket, every version where there are versions."""
    try:
        for page in client.get_paginator("list_object_versions").paginate(Bucket=name):
            for each in [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]:
                yield {"Key": each["Key"], "VersionId": each["VersionId"]}
    except ClientError:  # not every service has versions
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=name):
            yield from ({"Key": each["Key"]} for each in page.get("Contents", ()))


def _delete(client: Any, bucket: str, key: dict[str, str]) -> None:
    """Remove an object, locked or not; what is held by COMPLIANCE stays until its day."""
    try:
        client.delete_object(Bucket=bucket, **key)
    except ClientError:
        client.put_object_legal_hold(Bucket=bucket, **key, LegalHold={"Status": "OFF"})
        client.delete_object(Bucket=bucket, **key, BypassGovernanceRetention=True)


def _row(area: str, counts: Counter[str]) -> str:
    return f"{area:<16}{counts['passed']:>8}{counts['failed']:>8}{counts['skipped']:>9}"


def _reason(report: pytest.TestReport) -> str:
    """The last line of what went wrong."""
    crash = getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash is not None else str(report.longrepr)
    return str(text).splitlines()[0]
