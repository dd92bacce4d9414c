"""A probability sample and a list joined: each as far as its error, and the list's bias, let it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalkit.methods.shrinkage import between_variance

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Blended:
    """Estimates of K subjects from both sources, and what the list's bias looks like.

    Attributes
    ----------
    estimate, mse : (K,) blended estimates and their mean squared errors, unit and unit squared.
    share : (K,) weight of the corrected list in the estimate, 0 to 1.
    gap, gap_se : mean of the list's estimates less the sample's over the subjects, and its error.
    gap_tau2 : variance of the true gaps between subjects (REML), unit squared.
    """

    estimate: FloatArray
    mse: FloatArray
    share: FloatArray
    gap: float
    gap_se: float
    gap_tau2: float


def blend(
    sample: ArrayLike,
    sample_variances: ArrayLike,
    listed: ArrayLike,
    listed_variances: ArrayLike,
) -> Blended:
    """Join an unbiased but small sample with a larger list whose people are no sample.

    The list's estimate is off by a bias that is delta on the average of the subjects and scatters
    with variance tau2 around it. Both are told by the gaps between list and sample. Less delta, the
    list has the error v_list + tau2, the sample v_sample, and each weighs by the other's:

        estimate = s (list - delta) + (1 - s) sample,   s = v_sample / (v_sample + v_list + tau2)

    Where the bias scatters much, the sample is left alone; where it hardly does, the list is used.

    Parameters
    ----------
    sample, listed : (K,) estimates of both sources, K at least 3.
    sample_variances, listed_variances : (K,) their sampling variances, above 0; the sources are
        independent.

    Returns
    -------
    Blended
        ``mse`` includes what estimating delta and tau2 costs.

    Raises
    ------
    ValueError
        For fewer than three subjects, other lengths, or variances that are not above 0.

    References
    ----------
    Elliott & Valliant (2017), Statistical Science 32, 249-264 (inference from nonprobability
    samples); Ybarra & Lohr (2008), Biometrika 95, 919-931 (small areas with an auxiliary estimate
    that has errors of its own; here with slope 1); Prasad & Rao (1990), JASA 85, for the error.

    Examples
    --------
    A gap of 4 everywhere is bias and nothing else; two sources of equal error share alike:

    >>> found = blend([70, 80, 90], [2, 2, 2], [74, 84, 94], [2, 2, 2])
    >>> found.gap, found.gap_tau2, found.share.tolist(), found.estimate.tolist()
    (4.0, 0.0, [0.5, 0.5, 0.5], [70.0, 80.0, 90.0])
    """
    s, v = (np.asarray(x, dtype=np.float64) for x in (sample, sample_variances))
    x, w = (np.asarray(y, dtype=np.float64) for y in (listed, listed_variances))
    if not s.ndim == 1 or not s.shape == v.shape == x.shape == w.shape or s.size < 3:
        raise ValueError("both sources must have the same subjects, three at least")
    if not ((v > 0) & (w > 0)).all():
        raise ValueError("sampling variances must be above 0")
    gaps, error = x - s, v + w
    tau2 = between_variance(gaps, error)
    total = error + tau2
    precision = float((1.0 / total).sum())
    delta = float((gaps / total).sum()) / precision
    share = v / total
    known = share**2 / precision
    unknown = v**2 / total**3 * (2.0 / float((1.0 / total**2).sum()))
    return Blended(
        s + share * (gaps - delta),
        v * (1.0 - share) + known + 2.0 * unknown,
        share,
        delta,
        precision**-0.5,
        tau2,
    )
