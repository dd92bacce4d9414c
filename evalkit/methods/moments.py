"""Means of answers with their design-based covariance: the only door from rows to numbers.

``cell_moments`` is the kernel for one cell (one subject, one rater group); ``domain_means`` gives
the joint covariance of all subjects when the same raters judge many of them. Both are ratio
estimators with Taylor linearisation.

References
----------
Saerndal, Swensson & Wretman (1992), Model Assisted Survey Sampling, ch. 5; Lumley (2010), Complex
Surveys; Kish (1965), Survey Sampling, for the effective sample size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class CellMoments:
    """What one cell says about its indicators.

    Attributes
    ----------
    n : respondents with a positive weight and at least one answer.
    n_effective : Kish effective number of those respondents.
    mean : (I,) weighted means in the unit of the values; NaN where nobody answered.
    covariance : (I, I) sampling covariance of the means, unit squared. NaN, never 0, in the rows
        and columns of an indicator answered by fewer than two units, and everywhere when there are
        fewer.
    n_by_indicator : (I,) answers per indicator.
    units_by_indicator : (I,) sampling units with an answer: clusters, else the answers themselves.
    units : sampling units.
    df : degrees of freedom of the covariance, units - 1, at least 0.
    """

    n: int
    n_effective: float
    mean: FloatArray
    covariance: FloatArray
    n_by_indicator: IntArray
    units_by_indicator: IntArray
    units: int
    df: int


@dataclass(frozen=True, slots=True)
class DomainMeans:
    """Means of domains (subjects) and their joint covariance.

    Attributes
    ----------
    domains : (D,) sorted domain labels.
    mean : (D, I) weighted means; NaN where nobody of the domain answered.
    covariance : (D * I, D * I) sampling covariance, domain-major: the mean of domain d and
        indicator i sits at d * I + i. NaN where it cannot be estimated (see ``domain_means``).
    df : sampling units less strata.
    n : (D,) respondents per domain with a positive weight and at least one answer.
    n_effective : (D,) Kish effective number of those respondents.
    """

    domains: NDArray[Any]
    mean: FloatArray
    covariance: FloatArray
    df: int
    n: IntArray
    n_effective: FloatArray


def cell_moments(
    values: ArrayLike,
    weights: ArrayLike,
    population: float | None = None,
    *,
    clusters: ArrayLike | None = None,
) -> CellMoments:
    """Return weighted indicator means of one cell and their sampling covariance.

    Respondents are independent draws. The mean of indicator i is sum(w a x) / sum(w a), ``a``
    marking an answer; its influence values are z_r = w_r a_r (x_r - m) / sum(w a), and the
    covariance is n / (n - 1) * sum_r z_r z_r'. Where respondents come in clusters their influence is
    added up first: c / (c - 1) * sum_c z_c z_c' over c ultimate clusters, whatever was drawn within.

    Parameters
    ----------
    values : (n, I) answers, or (n,) for one indicator; NaN where there is none.
    weights : (n,) finite weights of at least 0; a respondent of weight 0 is as if absent.
    population : number of people the respondents were drawn from without replacement, where it is
        known and small: the covariance is multiplied by 1 - n / population.
    clusters : (n,) labels of the respondents' clusters; each is one of its own when left out.

    Returns
    -------
    CellMoments

    Raises
    ------
    ValueError
        For shapes that do not match, infinite values, negative or missing weights, or fewer people
        in the population than respondents.

    Examples
    --------
    >>> found = cell_moments([1, 2, 3, 4], [1, 1, 1, 1])
    >>> found.mean.tolist(), found.covariance.round(4).tolist()  # 5/3 / 4
    ([2.5], [[0.4167]])
    >>> cell_moments([1, 1, 4, 4], [1] * 4, clusters=["a", "a", "b", "b"]).covariance.tolist()
    [[2.25]]
    """
    x, w = _answers(values, weights)
    present = (w > 0) & ~np.isnan(x).all(axis=1)
    labels = np.arange(len(w)) if clusters is None else _codes(clusters, len(w), "clusters")[1]
    x, w, unit = x[present], w[present], np.unique(labels[present], return_inverse=True)[1]
    (n, indicators), units = x.shape, int(unit.max(initial=-1)) + 1
    answered = ~np.isnan(x)
    filled = np.where(answered, x, 0.0)
    n_by_indicator = answered.sum(axis=0).astype(np.int64)
    units_by_indicator = (
        n_by_indicator if units == n else _units_by_indicator(answered, unit, units)
    )
    mass = w @ answered
    known = n_by_indicator > 0
    mean = np.full(indicators, np.nan)
    mean[known] = (w @ filled)[known] / mass[known]
    correction = 1.0 if population is None else _unsampled(population, n)
    covariance = np.full((indicators, indicators), np.nan)
    if units >= 2:
        estimable = np.flatnonzero(units_by_indicator >= 2)
        share = w[:, None] * answered[:, estimable] / mass[estimable]
        influence = share * (filled[:, estimable] - mean[estimable])
        if units < n:
            influence = _sum_by(unit, influence, units)
        covariance[np.ix_(estimable, estimable)] = (
            correction * units / (units - 1) * (influence.T @ influence)
        )
    n_effective = float(w.sum() ** 2 / (w @ w)) if n else 0.0
    counts = (n_by_indicator, units_by_indicator, units, max(units - 1, 0))
    return CellMoments(n, n_effective, mean, covariance, *counts)


def _units_by_indicator(
    answered: NDArray[np.bool_], unit: NDArray[np.intp], units: int
) -> IntArray:
    found = _sum_by(unit, answered.astype(np.float64), units) > 0
    return np.asarray(found.sum(axis=0), dtype=np.int64)


def _unsampled(population: float, n: int) -> float:
    if not population >= n:
        raise ValueError(
            f"population {population:g} is smaller than the {n} respondents; "
            "it must count people, not a proportion"
        )
    return 1.0 - n / population if n else 1.0


def domain_means(
    values: ArrayLike,
    weights: ArrayLike,
    domains: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    population: ArrayLike | None = None,
) -> DomainMeans:
    """Return the means of all domains and their joint design-based covariance.

    V = sum_h (1 - f_h) n_h / (n_h - 1) sum_c (z_hc - zbar_h)(z_hc - zbar_h)', where z_hc adds up
    the influence values of cluster c in stratum h. Every cluster of the design counts for every
    domain, also those without a member in it.

    Parameters
    ----------
    values : (n, I) answers, or (n,) for one indicator; NaN where there is none.
    weights : (n,) finite weights of at least 0.
    domains : (n,) label of each row's domain, none missing.
    strata : (n,) stratum labels; one stratum when left out.
    clusters : (n,) labels of the first-stage sampling units (for example the rater who judges many
        subjects); every row is its own unit when left out.
    population : number of sampling units (clusters, else respondents) in the row's stratum, one
        number for the whole design or (n,); no finite-population correction when left out.

    Returns
    -------
    DomainMeans
        A variance is NaN, never 0, where the answers of a domain come from fewer than two sampling
        units, or where one of them is the only unit of its stratum (unless that stratum was
        counted in full).

    Raises
    ------
    ValueError
        For shapes that do not match, missing labels, infinite values, negative or missing weights,
        a cluster that lies in two strata, a population that varies within a stratum or is smaller
        than its sample.

    Notes
    -----
    Rows of weight 0 or without any answer are no part of the design. The covariance is dense:
    with thousands of domains pass one composite value per row, not every indicator.

    Examples
    --------
    Two raters who judge both domains, one of them always more kindly:

    >>> found = domain_means([1, 3, 2, 4], [1] * 4, ["a", "a", "b", "b"], clusters=[1, 2, 1, 2])
    >>> found.mean.tolist(), found.covariance.round(9).tolist()
    ([[2.0], [3.0]], [[1.0, 1.0], [1.0, 1.0]])
    """
    x, w = _answers(values, weights)
    labels, domain = _codes(domains, x.shape[0], "domains")
    design = _design(x, w, domain, strata, clusters, population)
    x, w, domain = design.x, design.w, design.domain
    domain_count = labels.size
    answered = ~np.isnan(x)
    mass = _sum_by(domain, w[:, None] * answered, domain_count)
    total = _sum_by(domain, w[:, None] * np.where(answered, x, 0.0), domain_count)
    mean = np.divide(total, mass, out=np.full_like(total, np.nan), where=mass > 0)

    n = np.bincount(domain, minlength=domain_count).astype(np.int64)
    weight = np.bincount(domain, weights=w, minlength=domain_count)
    squared = np.bincount(domain, weights=w * w, minlength=domain_count)
    n_effective = np.divide(weight**2, squared, out=np.zeros(domain_count), where=squared > 0)
    df = max(design.unit_stratum.size - design.units_in.size, 0)
    return DomainMeans(labels, mean, _joint_covariance(design, mean, mass), df, n, n_effective)


@dataclass(frozen=True, slots=True)
class _Design:
    """The rows that take part, and how they were drawn.

    Attributes
    ----------
    x, w, domain, unit, stratum : of every row; units and strata are numbered from 0.
    unit_stratum : the stratum of every sampling unit.
    units_in, unsampled : of every stratum, its units and 1 less the share of it that was drawn.
    """

    x: FloatArray
    w: FloatArray
    domain: NDArray[np.intp]
    unit: NDArray[np.intp]
    stratum: NDArray[np.intp]
    unit_stratum: NDArray[np.intp]
    units_in: NDArray[np.intp]
    unsampled: FloatArray


def _design(
    x: FloatArray,
    w: FloatArray,
    domain: NDArray[np.intp],
    strata: ArrayLike | None,
    clusters: ArrayLike | None,
    population: ArrayLike | None,
) -> _Design:
    rows = x.shape[0]
    size = None
    if population is not None:
        size = np.broadcast_to(np.asarray(population, dtype=np.float64), (rows,))
    stratum = np.zeros(rows, dtype=np.intp)
    if strata is not None:
        stratum = _codes(strata, rows, "strata")[1]
    cluster = np.arange(rows)
    if clusters is not None:
        cluster = _codes(clusters, rows, "clusters")[1]

    present = (w > 0) & ~np.isnan(x).all(axis=1)
    x, w, domain = x[present], w[present], domain[present]
    unit_labels, unit = np.unique(cluster[present], return_inverse=True)
    stratum_labels, stratum = np.unique(stratum[present], return_inverse=True)
    size = None if size is None else size[present]
    units, strata_count = unit_labels.size, stratum_labels.size

    unit_stratum = np.zeros(units, dtype=np.intp)
    unit_stratum[unit] = stratum
    if (unit_stratum[unit] != stratum).any():
        raise ValueError(
            "a cluster lies in more than one stratum; give clusters of different strata different "
            "labels, or check the strata of a rater who occurs twice"
        )
    units_in = np.bincount(unit_stratum, minlength=strata_count)
    unsampled = 1.0 - _sampled_fraction(size, stratum, units_in)
    return _Design(x, w, domain, unit, stratum, unit_stratum, units_in, unsampled)


def _joint_covariance(design: _Design, mean: FloatArray, mass: FloatArray) -> FloatArray:
    """Return the covariance (D I, D I) of the means of all domains; NaN where it is unknown."""
    x, domain, unit, stratum = design.x, design.domain, design.unit, design.stratum
    units_in, unsampled, unit_stratum = design.units_in, design.unsampled, design.unit_stratum
    row, indicator = np.nonzero(~np.isnan(x))
    column = domain[row] * x.shape[1] + indicator
    distance = x[row, indicator] - mean[domain[row], indicator]
    influence = design.w[row] * distance / mass[domain[row], indicator]
    width, units, strata_count = mean.size, unit_stratum.size, units_in.size
    lonely = (units_in == 1) & (unsampled > 0)
    factor = np.where(units_in > 1, unsampled * units_in / np.maximum(units_in - 1, 1), 0.0)
    by_unit = sparse.csr_array((influence, (unit[row], column)), shape=(units, width))
    by_stratum = sparse.csr_array((influence, (stratum[row], column)), shape=(strata_count, width))
    within = by_unit.T @ (sparse.diags_array(factor[unit_stratum]) @ by_unit)
    between = by_stratum.T @ (sparse.diags_array(factor / np.maximum(units_in, 1)) @ by_stratum)
    covariance = np.asarray((within - between).todense(), dtype=np.float64)
    covariance = (covariance + covariance.T) / 2.0
    diagonal = np.diagonal(covariance)
    np.fill_diagonal(covariance, np.maximum(diagonal, 0.0))

    contributions = np.unique(np.stack([column, unit[row]]), axis=1)[0]
    unknown = np.bincount(contributions, minlength=width) < 2
    unknown[column[lonely[stratum[row]]]] = True
    covariance[unknown, :] = np.nan
    covariance[:, unknown] = np.nan
    return covariance


def _answers(values: ArrayLike, weights: ArrayLike) -> tuple[FloatArray, FloatArray]:
    x = np.asarray(values, dtype=np.float64)
    w = np.asarray(weights, dtype=np.float64)
    if x.ndim == 1:
        x = x[:, None]
    if x.ndim != 2:
        raise ValueError(f"values must be respondents by indicators; got shape {x.shape}")
    if w.shape != (x.shape[0],):
        raise ValueError(
            f"weights must be one per respondent, shape ({x.shape[0]},); got shape {w.shape}"
        )
    if not np.isfinite(w).all() or (w < 0).any():
        raise ValueError("weights must be finite and at least 0; a missing weight is not 0")
    if np.isinf(x).any():
        raise ValueError("values must be finite, or NaN where there is no answer")
    return x, w


def _codes(labels: ArrayLike, rows: int, name: str) -> tuple[NDArray[Any], NDArray[np.intp]]:
    given = np.asarray(labels)
    if given.shape != (rows,):
        raise ValueError(f"{name} must be one label per row, shape ({rows},); got {given.shape}")
    if pd.isna(given).any():
        raise ValueError(f"{name} has missing labels; drop those rows or name them")
    unique, codes = np.unique(given, return_inverse=True)
    return unique, codes


def _sum_by(codes: NDArray[np.intp], rows: FloatArray, groups: int) -> FloatArray:
    totals = np.zeros((groups, rows.shape[1]))
    for i in range(rows.shape[1]):
        totals[:, i] = np.bincount(codes, weights=rows[:, i], minlength=groups)
    return totals


def _sampled_fraction(
    size: FloatArray | None, stratum: NDArray[np.intp], units_in: NDArray[np.intp]
) -> FloatArray:
    if size is None:
        return np.zeros(units_in.size)
    known = np.zeros(units_in.size)
    known[stratum] = size
    if (known[stratum] != size).any():
        raise ValueError(
            "population varies within a stratum; it counts the sampling units of the whole stratum"
        )
    if not (known >= units_in).all():
        raise ValueError(
            "population is smaller than the sample of its stratum; it must count sampling units "
            "(clusters, else respondents), not be a sampling fraction"
        )
    return units_in / known
