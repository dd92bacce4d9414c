"""Which documents and files of a folder count: its own before the preset's, a file and its twin."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import evalkit as ek
from evalkit import assets
from evalkit.errors import Problems
from evalkit.folder import Folder
from tests import tiny

PRESET = assets.preset("changshou")
ORDER = """\
title: 评估
street: 某街道
scheme: changshou
waves:
  - {id: '2016'}
"""
ROSTER = "id,name\ns1,甲\ns2,乙\n"


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A folder that leaves everything but order and roster to the preset."""
    (tmp_path / "evaluation.yaml").write_text(ORDER, encoding="utf-8")
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
    return tmp_path


def retitled(source: Path, target: Path, title: str) -> None:
    text = source.read_text(encoding="utf-8")
    lines = [f"title: {title}" if line.startswith("title:") else line for line in text.split("\n")]
    assert lines != text.split("\n")
    target.parent.mkdir(exist_ok=True)
    target.write_text("\n".join(lines), encoding="utf-8")


def test_a_preset_lends_what_a_folder_has_not(bare: Path) -> None:
    problems = Problems()
    documents = Folder(bare).documents(problems)
    assert not problems
    assert documents is not None
    assert documents.scheme.id == "changshou"
    assert sorted(documents.questionnaires) == ["organisation", "resident"]
    assert set(documents.digests) == {
        "evaluation.yaml",
        "roster.csv",
        *(f"预设 changshou/{name}.yaml" for name in ("scheme", "resident", "organisation")),
    }
    inputs = Folder(bare).load(problems).inputs
    assert not problems
    assert inputs is not None
    assert inputs.decided.actions is not None
    assert inputs.decided.themes is not None
    assert {"预设 changshou/actions.yaml", "预设 changshou/themes.yaml"} <= set(
        inputs.decided.digests
    )
    assert inputs.decided.margins is None
    assert inputs.decided.boundaries is None


def test_a_folder_s_own_library_and_questionnaires_come_before_the_preset_s(bare: Path) -> None:
    shutil.copy(PRESET / "actions.yaml", bare / "actions.yaml")
    shutil.copy(PRESET / "themes.yaml", bare / "themes.yaml")
    for name in ("resident", "organisation"):
        retitled(PRESET / f"{name}.yaml", bare / f"questionnaires/{name}.yaml", f"自己的{name}")
    problems = Problems()
    inputs = Folder(bare).load(problems).inputs
    assert not problems
    assert inputs is not None
    assert {q.title for q in inputs.decided.questionnaires.values()} == {
        "自己的resident", "自己的organisation",
    }  # fmt: skip
    assert {"actions.yaml", "themes.yaml", "questionnaires/resident.yaml"} <= set(
        inputs.decided.digests
    )
    assert not any(name.startswith("预设 changshou/a") for name in inputs.decided.digests)
    assert not any(name.startswith("预设 changshou/t") for name in inputs.decided.digests)


def test_one_questionnaire_of_its_own_means_all_are(bare: Path) -> None:
    retitled(PRESET / "resident.yaml", bare / "questionnaires/resident.yaml", "自己的")
    problems = Problems()
    assert Folder(bare).documents(problems) is None
    assert any(problem.code == "unknown_questionnaire" for problem in problems)


def test_a_new_workspace_has_every_document_at_its_place_and_nothing_else(tmp_path: Path) -> None:
    root = ek.create(tmp_path / "new", "changshou").root
    files = {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()}
    beside = {"evaluation.yaml", "scheme.yaml", "actions.yaml", "themes.yaml"}
    expected = {
        path.name
        if path.suffix != ".yaml" or path.name in beside
        else f"questionnaires/{path.name}"
        for path in PRESET.iterdir()
        if path.is_file() and path.name not in (*assets.NOT_COPIED, assets.START)
    } | {"README.md"}
    assert files == expected
    assert {"questionnaires/resident.yaml", "questionnaires/organisation.yaml"} <= files
    assert beside <= files
    folders = {p.name for p in root.iterdir() if p.is_dir()}
    assert folders == {"questionnaires", "crosswalks", "responses"}


# --- a file and its twin ----------------------------------------------------------------------


def twins(root: Path, file: str, codebook: str) -> None:
    """The residents of 2016 by text and by number, one of them named as the other's codebook."""
    texts = tiny.residents(2016)
    numbers = [
        [*row[:4], "1", row[5], *(str(tiny.LABELS.index(label) + 1) for label in row[6:])]
        for row in texts
    ]
    folder = root / "responses/2016"
    tiny.write_csv(folder / "1_按文本.csv", tiny.RESIDENT_HEADER, texts)
    tiny.write_csv(folder / "1_按序号.csv", tiny.RESIDENT_HEADER, numbers)
    order = (root / "evaluation.yaml").read_text(encoding="utf-8")
    old = "responses/2016/resident.csv,"
    assert old in order
    new = f"responses/2016/1_{file}.csv, codebook: responses/2016/1_{codebook}.csv,"
    (root / "evaluation.yaml").write_text(order.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(("file", "codebook"), [("按文本", "按序号"), ("按序号", "按文本")])
def test_a_file_and_its_twin_are_told_apart_whichever_is_named_first(
    workspace: Path, file: str, codebook: str
) -> None:
    twins(workspace, file, codebook)
    problems = Problems()
    loaded = Folder(workspace).load(problems)
    assert not problems, list(map(str, problems))
    read = next(one for one in loaded.files if file in one.entry.file)
    assert read.sheet.variant == ("text" if file == "按文本" else "number")
    assert read.codebook is not None
    assert read.codebook.joined == read.codebook.agreeing == 96
    scored = [q for q in read.codebook.questions if q.kind == "single" and len(q.options) >= 4]
    assert scored
    for question in scored:
        for option in question.options:
            assert tiny.LABELS[option.code - 1] == option.label
    assert loaded.inputs is not None
    assert {f"responses/2016/1_{name}.csv" for name in ("按文本", "按序号")} <= set(
        loaded.inputs.decided.digests
    )


def test_notes_of_a_pair_go_with_the_file(workspace: Path) -> None:
    """The twin lacks the last row: one answer sheet is in one file only."""
    twins(workspace, "按文本", "按序号")
    path = workspace / "responses/2016/1_按序号.csv"
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    path.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8-sig")
    loaded = Folder(workspace).load(Problems())
    read = next(one for one in loaded.files if "按文本" in one.entry.file)
    assert [(n.code, n.count) for n in read.sheet.notes] == [("rows_in_one_file", 1)]


def test_a_twin_that_is_not_there_is_a_problem_of_its_own(workspace: Path) -> None:
    twins(workspace, "按文本", "按序号")
    (workspace / "responses/2016/1_按序号.csv").unlink()
    problems = Problems()
    loaded = Folder(workspace).load(problems)
    assert [(p.code, p.file) for p in problems] == [("file_missing", "responses/2016/1_按序号.csv")]
    read = next(one for one in loaded.files if "按文本" in one.entry.file)
    assert read.codebook is None
