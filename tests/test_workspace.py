"""The folder: same bytes twice, killed runs, nothing half-written, presets from anywhere."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from typer.testing import CliRunner

import evalkit as ek
from evalkit import assets, publication
from evalkit.cli import app
from tests import tiny


def snapshot(root: Path) -> dict[str, str]:
    """Every file, but not the log of runs, which tells times and only grows."""
    return {
        str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(root.rglob("*"))
        if p.is_file() and p.name != "history.jsonl"
    }


def run(root: Path, **options: object) -> dict[str, str]:
    space = ek.open(root)
    space.publish(space.evaluate(), **options)  # type: ignore[arg-type]
    return snapshot(root)


def fail(*args: object, **kwargs: object) -> None:
    raise ek.RenderError("缺字")


@pytest.fixture(scope="module")
def results(tiny_folder: Path) -> tuple[Path, dict[str, str]]:
    """A workspace with results, and every file in it; not to be touched."""
    return tiny_folder, snapshot(tiny_folder)


def test_twice_the_same_bytes_and_the_same_database(
    published: Path, results: tuple[Path, dict[str, str]]
) -> None:
    """A real run is verified; a second one gives the same."""
    space = ek.open(published)
    history, differences = space.verify()
    assert differences == ()
    before = history.entries[-1]
    assert before.inputs["responses/2016/office.csv"]
    first = results[1]
    assert run(published, pdf=False) == first
    assert "evaluation.duckdb" in first
    assert not any(name.startswith("out/.") for name in first)
    second = ek.open(published).history().entries[-1]
    assert second.number == before.number + 1
    assert (second.identity, second.outputs, second.database) == (
        before.identity,
        before.outputs,
        before.database,
    )


def test_the_same_answers_in_another_folder_give_the_same_files(
    results: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    other = tiny.write(tmp_path / "elsewhere")
    first, second = results[1], run(other, pdf=False)
    outputs = [name for name in first if name.startswith("out/")]
    assert {n: first[n] for n in outputs} == {n: second[n] for n in outputs}


def test_the_manifest_tells_every_input_and_output(results: tuple[Path, dict[str, str]]) -> None:
    workspace, files = results
    manifest = json.loads((workspace / "out/2016/manifest.json").read_text(encoding="utf-8"))
    assert manifest["evalkit"] == ek.__version__
    for name in ("evaluation.yaml", "scheme.yaml", "roster.csv", "responses/2016/office.csv"):
        assert manifest["inputs"][name] == files[name]
    written = {n.removeprefix("out/2016/"): d for n, d in files.items() if n.startswith("out/")}
    written.pop("manifest.json")
    assert manifest["outputs"] == written
    out = workspace / "out/2016"
    assert manifest["sizes"] == {name: (out / name).stat().st_size for name in written}


def test_csv_files_hold_the_published_wave_in_full_precision(
    tiny_folder: Path, tiny_evaluation: ek.Evaluation
) -> None:
    evaluation, out = tiny_evaluation, tiny_folder / "out/2016"
    for name in ("scores", "ranking", "indicators"):
        read = pd.read_csv(out / f"{name}.csv", encoding="utf-8-sig", dtype={"wave": str})
        whole = getattr(evaluation, name)
        expected = whole[whole["wave"] == "2016"].reset_index(drop=True)
        assert list(read.columns) == list(expected.columns)
        number = "score" if name != "indicators" else "estimate"
        pd.testing.assert_series_equal(read[number], expected[number], check_exact=True)
    assert (out / "scores.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_the_database_remembers_every_wave_and_scheme(
    results: tuple[Path, dict[str, str]],
) -> None:
    workspace, _ = results
    with duckdb.connect(str(workspace / "evaluation.duckdb"), read_only=True) as connection:
        tables = {row[0] for row in connection.execute("SHOW TABLES").fetchall()}
        waves = connection.execute("SELECT DISTINCT wave FROM scores ORDER BY wave").fetchall()
    assert "scores" in tables
    assert [row[0] for row in waves] == ["2015", "2016"]


def test_a_failing_page_leaves_the_last_results(
    published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = snapshot(published)
    rows = tiny.residents(2016)
    rows[0][6] = "满意" if rows[0][6] != "满意" else "基本满意"
    tiny.write_csv(published / "responses/2016/resident.csv", tiny.RESIDENT_HEADER, rows)

    monkeypatch.setattr(publication, "data_files", fail)
    with pytest.raises(ek.RenderError):
        run(published, pdf=False)
    after = snapshot(published)
    assert {n: d for n, d in after.items() if "responses" not in n} == {
        n: d for n, d in before.items() if "responses" not in n
    }


def test_a_new_workspace_from_the_preset_is_whole(tmp_path: Path) -> None:
    space = ek.create(tmp_path / "new", "changshou")
    files = {str(p.relative_to(space.root)) for p in space.root.rglob("*") if p.is_file()}
    assert {"evaluation.yaml", "scheme.yaml", "roster.csv"} <= files
    assert {"questionnaires/resident.yaml", "questionnaires/organisation.yaml"} <= files
    assert set(assets.presets()) >= {"blank", "changshou"}


def test_a_workspace_of_excel_documents_is_the_same_workspace(
    workspace: Path, tiny_evaluation: ek.Evaluation
) -> None:
    """Converted by the command, evaluated by the ordinary line: the same numbers."""
    expected = tiny_evaluation.scores
    for kind, name in (
        ("scheme", "scheme"),
        ("questionnaire", "questionnaires/resident"),
        ("questionnaire", "questionnaires/organisation"),
    ):
        source, target = workspace / f"{name}.yaml", workspace / f"{name}.xlsx"
        assert CliRunner().invoke(app, ["convert", kind, str(source), str(target)]).exit_code == 0
        assert CliRunner().invoke(app, ["convert", kind, str(source), str(target)]).exit_code == 1
        source.unlink()
    order = (workspace / "evaluation.yaml").read_text(encoding="utf-8")
    (workspace / "evaluation.yaml").write_text(
        order.replace("scheme.yaml", "scheme.xlsx"), encoding="utf-8"
    )
    pd.testing.assert_frame_equal(ek.open(workspace).evaluate().scores, expected)


def test_drafts_are_never_overwritten(workspace: Path) -> None:
    header = [*tiny.RESIDENT_HEADER]
    header[6] = "办事是否方便"
    tiny.write_csv(workspace / "responses/2016/resident.csv", header, tiny.residents(2016))
    (draft,) = ek.open(workspace).check().drafts
    (workspace / draft).write_text(
        (workspace / draft).read_text(encoding="utf-8") + "# 我的批注\n", encoding="utf-8"
    )
    started = time.time_ns()
    assert ek.open(workspace).check().drafts == ()
    assert (workspace / draft).stat().st_mtime_ns < started


def test_a_wave_published_again_for_one_late_answer_says_so_until_more_come(
    published: Path,
) -> None:
    """One resident of the first committee: her answers are the difference of the two editions."""
    root, space = published, ek.open(published)
    hers = ["999", "2016/6/20 11:30:00", "95秒", "10.0.9.99(上海-上海)", "是", tiny.SUBJECTS[0]]
    answers = [*tiny.residents(2016), [*hers, *tiny.LABELS[:5]]]
    tiny.write_csv(root / "responses/2016/resident.csv", tiny.RESIDENT_HEADER, answers)
    for told_before in (False, True):
        found = space.evaluate()
        (note,) = [n for n in found.notes if n.code == "republished_for_few"]
        assert (note.where, note.count) == ("2016", 1)
        assert note.facts == {"cells": (f"{tiny.SUBJECTS[0]} 居民",)}
        if not told_before:
            space.publish(found, pdf=False)
    assert "就能算出这几份答卷的评分" in (root / "out/2016/dashboard.html").read_text(
        encoding="utf-8"
    )
