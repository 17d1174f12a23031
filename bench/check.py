"""``make bench-check``: measure, and fail where a share has fallen since the figures in the repository were taken.

What has fallen is measured once more before it is believed.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bench.__main__ import arguments, measured
from bench.compare import TOLERANCE, fallen
from bench.figure import Figure

BASELINE = Path("bench/baseline.json")


def main() -> int:
    """Exit status 1 if anything has fallen."""
    options = arguments().parse_args()
    before: dict[str, float] = json.loads(BASELINE.read_text())
    losses = fallen(before, _values(measured(options)))
    if losses:
        print("\nonce more:")
        losses = {what: loss for what, loss in fallen(before, _values(measured(options))).items() if what in losses}
    for what, loss in losses.items():
        print(f"{what}: {loss:.0%} less than the {before[what]:.3f} of {BASELINE}", file=sys.stderr)
    if not losses:
        print(f"\nno share is more than {TOLERANCE:.0%} below {BASELINE}")
    return 1 if losses else 0


def _values(figures: list[Figure]) -> dict[str, float]:
    return {figure.what: figure.steady for figure in figures}


if __name__ == "__main__":
    sys.exit(main())
