"""Cross-origin requests: what a bucket's CORS configuration lets pages of other sites do, in headers.

Pure: rules and what the browser said in, headers out. A browser asks first (a preflight) and then for real; only
the preflight is refused, a real request is carried out whatever the rules say and the browser keeps its answer
from the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from colonnade.errors import S3Error

Rules: TypeAlias = Sequence[Mapping[str, Any]]
Lines: TypeAlias = list[tuple[bytes, bytes]]

METHODS = ("GET", "PUT", "POST", "DELETE", "HEAD")

#: What an answer depends on, for caches between.
_VARY = (b"vary", b"Origin, Access-Control-Request-Headers, Access-Control-Request-Method")

#: What the fallback lets pages read, beside user metadata.
_ALWAYS = b"ETag, x-amz-storage-class"
_EXPOSED = b"access-control-expose-headers"


def preflight(rules: Rules | None, fallback: str | None, headers: Mapping[str, str], level: str) -> Lines:
    """The headers that answer a preflight. `rules` are the bucket's, None without a configuration.

    `fallback` is the origin allowed then, `level` what was asked about: service, bucket or object. Raises BadRequest,
    AccessForbidden.
    """
    origin, method = headers.get("origin"), headers.get("access-control-request-method")
    if origin is None:
        raise S3Error("BadRequest", "Insufficient information. Origin request header needed.")
    if method not in METHODS:
        raise S3Error("BadRequest", f"Invalid Access-Control-Request-Method: {method or 'null'}")
    wanted = _names(headers.get("access-control-request-headers", ""))
    if rules is None:
        if fallback is None:
            raise _forbidden("CORS is not enabled for this bucket.", method, level)
        return mirrored(fallback, headers)
    for rule in rules:
        pattern = _matched(rule, origin, method)
        if pattern is not None and _headers_allowed(rule, wanted):
            return _of_rule(rule, pattern, origin, wanted)
    raise _forbidden(
        "This CORS request is not allowed. This is usually because the evalution of Origin, request method / "
        "Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS "
        "spec.",
        method,
        level,
    )


def mirrored(origin: str, headers: Mapping[str, str]) -> Lines:
    """The headers that let pages of an origin do whatever the browser asks about."""
    wanted = _names(headers.get("access-control-request-headers", ""))
    method = headers.get("access-control-request-method")
    return _lines({"allow-origin": origin, "allow-methods": method, "allow-headers": ", ".join(wanted)})


def bucket_not_found(method: str | None, level: str) -> S3Error:
    """How a preflight is told that there is no such bucket."""
    return _forbidden("Bucket not found", method or "null", level)


def actual(rules: Rules | None, fallback: str | None, origin: str, method: str) -> Lines:
    """The headers beside the answer to a request with an Origin, also if that is an error."""
    if rules is None:
        return _lines({"allow-origin": fallback, "expose-headers": _ALWAYS.decode()}) if fallback is not None else []
    for rule in rules:
        pattern = _matched(rule, origin, method)
        if pattern is not None:
            return _of_rule(rule, pattern, origin, ())
    return [_VARY]


def beside(answer: Iterable[tuple[bytes, bytes]], lines: Lines) -> Lines:
    """The headers to put beside those of an answer: the fallback exposes what user metadata it has."""
    if (_EXPOSED, _ALWAYS) not in lines:
        return lines
    names = [name for name, _ in answer if name.startswith(b"x-amz-meta-")]
    return [(name, b", ".join([value, *names]) if name == _EXPOSED else value) for name, value in lines]


def _matched(rule: Mapping[str, Any], origin: str, method: str) -> str | None:
    """The pattern of a rule that an origin is of, if the rule has the method."""
    if method not in rule.get("AllowedMethods", ()):
        return None
    return next((pattern for pattern in rule.get("AllowedOrigins", ()) if _fits(pattern, origin)), None)


def _headers_allowed(rule: Mapping[str, Any], wanted: Sequence[str]) -> bool:
    """Whether each header is of one of the rule's patterns; names of headers have no case."""
    patterns = [pattern.lower() for pattern in rule.get("AllowedHeaders") or ()]
    return all(any(_fits(pattern, name) for pattern in patterns) for name in wanted)


def _fits(pattern: str, text: str) -> bool:
    """Whether a text is of a pattern, in which one star stands for anything."""
    before, star, after = pattern.partition("*")
    if not star:
        return pattern == text
    return len(text) >= len(before) + len(after) and text.startswith(before) and text.endswith(after)


def _of_rule(rule: Mapping[str, Any], pattern: str, origin: str, wanted: Sequence[str]) -> Lines:
    """A rule's headers. Credentials go only to origins that the rule names: RFC 6454's ``*`` is everybody."""
    anybody = pattern == "*"
    seconds = rule.get("MaxAgeSeconds")
    return _lines(
        {
            "allow-origin": "*" if anybody else origin,
            "allow-credentials": "" if anybody else "true",
            "allow-methods": ", ".join(rule["AllowedMethods"]),
            "allow-headers": ", ".join(wanted),
            "expose-headers": ", ".join(rule.get("ExposeHeaders") or ()),
            "max-age": "" if seconds is None else str(seconds),
        }
    )


def _lines(headers: Mapping[str, str | None]) -> Lines:
    """The headers that have a value, and Vary. What can't stand in a header line is left out."""
    lines = [
        (f"access-control-{name}".encode(), value.encode())
        for name, value in headers.items()
        if value and value.isascii() and value.isprintable()
    ]
    return [*lines, _VARY]


def _names(text: str) -> list[str]:
    return [name.strip().lower() for name in text.split(",") if name.strip()]


def _forbidden(sentence: str, method: str, level: str) -> S3Error:
    return S3Error("AccessForbidden", f"CORSResponse: {sentence}", Method=method, ResourceType=level.upper())
