"""ACLs of objects, in an attribute of our own: the compatible gateway has none. They don't move Last-Modified."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from colonnade.backend import Answer
from colonnade.backends.posix import properties
from colonnade.backends.posix.base import Served
from colonnade.backends.posix.change import change
from colonnade.backends.posix.errors import os_errors
from colonnade.backends.posix.found import Found, found
from colonnade.backends.posix.tree import Tree
from colonnade.rules import acl, objectacl
from colonnade.rules.acl import Acl
from colonnade.rules.objectacl import Ownership


def of_write(tree: Tree, arguments: Mapping[str, Any]) -> dict[str, bytes]:
    """The attribute of a new object that the caller writes. Raises AccessControlListNotSupported, InvalidArgument."""
    bucket = arguments["Bucket"]
    if not objectacl.asked(arguments) and enforced(tree.store.get, tree.root.at(bucket)):
        return {}
    made = objectacl.of_new(arguments, _ownership(tree, bucket))
    return {} if made is None else {properties.ACL: acl.to_json(made)}


def _ownership(tree: Tree, bucket: str) -> Ownership:
    path = tree.root.at(bucket)
    setting = (tree.store.get(path, "ownership") or objectacl.WRITER.encode()).decode()
    raw = tree.store.get(path, "acl")
    return Ownership(setting, acl.from_json(raw)["Owner"]["ID"] if raw else "")


def enforced(get: Callable[[str, str], bytes | None], bucket: str) -> bool:
    """Whether the owner of the bucket, which lies at `bucket`, owns all objects in it."""
    return get(bucket, "ownership") == acl.ENFORCED.encode()


def owner(get: Callable[[str, str], bytes | None], path: str) -> dict[str, str] | None:
    """The owner that the object at `path` was given, None without one."""
    raw = get(path, properties.ACL)
    return acl.from_json(raw)["Owner"] if raw else None


def kept(attributes: Mapping[str, bytes]) -> Acl | None:
    """What an object's attributes say of its ACL."""
    raw = attributes.get(properties.ACL)
    return None if raw is None else acl.from_json(raw)


class ObjectAcls(Served):
    """GetObjectAcl and PutObjectAcl."""

    async def get_object_acl(self, **arguments: Any) -> Answer:
        """Owner and grants."""
        with os_errors(Key=arguments["Key"]), found(self.tree, arguments) as thing:
            return objectacl.shown(kept(thing.attributes), _ownership(self.tree, arguments["Bucket"]))

    async def put_object_acl(self, **arguments: Any) -> Answer:
        """Replace the grants."""

        def decide(thing: Found) -> dict[str, bytes | None]:
            made = objectacl.of_put(arguments, kept(thing.attributes), _ownership(self.tree, arguments["Bucket"]))
            return {properties.ACL: None if made is None else acl.to_json(made)}

        await change(self.tree, arguments, decide)
        return {}
