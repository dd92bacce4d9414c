"""Intervals and tests of shares that come from a survey."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, betaincc, expit, logit

from evalkit.methods import tails

FloatArray = NDArray[np.float64]

_ROUNDING = 1e-9
"""A weighted share may end up so far outside 0..1."""


def share_interval(
    shares: ArrayLike,
    standard_errors: ArrayLike,
    confidence: float = 0.95,
    *,
    df: ArrayLike = np.inf,
) -> tuple[FloatArray, FloatArray]:
    """Return both ends of the intervals of shares, made on the logit scale and never outside 0..1.

    logit(p) -+ t se / (p (1 - p)), turned back. Unlike p -+ z se it is not symmetric for a small
    share, where that would be too short above and reach below 0.

    Parameters
    ----------
    shares : estimated shares, any shape, strictly between 0 and 1; NaN where there is none.
    standard_errors : of the same shape, design-based, at least 0.
    confidence : of the interval, strictly between 0 and 1.
    df : degrees of freedom of the standard errors, above 0: clusters less strata where answers come
        in clusters; infinite where they are independent and the share itself tells its variance.

    Returns
    -------
    low, high : of the same shape; NaN where the share or its error is.

    Raises
    ------
    ValueError
        For a share outside 0..1 or at an end of it: a sample of identical answers does not tell
        how sure it is. For a standard error that is negative, infinite or of another shape, or
        degrees of freedom that are not above 0.

    References
    ----------
    Korn & Graubard (1999), Analysis of Health Surveys, section 2.5; Dean & Pagano (2015), JSSAM 3.

    Examples
    --------
    >>> low, high = share_interval([0.5], [0.05])
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.403], [0.597])
    """
    p = np.asarray(shares, dtype=np.float64)
    se = np.asarray(standard_errors, dtype=np.float64)
    known = ~np.isnan(p)
    if not ((p[known] > 0) & (p[known] < 1)).all():
        raise ValueError("shares must lie strictly between 0 and 1")
    if se.shape != p.shape:
        raise ValueError(f"standard errors must be one for each share, {p.shape}; got {se.shape}")
    if not ((se[~np.isnan(se)] >= 0) & np.isfinite(se[~np.isnan(se)])).all():
        raise ValueError("standard errors must be finite and at least 0")
    if not 0 < confidence < 1:
        raise ValueError("confidence must lie strictly between 0 and 1")
    freedom = np.asarray(df, dtype=np.float64)
    if not (freedom > 0).all():
        raise ValueError("degrees of freedom must be above 0")
    tail = 0.5 + confidence / 2
    few = tails.t_quantile(tail, np.where(np.isinf(freedom), 1.0, freedom))
    quantile = np.where(np.isinf(freedom), tails.normal_quantile(tail), few)
    reach = quantile * se / (p * (1 - p))
    middle = logit(p)
    return expit(middle - reach), expit(middle + reach)


def difference_from_all(shares: ArrayLike, effective: ArrayLike, parts: ArrayLike) -> FloatArray:
    """Return p-values of a domain's share being that of all domains together, of which it is part.

    A domain of part w differs from all by 1 - w times its difference from the others. With the
    common share p everywhere, the variance of share less common share is
    p (1 - p) f,  f = (1 - 2 w) / n + sum_j w_j^2 / n_j,
    so the difference from the others is worth n* = (1 - w)^2 / f answers against a known share.
    The p-value is twice the smaller tail of a binomial with n* trials, continued to fractions by
    the incomplete beta function: unlike the normal curve it has the skew that rare answers have.

    Parameters
    ----------
    shares : (K,) or (K, O) weighted shares of domains, 0 to 1; NaN where there is none.
    effective : (K,) effective numbers of respondents (Kish), above 0.
    parts : (K,) weights of the domains in the whole, adding up to 1.

    Returns
    -------
    P-values of the shape of the shares; NaN where there is no share, where the domain is all there
    is, or where everybody or nobody said so.

    Raises
    ------
    ValueError
        For shapes that do not match, shares outside 0..1, effective numbers that are not above 0,
        or parts that are negative or do not add up to 1.

    References
    ----------
    Korn & Graubard (1998), Confidence intervals for proportions with small expected number of
    positive counts estimated from survey data, Survey Methodology 24, for the effective binomial.

    Examples
    --------
    >>> difference_from_all([0.5, 0.5], [10, 10], [0.5, 0.5]).tolist()
    [1.0, 1.0]
    """
    given = np.asarray(shares, dtype=np.float64)
    n = np.asarray(effective, dtype=np.float64)
    w = np.asarray(parts, dtype=np.float64)
    if given.ndim not in (1, 2) or n.shape != given.shape[:1] or w.shape != n.shape or not n.size:
        raise ValueError(
            "shares must be (K,) or (K, O), effective numbers and parts (K,); got "
            f"{given.shape}, {n.shape} and {w.shape}"
        )
    told = given[~np.isnan(given)]
    if not ((told >= -_ROUNDING) & (told <= 1 + _ROUNDING)).all():
        raise ValueError("shares must lie in 0..1")
    if not ((n > 0) & np.isfinite(n)).all():
        raise ValueError("effective numbers must be finite and above 0")
    if not (w >= 0).all() or abs(float(w.sum()) - 1.0) > 1e-6:
        raise ValueError(f"parts must be at least 0 and add up to 1; they add up to {w.sum():g}")
    share = np.clip(given, 0.0, 1.0).reshape(len(given), -1)
    common = w @ np.nan_to_num(share)
    others = 1.0 - w
    factor = (1.0 - 2.0 * w) / n + (w**2 / n).sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        trials = (others**2 / factor)[:, None]
        moved = np.clip(common + (share - common) / others[:, None], 0.0, 1.0)
        hits = moved * trials
        above = np.where(hits > 0, betainc(hits, trials - hits + 1.0, common), 1.0)
        below = np.where(hits < trials, betaincc(hits + 1.0, trials - hits, common), 1.0)
    p = np.minimum(2.0 * np.minimum(above, below), 1.0)
    known = ~np.isnan(share) & (others > 1e-12)[:, None] & (common > 0) & (common < 1)
    return np.asarray(np.where(known, p, np.nan).reshape(given.shape), dtype=np.float64)


def shares_differ(
    hits: ArrayLike, of: ArrayLike, other_hits: ArrayLike, other_of: ArrayLike
) -> FloatArray:
    """Return how probable so unlike counts are where two shares are the same.

    Chi-squared of two by two counts with Yates' correction, as `scipy.stats.chi2_contingency` has it.

    Parameters
    ----------
    hits, other_hits : counts, any shape.
    of, other_of : of how many, above 0, of the same shape.

    Returns
    -------
    ndarray of the same shape; NaN where all are hits, or none is.

    References
    ----------
    Yates (1934), Contingency tables involving small numbers and the chi-squared test, Supplement to
    the Journal of the Royal Statistical Society 1.

    Examples
    --------
    >>> shares_differ([10, 0], [20, 5], [10, 0], [60, 5]).round(4).tolist()
    [0.0073, nan]
    """
    a, n, c, m = (np.asarray(x, dtype=np.float64) for x in (hits, of, other_hits, other_of))
    found = np.stack([a, n - a, c, m - c])
    columns = np.stack([a + c, (n - a) + (m - c)])
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = np.concatenate([n * columns, m * columns]) / (n + m)
        off = expected - found
        nearer = found + np.minimum(0.5, np.abs(off)) * np.sign(off)
        terms = (nearer - expected) ** 2 / expected
    return np.asarray(tails.chi2_above(terms[0] + terms[1] + terms[2] + terms[3], 1.0))


def wilson_interval(
    shares: ArrayLike, effective: ArrayLike, confidence: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Return both ends of the score intervals of shares, which may be 0 or 1.

    Those values p0 that a two-sided score test at the share's effective number of answers does not
    refuse: |p - p0| <= z sqrt(p0 (1 - p0) / n). It never leaves 0..1, and where everybody says the
    same it says how far that reaches.

    Parameters
    ----------
    shares : weighted shares, any shape, 0 to 1; NaN where there is none.
    effective : of the same shape, effective numbers of answers (Kish), above 0; not read where
        there is no share.
    confidence : of the interval, strictly between 0 and 1.

    Returns
    -------
    low, high : of the same shape; NaN where there is no share.

    Raises
    ------
    ValueError
        For shares outside 0..1, or effective numbers that are not above 0 or of another shape.

    References
    ----------
    Wilson (1927), JASA 22; Brown, Cai & DasGupta (2001), Statistical Science 16. With effective
    numbers: Franco, Little, Louis & Slud (2019), JSSAM 7.

    Examples
    --------
    >>> low, high = wilson_interval([0.5, 1.0], [96, 96])
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.402, 0.962], [0.598, 1.0])
    """
    p, n = _told(shares, effective)
    if not 0 < confidence < 1:
        raise ValueError("confidence must lie strictly between 0 and 1")
    z = tails.normal_quantile(0.5 + confidence / 2)
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    # The share lies inside, also where rounding would put an end of 0..1 beside it.
    low, high = np.minimum(middle - reach, p), np.maximum(middle + reach, p)
    return np.maximum(low, 0.0), np.minimum(high, 1.0)


def difference_of_shares(
    earlier: ArrayLike,
    earlier_effective: ArrayLike,
    later: ArrayLike,
    later_effective: ArrayLike,
    confidence: float = 0.95,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return intervals and p-values of differences of shares of independent samples.

    The interval joins both shares' score intervals (Newcombe's method 10); the p-value is that of
    the score test under a common share. Both hold where a share is 0 or 1.

    Parameters
    ----------
    earlier, later : weighted shares, any shape, 0 to 1; NaN where there is none.
    earlier_effective, later_effective : effective numbers of answers, above 0.

    Returns
    -------
    low, high : ends of the interval of later - earlier.
    p : two-sided; 1 where both shares are the same end of 0..1.

    Raises
    ------
    ValueError
        As `wilson_interval`.

    References
    ----------
    Newcombe (1998), Interval estimation for the difference between independent proportions,
    Statistics in Medicine 17, method 10.

    Examples
    --------
    >>> low, high, p = difference_of_shares([48 / 80], [80], [56 / 70], [70])
    >>> low.round(4).tolist(), high.round(4).tolist(), p.round(4).tolist()
    ([0.0524], [0.3339], [0.008])
    """
    (a, m), (b, n) = _told(earlier, earlier_effective), _told(later, later_effective)
    low_a, high_a = wilson_interval(a, m, confidence)
    low_b, high_b = wilson_interval(b, n, confidence)
    moved = b - a
    low = moved - np.sqrt((b - low_b) ** 2 + (high_a - a) ** 2)
    high = moved + np.sqrt((high_b - b) ** 2 + (a - low_a) ** 2)
    common = (m * a + n * b) / (m + n)
    se = np.sqrt(common * (1 - common) * (1 / m + 1 / n))
    z = np.divide(np.abs(moved), se, out=np.zeros_like(moved), where=se > 0)
    return low, high, np.where(np.isnan(moved), np.nan, 2.0 * tails.normal_above(z))


def leads(first: float, second: float, effective: float, confidence: float = 0.95) -> bool:
    """Tell whether surely more people tick one thing than another; the same people were asked both.

    Parameters
    ----------
    first, second : weighted shares, 0 to 1: the largest, and the largest of the others.
    effective : effective number of answers, above 0.

    Notes
    -----
    The variance of the difference, p + q - 2 r - (p - q)^2 with r who tick both, is largest where
    nobody does: r need not be known. That the first was picked as the largest asks for no further
    correction (Gutmann & Maymin 1987, Annals of Statistics 15: Is the selected population the best?).

    Examples
    --------
    >>> leads(0.40, 0.20, 100), leads(0.40, 0.30, 100)
    (True, False)
    """
    apart = first - second
    spread = float(np.sqrt(max(first + second - apart**2, 0.0) / effective))
    return apart > 0 and apart > float(tails.normal_quantile(0.5 + confidence / 2)) * spread


def _told(shares: ArrayLike, effective: ArrayLike) -> tuple[FloatArray, FloatArray]:
    p, n = np.asarray(shares, dtype=np.float64), np.asarray(effective, dtype=np.float64)
    if n.shape != p.shape:
        raise ValueError(f"effective numbers must be one for each share, {p.shape}; got {n.shape}")
    known = ~np.isnan(p)
    if not ((p[known] >= -_ROUNDING) & (p[known] <= 1 + _ROUNDING)).all():
        raise ValueError("shares must lie in 0..1")
    if not ((n[known] > 0) & np.isfinite(n[known])).all():
        raise ValueError("effective numbers must be finite and above 0")
    return np.clip(p, 0.0, 1.0), np.where(known, n, 1.0)
