"""Intervals and tests of shares that come from a survey."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, expit, logit
from scipy.stats import norm

FloatArray = NDArray[np.float64]

_ROUNDING = 1e-9
"""A weighted share may end up so far outside 0..1."""


def share_interval(
    shares: ArrayLike, standard_errors: ArrayLike, confidence: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Return both ends of the intervals of shares, made on the logit scale and never outside 0..1.

    logit(p) -+ z se / (p (1 - p)), turned back. Unlike p -+ z se it is not symmetric for a small
    share, where that would be too short above and reach below 0.

    Parameters
    ----------
    shares : estimated shares, any shape, strictly between 0 and 1; NaN where there is none.
    standard_errors : of the same shape, design-based, at least 0.
    confidence : of the interval, strictly between 0 and 1.

    Returns
    -------
    low, high : of the same shape; NaN where the share or its error is.

    Raises
    ------
    ValueError
        For a share outside 0..1 or at an end of it: a sample of identical answers does not tell
        how sure it is. For a standard error that is negative, infinite or of another shape.

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
    reach = norm.ppf(0.5 + confidence / 2) * se / (p * (1 - p))
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
        below = np.where(hits < trials, 1.0 - betainc(hits + 1.0, trials - hits, common), 1.0)
    p = np.minimum(2.0 * np.minimum(above, below), 1.0)
    known = ~np.isnan(share) & (others > 1e-12)[:, None] & (common > 0) & (common < 1)
    return np.asarray(np.where(known, p, np.nan).reshape(given.shape), dtype=np.float64)
