"""lineage.csv as it lies in a folder: one row for each thing that happened."""

from __future__ import annotations

from pathlib import Path

from evalkit.definitions.lineage import Lineage, Succession
from evalkit.definitions.places import Places
from evalkit.definitions.roster_file import csv_table
from evalkit.definitions.sheets.columns import columns_of
from evalkit.definitions.sheets.layouts import LAYOUTS
from evalkit.definitions.sheets.shapes import Reading
from evalkit.definitions.validating import validate
from evalkit.errors import Problems

LINEAGE = "lineage.csv"


def load_lineage(
    path: Path,
    name: str,
    problems: Problems,
    places: Places | None = None,
    *,
    even_if_faulty: bool = False,
) -> Lineage | None:
    """Read a lineage from CSV; as `loading.load_questionnaire`."""
    before = len(problems)
    places = Places() if places is None else places
    (layout,) = LAYOUTS[Lineage]
    found = csv_table(path, name, problems, columns_of(Succession), layout.sheet)
    if found is None:
        return None
    if len(problems) > before:
        places.tear(())
    reading = Reading(name, problems, places, {})
    layout.read(found, reading)
    lineage = validate(Lineage, reading.data, name, problems, places, even_if_faulty=even_if_faulty)
    return lineage if len(problems) == before or even_if_faulty else None
