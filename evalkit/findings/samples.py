"""The people on the list beside those drawn at random: scores, gaps, ranks, and both joined."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from evalkit.definitions.roster import Roster
from evalkit.definitions.scheme import Scheme
from evalkit.findings.by_group import own_composite
from evalkit.findings.combining import Combined
from evalkit.methods import tails
from evalkit.methods.blending import blend
from evalkit.methods.rank_sets import competition_rank
from evalkit.tables import COMPOSITE, FRAMES, Cells, Floats, Scores, frame, no_rows


def pair(scheme: Scheme) -> tuple[str, str] | None:
    """Return the codes of the residents' list and of their random sample.

    None unless the scheme declares exactly one of each and both judge the same indicators: else
    the gap would be one of questions.
    """
    found = {how: [g for g in scheme.residents if g.sample == how] for how in ("list", "random")}
    if any(len(groups) != 1 for groups in found.values()):
        return None
    one, other = found["list"][0], found["random"][0]
    return (one.code, other.code) if scheme.covered(one) == scheme.covered(other) else None


def samples(cells: Cells, scores: Scores, scheme: Scheme, roster: Roster) -> pd.DataFrame:
    """Set what the list says of every committee beside what the random sample says.

    Only numbers that are told of both groups stand here, and what follows from them. The blend is
    shown, not published as a score: the scheme's weights are.

    Returns
    -------
    DataFrame
        Frame ``samples``, in roster order; empty without one group of each kind, with fewer than
        three complete committees, or where nothing tells the errors.
    """
    codes = pair(scheme)
    if codes is None or not scores.errors_known:
        return no_rows("samples")
    listed, drawn = (own_composite(cells, scores, code) for code in codes)
    if listed is None or drawn is None:
        return no_rows("samples")
    told = [_told(scores, code) for code in codes]
    here = np.array([all(s in own for own in told) for s in scores.subjects])
    if here.sum() < 3:
        return no_rows("samples")
    both = blend(
        drawn.estimate[0][here],
        drawn.variance[0][here],
        listed.estimate[0][here],
        listed.variance[0][here],
    )
    gap = _gap(listed, drawn, here, scheme.confidence)
    subjects = [s for s, known in zip(scores.subjects, here, strict=True) if known]
    ranks = [
        competition_rank(x)
        for x in (listed.estimate[0][here], drawn.estimate[0][here], both.estimate)
    ]
    columns = (
        [scores.wave] * len(subjects),
        subjects,
        [roster.subject(s).name for s in subjects],
        listed.estimate[0][here],
        np.sqrt(listed.variance[0][here]),
        ranks[0],
        drawn.estimate[0][here],
        np.sqrt(drawn.variance[0][here]),
        ranks[1],
        *gap,
        both.estimate,
        np.sqrt(both.mse),
        ranks[2],
        both.share,
    )
    names = [column.name for column in FRAMES["samples"]]
    return frame("samples", dict(zip(names, columns, strict=True)))


def street_gap(gap: Mapping[str, float], subjects: int, confidence: float) -> dict[str, float]:
    """Return a street's gap with its interval, by Student's t over the committees."""
    if not gap:
        return {}
    reach = gap["se"] * float(tails.t_quantile(0.5 + confidence / 2.0, subjects - 1))
    return {**gap, "low": gap["mean"] - reach, "high": gap["mean"] + reach}


def _told(scores: Scores, code: str) -> set[str]:
    own = scores.indicators
    own = own[(own["group"] == code) & (own["code"] == COMPOSITE) & own["estimate"].notna()]
    return set(own["subject"])


def _gap(
    listed: Combined, drawn: Combined, here: np.ndarray, confidence: float
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return gaps, their standard errors and the ends of their intervals (Satterthwaite)."""
    gap = (listed.estimate[0] - drawn.estimate[0])[here]
    parts = [(own.variance[0][here], own.df[0][here]) for own in (listed, drawn)]
    variance = sum(v for v, _ in parts)
    df = variance**2 / sum(v**2 / np.minimum(d, 1e9) for v, d in parts)
    reach = np.sqrt(variance) * tails.t_quantile(0.5 + confidence / 2.0, df)
    return gap, np.asarray(np.sqrt(variance)), gap - reach, gap + reach
