"""The loop of a ledger as events, by the names that XES (IEEE 1849) gives them, for researchers.

Case, what happened, when, and the committee: nothing of persons. Keys are running numbers unless the
ledger says that they tell nobody. A row is one event of one record all the same: who knows when it
was may know whose it is, so it is no file to hand on.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pandas as pd

from evalkit.definitions.decided import Decided
from evalkit.definitions.ledger import Ledger
from evalkit.definitions.units import Units
from evalkit.intake.ledger_loops import paths
from evalkit.methods.small_counts import of_records
from evalkit.personal import identifies
from evalkit.tables.records import Records

CASE, ACTIVITY, MOMENT = "case:concept:name", "concept:name", "time:timestamp"
TRANSITION, GROUP = "lifecycle:transition", "org:group"
COMPLETE = "complete"
"""Of the lifecycle: a ledger tells when a state was reached, and nothing of its beginning."""

ZONE = "+08:00"


def event_log(records: Records, ledger: Ledger, decided: Decided) -> tuple[pd.DataFrame, int]:
    """Return the events of the records of a wave, and how many have no time and are left out.

    The committee is empty where too few records, or what would tell them, are of it.
    """
    table = records.table[records.table["belongs"].to_numpy(dtype=bool)]
    path = paths(table, ledger)
    if records.until is not None:
        path = path[~(path["at"] >= records.until)]
    timed = path[path["at"].notna()]
    subject = table["subject"].loc[timed["row"]].set_axis(timed.index)
    owners = pd.DataFrame({"record": timed["record"], "subject": subject})
    units = [one.id for one in Units.of(decided.roster).present(records.wave)]
    counts = owners.drop_duplicates("record")["subject"].value_counts()
    n = np.array([counts.get(unit, 0) for unit in units], dtype=np.int64)
    shown = {u for u, told in zip(units, of_records(n, ledger.minimum_n)[0], strict=True) if told}
    # By the file's order the neighbours of a record would tell whose it is.
    first = timed.groupby("record")["at"].transform("min")
    mark = timed["record"].map(lambda one: hashlib.sha256(str(one).encode()).hexdigest())
    order = pd.DataFrame({"first": first, "mark": mark, "at": timed["at"]})
    order = order.sort_values(["first", "mark", "at"], kind="stable")
    timed, subject = timed.loc[order.index], subject.loc[order.index]
    numbers, _ = pd.factorize(timed["record"])
    width = len(str(int(numbers.max(initial=0)) + 1))
    case = [f"c{number + 1:0{width}d}" for number in numbers]
    if are_public(table, ledger):
        told = _keys(table, ledger).loc[timed["row"]].astype(str).str.replace("\x1f", "-")
        case = [key or own for key, own in zip(told, case, strict=True)]
    found = {
        CASE: case,
        ACTIVITY: timed["state"].to_numpy(dtype=object),
        MOMENT: timed["at"].dt.strftime("%Y-%m-%dT%H:%M:%S").to_numpy(dtype=object) + ZONE,
        TRANSITION: COMPLETE,
        GROUP: [one if one in shown else "" for one in subject],
    }
    return pd.DataFrame(found), int(path["at"].isna().sum())


def are_public(table: pd.DataFrame, ledger: Ledger) -> bool:
    """Tell whether keys stand in the file: the ledger says that they tell nobody, and they look so."""
    return ledger.keys_public and not any(map(identifies, _keys(table, ledger).astype(str)))


def _keys(table: pd.DataFrame, ledger: Ledger) -> pd.Series[Any]:
    return table[ledger.case] if ledger.case is not None else table["key"]
