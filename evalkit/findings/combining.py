"""Cells of several rater groups combined by weights: linear, so variances follow exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalkit.codes import COMPOSITE_NAME
from evalkit.definitions.scheme import Scheme
from evalkit.methods.moderation import moderated
from evalkit.methods.skewness import variances_for_testing
from evalkit.tables import COMPOSITE, Cells, Floats, GroupCells, Measure


@dataclass(frozen=True, slots=True)
class Weighing:
    """The measures of a scheme as weights on (group, indicator) means.

    Attributes
    ----------
    measures : tuple of Measure
        M, composite first, then dimensions, then indicators.
    weights : ndarray of shape (M, G, I)
        Non-negative; each measure's add up to 1, or to 0 where an alternative leaves nobody to
        judge it.
    """

    measures: tuple[Measure, ...]
    weights: Floats

    @property
    def composite(self) -> Floats:
        """Weights of the composite, shape (G, I)."""
        return np.asarray(self.weights[0], dtype=np.float64)


def weigh(scheme: Scheme) -> Weighing:
    """Return a scheme's measures and their weights.

    A dimension or indicator combines rater groups in the proportions in which they enter the
    composite, so that dimensions add up to the composite.
    """
    joint = scheme.weights()
    codes = [indicator.code for indicator in scheme.indicators]
    measures = [Measure(COMPOSITE, "composite", COMPOSITE_NAME, 100.0)]
    masks = [np.ones(len(codes), dtype=bool)]
    for dimension in scheme.dimensions:
        measures.append(Measure(dimension.code, "dimension", dimension.name, dimension.weight))
        inside = {indicator.code for indicator in dimension.indicators}
        masks.append(np.array([code in inside for code in codes]))
    for place, indicator in enumerate(scheme.indicators):
        measures.append(Measure(indicator.code, "indicator", indicator.name, indicator.weight))
        masks.append(np.arange(len(codes)) == place)
    parts = [joint * mask[None, :] for mask in masks]
    return Weighing(tuple(measures), np.stack([part / (part.sum() or 1.0) for part in parts]))


@dataclass(frozen=True, slots=True)
class Combined:
    """Weighted means of all subjects and how sure they are.

    Attributes
    ----------
    estimate, variance, df : ndarray of shape (M, K)
        NaN where a cell with weight is missing, and where no cell has weight; estimates are 0 to
        100 whatever rounding does. Degrees of freedom by Satterthwaite (1946).
    difference_variance : ndarray of shape (M, K)
        Of the estimate less the mean over the subjects asked for, for testing it against 0.
    covariance : ndarray of shape (K, K)
        Of the first measure.
    """

    estimate: Floats
    variance: Floats
    df: Floats
    difference_variance: Floats
    covariance: Floats


def combine(cells: Cells, groups: tuple[str, ...], weights: Floats, at: np.ndarray) -> Combined:
    """Combine the cells of some subjects.

    Parameters
    ----------
    cells : Cells
    groups : tuple of str
        G group codes, in the order of the weights.
    weights : ndarray of shape (M, G, I)
    at : ndarray of int, shape (K,)
        Places of the subjects in the cells.
    """
    m, k = weights.shape[0], len(at)
    estimate, variance = np.zeros((m, k)), np.zeros((m, k))
    spread, tested = np.zeros((m, k)), np.zeros((m, k))
    shared = np.zeros((m, k, k))
    for g, code in enumerate(groups):
        group = cells.groups[code]
        for measure in range(m):
            w = weights[measure, g]
            used = np.flatnonzero(w > 0)
            if not len(used):
                continue
            w = w[used]
            means = group.mean[np.ix_(at, used)] @ w
            found = steadied(group, used, w)
            raw, own, answers = found.raw[at], found.variance[at], found.answers[at]
            estimate[measure] += means
            variance[measure] += own
            tested[measure] += (
                variances_for_testing(means, raw * answers, own * answers, answers) / answers
            )
            with np.errstate(divide="ignore", invalid="ignore"):
                spread[measure] += np.where(own > 0, own**2 / found.df[at], 0.0 * own)
            if group.influence is not None:
                scale = np.sqrt(np.divide(own, raw, out=np.zeros_like(own), where=raw > 0))
                each = (group.influence[:, at][:, :, used] @ w) * scale
                across = each.T @ each
                np.fill_diagonal(across, 0.0)
                shared[measure] += across
    unjudged = ~(weights > 0).any(axis=(1, 2))
    estimate[unjudged] = variance[unjudged] = np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        df = np.where(spread > 0, variance**2 / spread, np.where(variance >= 0, np.inf, np.nan))
    difference = np.empty((m, k))
    for measure in range(m if k else 0):
        full = shared[measure] + np.diag(variance[measure])
        difference[measure] = np.diag(full) - 2.0 * full.mean(axis=1) + full.mean()
        difference[measure] += (1.0 - 1.0 / k) ** 2 * (tested[measure] - variance[measure])
    return Combined(
        np.clip(estimate, 0.0, 100.0),
        variance,
        df,
        np.maximum(difference, 0.0),
        shared[0] + np.diag(variance[0]),
    )


@dataclass(frozen=True, slots=True)
class Steadied:
    """Variances of a weighted mean of one group's indicators, shape (K,) each.

    Attributes
    ----------
    raw : ndarray
        From the subject's own answers alone; NaN where an indicator was answered by fewer than two.
    variance, df : ndarray
        The variance to use and its degrees of freedom.
    answers : ndarray
        Effective number of answers; NaN where `raw` is.
    """

    raw: Floats
    variance: Floats
    df: Floats
    answers: Floats


def steadied(group: GroupCells, used: np.ndarray, w: Floats) -> Steadied:
    """Return the variances of a weighted mean of a group's indicators, small cells steadied.

    Five raters, or fifteen residents who mostly choose the same option, say little about their
    own scatter; a committee that happens to get agreeing raters would look surer than it is, and a
    high one most of all, since satisfied answers scatter least. The variance of one answer is
    therefore drawn towards the group's usual one (`moderation.moderated`) as far as the
    committees' own variances let it; identical answers take the usual one in full.

    Parameters
    ----------
    used : ndarray of int, shape (U,)
        Places of the indicators in the cells.
    w : ndarray of shape (U,)
        Their weights, above 0.
    """
    raw = np.einsum("i,kij,j->k", w, group.covariance[:, used][:, :, used], w)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (group.n_measure[:, used] @ w) / (w.sum() * group.n)
    answers = group.n_effective * share
    df = np.minimum(group.df, np.maximum(group.n * share - 1.0, 1.0))
    known = np.isfinite(raw) & (df > 0)
    single = np.full(len(raw), np.nan)
    single[known] = np.maximum(raw[known], 0.0) * answers[known]
    found = moderated(single, df)
    answers = np.where(known, answers, np.nan)
    variance = np.where(known, found.variance / answers, raw)
    return Steadied(raw, variance, found.df, answers)


def flat_cells(cells: Cells) -> int:
    """Return how many cells of a wave consist of identical answers where others do not."""
    found = 0
    for group in cells.groups.values():
        diagonal = np.einsum("kii->ki", group.covariance)
        known = np.isfinite(diagonal)
        alike = np.where(known, diagonal, 0.0).sum(axis=1) == 0.0
        measured = known.any(axis=1) & (group.df > 0)
        if (measured & ~alike).any():
            found += int((measured & alike).sum())
    return found
