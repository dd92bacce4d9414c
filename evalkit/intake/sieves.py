"""Why a row is no answer: one list of sieves, in the order in which they are tried.

A row is rejected by the first sieve that holds it back. What a sieve needs to know of a file is
found out when the first one asks, from the rows that got so far: values of rows that are no answers
are nobody's fault.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from evalkit import personal
from evalkit.codes import Reason
from evalkit.definitions.crosswalk import Crosswalk
from evalkit.definitions.decided import Decided
from evalkit.definitions.evaluation import ResponseFile, Wave
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.text import simplified
from evalkit.errors import Note, Problems
from evalkit.files.alike import each, taken
from evalkit.intake import cleaning
from evalkit.intake.cleaning import Found
from evalkit.intake.identity import Identity, identify
from evalkit.intake.matching import Match, Matcher
from evalkit.intake.reading import CodedSheet, code_sheet
from evalkit.intake.times import Times, read_times
from evalkit.platforms import Codebook, RawSheet
from evalkit.problems import intake as faults
from evalkit.tables import Rejection, State


@dataclass(frozen=True, slots=True)
class Source:
    """One file of answers with everything needed to understand it."""

    entry: ResponseFile
    sheet: RawSheet
    questionnaire: Questionnaire
    crosswalk: Crosswalk | None = None
    codebook: Codebook | None = None


def _of_nobody() -> pd.Series[str]:
    return pd.Series([], index=pd.Index([], dtype=np.int64), dtype=object)


@dataclass
class File:
    """One file on its way through the sieves: what has been found out about it so far.

    Attributes
    ----------
    answers : Index
        Row numbers of what the sheet alone shows to be answers.
    coded : CodedSheet or None
        None until somebody asks for what the cells say, and where that cannot be told.
    groups, subjects, raters : Series of str
        Whom the rows that came so far belong to, speak of, and were filled in by, by row.
    units : dict of row number to str
        The unit inside the committee that a row names; only where it names one.
    unmatched : list of (name, count, suggestions)
        Names that the roster does not have.
    """

    source: Source
    wave: Wave
    decided: Decided
    problems: Problems
    answers: pd.Index[int] = field(init=False)
    coded: CodedSheet | None = None
    groups: pd.Series[str] = field(default_factory=_of_nobody)
    subjects: pd.Series[str] = field(default_factory=_of_nobody)
    raters: pd.Series[str] = field(default_factory=_of_nobody)
    units: dict[int, str] = field(default_factory=dict)
    unmatched: list[tuple[str, int, tuple[str, ...]]] = field(default_factory=list)
    _named: dict[str, pd.Series[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.answers = self.sheet.cells.index

    @property
    def sheet(self) -> RawSheet:
        """The raw sheet."""
        return self.source.sheet

    @cached_property
    def read(self) -> tuple[Times | None, tuple[Note, ...]]:
        """Return the times of submission, and what was decided in reading them."""
        bounds = cleaning.period(self.wave)
        return read_times(self.sheet, self.answers, bounds, self.problems)

    @cached_property
    def identity(self) -> Identity:
        """What tells the answers apart."""
        return identify(self.sheet, self.answers, self.read[0])

    @cached_property
    def matcher(self) -> Matcher:
        """Names of the roster, and those that the crosswalk adds."""
        crosswalk = self.source.crosswalk
        return Matcher(self.decided.roster, crosswalk.subjects if crosswalk else {})

    def names(self, role: Literal["subject", "rater", "cluster", "panel"]) -> pd.Series[str]:
        """Return what rows say in the item of a role, by row; ``""`` where they say nothing."""
        if role not in self._named:
            items = self.source.questionnaire.of_role(role)
            if self.coded is None or not items:
                return pd.Series("", index=self.answers, dtype=object)
            options = self.source.questionnaire.options_of(items[0])
            labels = {option.code: option.label for option in reversed(options)}
            codes = self.coded.codes[items[0].id]
            said = each(codes, lambda code: labels.get(code, code), nothing="")
            self._named[role] = pd.Series(said, index=codes.index, dtype=object)
        return self._named[role]


def _of_rows(told: pd.Series[str], rows: pd.Index[int]) -> pd.Series[str]:
    """Return what is told of some rows: the column itself where these are all of its rows."""
    return told if len(told) == len(rows) else told.loc[rows]


class Sieve(NamedTuple):
    """A reason, and what finds the rows to which it applies among those that came so far."""

    reason: Reason
    find: Callable[[File, pd.Index[int]], Found]


def sifted(file: File) -> tuple[pd.Index[int], dict[int, Rejection]]:
    """Send a file through all sieves; return the rows that are kept, and why the others are not."""
    rows = file.sheet.cells.index
    rejections: dict[int, Rejection] = {}
    for reason, find in SIEVES:
        found = find(file, rows)
        rejections |= {row: Rejection(row, reason, facts) for row, facts in found.items()}
        rows = cleaning.rest(rows, found)
    return rows, rejections


def _on_sheet(find: Callable[[RawSheet, pd.Index[int]], Found]) -> Callable[..., Found]:
    def found(file: File, rows: pd.Index[int]) -> Found:
        held = find(file.sheet, rows)
        file.answers = cleaning.rest(rows, held)
        return held

    return found


def _pasted_twice(file: File, rows: pd.Index[int]) -> Found:
    return cleaning.repeats(file.identity, rows, pasted=True)


def _duplicate(file: File, rows: pd.Index[int]) -> Found:
    return cleaning.repeats(file.identity, rows, pasted=False)


def _outside_period(file: File, rows: pd.Index[int]) -> Found:
    return cleaning.strays(file.sheet, file.read[0], rows, file.wave, file.problems)


def _unread(file: File, rows: pd.Index[int]) -> Found:
    """Code what is left; where nobody can tell what the cells are, no row of the file counts."""
    source = file.source
    file.coded = code_sheet(
        source.sheet,
        source.questionnaire,
        source.entry,
        source.crosswalk,
        source.codebook,
        rows,
        file.problems,
    )
    return {int(row): {} for row in rows} if file.coded is None else {}


def _screened_out(file: File, rows: pd.Index[int]) -> Found:
    questionnaire = file.source.questionnaire
    found: Found = {}
    for item in questionnaire.of_role("screening", "group"):
        out = {o.code: o.label for o in questionnaire.options_of(item) if o.screen_out}
        if file.coded is None or not out:
            continue
        codes = taken(file.coded.codes, rows)[item.id]
        for row, code in codes[codes.isin(list(out))].items():
            found.setdefault(int(str(row)), {"item": item.id, "label": out[code]})
    return found


def _no_answer(file: File, rows: pd.Index[int]) -> Found:
    if file.coded is None:
        return {}
    answered = np.zeros(len(rows), dtype=np.bool_)
    states = taken(file.coded.states, rows)
    for item in file.source.questionnaire.of_role("scored"):
        answered |= (states[item.id] == State.ANSWERED.value).to_numpy(dtype=np.bool_)
    return {int(row): {} for row in rows[~answered]}


def _no_group(file: File, rows: pd.Index[int]) -> Found:
    source = file.source
    if source.entry.group is not None:
        file.groups = pd.Series(source.entry.group, index=rows, dtype=object)
        return {}
    if file.coded is None:
        return {}
    item = source.questionnaire.of_role("group")[0]
    options = {o.code: o.group for o in source.questionnaire.options_of(item)}
    told = each(taken(file.coded.codes, rows)[item.id], options.get)
    known = np.array([group is not None for group in told], dtype=np.bool_)
    file.groups = pd.Series(told[known], index=cleaning.those(rows, known), dtype=object)
    return {int(row): {} for row in rows[~known]}


def _no_subject(file: File, rows: pd.Index[int]) -> Found:
    names = _of_rows(file.names("subject"), rows)
    return {int(row): {} for row in rows[(names == "").to_numpy(dtype=np.bool_)]}


def _unmatched_subject(file: File, rows: pd.Index[int]) -> Found:
    """Match names; those that nobody left out on purpose are problems too, as are strange ones."""
    place, names = pd.factorize(_of_rows(file.names("subject"), rows))
    matches = [file.matcher.match(str(name)) for name in names]
    subject = np.array([match.subject for match in matches], dtype=object)[place]
    matched = np.array([match.subject is not None for match in matches], dtype=np.bool_)[place]
    told = subject if matched.all() else subject[matched]
    file.subjects = pd.Series(told, index=cleaning.those(rows, matched), dtype=object)
    inside = np.array([match.unit is not None for match in matches], dtype=np.bool_)[place]
    of_units = zip(rows[matched & inside].tolist(), place[matched & inside].tolist(), strict=True)
    file.units |= {row: str(matches[at].unit) for row, at in of_units}
    lost: dict[str, list[int]] = {}
    found: Found = {}
    pairs = zip(rows[~matched].tolist(), place[~matched].tolist(), strict=True)
    for row, at in pairs:
        found[row] = {"name": names[at]}
        if not matches[at].left_out:
            lost.setdefault(str(names[at]), []).append(row)
    first = np.zeros(len(matches), dtype=np.intp)
    first[place[::-1]] = np.arange(len(rows) - 1, -1, -1)
    known = [at for at, match in enumerate(matches) if match.subject is not None]
    _report_names(file, lost, {int(rows[first[at]]): matches[at] for at in known})
    return found


def _report_names(
    file: File, lost: Mapping[str, Sequence[int]], matched: Mapping[int, Match]
) -> None:
    sheet = file.sheet
    item = file.source.questionnaire.of_role("subject")[0]
    column = file.coded.plan.single.get(item.id) if file.coded else None
    where = f"{column.letters} {personal.heading_shown(column.header)}" if column else None
    for name, places in sorted(lost.items()):
        suggestions = file.matcher.suggestions(name)
        place = faults.Position(sheet.file, sheet.sheet, places[0], where)
        file.problems.collect(file.matcher.fault(place, name, len(places)))
        shown = personal.shown(name, len(places), place=True)
        file.unmatched.append((shown, len(places), suggestions))
    meant = {
        (m.subject or "", m.unit or ""): row for row, m in sorted(matched.items(), reverse=True)
    }
    for _, row in sorted(meant.items()):
        absent = file.matcher.absent(matched[row], file.wave.id)
        if absent is not None:
            place = faults.Position(sheet.file, sheet.sheet, row, where)
            file.problems.collect(faults.subject_not_in_wave(place, file.wave.id, absent))


def _no_rater(file: File, rows: pd.Index[int]) -> Found:
    """Name the raters of groups that have some; who rates for oneself needs no name."""
    alone = file.groups.loc[rows].isin(list(_alone(file))).to_numpy(dtype=np.bool_)
    told = np.full(len(rows), "", dtype=object)
    lacking = np.zeros(len(rows), dtype=np.bool_)
    if not alone.all():
        place, names = pd.factorize(file.names("rater").loc[rows[~alone]])
        meant = [
            file.matcher.match(str(n)).subject or simplified(str(n)) if n else "" for n in names
        ]
        told[~alone] = np.array(meant, dtype=object)[place]
        lacking[~alone] = np.array([not name for name in names], dtype=np.bool_)[place]
    file.raters = pd.Series(told[~lacking], index=cleaning.those(rows, ~lacking), dtype=object)
    return {int(row): {} for row in rows[lacking]}


def _self_rating(file: File, rows: pd.Index[int]) -> Found:
    strict = [
        group.code
        for group in file.decided.scheme.groups
        if group.raters != "respondent" and not group.rates_itself
    ]
    bound = rows[file.groups.loc[rows].isin(strict).to_numpy(dtype=np.bool_)]
    own = file.raters.loc[bound] == file.subjects.loc[bound]
    return {int(row): {} for row in bound[own.to_numpy(dtype=np.bool_)]}


def _alone(file: File) -> set[str]:
    """Return the rater groups whose members rate for themselves."""
    return {g.code for g in file.decided.scheme.groups if g.raters == "respondent"}


SIEVES: tuple[Sieve, ...] = (
    *(Sieve(reason, _on_sheet(find)) for reason, find in cleaning.LAYOUT),
    Sieve(Reason.PASTED_TWICE, _pasted_twice),
    Sieve(Reason.DUPLICATE, _duplicate),
    Sieve(Reason.OUTSIDE_PERIOD, _outside_period),
    Sieve(Reason.UNREAD, _unread),
    Sieve(Reason.SCREENED_OUT, _screened_out),
    Sieve(Reason.NO_ANSWER, _no_answer),
    Sieve(Reason.NO_GROUP, _no_group),
    Sieve(Reason.NO_SUBJECT, _no_subject),
    Sieve(Reason.UNMATCHED_SUBJECT, _unmatched_subject),
    Sieve(Reason.NO_RATER, _no_rater),
    Sieve(Reason.SELF_RATING, _self_rating),
)
"""All sieves, in the order in which they are tried, which is that of `codes.Reason`."""
