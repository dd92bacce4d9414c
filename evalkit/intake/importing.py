"""All files of one wave as Answers: read, coded, matched, cleaned, and accounted for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from evalkit import personal
from evalkit.codes import Reason
from evalkit.definitions.crosswalk import Crosswalk
from evalkit.definitions.decided import Decided
from evalkit.definitions.evaluation import ResponseFile, Wave
from evalkit.definitions.questionnaire import Item, Questionnaire
from evalkit.definitions.roster import Roster
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.text import simplified
from evalkit.errors import Problems
from evalkit.intake import cleaning
from evalkit.intake.matching import Match, Matcher
from evalkit.intake.reading import CodedSheet, code_sheet
from evalkit.intake.telling import cell_notes, without_names
from evalkit.platforms import Codebook, RawSheet, of
from evalkit.problems import intake as faults
from evalkit.tables import FRAMES, Answers, FileReport, Rejection

SHARED_ROWS = 5
"""Fewer equal answers in two files may be chance: same minute, same boxes, no address given."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file of answers with everything needed to understand it."""

    entry: ResponseFile
    sheet: RawSheet
    questionnaire: Questionnaire
    crosswalk: Crosswalk | None = None
    codebook: Codebook | None = None


def import_wave(
    wave: Wave, sources: Sequence[Source], decided: Decided, problems: Problems
) -> tuple[Answers, tuple[FileReport, ...]]:
    """Turn the files of a wave into answers.

    Every row that is read is kept or rejected by a reason, and every column, value and committee
    that has no place becomes a problem. With problems, the answers must not be used.

    Returns
    -------
    answers : Answers
        Raters and devices are numbered, never named; addresses and names stay behind.
    reports : tuple of FileReport
        One a file, in the order of the sources.
    """
    parts: list[_Part] = []
    reports: list[FileReport] = []
    for source in sources:
        part, report = _import_file(wave, source, decided, problems)
        reports.append(report)
        if part is not None:
            parts.append(part)
    respondents = _respondents(parts)
    codes: dict[str, pd.DataFrame] = {}
    states: dict[str, pd.DataFrame] = {}
    for questionnaire in dict.fromkeys(part.questionnaire for part in parts):
        own = [part for part in parts if part.questionnaire == questionnaire]
        codes[questionnaire] = pd.concat([part.codes for part in own])
        states[questionnaire] = pd.concat([part.states for part in own])
    if len(sources) == len(wave.files):
        _report_empty_groups(wave, decided.scheme, respondents, problems)
    return Answers(wave.id, respondents, codes, states), tuple(reports)


@dataclass(frozen=True, slots=True)
class _Part:
    questionnaire: str
    respondents: pd.DataFrame
    codes: pd.DataFrame
    states: pd.DataFrame


def _import_file(
    wave: Wave, source: Source, decided: Decided, problems: Problems
) -> tuple[_Part | None, FileReport]:
    sheet, questionnaire = source.sheet, source.questionnaire
    rows, rejections = cleaning.sift(sheet)
    for found in (
        cleaning.find_repeats(sheet, rows),
        cleaning.find_strays(sheet, rows, wave, problems),
    ):
        rejections = found | rejections
    rows = _without(rows, rejections)
    coded = code_sheet(
        sheet, questionnaire, source.entry, source.crosswalk, source.codebook, rows, problems
    )
    if coded is None:
        return None, _report(wave, source, None, rejections, (), 0)
    rejections |= cleaning.find_ineligible(coded, questionnaire, rows)
    rows = _without(rows, rejections)
    groups, found = _groups(coded, source, rows)
    rejections |= found
    rows = _without(rows, rejections)
    subjects, unmatched, found = _subjects(coded, source, wave, decided.roster, rows, problems)
    rejections |= found
    rows = _without(rows, rejections)
    raters, found = _raters(coded, source, decided, groups, subjects, rows)
    rejections |= found
    rows = _without(rows, rejections)
    if not len(rows):
        nothing = _report(wave, source, coded, rejections, unmatched, 0)
        problems.collect(faults.no_usable_row(sheet.file, sheet.sheet, nothing.rejected_by_reason))
    part = _part(coded, source, rows, groups, subjects, raters)
    return part, _report(wave, source, coded, rejections, unmatched, len(rows))


def _without(rows: pd.Index[int], rejections: Mapping[int, Rejection]) -> pd.Index[int]:
    return rows[[row not in rejections for row in rows]]


def _groups(
    coded: CodedSheet, source: Source, rows: pd.Index[int]
) -> tuple[dict[int, str], dict[int, Rejection]]:
    if source.entry.group is not None:
        return {int(row): source.entry.group for row in rows}, {}
    item = source.questionnaire.of_role("group")[0]
    options = {o.code: o.group for o in source.questionnaire.options_of(item)}
    groups: dict[int, str] = {}
    rejections: dict[int, Rejection] = {}
    for row, code in zip(rows.tolist(), coded.codes.loc[rows, item.id], strict=True):
        group = options.get(code) if isinstance(code, str) else None
        if group is None:
            rejections[row] = Rejection(row, Reason.NO_GROUP)
        else:
            groups[row] = group
    return groups, rejections


def _subjects(
    coded: CodedSheet,
    source: Source,
    wave: Wave,
    roster: Roster,
    rows: pd.Index[int],
    problems: Problems,
) -> tuple[dict[int, str], tuple[tuple[str, int, tuple[str, ...]], ...], dict[int, Rejection]]:
    item = source.questionnaire.of_role("subject")[0]
    matcher = Matcher(roster, source.crosswalk.subjects if source.crosswalk else {})
    names = {row: _name(coded, source.questionnaire, item, row) for row in rows}
    matches = {name: matcher.match(name) for name in set(names.values()) if name}
    subjects: dict[int, str] = {}
    rejections: dict[int, Rejection] = {}
    lost: dict[str, list[int]] = {}
    for row, name in names.items():
        match = matches.get(name, Match(None))
        if not name:
            rejections[row] = Rejection(row, Reason.NO_SUBJECT)
        elif match.subject is not None:
            subjects[row] = match.subject
        else:
            rejections[row] = Rejection(row, Reason.UNMATCHED_SUBJECT, {"name": name})
            if not match.left_out:
                lost.setdefault(name, []).append(row)
    column = coded.plan.single.get(item.id)
    where = f"{column.letters} {personal.heading_shown(column.header)}" if column else None
    for name, places in sorted(lost.items()):
        place = faults.Place(source.sheet.file, source.sheet.sheet, places[0], where)
        problems.collect(matcher.fault(place, name, len(places)))
    for subject_id in sorted(set(subjects.values())):
        if not roster.subject(subject_id).exists_in(wave.id):
            row = next(row for row, found in subjects.items() if found == subject_id)
            place = faults.Place(source.sheet.file, source.sheet.sheet, row, where)
            known = roster.subject(subject_id).name
            problems.collect(faults.subject_not_in_wave(place, wave.id, known))
    report = tuple(
        (personal.shown(name, len(places), place=True), len(places), matcher.suggestions(name))
        for name, places in sorted(lost.items())
    )
    return subjects, report, rejections


def _name(coded: CodedSheet, questionnaire: Questionnaire, item: Item, row: int) -> str:
    code = coded.codes.at[row, item.id]
    if not isinstance(code, str):
        return ""
    for option in questionnaire.options_of(item):
        if option.code == code:
            return option.label
    return code


def _raters(
    coded: CodedSheet,
    source: Source,
    decided: Decided,
    groups: dict[int, str],
    subjects: dict[int, str],
    rows: pd.Index[int],
) -> tuple[dict[int, str], dict[int, Rejection]]:
    items = source.questionnaire.of_role("rater")
    matcher = Matcher(decided.roster, source.crosswalk.subjects if source.crosswalk else {})
    raters: dict[int, str] = {}
    rejections: dict[int, Rejection] = {}
    known: dict[str, str | None] = {}
    for row in rows:
        group = decided.scheme.group(groups[row])
        if group.raters == "respondent":
            raters[row] = ""
            continue
        name = _name(coded, source.questionnaire, items[0], row) if items else ""
        if not name:
            rejections[row] = Rejection(row, Reason.NO_RATER)
            continue
        if name not in known:
            known[name] = matcher.match(name).subject
        if not group.rates_itself and known[name] == subjects[row]:
            rejections[row] = Rejection(row, Reason.SELF_RATING)
        else:
            raters[row] = known[name] or simplified(name)
    return raters, rejections


def _part(
    coded: CodedSheet,
    source: Source,
    rows: pd.Index[int],
    groups: dict[int, str],
    subjects: dict[int, str],
    raters: dict[int, str],
) -> _Part:
    names = [f"{source.sheet.file}#{row}" for row in rows]
    meta = coded.meta.loc[rows]
    nothing = pd.Series(pd.NA, index=rows, dtype="object")
    respondents = pd.DataFrame(
        {
            "respondent": names,
            "file": source.sheet.file,
            "row": rows.to_numpy(),
            "questionnaire": source.questionnaire.id,
            "group": [groups[row] for row in rows],
            "subject": [subjects[row] for row in rows],
            "rater": [raters[row] for row in rows],
            "weight": 1.0,
            "submitted": meta.get("submitted", nothing).to_numpy(),
            "seconds": [
                of(source.sheet).seconds(value) if isinstance(value, str) else None
                for value in meta.get("seconds", nothing)
            ],
            "device": meta.get("ip", nothing).to_numpy(),
        },
        index=pd.Index(names, name="respondent"),
    )
    respondents["seconds"] = respondents["seconds"].astype("float64")
    dropped = [item.id for item in source.questionnaire.of_role("subject", "rater", "group")]
    return _Part(
        source.questionnaire.id,
        respondents,
        coded.codes.loc[rows].drop(columns=dropped).set_axis(respondents.index),
        coded.states.loc[rows].drop(columns=dropped).set_axis(respondents.index),
    )


def _respondents(parts: Sequence[_Part]) -> pd.DataFrame:
    if not parts:
        return pd.DataFrame({column.name: [] for column in FRAMES["respondents"]})
    respondents = pd.concat([part.respondents for part in parts])
    for column, prefix in (("rater", "r"), ("device", "d")):
        numbers, _ = pd.factorize(respondents[column].replace("", None), sort=False)
        respondents[column] = [f"{prefix}{n + 1}" if n >= 0 else "" for n in numbers]
    return respondents


def _report(
    wave: Wave,
    source: Source,
    coded: CodedSheet | None,
    rejections: Mapping[int, Rejection],
    unmatched: tuple[tuple[str, int, tuple[str, ...]], ...],
    kept: int,
) -> FileReport:
    sheet = source.sheet
    notes = list(sheet.notes)
    if coded is not None:
        notes += cell_notes(coded, source.questionnaire, kept)
    return FileReport(
        file=sheet.file,
        wave=wave.id,
        questionnaire=source.questionnaire.id,
        platform=sheet.platform,
        variant=coded.variant if coded else "",
        encoding=sheet.encoding,
        sha256=sheet.sha256,
        rows_read=len(sheet.cells),
        rows_kept=kept,
        rejections=without_names(rejections),
        unmapped_columns=coded.plan.unmapped if coded else (),
        dropped_columns=coded.plan.dropped if coded else (),
        unknown_values=coded.unknown if coded else (),
        unmatched=unmatched,
        notes=tuple(notes),
    )


def _report_empty_groups(
    wave: Wave, scheme: Scheme, respondents: pd.DataFrame, problems: Problems
) -> None:
    present = set(respondents["group"])
    for group in scheme.groups:
        if group.code not in present:
            problems.collect(faults.empty_group(wave.id, group.code, group.name))


def claims(sources: Mapping[str, Sequence[Source]], problems: Problems) -> None:
    """Collect a problem for every pair of files, of any waves, that hold the same answers.

    Parameters
    ----------
    sources : dict of wave id to sources
    """
    seen: dict[str, str] = {}
    owners: dict[tuple[str, ...], str] = {}
    shared: dict[tuple[str, str], int] = {}
    for wave_sources in sources.values():
        for source in wave_sources:
            name = source.sheet.file
            if source.sheet.sha256 in seen:
                problems.collect(faults.same_answers(name, seen[source.sheet.sha256], None))
                continue
            seen[source.sheet.sha256] = name
            rows = _identified_rows(source.sheet)
            for row in rows:
                owner = owners.setdefault(row, name)
                if owner != name:
                    shared[owner, name] = shared.get((owner, name), 0) + 1
    for (owner, name), count in sorted(shared.items()):
        if count >= SHARED_ROWS:
            problems.collect(faults.same_answers(name, owner, count))


def _identified_rows(sheet: RawSheet) -> set[tuple[str, ...]]:
    """Rows that can be told apart by when and from where they were submitted."""
    submitted = next((c.position for c in sheet.columns if c.metadata == "submitted"), None)
    sequence = next((c.position for c in sheet.columns if c.metadata == "sequence"), None)
    if submitted is None:
        return set()
    content = [c.position for c in sheet.columns if c.position != sequence]
    cells = sheet.cells.loc[sheet.cells[submitted].ne(""), content]
    headers = {tuple(c.header for c in sheet.columns if c.position != sequence)}
    return {tuple(map(str, row)) for row in cells.to_numpy()} - headers
