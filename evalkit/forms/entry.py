"""A sheet for typing paper forms: one row a form, headed so that evalkit imports it as it is.

Cells take option codes, as they stand small beside the boxes of the paper form; several choices
of one question are parted by blanks (``1 4 7``). Headers are written in 问卷星's manner where the
form numbers its questions, and give way to the item's id wherever its wording alone would not
tell the column.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from evalkit.definitions.questionnaire import Item, Questionnaire
from evalkit.definitions.roster import Subject
from evalkit.definitions.sheets.cells import NewColumn, NewSheet, as_workbook
from evalkit.definitions.text import question_key
from evalkit.platforms import RawColumn, recognised

SHEET = "录入"
FORM_NUMBER = "编号"
"""Number of the paper form: forms typed twice are found by it."""

FORM_NUMBER_PROMPT = "纸质问卷的编号，不要重复；同一编号、内容相同的两行只算一份"
SEVERAL_PROMPT = "多选：序号之间空一格，如 1 4 7"
RANKING_PROMPT = "排序：按先后写序号，中间空一格，如 3 1 2"
WRITTEN = frozenset({"open", "subject", "rater", "cluster", "panel"})
NARROW, WIDE = 14.0, 24.0
LIST_LIMIT = 250
"""Characters of choices that Excel offers in a cell, and of a prompt; longer lists do without."""


def workbook(questionnaire: Questionnaire, subjects: Sequence[Subject]) -> bytes:
    """Return an empty sheet for typing; the same content gives the same bytes.

    Parameters
    ----------
    questionnaire : Questionnaire
    subjects : sequence of Subject
        Offered in the column of the committee, where the list is short enough for Excel.

    Returns
    -------
    bytes
        A workbook with one sheet, so that no sheet has to be named when it is imported.
    """
    columns = headers(questionnaire)
    headings = [NewColumn(FORM_NUMBER, prompt=FORM_NUMBER_PROMPT, width=NARROW)]
    headings += [
        NewColumn(
            columns[item.id],
            choices=_choices(questionnaire, item, subjects),
            prompt=_prompt(questionnaire, item),
            width=WIDE if item.role in WRITTEN else NARROW,
        )
        for item in questionnaire.items
    ]
    return as_workbook([NewSheet(SHEET, tuple(headings), ())])


def headers(questionnaire: Questionnaire) -> dict[str, str]:
    """Return the header of every item: its wording where that tells it, else its id."""
    found = {item.id: item.header or "" for item in questionnaire.items}
    for block in questionnaire.blocks():
        for place, item in enumerate(block):
            found[item.id] = found[item.id] or _header(item, is_first=place == 0)
    while True:
        unclear = _unclear(questionnaire, found)
        if not unclear:
            return found
        found |= {item_id: item_id for item_id in unclear}


def _header(item: Item, *, is_first: bool) -> str:
    text = " ".join(item.text.split())
    if item.number is None:
        return text
    if item.stem is None or not is_first:
        return f"{item.number}、{text}"
    return f"{item.number}、{' '.join(item.stem.split())}—{text}"


def _unclear(questionnaire: Questionnaire, headers: dict[str, str]) -> list[str]:
    """Return the items whose header, read as evalkit reads a file, would not lead back to them."""
    columns = _read([FORM_NUMBER, *headers.values()])[1:]
    wordings = Counter((column.number, question_key(column.text)) for column in columns)
    return [
        item.id
        for item, column in zip(questionnaire.items, columns, strict=True)
        if headers[item.id] not in (item.id, item.header)
        and not (
            column.metadata is None
            and column.option is None
            and question_key(column.text) == question_key(item.text)
            and (column.stem is None or question_key(column.stem) == question_key(item.stem or ""))
            and wordings[column.number, question_key(column.text)] == 1
        )
    ]


def _read(headers: Sequence[str]) -> Sequence[RawColumn]:
    return recognised(headers).columns(headers)


def _choices(
    questionnaire: Questionnaire, item: Item, subjects: Sequence[Subject]
) -> tuple[str, ...]:
    options = questionnaire.options_of(item)
    codes = tuple(option.code for option in options)
    if item.role == "subject" and not options:
        codes = tuple(subject.name for subject in subjects)
    fits = len(",".join(codes)) <= LIST_LIMIT and not any("," in code for code in codes)
    return codes if fits and item.kind == "single" else ()


def _prompt(questionnaire: Questionnaire, item: Item) -> str:
    options = questionnaire.options_of(item)
    if item.kind == "number" and item.minimum is not None and item.maximum is not None:
        return f"{item.minimum:g} 到 {item.maximum:g} 的数字"
    lines = [f"{option.code} {option.label}" for option in options]
    if item.kind in ("multiple", "ranking"):
        lines.insert(0, SEVERAL_PROMPT if item.kind == "multiple" else RANKING_PROMPT)
    text = "\n".join(lines)
    return text if len(text) <= LIST_LIMIT else text[: LIST_LIMIT - 1] + "…"
