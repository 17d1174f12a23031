"""Values of log lines, and the file they go to."""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.logs import fields
from colonnade.logs.appending import LogFile


@given(st.text())
def test_no_value_breaks_a_line(value: str) -> None:
    """Whatever a client sends becomes one word of visible ASCII, from which it can be had back."""
    from urllib.parse import unquote

    shown = fields.text(value)
    assert re.fullmatch(r"[!-~]+", shown)
    if value.isascii() and value:
        assert unquote(shown) == value


@given(st.binary(), st.binary())
def test_no_uri_breaks_a_line(path: bytes, query: bytes) -> None:
    """Nor does what a client sends as a path or a query."""
    assert re.fullmatch(r"[!-~]*", fields.uri(path, query))


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        (b"list-type=2&prefix=a%20b", "/b?list-type=2&prefix=a%20b"),
        (b"X-Amz-Signature=abc&x=1", "/b?X-Amz-Signature=-&x=1"),
        (b"x-amz%2Dsignature=abc", "/b?x-amz%2Dsignature=-"),
        (b"X-Amz-Security-Token=abc", "/b?X-Amz-Security-Token=-"),
        (b"back=https%3A%2F%2Fs3%2Fk%3FX-Amz-Signature%3Dabc&x=1", "/b?back=-&x=1"),
        (b"prefix=signature=1", "/b?prefix=-"),
        (b"a=1&%73ignature=" + b"x" * 100, "/b?a=1&%73ignature=-"),
        (b"X-Amz-Signature%3Dabc&x=1", "/b?-&x=1"),
        (b"https%3A%2F%2Fs3%2F%3FX-Amz-Signature%3Dabc&x", "/b?-&x"),
        (b"https%3A%2F%2Fs3%2F%3FX-Amz-Signature%3Dabc=x", "/b?-"),
        (b"X-Amz-Signature", "/b?X-Amz-Signature"),
    ],
)
def test_what_signs_a_url_is_not_shown(query: bytes, shown: str) -> None:
    """Whoever reads a log can't use the URLs in it."""
    assert fields.uri(b"/b", query) == shown


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        ("https://page/a?b=c&d", "https://page/a?b=c&d"),
        ("https://s3/b/k?X-Amz-Date=1&X-Amz-Signature=abc", "https://s3/b/k?X-Amz-Date=1&X-Amz-Signature=-"),
        ("https://page/#x-amz-signature=abc", "https://page/#x-amz-signature=-"),
        ("bot/1 (https://s3/b?Signature=abc) x", "bot/1 (https://s3/b?Signature=- x"),
        ("https://user:abc@page/b", "https://-@page/b"),
        ("https://page/?u=https%253A%252F%252Fs3%252F%253FX-Amz-Security-Token%253Dabc", "https://page/?u=-"),
        ("https://page/?https%3A%2F%2Fs3%2F%3FX-Amz-Signature%3Dabc&x", "https://page/?-&x"),
        ("https://page/https%3A%2F%2Fs3%2F%3FX-Amz-Signature%3Dabc", "-"),
        ("https://page/https%3A%2F%2Fs3%2F%3FX-Amz-Signature%3Dabc?a=b x", "-?a=b x"),
        ("https://user@page/https%3A%2F%2Fs3%2F%3FX-Amz-Signature%3Dabc", "https://-@-"),
        ("https://page/a%20b=c", "https://page/a%20b=c"),
        ("see X-Amz-Signature=abc", "see -"),
        ("https://user:a/b@c@page/@d", "https://-@d"),
        ("https://user:a?b#c@page/", "https://-@page/"),
        ("https://page/a,https://user:a/b@c/", "https://page/a,https://-@c/"),
        ("https://page/a@b", "https://page/a@b"),
        ("mail me@page? or \udcff", "mail me@page? or \udcff"),
    ],
)
def test_what_opens_doors_in_a_header_is_not_shown(header: str, shown: str) -> None:
    """A page that a presigned URL opened is what a browser says of where it comes from."""
    assert fields.cleaned(header) == shown


@pytest.mark.parametrize("piece", ["//", "//:", "//a:", "//@", "%25", "=&", "signature", "?"])
def test_a_long_header_is_cleaned_at_once(piece: str) -> None:
    """Of whatever it consists, nothing in it is looked at again and again."""
    began = time.process_time()
    fields.cleaned(piece * (200_000 // len(piece)))
    assert time.process_time() - began < 5


def test_lines_follow_the_name(tmp_path: Path) -> None:
    """A file that was renamed or removed gets no line any more; the next goes to a new one."""
    path = tmp_path / "log"
    log = LogFile(str(path))
    log.write("one")
    path.rename(tmp_path / "log.1")
    log.write("two")
    path.unlink()
    log.write("three")
    assert (tmp_path / "log.1").read_text() == "one\n"
    assert path.read_text() == "three\n"


def test_lines_of_several_writers_stay_whole(tmp_path: Path) -> None:
    """Each has a descriptor of its own, as worker processes have; the file is renamed meanwhile."""
    path = tmp_path / "log"

    def write(name: str) -> None:
        log = LogFile(str(path))
        for number in range(300):
            log.write(f"{name}-{number:04} {'x' * 5000}")

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    path.rename(tmp_path / "log.1")
    for thread in threads:
        thread.join()
    lines = [line for file in tmp_path.iterdir() for line in file.read_text().splitlines()]
    assert len(lines) == 1200
    assert {len(line) for line in lines} == {5007}
