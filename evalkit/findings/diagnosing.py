"""Strengths and weaknesses, only where the data can tell; tendencies are called tendencies."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evalkit.codes import Comparison
from evalkit.definitions.scheme import Scheme
from evalkit.methods import tails
from evalkit.methods.multiplicity import benjamini_hochberg
from evalkit.tables import Diagnosis, Finding, Floats, Provisional, Scores

ABOVE, BELOW, LEVEL = (Comparison.ABOVE.value, Comparison.BELOW.value, Comparison.LEVEL.value)
UNTESTED = Comparison.UNTESTED.value


def diagnose(scores: Scores, scheme: Scheme, previous: Scores | None) -> dict[str, Diagnosis]:
    """Diagnose every committee of a wave against the street's mean.

    A strength or weakness is an indicator whose difference from the street's mean is significant
    at the scheme's false-discovery rate, over all committees and indicators together; dimensions
    are a family of their own, and so is the composite. What is not told of a committee
    (`Scores.untold`) is tested with the others and stands in its profile without a number; it
    is no finding.

    Parameters
    ----------
    scores : Scores
    previous : Scores or None
        Of the last wave, under the same scheme; shown beside, never tested here.

    Returns
    -------
    dict of subject id to Diagnosis
        Committees that are being set up are tested against the mean of those that count, as
        families of their own, so that nobody's p-value hangs on them. Incomplete committees have
        one too, without findings. A measure of which nobody gave a committee an answer has no row
        in its profile; one without error is not tested.
    """
    differences, p_adjusted = tests(scores)
    result = {}
    hidden = scores.untold
    hidden_before = frozenset() if previous is None else previous.untold
    parts: list[tuple[Scores | Provisional, Floats, Floats]] = [(scores, differences, p_adjusted)]
    if scores.provisional is not None:
        parts.append((scores.provisional, *_beside(scores, scores.provisional)))
    for part, own, p in parts:
        for place, subject in enumerate(part.subjects):
            profile = _profile(scores, part, scheme, place, own[:, place], p[:, place], previous)
            _leave_out(profile, subject, hidden, hidden_before)
            findings = _findings(subject, profile, scheme)
            result[subject] = Diagnosis(subject, True, findings, profile)
    for entry in scores.incomplete:
        empty = pd.DataFrame({name: [] for name in _PROFILE})
        result[entry.subject] = Diagnosis(entry.subject, False, (), empty)
    return result


_PROFILE = (
    "code", "level", "name", "estimate", "se", "low", "high", "street", "difference",
    "difference_se", "p_adjusted", "verdict", "previous",
)  # fmt: skip


def tests(scores: Scores) -> tuple[Floats, Floats]:
    """Return differences from the street's mean and their adjusted p-values, shape (M, K)."""
    if len(scores.subjects) < 2:
        shape = scores.estimate.shape
        return np.zeros(shape), np.ones(shape)
    return _tested(scores, scores, scores.difference_variance)


def _beside(scores: Scores, part: Provisional) -> tuple[Floats, Floats]:
    """Return the same of committees that are being set up, as families of their own."""
    if not scores.subjects:
        return np.zeros_like(part.estimate), np.full_like(part.estimate, np.nan)
    return _tested(scores, part, part.difference_variance)


def _tested(scores: Scores, part: Scores | Provisional, variance: Floats) -> tuple[Floats, Floats]:
    differences = part.estimate - _street(scores)[:, None]
    se = np.sqrt(variance)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(se == 0, 0.0, np.abs(differences) / se)  # of a rounded covariance, no proof
    p = np.asarray(2.0 * tails.t_above(t, np.minimum(part.df, 1e9)), dtype=np.float64)
    adjusted = np.ones_like(p)
    levels = np.array([measure.level for measure in scores.measures])
    for level in ("composite", "dimension", "indicator"):
        family = levels == level
        adjusted[family] = benjamini_hochberg(p[family])
    return differences, adjusted


def _street(scores: Scores) -> Floats:
    """Return every measure's mean over the committees that have it, shape (M,)."""
    known = np.isfinite(scores.estimate)
    total = np.where(known, scores.estimate, 0.0).sum(axis=1)
    return np.asarray(total / np.where(known.any(axis=1), known.sum(axis=1), np.nan))


def _profile(
    scores: Scores,
    part: Scores | Provisional,
    scheme: Scheme,
    place: int,
    difference: Floats,
    p: Floats,
    previous: Scores | None,
) -> pd.DataFrame:
    """Return the profile of the subject at a place of a part of the scores; differences and p (M,)."""
    estimate = part.estimate[:, place]
    se = np.sqrt(part.variance[:, place])
    df = np.minimum(part.df[:, place], 1e9)
    reach = se * tails.t_quantile(0.5 + scheme.confidence / 2.0, df)
    significant = p < scheme.false_discovery_rate
    verdicts = np.where(significant, np.where(difference > 0, ABOVE, BELOW), LEVEL)
    verdicts = np.where(np.isnan(p), UNTESTED, verdicts)
    past = np.full(len(estimate), np.nan)
    subject = part.subjects[place]
    if previous is not None and subject in _scored(previous):
        then, at = previous.of(subject)
        past = then.estimate[:, at]
    profile = pd.DataFrame(
        {
            "code": [measure.code for measure in scores.measures],
            "level": [measure.level for measure in scores.measures],
            "name": [measure.name for measure in scores.measures],
            "estimate": estimate,
            "se": se,
            "low": np.maximum(estimate - reach, 0.0),
            "high": np.minimum(estimate + reach, 100.0),
            "street": _street(scores),
            "difference": difference,
            "difference_se": np.sqrt(part.difference_variance[:, place]),
            "p_adjusted": p,
            "verdict": verdicts,
            "previous": past,
        }
    )
    return profile[np.isfinite(estimate)].reset_index(drop=True)


def _scored(scores: Scores) -> tuple[str, ...]:
    beside = scores.provisional
    return (*scores.subjects, *(beside.subjects if beside is not None else ()))


def _leave_out(
    profile: pd.DataFrame,
    subject: str,
    hidden: frozenset[tuple[str, str]],
    hidden_before: frozenset[tuple[str, str]],
) -> None:
    """Empty what is not told of a committee, of this wave and of the last."""
    gone = [(subject, str(code)) in hidden for code in profile["code"]]
    numbers = [
        "estimate", "se", "low", "high", "difference", "difference_se", "p_adjusted",
    ]  # fmt: skip
    if any(gone):
        profile.loc[gone, numbers] = np.nan
        profile.loc[gone, "verdict"] = UNTESTED
    before = [(subject, str(code)) in hidden_before for code in profile["code"]]
    if any(before):
        profile.loc[before, "previous"] = np.nan


def _findings(subject: str, profile: pd.DataFrame, scheme: Scheme) -> tuple[Finding, ...]:
    """Turn indicators into findings, the surest first."""
    found = []
    own = profile[profile["level"] == "indicator"]
    numbers = own[["estimate", "street", "difference", "difference_se", "p_adjusted"]]
    labels = zip(own["code"], own["name"], strict=True)
    for (code, name), values in zip(labels, numbers.to_numpy(dtype=float).tolist(), strict=True):
        estimate, street, difference, se, p_adjusted = values
        if difference == 0 or np.isnan(p_adjusted):
            continue
        sure = p_adjusted < scheme.false_discovery_rate
        above = difference > 0
        found.append(
            Finding(
                kind=("strength" if above else "weakness")
                if sure
                else ("tendency_high" if above else "tendency_low"),
                subject=subject,
                code=str(code),
                name=str(name),
                estimate=estimate,
                street=street,
                difference=difference,
                se=se,
                p_adjusted=p_adjusted,
            )
        )
    order = sorted(
        found, key=lambda f: (f.p_adjusted, -abs(f.difference) / max(f.se, 1e-12), f.code)
    )
    return tuple(order)
