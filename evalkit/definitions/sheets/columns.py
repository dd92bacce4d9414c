"""The columns that a part of a document has in a sheet, and how their cells are read and written.

A column's title and explanation are those of the model's field. Titles, field names and the
synonyms below are all understood in a header; cells may hold the Chinese word of a code or the
code itself.
"""

from __future__ import annotations

import re
import types
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from evalkit.definitions.places import Place, Places, Steps, column_text
from evalkit.definitions.sheets.cells import NewColumn, Table, Value
from evalkit.definitions.signs import plain_number
from evalkit.definitions.text import comparable
from evalkit.definitions.words import NO, WORDS, YES
from evalkit.errors import Problems
from evalkit.files.grid import column_letters

Kind = Literal["text", "number", "yesno", "choice", "list"]

REMARK = "备注"
"""A column of this title, or a sheet whose title begins with it, is the analyst's own."""

_IGNORED = frozenset({REMARK, "序号"})

SYNONYMS: dict[str, tuple[str, ...]] = {
    "代码": ("编号", "编码"),
    "名称": ("居民区", "居委会", "居民区名称", "居委会名称", "社区", "姓名"),
    "别名": ("曾用名", "简称", "其他名称"),
    "片区": ("网格", "块区"),
    "类别": ("类型",),
    "住房类型": ("房屋类型", "小区类型"),
    "常住人口": ("人口", "人口数", "户数", "常住人口数"),
    "层级": ("级别", "层次"),
    "上级": ("上级单位", "隶属"),
    "首个批次": ("首次批次", "起始批次"),
    "最后批次": ("末次批次", "终止批次"),
    "工号": ("编号", "编码", "代码", "人员编号", "党员编号", "id"),
    "居民区": ("居委会", "社区", "单位", "所在居民区", "所属居民区"),
    "岗位": ("职务",),
    "变动": ("kind", "变动类型"),
    "原代码": ("from", "变动前"),
    "新代码": ("to", "变动后"),
}
"""What else the columns of rosters and of lineage.csv are called in street offices."""

_FRACTIONS = frozenset({"minimum_answered", "confidence", "false_discovery_rate", "urgent_share"})
"""Shares of 1; all other numbers of documents are written as they are said."""

_SEPARATORS = {
    **dict.fromkeys(
        ("aliases", "headers", "hits", "among", "values", "where", "listed"),
        ("；", re.compile("[;；|]")),
    ),
    "words": ("、", re.compile("[、，,;；|]")),
}
_IDENTIFIERS = ("、", re.compile(r"[、，,;；\s]+"))


@dataclass(frozen=True, slots=True)
class FieldColumn:
    """One field of a part as a column; a mapping is one column for each of its keys.

    Attributes
    ----------
    kind : str
        What one cell holds.
    is_mapping : bool
    default : object
        Of a field that is not required.
    """

    field: str
    title: str
    description: str
    kind: Kind
    is_mapping: bool
    required: bool
    default: Any = None

    @property
    def words(self) -> Mapping[str, str]:
        """The Chinese words of the codes that a choice allows."""
        return WORDS[self.field] if self.kind == "choice" else {}

    def heading(self, key: str | None = None, choices_from: str | None = None) -> NewColumn:
        """Return the column to be written; `key` is that of a mapping."""
        choices = (YES, NO) if self.kind == "yesno" else tuple(self.words.values())
        return NewColumn(
            f"{self.title}：{key}" if key is not None else self.title,
            is_text=self.kind in ("text", "list"),
            choices=choices,
            choices_from=choices_from,
        )

    def write(self, value: Any) -> Value:
        """Return the cell of a value."""
        if value is None:
            return None
        if self.kind == "yesno":
            return YES if value else (NO if self.default is not False else None)
        if self.kind == "choice":
            return self.words[value]
        if isinstance(value, list):
            return self._separator()[0].join(value) or None
        if isinstance(value, int | float):
            return value
        return str(value) or None

    def read(self, cell: str) -> Any:
        """Return the plain data of a cell that is not blank."""
        if self.kind == "text":
            return cell
        bare = cell.strip()
        if self.kind == "number":
            return plain_number(bare, fraction=self.field in _FRACTIONS)
        if self.kind == "yesno":
            return {YES: "true", NO: "false"}.get(bare, bare)
        if self.kind == "choice":
            codes = {comparable(word): code for code, word in self.words.items()}
            return codes.get(comparable(bare), bare)
        if self.kind == "list":
            return [part.strip() for part in self._separator()[1].split(bare) if part.strip()]
        return bare

    def _separator(self) -> tuple[str, re.Pattern[str]]:
        return _SEPARATORS.get(self.field, _IDENTIFIERS)


def columns_of(model: type[BaseModel], without: Collection[str] = ()) -> tuple[FieldColumn, ...]:
    """Return the columns of a model's fields, in their order."""
    found = []
    for name, info in model.model_fields.items():
        if name not in without:
            default = None if info.is_required() else info.get_default(call_default_factory=True)
            found.append(
                FieldColumn(
                    name,
                    info.title or name,
                    info.description or "",
                    *_kind(info.annotation),
                    info.is_required(),
                    default,
                )
            )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Header:
    """A table's columns, recognised: by position, the column and the key of a mapping."""

    known: tuple[tuple[int, FieldColumn, str | None], ...]
    titles: tuple[str, ...]

    def record(self, cells: tuple[str, ...]) -> dict[str, Any]:
        """Return one row as plain data, without what is blank."""
        data: dict[str, Any] = {}
        for position, column, key in self.known:
            cell = cells[position]
            inside = data if key is None else data.setdefault(column.field, {})
            if cell.strip():
                inside[column.field if key is None else key] = column.read(cell)
        return data

    def place(self, field: str, sheet: str | None, row: int | None) -> Place:
        """Return the cell of a field in a row, or its whole column."""
        position = next((p for p, column, _ in self.known if column.field == field), None)
        title = None if position is None else column_text(position, self.titles[position])
        return Place(sheet, row, title)

    def put_columns(self, sheet: str | None, steps: Steps, places: Places) -> None:
        """Note where the columns of a list's elements stand."""
        for position, column, key in self.known:
            path = (*steps, column.field) if key is None else (*steps, column.field, key)
            places.put(path, Place(sheet, None, column_text(position, self.titles[position])))


def recognise(
    table: Table, columns: Iterable[FieldColumn], name: str, problems: Problems, steps: Steps
) -> tuple[Header, list[Steps]]:
    """Recognise a table's header; collect unknown, repeated, unnamed and missing columns.

    Returns
    -------
    tuple of Header and list of Steps
        The second lists required columns that are missing, below `steps`.
    """
    columns = tuple(columns)
    by_title = _titles(columns)
    mappings = [column for column in columns if column.is_mapping]
    known: list[tuple[int, FieldColumn, str | None]] = []
    seen: dict[tuple[str, str | None], int] = {}
    for position, title in enumerate(table.header):
        found = _recognise_one(title, by_title, mappings)
        if found is None and title in _IGNORED:
            continue
        if found is None:
            _report_unknown(table, position, columns, name, problems)
            continue
        column, key = found
        if (column.field, key) in seen:
            problems.add(
                "repeated_column",
                "同一列出现了两次",
                file=name,
                sheet=table.sheet,
                row=table.header_row,
                column=column_text(position, title),
                expected="每列一次",
                found=f"{column_letters(seen[column.field, key])} 列和 {column_letters(position)} 列",
                remedy="删去或改名其中一列",
            )
            continue
        seen[column.field, key] = position
        known.append((position, column, key))
    missing = []
    for column in columns:
        if column.required and not any(field == column.field for field, _ in seen):
            missing.append((*steps, column.field))
            problems.add(
                "missing_column",
                f"缺少“{column.title}”列",
                file=name,
                sheet=table.sheet,
                row=table.header_row,
                key=".".join(str(step) for step in (*steps, column.field)),
                expected=_expected_title(column),
                found="、".join(title for title in table.header if title) or "（没有列名）",
                remedy=f"加上这一列：{column.description}",
            )
    return Header(tuple(known), table.header), missing


def is_header_of(cells: Iterable[str], columns: Iterable[FieldColumn]) -> bool:
    """Tell whether a row names at least two of the columns, or the only one."""
    columns = tuple(columns)
    by_title = _titles(columns)
    fields = {by_title[key].field for cell in cells if (key := comparable(cell)) in by_title}
    return len(fields) >= min(2, len(columns))


def _titles(columns: tuple[FieldColumn, ...]) -> dict[str, FieldColumn]:
    by_title: dict[str, FieldColumn] = {}
    for column in columns:
        if not column.is_mapping:
            for title in (column.title, column.field, *SYNONYMS.get(column.title, ())):
                by_title.setdefault(comparable(title), column)
    for column in columns:
        by_title[comparable(column.title)] = column
    return by_title


def _recognise_one(
    title: str, by_title: Mapping[str, FieldColumn], mappings: list[FieldColumn]
) -> tuple[FieldColumn, str | None] | None:
    column = by_title.get(comparable(title))
    if column is not None and not column.is_mapping:
        return column, None
    prefix, mark, key = re.sub("：", ":", title, count=1).partition(":")
    for column in mappings:
        if comparable(prefix) in (comparable(column.title), column.field) and mark and key.strip():
            return column, key.strip()
    return None


def _report_unknown(
    table: Table, position: int, columns: tuple[FieldColumn, ...], name: str, problems: Problems
) -> None:
    title = table.header[position]
    if not title:
        filled = [row for row, cells in table.rows if cells[position].strip()]
        if not filled:
            return
        problems.add(
            "column_without_title",
            "有内容的列没有列名",
            file=name,
            sheet=table.sheet,
            row=filled[0],
            column=column_letters(position),
            expected="、".join(_expected_title(column) for column in columns),
            found=f"{len(filled)} 格有内容",
            remedy="补上列名，或删去这一列",
        )
        return
    problems.add(
        "unknown_column",
        "不认识的列",
        file=name,
        sheet=table.sheet,
        row=table.header_row,
        column=column_text(position, ""),
        expected="、".join(_expected_title(column) for column in columns),
        found=title,
        remedy=f"改正列名，或删去这一列；自己的备忘放在“{REMARK}”列",
    )


def _expected_title(column: FieldColumn) -> str:
    return f"{column.title}：代码" if column.is_mapping else column.title


def _kind(annotation: Any) -> tuple[Kind, bool]:
    """Return what a cell of a field holds, and whether the field is a mapping."""
    if hasattr(annotation, "__metadata__"):
        return _kind(get_args(annotation)[0])
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        return _kind(next(a for a in get_args(annotation) if a is not type(None)))
    if origin is dict:
        return _kind(get_args(annotation)[1])[0], True
    if origin is Literal:
        return "choice", False
    if origin is list:
        return "list", False
    if annotation is bool:
        return "yesno", False
    return ("number" if annotation in (int, float) else "text"), False
