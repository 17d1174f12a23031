"""A bounded memory, and what is worth putting into it."""

from __future__ import annotations

from colonnade.remembered import Remembered, Twice


def test_what_came_before_is_known_to_have() -> None:
    """From the second time on, and again once so much else came that it was forgotten."""
    twice = Twice(2)
    assert [twice.before(thing) for thing in "aab"] == [False, True, False]
    assert [twice.before(thing) for thing in "cdea"] == [False] * 4
    assert twice.before("a")


def test_values_asked_for_lately_stay() -> None:
    """While others go."""
    remembered: Remembered[int, int] = Remembered(2)
    for number in range(10):
        remembered.put(number, -number)
        assert remembered.get(0) == 0
    assert remembered.get(1) is None
