"""Amazon's published SigV4 examples for S3, and what is said of signatures that don't hold."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from colonnade import sigv4
from colonnade.errors import S3Error
from colonnade.wire.request import Request
from tests.wire.published import (
    ACCESS,
    EMPTY,
    EXAMPLES,
    HOST,
    SCOPE,
    SECRET,
    STAMP,
    WHEN,
    judge,
    presigned,
    refusal,
    signed_request,
)


@pytest.mark.parametrize("name", EXAMPLES)
async def test_published_header_examples_verify(name: str) -> None:
    """Each of Amazon's examples of the Authorization header is accepted."""
    signed = await judge(signed_request(*EXAMPLES[name]))
    assert signed is not None
    assert signed.account.access == ACCESS


@pytest.mark.parametrize("name", EXAMPLES)
async def test_a_changed_example_is_refused(name: str) -> None:
    """The same examples for another path are refused."""
    method, path, query, headers, signature = EXAMPLES[name]
    assert (await refusal(signed_request(method, path + b"x", query, headers, signature))).code == (
        "SignatureDoesNotMatch"
    )


async def test_published_presigned_example_verifies() -> None:
    """Amazon's example of a presigned URL is accepted until it expires."""
    assert await judge(presigned(), WHEN + 86400) is not None


PRESIGNED_REFUSALS: list[tuple[dict[str, str], float, str, str]] = [
    ({}, WHEN + 86401, "AccessDenied", "Request has expired"),
    ({}, WHEN - 3600, "AccessDenied", "Request is not valid yet"),
    ({"X_Amz_Expires": "604801"}, WHEN, "AuthorizationQueryParametersError", "must be less than a week"),
    ({"X_Amz_Expires": "-1"}, WHEN, "AuthorizationQueryParametersError", "must be non-negative"),
    ({"X_Amz_Expires": "x"}, WHEN, "AuthorizationQueryParametersError", "should be a number"),
    ({"X_Amz_Date": ""}, WHEN, "AuthorizationQueryParametersError", "requires the X-Amz-Algorithm"),
    ({"X_Amz_Algorithm": "AWS4"}, WHEN, "AuthorizationQueryParametersError", "only supports"),
    ({"X_Amz_Credential": "a%2Fb"}, WHEN, "AuthorizationQueryParametersError", "mal-formed"),
    ({"X_Amz_Expires": "86399"}, WHEN, "SignatureDoesNotMatch", "signature"),
    ({"X_Amz_Security_Token": "t"}, WHEN, "InvalidToken", "temporary credentials"),
    ({"X_Amz_Date": "20130524"}, WHEN, "AuthorizationQueryParametersError", "ISO8601 Long Format"),
    ({"X_Amz_Date": "20131324T000000Z"}, WHEN, "AuthorizationQueryParametersError", "ISO8601 Long Format"),
    ({"X_Amz_Date": "20130523T235959Z"}, WHEN, "AuthorizationQueryParametersError", "Invalid credential date"),
    ({"X_Amz_Credential": SCOPE.replace("us-east-1", "x")}, WHEN, "AuthorizationQueryParametersError", "parsing the"),
    ({"X_Amz_Algorithm": "AWS4-ECDSA-P256-SHA256"}, WHEN, "NotImplemented", "SigV4A"),
    ({"X_Amz_Signature": "%C3%A9"}, WHEN, "SignatureDoesNotMatch", "signature"),
    ({"X_Amz_Content_Sha256": "x"}, WHEN, "InvalidArgument", "x-amz-content-sha256"),
]


@pytest.mark.parametrize(("changes", "now", "code", "words"), PRESIGNED_REFUSALS)
async def test_presigned_refusals(changes: dict[str, str], now: float, code: str, words: str) -> None:
    """Each way a presigned URL can be wrong has its own code and sentence."""
    error = await refusal(presigned(**changes), now)
    assert (error.code, words in error.message) == (code, True)


HEADER_REFUSALS: list[tuple[dict[str, Any], str]] = [
    ({"now": WHEN + 901}, "RequestTimeTooSkewed"),
    ({"now": WHEN - 901}, "RequestTimeTooSkewed"),
    ({"region": "eu-west-1"}, "AuthorizationHeaderMalformed"),
    ({"scope": SCOPE.replace("20130524", "20130525")}, "AuthorizationHeaderMalformed"),
    ({"scope": SCOPE.replace("/s3/", "/ec2/")}, "AuthorizationHeaderMalformed"),
    ({"scope": SCOPE.replace("aws4_request", "aws5_request")}, "AuthorizationHeaderMalformed"),
    ({"scope": SCOPE.replace(ACCESS, "AKIDNOBODY")}, "InvalidAccessKeyId"),
    ({"unsigned": {"x-amz-acl": "public-read"}}, "AccessDenied"),
    ({"unsigned": {"x-amz-security-token": "t"}}, "InvalidToken"),
    ({"unsigned": {"authorization": f"AWS {ACCESS}:c2ln"}}, "InvalidRequest"),
    ({"unsigned": {"authorization": "Bearer x"}}, "InvalidArgument"),
    ({"unsigned": {"authorization": "AWS4-HMAC-SHA256 Credential=x"}}, "AuthorizationHeaderMalformed"),
    ({"unsigned": {"authorization": "AWS4-ECDSA-P256-SHA256 Credential=x"}}, "NotImplemented"),
    ({"scope": "/20130524/us-east-1/s3/aws4_request"}, "AuthorizationHeaderMalformed"),
    ({"scope": "nobody"}, "AuthorizationHeaderMalformed"),
    ({"unsigned": {"x-amz-date": "24.5.2013", "date": ""}}, "AccessDenied"),
    ({"unsigned": {"x-amz-content-sha256": "x"}}, "InvalidArgument"),
    ({"unsigned": {"x-amz-content-sha256": "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"}}, "NotImplemented"),
]


@pytest.mark.parametrize(("changes", "code"), HEADER_REFUSALS)
async def test_header_refusals(changes: dict[str, Any], code: str) -> None:
    """Each way an Authorization header can be wrong has its own code."""
    request = signed_request(*EXAMPLES["get an object"], scope=changes.get("scope", SCOPE))
    request.headers.update(changes.get("unsigned", {}))
    assert (await refusal(request, changes.get("now", WHEN), changes.get("region", "us-east-1"))).code == code


async def test_a_wrong_region_is_told_the_right_one() -> None:
    """Clients read the region to use out of the error."""
    error = await refusal(signed_request(*EXAMPLES["get an object"]), region="eu-west-1")
    assert error.fields["Region"] == "eu-west-1"
    assert "expecting 'eu-west-1'" in error.message


SENTENCES = [
    (SCOPE.replace("/s3/", "/ec2/"), 'incorrect service "ec2". This endpoint belongs to "s3".'),
    (SCOPE.replace("4_request", "5"), 'incorrect terminal "aws5". This endpoint uses "aws4_request".'),
    (SCOPE[len(ACCESS) :], "a non-empty Access Key (AKID) must be provided in the credential."),
    (
        SCOPE.replace("20130524", "20130525"),
        'Invalid credential date "20130525". This date is not the same as X-Amz-Date: "20130524".',
    ),
    ("x", 'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".'),
]


@pytest.mark.parametrize(("scope", "sentence"), SENTENCES)
async def test_what_is_wrong_with_a_credential_is_said_in_amazons_words(scope: str, sentence: str) -> None:
    """People search for these sentences."""
    error = await refusal(signed_request(*EXAMPLES["get an object"], scope=scope))
    assert error.message == f"The authorization header is malformed; {sentence}"


async def test_a_mismatch_says_what_was_signed() -> None:
    """Whoever writes a client can compare the canonical request, and its bytes."""
    method, path, query, headers, _ = EXAMPLES["get an object"]
    error = await refusal(signed_request(method, path, query, headers, "\xe9"))
    assert error.fields["CanonicalRequest"].startswith("GET\n/test.txt\n\nhost:")
    assert bytes.fromhex(error.fields["StringToSignBytes"]).decode() == error.fields["StringToSign"]


async def test_two_mechanisms_are_refused() -> None:
    """A request is signed in the header or in the query."""
    request = presigned()
    request.headers["authorization"] = "AWS4-HMAC-SHA256 x"
    error = await refusal(request)
    assert (error.code, error.message[:28]) == ("InvalidArgument", "Only one auth mechanism allo")


async def test_version_2_in_the_query_is_refused_by_name() -> None:
    """An old presigned URL is told what to use."""
    request = Request("GET", b"/test.txt", b"AWSAccessKeyId=a&Expires=1&Signature=x", dict(HOST))
    assert "Please use AWS4-HMAC-SHA256." in (await refusal(request)).message


async def test_a_missing_payload_hash_is_named() -> None:
    """S3 wants x-amz-content-sha256 with every signature in the header."""
    request = signed_request(*EXAMPLES["get an object"])
    del request.headers["x-amz-content-sha256"]
    error = await refusal(request)
    assert error.message == "Missing required header for this request: x-amz-content-sha256"


def own(path: bytes, signed_path: bytes, **headers: str) -> Request:
    """A request we sign ourselves, for `signed_path`."""
    head = HOST | {"x-amz-content-sha256": EMPTY} | {name.replace("_", "-"): value for name, value in headers.items()}
    canonical = sigv4.canonical_request("GET", signed_path.decode(), "", head, head, EMPTY)
    text = sigv4.string_to_sign("20130524T000000Z", SCOPE.partition("/")[2], canonical)
    key = sigv4.signing_key(SECRET, "20130524", "us-east-1")
    return signed_request("GET", path, b"", head, sigv4.signature(key, text))


@pytest.mark.parametrize("date", ["Fri, 24 May 2013 00:00:00 GMT", "Fri, 24 May 2013 00:00:00 -0000", STAMP])
async def test_the_date_header_will_do(date: str) -> None:
    """Without x-amz-date, Date counts, as HTTP writes it or in ISO basic."""
    assert await judge(own(b"/test.txt", b"/test.txt", date=date)) is not None


@pytest.mark.parametrize(
    ("sent", "signed_path"),
    [(b"/a+b(c)", b"/a%2Bb%28c%29"), (b"/a+b(c)", b"/a+b(c)"), (b"/a%7Eb", b"/a~b"), (b"/a%2Fb", b"/a%2Fb")],
)
async def test_paths_may_be_signed_as_s3_encodes_them_or_as_sent(sent: bytes, signed_path: bytes) -> None:
    """Clients that encode too little or too much still verify."""
    assert await judge(own(sent, signed_path, x_amz_date=STAMP)) is not None


async def test_spaces_in_header_values_are_collapsed() -> None:
    """Around a value they don't count, within they count once."""
    request = own(b"/t", b"/t", x_amz_date=STAMP, x_amz_meta_a="a b")
    request.headers["x-amz-meta-a"] = " a   b "
    assert await judge(request) is not None


async def test_no_signature_is_anonymous() -> None:
    """A request that claims nothing is nobody's."""
    assert await judge(Request("GET", b"/test.txt", b"", dict(HOST))) is None


KEYS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)


#: Parameters that claim a signature would be one more.
NAMES = KEYS.filter(lambda name: name != "Signature" and not name.lower().startswith("x-amz-"))


@given(key=KEYS, query=st.dictionaries(NAMES, KEYS, max_size=3), presign=st.booleans())
async def test_what_botocore_signs_verifies(key: str, query: dict[str, str], presign: bool) -> None:
    """Any key and any query signed by botocore, in the header or presigned, is accepted."""
    parameters = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in query.items())
    request = AWSRequest("GET", f"http://127.0.0.1:7070/bucket/{quote(key, safe='/~')}?{parameters}")
    signer = S3SigV4QueryAuth if presign else S3SigV4Auth
    signer(Credentials(ACCESS, SECRET), "s3", "us-east-1").add_auth(request)
    url = urlsplit(request.url)
    headers = {name.lower(): str(value) for name, value in request.headers.items()} | {"host": url.netloc}
    got = Request("GET", url.path.encode(), url.query.encode(), headers)
    assert await judge(got, datetime.now(UTC).timestamp()) is not None


@given(st.text(max_size=60), st.text(max_size=30), st.booleans())
async def test_random_claims_are_refused(text: str, other: str, whole: bool) -> None:
    """Whatever stands in the headers, the answer is S3's."""
    request = signed_request(*EXAMPLES["get an object"])
    request.headers["authorization"] = f"AWS4-HMAC-SHA256 {text}" if whole else request.headers["authorization"] + text
    request.headers |= {"x-amz-date": other} if whole else {}
    with contextlib.suppress(S3Error):
        await judge(request)


@pytest.mark.parametrize("name", EXAMPLES)
async def test_a_wrong_signature_again_says_the_same_and_spoils_no_right_one(name: str) -> None:
    """A good signature that somebody sent with another request is still good for its own."""
    method, path, query, headers, signature = EXAMPLES[name]
    said = [await refusal(signed_request(method, path + b"x", query, headers, signature)) for _ in range(2)]
    assert said[0].fields == said[1].fields
    assert await judge(signed_request(method, path, query, headers, signature)) is not None
