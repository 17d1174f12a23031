"""Which operation a request is, beside what the round trips show."""

from __future__ import annotations

import pytest

from colonnade.errors import S3Error
from colonnade.wire import address, route
from colonnade.wire.address import Target
from tests.wire.exchange import request


def routed(method: str, target: str, **headers: str) -> str:
    """The operation of a path-style request."""
    asked = request(method, target, {name.replace("_", "-"): value for name, value in headers.items()})
    return route.route(asked, address.resolve(asked))


@pytest.mark.parametrize(
    ("method", "target", "operation"),
    [
        ("GET", "/", "ListBuckets"),
        ("GET", "/?x-id=ListBuckets", "ListBuckets"),
        ("GET", "/b", "ListObjects"),
        ("GET", "/b/", "ListObjects"),
        ("GET", "/b?list-type=1", "ListObjects"),
        ("GET", "/b/?list-type=2&prefix=acl", "ListObjectsV2"),
        ("GET", "/b?versions&prefix=a", "ListObjectVersions"),
        ("GET", "/b?policy=", "GetBucketPolicy"),
        ("GET", "/b?lifecycle", "GetBucketLifecycleConfiguration"),
        ("PUT", "/b?notification", "PutBucketNotificationConfiguration"),
        ("GET", "/b?inventory", "ListBucketInventoryConfigurations"),
        ("GET", "/b?inventory&id=1", "GetBucketInventoryConfiguration"),
        ("DELETE", "/b?inventory", "DeleteBucketInventoryConfiguration"),
        ("POST", "/b?delete", "DeleteObjects"),
        ("POST", "/b", "PostObject"),
        ("GET", "/b/k?x-id=GetObject", "GetObject"),
        ("GET", "/b/k?partNumber=1", "GetObject"),
        ("GET", "/b/k?uploadId=u", "ListParts"),
        ("PUT", "/b/k?uploadId=u&partNumber=1", "UploadPart"),
        ("DELETE", "/b/k?uploadId=u", "AbortMultipartUpload"),
        ("POST", "/b/k?uploadId=u", "CompleteMultipartUpload"),
        ("POST", "/b/k?uploads", "CreateMultipartUpload"),
        ("POST", "/b/k?select&select-type=2", "SelectObjectContent"),
        ("HEAD", "/b/k?partNumber=1", "HeadObject"),
    ],
)
def test_routes(method: str, target: str, operation: str) -> None:
    """Method, level, sub-resource and required parameters choose the operation; the rest doesn't."""
    assert routed(method, target) == operation


def test_a_copy_source_makes_a_put_a_copy() -> None:
    """x-amz-copy-source turns PutObject into CopyObject and UploadPart into UploadPartCopy."""
    assert routed("PUT", "/b/k", x_amz_copy_source="a/b") == "CopyObject"
    assert routed("PUT", "/b/k?uploadId=u&partNumber=1", x_amz_copy_source="a/b") == "UploadPartCopy"


@pytest.mark.parametrize(
    ("method", "target", "code", "resource"),
    [
        ("PUT", "/", "MethodNotAllowed", "SERVICE"),
        ("HEAD", "/", "MethodNotAllowed", "SERVICE"),
        ("POST", "/b/k", "MethodNotAllowed", "OBJECT"),
        ("PATCH", "/b", "MethodNotAllowed", "BUCKET"),
        ("DELETE", "/b?acl", "MethodNotAllowed", "ACL"),
        ("POST", "/b?policy", "MethodNotAllowed", "BUCKETPOLICY"),
        ("PUT", "/b/k?uploadId=u", "MethodNotAllowed", "UPLOAD"),
        ("HEAD", "/b/k?uploadId=u", "MethodNotAllowed", "UPLOAD"),
        ("PATCH", "/b/k?uploadId=u&partNumber=1", "MethodNotAllowed", "PART"),
        ("PUT", "/b?uploads", "MethodNotAllowed", "UPLOADS"),
        ("PUT", "/b?delete", "MethodNotAllowed", "MULTI_OBJECT_DELETE"),
        ("PATCH", "/b?tagging", "MethodNotAllowed", "TAGGING"),
        ("PATCH", "/b/k?tagging", "MethodNotAllowed", "OBJECT_TAGGING"),
    ],
)
def test_methods_that_a_resource_does_not_have(method: str, target: str, code: str, resource: str) -> None:
    """What can't be done to a resource is MethodNotAllowed, naming method and resource."""
    with pytest.raises(S3Error) as caught:
        routed(method, target)
    assert (caught.value.code, caught.value.status) == (code, 405)
    assert caught.value.fields == {"Method": method, "ResourceType": resource}


@pytest.mark.parametrize(
    ("method", "target", "code"),
    [
        ("PUT", "/b/k?policy", "InvalidRequest"),
        ("GET", "/b/k?uploads", "InvalidRequest"),
        ("DELETE", "/b?attributes", "InvalidRequest"),
        ("PUT", "/b?acl&policy", "InvalidArgument"),
        ("PUT", "/b/k?partNumber=1", "InvalidArgument"),
    ],
)
def test_subresources_out_of_place_never_reach_the_object(method: str, target: str, code: str) -> None:
    """A sub-resource that isn't one here, or two at once, is refused, not passed over."""
    with pytest.raises(S3Error) as caught:
        routed(method, target)
    assert (caught.value.code, caught.value.status) == (code, 400)


def test_two_sub_resources_are_named_in_order() -> None:
    """Whatever the order they came in."""
    for target in ("/b?policy&acl", "/b?acl&policy"):
        with pytest.raises(S3Error, match="acl, policy") as caught:
            routed("PUT", target)
        assert caught.value.fields == {"ArgumentName": "ResourceType", "ArgumentValue": "acl"}


def test_allowed_methods() -> None:
    """The Allow header of a 405 lists what the level has where no sub-resource is named."""
    assert route.allowed(Target("b", "k")) == "DELETE, GET, HEAD, PUT"
    assert route.allowed(Target("b")) == "DELETE, GET, HEAD, POST, PUT"
    assert route.allowed(Target()) == "GET"


@pytest.mark.parametrize(
    ("target", "methods"),
    [
        ("/b?acl", "GET, PUT"),
        ("/b?delete", "POST"),
        ("/b?tagging", "DELETE, GET, PUT"),
        ("/b/k?retention", "GET, PUT"),
        ("/b/k?uploads", "POST"),
        ("/b/k?uploadId=u", "DELETE, GET, POST"),
        ("/b/k?uploadId=u&partNumber=1", "PUT"),
        ("/b/k?partNumber=1", "DELETE, GET, HEAD, PUT"),
    ],
)
def test_allowed_methods_of_a_sub_resource(target: str, methods: str) -> None:
    """Of those S3 lists only what can be done to that."""
    key = "k" if "/k" in target else None
    assert route.allowed(Target("b", key), request("PATCH", target)) == methods
