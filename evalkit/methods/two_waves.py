"""Raters who judge in two waves: what the errors of both have in common."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Kept:
    """Correlations of two waves' errors, as two common numbers make them.

    Attributes
    ----------
    own : correlation of a subject's errors, if the same raters judge it in both waves, 0 to 1.
    across : that of one subject's with another one's; never above `own`.
    correlation : (K, K) of the errors of the first wave (rows) and the second (columns), as far
        as the same raters judged.
    """

    own: float
    across: float
    correlation: FloatArray


def kept_errors(
    first: ArrayLike,
    second: ArrayLike,
    judged_first: ArrayLike,
    judged_second: ArrayLike,
    same: tuple[ArrayLike, ArrayLike],
) -> Kept:
    """Estimate how errors of two waves correlate that the same raters make.

    A rater who is severe stays severe with everybody (`across`); one who thinks little of a subject
    may do so again (`own`, which holds the severity, too). Single pairs of subjects are hardly told
    by few raters, so all pairs are pooled: with z the influence over its size and c the cosine of
    who judged what in both waves, each of the two numbers is sum(c r) / sum(c^2) of r = z' z over
    its pairs, least squares of r = number x c. Nothing is taken to be turned into its opposite, and
    where `own` comes out below `across` both are one number.

    Parameters
    ----------
    first, second : (R, K) and (S, K), influence of each rater on each subject's estimate.
    judged_first, judged_second : of the same shapes, who judged whom.
    same : places of the raters of both waves in the first and in the second, in one order.

    Returns
    -------
    Kept

    Raises
    ------
    ValueError
        For tables that do not match or are not finite.

    References
    ----------
    Kish (1965), Survey Sampling, section 12.4 (overlapping samples); Steel & McLaren (2009), Design
    and analysis of surveys repeated over time.

    Examples
    --------
    Two raters judge two subjects, and one is as much more severe in the second wave:

    >>> u, both = [[1.0, 1.0], [-1.0, -1.0]], [[True, True], [True, True]]
    >>> found = kept_errors(u, u, both, both, ([0, 1], [0, 1]))
    >>> round(found.own, 9), round(found.across, 9)
    (1.0, 1.0)
    """
    u, v = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    who, again = np.asarray(judged_first, dtype=bool), np.asarray(judged_second, dtype=bool)
    there, here = (np.asarray(places, dtype=np.intp) for places in same)
    if u.ndim != 2 or u.shape[1:] != v.shape[1:] or there.shape != here.shape:
        raise ValueError(f"influence of shapes {u.shape} and {v.shape} does not match")
    if who.shape != u.shape or again.shape != v.shape:
        raise ValueError("judged must have the shapes of the influence")
    if not (np.isfinite(u).all() and np.isfinite(v).all()):
        raise ValueError("influence must be finite")
    r = _scaled(u)[there].T @ _scaled(v)[here]
    alike = _scaled(who.astype(np.float64))[there].T @ _scaled(again.astype(np.float64))[here]
    one = np.eye(u.shape[1], dtype=bool)
    sums = [(float((alike * r)[of].sum()), float((alike**2)[of].sum())) for of in (one, ~one)]
    own, across = (max(up / down, 0.0) if down > 0 else 0.0 for up, down in sums)
    if own < across:
        (a, b), (c, d) = sums
        own = across = max((a + c) / (b + d), 0.0)
    own, across = min(own, 1.0), min(across, 1.0)
    return Kept(own, across, np.where(one, own, across) * alike)


def _scaled(table: FloatArray) -> FloatArray:
    """Return every column over its length; 0 where it has none."""
    size = np.sqrt((table**2).sum(axis=0))
    scaled: FloatArray = np.divide(table, size, out=np.zeros_like(table), where=size > 0)
    return scaled
