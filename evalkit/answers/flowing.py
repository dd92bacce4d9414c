"""From which state to which records went, how many and how fast: frame ``flows``."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evalkit.definitions.ledger import Ledger
from evalkit.intake.ledger_loops import foreseen, observed, paths, steps
from evalkit.tables import frame, no_rows
from evalkit.tables.records import Records


def flows(records: Records, ledger: Ledger) -> pd.DataFrame:
    """Return frame ``flows`` of one ledger in one wave, of the whole street.

    What happened after the wave is left out. Durations are of what went on; how long the rest waits
    is told by clocks. Too few are not told (`tellable_flows`).
    """
    table = records.table[records.table["belongs"].to_numpy(dtype=bool)]
    path = paths(table, ledger) if ledger.loops else pd.DataFrame()
    if path.empty:
        return no_rows("flows")
    if records.until is not None:
        path = path[~(path["at"] >= records.until)]
    if path.empty:
        return no_rows("flows")
    went = steps(path)
    allowed = foreseen(ledger, observed(table, ledger))
    rows = []
    for (before, after), own in went.groupby(["state", "to"], sort=False):
        took = own["took"].dropna()
        enough = len(took) >= ledger.minimum_n and after != ""
        quartiles = took.quantile([0.25, 0.5, 0.75]).tolist() if enough else [np.nan] * 3
        places = int(own["place"].iloc[0]), int(own["to_place"].iloc[0])
        fits = after == "" or not ledger.states or places in allowed
        rows.append((before, after, len(own), *quartiles, fits, *places))
    names = ["from_state", "to_state", "n", "q1_hours", "median_hours", "q3_hours", "foreseen"]
    found = pd.DataFrame(rows, columns=[*names, "place", "to_place"])
    last = (found["to_state"] == "", found["to_place"])
    found = found.assign(stays=last[0], undeclared=found["place"] < 0)
    found = found.sort_values(
        ["undeclared", "place", "from_state", "stays", "to_place", "to_state"],
        kind="stable", ignore_index=True,
    )  # fmt: skip
    share = found["n"] / found.groupby("from_state")["n"].transform("sum")
    found = found.assign(wave=records.wave, ledger=ledger.id, share=share)
    out = ~tellable_flows(found, ledger.minimum_n)
    found["n"] = found["n"].astype("Int64")
    found.loc[out, "n"] = pd.NA
    found.loc[out, ["share", "q1_hours", "median_hours", "q3_hours"]] = np.nan
    return frame("flows", found)


def tellable_flows(found: pd.DataFrame, minimum: int) -> np.ndarray:
    """Tell which flows may be told: too few are not, nor by what is told of the same state.

    Among the flows out of a state, whose shares tell their sum, what is left out is at least two
    flows and together the minimum; else the smallest of the others goes with it. Few tell little:
    that is why, and no secret is kept, since the balance of the same records has its open ones
    however few they are; whoever weighs what enters a state against what leaves it may find a count.
    """
    n = found["n"].to_numpy(dtype=np.int64)
    shown = n >= minimum
    lines = [
        np.flatnonzero((found["from_state"] == state).to_numpy(dtype=bool))
        for state in dict.fromkeys(found["from_state"])
    ]
    for line in lines:
        while shown[line].any() and not shown[line].all():
            hidden, rest = line[~shown[line]], line[shown[line]]
            if len(hidden) >= 2 and n[hidden].sum() >= minimum:
                break
            shown[min(rest, key=lambda at: (n[at], at))] = False
    return np.asarray(shown, dtype=bool)
