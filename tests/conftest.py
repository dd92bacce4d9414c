from __future__ import annotations

import fcntl
import gc
import os
import pickle
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, settings
from pypdf.generic import DictionaryObject
from pypdf.generic._font import Font
from typer.testing import CliRunner

import evalkit as ek
from evalkit import simulation
from evalkit.cli import app
from evalkit.garbage import seldom_collected
from tests import tiny
from tests.pages import synthetic, town
from tests.policy import (
    SHARED,
    WITHOUT_SHARED,
    pytest_make_collect_report,
    pytest_runtest_makereport,
    pytest_runtest_setup,
)

__all__ = ["pytest_make_collect_report", "pytest_runtest_makereport", "pytest_runtest_setup"]
pytest_plugins = ["tests.scheduling"]

settings.register_profile(
    "same examples in every run",
    derandomize=True,
    # How long a busy machine takes to draw an example says nothing of the code.
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("same examples in every run")


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


def pytest_configure(config: pytest.Config) -> None:
    """Give all workers of a run a folder for the made-up streets that one of them worked out."""
    if not hasattr(config, "workerinput"):
        shelf = tempfile.mkdtemp(prefix="evalkit-tests-")
        os.environ[synthetic.SHELF] = shelf
        config.add_cleanup(lambda: shutil.rmtree(shelf, ignore_errors=True))


def pytest_itemcollected(item: pytest.Item) -> None:
    used = set(getattr(item, "fixturenames", ()))
    if used & WHOLE_DEMO:
        item.add_marker("whole_demo")
    if "shared" in used:
        item.add_marker("shared")


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the collector of garbage need not look at it again and again."""
    gc.collect()
    seldom_collected()


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


def _evaluated(folder: Path) -> None:
    space = ek.open(folder)
    evaluation = space.evaluate()
    space.publish(evaluation, pdf=False)
    (folder.parent / "evaluation.pickle").write_bytes(pickle.dumps(evaluation))


def _evaluated_demo(folder: Path) -> None:
    simulation.write_demo(folder)
    _evaluated(folder)


TOLD = "told.txt"
"""The file beside a folder that has what the command told when it ran there."""
WIDE = {"COLUMNS": "400", "TERM": "dumb", "NO_COLOR": "1"}
"""A terminal on which no line of the command is broken."""


def _run(root: Path, *options: str) -> None:
    """Have the command run; what it told and its evaluation lie beside the folder."""
    publish = ek.Workspace.publish

    def kept(space: ek.Workspace, evaluation: ek.Evaluation, **options: Any) -> Path:
        (root.parent / "evaluation.pickle").write_bytes(pickle.dumps(evaluation))
        return publish(space, evaluation, **options)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ek.Workspace, "publish", kept)
        outcome = CliRunner().invoke(app, ["run", *options, "--jobs", "1", str(root)], env=WIDE)
    assert outcome.exit_code == 0, outcome.output
    (root.parent / TOLD).write_text(outcome.output, encoding="utf-8")


def _evaluated_town(folder: Path) -> None:
    _run(town.write(folder), "--no-pdf")


def _evaluated_tiny(folder: Path) -> None:
    _evaluated(tiny.write(folder))


def _evaluation_of(folder: Path) -> ek.Evaluation:
    found = pickle.loads((folder.parent / "evaluation.pickle").read_bytes())
    assert isinstance(found, ek.Evaluation)
    return found


@pytest.fixture(scope="session")
def demo_folder(once: Callable[..., Path]) -> Path:
    """The demo street with its results in ``out/2016``, as `evalkit demo --no-pdf` leaves it.

    One folder for the whole run: read it, or copy it before changing anything.
    """
    return once("demo", _evaluated_demo)


@pytest.fixture(scope="session")
def town_folder(once: Callable[..., Path]) -> Path:
    """The town of `tests.pages.town`, which is quick, with its results as `demo_folder` has them.

    The command made them; what it told lies beside the folder, in `TOLD`.
    """
    return once("town", _evaluated_town)


KANSAS_CITY = {"2021": "kcmo_FY2022_RS_Cleaned_safe.csv", "2022": "kcmo_mar_2022_safe.csv"}
"""The files of the survey's waves, which are not part of the project."""


@pytest.fixture(scope="session")
def kansas_city_folder(shared: Path, once: Callable[..., Path]) -> Path:
    """The Kansas City survey as ``evalkit run`` leaves it; its evaluation lies beside it."""

    def write(root: Path) -> None:
        shutil.copytree(Path(__file__).parent / "kansas_city", root)
        for wave, name in KANSAS_CITY.items():
            (root / "responses" / wave).mkdir(parents=True)
            shutil.copy(shared / "samples" / "community" / name, root / "responses" / wave / name)
        _run(root)

    return once("kansas-city", write)


@pytest.fixture(scope="session")
def kansas_city_evaluation(kansas_city_folder: Path) -> ek.Evaluation:
    """The evaluation that the command told and published. Do not change it."""
    return _evaluation_of(kansas_city_folder)


@pytest.fixture(scope="session")
def tiny_folder(once: Callable[..., Path]) -> Path:
    """The `workspace` with its results as `demo_folder` has them; not to be touched."""
    return once("tiny", _evaluated_tiny)


@pytest.fixture(scope="session")
def tiny_evaluation(tiny_folder: Path) -> ek.Evaluation:
    """The evaluation of an unspoilt `workspace`. Do not change it."""
    return _evaluation_of(tiny_folder)


@pytest.fixture
def published(tiny_folder: Path, tmp_path: Path) -> Path:
    """A `workspace` with its results, for a test to spoil."""
    return Path(shutil.copytree(tiny_folder, tmp_path / "published"))


@pytest.fixture(scope="session")
def demo_evaluation(demo_folder: Path) -> ek.Evaluation:
    """The demo street's evaluation, the one `demo_folder` was published from. Do not change it."""
    return _evaluation_of(demo_folder)
