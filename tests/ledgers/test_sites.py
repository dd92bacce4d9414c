"""Sites: what lies within reach of them, in three systems of coordinates, and what tables do wrong."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
import yaml

from evalkit.answers import speaking
from evalkit.answers.covering import covered
from evalkit.answers.reducing import reduce_records
from evalkit.definitions.decided import Decided
from evalkit.definitions.evaluation import ResponseFile
from evalkit.definitions.ledger import Ledger
from evalkit.errors import Problem, Problems
from evalkit.figures.boundaries import CHINA
from evalkit.findings.objective import objective
from evalkit.folder.documents import ReadDocuments, boundaries_of
from evalkit.folder.shelf import Shelf
from evalkit.intake.ledger_points import _within_china, degrees, plane_of
from evalkit.intake.ledgers import LedgerSource, import_records
from evalkit.methods.coordinates import Plane, bd09_of_gcj02, gcj02_of_wgs84
from evalkit.pages.telling.objective import nearness
from evalkit.platforms import read
from evalkit.tables.records import Records, Reduced
from tests.ledgers import door

MIDDLE = np.array([121.395, 31.249])
DEGREE = Plane(*MIDDLE.tolist()).metres((MIDDLE + 1.0)[None])[0]
"""Metres of a degree east and north."""

NEAR: dict[str, Any] = {
    "code": "near",
    "name": "500 米覆盖率",
    "how": "coverage",
    "longitude": "lon",
    "latitude": "lat",
    "system": "wgs84",
    "radius": 500,
    "detour": 1,
}
OF_PLACES: dict[str, Any] = {"where": "kind", "among": ["站点"], "reached": ["楼栋"]}


def sites(**changes: Any) -> Ledger:
    columns = [
        {"code": "site", "headers": ["编号"], "holds": "code"},
        {"code": "unit", "headers": ["单位"], "holds": "unit"},
        {"code": "kind", "headers": ["类别"], "holds": "option", "required": False},
        {"code": "lon", "headers": ["经度"], "holds": "number"},
        {"code": "lat", "headers": ["纬度"], "holds": "number"},
    ]
    one = {"id": "sites", "title": "站点", "key": ["site"], "columns": columns}
    values = {"kind": {"站点": 0, "楼栋": 0}}
    more = {"values": values, "minimum_n": 1, "measures": [NEAR | changes]}
    return Ledger.model_validate(one | more)


def at(east: float, north: float) -> np.ndarray:
    return np.asarray(MIDDLE + np.array([east, north]) / DEGREE)


def square(east: float, half: float) -> list[list[float]]:
    corners = [(-half, -half), (half, -half), (half, half), (-half, half), (-half, -half)]
    return [at(east + x, y).tolist() for x, y in corners]


BOUNDARIES: dict[str, Any] = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"id": f"s{place}"},
            "geometry": {"type": "Polygon", "coordinates": [square(2000.0 * (place - 1), 1000.0)]},
        }
        for place in range(1, 5)
    ],
}
"""Four squares of two kilometres, side by side, the first around the middle."""


def decided(one: Ledger, boundaries: dict[str, Any] | None = BOUNDARIES) -> Decided:
    return replace(door.decided(one), boundaries=boundaries)


def reduced(
    one: Ledger,
    points: Sequence[np.ndarray],
    subjects: Sequence[str] | None = None,
    kinds: Sequence[str] | None = None,
    boundaries: dict[str, Any] | None = BOUNDARIES,
) -> Reduced:
    own = np.array(points)
    table = pd.DataFrame(
        {
            "subject": subjects or ["s1"] * len(own),
            "kind": kinds or ["站点"] * len(own),
            "lon": own[:, 0],
            "lat": own[:, 1],
            "belongs": True,
            "cluster": "",
        }
    )
    return reduce_records(Records("2016", one.id, table), one, decided(one, boundaries))


CIRCLE = 100.0 * math.pi * 0.25 / 4.0
"""Per cent of a square of two kilometres that a circle of 500 metres covers."""


def test_a_circle_covers_what_geometry_says_whatever_the_system() -> None:
    true = at(0.0, 0.0)[None]
    chinese = gcj02_of_wgs84(true)
    for system, point in (("wgs84", true), ("gcj02", chinese), ("bd09", bd09_of_gcj02(chinese))):
        found = reduced(sites(system=system), [point[0]])
        assert found.raw[:, 0] == pytest.approx([CIRCLE, 0.0, 0.0, 0.0], rel=1e-3, abs=1e-9)
        # Nobody knows outlines and places better than to some metres: a point either way.
        assert found.covariance[0, 0, 0] == pytest.approx(1.0 / 3.0)


def test_a_site_reaches_its_neighbour_too_and_two_at_one_place_reach_no_more() -> None:
    found = reduced(sites(), [at(1000.0, 0.0)] * 2)
    assert found.raw[:2, 0] == pytest.approx([CIRCLE / 2.0] * 2, rel=1e-3)
    assert found.n[:, 0].tolist() == [2.0] * 4


def test_a_detour_makes_a_lower_end_and_both_are_told() -> None:
    one = sites(detour=1.25)
    found = reduced(one, [at(0.0, 0.0)])
    table = objective({"sites": found}, decided(one).scheme)
    own, street = (table[table["subject"] == name].iloc[0] for name in ("s1", "all"))
    assert own["high"] == pytest.approx(CIRCLE, rel=1e-3)
    assert own["low"] == pytest.approx(CIRCLE / 1.25**2, rel=1e-3)
    assert own["estimate"] == pytest.approx(CIRCLE * (1 + 1 / 1.25**2) / 2, rel=1e-3)
    # The street's is of all its area: four squares.
    assert street["estimate"] == pytest.approx(own["estimate"] / 4)
    assert street["denominator"] == 1.0


def test_buildings_are_counted_without_boundaries_and_who_has_none_has_no_number() -> None:
    points = [at(0.0, 0.0), at(0.0, 499.0), at(0.0, 501.0), at(400.0, 0.0)]
    one = sites(**OF_PLACES)
    found = reduced(
        one, points, ["s1", "s1", "s1", "s2"], ["站点", "楼栋", "楼栋", "楼栋"], boundaries=None
    )
    assert found.raw[:2, 0].tolist() == [50.0, 100.0]
    assert np.isnan(found.raw[2:, 0]).all()
    assert found.n[:, 0].tolist() == [2.0, 1.0, 0.0, 0.0]
    assert speaking.steady(found).filled[:, 0].tolist() == [False, False, True, True]


def test_the_kind_of_measure_leaves_the_marks_of_others_alone_and_a_radius_changes_its_own() -> (
    None
):
    one, other = (speaking.definition(sites(radius=radius), "near") for radius in (500, 800))
    assert one != other
    kept = speaking.definition(sites(how="rate", scored=False), "near")[6]
    assert not {"radius", "system", "reached"} & set(cast("dict[str, object]", kept))


def codes(**changes: Any) -> list[str]:
    return [fault.code for fault in sites(**changes).faults()]


def test_a_coverage_without_its_system_or_its_columns_is_refused() -> None:
    assert codes() == []
    assert codes(system=None) == ["coordinates_without_system"]
    assert codes(radius=None) == ["ledger_incomplete"]
    assert codes(reached=["楼栋"]) == ["ledger_incomplete"]
    assert codes(longitude="kind") == ["unknown_reference"]
    assert codes(**(OF_PLACES | {"reached": ["楼"]})) == ["undeclared_value"]


def test_an_area_without_boundaries_is_refused_and_buildings_are_not(tmp_path: Path) -> None:
    problems = Problems()
    own = {"a": sites(), "b": sites(**OF_PLACES)}
    given = ReadDocuments.__new__(ReadDocuments)
    object.__setattr__(given, "ledgers", own)
    assert boundaries_of(Shelf(tmp_path, problems), given) is None
    assert [(p.code, p.file) for p in problems] == [
        ("coverage_without_boundaries", "boundaries.geojson")
    ]
    assert "台账 a" in problems.found[0].message


def let_in(
    folder: Path,
    rows: Sequence[Sequence[object]],
    one: Ledger | None = None,
    boundaries: dict[str, Any] | None = BOUNDARIES,
) -> list[Problem]:
    path, problems, one = folder / "sites.csv", Problems(), one or sites()
    header = [column.headers[0] for column in one.columns]
    pd.DataFrame(rows, columns=header).to_csv(path, index=False, encoding="utf-8-sig")
    sheet = read(path, name=path.name, problems=problems)
    assert sheet is not None
    source = LedgerSource(ResponseFile(file=path.name, ledger="sites"), sheet, one)
    import_records(door.wave(), [source], decided(one, boundaries), problems)
    return problems.found


HERE, FAR = at(0.0, 0.0).round(6).tolist(), at(0.0, 1700.0).round(6).tolist()


@pytest.mark.parametrize(
    ("code", "point", "told"),
    [
        ("point_blank", ("", HERE[1]), "第 3 行"),
        ("point_turned", HERE[::-1], "第 3 行"),
        ("point_nowhere", ("456789.5", "3450000"), "第 3 行"),
        ("point_outside", FAR, "700 米"),
    ],
)
def test_a_place_that_cannot_be_is_a_problem(
    code: str, point: Sequence[object], told: str, tmp_path: Path
) -> None:
    found = let_in(tmp_path, [["1", "甲居民区", "站点", *HERE], ["2", "甲居民区", "站点", *point]])
    assert [problem.code for problem in found] == [code]
    assert found[0].row == 3
    assert str(found[0].column).startswith("D")
    assert found[0].remedy
    assert told in str(found[0])


def test_a_site_just_across_the_line_is_none(tmp_path: Path) -> None:
    near = at(0.0, 1400.0).round(6).tolist()
    assert let_in(tmp_path, [["1", "甲居民区", "站点", *near]]) == []


def test_a_measure_without_any_place_does_not_keep_the_next_from_being_looked_at(
    tmp_path: Path,
) -> None:
    """Two places of every record: where it lies, of which none is told, and where it is built."""
    plain = sites()
    built = [plain.column(code).model_dump() for code in ("lon", "lat")]
    for column, name in zip(built, ("建造经度", "建造纬度"), strict=True):
        column |= {"code": f"built_{column['code']}", "headers": [name]}
    other = NEAR | {"code": "built", "longitude": "built_lon", "latitude": "built_lat"}
    points = {"code": "kinds", "name": "类别", "how": "score", "column": "kind", "scored": False}
    points |= {key: other[key] for key in ("longitude", "latitude", "system")}  # says nothing here
    document = plain.model_dump(exclude_unset=True)
    document["columns"] += built
    document["measures"] = [points, *document["measures"], other, NEAR | {"code": "further"}]
    one = Ledger.model_validate(document)
    rows = [
        [str(at), "甲居民区", "站点", "", "", *place] for at, place in enumerate([FAR, HERE, FAR])
    ]
    rows.append(["3", "甲居民区", "站点", "", "", "", ""])
    found = let_in(tmp_path, rows, one)
    assert [(p.code, p.row, str(p.column)[0]) for p in found] == [
        ("point_blank", 2, "D"), ("point_blank", 5, "F"), ("point_outside", 2, "F"),
    ]  # fmt: skip
    found = let_in(tmp_path, rows, one, boundaries=None)
    assert [problem.code for problem in found] == ["point_blank"] * 2


def test_only_places_that_reach_or_are_to_be_reached_must_be_known(tmp_path: Path) -> None:
    document = sites(**OF_PLACES).model_dump(exclude_unset=True)
    document["values"]["kind"]["仓库"] = 0
    one, kinds = Ledger.model_validate(document), ("仓库", "楼栋", "站点", "仓库")
    places = (("point_blank", ("", "")), ("point_nowhere", (1, 2)), ("point_turned", HERE[::-1]))
    for code, place in places:
        rows = [[str(at), "甲居民区", kind, *place] for at, kind in enumerate(kinds)]
        (found,) = let_in(tmp_path, rows, one)
        assert (found.code, found.row) == (code, 3)
        assert "第 3、4 行" in str(found)


def test_a_place_is_known_where_the_table_has_both_of_its_columns() -> None:
    table = pd.DataFrame({"lon": [121.0], "lat": [31.0]})
    (measure,) = sites().measures
    found = degrees(measure, table)
    assert found is not None
    assert found.tolist() == [[121.0, 31.0]]
    assert degrees(measure, table[["lon"]]) is None
    assert degrees(sites(system="gcj02").measures[0], table[["lon"]]) is None


def test_the_plane_is_around_the_middle_of_the_boundaries_or_of_the_places() -> None:
    assert plane_of(None, np.array([[1.0, 2.0], [5.0, 8.0], [2.0, 7.0]])) == Plane(3.0, 5.0)
    found = plane_of(BOUNDARIES, np.array([[1.0, 2.0]]))
    middle = at(3000.0, 0.0)  # of four squares of two kilometres, the first around `MIDDLE`
    assert (found.longitude, found.latitude) == pytest.approx(tuple(middle), abs=1e-9)


def test_china_reaches_to_its_last_degree() -> None:
    west, south, east, north = CHINA
    inside = [(west, south), (east, north), (west, north)]
    outside = [
        (west - 1e-9, south),
        (west, south - 1e-9),
        (east + 1e-9, north),
        (east, north + 1e-9),
    ]
    assert _within_china(np.array(inside + outside)).tolist() == [True] * 3 + [False] * 4


def test_of_places_that_are_unknown_or_of_another_wave_nothing_is_covered() -> None:
    """A site of s1 that is of the wave; two that are not, or half known, in s2; no outline of x."""
    (measure,) = sites().measures
    half = at(2000.0, 0.0) * [1.0, np.nan]
    points = np.array([at(0.0, 0.0), at(2000.0, 0.0), half])
    table = pd.DataFrame(
        {"lon": points[:, 0], "lat": points[:, 1], "belongs": [True, False, True], "subject": "s1"}
    )
    subjects = ["s1", "x", "s2"]
    found = covered(measure, table, subjects, BOUNDARIES)
    assert found is not None
    assert found.share == pytest.approx([CIRCLE, np.nan, 0.0], rel=1e-3, nan_ok=True)
    assert found.n.tolist() == [1.0] * 3
    assert covered(measure, table[1:], subjects, BOUNDARIES) is None
    assert covered(measure, table, subjects, None) is None
    assert covered(measure, table.drop(columns="lat"), subjects, BOUNDARIES) is None


def test_what_lies_as_far_as_the_radius_is_within_reach() -> None:
    points = np.array([at(0.0, 0.0), at(300.0, 400.0)])
    plane = plane_of(None, points)
    far = float(np.linalg.norm(np.diff(plane.metres(points), axis=0)))
    table = pd.DataFrame(
        {"lon": points[:, 0], "lat": points[:, 1], "belongs": True, "subject": "s1",
         "kind": ["站点", "楼栋"]}
    )  # fmt: skip
    for radius, share in ((far, 100.0), (np.nextafter(far, 0.0), 0.0)):
        (measure,) = sites(**OF_PLACES, radius=radius).measures
        found = covered(measure, table, ["s1"], None)
        assert found is not None
        assert found.share.tolist() == [share]


def test_a_page_says_what_the_two_ends_are_and_that_the_sites_are_everybodys() -> None:
    both = nearness(sites(detour=1.25), sites(detour=1.25).measure("near"))
    assert "直线 500 米" in both
    assert "1.25 倍" in both
    assert "上界" in both
    assert "下界" in both
    assert "全部记录的个数" in both
    straight = nearness(sites(**OF_PLACES), sites(**OF_PLACES).measure("near"))
    assert straight.startswith("“500 米覆盖率”是楼栋的占比，按直线 500 米以内算")
    assert "全部" not in straight


def test_the_page_on_sites_shows_what_the_program_reads() -> None:
    page = (Path(__file__).parents[2] / "docs/howto/sites.md").read_text(encoding="utf-8")
    whole, *measures = re.findall(r"```yaml\n(.*?)```", page, flags=re.S)
    one = yaml.safe_load(whole)
    assert list(Ledger.model_validate(one).faults()) == []
    (inline,) = re.findall(r"`(values: .*?)`", page)
    for block in measures:
        other = one | {"measures": yaml.safe_load(block)} | yaml.safe_load(inline)
        assert list(Ledger.model_validate(other).faults()) == []
