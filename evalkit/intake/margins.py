"""margins.csv: what a street knows of its residents, for raking a rater group to it.

One row a category: ``group,item,option,share`` (or ``total``), optionally ``wave`` and ``subject``.
The item is a profile item of the group's questionnaire, the option its label or code; several options
joined by ``;`` make one category. A row without a subject is about the whole street, one with a
subject (its id, name or alias in the roster) about the residents of that committee.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum, nan
from pathlib import Path

import numpy as np

from evalkit import numerals
from evalkit.definitions.margins import Margin, Margins
from evalkit.definitions.questionnaire import Item, Questionnaire
from evalkit.definitions.roster import Roster
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.text import comparable
from evalkit.definitions.vocabulary import MARGIN_COLUMNS, PLAIN
from evalkit.errors import Problem, Problems
from evalkit.files import delimited
from evalkit.intake.margin_figures import SUM_TOLERANCE, TOTALS_TOLERANCE, check_street
from evalkit.intake.matching import Matcher
from evalkit.problems import margins as faults


@dataclass(frozen=True, slots=True)
class _Row:
    row: int
    wave: str
    group: str
    item: Item
    codes: frozenset[str]
    value: float
    subject: str = ""


def read_margins(
    path: Path,
    name: str,
    scheme: Scheme,
    questionnaires: Mapping[str, Questionnaire],
    problems: Problems,
    roster: Roster | None = None,
    waves: Sequence[str] = (),
) -> Margins | None:
    """Read margins from CSV (UTF-8 with or without BOM, or GB18030).

    Parameters
    ----------
    path : Path
    name : str
        Path as the analyst knows it.
    problems : Problems
        Collects every fault with its row and column.
    roster : Roster or None
        Whose names stand in the column of subjects; None where it has faults, which are told
        by themselves.
    waves : sequence of str
        Those of the evaluation; a row of another one would weight nothing. Any are taken if empty.

    Returns
    -------
    Margins or None
        None if there is any fault.
    """
    before = len(problems)
    grid = delimited.read(path, name, None, problems)
    if grid is None:
        return None
    rows = [(at, [c.strip() for c in row]) for at, row in enumerate(grid.rows, 1) if any(row)]
    places = _places(rows[0][1] if rows else [], name, problems)
    if places is None:
        return None
    unit = "share" if "share" in places else "total"
    reader = _Reader(name, scheme, questionnaires, places, unit, problems, roster, waves)
    found = [row for at, cells in rows[1:] if (row := reader.row(at, cells)) is not None]
    if len(rows) == 1:
        problems.collect(faults.empty_document(name))
    if len(problems) > before:
        return None
    margins: dict[tuple[str, str, str, str], list[_Row]] = {}
    for row in found:
        margins.setdefault((row.wave, row.group, row.item.id, row.subject), []).append(row)
    made = tuple(reader.margin(rows) for rows in margins.values())
    _check_categories(made, name, problems, roster)
    check_street(made, name, roster, problems)
    if unit == "total":
        _check_totals(margins, name, problems)
    return Margins(name, made) if len(problems) == before else None


def _places(header: list[str], name: str, problems: Problems) -> dict[str, int] | None:
    """Return the position of every column, or None."""
    places: dict[str, int] = {}
    repeated: list[str] = []
    for at, title in enumerate(header):
        for column, titles in MARGIN_COLUMNS.items():
            if comparable(title) in titles:
                repeated += [title] if column in places else []
                places[column] = at
    lacking = [column for column in ("group", "item", "option") if column not in places]
    units = [column for column in ("share", "total") if column in places]
    if not lacking and not repeated and len(units) == 1:
        return places
    problems.collect(faults.wrong_columns(name, header))
    return None


class _Reader:
    """Reads rows one by one and remembers which categories it has seen."""

    def __init__(
        self,
        name: str,
        scheme: Scheme,
        questionnaires: Mapping[str, Questionnaire],
        places: Mapping[str, int],
        unit: str,
        problems: Problems,
        roster: Roster | None,
        waves: Sequence[str],
    ) -> None:
        self._roster = roster
        self._waves = waves
        self._name = name
        self._scheme = scheme
        self._questionnaires = questionnaires
        self._places = places
        self._unit = unit
        self._problems = problems
        self._seen: dict[tuple[str, str, str, str, str], int] = {}

    def row(self, row: int, cells: list[str]) -> _Row | None:
        """Return one row, or None with its problems collected."""
        before = len(self._problems)
        given = {column: cells[at] for column, at in self._places.items()}
        groups = {g.code: g for g in self._scheme.asked}
        group = groups.get(given["group"])
        if group is None:
            self._collect(faults.unknown_group, row, "group", given, list(groups))
            return None
        if group.raters == "rater":
            others = [code for code, g in groups.items() if g.raters == "respondent"]
            self._collect(faults.group_not_weighted, row, "group", given, others)
            return None
        questionnaire = self._questionnaires[group.source]
        profile = {i.id: i for i in questionnaire.of_role("profile") if i.kind == "single"}
        item = profile.get(given["item"])
        if item is None:
            items = [(i.id, i.text) for i in profile.values()]
            self._collect(faults.unknown_item, row, "item", given, items)
            return None
        codes = self._codes(row, questionnaire, item, given)
        value = self._value(row, given)
        subject = self._subject(row, given)
        wave = given.get("wave", "")
        if wave and self._waves and wave not in self._waves:
            self._collect(faults.margin_of_unknown_wave, row, "wave", given, self._waves)
        for code in sorted(codes):
            key = (given.get("wave", ""), group.code, item.id, subject, code)
            if key in self._seen:
                self._collect(faults.duplicate_row, row, "option", given, self._seen[key])
            self._seen.setdefault(key, row)
        if len(self._problems) > before:
            return None
        return _Row(row, given.get("wave", ""), group.code, item, codes, value, subject)

    def margin(self, rows: list[_Row]) -> Margin:
        """Return the margin that these rows make; its problems are collected."""
        first = rows[0]
        total = fsum(row.value for row in rows)
        whose = _named(first.group, first.subject, self._roster)
        where = (whose, first.item.id, first.item.text)
        if self._unit == "share":
            whole = 100.0 if total > 2.0 else 1.0
            wrong = abs(total / whole - 1.0) > SUM_TOLERANCE
        else:
            wrong = total <= 0.0
        if wrong:
            fault = faults.shares_do_not_add_up if self._unit == "share" else faults.no_people
            column, values = self._column(self._unit), [row.value for row in rows]
            self._problems.collect(fault(self._name, first.row, column, where, values))
        questionnaire = self._questionnaires[self._scheme.group(first.group).source]
        listed = {code for row in rows for code in row.codes}
        options = questionnaire.options_of(first.item)
        missing = [option.label for option in options if option.code not in listed]
        if missing:
            column = self._column("option")
            self._problems.collect(
                faults.margin_incomplete(self._name, first.row, column, where, missing)
            )
        shares = np.array([row.value for row in rows])
        return Margin(
            first.wave,
            first.group,
            first.item.id,
            first.item.text,
            tuple(row.codes for row in rows),
            shares / total if total > 0 else shares,
            first.row,
            first.subject,
            total if self._unit == "total" else None,
        )

    def _codes(
        self, row: int, questionnaire: Questionnaire, item: Item, given: Mapping[str, str]
    ) -> frozenset[str]:
        options = questionnaire.options_of(item)
        by_text = {comparable(o.label): o.code for o in options}
        by_text |= {comparable(o.code): o.code for o in options}
        parts = [part for part in given["option"].translate(PLAIN).split(";") if part.strip()]
        codes = [by_text.get(comparable(part)) for part in parts]
        if not parts or None in codes:
            known = [(option.code, option.label) for option in options]
            self._collect(faults.unknown_option, row, "option", given, item.id, known)
        return frozenset(code for code in codes if code is not None)

    def _subject(self, row: int, given: Mapping[str, str]) -> str:
        """Return the id of the committee that a row is about; empty where it names none."""
        named = given.get("subject", "")
        if not named or self._roster is None:
            return named
        matcher = Matcher(self._roster, {})
        match = matcher.match(named)
        found = match.subject if match.subject and match.unit is None else ""
        if not found:
            near = matcher.suggestions(named)
            self._collect(faults.margin_of_unknown_subject, row, "subject", given, near)
        return found

    def _value(self, row: int, given: Mapping[str, str]) -> float:
        value = numerals.marked(given[self._unit])
        if value is None or value < 0:
            self._collect(faults.not_a_share, row, self._unit, given)
        return nan if value is None else value

    def _collect(
        self,
        fault: Callable[..., Problem],
        row: int,
        column: str,
        given: Mapping[str, str],
        *facts: object,
    ) -> None:
        """Collect a fault of one cell."""
        letters = self._column(column)
        self._problems.collect(fault(self._name, row, letters, given[column], *facts))

    def _column(self, column: str) -> str:
        return f"{chr(ord('A') + self._places[column])} {column}"


def _named(group: str, subject: str, roster: Roster | None) -> str:
    """Name a margin's group, and whose it is where it is a committee's."""
    return f"{group} {roster.subject(subject).name}" if subject and roster else group


def _check_categories(
    margins: Sequence[Margin], name: str, problems: Problems, roster: Roster | None
) -> None:
    """Collect a problem where two committees' margins of an item put its options together otherwise.

    A category has one effect on what is answered, whatever the committee.
    """
    first: dict[tuple[str, str], Margin] = {}
    for margin in margins:
        if margin.subject:
            other = first.setdefault((margin.group, margin.item), margin)
            if set(margin.categories) != set(other.categories):
                whose = _named(margin.group, margin.subject, roster)
                where = (whose, margin.item, margin.title)
                own, expected = (
                    ["+".join(sorted(codes)) for codes in one.categories] for one in (margin, other)
                )
                problems.collect(
                    faults.margin_categories_differ(name, margin.row, where, own, expected)
                )


def _check_totals(
    margins: Mapping[tuple[str, str, str, str], list[_Row]], name: str, problems: Problems
) -> None:
    """Collect a problem where two margins count different numbers of people."""
    first: dict[tuple[str, str, str], tuple[str, float]] = {}
    for (wave, group, item, subject), rows in margins.items():
        total = fsum(row.value for row in rows)
        other, expected = first.setdefault((wave, group, subject), (item, total))
        if abs(total - expected) > TOTALS_TOLERANCE * max(total, expected):
            one, two = (other, expected), (item, total)
            problems.collect(faults.totals_disagree(name, rows[0].row, group, one, two))
