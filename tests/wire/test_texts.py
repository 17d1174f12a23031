"""Dates, encoded words and percent-escapes; the table of errors against the model."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.errors import ERRORS, S3Error
from colonnade.model import OPERATIONS
from colonnade.rules import rfc2047
from colonnade.wire import query, times, uri

MOMENTS = st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(UTC))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(MOMENTS)
def test_iso_dates_are_what_python_writes(moment: datetime) -> None:
    """The tables say the same as isoformat, and can be read again."""
    text = times.iso(moment)
    assert text == moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert times.parse(text) == moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@given(MOMENTS)
def test_http_dates_are_what_python_writes(moment: datetime) -> None:
    """RFC 1123, English whatever the locale."""
    assert times.http(moment) == format_datetime(moment, usegmt=True)


@given(st.text() | st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)", fullmatch=True))
def test_no_date_is_too_strange(text: str) -> None:
    """An aware datetime or ValueError, nothing else."""
    with contextlib.suppress(ValueError):
        assert times.parse(text).tzinfo is UTC


@given(TEXTS)
def test_any_metadata_survives(text: str) -> None:
    """What is encoded for a header is decoded again, and is always printable ASCII."""
    encoded = rfc2047.encode(text)
    assert encoded.isascii()
    assert encoded.isprintable()
    assert rfc2047.decode(encoded) == (text if encoded != text else rfc2047.decode(text))


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_queries_are_forms(text: str) -> None:
    """What decodes, decodes as the standard library has it."""
    with contextlib.suppress(S3Error):
        decoded = [(name, value) for name, value, _ in query.decode(text.encode()).pairs]
        assert decoded == parse_qsl(text, keep_blank_values=True, max_num_fields=999)


@given(TEXTS)
def test_url_encoding_comes_back(text: str) -> None:
    """encode and decode are each other's inverse, and slashes stay."""
    assert uri.decode(uri.encode(text).encode()) == text
    assert uri.encode("a/b c+d%~*") == "a/b%20c%2Bd%25~*"


@pytest.mark.parametrize(
    ("code", "status"), sorted({error for each in OPERATIONS.values() for error in each.errors.items()})
)
def test_the_errors_of_the_model_are_in_the_table(code: str, status: int) -> None:
    """With the model's status."""
    assert ERRORS[code][0] == status


def test_the_table_is_sorted_and_sane() -> None:
    """Every code has an error's status and a sentence."""
    assert list(ERRORS) == sorted(ERRORS)
    assert all(300 < status < 600 and message for status, message in ERRORS.values())
