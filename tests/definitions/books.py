"""Workbooks of the small documents, and edits as an analyst makes them in Excel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl

from evalkit.definitions.crosswalk import Crosswalk
from evalkit.definitions.documents import Document
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.roster import Roster
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.workbook import write_workbook
from evalkit.errors import Problem, Problems
from tests.definitions.small import DOCUMENTS, fresh

MODELS: dict[str, type[Document]] = {
    "scheme": Scheme,
    "resident": Questionnaire,
    "organisation": Questionnaire,
    "roster": Roster,
    "crosswalk": Crosswalk,
}

Edit = Callable[[Any], object]


def written(name: str, folder: Path) -> tuple[Document, Path]:
    document = MODELS[name].model_validate(fresh(name))
    path = folder / f"{name}.xlsx"
    write_workbook(document, path)
    return document, path


def edited(name: str, folder: Path, *edits: Edit) -> tuple[Any, list[Problem]]:
    """Edit a document's workbook as Excel would and load it."""
    _, path = written(name, folder)
    workbook = openpyxl.load_workbook(path)
    for edit in edits:
        edit(workbook)
    workbook.save(path)
    problems = Problems()
    return DOCUMENTS[name][1](path, path.name, problems), list(problems)


def cell(sheet: str, address: str, value: object) -> Edit:
    def edit(workbook: Any) -> None:
        workbook[sheet][address] = value

    return edit


def opened(path: Path) -> Any:
    """Open a workbook for looking at its cells."""
    return openpyxl.load_workbook(path)
