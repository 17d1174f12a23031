"""Figures in files: those of the last run, and those in the repository that later runs are compared with."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from bench.figure import Figure

RESULT, BASELINE = Path("bench/result.json"), Path("bench/baseline.json")

#: Of each figure by its name what is known, by kind: see `Figure.kinds`.
Kept = Mapping[str, Mapping[str, float]]


def of(figures: Iterable[Figure]) -> Kept:
    """What is kept of figures."""
    return {figure.what: {kind: round(value, 4) for kind, value in figure.kinds.items()} for figure in figures}


def write(path: Path, kept: Kept) -> None:
    """Keep them, a line each."""
    lines = (f" {json.dumps(what)}: {json.dumps(kinds)}" for what, kinds in kept.items())
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def read(path: Path) -> Kept:
    """What was kept."""
    kept: Kept = json.loads(path.read_text())
    return kept
