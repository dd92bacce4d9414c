"""A ledger's sheet for typing: its columns under the names by which they are read back."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.definitions.ledger import Ledger, LedgerColumn
from evalkit.definitions.roster import Subject
from evalkit.definitions.sheets.cells import NewColumn, NewSheet, as_workbook
from evalkit.forms.entry import LIST_LIMIT, SHEET

PROMPTS = {
    "code": "编号，各不相同",
    "unit": "名册里的名称，一格一个",
    "time": "如 2024-05-06 15:05；没有的留空",
    "number": "数；没有的留空",
    "person": "只用来看出同一个人，导入后换成编号",
    "title": "公开的名称，不写人名、电话、地址",
    "words": "文字；导入时不读",
    "option": "从列表中选",
}


def workbook(ledger: Ledger, subjects: Sequence[Subject]) -> bytes:
    """Return an empty sheet for typing a ledger's records; what is typed is read without a crosswalk."""
    columns = [_column(ledger, column, subjects) for column in ledger.columns]
    return as_workbook([NewSheet(SHEET, tuple(columns), ())])


def _column(ledger: Ledger, column: LedgerColumn, subjects: Sequence[Subject]) -> NewColumn:
    texts = tuple(ledger.values.get(column.code, {}))
    if column.holds == "unit":
        texts = tuple(subject.name for subject in subjects)
    fits = len(",".join(texts)) <= LIST_LIMIT and not any("," in text for text in texts)
    needed = "" if column.required else "（可以没有这一列）"
    return NewColumn(
        column.headers[0],
        is_text=column.holds not in ("number",),
        choices=texts if fits else (),
        prompt=f"{PROMPTS[column.holds]}{needed}",
        width=18.0,
    )
