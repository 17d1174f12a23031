"""Arguments out of requests, beside what the round trips show."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from colonnade.errors import S3Error
from tests.wire.exchange import parsed, request


def refused(method: str, target: str, body: bytes = b"", **headers: str) -> S3Error:
    """What a request is refused with."""
    with pytest.raises(S3Error) as caught:
        parsed(request(method, target, {name.replace("_", "-"): value for name, value in headers.items()}), body)
    return caught.value


def put(**headers: str) -> dict[str, Any]:
    """The arguments of a PutObject with these headers."""
    return parsed(request("PUT", "/b/k", {name.replace("_", "-"): value for name, value in headers.items()}), b"abc")


@pytest.mark.parametrize(
    ("given", "kept"), [("aws-chunked", None), ("aws-chunked,gzip", "gzip"), ("gzip, br", "gzip,br"), ("", None)]
)
def test_aws_chunked_is_never_an_encoding_of_the_object(given: str, kept: str | None) -> None:
    """aws-chunked is how the body came, and is taken out of Content-Encoding."""
    assert put(content_encoding=given).get("ContentEncoding") == kept


def test_a_trailing_checksum_is_announced_as_its_algorithm() -> None:
    """x-amz-trailer becomes ChecksumAlgorithm."""
    assert put(x_amz_trailer="x-amz-checksum-crc32")["ChecksumAlgorithm"] == "CRC32"
    assert refused("PUT", "/b/k", x_amz_trailer="x-other").code == "InvalidRequest"


def test_the_body_says_how_long_it_is() -> None:
    """ContentLength is the decoded length, whatever the Content-Length header is."""
    assert put(content_length="999")["ContentLength"] == 3


def test_expires_is_kept_as_it_was_sent() -> None:
    """What isn't a date is legal there, and means already expired."""
    assert put(expires="0")["Expires"] == "0"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("plain", "plain"),
        ("=?UTF-8?B?w6nmsYk=?=", "é汉"),
        ("=?utf-8?Q?a_=C3=A9?= =?UTF-8?B?w6k=?=", "a éé"),
        ("=?ISO-8859-1?Q?=E9?= x", "é x"),
        ("=?unknown?B?w6k=?=", "=?unknown?B?w6k=?="),
        ("=?UTF-8?B?###?=", "=?UTF-8?B?###?="),
    ],
)
def test_metadata_is_decoded_by_rfc_2047(sent: str, kept: str) -> None:
    """Encoded words are decoded before storing, and what isn't one stays."""
    assert put(X_Amz_Meta_Some_Name=sent)["Metadata"] == {"some-name": kept}


@pytest.mark.parametrize("header", ["x-amz-server-side-encryption-x", "x-amz-copy-source-server-side-encryption-x"])
@pytest.mark.parametrize("method", ["PUT", "GET", "HEAD"])
def test_encryption_that_is_no_argument_is_refused(method: str, header: str) -> None:
    """What was asked to be encrypted is never stored in the clear."""
    with pytest.raises(S3Error, match="NotImplemented") as caught:
        parsed(request(method, "/b/k", {header: "AES256"}))
    assert caught.value.fields == {"Header": header}


@pytest.mark.parametrize(
    ("target", "name", "value"),
    [
        ("/b?max-keys=x", "max-keys", "x"),
        ("/b?max-keys=99999999999", "max-keys", "99999999999"),
        ("/b?encoding-type=base64", "encoding-type", "base64"),
        ("/b?list-type=2&fetch-owner=1", "fetch-owner", "1"),
        ("/b/k?versionId=", "versionId", ""),
        ("/b/k?partNumber=1.0", "partNumber", "1.0"),
    ],
)
def test_parameters_of_the_wrong_type(target: str, name: str, value: str) -> None:
    """They are InvalidArgument, named and quoted."""
    error = refused("GET", target)
    assert (error.code, error.fields) == ("InvalidArgument", {"ArgumentName": name, "ArgumentValue": value})


@pytest.mark.parametrize(
    ("target", "argument"),
    [("/b?max-keys=", "MaxKeys"), ("/b?list-type=2&max-keys=", "MaxKeys"), ("/b?uploads&max-uploads=", "MaxUploads")],
)
def test_an_empty_number_of_entries_is_none_said(target: str, argument: str) -> None:
    """As many as without it are listed, as S3 does."""
    assert argument not in parsed(request("GET", target))


@pytest.mark.parametrize(
    ("method", "target", "name"),
    [
        ("GET", "/b?start-after=a", "start-after"),
        ("GET", "/b?list-type=1&start-after=", "start-after"),
        ("GET", "/b?continuation-token=t", "continuation-token"),
        ("GET", "/b?list-type=2&marker=a", "marker"),
        ("PUT", "/b/k?versionId=v", "versionId"),
        ("PUT", "/b/k?uploadId=u&partNumber=1&versionId=v", "versionId"),
        ("POST", "/b/k?uploadId=u&versionId=v", "versionId"),
    ],
)
def test_parameters_of_another_operation(method: str, target: str, name: str) -> None:
    """Those that would change what is meant are refused, as S3 refuses them; it names them, not what they said."""
    error = refused(method, target)
    assert (error.code, error.fields) == ("InvalidArgument", {"ArgumentName": name})


def test_a_size_of_parts_that_is_no_number() -> None:
    """An invalid request, where other numbers are invalid arguments."""
    error = refused("POST", "/b/k?uploadId=u", x_amz_mp_object_size="size")
    assert (error.code, error.message) == ("InvalidRequest", "Value for x-amz-mp-object-size header is invalid: 'size'")


def test_encoding_types_in_any_case() -> None:
    """S3 takes URL for url."""
    assert parsed(request("GET", "/b?encoding-type=URL")) == {"Bucket": "b"}


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("x-amz-acl", "InvalidArgument"),
        ("x-amz-storage-class", "InvalidStorageClass"),
        ("x-amz-object-lock-mode", "InvalidArgument"),
        ("x-amz-object-lock-retain-until-date", "InvalidArgument"),
        ("x-amz-sdk-checksum-algorithm", "InvalidRequest"),
    ],
)
def test_headers_outside_their_enumeration(header: str, code: str) -> None:
    """S3 has its own code for some."""
    with pytest.raises(S3Error) as caught:
        parsed(request("PUT", "/b/k", {header: "nonsense"}))
    assert caught.value.code == code


def test_a_checksum_algorithm_needs_a_checksum() -> None:
    """Naming an algorithm without a value or a trailer is refused, as S3 does."""
    assert refused("PUT", "/b/k", x_amz_sdk_checksum_algorithm="CRC32").code == "InvalidRequest"
    assert put(x_amz_sdk_checksum_algorithm="crc32", x_amz_checksum_crc32="AAAAAA==")["ChecksumAlgorithm"] == "CRC32"


@pytest.mark.parametrize(
    "date",
    [
        "Wed, 31 Jan 2024 12:00:00 GMT",
        "Wednesday, 31-Jan-24 12:00:00 GMT",
        "Wed Jan 31 12:00:00 2024",
        "2024-01-31T12:00:00Z",
        "2024-01-31T13:00:00.000+01:00",
        "20240131T120000Z",
    ],
)
def test_dates_are_read_in_several_forms(date: str) -> None:
    """The three HTTP dates of RFC 9110 and ISO 8601 are all the same moment."""
    arguments = parsed(request("GET", "/b/k", {"if-modified-since": date}))
    assert arguments["IfModifiedSince"] == datetime(2024, 1, 31, 12, tzinfo=UTC)


def test_a_condition_on_no_date_is_no_condition() -> None:
    """RFC 9110: an If-Modified-Since that isn't a date is ignored."""
    assert "IfModifiedSince" not in parsed(request("GET", "/b/k", {"if-modified-since": "soon"}))


def test_lists_in_headers() -> None:
    """Comma, space and repetition separate the items."""
    asked = request("GET", "/b/k?attributes", {"x-amz-object-attributes": "ETag, ObjectSize,,Checksum"})
    assert parsed(asked)["ObjectAttributes"] == ["ETag", "ObjectSize", "Checksum"]
    assert refused("GET", "/b/k?attributes").code == "InvalidRequest"


def test_what_shapes_the_answer_is_no_argument() -> None:
    """EncodingType, response-* and an empty delimiter reach no backend; an empty prefix does."""
    asked = request("GET", "/b?list-type=2&encoding-type=url&delimiter=&prefix=")
    assert parsed(asked) == {"Bucket": "b", "Prefix": ""}
    asked = request("GET", "/b/k?response-content-type=a/b", {"authorization": "AWS4"})
    assert parsed(asked) == {"Bucket": "b", "Key": "k"}


def test_overrides_are_for_signed_requests_and_headers() -> None:
    """Anonymous response-* and values no header can hold are refused."""
    assert refused("GET", "/b/k?response-expires=0").code == "InvalidRequest"
    error = refused("GET", "/b/k?response-content-type=a%0d%0ab", authorization="AWS4")
    assert (error.code, error.fields["ArgumentName"]) == ("InvalidArgument", "response-content-type")


@pytest.mark.parametrize("source", ["/a/k%20%2B/%C3%A9?versionId=v", "a/k%20%2B/%C3%A9?versionId=v"])
def test_copy_sources_are_taken_apart(source: str) -> None:
    """With or without a slash in front, percent-encoded, with a version."""
    asked = request("PUT", "/b/k", {"x-amz-copy-source": source})
    assert parsed(asked)["CopySource"] == {"Bucket": "a", "Key": "k +/é", "VersionId": "v"}
