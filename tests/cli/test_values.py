"""Flag before environment before file before default."""

from __future__ import annotations

from pathlib import Path

import pytest

from colonnade.config import options, pending
from colonnade.config.flags import ConfigError, Flag
from colonnade.config.values import resolve
from tests.cli.command import colonnade

CONFIG = 'region = "from-file"\n[[backends]]\ntype = "posix"\npath = "{}"\n'


def checked(tmp_path: Path, *words: str, env: dict[str, str] | None = None) -> str:
    """What `check` says of a file that sets the region."""
    file = tmp_path / "c.toml"
    file.write_text(CONFIG.format(tmp_path))
    return colonnade(*words, "check", "--config", file, env=env).stdout


def test_file_before_default(tmp_path: Path) -> None:
    """Without flag or variable the file counts."""
    assert "region from-file," in checked(tmp_path)


def test_environment_before_file(tmp_path: Path) -> None:
    """A variable counts more than the file."""
    assert "region from-env," in checked(tmp_path, env={"VGW_REGION": "from-env"})


def test_flag_before_environment(tmp_path: Path) -> None:
    """A flag counts more than a variable."""
    assert "region from-flag," in checked(tmp_path, "-r", "from-flag", env={"VGW_REGION": "from-env"})


def test_first_variable_that_is_not_empty() -> None:
    """Where a setting has two variables, an empty one is as good as none."""
    values = resolve(options.GLOBAL, {}, {"ROOT_ACCESS_KEY_ID": "", "ROOT_ACCESS_KEY": "second"})
    assert values["access"] == "second"


def test_lists_repeated_or_with_commas() -> None:
    """A list may be one text with commas."""
    assert resolve(options.GLOBAL, {}, {"VGW_PORT": ":1, :2"})["port"] == (":1", ":2")


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("90s", 90), ("45m", 2700), ("12h", 43200), ("7D", 604800)])
def test_ages(text: str, seconds: int) -> None:
    """An age is a number with the letter of its unit, seconds without one."""
    assert resolve(options.GLOBAL, {}, {"COLONNADE_EXPIRE_UPLOADS": text})["expire_uploads"] == seconds


@pytest.mark.parametrize("text", ["0", "h", "1.5h", "2w", "-1d"])
def test_no_ages(text: str) -> None:
    """What is no age is refused with what is one."""
    with pytest.raises(ConfigError, match="12h or 7d"):
        resolve(options.GLOBAL, {}, {"COLONNADE_EXPIRE_UPLOADS": text})


def test_wrong_variable_is_named() -> None:
    """A variable that can't be read is named, with what it may be."""
    with pytest.raises(ConfigError, match="environment variable VGW_DEBUG: got 'maybe'; allowed is true or false"):
        resolve(options.GLOBAL, {}, {"VGW_DEBUG": "maybe"})


@pytest.mark.parametrize("flag", [*pending.GLOBAL, *pending.POSIX], ids=lambda flag: flag.name)
def test_variables_of_what_is_missing_are_refused(flag: Flag) -> None:
    """Asking by variable for what isn't there is refused by name, never silently accepted."""
    for variable in flag.env:
        with pytest.raises(ConfigError, match=f"{variable} .* is not available yet"):
            resolve([flag], {}, {variable: "true"})


@pytest.mark.parametrize(("variable", "value"), [("VGW_READ_ONLY", "false"), ("VGW_IAM_CACHE_TTL", "120")])
def test_switched_off_or_default_asks_nothing(variable: str, value: str) -> None:
    """A variable that only says what is so anyway is no reason to stop."""
    assert resolve(pending.GLOBAL, {}, {variable: value}) == {}


def test_names_are_unique() -> None:
    """No two settings share a flag, a short form or (but for the two logs) a variable."""
    flags = [*options.GLOBAL, *pending.GLOBAL]
    names = [name for flag in flags for name in (flag.name, *flag.aliases)]
    assert len(names) == len(set(names))
