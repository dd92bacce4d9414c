"""Drafts of crosswalks for files of records: what is beyond doubt is filled in, the rest is asked."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from evalkit import personal
from evalkit.definitions.crosswalk import UNDECIDED, ColumnMapping, Crosswalk
from evalkit.definitions.ledger import Ledger, LedgerColumn
from evalkit.definitions.text import comparable
from evalkit.errors import Problem
from evalkit.platforms import RawColumn, RawSheet

NEAR = 0.5
"""How alike a header must be to be proposed; it never decides."""


def draft(
    sheet: RawSheet, ledger: Ledger, *, crosswalk_id: str, layout: str, problems: Iterable[Problem]
) -> Crosswalk:
    """Draft the crosswalk of a file of records for an analyst to read and approve.

    Parameters
    ----------
    problems : iterable of Problem
        Of the file: values and units that nothing explains are listed as undecided.
    """
    known = {comparable(h): column for column in ledger.columns for h in column.headers}
    found = {known[key].code for c in sheet.columns if (key := comparable(c.header)) in known}
    lacking = [column for column in ledger.columns if column.code not in found]
    dropped = {comparable(header) for header in ledger.drop}
    columns = [_mapping(column, known, lacking, dropped) for column in sheet.columns]
    items = {sheet.columns[at].letters: m.item for at, m in enumerate(columns)}
    values: dict[str, dict[str, str | None]] = {}
    subjects: dict[str, str | None] = {}
    for problem in problems:
        letters = (problem.column or "").split(" ")[0]
        item, text = items.get(letters), problem.found or ""
        if problem.code == "value_unknown" and item and not personal.looks_personal(text):
            values.setdefault(item, {})[text] = UNDECIDED
        if problem.code == "unmatched_subject":
            subjects[text] = UNDECIDED
    return Crosswalk(
        id=crosswalk_id,
        ledger=ledger.id,
        layout=layout,
        variant="text",
        drafted_from=sheet.file,
        columns=columns,
        values=values,
        subjects=subjects,
    )


def _mapping(
    column: RawColumn,
    known: dict[str, LedgerColumn],
    lacking: list[LedgerColumn],
    dropped: set[str],
) -> ColumnMapping:
    key, shown = comparable(column.header), personal.heading_shown(column.header)
    place = column.position + 1
    if key in known:
        return ColumnMapping(column=place, header=shown, item=known[key].code, because="列名相同")
    if key in dropped or personal.heading_is_personal(column.header):
        return ColumnMapping(
            column=place, header=shown, because="不导入：台账写明不读，或像个人信息"
        )
    near = {comparable(h): c for c in lacking for h in c.headers}
    like = difflib.get_close_matches(key, sorted(near), 1, NEAR) if key else []
    if like:
        meant = near[like[0]]
        because = f"像 {meant.code}（{meant.headers[0]}），请核对"
        return ColumnMapping(column=place, header=shown, item=UNDECIDED, because=because)
    return ColumnMapping(column=place, header=shown, because="台账没有这一列；要用就写上列的代码")
