"""Cells of several rater groups combined by weights: linear, so variances follow exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalkit.definitions.scheme import Scheme
from evalkit.tables import COMPOSITE, Cells, Floats, GroupCells, Measure


@dataclass(frozen=True, slots=True)
class Weighing:
    """The measures of a scheme as weights on (group, indicator) means.

    Attributes
    ----------
    measures : tuple of Measure
        M, composite first, then dimensions, then indicators.
    weights : ndarray of shape (M, G, I)
        Non-negative; each measure's add up to 1.
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
    measures = [Measure(COMPOSITE, "composite", "总分", 100.0)]
    masks = [np.ones(len(codes), dtype=bool)]
    for dimension in scheme.dimensions:
        measures.append(Measure(dimension.code, "dimension", dimension.name, dimension.weight))
        inside = {indicator.code for indicator in dimension.indicators}
        masks.append(np.array([code in inside for code in codes]))
    for place, indicator in enumerate(scheme.indicators):
        measures.append(Measure(indicator.code, "indicator", indicator.name, indicator.weight))
        masks.append(np.arange(len(codes)) == place)
    parts = [joint * mask[None, :] for mask in masks]
    return Weighing(tuple(measures), np.stack([part / part.sum() for part in parts]))


@dataclass(frozen=True, slots=True)
class Combined:
    """Weighted means of all subjects and how sure they are.

    Attributes
    ----------
    estimate, variance, df : ndarray of shape (M, K)
        NaN where a cell with weight is missing. Degrees of freedom by Satterthwaite (1946).
    difference_variance : ndarray of shape (M, K)
        Of the estimate less the mean over the subjects asked for.
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
    spread = np.zeros((m, k))
    shared = np.zeros((m, k, k))
    for g, code in enumerate(groups):
        group = steadied(cells.groups[code])
        for measure in range(m):
            w = weights[measure, g]
            used = np.flatnonzero(w > 0)
            if not len(used):
                continue
            w = w[used]
            estimate[measure] += group.mean[np.ix_(at, used)] @ w
            own = np.einsum("i,kij,j->k", w, group.covariance[np.ix_(at, used, used)], w)
            variance[measure] += own
            with np.errstate(divide="ignore", invalid="ignore"):
                spread[measure] += np.where(own > 0, own**2 / group.df[at], 0.0 * own)
            if group.joint is not None:
                block = group.joint[np.ix_(at, used, at, used)]
                across = np.einsum("i,kilj,j->kl", w, block, w)
                np.fill_diagonal(across, 0.0)
                shared[measure] += across
    with np.errstate(divide="ignore", invalid="ignore"):
        df = np.where(spread > 0, variance**2 / spread, np.where(variance >= 0, np.inf, np.nan))
    difference = np.empty((m, k))
    for measure in range(m):
        full = shared[measure] + np.diag(variance[measure])
        difference[measure] = np.diag(full) - 2.0 * full.mean(axis=1) + full.mean()
    return Combined(
        estimate, variance, df, np.maximum(difference, 0.0), shared[0] + np.diag(variance[0])
    )


def steadied(group: GroupCells) -> GroupCells:
    """Give a cell whose answers are all alike the street's usual variance.

    Identical answers of a few people are no proof of certainty: a variance of exactly 0 would
    place such a subject beyond doubt. It gets the mean variance of one answer over the other
    subjects of the group, divided by its own effective number of answers.
    """
    diagonal = np.einsum("kii->ki", group.covariance)
    known = np.isfinite(diagonal)
    flat = known.any(axis=1) & (np.where(known, diagonal, 0.0).sum(axis=1) == 0.0) & (group.df > 0)
    usual = known.any(axis=1) & ~flat
    if not flat.any() or not usual.any():
        return group
    single = group.covariance[usual] * group.n_effective[usual, None, None]
    present = np.isfinite(single)
    count = present.sum(axis=0)
    pooled = np.where(present, single, 0.0).sum(axis=0) / np.maximum(count, 1)
    pooled = np.where(count > 0, pooled, np.nan)
    covariance = group.covariance.copy()
    joint = None if group.joint is None else group.joint.copy()
    for place in np.flatnonzero(flat):
        own = np.where(
            np.isfinite(covariance[place]), pooled / group.n_effective[place], covariance[place]
        )
        covariance[place] = own
        if joint is not None:
            joint[place, :, place, :] = own
    return GroupCells(
        group.n, group.n_effective, group.n_measure, group.mean, covariance, joint, group.df
    )


def flat_cells(cells: Cells) -> int:
    """Return how many cells of a wave `steadied` has to help."""
    return sum(
        int(
            (np.nan_to_num(steadied(g).covariance) != np.nan_to_num(g.covariance)).any((1, 2)).sum()
        )
        for g in cells.groups.values()
    )
