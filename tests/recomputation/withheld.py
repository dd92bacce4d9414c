"""`indicators.csv`: every measure over all groups and by group, and what is not told.

From `docs/method.md`: "A number of a rater group with fewer answers than the group's minimum is not
told (the composite still uses it), and neither is what would let anybody compute it to within five
points, from the scores and the street's means and the scale's ends, 0 and 100."

Which numbers go with the small ones is not prescribed to the last one; that the small ones are
safe, and that nothing is left out for nothing, is. Both are asked here of the published file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from tests.recomputation import weights as weighing
from tests.recomputation.scores import Wave, combined, complete

ALL = "all"
POINTS = 5.0
Line = dict[str, Any]
Key = tuple[str, str, str]
"""Committee, code, rater group."""


def indicators(wave: Wave, scheme: dict[str, Any], published: pd.DataFrame) -> pd.DataFrame:
    """As `indicators.csv`, in its order; what the published table leaves out is left out here.

    That what has too few answers is left out there, `small` tells.
    """
    left_out = set(keys(published[published["estimate"].isna()]))
    table = pd.DataFrame(_lines(wave, scheme))
    gone = pd.Series([key in left_out for key in keys(table)], index=table.index)
    table.loc[gone, ["estimate", "se", "n"]] = np.nan
    beside = {(subject, code) for subject, code, _ in left_out}
    part = [(s, c) in beside and g == ALL for s, c, g in keys(table)]
    table.loc[part, "n"] = np.nan
    return table.drop(columns=["weights", "small", "answers"])


def keys(table: pd.DataFrame) -> list[Key]:
    return list(zip(table["subject"], table["code"], table["group"], strict=True))


def _lines(wave: Wave, scheme: dict[str, Any]) -> list[Line]:
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
                        "small": group != ALL and n < minimum and np.isfinite(numbers.mean[place]),
                        "answers": n,
                    }
                )
    return lines


def small(wave: Wave, scheme: dict[str, Any]) -> set[Key]:
    """Numbers of a rater group that somebody, and too few, stand behind."""
    table = pd.DataFrame(_lines(wave, scheme))
    return set(keys(table[table["small"].astype(bool)]))


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


class Outsider:
    """Who has the table, the scores and the street's means, and a linear program.

    Unknown are the means of all cells of the committees of which something is left out. What is
    told of them, and of the street, are sums of these.
    """

    def __init__(self, wave: Wave, scheme: dict[str, Any], left_out: Iterable[Key]) -> None:
        gone = set(left_out)
        named = {subject for subject, _, _ in gone}
        self.subjects = [subject for subject in wave.subjects if subject in named]
        lines = [line for line in _lines(wave, scheme) if line["subject"] in named]
        cells = weighing.in_composite(scheme)
        means = {
            subject: np.concatenate(
                [wave.cells[group].mean[place, : cells.shape[1]] for group in cells.index]
            )
            for place, subject in enumerate(wave.subjects)
        }
        self.size = cells.size
        self.rows: dict[Key, np.ndarray] = {}
        self.values: dict[Key, float] = {}
        self.told: dict[Key | str, tuple[np.ndarray, float]] = {}
        for line in lines:
            used = line["weights"] > 0
            known = means[line["subject"]][used]
            if np.isfinite(known).all():
                key = (line["subject"], line["code"], line["group"])
                self.rows[key] = self._wide({line["subject"]: line["weights"]})
                self.values[key] = float(line["weights"][used] @ known)
                if key not in gone:
                    self.told[key] = self.rows[key], self.values[key]
        street = [subject for subject in complete(wave, scheme) if subject in named]
        for measure in weighing.measures(scheme):
            if len(complete(wave, scheme)) > 1 and street:
                weights = measure.weights.to_numpy().ravel()
                value = sum(float(weights @ np.nan_to_num(means[s])) for s in street)
                self.told[measure.code] = self._wide(dict.fromkeys(street, weights)), value
        self.fixed = {k for k in self.told if isinstance(k, str) or k[1:] == ("composite", ALL)}

    def _wide(self, weights: Mapping[str, np.ndarray]) -> np.ndarray:
        row = np.zeros((len(self.subjects), self.size))
        for subject, own in weights.items():
            row[self.subjects.index(subject)] = own
        return row.ravel()

    def width(
        self, key: Key, *, only: Iterable[Any] | None = None, also: Key | None = None
    ) -> float:
        """Points between the ends of a number; from these lines only, or with one told again."""
        told = [self.told[k] for k in (self.told if only is None else only)]
        if also is not None:
            told.append((self.rows[also], self.values[also]))
        matrix = np.array([row for row, _ in told])
        values = np.array([value for _, value in told])
        used = np.flatnonzero(np.abs(matrix).sum(axis=0) + np.abs(self.rows[key]))
        ends = [
            sign
            * linprog(
                sign * self.rows[key][used],
                A_eq=matrix[:, used],
                b_eq=values,
                bounds=(0, 100),
                method="highs",
            ).fun
            for sign in (1.0, -1.0)
        ]
        return ends[1] - ends[0]
