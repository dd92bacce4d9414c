"""Whether the residents' indicators rose and fell together between two waves (scalar invariance)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from evalkit.answers.clustering import declared_effects
from evalkit.answers.explaining import ResidentScores, within_cells
from evalkit.answers.measuring import units
from evalkit.definitions.decided import Decided
from evalkit.methods.item_levels import compare_levels
from evalkit.methods.multiplicity import holm
from evalkit.methods.one_factor import omega
from evalkit.tables import Answers, Floats

LEAST_VALUES = 30
"""An indicator that fewer residents could judge in either wave is left out."""


def levels(before: Answers, after: Answers, decided: Decided) -> dict[str, Any]:
    """Compare how every indicator changed with what a common change would make of it.

    Changes are those within the committees and rater groups that answered in both waves, so that
    another mix of respondents is no change; their covariance comes from the respondents, or their
    clusters, times the design effect that a group declares where no clusters are recorded.

    Returns
    -------
    dict
        ``from_wave``; ``indicators`` (how many); ``common``: points that the common factor changed
        them by, on the average; ``chi_square``, ``df``, ``p`` of their rising together; ``apart``:
        of those that surely moved otherwise (Holm) ``code``, ``name``, ``shift``, ``se``,
        ``p_adjusted``, the furthest first. Empty where this cannot be known.
    """
    waves = [ResidentScores.of(answers, decided) for answers in (before, after)]
    codes = [
        str(code)
        for code in waves[0].indicators
        if all(w.indicators[code].notna().sum() >= LEAST_VALUES for w in waves)
    ]
    labels = [np.char.add(np.char.add(w.subjects, "|"), w.groups) for w in waves]
    both = np.intersect1d(labels[0], labels[1])
    rows = [np.isin(label, both) for label in labels]
    scores = [w.indicators.loc[row, codes] for w, row in zip(waves, rows, strict=True)]
    cells = [np.searchsorted(both, label[row]) for label, row in zip(labels, rows, strict=True)]
    clusters = [
        units(answers.respondents.loc[table.index])
        for answers, table in zip((before, after), scores, strict=True)
    ]
    try:
        worth = [
            declared_effects(answers, table.index, decided)
            for answers, table in zip((before, after), scores, strict=True)
        ]
        difference, covariance = _change(scores, cells, clusters, worth, len(both))
        residuals = pd.concat([within_cells(s, c) for s, c in zip(scores, cells, strict=True)])
        one = omega(residuals.to_numpy(dtype=np.float64))
        loadings = one.loadings * residuals.std(ddof=1).to_numpy(dtype=np.float64)
        found = compare_levels(difference, covariance, loadings)
    except ValueError:
        return {}
    adjusted = holm(found.p)
    sure = [i for i in range(len(codes)) if adjusted[i] < 1.0 - decided.scheme.confidence]
    return {
        "from_wave": before.wave,
        "indicators": len(codes),
        "common": float(loadings.mean() * found.factor),
        "chi_square": found.chi_square,
        "df": found.df,
        "p": found.chi_square_p,
        "apart": [
            {
                "code": codes[i],
                "name": waves[1].names[codes[i]],
                "shift": float(found.shift[i]),
                "se": float(found.shift_se[i]),
                "p_adjusted": float(adjusted[i]),
            }
            for i in sorted(sure, key=lambda i: -abs(found.shift[i]))
        ],
    }


def _change(
    scores: list[pd.DataFrame],
    cells: list[np.ndarray],
    clusters: list[np.ndarray],
    worth: list[Floats],
    number: int,
) -> tuple[Floats, Floats]:
    """Return the indicators' mean changes within cells, and their covariance.

    A cell counts as its answers in both waves let it: n1 n2 / (n1 + n2).
    """
    values = [s.to_numpy(dtype=np.float64) for s in scores]
    n = [_sums(~np.isnan(x), cell, number) for x, cell in zip(values, cells, strict=True)]
    sums = [_sums(np.nan_to_num(x), cell, number) for x, cell in zip(values, cells, strict=True)]
    weight = n[0] * n[1] / np.maximum(n[0] + n[1], 1.0)
    total = weight.sum(axis=0)
    if not (total > 0).all():
        raise ValueError("an indicator was judged nowhere in both waves")
    weight = weight / total
    means = [s / np.maximum(k, 1.0) for s, k in zip(sums, n, strict=True)]
    covariance = np.zeros((weight.shape[1], weight.shape[1]))
    for x, cell, own, mean, cluster, effect in zip(
        values, cells, n, means, clusters, worth, strict=True
    ):
        share = weight / np.maximum(own, 1.0) * np.sqrt(own / np.maximum(own - 1.0, 1.0))
        influence = np.nan_to_num((x - mean[cell]) * share[cell]) * np.sqrt(effect)[:, None]
        _, code = np.unique(np.asarray(cluster, dtype=str), return_inverse=True)
        influence = _sums(influence, code, int(code.max(initial=-1)) + 1)
        covariance += influence.T @ influence
    return np.asarray((weight * (means[1] - means[0])).sum(axis=0)), covariance


def _sums(rows: np.ndarray, code: np.ndarray, number: int) -> Floats:
    found = np.zeros((number, rows.shape[1]))
    np.add.at(found, code, rows)
    return found
