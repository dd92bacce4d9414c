"""What can be wrong with what is declared of a file, and with an export as such."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit import personal
from evalkit.errors import Problem


def unknown_platform(file: str, named: str, known: Sequence[tuple[str, str]]) -> Problem:
    """Say that nobody knows the platform that a file is declared to be of."""
    return Problem(
        "unknown_platform",
        "没有这个平台",
        file=file,
        key="platform",
        expected="、".join(f"{name}（{title}）" for name, title in known),
        found=named,
        remedy="改成其中之一；不写则由程序辨认",
    )


def declared_column_missing(
    file: str, sheet: str | None, key: str, column: str, count: int, headers: Sequence[str]
) -> Problem:
    """Say that a declared column is not in the header row, or there several times."""
    return Problem(
        "declared_column_missing",
        f"{key} 里写的列在文件中" + ("找不到" if not count else f"有 {count} 列，不知是哪一列"),
        file=file,
        sheet=sheet,
        key=key,
        expected=column,
        found="、".join(personal.heading_shown(header) for header in headers),
        remedy="写成与文件表头一样的列名；同名的几列，改列名使其各不相同",
    )


def where_without_rows(
    file: str, sheet: str | None, column: str, value: str, present: Sequence[str]
) -> Problem:
    """Say that no row holds what is asked of the rows that are meant."""
    shown = [personal.shown(text) for text in present]
    return Problem(
        "where_without_rows",
        "where 要的取值一行也没有",
        file=file,
        sheet=sheet,
        column=column,
        key="where",
        expected=value,
        found="、".join(shown) or "没有同时满足的行",
        remedy="改成这一列里真有的取值",
    )


def long_row_without(
    file: str, sheet: str | None, row: int, columns: Sequence[str], count: int
) -> Problem:
    """Say that rows of a long table do not name whose answer they hold, or to what."""
    return Problem(
        "long_row_without",
        f"长表里有 {count} 行没有写明是谁的、或是哪一题的回答",
        file=file,
        sheet=sheet,
        row=row,
        column="、".join(columns),
        expected="每行都有这两列",
        found="空",
        remedy="补上，或删去这些行",
    )


def long_column_differs(
    file: str, sheet: str | None, column: str, row: int, person: str
) -> Problem:
    """Say that a column beside the answers says different things in rows of one person."""
    return Problem(
        "long_column_differs",
        "长表里同一个人的几行，这一列各不相同，不知以哪一行为准",
        file=file,
        sheet=sheet,
        row=row,
        column=personal.heading_shown(column),
        expected=f"{person} 相同的行，这一列也相同",
        found="不止一个取值",
        remedy="删去这一列；或它才是回答所在的列，改正 long",
    )


def sheet_of_repeats(file: str, sheet: str | None, column: str) -> Problem:
    """Say that a sheet holds what repeats within an answer, several rows a person."""
    return Problem(
        "sheet_of_repeats",
        "这是重复组（repeat）的表，一个人有好几行，不是答卷",
        file=file,
        sheet=sheet,
        column=column,
        expected="每份答卷一行的主表",
        found="指回主表的列",
        remedy="在 evaluation.yaml 的该文件下用 sheet 写明主表；重复组里的题不能计分",
    )


def nothing_asked(file: str) -> Problem:
    """Say that a file holds no question from which a questionnaire could be drafted."""
    return Problem(
        "nothing_asked",
        "文件里找不到题目",
        file=file,
        expected="XLSForm、问卷星文本、.lss、.qsf、.sav，或有表头的答卷",
        found="没有一道题",
        remedy="换成问卷或答卷的导出文件",
    )


def damaged_form(file: str, found: str) -> Problem:
    """Say that the structure of a survey cannot be read to its end."""
    return Problem(
        "damaged_form",
        "问卷结构文件已损坏，或不完整",
        file=file,
        expected="平台导出的完整文件",
        found=found[:200],
        remedy="从平台重新导出，不要手工修改",
    )
