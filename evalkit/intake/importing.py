"""All files of one wave as Answers: read, coded, matched, cleaned, and accounted for."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.codes import NoteCode
from evalkit.definitions.decided import Decided
from evalkit.definitions.evaluation import Wave
from evalkit.definitions.scheme import Scheme
from evalkit.errors import Note, Problems
from evalkit.files import alike
from evalkit.files.alike import each, taken
from evalkit.files.texts import Texts
from evalkit.intake import cleaning
from evalkit.intake.acquaintance import who
from evalkit.intake.clusters import clusters_of, in_several
from evalkit.intake.colleagues import of_colleagues
from evalkit.intake.columns import column_of
from evalkit.intake.identity import Identity, identify
from evalkit.intake.linking import Link
from evalkit.intake.modes import modes_of
from evalkit.intake.reading import CodedSheet
from evalkit.intake.sieves import File, Source, sifted
from evalkit.intake.telling import cell_notes, without_names
from evalkit.intake.times import read_times
from evalkit.platforms import of
from evalkit.problems import intake as faults
from evalkit.tables import FRAMES, Answers, FileReport, Rejection

__all__ = ["Source", "import_wave", "in_two_files"]

SHARED_ROWS = 5
"""Fewer equal answers in two files may be chance: the same second, the same boxes."""


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
    stopped: set[str] = set()
    for source in sources:
        known = len(problems)
        part, report = _import_file(wave, source, decided, problems)
        reports.append(report)
        if len(problems) > known:
            stopped |= _groups_of(source)
        if part is not None:
            parts.append(part)
    respondents = _respondents(parts)
    codes: dict[str, pd.DataFrame] = {}
    states: dict[str, pd.DataFrame] = {}
    for questionnaire in dict.fromkeys(part.questionnaire for part in parts):
        own = [part for part in parts if part.questionnaire == questionnaire]
        codes[questionnaire] = _together([part.codes for part in own])
        states[questionnaire] = _together([part.states for part in own])
    marks = {name: mark for part in parts for name, mark in part.who.items()}
    modes = {name: mode for part in parts for name, mode in part.modes.items()}
    units = {name: unit for part in parts for name, unit in part.units.items()}
    if len(sources) == len(wave.answers):
        _report_empty_groups(wave, decided.scheme, respondents, stopped, problems)
    answers = Answers(wave.id, respondents, codes, states, marks, modes, _links(parts), units)
    return answers, tuple(reports)


def _together(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return tables below one another; of a single one nothing is copied."""
    return pd.concat(tables) if len(tables) > 1 else tables[0]


def _links(parts: Sequence[_Part]) -> dict[tuple[str, str], Link]:
    """Put together how the wave's files link other scales to a questionnaire's items."""
    found: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for part in parts:
        for item, link in part.links.items():
            found.setdefault((part.questionnaire, item), set()).update(link)
    return {key: tuple(sorted(links)) for key, links in sorted(found.items())}


@dataclass(frozen=True, slots=True)
class _Part:
    questionnaire: str
    respondents: pd.DataFrame
    codes: pd.DataFrame
    states: pd.DataFrame
    who: Mapping[str, str]
    modes: Mapping[str, str]
    links: Mapping[str, Link]
    units: Mapping[str, str]


def _import_file(
    wave: Wave, source: Source, decided: Decided, problems: Problems
) -> tuple[_Part | None, FileReport]:
    known = len(problems)
    file = File(source, wave, decided, problems)
    rows, rejections = sifted(file)
    report = _report(file, rejections, len(rows)).noting(of_colleagues(file, rows))
    del file.identity  # told by now, and large
    if not len(rows) and len(problems) == known:
        sheet = source.sheet
        problems.collect(faults.no_usable_row(sheet.file, sheet.sheet, report.rejected_by_reason))
    return (None if file.coded is None else _part(file, file.coded, rows)), report


def _part(file: File, coded: CodedSheet, rows: pd.Index[int]) -> _Part:
    source, times = file.source, file.read[0]
    names = pd.Index(_names(f"{source.sheet.file}#", rows), name="respondent")
    asked = source.questionnaire.of_role
    meta = taken(coded.meta, rows)
    submitted = None if times is None else times.texts()[times.rows.get_indexer(rows)]
    respondents = pd.DataFrame(
        {
            "respondent": names,
            "file": source.sheet.file,
            "row": rows.to_numpy(),
            "questionnaire": source.questionnaire.id,
            "group": file.groups.loc[rows].to_numpy(),
            "subject": file.subjects.loc[rows].to_numpy(),
            "rater": file.raters.loc[rows].to_numpy(),
            "cluster": clusters_of(file, rows) if asked("cluster") else "",
            "weight": 1.0,
            "submitted": submitted,
            "seconds": each(meta["seconds"], of(source.sheet).seconds)
            if "seconds" in meta
            else None,
            "device": meta["ip"].to_numpy(dtype=object) if "ip" in meta else None,
        },
        index=names,
        copy=False,
    )
    if submitted is None or len(rows) < alike.FEW:
        respondents["submitted"] = respondents["submitted"].astype("object")
    respondents["seconds"] = respondents["seconds"].astype("float64")
    roles = source.questionnaire.of_role("subject", "rater", "cluster", "panel", "mode", "group")
    dropped = [item.id for item in roles]
    known = asked("panel") or bool((file.raters != "").any())
    told = asked("mode") or source.entry.mode
    return _Part(
        source.questionnaire.id,
        respondents,
        taken(coded.codes.drop(columns=dropped), rows).set_axis(respondents.index),
        taken(coded.states.drop(columns=dropped), rows).set_axis(respondents.index),
        _filled(names, who(file, rows)) if known else {},
        _filled(names, modes_of(file, rows)) if told else {},
        coded.links,
        {name: file.units[row] for name, row in zip(names, rows, strict=True) if row in file.units}
        if file.units
        else {},
    )


def _names(head: str, rows: pd.Index[int]) -> Texts | list[str]:
    """Return what the respondents of a file are called; of many as `Texts`."""
    if len(rows) < alike.FEW:
        return [head + str(row) for row in rows.tolist()]
    numbers = rows.to_numpy().astype(f"S{len(str(rows.max()))}")
    return Texts(np.strings.add(head.encode(), numbers))


def _filled(names: Iterable[str], told: Iterable[str]) -> dict[str, str]:
    """Return what is told of respondents of whom something is."""
    return {name: one for name, one in zip(names, told, strict=True) if one}


def _respondents(parts: Sequence[_Part]) -> pd.DataFrame:
    if not parts:
        return pd.DataFrame({column.name: [] for column in FRAMES["respondents"]})
    respondents = _together([part.respondents for part in parts])
    cluster = respondents["cluster"]
    if (cluster != "").any():
        inside = respondents["group"] + "\0" + respondents["subject"] + "\0" + cluster
        respondents["cluster"] = inside.where(cluster != "", "")
    for column, prefix in (("rater", "r"), ("cluster", "c"), ("device", "d")):
        if not (respondents[column] != "").any():
            continue
        place, names = pd.factorize(respondents[column])
        counter = itertools.count(1)
        numbered = [f"{prefix}{next(counter)}" if name else "" for name in names.tolist()]
        respondents[column] = np.array([*numbered, ""], dtype=object)[place]
    return respondents


def _report(file: File, rejections: Mapping[int, Rejection], kept: int) -> FileReport:
    sheet, coded = file.sheet, file.coded
    notes = [
        *sheet.notes,
        *cleaning.likeness_notes(sheet, file.identity, rejections),
        *file.read[1],
        *cleaning.stray_notes(sheet, rejections),
    ]
    if coded is not None:
        notes += cell_notes(coded, file.source.questionnaire, kept)
        notes += in_several(file, file.subjects.index.drop(list(rejections), errors="ignore"))
    return FileReport(
        file=sheet.file,
        wave=file.wave.id,
        questionnaire=file.source.questionnaire.id,
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
        unmatched=tuple(file.unmatched),
        notes=tuple(notes),
    )


def _groups_of(source: Source) -> set[str]:
    """Return the groups whose answers a file may hold."""
    if source.entry.group is not None:
        return {source.entry.group}
    items = source.questionnaire.of_role("group")
    return {o.group for item in items for o in source.questionnaire.options_of(item) if o.group}


def _report_empty_groups(
    wave: Wave, scheme: Scheme, respondents: pd.DataFrame, stopped: set[str], problems: Problems
) -> None:
    """Collect groups without answers, unless a file of theirs has a problem of its own."""
    present = set(respondents["group"].unique()) | stopped
    for group in scheme.asked:
        if group.code not in present:
            problems.collect(faults.empty_group(wave.id, group.code, group.name))


def in_two_files(
    sources: Mapping[str, Sequence[Source]], problems: Problems
) -> dict[tuple[str, str], tuple[Note, ...]]:
    """Find answers that stand in two files.

    Rows that something tells from all others and that stand in two files, of any waves, are one
    export twice, and a problem. Rows of one wave that are merely equal are noted.

    Parameters
    ----------
    sources : dict of wave id to sources

    Returns
    -------
    dict of (wave id, file) to notes
    """
    seen: dict[tuple[str, str], str] = {}
    told = _Owners()
    notes: dict[tuple[str, str], tuple[Note, ...]] = {}
    if sum(map(len, sources.values())) < 2:
        return notes
    for wave, wave_sources in sources.items():
        alike: dict[tuple[str, ...], _Owners] = defaultdict(_Owners)
        for source in wave_sources:
            name = source.sheet.file
            content = (source.sheet.sha256, source.sheet.part)
            if content in seen:
                problems.collect(faults.same_answers(name, seen[content], None))
                continue
            seen[content] = name
            own = _identity(source)
            shared = told.of(own.marks[own.everywhere], name)
            proved = [marks for marks in shared.values() if len(marks) >= SHARED_ROWS]
            for owner, marks in sorted(shared.items()):
                if len(marks) >= SHARED_ROWS:
                    problems.collect(faults.same_answers(name, owner, len(marks)))
            headers = tuple(column.header.strip() for column in source.sheet.columns)
            others = {
                owner: left
                for owner, marks in alike[headers].of(own.marks, name).items()
                if len(left := marks[~np.isin(marks, np.concatenate([_NONE, *proved]))])
            }
            if others:
                count = int(np.isin(own.marks, np.concatenate(list(others.values()))).sum())
                facts = {"files": tuple(sorted(others))}
                notes[wave, name] = (Note(NoteCode.LOOK_ALIKES_ELSEWHERE, name, count, facts),)
    return notes


_NONE = np.zeros(0, dtype=np.uint64)


class _Owners:
    """Which file had a row first, by what the rows say."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._marks: list[NDArray[np.uint64]] = []

    def of(self, marks: NDArray[np.uint64], name: str) -> dict[str, NDArray[np.uint64]]:
        """Return what other files had first; what nobody had is from now on this file's."""
        left: NDArray[np.uint64] = pd.unique(marks)
        found: dict[str, NDArray[np.uint64]] = {}
        for owner, own in zip(self._names, self._marks, strict=True):
            had = np.isin(left, own)
            if had.any() and owner != name:
                found[owner] = np.concatenate([found.get(owner, _NONE), left[had]])
            left = left[~had]
        self._names.append(name)
        self._marks.append(left)
        return found


def _identity(source: Source) -> Identity:
    """Tell what identifies the answers of a sheet, whichever wave it is said to be of."""
    sheet = source.sheet
    rows, _ = cleaning.sift(sheet)
    times, _ = read_times(sheet, rows, (None, None), Problems())
    panel = column_of("panel", sheet, source.questionnaire, source.crosswalk)
    return identify(sheet, rows, times, panel)
