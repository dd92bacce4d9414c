from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import evalkit as ek
from tests.recomputation import kinds
from tests.recomputation.cases import Case

Published = Callable[[str], Path]
Cases = Callable[[str], Case]


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


def _publish_kind(kind: str, root: Path) -> None:
    publish(kinds.KINDS[kind](root))
    if kind == "archive_alone":
        kinds.forget_first_wave(root)
        publish(root)


def publish(root: Path) -> None:
    workspace = ek.open(root)
    workspace.publish(workspace.evaluate(), pdf=False)
