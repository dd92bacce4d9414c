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
Line = dict[str, Any]
GIVEN_UP = {"cell": 0, "group": 1, "all": 2, "score": 3}


def indicators(wave: Wave, scheme: dict[str, Any]) -> pd.DataFrame:
    """As `indicators.csv`, in its order."""
    measures = weighing.measures(scheme)
    views: list[tuple[str, int, list[weighing.Measure]]] = [(ALL, 0, measures)]
    for group in scheme["groups"]:
        own = [weighing.seen_by(measure, group["code"]) for measure in measures]
        views.append((group["code"], group["minimum_n"], [m for m in own if m is not None]))
    lines: list[Line] = []
    for group, minimum, seen in views:
        found = [combined(wave, measure, wave.subjects) for measure in seen]
        counts = [answers(wave, measure) for measure in seen]
        for place, subject in enumerate(wave.subjects):
            for measure, numbers, count in zip(seen, found, counts, strict=True):
                n = int(count[place])
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
    for subject in wave.subjects:
        _hide([line for line in lines if line["subject"] == subject])
    return pd.DataFrame(lines).drop(columns="weights")


def answers(wave: Wave, measure: weighing.Measure) -> np.ndarray:
    """Answers behind a measure, by committee, groups added up.

    Of an indicator those that count for it; of a dimension those of its most answered indicator;
    of the composite everybody who answered anything.
    """
    total = np.zeros(len(wave.subjects), dtype=int)
    for group, row in measure.weights.iterrows():
        used = np.flatnonzero(row.to_numpy() > 0)
        cell = wave.cells[group]
        if len(used) and measure.level == "composite":
            total += cell.n.astype(int)
        elif len(used):
            total += cell.n_measure[:, used].max(axis=1).astype(int)
    return total


def _hide(own: list[Line]) -> None:
    """Blank what is too small in one committee, and what would give it away."""
    small = [line for line in own if _kind(line) == "cell" and np.isnan(line["estimate"])]
    told = sorted(
        (line for line in own if not np.isnan(line["estimate"])),
        key=lambda line: (GIVEN_UP[_kind(line)], line["n"]),
    )
    hidden = list(small)
    while told and small:
        given_up = _gives_away(told, small)
        if given_up is None:
            break
        hidden.append(given_up)
        told = [line for line in told if line is not given_up]
    for line in hidden:
        line |= {"estimate": np.nan, "se": np.nan, "n": np.nan}
    for line in own:
        if line["group"] == ALL and line["code"] in {gone["code"] for gone in hidden}:
            line["n"] = np.nan


def _gives_away(told: list[Line], small: list[Line]) -> Line | None:
    """Return what is given up next of the lines told; None where no small cell follows from them.

    A small cell follows where a weighted sum of what is told is that cell alone; the sum with the
    smallest weights is taken, and the first line with a weight in it is given up.
    """
    known = np.array([line["weights"] for line in told]).T
    wanted = np.array([line["weights"] for line in small]).T
    sums = np.linalg.lstsq(known, wanted, rcond=None)[0]
    away = np.abs(known @ sums - wanted).max(axis=0)
    for cell in np.flatnonzero(away < 1e-6):
        for line, weight in zip(told, sums[:, cell], strict=True):
            if abs(weight) > 1e-8 and _kind(line) != "score":
                return line
    return None


def _kind(line: Line) -> str:
    if line["group"] != ALL:
        return "cell" if line["level"] == "indicator" else "group"
    return "score" if line["level"] == "composite" else "all"


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
