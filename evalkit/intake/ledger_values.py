"""What the cells of a ledger's columns say: times, numbers, options, units; all rows at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from evalkit import numerals, personal
from evalkit.definitions.crosswalk import UNDECIDED, Crosswalk
from evalkit.definitions.ledger import Ledger, LedgerColumn
from evalkit.definitions.roster import SEVERAL
from evalkit.definitions.text import comparable
from evalkit.definitions.vocabulary import FOOTER
from evalkit.errors import Problems
from evalkit.intake.ledger_columns import place
from evalkit.intake.matching import Match, Matcher
from evalkit.platforms import ORDERS, RawColumn, RawSheet, stamp_of
from evalkit.problems import ledgers as faults

MOMENT = "datetime64[s]"
_PLAIN = "%Y-%m-%d %H:%M:%S"

Rows = pd.Index

LONGEST_TITLE = 40
"""Letters of what a record is called in public; what is longer tells a story."""


def rows_of(index: Rows, mask: Any) -> list[int]:
    """Return the row numbers, as Excel shows them, where something is so."""
    return [int(row) for row in index[np.asarray(mask, dtype=bool)]]


def titles(texts: pd.Series[str]) -> pd.Series[str]:
    """Return what records are called in public; nothing where that looks personal or is too long."""
    unfit = {
        text
        for text in texts.unique()
        if len(text) > LONGEST_TITLE or personal.identifies(text) or personal.is_name(text)
    }
    return texts.mask(texts.isin(unfit), "")


def times(
    sheet: RawSheet, column: RawColumn, texts: pd.Series[str], problems: Problems
) -> pd.Series[Any]:
    """Return moments by the clock at home; NaT where nothing stands.

    What is written as systems write it is read at once, the rest value by value.
    """
    found: pd.Series[Any] = _moments(pd.to_datetime(texts, format=_PLAIN, errors="coerce"))
    rest = texts[(texts != "") & found.isna()]
    if rest.empty:
        return found
    stamps = {text: stamp_of(text) for text in rest.unique()}
    unread = rest[rest.map(lambda text: stamps[text] is None)]
    if len(unread):
        at = place(sheet, column, int(unread.index[0]))
        shown = personal.shown(str(unread.iloc[0]))
        problems.collect(faults.time_unread(at, shown, rows_of(unread.index, unread.notna())))
    read = {text: stamp for text, stamp in stamps.items() if stamp is not None}
    if not read:
        return found
    zoned = {text for text, stamp in read.items() if stamp.offset is not None}
    exact = {text for text, stamp in read.items() if stamp.clock is not None}
    if zoned and exact - zoned:
        without = rest[rest.isin(exact - zoned)]
        at = place(sheet, column, int(without.index[0]))
        problems.collect(faults.time_zones_mixed(at, rows_of(without.index, without.notna())))
    possible = [o for o in ORDERS if all(o in stamp.days for stamp in read.values())]
    readings = {tuple(stamp.days.get(o) for stamp in read.values()) for o in possible}
    if len(readings) != 1:
        first = next(t for t, s in read.items() if len({s.days.get(o) for o in ORDERS}) > 1)
        at = place(sheet, column, int(rest.index[(rest == first).to_numpy()][0]))
        problems.collect(faults.time_order_unclear(at, first))
        return found
    moments = {text: stamp.at(possible[0]) for text, stamp in read.items()}
    found.loc[rest.index] = _moments(pd.to_datetime(rest.map(moments)))
    return found


def _moments(found: Any) -> Any:
    return found.astype(MOMENT)


def numbers(
    sheet: RawSheet, column: RawColumn, texts: pd.Series[str], problems: Problems
) -> pd.Series[float]:
    """Return numbers of at least 0; NaN where nothing stands."""
    plain = {text: _number(text) for text in texts.unique()}
    found = texts.map(plain).astype("float64")
    wrong = (texts != "") & ~(found >= 0)
    if wrong.any():
        rows = rows_of(texts.index, wrong)
        at = place(sheet, column, rows[0])
        shown = personal.shown(str(texts[rows[0]]))
        problems.collect(faults.number_unread(at, shown, rows))
    return found


def _number(text: str) -> float:
    value = numerals.number(text)
    value = numerals.marked(text) if value is None else value
    return np.nan if value is None else float(value)


def options(
    sheet: RawSheet,
    column: RawColumn,
    declared: LedgerColumn,
    texts: pd.Series[str],
    ledger: Ledger,
    crosswalk: Crosswalk | None,
    problems: Problems,
) -> pd.Series[str]:
    """Return values as the ledger writes them; ``""`` where nothing stands or it means nothing."""
    known = ledger.values.get(declared.code, {})
    if not known:
        return texts
    canonical = {comparable(text): text for text in known}
    more = {} if crosswalk is None else crosswalk.values.get(declared.code, {})
    mapped = {comparable(text): meant for text, meant in more.items()}
    meanings: dict[str, str] = {"": ""}
    counts = texts.value_counts()
    for text in map(str, counts.index):
        key = comparable(text)
        if key in mapped:
            meant = mapped[key]
            if meant == UNDECIDED:
                at = place(sheet, column)
                problems.collect(faults.column_undecided(at, personal.shown(text)))
            meanings[text] = "" if meant in (None, UNDECIDED) else str(meant)
        elif key in canonical:
            meanings[text] = canonical[key]
        elif text:
            n = int(counts[text])
            at = place(sheet, column, rows_of(texts.index, texts == text)[0])
            shown = personal.shown(text, n)
            problems.collect(faults.value_unknown(at, shown, n, list(known)))
            meanings[text] = ""
    return texts.map(meanings)


def units(
    sheet: RawSheet,
    column: RawColumn,
    texts: pd.Series[str],
    matcher: Matcher,
    problems: Problems,
) -> tuple[pd.Series[Any], Mapping[str, Match]]:
    """Return subjects by row, ``""`` where there is none, and what every name means."""
    counts = texts.value_counts()
    matches = {str(text): matcher.match(str(text)) for text in counts.index if text}
    for text, match in sorted(matches.items()):
        if match.subject is not None or match.left_out or FOOTER.match(text):
            continue
        rows = rows_of(texts.index, texts == text)
        at = place(sheet, column, rows[0])
        parts = [part for part in SEVERAL.split(text) if part]
        if len(parts) > 1 and all(matcher.match(part).subject for part in parts):
            problems.collect(faults.several_units(at, text, rows))
        else:
            problems.collect(matcher.fault(at, text, len(rows)))
    return texts.map({t: m.subject or "" for t, m in matches.items()}).fillna(""), matches


def person_numbers(texts: pd.Series[str]) -> Sequence[str]:
    """Return a running number for every person; ``""`` where nobody is named."""
    places, _ = pd.factorize(texts.where(texts != "", None), sort=False)
    return [f"c{place + 1}" if place >= 0 else "" for place in places]
