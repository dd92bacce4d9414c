"""What cells say and what crosswalks decide, in folders that went wrong: the values that are right."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

import evalkit as ek
from evalkit.errors import Note, Problem
from evalkit.evaluation import import_answers
from evalkit.folder import Checked
from evalkit.tables import Answers

pytestmark = pytest.mark.shared


def copied(shared: Path, case: str, folder: Path) -> Path:
    found = folder / "ws"
    shutil.copytree(shared / "cases" / case, found)
    return found


def checked(folder: Path) -> Checked:
    return ek.open(folder).check()


def codes(found: Checked) -> list[str]:
    return [problem.code for problem in found.problems]


def answers(folder: Path) -> tuple[Answers, list[Note]]:
    made, reports = import_answers(ek.open(folder).inputs(), ["w1"])
    return made["w1"], [note for report in reports for note in report.notes]


def approve(folder: Path, **values: str) -> None:
    """Approve the only draft, with these texts put in the place of others."""
    (draft,) = (folder / "crosswalks").glob("*.yaml")
    text = draft.read_text(encoding="utf-8")
    for old, new in {"\n# approved: true\n": "\napproved: true\n", **values}.items():
        assert old in text
        text = text.replace(old, new)
    draft.write_text(text, encoding="utf-8")


def undecided(found: Checked) -> list[Problem]:
    return [problem for problem in found.problems if problem.code == "undecided_value"]


def test_an_unknown_label_of_the_codebook(shared: Path, tmp_path: Path) -> None:
    folder = copied(shared, "import-04-codebook-label-unknown", tmp_path)
    found = checked(folder)
    (problem,) = found.problems
    assert problem.code == "label_without_option"
    assert "（17 行）" in problem.message
    assert problem.found == "4（较好）；可能是“比较好”（2），请核对"
    (draft,) = found.drafts
    assert "'4': '?'" in (folder / draft).read_text(encoding="utf-8")
    approve(folder, **{"'4': '?'": "'4': '2'"})
    scores = ek.open(folder).evaluate().current.scores
    assert dict(zip(scores.subjects, scores.composite.round(4), strict=True)) == {
        "e": 44.1667, "w": 54.1667,
    }  # fmt: skip


def test_a_draft_approved_as_it_is(shared: Path, tmp_path: Path) -> None:
    folder = copied(shared, "import-13-draft-approved-as-it-is", tmp_path)
    checked(folder)
    approve(folder)
    (problem,) = checked(folder).problems
    assert (problem.code, problem.found) == ("undecided_value", "很满意")
    assert "（10 行）" in problem.message


def test_an_old_draft_approved_as_it_is(shared: Path, tmp_path: Path) -> None:
    folder = copied(shared, "user-crosswalk-approved-untouched", tmp_path)
    open_ = undecided(checked(folder))
    assert len(open_) == 21
    assert {str(p.found) for p in open_} == {"很满意；可能是“非常满意”（1），请核对"}
    assert sum(int(p.message.split("（")[1].split()[0]) for p in open_) == 1163


def test_option_columns_of_true_and_false(shared: Path, tmp_path: Path) -> None:
    made, _ = answers(copied(shared, "import-05-option-columns-true-false", tmp_path))
    assert Counter(made.states["q"]["n"]) == {"answered": 24, "empty": 16}
    ticks = Counter(";".join(made.codes["q"]["n"].dropna()).split(";"))
    assert ticks == {"1": 20, "2": 10, "3": 8}


def test_a_number_item_with_refusals(shared: Path, tmp_path: Path) -> None:
    folder = copied(shared, "import-08-number-with-refusals", tmp_path)
    assert codes(checked(folder)) == []
    made, notes = answers(folder)
    assert Counter(made.states["q"]["a"])["answered"] == 18
    assert [(n.code, n.count) for n in notes if n.code == "invalid_values"] == [
        ("invalid_values", 18)
    ]


def test_values_of_a_number_item(shared: Path, tmp_path: Path) -> None:
    folder = copied(shared, "user-number-item-values-ignored", tmp_path)
    told = [(p.code, p.found, p.expected) for p in checked(folder).problems]
    assert told == [("no_number", "-1", "0 到 10 的数"), ("no_number", "11", "0 到 10 的数")]


def test_choices_joined_otherwise(shared: Path, tmp_path: Path) -> None:
    made, _ = answers(copied(shared, "import-14-choices-joined-otherwise", tmp_path))
    ticks = Counter(";".join(made.codes["q"]["n"].dropna()).split(";"))
    assert ticks == {"1": 20, "2": 20, "3": 10}


def test_three_header_rows(shared: Path, tmp_path: Path) -> None:
    folder = copied(shared, "import-15-three-header-rows", tmp_path)
    found = checked(folder)
    assert codes(found) == []
    assert found.reports[0].rows_kept == 20


def test_a_renamed_column(shared: Path, tmp_path: Path) -> None:
    folder = copied(shared, "user-renamed-column-not-recognised", tmp_path)
    found = checked(folder)
    notes = {n.code: n for report in found.reports for n in report.notes}
    assert notes["scored_not_asked"].facts["items"] == ("q3",)
    assert (notes["scored_not_asked"].count or 0) > 0
    shutil.rmtree(folder / "crosswalks")
    (draft,) = checked(folder).drafts
    text = (folder / draft).read_text(encoding="utf-8")
    assert "header: 3、办事跑了几趟\n  item: q3\n" in text
