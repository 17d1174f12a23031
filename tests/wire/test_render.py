"""Answers as HTTP, beside what the round trips show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from colonnade.body import Body, BytesBody
from colonnade.errors import S3Error
from colonnade.model import OPERATIONS
from colonnade.wire import extras, render
from colonnade.wire.address import Target
from colonnade.wire.render import Response
from tests.wire.exchange import request, run

MOMENT = datetime(2024, 1, 31, 12, tzinfo=UTC)


def rendered(operation: str, answer: dict[str, Any], target: str = "/b/k", **arguments: Any) -> Response:
    """An answer as it is sent."""
    return render.render(operation, request("GET", target), {"Bucket": "b"} | arguments, answer)


def body_of(response: Response) -> str:
    """The body of a response, without the XML declaration."""
    data = run(response.body.read()) if isinstance(response.body, Body) else response.body
    return data.decode().removeprefix('<?xml version="1.0" encoding="UTF-8"?>\n')


def headers_of(response: Response) -> dict[str, str]:
    """The headers of a response."""
    return {name.decode(): value.decode("latin-1") for name, value in response.headers}


def test_every_xml_answer_has_a_root() -> None:
    """What botocore would never miss: the element around each answer."""
    for name, operation in OPERATIONS.items():
        if operation.output.body and name not in extras.UNRENDERED:
            assert name in extras.ROOTS, name


def test_the_root_has_the_namespace() -> None:
    """S3's namespace stands on the root of every answer."""
    assert body_of(rendered("GetBucketVersioning", {"Status": "Enabled"})) == (
        '<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status>'
        "</VersioningConfiguration>"
    )


@pytest.mark.parametrize(("region", "said"), [("us-east-1", ""), (None, ""), ("eu-west-1", "eu-west-1")])
def test_the_location_of_a_bucket_is_unwrapped(region: str | None, said: str) -> None:
    """GetBucketLocation's root holds the region itself, and nothing for us-east-1."""
    assert body_of(rendered("GetBucketLocation", {"LocationConstraint": region})) == (
        f'<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{said}</LocationConstraint>'
    )


def test_a_policy_is_json() -> None:
    """GetBucketPolicy answers the document as it was put."""
    response = rendered("GetBucketPolicy", {"Policy": '{"a":"é"}'})
    assert (body_of(response), headers_of(response)["content-type"]) == ('{"a":"é"}', "application/json")


@pytest.mark.parametrize("operation", ["DeleteObject", "AbortMultipartUpload", "PutBucketTagging", "PutBucketPolicy"])
def test_answers_without_content(operation: str) -> None:
    """204 has neither body nor the headers that describe one."""
    response = rendered(operation, {})
    assert (response.status, response.headers, response.body) == (204, [], b"")


def test_an_empty_200_says_its_length() -> None:
    """PutObject answers headers and an empty body."""
    response = rendered("PutObject", {"ETag": '"e"'})
    assert response == Response(200, [(b"etag", b'"e"'), (b"content-length", b"0")], b"")


def test_an_object() -> None:
    """GetObject's headers, its default type, and the body as it is."""
    answer = {
        "Body": BytesBody(b"abc"),
        "LastModified": MOMENT,
        "Metadata": {"a": "é", "B": "x"},
        "DeleteMarker": False,
    }
    response = rendered("GetObject", answer)
    assert response.status == 200
    assert headers_of(response) == {
        "last-modified": "Wed, 31 Jan 2024 12:00:00 GMT",
        "x-amz-meta-a": "=?UTF-8?B?w6k=?=",
        "x-amz-meta-b": "x",
        "content-type": "binary/octet-stream",
        "content-length": "3",
    }
    assert body_of(response) == "abc"


@pytest.mark.parametrize("operation", ["GetObject", "HeadObject"])
def test_a_part_of_an_object_is_206(operation: str) -> None:
    """Content-Range makes it partial."""
    assert rendered(operation, {"ContentRange": "bytes 0-1/3", "ContentLength": 2}).status == 206


def test_a_head_has_no_body() -> None:
    """HeadObject says the length of what it doesn't send."""
    response = rendered("HeadObject", {"ContentLength": 5, "ContentType": "a/b"})
    assert response.body == b""
    assert headers_of(response) == {"content-length": "5", "content-type": "a/b"}


def test_overrides_take_the_place_of_what_was_stored() -> None:
    """response-* parameters replace their headers, stored or not."""
    target = "/b/k?response-content-type=text/x&response-expires=0&response-content-disposition=%C3%A9"
    response = rendered("GetObject", {"Body": b"", "ContentType": "a/b", "ETag": '"e"'}, target)
    assert headers_of(response) == {
        "etag": '"e"',
        "content-length": "0",
        "content-type": "text/x",
        "expires": "0",
        "content-disposition": "é",
    }


@pytest.mark.parametrize("text", ["a\r\nx-evil: 1", "a\nb", "a\x00b", "\x7f"])
def test_nothing_stored_can_end_a_header(text: str) -> None:
    """Control characters never reach a header line, from any member or metadata."""
    answer = {"CacheControl": text, "Metadata": {"a": text, f"x{text}": "v"}}
    for _, value in rendered("HeadObject", answer).headers:
        assert not any(byte < 32 or byte == 127 for byte in value)
    assert headers_of(rendered("HeadObject", answer))["x-amz-missing-meta"] == "1"


def test_times_have_milliseconds_and_are_utc() -> None:
    """S3's XML times, from any zone."""
    moment = datetime(2024, 1, 31, 13, 0, 0, 123456, tzinfo=timezone(timedelta(hours=1)))
    response = rendered("ListBuckets", {"Buckets": [{"Name": "b", "CreationDate": moment}]})
    assert "<CreationDate>2024-01-31T12:00:00.123Z</CreationDate>" in body_of(response)


def test_grantees_have_a_type() -> None:
    """xsi:type and its namespace stand on the element."""
    grants = [{"Grantee": {"Type": "CanonicalUser", "ID": "me"}, "Permission": "READ"}]
    assert (
        '<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>me</ID></Grantee>'
    ) in body_of(rendered("GetObjectAcl", {"Grants": grants}))


def test_an_empty_list_of_buckets_is_said() -> None:
    """Clients look for Buckets even when there are none."""
    assert "<Buckets></Buckets>" in body_of(rendered("ListBuckets", {}, "/"))


def test_where_things_are() -> None:
    """CreateBucket and CompleteMultipartUpload say the location of what they made."""
    assert headers_of(rendered("CreateBucket", {}, "/b"))["location"] == "/b"
    completed = body_of(rendered("CompleteMultipartUpload", {"ETag": '"e-1"'}, "/b/k%20?uploadId=u", Key="k "))
    assert "<Location>http://s3.example.com/b/k%20</Location><Bucket>b</Bucket><Key>k </Key>" in completed


def test_what_has_no_renderer_is_not_implemented() -> None:
    """An event stream is refused, not broken."""
    with pytest.raises(S3Error, match="NotImplemented"):
        rendered("SelectObjectContent", {})


def failed(error: S3Error, method: str = "GET", operation: str | None = "GetObject") -> Response:
    """An error as it is sent."""
    return render.render_error(error, request(method, "/b/k?versionId=v"), operation, Target("b", "k"), "RID", "HID")


def test_an_error_document() -> None:
    """Code, message, fields and ids, in that order, escaped."""
    response = failed(S3Error("InvalidArgument", "<no>", ArgumentName="a", ArgumentValue="\x01&"))
    assert (response.status, headers_of(response)["content-type"]) == (400, "application/xml")
    assert body_of(response) == (
        "<Error><Code>InvalidArgument</Code><Message>&lt;no&gt;</Message><ArgumentName>a</ArgumentName>"
        "<ArgumentValue>&#x1;&amp;</ArgumentValue><RequestId>RID</RequestId><HostId>HID</HostId></Error>"
    )


@pytest.mark.parametrize(
    ("code", "field"),
    [
        ("NoSuchBucket", "<BucketName>b</BucketName>"),
        ("NoSuchKey", "<Key>k</Key>"),
        ("NoSuchVersion", "<Key>k</Key><VersionId>v</VersionId>"),
    ],
)
def test_errors_name_what_they_are_about(code: str, field: str) -> None:
    """What S3 names is taken from the request where the backend didn't say it."""
    assert f"</Message>{field}<RequestId>" in body_of(failed(S3Error(code)))


def test_not_modified_has_no_body_but_validators() -> None:
    """304 carries ETag and Last-Modified and no content."""
    response = failed(S3Error("NotModified", output={"ETag": '"e"', "LastModified": MOMENT}))
    assert (response.status, response.body) == (304, b"")
    assert headers_of(response) == {"etag": '"e"', "last-modified": "Wed, 31 Jan 2024 12:00:00 GMT"}


def test_errors_of_head_have_no_body() -> None:
    """Only the status and headers of an error reach a HEAD."""
    response = failed(S3Error("NoSuchKey", output={"DeleteMarker": True, "VersionId": "v"}), "HEAD", "HeadObject")
    assert (response.status, response.body) == (404, b"")
    assert headers_of(response)["x-amz-delete-marker"] == "true"


def test_a_method_not_allowed_says_which_are() -> None:
    """405 has an Allow header."""
    assert headers_of(failed(S3Error("MethodNotAllowed"), operation=None))["allow"] == "DELETE, GET, HEAD, PUT"


def test_a_method_not_allowed_names_the_one_that_was_used() -> None:
    """Whoever refuses it needn't know."""
    for method in ("GET", "PUT"):
        assert f"<Method>{method}</Method>" in body_of(failed(S3Error("MethodNotAllowed"), method))


def test_an_error_before_anything_is_known() -> None:
    """A request that couldn't even be read is answered all the same."""
    response = render.render_error(S3Error("RequestHeaderSectionTooLarge"), None, None, None, "R", "H")
    assert response.status == 400
    assert "<Code>RequestHeaderSectionTooLarge</Code>" in body_of(response)
