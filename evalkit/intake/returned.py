"""A returned list of what was to be done, read line by line against what was handed out.

Its free cells (what was done, evidence, who looked at it) are only asked whether anything stands
in them: what committees wrote is kept nowhere.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from evalkit.codes import TaskState
from evalkit.definitions import checklist
from evalkit.definitions.checklist import ASKED, COPY, ID, TITLE, TOLD, Report, Returned, Task
from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.definitions.sheets.cells import read_tables
from evalkit.errors import Problems
from evalkit.files.grid import column_letters, legible
from evalkit.problems import checklist as faults

_DAY = re.compile(r"(\d{4})[-/.\u5e74](\d{1,2})[-/.\u6708](\d{1,2})\u65e5?(?: 00:00(?::00)?)?")
"""2017-03-01, 2017/3/1, 2017.3.1, with Chinese characters between; a midnight beside it is dropped."""

_AFTER = dt.timedelta(days=366)
"""How long after the last day of the last wave something may have been done."""

_FURTHEST = dt.timedelta(days=3660)
"""How far ahead a new date may lie."""

_HEADER_SEARCH = 10

Rows = Sequence[tuple[str, ...]]


class Given(NamedTuple):
    """A file that came back: where it lies, and its name as the analyst knows it."""

    path: Path
    name: str


def read_returned(
    wave: str, files: Sequence[Given], order: EvaluationOrder, problems: Problems
) -> Returned | None:
    """Read the list of one wave from the files that came back.

    Parameters
    ----------
    wave : str
        Whose tasks these are.
    files : sequence of Given
        One for all, or one a committee: copies of the same list, each filled in in part.
    order : EvaluationOrder
        Says when the waves were.
    problems : Problems
        Collects every fault of every file with its row and column.

    Returns
    -------
    Returned or None
        None where there is any fault.
    """
    before = len(problems)
    reader = _Reader(wave, *_days(wave, order), problems)
    for given in files:
        sheets = read_tables(given.path, given.name, problems)
        if sheets is not None:
            reader.read(given.name, {title.strip(): rows for title, rows in sheets.items()})
    if len(problems) > before:
        return None
    reports = tuple(reader.filled.get(i, Report(task)) for i, task in reader.tasks.items())
    return Returned(wave, tuple(given.name for given in files), reports)


def _days(wave: str, order: EvaluationOrder) -> tuple[dt.date, dt.date]:
    """Return between which days something can have been done: after the wave, not in the future."""
    ends = {each.id: each.end or each.start for each in order.waves}
    first, last = ends.get(wave), order.waves[-1].end
    return first or dt.date.min, dt.date.max - _FURTHEST if last is None else last + _AFTER


@dataclass(slots=True)
class _Reader:
    """Reads files one by one and remembers what they say of every task."""

    wave: str
    first: dt.date
    last: dt.date
    problems: Problems
    tasks: dict[str, Task] = field(default_factory=dict)
    filled: dict[str, Report] = field(default_factory=dict)
    seen: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Where the line of a task stands that is filled in, by its id."""

    def read(self, file: str, sheets: Mapping[str, Rows]) -> None:
        """Read one file."""
        if TITLE not in sheets or COPY not in sheets:
            self.problems.collect(faults.not_a_list(file, (TITLE, COPY), list(sheets)))
            return
        own = self._handed_out(file, sheets[COPY])
        if own is None:
            return
        for number, task in own.items():
            self.tasks.setdefault(number, task)
        rows = sheets[TITLE]
        at = next((n for n, row in enumerate(rows[:_HEADER_SEARCH]) if ID in map(_bare, row)), None)
        header = [] if at is None else [_bare(title) for title in rows[at]]
        lacking = [title for title in (*TOLD, *ASKED) if header.count(title) != 1]
        if at is None or lacking:
            row = (at if at is not None else checklist.HEADINGS_AT) + 1
            self.problems.collect(faults.list_columns(file, TITLE, row, lacking))
            return
        places = {title: header.index(title) for title in (*TOLD, *ASKED)}
        lines: dict[str, int] = {}
        for place, line in enumerate(rows[at + 1 :], start=at + 2):
            cells = {t: line[p].strip() for t, p in places.items()}
            if any(cells.values()) and not self._says_nothing(cells):
                _Line(self, file, place, places, cells, own, lines).read()

    @staticmethod
    def _says_nothing(cells: Mapping[str, str]) -> bool:
        """Tell the line that stands where there was no task."""
        return cells[ID] == checklist.NOTHING

    def _handed_out(self, file: str, rows: Rows) -> dict[str, Task] | None:
        """Read the hidden sheet: the tasks as they were handed out, by id."""
        titles = (checklist.WAVE, checklist.SUBJECT, checklist.ABOUT, *TOLD)
        header = [_bare(title) for title in rows[0]] if rows else []
        if header[: len(titles)] != list(titles):
            self.problems.collect(faults.list_columns(file, COPY, 1, titles))
            return None
        found: dict[str, Task] = {}
        waves: dict[str, None] = {}
        for row in rows[1:]:
            wave, subject, about, number, *told = (cell.strip() for cell in row[: len(titles)])
            if number:
                waves[wave] = None
                found[number] = Task._make((number, subject, *told, about))
        if list(waves) not in ([], [self.wave]):
            self.problems.collect(faults.list_of_another_wave(file, COPY, self.wave, list(waves)))
            return None
        return found


@dataclass(slots=True)
class _Line:
    """One line of a returned list."""

    reader: _Reader
    file: str
    row: int
    places: Mapping[str, int]
    cells: Mapping[str, str]
    own: Mapping[str, Task]
    lines: dict[str, int]
    """The lines of this file so far, by id."""

    def read(self) -> None:
        """Collect what is wrong with the line, and what it says."""
        number, problems = self.cells[ID], self.reader.problems
        task = self.own.get(number)
        if task is None:
            problems.collect(faults.unknown_task(*self._at(ID), number))
            return
        for title, told in zip(TOLD, task.told, strict=True):
            if legible(self.cells[title]) != legible(told):
                problems.collect(faults.task_changed(*self._at(title), told, self.cells[title]))
        report = self._report(task)
        if number in self.lines:
            other = (self.file, self.lines[number])
            problems.collect(faults.task_twice(*self._at(ID), number, other))
        elif any(self.cells[title] for title in ASKED):
            if number in self.reader.seen and self.reader.filled[number] != report:
                other = self.reader.seen[number]
                problems.collect(faults.task_twice(*self._at(ID), number, other))
            self.reader.seen.setdefault(number, (self.file, self.row))
            self.reader.filled.setdefault(number, report)
        self.lines.setdefault(number, self.row)

    def _report(self, task: Task) -> Report:
        cells, first = self.cells, self.reader.first
        done = self._day(checklist.DONE, first, self.reader.last)
        until = self._day(checklist.UNTIL, first, self.reader.last + _FURTHEST)
        evidence, checked = bool(cells[checklist.EVIDENCE]), bool(cells[checklist.CHECKED])
        state, told = TaskState.UNREPORTED, cells[checklist.STATE]
        if told in checklist.STATES:
            state = TaskState(told)
        elif told:
            self.reader.problems.collect(
                faults.unknown_state(*self._at(checklist.STATE), checklist.STATES, told)
            )
        if state is TaskState.DONE and not (done and evidence and checked):
            state = TaskState.SAID_DONE
        return Report(
            task=task,
            state=state,
            done=done,
            evidence=evidence,
            checked=checked,
            until=until,
            reason=bool(cells[checklist.WHY]),
            stateless=not told and any(cells[title] for title in ASKED),
        )

    def _day(self, title: str, first: dt.date, last: dt.date) -> dt.date | None:
        text = self.cells[title]
        if not text:
            return None
        found = _day_of(text)
        if found is not None and first <= found <= last:
            return found
        ends = None if found is None else (first, last)
        self.reader.problems.collect(faults.impossible_date(*self._at(title), ends, text))
        return None

    def _at(self, title: str) -> tuple[str, str, int, str]:
        return self.file, TITLE, self.row, f"{column_letters(self.places[title])} {title}"


def _day_of(text: str) -> dt.date | None:
    found = _DAY.fullmatch(legible(text))
    try:
        return None if found is None else dt.date(*map(int, found.groups()))
    except ValueError:
        return None


def _bare(title: str) -> str:
    return "".join(title.split())
