"""Two streets, evaluated and published as `evalkit run --no-pdf` does it: the town and the demo."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from evalkit.pages import diagnosis, technical
from evalkit.pages import street as street_report
from tests.pages.reading import Files, Page, read

BOTH = ("town", pytest.param("demo", marks=pytest.mark.whole_demo))
"""For fixtures: the town, which is quick, and the demo street."""


def street(name: str, request: pytest.FixtureRequest) -> Files:
    """The results of one of them, with the evaluation that they were published from."""
    return _files(request.getfixturevalue(f"{name}_folder"))


@cache
def _files(folder: Path) -> Files:
    evaluation = pickle.loads((folder.parent / "evaluation.pickle").read_bytes())
    return Files(folder / "out/2016", evaluation)


def diagnoses(files: Files) -> Mapping[str, Page]:
    """Every committee's diagnosis as it is read; of the two streets filled once a process."""
    if _is_known(files):
        return _diagnoses(files.folder.parent.parent)
    return {p.path[10:-4]: read(p) for p in diagnosis.plan_all(files.evaluation)}


def report(files: Files) -> Page:
    """The street report as it is read."""
    assert _is_known(files)
    return _report(files.folder.parent.parent)


def note(files: Files) -> Page:
    """The technical note as it is read."""
    assert _is_known(files)
    return _note(files.folder.parent.parent)


def _is_known(files: Files) -> bool:
    return files.evaluation is _files(files.folder.parent.parent).evaluation


@cache
def _diagnoses(folder: Path) -> Mapping[str, Page]:
    papers = diagnosis.plan_all(_files(folder).evaluation)
    return {paper.path[10:-4]: read(paper) for paper in papers}


@cache
def _report(folder: Path) -> Page:
    return read(street_report.plan(_files(folder).evaluation))


@cache
def _note(folder: Path) -> Page:
    return read(technical.plan(_files(folder).evaluation))
