"""How large a change has to be before two waves can show it."""

from __future__ import annotations

import math

from scipy import stats


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
    multiple = stats.t.ppf(0.5 + confidence / 2, df) + stats.t.ppf(power, df)
    return float(multiple * math.hypot(se, later))
