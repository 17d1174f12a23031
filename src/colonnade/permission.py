"""The step of a request that concerns who may do what: what is asked put into questions, answers into refusals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from colonnade import sources
from colonnade.access import decide, settings, table
from colonnade.access.cache import Remembering
from colonnade.access.decide import Question
from colonnade.access.state import Bucket
from colonnade.access.verdicts import Verdicts
from colonnade.access.wildcard import Besides, Facts
from colonnade.backend import Answer, Arguments
from colonnade.errors import S3Error
from colonnade.facts import Known, asks_for_tags
from colonnade.iam.accounts import Account, Accounts
from colonnade.model import taken
from colonnade.rules import acl, copysource
from colonnade.sources import Source
from colonnade.wire.address import Target
from colonnade.wire.request import Request

#: Reads of what an object's own ACL may grant.
_READS = frozenset({"GetObject", "HeadObject", "GetObjectAttributes", "GetObjectTagging"})
#: Those whose answers tell what the ACL of the object is that was read.
_TELLING = frozenset({"GetObject", "HeadObject"})

#: Operations whose arguments are judged too; and so is, of all others, BypassGovernanceRetention.
JUDGED = table.LATE | settings.OPERATIONS

#: What S3 lets those do who began an upload.
_UPLOADERS = frozenset({"AbortMultipartUpload", "ListParts"})

_COPIES = frozenset({"CopyObject", "UploadPartCopy"})

#: GetObjectAttributes needs the permission to read besides.
_WITHOUT_ATTRIBUTES = {
    "s3:GetObjectAttributes": "s3:GetObject",
    "s3:GetObjectVersionAttributes": "s3:GetObjectVersion",
}

#: Absent keys are told only to those who may list: the error -> the action.
_ABSENT = {"NoSuchKey": "s3:ListBucket", "NoSuchVersion": "s3:ListBucketVersions"}


@dataclass(slots=True)
class Asked:
    """A request of somebody who may not do everything unasked."""

    account: Account | None
    operation: str
    request: Request
    target: Target
    facts: Known
    buckets: dict[str, Bucket] = field(default_factory=dict)
    #: What is judged once it is read, by whose the object is that was.
    late: list[Question] = field(default_factory=list)
    #: What is to be copied, where more was judged of it than its name.
    source: Source | None = None
    #: The access key, None if nobody signed.
    who: str | None = field(init=False)

    def __post_init__(self) -> None:
        self.who = self.account.access if self.account is not None else None


def _of_version(asked: Asked, version: str | None) -> Facts:
    """The facts of a request about another version than its parameters name."""
    return Besides({"s3:versionid": [version] if version else []}, asked.facts)


def _check_anonymous(asked: Asked) -> None:
    """What S3 refuses to who didn't sign before it looks at anything. Raises InvalidRequest, AccessDenied."""
    if any(name.startswith("response-") for name in asked.request.params):
        raise S3Error("InvalidRequest", "Request specific response headers cannot be used for anonymous GET requests.")
    if asked.operation in table.SIGNED_ONLY:
        raise S3Error("AccessDenied", table.SIGNED_ONLY[asked.operation])


def _version(asked: Asked) -> str | None:
    """The version that is asked for, of an operation that takes one."""
    version = asked.request.asked.get("versionId")
    return version if version is not None and "versionId" in taken(asked.operation) else None


def _more(operation: str, headers: Mapping[str, str]) -> set[str]:
    """The actions that headers ask for beside the writing."""
    found = {action for header, action in table.MORE.items() if header in headers}
    if not asks_for_tags(operation, headers):
        found.discard("s3:PutObjectTagging")
    return found


class Permission:
    """Who may do what on one gateway; policies speak of its `accounts`. With `acls` off only they and owners count."""

    def __init__(self, backend: Remembering, accounts: Accounts, *, acls: bool = True) -> None:
        self.backend = backend
        self.accounts = accounts
        self.acls = acls
        self.verdicts = Verdicts()

    async def _check_source(self, asked: Asked) -> None:
        """What a copy reads: the source, and its tags where they come along."""
        asked.source = None
        source = copysource.parse_header(asked.request.headers["x-amz-copy-source"])
        bucket, version = await self._bucket(asked, source["Bucket"]), source.get("VersionId")
        facts = _of_version(asked, version)
        question = self._question(asked, table.ROWS["GetObject"], bucket, source["Key"], version, facts)
        if not decide.at_hand(question, acls=self.acls):
            try:
                asked.source = await sources.look(self.backend, source, asked.request.headers)
            except S3Error:  # what it tells of the object is for those who may read it
                await self._require(question)
                raise
        await self._require(question)
        if asked.operation != "CopyObject" or asked.request.headers.get("x-amz-tagging-directive") == "REPLACE":
            return
        reading = self._question(asked, table.ROWS["GetObjectTagging"], bucket, source["Key"], version, facts)
        target = await self._bucket(asked, asked.target.bucket or "")
        writing = Question(asked.who, "s3:PutObjectTagging", target, asked.target.key, asked.facts)
        may = [await self._allowed(question) for question in (reading, writing)]
        if all(may):
            return
        if asked.source is None:
            asked.source = await sources.look(self.backend, source, asked.request.headers)
        if await bucket.tags(source["Key"], version):
            raise S3Error("AccessDenied")

    async def _copy(self, asked: Asked, operation: str, arguments: Arguments) -> Answer:
        """Copy what was judged; what is another by then is judged again."""
        for _ in range(sources.TRIES):
            source = asked.source
            try:
                held = sources.held_to(source, arguments) if source is not None else arguments
                return await self.backend.call(operation, held)
            except S3Error as error:
                if error.code != "PreconditionFailed":
                    raise
                await self._check_source(asked)
                if asked.source == source:  # the request's own condition failed
                    raise
        raise S3Error("OperationAborted")

    async def judge(self, asked: Asked | None, operation: str, arguments: Arguments) -> None:
        """Once the arguments are known, before they are carried out; `asked` is None for who may do everything."""
        if asked is not None:
            if operation in table.LATE and operation != "DeleteObjects":
                asked.facts.tell(arguments)
                await self.check(asked)
            if arguments.get("BypassGovernanceRetention"):
                arguments["BypassGovernanceRetention"] = await self._may_bypass(asked, arguments)
        if operation in settings.OPERATIONS:
            await settings.check(self.backend, operation, arguments, acls=self.acls, accounts=self.accounts)

    async def call(self, asked: Asked, operation: str, arguments: Arguments) -> Answer:
        """Carry it out, and show of the answer what the caller may see."""
        if operation == "ListBuckets":
            return await self._list_buckets(asked, arguments)
        if operation == "DeleteObjects":
            return await self._delete_objects(asked, arguments)
        carry_out = self.backend.call if asked.source is None else partial(self._copy, asked)
        try:
            answer = await carry_out(operation, arguments)
        except S3Error as error:
            for question in asked.late:  # what the error tells of the object is for those who may read it
                await self._require(question)
            if error.code in _ABSENT and asked.target.key is not None:
                await self._require_listing(asked, _ABSENT[error.code])
            raise
        for question in asked.late:
            if not await self._may_see(question, answer if self._told(operation) else None):
                if "Body" in answer:
                    await answer["Body"].aclose()
                raise S3Error("AccessDenied")
        return answer

    def _told(self, operation: str) -> bool:
        """Whether the answer to a read says whose the object is."""
        return operation in _TELLING and self.backend.tells_acls

    async def _may_see(self, question: Question, read: Answer | None) -> bool:
        """Whether an object that was read may be shown."""
        if read is None:
            return await decide.allowed(question, acls=self.acls)
        own = read.get("AccessControlPolicy")
        if self.verdicts.allow(question, own):
            return True
        said = decide.of_read(question, read, acls=self.acls)
        if said is None:
            return await decide.allowed(question, acls=self.acls, read=read)
        if said:
            self.verdicts.remember(question, own)
        return said

    async def check(self, asked: Asked) -> None:
        """Before the body is read, unless it is the body that says what is asked (see `table.LATE`).

        Raises AccessDenied, MethodNotAllowed, NoSuchBucket.
        """
        operation, row = asked.operation, table.ROWS.get(asked.operation)
        if asked.account is None:
            _check_anonymous(asked)
        if operation == "CreateBucket":
            if not decide.may_create(asked.account):
                raise S3Error("AccessDenied")
            return
        if operation == "ListBuckets":
            if asked.account is None:
                raise S3Error("AccessDenied")
            return
        if row is None or asked.target.bucket is None:
            raise S3Error("AccessDenied")
        bucket = self.backend.remembered(asked.target.bucket)
        if bucket is not None and bucket.loaded:
            asked.buckets[bucket.name] = bucket
        else:
            bucket = await self._bucket(asked, asked.target.bucket)
        question = self._question(asked, row, bucket, asked.target.key, _version(asked))
        if operation in _READS and self.acls and bucket.objects_own:
            # Which object it is that is read, and so who may, is known for sure only once it was.
            asked.late.append(question)
        judged_now = not asked.late or not self._told(operation)
        if judged_now and not await self._allowed(question) and not await self._initiated(asked, question):
            raise S3Error("AccessDenied")
        if operation == "GetObjectAttributes":
            await self._require(replace(question, action=_WITHOUT_ATTRIBUTES[question.action]))
        if operation in table.POLICY and asked.who != bucket.owned_by:
            raise S3Error("MethodNotAllowed")
        if operation in table.WRITES:
            for action in _more(asked.operation, asked.request.headers):
                # Who may write by a grant of the bucket's ACL may say whom what is theirs then is granted to.
                permission = row.permission if action == "s3:PutObjectAcl" else ""
                await self._require(replace(question, action=action, permission=permission))
        if operation in _COPIES:
            await self._check_source(asked)

    async def _initiated(self, asked: Asked, question: Question) -> bool:
        """Whether it is the caller's own upload, which they may list and abort unless that is denied."""
        mine = asked.operation in _UPLOADERS and asked.who is not None and self.backend.object_acls
        if not mine or decide.denied(question):
            return False
        return await question.bucket.initiator(question.key or "", asked.request.params["uploadId"]) == asked.who

    def _question(
        self,
        asked: Asked,
        row: table.Row,
        bucket: Bucket,
        key: str | None,
        version: str | None,
        facts: Facts | None = None,
    ) -> Question:
        with_version = bool(version and row.of_version)
        action = row.of_version if with_version else row.action
        # A grant to write is no grant to remove versions.
        permission = "" if with_version else row.permission
        return Question(asked.who, action, bucket, key, facts or asked.facts, version, permission, row.on_object)

    async def _require(self, question: Question) -> None:
        if not await self._allowed(question):
            raise S3Error("AccessDenied")

    async def _allowed(self, question: Question) -> bool:
        if decide.at_hand(question, acls=self.acls):
            return decide.decide(question, acls=self.acls)
        return await decide.allowed(question, acls=self.acls)

    async def _require_listing(self, asked: Asked, action: str) -> None:
        """Raise AccessDenied unless the caller may list the bucket the absent key would be in."""
        bucket, key = asked.target.bucket, asked.target.key
        if asked.operation in _COPIES:
            source = copysource.parse_header(asked.request.headers["x-amz-copy-source"])
            bucket, key = source["Bucket"], source["Key"]
        facts = Besides({"s3:prefix": [key or ""]}, asked.facts)
        await self._require(
            Question(asked.who, action, await self._bucket(asked, bucket or ""), None, facts, None, "READ")
        )

    async def _may_bypass(self, asked: Asked, arguments: Arguments) -> bool:
        """Whether x-amz-bypass-governance-retention counts: for all the keys, or for none."""
        entries = (arguments.get("Delete") or {}).get("Objects") or [arguments]
        bucket = await self._bucket(asked, arguments["Bucket"])
        for entry in entries:
            question = Question(asked.who, table.BYPASS, bucket, entry["Key"], asked.facts, entry.get("VersionId"))
            if not await self._allowed(question):
                return False
        return True

    async def _list_buckets(self, asked: Asked, arguments: Arguments) -> Answer:
        """The caller's own; what others share with somebody is not in S3's listing either."""
        answer = await self.backend.call("ListBuckets", arguments)
        owners = [await (await self.backend.bucket(row["Name"])).owner() for row in answer.get("Buckets") or ()]
        rows = [row for row, owner in zip(answer.get("Buckets") or (), owners, strict=True) if owner == asked.who]
        return {**answer, "Buckets": rows, "Owner": acl.owner(asked.who or "")}

    async def _delete_objects(self, asked: Asked, arguments: Arguments) -> Answer:
        """Each key by itself: those not allowed are errors in the answer, the others are deleted."""
        row, bucket = table.ROWS["DeleteObjects"], await self._bucket(asked, arguments["Bucket"])
        allowed: list[dict[str, Any]] = []
        refused: list[dict[str, Any]] = []
        for entry in arguments["Delete"]["Objects"]:
            version = entry.get("VersionId")
            facts = _of_version(asked, version)
            if "ETag" in entry:  # what is an If-Match where one object is deleted
                facts = Besides({"s3:if-match": [entry["ETag"]]}, facts)
            question = self._question(asked, row, bucket, entry["Key"], version, facts)
            if await self._allowed(question):
                allowed.append(entry)
            else:
                named = {"Key": entry["Key"], **({"VersionId": version} if version else {})}
                refused.append({**named, "Code": "AccessDenied", "Message": "Access Denied"})
        if not refused:
            return await self.backend.call("DeleteObjects", arguments)
        answer: Answer = {}
        if allowed:
            passed = {**arguments, "Delete": {**arguments["Delete"], "Objects": allowed}}
            answer = await self.backend.call("DeleteObjects", passed)
        return {**answer, "Errors": [*(answer.get("Errors") or ()), *refused]}

    async def _bucket(self, asked: Asked, name: str) -> Bucket:
        """A bucket, the same in all of a request."""
        found = asked.buckets.get(name)
        if found is None:
            found = asked.buckets[name] = await self.backend.bucket(name)
            if not found.loaded:
                await found.load()
        return found
