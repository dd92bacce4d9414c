"""What may be named of lists that are public, and where records are: frames ``listed`` and ``points``."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from evalkit.answers.proposing import KIND
from evalkit.definitions.decided import Decided
from evalkit.definitions.ledger import Ledger
from evalkit.intake.ledger_links import standing
from evalkit.intake.ledger_points import degrees
from evalkit.tables import frame, no_rows
from evalkit.tables.records import Records

PLACES = 4
"""Decimals of degrees within which records are at one place: some ten metres."""


def listed(found: Mapping[str, Records], decided: Decided) -> pd.DataFrame:
    """Return frame ``listed``: the records of one wave that may be named, of public lists only.

    Where a list says what goes on, only that is named.
    """
    parts = [
        _named(records, decided.ledgers[name])
        for name, records in found.items()
        if decided.ledgers[name].public and decided.ledgers[name].key
    ]
    parts = [part for part in parts if len(part)]
    return frame("listed", pd.concat(parts, ignore_index=True)) if parts else no_rows("listed")


def _named(records: Records, ledger: Ledger) -> pd.DataFrame:
    table = standing(records.table, ledger)
    table = table[table["belongs"].astype(bool)]
    if ledger.state in table and ledger.running:
        table = table[table[ledger.state].isin(ledger.running)]
    title = next((c.code for c in ledger.holding("title") if c.code in table), None)
    columns = {"title": title, "category": KIND, "state": ledger.state}
    found = pd.DataFrame(
        {
            "wave": records.wave,
            "ledger": records.ledger,
            "record": table["key"].str.replace("\x1f", " ", regex=False),
            **{
                name: table[code] if code in table else pd.Series("", index=table.index)
                for name, code in columns.items()
            },
            "subject": table["subject"],
        }
    )
    return found.sort_values(["subject", "record"], ignore_index=True)


def points(found: Mapping[str, Records], decided: Decided) -> pd.DataFrame:
    """Return frame ``points``: where the records of one wave are, and how many at each place.

    Of ledgers that declare their coordinates. A place with fewer records of a kind than the
    ledger's minimum is left out.
    """
    parts = []
    for name, records in found.items():
        ledger = decided.ledgers[name]
        measure = next((m for m in ledger.measures if m.how == "coverage"), None)
        where = None if measure is None else degrees(measure, records.table)
        if where is None:
            continue
        known = records.table["belongs"].to_numpy(dtype=bool) & np.isfinite(where).all(axis=1)
        table = records.table[known]
        at = np.round(where[known], PLACES)
        kinds = table[KIND] if KIND in table else pd.Series("", index=table.index)
        rows = pd.DataFrame(
            {
                "ledger": name,
                "category": kinds.to_numpy(),
                "subject": table["subject"].to_numpy(),
                "longitude": at[:, 0],
                "latitude": at[:, 1],
            }
        )
        counted = rows.groupby(list(rows.columns), sort=True).size().reset_index(name="n")
        counted = counted[counted["n"] >= ledger.minimum_n]
        parts.append(counted.assign(wave=records.wave))
    parts = [part for part in parts if len(part)]
    return frame("points", pd.concat(parts, ignore_index=True)) if parts else no_rows("points")
