"""Whatever is wrong with tracks is told at once, with file, row, column and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

import evalkit as ek
from evalkit.codes import NoteCode, Reason
from evalkit.errors import InputErrors, Problem, Problems
from evalkit.folder import Folder
from tests import tiny
from tests.tracks import street

HEADER = (*street.META, "评价人", "评价的人", *street.TEXTS)
SECOND = """\
  - id: members
    title: 成员评价
    kind: members
    waves:
      - id: '2016'
        files: [{file: responses/points.csv, ledger: member_points}]
"""


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def problems_of(folder: Path) -> dict[str, Problem]:
    """Load and import the track, as a check does, without scoring anything."""
    found = Problems()
    track = Folder(folder / "tracks/workers", "workers")
    track.import_too(track.load(found), found)
    return {problem.code: problem for problem in found}


def test_all_tracks_and_the_street_are_told_at_once(folder: Path) -> None:
    spoil(folder / "evaluation.yaml", "title: 小评估", "title: 某某评估")
    spoil(folder / "evaluation.yaml", "tracks:\n", f"tracks:\n{SECOND}")
    spoil(folder / "tracks/workers/roster.csv", "甲居民区", "申居民区")
    spoil(
        folder / "tracks/workers/scheme.yaml",
        "minimum_n: 3, rates_itself",
        "minimum_n: 2, rates_itself",
    )
    checked = ek.open(folder).check()
    told = {(p.file, p.code): p for p in checked.problems}
    assert len(told) == len(checked.problems)
    assert ("evaluation.yaml", "placeholder") in told
    # a track without a roster, or without anything
    assert ("tracks/members/roster.csv", "missing_file") in told
    assert ("tracks/members/scheme.yaml", "missing_file") in told
    unit = told["tracks/workers/roster.csv", "unknown_unit"]
    assert (unit.row, unit.column, unit.found) == (2, "C（居民区）", "申居民区")
    assert unit.remedy is not None
    low = told["tracks/workers/scheme.yaml", "track_minimum_too_low"]
    assert (low.row, low.found, low.expected) == (7, "2", "不少于 3")
    for run in (ek.open(folder).evaluate, ek.open(folder).inputs):
        with pytest.raises(InputErrors) as raised:
            run()
        assert {(p.file, p.code) for p in raised.value.problems} == set(told)


def test_several_committees_in_a_cell_are_two_units_of_one_person(folder: Path) -> None:
    spoil(folder / "tracks/workers/roster.csv", "甲居民区", "甲居民区、乙居民区")
    several = problems_of(folder)["worker_in_two_units"]
    assert (several.row, several.column) == (2, "C（居民区）")
    assert several.found == "甲居民区、乙居民区"


def test_documents_that_contradict_one_another(folder: Path) -> None:
    own = folder / "tracks/workers"
    spoil(folder / "evaluation.yaml", "colleagues: [colleague]", "colleagues: [colleague, nobody]")
    spoil(own / "scheme.yaml", "raters: rater, minimum_n: 3, rates_itself: false", "minimum_n: 10")
    spoil(own / "scheme.yaml", "residents: true, minimum_n: 10", "residents: true, minimum_n: 9")
    spoil(own / "roster.csv", "gh12,", "GH11,")
    spoil(own / "roster.csv", "gh22,", "gh15,")
    spoil(own / "roster.csv", street.WORKERS[9][2], street.WORKERS[8][2])
    found = problems_of(folder)
    assert found["unknown_group"].key == "tracks[0](workers).colleagues[1]"
    assert found["unknown_group"].file == "../../evaluation.yaml"
    assert found["colleagues_without_names"].row == 7
    assert found["colleagues_rate_themselves"].row == 7
    assert found["track_minimum_too_low"].found == "9"
    assert found["duplicate_id"].found == "gh11（2 次）；第 2-3 行"
    two = found["worker_in_two_units"]
    assert (two.row, two.column) == (8, "C（居民区）")
    assert two.found == "gh15：甲居民区、乙居民区；第 6、8 行"
    alike = found["colliding_names"]
    assert (alike.row, alike.column) == (11, "B（姓名）")
    assert street.WORKERS[8][2] not in str(alike)


def test_waves_and_quotas_of_an_order(folder: Path) -> None:
    order = folder / "evaluation.yaml"
    spoil(order, "      - id: '2016'\n        files:", "      - id: '2014'\n        files:")
    spoil(order, "{grade: 先进, share: 20, within: unit}", "{grade: 优, share: 15}")
    spoil(order, "colleagues: [colleague]", "colleagues: [resident, colleague, office]")
    text = order.read_text(encoding="utf-8")
    again = text[text.index("  - id: workers") :]
    order.write_text(text + again, encoding="utf-8")
    # what a track shares with its street is told once, where it stands
    spoil(order, "draws: 800", "draws: 400")
    codes = [(p.code, p.key) for p in ek.open(folder).check().problems if p.file == order.name]
    assert codes.count(("too_few_draws", "settings.draws")) == 1
    assert ("unknown_wave", "tracks[0](workers).waves[0](2014).id") in codes
    assert ("duplicate_id", "tracks[0](workers).quotas[1].grade") in codes
    assert ("duplicate_id", "tracks[1](workers).id") in codes
    assert ("track_compares_nobody", "tracks[0](workers).colleagues") in codes


def test_answers_of_and_about_the_wrong_people(folder: Path) -> None:
    rows = street.colleagues()
    (worker, _, name), (other, _, _) = street.WORKERS[0], street.WORKERS[6]
    own = [*rows[0][:4], worker, name, *rows[0][6:]]
    own[0] = "901"
    elsewhere = [*rows[0][:4], other, *rows[0][5:]]
    elsewhere[0] = "902"
    strange = [*rows[1][:5], "王小明", *rows[1][6:]]
    strange[0] = "903"
    tiny.write_csv(
        folder / "tracks/workers/responses/colleague.csv", HEADER, [*rows, own, elsewhere, strange]
    )
    found = problems_of(folder)
    assert set(found) == {"colleague_of_another_unit", "personal_subject"}
    wrong = found["colleague_of_another_unit"]
    assert (wrong.file, wrong.row, wrong.column) == ("responses/colleague.csv", 83, "E 评价人")
    assert wrong.found == f"第 83 行 {other} 评 {number_of(rows[0][5])}"
    unknown = found["personal_subject"]
    assert (unknown.file, unknown.row, unknown.column) == (
        "responses/colleague.csv", 84, "F 评价的人",
    )  # fmt: skip
    assert "王小明" not in str(unknown)


def number_of(name: str) -> str:
    return next(worker for worker, _, own in street.WORKERS if own == name)


def test_own_ratings_are_dropped_and_odd_ones_noted(folder: Path) -> None:
    rows = street.colleagues()
    worker, _, name = street.WORKERS[0]
    rows = [[*row[:-3], *["较好"] * 3] if row[4] == "gh13" else row for row in rows]
    own = [*rows[0][:4], worker, name, *rows[0][6:]]
    own[0], own[1] = "901", "2016/6/29 11:00:00"
    someone = [*rows[1][:4], "匿名", *rows[1][5:]]
    someone[0], someone[1] = "902", "2016/6/29 12:00:00"
    tiny.write_csv(folder / "tracks/workers/responses/colleague.csv", HEADER, [*rows, own, someone])
    problems = Problems()
    track = Folder(folder / "tracks/workers", "workers")
    reports = {r.file: r for r in track.import_too(track.load(problems), problems)}
    assert not problems
    report = reports["responses/colleague.csv"]
    assert [(r.row, r.reason) for r in report.rejections] == [(82, Reason.SELF_RATING)]
    notes = {note.code: note for note in report.notes}
    unknown = notes[NoteCode.COLLEAGUES_NOT_KNOWN]
    assert (unknown.where, unknown.count) == ("responses/colleague.csv", 1)
    assert dict(unknown.facts) == {"group": "同事", "column": "E 评价人", "rows": ("83",)}
    alike = notes[NoteCode.COLLEAGUES_ALL_ALIKE]
    assert (unknown.code, alike.code) == ("colleagues_not_known", "colleagues_all_alike")
    assert alike.count == 1
    assert alike.facts["raters"] == 21
    assert len(alike.facts["rows"]) == 4


def test_a_folder_that_is_no_track(folder: Path) -> None:
    nothing = folder / "tracks/nothing"
    nothing.mkdir()
    (problem,) = ek.open(nothing).check().problems
    assert (problem.code, problem.found, problem.expected) == ("not_a_track", "nothing", "workers")
    # a file that lies there is noted as any other that nobody reads
    (nothing / "roster.csv").write_text("工号\n", encoding="utf-8")
    loaded = Folder(folder).load(Problems())
    unused = [n.where for n in loaded.notes if n.code is NoteCode.FILE_NOT_USED]
    assert unused == ["tracks/nothing/roster.csv"]


def test_a_tracks_rows_are_told_with_what_is_wrong_in_its_documents(folder: Path) -> None:
    own = folder / "tracks/workers"
    spoil(own / "scheme.yaml", "residents: true, minimum_n: 10", "residents: true, minimum_n: 9")
    spoil(own / "responses/colleague.csv", street.WORKERS[1][2], "王小明")
    expected = {
        ("tracks/workers/scheme.yaml", "track_minimum_too_low"),
        ("tracks/workers/responses/colleague.csv", "personal_subject"),
    }
    assert {(p.file, p.code) for p in ek.open(folder).check().problems} == expected
    with pytest.raises(InputErrors) as raised:
        ek.open(folder).evaluate()
    assert {(p.file, p.code) for p in raised.value.problems} == expected
