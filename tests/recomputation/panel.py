"""Raters who judge in both waves: what the waves' scores have in common.

From `docs/method.md` (Change): of every group whose raters are known again, C_jk = r c_jk sqrt(V_j V_k)
with V the group's parts of both waves' variances, c_jk the cosine of who judged j before and k now,
and one r for committees with themselves, one for different ones: least squares of the raters' own
correlations on the cosines, not below 0, the first not below the second.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.recomputation import scores
from tests.recomputation import weights as weighing

Array = np.ndarray


def in_common(
    before: Any, after: Any, measure: weighing.Measure, subjects: list[str]
) -> tuple[Array, Array]:
    """Covariance (K, K) of a measure before (rows) and now, and what it adds to the spread (K,)."""
    everybody = [s for s in after.subjects if s in before.subjects]
    k = len(everybody)
    covariance, spread = np.zeros((k, k)), np.zeros(k)
    for g, group in enumerate(measure.weights.index):
        one, more = _of_group(before, after, measure, everybody, g, group)
        covariance, spread = covariance + one, spread + more
    at = [everybody.index(subject) for subject in subjects]
    return covariance[np.ix_(at, at)], spread[at]


def _of_group(
    before: Any, after: Any, measure: weighing.Measure, everybody: list[str], g: int, group: str
) -> tuple[Array, Array]:
    k = len(everybody)
    nothing = np.zeros((k, k)), np.zeros(k)
    cells = [wave.cells[group] for wave in (before, after)]
    if any(cell.raters is None for cell in cells):
        return nothing
    again = [name for name in cells[0].raters if name in cells[1].raters]
    parts, moves, seen = [], [], []
    for wave, cell in zip((before, after), cells, strict=True):
        rows = scores.rows_of(wave, measure)[:, g]
        if not (rows > 0).any():
            return nothing
        at = np.array([wave.subjects.index(subject) for subject in everybody])
        parts.append(scores._part(cell, rows, at))
        moves.append(np.einsum("uki,ki->uk", cell.each[:, at, : rows.shape[1]], rows[at]))
        seen.append(cell.judged[:, at].astype(float))
    if not again:
        return nothing
    lines = [[cell.raters.index(name) for name in again] for cell in cells]
    with np.errstate(invalid="ignore", divide="ignore"):
        first, last = (np.nan_to_num(m / np.sqrt((m**2).sum(axis=0))) for m in moves)
        met, meets = (np.nan_to_num(s / np.sqrt(s.sum(axis=0))) for s in seen)
    own = np.array([[first[lines[0], j] @ last[lines[1], i] for i in range(k)] for j in range(k)])
    cosine = np.array([[met[lines[0], j] @ meets[lines[1], i] for i in range(k)] for j in range(k)])
    same = np.eye(k, dtype=bool)
    r = [_fitted(own[of], cosine[of]) for of in (same, ~same)]
    if r[0] < r[1]:
        r = [_fitted(own.ravel(), cosine.ravel())] * 2
    correlation = np.where(same, min(r[0], 1), min(r[1], 1)) * cosine
    v, w = parts[0].variance, parts[1].variance
    joint = correlation * np.sqrt(np.outer(v, w))
    spread = np.zeros(k)
    raters = np.minimum(seen[0].sum(axis=0), seen[1].sum(axis=0))
    for j in range(k):
        rho = correlation[j, j]
        if not rho > 0 or not v[j] > 0 or not w[j] > 0:
            continue
        by_v, by_w = 1 - joint[j, j] / v[j], 1 - joint[j, j] / w[j]
        sv, sw = v[j] ** 2 / parts[0].df[j], w[j] ** 2 / parts[1].df[j]
        spread[j] = (by_v**2 - 1) * sv + (by_w**2 - 1) * sw
        spread[j] += 2 * by_v * by_w * rho**2 * np.sqrt(sv * sw)
        spread[j] += 2 * v[j] * w[j] * (1 - rho**2) ** 2 / max(raters[j], 1)
    return joint, spread


def _fitted(own: Array, cosine: Array) -> float:
    """The number that times the cosines comes nearest to the correlations, at least 0."""
    whole = (cosine**2).sum()
    return max(float((cosine * own).sum() / whole), 0.0) if whole > 0 else 0.0
