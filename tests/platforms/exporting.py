"""Exports of one small survey, as each platform writes it, and what they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evalkit.definitions.crosswalk import Crosswalk
from evalkit.definitions.evaluation import ResponseFile
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.drafting.drafting import draft
from evalkit.errors import Problem, Problems
from evalkit.intake.reading import CodedSheet, code_sheet
from evalkit.intake.times import read_times
from evalkit.platforms import EVERYTHING, RawSheet, Said, fingerprint, read
from tests.intake.exported import questionnaire

SURVEY = """
id: q
title: 小调查
items:
  - {id: where, text: 所在居民区, role: subject, number: 1}
  - id: a
    text: 办事是否方便
    number: 2
    options:
      - {code: "1", label: 满意, score: 100}
      - {code: "2", label: 一般, score: 50}
      - {code: "3", label: 不满意, score: 0}
      - {code: "9", label: 不了解, missing: dont_know}
  - id: n
    text: 需求
    kind: multiple
    role: need
    number: 3
    options: [{code: "1", label: 停车}, {code: "2", label: 电梯}, {code: "3", label: 绿化}]
"""
TOLD = [("东苑", "1", "1;2"), ("西苑", "3", "3"), ("东苑", "2", "2;3"), ("西苑", None, None)]
"""What four people said, however a platform writes it: where, a, n."""


def survey(text: str = SURVEY) -> Questionnaire:
    return questionnaire(text)


def problems_of(
    path: Path, said: Said = EVERYTHING, **more: Any
) -> tuple[RawSheet | None, list[Problem]]:
    problems = Problems()
    sheet = read(path, name=path.name, said=said, problems=problems, **more)
    return sheet, list(problems)


def export(
    folder: Path,
    text: str,
    said: Said = EVERYTHING,
    name: str = "a.csv",
    encoding: str = "utf-8-sig",
) -> RawSheet:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    sheet, problems = problems_of(path, said)
    assert problems == []
    assert sheet is not None
    return sheet


def lines(*rows: Sequence[str]) -> str:
    """Rows as CSV, quoted where they must be."""
    return "\r\n".join(
        ",".join(f'"{cell}"' if set(cell) & set(',\n"') else cell for cell in row) for row in rows
    )


def coded(
    sheet: RawSheet,
    document: Questionnaire | None = None,
    by: Crosswalk | None = None,
    **entry: object,
) -> tuple[CodedSheet, list[Problem]]:
    problems = Problems()
    document = document or survey()
    given = {"file": sheet.file, "questionnaire": document.id, "group": "key"} | entry
    found = code_sheet(
        sheet,
        document,
        ResponseFile.model_validate(given),
        by,
        sheet.codebook,
        sheet.cells.index,
        problems,
    )
    assert found is not None
    return found, list(problems)


def told(
    sheet: RawSheet, document: Questionnaire | None = None, **entry: object
) -> list[tuple[object, ...]]:
    """What a sheet says of the survey's items, without any problem."""
    found, problems = coded(sheet, document, **entry)
    assert problems == [], [str(problem) for problem in problems]
    codes = found.codes.astype("object").where(found.codes.notna(), None)
    return [tuple(row) for row in codes.to_numpy().tolist()]


def told_by_draft(
    sheet: RawSheet, document: Questionnaire | None = None
) -> list[tuple[object, ...]]:
    """The same through the crosswalk that is drafted for it, approved as it is."""
    document = document or survey()
    drafted = draft(
        sheet, document, crosswalk_id="x", layout=fingerprint(sheet), codebook=sheet.codebook
    )
    approved = drafted.model_copy(update={"approved": True})
    found, problems = coded(sheet, document, approved)
    assert problems == [], [str(problem) for problem in problems]
    codes = found.codes.astype("object").where(found.codes.notna(), None)
    return [tuple(row) for row in codes.to_numpy().tolist()]


def times(sheet: RawSheet) -> list[str | None]:
    """When the answers were handed in."""
    found, _ = read_times(sheet, sheet.cells.index, (None, None), Problems())
    assert found is not None
    return [found.text(int(row)) for row in sheet.cells.index]


def metadata(sheet: RawSheet) -> Mapping[str, str]:
    return {column.header: column.metadata for column in sheet.columns if column.metadata}
