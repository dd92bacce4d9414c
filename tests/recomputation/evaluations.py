"""Workspaces as they were evaluated, beside what was recomputed from their raw files."""

from __future__ import annotations

import functools
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import evalkit as ek
from tests import tiny
from tests.recomputation import cells, documents, rows, wide
from tests.recomputation.kinds import KINDS
from tests.recomputation.scores import Wave

KANSAS_CITY = Path(__file__).parents[1] / "kansas_city"
KANSAS_CITY_FILES = {
    "2021": "kcmo_FY2022_RS_Cleaned_safe.csv",
    "2022": "kcmo_mar_2022_safe.csv",
}
OWN = {"tiny": tiny.write, "wide": wide.wide, "wide_spread": wide.wide_spread, "edges": wide.edges}
SMALL = [*KINDS, *OWN]
ALL = [
    *SMALL,
    pytest.param("demo", marks=pytest.mark.whole_demo),
    pytest.param("kansas_city", marks=pytest.mark.shared),
]
"""Names of workspaces, as parameters of a test that asks `recomputed` for them."""
ONE_WAVE = ("one_wave", "needing")
TWO_WAVES = [name for name in ALL if name not in ONE_WAVE]


@dataclass(frozen=True)
class Recomputed:
    """A workspace: its folder, its documents, and its waves' rows and cells from the raw exports."""

    folder: Path
    street: documents.Street
    waves: list[Wave]
    rows: list[rows.Rows]
    draws: int
    seed: int

    @property
    def scheme(self) -> dict[str, Any]:
        return self.street.scheme

    @property
    def names(self) -> dict[str, str]:
        return {subject["id"]: subject["name"] for subject in self.street.roster}

    @property
    def now(self) -> Wave:
        return self.waves[-1]

    @property
    def before(self) -> Wave | None:
        return self.waves[-2] if len(self.waves) > 1 else None

    @property
    def both(self) -> tuple[Wave, Wave]:
        """The wave before and this one, of a workspace with two."""
        before, now = self.waves
        return before, now

    @property
    def past_rows_are_gone(self) -> bool:
        """Whether only the database knows the wave before."""
        return self.street.folder != self.folder

    @property
    def out(self) -> Path:
        return self.folder / "out" / self.now.name


def recomputed(request: pytest.FixtureRequest, name: str) -> Recomputed:
    """Return a workspace by its name in `ALL`, evaluated once a session, recomputed once a process."""
    if name == "demo":
        folder = request.getfixturevalue("demo_folder")
    elif name == "kansas_city":
        shared = request.getfixturevalue("shared")
        once: Callable[..., Path] = request.getfixturevalue("once")
        folder = once("recomputed-kansas-city", lambda root: _kansas_city(root, shared))
    elif name in OWN:
        once = request.getfixturevalue("once")
        folder = once(f"recomputed-{name}", lambda root: _publish(OWN[name](root)))
    else:
        folder = request.getfixturevalue("published")(name)
    return _recomputed(folder)


@functools.cache
def _recomputed(folder: Path) -> Recomputed:
    manifest = json.loads(next(folder.glob("out/*/manifest.json")).read_text(encoding="utf-8"))
    with_files = folder.with_name(f"{folder.name}-with-files")
    street = documents.read(with_files if with_files.is_dir() else folder)
    read = [rows.read(street, wave["id"]) for wave in street.waves]
    waves = [Wave(own.wave, street.subjects(own.wave), cells.cells(street, own)) for own in read]
    return Recomputed(folder, street, waves, read, manifest["draws"], manifest["seed"])


def _kansas_city(root: Path, shared: Path) -> None:
    shutil.copytree(KANSAS_CITY, root)
    for wave, name in KANSAS_CITY_FILES.items():
        (root / "responses" / wave).mkdir(parents=True)
        shutil.copy(shared / "samples" / "community" / name, root / "responses" / wave / name)
    _publish(root)


def _publish(root: Path) -> None:
    workspace = ek.open(root)
    workspace.publish(workspace.evaluate(), pdf=False)
