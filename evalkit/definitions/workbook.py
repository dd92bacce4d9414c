"""Documents as workbooks that an analyst can edit, there and back without loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evalkit.definitions.documents import Document
from evalkit.definitions.places import Places
from evalkit.definitions.sheets import cells
from evalkit.definitions.sheets.cells import (
    GUIDE,
    NewColumn,
    NewSheet,
    Value,
    is_blank,
    read_tables,
    table,
)
from evalkit.definitions.sheets.columns import REMARK, FieldColumn
from evalkit.definitions.sheets.layouts import LAYOUTS
from evalkit.definitions.sheets.shapes import Layout, Reading
from evalkit.definitions.words import NO, YES
from evalkit.errors import Problems

_ADVICE = (
    "每张表的第一行是列名，请勿改动；列的先后不限。第二行起每行一项，空行不计。",
    "蓝底的列名冻结在上方；有下拉列表的单元格请从列表中选择，也可写括号里的代码。",
    f"自己的备忘可以写在“{REMARK}”列，或名称以“{REMARK}”开头的工作表里，程序不读。",
    "保存后照常运行 evalkit check，有问题会指出工作表、行和列。",
)


def write_workbook(document: Document, path: Path) -> None:
    """Write a document as a workbook with Chinese sheets and columns and a sheet of explanations.

    Parameters
    ----------
    document : Document
        Of a type that `LAYOUTS` names.
    path : Path
        An ``.xlsx`` file; its bytes hang on the document alone.
    """
    path.write_bytes(as_workbook(document))


def as_workbook(document: Document) -> bytes:
    """Return a document as the bytes of its workbook; see `write_workbook`."""
    layouts = LAYOUTS[type(document)]
    return cells.as_workbook([_guide(layouts), *(layout.filled(document) for layout in layouts)])


def read_workbook(
    model: type[Document],
    path: Path,
    name: str,
    problems: Problems,
    places: Places | None = None,
) -> dict[str, Any] | None:
    """Read a document's workbook as plain data for `validating.validate`.

    Parameters
    ----------
    model : type of Document
        One that `LAYOUTS` names.
    path : Path
    name : str
        Path as the analyst knows it.
    problems : Problems
        Collects missing and unknown sheets and columns, and rows that belong to nothing.
    places : Places, optional
        Takes the sheet, row and column of every value.

    Returns
    -------
    dict or None
        None where the workbook cannot be read or is another document's.
    """
    before = len(problems)
    reading = Reading(name, problems, Places() if places is None else places, {})
    sheets = read_tables(path, name, problems)
    if sheets is None:
        return None
    if len(problems) > before:
        reading.places.tear(())
    layouts = LAYOUTS[model]
    titled = {title.strip(): rows for title, rows in sheets.items()}
    if not any(layout.sheet in titled for layout in layouts if layout.required):
        _report_wrong_document(layouts, list(titled), name, problems)
        return None
    unknown = _report_unknown_sheets(layouts, titled, name, problems)
    for layout in layouts:
        if layout.sheet in titled:
            rows = titled[layout.sheet]
            first = next((at for at, row in enumerate(rows) if not is_blank(row)), 0)
            layout.read(table(layout.sheet, rows, first), reading)
        elif layout.required:
            _report_missing(layout, name, problems, reading)
        elif unknown:
            for steps in layout.paths:
                reading.places.tear(steps)
    return reading.data


def _report_wrong_document(
    layouts: Sequence[Layout], titles: Sequence[str], name: str, problems: Problems
) -> None:
    problems.add(
        "wrong_document",
        "工作簿里没有这种文档的工作表",
        file=name,
        expected="、".join(layout.sheet for layout in layouts),
        found="、".join(titles)[:200],
        remedy="确认文件是否放错，或改正工作表名",
    )


def _report_unknown_sheets(
    layouts: Sequence[Layout],
    titled: Mapping[str, Sequence[Sequence[str]]],
    name: str,
    problems: Problems,
) -> list[str]:
    """Report sheets that are not blank, belong to nothing and are no remarks; return their titles."""
    known = {layout.sheet for layout in layouts} | {GUIDE}
    unknown = [
        title
        for title, rows in titled.items()
        if rows and title not in known and not title.startswith(REMARK)
    ]
    for title in unknown:
        problems.add(
            "unknown_sheet",
            "不认识的工作表",
            file=name,
            sheet=title,
            expected="、".join(layout.sheet for layout in layouts),
            found=title,
            remedy=f"改正工作表名；若是自己的备忘，名称改为以“{REMARK}”开头",
        )
    return unknown


def _report_missing(layout: Layout, name: str, problems: Problems, reading: Reading) -> None:
    reading.missing(layout.paths)
    problems.add(
        "missing_sheet",
        f"缺少工作表“{layout.sheet}”",
        file=name,
        expected=layout.sheet,
        found="没有",
        remedy="补上这张表，列名见“说明”表",
    )


def _guide(layouts: tuple[Layout, ...]) -> NewSheet:
    rows: list[tuple[Value, ...]] = [(None, None, None, None, line) for line in _ADVICE]
    for layout in layouts:
        rows += [
            (
                layout.sheet,
                f"{column.title}：代码" if column.is_mapping else column.title,
                "必填" if column.required else None,
                _allowed(column),
                column.description,
            )
            for column in layout.columns
        ]
    titles = ("工作表", "列或项目", "必填", "可填", "说明")
    return NewSheet(GUIDE, tuple(NewColumn(title) for title in titles), tuple(rows))


def _allowed(column: FieldColumn) -> str | None:
    if column.kind == "yesno":
        return f"{YES}、{NO}"
    if column.kind == "choice":
        return "、".join(f"{word}（{code}）" for code, word in column.words.items())
    return {"number": "数"}.get(column.kind)
