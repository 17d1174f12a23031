"""``make bench``: what the gateway serves, beside what bounds it, in one run.

Rates are shares of a bare ASGI application's on the same server with as many workers, taken in turn with it, so that a
machine whose speed drifts changes both alike. Every figure is the median of its rounds. Quote shares, not rates.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from bench import kept, table
from bench.figure import Figure
from bench.measures import MEASURES
from bench.setting import Setting


def main() -> int:
    """Measure, print a table, keep the figures."""
    parser = arguments()
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--json", type=Path, default=kept.RESULT, help="where figures are kept")
    where.add_argument(
        "--write-baseline", action="store_true", help=f"keep all figures in {kept.BASELINE}, for bench-check"
    )
    options = parser.parse_args()
    if options.write_baseline and options.measures:
        parser.error("the baseline is of one run of all measures")
    kept.write(kept.BASELINE if options.write_baseline else options.json, kept.of(measured(options)))
    return 0


def arguments() -> argparse.ArgumentParser:
    """What every run can be told."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    names = ", ".join(MEASURES)
    parser.add_argument("measures", nargs="*", metavar="MEASURE", help=f"which; all if missing: {names}")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="of each load")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--long", action="store_true", help="also what takes minutes")
    parser.add_argument("--peer", help="URL of another endpoint to measure beside (keys from the AWS_* variables)")
    parser.add_argument("--directory", help="where the served ones are made; the system's temporary one if missing")
    return parser


def setting(options: argparse.Namespace, stack: ExitStack) -> Setting:
    """What a run's measures are given; removed with `stack`."""
    directory = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=options.directory)))
    given = (options.rounds, options.seconds, options.connections, options.workers, options.long, options.peer)
    return Setting(stack, directory, *given)


def measured(options: argparse.Namespace) -> list[Figure]:
    """The figures, printed as they come. Each measure has servers and a directory of its own."""
    names = options.measures or list(MEASURES)
    if unknown := set(names) - set(MEASURES):
        raise SystemExit(f"no such measure: {', '.join(sorted(unknown))}")
    figures = []
    print(table.HEAD)
    for name in names:
        with ExitStack() as stack:
            for figure in MEASURES[name](setting(options, stack)):
                print(table.row(figure), flush=True)
                figures.append(figure)
    return figures


if __name__ == "__main__":
    sys.exit(main())
