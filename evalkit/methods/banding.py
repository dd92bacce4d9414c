"""Bands of a funnel plot: who lies outside the range expected of a typical subject."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalkit.methods.uncertain import checked

FloatArray = NDArray[np.float64]

BAND_EDGES = (1.96, 3.09)


@dataclass(frozen=True, slots=True)
class Bands:
    """Bands of the expected range.

    Attributes
    ----------
    z : (K,) distance from the target in standard errors that include the over-dispersion.
    phi : over-dispersion, the mean of the squared winsorised plain z-scores.
    tau2 : between-subject variance added to every sampling variance, unit squared; at least 0.
    step : (K,) 0 within 1.96, 1 or -1 beyond it, 2 or -2 beyond 3.09.
    """

    z: FloatArray
    phi: float
    tau2: float
    step: NDArray[np.int64]


def expected_range(
    estimates: ArrayLike,
    variances: ArrayLike,
    target: float | None = None,
    winsorise: float = 0.1,
) -> Bands:
    """Return which subjects lie outside the range expected of ordinary ones.

    Parameters
    ----------
    estimates : (K,) scores; larger is better.
    variances : (K,) sampling variances above 0 (not standard errors), or a (K, K) covariance, of
        which the diagonal is used.
    target : what is expected; the plain mean of the estimates when left out.
    winsorise : share of z-scores pulled in at each end before the over-dispersion is judged, so
        that true outliers do not widen the funnel; 0 to below 0.5.

    Returns
    -------
    Bands

    Raises
    ------
    ValueError
        For input that ``uncertain.checked`` refuses, zero variances, a share outside its range.

    References
    ----------
    Spiegelhalter (2005), Quality and Safety in Health Care 14; Spiegelhalter et al. (2012), JRSS A
    175.

    Examples
    --------
    >>> bands = expected_range([50, 50, 50, 50, 60], [1, 1, 1, 1, 1], target=50)
    >>> round(bands.phi, 9), round(bands.tau2, 9)  # z of 10 is winsorised to 6
    (7.2, 8.0)
    >>> bands.step.tolist()[-2:]  # 10 / sqrt(1 + 8) = 3.33
    [0, 2]
    """
    given = checked(estimates, variances)
    if not (given.variances > 0).all():
        raise ValueError(
            f"variances of subjects {np.flatnonzero(given.variances == 0)[:5].tolist()} are 0: "
            "one respondent, or identical answers, is no certainty"
        )
    if not 0.0 <= winsorise < 0.5:
        raise ValueError(f"winsorise must lie in 0..0.5, got {winsorise:g}")
    centre = float(given.estimates.mean()) if target is None else float(target)
    if not np.isfinite(centre):
        raise ValueError("target must be finite")
    k = given.estimates.size
    distance = given.estimates - centre
    plain = distance / np.sqrt(given.variances)
    inner, outer = np.quantile(plain, [winsorise, 1.0 - winsorise])
    phi = float((np.clip(plain, inner, outer) ** 2).mean())
    w = 1.0 / given.variances
    # sum w less sum w^2 / sum w, by pairs: one weight may be beyond all comparison with the others
    ordered = np.sort(w)
    pairs = 2.0 * float(ordered[1:] @ (np.cumsum(ordered)[:-1] / w.sum()))
    tau2 = max(0.0, (k * phi - (k - 1)) / pairs)
    z = distance / np.sqrt(given.variances + tau2)
    near, far = BAND_EDGES
    step = (z > near).astype(int) + (z > far) - (z < -near) - (z < -far)
    return Bands(z, phi, tau2, step)
