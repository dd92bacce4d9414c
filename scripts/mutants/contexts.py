"""A pytest plugin: which test, or which shared fixture, ran which line; how long each took.

Loaded by ``-p scripts.mutants.contexts`` in every worker. What a fixture wider than one test
runs belongs to every test that uses it, not to the one that happened to ask first.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import coverage
import pytest

FOLDER = Path(os.environ["EVALKIT_MUTANTS_RAW"])
IS_CONTROLLER = (
    "PYTEST_XDIST_WORKER" not in os.environ and "EVALKIT_MUTANTS_SERIAL" not in os.environ
)

_measured = coverage.Coverage(
    data_file=str(FOLDER / f"lines.{os.getpid()}"),
    branch=True,
    source=["evalkit"],
    config_file=False,
)
_stack = [""]
_told: dict[str, Any] = {"tests": {}, "fixtures": {}}
if not IS_CONTROLLER:
    _measured.start()


def _spent() -> float:
    """Return seconds of work so far, of this process and its children: a busy machine adds none."""
    return sum(os.times()[:4])


def _key(definition: Any, params: Any) -> str:
    return f"fixture {definition.baseid}::{definition.argname}[{params}]"


class _Contexts:
    def _enter(self, context: str) -> None:
        _stack.append(context)
        _measured.switch_context(context)

    def _leave(self) -> None:
        _stack.pop()
        _measured.switch_context(_stack[-1])

    @pytest.hookimpl(hookwrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: Any) -> Iterator[None]:
        if fixturedef.scope == "function":
            yield
            return
        key = _key(fixturedef, "")
        self._enter(key)
        start, inner = _spent(), _told.get("inside", 0.0)
        _told["inside"] = 0.0
        yield
        whole = _spent() - start
        spent = whole - _told["inside"]
        _told["inside"] = inner + whole
        _told["fixtures"][key] = max(spent, _told["fixtures"].get(key, 0.0))
        self._leave()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._enter(item.nodeid)
        _told["inside"] = 0.0
        start = _spent()
        info: Any = getattr(item, "_fixtureinfo", None)
        defs = info.name2fixturedefs.values() if info else ()
        wide = sorted({_key(d, "") for many in defs for d in many[-1:] if d.scope != "function"})
        _told["tests"][item.nodeid] = {"fixtures": wide, "passed": False}
        yield
        spent = _spent() - start - _told["inside"]
        _told["tests"][item.nodeid]["seconds"] = spent
        self._leave()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        entry = _told["tests"].get(report.nodeid)
        if entry is not None and report.when == "call":
            entry["passed"] = report.outcome == "passed" and not hasattr(report, "wasxfail")
        if entry is not None and report.failed:
            entry["passed"] = False

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        _measured.stop()
        _measured.save()
        _told.pop("inside", None)
        (FOLDER / f"told.{os.getpid()}.json").write_text(json.dumps(_told), encoding="utf-8")


def pytest_configure(config: pytest.Config) -> None:
    """Take part in a worker; whoever only hands out tests has nothing to measure."""
    if not IS_CONTROLLER:
        config.pluginmanager.register(_Contexts(), "mutants-contexts")
