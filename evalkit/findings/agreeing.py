"""Do records and residents say the same: frame ``validity``.

For every measure of a ledger and every indicator that is made of it, or stands beside it: how alike
the committees' numbers are to what their residents say, corrected for the errors of both. Only
published numbers enter, so nothing else can be had from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from evalkit.definitions.ledger import LedgerMeasure
from evalkit.definitions.scheme import Scheme
from evalkit.findings import objective
from evalkit.methods.attenuation import likeness
from evalkit.tables import Floats, Scores, frame, no_rows
from evalkit.tables.records import Reduced


def validity(
    reduced: Mapping[str, Reduced],
    steadied: Mapping[str, Floats],
    scores: Scores,
    scheme: Scheme,
) -> pd.DataFrame:
    """Return frame ``validity`` of one wave; no rows without ledgers or without residents.

    Parameters
    ----------
    reduced : dict of ledger id to Reduced
    steadied : dict of ledger id to ndarray of shape (K, M, M)
        Covariances in which small cells are drawn towards the usual variance.
    scores : Scores
    scheme : Scheme
    """
    rows = []
    for name, found in reduced.items():
        ready = steadied[name]
        for place, measure in enumerate(found.ledger.measures):
            for code in _beside(measure, found.ledger.id, scheme):
                asked, variance = _residents(scores, scheme, code, found.subjects)
                value, own = _recorded(found, place, ready)
                if not (np.isfinite(asked) & np.isfinite(value)).any():
                    continue
                alike = likeness(value, own, asked, variance, scheme.confidence)
                rows.append(
                    {
                        "wave": found.wave,
                        "indicator": code,
                        "ledger": found.ledger.id,
                        "measure": measure.code,
                        "r": alike.r,
                        "corrected": alike.corrected,
                        "low": alike.low,
                        "high": alike.high,
                        "n": alike.n,
                    }
                )
    return frame("validity", pd.DataFrame(rows)) if rows else no_rows("validity")


def _beside(measure: LedgerMeasure, ledger: str, scheme: Scheme) -> Iterator[str]:
    """Yield the indicators that are made of a measure, or that it stands beside."""
    for indicator in scheme.indicators:
        if measure.code in indicator.items.get(ledger, ()) or indicator.code in measure.beside:
            yield indicator.code


def _residents(
    scores: Scores, scheme: Scheme, code: str, subjects: tuple[str, ...]
) -> tuple[Floats, Floats]:
    """Return what residents say of an indicator, and its variance; NaN where a group is not told."""
    table = scores.indicators
    table = table[(table["code"] == code) & (table["level"] == "indicator")]
    mean, variance, total = np.zeros(len(subjects)), np.zeros(len(subjects)), 0.0
    for group in scheme.residents:
        if code not in scheme.covered(group):
            continue
        own = table[table["group"] == group.code].set_index("subject").reindex(list(subjects))
        mean += group.weight * own["estimate"].to_numpy(dtype=np.float64)
        variance += group.weight**2 * own["se"].to_numpy(dtype=np.float64) ** 2
        total += group.weight
    if not total:
        return np.full(len(subjects), np.nan), np.full(len(subjects), np.nan)
    return mean / total, variance / total**2


def _recorded(found: Reduced, place: int, ready: Floats) -> tuple[Floats, Floats]:
    """Return what records say, and its variance; NaN where it is not told."""
    measure = found.ledger.measures[place]
    scored = np.isfinite(found.mean[:, place]).any()
    value = found.mean[:, place] if scored else found.raw[:, place]
    steadied = measure.how in ("share", "score", "curve")
    variance = ready[:, place, place] if steadied else found.covariance[:, place, place]
    plain = measure.how != "points" and measure.worst is None
    told = objective.told(found, place)[0] & (found.n[:, place] > 0)
    told &= bool(scored or plain)
    return np.where(told, value, np.nan), np.where(told, variance, np.nan)
