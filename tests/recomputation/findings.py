"""Strengths, weaknesses and tendencies: `findings.json`.

From `docs/method.md` (Findings): "An indicator is a strength or weakness if its difference from the
street's mean is significant at a false-discovery rate of 5% (Benjamini-Hochberg) over all committees
and indicators of the wave together ... Anything else is a tendency and called so. The variance of
that difference is corrected for skewness."
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from tests.recomputation import weights as weighing
from tests.recomputation.scores import Combined, Wave, combined, complete

Array = np.ndarray


def benjamini_hochberg(p: Array) -> Array:
    """p_(i) m / i, from the largest down never rising, at most 1 (Benjamini & Hochberg 1995)."""
    flat = p.ravel()
    adjusted, lowest = np.empty(flat.size), 1.0
    for place in np.argsort(flat)[::-1]:
        rank = np.sum(flat <= flat[place])
        lowest = min(lowest, flat[place] * flat.size / rank)
        adjusted[place] = lowest
    return adjusted.reshape(p.shape)


def against_street(found: Combined) -> tuple[Array, Array]:
    """Return every committee's difference from the street's mean and its standard error.

    j less the mean of all weighs its own score 1 - 1/K and the others' -1/K. Its own variance is
    the one for testing; the others' errors stay as they are.
    """
    k = len(found.mean)
    difference = found.mean - found.mean.mean()
    weights = np.eye(k) - 1 / k
    variance = np.einsum("jk,kl,jl->j", weights, found.covariance, weights)
    variance = variance + (1 - 1 / k) ** 2 * (found.tested - found.variance)
    return difference, np.sqrt(np.maximum(variance, 0.0))


def of_wave(wave: Wave, scheme: dict[str, Any], names: dict[str, str]) -> list[dict[str, Any]]:
    """As `findings.json`: committees in roster order, each one's surest findings first."""
    subjects = complete(wave, scheme)
    measured = [m for m in weighing.measures(scheme) if m.level == "indicator"]
    found = [combined(wave, measure, subjects) for measure in measured]
    k = len(subjects)
    difference, se, p = (np.zeros((len(measured), k)) for _ in range(3))
    p += 1.0
    if k >= 2:
        for m, numbers in enumerate(found):
            difference[m], se[m] = against_street(numbers)
            for j in range(k):
                if se[m, j] > 0:
                    t = abs(difference[m, j]) / se[m, j]
                    p[m, j] = 2 * stats.t.sf(t, numbers.df[j])
    adjusted = benjamini_hochberg(p) if p.size else p
    result = []
    for subject in wave.subjects:
        own = []
        at = subjects.index(subject) if subject in subjects else None
        for m, measure in enumerate(measured):
            if at is None or difference[m, at] == 0:
                continue
            sure, high = adjusted[m, at] < scheme["false_discovery_rate"], difference[m, at] > 0
            kind = {
                (True, True): "strength",
                (True, False): "weakness",
                (False, True): "tendency_high",
                (False, False): "tendency_low",
            }[bool(sure), bool(high)]
            own.append(
                {
                    "kind": kind,
                    "subject": subject,
                    "code": measure.code,
                    "name": measure.name,
                    "estimate": found[m].mean[at],
                    "street": found[m].mean.mean(),
                    "difference": difference[m, at],
                    "se": se[m, at],
                    "p_adjusted": adjusted[m, at],
                }
            )
        result.append(
            {
                "subject": subject,
                "name": names[subject],
                "wave": wave.name,
                "complete": at is not None,
                "findings": own,
            }
        )
    return result


def surest_first(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """By adjusted p, then by how many standard errors away, then by code."""

    def key(f: dict[str, Any]) -> tuple[float, float, str]:
        return (f["p_adjusted"], -abs(f["difference"]) / max(f["se"], 1e-12), f["code"])

    return sorted(findings, key=key)
