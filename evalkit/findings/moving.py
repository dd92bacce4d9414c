"""How measures of one committee moved between two waves, each with its error and its test."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from evalkit.codes import OwnChange
from evalkit.definitions.scheme import Scheme
from evalkit.findings.panel import Between
from evalkit.findings.street_means import asked_alike
from evalkit.methods import tails
from evalkit.methods.multiplicity import holm
from evalkit.tables import FRAMES, WaveResult, frame, no_rows

FAMILY = "subject"
"""The family of the tests by dimension: those of one committee."""


class Moved(NamedTuple):
    """How a measure of a committee changed between two waves; `p` is of no change at all."""

    previous: float
    estimate: float
    se: float
    reach: float
    p: float

    @property
    def change(self) -> float:
        """Points from the last wave to this one."""
        return self.estimate - self.previous


def between(now: WaveResult, before: WaveResult, scheme: Scheme) -> Between:
    """Return what this wave and the one before have in common."""
    return Between(before.cells, now.cells, scheme)


def moved(
    now: WaveResult,
    before: WaveResult,
    subject: str,
    code: str,
    confidence: float,
    shared: Between,
) -> Moved | None:
    """Compare one measure of one committee; None where it is not told in both waves."""
    ends = []
    for scores in (before.scores, now.scores):
        codes = [measure.code for measure in scores.measures]
        if subject not in scores.subjects or code not in codes or (subject, code) in scores.untold:
            return None
        at = codes.index(code), scores.subjects.index(subject)
        ends.append((scores.estimate[at], scores.variance[at], scores.df[at]))
    (x0, v0, df0), (x1, v1, df1) = ends
    if not (np.isfinite(x0) and np.isfinite(x1)):
        return None
    common = shared.common(code, (subject,))
    se = float(np.sqrt(max(v0 + v1 - 2.0 * common.covariance[0, 0], 0.0)))
    if not se > 0:
        return Moved(float(x0), float(x1), np.nan, np.nan, np.nan)
    spread = v0**2 / df0 + v1**2 / df1 + common.spread[0]
    df = min(max(float(se**4 / spread), 1.0), 1e9)
    reach = se * float(tails.t_quantile(0.5 + confidence / 2.0, df))
    return Moved(float(x0), float(x1), se, reach, float(2.0 * tails.t_above(abs(x1 - x0) / se, df)))


def by_dimension(now: WaveResult, before: WaveResult | None, scheme: Scheme) -> pd.DataFrame:
    """Compare every committee's dimensions with those of the last wave.

    A dimension is compared where it was asked alike in both waves and may be told in both. The
    tests of one committee are one family (Holm): its diagnosis is read by itself.

    Parameters
    ----------
    now, before : WaveResult, WaveResult or None
        This wave and the last one, scored under `scheme`; their samples are independent but for
        raters who judge in both.

    Returns
    -------
    DataFrame
        Frame ``dimension_changes``: in roster order, dimensions in the scheme's; empty without a
        wave before.
    """
    if before is None:
        return no_rows("dimension_changes")
    alike = asked_alike(now.cells, before.cells, scheme)
    shared = between(now, before, scheme)
    rows: list[dict[str, object]] = []
    for subject in now.scores.subjects:
        own = [
            (dimension, found)
            for dimension in scheme.dimensions
            if dimension.code in alike
            and (found := moved(now, before, subject, dimension.code, scheme.confidence, shared))
        ]
        adjusted = holm([found.p for _, found in own])
        tests = int(np.isfinite(adjusted).sum())
        for (dimension, found), p in zip(own, adjusted, strict=True):
            rows.append(
                {
                    "wave": now.scores.wave,
                    "from_wave": before.scores.wave,
                    "subject": subject,
                    "code": dimension.code,
                    "name": dimension.name,
                    "previous": found.previous,
                    "estimate": found.estimate,
                    "change": found.change,
                    "change_se": found.se,
                    "change_low": found.change - found.reach,
                    "change_high": found.change + found.reach,
                    "p_adjusted": float(p),
                    "family": FAMILY,
                    "tests": tests,
                    "verdict": verdict(float(p), found.change, scheme).value,
                }
            )
    names = [column.name for column in FRAMES["dimension_changes"]]
    return frame("dimension_changes", pd.DataFrame(rows, columns=names))


def verdict(p: float, change: float, scheme: Scheme) -> OwnChange:
    """Return what is sure of a change; untested where there is no p-value."""
    if not np.isfinite(p):
        return OwnChange.UNTESTED
    return OwnChange.of(p, change, 1.0 - scheme.confidence)
