"""Who answered: issued, returned and valid by group, and residents by what they say of themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from evalkit.definitions.evaluation import ResponseFile
from evalkit.definitions.raters import RaterGroup
from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section
from evalkit.pages.telling import facts as known
from evalkit.pages.telling.facts import Row
from evalkit.pages.telling.fieldwork import current
from evalkit.tables import Evaluation

APART = 0.05
"""Shares that are further than this from what is known are worth a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Section):
    """Who answered."""

    template = "street/answered.html.j2"
    groups: Sequence[Mapping[str, str]]
    together: bool
    heads: Sequence[str]
    known: bool
    items: Sequence[tuple[str, Sequence[Mapping[str, object]]]]
    missing: Sequence[str]


def section(evaluation: Evaluation) -> Answered | None:
    """Plan the appendix on who answered; None where nothing is told but numbers of answers.

    These stand in 做了什么 (`fieldwork`), with the reason why there is no more (`unlisted`).
    """
    table = known.records(evaluation.composition)
    if all(say.missing(row["n"]) for row in table):
        return None
    codes = list(dict.fromkeys(str(row["group"]) for row in table))
    names = {group.code: group.name for group in evaluation.scheme.groups}
    groups = [_group(evaluation, group) for group in evaluation.scheme.asked]
    beside = any(not say.missing(row["known"]) for row in table)
    return Answered(
        title="附表：谁回答了",
        takeaway=_takeaway(evaluation, table),
        groups=groups,
        together=any(row["returned"] == say.MISSING for row in groups)
        and bool(current(evaluation)),
        heads=[names[code] for code in codes],
        known=beside,
        items=[
            (text, rows)
            for text in dict.fromkeys(_texts(table))
            if (rows := _options(table, text, codes))
        ],
        missing=_missing(evaluation, table, beside),
    )


def unlisted(evaluation: Evaluation) -> list[str]:
    """Return why there is no list of who answered; nothing where there is one."""
    table = known.records(evaluation.composition)
    if not evaluation.scheme.asked or not all(say.missing(row["n"]) for row in table):
        return []
    return _missing(evaluation, table, beside=False)


def _texts(table: Sequence[Row]) -> list[str]:
    return [str(row["name"]) for row in table]


def _group(evaluation: Evaluation, group: RaterGroup) -> dict[str, str]:
    n = [int(x) for x in evaluation.current.cells.groups[group.code].n]
    sent = evaluation.order.issued(evaluation.wave).get(group.code)
    total, least, most = sum(n), min(n, default=0), max(n, default=0)
    middle = int(median(n)) if n else 0
    return {
        "name": group.name,
        "issued": say.count(sent),
        "returned": say.count(_returned(evaluation, group.code), group.minimum_n),
        "n": say.count(total, group.minimum_n),
        "rate": say.percent(total / sent) if sent else say.MISSING,
        "reach": f"{say.count(least, group.minimum_n)} 至 {say.count(most, group.minimum_n)}",
        "middle": say.count(middle, group.minimum_n),
    }


def _returned(evaluation: Evaluation, code: str) -> int | None:
    """Return the rows that came back of a group; None where its files do not tell."""
    group_of = {file.file: file.group for file in _files(evaluation)}
    own = [r.rows_read for r in current(evaluation) if group_of.get(r.file) == code]
    return sum(own) if own else None


def _files(evaluation: Evaluation) -> list[ResponseFile]:
    return [f for wave in evaluation.order.waves if wave.id == evaluation.wave for f in wave.files]


def _options(table: Sequence[Row], text: str, codes: Sequence[str]) -> list[Mapping[str, object]]:
    """Return an item's options that may be told, each with every group's number and shares."""
    own = [row for row in table if row["name"] == text]
    told: list[Mapping[str, object]] = []
    for label in dict.fromkeys(str(row["label"]) for row in own if not say.missing(row["n"])):
        cells = {str(row["group"]): row for row in own if row["label"] == label}
        told.append({"label": label, "cells": [_cell(cells.get(code)) for code in codes]})
    return told


def _cell(row: Row | None) -> dict[str, str]:
    if row is None:
        return {"n": say.MISSING, "share": say.MISSING, "known": say.MISSING}
    return {
        "n": say.count(row["n"]),
        "share": say.percent(row["share"]),
        "known": say.percent(row["known"]),
    }


def _takeaway(evaluation: Evaluation, table: Sequence[Row]) -> str:
    names = {group.code: group.name for group in evaluation.scheme.groups}
    both = [row for row in table if not (say.missing(row["known"]) or say.missing(row["share"]))]
    if both:
        row = max(both, key=lambda row: abs(float(row["share"]) - float(row["known"])))
        apart = float(row["share"]) - float(row["known"])
        told = (
            f"{names[str(row['group'])]}的答卷中{say.quoted(str(row['label']))}占 "
            f"{say.percent(row['share'])}，已知占 {say.percent(row['known'])}"
        )
        if abs(apart) >= APART:
            return f"与已知的人口构成相差最多的：{told}；计分时已按已知构成加权。"
        return f"与已知的人口构成大致相符，相差最多的：{told}。"
    shown = [row for row in table if not say.missing(row["n"])]
    asked = "、".join(map(say.quoted, map(say.unpunctuated, dict.fromkeys(_texts(shown)))))
    return f"居民自报了{asked}；没有人口构成可以对照，看不出哪些居民被问得少。"


def _missing(evaluation: Evaluation, table: Sequence[Row], beside: bool) -> list[str]:
    """Say what is not told, and why."""
    found = []
    word = evaluation.order.street_word
    if not evaluation.order.issued(evaluation.wave):
        found.append("没有登记发放份数，算不出回收率。")
    if not current(evaluation):
        found.append("本批次的答卷来自评估数据库，只存汇总数，没有逐份的记录，列不出受访者构成。")
    elif not table:
        found.append("居民问卷没有问年龄、住房、居住年限等情况，列不出受访者构成。")
    elif any(say.missing(row["n"]) for row in table):
        found.append("选的人太少、或可由合计减出来的选项不列。")
    if table and not beside:
        found.append(f"要对照，请提供{word}的人口构成表；提供了，答卷也按它加权。")
    return found
