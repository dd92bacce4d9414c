"""How large a change has to be before two waves can show it."""

from __future__ import annotations

import math

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from evalkit.methods import tails

FloatArray = NDArray[np.float64]
_MANY = 1e6
"""Degrees of freedom that are as good as endless."""


def detectable_change(
    se: float,
    *,
    se_next: float | None = None,
    df: float = math.inf,
    confidence: float = 0.95,
    power: float = 0.8,
) -> float:
    """Return the smallest true change that the next measurement will probably show.

    A change between two independent estimates has the standard error sqrt(se^2 + se_next^2); it
    is found with the given power by a two-sided test if it is as large as

        (t_{(1 + confidence) / 2} + t_power) sqrt(se^2 + se_next^2),

    which is 2.80 sqrt(2) se for a next wave like this one, 95% and 80%.

    Parameters
    ----------
    se : float
        Standard error of the present estimate, >= 0.
    se_next : float or None
        Of the next one; the same as the present if None.
    df : float
        Degrees of freedom of the change's standard error.
    confidence, power : float
        Between 0 and 1: one less the level of the test, and the probability to find the change.

    Returns
    -------
    float
        In the unit of the standard errors.

    Raises
    ------
    ValueError
        On a negative standard error, degrees of freedom that are not positive, or a share out of
        range.

    References
    ----------
    Bloom, H. S. (1995). Minimum detectable effects: a simple way to report the statistical power
    of experimental designs. Evaluation Review 19(5), 547-556.

    Examples
    --------
    >>> round(detectable_change(1.0), 2)  # (1.96 + 0.84) sqrt(2)
    3.96
    """
    later = se if se_next is None else se_next
    if not (se >= 0 and later >= 0):
        raise ValueError(f"standard errors must not be negative, got {se} and {later}")
    if not df > 0:
        raise ValueError(f"df must be positive, got {df}")
    if not (0 < confidence < 1 and 0 < power < 1):
        raise ValueError(f"confidence and power must lie in 0..1, got {confidence} and {power}")
    multiple = tails.t_quantile(0.5 + confidence / 2, df) + tails.t_quantile(power, df)
    return float(multiple * math.hypot(se, later))


def power_of_changes(
    change: float,
    se: ArrayLike,
    *,
    df: ArrayLike = np.inf,
    family: int = 1,
    confidence: float = 0.95,
) -> FloatArray:
    """Return the probability that each subject's verdict finds a true change of this size.

    A two-sided test of one subject of a family under Holm's method, of which no other changes: its
    p-value has to fall below (1 - confidence) / family. Where others change, too, and are found,
    the later steps of Holm are easier; the probability is then a little higher.

    Parameters
    ----------
    change : float
        True change relative to the others, points.
    se : (K,) standard errors of the measured relative changes, above 0.
    df : (K,) or a number, their degrees of freedom.
    family : int
        Tests adjusted together, at least 1.
    confidence : float
        One less the family's level.

    Returns
    -------
    ndarray of shape (K,)
        From the noncentral t-distribution; 0 to 1.

    Raises
    ------
    ValueError
        For errors or degrees of freedom that are not above 0, or a family below 1.

    References
    ----------
    Cohen, J. (1988). Statistical Power Analysis for the Behavioral Sciences, 2nd ed., ch. 2.

    Examples
    --------
    Two errors and a half beyond the limit of 1.96, alone in its family:

    >>> power_of_changes(4.46, [1.0]).round(4).tolist()
    [0.9938]
    """
    error = np.asarray(se, dtype=np.float64)
    freedom = np.minimum(np.asarray(df, dtype=np.float64), _MANY)
    if not ((error > 0).all() and (freedom > 0).all()):
        raise ValueError("standard errors and degrees of freedom must be above 0")
    if family < 1 or not 0 < confidence < 1:
        raise ValueError(f"no test: family {family}, confidence {confidence:g}")
    limit = -tails.t_quantile((1.0 - confidence) / family / 2.0, freedom)
    away = abs(change) / error
    found = scipy.stats.nct.sf(limit, freedom, away) + scipy.stats.nct.cdf(-limit, freedom, away)
    return np.asarray(np.clip(found, 0.0, 1.0))
