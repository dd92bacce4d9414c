"""Cells, scores and schemes of a handful of committees, written down number by number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from evalkit.definitions.roster import Roster, Subject
from evalkit.definitions.scheme import Scheme
from evalkit.methods.influence import influence_of
from evalkit.tables import OVERALL, Cells, GroupCells, Measure, Scores, no_rows

GRADES = [
    {"name": "优秀", "cutoff": 90, "good": True},
    {"name": "合格", "cutoff": 60},
    {"name": "待改进", "cutoff": 0},
]


def scheme_of(
    groups: Mapping[str, float],
    dimensions: Mapping[str, Mapping[str, float]],
    *,
    covers: Mapping[str, list[str]] | None = None,
    minimum_n: int = 2,
    **more: Any,
) -> Scheme:
    """A scheme of groups with weights, and dimensions of indicators with weights.

    The first group are the residents; every indicator has an item of the only questionnaire.
    """
    first = next(iter(groups))
    data = {
        "id": "hand",
        "title": "手算",
        "residents_weight": groups[first],
        "groups": [
            {
                "code": code,
                "name": code,
                "weight": weight,
                "questionnaire": "q",
                "residents": code == first,
                "covers": (covers or {}).get(code),
                "minimum_n": minimum_n,
            }
            for code, weight in groups.items()
        ],
        "dimensions": [
            {
                "code": code,
                "name": f"{code}维度",
                "weight": sum(inside.values()),
                "indicators": [
                    {"code": own, "name": f"{own}指标", "weight": weight, "items": {"q": [own]}}
                    for own, weight in inside.items()
                ],
            }
            for code, inside in dimensions.items()
        ],
        "grades": GRADES,
        **more,
    }
    scheme = Scheme.model_validate(data)
    assert not list(scheme.faults())
    return scheme


def one_group(**more: Any) -> Scheme:
    """Residents alone, who are asked one thing."""
    return scheme_of({"r": 100}, {"A": {"A1": 100}}, **more)


def group_of(
    means: ArrayLike,
    variances: ArrayLike,
    n: Sequence[int],
    *,
    n_effective: Sequence[float] | None = None,
    n_measure: ArrayLike | None = None,
    df: Sequence[float] | None = None,
    joint: ArrayLike | None = None,
) -> GroupCells:
    """Cells of one group: means (K, I); variances (K, I), or covariances (K, I, I) of the means.

    Nobody was asked about overall satisfaction. Of `joint` (K, K) every indicator has the same, and
    different indicators have nothing in common.
    """
    x = np.asarray(means, dtype=float)
    v = np.asarray(variances, dtype=float)
    k, i = x.shape
    cov = v if v.ndim == 3 else np.stack([np.diag(row) for row in v])
    covariance = np.full((k, i + 1, i + 1), np.nan)
    covariance[:, :i, :i] = cov
    counts = np.zeros((k, i + 1), dtype=np.int64)
    counts[:, :i] = np.array(n)[:, None] if n_measure is None else np.asarray(n_measure)
    together = None
    if joint is not None:
        together = np.zeros((k, i + 1, k, i + 1))
        for place in range(i):
            together[:, place, :, place] = np.asarray(joint, dtype=float)
        for place in range(k):
            together[place, :, place] = covariance[place]
    return GroupCells(
        n=np.array(n, dtype=np.int64),
        n_effective=np.array(n if n_effective is None else n_effective, dtype=float),
        n_measure=counts,
        mean=np.column_stack([x, np.full(k, np.nan)]),
        covariance=covariance,
        influence=None if together is None else influence_of(together),
        df=np.array([own - 1 for own in n] if df is None else df, dtype=float),
    )


def cells_of(
    scheme: Scheme,
    groups: Mapping[str, GroupCells],
    *,
    wave: str = "2016",
    subjects: Sequence[str] | None = None,
    definitions: Mapping[str, str] | None = None,
) -> Cells:
    codes = tuple(indicator.code for indicator in scheme.indicators)
    k = len(next(iter(groups.values())).n)
    return Cells(
        wave,
        tuple("abcdefghij"[:k] if subjects is None else subjects),
        (*codes, OVERALL),
        dict(groups),
        no_rows("distributions"),
        {code: (definitions or {}).get(code, "same") for code in codes},
    )


def roster_of(subjects: Sequence[str], **columns: Sequence[str | None]) -> Roster:
    """A roster of these ids, each called after its id, with columns such as zone or housing."""
    return Roster(
        subjects=[
            Subject(
                id=one,
                name=f"{one}村",
                **{column: values[place] for column, values in columns.items()},  # type: ignore[arg-type]
            )
            for place, one in enumerate(subjects)
        ]
    )


def scores_of(
    composite: Sequence[float],
    variance: Sequence[float] | float,
    *,
    df: Sequence[float] | float = 2.0,
    covariance: ArrayLike | None = None,
    wave: str = "2016",
    subjects: Sequence[str] | None = None,
    measures: Sequence[Measure] = (Measure("composite", "composite", "总分", 100.0),),
    estimate: ArrayLike | None = None,
    difference_variance: ArrayLike | None = None,
    **more: Any,
) -> Scores:
    """Scores of some committees; variances and degrees of freedom are those of every measure.

    `cell_weights` (G, I) are everybody's, (K, G, I) each committee's own.
    """
    k, m = len(composite), len(measures)
    own = np.broadcast_to(np.asarray(variance, dtype=float), (k,))
    matrix = np.diag(own) if covariance is None else np.asarray(covariance, dtype=float)
    plain = np.diag(matrix) - 2.0 * matrix.mean(axis=1) + matrix.mean()
    filled: dict[str, Any] = {
        "incomplete": (),
        "cell_weights": np.ones((k, 1, 1)),
        "cell_means": np.asarray(composite, dtype=float)[:, None, None],
        "table": no_rows("scores"),
        "indicators": no_rows("indicators"),
        **more,
    }
    if np.ndim(filled["cell_weights"]) == 2:
        filled["cell_weights"] = np.repeat(filled["cell_weights"][None], k, axis=0)
    return Scores(
        wave=wave,
        subjects=tuple("abcdefghij"[:k] if subjects is None else subjects),
        measures=tuple(measures),
        estimate=np.asarray([composite] * m if estimate is None else estimate, dtype=float),
        variance=np.tile(own, (m, 1)),
        df=np.tile(np.broadcast_to(np.asarray(df, dtype=float), (k,)), (m, 1)),
        covariance=matrix,
        pair_df=np.full((k, k), np.inf),
        difference_variance=np.asarray(
            [plain] * m if difference_variance is None else difference_variance, dtype=float
        ),
        **filled,
    )


# Student's t with two degrees of freedom has no need of tables.


def t2_above(t: float) -> float:
    """Probability that t lies above a value, both tails of its absolute value: 1 - t / √(2 + t²)."""
    return float(1.0 - t / (2.0 + t * t) ** 0.5)


def t2_cdf(t: float) -> float:
    return float(0.5 + t / (2.0 * (2.0 + t * t) ** 0.5))


def t2_quantile(p: float) -> float:
    return float((2.0 * p - 1.0) / (2.0 * p * (1.0 - p)) ** 0.5)
