"""Accounts: made, changed, removed and listed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from colonnade.admin import answers
from colonnade.admin.asked import Asked
from colonnade.admin.elements import ELEMENTS, NUMBERS
from colonnade.errors import S3Error
from colonnade.iam.accounts import Account, ChangeableAccounts, Role
from colonnade.wire import content, xml
from colonnade.wire.render import Response

#: Bytes of a body; more than any account takes.
MOST = 64 * 1024

#: Elements of a body -> fields of Account.
_FIELDS: Mapping[str, str] = {element: name for name, element in ELEMENTS.items()}


async def create(asked: Asked) -> Response:
    """Add an account. Raises XAdminUserExists, XAdminInvalidArgument, MalformedXML."""
    store = _store(asked)
    fields = await _fields(asked, "Account")
    if not fields.get("access") or not fields.get("secret"):
        raise S3Error("XAdminInvalidArgument", "An account needs an access key and a secret.")
    if "role" not in fields:
        raise S3Error("XAdminInvalidArgument")
    await store.create(Account(**fields))
    return answers.empty(201)


async def update(asked: Asked) -> Response:
    """Change what the body names of an account. Raises XAdminUserNotFound, XAdminInvalidArgument, MalformedXML."""
    store, access = _store(asked), _access(asked)
    fields = await _fields(asked, "MutableProps")
    if "access" in fields or fields.get("secret") == "":
        raise S3Error("XAdminInvalidArgument", "An access key can't be changed, and a secret is not empty.")
    await store.update(access, fields)
    return answers.empty(200)


async def delete(asked: Asked) -> Response:
    """Remove an account; one that isn't there is no error."""
    await _store(asked).delete(_access(asked))
    return answers.empty(200)


async def listed(asked: Asked) -> Response:
    """All but root, with their secrets: administrators hand them out."""
    found = await _store(asked).list()
    rows = ({tag: getattr(each, name) for name, tag in ELEMENTS.items()} for each in found)
    return answers.rows("ListUserAccountsResult", "Accounts", rows)


def _store(asked: Asked) -> ChangeableAccounts:
    """The accounts, if they can be changed. Raises XAdminMethodNotSupported."""
    if not isinstance(asked.accounts, ChangeableAccounts):
        raise S3Error("XAdminMethodNotSupported")
    return asked.accounts


def _access(asked: Asked) -> str:
    access = asked.changes["access"] = asked.request.params.get("access", "")
    if not access:
        raise S3Error("XAdminInvalidArgument", "Which account? Name it in the query: access=KEY.", status=404)
    return access


async def _fields(asked: Asked, root: str) -> dict[str, Any]:
    """The fields of an account in a body. Raises MalformedXML, XAdminInvalidArgument for a role there isn't."""
    document = xml.parse(await content.bounded(asked.body, MOST))
    if document.name != root:
        raise S3Error("MalformedXML")
    fields: dict[str, Any] = {}
    for element in document.children:
        name = _FIELDS.get(element.name)
        if name is None:
            raise S3Error("MalformedXML")
        asked.changes[name] = element.text
        fields[name] = _value(name, element.text)
    return fields


def _value(name: str, text: str) -> Any:
    if name == "role":
        if text not in tuple(Role):
            raise S3Error("XAdminInvalidArgument")
        return Role(text)
    if name not in NUMBERS:
        return text
    if not text.isascii() or not text.removeprefix("-").isdigit() or len(text) > 18:
        raise S3Error("MalformedXML")
    return int(text)
