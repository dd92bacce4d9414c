"""Estimates that travel with their uncertainty: what every method here demands of them.

Several methods take ``estimates`` (K,) and either sampling ``variances`` (K,), when the errors of
different subjects are independent, or their full sampling ``covariance`` (K, K). This module checks
such a pair once and says in plain words which mistake it looks like.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

DEPENDENCE_TOLERANCE = 1e-12
SYMMETRY_TOLERANCE = 1e-8
DEFINITENESS_TOLERANCE = 1e-8
_LEAST = 1e-150
"""Squares and quotients of smaller variances leave the range of floating-point numbers."""


@dataclass(frozen=True, slots=True)
class Uncertain:
    """Checked estimates and their uncertainty.

    Attributes
    ----------
    estimates : (K,) estimates, in any unit.
    variances : (K,) sampling variances, in that unit squared.
    covariance : (K, K) sampling covariance, or None when the errors are independent.
    df : (K, K) degrees of freedom of the variance of every difference of two estimates, or None
        when the variances are known.
    """

    estimates: FloatArray
    variances: FloatArray
    covariance: FloatArray | None
    df: FloatArray | None = None

    def matrix(self) -> FloatArray:
        """Return the (K, K) sampling covariance, diagonal when the errors are independent."""
        return np.diag(self.variances) if self.covariance is None else self.covariance

    def difference_variances(self, j: int) -> FloatArray:
        """Return the (K,) variances of the differences between subject ``j`` and every subject.

        A difference whose variance is lost in rounding counts as known exactly: its variance is 0.
        """
        total = self.variances[j] + self.variances
        shared = 0.0 if self.covariance is None else self.covariance[j]
        difference: FloatArray = total - 2.0 * shared
        difference[difference <= DEPENDENCE_TOLERANCE * total] = 0.0
        difference[j] = 0.0
        return difference

    def reordered(self, order: NDArray[np.intp]) -> Uncertain:
        """Return the same estimates in another order."""
        at = np.ix_(order, order)
        covariance = None if self.covariance is None else self.covariance[at]
        df = None if self.df is None else self.df[at]
        return Uncertain(self.estimates[order], self.variances[order], covariance, df)


def checked(
    estimates: ArrayLike,
    covariance_or_variances: ArrayLike,
    *,
    minimum: int = 2,
    df: ArrayLike | None = None,
) -> Uncertain:
    """Check estimates and their variances or covariance.

    Parameters
    ----------
    estimates : (K,) finite numbers.
    covariance_or_variances : (K,) variances, not standard errors, when the errors of different
        subjects are independent; else their (K, K) covariance.
    minimum : the least number of subjects the method can work with.
    df : degrees of freedom of the variance of every difference, (K, K) or one number; inf, as when
        left out, for variances that are known.

    Returns
    -------
    Uncertain
        A covariance without any off-diagonal element is taken as independent errors.

    Raises
    ------
    ValueError
        For a wrong shape, a value that is not finite, too few subjects, a negative variance or one
        that is rounding (below 1e-150), or a covariance that is not symmetric or not positive
        semi-definite, or degrees of freedom that are not above 0. The message guesses the mistake.

    Examples
    --------
    >>> checked([80, 90], [[4, 1], [1, 9]]).difference_variances(0).tolist()  # 4 + 9 - 2
    [0.0, 11.0]
    """
    x = _checked_estimates(np.asarray(estimates, dtype=np.float64), minimum)
    v = _checked_shape(np.asarray(covariance_or_variances, dtype=np.float64), x.size)
    variances = v.copy() if v.ndim == 1 else np.diagonal(v).copy()
    _check_sizes(variances)
    covariance = None if v.ndim == 1 else _covariance(v, variances)
    return Uncertain(x, variances, covariance, None if df is None else _checked_df(df, x.size))


def _checked_df(df: ArrayLike, k: int) -> FloatArray:
    """Return symmetric degrees of freedom (K, K), inf on the diagonal."""
    given = np.asarray(df, dtype=np.float64)
    if given.shape not in {(), (k, k)}:
        raise ValueError(
            f"df must be one number, or one for every difference, ({k}, {k}); got {given.shape}"
        )
    found = np.array(np.broadcast_to(given, (k, k)))
    np.fill_diagonal(found, np.inf)
    if not (found > 0).all() or (found != found.T).any():
        raise ValueError("df must be above 0, and the same for both directions of a difference")
    return found


def _checked_estimates(x: FloatArray, minimum: int) -> FloatArray:
    if x.ndim != 1:
        raise ValueError(
            f"estimates must be one number per subject, a 1-D array; got shape {x.shape}"
        )
    if x.size < minimum:
        raise ValueError(f"need at least {minimum} subjects, got {x.size}")
    if not np.isfinite(x).all():
        raise ValueError(
            f"estimates of subjects {_named(~np.isfinite(x))} are not finite; "
            "leave incomplete subjects out before comparing"
        )
    return x


def _checked_shape(v: FloatArray, k: int) -> FloatArray:
    """Return finite variances (K,) or a finite covariance (K, K)."""
    if v.shape not in {(k,), (k, k)}:
        hint = ""
        if v.size == k:
            hint = "; for independent errors pass the variances as a 1-D array"
        elif v.ndim == 0:
            hint = "; one common variance must be repeated once per subject"
        raise ValueError(
            f"uncertainty must be {k} variances, shape ({k},), or a covariance, "
            f"shape ({k}, {k}); got shape {v.shape}{hint}"
        )
    if not np.isfinite(v).all():
        bad = ~np.isfinite(v if v.ndim == 1 else np.diagonal(v))
        if not bad.any():
            bad = np.asarray(~np.isfinite(v).all(axis=1))
        raise ValueError(
            f"uncertainty of subjects {_named(bad)} is not finite; "
            "a subject with fewer than two respondents has no variance: leave it out"
        )
    return v


def _check_sizes(variances: FloatArray) -> None:
    """Refuse variances that are negative, or above 0 and no more than rounding."""
    if (variances < 0).any():
        raise ValueError(
            f"variances of subjects {_named(variances < 0)} are negative; "
            "did you pass estimates or differences where variances belong?"
        )
    if ((variances > 0) & (variances < _LEAST)).any():
        raise ValueError(
            f"variances of subjects {_named((variances > 0) & (variances < _LEAST))} are above 0 "
            "but too small to calculate with: rounding is no certainty; give 0, or what they are"
        )


def _covariance(v: FloatArray, variances: FloatArray) -> FloatArray | None:
    """Return a checked covariance, exactly symmetric; None where it has only a diagonal."""
    scale = float(variances.max())
    if np.abs(v - v.T).max() > SYMMETRY_TOLERANCE * max(scale, float(np.abs(v).max())):
        raise ValueError(
            "covariance is not symmetric; did you pass a table of indicator scores or of "
            "standard errors instead of a covariance?"
        )
    covariance = (v + v.T) / 2.0
    if not (covariance - np.diag(variances)).any():
        return None
    smallest = float(np.linalg.eigvalsh(covariance)[0])
    if smallest < -DEFINITENESS_TOLERANCE * max(scale, np.finfo(np.float64).tiny):
        raise ValueError(
            f"covariance is not positive semi-definite (smallest eigenvalue {smallest:.3g}); did "
            "you pass standard errors instead of a covariance, or put standard errors on its "
            "diagonal?"
        )
    return covariance


def _named(bad: NDArray[np.bool_]) -> str:
    positions = np.flatnonzero(bad)
    shown = ", ".join(str(p) for p in positions[:5])
    return f"[{shown}{', …' if positions.size > 5 else ''}]"
