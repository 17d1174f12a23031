"""Uploads from HTML forms: POST Object, its policy, and its answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from colonnade.testing import RunningServer
from tests.conformance.raw import Raw, Reply

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


class Form:
    """Makes forms as boto3 signs them, and sends them."""

    def __init__(self, client: S3Client, server: RunningServer, bucket: str) -> None:
        self.client, self.raw, self.bucket = client, Raw(server), bucket

    def signed(self, key: str, fields: dict[str, str] | None = None, *conditions: Any, seconds: int = 600) -> Any:
        """The fields of a form that may hold `fields` and what `conditions` allow."""
        given: list[Any] = [{name: value} for name, value in (fields or {}).items()]
        made = self.client.generate_presigned_post(
            self.bucket, key, Fields=dict(fields or {}), Conditions=given + list(conditions), ExpiresIn=seconds
        )
        return made["fields"]

    def send(
        self, fields: dict[str, str], file: bytes | None = b"data", after: str = "", name: str = "up.txt"
    ) -> Reply:
        """Post a form."""
        pieces = [_part(f'name="{each}"', value.encode()) for each, value in fields.items()]
        if file is not None:
            pieces.append(_part(f'name="file"; filename="{name}"\r\nContent-Type: text/x-ignored', file))
        body = b"".join([*pieces, after.encode(), b"--the boundary--\r\n"])
        headers = {"Content-Type": 'multipart/form-data; boundary="the boundary"'}
        return self.raw.unsigned("POST", f"/{self.bucket}", body, headers)


def _part(disposition: str, value: bytes) -> bytes:
    return f"--the boundary\r\nContent-Disposition: form-data; {disposition}\r\n\r\n".encode() + value + b"\r\n"


@pytest.fixture
def form(client: S3Client, target: RunningServer, bucket: str) -> Form:
    """Forms for a bucket."""
    return Form(client, target, bucket)


def code(reply: Reply) -> tuple[int, str | None]:
    """Status and error code."""
    return reply.status, reply.find("Code")


def test_upload(form: Form, client: S3Client) -> None:
    """A form puts an object; the answer is 204 with its ETag and where it is."""
    reply = form.send(form.signed("dir/a b.txt"))
    got = client.get_object(Bucket=form.bucket, Key="dir/a b.txt")
    assert (reply.status, reply.body, reply.headers["etag"]) == (204, b"", got["ETag"])
    assert reply.headers["location"].endswith(f"/{form.bucket}/dir/a%20b.txt")
    assert (got["Body"].read(), got["ContentType"]) == (b"data", "binary/octet-stream")


@pytest.mark.parametrize("size", [0, 1, 262_100, 3_000_000])
def test_any_content(form: Form, client: S3Client, size: int) -> None:
    """Bytes that look like boundaries are content, however they fall."""
    data = (b"\r\n--the boundar\r\n--the\r\n\r" * (size // 26 + 1))[:size]
    assert form.send(form.signed("k"), data).status == 204
    assert client.get_object(Bucket=form.bucket, Key="k")["Body"].read() == data


def test_filename(form: Form, client: S3Client) -> None:
    """${filename} is the file's name, without the path that some browsers send."""
    assert form.send(form.signed("up/${filename}"), name="C:\\dir\\grün.txt").status == 204
    assert client.head_object(Bucket=form.bucket, Key="up/grün.txt")["ContentLength"] == 4


def test_headers(form: Form, client: S3Client) -> None:
    """Fields become the object's headers and metadata; the names' case doesn't matter."""
    fields = {"Content-Type": "text/css", "Cache-Control": "no-store", "x-amz-meta-Colour": "blue"}
    assert form.send(form.signed("k", fields)).status == 204
    got = client.head_object(Bucket=form.bucket, Key="k")
    assert (got["ContentType"], got["CacheControl"], got["Metadata"]) == ("text/css", "no-store", {"colour": "blue"})


def test_tagging(form: Form, client: S3Client) -> None:
    """The tagging field is an XML document."""
    text = "<Tagging><TagSet><Tag><Key>a b</Key><Value>c+d</Value></Tag></TagSet></Tagging>"
    assert form.send(form.signed("k", {"tagging": text})).status == 204
    assert client.get_object_tagging(Bucket=form.bucket, Key="k")["TagSet"] == [{"Key": "a b", "Value": "c+d"}]
    assert code(form.send(form.signed("k", {"tagging": "<Tagging>"}))) == (400, "MalformedXML")


def test_checksum(form: Form, client: S3Client) -> None:
    """A checksum field is checked."""
    assert form.send(form.signed("k", {"x-amz-checksum-crc32": "rfPzYw=="})).status == 204
    assert code(form.send(form.signed("bad", {"x-amz-checksum-crc32": "AAAAAA=="}))) == (400, "BadDigest")
    assert "Contents" not in client.list_objects_v2(Bucket=form.bucket, Prefix="bad")


def test_status_201(form: Form) -> None:
    """201 comes with a document."""
    reply = form.send(form.signed("k", {"success_action_status": "201"}))
    assert (reply.status, reply.find("Bucket"), reply.find("Key")) == (201, form.bucket, "k")
    assert (reply.find("ETag"), reply.find("Location")) == (reply.headers["etag"], reply.headers["location"])


@pytest.mark.parametrize(("asked", "status"), [("200", 200), ("204", 204), ("302", 204), ("x", 204)])
def test_other_status(form: Form, asked: str, status: int) -> None:
    """200 and 204 may be asked for; anything else is 204."""
    reply = form.send(form.signed("k", {"success_action_status": asked}))
    assert (reply.status, reply.body) == (status, b"")


def test_redirect(form: Form) -> None:
    """A redirect says what was stored, after the page's own parameters."""
    reply = form.send(form.signed("a b", {"success_action_redirect": "https://page.test/done?x=1"}))
    assert reply.status == 303
    expected = f"https://page.test/done?x=1&bucket={form.bucket}&key=a%20b&etag=%22"
    assert reply.headers["location"].startswith(expected)


def test_redirect_that_is_none(form: Form) -> None:
    """What is no address is passed over."""
    assert form.send(form.signed("k", {"success_action_redirect": "javascript:alert(1)"})).status == 204


def test_after_the_file(form: Form, client: S3Client) -> None:
    """What follows the file is ignored, a second key too."""
    assert form.send(form.signed("k"), after=_part('name="key"', b"other").decode()).status == 204
    assert [each["Key"] for each in client.list_objects_v2(Bucket=form.bucket)["Contents"]] == ["k"]


def test_ignored_fields(form: Form) -> None:
    """x-ignore- fields need no condition."""
    assert form.send({**form.signed("k"), "x-ignore-page": "1"}).status == 204


def test_starts_with(form: Form) -> None:
    """A condition on a prefix; a list of content types is judged type by type."""
    condition = ["starts-with", "$Content-Type", "image/"]
    fields = form.signed("k", {}, condition)
    assert form.send({**fields, "Content-Type": "image/png, image/gif"}).status == 204
    assert code(form.send({**fields, "Content-Type": "image/png, text/html"})) == (403, "AccessDenied")


#: Changes to a signed form, and what they are refused with.
REFUSALS: dict[str, tuple[dict[str, str | None], int, str]] = {
    "condition": ({"key": "other"}, 403, "AccessDenied"),
    "extra field": ({"x-amz-meta-a": "b"}, 403, "AccessDenied"),
    "signature": ({"x-amz-signature": "0" * 64}, 403, "SignatureDoesNotMatch"),
    "policy": ({"policy": "e30="}, 403, "SignatureDoesNotMatch"),
    "algorithm": ({"x-amz-algorithm": "X"}, 400, "AuthorizationQueryParametersError"),
    "no credential": ({"x-amz-credential": None}, 400, "InvalidArgument"),
    "no key": ({"key": None}, 400, "InvalidArgument"),
    "too long": ({"x-ignore-long": "x" * 20480}, 400, "MaxPostPreDataLengthExceededError"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refused(form: Form, client: S3Client, name: str) -> None:
    """A form that isn't what was signed stores nothing."""
    change, status, expected = REFUSALS[name]
    fields = {**form.signed("k"), **change}
    reply = form.send({each: value for each, value in fields.items() if value is not None})
    assert code(reply) == (status, expected)
    assert "Contents" not in client.list_objects_v2(Bucket=form.bucket)


def test_expired(form: Form) -> None:
    """A policy ends."""
    reply = form.send(form.signed("k", seconds=-60))
    assert (code(reply), reply.find("Message")) == (
        (403, "AccessDenied"),
        "Invalid according to Policy: Policy expired.",
    )


@pytest.mark.parametrize(("size", "refusal"), [(2, "EntityTooSmall"), (3, None), (5, None), (6, "EntityTooLarge")])
def test_content_length_range(form: Form, client: S3Client, size: int, refusal: str | None) -> None:
    """The file's size is bounded both ways; what is refused is not stored."""
    reply = form.send(form.signed("k", {}, ["content-length-range", 3, 5]), b"x" * size)
    assert (reply.status == 204) is (refusal is None)
    if refusal is not None:
        assert code(reply) == (400, refusal)
    assert ("Contents" in client.list_objects_v2(Bucket=form.bucket)) is (refusal is None)


def test_another_bucket(form: Form, client: S3Client) -> None:
    """A policy is for its bucket alone."""
    fields = form.signed("k")
    form.bucket += "-other"
    client.create_bucket(Bucket=form.bucket)
    assert code(form.send(fields)) == (403, "AccessDenied")


def test_anonymous(form: Form) -> None:
    """A form without a policy is anonymous."""
    assert code(form.send({"key": "k"})) == (403, "AccessDenied")


def test_no_file(form: Form) -> None:
    """A form has a file."""
    assert code(form.send(form.signed("k"), None)) == (400, "IncorrectNumberOfFilesInPostRequest")


def test_no_form(form: Form) -> None:
    """Another kind of body is refused."""
    assert code(form.raw.unsigned("POST", f"/{form.bucket}", b"x=y")) == (412, "PreconditionFailed")


def test_cut_short(form: Form, client: S3Client) -> None:
    """A form that ends inside its file stores nothing."""
    body = b"".join(_part(f'name="{name}"', value.encode()) for name, value in form.signed("k").items())
    body += _part('name="file"; filename="x"', b"half").removesuffix(b"\r\n")
    reply = form.raw.unsigned(
        "POST", f"/{form.bucket}", body, {"Content-Type": 'multipart/form-data; boundary="the boundary"'}
    )
    assert code(reply) == (400, "MalformedPOSTRequest")
    assert "Contents" not in client.list_objects_v2(Bucket=form.bucket)
