"""The street as a whole and its groups of like committees: `street_means.csv`, `peer_groups.csv`.

From `docs/method.md` (The street and its groups): "A street's mean weighs every complete committee
once; its variance is that of the mean under the joint covariance ... A change is that of the
committees complete in both waves (t, Holm over the measures of one level) ... A rater group's means
are over the committees where the group's own number may be published ... A group of like committees
(zone, housing, kind) is set against the rest of the street: t on the difference of the two means,
the joint covariance with the correction for skewness, Holm over the groups of one classification;
two groups are one test, and fewer than three committees on either side are not tested."
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from tests.recomputation import panel
from tests.recomputation import weights as weighing
from tests.recomputation.changes import common, holm
from tests.recomputation.scores import Wave, combined, complete
from tests.recomputation.withheld import ALL

NORMAL = 1e9
"""Degrees of freedom that make Student's t normal."""


@dataclass(frozen=True)
class Mean:
    value: float
    variance: float
    df: float

    def ends(self, confidence: float) -> tuple[float, float]:
        low, high = stats.t.interval(confidence, self.df)
        return self.value + low * self.variance**0.5, self.value + high * self.variance**0.5

    def p(self) -> float:
        return float(2 * stats.t.sf(abs(self.value) / self.variance**0.5, self.df))


def street_means(
    now: Wave,
    before: Wave | None,
    scheme: dict[str, Any],
    indicators: pd.DataFrame,
    indicators_before: pd.DataFrame | None = None,
    asked_alike: set[str] | None = None,
) -> pd.DataFrame:
    """As `street_means.csv`.

    `indicators` is `indicators.csv`: it says what may be published of a rater group, and of what
    there is no change: "what some committee's number is not told of, unless all committees of both
    waves are compared".
    `asked_alike` are the codes measured alike in both waves, None for all; the composite always is.
    """
    subjects, measures = complete(now, scheme), weighing.measures(scheme)
    rows = []
    if len(subjects) >= 2:
        rows = [_row(now, m, ALL, subjects, scheme) for m in measures]
        if before is not None:
            compared = common(before, now, scheme)
            if len(compared) >= 2:
                untold: set[str] = set()
                for wave, table in ((now, indicators), (before, indicators_before)):
                    everybody = complete(wave, scheme)
                    if table is not None and set(everybody) != set(compared):
                        left_out = table[(table["group"] == ALL) & table["estimate"].isna()]
                        own = left_out["subject"].isin(everybody)
                        untold |= set(left_out.loc[own, "code"])
                kept = [m for m in measures if m.code not in untold]
                shown = [row for row in rows if row["code"] not in untold]
                _compare(shown, kept, before, now, compared, scheme, asked_alike)
        for group in scheme["groups"]:
            for measure in measures:
                own = weighing.seen_by(measure, group["code"])
                if own is None or measure.level == "indicator":
                    continue
                line = (indicators["group"] == group["code"]) & (indicators["code"] == measure.code)
                told = set(indicators.loc[line & indicators["estimate"].notna(), "subject"])
                shown = [subject for subject in subjects if subject in told]
                if len(shown) >= 2:
                    rows.append(_row(now, own, group["code"], shown, scheme))
    order = [
        "wave",
        "code",
        "level",
        "name",
        "group",
        "n",
        "mean",
        "se",
        "low",
        "high",
        "previous",
        "change",
        "change_se",
        "change_low",
        "change_high",
        "p_adjusted",
        "verdict",
    ]
    return pd.DataFrame(rows, columns=order)


def mean_of(wave: Wave, measure: weighing.Measure, subjects: list[str]) -> Mean:
    """Average a measure over committees; rater groups are independent, committees within are not."""
    value = variance = spread = 0.0
    for group in measure.weights.index:
        part = measure.weights * 0.0
        part.loc[group] = measure.weights.loc[group]
        if not part.loc[group].sum() > 0:
            continue
        alone = weighing.Measure(
            measure.code, measure.level, measure.name, part, measure.whole, measure.weights
        )
        found = combined(wave, alone, subjects)
        own = max(found.covariance.sum() / len(subjects) ** 2, 0.0)
        value += found.mean.mean()
        variance += own
        spread += own**2 / _df_of_mean(wave, group, found.variance, found.df, subjects)
    return Mean(value, variance, variance**2 / spread if spread > 0 else NORMAL)


def _df_of_mean(
    wave: Wave, group: str, variance: np.ndarray, df: np.ndarray, subjects: list[str]
) -> float:
    """Committees' own answers add up (Satterthwaite); raters who judge several do not.

    Of the latter, the committee with the fewest raters counts: its raters less one.
    """
    cell = wave.cells[group]
    if cell.joint is not None:
        own = np.array([cell.df[wave.subjects.index(subject)] for subject in subjects])
        fewest = np.where(own > 0, own, df).min()  # a single rater has others' degrees of freedom
        return max(float(fewest), 1.0)
    spread = float(np.sum(variance**2 / np.minimum(df, NORMAL)))
    return float(np.sum(variance)) ** 2 / spread if spread > 0 else NORMAL


def _row(
    wave: Wave, measure: weighing.Measure, group: str, subjects: list[str], scheme: dict[str, Any]
) -> dict[str, Any]:
    mean = mean_of(wave, measure, subjects)
    low, high = mean.ends(scheme["confidence"])
    return {
        "wave": wave.name,
        "code": measure.code,
        "level": measure.level,
        "name": measure.name,
        "group": group,
        "n": len(subjects),
        "mean": mean.value,
        "se": mean.variance**0.5,
        "low": max(low, 0.0),
        "high": min(high, 100.0),
        "verdict": "未比较",
    }


def _compare(
    rows: list[dict[str, Any]],
    measures: list[weighing.Measure],
    before: Wave,
    now: Wave,
    subjects: list[str],
    scheme: dict[str, Any],
    asked_alike: set[str] | None,
) -> None:
    p: dict[str, dict[int, float]] = {"composite": {}, "dimension": {}, "indicator": {}}
    for m, measure in enumerate(measures):
        if asked_alike is not None and measure.code not in asked_alike | {"composite"}:
            continue
        old, new = mean_of(before, measure, subjects), mean_of(now, measure, subjects)
        both, _ = panel.in_common(before, now, measure, subjects)
        variance = old.variance + new.variance - 2 * both.mean()
        spread = old.variance**2 / old.df + new.variance**2 / new.df
        change = Mean(
            new.value - old.value, variance, max(variance**2 / spread, 1) if spread > 0 else NORMAL
        )
        low, high = change.ends(scheme["confidence"])
        rows[m] |= {"previous": old.value, "change": change.value, "change_se": variance**0.5}
        rows[m] |= {"change_low": low, "change_high": high}
        if variance > 0:
            p[measure.level][m] = change.p()
    for family in p.values():
        for m, adjusted in zip(family, holm(list(family.values())), strict=True):
            rows[m]["p_adjusted"] = adjusted
            sure = adjusted < 1 - scheme["confidence"]
            moved = "上升" if rows[m]["change"] > 0 else "下降"
            rows[m]["verdict"] = moved if sure else "无显著变化"


def peer_groups(wave: Wave, scheme: dict[str, Any], roster: list[dict[str, Any]]) -> pd.DataFrame:
    """As `peer_groups.csv`; `roster` has zone, housing and kind of every committee, by id."""
    subjects = complete(wave, scheme)
    found = combined(wave, weighing.measures(scheme)[0], subjects)
    facts = {entry["id"]: entry for entry in roster}
    confidence = scheme["confidence"]
    rows: list[dict[str, Any]] = []
    for by in ("zone", "housing", "kind"):
        values = [facts[subject].get(by) or "" for subject in subjects]
        groups = list(dict.fromkeys(values))
        if len(groups) < 2:
            continue
        own, differences = [], {}
        for value in groups:
            inside = np.array([v == value for v in values])
            share, rest = inside / inside.sum(), ~inside / (~inside).sum()
            mean = _weighted(found, share, tested=False)
            low, high = mean.ends(confidence)
            points = found.mean[inside]
            own.append(
                {
                    "wave": wave.name,
                    "by": by,
                    "value": value,
                    "n": int(inside.sum()),
                    "mean": mean.value,
                    "se": mean.variance**0.5,
                    "low": max(low, 0.0),
                    "high": min(high, 100.0),
                    "lowest": points.min(),
                    "highest": points.max(),
                    "verdict": "未检验",
                }
            )
            difference = _weighted(found, share - rest, tested=True)
            enough = inside.sum() >= 3 and (~inside).sum() >= 3
            if value and enough and difference.variance > 0:
                differences[value] = difference
        p = {value: difference.p() for value, difference in differences.items()}
        if len(groups) > 2:
            p = dict(zip(p, holm(list(p.values())), strict=True))
        for row in own:
            difference = differences.get(row["value"])
            if difference is None:
                continue
            low, high = difference.ends(confidence)
            row |= {"difference": difference.value, "difference_se": difference.variance**0.5}
            row |= {"difference_low": low, "difference_high": high}
            row["p_adjusted"] = p[row["value"]]
            above = "高于" if difference.value > 0 else "低于"
            row["verdict"] = above if row["p_adjusted"] < 1 - confidence else "无显著差异"
        rows += own
    order = [
        "wave",
        "by",
        "value",
        "n",
        "mean",
        "se",
        "low",
        "high",
        "lowest",
        "highest",
        "difference",
        "difference_se",
        "difference_low",
        "difference_high",
        "p_adjusted",
        "verdict",
    ]
    return pd.DataFrame(rows, columns=order)


def _weighted(found: Any, weights: np.ndarray, *, tested: bool) -> Mean:
    """A weighted sum of composites; what is rounding, below 1e-9 points, is nothing."""
    value = float(weights @ found.mean)
    variance = float(weights @ found.covariance @ weights)
    if tested:
        variance += float(weights**2 @ (found.tested - found.variance))
    own = weights**2 * found.variance
    spread = float(np.sum(own**2 / found.df))
    df = float(np.sum(own)) ** 2 / spread if spread > 0 else NORMAL
    return Mean(0.0 if abs(value) < 1e-9 else value, max(variance, 0.0), df)
