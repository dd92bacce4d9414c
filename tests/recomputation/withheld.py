"""`indicators.csv`: every measure over all groups and by group, and what is not told.

From `docs/method.md`: "A cell with fewer answers than its group's minimum is not published (the
composite still uses it), and neither is what would give its mean away by subtraction." What is
given up, and in which order, is promised by the docstring of `findings.disclosure.withheld`:
one number after the other that takes part in working a small cell out; other cells first, then
sums of one group, then sums over groups, the composite never; the fewest answers first.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tests.recomputation import weights as weighing
from tests.recomputation.scores import Wave, combined

ALL = "all"
GIVEN_UP = {"cell": 0, "group": 1, "all": 2, "score": 3}


def indicators(wave: Wave, scheme: dict[str, Any]) -> pd.DataFrame:
    """As `indicators.csv`, in its order."""
    measures = weighing.measures(scheme)
    views: list[tuple[str, int, list[weighing.Measure]]] = [(ALL, 0, measures)]
    for group in scheme["groups"]:
        own = [weighing.seen_by(measure, group["code"]) for measure in measures]
        views.append((group["code"], group["minimum_n"], [m for m in own if m is not None]))
    lines = []
    for group, minimum, seen in views:
        found = [combined(wave, measure, wave.subjects) for measure in seen]
        for place, subject in enumerate(wave.subjects):
            for measure, numbers in zip(seen, found, strict=True):
                n = answers(wave, measure, place)
                variance = numbers.variance[place]
                told = n >= minimum and np.isfinite(variance)
                lines.append(
                    {
                        "wave": wave.name,
                        "subject": subject,
                        "code": measure.code,
                        "level": measure.level,
                        "group": group,
                        "estimate": numbers.mean[place] if told else np.nan,
                        "se": np.sqrt(variance) if told else np.nan,
                        "n": n if n >= minimum else np.nan,
                        "weights": measure.weights.to_numpy().ravel(),
                    }
                )
    table = pd.DataFrame(lines)
    for subject in wave.subjects:
        _hide(table, subject)
    return table.drop(columns="weights")


def answers(wave: Wave, measure: weighing.Measure, place: int) -> int:
    """Answers behind a measure of a committee, groups added up.

    Of an indicator those that count for it; of a dimension those of its most answered indicator;
    of the composite everybody who answered anything.
    """
    total = 0
    for group, row in measure.weights.iterrows():
        used = np.flatnonzero(row.to_numpy() > 0)
        cell = wave.cells[group]
        if len(used) and measure.level == "composite":
            total += int(cell.n[place])
        elif len(used):
            total += max(int(cell.n_measure[place, i]) for i in used)
    return total


def _hide(table: pd.DataFrame, subject: str) -> None:
    """Blank what is too small in one committee, and what would give it away."""
    own = table[table["subject"] == subject]
    small = own[
        (own["level"] == "indicator") & (own["group"] != ALL) & own["estimate"].isna()
    ].index.to_list()
    if not small:
        return
    told = own[own["estimate"].notna()].index.to_list()
    hidden = set(small)
    while True:
        first = _gives_away(table, [line for line in told if line not in hidden], small)
        if first is None:
            break
        hidden.add(first)
    gone = sorted(hidden)
    table.loc[gone, ["estimate", "se", "n"]] = np.nan
    sums = (own["group"] == ALL) & own["code"].isin(table.loc[gone, "code"])
    table.loc[own.index[sums], "n"] = np.nan


def _gives_away(table: pd.DataFrame, told: list[int], small: list[int]) -> int | None:
    """Return what is given up next of the lines told; None where no small cell follows from them.

    A small cell follows where a weighted sum of what is told is that cell alone; the sum with the
    smallest weights is taken, and the first line with a weight in it is given up.
    """
    told = sorted(told, key=lambda line: _first_given_up(table.loc[line], line))
    if not told:
        return None
    known = np.array([table.loc[line, "weights"] for line in told]).T
    for line in small:
        wanted = table.loc[line, "weights"]
        sums = np.linalg.lstsq(known, wanted, rcond=None)[0]
        if np.abs(known @ sums - wanted).max() > 1e-6:
            continue
        for other, weight in zip(told, sums, strict=True):
            if abs(weight) > 1e-8 and _kind(table.loc[other]) != "score":
                return other
    return None


def _kind(line: pd.Series) -> str:
    if line["group"] != ALL:
        return "cell" if line["level"] == "indicator" else "group"
    return "score" if line["level"] == "composite" else "all"


def _first_given_up(line: pd.Series, place: int) -> tuple[int, int, int]:
    n = 0 if pd.isna(line["n"]) else int(line["n"])
    return (GIVEN_UP[_kind(line)], n, place)


def follows(
    table: pd.DataFrame,
    weights: dict[tuple[str, str], np.ndarray],
    subject: str,
    cells: list[tuple[str, str]],
) -> list[tuple[str, str]]:
    """Return those of a committee's cells that are some weighted sum of what is told: an attack.

    `weights` has the weights on (group, indicator) of every (code, group) of the table.
    """
    told = table[(table["subject"] == subject) & table["estimate"].notna()]
    known = [weights[key] for key in zip(told["code"], told["group"], strict=True)]
    rank = np.linalg.matrix_rank(known, tol=1e-9)
    return [
        cell for cell in cells if np.linalg.matrix_rank([*known, weights[cell]], tol=1e-9) == rank
    ]
