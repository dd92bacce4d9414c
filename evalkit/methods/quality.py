"""Respondent behaviour: flags for a person to look at, never a reason to delete silently.

On a satisfaction scale an all-top straight line is a legitimate answer. So single questionnaires
prove little; what counts is a subject whose rate of flags stands out against the street
(`excess_rates`) and a ranking that moves when the flagged answers are left out.

References
----------
Curran, P. G. (2016). Methods for the detection of carelessly invalid responses in survey data.
Journal of Experimental Social Psychology 66, 4-19 (long strings, distances, time).
Dunn, A. M. et al. (2018). Intra-individual response variability as an indicator of insufficient
effort responding. Journal of Business and Psychology 33, 105-121.
Huang, J. L. et al. (2012). Detecting and deterring insufficient effort responding to surveys.
Journal of Business and Psychology 27, 99-114 (two seconds per item).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalkit.methods import tails
from evalkit.methods.copies import (
    NearDuplicates,
    answer_table,
    duplicates,
    expected_equals,
    near_duplicates,
    subject_labels,
)
from evalkit.methods.irregularities import ExcessRates, GapOutliers, excess_rates, key_random_gap

__all__ = [
    "Distances",
    "ExcessRates",
    "GapOutliers",
    "NearDuplicates",
    "bursts",
    "duplicates",
    "excess_rates",
    "expected_equals",
    "irv",
    "key_random_gap",
    "longstring",
    "mahalanobis",
    "near_duplicates",
    "seconds_per_item",
    "shared_device",
    "speeding",
]

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Distances:
    """Mahalanobis distances of n respondents.

    Attributes
    ----------
    squared
        (n,) squared distance over the items answered; NaN without any.
    answered
        (n,) items that went into it.
    p
        (n,) upper chi-squared tail with `answered` degrees of freedom, comparable between
        respondents who answered different numbers of items. Exact only for normal answers: use it
        for ordering.
    """

    squared: Float
    answered: Int
    p: Float


def longstring(X: ArrayLike) -> Int:
    """Longest run (n,) of identical neighbouring answers in X (n, I).

    A missing answer ends a run; a row without answers has 0.

    Examples
    --------
    >>> longstring([[5, 5, 5, 4], [1, 2, 3, np.nan]]).tolist()
    [3, 1]
    """
    data = answer_table(X)
    run = (~np.isnan(data[:, 0])).astype(np.int64)
    longest = run.copy()
    for left, right in zip(data.T[:-1], data.T[1:], strict=True):
        run = np.where(left == right, run + 1, (~np.isnan(right)).astype(np.int64))
        np.maximum(longest, run, out=longest)
    return longest


def irv(X: ArrayLike) -> Float:
    """Intra-individual response variability: SD (ddof 1) of each row of X (n, I).

    Missing answers are skipped; NaN with fewer than two answers. 0 is a straight line.

    Examples
    --------
    >>> irv([[5, 5, 5], [1, 2, 3]]).tolist()
    [0.0, 1.0]
    """
    data = answer_table(X)
    answered = ~np.isnan(data)
    n = answered.sum(axis=1)
    mean = np.where(answered, data, 0.0).sum(axis=1) / np.maximum(n, 1)
    squares = (np.where(answered, data - mean[:, None], 0.0) ** 2).sum(axis=1)
    highest = np.where(answered, data, -np.inf).max(axis=1)
    straight = highest == np.where(answered, data, np.inf).min(axis=1)
    result = np.where(straight, 0.0, np.sqrt(squares / np.maximum(n - 1, 1)))
    result[n < 2] = np.nan
    return result


def mahalanobis(X: ArrayLike) -> Distances:
    """Squared Mahalanobis distance of each row from the middle of all.

    Parameters
    ----------
    X
        (n, I) answers. A missing answer drops that item for that row: the distance is taken over
        the items answered, with their means and the covariances of everybody who answered both
        (eigenvalues below a 1e-6th of the largest are raised to it, so that the matrix stays
        positive definite). Without missing answers this is the usual distance. Items that never
        vary are left out.

    Raises
    ------
    ValueError
        When no item varies, fewer than three respondents share a pair of items, or there are no
        more respondents than items that vary: every row then lies as far out as any other.

    Examples
    --------
    >>> mahalanobis([[1, 1], [-1, -1], [1, -1], [-1, 1]]).squared.round(9).tolist()
    [1.5, 1.5, 1.5, 1.5]
    """
    data = answer_table(X)
    answered = ~np.isnan(data)
    low = np.where(answered, data, np.inf).min(axis=0)
    high = np.where(answered, data, -np.inf).max(axis=0)
    varies = high > low
    if not varies.any():
        raise ValueError("no item varies: distances cannot be computed")
    data, answered = data[:, varies], answered[:, varies]
    given = int(answered.any(axis=1).sum())
    if given <= data.shape[1]:
        raise ValueError(
            f"{given} respondents do not tell the distances of {data.shape[1]} items that vary; "
            "there must be more respondents than items"
        )
    there = answered.astype(np.float64)
    shared = there.T @ there
    if shared.min() < 3:
        i, j = np.flatnonzero(varies)[list(np.unravel_index(np.argmin(shared), shared.shape))]
        raise ValueError(f"items {i} and {j} were answered together by fewer than 3 respondents")
    centred = np.where(answered, data - np.nanmean(data, axis=0), 0.0)
    sums = centred.T @ there
    covariance = (centred.T @ centred - sums * sums.T / shared) / (shared - 1)
    covariance = _raise_eigenvalues((covariance + covariance.T) / 2)

    squared = np.full(data.shape[0], np.nan)
    patterns, which = np.unique(answered, axis=0, return_inverse=True)
    order = np.argsort(which, kind="stable")
    rows_of = np.split(order, np.cumsum(np.bincount(which))[:-1])
    for pattern, rows in zip(patterns, rows_of, strict=True):
        if pattern.any():
            part = centred[np.ix_(rows, np.flatnonzero(pattern))]
            solved = np.linalg.solve(covariance[np.ix_(pattern, pattern)], part.T)
            squared[rows] = np.einsum("ri,ir->r", part, solved)
    count = answered.sum(axis=1).astype(np.int64)
    return Distances(squared, count, tails.chi2_above(squared, np.maximum(count, 1)))


def seconds_per_item(seconds: ArrayLike, items: ArrayLike, *, limit: float = 2.0) -> Bool:
    """Flag (n,) respondents who took fewer than `limit` seconds per item.

    Parameters
    ----------
    seconds
        (n,) total time; NaN where unknown, which is never flagged.
    items
        Items asked, a number or (n,), > 0.

    Raises
    ------
    ValueError
        On negative times, or when an item count is not positive.

    Examples
    --------
    >>> seconds_per_item([30, 5, np.nan], 10).tolist()
    [False, True, False]
    """
    time = _seconds(seconds)
    asked = np.asarray(items, dtype=np.float64)
    if not (asked > 0).all():
        raise ValueError("items must be positive")
    if asked.shape not in ((), (1,), time.shape):
        raise ValueError(f"items must be one number, or one for each time; got {asked.shape}")
    flagged: Bool = time / np.broadcast_to(asked, time.shape) < limit
    return flagged


def speeding(seconds: ArrayLike, *, share: float = 0.5) -> Bool:
    """Flag (n,) respondents whose time is below `share` of the median time.

    Pass the respondents of one questionnaire at a time: the median is theirs. NaN (unknown) is
    never flagged.

    Raises
    ------
    ValueError
        On negative times, or when no time is known.

    Examples
    --------
    >>> speeding([100, 110, 40]).tolist()
    [False, False, True]
    """
    time = _seconds(seconds)
    if np.isnan(time).all():
        raise ValueError("no time is known")
    flagged: Bool = time < share * np.nanmedian(time)
    return flagged


def bursts(seconds: ArrayLike, subjects: ArrayLike, *, window: float = 60.0) -> Int:
    """Answers (n,) to the same subject that came in during the minute around each answer.

    Parameters
    ----------
    seconds
        (n,) times of submission in seconds from any origin; NaN where unknown (count 0).
    subjects
        (n,) labels.
    window
        Length of the interval centred on the answer, in seconds, ends included. The answer itself
        counts.

    Raises
    ------
    ValueError
        On malformed input or a window that is not positive.

    Examples
    --------
    >>> bursts([0, 30, 500], ["A", "A", "A"]).tolist()
    [2, 2, 1]
    """
    time = np.asarray(seconds, dtype=np.float64)
    if time.ndim != 1 or np.isinf(time).any():
        raise ValueError("seconds must be a vector, not infinite")
    labels = subject_labels(subjects, time.size)
    if not window > 0:
        raise ValueError("window must be positive")
    count = np.zeros(time.size, dtype=np.int64)
    known = np.flatnonzero(~np.isnan(time))
    code = np.unique(labels[known], return_inverse=True)[1]
    order = known[np.lexsort((time[known], code))]
    sizes = np.bincount(code)
    for rows in np.split(order, np.cumsum(sizes)[:-1]):
        at = time[rows]
        count[rows] = np.searchsorted(at, at + window / 2, side="right") - np.searchsorted(
            at, at - window / 2, side="left"
        )
    return count


def shared_device(keys: ArrayLike) -> Int:
    """Answers (n,) that came from the same device or address, itself included.

    `keys` (n,) are hashes or codes, never addresses; None, NaN or "" is unknown and counts 0.

    Examples
    --------
    >>> shared_device(["x", "x", "y", None]).tolist()
    [2, 2, 1, 0]
    """
    given = np.asarray(keys, dtype=object)
    if given.ndim != 1:
        raise ValueError(f"keys must be a vector, got shape {given.shape}")
    known = np.array([key is not None and key == key and key != "" for key in given], dtype=bool)
    count = np.zeros(given.size, dtype=np.int64)
    _, which, counts = np.unique(
        np.array([str(key) for key in given[known]]), return_inverse=True, return_counts=True
    )
    count[known] = counts[which]
    return count


def _seconds(seconds: ArrayLike) -> Float:
    time = np.asarray(seconds, dtype=np.float64)
    if time.ndim != 1 or (time < 0).any():
        raise ValueError("seconds must be a vector, not negative")
    return time


def _raise_eigenvalues(covariance: Float) -> Float:
    scale = np.sqrt(np.diag(covariance))
    values, vectors = np.linalg.eigh(covariance / np.outer(scale, scale))
    floor = 1e-6 * values[-1]
    if values[0] >= floor:
        return covariance
    raised = (vectors * np.maximum(values, floor)) @ vectors.T
    result: Float = raised * np.outer(scale, scale)
    return result
