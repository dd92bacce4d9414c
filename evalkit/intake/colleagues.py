"""Ratings of colleagues in an evaluation of persons: who may rate whom, and who rates all alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from evalkit import personal
from evalkit.codes import NoteCode
from evalkit.errors import Note
from evalkit.intake.sieves import File
from evalkit.problems import intake as faults
from evalkit.problems import tracks
from evalkit.tables import State

LEAST = 3
"""Persons whom somebody rates alike before that is worth a note: two may well be alike."""


def of_colleagues(file: File, rows: pd.Index[int]) -> tuple[Note, ...]:
    """Check the kept rows of colleagues; collect those of another committee, return notes.

    Parameters
    ----------
    rows : Index
        Row numbers of the answers that every sieve let through: nobody's own rating is among them.
    """
    track = file.decided.track
    if track is None or file.coded is None:
        return ()
    notes: list[Note] = []
    for code in track.track.colleagues:
        own = rows[(file.groups.loc[rows] == code).to_numpy(dtype=bool)].tolist()
        if not own:
            continue
        name = file.decided.scheme.group(code).name
        _elsewhere(file, own, track.units, name)
        notes += _unknown(file, own, track.units, name)
        notes += _alike(file, own, name)
    return tuple(notes)


def _elsewhere(file: File, rows: Sequence[int], units: Mapping[str, str], group: str) -> None:
    """Collect ratings across committees as one problem of the file."""
    wrong = [
        row
        for row in rows
        if file.raters[row] in units
        and units.get(file.subjects[row], units[file.raters[row]]) != units[file.raters[row]]
    ]
    if wrong:
        place = faults.Position(file.sheet.file, file.sheet.sheet, wrong[0], _column(file))
        pairs = [(file.raters[row], file.subjects[row]) for row in wrong]
        file.problems.collect(tracks.colleague_of_another_unit(place, wrong, group, pairs))


def _unknown(
    file: File, rows: Sequence[int], units: Mapping[str, str], group: str
) -> Iterator[Note]:
    """Yield how many ratings come from nobody of the roster: an own one would not be noticed."""
    strange = [row for row in rows if file.raters[row] not in units]
    if strange:
        facts = {"group": group, "column": _column(file) or "", "rows": tuple(map(str, strange))}
        yield Note(NoteCode.COLLEAGUES_NOT_KNOWN, file.sheet.file, len(strange), facts)


def _alike(file: File, rows: Sequence[int], group: str) -> Iterator[Note]:
    """Yield how many raters gave everybody the same answers to everything."""
    assert file.coded is not None
    items = [item.id for item in file.source.questionnaire.of_role("scored")]
    at = pd.Index(rows)
    codes = file.coded.codes.loc[at, items].to_numpy(dtype=object)
    answered = (file.coded.states.loc[at, items] == State.ANSWERED.value).to_numpy(dtype=bool)
    said = {row: {str(code) for code in codes[k][answered[k]]} for k, row in enumerate(rows)}
    by_rater: dict[str, list[int]] = {}
    for row in rows:
        by_rater.setdefault(file.raters[row], []).append(row)
    alike = {
        rater: own
        for rater, own in by_rater.items()
        if len(own) >= LEAST and len(set().union(*(said[row] for row in own))) == 1
    }
    if alike:
        told = sorted(row for own in alike.values() for row in own)
        facts = {"group": group, "raters": len(by_rater), "rows": tuple(map(str, told))}
        yield Note(NoteCode.COLLEAGUES_ALL_ALIKE, file.sheet.file, len(alike), facts)


def _column(file: File) -> str | None:
    items = file.source.questionnaire.of_role("rater")
    column = file.coded.plan.single.get(items[0].id) if file.coded and items else None
    return f"{column.letters} {personal.heading_shown(column.header)}" if column else None
