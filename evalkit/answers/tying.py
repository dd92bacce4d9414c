"""How well lists hold together: what is tied to nothing, listed twice, or past its end: frame ``integrity``.

Records that point to nothing known are refused at import; here is what may be so, and what somebody
should look at. Nothing is changed: two records that look like one are only proposed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from evalkit.codes import Loose
from evalkit.definitions.decided import Decided
from evalkit.definitions.ledger import Ledger
from evalkit.definitions.text import comparable
from evalkit.intake.ledger_links import standing
from evalkit.tables import frame, no_rows
from evalkit.tables.records import Records

Found = tuple[str, Loose, pd.DataFrame]
"""The column (or empty), what is wrong, and the records: their ``key``, and a ``suggestion``."""


def integrity(found: Mapping[str, Records], decided: Decided) -> pd.DataFrame:
    """Return frame ``integrity`` of one wave: a row a record of public lists, else counts.

    Parameters
    ----------
    found : dict of ledger id to Records
        Of one wave. Only links between ledgers that have a file there are looked at.
    """
    rows: list[pd.DataFrame] = []
    for name, records in found.items():
        ledger = decided.ledgers[name]
        if not ledger.key:
            continue
        own = _own(records, ledger)
        for link, problem, wrong in (
            *_unlinked(own, ledger, found),
            *_unused(name, own, found, decided),
            *_twins(own, ledger),
            *_over(own, ledger, records.until),
        ):
            if not len(wrong):
                continue
            told = wrong.sort_values("key").assign(n=1)
            if not ledger.public:
                told = pd.DataFrame({"key": [""], "suggestion": [""], "n": [len(wrong)]})
            about = {"wave": records.wave, "ledger": name, "link": link, "problem": problem.value}
            rows.append(told.assign(**about, record=_shown(told["key"]), of=len(own)))
    return frame("integrity", pd.concat(rows, ignore_index=True)) if rows else no_rows("integrity")


def _own(records: Records, ledger: Ledger) -> pd.DataFrame:
    table = standing(records.table, ledger)
    return table[table["belongs"].astype(bool)]


def _shown(keys: pd.Series[str]) -> pd.Series[str]:
    return keys.str.replace("\x1f", " ", regex=False)


def _wrong(table: pd.DataFrame, suggestions: Sequence[str] | str = "") -> pd.DataFrame:
    return pd.DataFrame({"key": table["key"]}).assign(suggestion=suggestions)


def _unlinked(own: pd.DataFrame, ledger: Ledger, found: Mapping[str, Records]) -> Iterator[Found]:
    """Yield, by column that points to another list, the records that name none of its."""
    for column in ledger.columns:
        if column.code in own and any(name in found for name in column.points_to):
            yield column.code, Loose.UNLINKED, _wrong(own[own[column.code] == ""])


def _unused(
    name: str, own: pd.DataFrame, found: Mapping[str, Records], decided: Decided
) -> Iterator[Found]:
    """Yield the records to which nothing points, of lists to which something may point."""
    used: set[str] = set()
    pointed = False
    for other, records in found.items():
        for column in decided.ledgers[other].columns:
            if name in column.points_to and column.code in records.table:
                pointed = True
                used |= set(_own(records, decided.ledgers[other])[column.code])
    if pointed:
        yield "", Loose.UNUSED, _wrong(own[~own["key"].isin(used)])


def _twins(own: pd.DataFrame, ledger: Ledger) -> Iterator[Found]:
    """Yield records of one committee and one title; the first of them is suggested."""
    title = next((c.code for c in ledger.holding("title") if c.code in own), None)
    if title is None:
        return
    told = own[own[title] != ""].sort_values("key")
    called = told[title].map(comparable)
    first = told.groupby([told["subject"], called])["key"].transform("first")
    again = told["key"] != first
    yield title, Loose.TWIN, _wrong(told[again], list(_shown(first[again])))


def _over(own: pd.DataFrame, ledger: Ledger, last: pd.Timestamp | None) -> Iterator[Found]:
    """Yield records that go on by their state although their end lies before the last known moment."""
    if last is None or ledger.ends is None or ledger.ends not in own or ledger.state not in own:
        return
    past = own[ledger.ends] + pd.Timedelta(days=1) < last
    late = own[own[ledger.state].isin(ledger.running) & past]
    yield ledger.ends, Loose.OVER, _wrong(late, list(late[ledger.ends].dt.strftime("%Y-%m-%d")))
