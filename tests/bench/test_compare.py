"""What `make bench-check` calls a loss."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench import __main__ as bench
from bench import check, kept
from bench.compare import fallen, unlike
from bench.figure import Figure
from bench.kept import Kept

LARGE = "GET 1 GiB, four clients"


def of(shares: dict[str, float]) -> Kept:
    """Figures that were only measured."""
    return {what: {"measured": share} for what, share in shares.items()}


@pytest.mark.parametrize("now", [0.60, 0.50, 0.43])
def test_a_share_may_vary(now: float) -> None:
    """A gain is no loss, and neither is what one run differs from the next."""
    assert fallen(of({"GET 4 KiB": 0.5}), of({"GET 4 KiB": now})) == {}


def test_a_share_has_fallen() -> None:
    """More than 15 % less is told, with how much."""
    losses = fallen(of({"GET 4 KiB": 0.5, "HEAD": 0.5}), of({"GET 4 KiB": 0.4, "HEAD": 0.5}))
    assert losses == {"GET 4 KiB": pytest.approx(0.2)}


def test_the_tolerance_can_be_narrower() -> None:
    """The bound is an argument."""
    assert set(fallen(of({"HEAD": 1.0}), of({"HEAD": 0.93}), tolerance=0.05)) == {"HEAD"}


def test_seconds_and_bytes_are_not_compared() -> None:
    """They are those of the machine that they were taken on."""
    before = {"--version": 0.1, "walk of 100,000 keys": 200_000}
    assert fallen(of(before), of({"--version": 0.01, "walk of 100,000 keys": 1})) == {}


@pytest.mark.parametrize(("before", "now"), [({"HEAD": 0.5}, {}), ({}, {"HEAD": 0.5}), ({"HEAD": 0.0}, {"HEAD": 0.0})])
def test_what_one_side_lacks_is_left_out(before: dict[str, float], now: dict[str, float]) -> None:
    """A figure that is new, or was not measured this time, says nothing."""
    assert fallen(of(before), of(now)) == {}


@pytest.mark.parametrize(
    ("before", "now", "falls"),
    [
        ({"measured": 0.6, "by CPU": 1.0}, {"measured": 0.6, "by CPU": 0.7}, True),
        ({"measured": 0.6, "by CPU": 1.0}, {"measured": 0.3, "by CPU": 1.0}, False),
        ({"measured": 0.6}, {"measured": 0.4, "by CPU": 1.0}, True),
        ({"measured": 0.6, "by CPU": 1.0}, {"measured": 0.4}, True),
    ],
)
def test_like_is_compared_with_like(before: dict[str, float], now: dict[str, float], falls: bool) -> None:
    """By processor time where both sides know that, else by what was measured: never one with the other."""
    assert (fallen({LARGE: before}, {LARGE: now}) != {}) is falls


def test_what_has_no_like_is_told() -> None:
    """It can't be seen to fall."""
    before, now = {LARGE: {"by CPU": 1.0}, "HEAD": {"measured": 1.0}}, of({LARGE: 0.1, "HEAD": 1.0})
    assert (fallen(before, now), unlike(before, now)) == ({}, [LARGE])


def test_the_baseline_is_of_one_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One command writes every kind of every figure, and the check then finds nothing fallen."""
    monkeypatch.setattr(kept, "BASELINE", tmp_path / "baseline.json")
    monkeypatch.setattr(check, "BASELINE", tmp_path / "baseline.json")
    figures = [Figure(LARGE, [0.5, 0.6, 0.7], 0.98), Figure("HEAD", [0.5])]
    for module in (bench, check):
        monkeypatch.setattr(module, "measured", lambda _: figures)
    monkeypatch.setattr(sys, "argv", ["bench", "--write-baseline"])
    bench.main()
    assert kept.read(tmp_path / "baseline.json") == {
        LARGE: {"measured": 0.6, "by CPU": 0.98},
        "HEAD": {"measured": 0.5},
    }
    monkeypatch.setattr(sys, "argv", ["check"])
    assert check.main() == 0
    figures[0] = Figure(LARGE, [0.6], 0.7)
    assert check.main() == 1


def test_a_part_is_no_baseline(monkeypatch: pytest.MonkeyPatch) -> None:
    """What wasn't measured would be lost."""
    monkeypatch.setattr(sys, "argv", ["bench", "--write-baseline", "reads"])
    with pytest.raises(SystemExit):
        bench.main()
