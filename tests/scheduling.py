"""Which test runs where and when: what is dear first, what shares dear work together, each file prepared once.

``tests/dear.txt`` says what took more than half a second when tests were last measured (`make dear`).
Those tests run in `make test` only: `make check` is what one runs before every commit.
"""

from __future__ import annotations

import ast
import importlib
import os
import re
import sys
from collections import defaultdict
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

TESTS = Path(__file__).parent
LIST = TESTS / "dear.txt"
LEAST = 0.6
"""Seconds from which a test is dear, its set-up included: whoever asks first for what is shared pays for it."""

TOGETHER = ("recomputation", "published", "gallery", "planned", "sources")
"""Modules that hold what is made once a process: test files that import one, or from one, run in one worker."""

BODY = re.compile(r"^(?:@|def |class )", re.MULTILINE)


def bare(nodeid: str) -> str:
    """Return the name of a test without its parameters, the path below the project's folder."""
    return nodeid.partition("[")[0]


def dear(text: str) -> dict[str, float]:
    """Return the seconds of every dear test by its name without parameters."""
    pairs = (line.split("\t") for line in text.splitlines())
    return {name: float(seconds) for seconds, name in pairs}


def written(found: dict[str, float]) -> str:
    """Return the list as a file, in the order of names."""
    return "".join(f"{found[name]:.0f}\t{name}\n" for name in sorted(found))


@cache
def _known() -> dict[str, float]:
    return dear(LIST.read_text(encoding="utf-8"))


@cache
def _group(path: str) -> str:
    """What runs in one worker: a file, or several that share what is dear to make."""
    text = (TESTS / path).read_text(encoding="utf-8") if (TESTS / path).is_file() else ""
    if not any(shared in text for shared in TOGETHER):
        return path
    imports = [node for node in ast.parse(_head(text)).body if isinstance(node, ast.ImportFrom)]
    names = {name.name for node in imports for name in node.names}
    names |= {str(node.module).removeprefix("tests.") for node in imports}
    return next((shared for shared in TOGETHER if shared in names), path)


def _head(text: str) -> str:
    """Return what stands before the first function or class: imports, and what is quickly parsed."""
    head = BODY.split(text, maxsplit=1)[0]
    return text if head.count('"""') % 2 else head  # it was a line of a text


def _group_of(nodeid: str) -> str:
    return _group(nodeid.partition("::")[0].removeprefix("tests/"))


class Grouped(LoadScopeScheduling):
    """Hands out groups of files, in the order in which they were collected."""

    def _split_scope(self, nodeid: str) -> str:
        return _group_of(nodeid)


@pytest.hookimpl(optionalhook=True)  # without xdist nobody asks
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Grouped | None:
    return Grouped(config, log) if config.getvalue("dist") == "loadscope" else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Have each of several workers prepare a part of the test files first.

    Every worker has to import all of them, and pytest rewrites the assertions of each, which takes
    longer than all else in it. The work is kept beside the file: whoever comes later finds it done.
    """
    own: dict[str, Any] = getattr(session.config, "workerinput", {})
    if not own or sys.dont_write_bytecode or session.config.args != [TESTS.name]:
        return
    files = sorted(set(TESTS.rglob("test_*.py")) - set((TESTS / "coverage").rglob("*.py")))
    start = len(files) * int(own["workerid"].removeprefix("gw")) // int(own["workercount"])
    for file in [*files[start:], *files[:start]]:
        with suppress(BaseException):  # whatever it is, pytest tells it
            importlib.import_module(".".join(file.relative_to(TESTS.parent).with_suffix("").parts))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is dear, and run the groups that cost most first, lest one worker ends alone."""
    costs: dict[str, float] = defaultdict(float)
    for name, seconds in _known().items():
        costs[_group_of(name)] += seconds
    items.sort(key=lambda item: -costs.get(_group_of(item.nodeid), 0.0))
    for item in items:
        if bare(item.nodeid) in _known():
            item.add_marker("dear")


_seconds: dict[str, float] = defaultdict(float)
_took: dict[str, float] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up what a test and its set-up took; of one with parameters the dearest counts."""
    _seconds[report.nodeid] += report.duration
    name = bare(report.nodeid)
    _took[name] = max(_took.get(name, 0.0), _seconds[report.nodeid])


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the list anew where that is wanted: tests that were run, others as they are."""
    if os.environ.get("EVALKIT_DEAR") and not hasattr(session.config, "workerinput"):
        kept = {name: seconds for name, seconds in _known().items() if name not in _took}
        found = kept | {name: took for name, took in _took.items() if took >= LEAST}
        LIST.write_text(written(found), encoding="utf-8")
