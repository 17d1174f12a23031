"""The parts that decisions are made of: the table, patterns, policies at random."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade import context
from colonnade.access import policy, table
from colonnade.access.state import Bucket
from colonnade.access.wildcard import AnyOf, matches
from colonnade.backend import Answer, Arguments, Layer
from colonnade.backends import load
from colonnade.errors import S3Error
from colonnade.iam.accounts import Account
from colonnade.model import OPERATIONS
from colonnade.wire import extras

_TEXTS = st.text("ab*?/\n", max_size=8)


def test_every_operation_is_in_the_table() -> None:
    """Or among those that are root's and admins', with a reason."""
    assert set(OPERATIONS) - set(extras.UNROUTED) == set(table.ROWS) | set(table.CLOSED)
    assert not set(table.ROWS) & set(table.CLOSED)


@given(_TEXTS, _TEXTS)
def test_patterns_agree_with_a_regular_expression(pattern: str, text: str) -> None:
    """Star for anything, question mark for one character."""
    plain = "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern)
    assert matches(pattern, text) is (re.fullmatch(plain, text, re.DOTALL) is not None)


@given(st.lists(_TEXTS, max_size=4), _TEXTS)
def test_several_patterns_as_one_test(patterns: list[str], text: str) -> None:
    """Fits what one of them fits."""
    assert AnyOf(patterns).fits(text) is any(matches(pattern, text) for pattern in patterns)


@given(_TEXTS, _TEXTS)
def test_what_a_variable_stands_for_is_no_pattern(value: str, text: str) -> None:
    """A star in it is a star."""
    assert matches("x${aws:username}*", text, {"aws:username": [value]}) is text.startswith(f"x{value}")


def test_variables() -> None:
    """Unknown ones match nothing, unless they have a default; a star can be written as one."""
    assert not matches("${aws:username}*", "", {})
    assert matches("${aws:username, 'x'}", "x", {})
    assert matches("${*}", "*", {})
    assert not matches("${*}", "a", {})


_STATEMENTS = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Deny"]),
        "Principal": st.sampled_from(["*", {"AWS": "alice"}, {"AWS": ["alice", "bob"]}]),
        "Action": st.sampled_from(["s3:*", "s3:GetObject", "s3:Get*", ["s3:PutObject", "s3:GetObject"]]),
        "Resource": st.sampled_from(["arn:aws:s3:::b/*", "arn:aws:s3:::b/k", "arn:aws:s3:::b/o*"]),
    }
)


@given(st.lists(_STATEMENTS, min_size=1, max_size=6))
def test_a_denial_never_loses(statements: list[dict[str, object]]) -> None:
    """All together say no if any of them does, else yes if any of them does."""
    each = [_says([statement]) for statement in statements]
    assert _says(statements) is (False if False in each else True if True in each else None)


def _says(statements: list[dict[str, object]]) -> bool | None:
    return policy.read(json.dumps({"Statement": statements}), "b").says("alice", "s3:GetObject", "b/k", {})


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["*", "Allow", "s3:*", "arn:aws:s3:::b/*", "${x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Statement", "Effect", "Principal", "Action", "Resource", "Condition", "AWS", "Bool"]),
            inner,
        )
    ),
    max_leaves=12,
)


@given(_JSON, _JSON)
def test_any_document_is_read_or_refused(whole: object, statement: object) -> None:
    """MalformedPolicy, never anything else."""
    good = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"}
    merged = {**good, **statement} if isinstance(statement, dict) else statement
    for document in (whole, {"Statement": whole}, {"Statement": [merged]}, {"Statement": {**good, "Condition": whole}}):
        assert _code(document) in ("", "MalformedPolicy")


def _code(document: object) -> str:
    try:
        policy.read(json.dumps(document), "b")
    except S3Error as error:
        return error.code
    return ""


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_not_action_and_not_resource(effect: str) -> None:
    """What is not named is meant."""
    row = {"Effect": effect, "Principal": "*", "NotAction": "s3:Put*", "NotResource": "arn:aws:s3:::b/x/*"}
    read = policy.read(json.dumps({"Statement": row}), "b")
    said = effect == "Allow"
    assert read.says(None, "s3:GetObject", "b/k", {}) is said
    assert read.says(None, "s3:PutObject", "b/k", {}) is None
    assert read.says(None, "s3:GetObject", "b/x/k", {}) is None


_RICH = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Deny"]),
        "Action": st.sampled_from(["s3:*", "s3:GetObject", "s3:Get*", "s3:PutObject"]),
        "Resource": st.sampled_from(["arn:aws:s3:::b/*", "arn:aws:s3:::b/k", "arn:aws:s3:::b/${aws:username}/*"]),
    },
    optional={
        "Condition": st.sampled_from(
            [
                {"StringEquals": {"aws:username": "alice"}},
                {"StringNotLike": {"aws:UserAgent": "a*"}},
                {"Bool": {"aws:SecureTransport": "true"}},
                {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}, "Null": {"aws:Referer": "true"}},
                {"ForAllValues:StringEquals": {"s3:RequestObjectTagKeys": ["x"]}},
            ]
        )
    },
).flatmap(
    lambda row: st.sampled_from(["*", {"AWS": "alice"}, {"AWS": ["bob"]}]).map(
        lambda who: {**row, "NotPrincipal" if row["Effect"] == "Deny" and who != "*" else "Principal": who}
    )
)
_FACTS = st.fixed_dictionaries(
    {},
    optional={
        "aws:username": st.just(["alice"]),
        "aws:useragent": st.sampled_from([["aws-cli"], ["boto3"]]),
        "aws:securetransport": st.sampled_from([["true"], ["false"]]),
        "aws:sourceip": st.sampled_from([["10.1.1.1"], ["192.0.2.1"]]),
        "s3:requestobjecttagkeys": st.sampled_from([[], ["x"], ["x", "y"]]),
    },
)
_ASKED = st.tuples(
    st.sampled_from(["alice", "bob", None]),
    st.sampled_from(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]),
    st.sampled_from(["b/k", "b/alice/k", "b/o"]),
)


@given(st.lists(_RICH, max_size=4), _RICH, st.integers(0, 4), _ASKED, _FACTS)
def test_another_statement_moves_only_one_way(rows: Any, row: Any, at: int, asked: Any, facts: Any) -> None:
    """One that allows never takes anything away, one that denies never gives anything, wherever it stands."""
    order = {False: 0, None: 1, True: 2}
    before, after = (_said(given, asked, facts) for given in (rows, [*rows[:at], row, *rows[at:]]))
    if row["Effect"] == "Allow":
        assert order[after] >= order[before]
    else:
        assert order[after] <= order[before]


def _said(rows: Any, asked: tuple[str | None, str, str], facts: Any) -> bool | None:
    who, action, resource = asked
    text = json.dumps({"Version": "2012-10-17", "Statement": rows})
    return policy.read(text, "b").says(who, action, resource, facts) if rows else None


class Recording(Layer):
    """Keeps the arguments of listings of parts."""

    asked: tuple[Arguments, ...] = ()

    async def call(self, operation: str, arguments: Arguments) -> Answer:
        """See the base."""
        if operation == "ListParts":
            self.asked += (arguments,)
        return await self.inner.call(operation, arguments)


async def test_who_began_an_upload_costs_no_listing() -> None:
    """One part is enough to be told, however many there are."""
    backend, named = Recording(load("memory", {})), {"Bucket": "bucket", "Key": "k"}
    await backend.call("CreateBucket", {"Bucket": "bucket"})
    context.set_caller(Account("alice", "alice"))
    upload = (await backend.call("CreateMultipartUpload", named))["UploadId"]
    assert await Bucket(backend, "bucket").initiator("k", upload) == "alice"
    assert await Bucket(backend, "bucket").initiator("k", "none") is None
    assert [each["MaxParts"] for each in backend.asked] == [1, 1]
