"""The list of what is to be done (整改清单): its sheet, as it is handed out and as it comes back.

The left part is what an evaluation says and is locked; the right part is for whoever does it, and
for whoever looks at it afterwards. A second, hidden sheet holds the left part once more, with what
each line is about: by it a returned list is known, line by line.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from evalkit.codes import NoteCode, TaskState
from evalkit.errors import Note
from evalkit.files.writing import FIXED, Book, set_width

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

TITLE = "整改清单"
"""What the list is called, and its sheet."""

COPY = "核对用（请勿改动）"
"""The hidden sheet."""

WAVE, SUBJECT, ABOUT = "批次", "对象", "指标"
"""Columns of the hidden sheet beside those that are told."""

STATES = tuple(state.value for state in TaskState.filled_in())
"""What a task can be; who reports nothing leaves it empty."""

ID = "编号"
TOLD: Mapping[str, float] = {
    ID: 15.0,
    "单位": 14.0,
    "类别": 9.0,
    "存在问题": 20.0,
    "依据": 30.0,
    "整改措施": 46.0,
    "责任人": 18.0,
    "完成时限": 16.0,
    "看什么算办成": 34.0,
}
STATE, DONE, CARRIED_OUT, EVIDENCE = "状态", "实际完成日期", "办理情况", "佐证材料"
ASKED_BACK, WHY, UNTIL = "居民回访（人数、认可数）", "未完成或不再适用的原因", "新时限"
CHECKED, CHECKED_BY = "核查意见", "核查人、日期"
ASKED: Mapping[str, float] = {
    STATE: 10.0,
    DONE: 14.0,
    CARRIED_OUT: 36.0,
    EVIDENCE: 22.0,
    ASKED_BACK: 16.0,
    WHY: 26.0,
    UNTIL: 14.0,
    CHECKED: 24.0,
    CHECKED_BY: 16.0,
}
"""Headings and widths in characters: what is told, what is to be filled in."""

DATES = (DONE, UNTIL)
"""What must be a day, where anything is filled in."""

HEADINGS_AT = 2
"""The row of the headings, 0 for the first."""

_FONT = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "top", "text_wrap": True}
_HEAD = {**_FONT, "bold": True, "font_color": "#FFFFFF", "border": 1, "align": "center"}
_CELL = {**_FONT, "border": 1, "border_color": "#BCC4CC"}
_BLANK = {**_CELL, "bg_color": "#FFF8E8", "locked": False}
_DAY = {**_BLANK, "num_format": "yyyy-mm-dd"}


class Task(NamedTuple):
    """One thing to do.

    Attributes
    ----------
    id : str
        Wave, committee (``all`` for the street) and number: one list is laid beside another by it.
    subject : str
        Id of the committee; ``all`` for the street.
    name : str
        Name of the committee, or of the street.
    kind : str
    problem, evidence : str
        What it is about, and the numbers it rests on.
    what, who, by, shown_by : str
        Empty where the library says nothing.
    about : str
        Code of the indicator; empty for what residents wish.
    """

    id: str
    subject: str
    name: str
    kind: str
    problem: str
    evidence: str
    what: str
    who: str
    by: str
    shown_by: str
    about: str = ""

    @property
    def told(self) -> tuple[str, ...]:
        """What stands in the locked part of its line, in the order of `TOLD`."""
        return (
            self.id, self.name, self.kind, self.problem, self.evidence,
            self.what, self.who, self.by, self.shown_by,
        )  # fmt: skip


class Report(NamedTuple):
    """What became of one task, as far as a returned list says; nothing of what was written.

    Attributes
    ----------
    task : Task
    state : TaskState
        已完成 only with its day, evidence and the street's check; else 自报完成.
    done : date or None
        When it was done.
    evidence, checked : bool
        Whether evidence is named, and whether the street has looked at it.
    until : date or None
        The new date of what goes on.
    reason : bool
        Whether it says why something is not done.
    stateless : bool
        Whether something is filled in, and no state.
    """

    task: Task
    state: TaskState = TaskState.UNREPORTED
    done: dt.date | None = None
    evidence: bool = False
    checked: bool = False
    until: dt.date | None = None
    reason: bool = False
    stateless: bool = False


@dataclass(frozen=True, slots=True)
class Returned:
    """One wave's list, as it came back.

    Attributes
    ----------
    wave : str
        The wave whose tasks these are.
    files : tuple of str
        What it was read from.
    reports : tuple of Report
        One for every task that was handed out, in the order of the list.
    """

    wave: str
    files: tuple[str, ...]
    reports: tuple[Report, ...]

    def notes(self) -> tuple[Note, ...]:
        """Return who did not report, and what is filled in by half."""
        where, found = self.files[0], []
        silent = [r.task.name for r in self.reports if r.state is TaskState.UNREPORTED]
        if silent:
            facts = {"names": tuple(dict.fromkeys(silent))}
            found.append(Note(NoteCode.TASKS_NOT_REPORTED, where, len(silent), facts))
        halves = {
            "claimed": sum(r.state is TaskState.SAID_DONE for r in self.reports),
            "undated": sum(r.state is TaskState.GOING_ON and r.until is None for r in self.reports),
            "unreasoned": sum(r.state is TaskState.DROPPED and not r.reason for r in self.reports),
            "stateless": sum(r.stateless for r in self.reports),
        }
        if any(halves.values()):
            found.append(
                Note(NoteCode.REPORTS_INCOMPLETE, where, sum(halves.values()), dict(halves))
            )
        return tuple(found)


def as_workbook(
    wave: str,
    tasks: Sequence[Task],
    *,
    title: str,
    synthetic: bool,
    filled: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> bytes:
    """Return the list as a workbook to be filled in; a line says so where there is no task.

    Parameters
    ----------
    wave : str
        Id of the wave.
    title : str
        What stands above it.
    synthetic : bool
        Whether every printed sheet says that its data are simulated.
    filled : dict of task id to dict of heading to text
        What is filled in already: simulated lists, and those of tests.
    """
    book = Book(FIXED, title)
    page = book.sheet(TITLE)
    mark = "模拟数据，非真实评估结果。" if synthetic else ""
    how = (
        f"{mark}白色部分由评估产生，不要改动；黄色部分由责任单位和核查人填写。"
        "编号请保留，便于与下一次的清单对照。"
    )
    book.put(page, 0, 0, title, bold=True, font_size=14)
    book.put(page, 1, 0, how, font_size=9, font_color="#5F6B78")
    _headings(book, page)
    for line, task in enumerate(tasks, start=HEADINGS_AT + 1):
        _line(book, page, line, task, filled.get(task.id, {}))
    last = HEADINGS_AT + len(tasks)
    if tasks:
        states = {
            "validate": "list",
            "source": list(STATES),
            "ignore_blank": True,
            "error_title": STATE,
            "error_message": f"请从下拉列表中选：{'、'.join(STATES)}；没有情况就留空。",
        }
        page.data_validation(HEADINGS_AT + 1, len(TOLD), last, len(TOLD), states)
        page.autofilter(HEADINGS_AT, 0, last, len(TOLD) + len(ASKED) - 1)
    else:
        book.put(page, HEADINGS_AT + 1, 0, NOTHING)
    page.freeze_panes(HEADINGS_AT + 1, 2)
    page.protect("", {"autofilter": True, "format_columns": True, "format_rows": True})
    page.set_landscape()
    page.set_paper(8)
    page.fit_to_pages(1, 0)
    page.repeat_rows(HEADINGS_AT, HEADINGS_AT)
    page.set_footer(f"&L{mark}&R第 &P 页，共 &N 页")
    _copy(book, wave, tasks)
    return book.saved()


NOTHING = "（没有需要列出的事项）"


def _headings(book: Book, page: Worksheet) -> None:
    for at, (heading, width) in enumerate({**TOLD, **ASKED}.items()):
        colour = "#155A8A" if at < len(TOLD) else "#B3541E"
        book.put(page, HEADINGS_AT, at, heading, **_HEAD, bg_color=colour)
        set_width(page, at, width)


def _line(book: Book, page: Worksheet, line: int, task: Task, filled: Mapping[str, str]) -> None:
    for at, text in enumerate(task.told):
        book.put(page, line, at, text, **_CELL)
    for at, heading in enumerate(ASKED, start=len(TOLD)):
        book.put(page, line, at, filled.get(heading), **(_DAY if heading in DATES else _BLANK))


def _copy(book: Book, wave: str, tasks: Sequence[Task]) -> None:
    """Write the hidden sheet: headings, then wave, subject, indicator and what is told."""
    page = book.sheet(COPY)
    rows = [(wave, task.subject, task.about, *task.told) for task in tasks]
    for line, row in enumerate([(WAVE, SUBJECT, ABOUT, *TOLD), *rows]):
        for at, text in enumerate(row):
            book.put(page, line, at, text)
    page.protect()
    page.hide()
