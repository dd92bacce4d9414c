"""Cells of several rater groups combined by weights: linear, so variances follow exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.codes import COMPOSITE_NAME
from evalkit.definitions.scheme import Scheme
from evalkit.findings.once import worked_out_once
from evalkit.findings.steadying import steadied
from evalkit.methods.shared_raters import SharedErrors, shared_errors
from evalkit.methods.skewness import variances_for_testing
from evalkit.tables import COMPOSITE, Cells, Floats, GroupCells, Measure, Scores

NO_INFLUENCE = 1e-12
"""Points; a rater with less on every measure of a subject shares no error of it."""


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

    @property
    def only_composite(self) -> Weighing:
        """The same without dimensions and indicators."""
        return Weighing(self.measures[:1], self.weights[:1])


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


def apportion(weighing: Weighing, scheme: Scheme, cells: Cells) -> Floats:
    """Return what every committee's cells weigh in every measure: the scheme's weights, but for gaps.

    Where nobody of a rater group gave an indicator a valid answer, its weight goes to the group's
    other indicators in their proportions, so that every group keeps its share of the composite. A
    group that is absent keeps its weights and makes what it weighs in unknown. Dimensions and
    indicators combine the groups in the proportions in which they enter the committee's composite.

    Returns
    -------
    ndarray of shape (M, K, G, I)
        Each measure's add up to 1, or to 0 where nobody answered anything of it.
    """
    nominal = scheme.weights()
    answered = _answered(scheme, cells)
    kept = nominal * answered
    mass = kept.sum(axis=-1, keepdims=True)
    gaps = ((nominal > 0) & ~answered).any(axis=-1, keepdims=True) & (mass > 0)
    share = np.divide(kept, mass, out=np.zeros_like(kept), where=mass > 0)
    composite = np.where(gaps, share * nominal.sum(axis=-1, keepdims=True), nominal)
    inside = (weighing.weights > 0).max(axis=1)
    parts = composite[None] * inside[:, None, None, :]
    total = parts.sum(axis=(2, 3), keepdims=True)
    return np.asarray(np.divide(parts, total, out=np.zeros_like(parts), where=total > 0))


@dataclass(frozen=True, slots=True)
class View:
    """The measures as all groups or one of them see them.

    Attributes
    ----------
    weighing : Weighing
        By the scheme's weights; of one group only the measures that it judges.
    weights : ndarray of shape (M, K, G, I)
        Every committee's own; each measure's add up to 1, or to 0 where nobody answered it.
    """

    weighing: Weighing
    weights: Floats


def seen_by(weighing: Weighing, weights: Floats, group: int) -> View:
    """Return what one rater group judges, with only its weights (those of `apportion`)."""
    judged = (weighing.weights[:, group] > 0).max(axis=1)
    alone = np.zeros_like(weighing.weights)
    alone[:, group] = weighing.weights[:, group]
    rows = np.zeros_like(weights[judged])
    rows[:, :, group] = weights[judged][:, :, group]
    total = rows.sum(axis=(2, 3), keepdims=True)
    return View(
        Weighing(
            tuple(m for m, kept in zip(weighing.measures, judged, strict=True) if kept),
            alone[judged],
        ),
        np.asarray(np.divide(rows, total, out=np.zeros_like(rows), where=total > 0)),
    )


def weights_of_group(scores: Scores, cells: Cells, code: str) -> Floats:
    """Return what a rater group's indicators weigh in everybody's composite, shape (K', I).

    Of all subjects of the cells, in their order: also incomplete ones show how a group's answers
    scatter. Without answers there, an indicator weighs nothing.
    """
    own = scores.cell_weights[:, list(cells.groups).index(code)]
    usual = own[int((own > 0).sum(axis=1).argmax())]
    kept = usual * np.isfinite(cells.groups[code].mean[:, :-1])
    mass = kept.sum(axis=1, keepdims=True)
    rows = np.divide(kept, mass, out=np.zeros_like(kept), where=mass > 0) * usual.sum()
    rows[[cells.subjects.index(subject) for subject in scores.subjects]] = own
    return np.asarray(rows, dtype=np.float64)


def _answered(scheme: Scheme, cells: Cells) -> NDArray[np.bool_]:
    """Whether anybody of a group gave a committee's indicator a valid answer, shape (K, G, I)."""
    means = [cells.groups[group.code].mean[:, :-1] for group in scheme.groups]
    return np.isfinite(np.stack(means, axis=1))


@dataclass(frozen=True, slots=True)
class Combined:
    """Weighted means of all subjects and how sure they are.

    Attributes
    ----------
    estimate, variance, df : ndarray of shape (M, K)
        NaN where a cell with weight is missing, and where no cell has weight; estimates are 0 to
        100 whatever rounding does. Degrees of freedom by Satterthwaite (1946). A variance is NaN
        where nothing in the street tells it, and 0 where no answers differ anywhere.
    difference_variance : ndarray of shape (M, K)
        Of the estimate less the mean over the subjects asked for that have one, for testing it
        against 0.
    covariance : ndarray of shape (K, K)
        Of the first measure.
    pair_df : ndarray of shape (K, K)
        Of the variance of the difference of two subjects' first measures, by Satterthwaite; inf
        on the diagonal.
    """

    estimate: Floats
    variance: Floats
    df: Floats
    difference_variance: Floats
    covariance: Floats
    pair_df: Floats


def combine(cells: Cells, groups: tuple[str, ...], weights: Floats, at: np.ndarray) -> Combined:
    """Combine the cells of some subjects.

    Parameters
    ----------
    cells : Cells
    groups : tuple of str
        G group codes, in the order of the weights.
    weights : ndarray of shape (M, K', G, I), or (M, G, I) where all subjects have the same
        Of all subjects of the cells (`apportion`).
    at : ndarray of int, shape (K,)
        Places of the subjects in the cells.
    """
    everybody = len(cells.subjects)
    if weights.ndim == 3:
        weights = np.repeat(weights[:, None], everybody, axis=1)
    m, k = weights.shape[0], len(at)
    estimate, variance = np.zeros((m, k)), np.zeros((m, k))
    spread, tested = np.zeros((m, k)), np.zeros((m, k))
    shared, pairs = np.zeros((m, k, k)), np.zeros((k, k))
    for g, code in enumerate(groups):
        for measure in range(m):
            found = source(cells.groups[code], weights[measure, :, g], at)
            if found is None:
                continue
            part, across = found
            estimate[measure] += part.mean
            variance[measure] += part.variance
            tested[measure] += part.tested
            spread[measure] += part.spread
            if across is not None:
                shared[measure] += across.covariance
            if measure == 0:
                pairs += _spread_of_pairs(part, across)
    unjudged = ~(weights[:, at] > 0).any(axis=(2, 3))
    estimate[unjudged] = variance[unjudged] = np.nan
    covariance = shared[0] + np.diag(variance[0])
    return Combined(
        np.clip(estimate, 0.0, 100.0),
        variance,
        freedom(variance, spread),
        _of_differences(shared, variance, tested),
        covariance,
        _df_of_pairs(covariance, pairs),
    )


def freedom(variance: Floats, spread: Floats) -> Floats:
    """Return the degrees of freedom of variances with this spread (Satterthwaite 1946); inf without any."""
    with np.errstate(divide="ignore", invalid="ignore"):
        known = np.where(variance >= 0, np.inf, np.nan)
        return np.asarray(np.where(spread > 0, variance**2 / spread, known))


@dataclass(frozen=True, slots=True)
class Part:
    """What one rater group adds to a measure of some subjects, shape (K,) each."""

    mean: Floats
    variance: Floats
    tested: Floats
    spread: Floats
    grown: Floats


def source(group: GroupCells, weights: Floats, at: np.ndarray) -> tuple[Part, Across | None] | None:
    """Return what one rater group adds to a measure of some subjects, and what they share of it.

    Parameters
    ----------
    weights : ndarray of shape (K', I)
        Of all subjects of the cells.

    Returns
    -------
    part, across : Part, Across or None
        None instead of both where the group weighs nothing in it; None for what is shared where
        nobody judges several subjects.
    """
    used = np.flatnonzero((weights > 0).any(axis=0))
    if not len(used):
        return None
    rows = weights[:, used]
    part = part_of(group, used, rows, at)
    return part, None if group.influence is None else _across(group, used, rows, at, part)


@worked_out_once
def part_of(group: GroupCells, used: np.ndarray, rows: Floats, at: np.ndarray) -> Part:
    """Add up a group's indicators; `rows` (K', U) are the weights of all subjects of the cells."""
    found = steadied(group, used, rows)
    total, own = rows.sum(axis=1)[at], rows[at]
    means = _means(np.where(own > 0, group.mean[np.ix_(at, used)], 0.0), own)
    raw, variance, answers = found.raw[at], found.variance[at], found.answers[at]
    with np.errstate(divide="ignore", invalid="ignore"):
        # In terms of the group's own mean, whatever it weighs for a subject.
        scale, unit = np.where(total > 0, total**2, np.nan), means / total
        one = (raw / scale) * answers, (variance / scale) * answers
        tested = scale * variances_for_testing(unit, *one, answers) / answers
        tested = np.where(np.isnan(answers), variance, tested)
        spread = np.where(variance > 0, variance**2 / found.df[at], 0.0 * variance)
        grown = np.where(raw > 0, np.sqrt(variance / raw), 0.0)
    none = total == 0
    return Part(
        np.where(none, 0.0, means),
        np.where(none, 0.0, variance),
        np.where(none, 0.0, tested),
        np.where(none, 0.0, spread),
        np.nan_to_num(grown),
    )


def _means(values: Floats, rows: Floats) -> Floats:
    """Return the weighted sums (K,); alike values of alike weights give exactly the same."""
    if not len(rows):
        return np.zeros(0)
    usual = rows[int((rows > 0).sum(axis=1).argmax())]
    found = np.asarray(values @ usual, dtype=np.float64)
    for k in np.flatnonzero((rows != usual).any(axis=1)):
        found[k] = values[k] @ rows[k]
    return found


@dataclass(frozen=True, slots=True)
class Across:
    """What shared raters make common to different subjects, shape (K, K) each.

    Attributes
    ----------
    covariance : ndarray
        0 on the diagonal.
    together : ndarray of bool
        Whether any rater judged both.
    own_spread : ndarray
        Squared part of its correlation that is known from its own raters alone, over the fewer
        raters less one.
    """

    covariance: Floats
    together: NDArray[np.bool_]
    own_spread: Floats


def _across(
    group: GroupCells, used: np.ndarray, rows: Floats, at: np.ndarray, part: Part
) -> Across:
    """Return what shared raters make common to different subjects.

    A single rater's part in an error cannot be told from the answer: it counts as the subject's
    own, so that no difference looks surer for it. Correlations that few raters hardly tell are
    drawn towards a common one (`shared_raters`), that of all subjects, whichever are asked for.
    """
    size, judged, found = _shared(group, used, rows)
    error = size[at] * part.grown
    across = found.correlation[np.ix_(at, at)] * np.outer(error, error)
    np.fill_diagonal(across, 0.0)
    who = judged[:, at].astype(np.float64)
    raters = np.maximum(group.df[at], 1.0)
    own_spread = (1.0 - found.intensity) ** 2 / np.minimum(raters[:, None], raters[None, :])
    return Across(np.asarray(across), who.T @ who > 0, own_spread)


@worked_out_once
def _shared(
    group: GroupCells, used: np.ndarray, rows: Floats
) -> tuple[Floats, NDArray[np.bool_], SharedErrors]:
    """Return all subjects' errors (K',), who judged whom (R, K'), and how the errors correlate."""
    influence, judged = judging(group)
    each = np.einsum("rku,ku->rk", influence[:, :, used], np.where(rows > 0, rows, 0.0))
    return np.sqrt((each**2).sum(axis=0)), judged, shared_errors(each, judged)


@worked_out_once
def judging(group: GroupCells) -> tuple[Floats, NDArray[np.bool_]]:
    """Return raters' influence (R, K', I + 1), 0 where there is none, and who judged whom (R, K')."""
    assert group.influence is not None
    influence = np.nan_to_num(group.influence)
    return influence, np.asarray((np.abs(influence) > NO_INFLUENCE).any(axis=2))


def _spread_of_pairs(part: Part, across: Across | None) -> Floats:
    """Return what a rater group adds to the spread of the differences' variances, (K, K).

    Of independent answers, Satterthwaite's of both subjects. Where raters judged both, the variances
    of the two are correlated by the square of the errors' correlation (Wishart), and the difference
    follows each by 1 - C / V; the correlation adds its own spread as far as it is the pair's own.
    """
    spread, variance = part.spread, part.variance
    if across is None:
        return spread[:, None] + spread[None, :]
    both = np.outer(variance, variance)
    ones = np.ones_like(both)
    follows = ones - np.divide(
        across.covariance, variance[:, None], out=0.0 * both, where=(variance > 0)[:, None]
    )
    square = np.divide(across.covariance**2, both, out=0.0 * both, where=both > 0)
    each = follows**2 * spread[:, None]
    joint = 2.0 * follows * follows.T * square * np.sqrt(np.outer(spread, spread))
    own = np.where(across.together, 2.0 * both * (1.0 - square) ** 2 * across.own_spread, 0.0)
    return np.asarray(each + each.T + joint + own)


def _df_of_pairs(covariance: Floats, spread: Floats) -> Floats:
    """Return the degrees of freedom of differences with this spread of their variances."""
    variance = np.diagonal(covariance)
    apart = np.maximum(variance[:, None] + variance[None, :] - 2.0 * covariance, 0.0)
    df = np.full_like(apart, np.inf)
    np.divide(apart**2, spread, out=df, where=(spread > 0) & (apart > 0))
    np.fill_diagonal(df, np.inf)
    return df


def _of_differences(shared: Floats, variance: Floats, tested: Floats) -> Floats:
    """Return the variances of the estimates less the mean of those that are known, (M, K)."""
    difference = np.full_like(variance, np.nan)
    for measure, own in enumerate(variance):
        known = np.flatnonzero(np.isfinite(own))
        k = len(known)
        if not k:
            continue
        full = shared[measure][np.ix_(known, known)] + np.diag(own[known])
        plain = np.diag(full) - 2.0 * full.mean(axis=1) + full.mean()
        plain += (1.0 - 1.0 / k) ** 2 * (tested[measure, known] - own[known])
        difference[measure, known] = np.maximum(plain, 0.0)
    return difference


def never_varies(group: GroupCells) -> bool:
    """Tell whether a rater group's answers about no committee differ from one another.

    Its errors cannot be told then, and count as none.
    """
    diagonal = np.einsum("kii->ki", group.covariance)
    known = np.isfinite(diagonal)
    return bool(known.any() and not np.where(known, diagonal, 0.0).any())


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
