"""What a bucket says of who may use it, asked of the backend only when a decision needs it, and once.

How long "once" lasts is `access.cache`'s to say.
"""

from __future__ import annotations

from collections.abc import Mapping

from colonnade.access import policy
from colonnade.backend import Answer, Backend
from colonnade.errors import S3Error
from colonnade.rules import acl

_TAG = "s3:existingobjecttag/"

#: What a backend says of an object that isn't there, or is a delete marker.
_NOTHING_THERE = ("NoSuchKey", "NoSuchVersion", "MethodNotAllowed")


class Bucket:
    """One bucket at one moment. Everything raises NoSuchBucket, and what the backend raises."""

    def __init__(self, backend: Backend, name: str) -> None:
        self.backend = backend
        self.name = name
        #: Whether these are known: the owner's access key, what the policy says, and that it can't be understood.
        self.loaded = False
        self.owned_by = ""
        self.policy: policy.Policy | None = None
        self.unreadable = False
        #: Whether objects have owners and ACLs of their own.
        self.objects_own = False
        self._acl: Answer | None = None
        self._enforced: bool | None = None
        self._block: Mapping[str, bool] | None = None

    async def acl(self) -> Answer:
        """Owner and grants; neither where the backend has no ACLs."""
        if self._acl is None:
            self._acl = await self._ask("GetBucketAcl", ()) or {}
        return self._acl

    async def owner(self) -> str:
        """The owner's access key, empty where there is none: then the bucket is root's."""
        return str(((await self.acl()).get("Owner") or {}).get("ID") or "")

    async def load(self) -> None:
        """Ask for what every decision needs."""
        self.owned_by = await self.owner()
        answer = await self._ask("GetBucketPolicy", ("NoSuchBucketPolicy",))
        if answer is not None:
            try:
                self.policy = policy.read(answer["Policy"], self.name)
            except S3Error:
                self.unreadable = True
        self.objects_own = self.backend.object_acls and not await self.enforced()
        self.loaded = True

    async def enforced(self) -> bool:
        """Whether the owner owns everything, so that ACLs don't count."""
        if self._enforced is None:
            answer = await self._ask("GetBucketOwnershipControls", ("OwnershipControlsNotFoundError",))
            rules = ((answer or {}).get("OwnershipControls") or {}).get("Rules") or ()
            self._enforced = any(rule["ObjectOwnership"] == acl.ENFORCED for rule in rules)
        return self._enforced

    async def block(self) -> Mapping[str, bool]:
        """The switches of the public access block that are on."""
        if self._block is None:
            answer = await self._ask("GetPublicAccessBlock", ("NoSuchPublicAccessBlockConfiguration",))
            self._block = (answer or {}).get("PublicAccessBlockConfiguration") or {}
        return self._block

    async def object_acl(self, key: str, version: str | None) -> Answer | None:
        """Whose an object is and what its ACL grants; None where nothing is there. For a bucket whose `objects_own`."""
        arguments = {"Bucket": self.name, "Key": key, **({"VersionId": version} if version else {})}
        try:
            return await self.backend.call("GetObjectAcl", arguments)
        except S3Error as error:
            if error.code not in _NOTHING_THERE:
                raise
            return None

    async def grants(self, who: str | None, permission: str) -> bool:
        """Whether the bucket's ACL grants a permission to somebody, by name or as one of a group."""
        return await self.granted(await self.acl(), who, permission)

    async def granted(self, given: Answer, who: str | None, permission: str) -> bool:
        """Whether an ACL, the bucket's or that of an object in it, grants a permission to somebody."""
        rows = given.get("Grants") or ()
        wanted = [row["Grantee"] for row in rows if permission and row["Permission"] in (permission, "FULL_CONTROL")]
        named = who is not None and any(grantee.get("ID") == who for grantee in wanted)
        groups = (acl.ALL_USERS,) if who is None else (acl.ALL_USERS, acl.AUTHENTICATED)
        in_group = any(grantee.get("URI") in groups for grantee in wanted)
        if not (named or in_group) or await self.enforced():
            return False
        return named or not (await self.block()).get("IgnorePublicAcls")

    async def tags(self, key: str, version: str | None) -> dict[str, list[str]]:
        """An object's tags as conditions name them; none where there is no such object."""
        arguments = {"Bucket": self.name, "Key": key, **({"VersionId": version} if version else {})}
        try:
            answer = await self.backend.call("GetObjectTagging", arguments)
        except S3Error as error:
            if error.code not in (*_NOTHING_THERE, "NotImplemented"):
                raise
            return {}
        known: dict[str, list[str]] = {}
        for tag in answer.get("TagSet") or ():
            if known.setdefault(f"{_TAG}{tag['Key']}".lower(), [tag["Value"]]) != [tag["Value"]]:
                raise S3Error("AccessDenied", "Tags whose keys differ in case alone can't be judged by a policy.")
        return known

    async def _ask(self, operation: str, unset: tuple[str, ...]) -> Answer | None:
        try:
            return await self.backend.call(operation, {"Bucket": self.name})
        except S3Error as error:
            if error.code in (*unset, "NotImplemented"):
                return None
            raise
