"""What each rater group alone tells: how sure its view of the committees is, and who agrees with it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from evalkit.definitions.scheme import Scheme
from evalkit.findings.combining import Combined, combine, weights_of_group
from evalkit.methods import shrinkage, tails
from evalkit.tables import (
    ALL_GROUPS,
    FRAMES,
    OVERALL,
    Cells,
    Floats,
    Scores,
    frame,
    no_rows,
)

FEWEST = 4
"""Committees below which no correlation is told: Fisher's z has no error of its own with three."""
STEADY = 0.2
"""Below this reliability a correlation is not corrected: it would be divided by next to nothing."""


def own_composite(cells: Cells, scores: Scores, code: str) -> Combined | None:
    """Return the complete committees' composites as one rater group alone sees them.

    None where the group weighs nothing, did not judge everybody, or nothing tells its errors.
    """
    rows = weights_of_group(scores, cells, code)
    total = rows.sum(axis=1, keepdims=True)
    groups = tuple(cells.groups)
    weights = np.zeros((1, len(cells.subjects), len(groups), rows.shape[1]))
    weights[0, :, groups.index(code)] = np.divide(
        rows, total, out=np.zeros_like(rows), where=total > 0
    )
    at = np.array([cells.subjects.index(subject) for subject in scores.subjects], dtype=np.intp)
    found = combine(cells, groups, weights, at)
    known = np.isfinite(found.estimate[0]) & (found.variance[0] > 0)
    return found if len(known) and known.all() else None


def reliability(cells: Cells, scores: Scores, scheme: Scheme) -> pd.DataFrame:
    """Tell how much of the differences that the table and each rater group show is real.

    Returns
    -------
    DataFrame
        Frame ``reliability``: the table first, then every group that judged all complete
        committees; empty where the scores have no errors or there are fewer than three.
    """
    if len(scores.subjects) < 3 or not scores.errors_known:
        return no_rows("reliability")
    rows = [_row(ALL_GROUPS, scores.composite, scores.covariance, None, scores.wave, scheme)]
    for code, group in cells.groups.items():
        own = own_composite(cells, scores, code)
        if own is None:
            continue
        at = [cells.subjects.index(subject) for subject in scores.subjects]
        each = group.influence is None and scheme.group(code).questionnaire is not None
        answers = group.n[at].astype(float) if each else None
        rows.append(_row(code, own.estimate[0], own.covariance, answers, scores.wave, scheme))
    return frame("reliability", pd.DataFrame(rows, columns=[c.name for c in FRAMES["reliability"]]))


def _row(
    group: str, x: Floats, covariance: Floats, answers: Floats | None, wave: str, scheme: Scheme
) -> tuple[object, ...]:
    tau2 = shrinkage.between_variance(x, covariance)
    ends = shrinkage.between_interval(x, covariance, confidence=scheme.confidence)
    own = shrinkage.own_variances(covariance)
    share = [float(shrinkage.reliability(t, own).mean()) for t in (tau2, ends.low, ends.high)]
    single = np.nan
    if answers is not None:
        within = float((np.diagonal(covariance) * answers).mean())
        single = tau2 / (tau2 + within)
    taus = [float(np.sqrt(t)) for t in (tau2, ends.low, ends.high)]
    return (wave, group, len(x), *taus, *share, single)


def same_form(cells: Cells, scores: Scores) -> dict[str, float] | None:
    """Correlate the composite with overall satisfaction, over committees.

    The same people answered both on the same form: their mood and what the sample happened to be
    are in both, which makes the correlation high. It is no validity; see `across`.

    Returns
    -------
    dict or None
        ``correlation``, ``low``, ``high`` (95%, Fisher's z) and ``subjects``; None with fewer
        than four committees or where the item was not asked or never varies.
    """
    at = [cells.subjects.index(subject) for subject in scores.subjects]
    overall = _pooled_overall(cells)[at]
    known = np.isfinite(overall)
    return _correlated(scores.composite[known], overall[known], 0.95)


def across(cells: Cells, scores: Scores, scheme: Scheme) -> list[dict[str, Any]]:
    """Correlate each group's composite with what *other* residents say of everything at once.

    Different people and different forms: sampling errors are independent, so what is common to
    the two is the committees'. They hide the correlation instead of making it; divided by the
    roots of both reliabilities (Spearman 1904) it is that of the true means.

    Returns
    -------
    list of dict
        ``group`` (whose composite), ``overall`` (whose overall satisfaction), ``correlation``,
        ``low``, ``high`` (Fisher's z), ``subjects``, and ``corrected``, ``corrected_low``,
        ``corrected_high``, None where a reliability is below `STEADY`; cut at -1 and 1.

    References
    ----------
    Spearman, C. (1904). The proof and measurement of association between two things. American
    Journal of Psychology 15. Charter & Larsen (1983), Perceptual and Motor Skills 57, for the
    interval: both ends are corrected alike.
    """
    if not scores.errors_known or len(scores.subjects) < FEWEST:
        return []
    at = np.array([cells.subjects.index(subject) for subject in scores.subjects])
    found: list[dict[str, Any]] = []
    for code in cells.groups:
        own = own_composite(cells, scores, code)
        for other in (g.code for g in scheme.residents if g.code != code):
            mean, variance = _overall_of(cells, other, at)
            known = np.isfinite(mean) & (variance > 0)
            if own is None or known.sum() < FEWEST:
                continue
            covariance = own.covariance[np.ix_(known, known)]
            pair = own.estimate[0][known], mean[known]
            entry = _correlated(*pair, scheme.confidence)
            if entry is None:
                continue
            shares = [
                _share(pair[0], covariance),
                _share(pair[1], variance[known]),
            ]
            found.append({"group": code, "overall": other, **entry, **_corrected(entry, shares)})
    return found


def _share(x: Floats, covariance: Floats) -> float:
    tau2 = shrinkage.between_variance(x, covariance)
    return float(shrinkage.reliability(tau2, shrinkage.own_variances(covariance)).mean())


def _corrected(entry: dict[str, float], shares: list[float]) -> dict[str, float | None]:
    names = {"correlation": "corrected", "low": "corrected_low", "high": "corrected_high"}
    if min(shares) < STEADY:
        return dict.fromkeys(names.values())
    root = float(np.sqrt(shares[0] * shares[1]))
    return {name: float(np.clip(entry[of] / root, -1.0, 1.0)) for of, name in names.items()}


def _correlated(x: Floats, y: Floats, confidence: float) -> dict[str, float] | None:
    if len(x) < FEWEST or np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    r = float(np.corrcoef(x, y)[0, 1])
    reach = tails.normal_quantile(0.5 + confidence / 2.0) / np.sqrt(len(x) - 3.0)
    middle = np.arctanh(np.clip(r, -1 + 1e-12, 1 - 1e-12))
    return {
        "correlation": r,
        "low": float(np.tanh(middle - reach)),
        "high": float(np.tanh(middle + reach)),
        "subjects": len(x),
    }


def _overall_of(cells: Cells, code: str, at: np.ndarray) -> tuple[Floats, Floats]:
    """One group's overall satisfaction and its sampling variance, shape (K,) each."""
    column, group = cells.measures.index(OVERALL), cells.groups[code]
    return group.mean[at, column], group.covariance[at, column, column]


def _pooled_overall(cells: Cells) -> Floats:
    """Overall satisfaction by committee, answers of all groups that were asked pooled."""
    column = cells.measures.index(OVERALL)
    total = np.zeros(len(cells.subjects))
    count = np.zeros(len(cells.subjects))
    for group in cells.groups.values():
        n = group.n_measure[:, column].astype(float)
        total += np.where(n > 0, np.nan_to_num(group.mean[:, column]) * n, 0.0)
        count += n
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(count > 0, total / count, np.nan))
