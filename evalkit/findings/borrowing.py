"""Single answers: they count, and what they cannot tell of their own error is borrowed.

One answer has a value and no scatter. What answers of the same rater group on the same indicator
usually scatter over the street stands in for it, as it does for identical answers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.methods.moderation import moderated
from evalkit.tables import Floats, GroupCells


@dataclass(frozen=True, slots=True)
class Borrowed:
    """Covariances of a group's cells with what single answers borrow.

    Attributes
    ----------
    covariance : ndarray of shape (K, U, U)
        Of the means; 0 where an indicator has no weight for the subject, NaN where nobody
        answered one that has, and where nothing in the street tells the variance.
    entirely : ndarray of bool, shape (K,)
        Whether no indicator of the subject has a variance of its own.
    answers : ndarray of shape (K,)
        Effective number of answers behind the weighted mean where it is unlike the others': with
        a single answer in it, or without some of the indicators. NaN elsewhere.
    """

    covariance: Floats
    entirely: NDArray[np.bool_]
    answers: Floats


def borrow(group: GroupCells, used: np.ndarray, rows: Floats) -> Borrowed:
    """Fill in the covariances of single answers.

    The covariance of means answered by n_i and n_j people, the fewer of whom are taken to be among
    the more, is s_ij / max(n_i, n_j) for answers of covariance s_ij. The usual s_ij is the mean
    over the committees; between different indicators it is not taken below 0.

    A weighted mean that is unlike the others', for a single answer in it or an indicator without
    any, is worth as many answers as would leave the usual variance to the others' weighted mean.

    Parameters
    ----------
    used : ndarray of int, shape (U,)
    rows : ndarray of shape (K, U)
        Weights, at least 0.
    """
    weighed = rows > 0
    covariance = np.where(
        weighed[:, :, None] & weighed[:, None, :], group.covariance[:, used][:, :, used], 0.0
    )
    answered = np.isfinite(group.mean[:, used])
    variances = np.einsum("kii->ki", group.covariance)[:, used]
    single = answered & ~np.isfinite(variances)
    entirely = (weighed & single).any(axis=1) & ~(weighed & ~single).any(axis=1)
    usual_row = _usual_row(rows)
    unlike = (weighed & single).any(axis=1) | (weighed != (usual_row > 0)).any(axis=1)
    unlike &= (weighed & answered).any(axis=1)
    nothing = np.full(len(rows), np.nan)
    if not unlike.any():
        return Borrowed(covariance, entirely, nothing)
    with np.errstate(divide="ignore", invalid="ignore"):
        own = group.n_effective[:, None] * group.n_measure[:, used] / group.n[:, None]
    answers = np.where(single, 1.0, own)
    usual = _usual(group, used, answers)
    most = np.maximum(answers[:, :, None], answers[:, None, :])
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = usual / most
    lends = weighed[:, :, None] & weighed[:, None, :]
    lends &= single[:, :, None] | single[:, None, :]
    covariance = np.where(lends, expected, covariance)
    unit = rows / np.where(weighed.any(axis=1), rows.sum(axis=1), 1.0)[:, None]
    within = np.where(weighed[:, :, None] & weighed[:, None, :], expected, 0.0)
    left = np.einsum("ki,kij,kj->k", unit, within, unit)
    whole = float(usual_row @ np.where(np.outer(usual_row, usual_row) > 0, usual, 0.0) @ usual_row)
    known = unlike & (left > 0) & (whole > 0)
    nothing[known] = whole / left[known]
    return Borrowed(covariance, entirely, nothing)


def _usual_row(rows: Floats) -> Floats:
    """Return the weights of most indicators, adding up to 1: those of committees without gaps."""
    total = rows.sum(axis=1)
    units = rows[total > 0] / total[total > 0, None]
    if not len(units):
        return np.zeros(rows.shape[1])
    full = units[(units > 0).all(axis=1)]
    return np.asarray(full[0] if len(full) else units.mean(axis=0), dtype=np.float64)


def _usual(group: GroupCells, used: np.ndarray, answers: Floats) -> Floats:
    """Return the usual covariance (U, U) of one respondent's answers to a group's indicators.

    An indicator that never has two answers takes the mean of the others' variances; NaN where none
    has.
    """
    most = np.maximum(answers[:, :, None], answers[:, None, :])
    one = group.covariance[:, used][:, :, used] * most
    found = np.isfinite(one)
    usual = np.where(found, one, 0.0).sum(axis=0) / np.maximum(found.sum(axis=0), 1)
    variances = np.array([_usual_variance(one[:, i, i]) for i in range(len(used))])
    known = np.isfinite(variances)
    variances[~known] = variances[known].mean() if known.any() else np.nan
    usual = np.clip(usual, 0.0, np.sqrt(np.outer(variances, variances)))
    np.fill_diagonal(usual, variances)
    return np.asarray(usual, dtype=np.float64)


def _usual_variance(variances: Floats) -> float:
    """Return what `moderated` lends: the mean, or the only one above 0; 0 where none is."""
    known = variances[np.isfinite(variances)]
    if not len(known):
        return np.nan
    return float(np.nan_to_num(moderated(np.maximum(known, 0.0), np.ones(len(known))).prior))
