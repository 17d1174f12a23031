"""Which S3 operation a request is.

Compiled from the model: method, level (service, bucket, object), the sub-resource in the query (``?acl``) and,
among operations that share all three, the query parameters and headers they require (``uploadId``).
Parameters that no operation is chosen by (``x-id``, ``prefix``) play no part.
"""

from __future__ import annotations

from dataclasses import dataclass

from colonnade.errors import S3Error
from colonnade.model import OPERATIONS, Operation
from colonnade.wire import extras
from colonnade.wire.address import Target
from colonnade.wire.request import Request


@dataclass(frozen=True, slots=True)
class _Candidate:
    """An operation, and what beside method, level and sub-resource must be there for it to be meant."""

    operation: str
    query: tuple[tuple[str, str], ...]
    headers: tuple[str, ...]

    def fits(self, request: Request) -> bool:
        params, headers = request.params, request.headers
        return all(name in params and value in ("", params[name]) for name, value in self.query) and all(
            name in headers for name in self.headers
        )


def _candidate(operation: Operation) -> tuple[str, _Candidate]:
    """The sub-resource of an operation ('' for none) and its candidate."""
    names = [name for name, value in operation.constants.items() if not value]
    fixed = [(name, value) for name, value in operation.constants.items() if value and not names]
    needed = [(m.wire, "") for m in operation.input.query if m.name in operation.input.required]
    headers = [m.wire.lower() for m in operation.input.headers if m.name == "CopySource"]
    return (names[0] if names else ""), _Candidate(operation.name, tuple(fixed + needed), tuple(headers))


def _compile() -> dict[tuple[str, str], dict[str, list[_Candidate]]]:
    """(method, level) -> sub-resource -> candidates, the most demanding first."""
    table: dict[tuple[str, str], dict[str, list[_Candidate]]] = {}
    for operation in OPERATIONS.values():
        if operation.name not in extras.UNROUTED:
            sub, candidate = _candidate(operation)
            table.setdefault((operation.method, operation.level), {}).setdefault(sub, []).append(candidate)
    for subs in table.values():
        for candidates in subs.values():
            candidates.sort(key=lambda each: len(each.query) + len(each.headers), reverse=True)
    return table


_TABLE = _compile()

#: Sub-resources by the level they belong to, and all of them.
_SUBS = {
    level: frozenset(sub for (_, at), subs in _TABLE.items() if at == level for sub in subs if sub)
    for level in ("service", "bucket", "object")
}
_ALL_SUBS = frozenset().union(*_SUBS.values())

#: What is meant where nothing in the query or headers says otherwise.
_PLAIN = {
    (method, level): subs[""][-1].operation
    for (method, level), subs in _TABLE.items()
    if "" in subs and not subs[""][-1].query
}

#: What names an upload, and a part of it.
_UPLOAD = frozenset({"uploadId", "partNumber"})

#: Parameters that have a say in which operation is meant.
_CHOOSING = _ALL_SUBS.union(
    _UPLOAD,
    (name for subs in _TABLE.values() for each in subs.values() for one in each for name, _ in one.query),
)


def route(request: Request, target: Target) -> str:
    """The operation a request means.

    ``PostObject`` (an HTML form's upload) is the one name that botocore's model doesn't have. Raises
    MethodNotAllowed, and InvalidRequest or InvalidArgument for a sub-resource that isn't one here.
    """
    method, level = request.method, target.level
    if _CHOOSING.isdisjoint(request.asked) and "x-amz-copy-source" not in request.headers:
        plain = _PLAIN.get((method, level))
        if plain is not None:
            return plain
    return _route(request, method, level)


def _route(request: Request, method: str, level: str) -> str:
    """The general case."""
    named = [name for name in request.params if name in _ALL_SUBS]
    if len(named) > 1:
        raise _conflict(named)
    sub = named[0] if named else ""
    candidates = _TABLE.get((method, level), {}).get(sub, [])
    if sub and not candidates and (sub not in _SUBS[level] or sub in _TABLE.get((method, "bucket"), {})):
        raise _misplaced(method, level, sub)
    for candidate in candidates:
        if candidate.fits(request):
            return _checked(candidate, request)
    if sub and candidates:
        return candidates[-1].operation  # its parser says which parameter is missing
    if method == "POST" and level == "bucket" and not sub:
        return "PostObject"
    if not sub and "uploadId" in request.params and level == "object":
        sub = "partNumber" if "partNumber" in request.params else "uploadId"
    raise not_allowed(method, level, sub)


def _checked(candidate: _Candidate, request: Request) -> str:
    """The candidate's operation, unless a parameter asks for another kind of request altogether.

    A PUT with an upload id but no part number must not overwrite the object it names.
    """
    operation = candidate.operation
    if operation in extras.WITHOUT_UPLOADS and "uploadId" in request.params:
        raise not_allowed(request.method, "object", "uploadId")
    if operation in extras.PLAIN_UPLOADS and "partNumber" in request.params:
        raise S3Error(
            "InvalidArgument",
            "This operation does not accept partNumber without uploadId",
            ArgumentName="partNumber",
            ArgumentValue=request.params["partNumber"],
        )
    return operation


def not_allowed(method: str, level: str, sub: str = "") -> S3Error:
    """MethodNotAllowed, naming the resource as S3 does."""
    types = extras.RESOURCE_TYPES
    resource = types.get(f"{level}?{sub}") or types.get(sub, sub.upper()) if sub else level.upper()
    return S3Error("MethodNotAllowed", Method=method, ResourceType=resource)


def allowed(target: Target, request: Request | None = None) -> str:
    """The methods of an Allow header for what a request was about: those of its sub-resource, or of its upload."""
    params = request.params if request is not None else {}
    sub = next((name for name in params if name in _SUBS[target.level]), "")
    upload = _UPLOAD.intersection(params) if "uploadId" in params else frozenset()
    methods = {
        method
        for (method, level), subs in _TABLE.items()
        if level == target.level and any(_UPLOAD.intersection(dict(one.query)) == upload for one in subs.get(sub, ()))
    }
    if target.level == "bucket" and not sub:
        methods.add("POST")  # a form's upload
    return ", ".join(sorted(methods))


def _conflict(named: list[str]) -> S3Error:
    """Two sub-resources at once: S3 refuses, and so a policy for one can't be got round by naming both."""
    return S3Error(
        "InvalidArgument",
        f"Conflicting query string parameters: {', '.join(sorted(named))}",
        ArgumentName="ResourceType",
        ArgumentValue=min(named),
    )


def _misplaced(method: str, level: str, sub: str) -> S3Error:
    """A sub-resource of buckets on a key, or the other way round."""
    if level == "object":
        return S3Error("InvalidRequest", f"Key is not expected for the {method} method ?{sub} subresource")
    if level == "bucket":
        return S3Error("InvalidRequest", "A key must be specified")
    return not_allowed(method, level, sub)
