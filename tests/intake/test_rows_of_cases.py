"""Workspaces that went wrong outside: which rows count in them, and what the committees score."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import evalkit as ek
from evalkit.errors import InputErrors
from tests.policy import SHARED

pytestmark = pytest.mark.shared

CASES = SHARED / "cases"


def evaluated(name: str, folder: Path) -> ek.Evaluation:
    shutil.copytree(CASES / name, folder / name)
    return ek.open(folder / name).evaluate()


def kept(evaluation: ek.Evaluation) -> list[int]:
    return [report.rows_kept for report in evaluation.reports]


def scores(evaluation: ek.Evaluation) -> dict[str, float]:
    frame = evaluation.scores
    return dict(zip(frame["subject"], frame["score"].round(4), strict=True))


def codes(evaluation: ek.Evaluation) -> set[str]:
    return {note.code.value for report in evaluation.reports for note in report.notes}


def test_a_day_is_no_proof_of_identity(tmp_path: Path) -> None:
    found = evaluated("import-01-date-only-times", tmp_path)
    assert kept(found) == [20]
    assert scores(found) == {"e": 83.3333, "w": 87.5}
    assert codes(found) == {"look_alikes"}


def test_two_files_of_one_day_are_two_files(tmp_path: Path) -> None:
    found = evaluated("import-03-two-files-same-day", tmp_path)
    assert kept(found) == [30, 24]
    assert codes(found) == {"look_alikes", "look_alikes_elsewhere"}


def test_zones_that_differ_are_told_by_one_clock(tmp_path: Path) -> None:
    found = evaluated("import-09-mixed-time-zones", tmp_path)
    assert kept(found) == [20]
    assert "time_zones" in codes(found)


def test_a_column_of_dates_has_one_reading(tmp_path: Path) -> None:
    assert kept(evaluated("import-11-day-first-dates", tmp_path)) == [20]


def test_numbers_of_a_table_may_be_anything(tmp_path: Path) -> None:
    assert kept(evaluated("import-12-numbering-is-no-integer", tmp_path)) == [20]


def test_a_missing_scored_column_is_the_only_problem(tmp_path: Path) -> None:
    with pytest.raises(InputErrors) as caught:
        evaluated("import-19-no-scored-column-found", tmp_path)
    assert [problem.code for problem in caught.value.problems] == ["missing_column"]


def test_a_question_asked_in_two_branches_is_one_question(tmp_path: Path) -> None:
    found = evaluated("import-21-asked-in-two-branches", tmp_path)
    assert kept(found) == [20]
    assert scores(found) == {"e": 45.0, "w": 45.0}
    assert "asked_in_branches" in codes(found)
