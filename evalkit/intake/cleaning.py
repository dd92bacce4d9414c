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
from numpy.typing import NDArray

from evalkit.codes import NoteCode, Reason
from evalkit.definitions.evaluation import Wave
from evalkit.definitions.vocabulary import FOOTER
from evalkit.errors import Note, Problems
from evalkit.files.alike import filled, says, taken
from evalkit.intake.identity import Identity
from evalkit.intake.times import DAY, Period, Times, day_of, within
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
    repeated = pd.Series(0, index=rows)
    seen = False
    for column in sheet.columns:
        header = column.header.strip()
        texts = sheet.cells[column.position]
        if header and says(texts, header):
            seen = True
            repeated += texts.loc[rows].astype(str).str.strip() == header
    if not seen:
        return {}
    filled = _filled(sheet).loc[rows]
    return {int(row): {} for row in rows[(repeated > filled / 2).to_numpy(dtype=bool)]}


def footers(sheet: RawSheet, rows: pd.Index[int]) -> Found:
    """Find rows that begin with a word for totals or sign the table, and fill few columns."""
    filled = _filled(sheet)
    usual = float(filled[filled > 0].median()) if bool((filled > 0).any()) else 0.0
    few = filled.loc[rows] < max(2.0, usual * FOOTER_CELLS)
    found: Found = {}
    for row in rows[few.to_numpy(dtype=bool)]:
        texts = (str(text).strip() for text in sheet.cells.loc[row])
        first = next((text for text in texts if text), "")
        if FOOTER.match(first):
            found[int(row)] = {"text": first}
    return found


def malformed(sheet: RawSheet, rows: pd.Index[int]) -> Found:
    """Find rows without the running number that the sheet's platform gives to every answer."""
    broken = of(sheet).unnumbered(sheet.columns, taken(sheet.cells, rows))
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


def those(rows: pd.Index[int], wanted: NDArray[np.bool_]) -> pd.Index[int]:
    """Return some rows: themselves where these are all, so that they stay a plain range."""
    return rows if bool(wanted.all()) else rows[wanted]


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
    places = np.flatnonzero(identity.here & identity.repeats)
    found: Found = {}
    for at in places[identity.rows[places].isin(rows)].tolist():
        original = int(identity.first[at])
        number = identity.numbers.iloc[at]
        if pasted == (number != "" and number == identity.numbers.iloc[original]):
            found[int(identity.rows[at])] = {"first": int(identity.rows[original])}
    return found


def likeness_notes(
    sheet: RawSheet, identity: Identity, rejections: Mapping[int, Rejection]
) -> list[Note]:
    """Say how many kept rows equal another one, and whether running numbers begin again."""
    alike = [row for row in identity.rows[identity.repeats].tolist() if row not in rejections]
    again = [row for row in identity.rows[identity.restarts].tolist() if row not in rejections]
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
    known = times.told
    if len(rows) < len(times.rows):
        known &= times.rows.isin(rows)
    place, each = pd.factorize(times.moments[known] // DAY)
    days = [day_of(int(day)) for day in each]
    outside = np.array([not within(day, bounds) for day in days], dtype=np.bool_)[place]
    numbers = times.rows[known]
    if int(outside.sum()) > WRONG_WAVE_SHARE * len(place):
        position = faults.Position(sheet.file, sheet.sheet, column=times.column.header)
        every = [days[at] for at in place]
        away = [days[at] for at in place[outside]]
        problems.collect(
            faults.wrong_wave(position, wave.id, len(away), every, bounds, by_year(away))
        )
        return {}
    start, end = bounds
    pairs = zip(numbers[outside].tolist(), place[outside].tolist(), strict=True)
    return {row: {"date": days[at], "start": start, "end": end} for row, at in pairs}


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
    return pd.Series(filled(sheet.cells), index=sheet.cells.index)
