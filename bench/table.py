"""The printed table: what, measured, wanted, and whether it is enough."""

from __future__ import annotations

from bench.figure import Figure
from bench.targets import TARGETS

HEAD = f"{'what':<42}{'measured':>10} {'':<24}{'wanted':>10}  {'':<6}{'by CPU':>8}{'server µs':>11}"


def row(figure: Figure) -> str:
    """One line. `by CPU` is the share that processor time alone gives."""
    target = TARGETS[figure.what]
    wanted = "" if target.wanted is None else f"{'≤' if target.at_most else '≥'} {_number(target.wanted)}"
    verdict = "" if target.wanted is None else "ok" if target.met(figure.value) else "short"
    share = "" if figure.cpu_share is None else f"{figure.cpu_share:.3f}"
    server = "" if figure.server is None else f"{figure.server * 1e6:,.1f}"
    measured = f"{figure.what:<42}{_number(figure.value):>10} {target.unit:<24}"
    return f"{measured}{wanted:>10}  {verdict:<6}{share:>8}{server:>11}".rstrip()


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.3g}"
