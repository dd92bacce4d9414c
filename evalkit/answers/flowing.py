"""From which state to which records went, how many and how fast: frame ``flows``."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.definitions.ledger import Ledger
from evalkit.intake.ledger_loops import foreseen, observed, paths, steps
from evalkit.tables import frame, no_rows
from evalkit.tables.records import Records

Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]
Names = NDArray[np.object_]


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


def tellable_flows(found: pd.DataFrame, minimum: int) -> Flags:
    """Tell which flows may be told: too few are not, nor what is told beside them that gives them away.

    Among the flows out of a state, whose shares tell their sum, what is left out is at least two
    flows and together the minimum. What goes into a state goes out of it or stays, so the sum of
    one side is that of the other, and every record stays somewhere: the same holds for the flows
    into a state of which some way out is told, and for those that stay. At last no flow that is
    left out follows from all that is told (`determined`). Where it is not so, the smallest of the
    others on the same line goes with it. Who starts where is taken to be known.
    """
    n = found["n"].to_numpy(dtype=np.int64)
    before = found["from_state"].to_numpy(dtype=object)
    after = found["to_state"].to_numpy(dtype=object)
    shown: Flags = n >= minimum
    while (line := _too_much(n, before, after, shown, minimum)) is not None:
        rest = line[shown[line]]
        if not len(rest):
            rest = np.flatnonzero(shown)
        if not len(rest):
            break
        shown[min(rest, key=lambda at: (n[at], at))] = False
    return np.asarray(shown, dtype=np.bool_)


def _too_much(
    n: Integers, before: Names, after: Names, shown: Flags, minimum: int
) -> Integers | None:
    """Return the flows of a line that tells too few; None if there is none."""
    known = {state for state, told in zip(before, shown, strict=True) if told}
    lines = [np.flatnonzero(before == state) for state in dict.fromkeys(before) if state in known]
    lines += [
        np.flatnonzero(after == state) for state in dict.fromkeys(after) if state in {*known, ""}
    ]
    for line in lines:
        hidden = line[~shown[line]]
        few = len(hidden) > 0 and (len(hidden) < 2 or n[hidden].sum() < minimum)
        if few and shown[line].any():
            return np.asarray(line, dtype=np.int64)
    for at in determined(before, after, shown):
        beside = np.flatnonzero((before == before[at]) | (after == after[at]))
        return np.asarray(beside, dtype=np.int64)
    return None


def determined(before: Names, after: Names, shown: Flags) -> list[int]:
    """Return the flows that are left out and yet follow from those that are told.

    Out of a state of which some flow is told, the sum is known; elsewhere only that what comes in
    goes out or stays. A flow follows if it lies in the span of these equations.
    """
    hidden = np.flatnonzero(~shown)
    if not len(hidden) or not shown.any():
        return []
    known = {state for state, told in zip(before, shown, strict=True) if told}
    rows = []
    for state in dict.fromkeys([*before, *after]):
        out, into = (before[hidden] == state).astype(float), (after[hidden] == state).astype(float)
        rows += [out, into] if state in {*known, ""} else [out - into]
    equations = np.array([row for row in rows if row.any()])
    if not len(equations):
        return []
    rank = np.linalg.matrix_rank(equations)
    unit = np.eye(len(hidden))
    return [
        int(hidden[place])
        for place in range(len(hidden))
        if np.linalg.matrix_rank(np.vstack([equations, unit[place]])) == rank
    ]
