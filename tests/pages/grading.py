"""Which grades a score may have: from ``scores.csv``, ``bands.csv`` and a t distribution."""

from __future__ import annotations

import pytest
from scipy import stats

from tests.pages.reading import Files, Row, chance


def between(files: Files, own: Row) -> list[tuple[str, float]]:
    """Both grades, the likelier first, where the rule's is less probable than not; else none."""
    if own["grade_probability"] >= 0.5:
        return []
    band = files.one("bands", subject=own["subject"])
    scores = files.evaluation.current.scores
    df = scores.df[0, scores.subjects.index(own["subject"])]
    true = stats.t(min(df, 1e9), band["shrunken"], band["shrunken_se"])
    grades = files.evaluation.scheme.grades
    tops = [float("inf"), *(g.cutoff for g in grades[:-1])]
    ends = [*(g.cutoff for g in grades[:-1]), -float("inf")]
    found = {g.name: true.cdf(t) - true.cdf(e) for g, t, e in zip(grades, tops, ends, strict=True)}
    assert sum(found.values()) == pytest.approx(1)
    assert found[own["grade"]] == pytest.approx(own["grade_probability"], abs=1e-6)
    other = max((name for name in found if name != own["grade"]), key=lambda name: found[name])
    return sorted(((n, found[n]) for n in (own["grade"], other)), key=lambda pair: -pair[1])


def both(pair: list[tuple[str, float]]) -> str:
    return "，".join(f"{name} {chance(p)}" for name, p in pair)
