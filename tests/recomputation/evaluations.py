"""Workspaces as they were evaluated, beside what was recomputed from their raw files."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import evalkit as ek
from tests import tiny
from tests.recomputation import cases, documents, rows, wide
from tests.recomputation.kinds import KINDS
from tests.recomputation.scores import Wave

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
        folder = request.getfixturevalue("kansas_city_folder")
    elif name == "tiny":
        folder = request.getfixturevalue("tiny_folder")
    elif name in OWN:
        once: Callable[..., Path] = request.getfixturevalue("once")
        folder = once(f"recomputed-{name}", lambda root: _publish(OWN[name](root)))
    else:
        folder = request.getfixturevalue("published")(name)
    return _recomputed(folder)


@functools.cache
def _recomputed(folder: Path) -> Recomputed:
    manifest = json.loads(next(folder.glob("out/*/manifest.json")).read_text(encoding="utf-8"))
    with_files = folder.with_name(f"{folder.name}-with-files")
    source = with_files if with_files.is_dir() else folder
    street = documents.read(source)
    found = cases.cells_of(source)
    waves = [Wave(wave, street.subjects(wave), own) for wave, own in found.items()]
    read = [*cases.rows_of(source).values()]
    return Recomputed(folder, street, waves, read, manifest["draws"], manifest["seed"])


def _publish(root: Path) -> None:
    workspace = ek.open(root)
    workspace.publish(workspace.evaluate(), pdf=False)
