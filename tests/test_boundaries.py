"""A workspace's boundary file: drawn where it is sound, every fault told where it is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import evalkit as ek
from evalkit.cli import app
from evalkit.definitions import boundaries as document
from evalkit.definitions.roster import Roster, Subject
from evalkit.errors import Problem, Problems
from evalkit.pages.telling import maps
from evalkit.simulation.ground import invented_boundaries
from tests import tiny

NAME = "boundaries.geojson"
SUBJECTS = [Subject(id=f"s{k}", name=name) for k, name in enumerate(tiny.SUBJECTS, start=1)]
WAVES = ("2015", "2016")


def sound() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(invented_boundaries(SUBJECTS)))
    return found


def ring(content: dict[str, Any], place: int) -> list[list[float]]:
    found: list[list[float]] = content["features"][place]["geometry"]["coordinates"][0]
    return found


def read(
    path: Path, content: bytes | dict[str, Any], roster: Roster | None = None
) -> list[Problem]:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    path.write_bytes(raw)
    problems = Problems()
    found = document.read_boundaries(
        path, NAME, roster or Roster(subjects=SUBJECTS), WAVES, problems
    )
    assert (found is None) == bool(problems)
    return list(problems)


def drop(content: dict[str, Any]) -> None:
    del content["features"][1]


def rename(content: dict[str, Any]) -> None:
    content["features"][1]["properties"]["id"] = "s9"


def repeat(content: dict[str, Any]) -> None:
    content["features"].append(content["features"][0])


def nameless(content: dict[str, Any]) -> None:
    content["features"][0]["properties"] = {}


def cross(content: dict[str, Any]) -> None:
    corners = ring(content, 0)
    corners[1], corners[2] = corners[2], corners[1]


def turn(content: dict[str, Any]) -> None:
    for place in range(4):
        for corner in ring(content, place):
            corner.reverse()


def metres(content: dict[str, Any]) -> None:
    for corner in ring(content, 2):
        corner[:] = [corner[0] * 111_000, corner[1] * 111_000]


def unclose(content: dict[str, Any]) -> None:
    ring(content, 0).pop()


def line(content: dict[str, Any]) -> None:
    content["features"][0]["geometry"]["type"] = "LineString"


def words(content: dict[str, Any]) -> None:
    ring(content, 3)[1] = ["东", "北"]  # type: ignore[list-item]


def cover(content: dict[str, Any]) -> None:
    content["features"][0]["geometry"] = content["features"][1]["geometry"]


def topology(content: dict[str, Any]) -> None:
    content["type"] = "Topology"


SPOILT: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "missing_id": (drop, "s2（乙居民区）"),
    "unknown_id": (rename, "s9"),
    "duplicate_id": (repeat, "s1（甲居民区）"),
    "no_id": (nameless, "第1个要素"),
    "self_intersection": (cross, "s1（甲居民区）"),
    "coordinate_order": (turn, "s1（甲居民区）、s2（乙居民区）"),
    "out_of_bounds": (metres, "s3（丙居民区）"),
    "unclosed": (unclose, "s1（甲居民区）"),
    "geometry_type": (line, "LineString"),
    "coordinates": (words, "s4（丁居民区）"),
    "overlap": (cover, "s2"),
    "not_collection": (topology, "FeatureCollection"),
}


@pytest.mark.parametrize("code", SPOILT)
def test_each_fault_is_told_with_place_expectation_and_remedy(code: str, tmp_path: Path) -> None:
    content = sound()
    spoil, told = SPOILT[code]
    spoil(content)
    problems = {p.code: p for p in read(tmp_path / NAME, content)}
    problem = problems[f"boundary_{code}"]
    assert problem.file == NAME
    assert told in str(problem.found)
    assert problem.expected
    assert problem.remedy
    allowed = {f"boundary_{code}"}
    if code in ("unknown_id", "no_id"):
        allowed.add("boundary_missing_id")
    assert set(problems) == allowed


def test_every_fault_that_is_known_has_words() -> None:
    documented = ek.figures.check_boundaries.__doc__ or ""
    for code in document._MEANING:
        assert f"`{code}`" in documented


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "malformed_json"),
        (b"{", "malformed_json"),
        (b"null", "malformed_json"),
        (b"[" * 100_000, "malformed_json"),
        (b'{"type": NaN}', "malformed_json"),
        (b"1" * 5000, "malformed_json"),
        ("{“type”: 1}".encode(), "malformed_json"),
        ('{"名称": "玉佛城"}'.encode("gb18030"), "wrong_encoding"),
        (b"\xff\xfe{", "wrong_encoding"),
        (b"[]", "boundary_not_collection"),
        (b"3", "boundary_not_collection"),
        (b'{"type": "FeatureCollection", "features": {}}', "boundary_not_collection"),
        (b'{"type": "FeatureCollection", "features": [1]}', "boundary_not_feature"),
    ],
)
def test_a_file_that_is_no_geojson_is_one_problem_and_no_traceback(
    raw: bytes, code: str, tmp_path: Path
) -> None:
    problems = read(tmp_path / NAME, raw)
    assert problems[0].code == code
    assert problems[0].file == NAME


def test_a_thousand_faults_of_a_kind_are_counted_and_not_all_told(tmp_path: Path) -> None:
    problems = read(tmp_path / NAME, {"type": "FeatureCollection", "features": [1] * 1000})
    told = [p for p in problems if p.code == "boundary_not_feature"]
    assert len(told) == document.LISTED
    assert "共 1000 处" in told[-1].message


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    raw = b"\xef\xbb\xbf" + json.dumps(sound()).encode()
    assert read(tmp_path / NAME, raw) == []


def test_a_file_too_large_is_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "MAXIMUM_BYTES", 1024 * 1024)
    monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail("opened"))
    with (tmp_path / NAME).open("wb") as file:
        file.truncate(1024 * 1024 + 1)
    problems = Problems()
    roster = Roster(subjects=SUBJECTS)
    assert document.read_boundaries(tmp_path / NAME, NAME, roster, WAVES, problems) is None
    assert [p.code for p in problems] == ["document_too_large"]


def test_a_committee_that_has_gone_needs_no_boundary_and_may_lie_under_its_heirs(
    tmp_path: Path,
) -> None:
    gone = Subject(id="old", name="旧居民区", until="2015")
    since = [s.model_copy(update={"since": "2016"}) for s in SUBJECTS]
    roster = Roster(subjects=[*since, gone])
    content = sound()
    assert read(tmp_path / NAME, content, roster) == []
    feature = json.loads(json.dumps(content["features"][0]))
    feature["properties"]["id"] = "old"
    content["features"].append(feature)
    assert read(tmp_path / NAME, content, roster) == []
    assert [p.code for p in read(tmp_path / NAME, content, Roster(subjects=[*SUBJECTS, gone]))] == [
        "boundary_overlap"
    ]


def test_all_faults_at_once_with_those_of_other_files_and_nothing_is_written(
    workspace: Path,
) -> None:
    content = sound()
    drop(content)
    cross(content)
    turn_one = ring(content, 2)
    for corner in turn_one:
        corner.reverse()
    (workspace / NAME).write_text(json.dumps(content), encoding="utf-8")
    rows = tiny.residents(2016)
    rows[0][5] = "甲一居民区"
    tiny.write_csv(workspace / "responses/2016/resident.csv", tiny.RESIDENT_HEADER, rows)
    expected = {
        "boundary_missing_id",
        "boundary_self_intersection",
        "boundary_coordinate_order",
        "unmatched_subject",
    }
    assert {p.code for p in ek.open(workspace).check().problems} == expected
    for command in (["check", str(workspace)], ["run", str(workspace), "--no-pdf"]):
        outcome = CliRunner().invoke(app, command)
        assert outcome.exit_code == 1
        assert all(code in outcome.output for code in expected)
    assert not (workspace / "out").exists()
    assert not (workspace / "evaluation.duckdb").exists()


def test_sound_boundaries_are_drawn_and_part_of_the_inputs(
    workspace: Path, tiny_evaluation: ek.Evaluation
) -> None:
    without = tiny_evaluation
    (workspace / NAME).write_text(json.dumps(sound()), encoding="utf-8")
    with_them = ek.open(workspace).evaluate()
    assert NAME in with_them.decided.digests
    assert with_them.fingerprint != without.fingerprint
    assert with_them.scores.equals(without.scores)
    assert maps.chart(without, "composite").figure == "tile_grid"
    assert maps.chart(with_them, "composite").figure == "choropleth"
    outcome = CliRunner().invoke(app, ["run", str(workspace), "--no-pdf"])
    assert outcome.exit_code == 0, outcome.output
    written = workspace / "out/2016/maps"
    assert {p.name for p in written.iterdir()} == {"composite.svg", "A.svg", "B.svg"}
    assert "边界为示意" in (written / "A.svg").read_text(encoding="utf-8")
