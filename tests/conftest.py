from __future__ import annotations

import fcntl
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

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

WHOLE_DEMO = {"demo_folder", "demo_evaluation"}
"""Fixtures that evaluate the whole demo street; what uses one is marked `whole_demo`."""


DEAR = (
    "pages/test_street_report.py",
    "test_notebooks.py",
    "test_dashboard_browser.py",
    "pages/test_diagnosis_pages.py",
    "test_publication.py",
    "pages/test_words.py",
    "folder/test_a_newcomers_folder.py",
    "pages/test_prescription.py",
    "test_wheel.py",
    "keeping/test_kills.py",
    "files/test_hostile.py",
    "pages/test_manual.py",
    "test_bad_input.py",
    "test_thin_and_flat_streets.py",
    "test_kansas_city.py",
)
"""Files of half a minute and more: run first, so that no worker is left alone with one at the end."""


def _dear(item: pytest.Item) -> int:
    own = item.path.is_relative_to(TESTS)
    name = item.path.relative_to(TESTS).as_posix() if own else ""
    return DEAR.index(name) if name in DEAR else len(DEAR)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_dear)
    for item in items:
        used = set(getattr(item, "fixturenames", ()))
        if used & WHOLE_DEMO:
            item.add_marker("whole_demo")
        if "shared" in used:
            item.add_marker("shared")


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
