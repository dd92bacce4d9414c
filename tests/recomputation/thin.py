"""Cells of no answer, or of one: `docs/method.md`, From cells to scores, in loops.

"Where nobody of a group gave an indicator a valid answer, the group's other indicators share its
weight; a single answer counts, and borrows the usual variance of its group and indicator."
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Array = np.ndarray


def shared_out(table: Array, means: list[Array]) -> Array:
    """Weights (K, G, I) in every committee's composite, from the scheme's (G, I).

    `means` are the groups' cell means (K, I), NaN where nobody answered.
    """
    k = len(means[0])
    found = np.repeat(table[None].astype(float), k, axis=0)
    for committee in range(k):
        for g, own in enumerate(means):
            there = np.isfinite(own[committee]) & (table[g] > 0)
            if there.any() and there.sum() < (table[g] > 0).sum():
                kept = np.where(there, table[g], 0.0)
                found[committee, g] = kept * table[g].sum() / kept.sum()
    return found


def blocks(
    cell: Any, rows: Array, usual_of: Callable[[Array], float]
) -> tuple[Array, Array, Array]:
    """Covariances (K, I, I) with what single answers borrow, answers (K,), entirely borrowed (K,).

    Answers are NaN where a committee is like the others. Otherwise they are as many as would leave
    the usual variance to the others' weighted mean. `usual_of` makes one variance of many.
    """
    k, count = rows.shape
    weighed = rows > 0
    covariance = cell.covariance[:, :count, :count]
    mean, n_measure = cell.mean[:, :count], cell.n_measure[:, :count]
    variances = np.array([np.diag(block) for block in covariance])
    single = np.isfinite(mean) & ~np.isfinite(variances)
    number = np.full((k, count), np.nan)
    for j in range(k):
        for i in range(count):
            if single[j, i]:
                number[j, i] = 1.0
            elif cell.n[j] > 0:
                number[j, i] = cell.n_effective[j] * n_measure[j, i] / cell.n[j]
    used = np.flatnonzero(weighed.any(axis=0))
    usual = np.zeros((count, count))
    for i in used:
        one = [variances[j, i] * number[j, i] for j in range(k) if np.isfinite(variances[j, i])]
        usual[i, i] = usual_of(np.array(one)) if one else np.nan
    known = [usual[i, i] for i in used if np.isfinite(usual[i, i])]
    for i in used:
        if np.isnan(usual[i, i]):
            usual[i, i] = np.mean(known) if known else np.nan
    for i in used:
        for h in used:
            if i != h:
                one = [
                    covariance[j, i, h] * max(number[j, i], number[j, h])
                    for j in range(k)
                    if np.isfinite(covariance[j, i, h])
                ]
                most = np.sqrt(usual[i, i] * usual[h, h])
                usual[i, h] = min(max(np.mean(one) if one else 0.0, 0.0), most)
    units = [row / row.sum() for row in rows if row.sum() > 0]
    whole = [unit for unit in units if (unit[used] > 0).all()]
    ordinary = whole[0] if whole else np.mean(units, axis=0) if units else np.zeros(count)
    filled, answers = np.zeros((k, count, count)), np.full(k, np.nan)
    entirely = np.zeros(k, dtype=bool)
    for j in range(k):
        own = np.flatnonzero(weighed[j])
        for i in own:
            for h in own:
                lends = single[j, i] or single[j, h]
                lent = usual[i, h] / max(number[j, i], number[j, h]) if lends else 0.0
                filled[j, i, h] = lent if lends else covariance[j, i, h]
        entirely[j] = len(own) > 0 and single[j, own].all()
        unlike = single[j, own].any() or set(own) != set(np.flatnonzero(ordinary > 0))
        if unlike and len(own) and np.isfinite(mean[j, own]).any():
            unit = rows[j] / rows[j].sum()
            left = sum(
                unit[i] * unit[h] * usual[i, h] / max(number[j, i], number[j, h])
                for i in own
                for h in own
            )
            alike = ordinary @ usual @ ordinary
            if left > 0 and alike > 0:
                answers[j] = alike / left
    return filled, answers, entirely
