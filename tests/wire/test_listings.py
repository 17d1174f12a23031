"""Pages of listings: what they say of the request, url encoding, and the template against the general writer."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.body import BytesBody
from colonnade.model import OPERATIONS
from colonnade.wire import markup, pages, parse, render
from colonnade.wire.address import Target
from tests.wire.exchange import request, run

MOMENT = datetime(2024, 1, 31, 12, tzinfo=UTC)
ITEM = {"Key": "k", "LastModified": MOMENT, "ETag": '"e"', "Size": 1, "StorageClass": "STANDARD"}


def page(operation: str, query: str, answer: dict[str, Any]) -> dict[str, str]:
    """The simple elements at the top of a page, by name."""
    asked = request("GET", f"/b?{query}")
    arguments = run(parse.parse(operation, asked, Target("b"), BytesBody(b"")))
    body = render.render(operation, asked, arguments, answer).body
    assert isinstance(body, bytes)
    inside = re.sub(r"<(Contents|CommonPrefixes|Version|DeleteMarker|Upload)>.*?</\1>", "", body.decode())
    return dict(re.findall(r"<(\w+)>([^<]*)</\1>", inside))


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ("ListObjects", {"Name": "b", "Prefix": "", "Marker": "", "MaxKeys": "1000", "IsTruncated": "false"}),
        ("ListObjectsV2", {"Name": "b", "Prefix": "", "MaxKeys": "1000", "IsTruncated": "false", "KeyCount": "0"}),
        (
            "ListObjectVersions",
            {"Name": "b", "Prefix": "", "KeyMarker": "", "VersionIdMarker": "", "MaxKeys": "1000"}
            | {"IsTruncated": "false"},
        ),
        (
            "ListMultipartUploads",
            {"Bucket": "b", "KeyMarker": "", "UploadIdMarker": "", "MaxUploads": "1000", "IsTruncated": "false"},
        ),
    ],
)
def test_what_a_page_always_says(operation: str, said: dict[str, str]) -> None:
    """S3 says these of every request, even an empty one."""
    assert page(operation, "", {}) == said


def test_what_a_page_says_when_asked() -> None:
    """Prefix, delimiter, token and start are said back, even empty; a page size no larger than there is."""
    query = "prefix=&delimiter=%2F&continuation-token=&start-after=a&max-keys=5000"
    assert page("ListObjectsV2", query, {"KeyCount": 7, "IsTruncated": True}) == {
        "Name": "b", "Prefix": "", "Delimiter": "/", "ContinuationToken": "", "StartAfter": "a",
        "MaxKeys": "1000", "KeyCount": "7", "IsTruncated": "true",
    }  # fmt: skip


def test_what_the_backend_says_comes_first() -> None:
    """Nothing the backend answered is overwritten."""
    assert page("ListObjects", "prefix=a&max-keys=3", {"Prefix": "z", "MaxKeys": 2})["Prefix"] == "z"


def test_key_count_counts_prefixes_too() -> None:
    """As on S3, and unlike some gateways."""
    answer = {"Contents": [ITEM], "CommonPrefixes": [{"Prefix": "p/"}]}
    assert page("ListObjectsV2", "", answer)["KeyCount"] == "2"


def test_url_encoding() -> None:
    """Keys and what is compared to them are encoded; tokens and the rest are not."""
    answer = {"NextMarker": "n +/é", "Prefix": "p/"}
    said = page("ListObjects", "encoding-type=url&delimiter=%2B&marker=a%20b", answer)
    assert said["NextMarker"] == "n%20%2B/%C3%A9"
    assert (said["Delimiter"], said["Marker"], said["Prefix"]) == ("%2B", "a%20b", "p/")
    assert said["EncodingType"] == "url"


def test_control_characters_are_references() -> None:
    """Without encoding-type a key's control characters stand as S3 writes them."""
    answer = {"Contents": [ITEM | {"Key": "\x01\r&"}]}
    body = render.render("ListObjects", request("GET", "/b"), {"Bucket": "b"}, answer).body
    assert isinstance(body, bytes)
    assert b"<Key>&#x1;&#13;&amp;</Key>" in body


KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(KEYS)
def test_url_encoded_keys_come_back(key: str) -> None:
    """Every key survives, whether the client decodes forms or URIs."""
    answer = {"Contents": [ITEM | {"Key": key}]}
    body = render.render("ListObjectsV2", request("GET", "/b?encoding-type=url"), {"Bucket": "b"}, answer).body
    assert isinstance(body, bytes)
    (encoded,) = re.findall(r"<Key>([^<]*)</Key>", body.decode())
    assert "+" not in encoded
    assert unquote(encoded) == key


ALWAYS = {
    "Key": KEYS,
    "LastModified": st.datetimes(timezones=st.just(UTC)),
    "ETag": st.text(max_size=5),
    "Size": st.integers(0),
}
ITEMS = st.fixed_dictionaries(
    ALWAYS,
    optional={
        "StorageClass": st.sampled_from(["STANDARD", "GLACIER", "<odd>"]),
        "Owner": st.just({"ID": "me", "DisplayName": "<me>"}),
        "ChecksumAlgorithm": st.just(["CRC32"]),
        "ChecksumType": st.just("FULL_OBJECT"),
    },
)


def elements(text: str) -> list[list[str]]:
    """The objects of a page, the elements of each in any order."""
    return [sorted(re.findall(r"<(\w+)>(.*?)</\1>", item)) for item in re.findall("<Contents>(.*?)</Contents>", text)]


#: As most pages are: what is said of classes and checksums is the same for all of them, and then of one or two not.
ALIKE = st.builds(
    lambda items, said, last: [{**item, **said} for item in items] + last,
    st.lists(st.fixed_dictionaries(ALWAYS), max_size=4),
    st.sampled_from(
        [{"StorageClass": "<odd>"}, {"StorageClass": "X", "ChecksumAlgorithm": ["A"], "ChecksumType": "T"}]
    ),
    st.just([]) | st.lists(ITEMS, max_size=1),
)


@given(ALIKE | st.lists(ITEMS | ITEMS.map(lambda item: {k: v for k, v in item.items() if k != "ETag"}), max_size=3))
def test_the_template_says_what_the_general_writer_says(items: list[dict[str, Any]]) -> None:
    """Fast and general differ in nothing but the order of elements."""
    fast: list[str] = []
    slow: list[str] = []
    pages.v2({"Contents": items}, fast.append)
    markup.content(OPERATIONS["ListObjectsV2"].output.body)({"Contents": items}, slow.append)
    assert elements("".join(fast)) == elements("".join(slow))
