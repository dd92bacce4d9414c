"""What can be wrong with a returned list of what was to be done (follow-up/)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from evalkit import personal
from evalkit.errors import Problem
from evalkit.problems.cells import LONGEST

ORIGINAL = "用 evalkit run 生成的那份 actions.xlsx 重新填写，或把填好的黄色部分抄回去"


def not_a_list(file: str, sheets: Sequence[str], found: Sequence[str]) -> Problem:
    """Say that a workbook lacks the list's sheets."""
    return Problem(
        "not_a_list",
        "不是 evalkit 生成的整改清单，或者工作表被删去、改名了",
        file=file,
        expected="、".join(f"工作表“{sheet}”" for sheet in sheets),
        found="、".join(found)[:200] or "（没有工作表）",
        remedy=ORIGINAL,
    )


def list_columns(file: str, sheet: str, row: int, lacking: Sequence[str]) -> Problem:
    """Say that headings of the list are gone."""
    return Problem(
        "list_columns",
        "整改清单的列名被改动了",
        file=file,
        sheet=sheet,
        row=row,
        expected="、".join(lacking),
        found="没有这些列，或不止一列",
        remedy=f"恢复列名；或{ORIGINAL}",
    )


def list_of_another_wave(file: str, sheet: str, wave: str, found: Sequence[str]) -> Problem:
    """Say that a list belongs to another wave than its name says."""
    return Problem(
        "list_of_another_wave",
        "整改清单不是这个批次的",
        file=file,
        sheet=sheet,
        expected=wave,
        found="、".join(found),
        remedy=f"改文件名（follow-up/<批次>.xlsx），或放入 {wave} 的整改清单",
    )


def unknown_task(file: str, sheet: str, row: int, column: str, found: str) -> Problem:
    """Say that a line has an id that was never handed out."""
    return Problem(
        "unknown_task",
        "清单里没有这个编号",
        file=file,
        sheet=sheet,
        row=row,
        column=column,
        expected="生成清单时的编号",
        found=_shown(found),
        remedy="改回原来的编号；自己加的行移到别处，程序不读",
    )


def task_twice(
    file: str, sheet: str, row: int, column: str, found: str, other: tuple[str, int]
) -> Problem:
    """Say that a task has two lines; `other` says in which file and row the first one is."""
    return Problem(
        "task_twice",
        "同一个编号填了两行",
        file=file,
        sheet=sheet,
        row=row,
        column=column,
        expected="每个编号只填一行",
        found=f"{found}（另见 {other[0]} 第 {other[1]} 行）",
        remedy="合成一行，删去或清空另一行的黄色部分",
    )


def task_changed(
    file: str, sheet: str, row: int, column: str, expected: str, found: str
) -> Problem:
    """Say that the locked part of a line was changed."""
    return Problem(
        "task_changed",
        "白色部分被改动了",
        file=file,
        sheet=sheet,
        row=row,
        column=column,
        expected=expected[:LONGEST] or "（空）",
        found=_shown(found, own_words=False),
        remedy="改回原文；情况有变的写在“办理情况”，任务不再适用的在“状态”里选“不再适用”",
    )


def unknown_state(
    file: str, sheet: str, row: int, column: str, states: Sequence[str], found: str
) -> Problem:
    """Say that a state is none of those that are offered."""
    return Problem(
        "unknown_state",
        "没有这种状态",
        file=file,
        sheet=sheet,
        row=row,
        column=column,
        expected=" / ".join(states),
        found=_shown(found),
        remedy="从下拉列表中选；没有情况就留空",
    )


def impossible_date(
    file: str, sheet: str, row: int, column: str, ends: tuple[dt.date, dt.date] | None, found: str
) -> Problem:
    """Say that a cell that must be a day is none, or is not between these days."""
    return Problem(
        "impossible_date",
        "不是可能的日期",
        file=file,
        sheet=sheet,
        row=row,
        column=column,
        expected="如 2017-03-01" if ends is None else f"{ends[0]} 到 {ends[1]} 之间",
        found=_shown(found),
        remedy="写年、月、日；还没有定的留空",
    )


def _shown(text: str, own_words: bool = True) -> str:
    """Return a cell as a problem may show it; where nobody's own words belong, long ones too."""
    bare = text.strip()
    safe = not own_words and not personal.identifies(bare) and not personal.is_name(bare)
    return (bare if safe else personal.shown(bare))[:LONGEST] or "（空）"
