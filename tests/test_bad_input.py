"""Bad input: every problem listed at once, exit code 1, nothing written, nothing lost."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

import evalkit as ek
from evalkit.cli import app
from evalkit.errors import Problem
from tests import tiny


def problems_of(root: Path) -> tuple[Problem, ...]:
    """What check and run say; both must say the same, and neither may leave a result."""
    checked = ek.open(root).check()
    if checked.drafts:  # which lie there now, and are found unapproved
        checked = ek.open(root).check()
    with pytest.raises(ek.InputErrors) as caught:
        ek.open(root).evaluate()
    assert {str(p) for p in caught.value.problems} == {str(p) for p in checked.problems}
    for command in (["check", str(root)], ["run", str(root), "--no-pdf"]):
        outcome = CliRunner().invoke(app, command)
        assert outcome.exit_code == 1, outcome.output
        for problem in checked.problems:
            assert problem.code in outcome.output
    assert not (root / "out").exists()
    assert not (root / "evaluation.duckdb").exists()
    return checked.problems


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8-sig")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def only(problems: tuple[Problem, ...], code: str) -> Problem:
    found = [problem for problem in problems if problem.code == code]
    assert found, [str(problem) for problem in problems]
    return found[0]


def test_missing_and_misspelt_column(workspace: Path) -> None:
    rows = [row[:-2] for row in tiny.residents(2016)]
    header = [*tiny.RESIDENT_HEADER[:-2]]
    header[6] = "办事方更"
    tiny.write_csv(workspace / "responses/2016/resident.csv", header, rows)
    problems = problems_of(workspace)
    missing = {p.expected: p for p in problems if p.code == "missing_column"}
    assert set(missing) == {"办事方便", "环境整洁"}
    misspelt = missing["办事方便"]
    assert misspelt.file == "responses/2016/resident.csv"
    assert misspelt.column == "G"
    assert "办事方更" in str(misspelt.found)
    assert misspelt.remedy
    assert (workspace / "crosswalks/2016-resident-resident.yaml").is_file()


def test_option_label_not_in_the_questionnaire(workspace: Path) -> None:
    rows = tiny.residents(2016)
    rows[4][7] = "还可以"
    rows[9][7] = "还可以"
    tiny.write_csv(workspace / "responses/2016/resident.csv", tiny.RESIDENT_HEADER, rows)
    problem = only(problems_of(workspace), "unknown_option")
    assert (problem.file, problem.row) == ("responses/2016/resident.csv", 6)
    assert problem.column == "H 办事耐心"
    assert problem.found == "还可以"
    assert "非常满意" in str(problem.expected)
    assert "2 行" in problem.message


def test_committee_not_in_the_roster(workspace: Path) -> None:
    rows = tiny.residents(2016)
    rows[0][5] = "甲一居民区"
    tiny.write_csv(workspace / "responses/2016/resident.csv", tiny.RESIDENT_HEADER, rows)
    problem = only(problems_of(workspace), "unmatched_subject")
    assert (problem.row, problem.found) == (2, "甲一居民区")
    assert "甲居民区" in str(problem.expected)


def test_likeness_never_decides(workspace: Path) -> None:
    """Two names as alike as any typo are two places."""
    edit(workspace / "roster.csv", "甲居民区,甲社区", "普陀一村,甲居民区")
    edit(workspace / "roster.csv", "乙居民区,乙社区", "普陀二村,乙居民区")
    rows = tiny.residents(2016)
    rows[0][5] = "普陀三村"
    tiny.write_csv(workspace / "responses/2016/resident.csv", tiny.RESIDENT_HEADER, rows)
    assert only(problems_of(workspace), "unmatched_subject").found == "普陀三村"


def test_weights_adding_to_99(workspace: Path) -> None:
    edit(workspace / "scheme.yaml", "name: 科室, weight: 30", "name: 科室, weight: 29")
    problem = only(problems_of(workspace), "weights_do_not_add_up")
    assert problem.file == "scheme.yaml"
    assert problem.expected == "100"
    assert str(problem.found).startswith("99")


def test_empty_rater_group(workspace: Path) -> None:
    edit(
        workspace / "evaluation.yaml",
        "      - {file: responses/2016/office.csv, questionnaire: organisation, group: office}\n",
        "",
    )
    problem = only(problems_of(workspace), "empty_group")
    assert "2016" in problem.message
    assert "科室" in problem.message


def test_file_of_the_wrong_wave(workspace: Path) -> None:
    tiny.write_csv(
        workspace / "responses/2016/resident.csv", tiny.RESIDENT_HEADER, tiny.residents(2014)
    )
    problem = only(problems_of(workspace), "wrong_wave")
    assert problem.file == "responses/2016/resident.csv"
    assert problem.expected == "2016-01-01 至 2016-12-31"
    assert "2014" in str(problem.found)


def test_gb18030_read_as_utf8(workspace: Path) -> None:
    path = workspace / "responses/2016/resident.csv"
    tiny.write_csv(path, tiny.RESIDENT_HEADER, tiny.residents(2016), encoding="gb18030")
    edit(
        workspace / "evaluation.yaml",
        "responses/2016/resident.csv, questionnaire: resident,",
        "responses/2016/resident.csv, questionnaire: resident, encoding: utf-8,",
    )
    found = [p for p in problems_of(workspace) if p.file == "responses/2016/resident.csv"]
    assert found
    assert "GB18030" in str(found[0]).upper()


def test_crosswalk_not_approved(workspace: Path) -> None:
    header = [*tiny.RESIDENT_HEADER]
    header[6] = "办事是否方便"
    tiny.write_csv(workspace / "responses/2016/resident.csv", header, tiny.residents(2016))
    draft = ek.open(workspace).check().drafts
    assert draft == ("crosswalks/2016-resident-resident.yaml",)
    problem = only(problems_of(workspace), "crosswalk_not_approved")
    assert (problem.file, problem.key) == (draft[0], "approved")
    edit(workspace / draft[0], "# approved: true", "approved: true")
    reports = ek.open(workspace).evaluate().reports
    assert sum(r.rows_kept for r in reports if r.wave == "2016") == 96 + 16


@pytest.mark.parametrize("name", ["responses/2016/resident.xlsx"])
def test_empty_workbook(workspace: Path, name: str) -> None:
    openpyxl.Workbook().save(workspace / name)
    edit(workspace / "evaluation.yaml", "responses/2016/resident.csv", name)
    assert any(p.file == name for p in problems_of(workspace))


def test_scheme_refers_to_an_item_no_questionnaire_has(workspace: Path) -> None:
    edit(workspace / "scheme.yaml", "resident: [r3]", "resident: [r9]")
    problems = problems_of(workspace)
    assert any("r9" in str(p.found) and p.file == "scheme.yaml" for p in problems)


def test_two_files_claiming_the_same_answers(workspace: Path) -> None:
    shutil.copy(workspace / "responses/2016/office.csv", workspace / "responses/2016/again.csv")
    edit(
        workspace / "evaluation.yaml",
        "      - {file: responses/2016/office.csv, questionnaire: organisation, group: office}\n",
        "      - {file: responses/2016/office.csv, questionnaire: organisation, group: office}\n"
        "      - {file: responses/2016/again.csv, questionnaire: organisation, group: office}\n",
    )
    problem = only(problems_of(workspace), "same_answers")
    assert problem.file == "responses/2016/again.csv"
    assert "responses/2016/office.csv" in str(problem.found)


def test_most_of_a_file_pasted_into_another(workspace: Path) -> None:
    rows = [
        *tiny.residents(2016),
        *([f"{n}", *row[1:]] for n, row in enumerate(tiny.residents(2015))),
    ]
    tiny.write_csv(workspace / "responses/2016/resident.csv", tiny.RESIDENT_HEADER, rows)
    assert only(problems_of(workspace), "same_answers")


def test_missing_file_and_unknown_key(workspace: Path) -> None:
    (workspace / "responses/2015/office.csv").unlink()
    edit(workspace / "evaluation.yaml", "synthetic: true", "syntetic: true")
    problems = problems_of(workspace)
    assert only(problems, "unknown_key").key == "syntetic"


def test_everything_at_once(workspace: Path) -> None:
    """Faults of documents do not hide faults of files, nor one file another."""
    edit(workspace / "scheme.yaml", "name: 科室, weight: 30", "name: 科室, weight: 29")
    edit(workspace / "roster.csv", "s2,乙居民区,乙社区", "s2,乙居民区,甲居委会")
    rows = tiny.residents(2016)
    rows[0][7] = "还可以"
    rows[1][5] = "戊居民区"
    tiny.write_csv(workspace / "responses/2016/resident.csv", tiny.RESIDENT_HEADER, rows)
    (workspace / "responses/2015/office.csv").write_bytes(b"%PDF-1.4 not a table")
    codes = {(p.file, p.code) for p in problems_of(workspace)}
    assert ("scheme.yaml", "weights_do_not_add_up") in codes
    assert ("roster.csv", "colliding_names") in codes
    assert ("responses/2016/resident.csv", "unknown_option") in codes
    assert ("responses/2016/resident.csv", "unmatched_subject") in codes
    assert any(file == "responses/2015/office.csv" for file, _ in codes)


def test_last_results_survive_bad_input(published: Path) -> None:
    before = {p: p.read_bytes() for p in sorted(published.rglob("*")) if p.is_file()}
    assert published / "out/2016/scores.csv" in before
    edit(published / "scheme.yaml", "name: 科室, weight: 30", "name: 科室, weight: 29")
    assert CliRunner().invoke(app, ["run", str(published), "--no-pdf"]).exit_code == 1
    after = {p: p.read_bytes() for p in sorted(published.rglob("*")) if p.is_file()}
    assert {p for p in before if before[p] != after[p]} == {published / "scheme.yaml"}
    assert set(before) == set(after)


@pytest.mark.parametrize("command", ["check", "run"])
def test_not_a_workspace(tmp_path: Path, command: str) -> None:
    outcome = CliRunner().invoke(app, [command, str(tmp_path)])
    assert outcome.exit_code == 1
    assert list(tmp_path.iterdir()) == []


def test_usage_is_exit_code_2(tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["run", "--wave"]).exit_code == 2
    assert CliRunner().invoke(app, ["run", str(tmp_path), "--jobs", "0"]).exit_code == 2


def test_unknown_preset_and_occupied_folder(workspace: Path, tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["new", str(tmp_path / "x"), "--preset", "nil"]).exit_code == 1
    assert not (tmp_path / "x").exists()
    assert CliRunner().invoke(app, ["new", str(workspace)]).exit_code == 1
    assert CliRunner().invoke(app, ["demo", str(workspace.parent)]).exit_code == 1


Spoil = Callable[[Path], None]


def _unmatched_left_out(root: Path) -> None:
    rows = tiny.residents(2016)
    rows[0][5] = "戊居民区"
    tiny.write_csv(root / "responses/2016/resident.csv", tiny.RESIDENT_HEADER, rows)


def test_a_name_left_out_on_purpose_is_counted(workspace: Path) -> None:
    """An approved crosswalk may say that a name counts for nobody."""
    _unmatched_left_out(workspace)
    (draft,) = ek.open(workspace).check().drafts
    text = (workspace / draft).read_text(encoding="utf-8")
    assert "戊居民区" in text
    text = text.replace("# approved: true", "approved: true")
    (workspace / draft).write_text(text, encoding="utf-8")
    with pytest.raises(ek.InputErrors, match="undecided_subject"):
        ek.open(workspace).evaluate()
    text = text.replace("戊居民区: '?'", "戊居民区: null")
    (workspace / draft).write_text(text, encoding="utf-8")
    evaluation = ek.open(workspace).evaluate()
    report = next(r for r in evaluation.reports if r.file == "responses/2016/resident.csv")
    assert report.rejected_by_reason == {"unmatched_subject": 1}
    assert report.rows_read == report.rows_kept + 1


def test_problems_are_json_ready(workspace: Path) -> None:
    edit(workspace / "scheme.yaml", "weight: 60", "weight: 59")
    for problem in problems_of(workspace):
        json.dumps(problem.as_dict(), ensure_ascii=False)
