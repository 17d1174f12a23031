"""S3's own rules for bucket configurations, beyond the shapes of the model.

Each takes what a Put wants kept, and the bucket's name, and gives what is kept; it raises S3Error in S3's words.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from colonnade.errors import S3Error
from colonnade.rules import tagging

#: The largest bucket policy in bytes ("Bucket policies are limited to 20 KB in size").
LARGEST_POLICY = 20 * 1024

METHODS = ("GET", "PUT", "POST", "DELETE", "HEAD")
MOST_CORS_RULES = 100
MOST_ROUTING_RULES = 50

#: The four switches of a public access block.
BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")

#: The longest default retention.
LONGEST = {"Days": 36_500, "Years": 100}


def tags(value: Mapping[str, Any], _: str) -> dict[str, Any] | None:
    """At most fifty; an empty set is none."""
    given = value.get("TagSet") or []
    tagging.check(given, tagging.BUCKET_LIMIT)
    return {"TagSet": list(given)} if given else None


def policy(text: str, _: str) -> str:
    """JSON, an object, not too large. It is kept as it was sent."""
    try:
        fit = text.startswith("{") and isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        fit = False
    if not fit:
        raise S3Error("MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'")
    if len(text.encode()) > LARGEST_POLICY:
        raise S3Error("MalformedPolicy", "Policy exceeds the maximum allowed document size.")
    return text


def ownership(value: Mapping[str, Any], _: str) -> dict[str, Any]:
    """One rule: a bucket's objects are owned in one way."""
    rules = value.get("Rules") or []
    if len(rules) != 1 or not rules[0].get("ObjectOwnership"):
        raise S3Error("MalformedXML")
    return {"Rules": [{"ObjectOwnership": rules[0]["ObjectOwnership"]}]}


def block(value: Mapping[str, Any], _: str) -> dict[str, bool]:
    """All four switches are always told; one that wasn't named is off."""
    return {name: bool(value.get(name)) for name in BLOCKS}


def cors(value: Mapping[str, Any], _: str) -> dict[str, Any]:
    """One to a hundred rules of known methods; a star at most once in an origin or a header, in no exposed one."""
    rules = value.get("CORSRules") or []
    if not rules:
        raise S3Error("MalformedXML")
    if len(rules) > MOST_CORS_RULES:
        raise _invalid(f"The number of CORS rules should not exceed allowed limit of {MOST_CORS_RULES} rules.")
    for rule in rules:
        _cors_rule(rule)
    return {"CORSRules": list(rules)}


def _cors_rule(rule: Mapping[str, Any]) -> None:
    if not rule.get("AllowedMethods") or not rule.get("AllowedOrigins"):
        raise S3Error("MalformedXML")
    if len(rule.get("ID", "")) > 255:
        raise _invalid("Rule ID cannot be longer than 255 characters.")
    for method in rule["AllowedMethods"]:
        if method not in METHODS:
            raise _invalid(f"Found unsupported HTTP method in CORS config. Unsupported method is {method}")
    _one_star("AllowedOrigin", rule["AllowedOrigins"])
    _one_star("AllowedHeader", rule.get("AllowedHeaders") or ())
    for header in rule.get("ExposeHeaders") or ():
        if "*" in header:
            raise _invalid(
                f'ExposeHeader "{header}" contains wildcard. We currently do not support wildcard for ExposeHeader.'
            )


def _one_star(name: str, values: Iterable[str]) -> None:
    for value in values:
        if value.count("*") > 1:
            raise _invalid(f'{name} "{value}" can not have more than one wildcard.')


def website(value: Mapping[str, Any], _: str) -> dict[str, Any]:
    """Either everything is redirected, and nothing else is said, or there is an index document."""
    everything, index = value.get("RedirectAllRequestsTo"), value.get("IndexDocument")
    if everything is not None:
        if not everything.get("HostName") or len(value) > 1:
            raise _invalid("RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.")
        return dict(value)
    suffix = (index or {}).get("Suffix")
    if not suffix or "/" in suffix:
        raise _argument("The IndexDocument Suffix is not well formed", "IndexDocument", suffix or "null")
    error = value.get("ErrorDocument")
    if error is not None and not error.get("Key"):
        raise _argument("The ErrorDocument Key is not well formed", "ErrorDocument", error.get("Key", "null"))
    rules = value.get("RoutingRules") or []
    if len(rules) > MOST_ROUTING_RULES:
        raise _invalid(
            f"{len(rules)} routing rules provided, the number of routing rules in a website configuration is "
            f"limited to {MOST_ROUTING_RULES}."
        )
    for rule in rules:
        _routing_rule(rule)
    return dict(value)


def _routing_rule(rule: Mapping[str, Any]) -> None:
    redirect, condition = rule.get("Redirect"), rule.get("Condition")
    if not redirect or (condition is not None and not condition):
        raise S3Error("MalformedXML")
    if "ReplaceKeyWith" in redirect and "ReplaceKeyPrefixWith" in redirect:
        raise _invalid("You can only define ReplaceKeyPrefix or ReplaceKey but not both.")
    code = redirect.get("HttpRedirectCode")
    if code is not None and code not in ("301", "302", "303", "304", "305", "307", "308"):
        raise _invalid(f"The provided HTTP redirect code ({code}) is not valid. Valid codes are 3XX except 300.")
    code = (condition or {}).get("HttpErrorCodeReturnedEquals")
    if code is not None and not (len(code) == 3 and code.isdigit() and code[0] in "45"):
        raise _invalid(f"The provided HTTP error code ({code}) is not valid. Valid codes are 4XX or 5XX.")


def accelerate(value: Mapping[str, Any], bucket: str) -> dict[str, Any]:
    """Only buckets whose name can be a single DNS label."""
    if not value.get("Status"):
        raise S3Error("MalformedXML")
    if "." in bucket:
        raise _invalid("S3 Transfer Acceleration is not supported for buckets with periods (.) in their names")
    return dict(value)


def lock(value: Mapping[str, Any], _: str) -> dict[str, Any]:
    """Enabled, and if there is a default retention, its mode and either days or years."""
    if value.get("ObjectLockEnabled") != "Enabled":
        raise S3Error("MalformedXML")
    rule = value.get("Rule")
    if rule is None:
        return {"ObjectLockEnabled": "Enabled"}
    default = rule.get("DefaultRetention") or {}
    spans = [name for name in LONGEST if default.get(name) is not None]
    if not default.get("Mode") or len(spans) != 1:
        raise S3Error("MalformedXML")
    if set(default) - {"Mode", *LONGEST}:
        raise S3Error("NotImplemented", "Of default retention only mode, days and years are available here.")
    (span,) = spans
    if default[span] < 1:
        raise _argument("Default retention period must be a positive integer value", span, str(default[span]))
    if default[span] > LONGEST[span]:
        raise _argument(f"Default retention period too large: at most {LONGEST[span]}", span, str(default[span]))
    return {
        "ObjectLockEnabled": "Enabled",
        "Rule": {"DefaultRetention": {"Mode": default["Mode"], span: default[span]}},
    }


def same_id(asked: str, value: Mapping[str, Any]) -> None:
    """The id in the query and the one in the body are one."""
    if value.get("Id") != asked:
        raise _argument("The id in the request's query is not that of the configuration", "id", asked)


def _invalid(message: str) -> S3Error:
    return S3Error("InvalidRequest", message)


def _argument(message: str, name: str, value: str) -> S3Error:
    return S3Error("InvalidArgument", message, ArgumentName=name, ArgumentValue=value)
