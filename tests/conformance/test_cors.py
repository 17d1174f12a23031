"""Pages of other sites: the questions browsers ask, and the headers beside answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.raw import Raw, Reply

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

RULES: Any = [
    {
        "AllowedMethods": ["PUT", "POST"],
        "AllowedOrigins": ["https://a.example", "https://*.b.example"],
        "AllowedHeaders": ["x-amz-*", "Content-Type"],
        "ExposeHeaders": ["ETag", "x-amz-version-id"],
        "MaxAgeSeconds": 300,
    },
    {"AllowedMethods": ["PUT"], "AllowedOrigins": ["https://a.example"], "AllowedHeaders": ["*"]},
    {"AllowedMethods": ["GET", "HEAD"], "AllowedOrigins": ["*"]},
]
VARY = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"


@pytest.fixture
def shared(client: S3Client, bucket: str) -> str:
    """A bucket that other sites may use."""
    client.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": RULES})
    return bucket


def ask(raw: Raw, path: str, origin: str | None, method: str | None, headers: str | None = None) -> Reply:
    """A preflight, as a browser sends it: without a signature."""
    said = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": headers,
    }
    return raw.unsigned("OPTIONS", path, headers={name: value for name, value in said.items() if value is not None})


def cors_of(reply: Reply) -> dict[str, str]:
    """The headers that concern other sites, without their common beginning."""
    begin = "access-control-"
    return {name.removeprefix(begin): value for name, value in reply.headers.items() if name.startswith(begin)}


def test_a_preflight_is_answered_by_its_rule(shared: str, raw: Raw) -> None:
    """Origin, methods, the headers asked for, those exposed, and how long it holds."""
    reply = ask(raw, f"/{shared}/k", "https://a.example", "PUT", "Content-Type, X-Amz-Meta-A")
    assert (reply.status, reply.body, reply.headers["vary"]) == (200, b"", VARY)
    assert cors_of(reply) == {
        "allow-origin": "https://a.example",
        "allow-credentials": "true",
        "allow-methods": "PUT, POST",
        "allow-headers": "content-type, x-amz-meta-a",
        "expose-headers": "ETag, x-amz-version-id",
        "max-age": "300",
    }


def test_the_first_rule_that_allows_all_of_it(shared: str, raw: Raw) -> None:
    """A rule that lacks one header is passed over for a later one."""
    reply = ask(raw, f"/{shared}", "https://a.example", "PUT", "authorization")
    assert (reply.status, cors_of(reply)["allow-methods"]) == (200, "PUT")


@pytest.mark.parametrize(
    ("origin", "method", "allowed"),
    [
        ("https://x.b.example", "POST", "https://x.b.example"),
        ("https://b.example", "POST", None),
        ("http://a.example", "PUT", None),
        ("https://a.example.evil", "PUT", None),
        ("https://anybody", "GET", "*"),
        ("null", "HEAD", "*"),
        ("https://anybody", "DELETE", None),
    ],
)
def test_who_may(shared: str, raw: Raw, origin: str, method: str, allowed: str | None) -> None:
    """Stars stand for anything, everything else is exact; whoever is not allowed is told 403."""
    reply = ask(raw, f"/{shared}/k", origin, method)
    if allowed is None:
        found = (reply.status, reply.find("Code"), reply.find("Method"), reply.find("ResourceType"))
        assert found == (403, "AccessForbidden", method, "OBJECT")
    else:
        assert (reply.status, cors_of(reply)["allow-origin"]) == (200, allowed)
        assert ("allow-credentials" in cors_of(reply)) is (allowed != "*")


@pytest.mark.parametrize(
    ("origin", "method", "headers", "status", "code"),
    [
        (None, "GET", None, 400, "BadRequest"),
        ("https://a.example", None, None, 400, "BadRequest"),
        ("https://a.example", "PATCH", None, 400, "BadRequest"),
        ("https://anybody", "GET", "x-other", 403, "AccessForbidden"),
    ],
)
def test_questions_that_are_refused(
    shared: str, raw: Raw, origin: str | None, method: str | None, headers: str | None, status: int, code: str
) -> None:
    """What isn't a whole question is 400; a header that no rule allows is 403."""
    reply = ask(raw, f"/{shared}/k", origin, method, headers)
    assert (reply.status, reply.find("Code")) == (status, code)


def test_without_a_configuration(bucket: str, new_bucket: str, raw: Raw) -> None:
    """Nobody may, and a real answer says nothing of it."""
    for name in (bucket, f"{new_bucket}-none"):
        reply = ask(raw, f"/{name}", "https://a.example", "GET")
        assert (reply.status, reply.find("Code"), reply.find("ResourceType")) == (403, "AccessForbidden", "BUCKET")
    assert cors_of(raw("GET", f"/{bucket}", Origin="https://a.example")) == {}


def test_beside_an_answer(shared: str, raw: Raw) -> None:
    """A real request's answer has its rule's headers, that of an upload too."""
    reply = raw("PUT", f"/{shared}/k", b"x", Origin="https://x.b.example")
    assert (reply.status, reply.headers["vary"], cors_of(reply)["allow-origin"]) == (200, VARY, "https://x.b.example")
    assert cors_of(reply)["expose-headers"] == "ETag, x-amz-version-id"
    assert "allow-headers" not in cors_of(reply)
    assert cors_of(raw("GET", f"/{shared}/k", Origin="https://anybody"))["allow-origin"] == "*"


@pytest.mark.parametrize("signed", [True, False])
def test_beside_an_error(shared: str, raw: Raw, signed: bool) -> None:
    """A page may read why it was refused, be it 404 or 403."""
    path, origin = f"/{shared}/none", "https://anybody"
    reply = raw("GET", path, Origin=origin) if signed else raw.unsigned("GET", path, b"", {"Origin": origin})
    assert (reply.status, cors_of(reply)["allow-origin"], reply.headers["vary"]) == (404 if signed else 403, "*", VARY)


def test_a_stranger_is_served_without(shared: str, raw: Raw) -> None:
    """The browser keeps the answer from the page; caches learn that it depends on the origin."""
    reply = raw("PUT", f"/{shared}/k", b"x", Origin="https://evil")
    assert (reply.status, cors_of(reply), reply.headers["vary"]) == (200, {}, VARY)


def test_without_an_origin(shared: str, raw: Raw) -> None:
    """Whoever isn't a page hears nothing of it."""
    reply = raw("GET", f"/{shared}")
    assert (reply.status, cors_of(reply), "vary" in reply.headers) == (200, {}, False)


def test_deleted_rules_hold_no_more(client: S3Client, shared: str, raw: Raw) -> None:
    """The next request already is judged without them."""
    client.delete_bucket_cors(Bucket=shared)
    assert cors_of(raw("GET", f"/{shared}", Origin="https://anybody")) == {}
