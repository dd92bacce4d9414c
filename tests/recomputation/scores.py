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

from tests.recomputation import thin
from tests.recomputation import weights as weighing
from tests.recomputation.raters import correlations
from tests.recomputation.shrinking import shrunken

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
    `covariance` joins the committees through the raters they share; `pair_df` are the degrees of
    freedom of the variance of every difference of two committees.
    """

    mean: Array
    variance: Array
    df: Array
    tested: Array
    covariance: Array
    pair_df: Array


def complete(wave: Wave, scheme: dict[str, Any]) -> list[str]:
    """Committees of which every rater group gave a valid answer to something that it weighs in."""
    table = weighing.in_composite(scheme)
    found = []
    for place, subject in enumerate(wave.subjects):
        judged = [
            np.isfinite(wave.cells[group].mean[place, np.flatnonzero(row > 0)]).any()
            for group, row in table.iterrows()
            if (row > 0).any()
        ]
        if all(judged):
            found.append(subject)
    return found


def combined(wave: Wave, measure: weighing.Measure, subjects: list[str]) -> Combined:
    """Add up rater groups, which are independent of one another."""
    at = np.array([wave.subjects.index(subject) for subject in subjects], dtype=int)
    k = len(at)
    mean, variance, tested, spread = np.zeros(k), np.zeros(k), np.zeros(k), np.zeros(k)
    covariance, pairs = np.zeros((k, k)), np.zeros((k, k))
    rows = rows_of(wave, measure)
    for g, group in enumerate(measure.weights.index):
        if not (rows[:, g] > 0).any():
            continue
        part = _part(wave.cells[group], rows[:, g], at)
        mean, variance, tested = mean + part.mean, variance + part.variance, tested + part.tested
        covariance += part.covariance
        spread += np.where(part.variance == 0, 0.0, part.variance**2 / part.df)
        apart = _of_pairs(part.covariance)
        pairs += np.where(apart == 0, 0.0, apart**2 / part.pair_df)
    judged = (rows[at] > 0).any(axis=(1, 2))
    mean, variance = np.where(judged, mean, np.nan), np.where(judged, variance, np.nan)
    df = np.array(
        [v**2 / s if s > 0 else np.inf for v, s in zip(variance, spread, strict=True)], dtype=float
    )
    of_pairs = _of_pairs(covariance) ** 2
    pair_df = np.array(
        [
            [p / s if s > 0 else np.inf for p, s in zip(*row, strict=True)]
            for row in zip(of_pairs, pairs, strict=True)
        ]
    )
    return Combined(np.clip(mean, 0, 100), variance, df, tested, covariance, pair_df)


def _of_pairs(covariance: Array) -> Array:
    """Variances of the differences of any two committees, nothing on the diagonal."""
    own = np.diag(covariance)
    apart = np.maximum(own[:, None] + own[None, :] - 2 * covariance, 0.0)
    return np.where(np.eye(len(own), dtype=bool), 0.0, apart)


def _pair_df(covariance: Array, freedom: Array, together: Array, own: Array) -> Array:
    """Degrees of freedom of one group's differences (method.md, Ranks).

    The variance V_i + V_j - 2 r sqrt(V_i V_j) by the delta method: V_i of variance 2 V_i^2 / d_i,
    V_i and V_j correlated by r^2, and r, as far as it is the pair's own, of (1 - r^2)^2 / m.
    """
    v, c = np.diag(covariance), covariance
    with np.errstate(invalid="ignore", divide="ignore"):
        of = np.where(v > 0, v**2 * 2 / freedom, np.where(v == 0, 0.0, np.nan))
        vi, vj, of_i, of_j = v[:, None], v[None, :], of[:, None], of[None, :]
        r = c / np.sqrt(vi * vj)
        by_i, by_j, by_r = 1 - c / vi, 1 - c / vj, -2 * np.sqrt(vi * vj)
        spread = by_i**2 * of_i + by_j**2 * of_j
        spread = spread + 2 * by_i * by_j * r**2 * np.sqrt(of_i * of_j)
        spread = spread + by_r**2 * (1 - r**2) ** 2 * own
        shared = together & (vi != 0) & (vj != 0)
        spread = np.where(shared, spread, of_i + of_j)
        found = 2 * np.maximum(vi + vj - 2 * c, 0.0) ** 2 / spread
        told = (spread > 0) & (vi + vj > 0) & ~np.eye(len(v), dtype=bool)
    return np.where(told, found, np.inf)


def rows_of(wave: Wave, measure: weighing.Measure) -> Array:
    """What every committee's cells weigh in a measure, (K, G, I)."""
    means = [wave.cells[group].mean[:, : measure.whole.shape[1]] for group in measure.whole.index]
    composite = thin.shared_out(measure.whole.to_numpy(), means)
    inside = (measure.weights if measure.of is None else measure.of).to_numpy() > 0
    rows = np.zeros_like(composite)
    for k, own in enumerate(composite):
        total = own[inside].sum()
        if total > 0:
            rows[k] = np.where(measure.weights.to_numpy() > 0, own, 0.0) / total
    return rows


def _part(cell: Any, rows: Array, at: Array) -> Combined:
    """One rater group's part of a measure, whose cells weigh `rows` (K, I) for the committees.

    The variance of one answer is raw variance times number of answers. An indicator that few of
    the cell's respondents answered counts with its share of them, weighed as the measure is.
    """
    count = rows.shape[1]
    total = rows.sum(axis=1)
    filled, unlike, entirely = thin.blocks(cell, rows, lambda v: lent(v, np.ones(len(v)))[0])
    mean = np.array([r[r > 0] @ m[r > 0] for r, m in zip(rows, cell.mean[:, :count], strict=True)])
    raw = np.einsum("ki,kij,kj->k", rows, filled, rows)
    raw[entirely] = np.nan
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (cell.n_measure[:, :count] * rows).sum(axis=1) / (total * cell.n)
        answers = np.where(np.isnan(unlike), cell.n_effective * share, unlike)
        scale = np.where(total > 0, total**2, np.nan)
        df = np.minimum(cell.df, np.maximum(cell.n * share - 1, 1))
        known = np.isfinite(raw) & (cell.df > 0) & (total > 0)
        single = np.where(known, np.maximum(raw, 0.0) / scale * answers, np.nan)
        drawn, freedom = moderated(single, df)
        usual, its = lent(single[known], df[known])
        borrows = entirely & known.any()
        drawn = np.where(borrows, usual, drawn)
        freedom = np.where(borrows, max(its, 1.0), freedom)
        answers = np.where(known | borrows, answers, np.nan)
        variance = drawn * scale / answers
        one = (raw / scale * answers)[at]
        corrected = scale[at] * for_testing((mean / total)[at], one, drawn[at], answers[at])
        corrected = corrected / answers[at]
    nothing = total == 0
    variance = np.where(nothing, 0.0, variance)
    covariance = np.diag(variance[at])
    together, own = np.zeros((len(at), len(at)), dtype=bool), np.zeros((len(at), len(at)))
    if cell.joint is not None:
        # Correlations are those of the raters, drawn towards a common one; variances are moderated.
        assert cell.each is not None
        assert cell.judged is not None
        each = np.einsum("uki,ki->uk", cell.each[:, :, :count], rows)
        larger = np.array([variance[j] / raw[j] if raw[j] > 0 else 0.0 for j in at])
        error = np.sqrt((each**2).sum(axis=0)[at] * larger)
        correlation, towards = correlations(each, cell.judged)
        shared = correlation[np.ix_(at, at)] * np.outer(error, error)
        together = cell.judged[:, at].T.astype(float) @ cell.judged[:, at] > 0
        fewer = np.minimum.outer(cell.df[at], cell.df[at])
        own = (1 - towards) ** 2 / np.maximum(fewer, 1)
        covariance = np.where(np.eye(len(at), dtype=bool), covariance, shared)
    return Combined(
        mean[at],
        variance[at],
        np.where(nothing, np.inf, freedom)[at],
        np.where(nothing[at], 0.0, corrected),
        covariance,
        _pair_df(covariance, freedom[at], together, own),
    )


def lent(variances: Array, df: Array) -> tuple[float, float]:
    """The usual variance and its degrees of freedom, for whoever has none of his own."""
    if not len(variances) or not (variances > 1e-12 * variances.mean()).any():
        return 0.0, 0.0
    scattered = variances > 1e-12 * variances.mean()
    if scattered.sum() == 1:
        return float(variances[scattered][0]), float(df[scattered][0])
    return float(variances.mean()), float(
        min(_prior(variances[scattered], df[scattered]), df.sum())
    )


def moderated(variances: Array, df: Array) -> tuple[Array, Array]:
    """Draw variances towards the usual one (Smyth 2004, section 6.2, by moments of log variances).

    With e_j = log s_j^2 - digamma(d_j/2) + log(d_j/2), trigamma(d_0/2) is var(e) less the mean of
    trigamma(d_j/2); where that is not above 0, d_0 is infinite. The usual variance is the
    arithmetic mean of all (the documented departure from Smyth). A committee of identical
    answers, variance 0, takes it in full. A single variance above 0 is everybody's, with its
    degrees of freedom; without any nothing is drawn.
    """
    known = ~np.isnan(variances)
    if not known.any():
        return variances, df
    usual = variances[known].mean()
    scattered = known & (np.nan_to_num(variances) > 1e-12 * usual)
    if not scattered.any():
        return variances, df
    if scattered.sum() == 1:
        lent = variances[scattered][0], df[scattered][0]
        return np.where(known, lent[0], np.nan), np.where(known, lent[1], df)
    prior = _prior(variances[scattered], df[scattered])
    drawn, freedom = variances.copy(), df.astype(float).copy()
    for j in np.flatnonzero(known):
        if not scattered[j] or np.isinf(prior):
            drawn[j] = usual
        else:
            drawn[j] = (prior * usual + df[j] * variances[j]) / (prior + df[j])
        freedom[j] = min(df[j] + prior, df[known].sum())
    return drawn, freedom


def _prior(variances: Array, df: Array) -> float:
    half = df / 2
    e = np.log(variances) - special.digamma(half) + np.log(half)
    excess = np.var(e, ddof=1) - np.mean(special.polygamma(1, half))
    if not excess > 0:
        return float(np.inf)
    log_half = optimize.brentq(
        lambda x: np.log(special.polygamma(1, np.exp(x))) - np.log(excess), -60, 60, xtol=1e-14
    )
    return float(2 * np.exp(log_half))


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
    if np.isnan(se):
        return np.nan
    if se == 0:
        return float(low <= score < high)
    return float(stats.t.cdf((high - score) / se, df) - stats.t.cdf((low - score) / se, df))


def table(wave: Wave, scheme: dict[str, Any], names: dict[str, str]) -> pd.DataFrame:
    """As `scores.csv`: complete and incomplete committees in roster order."""
    scored = complete(wave, scheme)
    found = combined(wave, weighing.measures(scheme)[0], scored)
    expected, error = np.full((2, len(scored)), np.nan)
    if len(scored) >= 3 and (found.variance > 0).all():
        expected, error = shrunken(found.mean, found.covariance)
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
            row["grade_probability"] = grade_probability(
                row["grade"], expected[at], error[at], df, scheme
            )
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
