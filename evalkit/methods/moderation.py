"""Variances of small samples, steadied by what the same sample of other subjects shows.

References
----------
Smyth (2004), Linear models and empirical Bayes methods for assessing differential expression in
microarray experiments, Statistical Applications in Genetics and Molecular Biology 3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import digamma, zeta

FloatArray = NDArray[np.float64]

_FLAT = 1e-12
"""Share of the mean variance below which a variance is rounding and not a number."""


@dataclass(frozen=True, slots=True)
class Moderated:
    """Variances of K subjects after looking at all of them.

    Attributes
    ----------
    variance : (K,) in the unit of the variances given; NaN where none was given.
    df : (K,) their degrees of freedom.
    prior, prior_df : the usual variance and the degrees of freedom it counts for; NaN and 0 where
        no variance is above 0.
    borrowed_df : degrees of freedom of the usual variance where it is all there is: ``prior_df``,
        at most those of all subjects together.
    """

    variance: FloatArray
    df: FloatArray
    prior: float
    prior_df: float
    borrowed_df: float


def moderated(variances: ArrayLike, df: ArrayLike) -> Moderated:
    """Return variances drawn towards the usual one, as far as their scatter allows.

    True variances are taken to scatter around the usual one like a scaled inverse chi-squared with
    prior_df degrees of freedom, which the log variances' excess scatter gives (Smyth 2004, by
    moments). Each variance becomes (prior_df prior + df variance) / (prior_df + df) with
    prior_df + df degrees of freedom, at most those of all subjects together. The usual variance is
    the arithmetic mean, not Smyth's: variances of skewed answers are skewed themselves, and their
    scaled geometric mean is too small. A variance of 0 takes the usual one: identical answers are
    no proof of certainty. A single variance above 0 is all that is known: it is the usual one, and
    everybody's degrees of freedom are its own.

    Parameters
    ----------
    variances : (K,) estimated variances of one answer, at least 0, NaN where there is none.
    df : (K,) their degrees of freedom, above 0 wherever the variance is known.

    Returns
    -------
    Moderated
        Unchanged where no variance is above 0.

    Raises
    ------
    ValueError
        For shapes that do not match, a negative, infinite or subnormal variance, or ``df``
        not above 0 or infinite.

    Examples
    --------
    Variances that scatter less than chance alone makes them are one variance:

    >>> found = moderated([3, 4, 5], [9, 9, 9])
    >>> found.variance.tolist(), found.df.tolist()
    ([4.0, 4.0, 4.0], [27.0, 27.0, 27.0])

    One that scatters lends its variance to those that do not:

    >>> found = moderated([0, 4, 0], [9, 9, 9])
    >>> found.variance.tolist(), found.df.tolist()
    ([4.0, 4.0, 4.0], [9.0, 9.0, 9.0])
    """
    given = np.asarray(variances, dtype=np.float64)
    freedom = np.asarray(df, dtype=np.float64)
    known = _known(given, freedom)
    usual = float(given[known].mean()) if known.any() else 0.0
    varies = known & (np.nan_to_num(given) > _FLAT * usual)
    if not varies.any():
        return Moderated(given.copy(), freedom.copy(), np.nan, 0.0, 0.0)
    if varies.sum() == 1:
        one, its = float(given[varies][0]), float(freedom[varies][0])
        return Moderated(np.where(known, one, np.nan), np.where(known, its, freedom), one, its, its)
    prior_df = _prior_df(given[varies], freedom[varies])
    share = 1.0 if np.isinf(prior_df) else prior_df / (prior_df + freedom)
    drawn = np.where(varies, share * usual + (1.0 - share) * given, usual)
    everything = float(freedom[known].sum())
    together = np.minimum(freedom + prior_df, everything)
    return Moderated(
        np.where(known, drawn, np.nan),
        np.where(known, together, freedom),
        usual,
        prior_df,
        min(prior_df, everything),
    )


def _known(given: FloatArray, freedom: FloatArray) -> NDArray[np.bool_]:
    """Return where a variance is known; refuse what is no variance or has no freedom."""
    if given.ndim != 1 or given.shape != freedom.shape:
        raise ValueError("variances and df must be vectors of one length")
    known = ~np.isnan(given)
    if not ((given[known] >= 0) & np.isfinite(given[known])).all():
        raise ValueError("variances must be finite and at least 0, or NaN where there is none")
    if not ((freedom[known] > 0) & np.isfinite(freedom[known])).all():
        raise ValueError("df must be above 0 and finite wherever the variance is known")
    if ((given[known] > 0) & (given[known] < np.finfo(np.float64).tiny)).any():
        raise ValueError("variances above 0 are too small to calculate with: they are rounding")
    return known


def _prior_df(variances: FloatArray, df: FloatArray) -> float:
    half = df / 2.0
    logs = np.log(variances) - digamma(half) + np.log(half)
    excess = float(logs.var(ddof=1) - zeta(2.0, half).mean())  # trigamma
    return 2.0 * _inverse_trigamma(excess) if excess > 0 else np.inf


def _inverse_trigamma(value: float) -> float:
    """Solve trigamma(x) = value for x > 0; Newton's method on its reciprocal (Smyth 2004)."""
    x = 0.5 + 1.0 / value
    for _ in range(50):
        trigamma = float(zeta(2.0, x))
        step = trigamma * (1.0 - trigamma / value) / (-2.0 * float(zeta(3.0, x)))
        x += step
        if -step / x < 1e-10:
            break
    return x
