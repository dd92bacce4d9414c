"""Where a run dies or a page fails: what lies in the folder then, and what the next run makes of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

import evalkit as ek
from evalkit import archive, assets, publication
from evalkit.cli import app
from evalkit.errors import InputErrors, Problem, Problems, RenderError
from evalkit.handout import Target
from evalkit.keeping import HISTORY, disk
from evalkit.publication import Published
from evalkit.workspace import Workspace
from tests.keeping.small import published

FINAL = "out/2016"
EVALUATION: Any = SimpleNamespace(
    wave="2016",
    waves=("2016",),
    fingerprint="made up",
    decided=SimpleNamespace(digests={}, track=None),
)


class Killed(BaseException):
    """Stands for the end of the process: nothing in the code catches it to tidy up."""


def contents(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name not in (HISTORY, publication.MANIFEST)
    }


@pytest.fixture
def writing(monkeypatch: pytest.MonkeyPatch) -> Callable[[str | BaseException], None]:
    """Say what the pages of the next run are, or what making them raises."""

    def set_pages(pages: str | BaseException) -> None:
        def publish(evaluation: object, folder: Path, **options: object) -> Published:
            (folder / "ranking.csv").write_text("half", encoding="utf-8")
            if isinstance(pages, BaseException):
                raise pages
            return published(folder, {"ranking.csv": pages})

        monkeypatch.setattr(publication, "publish", publish)

    monkeypatch.setattr(archive, "renew", lambda path, fresh, evaluation: False)
    return set_pages


def kill_at(monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    """End the process instead of the given renaming, counted from 1."""
    real, seen = os.replace, [0]

    def replace(source: Path, target: Path) -> None:
        seen[0] += 1
        if seen[0] == limit:
            raise Killed
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)


Writing = Callable[[str | BaseException], None]


def test_the_first_run_that_fails_leaves_nothing(tmp_path: Path, writing: Writing) -> None:
    writing(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        Workspace(tmp_path).publish(EVALUATION)
    assert list(tmp_path.iterdir()) == []


def test_results_that_cannot_be_kept_in_the_database_are_not_shown(
    tmp_path: Path, writing: Writing, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = Workspace(tmp_path)
    writing("good")
    space.publish(EVALUATION)
    writing("newer")

    def refuse(path: Path, fresh: Path, evaluation: object) -> bool:
        assert path == tmp_path / "evaluation.duckdb"
        raise InputErrors([Problem("archive_in_use", "评估数据库正被另一个程序使用")])

    monkeypatch.setattr(archive, "renew", refuse)
    with pytest.raises(InputErrors):
        space.publish(EVALUATION)
    assert contents(tmp_path) == {f"{FINAL}/ranking.csv": "good"}
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["2016"]


def test_the_database_learns_nothing_of_a_run_whose_pages_fail(
    tmp_path: Path, writing: Writing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "renew", lambda *_: pytest.fail("stored"))
    writing(RenderError("缺字"))
    with pytest.raises(RenderError):
        Workspace(tmp_path).publish(EVALUATION)


def test_results_of_another_wave_stay(tmp_path: Path, writing: Writing) -> None:
    space = Workspace(tmp_path)
    writing("last year's")
    last_year: Any = SimpleNamespace(**{**vars(EVALUATION), "wave": "2015"})
    space.publish(last_year)
    writing("this year's")
    space.publish(EVALUATION)
    assert contents(tmp_path) == {
        "out/2015/ranking.csv": "last year's",
        "out/2016/ranking.csv": "this year's",
    }


# --- single files: questionnaires, the plan ---------------------------------------------------


def test_of_several_questionnaires_none_is_replaced_before_all_are_written(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = workspace / "out/questionnaires"
    out.mkdir(parents=True)
    for name in ("resident.txt", "organisation.txt"):
        (out / name).write_text("last year's", encoding="utf-8")
    real, seen = disk.write, [0]

    def write(path: Path, content: bytes) -> None:
        seen[0] += 1
        if seen[0] == 2:
            real(path, b"half")
            raise OSError("disk full")
        real(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(disk, "write", write)
        with pytest.raises(InputErrors, match="disk full"):
            ek.open(workspace).export_questionnaires(Target.WENJUANXING)
    assert seen == [2]
    assert contents(out) == {"resident.txt": "last year's", "organisation.txt": "last year's"}


@pytest.mark.parametrize("limit", range(1, 5))
def test_an_export_that_dies_on_the_way_is_finished_or_never_was(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    with monkeypatch.context() as patch:
        kill_at(patch, limit)
        with pytest.raises(Killed):
            ek.open(workspace).export_questionnaires(Target.WENJUANXING)
    space = ek.open(workspace)
    written = (
        [] if limit == 1 else ["questionnaires/organisation.txt", "questionnaires/resident.txt"]
    )
    assert list(space.history().results()) == written
    if written:
        assert space.verify()[1] == ()
    exported = space.export_questionnaires(Target.WENJUANXING)
    assert sorted(path.name for path in exported.files) == ["organisation.txt", "resident.txt"]
    assert sorted(contents(workspace / "out/questionnaires")) == [
        "organisation.txt",
        "resident.txt",
    ]


def test_an_export_to_elsewhere_leaves_no_temporary_file(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "elsewhere"
    with monkeypatch.context() as patch:
        kill_at(patch, 2)
        with pytest.raises(Killed):
            ek.open(workspace).export_questionnaires(Target.WENJUANXING, out=out)
    assert len(list(out.iterdir())) == 1
    ek.open(workspace).export_questionnaires(Target.WENJUANXING, out=out)
    assert sorted(contents(out)) == ["organisation.txt", "resident.txt"]
    assert not (workspace / "history.jsonl").exists()


def test_the_plan_alone_is_written_beside_results_that_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out/2016").mkdir(parents=True)
    (tmp_path / "out/2016/ranking.csv").write_text("good", encoding="utf-8")
    monkeypatch.setattr(publication, "csv", lambda table: f"plan of {table}".encode())
    assurance = SimpleNamespace(plan="next year")
    evaluation: Any = SimpleNamespace(**vars(EVALUATION), assurance=assurance)
    assert Workspace(tmp_path).keep_plan(evaluation) == tmp_path / "out/2016/plan.csv"
    assert contents(tmp_path) == {
        "out/2016/plan.csv": "plan of next year",
        "out/2016/ranking.csv": "good",
    }


# --- what the commands say --------------------------------------------------------------------


def test_a_page_that_fails_is_told_by_the_command(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RenderError("diagnosis/s1.pdf：缺字 [玉]")

    monkeypatch.setattr(publication, "operations_manual", fail)
    outcome = CliRunner().invoke(app, ["manual", str(workspace)])
    assert outcome.exit_code == 1
    assert "页面未能生成，未写入任何结果：diagnosis/s1.pdf：缺字 [玉]" in outcome.output


@pytest.mark.parametrize("command", ["check", "run", "plan", "manual"])
def test_a_folder_without_an_order_is_no_workspace(tmp_path: Path, command: str) -> None:
    outcome = CliRunner().invoke(app, [command, str(tmp_path)])
    assert outcome.exit_code == 1
    assert "发现 1 个问题" in outcome.output
    assert "not_a_workspace" in outcome.output


def test_a_new_workspace_refuses_what_it_does_not_know_and_what_is_taken(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "note.txt").write_text("mine", encoding="utf-8")
    for place in (tmp_path / "file", taken):
        with pytest.raises(InputErrors) as caught:
            ek.create(place, "nowhere")
        found = {problem.code: problem for problem in caught.value.problems}
        assert set(found) == {"unknown_preset", "folder_not_empty"}
        assert found["unknown_preset"].expected == "、".join(assets.presets())
        assert found["unknown_preset"].found == "nowhere"
        assert found["folder_not_empty"].file == str(place)
    assert contents(taken) == {"note.txt": "mine"}
    (tmp_path / "empty").mkdir()
    assert ek.create(tmp_path / "empty", "changshou").root == tmp_path / "empty"


def test_the_demo_does_not_move_into_somebody_s_folder(workspace: Path) -> None:
    order = workspace / "evaluation.yaml"
    order.write_text(
        order.read_text(encoding="utf-8").replace("synthetic: true\n", ""), encoding="utf-8"
    )
    before = contents(workspace)
    outcome = CliRunner().invoke(app, ["demo", str(workspace), "--no-pdf"])
    assert outcome.exit_code == 1
    assert "folder_not_empty" in outcome.output
    assert contents(workspace) == before


def test_problems_are_numbered_and_say_where_and_what_to_do() -> None:
    problem = Problem(
        "unknown_option",
        "没有这个选项",
        file="a.csv",
        sheet="一",
        row=6,
        column="H",
        key="k",
        expected="是",
        found="否",
        remedy="改正",
    )
    assert str(problem) == (
        "[unknown_option] 文件 a.csv 工作表 一 行 6 列 H 键 k: 没有这个选项; 应为: 是; 实为: 否; 请: 改正"
    )
    assert str(Problem("no_content", "是空的")) == "[no_content] 是空的"
    assert str(InputErrors([problem, Problem("b", "乙")])).splitlines() == [
        str(problem), "[b] 乙",
    ]  # fmt: skip


def test_problems_are_collected_in_the_order_in_which_they_are_found() -> None:
    problems = Problems()
    assert not problems
    problems.raise_if_any()
    problems.add("a", "甲", row=3, remedy="改")
    problems.extend([Problem("b", "乙"), Problem("c", "丙")])
    assert [problem.code for problem in problems] == ["a", "b", "c"]
    assert len(problems) == 3
    assert problems.found[0].as_dict() == {
        "code": "a", "message": "甲", "file": None, "sheet": None, "row": 3, "column": None,
        "key": None, "expected": None, "found": None, "remedy": "改",
    }  # fmt: skip
    with pytest.raises(InputErrors) as caught:
        problems.raise_if_any()
    assert caught.value.problems == tuple(problems.found)
