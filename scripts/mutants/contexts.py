"""A pytest plugin: which test, or which shared work, ran which line; how long each took.

Loaded by ``-p scripts.mutants.contexts`` in every worker. What is done once for several tests
belongs to every test that uses it, not to the one that happened to ask first: fixtures wider than
one test (also those asked for by name while a test runs), folders that `once` makes in a run,
and functions of the tests with `functools.cache`.
"""

from __future__ import annotations

import functools
import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
_uses: dict[str, set[str]] = defaultdict(set)
"""What a test, or shared work, has asked for; closed over when the session ends."""


def _spent() -> float:
    """Return seconds of work so far, of this process and its children: a busy machine adds none."""
    return sum(os.times()[:4])


def _key(definition: Any, params: Any) -> str:
    return f"fixture {definition.baseid}::{definition.argname}[{params}]"


def _enter(context: str) -> None:
    _stack.append(context)
    _measured.switch_context(context)


def _leave() -> None:
    _stack.pop()
    _measured.switch_context(_stack[-1])


@contextmanager
def _shared(key: str) -> Iterator[None]:
    """Count what runs now for whoever uses `key`, and the time apart from that of the user."""
    _enter(key)
    start, inner = _spent(), _told.get("inside", 0.0)
    _told["inside"] = 0.0
    try:
        yield
    finally:
        whole = _spent() - start
        own = whole - _told["inside"]
        _told["inside"] = inner + whole
        _told["fixtures"][key] = max(own, _told["fixtures"].get(key, 0.0))
        _leave()


def _recording_cache(function: Callable[..., Any]) -> Callable[..., Any]:
    """Be `functools.cache` for the tests, and remember who uses what it keeps."""
    known: dict[Any, Any] = {}

    @functools.wraps(function)
    def kept(*args: Any, **named: Any) -> Any:
        asked = (args, tuple(sorted(named.items())))
        key = f"kept {function.__module__}.{function.__qualname__}{asked!r}"[:300]
        _uses[_stack[-1]].add(key)
        if asked not in known:
            with _shared(key):
                known[asked] = function(*args, **named)
        return known[asked]

    kept.cache_clear = known.clear  # type: ignore[attr-defined]
    return kept


_cache = functools.cache


def _cache_of(function: Callable[..., Any]) -> Callable[..., Any]:
    own = str(getattr(function, "__module__", "")).startswith("tests")
    return _recording_cache(function) if own else _cache(function)


def _recording_once(once: Callable[..., Path]) -> Callable[..., Path]:
    """Be the fixture `once`: whoever asks for a folder depends on what wrote it."""

    def asked(name: str, write: Callable[[Path], object]) -> Path:
        key = f"once {name}"
        _uses[_stack[-1]].add(key)

        def written(root: Path) -> None:
            with _shared(key):
                write(root)

        return once(name, written)

    return asked


def _recording_getfixturevalue(original: Callable[..., Any]) -> Callable[..., Any]:
    def asked(self: Any, argname: str) -> Any:
        value = original(self, argname)
        definition = self._get_active_fixturedef(argname)
        if getattr(definition, "scope", "function") != "function":
            _uses[_stack[-1]].add(_key(definition, ""))
        return value

    return asked


def _all_used_by(name: str) -> list[str]:
    """Return everything that a test depends on, directly or through what it uses."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for key in _uses.get(waiting.pop(), ()):
            if key not in found:
                found.add(key)
                waiting.append(key)
    return sorted(found)


class _Contexts:
    @pytest.hookimpl(hookwrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: Any) -> Iterator[None]:
        if fixturedef.scope == "function":
            yield
            return
        with _shared(_key(fixturedef, "")):
            outcome: Any = yield
        if fixturedef.argname == "once" and outcome.exception is None:
            recording = _recording_once(outcome.get_result())
            fixturedef.cached_result = (recording, *fixturedef.cached_result[1:])
            outcome.force_result(recording)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        _enter(item.nodeid)
        _told["inside"] = 0.0
        start = _spent()
        info: Any = getattr(item, "_fixtureinfo", None)
        defs = info.name2fixturedefs.values() if info else ()
        _uses[item.nodeid] |= {
            _key(d, "") for many in defs for d in many[-1:] if d.scope != "function"
        }
        _told["tests"][item.nodeid] = {"passed": False}
        yield
        spent = _spent() - start - _told["inside"]
        _told["tests"][item.nodeid]["seconds"] = spent
        _leave()

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
        for name, test in _told["tests"].items():
            test["fixtures"] = _all_used_by(name)
        (FOLDER / f"told.{os.getpid()}.json").write_text(json.dumps(_told), encoding="utf-8")


def pytest_configure(config: pytest.Config) -> None:
    """Take part in a worker; whoever only hands out tests has nothing to measure."""
    if not IS_CONTROLLER:
        config.pluginmanager.register(_Contexts(), "mutants-contexts")


if not IS_CONTROLLER:
    functools.cache = _cache_of  # type: ignore[assignment]
    request: Any = pytest.FixtureRequest
    request.getfixturevalue = _recording_getfixturevalue(request.getfixturevalue)
    _measured.start()
