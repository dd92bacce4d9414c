"""What residents need by the list of needs, what there is for it, and how satisfied they are with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from evalkit.codes import Comparison
from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section
from evalkit.pages.telling import resources
from evalkit.pages.telling.facts import Row
from evalkit.tables import ALL_GROUPS, Evaluation

MOST = 6
"""Kinds of needs in the table; all stand in the workbook."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply(Section):
    """Kinds of needs with their shares, projects and resources, beside what residents say."""

    template = "street/supply.html.j2"
    rows: Sequence[Mapping[str, str]]
    offered: bool
    asked: bool
    remarks: Sequence[str]


def section(evaluation: Evaluation) -> Supply | None:
    """Plan the section; None without a list of needs that tells kinds."""
    rows = resources.demand(evaluation, ALL_GROUPS)
    rows = [row for row in rows if not say.missing(row["n"])]
    if not rows:
        return None
    worst = _worst(rows)
    shown = rows[:MOST]
    if worst is not None and worst not in shown:
        shown = [*rows[: MOST - 1], worst]
    told = [_row(evaluation, row) for row in shown]
    return Supply(
        title="需求与资源",
        takeaway=_takeaway(rows),
        rows=told,
        offered=any(
            row["resources"] != say.MISSING or row["running"] != say.MISSING for row in told
        ),
        asked=any(row["dissatisfied"] != say.MISSING for row in told),
        remarks=list(_remarks(evaluation, rows, told)),
    )


def _takeaway(rows: Sequence[Row]) -> str:
    most = max(rows, key=lambda row: float(row["n"]))
    said = f"需求最多的是{say.quoted(str(most['category']))}，占 {say.percent(most['share'])}"
    worst = _worst(rows)
    if worst is None:
        return f"{said}。"
    each = float(worst["n"]) / float(worst["running"])
    return (
        f"{said}；项目最不够用的是{say.quoted(str(worst['category']))}，"
        f"平均每个实施中的项目对应 {each:,.0f} 条需求。"
    )


def _worst(rows: Sequence[Row]) -> Row | None:
    """Return the kind with most needs for each project that is under way; None with one to tell."""
    short = [row for row in rows if not say.missing(row["running"]) and int(row["running"])]
    if len(short) < 2:
        return None
    return max(short, key=lambda row: float(row["n"]) / float(row["running"]))


def _row(evaluation: Evaluation, row: Row) -> dict[str, str]:
    codes = resources.indicators_of(evaluation, str(row["category"]))
    names = {one.code: one.name for one in evaluation.scheme.indicators}
    unhappy = [resources.dissatisfied(evaluation, code) for code in codes]
    unhappy = [share for share in unhappy if not say.missing(share)]
    return {
        "name": str(row["category"]),
        "n": f"{int(row['n']):,}",
        "share": say.percent(row["share"]),
        "interval": f"{say.interval(100 * float(row['low']), 100 * float(row['high']))}%",
        "projects": _whole(row["projects"]),
        "running": _whole(row["running"]),
        "resources": _whole(row["resources"]),
        "indicators": "、".join(names[code] for code in codes if code in names),
        "dissatisfied": say.percent(sum(unhappy) / len(unhappy)) if unhappy else say.MISSING,
    }


def _whole(value: object) -> str:
    return say.MISSING if say.missing(value) else f"{int(str(value)):,}"


def _remarks(
    evaluation: Evaluation, rows: Sequence[Row], told: Sequence[Mapping[str, str]]
) -> Iterator[str]:
    """Say how the numbers are to be read, and what is not shown."""
    yield "需求是清单上登记的条数：收集得勤，条数就多，所以看占比，不看多少。"
    if any(row["dissatisfied"] != say.MISSING for row in told):
        yield (
            "“未选满意”是居民问卷中对应指标各题没有选满意的平均比例；两列只是并列，"
            "需求多不说明评价低是它造成的，类别与指标的对应由措施库写明。"
        )
    yield from resources.loose(evaluation)
    if len(rows) > MOST:
        yield f"另有 {len(rows) - MOST} 类，见 results.xlsx 的“需求与供给”表。"
    table = evaluation.demand
    above = table[(table["band"] == Comparison.ABOVE.value) & (table["subject"] != ALL_GROUPS)]
    if len(above):
        word = evaluation.order.subject_word
        yield (
            f"{above['subject'].nunique()} 个{word}有占比明显高于平均的类别，共 {len(above)} 处，"
            "见 results.xlsx 的“需求与供给”表。"
        )
