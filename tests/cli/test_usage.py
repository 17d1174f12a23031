"""Help, version, and what the command line refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import colonnade

ROOT = Path(__file__).parents[2]


def test_no_command_prints_help() -> None:
    """Without a command there is help, and no error."""
    done = colonnade()
    assert (done.returncode, done.stderr) == (0, "")
    assert "posix DIR" in done.stdout


@pytest.mark.parametrize("word", ["--version", "-v", "-version", "--v"])
def test_version(word: str) -> None:
    """Version, build and build time, one a line."""
    lines = colonnade(word).stdout.splitlines()
    assert [line.partition(":")[0].strip() for line in lines] == ["Version", "Build", "BuildTime"]


def test_version_is_quick() -> None:
    """The version doesn't wait for what only a server needs: nothing of ours but the package, and nobody else's."""
    ran = colonnade("--version", env={"PYTHONPROFILEIMPORTTIME": "1"})
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in ran.stderr.splitlines()}
    assert "colonnade" in imported
    assert not imported & {"botocore", "granian", "uvloop", "asyncio", "json", "ssl", "argparse"}


def test_help_of_a_command() -> None:
    """Each command says how it is used."""
    done = colonnade("help", "posix")
    assert done.returncode == 0
    assert "--fsync" in done.stdout
    assert colonnade("posix", "-h").stdout == done.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--iam-ldap-url", "x", "posix", "."], "flag --iam-ldap-url is not available yet"),
        (["--iam-dir", "/no/such", "posix", "."], "iam-dir: there is no directory '/no/such'"),
        (["-eku", "x", "posix", "."], "flag -eku is not available yet"),
        (
            ["posix", "--versioning-dir", "/no/such", "."],
            "command posix: posix: versioning-dir '/no/such' is not a directory; make it first",
        ),
        (["-pprof", ":1", "posix", "."], "flag -pprof is not available yet"),
        (["azure"], "command azure is not available yet"),
        (["psix", "."], "command line: unknown 'psix'; did you mean 'posix'?"),
        (["--prot", ":1", "posix", "."], "command line: unknown '--prot'; did you mean '--port'?"),
        (["posix", "--port", ":1", "."], "--port is a global flag: it goes before the command"),
        (["posix"], "posix: give the one directory to serve, not 0: colonnade posix DIR"),
        (["--port"], "flag --port needs a value: one or several, repeated or separated by commas"),
        (["-mr", "0", "posix", "."], "flag -mr: got '0'; allowed is a whole number from 1 on"),
        (["--debug=maybe", "posix", "."], "flag --debug: got 'maybe'; allowed is true or false"),
        (["--cert", "c.pem", "posix", "."], "cert is given without key: TLS needs both"),
        (["--health", "health", "posix", "."], "flag --health: got 'health'; allowed is a path such as /health"),
        (["serve"], "serve: which file? Give --config FILE"),
    ],
)
def test_mistakes_are_one_clear_line(words: list[str], message: str) -> None:
    """A mistake is named on one line of stderr, and the status is 1."""
    done = colonnade(*words)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"colonnade: {message}\n")


def test_an_address_is_explained() -> None:
    """An address that can't be understood is answered with those that can."""
    done = colonnade("--port", "here", "posix", ".")
    assert done.returncode == 1
    assert "'here' is not an address to listen on" in done.stderr


def test_reference_page_is_what_the_code_says() -> None:
    """The committed reference equals the one written from the tables (`make docs` writes it anew)."""
    from colonnade.cli.reference import page

    assert (ROOT / "docs/guide/configuration.md").read_text() == page()


def test_operations_page_is_what_the_code_says() -> None:
    """The committed table of operations equals the one written from the code (`make docs` writes it anew)."""
    from colonnade.cli.operations import page

    assert (ROOT / "docs/guide/operations.md").read_text() == page()
