"""What a setting is: its names, its kind, its default. Flags, environment, files, help and docs all read this."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False"})


class ConfigError(Exception):
    """A mistake in flags, environment or a file, as one line that names the place, the key and what is allowed."""


@dataclass(frozen=True)
class Kind:
    """How a value is read. `read` takes text or a file's own value and raises ValueError for what it can't be."""

    name: str
    allowed: str
    read: Callable[[Any], Any]


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError
    return value


def _bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value not in TRUE | FALSE:
        raise ValueError
    return value in TRUE


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError
    return int(value)


def _count(value: Any) -> int:
    number = _integer(value)
    if number < 1:
        raise ValueError
    return number


def _seconds(value: Any) -> float:
    if isinstance(value, bool):
        raise ValueError
    number = float(value)
    if not 0 < number < 1e9:
        raise ValueError
    return number


def _age(value: Any) -> int:
    text = str(_scalar(value)).lower()
    factor = {"s": 1, "m": 60, "h": 3600, "d": 86400}.get(text[-1:])
    return _count(text[:-1]) * factor if factor else _count(text)


def _rate(value: Any) -> float:
    text = str(_scalar(value)).upper().removesuffix("B").removesuffix("I")
    factor = {"K": 1024, "M": 1024**2, "G": 1024**3}.get(text[-1:], 1)
    number = float(text[:-1] if factor > 1 else text)
    if not 0 < number < 1e12:
        raise ValueError
    return number * factor


def _octal(value: Any) -> int:
    # TOML writes 0o660, which arrives as a number; a bare 660 there would be decimal, and is not what was meant.
    number = int(value, 8) if isinstance(value, str) else _integer(value)
    if not 0 <= number <= 0o777:
        raise ValueError
    return number


def _list(value: Any) -> tuple[str, ...]:
    items = value if isinstance(value, list | tuple) else str(_scalar(value)).split(",")
    found = tuple(str(_scalar(item)).strip() for item in items)
    if not found or not all(found):
        raise ValueError
    return found


def _scalar(value: Any) -> str | int:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError
    return value


def _path_prefix(value: Any) -> str:
    if not _text(value).startswith("/") or set(value) & set("?#\\ "):
        raise ValueError
    return str(value)


def choice(*words: str) -> Kind:
    """One of some words."""

    def read(value: Any) -> str:
        if value not in words:
            raise ValueError
        return str(value)

    return Kind("word", " or ".join(words), read)


TEXT = Kind("text", "a text that isn't empty", _text)
BOOL = Kind("yes/no", "true or false", _bool)
INTEGER = Kind("number", "a whole number", _integer)
COUNT = Kind("number", "a whole number from 1 on", _count)
SECONDS = Kind("seconds", "a number of seconds above 0", _seconds)
AGE = Kind("age", "a time such as 90s, 45m, 12h or 7d (seconds without a letter)", _age)
RATE = Kind("bytes a second", "a number of bytes a second such as 500K, 20M or 1G", _rate)
OCTAL = Kind("octal", "a file mode in octal such as 0660 (in TOML 0o660)", _octal)
LIST = Kind("list", "one or several, repeated or separated by commas", _list)
URL_PATH = Kind("path", "a path such as /health", _path_prefix)


@dataclass(frozen=True)
class Flag:
    """One setting.

    `name` is its flag without dashes and its key in a file; `env` its environment variables, the first that is
    not empty counts. One that is not `available` is known by name only, to be refused; one that is `required` must be
    said by somebody, flag, environment or file.
    """

    name: str
    kind: Kind = TEXT
    default: Any = None
    aliases: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    meaning: str = ""
    available: bool = True
    secret: bool = False
    required: bool = False

    @property
    def key(self) -> str:
        """The name as Python spells it."""
        return self.name.replace("-", "_")

    def read(self, value: Any, where: str) -> Any:
        """The value of this setting out of text or a file's own value; `where` says in an error where it stood."""
        try:
            return self.kind.read(value)
        except (ValueError, TypeError):
            raise mistake(where, None if self.secret else value, self.kind.allowed) from None


def mistake(where: str, given: Any, allowed: str) -> ConfigError:
    """The error for a value that isn't allowed; `given` None keeps a secret out of it."""
    shown = "a value" if given is None else repr(given)
    return ConfigError(f"{where}: got {shown}; allowed is {allowed}")


def not_yet(where: str) -> ConfigError:
    """The error for what the compatible gateway has and this one has not."""
    return ConfigError(f"{where} is not available yet")


def unknown(where: str, name: str, known: list[str]) -> ConfigError:
    """The error for a name nobody knows, with the likeliest one that was meant."""
    import difflib

    close = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(sorted(known)) or 'none'}"
    return ConfigError(f"{where}: unknown {name!r}; {hint}")
