"""Intervals of shares that come from a survey."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit
from scipy.stats import norm

FloatArray = NDArray[np.float64]


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
        how sure it is.

    References
    ----------
    Korn & Graubard (1999), Analysis of Health Surveys, section 2.5; Dean & Pagano (2015), JSSAM 3.
    """
    p = np.asarray(shares, dtype=np.float64)
    se = np.asarray(standard_errors, dtype=np.float64)
    known = ~np.isnan(p)
    if not ((p[known] > 0) & (p[known] < 1)).all():
        raise ValueError("shares must lie strictly between 0 and 1")
    if not 0 < confidence < 1:
        raise ValueError("confidence must lie strictly between 0 and 1")
    reach = norm.ppf(0.5 + confidence / 2) * se / (p * (1 - p))
    middle = logit(p)
    return expit(middle - reach), expit(middle + reach)
