"""Every file of the simulated streets: how many lines, the first of them, and a digest of all.

The same seed gives the same answers, so whatever the inventing of streets does otherwise shows here.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from evalkit import simulation, workspace
from tests.approved import approving
from tests.presets.streets import SHIPPED

SHOWN = 2
"""Lines of a file that are shown; of the others the digest tells."""
MOST = 160
"""Signs of a line that are shown."""
SIZE = 0.1
"""Share of a preset's units that are made."""
COPIED = re.compile(r"(ledgers|questionnaires)/|(scheme|actions|themes|claims)\.yaml|README\.md")
"""Documents of the preset, as they were shipped: of their words nobody need be told here."""
NUMBER = re.compile(r"-?\d+\.\d{5,}")


def _lines(path: Path) -> list[str]:
    if path.suffix != ".xlsx":
        text = path.read_text(encoding="utf-8-sig")
        return NUMBER.sub(lambda found: f"{float(found[0]):.5g}", text).splitlines()
    book = CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
    return [
        "\t".join(map(str, row)) for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()
    ]  # fmt: skip


def told(folder: Path) -> Iterator[str]:
    """What is compared of the files of a folder."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not COPIED.search(name):
            lines = _lines(path)
            yield f"== {name}: {len(lines)} lines, {approving.digest(chr(10).join(lines))}"
            if path.suffix in (".csv", ".xlsx"):
                yield from (line[:MOST] for line in lines[:SHOWN])


def test_the_files_of_the_demo_are_as_approved(tmp_path: Path) -> None:
    simulation.write_demo(tmp_path / "demo")
    approving.compare("simulation/demo", "\n".join(told(tmp_path / "demo")))


@pytest.mark.parametrize("preset", SHIPPED)
def test_the_files_of_a_thinned_street_are_as_approved(preset: str, tmp_path: Path) -> None:
    workspace.simulate(tmp_path / "street", preset, size=SIZE, draws=800)
    approving.compare(f"simulation/{preset}", "\n".join(told(tmp_path / "street")))


def test_the_files_of_a_small_city_are_as_approved(tmp_path: Path) -> None:
    truth = simulation.invent(3, committees=7)
    simulation.write_city(tmp_path / "city", truth)
    approving.compare("simulation/city", "\n".join(told(tmp_path / "city")))
