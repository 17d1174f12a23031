"""What a bucket can be told to be, as one table: each configuration S3 has, and what its operations are called.

The shapes of requests and answers are the model's; a row says what the model doesn't: what S3 answers where
nothing is set, and S3's rules for a change. Configurations that promise something which nobody here would do later
are not kept: they stand in `REFUSED`. Versioning and ACLs, which decide more than they say, have modules of
their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from colonnade.errors import S3Error
from colonnade.model import OPERATIONS
from colonnade.rules import acl, tokens
from colonnade.rules import bucketconfigchecks as checks

#: What a Put asks to keep, and the bucket's name -> what is kept of it. Raises S3Error.
Prepare: TypeAlias = Callable[[Any, str], Any]

#: The most configurations of one kind with an id each, and how many of them stand on a page.
MOST, PAGE = 1000, 100


@dataclass(frozen=True, slots=True)
class Kind:
    """One configuration. `subject` is what its operations are named after: ``BucketCors``.

    `missing` is the error for a bucket that has none, `unset` the answer of kinds that have no such error. What is
    kept is the argument `payload` of Put as `prepare` makes it; of kinds that a bucket has `several` of, a
    dict of these by Id.
    """

    name: str
    subject: str
    missing: str = ""
    prepare: Prepare | None = None
    unset: Mapping[str, Any] | None = None

    @property
    def put(self) -> str:
        """The operation that sets it."""
        return f"Put{self.subject}"

    @property
    def get(self) -> str:
        """The operation that tells it."""
        return f"Get{self.subject}"

    @property
    def delete(self) -> str:
        """The operation that removes it; empty where S3 has none."""
        name = f"Delete{self.subject}"
        return name if name in OPERATIONS else ""

    @property
    def list(self) -> str:
        """The operation that lists those of a bucket that has several, each with an Id; empty for all others."""
        name = f"List{self.subject}s"
        return name if name in OPERATIONS else ""

    @property
    def several(self) -> bool:
        """Whether a bucket has many of it, each with an Id."""
        return bool(self.list)

    @property
    def payload(self) -> str:
        """The argument of Put that is the configuration."""
        payload = OPERATIONS[self.put].input.payload
        assert payload is not None
        return payload.name

    def changed(self, kept: Any, arguments: Mapping[str, Any]) -> Any:
        """What the bucket keeps after a Put with these arguments, None for nothing. Raises S3Error."""
        value = arguments[self.payload]
        if self.prepare is not None:
            value = self.prepare(value, arguments["Bucket"])
        if not self.several:
            return value
        checks.same_id(arguments["Id"], value)
        if len(kept or {}) >= MOST and arguments["Id"] not in kept:
            raise S3Error("TooManyConfigurations")
        return {**(kept or {}), arguments["Id"]: value}

    def removed(self, kept: Any, arguments: Mapping[str, Any]) -> Any:
        """What the bucket keeps after a Delete. Raises NoSuchConfiguration where the Id isn't there."""
        if not self.several:
            return None
        if arguments["Id"] not in (kept or {}):
            raise self._missing(arguments)
        return {name: value for name, value in kept.items() if name != arguments["Id"]} or None

    def answer(self, kept: Any, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """What Get says of what is kept. Raises the kind's `missing`."""
        if self.several:
            kept = (kept or {}).get(arguments["Id"])
        if kept is None:
            if self.unset is None:
                raise self._missing(arguments)
            return dict(self.unset)
        payload = OPERATIONS[self.get].output.payload
        return {payload.name: kept} if payload is not None else dict(kept)

    def page(self, kept: Any, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """What List says: a page in order of the Ids."""
        token = arguments.get("ContinuationToken")
        after = tokens.decode(token) if token else ""
        names = sorted(name for name in kept or {} if name > after)
        answer: dict[str, Any] = {"IsTruncated": len(names) > PAGE}
        if names:
            answer[f"{self.payload}List"] = [kept[name] for name in names[:PAGE]]
        if answer["IsTruncated"]:
            answer["NextContinuationToken"] = tokens.encode(names[PAGE - 1])
        return answer | ({"ContinuationToken": token} if token else {})

    def _missing(self, arguments: Mapping[str, Any]) -> S3Error:
        return S3Error(self.missing, BucketName=arguments["Bucket"])


KINDS: tuple[Kind, ...] = (
    Kind("tagging", "BucketTagging", "NoSuchTagSet", checks.tags),
    Kind("policy", "BucketPolicy", "NoSuchBucketPolicy", checks.policy),
    Kind("ownership", "BucketOwnershipControls", "OwnershipControlsNotFoundError", checks.ownership),
    Kind("public-access-block", "PublicAccessBlock", "NoSuchPublicAccessBlockConfiguration", checks.block),
    Kind("cors", "BucketCors", "NoSuchCORSConfiguration", checks.cors),
    Kind("website", "BucketWebsite", "NoSuchWebsiteConfiguration", checks.website),
    Kind("request-payment", "BucketRequestPayment", unset={"Payer": "BucketOwner"}),
    Kind("accelerate", "BucketAccelerateConfiguration", "", checks.accelerate, unset={}),
    Kind("inventory", "BucketInventoryConfiguration", "NoSuchConfiguration"),
    Kind("analytics", "BucketAnalyticsConfiguration", "NoSuchConfiguration"),
    Kind("metrics", "BucketMetricsConfiguration", "NoSuchConfiguration"),
    Kind("intelligent-tiering", "BucketIntelligentTieringConfiguration", "NoSuchConfiguration"),
    Kind("lock", "ObjectLockConfiguration", "ObjectLockConfigurationNotFoundError", checks.lock),
)

#: Owner and grants, which every bucket has. Its operations are written by hand: a Put names grants in three ways.
ACL = Kind("acl", "BucketAcl")

BY_NAME: Mapping[str, Kind] = {kind.name: kind for kind in KINDS}

#: Puts that ask for something to be done later, and the argument that asks for it: refused unless it asks nothing.
REFUSED: Mapping[str, str] = {
    name: payload.name
    for name in (
        "PutBucketEncryption",
        "PutBucketLifecycleConfiguration",
        "PutBucketLogging",
        "PutBucketNotificationConfiguration",
        "PutBucketReplication",
    )
    if (payload := OPERATIONS[name].input.payload) is not None
}

#: What is never there to be deleted.
NOTHING_TO_DELETE = ("DeleteBucketEncryption", "DeleteBucketLifecycle", "DeleteBucketReplication")

#: What a bucket that can't have it answers: S3's error for "not configured" ...
UNSET_ERRORS: Mapping[str, str] = {
    "GetBucketEncryption": "ServerSideEncryptionConfigurationNotFoundError",
    "GetBucketLifecycleConfiguration": "NoSuchLifecycleConfiguration",
    "GetBucketReplication": "ReplicationConfigurationNotFoundError",
}

#: ... or the answer that says so.
UNSET_ANSWERS: Mapping[str, Mapping[str, Any]] = {
    "GetBucketLogging": {},
    "GetBucketNotificationConfiguration": {},
}


def refuse(operation: str, arguments: Mapping[str, Any]) -> None:
    """Raise NotImplemented for a Put of `REFUSED` that asks for something; one that turns it off asks nothing."""
    if arguments.get(REFUSED[operation]):
        raise S3Error(
            "NotImplemented", f"{operation} asks for something to be done later, which is not available here."
        )


def of_new_bucket(arguments: Mapping[str, Any], *, block_public_access: bool = False) -> dict[str, Any]:
    """The configurations that CreateBucket's arguments ask for, by name of their kind. Raises S3Error.

    Ownership is left to whoever judges the ACL that comes with it, which is to be done first. A directory bucket is
    NotImplemented.
    """
    kept: dict[str, Any] = {}
    configuration = arguments.get("CreateBucketConfiguration") or {}
    if configuration.get("Bucket") or configuration.get("Location"):
        raise S3Error("NotImplemented", "There are no directory buckets here.")
    tags = configuration.get("Tags")
    if tags:
        kept["tagging"] = checks.tags({"TagSet": tags}, arguments["Bucket"])
    if arguments.get("ObjectLockEnabledForBucket"):
        kept["lock"] = {"ObjectLockEnabled": "Enabled"}
    if block_public_access:
        if acl.is_public(acl.of_headers(arguments, "")):
            raise S3Error("InvalidBucketAclWithBlockPublicAccessError")
        kept["public-access-block"] = dict.fromkeys(checks.BLOCKS, True)
    return kept
