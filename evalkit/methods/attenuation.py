"""How alike two numbers of the same units truly are, when both are measured with known errors.

A correlation of measured numbers is smaller than that of what they measure, by the square root of
both reliabilities (Spearman 1904). Here errors differ from unit to unit: true values are bivariate
normal, what is measured has its own variance beside them, and the correlation is what makes the
data most likely, with the interval of the profile likelihood, which knows that reliabilities are
estimated, too. See Hedges & Olkin (1985), Statistical Methods for Meta-Analysis, ch. 15, for the model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.methods import tails

Floats = NDArray[np.float64]

STEPS, SHARES = 81, 21
"""Correlations, and shares of an observed variance that are true, among which is looked."""
FEWEST = 8
"""Units below which nothing is told of a correlation."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """A correlation as measured, and as it truly is.

    Attributes
    ----------
    r : float
        Correlation of the measured numbers; NaN where one of them does not differ.
    corrected : float
        Correlation of what they measure, -1 to 1; NaN of fewer than `FEWEST` units, and where errors
        leave every correlation possible.
    low, high : float
        Ends of its interval.
    n : int
        Units with both numbers.
    """

    r: float
    corrected: float
    low: float
    high: float
    n: int


def likeness(
    x: Floats, x_variance: Floats, y: Floats, y_variance: Floats, confidence: float = 0.95
) -> Likeness:
    """Correlate two measured numbers of K units, corrected for the errors of both.

    Parameters
    ----------
    x, y : ndarray of shape (K,)
        NaN where a unit has none.
    x_variance, y_variance : ndarray of shape (K,)
        Variances of their errors, independent of one another.

    Examples
    --------
    Twice the same, each with errors as large as the differences: reliability 0.5 of both.

    >>> rng = np.random.default_rng(3)
    >>> truth = rng.normal(0, 1, 400)
    >>> x, y = truth + rng.normal(0, 1, 400), truth + rng.normal(0, 1, 400)
    >>> found = likeness(x, np.ones(400), y, np.ones(400))
    >>> round(found.r, 1), found.corrected > 0.85, found.high
    (0.5, True, 1.0)
    """
    known = np.isfinite(x) & np.isfinite(y) & np.isfinite(x_variance) & np.isfinite(y_variance)
    x, y, vx, vy = x[known], y[known], x_variance[known], y_variance[known]
    n = len(x)
    if n < FEWEST or not (np.ptp(x) > 0 and np.ptp(y) > 0):
        return Likeness(np.nan, np.nan, np.nan, np.nan, n)
    r = float(np.corrcoef(x, y)[0, 1])
    rhos = np.linspace(-1.0, 1.0, STEPS)
    profile = _profile(x / x.std(), vx / x.var(), y / y.std(), vy / y.var(), rhos)
    best = int(np.argmax(profile))
    # Likelihood ratios of few units are judged as t is, not as the normal.
    reach = 0.5 * n * np.log1p(tails.t_quantile(0.5 + confidence / 2.0, n - 2) ** 2 / (n - 2))
    inside = profile[best] - profile <= reach
    low, high = _ends(rhos, profile[best] - profile - reach, inside)
    nothing = low <= -1.0 and high >= 1.0
    return Likeness(r, np.nan if nothing else float(rhos[best]), low, high, n)


def _profile(x: Floats, vx: Floats, y: Floats, vy: Floats, rhos: Floats) -> Floats:
    """Return the greatest log likelihood by correlation; numbers in their own standard deviations."""
    shares = np.linspace(0.0, 1.5, SHARES) ** 2
    true_x, true_y = (own.ravel() for own in np.meshgrid(shares, shares))
    a, b = true_x + vx[:, None] + 1e-9, true_y + vy[:, None] + 1e-9
    x, y = x - x.mean(), y - y.mean()
    one = np.ones_like(x)
    of_x, of_y, of_both = (
        np.stack([one, x, x**2]),
        np.stack([one, y, y**2]),
        np.stack([one, x, y, x * y]),
    )
    product, root = a * b, np.sqrt(true_x * true_y)
    found = np.full(len(rhos), -np.inf)
    for place, rho in enumerate(rhos):
        c = rho * root
        det = product - c**2
        (spp, spx, spxx), (sqq, sqy, sqyy) = of_x @ (b / det), of_y @ (a / det)
        sss, ssx, ssy, ssxy = of_both @ (-c / det)
        sx, sy = spx + ssy, ssx + sqy
        whole = spp * sqq - sss**2
        mx, my = (sqq * sx - sss * sy) / whole, (spp * sy - sss * sx) / whole
        squares = spxx + 2.0 * ssxy + sqyy - mx * sx - my * sy
        # Restricted: the two means are estimated, too.
        found[place] = (-0.5 * (np.log(det).sum(0) + squares + np.log(whole))).max()
    return found


def _ends(rhos: Floats, beyond: Floats, inside: NDArray[np.bool_]) -> tuple[float, float]:
    """Return where the profile crosses the line, between the steps."""
    first, last = np.flatnonzero(inside)[[0, -1]]
    low, high = float(rhos[first]), float(rhos[last])
    if first > 0:
        part = beyond[first] / (beyond[first] - beyond[first - 1])
        low -= float(part * (rhos[first] - rhos[first - 1]))
    if last < len(rhos) - 1:
        part = beyond[last] / (beyond[last] - beyond[last + 1])
        high += float(part * (rhos[last + 1] - rhos[last]))
    return low, high
