"""``make bench-check``: measure, and fail where a share has fallen since the figures in the repository were taken.

What has fallen is measured once more before it is believed.
"""

from __future__ import annotations

import sys

from bench import kept
from bench.__main__ import arguments, measured
from bench.compare import TOLERANCE, fallen, unlike
from bench.kept import BASELINE


def main() -> int:
    """Exit status 1 if anything has fallen, or can't be seen to fall."""
    options = arguments().parse_args()
    before, now = kept.read(BASELINE), kept.of(measured(options))
    losses, unseen = fallen(before, now), unlike(before, now)
    if losses:
        print("\nonce more:")
        again = fallen(before, kept.of(measured(options)))
        losses = {what: loss for what, loss in again.items() if what in losses}
    for what, loss in losses.items():
        print(f"{what}: {loss:.0%} less than in {BASELINE}", file=sys.stderr)
    for what in unseen:
        print(f"{what}: {BASELINE} has another kind of figure; --write-baseline measures it anew", file=sys.stderr)
    if losses or unseen:
        return 1
    print(f"\nno share is more than {TOLERANCE:.0%} below {BASELINE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
