"""Quantiles and tails of the reference distributions, straight from their special functions.

The same numbers as those of `scipy.stats`, bit for bit, without its wrappers: these take some 0.1 ms
a call, of which an evaluation makes thousands, and half a second to import. Arguments broadcast;
NaN gives NaN, and a probability outside 0..1 or degrees of freedom that are not above 0 do, too.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import special


def normal_quantile(p: ArrayLike) -> Any:
    """Return the points below which a standard normal variable lies with probability `p`.

    Examples
    --------
    >>> round(float(normal_quantile(0.975)), 4)
    1.96
    """
    return special.ndtri(_given(p))


def normal_above(x: ArrayLike) -> Any:
    """Return the probabilities that a standard normal variable lies above `x`."""
    return special.ndtr(-_given(x))


def t_quantile(p: ArrayLike, df: ArrayLike) -> Any:
    """Return the points below which Student's t lies with probability `p`.

    Examples
    --------
    >>> round(float(t_quantile(0.975, 10)), 4)
    2.2281
    """
    share = _given(p)
    found = special.stdtrit(_given(df), share)
    # The function is wrong at this end with many degrees of freedom.
    return np.where(np.isfinite(found) | np.isnan(found) | (share > 0), found, -np.inf)[()]


def t_below(x: ArrayLike, df: ArrayLike) -> Any:
    """Return the probabilities that Student's t lies below `x`."""
    return special.stdtr(_given(df), _given(x))


def t_above(x: ArrayLike, df: ArrayLike) -> Any:
    """Return the probabilities that Student's t lies above `x`."""
    return special.stdtr(_given(df), -_given(x))


def chi2_quantile(p: ArrayLike, df: ArrayLike) -> Any:
    """Return the points below which chi-squared lies with probability `p`."""
    return 2.0 * special.gammaincinv(_given(df) / 2.0, _given(p))


def chi2_upper(p: ArrayLike, df: ArrayLike) -> Any:
    """Return the points above which chi-squared lies with probability `p`."""
    return special.chdtri(_given(df), _given(p))


def chi2_above(x: ArrayLike, df: ArrayLike) -> Any:
    """Return the probabilities that chi-squared lies above `x`, which is at least 0."""
    return special.chdtrc(_given(df), _given(x))


def f_quantile(p: ArrayLike, df1: ArrayLike, df2: ArrayLike) -> Any:
    """Return the points below which F lies with probability `p`."""
    return special.fdtri(_given(df1), _given(df2), _given(p))


def f_upper(p: ArrayLike, df1: ArrayLike, df2: ArrayLike) -> Any:
    """Return the points above which F lies with probability `p`."""
    return special.fdtri(_given(df1), _given(df2), 1.0 - _given(p))


def f_above(x: ArrayLike, df1: ArrayLike, df2: ArrayLike) -> Any:
    """Return the probabilities that F lies above `x`, which is at least 0."""
    return special.fdtrc(_given(df1), _given(df2), _given(x))


def _given(values: ArrayLike) -> Any:
    return np.asarray(values, dtype=np.float64)[()]
