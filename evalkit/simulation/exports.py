"""Answers as 问卷星 hands them out: its headers, its platform columns, its marks, and some dirt.

Two styles of header, ``old`` and ``new``, and two variants, by text and by number, as real files
have them. The dirt is small, known and counted, so that cleaning can be held to it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from evalkit.definitions.questionnaire import Item, Questionnaire
from evalkit.definitions.roster import Subject
from evalkit.simulation.naming import spoken
from evalkit.simulation.people import ASKS_FOR_TEXT, OTHER_TEXT, frame
from evalkit.simulation.respondents import Sample, choices
from evalkit.simulation.workbook import write_workbook

Style = Literal["old", "new"]
Variant = Literal["text", "number"]
Row = list[str | int | None]

SKIPPED, EMPTY = "(跳过)", "(空)"
SKIPPED_NUMBER, EMPTY_NUMBER = -3, -2

_PLATFORM: Mapping[Style, tuple[str, ...]] = {
    "old": ("序号", "提交答卷时间", "所用时间", "来自IP", "来源", "来源详情"),
    "new": ("序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP"),
}
_VARIANT_NAMES: Mapping[Variant, str] = {"text": "按文本", "number": "按序号"}
_TYPES = {"matrix": "矩阵单选题", "multiple": "多选题"}
_SOURCES = (("微信", "N/A"), ("手机提交", "直接访问"), ("链接", "直接访问"))
_SOURCE_SHARES = (0.55, 0.3, 0.15)
_HOURS = (8, 9, 10, 11, 13, 14, 15, 16, 17, 19, 20)
_SECONDS_AN_ITEM = 7.0
_DAYS_BEFORE = 9
"""How long before the fieldwork somebody tried the form out."""


@dataclass(frozen=True, slots=True)
class Dirt:
    """Rows that are no answers of the wave, and that cleaning has to find.

    Attributes
    ----------
    duplicates : submissions that stand in the file twice, the same in everything but 序号.
    screened_out : people whom the screening item sends home; none where there is no such item.
    tests : tries submitted before the fieldwork began.
    blanks : empty rows.
    footers : 合计 rows at the end.
    """

    duplicates: int = 0
    screened_out: int = 0
    tests: int = 0
    blanks: int = 0
    footers: int = 0

    @property
    def rows(self) -> int:
        """All of them."""
        return self.duplicates + self.screened_out + self.tests + self.blanks + self.footers


SOME_DIRT = Dirt(duplicates=3, screened_out=5, tests=1, blanks=2, footers=1)
NO_DIRT = Dirt()


@dataclass(frozen=True, slots=True)
class Export:
    """One file to write.

    Attributes
    ----------
    survey : int
        The platform's id of the survey, first in the file's name.
    groups : tuple of str
        Rater groups whose answers it holds.
    start, end : date
        Fieldwork.
    typed_names : bool
        Committees are typed by hand: some with suffix, some by an alias.
    names : dict of subject id to list of str
        What people write for a committee, each as often: its name, or where they live in it. None
        for its name as forms list it.
    dirt : Dirt
    """

    wave: str
    groups: tuple[str, ...]
    survey: int
    title: str
    start: dt.date
    end: dt.date
    style: Style = "new"
    variant: Variant = "text"
    typed_names: bool = False
    dirt: Dirt = SOME_DIRT
    names: Mapping[str, Sequence[str]] | None = None


@dataclass(frozen=True, slots=True)
class WrittenExport:
    """One file that was written: ``rows == answers + dirt.rows``."""

    path: Path
    export: Export
    questionnaire: str
    answers: int
    dirt: Dirt

    @property
    def rows(self) -> int:
        """Rows below the header."""
        return self.answers + self.dirt.rows


def write_exports(
    sample: Sample, folder: Path, exports: Sequence[Export]
) -> tuple[WrittenExport, ...]:
    """Write files of a sample into ``folder/<wave>/``, byte for byte the same every time.

    Raises
    ------
    ValueError
        If the groups of one export answer different questionnaires.
    """
    return tuple(_write(sample, folder, export) for export in exports)


@dataclass(frozen=True, slots=True)
class Rows:
    """A file before it is written: its name, its rows with the header first, what they are."""

    name: str
    rows: Sequence[Row]
    questionnaire: str
    answers: int
    dirt: Dirt


def exported(sample: Sample, export: Export) -> Rows:
    """Return the rows of a sample as the platform hands them out.

    Raises
    ------
    ValueError
        If the groups of the export answer different questionnaires.
    """
    ids = {sample.scheme.group(group).source for group in export.groups}
    if len(ids) != 1:
        raise ValueError(f"{export.title}: one questionnaire a file, not {sorted(ids)}")
    questionnaire = sample.questionnaires[ids.pop()]
    rng = np.random.Generator(np.random.PCG64([sample.seed, export.survey, 2]))
    answers = pd.concat(
        [frame(sample, export.wave, group) for group in export.groups], ignore_index=True
    )
    answers = answers.iloc[rng.permutation(len(answers))].reset_index(drop=True)
    writer = _Writer(questionnaire, export, {s.id: s for s in sample.truth.subjects}, rng)
    body = writer.submissions(answers, export.start, export.end)
    screening = bool(questionnaire.of_role("screening"))
    dirt = export.dirt if screening else _replace_screened(export.dirt)
    body += writer.duplicates(body, dirt.duplicates)
    body += writer.screened_out(dirt.screened_out)
    body += writer.tests(dirt.tests)
    body.sort(key=lambda pair: pair[0])
    total, valid = len(body), len(body) - dirt.screened_out
    numbered: list[Row] = [
        [number if export.variant == "number" else str(number), *row]
        for number, (_, row) in enumerate(body, start=1)
    ]
    for place in sorted(rng.integers(1, len(numbered), size=dirt.blanks), reverse=True):
        numbered.insert(int(place), [None] * len(writer.header))
    numbered += [_footer(total, len(writer.header))] * dirt.footers
    name = f"{export.survey}_{_VARIANT_NAMES[export.variant]}_{export.title}_{total}_{valid}.xlsx"
    return Rows(name, [writer.header, *numbered], questionnaire.id, len(answers), dirt)


def _write(sample: Sample, folder: Path, export: Export) -> WrittenExport:
    made = exported(sample, export)
    path = folder / export.wave / made.name
    at = dt.datetime.combine(export.end, dt.time(18, 0)) + dt.timedelta(days=2)
    write_workbook(path, made.rows, sheet="Sheet1", at=at)
    return WrittenExport(path, export, made.questionnaire, made.answers, made.dirt)


def _replace_screened(dirt: Dirt) -> Dirt:
    return Dirt(dirt.duplicates, 0, dirt.tests, dirt.blanks, dirt.footers)


def _footer(total: int, width: int) -> Row:
    return ["合计", str(total), *[None] * (width - 2)]


class _Writer:
    """Knows one file's columns and how its cells are written."""

    def __init__(
        self,
        questionnaire: Questionnaire,
        export: Export,
        subjects: Mapping[str, Subject],
        rng: np.random.Generator,
    ) -> None:
        self._questionnaire = questionnaire
        self._export = export
        self._subjects = subjects
        self._rng = rng
        self._labels = {
            item.id: {o.code: o.label for o in choices(questionnaire, item)}
            for item in questionnaire.items
        }
        self._address = rng.permutation(2**17)
        self._used = 0
        self.header: Row = [*_PLATFORM[export.style], *self._headers()]

    def _headers(self) -> list[str]:
        headers: list[str] = []
        stem: str | None = None
        for item in self._questionnaire.items:
            number = f"{item.number}、" if item.number is not None else ""
            old = self._export.style == "old"
            if self._spreads(item):
                labels = self._labels[item.id].values()
                if old:
                    headers += [f"第{item.number}题({label})" for label in labels]
                else:
                    first, *others = labels
                    headers.append(f"{item.number}. {item.text}({first})")
                    headers += [f"{item.number} ({label})" for label in others]
            elif item.stem is not None and item.stem != stem:
                mark = "" if old else f" ({_TYPES['matrix']} *必答)"
                headers.append(f"{number}{item.stem}—{item.text}{mark}")
            elif item.stem is not None:
                headers.append(item.text if old else f"{number}{item.text}")
            else:
                mark = f" ({_TYPES['multiple']} *必答)" if item.kind == "multiple" else ""
                headers.append(f"{number}{item.text}{' ' if old else mark}")
            stem = item.stem
        return headers

    def _spreads(self, item: Item) -> bool:
        return item.kind == "multiple" and self._export.variant == "number"

    def submissions(
        self, answers: pd.DataFrame, start: dt.date, end: dt.date
    ) -> list[tuple[dt.datetime, Row]]:
        """Return answers as rows without 序号, each with its time of submission."""
        platform = self._platform(len(answers), start, end)
        columns: list[Sequence[str | int]] = []
        for item in self._questionnaire.items:
            columns += self._columns(item, answers)
        rows = zip(*columns, strict=True)
        return [(stamp, [*cells, *row]) for (stamp, cells), row in zip(platform, rows, strict=True)]

    def _columns(self, item: Item, answers: pd.DataFrame) -> list[Sequence[str | int]]:
        codes = answers[item.id].tolist()
        labels = self._labels[item.id]
        number = self._export.variant == "number"
        empty: str | int = EMPTY_NUMBER if number else EMPTY
        if self._spreads(item):
            chosen = [set(several.split(";")) for several in codes]
            return [
                [
                    int(option in several) if code else empty
                    for several, code in zip(chosen, codes, strict=True)
                ]
                for option in labels
            ]
        if item.role == "subject":
            return [[self._committee(subject_id) for subject_id in codes]]
        if not labels:
            return [[text or empty for text in codes]]
        if number:
            return [[int(code) if code else empty for code in codes]]
        texts = {several: self._text(labels, several, "") for several in set(codes) - {""}}
        others = answers.get(OTHER_TEXT.format(item=item.id), pd.Series("", index=answers.index))
        return [
            [
                empty if not code else self._text(labels, code, other) if other else texts[code]
                for code, other in zip(codes, others, strict=True)
            ]
        ]

    def _text(self, labels: Mapping[str, str], codes: str, other: str) -> str:
        chosen = [labels[code] for code in codes.split(";")]
        return "┋".join(
            f"{label}〖{other}〗" if other and ASKS_FOR_TEXT in label else label for label in chosen
        )

    def _committee(self, subject_id: str) -> str:
        subject = self._subjects[subject_id]
        if self._export.names is not None:
            known = self._export.names[subject_id]
            return known[int(self._rng.integers(len(known)))]
        if not self._export.typed_names:
            return spoken(subject)
        forms = [f"{subject.name}居委会", f"{subject.name}居委会", subject.name, *subject.aliases]
        return forms[int(self._rng.integers(len(forms)))]

    def _platform(
        self, count: int, start: dt.date, end: dt.date
    ) -> list[tuple[dt.datetime, list[str]]]:
        """Return times of submission and the platform's cells after 序号."""
        rng = self._rng
        days = rng.integers((end - start).days + 1, size=count)
        hours = rng.choice(_HOURS, size=count)
        minutes, seconds = rng.integers(60, size=(2, count))
        taken = len(self._questionnaire.items) * _SECONDS_AN_ITEM
        durations = taken * np.exp(0.35 * rng.standard_normal(count))
        sources = rng.choice(len(_SOURCES), size=count, p=_SOURCE_SHARES)
        rows: list[tuple[dt.datetime, list[str]]] = []
        for day, hour, minute, second, duration, source in zip(
            days, hours, minutes, seconds, durations, sources, strict=True
        ):
            time = dt.time(int(hour), int(minute), int(second))
            stamp = dt.datetime.combine(start + dt.timedelta(days=int(day)), time)
            cells = {
                "提交答卷时间": f"{stamp.year}/{stamp.month}/{stamp.day} {time:%H:%M:%S}",
                "所用时间": f"{int(duration)}秒",
                "来源": _SOURCES[source][0],
                "来源详情": _SOURCES[source][1],
                "来自IP": f"{self._next_address()}(上海-上海)",
            }
            rows.append((stamp, [cells[name] for name in _PLATFORM[self._export.style][1:]]))
        return rows

    def _next_address(self) -> str:
        """Return an address of 198.18.0.0/15, which belongs to nobody (RFC 2544)."""
        number = int(self._address[self._used])
        self._used += 1
        return f"198.{18 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"

    def duplicates(
        self, body: Sequence[tuple[dt.datetime, Row]], count: int
    ) -> list[tuple[dt.datetime, Row]]:
        """Return answers that were submitted twice in the same second."""
        chosen = self._rng.choice(len(body), size=count, replace=False)
        return [body[int(place)] for place in chosen]

    def screened_out(self, count: int) -> list[tuple[dt.datetime, Row]]:
        """Return people who end at the screening item: everything after it is skipped."""
        skipped = SKIPPED if self._export.variant == "text" else SKIPPED_NUMBER
        ending = {
            item.id: next(o for o in self._questionnaire.options_of(item) if o.screen_out)
            for item in self._questionnaire.of_role("screening")
        }
        cells: Row = []
        for item in self._questionnaire.items:
            if item.id in ending:
                out = ending[item.id]
                cells.append(out.label if self._export.variant == "text" else int(out.code))
            else:
                cells += [skipped] * (len(self._labels[item.id]) if self._spreads(item) else 1)
        platform = self._platform(count, self._export.start, self._export.end)
        return [(stamp, [*columns, *cells]) for stamp, columns in platform]

    def tests(self, count: int) -> list[tuple[dt.datetime, Row]]:
        """Return somebody's tries of the form before the fieldwork: the first option throughout."""
        day = self._export.start - dt.timedelta(days=_DAYS_BEFORE)
        first = next(iter(self._subjects))
        answer = {
            item.id: first if item.role == "subject" else next(iter(self._labels[item.id]), "测试")
            for item in self._questionnaire.items
        }
        return self.submissions(pd.DataFrame([answer] * count, columns=list(answer)), day, day)
