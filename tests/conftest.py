"""What holds for every test here."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, settings
from pytest_timeout import PYTEST_FAILURE_MESSAGE

# A busy machine may take long over any example of a property, and over making it.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that are `timed` get two more chances; but who was stopped by the limit for every test has had its own."""
    pattern = "^Failed: " + re.escape(PYTEST_FAILURE_MESSAGE).replace("%s", r"[\d.]+") + "$"
    for item in items:
        if item.get_closest_marker("timed"):
            item.add_marker(pytest.mark.flaky(reruns=2, rerun_except=pattern))
