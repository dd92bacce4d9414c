"""Cells into scores: means, errors, degrees of freedom, intervals, grades and their probabilities.

From `docs/method.md` (From answers to cells; From cells to scores; Findings) and the references it
names: Smyth (2004) for the moderation of variances, Satterthwaite (1946) for degrees of freedom,
Johnson (1978) for the skewness of few answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize, special, stats

from tests.recomputation import weights as weighing

Array = np.ndarray


@dataclass(frozen=True)
class Wave:
    """One wave's cells, by rater group, over its subjects in roster order."""

    name: str
    subjects: list[str]
    cells: dict[str, Any]


@dataclass(frozen=True)
class Combined:
    """A measure of some committees: what it is, and how sure.

    `tested` is the variance for testing against the street's mean (corrected for skewness);
    `covariance` joins the committees through the raters they share.
    """

    mean: Array
    variance: Array
    df: Array
    tested: Array
    covariance: Array


def complete(wave: Wave, scheme: dict[str, Any]) -> list[str]:
    """Committees with at least two answers, and a variance, in every cell that the scheme weighs."""
    table = weighing.in_composite(scheme)
    found = []
    for place, subject in enumerate(wave.subjects):
        enough = all(wave.cells[group].n[place] >= 2 for group in table.index)
        for group in table.index:
            cell = wave.cells[group]
            for i, code in enumerate(table.columns):
                if table.loc[group, code] > 0:
                    variance = cell.covariance[place, i, i]
                    enough &= bool(np.isfinite(cell.mean[place, i]) and np.isfinite(variance))
        if enough:
            found.append(subject)
    return found


def combined(wave: Wave, measure: weighing.Measure, subjects: list[str]) -> Combined:
    """Add up rater groups, which are independent of one another."""
    at = np.array([wave.subjects.index(subject) for subject in subjects], dtype=int)
    k = len(at)
    mean, variance, tested, spread = np.zeros(k), np.zeros(k), np.zeros(k), np.zeros(k)
    covariance = np.zeros((k, k))
    for group, row in measure.weights.iterrows():
        a = row.to_numpy()
        if not (a > 0).any():
            continue
        part = _part(wave.cells[group], a, at)
        mean, variance, tested = mean + part.mean, variance + part.variance, tested + part.tested
        covariance += part.covariance
        spread += np.where(part.variance == 0, 0.0, part.variance**2 / part.df)
    df = np.array(
        [v**2 / s if s > 0 else np.inf for v, s in zip(variance, spread, strict=True)], dtype=float
    )
    return Combined(np.clip(mean, 0, 100), variance, df, tested, covariance)


def _part(cell: Any, a: Array, at: Array) -> Combined:
    """One rater group's part a'm of a measure.

    The variance of one answer is raw variance times number of answers. An indicator that few of
    the cell's respondents answered counts with its share of them, weighed as the measure is.
    """
    used = np.flatnonzero(a > 0)
    a = a[used]
    mean = cell.mean[:, used] @ a
    raw = np.einsum("i,kij,j->k", a, cell.covariance[:, used][:, :, used], a)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (cell.n_measure[:, used] * a).sum(axis=1) / (a.sum() * cell.n)
    answers = cell.n_effective * share
    df = np.minimum(cell.df, np.maximum(cell.n * share - 1, 1))
    known = np.isfinite(raw) & (cell.df > 0)
    single = np.where(known, np.maximum(raw, 0.0) * answers, np.nan)
    drawn, freedom = moderated(single, df)
    answers = np.where(known, answers, np.nan)
    variance = drawn / answers
    corrected = for_testing(mean[at], (raw * answers)[at], drawn[at], answers[at]) / answers[at]

    covariance = np.diag(variance[at])
    if cell.joint is not None:
        # Correlations between committees stay what the raters made them; variances are moderated.
        shared = np.einsum("i,jikl,l->jk", a, cell.joint[np.ix_(at, used, at, used)], a)
        larger = np.array([variance[j] / raw[j] if raw[j] > 0 else 0.0 for j in at])
        shared = shared * np.sqrt(np.outer(larger, larger))
        covariance = np.where(np.eye(len(at), dtype=bool), covariance, shared)
    return Combined(mean[at], variance[at], freedom[at], corrected, covariance)


def moderated(variances: Array, df: Array) -> tuple[Array, Array]:
    """Draw variances towards the usual one (Smyth 2004, section 6.2, by moments of log variances).

    With e_j = log s_j^2 - digamma(d_j/2) + log(d_j/2), trigamma(d_0/2) is var(e) less the mean of
    trigamma(d_j/2); where that is not above 0, d_0 is infinite. The usual variance is the
    arithmetic mean of all (the documented departure from Smyth). A committee of identical
    answers, variance 0, takes it in full. Nothing is drawn with fewer than two variances above 0.
    """
    known = ~np.isnan(variances)
    if not known.any():
        return variances, df
    usual = variances[known].mean()
    scattered = known & (np.nan_to_num(variances) > 1e-12 * usual)
    if scattered.sum() < 2:
        return variances, df
    half = df[scattered] / 2
    e = np.log(variances[scattered]) - special.digamma(half) + np.log(half)
    excess = np.var(e, ddof=1) - np.mean(special.polygamma(1, half))
    prior = np.inf
    if excess > 0:
        log_half = optimize.brentq(
            lambda x: np.log(special.polygamma(1, np.exp(x))) - np.log(excess), -60, 60, xtol=1e-14
        )
        prior = 2 * np.exp(log_half)
    drawn, freedom = variances.copy(), df.astype(float).copy()
    for j in np.flatnonzero(known):
        if not scattered[j] or np.isinf(prior):
            drawn[j] = usual
        else:
            drawn[j] = (prior * usual + df[j] * variances[j]) / (prior + df[j])
        freedom[j] = min(df[j] + prior, df[known].sum())
    return drawn, freedom


def for_testing(means: Array, own: Array, used: Array, n: Array) -> Array:
    """Variances of one answer for testing a mean against the common one (Johnson 1978).

    t is skewed by (1 - 3a) times the answers' skewness, where the variance follows the mean with a
    times the slope of variances on means; Johnson's correction is a = 1/3. A variance in use that
    already follows with some slope is therefore tilted until its slope is a third of the slope of
    the committees' own variances; a quarter of it remains at least.
    """
    known = np.isfinite(means) & np.isfinite(used) & (n > 0)
    if not known.any():
        return used
    centre = np.sum(n[known] * means[known]) / np.sum(n[known])
    tilt = _slope(means, own, n) / 3 - _slope(means, used, n)
    away = np.where(known, means - centre, 0.0)
    return np.maximum(used + tilt * away, used / 4)


def _slope(x: Array, y: Array, n: Array) -> float:
    """Slope of the weighted least-squares line; 0 for fewer than four committees."""
    known = np.isfinite(x) & np.isfinite(y) & (n > 0)
    if known.sum() < 4:
        return 0.0
    x, y, n = x[known], y[known], n[known]
    mean_x, mean_y = np.sum(n * x) / np.sum(n), np.sum(n * y) / np.sum(n)
    scatter = np.sum(n * (x - mean_x) ** 2)
    return float(np.sum(n * (x - mean_x) * (y - mean_y)) / scatter) if scatter > 0 else 0.0


def grade(score: float, scheme: dict[str, Any]) -> str:
    """The first grade, from above, whose cut-off the unrounded score reaches."""
    reached = [entry for entry in scheme["grades"] if score >= entry["cutoff"]]
    return str(max(reached, key=lambda entry: entry["cutoff"])["name"])


def grade_probability(
    name: str, score: float, se: float, df: float, scheme: dict[str, Any]
) -> float:
    """Mass of the t-distribution around the score between the grade's cut-off and the next above."""
    cutoffs = {entry["name"]: entry["cutoff"] for entry in scheme["grades"]}
    above = [c for c in cutoffs.values() if c > cutoffs[name]]
    low, high = cutoffs[name], min(above, default=np.inf)
    if low == min(cutoffs.values()):
        low = -np.inf
    if se == 0:
        return float(low <= score < high)
    return float(stats.t.cdf((high - score) / se, df) - stats.t.cdf((low - score) / se, df))


def table(wave: Wave, scheme: dict[str, Any], names: dict[str, str]) -> pd.DataFrame:
    """As `scores.csv`: complete and incomplete committees in roster order."""
    scored = complete(wave, scheme)
    found = combined(wave, weighing.measures(scheme)[0], scored)
    rows = []
    for subject in wave.subjects:
        row: dict[str, Any] = {"wave": wave.name, "subject": subject, "name": names[subject]}
        row["complete"] = subject in scored
        if subject in scored:
            at = scored.index(subject)
            score, se, df = found.mean[at], np.sqrt(found.variance[at]), found.df[at]
            low, high = stats.t.interval(scheme["confidence"], df)
            row |= {"score": score, "se": se}
            row |= {"low": max(score + low * se, 0), "high": min(score + high * se, 100)}
            row["grade"] = grade(score, scheme)
            row["grade_probability"] = grade_probability(row["grade"], score, se, df, scheme)
        rows.append(row)
    order = [
        "wave",
        "subject",
        "name",
        "score",
        "se",
        "low",
        "high",
        "grade",
        "grade_probability",
        "complete",
    ]
    return pd.DataFrame(rows).reindex(columns=order)
