"""What a test may skip for: only `../shared`. A tool that is missing fails the test in CI."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
WITHOUT_SHARED = "needs ../shared, which is not part of the project"


def _in_ci() -> bool:
    return bool(os.environ.get("CI"))


def _forbid(report: Any) -> None:
    """Turn a skip into a failure that says what is missing."""
    if _in_ci() and report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"in CI nothing may be missing. {reason}"


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("shared") and not SHARED.is_dir():
        pytest.skip(WITHOUT_SHARED)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome: Any = yield
    if item.get_closest_marker("shared") is None:
        _forbid(outcome.get_result())


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    outcome: Any = yield
    _forbid(outcome.get_result())
