"""What each command of ``colonnade admin`` asks of the gateway, and how its answer is shown."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from colonnade.admin.client import AdminClient, RefusedError, UnreachableError
from colonnade.admin.elements import ELEMENTS, NUMBERS
from colonnade.cli.admin import shorthand
from colonnade.cli.parse import Given
from colonnade.config.flags import ConfigError
from colonnade.wire.markup import escape

Row: TypeAlias = dict[str, Any]
#: A change is told as one row, a listing as the heads of its columns and its rows.
Told: TypeAlias = Row | tuple[Sequence[str], list[Row]]


def run(settings: Given, ask: Callable[[AdminClient], Told]) -> int:
    """Ask, print the answer; status 1 for a refusal. Raises ConfigError when the gateway can't be reached."""
    try:
        client = AdminClient(
            settings["endpoint_url"],
            settings["access"],
            settings["secret"],
            region=settings["region"],
            verify=not settings["allow_insecure"],
        )
        told = ask(client)
    except RefusedError as error:
        if not settings["json"]:
            raise ConfigError(f"admin: {error}") from None
        print(json.dumps({"error": {"code": error.code, "message": error.message}}))
        return 1
    except (UnreachableError, ValueError) as error:
        raise ConfigError(f"admin: {error}") from None
    if settings["json"]:
        print(json.dumps(told if isinstance(told, dict) else told[1]))
    elif isinstance(told, tuple):
        _table(*told)
    else:
        print("done:", *(f"{name}={_shown(value)}" for name, value in told.items()))
    return 0


def create_user(client: AdminClient, given: Given) -> Told:
    """Make an account."""
    client.send("/create-user", body=_document("Account", given))
    return _without_secret(given)


def update_user(client: AdminClient, given: Given) -> Told:
    """Change an account."""
    changes = {name: value for name, value in given.items() if name != "access"}
    client.send("/update-user", {"access": given["access"]}, body=_document("MutableProps", changes))
    return _without_secret(given)


def delete_user(client: AdminClient, given: Given) -> Told:
    """Remove an account."""
    client.send("/delete-user", {"access": given["access"]})
    return {"access": given["access"]}


def list_users(client: AdminClient, _: Given) -> Told:
    """The accounts, without their secrets: a screen is no place for them."""
    columns = ("Account", "Role", *NUMBERS.values())
    found = ({**row, "Account": row["Access"]} for row in client.rows("/list-users"))
    return columns, [
        {name: int(row[name]) if name in NUMBERS.values() else row[name] for name in columns} for row in found
    ]


def change_bucket_owner(client: AdminClient, given: Given) -> Told:
    """Give a bucket to another."""
    client.send("/change-bucket-owner", {"bucket": given["bucket"], "owner": given["owner"]})
    return given


def list_buckets(client: AdminClient, _: Given) -> Told:
    """Every bucket and its owner."""
    found = client.rows("/list-buckets")
    return ("Bucket", "Owner"), [{"Bucket": row["Name"], "Owner": row["Owner"]} for row in found]


def create_bucket(client: AdminClient, given: Given) -> Told:
    """CreateBucket for somebody else, its arguments put into headers and body as S3's clients do."""
    from colonnade.backends.s3.request import build

    arguments = {_argument(name): value for name, value in given.items() if name != "owner"}
    if "CreateBucketConfiguration" in arguments:
        arguments["CreateBucketConfiguration"] = shorthand.read(arguments["CreateBucketConfiguration"])
    request = asyncio.run(build("CreateBucket", arguments))
    client.send(f"{request.path}/create", body=request.body, headers={**request.headers, "x-vgw-owner": given["owner"]})
    return {"bucket": given["bucket"], "owner": given["owner"]}


def _argument(flag: str) -> str:
    """An argument of CreateBucket by its flag: ``grant_read_acp`` is GrantReadACP."""
    return {"acl": "ACL"}.get(flag, flag.title().replace("_", "").replace("Acp", "ACP"))


def _document(root: str, given: Mapping[str, Any]) -> bytes:
    inside = "".join(f"<{ELEMENTS[name]}>{escape(str(value))}</{ELEMENTS[name]}>" for name, value in given.items())
    return f"<{root}>{inside}</{root}>".encode()


def _without_secret(given: Mapping[str, Any]) -> Row:
    return {name: value for name, value in given.items() if name != "secret"}


def _table(columns: Sequence[str], rows: Sequence[Row]) -> None:
    texts = [columns, *([_shown(row[name]) for name in columns] for row in rows)]
    widths = [max(len(line[place]) for line in texts) for place in range(len(columns))]
    for line in texts:
        print("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def _shown(value: Any) -> str:
    """A value for a terminal, which obeys control characters."""
    text = str(value)
    return text if text.isprintable() else ascii(text)[1:-1]
