"""What became of every row of every file, as sheets of a workbook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.pages.press import meanings
from evalkit.pages.press.sentences import Words, said
from evalkit.pages.workbook.dictionary import term
from evalkit.pages.workbook.excel import Sheet
from evalkit.tables import FileReport

Rows = list[dict[str, Any]]

SHEETS: Mapping[str, tuple[str, tuple[str, ...], str]] = {
    "files": (
        "导入文件",
        (
            *("questionnaire", "platform", "variant", "encoding"),
            *("rows_read", "rows_kept", "rejected", "why", "sha256"),
        ),
        "每个文件：读入行 = 有效行 + 剔除行。",
    ),
    "rejections": ("剔除的行", ("row", "reason", "detail"), "行号与 Excel 中看到的一致。"),
    "columns": ("未用的列", ("what", "column"), "未对应或已丢弃的列。"),
    "unknown_values": (
        "不认识的值",
        ("column", "value", "n"),
        "问卷选项中没有的值，按缺失处理。",
    ),
    "unmatched": (
        "未匹配的名称",
        ("value", "n", "candidates"),
        "名册与别名中都没有的名称。",
    ),
    "notes": ("文件提示", ("message", "count"), "读文件时的提示。"),
}
"""By table: the sheet's title, its columns beside wave and file, and what it is."""


def sheets(
    reports: Iterable[FileReport],
    order: EvaluationOrder,
    called: Mapping[str, Mapping[str, str]],
) -> list[Sheet]:
    """Return one sheet a kind of event, all files under one another.

    Parameters
    ----------
    reports : iterable of FileReport
    order : EvaluationOrder
    called : mapping of column to mapping
        What its codes are called.
    """
    rows = _rows(reports, Words.of(order))
    for row in rows["files"]:
        row |= {column: own.get(str(row[column]), row[column]) for column, own in called.items()}
    return [
        Sheet(
            title,
            {column: term(table, column, order) for column in ("wave", "file", *columns)},
            rows[table],
            note,
        )
        for table, (title, columns, note) in SHEETS.items()
    ]


def counted(reports: Iterable[FileReport]) -> str:
    """Say in one line what was read, kept and rejected altogether."""
    listed = list(reports)
    read = sum(report.rows_read for report in listed)
    kept = sum(report.rows_kept for report in listed)
    return f"{len(listed)} 个文件，读入 {read:,} 行，有效 {kept:,} 行，剔除 {read - kept:,} 行（各批次合计）"


def booked(ledgers: pd.DataFrame) -> str:
    """Say in one line what was read and kept of all ledgers."""
    read, kept = int(ledgers["read"].sum()), int(ledgers["kept"].sum())
    return f"{len(ledgers)} 个文件，读入 {read:,} 行，计入 {kept:,} 行（各批次合计）"


def _rows(reports: Iterable[FileReport], words: Words) -> dict[str, Rows]:
    reasons = meanings.reasons(words)
    found: dict[str, Rows] = {table: [] for table in SHEETS}
    for report in reports:
        where = {"wave": report.wave, "file": report.file}
        found["files"].append(
            {
                **where,
                "questionnaire": report.questionnaire,
                "platform": report.platform,
                "variant": report.variant,
                "encoding": report.encoding,
                "rows_read": report.rows_read,
                "rows_kept": report.rows_kept,
                "rejected": len(report.rejections),
                "why": "；".join(
                    f"{reasons[code]} {n}" for code, n in report.rejected_by_reason.items()
                ),
                "sha256": report.sha256,
            }
        )
        found["rejections"] += [
            {**where, "row": r.row, "reason": reasons[r.reason], "detail": meanings.detail(r)}
            for r in report.rejections
        ]
        found["columns"] += [
            {**where, "what": what, "column": column}
            for what, columns in (
                ("未对应", report.unmapped_columns),
                ("已丢弃", report.dropped_columns),
            )
            for column in columns
        ]
        found["unknown_values"] += [
            {**where, "column": column, "value": value, "n": n}
            for column, value, n in report.unknown_values
        ]
        found["unmatched"] += [
            {**where, "value": value, "n": n, "candidates": "、".join(candidates)}
            for value, n, candidates in report.unmatched
        ]
        found["notes"] += [
            {**where, "message": said(note, words), "count": note.count} for note in report.notes
        ]
    return found
