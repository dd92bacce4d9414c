"""`evalkit manual`: before there are answers, and never with faulty documents."""

from __future__ import annotations

from pathlib import Path

import pypdf
import pytest
from typer.testing import CliRunner

import evalkit as ek
from evalkit import publication
from evalkit.cli import app
from evalkit.errors import InputErrors, RenderError
from evalkit.pages.press import printing
from evalkit.pages.press.planned import Paper, fill
from tests.preset import from_preset


def files(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_a_new_workspace_has_a_manual_before_it_has_answers(tmp_path: Path) -> None:
    root = tmp_path / "new"
    from_preset(root)
    before = files(root)
    found = CliRunner().invoke(app, ["manual", str(root)])
    assert found.exit_code == 0, found.output
    assert "manual.pdf" in found.output
    after = files(root)
    assert set(after) - set(before) == {"out/manual.pdf", "history.jsonl"}
    assert {name: after[name] for name in before} == before
    assert len(pypdf.PdfReader(root / "out" / "manual.pdf").pages) >= 10


def test_answers_are_not_looked_at(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same page gives the same bytes (`test_rendering`), so the page is looked at."""

    def press(paper: Paper) -> printing.Pressed:
        page = fill(paper)
        return printing.Pressed(paper.path, f"{page.text}{page.charts}".encode(), 1, {})

    monkeypatch.setattr(printing, "press", press)
    with_answers = ek.open(workspace).manual().read_bytes()
    for path in (workspace / "responses").rglob("*.csv"):
        path.write_text("坏文件", encoding="utf-8")
    assert ek.open(workspace).manual().read_bytes() == with_answers
    assert len(with_answers) > 10_000


def test_all_problems_of_all_documents_at_once_and_nothing_written(workspace: Path) -> None:
    scheme, form = workspace / "scheme.yaml", workspace / "questionnaires" / "resident.yaml"
    scheme.write_text(scheme.read_text("utf-8").replace("weight: 70", "weight: 60"), "utf-8")
    form.write_text(form.read_text("utf-8").replace("role: screening", "role: nonsense"), "utf-8")
    roster = workspace / "roster.csv"
    roster.write_text(roster.read_text("utf-8") + "s1,重复的代码,\n", "utf-8")
    before = files(workspace)
    found = CliRunner().invoke(app, ["manual", str(workspace)])
    assert found.exit_code == 1
    for name in ("scheme.yaml", "questionnaires/resident.yaml", "roster.csv"):
        assert name in found.output
    assert files(workspace) == before
    with pytest.raises(InputErrors) as errors:
        ek.open(workspace).manual()
    assert len(errors.value.problems) >= 3


def test_contradicting_documents_have_no_manual(workspace: Path) -> None:
    scheme = workspace / "scheme.yaml"
    scheme.write_text(scheme.read_text("utf-8").replace("[r3]", "[r99]"), "utf-8")
    found = CliRunner().invoke(app, ["manual", str(workspace)])
    assert found.exit_code == 1
    assert "r99" in found.output
    assert not (workspace / "out").exists()


def test_a_page_that_fails_leaves_the_last_manual(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workspace / "out").mkdir()
    (workspace / "out" / "manual.pdf").write_bytes(b"last year's")
    before = files(workspace)

    def fail(documents: object) -> None:
        raise RenderError("字体缺字")

    monkeypatch.setattr(publication, "operations_manual", fail)
    found = CliRunner().invoke(app, ["manual", str(workspace)])
    assert found.exit_code == 1
    assert "字体缺字" in found.output
    assert files(workspace) == before


def test_no_workspace_no_manual(tmp_path: Path) -> None:
    found = CliRunner().invoke(app, ["manual", str(tmp_path / "nowhere")])
    assert found.exit_code == 1
    assert "evaluation.yaml" in found.output


def test_a_timetable_in_a_year_whose_days_off_nobody_told_is_a_problem(workspace: Path) -> None:
    root, order = workspace, workspace / "evaluation.yaml"
    text = order.read_text(encoding="utf-8")
    text = text.replace("2016-01-01", "2041-03-04").replace("2016-12-31", "2041-03-31")
    assert text.count("2041") == 2
    order.write_text(text, encoding="utf-8")
    found = CliRunner().invoke(app, ["manual", str(root)])
    assert found.exit_code == 1
    assert "calendar" in found.output
    assert "2041" in found.output
    assert not (root / "out").exists()
    order.write_text(text + "\ncalendar: [2041-01-01]\n", encoding="utf-8")
    assert CliRunner().invoke(app, ["manual", str(root)]).exit_code == 0
