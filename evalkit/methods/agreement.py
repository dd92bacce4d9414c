"""Agreement: whether a scale's items belong together, raters agree, and a scale stayed the same.

References
----------
Cronbach, L. J. (1951). Coefficient alpha and the internal structure of tests. Psychometrika 16,
297-334. Feldt, L. S., Woodruff, D. J. & Salih, F. A. (1987). Statistical inference for coefficient
alpha. Applied Psychological Measurement 11, 93-103 (its interval).
Shrout, P. E. & Fleiss, J. L. (1979). Intraclass correlations: uses in assessing rater reliability.
Psychological Bulletin 86, 420-428.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalkit.methods import tails
from evalkit.methods.one_factor import (
    LoadingChange,
    Omega,
    compare_loadings,
    congruence,
    correlation_of,
    omega,
    pairwise_covariance,
)

__all__ = [
    "ICC_KINDS",
    "Alpha",
    "IntraclassCorrelations",
    "ItemTotal",
    "LoadingChange",
    "Omega",
    "compare_loadings",
    "congruence",
    "cronbach_alpha",
    "icc",
    "item_total",
    "omega",
]

Float = NDArray[np.float64]

ICC_KINDS = ("1,1", "2,1", "3,1", "1,k", "2,k", "3,k")


@dataclass(frozen=True, slots=True)
class Alpha:
    """Cronbach's alpha of I items.

    Attributes
    ----------
    alpha, low, high
        Of the sum of the items, with Feldt's interval.
    standardised
        Of the sum of the standardised items.
    mean_correlation
        Mean correlation between two items.
    if_dropped
        (I,) alpha of the others when one item is left out; NaN with two items.
    n
        Respondents behind the interval: the fewest that any pair of items shares.
    """

    alpha: float
    low: float
    high: float
    standardised: float
    mean_correlation: float
    if_dropped: Float
    n: int


@dataclass(frozen=True, slots=True)
class IntraclassCorrelations:
    """The six intraclass correlations of Shrout & Fleiss, in the order of `ICC_KINDS`.

    Kind 1: each subject has raters of its own; 2: the same raters, drawn from many; 3: these raters
    only. `,1` is for one rater's mark, `,k` for the mean of the k raters.

    Attributes
    ----------
    value, low, high
        (6,) estimates and intervals. Below 0 raters agree less than by chance; -inf where the mean
        of the k raters has no lower end, NaN where the approximate interval of kind 2 breaks down.
    f, df1, df2, p
        (6,) test against 0.
    """

    value: Float
    low: Float
    high: Float
    f: Float
    df1: Float
    df2: Float
    p: Float

    def __getitem__(self, kind: str) -> float:
        """Return the estimate of one kind, for instance `"2,1"`."""
        return float(self.value[ICC_KINDS.index(kind)])


@dataclass(frozen=True, slots=True)
class ItemTotal:
    """Correlation (I,) of each item with the sum of all, and of all the others (`rest`)."""

    total: Float
    rest: Float


def cronbach_alpha(X: ArrayLike, *, confidence: float = 0.95) -> Alpha:
    """Cronbach's alpha.

    Parameters
    ----------
    X
        (n, I) answers, I >= 2, NaN for missing. Covariances use all respondents who answered both
        items.
    confidence
        Of the interval.

    Raises
    ------
    ValueError
        With fewer than two items, an item that never varies (its index is named), or a pair of
        items that fewer than three respondents share.

    Examples
    --------
    >>> round(cronbach_alpha([[1, 1], [2, 3], [3, 2]]).alpha, 4)  # correlation 1/2
    0.6667
    """
    covariance, n = pairwise_covariance(X, least_items=2)
    items = covariance.shape[0]
    _check_sum(covariance)
    alpha = _alpha(covariance)
    correlation = correlation_of(covariance)
    mean_correlation = (correlation.sum() - items) / (items * (items - 1))
    dropped = np.full(items, np.nan)
    if items > 2:
        total = covariance.sum()
        trace = np.trace(covariance) - np.diag(covariance)
        rest = total - 2 * covariance.sum(axis=0) + np.diag(covariance)
        with np.errstate(divide="ignore", invalid="ignore"):
            dropped = np.where(rest > 0, (items - 1) / (items - 2) * (1 - trace / rest), np.nan)
    tail = (1 - confidence) / 2
    df1, df2 = n - 1, (n - 1) * (items - 1)
    upper, lower = tails.f_upper(tail, df1, df2), tails.f_quantile(tail, df1, df2)
    return Alpha(
        alpha=alpha,
        low=float(1 - (1 - alpha) * upper),
        high=float(1 - (1 - alpha) * lower),
        standardised=float(items * mean_correlation / (1 + (items - 1) * mean_correlation)),
        mean_correlation=float(mean_correlation),
        if_dropped=dropped,
        n=n,
    )


def item_total(X: ArrayLike) -> ItemTotal:
    """Item-total and item-rest correlations.

    Parameters
    ----------
    X
        (n, I) answers, I >= 2, NaN for missing (pairwise covariances).

    Raises
    ------
    ValueError
        As `cronbach_alpha`.

    Examples
    --------
    >>> item_total([[1, 1], [2, 3], [3, 2]]).rest.round(4).tolist()
    [0.5, 0.5]
    """
    covariance, _ = pairwise_covariance(X, least_items=2)
    _check_sum(covariance)
    variance, with_all = np.diag(covariance), covariance.sum(axis=0)
    rest_variance = covariance.sum() - 2 * with_all + variance
    rest_variance = np.where(rest_variance > _ROUNDING * variance.sum(), rest_variance, np.nan)
    return ItemTotal(
        total=with_all / np.sqrt(variance * covariance.sum()),
        rest=(with_all - variance) / np.sqrt(variance * rest_variance),
    )


_ROUNDING = 1e-12
"""Share of the items' variances below which the variance of their sum is rounding."""


def _check_sum(covariance: Float) -> None:
    if not covariance.sum() > _ROUNDING * np.trace(covariance):
        raise ValueError("the sum of the items never varies: they cancel one another")


def icc(ratings: ArrayLike, *, confidence: float = 0.95) -> IntraclassCorrelations:
    """Intraclass correlations of a complete table of ratings.

    Parameters
    ----------
    ratings
        (n, k): subjects in rows, raters in columns, nothing missing, n >= 2, k >= 2.
    confidence
        Of the intervals.

    Raises
    ------
    ValueError
        When the table is too small or has holes, or when nothing in it varies.

    Examples
    --------
    Six subjects and four judges, the example of Shrout & Fleiss (1979):

    >>> marks = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> found = icc(marks)
    >>> {kind: round(found[kind], 2) for kind in ("1,1", "2,1", "3,1", "3,k")}
    {'1,1': 0.17, '2,1': 0.29, '3,1': 0.71, '3,k': 0.91}
    """
    table = np.asarray(ratings, dtype=np.float64)
    if table.ndim != 2 or min(table.shape) < 2:
        raise ValueError(f"ratings must be at least 2 x 2, got shape {table.shape}")
    if not np.isfinite(table).all():
        raise ValueError("ratings must be complete: every rater rates every subject")
    n, k = table.shape
    between, raters, rest, within = _mean_squares(table)
    df_rows, df_within, df_rest = n - 1, n * (k - 1), (n - 1) * (k - 1)
    tail = (1 - confidence) / 2
    f1, f3 = between / within, between / rest
    single2 = (between - rest) / (between + (k - 1) * rest + k * (raters - rest) / n)
    single = np.array([(f1 - 1) / (f1 + k - 1), single2, (f3 - 1) / (f3 + k - 1)])
    mean = np.array([1 - 1 / f1, _of_mean(single2, k), 1 - 1 / f3])

    def bounds(f: float, df: int) -> tuple[float, float]:
        return (
            float(f / tails.f_upper(tail, df_rows, df)),
            float(f * tails.f_upper(tail, df, df_rows)),
        )

    lower1, upper1 = bounds(f1, df_within)
    lower3, upper3 = bounds(f3, df_rest)
    low2, high2 = _bounds_of_drawn_raters(single2, between, raters, rest, (n, k), tail)
    low = [(lower1 - 1) / (lower1 + k - 1), low2, (lower3 - 1) / (lower3 + k - 1)]
    high = [(upper1 - 1) / (upper1 + k - 1), high2, (upper3 - 1) / (upper3 + k - 1)]
    f = np.array([f1, f3, f3])
    dfs = np.array([df_within, df_rest, df_rest], dtype=np.float64)
    return IntraclassCorrelations(
        value=np.concatenate([single, mean]),
        low=np.array([*low, 1 - 1 / lower1, _of_mean(low2, k), 1 - 1 / lower3]),
        high=np.array([*high, 1 - 1 / upper1, _of_mean(high2, k), 1 - 1 / upper3]),
        f=np.tile(f, 2),
        df1=np.full(6, float(df_rows)),
        df2=np.tile(dfs, 2),
        p=np.tile(tails.f_above(f, df_rows, dfs), 2),
    )


def _mean_squares(table: Float) -> tuple[float, float, float, float]:
    """Return the mean squares between subjects, between raters, of the rest, and within subjects.

    Raises
    ------
    ValueError
        When nothing varies between subjects, or nothing is left beside them and the raters.
    """
    n, k = table.shape
    grand = table.mean()
    rows, columns = table.mean(axis=1) - grand, table.mean(axis=0) - grand
    between = k * (rows**2).sum() / (n - 1)
    raters = n * (columns**2).sum() / (k - 1)
    rest = (((table - grand) - rows[:, None] - columns) ** 2).sum() / ((n - 1) * (k - 1))
    within = (((table - grand) - rows[:, None]) ** 2).sum() / (n * (k - 1))
    noise = 1e-20 * (table**2).sum()
    if rest <= noise or between <= noise:
        raise ValueError("ratings vary too little: no agreement can be computed")
    return between, raters, rest, within


def _of_mean(of_one: float, k: int) -> float:
    """Turn the correlation of one rater's marks into that of the mean of k raters."""
    if np.isnan(of_one):
        return of_one
    scale = 1 + (k - 1) * of_one
    return float(k * of_one / scale) if scale > 0 else float("-inf")


def _bounds_of_drawn_raters(
    single: float,
    between: float,
    raters: float,
    rest: float,
    shape: tuple[int, int],
    tail: float,
) -> tuple[float, float]:
    """Return the interval of kind "2,1" by Satterthwaite; NaN where it breaks down."""
    n, k = shape
    fj = raters / rest
    spread = n * (1 + (k - 1) * single) - k * single
    df2 = (
        (k - 1) * (n - 1) * (k * single * fj + spread) ** 2
        / ((n - 1) * k**2 * single**2 * fj**2 + spread**2)
    )  # fmt: skip
    above, below = tails.f_upper(tail, n - 1, df2), tails.f_upper(tail, df2, n - 1)
    mixed = k * raters + (k * n - k - n) * rest
    with np.errstate(invalid="ignore"):
        low = float(n * (between - above * rest) / (above * mixed + n * between))
        high = float(n * (below * between - rest) / (mixed + n * below * between))
    return (low, high) if low <= single <= high else (float("nan"), float("nan"))


def _alpha(covariance: Float) -> float:
    items = covariance.shape[0]
    return float(items / (items - 1) * (1 - np.trace(covariance) / covariance.sum()))
