"""Names of delete markers: one for each key, in the order of the keys, that any store can hold."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from colonnade.multi import markers

KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300).filter(
    lambda key: len(key.encode()) <= 1024
)
SHORT = KEYS.filter(lambda key: not markers.is_long(key))


@given(SHORT)
def test_a_name_tells_its_key(key: str) -> None:
    """What is listed can be turned back."""
    assert markers.key_of(markers.name(key)) == key


@given(SHORT, SHORT)
def test_names_are_in_the_order_of_keys(one: str, other: str) -> None:
    """A listing of markers runs beside a listing of keys."""
    assert (one < other) == (markers.name(one) < markers.name(other))


@given(KEYS, KEYS)
def test_prefixes_stay_prefixes(prefix: str, rest: str) -> None:
    """The markers below a prefix can be listed by one."""
    key = (prefix + rest)[:300]
    assert markers.name(key).startswith(markers.begin(prefix[:150])) or not key.startswith(prefix[:150])


@given(KEYS, KEYS)
def test_no_marker_is_a_directory_of_another(one: str, other: str) -> None:
    """On a plain directory no marker stands in the way of another."""
    assert not markers.name(one).startswith(markers.name(other) + "/")
    assert (one == other) == (markers.name(one) == markers.name(other))


@given(KEYS)
def test_names_fit(key: str) -> None:
    """A name is a key itself, of segments that file systems hold."""
    assert len(markers.name(key)) <= 1024
    assert all(0 < len(segment) <= 255 for segment in markers.name(key).split("/"))
