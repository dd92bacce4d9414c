"""What the console says: usage in Chinese, equal problems as one, notes by kind, who is incomplete."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

import evalkit as ek
from evalkit import city
from evalkit.cli import app
from evalkit.codes import NoteCode
from evalkit.console.options import CORES
from evalkit.console.telling import collapsed, grouped, incomplete, set_up
from evalkit.console.usage import UsageError, _tell, explained, in_chinese
from evalkit.errors import Problem
from evalkit.findings import scoring
from evalkit.pages.press.coats import TAILORS
from evalkit.version import __version__
from evalkit.workspace import Workspace
from tests import tiny
from tests.deciding import decided
from tests.findings.small_street import cells_of, group_of, one_group, roster_of

HEAVY = ("pandas", "numpy", "scipy", "weasyprint", "duckdb", "altair", "pydantic", "statsmodels")


def told(*arguments: object, code: int = 0) -> str:
    outcome = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert outcome.exit_code == code, outcome.output
    return outcome.output


# --- waiting for nothing ---------------------------------------------------------------------


def test_the_commands_are_there_before_any_library_that_computes() -> None:
    script = "import sys, evalkit.cli; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    ).stdout.split()
    assert "evalkit.cli" in loaded
    assert [name for name in HEAVY if name in loaded] == []


def test_a_folder_opens_without_optimisers_and_papers_are_planned_without_renderers() -> None:
    script = """import sys, evalkit.workspace; print(*sys.modules)
import evalkit.publication; print(*sys.modules)"""
    opened, planned = (
        set(line.split())
        for line in subprocess.run(
            [sys.executable, "-c", script], check=True, capture_output=True, text=True
        ).stdout.splitlines()
    )
    assert opened & {"scipy.stats", "scipy.optimize", "ssl", "altair"} == set()
    assert planned & {"scipy.stats", "weasyprint", "docx", "pptx", *TAILORS} == set()
    assert all(find_spec(name) for name in TAILORS)


def test_everything_public_is_found_when_it_is_asked_for() -> None:
    assert all(getattr(ek, name) is not None for name in ek.__all__)
    assert set(ek.__all__) <= set(dir(ek))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = ek.nothing


# --- usage -----------------------------------------------------------------------------------


def test_the_version_is_said() -> None:
    assert told("--version") == f"evalkit {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["chek"], "没有这个命令：chek"),
        (["run", "--wav", "x"], "没有这个选项：--wav"),
        (["run", "a", "b", "c"], "多余的参数：b c"),
        (["run", "--jobs", "0"], "--jobs 的值太小：不小于 1"),
        (["run", "--jobs", "x"], "--jobs 的值不对：要写整数"),
        (["run", "--wave"], "选项 --wave 后面要写一个值"),
        (["run", "--pdf=1"], "选项 --pdf 后面不写值"),
        (["convert"], "缺少参数：种类"),
        (["convert", "foo", "a", "b"], "种类 的值不对：foo，可用的是 scheme、questionnaire"),
        (["questionnaire", "export"], "缺少选项：--to，可用的是 pdf、wjx、xlsform、xlsx"),
        (["questionnaire", "export", "--to", "docx"], "--to 的值不对：docx，可用的是 pdf"),
        (["questionnaire", "export", "--to", "wjx", "--subject", "a"], "只用于 --to pdf"),
    ],
)
def test_a_usage_error_is_chinese_and_says_where_help_is(arguments: list[str], said: str) -> None:
    output = told(*arguments, code=2)
    assert "用法不对：" in output
    assert said in output
    assert " --help" in output.splitlines()[-1]
    assert not any(word in output for word in ("Error", "Invalid", "Missing", "Usage"))


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["chek"], ""),
        (["run", "--wav", "x"], " run"),
        (["questionnaire", "export"], " questionnaire export"),
    ],
)
def test_help_is_that_of_the_command_that_was_asked_for(arguments: list[str], command: str) -> None:
    last = told(*arguments, code=2).splitlines()[-1]
    assert last.startswith("查看用法：")
    assert last.endswith(f"{command} --help")
    assert len(last.split()) == 2 + len(command.split())


@pytest.mark.parametrize("word", ["path", "Path", "File"])  # of several versions of the library
def test_a_folder_that_may_not_be_read_is_told_in_chinese(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    message = f"Invalid value for 'DIR': {word} '/srv/甲 乙' is not readable."
    assert explained(message) == "DIR 的值不对：没有权限读 /srv/甲 乙"
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert f"没有权限读 {tmp_path}" in told("check", str(tmp_path), code=2)


def test_what_is_not_known_is_passed_on() -> None:
    assert explained("Something new  happened.") == "Something new happened."
    assert in_chinese("Something new.") == "Something new."


@pytest.mark.parametrize(
    "command", [[], ["run"], ["new"], ["convert"], ["questionnaire", "export"]]
)
def test_help_is_chinese(command: list[str]) -> None:
    output = told(*command, "--help")
    assert output.startswith("用法：")
    assert "显示这份说明。" in output
    for word in ("Usage", "Options", "Arguments", "Commands", "Show", "Install", "default", "requ"):
        assert word not in output


def test_a_folder_that_is_not_named_is_this_one(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workspace)
    assert "没有发现问题" in told("check")
    monkeypatch.chdir(workspace.parent)
    assert "not_a_workspace" in told("check", code=1)


def test_an_interrupted_command_says_one_sentence(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(self: Workspace, *_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Workspace, "evaluate", interrupted)
    output = told("run", workspace, code=130)
    assert output.strip().splitlines()[-1].startswith("已中断。out/ 里仍是完整的结果")


SLOW = """
import pathlib, sys, time
from evalkit.cli import app
from evalkit.workspace import Workspace

def evaluate(self, *_, **__):
    pathlib.Path(sys.argv[2]).touch()
    time.sleep(60)

Workspace.evaluate = evaluate
app(["run", sys.argv[1], "--no-pdf"])
"""


def test_ctrl_c_leaves_the_last_results_and_no_traceback(workspace: Path) -> None:
    good = workspace / "out" / "2016" / "scores.csv"
    good.parent.mkdir(parents=True)
    good.write_text("good", encoding="utf-8")
    begun = workspace.parent / "begun"
    running = subprocess.Popen(
        [sys.executable, "-c", SLOW, str(workspace), str(begun)],
        stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    while not begun.exists() and running.poll() is None:
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGINT)
    _, errors = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "Traceback" not in errors
    assert errors.strip().startswith("已中断。")
    assert good.read_text(encoding="utf-8") == "good"


# --- problems --------------------------------------------------------------------------------


def unscored(row: int, label: str) -> Problem:
    return Problem(
        "option_without_score", f"计分题的选项“{label}”没有分值", file="q.yaml", row=row,
        expected="score: 0-100", found="（空）", remedy=f"写成“{label}: 分值”",
    )  # fmt: skip


def test_twenty_one_equal_problems_are_one_with_their_places() -> None:
    other = Problem("missing_file", "找不到文件", file="a.xlsx")
    many = [unscored(row, f"选项{row}") for row in range(2, 23)]
    groups = grouped([many[0], other, *many[1:]])
    assert [len(group) for group in groups] == [21, 1]
    line = collapsed(groups[0])
    assert "（同类共 21 处）" in line
    assert "第 2 行、第 3 行" in line
    assert "等 21 种" in line
    assert line.count("应为: score: 0-100") == 1
    assert collapsed(groups[1]) == str(other)


def test_three_equal_problems_stay_apart_and_another_file_is_another_kind() -> None:
    few = [unscored(row, "甲") for row in (2, 3, 4)]
    assert [len(group) for group in grouped(few)] == [1, 1, 1]
    elsewhere = [Problem(p.code, p.message, file="r.yaml", row=p.row) for p in few]
    assert [len(group) for group in grouped([*few, *elsewhere])] == [1] * 6


def test_problems_of_a_kind_stand_together_where_the_first_of_four_stood() -> None:
    four = [unscored(row, "甲") for row in range(2, 6)]
    others = [Problem("x", "一"), Problem("x", "二"), Problem("x", "三")]
    mixed = [others[0], four[0], others[1], *four[1:], others[2]]
    assert grouped(mixed) == [[others[0]], four, [others[1]], [others[2]]]
    for change in (
        {"code": "y"}, {"message": "又"}, {"file": "r"}, {"sheet": "s"}, {"remedy": "另"},
    ):  # fmt: skip
        apart = [*four[:3], replace(four[3], **change)]
        assert [len(group) for group in grouped(apart)] == [1] * 4, change
    for change in (
        {"row": 1},
        {"column": "B"},
        {"found": "x"},
        {"message": "计分题的选项“乙”没有分值"},
    ):
        alike = [*four[:3], replace(four[3], **change)]
        assert len(grouped(alike)) == 1, change


def test_what_stands_together_says_where_what_is_found_and_what_to_do() -> None:
    def many(count: int, **more: object) -> list[Problem]:
        return [
            Problem(
                "x", "错", file="a.csv", sheet="表", row=at, column=f"C{at}", expected=f"数{at % 4}",
                found=f"字{at}", remedy=f"改{at % 2}",
            )
            for at in range(1, count + 1)
        ]  # fmt: skip

    line = collapsed(many(3))
    assert line == (
        "[x] 文件 a.csv: 错（同类共 3 处）; 在: 表 第 1 行 C1 列、表 第 2 行 C2 列、表 第 3 行 C3 列; "
        "应为: 数1、数2、数3; 实为: 字1、字2、字3; 请: 改1 等 2 种"
    )
    assert "应为: 数1、数2、数3 等 4 种; 实为: 字1、字2、字3、字4; 请" in collapsed(many(4))
    assert "、字12; 请" in collapsed(many(12))
    assert "、字12 等 13 种; 请" in collapsed(many(13))
    bare = [Problem("x", "错", key="k"), Problem("x", "错"), Problem("x", "错", row=0)]
    assert collapsed(bare) == "[x] 错（同类共 3 处）; 在: k、（整个文件）、第 0 行"
    assert collapsed(bare[:1]) == str(bare[0])


def test_a_check_counts_problems_and_kinds(workspace: Path) -> None:
    scheme = workspace / "questionnaires/resident.yaml"
    text = scheme.read_text(encoding="utf-8")
    for score in (", score: 100", ", score: 80", ", score: 60", ", score: 30", ", score: 0"):
        text = text.replace(score, "")
    scheme.write_text(text, encoding="utf-8")
    output = told("check", workspace, code=1)
    assert "发现 5 个问题（1 种），未写入任何结果：" in output
    assert "（同类共 5 处）" in output
    assert "\n  1. [option_without_score] 文件" in output


# --- notes and committees --------------------------------------------------------------------


def test_notes_of_one_kind_are_counted_and_all_are_listed_on_request(workspace: Path) -> None:
    for number in range(5):
        (workspace / f"旧{number}.csv").write_bytes(b"x")
    output = told("check", workspace)
    assert "（没有列出的 2 条：加 --all 逐条列出）：" in output
    assert output.count("文件夹里有这个文件") == 3
    assert "（同类的还有 2 条）" in output
    output = told("check", workspace, "--all")
    assert "没有列出" not in output
    assert output.count("文件夹里有这个文件") == 5


def test_a_check_prints_the_notes_of_files(workspace: Path) -> None:
    header = [*tiny.RESIDENT_HEADER[:9], *tiny.RESIDENT_HEADER[10:]]
    rows = [[*row[:9], *row[10:]] for row in tiny.residents(2016)]
    tiny.write_csv(workspace / "responses/2016/resident.csv", header, rows)
    found = ek.open(workspace).check()
    said = {note.code for report in found.reports for note in report.notes}
    output = told("check", workspace, code=1 if found.problems else 0)
    assert found.problems or NoteCode.NOT_ASKED in said
    for report in found.reports:
        for note in report.notes:
            assert ek.said(note) in output


def test_nobody_is_incomplete_where_everybody_was_judged(workspace: Path) -> None:
    for command in (("check",), ("run", "--no-pdf")):
        assert "只列出不排名的" not in told(command[0], workspace, *command[1:])


def test_who_would_be_incomplete_is_said_before_the_run(workspace: Path) -> None:
    """No department judges 丁居民区: its weight of 30 is nobody's."""
    rows = [row for row in tiny.offices(2016) if row[5] != "丁居民区"]
    tiny.write_csv(workspace / "responses/2016/office.csv", tiny.OFFICE_HEADER, rows)
    output = told("check", workspace)
    assert "不完整、只列出不排名的 1 个居民区：" in output
    assert "  - 丁居民区：缺“科室”（有效答卷 0 份）" in output
    output = told("run", workspace, "--no-pdf")
    assert "  - 丁居民区：缺“科室”（有效答卷 0 份）" in output
    assert "街道报告" not in output
    assert "results.xlsx" in output


def test_an_error_that_no_command_has_raised_points_to_the_program_itself(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(typer.Exit) as caught:
        _tell(UsageError("Missing command."))
    assert caught.value.exit_code == 2
    assert capsys.readouterr().err.splitlines() == [
        "用法不对：缺少命令", "查看用法：evalkit --help",
    ]  # fmt: skip


def test_committees_that_are_set_up_or_without_a_score_are_said_where_there_are_some() -> None:
    """Two committees of one group: a has ten answers, of b nobody has any; or b is being set up."""
    scheme, roster = one_group(), roster_of("ab")
    cells = cells_of(scheme, {"r": group_of([[80.0], [np.nan]], [[4.0], [np.nan]], [10, 0])})
    lacking = scoring.score(cells, scheme, roster)
    assert list(incomplete(lacking, cells, decided(scheme, {}, roster))) == [
        "不完整、只列出不排名的 1 个居民区：", "  - b村：缺“r”（有效答卷 0 份）",
    ]  # fmt: skip
    assert set_up(lacking) == ""
    whole = cells_of(scheme, {"r": group_of([[80.0], [70.0]], [[4.0], [4.0]], [10, 10])})
    founding = roster_of("ab", status=["formal", "provisional"])
    both, beside = (scoring.score(whole, scheme, known) for known in (roster, founding))
    assert list(incomplete(both, whole, decided(scheme, {}, roster))) == []
    assert (set_up(both), set_up(beside)) == ("", "，1 个筹备中")


def test_papers_of_a_city_are_made_unless_somebody_says_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[object, ...]] = []
    ran = SimpleNamespace(done=(), faulty=(), untouched=(), missing=(), refused=())
    made = SimpleNamespace(facts=SimpleNamespace(partial=""), changed=True, folder=tmp_path)

    def run(town: Path, streets: list[str], *, jobs: int, pdf: bool, progress: object) -> object:
        asked.append((town, streets, jobs, pdf))
        return ran

    def publish(town: Path, *, pdf: bool) -> object:
        asked.append((town, pdf))
        return made

    monkeypatch.setattr(city, "open_town", lambda folder: folder)
    monkeypatch.setattr(city, "run", run)
    monkeypatch.setattr(city, "publish", publish)
    told("city", "run", "a")
    told("city", "run", "a", "--no-pdf", "--jobs", "3", "--streets", "s1，s2, s3")
    told("city", "publish", "a")
    told("city", "publish", "--no-pdf")
    assert asked == [
        (Path("a"), [], CORES, True), (Path("a"), ["s1", "s2", "s3"], 3, False),
        (Path("a"), True), (Path(), False),
    ]  # fmt: skip


def test_a_city_of_which_nothing_is_asked_says_what_may_be() -> None:
    output = told("city", code=2)
    assert output.startswith("用法：")
    assert all(command in output for command in ("rollup", "publish", "一个城市：许多街道各自评估"))
