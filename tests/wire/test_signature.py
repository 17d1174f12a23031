"""Amazon's published SigV4 examples for S3, and what is said of signatures that don't hold."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from colonnade.errors import S3Error
from colonnade.iam.single import SingleAccount
from colonnade.wire.request import Request
from colonnade.wire.signature import Signed, verify

ACCESS, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
WHEN = datetime(2013, 5, 24, tzinfo=UTC).timestamp()
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
SCOPE = f"{ACCESS}/20130524/us-east-1/s3/aws4_request"
HOST = {"host": "examplebucket.s3.amazonaws.com"}
BASIC = HOST | {"x-amz-content-sha256": EMPTY, "x-amz-date": "20130524T000000Z"}

#: method, path, query, headers, signature
EXAMPLES = {
    "get an object": (
        "GET", b"/test.txt", b"", BASIC | {"range": "bytes=0-9"},
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    ),
    "put an object": (
        "PUT", b"/test%24file.text", b"",
        BASIC | {
            "date": "Fri, 24 May 2013 00:00:00 GMT",
            "x-amz-content-sha256": "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
            "x-amz-storage-class": "REDUCED_REDUNDANCY",
        },
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    ),
    "get bucket lifecycle": (
        "GET", b"/", b"lifecycle", BASIC, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    ),
    "list objects": (
        "GET", b"/", b"max-keys=2&prefix=J", BASIC, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    ),
}  # fmt: skip


def signed_request(
    method: str, path: bytes, query: bytes, headers: dict[str, str], signature: str, scope: str = SCOPE
) -> Request:
    """A request with an Authorization header over all its headers."""
    names = ";".join(sorted(headers))
    authorization = f"AWS4-HMAC-SHA256 Credential={scope},SignedHeaders={names},Signature={signature}"
    return Request(method, path, query, {**headers, "authorization": authorization})


async def judge(request: Request, now: float = WHEN, region: str = "us-east-1") -> Signed | None:
    """What the gateway says of it."""
    return await verify(request, SingleAccount(ACCESS, SECRET), region=region, now=now)


async def refusal(request: Request, now: float = WHEN, region: str = "us-east-1") -> S3Error:
    """The error it is refused with."""
    with pytest.raises(S3Error) as caught:
        await judge(request, now, region)
    return caught.value


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


def presigned(**changes: str) -> Request:
    """Amazon's example of a presigned request, with parameters changed."""
    parameters = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": SCOPE.replace("/", "%2F"),
        "X-Amz-Date": "20130524T000000Z",
        "X-Amz-Expires": "86400",
        "X-Amz-SignedHeaders": "host",
        "X-Amz-Signature": "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
    } | {name.replace("_", "-"): value for name, value in changes.items()}
    query = "&".join(f"{name}={value}" for name, value in parameters.items() if value)
    return Request("GET", b"/test.txt", query.encode(), dict(HOST))


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


async def test_no_signature_is_anonymous() -> None:
    """A request that claims nothing is nobody's."""
    assert await judge(Request("GET", b"/test.txt", b"", dict(HOST))) is None


KEYS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)


@given(key=KEYS, query=st.dictionaries(KEYS, KEYS, max_size=3), presign=st.booleans())
async def test_what_botocore_signs_verifies(key: str, query: dict[str, str], presign: bool) -> None:
    """Any key and any query signed by botocore, in the header or presigned, is accepted."""
    from urllib.parse import quote, urlsplit

    parameters = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in query.items())
    request = AWSRequest("GET", f"http://127.0.0.1:7070/bucket/{quote(key, safe='/~')}?{parameters}")
    signer = S3SigV4QueryAuth if presign else S3SigV4Auth
    signer(Credentials(ACCESS, SECRET), "s3", "us-east-1").add_auth(request)
    url = urlsplit(request.url)
    headers = {name.lower(): str(value) for name, value in request.headers.items()} | {"host": url.netloc}
    got = Request("GET", url.path.encode(), url.query.encode(), headers)
    if any(name.lower().startswith("x-amz-") for name in query):
        return
    assert await judge(got, datetime.now(UTC).timestamp()) is not None
