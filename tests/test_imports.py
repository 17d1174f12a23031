"""The house rules of who may import whom."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_import_rules_hold() -> None:
    """The contracts in pyproject.toml hold: the wire knows no backend, a backend no wire, none the configuration."""
    command = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([command], cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_only_one_module_reads_the_model() -> None:
    """botocore.model is imported by colonnade.model alone."""
    users = [path.name for path in (ROOT / "src").rglob("*.py") if "botocore.model" in path.read_text()]
    assert users == ["model.py"]


def test_only_the_worker_knows_granian() -> None:
    """The server's engine can be exchanged in one file."""
    users = [path.name for path in (ROOT / "src").rglob("*.py") if "from granian" in path.read_text()]
    assert users == ["worker.py"]
