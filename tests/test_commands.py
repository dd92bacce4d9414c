"""What the commands print: counts and numbers that somebody can check."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import evalkit as ek
from evalkit import publication, simulation, workspace
from evalkit.cli import app
from evalkit.codes import NoteCode
from evalkit.definitions import conversion, loading
from evalkit.errors import InputErrors, Note, Problems
from evalkit.tables import Evaluation
from evalkit.workspace import Workspace
from tests import tiny
from tests.deciding import with_decided, with_wave
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up


def told(*arguments: object, code: int = 0) -> str:
    outcome = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert outcome.exit_code == code, outcome.output
    return outcome.output


# --- check ------------------------------------------------------------------------------------


def test_a_check_accounts_for_every_row_of_every_file(workspace: Path) -> None:
    """96 answers, a blank row, a footer, and two that are said twice."""
    rows = tiny.residents(2016)
    blank = [""] * len(rows[0])
    footer = ["合计", "96", *[""] * (len(rows[0]) - 2)]
    again = [["97", *rows[0][1:]], ["98", *rows[1][1:]]]
    path = workspace / "responses/2016/resident.csv"
    tiny.write_csv(path, tiny.RESIDENT_HEADER, [*rows[:40], blank, *rows[40:], *again, footer])
    lines = told("check", workspace).splitlines()
    at = lines.index("responses/2016/resident.csv")
    assert lines[at + 1].startswith("  读入 100 行 = 有效 96 + 剔除 4（")
    for part in ("空行 1", "合计等表尾行 1", "完全相同的重复答卷 2"):
        assert part in lines[at + 1]
    at = lines.index("responses/2016/office.csv")
    assert lines[at + 1] == "  读入 16 行 = 有效 16 + 剔除 0"
    assert lines[-1] == "没有发现问题，可以运行 evalkit run"
    assert not (workspace / "out").exists()


def test_a_check_tells_columns_nobody_uses_and_what_changed(workspace: Path) -> None:
    header, rows = [*tiny.RESIDENT_HEADER, "新题目"], [[*r, "x"] for r in tiny.residents(2016)]
    tiny.write_csv(workspace / "responses/2016/resident.csv", header, rows)
    output = told("check", workspace)
    assert "  未使用的列：" in output
    assert "新题目" in output.split("未使用的列：")[1].splitlines()[0]
    assert "与上一批次相比，responses/2016/resident.csv：" in output


def test_a_check_that_drafts_says_so_and_lists_what_is_wrong(workspace: Path) -> None:
    header = [*tiny.RESIDENT_HEADER]
    header[6] = "办事是否方便"
    tiny.write_csv(workspace / "responses/2016/resident.csv", header, tiny.residents(2016))
    output = told("check", workspace, code=1)
    assert "已起草对照表 crosswalks/2016-resident-resident.yaml" in output
    assert "发现 1 个问题，未写入任何结果：\n  1. [missing_column]" in output


# --- run, plan, manual ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def evaluated() -> Evaluation:
    made = made_up(Street(count=5, incomplete={2: ("random",)}))
    ranking = replace(made.waves["2016"].ranking, reliability=0.714, distinguishable_pairs=0.366)
    reports = tuple(
        replace(report, wave=wave, rows_kept=kept)
        for report, wave, kept in zip(made.reports * 3, ("2015", "2016", "2016"), (7, 30, 12))  # noqa: B905
    )
    notes = (Note(NoteCode.NO_ROWS), Note(NoteCode.NO_ROWS), Note(NoteCode.NO_THEMES))
    return replace(
        with_wave(made, "2016", ranking=ranking),
        reports=reports,
        notes=notes,
    )


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch, evaluated: Evaluation) -> dict[str, Any]:
    """An evaluation that is there at once; what it was asked for is kept."""
    asked: dict[str, Any] = {}

    def evaluate(self: Workspace, wave: str | None = None, **options: object) -> Evaluation:
        asked["wave"] = wave
        return evaluated

    def publish(self: Workspace, evaluation: Evaluation, **options: Any) -> Path:
        asked.update(options)
        options["progress"](1, 2, "street-report.pdf")
        out = self.root / "out" / evaluation.wave
        if options["pdf"]:
            (out / "diagnosis").mkdir(parents=True, exist_ok=True)
            (out / "street-report.pdf").touch()
        return out

    monkeypatch.setattr(Workspace, "evaluate", evaluate)
    monkeypatch.setattr(Workspace, "publish", publish)
    return asked


def test_a_run_sums_up_what_it_found(
    workspace: Path, running: dict[str, Any], evaluated: Evaluation
) -> None:
    good = {grade.name for grade in evaluated.scheme.grades if grade.good}
    assert len(good) >= 1
    counts = [
        sum(grade in good for grade in evaluated.waves[wave].scores.table["grade"])
        for wave in ("2015", "2016")
    ]
    output = told("run", workspace, "--wave", "2016", "--jobs", "3")
    assert (running["wave"], running["jobs"], running["pdf"]) == ("2016", 3, True)
    assert "2016年度：4 个居民区有完整得分，1 个不完整；有效答卷 42 份" in output
    assert f"：{counts[0]} -> {counts[1]} 个" in output
    assert "得分的可靠程度 0.71；能确定先后的成对比较占 37%" in output
    assert "提示 2 条：" in output
    assert "以上全部为模拟数据" in output
    out = workspace / "out/2016"
    for name in (
        "street-report.pdf", "diagnosis", "dashboard.html", "actions.xlsx", "results.xlsx",
    ):  # fmt: skip
        assert f"  {out / name}" in output
    assert "公示" not in output
    assert "可编辑稿" not in output
    (out / "street-report.docx").touch()
    assert "street-report.docx  街道报告，可编辑稿" in told("run", workspace)
    (out / "notice").mkdir(parents=True)
    assert f"  {out / 'notice'}  每个居民区一页公示" in told("run", workspace)


def test_a_run_without_papers_names_none(workspace: Path, running: dict[str, Any]) -> None:
    output = told("run", workspace, "--no-pdf")
    assert (running["wave"], running["pdf"]) == (None, False)
    assert "street-report.pdf  " not in output
    assert "diagnosis" not in output
    assert "dashboard.html" in output


def test_real_data_are_not_called_simulated(
    workspace: Path, running: dict[str, Any], evaluated: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = evaluated.order.model_copy(update={"synthetic": False, "subject_word": "村"})
    other = replace(with_decided(evaluated, order=order), notes=())
    monkeypatch.setattr(Workspace, "evaluate", lambda *_, **__: other)
    output = told("run", workspace)
    assert "模拟" not in output
    assert "4 个村有完整得分" in output
    assert "每个村一份诊断书" in output
    assert "提示" not in output


def test_a_plan_is_said_and_kept(
    workspace: Path, running: dict[str, Any], evaluated: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = (Note(NoteCode.UNREACHABLE_TARGET, "2016", 1), Note(NoteCode.NO_THEMES))
    monkeypatch.setattr(Workspace, "evaluate", lambda *_, **__: replace(evaluated, notes=notes))
    output = told("plan", workspace)
    path = workspace / "out/2016/plan.csv"
    assert f"已写入 {path}" in output
    assert path.read_bytes() == publication.csv(evaluated.assurance.plan)
    assert "提示：" in output
    assert "有 1 个，部分居民区只增加居民问卷达不到" in output
    assert "themes.yaml" not in output


def test_the_demo_is_run_where_it_is_or_made_where_nothing_is(
    workspace: Path, tmp_path: Path, running: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Path] = []

    def write_demo(folder: Path) -> None:
        made.append(folder)
        shutil.copytree(workspace, folder)

    monkeypatch.setattr(simulation, "write_demo", write_demo)
    assert "演示街道已在" in told("demo", workspace, "--no-pdf")
    assert made == []
    assert "生成模拟街道的问卷星导出文件" in told("demo", tmp_path / "fresh", "--no-pdf")
    assert made == [tmp_path / "fresh"]
    assert running["pdf"] is False


def test_a_new_folder_is_told_what_comes_next(tmp_path: Path) -> None:
    output = told("new", tmp_path / "我 的")
    assert f"evalkit check '{tmp_path / '我 的'}'" in output
    assert workspace_of(tmp_path / "我 的").root == tmp_path / "我 的"


def workspace_of(path: Path) -> Workspace:
    return workspace.open(path)


def test_exports_say_what_to_do_by_hand(workspace: Path, tmp_path: Path) -> None:
    output = told("questionnaire", "export", workspace, "--to", "wjx", "--out", tmp_path / "to")
    assert f"已写入 {tmp_path / 'to' / 'resident.txt'}" in output
    assert "  请手工核对：题目 live：选“否”的，设为跳转到结束" in output
    one = told("questionnaire", "export", workspace, "--to", "xlsform", "-q", "organisation")
    assert one.count("已写入") == 1
    assert "organisation-xlsform.xlsx" in one
    told("questionnaire", "export", workspace, "--to", "wjx", "--subject", "s1", code=2)
    told("questionnaire", "export", workspace, "--to", "docx", code=2)


# --- documents on disk ------------------------------------------------------------------------


def test_a_conversion_overwrites_nothing_and_knows_three_suffixes(workspace: Path) -> None:
    source = workspace / "scheme.yaml"
    before = source.read_bytes()
    for target, codes in (
        (workspace / "roster.csv", {"unsupported_suffix", "file_exists"}),
        (workspace / "scheme.yaml", {"file_exists"}),
        (workspace / "scheme.docx", {"unsupported_suffix"}),
    ):
        there = target.exists()
        with pytest.raises(InputErrors) as caught:
            conversion.convert(conversion.Kind.SCHEME, source, target)
        assert {problem.code for problem in caught.value.problems} == codes
        assert {problem.file for problem in caught.value.problems} == {str(target)}
        assert target.exists() == there
    assert source.read_bytes() == before
    conversion.convert(conversion.Kind.SCHEME, source, workspace / "a.XLSX")
    conversion.convert(conversion.Kind.SCHEME, workspace / "a.XLSX", workspace / "b.yml")
    problems = Problems()
    loaded = [loading.load_scheme(p, p.name, problems) for p in (source, workspace / "b.yml")]
    assert not problems
    assert loaded[0] == loaded[1]


def test_a_document_that_cannot_be_read_is_a_problem(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.read_bytes

    def read_bytes(path: Path) -> bytes:
        if path.name == "scheme.yaml":
            raise PermissionError(13, "Permission denied")
        return real(path)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", read_bytes)
        problems = Problems()
        loaded = loading.load_scheme(workspace / "scheme.yaml", "scheme.yaml", problems)
    assert loaded is None
    assert [(p.code, p.file) for p in problems] == [("unreadable_file", "scheme.yaml")]
    assert ek.open(workspace).check().problems == ()
