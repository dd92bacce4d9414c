"""The manual's sections on how scores come about, with a worked example, and how to read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evalkit.definitions.decided import Decided
from evalkit.definitions.words import WORDS
from evalkit.methods import tails
from evalkit.pages.manual import fieldwork
from evalkit.pages.press import wording as say
from evalkit.pages.press.meanings import meaning
from evalkit.pages.press.section import Section
from evalkit.pages.press.sentences import Words
from evalkit.pages.telling import assumed, weights
from evalkit.pages.telling.behind import heading, number
from evalkit.tables import ALL_GROUPS, COMPOSITE, Illustration

COLUMNS = 6
"""Rater groups side by side in one table of weights."""


# --- scores ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores(Section):
    """Weights, and an example to follow by hand."""

    template = "manual/scores.html.j2"
    uncovered: str
    equal: bool
    within: bool
    answered: str
    tables: Sequence[Mapping[str, object]]
    example: Mapping[str, Any] | None
    recorded: str


def scores(decided: Decided, example: Illustration) -> Scores:
    """Plan the scheme with its nominal and effective weights, and the worked example."""
    scheme = decided.scheme
    joint = 100.0 * scheme.weights()
    return Scores(
        title="得分怎样得来",
        takeaway=(
            f"得分是 {len(scheme.groups)} 类评价主体、{len(scheme.dimensions)} 个维度、"
            f"{len(scheme.indicators)} 项指标的平均分按实际权重相加，满分 100 分；每一步都能用手算复核。"
        ),
        uncovered=WORDS["uncovered"][scheme.uncovered],
        equal=bool(np.allclose(joint.sum(axis=0), [i.weight for i in scheme.indicators])),
        within=scheme.uncovered == "within_group",
        answered=say.percent(scheme.minimum_answered),
        tables=[
            _weights(decided, joint, range(at, min(at + COLUMNS, len(scheme.groups))))
            for at in range(0, len(scheme.groups), COLUMNS)
        ],
        example=_example(decided, example),
        recorded=fieldwork.named([group for group in scheme.groups if group.ledger is not None]),
    )


def _weights(decided: Decided, joint: np.ndarray, places: range) -> dict[str, Any]:
    """Set nominal weights of indicators beside what they weigh in the composite, by group."""
    scheme = decided.scheme
    rows = []
    at = 0
    for dimension in scheme.dimensions:
        own = range(at, at + len(dimension.indicators))
        at += len(dimension.indicators)
        rows.append(
            _weight_row(
                "dimension",
                f"{dimension.code}　{dimension.name}",
                dimension.weight,
                joint,
                own,
                places,
            )
        )
        rows += [
            _weight_row(
                "indicator", f"{i.code}　{i.name}", i.weight, joint, range(p, p + 1), places
            )
            for p, i in zip(own, dimension.indicators, strict=True)
        ]
    rows.append(_weight_row("mean", "合计", 100.0, joint, range(joint.shape[1]), places))
    return {"groups": [scheme.groups[g].name for g in places], "rows": rows}


def _weight_row(
    kind: str, name: str, nominal: float, joint: np.ndarray, own: range, places: range
) -> dict[str, Any]:
    inside = joint[:, own.start : own.stop].sum(axis=1)
    return {
        "kind": kind,
        "name": name,
        "nominal": f"{nominal:g}",
        "effective": weights.told(float(inside.sum())),
        "groups": [say.fixed(inside[g], 2) if inside[g] > 0 else "" for g in places],
    }


# --- worked example -------------------------------------------------------------------------


def _example(decided: Decided, example: Illustration) -> dict[str, Any] | None:
    """Follow one indicator from a respondent to a cell, and the groups to score and grade."""
    if not example.scores.subjects:
        return None
    scheme = decided.scheme
    indicator = next(i for i in scheme.indicators if i.code == example.indicator)
    group = scheme.group(example.group)
    form = decided.questionnaires[group.source]
    return {
        "indicator": f"{indicator.code}　{indicator.name}",
        "group": group.name,
        "items": [form.item(i).text for i in indicator.items[form.id]],
        "people": [
            {
                "answers": [
                    {
                        "label": answer.label,
                        "score": "不计分" if answer.score is None else _short(answer.score),
                    }
                    for answer in person.answers
                ],
                "how": _mean_in_words(person.answers, person.score),
            }
            for person in example.people
        ],
        "least": say.percent(scheme.minimum_answered),
        "cell": _cell(decided, example),
        "composite": _composite(decided, example),
        "populations": any(g.population is not None for g in scheme.groups),
        "respondent": group.raters == "respondent",
    }


def _short(value: float) -> str:
    """Write a score with no more decimals than it has, two at most."""
    return f"{round(value, 2):g}"


def _mean_in_words(answers: Any, score: float | None) -> str:
    values = [answer.score for answer in answers if answer.score is not None]
    if score is None:
        return "答的题不够，没有得分" if values else "一题也没有计分，没有得分"
    if len(values) == 1:
        return f"{_short(score)}"
    return f"({' + '.join(_short(v) for v in values)}) ÷ {len(values)} = {_short(score)}"


def _cell(decided: Decided, example: Illustration) -> dict[str, Any]:
    at = example.cells.measures.index(example.indicator)
    group = example.cells.groups[example.group]
    n = int(group.n_measure[0, at])
    mean, variance = float(group.mean[0, at]), float(group.covariance[0, at, at])
    return {
        "spread": [{"score": _short(value), "n": count} for value, count in example.spread],
        "unscored": example.unscored,
        "n": n,
        "sum": " + ".join(
            f"{_short(value)}×{count}" if count > 1 else _short(value)
            for value, count in example.spread
        ),
        "mean": say.fixed(mean, 2),
        "sd": say.fixed((variance * n) ** 0.5, 2),
        "se": say.fixed(variance**0.5, 2),
    }


def _composite(decided: Decided, example: Illustration) -> dict[str, Any]:
    scheme, found = decided.scheme, example.scores
    shares = found.cell_weights[0].sum(axis=1)
    table = found.indicators[found.indicators["code"] == COMPOSITE].set_index("group")
    rows = []
    for group, share in zip(scheme.groups, shares, strict=True):
        own = table.loc[group.code]
        rows.append(
            {
                "name": group.name,
                "share": say.fixed(share, 3),
                "n": number(group, decided, int(example.cells.groups[group.code].n[0])),
                "estimate": say.fixed(own["estimate"], 2),
                "se": say.fixed(own["se"], 2),
                "points": say.fixed(share * own["estimate"], 2),
                "variance": say.fixed(share**2 * own["se"] ** 2, 3),
            }
        )
    row = found.table.iloc[0]
    df = float(found.df[0, 0])
    t = float(tails.t_quantile(0.5 + scheme.confidence / 2.0, min(df, 1e9)))
    cutoffs = [grade.cutoff for grade in scheme.grades]
    return {
        "rows": rows,
        "n": "" if scheme.ledgers else say.count(table["n"].loc[ALL_GROUPS]),
        "behind": heading(scheme) if scheme.ledgers else "答卷",
        "score": say.score(row["score"], cutoffs),
        "exact": say.fixed(row["score"], 2),
        "variance": say.fixed(row["se"] ** 2, 3),
        "se": say.fixed(row["se"], 2),
        "df": say.fixed(df),
        "t": say.fixed(t, 3),
        "confidence": say.percent(scheme.confidence),
        "interval": say.interval(row["low"], row["high"], 2),
        "cut": row["low"] <= 0.0 or row["high"] >= 100.0,
        "grade": str(row["grade"]),
        "reason": _reason(decided, str(row["grade"])),
    }


def _reason(decided: Decided, name: str) -> str:
    """Say between which cut-offs a grade lies."""
    grades = decided.scheme.grades
    at = next(place for place, grade in enumerate(grades) if grade.name == name)
    low = f"不低于 {grades[at].cutoff:g}" if at < len(grades) - 1 else ""
    high = f"低于 {grades[at - 1].cutoff:g}" if at > 0 else ""
    return "、".join(part for part in (low, high) if part) or "只有这一个等第"


# --- reading --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(Section):
    """What grades, ranks and changes say."""

    template = "manual/reading.html.j2"
    grades: Sequence[Mapping[str, str]]
    composite: Mapping[str, Any] | None
    confidence: str
    alpha: str
    fdr: str
    places: str
    place: str
    outside: int
    waves: int
    order: str
    alternatives: Sequence[str]


def reading(decided: Decided, example: Illustration) -> Reading:
    """Plan how to read grades, ranks, rank sets and changes, and what never to do with them."""
    scheme = decided.scheme
    count = fieldwork.ranked(decided)
    low, high = max(1, count // 6), max(1, count // 2)
    composite = _composite(decided, example) if example.scores.subjects else None
    return Reading(
        title="等第、名次、名次范围和变化怎样读",
        takeaway="得分连着误差范围读，等第连着把握读，名次连着名次范围读，变化只认经过检验的判断。",
        grades=[
            {
                "name": grade.name,
                "range": _reason(decided, grade.name),
                "good": "是" if grade.good else "",
                "basis": fieldwork.basis(grade.basis),
            }
            for grade in scheme.grades
        ],
        composite=composite,
        confidence=say.percent(scheme.confidence),
        alpha=say.percent(1.0 - scheme.confidence),
        fdr=say.percent(scheme.false_discovery_rate),
        places=say.places(low, high) if high > low else "",
        place=say.place((low + high) // 2),
        outside=count - (high - low + 1),
        waves=len(decided.order.waves),
        order=meaning("order", Words.of(decided.order)),
        alternatives=[assumed.described(one, scheme) for one in scheme.alternatives],
    )
