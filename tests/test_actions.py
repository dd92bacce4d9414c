"""Where the library of actions comes from, and what is said when it does not fit."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

import evalkit as ek
from evalkit import assets
from evalkit.cli import app
from evalkit.errors import Problems
from evalkit.folder import Folder

LIBRARY = """\
id: own
title: 自己的措施库
assumptions: [由居民区自拟]
actions:
  - {indicator: A1, what: 张贴材料清单, who: 居委会主任, days: 30, shown_by: “办事方便”的得分}
  - {indicator: B1, what: 每周巡查楼道, who: 分管社工, days: 60, shown_by: “环境整洁”的得分}
"""


def own(root: Path, text: str = LIBRARY) -> Path:
    path = root / "actions.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_workspace_without_a_library_has_none(tiny_evaluation: ek.Evaluation) -> None:
    assert tiny_evaluation.decided.actions is None


def test_the_workspaces_own_library_is_used_and_recorded(
    workspace: Path, tiny_evaluation: ek.Evaluation
) -> None:
    before = tiny_evaluation
    path = own(workspace)
    after = ek.open(workspace).evaluate()
    assert after.decided.actions is not None
    assert [action.indicator for action in after.decided.actions.actions] == ["A1", "B1"]
    assert after.decided.digests["actions.yaml"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert after.fingerprint != before.fingerprint
    assert after.scores.equals(before.scores)


def test_the_library_may_be_a_workbook(workspace: Path) -> None:
    path = own(workspace)
    expected = ek.open(workspace).inputs().decided.actions
    assert expected is not None
    book = workspace / "actions.xlsx"
    outcome = CliRunner().invoke(app, ["convert", "actions", str(path), str(book)])
    assert outcome.exit_code == 0, outcome.output
    path.unlink()
    decided = ek.open(workspace).inputs().decided
    assert decided.actions == expected
    assert "actions.xlsx" in decided.digests


def test_two_libraries_are_one_too_many(workspace: Path) -> None:
    path = own(workspace)
    shutil.copyfile(path, workspace / "actions.yml")
    with pytest.raises(ek.InputErrors) as caught:
        ek.open(workspace).evaluate()
    (problem,) = caught.value.problems
    assert (problem.code, problem.found) == ("two_documents", "actions.yaml、actions.yml")


def test_faults_of_the_library_are_listed_with_everything_else(workspace: Path) -> None:
    own(workspace, LIBRARY.replace("indicator: B1", "indicator: Z9").replace("days: 30", "days: 0"))
    (workspace / "responses/2016/office.csv").unlink()
    checked = ek.open(workspace).check().problems
    with pytest.raises(ek.InputErrors) as caught:
        ek.open(workspace).evaluate()
    assert {str(p) for p in caught.value.problems} == {str(p) for p in checked}
    by_code = {problem.code: problem for problem in checked}
    assert len(by_code) == 2, "the missing file and the wrong number of days"
    assert by_code["wrong_value"].file == "actions.yaml"
    assert by_code["wrong_value"].row == 5


def test_an_unknown_indicator_names_file_and_row_and_what_there_is(workspace: Path) -> None:
    own(workspace, LIBRARY.replace("indicator: B1", "indicator: Z9"))
    (problem,) = ek.open(workspace).check().problems
    assert (problem.code, problem.file, problem.row) == ("unknown_indicator", "actions.yaml", 6)
    assert (problem.expected, problem.found) == ("A1、A2、B1", "Z9")
    assert problem.remedy
    outcome = CliRunner().invoke(app, ["run", str(workspace), "--no-pdf"])
    assert outcome.exit_code == 1
    assert not (workspace / "out").exists()


TASKS = (
    LIBRARY
    + """\
street:
  - {need: 停车难, what: 错时停车, who: 管理办, days: 60, shown_by: 勾选的比例}
  - {need: 充电桩, what: 选址建桩, who: 发展办, days: 90, shown_by: 勾选的比例}
"""
)
WISHES = (
    "  - {id: want, text: 急难愁盼, kind: multiple, role: need, "
    "options: [{code: 1, label: 停车难}, {code: 2, label: 其他}]}\n"
)


def asking(root: Path) -> Path:
    """Ask residents what they need; the answers say nothing of it."""
    path = root / "questionnaires" / "resident.yaml"
    path.write_text(path.read_text(encoding="utf-8") + WISHES, encoding="utf-8")
    return path


def test_a_task_for_a_need_that_was_not_asked_names_file_and_row(workspace: Path) -> None:
    own(workspace, TASKS)
    asking(workspace)
    found = [p for p in ek.open(workspace).check().problems if p.file == "actions.yaml"]
    (problem,) = found
    assert (problem.code, problem.row) == ("unknown_need", 9)
    assert (problem.expected, problem.found) == ("停车难、其他", "充电桩")


def test_needs_are_not_called_unknown_where_a_questionnaire_could_not_be_read(
    workspace: Path,
) -> None:
    own(workspace, TASKS)
    path = asking(workspace)
    path.write_text(path.read_text(encoding="utf-8").replace("role: need", "role: wish"), "utf-8")
    codes = {problem.code for problem in ek.open(workspace).check().problems}
    assert codes
    assert "unknown_need" not in codes


def test_a_presets_tasks_for_needs_that_others_are_asked_about_are_left_out(
    tmp_path: Path,
) -> None:
    root = ek.create(tmp_path / "new", "changshou").root
    order = (root / "evaluation.yaml").read_text(encoding="utf-8")
    order = order.replace("scheme: scheme.yaml", "scheme: changshou")
    (root / "evaluation.yaml").write_text(order, encoding="utf-8")
    form = root / "questionnaires" / "resident.yaml"
    text = form.read_text(encoding="utf-8")
    assert "label: 停车难" in text
    form.write_text(text.replace("label: 停车难", "label: 车没处停"), encoding="utf-8")
    codes = {p.code: p for p in ek.open(root).check().problems}
    assert codes["unknown_need"].file == "actions.yaml"
    (root / "actions.yaml").unlink()
    assert "unknown_need" not in {p.code for p in ek.open(root).check().problems}


def test_the_preset_brings_its_library_and_the_workspaces_own_wins(tmp_path: Path) -> None:
    root = ek.create(tmp_path / "new", "changshou").root
    shipped = (assets.preset("changshou") / "actions.yaml").read_bytes()
    assert (root / "actions.yaml").read_bytes() == shipped
    assert not (root / "questionnaires" / "actions.yaml").exists()
    assert named(root) == ("actions.yaml", "changshou")
    order = (root / "evaluation.yaml").read_text(encoding="utf-8")
    order = order.replace("scheme: scheme.yaml", "scheme: changshou")
    (root / "evaluation.yaml").write_text(order, encoding="utf-8")
    (root / "actions.yaml").unlink()
    assert named(root) == ("预设 changshou/actions.yaml", "changshou")
    own(root)
    assert named(root) == ("actions.yaml", "own")


def named(root: Path) -> tuple[str, str]:
    """The library's file as it is recorded, and its id."""
    inputs = Folder(root).load(Problems()).inputs
    assert inputs is not None
    assert inputs.decided.actions is not None
    (name,) = [name for name in inputs.decided.digests if "actions" in name]
    return name, inputs.decided.actions.id
