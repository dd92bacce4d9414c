from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import evalkit as ek
from tests.recomputation import kinds
from tests.recomputation.cases import Case

Published = Callable[[str], Path]
Cases = Callable[[str], Case]

KANSAS_CITY = Path(__file__).resolve().parent.parent / "kansas_city"
KANSAS_CITY_FILES = {
    "2021": "kcmo_FY2022_RS_Cleaned_safe.csv",
    "2022": "kcmo_mar_2022_safe.csv",
}


@pytest.fixture(scope="session")
def published(once: Callable[..., Path]) -> Published:
    """Return the folder of a kind of workspace (`kinds.KINDS`), evaluated, without PDFs.

    Every kind is evaluated once in a run; nobody may change what is in it. `archive_alone` is
    evaluated with its first wave's files and then without; `<folder>-with-files` is how it was.
    """

    def folder(kind: str) -> Path:
        return once(kind, lambda root: _publish_kind(kind, root))

    return folder


@pytest.fixture(scope="session")
def case(published: Published, request: pytest.FixtureRequest) -> Cases:
    """Return an evaluated street by name: `demo`, `kansas_city`, or one of `kinds.KINDS`.

    Tests that ask for the first two mark themselves: see `every_street`.
    """
    known: dict[str, Case] = {}

    def of(name: str) -> Case:
        if name == "demo":
            folder = request.getfixturevalue("demo_folder")
        elif name == "kansas_city":
            folder = request.getfixturevalue("kansas_city_folder")
        else:
            folder = published(name)
        if name not in known:
            source = folder.with_name(f"{folder.name}-with-files")
            known[name] = Case(folder, source if source.is_dir() else folder)
        return known[name]

    return of


@pytest.fixture(scope="session")
def kansas_city_folder(shared: Path, once: Callable[..., Path]) -> Path:
    """The Kansas City survey, evaluated; the files are not part of the project."""

    def write(root: Path) -> None:
        shutil.copytree(KANSAS_CITY, root)
        for wave, name in KANSAS_CITY_FILES.items():
            (root / "responses" / wave).mkdir(parents=True)
            shutil.copy(shared / "samples" / "community" / name, root / "responses" / wave / name)
        publish(root)

    return once("kansas-city-published", write)


def _publish_kind(kind: str, root: Path) -> None:
    publish(kinds.KINDS[kind](root))
    if kind == "archive_alone":
        kinds.forget_first_wave(root)
        publish(root)


def publish(root: Path) -> None:
    workspace = ek.open(root)
    workspace.publish(workspace.evaluate(), pdf=False)
