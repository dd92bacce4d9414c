"""Which rows are answers of this wave: every row that is read is kept, or rejected by a reason.

A row has one reason, the first that applies, in the order of `Reason`.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from evalkit.codes import Reason
from evalkit.definitions.evaluation import Wave
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.vocabulary import FOOTERS, IDS
from evalkit.errors import Problems
from evalkit.intake.reading import CodedSheet
from evalkit.platforms.base import RawSheet
from evalkit.problems import intake as faults
from evalkit.tables import Rejection, State

FOOTER_CELLS = 0.5
"""A footer fills less than half of the columns that answers fill."""
EXTRA_MONTHS = 3
"""A wave named after a year may run this long into the next one, unless it says otherwise."""
WRONG_WAVE_SHARE = 0.5
"""More than this share of answers outside the wave is a wrong file, not stray answers."""


def sift(sheet: RawSheet) -> tuple[pd.Index[int], dict[int, Rejection]]:
    """Tell answers from blanks, repeated headers, footers and damaged rows.

    Returns
    -------
    rows : Index
        Row numbers of the answers.
    rejections : dict of row number to Rejection
        All the others.
    """
    cells = sheet.cells
    filled = (cells != "").sum(axis=1)
    usual = float(filled[filled > 0].median()) if bool((filled > 0).any()) else 0.0
    headers = [column.header.strip() for column in sheet.columns]
    sequence = _meta(sheet, "sequence")
    rejections: dict[int, Rejection] = {}
    for row, values, count in zip(cells.index, cells.to_numpy(), filled, strict=True):
        texts = [str(value).strip() for value in values]
        first = next((text for text in texts if text), "")
        if count == 0:
            rejections[row] = Rejection(row, Reason.BLANK)
        elif sum(t == h and t != "" for t, h in zip(texts, headers, strict=True)) > count / 2:
            rejections[row] = Rejection(row, Reason.HEADER_ROW)
        elif first.startswith(FOOTERS) and count < max(2.0, usual * FOOTER_CELLS):
            rejections[row] = Rejection(row, Reason.FOOTER, {"text": first})
        elif sequence is not None and not str(sequence[row]).isdigit():
            rejections[row] = Rejection(row, Reason.MALFORMED, {"found": str(sequence[row])})
    kept = cells.index[[row not in rejections for row in cells.index]]
    return kept, rejections


def find_repeats(sheet: RawSheet, rows: pd.Index[int]) -> dict[int, Rejection]:
    """Find answers that stand in the file more than once.

    Two satisfied residents may well tick the same boxes: rows count as one answer only if they
    also agree in the time of submission and the other platform columns, or in an id.
    """
    sequence = next((c.position for c in sheet.columns if c.metadata == "sequence"), None)
    identified = any(c.metadata == "submitted" for c in sheet.columns)
    content = [c.position for c in sheet.columns if c.position != sequence]
    cells = sheet.cells.loc[rows]
    id_column = next(
        (c.position for c in sheet.columns if c.header.strip().casefold() in IDS),
        None,
    )
    if not identified and id_column is None:
        return {}
    first_seen: dict[tuple[str, ...], int] = {}
    found: dict[int, Rejection] = {}
    for row, values in zip(cells.index, cells[content].to_numpy(), strict=True):
        if not identified and not str(cells.at[row, id_column]).strip():
            continue
        key = tuple(str(value) for value in values)
        if key not in first_seen:
            first_seen[key] = row
            continue
        original = first_seen[key]
        same_number = sequence is not None and (
            str(cells.at[row, sequence]) == str(cells.at[original, sequence])
        )
        reason = Reason.PASTED_TWICE if same_number else Reason.DUPLICATE
        found[row] = Rejection(row, reason, {"first": original})
    return found


def find_strays(
    sheet: RawSheet, rows: pd.Index[int], wave: Wave, problems: Problems
) -> dict[int, Rejection]:
    """Find answers submitted outside the wave; a file that mostly is becomes a problem."""
    submitted = _meta(sheet, "submitted")
    start, end = period(wave)
    if submitted is None or (start is None and end is None):
        return {}
    times = pd.to_datetime(submitted.loc[rows], errors="coerce", format="mixed")
    dates = times.dropna().dt.date
    outside = dates[[not _within(date, start, end) for date in dates]]
    if len(dates) and len(outside) / len(dates) > WRONG_WAVE_SHARE:
        column = next(c.header for c in sheet.columns if c.metadata == "submitted")
        place = faults.Place(sheet.file, sheet.sheet, column=column)
        problems.collect(faults.wrong_wave(place, wave.id, len(outside), list(dates), start, end))
        return {}
    return {
        row: Rejection(row, Reason.OUTSIDE_PERIOD, {"date": date, "start": start, "end": end})
        for row, date in zip(outside.index.tolist(), outside, strict=True)
    }


def period(wave: Wave) -> tuple[dt.date | None, dt.date | None]:
    """Return the fieldwork dates of a wave: as declared, else from the year it is named after."""
    start, end = wave.start, wave.end
    if start is None and end is None and len(wave.id) == 4 and wave.id.isdigit():
        year = int(wave.id)
        if 1 <= year < dt.MAXYEAR:
            return dt.date(year, 1, 1), dt.date(year + 1, EXTRA_MONTHS, 31)
    return start, end


def find_ineligible(
    coded: CodedSheet, questionnaire: Questionnaire, rows: pd.Index[int]
) -> dict[int, Rejection]:
    """Find answers that fail a screening item, or answer no scored item at all."""
    rejections: dict[int, Rejection] = {}
    for item in questionnaire.of_role("screening", "group"):
        out = {o.code: o.label for o in questionnaire.options_of(item) if o.screen_out}
        for row, code in zip(rows.tolist(), coded.codes.loc[rows, item.id], strict=True):
            if code in out:
                rejections.setdefault(
                    row,
                    Rejection(row, Reason.SCREENED_OUT, {"item": item.id, "label": out[code]}),
                )
    scored = [item.id for item in questionnaire.of_role("scored")]
    answered = (coded.states.loc[rows, scored] == State.ANSWERED.value).any(axis=1)
    for row in rows[~answered.to_numpy()].tolist():
        rejections.setdefault(row, Rejection(row, Reason.NO_ANSWER))
    return rejections


def _meta(sheet: RawSheet, kind: str) -> pd.Series[str] | None:
    for column in sheet.columns:
        if column.metadata == kind:
            return sheet.cells[column.position]
    return None


def _within(date: dt.date, start: dt.date | None, end: dt.date | None) -> bool:
    return (start is None or date >= start) and (end is None or date <= end)
