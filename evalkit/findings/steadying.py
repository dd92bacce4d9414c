"""How sure a weighted mean of one rater group's indicators is: variances of small cells, steadied."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalkit.findings.borrowing import Borrowed, borrow
from evalkit.findings.once import worked_out_once
from evalkit.methods.moderation import moderated
from evalkit.tables import Floats, GroupCells


@dataclass(frozen=True, slots=True)
class Steadied:
    """Variances of a weighted mean of one group's indicators, shape (K,) each.

    Attributes
    ----------
    raw : ndarray
        From the subject's own answers; indicators with a single answer at the group's usual
        variance. NaN where no indicator has two.
    variance, df : ndarray
        The variance to use and its degrees of freedom; NaN where nobody answered.
    answers : ndarray
        Effective number of answers; NaN where the variance is not known by them.
    """

    raw: Floats
    variance: Floats
    df: Floats
    answers: Floats


@worked_out_once
def steadied(group: GroupCells, used: np.ndarray, w: Floats) -> Steadied:
    """Return the variances of a weighted mean of a group's indicators, small cells steadied.

    Five raters, or fifteen residents who mostly choose the same option, say little about their
    own scatter; a committee that happens to get agreeing raters would look surer than it is, and a
    high one most of all, since satisfied answers scatter least. The variance of one answer is
    therefore drawn towards the group's usual one (`moderation.moderated`) as far as the
    committees' own variances let it; identical answers take the usual one in full. So does a
    single answer, which has no scatter at all (`borrowing`). What a ledger says comes steadied
    (`speaking.steady`): where `n_effective` is NaN, the variance is taken as it is.

    Parameters
    ----------
    used : ndarray of int, shape (U,)
        Places of the indicators in the cells.
    w : ndarray of shape (U,) or (K, U)
        Their weights, at least 0; a row for each subject where they differ.
    """
    rows = np.broadcast_to(np.asarray(w, dtype=np.float64), (len(group.n), len(used)))
    total = rows.sum(axis=1)
    found: Borrowed = borrow(group, used, rows)
    raw = np.einsum("ki,kij,kj->k", rows, found.covariance, rows)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (group.n_measure[:, used] * rows).sum(axis=1) / (total * group.n)
        scale = np.where(total > 0, total**2, np.nan)
        answers = np.where(np.isnan(found.answers), group.n_effective * share, found.answers)
        df = np.minimum(group.df, np.maximum(group.n * share - 1.0, 1.0))
    final = np.isnan(group.n_effective)
    df[final], answers[final] = group.df[final], np.nan
    raw[found.entirely] = np.nan
    known = np.isfinite(raw) & (df > 0) & (total > 0) & ~final
    single = np.full(len(raw), np.nan)
    single[known] = np.maximum(raw[known], 0.0) / scale[known] * answers[known]
    steady = moderated(single, df)
    lent = found.entirely & (answers > 0) & bool(known.any())
    usual = np.where(lent, np.nan_to_num(steady.prior), steady.variance)
    by_answers = known | lent
    variance = np.where(by_answers, usual * scale / np.where(by_answers, answers, 1.0), raw)
    return Steadied(
        raw,
        variance,
        np.where(lent, max(steady.borrowed_df, 1.0), steady.df),
        np.where(by_answers, answers, np.nan),
    )
