"""XML and JSON bodies of requests: what is read, what is refused and why."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.body import BytesBody, StreamBody
from colonnade.errors import ERRORS, S3Error
from colonnade.model import OPERATIONS
from colonnade.wire import content, document, extras, parse, xml
from colonnade.wire.address import Target
from tests.wire.exchange import parsed, request, run

DELETE = b"<Delete><Object><Key> a </Key></Object><Quiet>true</Quiet></Delete>"


def md5(data: bytes) -> str:
    """Content-MD5 of a body."""
    return base64.b64encode(hashlib.md5(data).digest()).decode()


def delete(data: bytes, **headers: str) -> dict[str, Any]:
    """The arguments of DeleteObjects with this body."""
    given = {"content-md5": md5(data)} | {name.replace("_", "-"): value for name, value in headers.items()}
    return parsed(request("POST", "/b?delete", given), data)


def code_of(method: str, target: str, body: bytes, **headers: str) -> str:
    """The code a request is refused with."""
    given = {"content-md5": md5(body)} | {name.replace("_", "-"): value for name, value in headers.items()}
    with pytest.raises(S3Error) as caught:
        parsed(request(method, target, given), body)
    return caught.value.code


@pytest.mark.parametrize("xmlns", ["", ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"', ' xmlns="urn:other"'])
def test_namespaces_do_not_matter(xmlns: str) -> None:
    """S3 takes bodies with its namespace or without; texts keep their spaces."""
    data = DELETE.replace(b"<Delete>", f"<Delete{xmlns}>".encode())
    assert delete(data)["Delete"] == {"Objects": [{"Key": " a "}], "Quiet": True}


@pytest.mark.parametrize(
    "data",
    [
        b"<Delete>",
        b"nonsense",
        b"<Deleted/>",
        b"<Delete/>",
        b"<Delete><Object/></Delete>",
        b"<Delete><Object><Key>a</Key><Key>b</Key></Object></Delete>",
        b"<Delete><Object><Key>a</Key></Object><Loud>true</Loud></Delete>",
        b"<Delete><Object><Key>a</Key></Object><Quiet>maybe</Quiet></Delete>",
        b"<Delete><Object><Key><b/></Key></Object></Delete>",
        b'<!DOCTYPE d [<!ENTITY e "x">]><Delete><Object><Key>&e;</Key></Object></Delete>',
        b"<!DOCTYPE Delete><Delete><Object><Key>a</Key></Object></Delete>",
        b'<?xml version="1.0" encoding="klingon"?><Delete><Object><Key>a</Key></Object></Delete>',
        b"<Delete>" + b"<Object><Key>a</Key></Object>" * 1001 + b"</Delete>",
        b"<a>" * 100 + b"</a>" * 100,
        b"<Delete>" + b"<x/>" * 150_001 + b"</Delete>",
    ],
)
def test_bodies_outside_the_schema(data: bytes) -> None:
    """Broken, unknown, doubled, missing, too many, too deep, or with a DOCTYPE: MalformedXML."""
    assert code_of("POST", "/b?delete", data) == "MalformedXML"


def test_a_thousand_of_the_longest_keys_fit() -> None:
    """S3's own limits of DeleteObjects are not cut short by the bound on bodies."""
    keys = "".join(f"<Object><Key>{'&amp;' * 1024}</Key></Object>" for _ in range(1000))
    assert len(delete(f"<Delete>{keys}</Delete>".encode())["Delete"]["Objects"]) == 1000


def test_ten_thousand_parts_fit() -> None:
    """So with CompleteMultipartUpload."""
    part = f"<Part><PartNumber>1</PartNumber><ETag>{'&quot;'}{'0' * 32}{'&quot;'}</ETag>"
    part += f"<ChecksumSHA256>{'A' * 44}</ChecksumSHA256></Part>"
    data = f"<CompleteMultipartUpload>{part * 10_000}</CompleteMultipartUpload>".encode()
    arguments = parsed(request("POST", "/b/k?uploadId=u"), data)
    assert len(arguments["MultipartUpload"]["Parts"]) == 10_000


@pytest.mark.parametrize(
    ("method", "target", "body", "code"),
    [
        ("POST", "/b?delete", b"", "MissingRequestBodyError"),
        ("POST", "/b/k?uploadId=u", b"", "MissingRequestBodyError"),
        ("POST", "/b/k?uploadId=u", b"<CompleteMultipartUpload/>", "MalformedXML"),
        ("PUT", "/b?tagging", b"<Tagging/>", "MalformedXML"),
        ("PUT", "/b?acl", b"<AccessControlPolicy/>", "MalformedACLError"),
        (
            "PUT",
            "/b?versioning",
            b"<VersioningConfiguration><Status>on</Status></VersioningConfiguration>",
            "MalformedXML",
        ),
        ("PUT", "/b?policy", b"\xff", "MalformedPolicy"),
        ("PUT", "/b?policy", b"", "MissingRequestBodyError"),
        ("PUT", "/b?cors", b" " * (extras.MAX_BODY + 1), "MaxMessageLengthExceeded"),
    ],
)
def test_refused_bodies(method: str, target: str, body: bytes, code: str) -> None:
    """Each has the code S3 gives it."""
    assert code_of(method, target, body) == code


def test_a_body_may_be_left_out_where_headers_say_it() -> None:
    """PutBucketAcl with a canned ACL, CreateBucket without a region."""
    assert parsed(request("PUT", "/b?acl", {"x-amz-acl": "private"})) == {"Bucket": "b", "ACL": "private"}
    assert parsed(request("PUT", "/b")) == {"Bucket": "b"}


def test_any_region_may_be_asked_for() -> None:
    """A gateway's region need not be one of Amazon's."""
    data = b"<CreateBucketConfiguration><LocationConstraint>cellar</LocationConstraint></CreateBucketConfiguration>"
    assert parsed(request("PUT", "/b"), data)["CreateBucketConfiguration"] == {"LocationConstraint": "cellar"}


def test_types_of_grantees_are_attributes() -> None:
    """xsi:type is read whatever its prefix."""
    data = (
        b'<AccessControlPolicy><AccessControlList><Grant><Grantee xmlns:i="u" i:type="Group"><URI>u</URI></Grantee>'
        b"<Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>"
    )
    grants = parsed(request("PUT", "/b?acl"), data)["AccessControlPolicy"]["Grants"]
    assert grants == [{"Grantee": {"Type": "Group", "URI": "u"}, "Permission": "READ"}]


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "InvalidRequest"),
        ({"content-md5": "nonsense"}, "InvalidDigest"),
        ({"content-md5": md5(b"other")}, "BadDigest"),
        ({"x-amz-checksum-crc32": "AAAAAA=="}, "BadDigest"),
        ({"x-amz-checksum-crc32": "A"}, "InvalidRequest"),
    ],
)
def test_bodies_are_held_against_their_checksums(headers: dict[str, str], code: str) -> None:
    """Where S3 demands one, DeleteObjects among them, none is refused as well."""
    with pytest.raises(S3Error) as caught:
        parsed(request("POST", "/b?delete", headers), DELETE)
    assert caught.value.code == code


def test_checksums_of_bodies_are_not_passed_on() -> None:
    """They were of the XML, which no backend sees."""
    arguments = delete(DELETE, x_amz_sdk_checksum_algorithm="CRC32")
    assert arguments.keys() == {"Bucket", "Delete"}


def test_a_body_of_unknown_length_is_bounded_as_it_comes() -> None:
    """A chunked body is given up once it is too long."""

    async def endless() -> Any:
        while True:
            yield b" " * 65536

    with pytest.raises(S3Error, match="MaxMessageLengthExceeded"):
        run(content.read("PutBucketPolicy", request("PUT", "/b?policy"), StreamBody(endless()), True))


def outcome(step: Callable[[], Any]) -> str:
    """The code a step is refused with, empty if it isn't. Anything but an S3Error gets through."""
    try:
        step()
    except S3Error as error:
        return error.code
    return ""


@given(st.binary() | st.text().map(str.encode))
def test_no_bytes_are_too_strange_for_the_xml_parser(data: bytes) -> None:
    """An element or MalformedXML, nothing else."""
    assert outcome(lambda: xml.parse(data)) in ("", "MalformedXML")


TREES = st.recursive(
    st.sampled_from(["", "a", "1", "true", "Enabled", "2024-01-01"]),
    lambda inner: st.lists(
        st.tuples(st.sampled_from(["Object", "Key", "Quiet", "Part", "ETag", "PartNumber", "Rule", "ID"]), inner)
    ),
    max_leaves=20,
)


def written(tree: Any) -> str:
    """A tree as XML."""
    if isinstance(tree, str):
        return tree
    return "".join(f"<{name}>{written(inner)}</{name}>" for name, inner in tree)


@given(st.sampled_from(["DeleteObjects", "CompleteMultipartUpload", "PutBucketLifecycleConfiguration"]), TREES)
def test_no_tree_is_too_strange_for_the_schema(operation: str, tree: Any) -> None:
    """A value or MalformedXML, nothing else."""
    payload = OPERATIONS[operation].input.payload
    assert payload is not None
    data = f"<{payload.wire}>{written(tree)}</{payload.wire}>".encode()
    assert outcome(lambda: document.read(data, payload)) in ("", "MalformedXML")


@given(
    st.sampled_from(sorted(OPERATIONS.keys() - extras.UNROUTED.keys())),
    st.dictionaries(
        st.sampled_from(["max-keys", "partNumber", "versionId", "encoding-type", "uploadId", "prefix", "id"]), st.text()
    ),
    st.dictionaries(
        st.sampled_from(["range", "x-amz-acl", "x-amz-copy-source", "if-match", "expires", "content-md5", "x-amz-date",
                         "x-amz-trailer", "x-amz-meta-a", "x-amz-object-attributes", "if-modified-since"]), st.text()
    ),
    st.binary(),
)  # fmt: skip
def test_no_head_is_too_strange(operation: str, query: dict[str, str], headers: dict[str, str], data: bytes) -> None:
    """Whatever headers and parameters hold, the answer is arguments or an S3Error."""
    asked = request("PUT", "/b/k", headers)
    asked.params = query
    code = outcome(lambda: run(parse.parse(operation, asked, Target("b", "k"), BytesBody(data))))
    assert not code or ERRORS[code][0] in (400, 501)
