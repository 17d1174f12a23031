"""What `make bench-check` calls a loss."""

from __future__ import annotations

import pytest

from bench.compare import fallen


@pytest.mark.parametrize("now", [0.60, 0.50, 0.43])
def test_a_share_may_vary(now: float) -> None:
    """A gain is no loss, and neither is what one run differs from the next."""
    assert fallen({"GET 4 KiB": 0.5}, {"GET 4 KiB": now}) == {}


def test_a_share_has_fallen() -> None:
    """More than 15 % less is told, with how much."""
    assert fallen({"GET 4 KiB": 0.5, "HEAD": 0.5}, {"GET 4 KiB": 0.4, "HEAD": 0.5}) == {"GET 4 KiB": pytest.approx(0.2)}


def test_the_tolerance_can_be_narrower() -> None:
    """The bound is an argument."""
    assert set(fallen({"HEAD": 1.0}, {"HEAD": 0.93}, tolerance=0.05)) == {"HEAD"}


def test_seconds_and_bytes_are_not_compared() -> None:
    """They are those of the machine that they were taken on."""
    before = {"--version": 0.1, "walk of 100,000 keys": 200_000}
    assert fallen(before, {"--version": 0.01, "walk of 100,000 keys": 1}) == {}


@pytest.mark.parametrize(("before", "now"), [({"HEAD": 0.5}, {}), ({}, {"HEAD": 0.5}), ({"HEAD": 0.0}, {"HEAD": 0.0})])
def test_what_one_side_lacks_is_left_out(before: dict[str, float], now: dict[str, float]) -> None:
    """A figure that is new, or was not measured this time, says nothing."""
    assert fallen(before, now) == {}
