"""Records of a log can't be forged by what is logged."""

from __future__ import annotations

import io
import logging
import re
from pathlib import Path

import pytest

from colonnade.cli.logline import Formatter
from tests.cli.command import serving
from tests.conformance.raw import Raw

FORGED = "2026-01-01 00:00:00,000 ERROR colonnade: forged"


@pytest.fixture
def log() -> tuple[logging.Logger, io.StringIO]:
    """A logger, and what it writes."""
    stream, logger = io.StringIO(), logging.Logger("test")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Formatter())
    logger.addHandler(handler)
    return logger, stream


@pytest.mark.parametrize("separator", ["\n", "\r", "\r\n", "\x85", "\u2028", "\x0b", "\x1b[1A", "\x00"])
def test_a_message_is_one_line(log: tuple[logging.Logger, io.StringIO], separator: str) -> None:
    """Whatever ends lines somewhere, or moves a terminal's cursor."""
    logger, stream = log
    logger.warning("header %s", f"x{separator}{FORGED}")
    assert len(stream.getvalue().splitlines()) == 1
    assert stream.getvalue()[:-1].isprintable()


def test_a_traceback_is_indented(log: tuple[logging.Logger, io.StringIO]) -> None:
    """Also where the exception says something of several lines."""
    logger, stream = log
    try:
        raise ValueError(f"x\n{FORGED}\r{FORGED}")
    except ValueError as error:
        logger.exception("failed", exc_info=error)
    first, *rest = stream.getvalue().splitlines()
    assert first.endswith("failed")
    assert all(line.startswith("    ") for line in rest)


def test_requests_forge_none(tmp_path: Path) -> None:
    """Paths and headers with line breaks, as far as they get through."""
    (tmp_path / "bucket").mkdir()
    with serving("--debug", "--access", "root", "--secret", "secret", "posix", tmp_path) as server:
        raw = Raw(server.endpoint())
        for path in (f"/bucket/x%0A{FORGED.replace(' ', '%20')}", "/bucket/%E2%80%A8x", "/%0d%0aX"):
            raw("GET", path, user_agent=f"x\t{FORGED}", x_amz_meta_x="\xe2\x80\xa8forged")
        written = server.stop()
    starts = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+ colonnade|Colonnade |  |    |$")
    assert [line for line in written.splitlines() if not starts.match(line) or line.startswith(FORGED[:19])] == []
