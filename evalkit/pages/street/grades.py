"""Grades: how many hold each, from which grade they came, and how many are doubtful."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from evalkit.pages.press import wording as say
from evalkit.pages.press.planned import Chart
from evalkit.pages.press.section import Section
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import grades as telling
from evalkit.pages.telling import lineage, overall
from evalkit.tables import Evaluation

DOUBTFUL = 0.8
"""Grades less probable than this are counted as doubtful."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grades(Section):
    """How many hold each grade, by wave, and from which they came."""

    template = "street/grades.html.j2"
    chart: Chart
    waves: Sequence[str]
    rows: Sequence[Mapping[str, object]]
    moves: Sequence[Mapping[str, object]]
    grades: Sequence[str]
    moved: str
    doubt: str


def section(evaluation: Evaluation) -> Grades | None:
    """Plan the grades, against the last wave; None if nobody has one."""
    total = len(evaluation.current.scores.subjects)
    if not total:
        return None
    counts = grade_counts(evaluation)
    waves = list(dict.fromkeys(counts["wave"]))
    table = counts.pivot_table(index="grade", columns="wave", values="count", sort=False)
    sentences = overall.grade_sentences(evaluation)
    moves = transitions(evaluation)
    return Grades(
        title="等第",
        takeaway=sentences[0] if sentences else f"共 {total} 个有等第。",
        chart=Chart(
            "grade_counts",
            counts,
            "各等第的个数，按批次",
            {"order": [grade.name for grade in evaluation.scheme.grades]},
        ),
        waves=waves,
        rows=[
            {
                "grade": grade.name,
                "cutoff": f"{grade.cutoff:g} 分及以上" if grade.cutoff > 0 else "其余",
                "counts": [int(table.loc[grade.name, wave]) for wave in waves],
                "basis": "假定" if grade.basis == "assumption" else "公开资料",
            }
            for grade in evaluation.scheme.grades
        ],
        moves=_transition_rows(evaluation, moves) if len(moves) else [],
        grades=[grade.name for grade in evaluation.scheme.grades],
        moved=moved_sentence(evaluation),
        doubt=doubt_sentence(evaluation),
    )


def grade_counts(evaluation: Evaluation) -> pd.DataFrame:
    """Return how many complete committees hold each grade, by wave (last one and this one)."""
    rows = []
    for wave in list(evaluation.waves)[-2:]:
        table = evaluation.waves[wave].scores.table
        held = table.loc[table["complete"].astype(bool), "grade"].value_counts()
        rows += [
            {
                "wave": evaluation.order.wave_name(wave),
                "grade": g.name,
                "count": int(held.get(g.name, 0)),
            }
            for g in evaluation.scheme.grades
        ]
    return pd.DataFrame(rows)


def transitions(evaluation: Evaluation) -> pd.DataFrame:
    """Count the moves from the last wave's grade to this one's, under today's scheme.

    Returns
    -------
    DataFrame
        Grades of the last wave by grades of this one, in the scheme's order, over the committees
        that are complete in both; empty without a last wave or such a committee.
    """
    grades = [grade.name for grade in evaluation.scheme.grades]
    if len(evaluation.waves) < 2:
        return pd.DataFrame()
    last, now = (
        evaluation.waves[wave].scores.table.set_index("subject")["grade"].dropna()
        for wave in list(evaluation.waves)[-2:]
    )
    same = lineage.same_before(evaluation)
    both = [subject for subject in now.index if same.get(subject) in last.index]
    if not both:
        return pd.DataFrame()
    found = pd.DataFrame(0, index=grades, columns=grades)
    for subject in both:
        found.loc[last[same[subject]], now[subject]] += 1
    return found


def moved_sentence(evaluation: Evaluation) -> str:
    """Say how many grades rose, fell and stayed; empty where nothing can be compared."""
    table = transitions(evaluation).to_numpy()
    if not table.size:
        return ""
    total, same = int(table.sum()), int(table.trace())
    place = range(len(table))
    up = sum(int(table[i, j]) for i in place for j in place if j < i)
    down = total - same - up
    if same == total:
        return f"两次都有等第的 {total} 个，等第都没有变。"
    parts = [
        text
        for number, text in (
            (up, f"{up} 个升等"),
            (down, f"{down} 个降等"),
            (same, f"{same} 个不变"),
        )
        if number
    ]
    return (
        f"两次都有等第的 {total} 个中，{'，'.join(parts)}。"
        "等第的升降没有另作检验：得分在分数线附近的，偶然就会升降；变化是否明显，见“变化”一节。"
    )


def doubtful(evaluation: Evaluation) -> tuple[int, int]:
    """Return how many grades are less probable than `DOUBTFUL`, and how many there are."""
    scores = evaluation.current.scores.table
    held = scores[scores["complete"].astype(bool)]
    return int((held["grade_probability"] < DOUBTFUL).sum()), len(held)


def doubt_sentence(evaluation: Evaluation) -> str:
    """Say how many grades may well be the neighbouring one."""
    doubt, total = doubtful(evaluation)
    if not doubt:
        return f"每个等第的可能性都在 {say.percent(DOUBTFUL)} 以上。"
    return (
        f"{total} 个等第中，有 {doubt} 个（{say.percent(doubt / total)}）的可能性"
        f"不到 {say.percent(DOUBTFUL)}：真实得分可能落在相邻等第{_unsure(evaluation)}。"
    )


def _unsure(evaluation: Evaluation) -> str:
    """Say how many grades are less likely than another one: only their line is told."""
    scores = evaluation.current.scores.table
    held = known.records(scores[scores["complete"].astype(bool)])
    number = sum(map(telling.unsure, held))
    return f"；其中 {number} 个不到一半，只能说得分在分数线附近" if number else ""


def _transition_rows(evaluation: Evaluation, moves: pd.DataFrame) -> list[dict[str, Any]]:
    names = [grade.name for grade in evaluation.scheme.grades]
    return [
        {
            "grade": name,
            "cells": [
                {"n": int(n) or "", "same": name == other}
                for other, n in zip(names, row, strict=True)
            ],
            "total": int(row.sum()),
        }
        for name, row in zip(names, moves.to_numpy(), strict=True)
        if row.sum()
    ]
