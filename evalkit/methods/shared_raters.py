"""Raters who judge several subjects: how their errors correlate, when there are few of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SharedErrors:
    """Correlations of the subjects' errors, drawn towards those that one severity would make.

    Attributes
    ----------
    correlation : (K, K) 1 on the diagonal; 0 with a subject whose error no rater shares.
    common : the correlation of two subjects that the same raters judge, 0 to 1.
    intensity : how far the correlations were drawn towards it, 0 (not at all) to 1.
    """

    correlation: FloatArray
    common: float
    intensity: float


def shared_errors(influence: ArrayLike, judged: ArrayLike | None = None) -> SharedErrors:
    """Estimate how the errors of subjects correlate that the same raters judge.

    With few raters each of the many correlations is hardly known; the largest difference of any
    pair is then found where its correlation came out too high by chance. A rater who is severe is
    so with everybody: the correlations that this alone makes, c_jk times a common one (c_jk is the
    cosine of who judged j and who judged k: 1 for the same raters, 0 for others), are the target.
    The correlations are drawn towards it by the share of their scatter around it that is their own
    sampling error, Schaefer and Strimmer's estimate with an empirical variance of every product.

    Parameters
    ----------
    influence : (R, K) of each rater on each subject's estimate; 0 for subjects not judged.
    judged : (R, K) who judged whom; whoever has influence, when left out.

    Returns
    -------
    SharedErrors
        Positive semidefinite, whatever the influence.

    Raises
    ------
    ValueError
        If the influence is not a table of finite numbers, or `judged` has another shape.

    References
    ----------
    Schaefer & Strimmer (2005), A shrinkage approach to large-scale covariance matrix estimation,
    Statistical Applications in Genetics and Molecular Biology 4, target F; Ledoit & Wolf (2004),
    Honey, I shrunk the sample covariance matrix, Journal of Portfolio Management 30.

    Examples
    --------
    >>> found = shared_errors([[1.0, 1.0], [-1.0, -1.0]])
    >>> round(found.common, 9), found.correlation.round(9).tolist()
    (1.0, [[1.0, 1.0], [1.0, 1.0]])
    """
    u = np.asarray(influence, dtype=np.float64)
    if u.ndim != 2 or not np.isfinite(u).all():
        raise ValueError("influence must be finite numbers of raters by subjects")
    who = np.asarray(u != 0 if judged is None else judged, dtype=np.float64)
    if who.shape != u.shape:
        raise ValueError(f"judged must have the shape of the influence, {u.shape}; got {who.shape}")
    size = np.sqrt((u**2).sum(axis=0))
    z = np.divide(u, size, out=np.zeros_like(u), where=size > 0)
    raters = np.sqrt(who.sum(axis=0))
    seen = np.divide(who, raters, out=np.zeros_like(u), where=raters > 0)
    own, alike = z.T @ z, seen.T @ seen
    apart = ~np.eye(u.shape[1], dtype=bool) & (alike > 0) & (size > 0) & (size[:, None] > 0)
    common, intensity = _drawn(own, alike, apart, z, who)
    mixed = intensity * common * alike + (1.0 - intensity) * own
    correlation = np.where(apart, mixed, 0.0)
    np.fill_diagonal(correlation, 1.0)
    return SharedErrors(correlation, common, intensity)


def _drawn(
    own: FloatArray,
    alike: FloatArray,
    apart: NDArray[np.bool_],
    z: FloatArray,
    who: FloatArray,
) -> tuple[float, float]:
    """Return the common correlation, and how far the others are drawn towards it."""
    if not apart.any():
        return 0.0, 0.0
    weight = alike[apart]
    common = float(np.clip(weight @ own[apart] / (weight @ weight), 0.0, 1.0))
    shared = who.T @ who
    with np.errstate(divide="ignore", invalid="ignore"):
        noise = shared / (shared - 1.0) * ((z**2).T @ z**2 - own**2 / shared)
    told = apart & (shared > 1)
    scatter = float((alike * (own - common * alike) ** 2)[told].sum())
    error = float((alike * np.maximum(noise, 0.0))[told].sum()) if told.any() else 0.0
    if scatter <= 0:
        return common, 1.0 if told.any() else 0.0
    return common, min(error / scatter, 1.0)
