"""A questionnaire as an XLSForm, the workbook from which ODK, KoBoToolbox and SurveyCTO make forms.

The specification is https://xlsform.org; ``pyxform`` is its reference reader. Questions are named
by item ids and choices by option codes, committees by their ids, so that answers exported with
values (not labels) and without group names are read by evalkit as they are: columns by item id,
cells as option codes, several choices parted by blanks.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence

from evalkit.definitions.questionnaire import Item, Questionnaire
from evalkit.definitions.roster import Subject
from evalkit.definitions.sheets.cells import NewColumn, NewSheet, as_workbook
from evalkit.definitions.text import on_one_line
from evalkit.definitions.yaml_text import dump_yaml

LANGUAGE = "中文 (zh)"
LABEL = f"label::{LANGUAGE}"
HINT = f"hint::{LANGUAGE}"
MESSAGE = f"constraint_message::{LANGUAGE}"
SURVEY = (
    "type", "name", LABEL, HINT, "required", "relevant", "appearance", "constraint", MESSAGE,
)  # fmt: skip
CHOICES = ("list_name", "name", LABEL)
SETTINGS = ("form_title", "form_id", "version", "default_language")
SUBJECTS = "subjects"
REQUIRED_ROLES = frozenset({"screening", "subject", "group", "rater", "scored", "overall"})
OPTIONAL_HINT, SEVERAL_HINT, RANK_HINT = "可以不答", "可多选", "按先后排序"
SPECIFY = "请注明"

_XML_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_ASKS_FOR_TEXT = re.compile(r"请(?:注明|说明|填写)")
_TYPES = {"single": "select_one", "multiple": "select_multiple", "ranking": "rank"}

Row = Mapping[str, str]


def workbook(questionnaire: Questionnaire, subjects: Sequence[Subject]) -> bytes:
    """Return a questionnaire as an XLSForm workbook; the same content gives the same bytes.

    Parameters
    ----------
    questionnaire : Questionnaire
    subjects : sequence of Subject
        The choices of the item that names the committee, unless it has options of its own.
    """
    form = _Form(questionnaire, subjects)
    rows = list(form.rows())
    settings = {
        "form_title": questionnaire.title,
        "form_id": xml_name(questionnaire.id),
        "version": version(questionnaire, subjects),
        "default_language": LANGUAGE,
    }
    return as_workbook(
        [
            _sheet("survey", SURVEY, rows),
            _sheet("choices", CHOICES, list(form.choices())),
            _sheet("settings", SETTINGS, [settings]),
        ]
    )


def version(questionnaire: Questionnaire, subjects: Sequence[Subject]) -> str:
    """Return what changes exactly when the form does: ten hexadecimal digits of its content."""
    content = dump_yaml(questionnaire) + "\n".join(f"{s.id}\t{s.name}" for s in subjects)
    return hashlib.sha256(content.encode()).hexdigest()[:10]


def xml_name(name: str) -> str:
    """Return a name that XML takes; only one that begins with a digit or a dash is changed."""
    return name if _XML_NAME.fullmatch(name) else f"_{name}"


def choice_name(code: str) -> str:
    """Return an option code as the name of a choice: as it is, but for white space."""
    return "_".join(code.split())


def by_hand(questionnaire: Questionnaire) -> tuple[str, ...]:
    """Say, in Chinese, which answers evalkit will not know again without a crosswalk."""
    lines = []
    for item in questionnaire.items:
        if xml_name(item.id) != item.id:
            lines.append(f"题目 {item.id} 在表单中名为 {xml_name(item.id)}，导入答卷时须有对照表")
        for option in questionnaire.options_of(item):
            if choice_name(option.code) != option.code:
                lines.append(
                    f"题目 {item.id} 的选项序号“{option.code}”在表单中为“{choice_name(option.code)}”，"
                    "导入答卷时须有对照表"
                )
    return tuple(lines)


class _Form:
    """The rows of one form; knows its lists of choices and who is still asked."""

    def __init__(self, questionnaire: Questionnaire, subjects: Sequence[Subject]) -> None:
        self._questionnaire = questionnaire
        self._lists: dict[tuple[tuple[str, str], ...], str] = {}
        self._list_of: dict[str, str] = {}
        self._names = {xml_name(item.id) for item in questionnaire.items}
        for item in questionnaire.items:
            options = questionnaire.options_of(item)
            choices = tuple((choice_name(option.code), option.label) for option in options)
            if item.role == "subject" and not choices:
                choices = tuple((subject.id, subject.name) for subject in subjects)
                self._lists.setdefault(choices, SUBJECTS)
            if choices:
                self._list_of[item.id] = self._lists.setdefault(choices, f"o_{item.id}")

    def choices(self) -> Iterator[Row]:
        for choices, name in self._lists.items():
            for code, label in choices:
                yield {"list_name": name, "name": code, LABEL: _text(label)}

    def rows(self) -> Iterator[Row]:
        if self._questionnaire.introduction:
            yield {
                "type": "note",
                "name": self._fresh("introduction"),
                LABEL: _text(self._questionnaire.introduction),
            }
        conditions: list[str] = []
        for block in self._questionnaire.blocks():
            relevant = " and ".join(conditions)
            yield from self._block(block, relevant)
            for item in block:
                if item.role == "screening":
                    conditions += self._stays(item)

    def _block(self, block: Sequence[Item], relevant: str) -> Iterator[Row]:
        first = block[0]
        if first.stem is None:
            for item in block:
                yield from self._item(item, relevant)
            return
        label = _text(_numbered(first, first.stem))
        if first.kind in ("single", "multiple") and first.id in self._list_of:
            yield {
                "type": "begin_group",
                "name": self._fresh(f"matrix_{first.id}"),
                LABEL: label,
                "relevant": relevant,
                "appearance": "table-list",
            }
            for item in block:
                yield self._question(item, "", item.text)
            yield {"type": "end_group"}
            return
        note = {"type": "note", "name": self._fresh(f"stem_{first.id}"), LABEL: label}
        yield {**note, "relevant": relevant}
        for item in block:
            yield self._question(item, relevant, item.text)

    def _item(self, item: Item, relevant: str) -> Iterator[Row]:
        yield self._question(item, relevant, _numbered(item, item.text))
        if item.id not in self._list_of:
            return
        for option in self._questionnaire.options_of(item):
            if _ASKS_FOR_TEXT.search(option.label):
                name = self._fresh(f"{xml_name(item.id)}_other")
                chosen = _chooses(item, option.code)
                yield {"type": "text", "name": name, LABEL: SPECIFY, "relevant": chosen}

    def _question(self, item: Item, relevant: str, label: str) -> Row:
        choices = self._list_of.get(item.id)
        row = {
            "type": _TYPES.get(item.kind, "text") if choices else "text",
            "name": xml_name(item.id),
            LABEL: _text(label),
            "relevant": relevant,
        }
        if choices and item.kind in _TYPES:
            row["type"] += f" {choices}"
        if choices == SUBJECTS:
            row["appearance"] = "minimal autocomplete"
        if item.kind == "number":
            row["type"] = "decimal"
            row["constraint"], row[MESSAGE] = _range(item)
        elif item.role == "open":
            row["appearance"] = "multiline"
        if item.role in REQUIRED_ROLES:
            row["required"] = "yes"
        hints = {"multiple": SEVERAL_HINT, "ranking": RANK_HINT}
        row[HINT] = hints.get(item.kind, OPTIONAL_HINT if item.role == "open" else "")
        return row

    def _stays(self, item: Item) -> list[str]:
        out = [o.code for o in self._questionnaire.options_of(item) if o.screen_out]
        return [f"not({_chooses(item, code)})" for code in out]

    def _fresh(self, name: str) -> str:
        while name in self._names:
            name += "_"
        self._names.add(name)
        return name


def _chooses(item: Item, code: str) -> str:
    name, value = f"${{{xml_name(item.id)}}}", choice_name(code)
    quoted = f'"{value}"' if "'" in value else f"'{value}'"
    return f"selected({name}, {quoted})"


def _range(item: Item) -> tuple[str, str]:
    bounds = [
        *([f". >= {item.minimum:g}"] if item.minimum is not None else []),
        *([f". <= {item.maximum:g}"] if item.maximum is not None else []),
    ]
    words = [
        *([f"不小于 {item.minimum:g}"] if item.minimum is not None else []),
        *([f"不大于 {item.maximum:g}"] if item.maximum is not None else []),
    ]
    return " and ".join(bounds), "，".join(words)


def _numbered(item: Item, text: str) -> str:
    return text if item.number is None else f"{item.number}. {text}"


def _text(wording: str) -> str:
    """Return a text in which nothing is taken for a reference to a question."""
    return on_one_line(wording).replace("${", "＄{")


def _sheet(title: str, columns: Sequence[str], rows: Sequence[Row]) -> NewSheet:
    used = [
        column for column in columns if column in CHOICES or any(row.get(column) for row in rows)
    ]
    return NewSheet(
        title,
        tuple(NewColumn(column) for column in used),
        tuple(tuple(row.get(column) or None for column in used) for row in rows),
    )
