"""What a bucket says of who may use it, asked of the backend only when a decision needs it, and once.

How long "once" lasts is `access.cache`'s to say.
"""

from __future__ import annotations

from collections.abc import Mapping

from colonnade.access import policy
from colonnade.access.statements import Policy
from colonnade.access.tags import by_tag
from colonnade.backend import Answer, Backend
from colonnade.errors import S3Error
from colonnade.rules import acl

_TAG = "s3:existingobjecttag/"

#: The groups that are public, the first of which is everybody, signed or not.
_GROUPS = (acl.ALL_USERS, acl.AUTHENTICATED)

#: What a backend says of an object that isn't there, or is a delete marker.
_NOTHING_THERE = ("NoSuchKey", "NoSuchVersion", "MethodNotAllowed")


class Bucket:
    """One bucket at one moment. Everything raises NoSuchBucket, and what the backend raises.

    What decisions are made of is there once it is `loaded`. `root` is root's access key.
    """

    def __init__(self, backend: Backend, name: str, root: str = "") -> None:
        self.backend = backend
        self.name = name
        self.root = root
        self.loaded = False
        #: Owner and grants; neither where the backend has no ACLs.
        self.acl: Answer = {}
        #: The owner's access key, empty where there is none: then the bucket is root's.
        self.owned_by = ""
        self.policy: Policy | None = None
        #: Whether it has a policy that can't be understood.
        self.unreadable = False
        #: Whether the owner owns everything, so that ACLs don't count; if not, whether objects have some.
        self.enforced = False
        self.objects_own = False
        #: The switches of the public access block that are on, where something public makes them count.
        self.block: Mapping[str, bool] = {}
        #: Whether `owned_by` says something yet.
        self.owner_known = False
        #: Whether `block` says something yet.
        self.block_known = False

    async def owner(self) -> str:
        """`owned_by`, and nothing else asked for."""
        if not self.owner_known:
            self.acl = await self._ask("GetBucketAcl", ()) or {}
            self.owned_by = str((self.acl.get("Owner") or {}).get("ID") or "")
            self.owner_known = True
        return self.owned_by

    @property
    def account(self) -> str:
        """Whose account it is in, once `owner_known`: what no gateway made is root's. Empty where others know that."""
        return self.owned_by or (self.root if self.backend.owners else "")

    async def load(self) -> None:
        """Ask for what every decision needs."""
        await self.owner()
        answer = await self._ask("GetBucketPolicy", ("NoSuchBucketPolicy",))
        if answer is not None:
            try:
                self.policy = policy.read(answer["Policy"], self.name)
            except S3Error:
                self.unreadable = True
        controls = await self._ask("GetBucketOwnershipControls", ("OwnershipControlsNotFoundError",))
        rules = ((controls or {}).get("OwnershipControls") or {}).get("Rules") or ()
        self.enforced = any(rule["ObjectOwnership"] == acl.ENFORCED for rule in rules)
        self.objects_own = self.backend.object_acls and not self.enforced
        if acl.is_public(self.acl) or (self.policy is not None and self.policy.public):
            await self.load_block()
        self.loaded = True

    async def load_block(self) -> Mapping[str, bool]:
        """Ask for `block`, which counts for what is public."""
        if not self.block_known:
            answer = await self._ask("GetPublicAccessBlock", ("NoSuchPublicAccessBlockConfiguration",))
            self.block = (answer or {}).get("PublicAccessBlockConfiguration") or {}
            self.block_known = True
        return self.block

    async def object_acl(self, key: str, version: str | None) -> Answer | None:
        """Whose an object is and what its ACL grants; None where nothing is there. For a bucket whose `objects_own`."""
        arguments = {"Bucket": self.name, "Key": key, **({"VersionId": version} if version else {})}
        try:
            return await self.backend.call("GetObjectAcl", arguments)
        except S3Error as error:
            if error.code not in _NOTHING_THERE:
                raise
            return None

    async def initiator(self, key: str, upload: str) -> str | None:
        """The access key of who began an upload; None where there is none."""
        named = {"Bucket": self.name, "Key": key, "UploadId": upload}
        try:
            found = await self.backend.call("ListParts", {**named, "MaxParts": 1})
        except S3Error as error:
            if error.status != 404:
                raise
            return None
        return (found.get("Initiator") or {}).get("ID")

    def granted(self, given: Answer, who: str | None, permission: str) -> bool:
        """Whether an ACL, the bucket's or that of an object in it, grants a permission to somebody.

        By name, or as one of a group.
        """
        if self.enforced:
            return False
        groups = _GROUPS if who is not None else _GROUPS[:1]
        for row in given.get("Grants") or ():
            if permission and row["Permission"] in (permission, "FULL_CONTROL"):
                grantee = row["Grantee"]
                if who is not None and grantee.get("ID") == who:
                    return True
                if grantee.get("URI") in groups and not self.block.get("IgnorePublicAcls"):
                    return True
        return False

    async def tags(self, key: str, version: str | None) -> dict[str, list[str]]:
        """An object's tags as conditions name them; none where there is no such object."""
        arguments = {"Bucket": self.name, "Key": key, **({"VersionId": version} if version else {})}
        try:
            answer = await self.backend.call("GetObjectTagging", arguments)
        except S3Error as error:
            if error.code not in (*_NOTHING_THERE, "NotImplemented"):
                raise
            return {}
        return by_tag(_TAG, ((tag["Key"], tag["Value"]) for tag in answer.get("TagSet") or ()))

    async def _ask(self, operation: str, unset: tuple[str, ...]) -> Answer | None:
        try:
            return await self.backend.call(operation, {"Bucket": self.name})
        except S3Error as error:
            if error.code in (*unset, "NotImplemented"):
                return None
            raise
