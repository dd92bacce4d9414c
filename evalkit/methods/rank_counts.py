"""Counting who is clearly ahead, for very many subjects with independent errors.

With independent errors the critical value of a subject's marginal rank set depends on the subject
only through its standard error, so a dozen one-dimensional integrals and interpolation give all of
them; counting within sorted windows replaces the K x K table of pairs.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_GRID = 12
_NODES = 200
_BINS = 100
_REACH = 8.5
_PAIRS_AT_ONCE = 1_000_000


def marginal_critical_values(sigma: FloatArray, confidence: float) -> FloatArray:
    """Return, per subject, the quantile of max_k |Z_j - Z_k| / s_jk for independent errors.

    Parameters
    ----------
    sigma : (K,) standard errors, all above 0, K at least 2.
    confidence : level of the quantile.

    Returns
    -------
    (K,) critical values.

    Notes
    -----
    Given Z_j = sigma z, P(max <= c) is a product over the others; it is integrated over z, the
    others being grouped in bins of their standard error (at most 100), and solved for c at a dozen
    standard errors; between them c is interpolated in log sigma.
    """
    others, counts = _binned(sigma)
    smallest, largest = float(sigma.min()), float(sigma.max())
    if largest <= smallest * (1.0 + 1e-9):
        return np.full(sigma.size, _critical_value(largest, others, counts, confidence))
    logs = np.linspace(np.log(smallest), np.log(largest), _GRID)
    values = [_critical_value(float(np.exp(g)), others, counts, confidence) for g in logs]
    at = np.clip(np.log(sigma), logs[0], logs[-1])
    return np.asarray(scipy.interpolate.PchipInterpolator(logs, values)(at), dtype=np.float64)


def joint_critical_value(k: int, confidence: float) -> float:
    """Return the quantile of max_jk |Z_j - Z_k| / s_jk for k independent errors of equal variance.

    This is the studentised range with infinite degrees of freedom over sqrt(2). With unequal
    variances the true quantile is no larger, so the value stays valid.

    Parameters
    ----------
    k : number of subjects, at least 2.
    confidence : level of the quantile.

    References
    ----------
    Tukey (1953), Kramer (1956); Hayter (1984), Annals of Statistics 12, for the proof.
    """
    z, weights = np.polynomial.legendre.leggauss(_NODES)
    z = z * _REACH
    density = k * weights * _REACH * np.exp(-(z**2) / 2.0) / np.sqrt(2.0 * np.pi)

    def excess(spread: float) -> float:
        return float(density @ (ndtr(z) - ndtr(z - spread)) ** (k - 1)) - confidence

    pairs = k * (k - 1) / 2.0
    high = -float(ndtri((1.0 - confidence) / (2.0 * pairs))) * 1.001
    low = -float(ndtri((1.0 - confidence) / 2.0)) * 0.999
    root = np.sqrt(2.0)
    return float(scipy.optimize.brentq(excess, low * root, high * root, xtol=1e-11) / root)


def count_above(x: FloatArray, sigma: FloatArray, critical: FloatArray) -> IntArray:
    """Count, for each subject j, the k with x_k - x_j > c_j sqrt(sigma_j^2 + sigma_k^2).

    Parameters
    ----------
    x, sigma, critical : (K,) estimates, standard errors and critical values.

    Returns
    -------
    (K,) exact counts.

    Notes
    -----
    The k are split into bins of similar standard error, each sorted by x. The bin's smallest and
    largest standard error settle all but a narrow window, and only that is compared one by one.
    """
    k = x.size
    counts = np.zeros(k, dtype=np.int64)
    by_sigma = np.argsort(sigma, kind="stable")
    for members in np.array_split(by_sigma, min(max(k // 256, 1), 128)):
        members = members[np.argsort(x[members], kind="stable")]
        xs, ss = x[members], sigma[members]
        nearest = x + critical * np.hypot(sigma, ss.min())
        farthest = x + critical * np.hypot(sigma, ss.max())
        first = np.searchsorted(xs, nearest, side="right")
        past = np.searchsorted(xs, farthest, side="right")
        counts += xs.size - past
        _count_windows(counts, x, sigma, critical, xs, ss, first, past)
    return counts


def _count_windows(
    counts: IntArray,
    x: FloatArray,
    sigma: FloatArray,
    critical: FloatArray,
    xs: FloatArray,
    ss: FloatArray,
    first: NDArray[np.intp],
    past: NDArray[np.intp],
) -> None:
    open_windows = np.flatnonzero(past > first)
    lengths = (past - first)[open_windows]
    for batch in _batches(lengths, _PAIRS_AT_ONCE):
        js, size = open_windows[batch], lengths[batch]
        owner = np.repeat(np.arange(js.size), size)
        begin = np.repeat(first[js] - (np.cumsum(size) - size), size)
        k = begin + np.arange(owner.size)
        j = js[owner]
        above = xs[k] - x[j] > critical[j] * np.hypot(sigma[j], ss[k])
        counts[js] += np.bincount(owner[above], minlength=js.size)


def _batches(lengths: NDArray[np.intp], most: int) -> Iterator[slice]:
    """Cut windows into runs of at most so many pairs together; a longer one stands alone."""
    ends = np.cumsum(lengths)
    start = 0
    while start < lengths.size:
        done = int(ends[start - 1]) if start else 0
        stop = int(np.searchsorted(ends, done + most, side="right"))
        stop = max(stop, start + 1)
        yield slice(start, stop)
        start = stop


def _binned(sigma: FloatArray) -> tuple[FloatArray, FloatArray]:
    logs = np.log(sigma)
    span = float(np.ptp(logs))
    if span == 0.0:
        return sigma[:1].copy(), np.array([float(sigma.size)])
    bins = np.minimum(((logs - logs.min()) / span * _BINS).astype(np.intp), _BINS - 1)
    counts = np.bincount(bins, minlength=_BINS)
    totals = np.bincount(bins, weights=sigma, minlength=_BINS)
    filled = counts > 0
    return totals[filled] / counts[filled], counts[filled].astype(np.float64)


def _critical_value(
    sigma: float, others: FloatArray, counts: FloatArray, confidence: float
) -> float:
    z, weights = np.polynomial.legendre.leggauss(_NODES)
    z = z * _REACH
    weights = weights * _REACH * np.exp(-(z**2) / 2.0) / np.sqrt(2.0 * np.pi)

    def log_within(c: float, rivals: FloatArray) -> FloatArray:
        centre = sigma * z[:, None] / rivals
        reach = c * np.hypot(sigma, rivals) / rivals
        outside = ndtr(centre - reach) + ndtr(-centre - reach)
        with np.errstate(divide="ignore"):
            return np.asarray(np.log1p(-np.minimum(outside, 1.0)))

    def excess(c: float) -> float:
        everyone = log_within(c, others) @ counts
        itself = log_within(c, np.array([sigma]))[:, 0]
        with np.errstate(invalid="ignore"):
            log_joint = np.where(np.isneginf(everyone), -np.inf, everyone - itself)
        return float(weights @ np.exp(log_joint)) - confidence

    tail = 1.0 - confidence
    rivals = max(float(counts.sum()) - 1.0, 1.0)
    low = -float(ndtri(tail / 2.0)) * 0.999
    high = -float(ndtri(tail / (2.0 * rivals))) * 1.001
    return float(scipy.optimize.brentq(excess, low, high, xtol=1e-8))
