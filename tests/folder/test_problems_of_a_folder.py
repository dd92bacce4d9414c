"""Every problem that a folder as a whole can have, each raised by one spoilt file."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import evalkit as ek
from evalkit.errors import InputErrors, Problem, Problems
from evalkit.evaluation import recall, waves_up_to
from evalkit.folder import Folder, Loaded
from evalkit.handout import Target
from tests import tiny
from tests.archive.small import make_cells

OFFICE = "responses/2016/office.csv"
RESIDENT = "responses/2016/resident.csv"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8-sig")
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new), encoding="utf-8")


def problems_of(root: Path) -> list[Problem]:
    return list(ek.open(root).check().problems)


def same_questionnaire_twice(root: Path) -> None:
    shutil.copy(root / "questionnaires/resident.yaml", root / "questionnaires/second.yaml")


def no_questionnaires(root: Path) -> None:
    for path in (root / "questionnaires").iterdir():
        path.unlink()


def no_roster(root: Path) -> None:
    (root / "roster.csv").unlink()


def two_libraries(root: Path) -> None:
    for name in ("themes.yaml", "themes.yml"):
        (root / name).write_text("id: t\nthemes: []\n", encoding="utf-8")


def absent_file(root: Path) -> None:
    (root / OFFICE).unlink()


def absent_crosswalk(root: Path) -> None:
    edit(root / "evaluation.yaml", f"{OFFICE},", f"{OFFICE}, crosswalk: crosswalks/none.yaml,")


def crosswalk_of_the_residents(root: Path) -> None:
    """Approved for the residents' columns, but named for the offices' file."""
    header = [*tiny.RESIDENT_HEADER]
    header[6] = "办事是否方便"
    tiny.write_csv(root / RESIDENT, header, tiny.residents(2016))
    (draft,) = ek.open(root).check().drafts
    edit(root / draft, "# approved: true", "approved: true")
    edit(root / "evaluation.yaml", f"{OFFICE},", f"{OFFICE}, crosswalk: {draft},")


def unknown_database(root: Path) -> None:
    (root / "evaluation.duckdb").write_bytes(b"something else altogether")


def two_halves_of_no_pair(root: Path) -> None:
    edit(root / "evaluation.yaml", f"{OFFICE},", f"{OFFICE}, codebook: {RESIDENT},")


Spoil = Callable[[Path], None]
SPOILT: dict[str, tuple[str, Spoil, str, str]] = {
    "duplicate_id": ("duplicate_id", same_questionnaire_twice, "questionnaires/second.yaml", "resident"),
    "no questionnaires": ("missing_file", no_questionnaires, "questionnaires/", ""),
    "no roster": ("missing_file", no_roster, "roster.csv", ""),
    "two_documents": ("two_documents", two_libraries, "themes.yaml", "themes.yaml、themes.yml"),
    "file_missing": ("file_missing", absent_file, OFFICE, ""),
    "no crosswalk": ("missing_file", absent_crosswalk, "crosswalks/none.yaml", ""),
    "crosswalk_of_another_layout": (
        "crosswalk_of_another_layout", crosswalk_of_the_residents, OFFICE, "问卷 organisation",
    ),
    "archive_foreign": ("archive_foreign", unknown_database, "evaluation.duckdb", ""),
    "pair_variants": ("pair_variants", two_halves_of_no_pair, f"{RESIDENT} + {OFFICE}", "text + text"),
}  # fmt: skip


@pytest.mark.parametrize("case", SPOILT)
def test_each_spoilt_folder_has_its_problem(workspace: Path, case: str) -> None:
    code, spoil, file, found = SPOILT[case]
    spoil(workspace)
    problems = problems_of(workspace)
    told = [p for p in problems if (p.code, p.file) == (code, file)]
    assert len(told) == 1, [str(p) for p in problems]
    assert found in str(told[0].found)
    assert told[0].remedy
    with pytest.raises(InputErrors) as caught:
        ek.open(workspace).evaluate()
    assert told[0] in caught.value.problems


def test_what_programs_leave_beside_documents_is_none(workspace: Path) -> None:
    (workspace / "questionnaires/~$resident.xlsx").write_bytes(b"lock")
    (workspace / "questionnaires/.resident.yaml").write_text("nonsense: [", encoding="utf-8")
    (workspace / "questionnaires/resident.yaml.bak").write_text("nonsense: [", encoding="utf-8")
    assert problems_of(workspace) == []


# --- crosswalks -------------------------------------------------------------------------------


def renamed(root: Path, year: int) -> None:
    header = [*tiny.RESIDENT_HEADER]
    header[6] = "办事是否方便"
    tiny.write_csv(root / f"responses/{year}/resident.csv", header, tiny.residents(year))


def test_an_approved_crosswalk_serves_every_file_of_its_layout(workspace: Path) -> None:
    """Drafted and approved for 2016; the file of 2015 with the same header needs no other."""
    renamed(workspace, 2016)
    (draft,) = ek.open(workspace).check().drafts
    edit(workspace / draft, "# approved: true", "approved: true")
    assert problems_of(workspace) == []
    renamed(workspace, 2015)
    assert problems_of(workspace) == []
    problems = Problems()
    loaded = Folder(workspace).load(problems)
    assert not problems
    assert {file: crosswalk.id for file, crosswalk in loaded.crosswalks.items()} == {
        "responses/2015/resident.csv": "2016-resident-resident",
        RESIDENT: "2016-resident-resident",
    }
    assert [file.entry.file for file in loaded.files] == [
        f"responses/{year}/{group}.csv" for year in (2015, 2016) for group in ("resident", "office")
    ]
    office = loaded.files[3]
    previous = loaded.previous(office)
    assert previous is not None
    assert previous.entry.file == "responses/2015/office.csv"
    assert loaded.previous(loaded.files[0]) is None


def test_a_draft_that_cannot_be_written_hides_no_other_problem_and_leaves_no_half(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a folder that may only be read, a check told of the draft alone."""
    expected = [("missing_column", f"responses/{year}/resident.csv") for year in (2015, 2016)]
    for year in (2015, 2016):
        renamed(workspace, year)

    def full(path: Path, text: str, **options: Any) -> int:
        path.write_bytes(text[:20].encode())
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_text", full)
    checked = ek.open(workspace).check()
    assert [(p.code, p.file) for p in checked.problems[:-1]] == expected
    assert checked.problems[-1].code == "disk_failed"
    assert checked.drafts == ()
    assert list((workspace / "crosswalks").iterdir()) == []


def test_a_crosswalk_of_another_questionnaire_is_not_taken(workspace: Path) -> None:
    renamed(workspace, 2016)
    (draft,) = ek.open(workspace).check().drafts
    text = (workspace / draft).read_text(encoding="utf-8")
    other = text.replace("questionnaire: resident", "questionnaire: organisation").replace(
        "# approved: true", "approved: true"
    )
    (workspace / draft).unlink()
    (workspace / "crosswalks/other.yaml").write_text(other, encoding="utf-8")
    problems = Problems()
    assert Folder(workspace).load(problems).crosswalks == {}
    assert "crosswalk_of_another_layout" not in {problem.code for problem in problems}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("questionnaire: resident", "questionnaire: organisation"),
        ("layout: ", "layout: x"),
    ],
)
def test_a_named_crosswalk_must_be_of_this_layout_and_of_this_questionnaire(
    workspace: Path, old: str, new: str
) -> None:
    renamed(workspace, 2016)
    (draft,) = ek.open(workspace).check().drafts
    edit(workspace / draft, "# approved: true", "approved: true")
    edit(workspace / "evaluation.yaml", f"{RESIDENT},", f"{RESIDENT}, crosswalk: {draft},")
    assert problems_of(workspace) == []
    edit(workspace / draft, old, new)
    (problem,) = (p for p in problems_of(workspace) if p.code == "crosswalk_of_another_layout")
    assert problem.file == RESIDENT
    assert f"（{draft}）" in str(problem.expected)


def test_a_draft_in_nobody_s_way_is_not_recalled(workspace: Path) -> None:
    """The file was put right meanwhile: its layout is another, the draft settles nothing."""
    renamed(workspace, 2016)
    (draft,) = ek.open(workspace).check().drafts
    codes = {problem.code for problem in problems_of(workspace)}
    assert codes == {"missing_column", "crosswalk_not_approved"}
    tiny.write_csv(workspace / RESIDENT, tiny.RESIDENT_HEADER, tiny.residents(2016))
    assert problems_of(workspace) == []
    assert (workspace / draft).is_file()


def test_only_drafts_of_files_in_trouble_are_recalled(workspace: Path) -> None:
    """Drafted for an unknown label that was put right since; now another file is in trouble."""
    rows = tiny.residents(2016)
    tiny.write_csv(
        workspace / RESIDENT,
        tiny.RESIDENT_HEADER,
        [[*rows[0][:6], "还可以", *rows[0][7:]], *rows[1:]],
    )
    (draft,) = ek.open(workspace).check().drafts
    codes = [(problem.code, problem.file) for problem in problems_of(workspace)]
    assert codes == [("unknown_option", RESIDENT), ("crosswalk_not_approved", draft)]
    tiny.write_csv(workspace / RESIDENT, tiny.RESIDENT_HEADER, rows)
    office = [[*row[:5], "戊居民区", *row[6:]] for row in tiny.offices(2016)[:1]]
    tiny.write_csv(workspace / OFFICE, tiny.OFFICE_HEADER, [*office, *tiny.offices(2016)[1:]])
    with pytest.raises(InputErrors) as caught:
        ek.open(workspace).evaluate()
    told = [(problem.code, problem.file) for problem in caught.value.problems]
    assert told == [("unmatched_subject", OFFICE)]


def test_a_named_draft_must_be_approved_even_if_it_is_not_needed(workspace: Path) -> None:
    renamed(workspace, 2016)
    (draft,) = ek.open(workspace).check().drafts
    edit(workspace / "evaluation.yaml", f"{RESIDENT},", f"{RESIDENT}, crosswalk: {draft},")
    (problem,) = (p for p in problems_of(workspace) if p.code == "crosswalk_not_approved")
    assert (problem.file, problem.key, problem.found) == (
        draft,
        "approved",
        "没有这一行，或写的是 false",
    )


def test_no_draft_for_problems_a_crosswalk_cannot_settle(workspace: Path) -> None:
    tiny.write_csv(workspace / RESIDENT, tiny.RESIDENT_HEADER, tiny.residents(2014))
    checked = ek.open(workspace).check()
    assert {problem.code for problem in checked.problems} == {"wrong_wave"}
    assert checked.drafts == ()
    assert list(workspace.glob("crosswalks/*")) == []


def test_what_changed_against_last_wave_is_told_by_file(workspace: Path) -> None:
    header, rows = [*tiny.RESIDENT_HEADER, "新题目"], [[*r, "x"] for r in tiny.residents(2016)]
    tiny.write_csv(workspace / RESIDENT, header, rows)
    changes = ek.open(workspace).check().changes
    assert list(changes) == [RESIDENT]
    assert len(changes[RESIDENT]) == 1
    (note,) = changes[RESIDENT]
    assert (note.code, note.where) == ("question_added", RESIDENT)
    assert "新题目" in note.facts["after"]


def test_the_previous_file_is_the_last_wave_s_of_the_same_group_and_questionnaire() -> None:
    def file(wave: str, questionnaire: str = "q", group: str | None = "g") -> Any:
        return SimpleNamespace(wave=wave, entry=SimpleNamespace(source=questionnaire, group=group))

    first, second, third = file("2014"), file("2015"), file("2016")
    others = [file("2015", questionnaire="p"), file("2015", group="h"), file("2015", group=None)]
    loaded = Loaded(files=[first, second, *others, third, file("2017")])
    assert loaded.previous(third) is second
    assert loaded.previous(second) is first
    assert loaded.previous(first) is None
    assert [loaded.previous(other) for other in others] == [None] * 3


# --- documents and digests --------------------------------------------------------------------


def test_everything_that_was_read_leaves_its_digest(workspace: Path) -> None:
    (workspace / "evaluation.duckdb.bak").write_bytes(b"not read")
    digests = ek.open(workspace).inputs().decided.digests
    assert set(digests) == {
        "evaluation.yaml", "scheme.yaml", "roster.csv", "questionnaires/resident.yaml",
        "questionnaires/organisation.yaml", *(
            f"responses/{year}/{group}.csv" for year in (2015, 2016) for group in ("resident", "office")
        ),
    }  # fmt: skip


def test_archived_waves_are_recalled_only_where_their_files_are_gone(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kept are 2014 to 2017; 2014 has no files here, 2017 is later than the last wave."""
    from evalkit import archive

    kept = {wave: make_cells(wave, 1) for wave in ("2014", "2015", "2016", "2017")}
    monkeypatch.setattr(archive, "read_cells", lambda path, problems: kept)
    inputs = ek.open(workspace).inputs()
    assert list(inputs.archived) == ["2014"]
    assert list(inputs.sources) == ["2015", "2016"]
    assert waves_up_to(inputs, None) == ("2014", "2015", "2016")
    assert waves_up_to(inputs, "2015") == ("2014", "2015")


# --- waves ------------------------------------------------------------------------------------


def test_a_wave_nobody_knows(workspace: Path) -> None:
    with pytest.raises(InputErrors) as caught:
        waves_up_to(ek.open(workspace).inputs(), "2017")
    (problem,) = caught.value.problems
    assert (problem.code, problem.expected, problem.found) == (
        "unknown_wave", "2015、2016", "2017",
    )  # fmt: skip
    with pytest.raises(InputErrors) as caught:
        waves_up_to(replace(ek.open(workspace).inputs(), sources={}), None)
    assert [p.expected for p in caught.value.problems] == ["至少一个批次"]


def test_cells_of_another_scheme_and_roster_cannot_be_recalled(workspace: Path) -> None:
    """Kept are A1, A2 and overall of residents and peer; needed B1 too, of resident and office."""
    archived = {"2014": make_cells("2014", 1)}
    inputs = replace(ek.open(workspace).inputs(), archived=archived)
    with pytest.raises(InputErrors) as caught:
        recall(inputs, "2014")
    lacking = [p for p in caught.value.problems if p.code == "archive_lacks"]
    assert [(p.key, p.found) for p in lacking] == [
        ("2014", "缺 B1"), ("2014", "缺 resident、office"),
    ]  # fmt: skip
    (unknown,) = (p for p in caught.value.problems if p.code == "archive_unknown_subject")
    assert unknown.found == "jing-an、yufocheng、杏梅园"
    assert len(caught.value.problems) == 3


# --- questionnaires to hand out ---------------------------------------------------------------


def test_two_questionnaires_of_one_file_name_and_ids_nobody_knows(workspace: Path) -> None:
    path = workspace / "questionnaires/organisation.yaml"
    twin = path.read_text(encoding="utf-8").replace("id: organisation", "id: resident-entry", 1)
    (workspace / "questionnaires/twin.yaml").write_text(twin, encoding="utf-8")
    with pytest.raises(InputErrors) as caught:
        ek.open(workspace).export_questionnaires(Target.WORKBOOK)
    (problem,) = caught.value.problems
    assert (problem.code, problem.file, problem.key) == (
        "colliding_files", "resident-entry.xlsx", "resident-entry",
    )  # fmt: skip
    with pytest.raises(InputErrors) as caught:
        ek.open(workspace).export_questionnaires(Target.PDF, questionnaire="x", subject="s9")
    told = {p.code: (p.key, p.found, p.expected) for p in caught.value.problems}
    assert told == {
        "unknown_questionnaire": ("--questionnaire", "x", "organisation、resident、resident-entry"),
        "unknown_subject": ("--subject", "s9", "s1、s2、s3、s4"),
    }


@pytest.mark.parametrize(
    ("target", "names"),
    [
        (Target.WENJUANXING, ["organisation.txt", "resident.txt"]),
        (Target.XLSFORM, ["organisation-xlsform.xlsx", "resident-xlsform.xlsx"]),
        (
            Target.WORKBOOK,
            [
                "organisation.xlsx",
                "organisation-entry.xlsx",
                "resident.xlsx",
                "resident-entry.xlsx",
            ],
        ),
    ],
)
def test_files_are_named_after_questionnaire_and_target(
    workspace: Path, target: Target, names: list[str]
) -> None:
    exported = ek.open(workspace).export_questionnaires(target)
    assert [path.name for path in exported.files] == names
    assert {path.parent for path in exported.files} == {workspace / "out/questionnaires"}
    assert all(path.is_file() for path in exported.files)
    by_hand = {path.name for path in exported.by_hand}
    assert by_hand == ({"resident.txt"} if target is Target.WENJUANXING else set())
    one = ek.open(workspace).export_questionnaires(Target.WORKBOOK, questionnaire="resident")
    assert [path.name for path in one.files] == ["resident.xlsx", "resident-entry.xlsx"]


def test_every_unreadable_questionnaire_is_told_not_only_the_first(tmp_path: Path) -> None:
    root = tiny.write(tmp_path / "ws")
    for name in ("a_broken", "z_broken"):
        (root / f"questionnaires/{name}.yaml").write_text("id: x\nitems: 3\n", encoding="utf-8")
    told = {problem.file for problem in problems_of(root)}
    assert {"questionnaires/a_broken.yaml", "questionnaires/z_broken.yaml"} <= told
