"""`evalkit questionnaire export`: all or nothing, before there are any answers."""

from __future__ import annotations

import errno
import hashlib
from pathlib import Path

import pytest
from typer.testing import CliRunner

import evalkit as ek
from evalkit.cli import app
from evalkit.definitions import loading
from evalkit.errors import InputErrors, Problems
from evalkit.handout import Target
from evalkit.keeping import disk
from tests.preset import from_preset

WRITTEN = {
    Target.PDF: ["{}.pdf"],
    Target.WENJUANXING: ["{}.txt"],
    Target.XLSFORM: ["{}-xlsform.xlsx"],
    Target.WORKBOOK: ["{}.xlsx", "{}-entry.xlsx"],
}
QUICK = [target for target in Target if target is not Target.PDF]


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """A workspace just made: its files of answers are still missing."""
    return from_preset(tmp_path / "new")


def export(folder: Path, *options: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["questionnaire", "export", str(folder), *options])
    return result.exit_code, result.output


def files(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.glob("*"))
    }


@pytest.mark.parametrize("target", QUICK)
def test_a_new_workspace_exports_all_its_questionnaires_the_same_every_time(
    new: Path, target: Target, tmp_path: Path
) -> None:
    code, output = export(new, "--to", target.value)
    assert code == 0, output
    found = files(new / "out/questionnaires")
    names = [name.format(one) for one in ("organisation", "resident") for name in WRITTEN[target]]
    assert sorted(found) == sorted(names)
    assert all(name in output for name in names)
    export(new, "--to", target.value, "--out", str(tmp_path / "again"))
    assert files(tmp_path / "again") == found


def test_one_paper_form_with_the_committees_name(new: Path) -> None:
    code, output = export(new, "--to", "pdf", "-q", "organisation", "--subject", "st2")
    assert code == 0, output
    assert list(files(new / "out/questionnaires")) == ["organisation-st2.pdf"]


def test_the_exported_document_is_read_back_as_it_was(new: Path) -> None:
    exported = ek.open(new).export_questionnaires(Target.WORKBOOK, questionnaire="resident")
    path = next(path for path in exported.files if path.name == "resident.xlsx")
    problems = Problems()
    again = loading.load_questionnaire(path, "resident.xlsx", problems)
    source = loading.load_questionnaire(new / "questionnaires/resident.yaml", "r", problems)
    assert again == source
    assert not problems


def test_what_is_left_to_do_by_hand_is_told(new: Path) -> None:
    assert "跳转到结束" in export(new, "--to", "wjx")[1]


def test_every_problem_is_listed_and_nothing_is_written(new: Path) -> None:
    path = new / "questionnaires/resident.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("score: 30}", "score: 300}", 1), encoding="utf-8")
    code, output = export(new, "--to", "wjx", "-q", "none", "--out", str(new / "elsewhere"))
    assert code == 1
    assert "300" in output
    assert not (new / "elsewhere").exists()
    assert not (new / "out").exists()


def test_unknown_ids_are_listed_together(workspace: Path) -> None:
    with pytest.raises(InputErrors) as caught:
        ek.open(workspace).export_questionnaires(Target.PDF, questionnaire="x", subject="y")
    assert [p.code for p in caught.value.problems] == ["unknown_questionnaire", "unknown_subject"]
    assert not (workspace / "out").exists()


def test_a_name_is_printed_on_paper_only(workspace: Path) -> None:
    code, _ = export(workspace, "--to", "wjx", "--subject", "s1")
    assert code == 2


def test_only_committees_of_the_latest_wave_are_offered(workspace: Path) -> None:
    roster = "id,name,since,until\ns1,甲居民区,,\ns2,乙居民区,,2015\ns3,丙居民区,2016,\n"
    (workspace / "roster.csv").write_text(roster, encoding="utf-8")
    ek.open(workspace).export_questionnaires(Target.WENJUANXING)
    text = (workspace / "out/questionnaires/resident.txt").read_text(encoding="utf-8")
    assert {"甲居民区", "丙居民区"} <= set(text.split())
    assert "乙居民区" not in text


def test_two_questionnaires_that_would_be_one_file(workspace: Path) -> None:
    path = workspace / "questionnaires/organisation.yaml"
    twin = path.read_text(encoding="utf-8").replace("id: organisation", "id: resident-entry", 1)
    (workspace / "questionnaires/twin.yaml").write_text(twin, encoding="utf-8")
    with pytest.raises(InputErrors, match=r"resident-entry\.xlsx"):
        ek.open(workspace).export_questionnaires(Target.WORKBOOK)
    assert not (workspace / "out").exists()


def test_other_files_stay_and_nothing_half_done_is_left(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = workspace / "out/questionnaires"
    out.mkdir(parents=True)
    (out / "mine.txt").write_text("留着", encoding="utf-8")

    def full(path: Path, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(disk, "write", full)
        with pytest.raises(ek.InputErrors) as told:
            ek.open(workspace).export_questionnaires(Target.WENJUANXING)
    assert [problem.code for problem in told.value.problems] == ["disk_failed"]
    assert list(files(out)) == ["mine.txt"]
    ek.open(workspace).export_questionnaires(Target.WENJUANXING)
    assert sorted(files(out)) == ["mine.txt", "organisation.txt", "resident.txt"]
