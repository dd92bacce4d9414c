"""What residents would say if those who answered were like those who live there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section
from evalkit.pages.telling.facts import records
from evalkit.tables import Evaluation

NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Residents(Section):
    """Raw and post-stratified scores side by side."""

    template = "technical/residents.html.j2"
    lines: Sequence[str]
    groups: Sequence[str]
    rows: Sequence[Mapping[str, object]]


def section(evaluation: Evaluation) -> Residents | None:
    """Plan the table; None where nobody's residents are known: `missing` says so elsewhere."""
    table = evaluation.assurance.multilevel
    if not len(table):
        return None
    groups = list(dict.fromkeys(str(code) for code in table["group"]))
    names = {g.code: g.name for g in evaluation.scheme.groups}
    return Residents(
        title="按居民构成推算",
        takeaway=(
            f"按各{evaluation.order.subject_word}居民的构成（{_by(table, evaluation)}）推算，"
            "并把答卷少的向平均靠拢："
            + "；".join(moved(table[table["group"] == code], names[code]) for code in groups)
            + "。"
        ),
        lines=[_assumed(table, evaluation), *_left_out(table, evaluation)],
        groups=[names[code] for code in groups],
        rows=_rows(table, groups),
    )


def moved(own: pd.DataFrame, group: str) -> str:
    """Say how far one group's scores move, and whose beyond what chance explains."""
    size = own["shift"].abs()
    most = records(own)[int(size.to_numpy().argmax())]
    beyond = [str(name) for name in own.loc[own["beyond"].astype(bool), "name"]]
    tail = (
        f"，{len(beyond)} 个超出原来的误差范围（{say.joined(beyond, NAMED)}）"
        if beyond
        else "，没有一个超出原来的误差范围"
    )
    return (
        f"{group}的得分平均变动 {say.fixed(size.mean())} 分，"
        f"最多 {say.signed(most['shift'])} 分（{most['name']}）{tail}"
    )


def missing(evaluation: Evaluation) -> list[str]:
    """Say what is not known where no score can be told for the people who live there."""
    decided, word = evaluation.decided, evaluation.order.subject_word
    asked = evaluation.scheme.residents
    profiles = [i for g in asked for i in decided.questionnaires[g.source].of_role("profile")]
    if len(evaluation.assurance.multilevel) or not profiles or evaluation.current.answers is None:
        return []
    margins = decided.margins
    if margins and any(margins.of_subjects(evaluation.wave, g.code) for g in asked):
        return [f"写明居民构成的{word}答卷太少，没有按居民构成推算得分。"]
    return [
        f"各{word}居民的年龄、性别、住房构成没有资料（margins.csv 中没有按{word}写的比例），"
        "因此没有按居民构成推算得分。"
    ]


def _by(table: pd.DataFrame, evaluation: Evaluation) -> str:
    """Name what the people of a committee are known by."""
    texts = {i.id: i.text for q in evaluation.questionnaires.values() for i in q.items}
    known = dict.fromkeys(item for names in table["known_by"] for item in str(names).split(";"))
    return say.joined(f"“{say.unpunctuated(texts[item])}”" for item in known if item in texts)


def _assumed(table: pd.DataFrame, evaluation: Evaluation) -> str:
    word = evaluation.order.subject_word
    housed = any("housing" in str(known).split(";") for known in table["known_by"])
    like = f"同类住房的{word}的" if housed else "全部"
    return (
        f"推算的假定：这些情况对评分的影响在各{word}相同，几种影响相加；答卷少的{word}向{like}平均靠拢。"
        "只供对照，名次和等第仍按原始得分。"
    )


def _left_out(table: pd.DataFrame, evaluation: Evaluation) -> list[str]:
    told = set(table["subject"])
    left = [s for s in evaluation.current.scores.subjects if s not in told]
    if not left:
        return []
    names = [evaluation.roster.subject(subject).name for subject in left]
    return [
        f"{say.joined(names, NAMED)}没有写明居民构成，或者居民的得分不公布，没有推算"
        f"（共 {len(left)} 个）。"
    ]


def _rows(table: pd.DataFrame, groups: Sequence[str]) -> list[dict[str, object]]:
    cells = {(row["subject"], row["group"]): row for row in records(table)}
    names = dict(zip(table["subject"], table["name"], strict=True))
    rows: list[dict[str, object]] = []
    for subject, name in names.items():
        own = [cells.get((subject, group), {}) for group in groups]
        rows.append(
            {
                "name": name,
                "cells": [
                    {
                        "raw": say.fixed(row.get("raw")),
                        "raw_ends": say.interval(row.get("raw_low"), row.get("raw_high")),
                        "multilevel": say.fixed(row.get("multilevel")),
                        "ends": say.interval(row.get("multilevel_low"), row.get("multilevel_high")),
                        "shift": say.signed(row.get("shift")),
                        "beyond": bool(row.get("beyond", False)),
                    }
                    for row in own
                ],
            }
        )
    return rows
