from __future__ import annotations

import ast
import fcntl
import gc
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, settings
from pypdf.generic import DictionaryObject
from pypdf.generic._font import Font
from xdist.scheduler import LoadScopeScheduling

import evalkit as ek
from evalkit import simulation
from tests import tiny
from tests.policy import (
    SHARED,
    WITHOUT_SHARED,
    pytest_make_collect_report,
    pytest_runtest_makereport,
    pytest_runtest_setup,
)

__all__ = ["pytest_make_collect_report", "pytest_runtest_makereport", "pytest_runtest_setup"]

settings.register_profile(
    "same examples in every run",
    derandomize=True,
    # How long a busy machine takes to draw an example says nothing of the code.
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("same examples in every run")

TESTS = Path(__file__).parent


def _read_once(read: Callable[[DictionaryObject], Font]) -> Callable[..., Font]:
    """Have the fonts of a PDF read once a document: pypdf reads them anew for every page."""

    def kept(resource: DictionaryObject) -> Font:
        if "read" not in vars(resource):
            vars(resource)["read"] = read(resource)
        return cast(Font, vars(resource)["read"])

    return kept


Font.from_font_resource = staticmethod(_read_once(Font.from_font_resource))  # type: ignore[assignment]

WHOLE_DEMO = {"demo_folder", "demo_evaluation"}
"""Fixtures that evaluate the whole demo street; what uses one is marked `whole_demo`."""


TOGETHER = ("recomputation", "published", "gallery", "planned")
"""Modules that hold what is made once a process: test files that import one, or from one, run in one worker."""


DEAR = (
    "recomputation/test_behaviour.py",
    "pages/test_diagnosis_numbers.py",
    "pages/test_street_report.py",
    "figures/test_every_figure.py",
    "test_evaluation.py",
    "simulation/test_simulation.py",
    "test_notebooks.py",
    "test_wheel.py",
    "keeping/test_disk.py",
    "test_dashboard_browser.py",
    "pages/test_diagnosis_pages.py",
    "test_publication.py",
    "pages/test_words.py",
    "test_kansas_city.py",
    "folder/test_a_newcomers_folder.py",
    "pages/test_prescription.py",
    "keeping/test_kills.py",
    "files/test_hostile.py",
    "pages/test_manual.py",
    "test_actions.py",
    "test_thin_and_flat_streets.py",
)
"""Files that cost most: run first, so that no worker is left alone with one at the end."""


@cache
def _group(path: str) -> str:
    """What runs in one worker: a file, or several that share what is dear to make."""
    text = (TESTS / path).read_text(encoding="utf-8") if (TESTS / path).is_file() else ""
    if not any(shared in text for shared in TOGETHER):
        return path
    imports = [node for node in ast.parse(text).body if isinstance(node, ast.ImportFrom)]
    names = {name.name for node in imports for name in node.names}
    names |= {str(node.module).removeprefix("tests.") for node in imports}
    return next((shared for shared in TOGETHER if shared in names), path)


def _path(item: pytest.Item) -> str:
    own = item.path.is_relative_to(TESTS)
    return item.path.relative_to(TESTS).as_posix() if own else item.path.name


class Grouped(LoadScopeScheduling):
    """Hands out groups of files, in the order in which they were collected."""

    def _split_scope(self, nodeid: str) -> str:
        return _group(nodeid.partition("::")[0].removeprefix("tests/"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Grouped | None:
    return Grouped(config, log) if config.getvalue("dist") == "loadscope" else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    first: dict[str, int] = {}
    for at, path in enumerate(DEAR):
        first.setdefault(_group(path), at)
    items.sort(key=lambda item: first.get(_group(_path(item)), len(DEAR)))
    for item in items:
        used = set(getattr(item, "fixturenames", ()))
        if used & WHOLE_DEMO:
            item.add_marker("whole_demo")
        if "shared" in used:
            item.add_marker("shared")


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the collector of garbage need not look at it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A small workspace without a fault, for a test to spoil."""
    return tiny.write(tmp_path / "ws")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real exports and real survey data, which are not part of the project."""
    if not (SHARED / "samples").is_dir():
        pytest.skip(WITHOUT_SHARED)
    return SHARED


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory, worker: str) -> Callable[..., Path]:
    """Make a folder once in a run, whichever worker asks first; nobody may change what is in it."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if worker else base

    def make(name: str, write: Callable[[Path], object]) -> Path:
        folder = base / f"once-{name}"
        folder.mkdir(exist_ok=True)
        with _one_at_a_time(folder):
            if not (folder / "done").exists():
                write(folder / name)
                (folder / "done").touch()
        return folder / name

    return make


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """The name of this worker, empty where tests run in one process."""
    return str(getattr(request.config, "workerinput", {}).get("workerid", ""))


def _evaluated_demo(folder: Path) -> None:
    simulation.write_demo(folder)
    space = ek.open(folder)
    evaluation = space.evaluate()
    space.publish(evaluation, pdf=False)
    (folder.parent / "evaluation.pickle").write_bytes(pickle.dumps(evaluation))


@pytest.fixture(scope="session")
def demo_folder(once: Callable[..., Path]) -> Path:
    """The demo street with its results in ``out/2016``, as `evalkit demo --no-pdf` leaves it.

    One folder for the whole run: read it, or copy it before changing anything.
    """
    return once("demo", _evaluated_demo)


@pytest.fixture(scope="session")
def demo_evaluation(demo_folder: Path) -> ek.Evaluation:
    """The demo street's evaluation, the one `demo_folder` was published from. Do not change it."""
    found = pickle.loads((demo_folder.parent / "evaluation.pickle").read_bytes())
    assert isinstance(found, ek.Evaluation)
    return found
