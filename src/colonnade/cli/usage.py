"""Help and version, from the tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from colonnade import __version__, build
from colonnade.cli import commands
from colonnade.cli.command import Command, find
from colonnade.config.flags import BOOL, OCTAL, Flag


def version() -> int:
    """Print what this is."""
    print(f"Version  : {__version__}\nBuild    : {build.COMMIT}\nBuildTime: {build.TIME}")
    return 0


def overview() -> int:
    """Print the commands and the global flags."""
    print("Colonnade: one S3 endpoint over many storage backends.\n")
    print("usage: colonnade [global flags] COMMAND [command flags] [arguments]\n\ncommands:")
    for command in commands.COMMANDS:
        print(f"  {f'{command.name} {command.arguments}':24}{command.meaning}")
    print(f"  {'help [COMMAND]':24}say how it is used\n\nglobal flags:")
    _print(commands.GLOBAL)
    return 0


def about(command: Command, nested: Sequence[str] = (), before: str = "colonnade [global flags]") -> int:
    """Print how one command is used, or one of its own that `nested` names."""
    if nested and command.nested:
        return about(find(nested[0], command.nested), nested[1:], f"{before} {command.name} [flags]")
    print(f"usage: {before} {command.name} [flags] {command.arguments}".rstrip(), f"\n\n{command.meaning}\n")
    if command.nested:
        print("commands:", *(f"  {each.name:24}{each.meaning}" for each in command.nested), "", sep="\n")
    print("flags:")
    _print(command.flags)
    return 0


def _print(flags: Iterable[Flag]) -> None:
    for flag in flags:
        if flag.available:
            print(f"  {_names(flag)}\n        {flag.meaning}{_rest(flag)}")


def _names(flag: Flag) -> str:
    names = ", ".join([f"--{flag.name}", *(f"-{alias}" for alias in flag.aliases)])
    return names if flag.kind is BOOL else f"{names} {flag.kind.name.upper()}"


def _rest(flag: Flag) -> str:
    """Whether it is required, default and variables, as far as there are any."""
    rest = ["required"] if flag.required else []
    rest += [f"default {default(flag)}"] if default(flag) else []
    rest += [f"environment {', '.join(flag.env)}"] if flag.env else []
    return f" [{'; '.join(rest)}]" if rest else ""


def default(flag: Flag) -> str:
    """The default as one would write it, empty where there is none."""
    value = flag.default
    if value is None or value is False or value == ():
        return ""
    if value is True:
        return "true"
    if flag.kind is OCTAL and isinstance(value, int):
        return f"{value:04o}"
    return ",".join(value) if isinstance(value, tuple) else f"{value:.15g}" if isinstance(value, float) else str(value)
