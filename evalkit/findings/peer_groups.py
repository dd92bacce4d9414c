"""Committees among their like: by zone, by housing and by kind, each group against the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.definitions.roster import Roster, Subject
from evalkit.definitions.scheme import Scheme
from evalkit.methods.multiplicity import holm
from evalkit.tables import FRAMES, Floats, Scores, frame, no_rows

CLASSIFICATIONS = ("zone", "housing", "kind")
"""Columns of the roster that committees are grouped by, where they take more than one value."""

FEWEST = 3
"""A group, and the rest of the street, have at least this many committees to be tested."""

NOTHING = 1e-9
"""Smaller sums are rounding, points."""

ABOVE, BELOW, LEVEL, UNTESTED = "高于", "低于", "无显著差异", "未检验"


@dataclass(frozen=True, slots=True)
class Contrast:
    """A weighted sum of the committees' composites: its value, variance and degrees of freedom."""

    value: float
    variance: float
    df: float

    def reach(self, confidence: float) -> float:
        """Return the half-width of its interval, points."""
        return float(self.variance**0.5 * stats.t.ppf(0.5 + confidence / 2.0, self.df))

    @property
    def p(self) -> float:
        """Two-sided p-value of the sum being 0."""
        if not self.variance > 0:
            return 1.0 if self.value == 0 else 0.0
        return float(2.0 * stats.t.sf(abs(self.value) / self.variance**0.5, self.df))


def contrast(scores: Scores, weights: Floats, *, tested: bool = False) -> Contrast:
    """Return a weighted sum of composites under their joint covariance (df by Satterthwaite).

    Parameters
    ----------
    weights : ndarray of shape (K,)
    tested : bool
        Whether the sum is tested against 0: then every committee's variance has what
        `Scores.difference_variance` adds for the skewness of few answers.
    """
    variance = float(weights @ scores.covariance @ weights)
    if tested:
        variance += float(weights**2 @ _for_skewness(scores))
    own = weights**2 * scores.variance[0]
    spread = float((own**2 / np.minimum(scores.df[0], 1e9)).sum())
    df = float(own.sum() ** 2 / spread) if spread > 0 else 1e9
    value = float(weights @ scores.composite)
    return Contrast(0.0 if abs(value) < NOTHING else value, max(variance, 0.0), df)


def _for_skewness(scores: Scores) -> Floats:
    """Return what testing adds to each composite's variance, shape (K,)."""
    full, k = scores.covariance, len(scores.subjects)
    plain = np.diag(full) - 2.0 * full.mean(axis=1) + full.mean()
    return np.asarray((scores.difference_variance[0] - plain) / (1.0 - 1.0 / k) ** 2)


def compare(scores: Scores, scheme: Scheme, roster: Roster) -> pd.DataFrame:
    """Describe every group of like committees, and test it against the rest of the street.

    The uncertainty is that of the answers about these very committees; they are all there are, not
    a sample of such committees, and a difference is no proof that the housing or zone makes it.

    Returns
    -------
    DataFrame
        Frame ``peer_groups``; only complete committees count. A classification with a single
        value is left out; committees without a value form the group with the empty value.
    """
    parts = [_classified(scores, scheme, roster, by) for by in CLASSIFICATIONS]
    rows = [row for part in parts for row in part]
    if not rows:
        return no_rows("peer_groups")
    table = pd.DataFrame(rows, columns=[column.name for column in FRAMES["peer_groups"]])
    return frame("peer_groups", table)


def members(scores: Scores, roster: Roster, by: str) -> dict[str, list[int]]:
    """Return the places of the complete committees by value, in the roster's order."""
    found: dict[str, list[int]] = {}
    subjects: Mapping[str, Subject] = {subject.id: subject for subject in roster.subjects}
    for place, subject in enumerate(scores.subjects):
        found.setdefault(getattr(subjects[subject], by) or "", []).append(place)
    return found


def _classified(
    scores: Scores, scheme: Scheme, roster: Roster, by: str
) -> list[tuple[object, ...]]:
    groups = members(scores, roster, by)
    if len(groups) < 2:
        return []
    total = len(scores.subjects)
    inside = {value: np.isin(np.arange(total), places) for value, places in groups.items()}
    differences = {
        value: contrast(scores, own / own.sum() - ~own / (~own).sum(), tested=True)
        for value, own in inside.items()
        if value and min(own.sum(), (~own).sum()) >= FEWEST
    }
    differences = {value: found for value, found in differences.items() if found.variance > 0}
    once = list(differences)[: 1 if len(groups) == 2 else None]
    adjusted = dict(zip(once, holm([differences[value].p for value in once]), strict=True))
    rows: list[tuple[object, ...]] = []
    for value, own in inside.items():
        mean = contrast(scores, own / own.sum())
        reach = mean.reach(scheme.confidence)
        points = scores.composite[own]
        rows.append(
            (
                scores.wave,
                by,
                value,
                int(own.sum()),
                mean.value,
                mean.variance**0.5,
                max(mean.value - reach, 0.0),
                min(mean.value + reach, 100.0),
                float(points.min()),
                float(points.max()),
                *_against_rest(
                    differences.get(value),
                    float(adjusted.get(value, max(adjusted.values(), default=np.nan))),
                    scheme.confidence,
                ),
            )
        )
    return rows


def _against_rest(
    difference: Contrast | None, p: float, confidence: float
) -> tuple[float, float, float, float, float, str]:
    if difference is None:
        return (np.nan, np.nan, np.nan, np.nan, np.nan, UNTESTED)
    reach = difference.reach(confidence)
    verdict = LEVEL if p >= 1.0 - confidence else (ABOVE if difference.value > 0 else BELOW)
    ends = (difference.value - reach, difference.value + reach)
    return (difference.value, difference.variance**0.5, *ends, p, verdict)
