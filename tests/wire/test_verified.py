"""A presigned request that was good once is no pass for another that looks like it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from colonnade.errors import S3Error
from colonnade.iam.single import SingleAccount
from colonnade.wire import verified
from colonnade.wire.request import Request
from colonnade.wire.signature import verify
from tests.wire.published import ACCESS, EXAMPLES, SECRET, WHEN, judge, presigned, refusal, signed_request


async def known() -> None:
    """Judge Amazon's presigned example until it is remembered."""
    for _ in range(2):
        assert await judge(presigned()) is not None
    assert verified.find(presigned(), "us-east-1") is not None


def with_header(name: str, value: str) -> Request:
    """Amazon's presigned example with one header more, or another."""
    return another(headers={**presigned().headers, name: value})


def another(**changes: Any) -> Request:
    """Amazon's presigned example with a part changed."""
    request = presigned()
    parts = {name: getattr(request, name) for name in ("method", "raw_path", "query_string", "headers")}
    return Request(**{**parts, **changes})


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: another(method="PUT"), "SignatureDoesNotMatch"),
        (lambda: another(raw_path=b"/other.txt"), "SignatureDoesNotMatch"),
        (lambda: with_header("host", "elsewhere.example.com"), "SignatureDoesNotMatch"),
        (lambda: with_header("x-amz-acl", "public-read"), "AccessDenied"),
        (lambda: with_header("x-amz-security-token", "t"), "InvalidToken"),
        (lambda: with_header("authorization", "AWS4-HMAC-SHA256 x"), "InvalidArgument"),
    ],
    ids=["method", "path", "host", "more", "token", "twice"],
)
async def test_another_request_is_judged_in_full(make: Callable[[], Request], code: str) -> None:
    """Whatever differs from what was verified is judged as if nothing had been."""
    await known()
    assert (await refusal(make())).code == code
    assert await judge(presigned()) is not None


@pytest.mark.parametrize("names", [";", "range", "x-amz-content-sha256;x-amz-date"])
@pytest.mark.parametrize("sent", [True, False])
async def test_host_is_always_signed(names: str, sent: bool) -> None:
    """Whatever else is, and also where none is sent: else a URL would be good on any host."""
    await known()
    for request in (presigned(X_Amz_SignedHeaders=names), in_header(names)):
        if not sent:
            del request.headers["host"]
        error = await refusal(request)
        assert (error.code, error.fields.get("HeadersNotSigned", "host").split(", ")[0]) == ("AccessDenied", "host")


def in_header(names: str) -> Request:
    """Amazon's example of a GET, with other names of signed headers."""
    request = signed_request(*EXAMPLES["get an object"])
    given = request.headers["authorization"]
    request.headers["authorization"] = re.sub("SignedHeaders=[^,]*", f"SignedHeaders={names}", given)
    return request


async def test_it_still_expires() -> None:
    """Having been good doesn't make it good for longer."""
    await known()
    assert (await refusal(presigned(), WHEN + 86401)).code == "AccessDenied"


@pytest.mark.parametrize(
    ("accounts", "code"),
    [
        (SingleAccount(ACCESS, SECRET + "new"), "SignatureDoesNotMatch"),
        (SingleAccount("another", SECRET), "InvalidAccessKeyId"),
    ],
    ids=["secret changed", "account gone"],
)
async def test_the_account_counts_as_it_is_now(accounts: SingleAccount, code: str) -> None:
    """A secret that was changed, or an account that was removed, ends what it had signed."""
    await known()
    with pytest.raises(S3Error) as refused:
        await verify(presigned(), accounts, region="us-east-1", now=WHEN)
    assert refused.value.code == code


async def test_for_another_region_it_is_refused() -> None:
    """What was verified by one gateway says nothing in another region."""
    await known()
    assert (await refusal(presigned(), region="eu-west-1")).code == "AuthorizationQueryParametersError"
