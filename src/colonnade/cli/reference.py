"""The configuration reference, written from the tables: ``python -m colonnade.cli.reference > FILE``.

A test compares the page in docs/guide with this, so it can't say what the code doesn't do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from colonnade.cli.admin.table import COMMANDS
from colonnade.cli.command import HELP
from colonnade.cli.places import FORMS
from colonnade.cli.usage import default
from colonnade.config import administration, options, pending
from colonnade.config.flags import BOOL, Flag

INTRODUCTION = """\
# Configuration reference

<!-- Written by `make docs` from the tables in src/colonnade/config; edit those. -->

A flag comes before an environment variable, that before the file, that before the default. Global flags stand before
the command: `colonnade --port :80 posix /srv`. One dash or two, `--flag value` or `--flag=value`; a yes/no flag is
turned off by `--flag=false` or `--no-flag`.

In a file (TOML, or JSON by its suffix) the keys are the names of the flags. `-` and `_` are the same in them. In any
text `${NAME}` is the environment variable of that name and `$${` a plain `${`. `access-file`, `secret-file`,
`password-file`, `access-key-file` and `sas-token-file` read the value from a file. Relative paths are relative to the
working directory. A key nobody knows is an error, but for `comment`, `comments`, `note`, `notes`, `important_notes`
and `use_cases`.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([INTRODUCTION, *_lines()]) + "\n"


def _lines() -> Iterator[str]:
    yield from _section("Global settings", "Flags of every command, and keys at the top of a file.", options.GLOBAL)
    yield from _section(
        "`colonnade posix DIR`", "Serves one directory, its flags beside the global ones.", options.POSIX
    )
    yield from _section("`colonnade s3`", "Serves another S3 service.", options.S3)
    yield from _section(
        "`colonnade s3-multi`",
        "Serves several S3 services as one; a global flag may follow the command. In the file each entry of `backends` "
        "has `name`, `access`, `secret`, `endpoint`, `region`, `metaBucket`, `disableChecksum`, `sslSkipVerify` and "
        "`usePathStyle`; `VGW_S3_MULTI_BACKEND_0_NAME`, `..._ACCESS` and so on overrule it.",
        options.S3_MULTI,
    )
    yield from _section(
        "`colonnade serve`, `check`, `status` and `tidy`",
        "They take a file; `status` has `--json` too.",
        options.CONFIG,
    )
    yield from _section("`[overlay]`", "In a file with several backends.", options.OVERLAY)
    about = (
        "Each one also has the options of its type, which are the flags of its command (`posix` with a `path`). "
        "The first is the primary."
    )
    yield from _section("`[[backends]]`", about, options.MEMBER)
    yield from _section("`colonnade sync SRC DST`", "A place is " + FORMS + ".", options.SYNC)
    yield from _section("`colonnade diff SRC DST` and `verify`", "Places as for `sync`.", options.COMPARE)
    about = "Runs the conformance suite against any endpoint and prints what passes; needs `colonnade[test]`."
    yield from _section("`colonnade test`", about, options.TEST)
    yield from _admin()
    yield "## Not available yet\n"
    yield "Known from the compatible gateway, and refused by name, as a flag, in the environment and in files.\n"
    for name, flags in (("Global", pending.GLOBAL), ("posix", pending.POSIX)):
        yield f"{name}: {', '.join(f'`{flag.name}`' for flag in flags)}.\n"
    yield f"Commands: {', '.join(f'`{name}`' for name in pending.COMMANDS)}."


def _admin() -> Iterator[str]:
    about = "Asks a running gateway's administrator's API. These flags go before the command, or behind it if it has "
    yield from _section("`colonnade admin COMMAND`", f"{about}none of that name.", administration.ADMIN)
    for command in COMMANDS:
        own = [flag for flag in command.flags if flag not in (*administration.ADMIN, HELP)]
        about = f"{command.meaning[0].upper()}{command.meaning[1:]}."
        if own:
            yield from _section(f"`colonnade admin {command.name}`", about, own)
        else:
            yield f"## `colonnade admin {command.name}`\n\n{about}\n"


def _section(title: str, about: str, flags: Sequence[Flag]) -> Iterator[str]:
    yield f"## {title}\n\n{about}\n"
    yield "| Name | Short | Environment | Value | Default | Meaning |\n|---|---|---|---|---|---|"
    for flag in flags:
        short = ", ".join(f"`{alias}`" for alias in flag.aliases)
        env = ", ".join(f"`{name}`" for name in flag.env)
        value = "false" if flag.kind is BOOL and flag.default is False else default(flag)
        yield f"| `{flag.name}` | {short} | {env} | {flag.kind.allowed} | {value and f'`{value}`'} | {_meaning(flag)} |"
    yield ""


def _meaning(flag: Flag) -> str:
    return f"{flag.meaning} (required)" if flag.required else flag.meaning


if __name__ == "__main__":
    print(page(), end="")
