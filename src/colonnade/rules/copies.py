"""What CopyObject takes from its source, and which copies S3 refuses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from colonnade.errors import S3Error
from colonnade.rules.metadata import SYSTEM

_DIRECTIVES = {"MetadataDirective": "metadata", "TaggingDirective": "tagging"}

#: Asking for one of these makes a copy onto itself worth while.
_WORTHWHILE = (
    "StorageClass",
    "WebsiteRedirectLocation",
    "ChecksumAlgorithm",
    "ServerSideEncryption",
    "SSECustomerAlgorithm",
)


def check(arguments: Mapping[str, Any], source: Mapping[str, str]) -> None:
    """Refuse what S3 refuses before it looks at the source.

    Raises InvalidArgument for a directive that is neither COPY nor REPLACE, InvalidRequest for a copy of an
    object to itself that would change nothing.
    """
    for name, what in _DIRECTIVES.items():
        directive = arguments.get(name, "COPY")
        if directive not in ("COPY", "REPLACE"):
            raise S3Error(
                "InvalidArgument",
                f"Unknown {what} directive.",
                ArgumentName=f"x-amz-{what}-directive",
                ArgumentValue=directive,
            )
    if (source["Bucket"], source["Key"]) != (arguments["Bucket"], arguments["Key"]):
        return
    changes = arguments.get("MetadataDirective") == "REPLACE" or any(arguments.get(name) for name in _WORTHWHILE)
    if not changes and "VersionId" not in source:
        raise S3Error(
            "InvalidRequest",
            "This copy request is illegal because it is trying to copy an object to itself without changing the "
            "object's metadata, storage class, website redirect location or encryption attributes.",
        )


@contextmanager
def judged() -> Iterator[None]:
    """Look a source up within it: a delete marker named by its id is an InvalidRequest, as S3 has it for copies."""
    try:
        yield
    except S3Error as error:
        if error.code != "MethodNotAllowed" or not error.output.get("DeleteMarker"):
            raise
        raise S3Error(
            "InvalidRequest",
            "The source of a copy request may not specifically refer to a delete marker by version id.",
        ) from error


def properties(arguments: Mapping[str, Any], source: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that `rules.metadata.pick` makes the new object's properties from.

    `source` are the kept properties of the source. Storage class and redirect are never copied: they are
    the request's, whatever the directive says.
    """
    own = ("StorageClass", "WebsiteRedirectLocation")
    taken = arguments if arguments.get("MetadataDirective") == "REPLACE" else source
    kept = {name: taken[name] for name in (*SYSTEM, "Metadata") if name in taken and name not in own}
    return kept | {name: arguments[name] for name in own if name in arguments}


def summed_as(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of the Ingest that sums a copy: only the algorithm can be named."""
    return {name: arguments[name] for name in ("ChecksumAlgorithm",) if name in arguments}
