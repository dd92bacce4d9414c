"""margins.csv: what a street knows of its residents, for raking a rater group to it.

One row a category: ``group,item,option,share`` (or ``total``), optionally ``wave``. The item is a
profile item of the group's questionnaire, the option its label or code; several options joined by
``;`` make one category.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum, isfinite
from pathlib import Path

import numpy as np

from evalkit.definitions.margins import Margin, Margins
from evalkit.definitions.questionnaire import Item, Questionnaire
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.text import comparable
from evalkit.errors import Problems
from evalkit.files import delimited

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "group": ("group", "主体", "评价主体"),
    "item": ("item", "题目"),
    "option": ("option", "选项"),
    "share": ("share", "比例", "占比"),
    "total": ("total", "人数"),
    "wave": ("wave", "批次", "年度"),
}
"""What the columns may be called; the first names are those of the documentation."""

SUM_TOLERANCE = 0.005
"""Rounded shares may miss 1 by half a percent; they are scaled to add up exactly."""
TOTALS_TOLERANCE = 0.05
"""Two counts of the same people may differ by a few who did not say; more is a mistake."""


@dataclass(frozen=True, slots=True)
class _Row:
    row: int
    wave: str
    group: str
    item: Item
    codes: frozenset[str]
    value: float


def read_margins(
    path: Path,
    name: str,
    scheme: Scheme,
    questionnaires: Mapping[str, Questionnaire],
    problems: Problems,
) -> Margins | None:
    """Read margins from CSV (UTF-8 with or without BOM, or GB18030).

    Parameters
    ----------
    path : Path
    name : str
        Path as the analyst knows it.
    problems : Problems
        Collects every fault with its row and column.

    Returns
    -------
    Margins or None
        None if there is any fault.
    """
    before = len(problems)
    grid = delimited.read(path, name, None, problems)
    if grid is None:
        return None
    rows = [(at, [c.strip() for c in row]) for at, row in enumerate(grid.rows, 1) if any(row)]
    places = _places(rows[0][1] if rows else [], name, problems)
    if places is None:
        return None
    unit = "share" if "share" in places else "total"
    reader = _Reader(name, scheme, questionnaires, places, unit, problems)
    found = [row for at, cells in rows[1:] if (row := reader.row(at, cells)) is not None]
    if len(rows) == 1:
        problems.add(
            "empty_document",
            "只有表头，没有一条比例",
            file=name,
            expected="每个选项一行",
            found="0 行",
            remedy="补上各选项的比例；不需要加权时删去这个文件",
        )
    if len(problems) > before:
        return None
    margins: dict[tuple[str, str, str], list[_Row]] = {}
    for row in found:
        margins.setdefault((row.wave, row.group, row.item.id), []).append(row)
    made = tuple(reader.margin(rows) for rows in margins.values())
    if unit == "total":
        _check_totals(margins, name, problems)
    return Margins(name, made) if len(problems) == before else None


def _places(header: list[str], name: str, problems: Problems) -> dict[str, int] | None:
    """Return the position of every column, or None."""
    places: dict[str, int] = {}
    repeated: list[str] = []
    for at, title in enumerate(header):
        for column, titles in COLUMNS.items():
            if comparable(title) in titles:
                repeated += [title] if column in places else []
                places[column] = at
    lacking = [column for column in ("group", "item", "option") if column not in places]
    units = [column for column in ("share", "total") if column in places]
    if not lacking and not repeated and len(units) == 1:
        return places
    problems.add(
        "wrong_columns",
        "列名不对",
        file=name,
        row=1,
        expected="group、item、option，以及 share 或 total 之一；可另有 wave",
        found="、".join(header)[:200] or "（空）",
        remedy="改正第一行；比例（share）与人数（total）只写一种",
    )
    return None


class _Reader:
    """Reads rows one by one and remembers which categories it has seen."""

    def __init__(
        self,
        name: str,
        scheme: Scheme,
        questionnaires: Mapping[str, Questionnaire],
        places: Mapping[str, int],
        unit: str,
        problems: Problems,
    ) -> None:
        self._name = name
        self._scheme = scheme
        self._questionnaires = questionnaires
        self._places = places
        self._unit = unit
        self._problems = problems
        self._seen: dict[tuple[str, str, str, str], int] = {}

    def row(self, row: int, cells: list[str]) -> _Row | None:
        """Return one row, or None with its problems collected."""
        before = len(self._problems)
        given = {column: cells[at] for column, at in self._places.items()}
        groups = {g.code: g for g in self._scheme.groups}
        group = groups.get(given["group"])
        if group is None:
            self._fault(
                row, "group", "unknown_group", "方案中没有这个评价主体", "、".join(groups), given
            )
            return None
        if group.raters == "rater":
            self._fault(
                row,
                "group",
                "group_not_weighted",
                "这个主体一人评多个对象，不能按人口构成加权",
                "、".join(code for code, g in groups.items() if g.raters == "respondent"),
                given,
            )
            return None
        questionnaire = self._questionnaires[group.questionnaire]
        profile = {i.id: i for i in questionnaire.of_role("profile") if i.kind == "single"}
        item = profile.get(given["item"])
        if item is None:
            expected = "、".join(f"{i.id}（{i.text}）" for i in profile.values())
            self._fault(
                row, "item", "unknown_item", "不是该主体问卷中的个人情况单选题", expected, given
            )
            return None
        codes = self._codes(row, questionnaire, item, given)
        value = self._value(row, given)
        for code in sorted(codes):
            key = (given.get("wave", ""), group.code, item.id, code)
            if key in self._seen:
                self._problems.add(
                    "duplicate_row",
                    "同一个选项写了两次",
                    file=self._name,
                    row=row,
                    column=self._column("option"),
                    expected="每个选项只出现一次",
                    found=f"{given['option']}（另见第 {self._seen[key]} 行）",
                    remedy="删去其中一行",
                )
            self._seen.setdefault(key, row)
        if len(self._problems) > before:
            return None
        return _Row(row, given.get("wave", ""), group.code, item, codes, value)

    def margin(self, rows: list[_Row]) -> Margin:
        """Return the margin that these rows make; its problems are collected."""
        first = rows[0]
        total = fsum(row.value for row in rows)
        where = f"{first.group}、{first.item.id}（{first.item.text}）"
        if self._unit == "share":
            whole = 100.0 if total > 2.0 else 1.0
            wrong = abs(total / whole - 1.0) > SUM_TOLERANCE
        else:
            wrong = total <= 0.0
        if wrong:
            self._problems.add(
                "shares_do_not_add_up" if self._unit == "share" else "no_people",
                f"{where} 的各选项之和不对",
                file=self._name,
                row=first.row,
                column=self._column(self._unit),
                expected="1 或 100" if self._unit == "share" else "大于 0",
                found=f"{total:.6g}（{' + '.join(f'{row.value:g}' for row in rows)}）",
                remedy="改正比例，或补上漏掉的选项",
            )
        questionnaire = self._questionnaires[self._scheme.group(first.group).questionnaire]
        listed = {code for row in rows for code in row.codes}
        missing = [o for o in questionnaire.options_of(first.item) if o.code not in listed]
        if missing:
            self._problems.add(
                "margin_incomplete",
                f"{where} 缺少选项",
                file=self._name,
                row=first.row,
                column=self._column("option"),
                expected="该题的每个选项",
                found=f"缺 {'、'.join(o.label for o in missing)}",
                remedy="补上这些选项；几个选项合为一类时用分号连在一行，如 4;5",
            )
        values = np.array([row.value for row in rows])
        return Margin(
            first.wave,
            first.group,
            first.item.id,
            first.item.text,
            tuple(row.codes for row in rows),
            values / total if total > 0 else values,
            first.row,
        )

    def _codes(
        self, row: int, questionnaire: Questionnaire, item: Item, given: Mapping[str, str]
    ) -> frozenset[str]:
        options = questionnaire.options_of(item)
        by_text = {comparable(o.label): o.code for o in options}
        by_text |= {comparable(o.code): o.code for o in options}
        parts = [part for part in given["option"].replace("；", ";").split(";") if part.strip()]
        codes = [by_text.get(comparable(part)) for part in parts]
        if not parts or None in codes:
            expected = "、".join(f"{o.code} {o.label}" for o in options)
            self._fault(row, "option", "unknown_option", f"{item.id} 没有这个选项", expected, given)
        return frozenset(code for code in codes if code is not None)

    def _value(self, row: int, given: Mapping[str, str]) -> float:
        text = given[self._unit].replace("%", "").replace("％", "").replace(",", "")
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not isfinite(value) or value < 0:
            self._fault(row, self._unit, "not_a_share", "不是非负的数", "如 0.48、48 或人数", given)
        return value

    def _fault(
        self,
        row: int,
        column: str,
        code: str,
        message: str,
        expected: str,
        given: Mapping[str, str],
    ) -> None:
        self._problems.add(
            code,
            message,
            file=self._name,
            row=row,
            column=self._column(column),
            expected=expected or "（没有）",
            found=given[column] or "（空）",
            remedy="改正这一格，或删去这一行",
        )

    def _column(self, column: str) -> str:
        return f"{chr(ord('A') + self._places[column])} {column}"


def _check_totals(
    margins: Mapping[tuple[str, str, str], list[_Row]], name: str, problems: Problems
) -> None:
    """Collect a problem where two margins count different numbers of people."""
    first: dict[tuple[str, str], tuple[str, float]] = {}
    for (wave, group, item), rows in margins.items():
        total = fsum(row.value for row in rows)
        other, expected = first.setdefault((wave, group), (item, total))
        if abs(total - expected) > TOTALS_TOLERANCE * max(total, expected):
            problems.add(
                "totals_disagree",
                f"{group} 的两道题总人数相差太多",
                file=name,
                row=rows[0].row,
                column="total",
                expected=f"与 {other} 的总人数 {expected:g} 相近",
                found=f"{item} 合计 {total:g}",
                remedy="改用同一口径的人数，或改用比例（share）",
            )
