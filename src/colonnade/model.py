"""S3's operations as botocore's service model has them, compiled once into plain tables.

The only importer of ``botocore.model``: the wire reads requests and writes answers by these tables, the s3
backend writes requests and reads answers by the same ones. Nothing here knows HTTP beyond names and places.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel

#: botocore makes a timestamp of it, S3 keeps what it was given: ``Expires: 0`` must come back as it went in.
_TEXT_SHAPES = frozenset({"Expires"})

#: botocore's own invention, the unparsed Expires; S3 never sends it.
_INVENTED = frozenset({"ExpiresString"})

#: How a timestamp is written where the model doesn't say.
_TIMESTAMPS = {"header": "rfc822", "querystring": "iso8601", "body": "iso8601"}


@dataclass(slots=True)
class Shape:
    """A type. `kind` is string, integer, long, boolean, timestamp, blob, structure, list or map."""

    name: str
    kind: str
    enum: tuple[str, ...] = ()
    members: tuple[Member, ...] = ()
    required: frozenset[str] = frozenset()
    item: Shape | None = None
    #: The element around each item of a list that isn't flattened.
    item_name: str = "member"


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a structure: `name` is boto3's, `wire` that of the header, query parameter or element."""

    name: str
    wire: str
    shape: Shape
    location: str = "body"
    flattened: bool = False
    attribute: bool = False
    timestamp: str = "iso8601"
    #: Prefix and address of a namespace declared on the element, for the attributes that use it.
    namespace: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A request or an answer, its members by place.

    `payload` is the member that is the whole body; without one the members of `body` are elements of it.
    `prefix` takes all headers that begin with its `wire` (user metadata).
    """

    uri: tuple[Member, ...] = ()
    query: tuple[Member, ...] = ()
    headers: tuple[Member, ...] = ()
    body: tuple[Member, ...] = ()
    payload: Member | None = None
    prefix: Member | None = None
    required: frozenset[str] = frozenset()
    shape: Shape | None = None

    def body_shape(self) -> Shape:
        """The members of the body alone, as a structure."""
        name = f"{self.shape.name if self.shape else ''}/body"
        return Shape(name, "structure", members=self.body, required=self.required & {m.name for m in self.body})


@dataclass(frozen=True, slots=True)
class Operation:
    """One S3 operation.

    `level` is service, bucket or object; `constants` are the fixed query parameters (``{"acl": ""}``,
    ``{"list-type": "2"}``). `algorithm_member` names the argument that chooses a checksum of the body,
    `checksum_required` says that SDKs send one always. `root` is the request's element where it has no payload.
    """

    name: str
    method: str
    level: str
    constants: Mapping[str, str]
    status: int
    input: Message
    output: Message
    algorithm_member: str = ""
    checksum_required: bool = False
    deprecated: bool = False
    root: str = ""
    errors: Mapping[str, int] = field(default_factory=dict)


_shapes: dict[str, Shape] = {}


def _shape(shape: Any) -> Shape:
    """A botocore shape as ours, each name once."""
    known = _shapes.get(shape.name)
    if known is None:
        known = _shapes[shape.name] = _compile(shape)
    return known


def _compile(shape: Any) -> Shape:
    """A botocore shape as ours."""
    kind = "string" if shape.name in _TEXT_SHAPES else shape.type_name
    if kind == "structure":
        members = tuple(_member(name, member) for name, member in shape.members.items() if name not in _INVENTED)
        return Shape(shape.name, kind, members=members, required=frozenset(shape.required_members))
    if kind == "list":
        item_name = shape.member.serialization.get("name", "member")
        return Shape(shape.name, kind, item=_shape(shape.member), item_name=item_name)
    return Shape(shape.name, kind, enum=tuple(getattr(shape, "enum", ()) or ()))


def _member(name: str, shape: Any) -> Member:
    """One member of a botocore structure."""
    traits = shape.serialization
    location = traits.get("location", "body")
    wire = traits.get("name", name)
    flattened = bool(traits.get("flattened"))
    if flattened and "name" in shape.member.serialization and "name" not in traits:
        wire = shape.member.serialization["name"]
    namespace = traits.get("xmlNamespace") or {}
    return Member(
        name,
        wire,
        _shape(shape),
        location,
        flattened,
        bool(traits.get("xmlAttribute")),
        traits.get("timestampFormat") or _TIMESTAMPS.get(location, "iso8601"),
        (namespace["prefix"], namespace["uri"]) if "prefix" in namespace else None,
    )


def _message(shape: Any) -> Message:
    """An input or output shape, taken apart by place."""
    if shape is None:
        return Message()
    whole = _shape(shape)
    payload_name = shape.serialization.get("payload")
    at = {
        place: tuple(member for member in whole.members if member.location == place)
        for place in ("uri", "querystring", "header", "headers", "body")
    }
    payload = next((member for member in whole.members if member.name == payload_name), None)
    return Message(
        uri=at["uri"],
        query=at["querystring"],
        headers=at["header"],
        body=() if payload else at["body"],
        payload=payload,
        prefix=next(iter(at["headers"]), None),
        required=whole.required,
        shape=whole,
    )


def _operation(operation: Any) -> Operation:
    """A botocore operation as ours."""
    path, _, query = operation.http["requestUri"].partition("?")
    constants = dict(pair.partition("=")[::2] for pair in query.split("&") if pair)
    checksum = operation.http_checksum or {}
    return Operation(
        operation.name,
        operation.http["method"],
        {"/": "service", "/{Bucket}": "bucket", "/{Bucket}/{Key+}": "object"}.get(path, "other"),
        constants,
        int(operation.http.get("responseCode", 200)),
        _message(operation.input_shape),
        _message(operation.output_shape),
        checksum.get("requestAlgorithmMember", ""),
        bool(checksum.get("requestChecksumRequired")),
        operation.deprecated,
        operation.input_shape.serialization.get("name", "") if operation.input_shape is not None else "",
        {
            shape.name: int(shape.metadata.get("error", {}).get("httpStatusCode", 400))
            for shape in operation.error_shapes
        },
    )


@functools.cache
def service() -> Any:
    """botocore's own service model, for its serialiser and its parser. Kept in memory from the first call on."""
    description = Loader().load_service_model("s3", "service-2")
    for name in _TEXT_SHAPES:
        description["shapes"][name] = {"type": "string"}
    return ServiceModel(description, "s3")


def _load() -> dict[str, Operation]:
    """Every operation of S3's model by name."""
    service = ServiceModel(Loader().load_service_model("s3", "service-2"), "s3")
    return {name: _operation(service.operation_model(name)) for name in service.operation_names}


#: Every operation of S3's model by name.
OPERATIONS: dict[str, Operation] = _load()


@functools.cache
def taken(operation: str) -> frozenset[str]:
    """The headers, in lower case, and the query parameters that say something to an operation."""
    message = OPERATIONS[operation].input
    return frozenset({member.wire.lower() for member in message.headers} | {member.wire for member in message.query})
