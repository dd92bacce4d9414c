"""Which rows of a sheet are answers of this wave, before anything is known of what they say.

Each function here finds the rows to which one reason applies; `sieves.SIEVES` has them in order.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from evalkit.codes import NoteCode, Reason
from evalkit.definitions.evaluation import Wave
from evalkit.definitions.vocabulary import FOOTERS
from evalkit.errors import Note, Problems
from evalkit.intake.identity import Identity, first_equals
from evalkit.intake.times import Period, Times, within
from evalkit.platforms import RawSheet, of
from evalkit.problems import intake as faults
from evalkit.tables import Rejection

Found = dict[int, Mapping[str, Any]]
"""Rows to which a reason applies, each with what it saw."""

FOOTER_CELLS = 0.5
"""A footer fills less than half of the columns that answers fill."""
EXTRA_MONTHS = 3
"""A wave named after a year may run this long into the next one, unless it says otherwise."""
WRONG_WAVE_SHARE = 0.5
"""More than this share of answers outside the wave is a wrong file, not stray answers."""


def blanks(sheet: RawSheet, rows: pd.Index[int]) -> Found:
    """Find rows without any content."""
    filled = _filled(sheet).loc[rows]
    return {int(row): {} for row in filled.index[filled == 0]}


def header_rows(sheet: RawSheet, rows: pd.Index[int]) -> Found:
    """Find rows that repeat more than half of what they fill from the headers."""
    filled = _filled(sheet).loc[rows]
    repeated = pd.Series(0, index=rows)
    for column in sheet.columns:
        header = column.header.strip()
        texts = sheet.cells[column.position]
        if header and any(str(text).strip() == header for text in set(texts.tolist())):
            repeated += texts.loc[rows].astype(str).str.strip() == header
    return {int(row): {} for row in rows[(repeated > filled / 2).to_numpy(dtype=bool)]}


def footers(sheet: RawSheet, rows: pd.Index[int]) -> Found:
    """Find rows that begin with a word for totals and fill few columns."""
    filled = _filled(sheet)
    usual = float(filled[filled > 0].median()) if bool((filled > 0).any()) else 0.0
    few = filled.loc[rows] < max(2.0, usual * FOOTER_CELLS)
    found: Found = {}
    for row in rows[few.to_numpy(dtype=bool)]:
        texts = (str(text).strip() for text in sheet.cells.loc[row])
        first = next((text for text in texts if text), "")
        if first.startswith(FOOTERS):
            found[int(row)] = {"text": first}
    return found


def malformed(sheet: RawSheet, rows: pd.Index[int]) -> Found:
    """Find rows without the running number that the sheet's platform gives to every answer."""
    broken = of(sheet).unnumbered(sheet.columns, sheet.cells.loc[rows])
    pairs = zip(map(int, broken.index), broken, strict=True)
    return {row: {"found": str(text)} for row, text in pairs}


LAYOUT: tuple[tuple[Reason, Callable[[RawSheet, pd.Index[int]], Found]], ...] = (
    (Reason.BLANK, blanks),
    (Reason.HEADER_ROW, header_rows),
    (Reason.FOOTER, footers),
    (Reason.MALFORMED, malformed),
)
"""The reasons that the sheet alone tells, in the order in which they are tried."""


def sift(sheet: RawSheet) -> tuple[pd.Index[int], dict[int, Rejection]]:
    """Tell answers from blanks, repeated headers, footers and damaged rows.

    Returns
    -------
    rows : Index
        Row numbers of the answers.
    rejections : dict of row number to Rejection
        All the others.
    """
    rows = sheet.cells.index
    rejections: dict[int, Rejection] = {}
    for reason, find in LAYOUT:
        found = find(sheet, rows)
        rejections |= {row: Rejection(row, reason, facts) for row, facts in found.items()}
        rows = rest(rows, found)
    return rows, rejections


def rest(rows: pd.Index[int], found: Found) -> pd.Index[int]:
    """Return the rows to which a reason does not apply."""
    return rows[~rows.isin(list(found))] if found else rows


def repeats(identity: Identity, rows: pd.Index[int], pasted: bool) -> Found:
    """Find answers that stand in the file more than once, and are told from all others.

    Parameters
    ----------
    pasted : bool
        Those that repeat with their running number, or those that do not.
    """
    present = set(rows)
    return {
        row: {"first": original}
        for row, original in first_equals(identity).items()
        if row in identity.here and row in present
        if pasted
        == (identity.numbers[row] != "" and identity.numbers[row] == identity.numbers[original])
    }


def likeness_notes(
    sheet: RawSheet, identity: Identity, rejections: Mapping[int, Rejection]
) -> list[Note]:
    """Say how many kept rows equal another one, and whether running numbers begin again."""
    alike = [row for row in first_equals(identity) if row not in rejections]
    again = [row for row in identity.restarts if row not in rejections]
    notes = []
    if alike:
        facts = {"rows": tuple(map(str, alike))}
        notes.append(Note(NoteCode.LOOK_ALIKES, sheet.file, len(alike), facts))
    if again:
        facts = {"rows": tuple(map(str, again))}
        notes.append(Note(NoteCode.NUMBERS_REPEATED, sheet.file, len(again), facts))
    return notes


def strays(
    sheet: RawSheet, times: Times | None, rows: pd.Index[int], wave: Wave, problems: Problems
) -> Found:
    """Find answers submitted outside the wave; a file that mostly is becomes a problem."""
    bounds = period(wave)
    if times is None or bounds == (None, None):
        return {}
    days = {int(row): times.moments[row].date() for row in rows if row in times.moments}
    outside = {row: day for row, day in days.items() if not within(day, bounds)}
    if len(outside) > WRONG_WAVE_SHARE * len(days):
        place = faults.Position(sheet.file, sheet.sheet, column=times.column.header)
        years = by_year(outside.values())
        problems.collect(
            faults.wrong_wave(place, wave.id, len(outside), list(days.values()), bounds, years)
        )
        return {}
    start, end = bounds
    return {row: {"date": day, "start": start, "end": end} for row, day in outside.items()}


def stray_notes(sheet: RawSheet, rejections: Mapping[int, Rejection]) -> list[Note]:
    """Say how many rows were submitted outside the wave, by year."""
    days = [r.facts["date"] for r in rejections.values() if r.reason is Reason.OUTSIDE_PERIOD]
    if not days:
        return []
    facts = {"years": by_year(days)}
    return [Note(NoteCode.OUTSIDE_WAVE, sheet.file, len(days), facts)]


def by_year(days: Iterable[dt.date]) -> tuple[tuple[str, int], ...]:
    """Return how many days fall into each year, earliest first."""
    return tuple((str(year), n) for year, n in sorted(Counter(day.year for day in days).items()))


def period(wave: Wave) -> Period:
    """Return the fieldwork dates of a wave: as declared, else from the year it is named after."""
    start, end = wave.start, wave.end
    if start is None and end is None and len(wave.id) == 4 and wave.id.isdigit():
        year = int(wave.id)
        if 1 <= year < dt.MAXYEAR:
            return dt.date(year, 1, 1), dt.date(year + 1, EXTRA_MONTHS, 31)
    return start, end


def _filled(sheet: RawSheet) -> pd.Series[int]:
    cells = sheet.cells
    filled = np.zeros(len(cells), dtype=np.int64)
    for position in cells:
        filled += cells[position].to_numpy(dtype=object) != ""
    return pd.Series(filled, index=cells.index)
