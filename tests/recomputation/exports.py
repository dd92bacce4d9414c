"""Files of answers as grids of text, and which of their columns is which question.

问卷星 heads a question ``7、题干—首项 (矩阵单选题 *必答)``, the other rows of a matrix by number and
text or by text alone, and by number a column of a multi-select ``第6题(选项)`` or ``6. 题干(首项)`` and
then ``6 (选项)``. A hand-made table has the item's id, its own column name or its text.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import xlrd

from tests.recomputation.documents import Plain, decoded

PLATFORM = {
    "序号": "sequence",
    "提交答卷时间": "submitted",
    "所用时间": "seconds",
    "来自IP": "device",
    "来源": "source",
    "来源详情": "source",
    "总分": "total",
}
TELLING = {"提交答卷时间", "所用时间", "来源详情", "来自IP"}

_NUMBERED = re.compile(r"(\d+)[、.．](?!\d)\s*(.*)")
_TYPE = re.compile(r"\s*[(（][^()（）]*必答[)）]\s*$")
_HINT = re.compile(r"\((?:可多选|多选|选填|选答)\)$")
_SPECIFY = re.compile(r"【(?:请注明|请说明|请填写)】$")


@dataclass(frozen=True)
class Grid:
    """A file: the header, and the rows below it by their numbers in the file."""

    header: list[str]
    rows: dict[int, list[str]]

    @property
    def is_platform(self) -> bool:
        names = set(self.header) & set(PLATFORM)
        return len(names) >= 2 and bool(names & TELLING)

    def platform(self, what: str) -> int | None:
        """Position of a platform column; of a hand-made table only 序号 is one."""
        if not self.is_platform and what != "sequence":
            return None
        return next((at for at, h in enumerate(self.header) if PLATFORM.get(h) == what), None)


@dataclass
class Columns:
    """Where every item stands: in one column, or in one column an option."""

    single: dict[str, int] = field(default_factory=dict)
    spread: dict[str, dict[int, str]] = field(default_factory=dict)
    reversed: set[str] = field(default_factory=set)


@cache
def same(text: object) -> str:
    """A text as it is compared: one width of characters, one dash, no white space."""
    plain = unicodedata.normalize("NFKC", str(text)).casefold()
    plain = plain.translate(str.maketrans("～—–、。", "~--,."))
    return "".join(character for character in plain if not character.isspace())


@cache
def bare(label: object) -> str:
    """An option's label without what asks for a text beside it."""
    return _SPECIFY.sub("", same(label))


def grid(path: Path) -> Grid:
    """Read a file; the first row that is not empty is the header."""
    cells = [[_text(cell).strip() for cell in row] for row in _cells(path)]
    at = next(place for place, row in enumerate(cells) if any(row))
    width = max(len(row) for row in cells)
    padded = [row + [""] * (width - len(row)) for row in cells]
    return Grid(padded[at], dict(enumerate(padded[at + 1 :], start=at + 2)))


def _cells(path: Path) -> list[list[Any]]:
    if path.suffix == ".csv":
        return list(csv.reader(io.StringIO(decoded(path))))
    if path.suffix == ".xls":
        sheet = xlrd.open_workbook(str(path)).sheet_by_index(0)
        return [sheet.row_values(at) for at in range(sheet.nrows)]
    sheet = openpyxl.load_workbook(path, read_only=True, data_only=True).worksheets[0]
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def columns(given: Grid, questionnaire: Plain, crosswalk: Plain | None) -> Columns:
    """Find every item's column: as the crosswalk says, else by its name, its text or its options."""
    found = Columns()
    if crosswalk is not None:
        for column in crosswalk["columns"]:
            if column.get("item") is None:
                continue
            at = column["column"] - 1
            if column.get("option") is not None:
                found.spread.setdefault(column["item"], {})[at] = str(column["option"])
            else:
                found.single[column["item"]] = at
            if column.get("reversed"):
                found.reversed.add(column["item"])
        return found
    free = [at for at, h in enumerate(given.header) if h not in PLATFORM]
    for item in questionnaire["items"]:
        options = {at: code for at in free if (code := _option(given.header, at, item)) is not None}
        if item["kind"] == "multiple" and options:
            found.spread[item["id"]] = options
            free = [at for at in free if at not in options]
            continue
        fitting = [at for at in free if _asks(given.header[at], item)]
        numbered = [at for at in fitting if _number(given.header[at]) == item["number"]]
        if fitting:
            found.single[item["id"]] = (numbered or fitting)[0]
            free.remove(found.single[item["id"]])
    return found


def _number(header: str) -> int | None:
    match = _NUMBERED.match(header)
    return int(match[1]) if match else None


def _asks(header: str, item: Plain) -> bool:
    if same(header) in {same(name) for name in (item["id"], item["header"]) if name}:
        return True
    match = _NUMBERED.match(header)
    text = _TYPE.sub("", match[2] if match else header).strip()
    asked = [item["text"]]
    if item["stem"]:
        asked.append(f"{item['stem']}—{item['text']}")
    return _question(text) in map(_question, asked)


def _question(text: str) -> str:
    return _HINT.sub("", same(text))


def _option(header: list[str], at: int, item: Plain) -> str | None:
    """Code of the option that a column stands for, if it stands for one of this item's."""
    codes = {bare(option["label"]): option["code"] for option in item["options"]}
    number = item["number"]
    for label, code in codes.items():
        heads = [f"第{number}题({label})", f"{number}({label})"]
        heads += [f"{number}{mark}{_question(item['text'])}({label})" for mark in ",."]
        heads += [f"{number}{mark}{same(item['text'])}({label})" for mark in ",."]
        written = re.sub(r"【[^】]*】\)$", ")", same(header[at]))
        if number is not None and written in map(same, heads):
            return code
    return None
