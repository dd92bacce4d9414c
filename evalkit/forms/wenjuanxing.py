"""A questionnaire as the text from which 问卷星 makes a survey (文本导入).

The rules, as far as they are published: the platform's own client libraries read this format
(github.com/wjxcom/wjx-ai-kit: ``wjx-api-sdk/src/modules/survey/text-to-survey.ts`` and
``wjx-cli/.../references/dsl-syntax.md``), and the script of its page 批量添加题目 (help page 138 of
www.wjx.cn) is the older reader of the same format.

- The first line is the title, what follows up to the first question the description.
- A question is a line ``N. 题干[题型]``; an empty line ends it. Known types are, among others,
  单选题, 多选题, 下拉框, 排序题, 填空题, 矩阵单选题, 矩阵多选题, 段落说明.
- Options stand one a line. A matrix has all its options in the first line, parted by white space,
  and its rows below, one a line; fewer than three words in that line are taken for a row.
- Questions are compulsory unless ``（选填）`` follows the type.
- The export heads a matrix ``题干—首项``: a dash of the wording is written ``－``.
- The older reader takes ``___`` and ``{}`` in a question for blanks to fill in,
  and drops ``(可多选)`` and 请注明; square brackets name a type. Brackets, braces and underscores
  of the wording are therefore written full-width, which `definitions.text.comparable` undoes.

Skips and what ends a survey cannot be said in this format: `by_hand` lists them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from evalkit.definitions.questionnaire import Item, Kind, Option, Questionnaire
from evalkit.definitions.roster import Subject
from evalkit.definitions.text import on_one_line

TYPES: dict[Kind, str] = {
    "single": "单选题",
    "multiple": "多选题",
    "ranking": "排序题",
    "number": "填空题",
    "text": "填空题",
}
MATRIX_TYPES: dict[Kind, str] = {
    "single": "矩阵单选题",
    "multiple": "矩阵多选题",
}
LIST, PARAGRAPH, OPTIONAL = "下拉框", "段落说明", "（选填）"
OPTIONAL_ROLES = frozenset({"open", "profile", "need"})
FEWEST_COLUMNS = 3
"""A matrix with fewer options is not read as one."""

_WIDE = str.maketrans("[]{}_", "［］｛｝＿")
_DASH = re.compile("(?<!—)—(?!—)")
_WIDE_RULE = str.maketrans("-=", "－＝")
_RULE = re.compile(r"[-=]+")
_SPECIFY = re.compile(r"请(?:注明|说明|填写)")
_LETTER_FIRST = re.compile(r"[A-Za-z](?:\s|\s*[.．、,，)）\]:：])")
_LIMIT = re.compile(r"限选\d项|最[多少]选\d项|至少选\d项")
_SEPARATORS = re.compile("[┋→〖〗]")


def text(questionnaire: Questionnaire, subjects: Sequence[Subject]) -> str:
    """Return a questionnaire in 问卷星's text format.

    Parameters
    ----------
    questionnaire : Questionnaire
    subjects : sequence of Subject
        The options of the item that names the committee, unless it has options of its own.

    Returns
    -------
    str
        Questions have the numbers of the form, or are counted where the
        form has none.
    """
    parts = [_line(questionnaire.title)]
    if questionnaire.introduction:
        parts.append(_line(questionnaire.introduction))
    parts += _questions(questionnaire, subjects)
    return "\n\n".join(parts) + "\n"


def by_hand(questionnaire: Questionnaire) -> tuple[str, ...]:
    """Say, in Chinese, what has to be set or compared on the platform after importing."""
    lines = []
    if any(item.number for item in questionnaire.items) and not _keeps_numbers(questionnaire):
        lines.append("题号与问卷不同：有的矩阵题平台读不出来，已拆成单独的题目；请按文本导出答卷")
    for item in questionnaire.of_role("screening"):
        out = [o.label for o in questionnaire.options_of(item) if o.screen_out]
        lines.append(f"{_name(item)}：选“{'”“'.join(out)}”的，设为跳转到结束")
    for item in questionnaire.items:
        if item.kind == "number" and item.minimum is not None and item.maximum is not None:
            lines.append(f"{_name(item)}：设为只能填 {item.minimum:g} 到 {item.maximum:g} 的数字")
        if _LIMIT.search(item.text):
            lines.append(f"{_name(item)}：题干中“限选几项”的字样可能被当作设置而去掉，请核对")
        labels = [option.label for option in questionnaire.options_of(item)]
        for label in labels:
            if _SPECIFY.search(label):
                lines.append(f"{_name(item)}：选项“{label}”设为可填写文字，核对文字没有被改动")
            if item.kind in ("multiple", "ranking") and _SEPARATORS.search(label):
                lines.append(f"{_name(item)}：选项“{label}”含有平台的分隔符，请按序号导出答卷")
            if _LETTER_FIRST.match(label):
                lines.append(f"{_name(item)}：选项“{label}”开头的字母可能被去掉，请核对")
    return tuple(dict.fromkeys(lines))


def _name(item: Item) -> str:
    return f"第 {item.number} 题" if item.number is not None else f"题目 {item.id}"


def _questions(questionnaire: Questionnaire, subjects: Sequence[Subject]) -> Iterator[str]:
    numbered = _keeps_numbers(questionnaire)
    counted = 0
    for block in questionnaire.blocks():
        first = block[0]
        labels = _options(questionnaire, first, subjects)
        if _fits_matrix(first, labels):
            counted = first.number if numbered and first.number else counted + 1
            yield _matrix(block, counted, labels)
            continue
        if first.stem is not None:
            yield f"{_line(first.stem)}[{PARAGRAPH}]"
        for item in block:
            counted = item.number if numbered and item.number else counted + 1
            yield _question(item, counted, labels)


def _keeps_numbers(questionnaire: Questionnaire) -> bool:
    """Tell whether the form numbers all its questions, and each of them stays one question."""
    return all(
        block[0].number is not None
        and (len(block) == 1 or _fits_matrix(block[0], _options(questionnaire, block[0], ())))
        for block in questionnaire.blocks()
    )


def _options(questionnaire: Questionnaire, item: Item, subjects: Sequence[Subject]) -> list[str]:
    options: list[Option] = questionnaire.options_of(item)
    if item.role == "subject" and not options:
        return [_line(subject.name) for subject in subjects]
    return [_line(option.label) for option in options]


def _fits_matrix(first: Item, options: Sequence[str]) -> bool:
    return (
        first.stem is not None
        and first.kind in MATRIX_TYPES
        and len(options) >= FEWEST_COLUMNS
        and not any(" " in option for option in options)
    )


def _matrix(block: Sequence[Item], number: int, options: Sequence[str]) -> str:
    first = block[0]
    assert first.stem is not None
    head = f"{number}. {_line(first.stem)}[{MATRIX_TYPES[first.kind]}]{_optional(first)}"
    return "\n".join([head, " ".join(options), *(_line(item.text) for item in block)])


def _question(item: Item, number: int, options: Sequence[str]) -> str:
    kind = TYPES[item.kind] if options or item.kind in ("number", "text") else TYPES["text"]
    if item.role == "subject" and options:
        kind = LIST
    head = f"{number}. {_line(item.text)}[{kind}]{_optional(item)}"
    return "\n".join([head, *(options if kind != TYPES["text"] else ())])


def _optional(item: Item) -> str:
    return OPTIONAL if item.role in OPTIONAL_ROLES else ""


def _line(wording: str) -> str:
    """Return a text on one line, without what would be taken for a type, a blank or no text."""
    line = _DASH.sub("－", on_one_line(wording).translate(_WIDE))
    return line.translate(_WIDE_RULE) if _RULE.fullmatch(line) else line
