"""Drivers: how much each predictor contributes to explaining an outcome.

LMG averages a predictor's gain in R^2 over every order in which the predictors can enter (the
Shapley value of R^2); Johnson's relative weights approximate it through the closest orthogonal
predictors and need no enumeration. Both add up to R^2.

References
----------
Lindeman, R. H., Merenda, P. F. & Gold, R. Z. (1980). Introduction to Bivariate and Multivariate
Analysis. Scott, Foresman.
Grömping, U. (2007). Estimators of relative importance in linear regression based on variance
decomposition. The American Statistician 61, 139-147.
Johnson, J. W. (2000). A heuristic method for estimating the relative weight of predictor variables
in multiple regression. Multivariate Behavioral Research 35, 1-19.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float = NDArray[np.float64]
Method = Literal["lmg", "johnson"]

MOST_LMG_PREDICTORS = 12
_PIVOT = 1e-10
_FLAT = 1e-12
_CHUNK_ELEMENTS = 1_000_000


@dataclass(frozen=True, slots=True)
class Importance:
    """Contributions of P predictors to R^2.

    Attributes
    ----------
    importance
        (P,) shares of the outcome's variance (0 to 1) that add up to `r_squared`.
    r_squared
        Share of the outcome's variance (within groups, where groups were given) explained by all.
    low, high
        (P,) percentile bootstrap bounds; NaN where none was asked for. An importance is never
        negative, so a low bound near 0 is no proof that a predictor matters.
    n
        Respondents used: complete rows with a weight; 0 when computed from a covariance matrix.
    replicates
        Bootstrap samples behind the bounds. Samples in which the outcome never varied are left
        out.
    """

    importance: Float
    r_squared: float
    low: Float
    high: Float
    n: int
    replicates: int


def relative_importance(
    X: ArrayLike,
    y: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    method: Method = "lmg",
    groups: ArrayLike | None = None,
    bootstrap: int = 0,
    confidence: float = 0.95,
    seed: int = 0,
) -> Importance:
    """Relative importance of predictors for an outcome.

    Parameters
    ----------
    X
        (n, P) predictors. Rows with any missing value are left out; `n` of the result tells.
    y
        (n,) outcome.
    weights
        (n,) weights >= 0; 1 by default.
    method
        "lmg" for up to 12 predictors, "johnson" for any number.
    groups
        (n,) labels. Predictors and outcome are centred on their weighted mean within each group, so
        that a difference between groups is not read as a driver. By default all are one group.
    bootstrap
        Samples for the intervals, drawn from the respondents of each group; 0 for none.
    confidence
        Of the intervals, in (0, 1).
    seed
        Of the bootstrap.

    Returns
    -------
    Importance

    Raises
    ------
    ValueError
        On malformed input, when a predictor (its index is named) or the outcome never varies within
        the groups, for "lmg" with more than 12 predictors, and where there are so few complete
        rows that any outcome could be fitted: no more than predictors and groups together.

    Examples
    --------
    >>> X = [[0, 0], [0, 1], [1, 0], [1, 1]]
    >>> y = [0, 1, 2, 3]  # twice the first and once the second
    >>> relative_importance(X, y).importance.round(9).tolist()
    [0.8, 0.2]
    """
    data, w, code = _complete_rows(X, y, weights, groups)
    _check_method(method, data.shape[1] - 1)
    if bootstrap < 0 or not 0 < confidence < 1:
        raise ValueError("bootstrap must be >= 0 and confidence between 0 and 1")
    data, code, w = _sorted_by_group(data, code, w)
    starts = np.flatnonzero(np.r_[True, np.diff(code) > 0])
    _check_rows(data, starts.size)
    centred = _centre(data, w, starts)
    _check_variation(data, centred, w)
    importance, r_squared = _decompose(_cross_products(centred, w[None], starts), method)
    draws = np.empty((0, data.shape[1] - 1))
    if bootstrap:
        draws = _bootstrap(centred, w, starts, bootstrap, method, seed)
    low, high = _bounds(draws, confidence)
    return Importance(importance[0], float(r_squared[0]), low, high, data.shape[0], len(draws))


def _bounds(draws: Float, confidence: float) -> tuple[Float, Float]:
    """Return the percentile bounds of bootstrap samples (B, P); NaN where there is none."""
    if not len(draws):
        return np.full(draws.shape[1], np.nan), np.full(draws.shape[1], np.nan)
    low, high = np.quantile(draws, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    return low, high


def importance_from_covariance(covariance: ArrayLike, *, method: Method = "lmg") -> Importance:
    """Relative importance from a covariance or correlation matrix, without intervals.

    Parameters
    ----------
    covariance
        (P+1, P+1) symmetric, positive semi-definite; the outcome is the last row and column.
    method
        "lmg" for up to 12 predictors, "johnson" for any number.

    Returns
    -------
    Importance
        With NaN bounds and n = 0.

    Raises
    ------
    ValueError
        When the matrix is not a covariance matrix or a variance is 0 (the index is named).

    Examples
    --------
    Predictors that do not correlate contribute the squares of their correlations:

    >>> found = importance_from_covariance([[1, 0, 0.6], [0, 1, 0.3], [0.6, 0.3, 1]])
    >>> found.importance.round(9).tolist(), round(found.r_squared, 9)
    ([0.36, 0.09], 0.45)
    """
    matrix = np.array(covariance, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.shape[0] < 2:
        raise ValueError(f"covariance must be square, at least 2 x 2, got shape {matrix.shape}")
    if not np.isfinite(matrix).all() or not np.allclose(matrix, matrix.T, rtol=1e-8, atol=1e-12):
        raise ValueError("covariance must be finite and symmetric")
    p = matrix.shape[0] - 1
    _check_method(method, p)
    variances = np.diag(matrix)
    flat = np.flatnonzero(variances <= 0)
    if flat.size:
        raise ValueError(_never_varies(int(flat[0]), p, ""))
    scale = np.sqrt(variances)
    if np.linalg.eigvalsh(matrix / np.outer(scale, scale))[0] < -1e-8:
        raise ValueError("covariance is not positive semi-definite")
    importance, r_squared = _decompose(matrix[None], method)
    missing = np.full(p, np.nan)
    return Importance(importance[0], float(r_squared[0]), missing, missing.copy(), 0, 0)


def _complete_rows(
    X: ArrayLike, y: ArrayLike, weights: ArrayLike | None, groups: ArrayLike | None
) -> tuple[Float, Float, NDArray[np.intp]]:
    predictors = np.asarray(X, dtype=np.float64)
    outcome = np.asarray(y, dtype=np.float64)
    if predictors.ndim != 2 or predictors.shape[1] == 0:
        raise ValueError(f"X must be (n, P) with P >= 1, got shape {predictors.shape}")
    if outcome.shape != (predictors.shape[0],):
        raise ValueError(f"y must have shape ({predictors.shape[0]},), got {outcome.shape}")
    w = np.ones(outcome.size) if weights is None else np.asarray(weights, dtype=np.float64)
    if w.shape != outcome.shape or not np.isfinite(w).all() or (w < 0).any():
        raise ValueError(f"weights must be {outcome.size} finite numbers, not negative")
    labels = np.zeros(outcome.size) if groups is None else np.asarray(groups)
    if labels.shape != outcome.shape:
        raise ValueError(f"groups must have shape {outcome.shape}, got {labels.shape}")
    data = np.column_stack([predictors, outcome])
    if np.isinf(data).any():
        raise ValueError("X and y must not be infinite")
    keep = ~np.isnan(data).any(axis=1) & (w > 0)
    if not keep.any():
        raise ValueError("no respondent has all predictors, the outcome and a weight")
    code = np.unique(labels[keep], return_inverse=True)[1]
    return data[keep], w[keep], code.astype(np.intp)


def _check_rows(data: Float, groups: int) -> None:
    if data.shape[0] - groups < data.shape[1]:
        raise ValueError(
            f"{data.shape[0]} complete rows in {groups} groups fit any outcome by "
            f"{data.shape[1] - 1} predictors; there must be more"
        )


def _check_method(method: str, predictors: int) -> None:
    if method not in ("lmg", "johnson"):
        raise ValueError(f"method must be 'lmg' or 'johnson', got {method!r}")
    if method == "lmg" and predictors > MOST_LMG_PREDICTORS:
        raise ValueError(
            f"lmg takes up to {MOST_LMG_PREDICTORS} predictors, got {predictors}; use 'johnson'"
        )


def _sorted_by_group(
    data: Float, code: NDArray[np.intp], w: Float
) -> tuple[Float, NDArray[np.intp], Float]:
    order = np.argsort(code, kind="stable")
    return data[order], code[order], w[order]


def _centre(data: Float, w: Float, starts: NDArray[np.intp]) -> Float:
    sizes = np.diff(np.r_[starts, data.shape[0]])
    sums = np.add.reduceat(w[:, None] * data, starts, axis=0)
    means = sums / np.add.reduceat(w, starts)[:, None]
    return data - np.repeat(means, sizes, axis=0)


def _check_variation(data: Float, centred: Float, w: Float) -> None:
    size = np.sqrt(w @ data**2)
    spread = np.sqrt(w @ centred**2)
    flat = np.flatnonzero(spread <= 1e-10 * size)
    if flat.size:
        raise ValueError(_never_varies(int(flat[0]), data.shape[1] - 1, " within the groups"))


def _never_varies(column: int, predictors: int, where: str) -> str:
    what = "the outcome" if column == predictors else f"predictor {column}"
    return f"{what} never varies{where}"


def _cross_products(centred: Float, weights: Float, starts: NDArray[np.intp]) -> Float:
    """Within-group cross products (B, P+1, P+1) under B rows of weights (B, n)."""
    products = np.einsum("bn,ni,nj->bij", weights, centred, centred, optimize=True)
    sums = np.add.reduceat(weights[:, :, None] * centred, starts, axis=1)
    totals = np.add.reduceat(weights, starts, axis=1)
    root = sums / np.sqrt(np.where(totals > 0, totals, 1.0))[:, :, None]
    result: Float = products - np.swapaxes(root, 1, 2) @ root
    return result


def _bootstrap(
    centred: Float, w: Float, starts: NDArray[np.intp], draws: int, method: Method, seed: int
) -> Float:
    rng = np.random.Generator(np.random.PCG64(seed))
    n, columns = centred.shape
    sizes = np.diff(np.r_[starts, n])
    first, size = np.repeat(starts, sizes), np.repeat(sizes, sizes)
    p = columns - 1
    per_draw = max(n * columns, max(2**k * (p + 1 - k) ** 2 for k in range(p + 1)))
    chunk = max(1, _CHUNK_ELEMENTS // per_draw)
    found = []
    for begin in range(0, draws, chunk):
        count = min(chunk, draws - begin)
        picked = first + (rng.random((count, n)) * size).astype(np.intp)
        picked += n * np.arange(count, dtype=np.intp)[:, None]
        times = np.bincount(picked.ravel(), minlength=count * n).reshape(count, n)
        products = _cross_products(centred, times * w, starts)
        varies = np.einsum("bii->bi", products) > _FLAT * (w @ centred**2)
        products *= varies[:, :, None] & varies[:, None, :]
        found.append(_decompose(products[varies[:, -1]], method)[0])
    return np.concatenate(found)


def _decompose(products: Float, method: Method) -> tuple[Float, Float]:
    """Return importances (B, P) and R^2 (B,) of B covariance matrices with the outcome last."""
    variances = np.einsum("bii->bi", products)
    scale = np.sqrt(np.where(variances > 0, variances, 1.0))
    correlation = products / (scale[:, :, None] * scale[:, None, :])
    importance = _lmg(correlation) if method == "lmg" else _johnson(correlation)
    return importance, importance.sum(axis=1)


def _lmg(correlation: Float) -> Float:
    r_squared = _all_subsets_r_squared(correlation)
    draws, p = correlation.shape[0], correlation.shape[1] - 1
    members = np.array([i.bit_count() for i in range(2**p)])
    share = np.array([factorial(s) * factorial(p - s - 1) / factorial(p) for s in range(p)] + [0.0])
    without = share[members]
    importance = np.empty((draws, p))
    for i in range(p):
        # the i-th doubling of the list of subsets is the i-th most significant bit of its index
        halves = r_squared.reshape(draws, 2**i, 2, 2 ** (p - 1 - i))
        gain = halves[:, :, 1] - halves[:, :, 0]
        weight = without.reshape(2**i, 2, 2 ** (p - 1 - i))[:, 0]
        importance[:, i] = np.einsum("bij,ij->b", gain, weight)
    return importance


def _all_subsets_r_squared(correlation: Float) -> Float:
    """R^2 (B, 2^P) of the outcome on every subset of predictors.

    Predictors are taken one after another; each doubles the list of subsets: without it the matrix
    of what is left loses a row and column, with it that row and column are swept out (Schur
    complement). In the end the outcome's residual variance is left. A predictor that the subset
    already determines has no pivot and adds nothing.
    """
    left = correlation[:, None]
    for _ in range(correlation.shape[1] - 1):
        pivot, cross, rest = left[..., 0, 0], left[..., 0, 1:], left[..., 1:, 1:]
        usable = pivot > _PIVOT
        slope = cross * np.where(usable, 1 / np.where(usable, pivot, 1.0), 0.0)[..., None]
        swept = rest - slope[..., :, None] * cross[..., None, :]
        left = np.stack([rest, swept], axis=2).reshape(
            left.shape[0], 2 * left.shape[1], *rest.shape[2:]
        )
    return 1 - left[..., 0, 0] / correlation[:, -1, -1][:, None]


def _johnson(correlation: Float) -> Float:
    predictors, outcome = correlation[:, :-1, :-1], correlation[:, :-1, -1]
    values, vectors = np.linalg.eigh(predictors)
    root = np.sqrt(np.clip(values, 0.0, None))
    inverse_root = np.where(values > _PIVOT, 1 / np.where(values > _PIVOT, root, 1.0), 0.0)
    loadings = (vectors * root[:, None, :]) @ np.swapaxes(vectors, 1, 2)
    rotated = np.einsum("bij,bj->bi", np.swapaxes(vectors, 1, 2), outcome) * inverse_root
    slopes = np.einsum("bij,bj->bi", vectors, rotated)
    result: Float = np.einsum("bij,bj->bi", loadings**2, slopes**2)
    return result
