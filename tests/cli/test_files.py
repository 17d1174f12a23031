"""Configuration files: what they may say, and how mistakes in them are told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from colonnade.config.files import load
from colonnade.config.flags import ConfigError
from colonnade.config.fork import load as load_fork

ONE = '[[backends]]\ntype = "posix"\npath = "/d"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "backends: there must be one or more"),
        ("port = \n", "Invalid value (at line 1, column 8)"),
        ("prot = ':1'\n" + ONE, "key: unknown 'prot'; did you mean 'port'?"),
        ("iam-ldap-url = 'x'\n" + ONE, "iam-ldap-url is not available yet"),
        ("workers = 0\n" + ONE, "workers: got 0; allowed is a whole number from 1 on"),
        ("debug = 'yes'\n" + ONE, "debug: got 'yes'; allowed is true or false"),
        ("secret = 5\n" + ONE, "secret: got a value; allowed is a text that isn't empty"),
        ("secret = '${NOT_SET}'\n" + ONE, "secret: environment variable NOT_SET is not set"),
        ("secret-file = '/not/there'\n" + ONE, "secret-file: [Errno 2]"),
        ("virtual-domain='a'\nvirtual_domain='b'\n" + ONE, "virtual_domain: given twice"),
        (ONE + "[overlay]\nstale = 'maybe'", "overlay.stale: got 'maybe'; allowed is serve or refuse"),
        ("[[backends]]\npath = '/d'", "backends[0].type is missing"),
        ("[[backends]]\ntype = 'azure'", "backends[0].type 'azure' is not available yet"),
        (ONE + "role = 'main'", "backends[0].role: got 'main'; allowed is primary or replica or fallback"),
        (ONE + "role = 'fallback'", "(posix-0): role: got 'fallback'; allowed is primary for the first backend"),
        (ONE + ONE + "role = 'primary'", "(posix-1): role: got 'primary'; allowed is primary for the first"),
        (ONE + "name = 'a'\n" + ONE + "name = 'a'", "backends[1] (a): name: got 'a'; allowed is a name that no other"),
        (ONE + "stall-timeout = 0", "backends[0].stall-timeout: got 0; allowed is a number of seconds above 0"),
    ],
)
def test_mistakes_name_file_key_and_what_is_allowed(tmp_path: Path, text: str, message: str) -> None:
    """Each mistake says where it is, what was given and what is allowed."""
    file = tmp_path / "c.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(str(file), {})
    assert str(caught.value).startswith(f"{file}: ")
    assert message in str(caught.value)


def test_a_file_that_is_not_there() -> None:
    """A missing file is named."""
    with pytest.raises(ConfigError, match=r"/not/there\.toml: No such file"):
        load("/not/there.toml", {})


def test_variables_and_files_in_values(tmp_path: Path) -> None:
    """Secrets may come from the environment or a file of their own."""
    (tmp_path / "secret").write_text("hush\n")
    file = tmp_path / "c.toml"
    file.write_text(f"access = 'a-${{WHO}}-$${{x}}'\nsecret-file = '{tmp_path}/secret'\n" + ONE)
    assert load(str(file), {"WHO": "me"}).settings == {"access": "a-me-${x}", "secret": "hush"}


def test_json_is_the_same(tmp_path: Path) -> None:
    """JSON says the same things, and what is written for people is passed over."""
    file = tmp_path / "c.json"
    file.write_text('{"comment": "hi", "backends": [{"type": "posix", "path": "/d", "mayBeMissed": true, "note": 1}]}')
    backend = load(str(file), {}).backends[0]
    assert (backend.options, backend.may_be_missed) == ({"path": "/d"}, True)


def test_order_makes_roles(tmp_path: Path) -> None:
    """The first backend is the primary, the others are fallbacks, and each has a name."""
    file = tmp_path / "c.toml"
    file.write_text(ONE + ONE)
    named = [(backend.name, backend.role) for backend in load(str(file), {}).backends]
    assert named == [("posix-0", "primary"), ("posix-1", "fallback")]


EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize("file", sorted(EXAMPLES.iterdir()), ids=lambda file: file.name)
def test_examples_are_right(file: Path, tmp_path: Path) -> None:
    """Every example that people copy loads; where it names a secret's file there is one."""
    (tmp_path / "secret").write_text("hush")
    copy = tmp_path / file.name
    copy.write_text(file.read_text().replace("/run/secrets/colonnade-root", str(tmp_path / "secret")))
    environ = dict.fromkeys(re.findall(r"\$\{(\w+)\}", file.read_text()), "given")
    assert load(str(copy), environ).backends


def test_the_forks_example_is_right() -> None:
    """What s3-multi reads needs its keys from the environment."""
    environ = {f"VGW_S3_MULTI_BACKEND_{place}_{key}": "given" for place in (0, 1) for key in ("ACCESS", "SECRET")}
    services = load_fork(str(EXAMPLES / "r2.json"), environ)
    assert [(service.name, service.role) for service in services] == [("r2", "primary"), ("aws", "fallback")]
