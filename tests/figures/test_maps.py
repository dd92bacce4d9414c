from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evalkit import figures
from evalkit.figures import geometry, lettering, style
from evalkit.figures.lettering import LARGE

from . import gallery, reading

C_SHAPE = [[0, 0], [4, 0], [4, 1], [1, 1], [1, 3], [4, 3], [4, 4], [0, 4], [0, 0]]


def collection(
    rings: list[list[list[float]]], kind: str = "Polygon", own: str = "甲"
) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"id": own},
                "geometry": {"type": kind, "coordinates": rings},
            }
        ],
    }


def square(x: float = 121.4, y: float = 31.2, side: float = 0.01) -> list[list[float]]:
    return [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]


def inside(point: tuple[float, float], shape: geometry.Shape) -> bool:
    return any(
        left - 1e-9 <= point[0] <= right + 1e-9
        for polygon in shape
        for left, right in geometry.crossings(polygon, point[1])
    )


def part_rows(
    figure: figures.Figure[...], part: str, *arguments: Any, **options: Any
) -> list[dict]:
    drawn = figure.spec(*arguments, **options)["datasets"]["rows"]
    return [r for r in drawn if r["part"] == part]


def test_sound_boundaries_have_no_problem() -> None:
    boundaries = gallery.boundaries(35)
    assert figures.check_boundaries(boundaries, gallery.street(35)["id"]) == []


@pytest.mark.parametrize(
    ("ring", "code"),
    [
        ([[p[1], p[0]] for p in square()], "coordinate_order"),
        (square(x=13521000.0, y=3663000.0, side=900.0), "out_of_bounds"),
        ([[p[1], p[0]] for p in square(x=-94.6, y=39.1)], "coordinate_order"),
        ([*square()[:-1], [121.5, 31.3]], "unclosed"),
        (square()[:2] + square()[:1], "too_few_points"),
        ([[121.4, 31.2], [121.5, 31.2], [121.45, 31.2], [121.4, 31.2]], "zero_area"),
        (
            [[121.4, 31.2], [121.5, 31.3], [121.5, 31.2], [121.4, 31.32], [121.4, 31.2]],
            "self_intersection",
        ),
        ([*square()[:2], [121.42, 31.2], *square()[1:]], "self_intersection"),
        ([*square()[:1] * 50_001, *square()], "too_many_points"),
        ([["a", "b"], [1, 2], [3, 4], ["a", "b"]], "coordinates"),
        ([[float("nan"), 31.2], *square()[1:4], [float("nan"), 31.2]], "coordinates"),
        ([[121.4], [121.5], [121.5], [121.4]], "coordinates"),
    ],
)
def test_each_geometry_problem_is_found_alone(ring: list[Any], code: str) -> None:
    problems = figures.check_boundaries(collection([ring]), ["甲"])
    assert [(p.code, p.id) for p in problems] == [(code, "甲")]


def test_hole_that_crosses_its_outline_is_a_self_intersection() -> None:
    outer, crossing = square(), square(121.405, 31.205)
    within = square(121.402, 31.202, 0.002)
    assert [p.code for p in figures.check_boundaries(collection([outer, crossing]), ["甲"])] == [
        "self_intersection"
    ]
    assert figures.check_boundaries(collection([outer, within]), ["甲"]) == []


def test_missing_unknown_duplicate_and_nameless_boundaries() -> None:
    boundaries = gallery.boundaries(4)
    features = boundaries["features"]
    features[1]["properties"]["id"] = "C001"
    features[2]["properties"] = None
    problems = figures.check_boundaries(boundaries, ["C001", "C002"])
    assert {(p.code, p.id) for p in problems} == {
        ("no_id", ""),
        ("unknown_id", "C004"),
        ("duplicate_id", "C001"),
        ("missing_id", "C002"),
    }


def test_lines_and_other_files_are_named_for_what_they_are() -> None:
    assert (
        figures.check_boundaries(collection([square()], "LineString"), ["甲"])[0].code
        == "geometry_type"
    )
    assert figures.check_boundaries({"type": "Topology"}, ["甲"])[0].code == "not_collection"


def test_numeric_ids_match_their_text() -> None:
    assert figures.check_boundaries(collection([square()], own=310107), ["310107"]) == []


@pytest.mark.parametrize("turned", [False, True])
def test_self_crossing_finds_the_point_of_a_bow_tie_far_from_the_origin(turned: bool) -> None:
    ring = np.array(
        [[121.4, 31.2], [121.402, 31.202], [121.402, 31.2], [121.4, 31.202], [121.4, 31.2]]
    )
    found = geometry.fault([ring[::-1] if turned else ring])
    assert found is not None
    assert found[0] == "Self-intersection"
    assert found[1] == pytest.approx((121.401, 31.201), abs=1e-9)


def test_many_sided_simple_ring_is_sound() -> None:
    angle = np.linspace(0, 2 * np.pi, 2001)
    radius = 1 + 0.3 * np.sin(9 * angle)
    ring = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    ring[-1] = ring[0]
    assert geometry.fault([ring]) is None


def test_label_point_of_a_hollow_shape_is_inside() -> None:
    shape = [[np.array(C_SHAPE, dtype=float)]]
    assert not inside(geometry.centroid(shape[0][0]), shape)
    assert inside(geometry.label_point(shape), shape)


def test_label_point_of_a_convex_shape_is_its_centroid() -> None:
    ring = np.array([[0, 0], [6, 0], [6, 2], [0, 2], [0, 0]], dtype=float)
    assert geometry.label_point([[ring]]) == pytest.approx((3, 1))
    assert geometry.area(ring) == -geometry.area(ring[::-1]) == pytest.approx(12)


def test_hatching_fills_the_shape_and_leaves_its_hole() -> None:
    outer = np.array([[0, 0], [40, 0], [40, 40], [0, 40], [0, 0]], dtype=float)
    hole = outer * 0.5 + 10
    lines = np.array(geometry.hatch([[outer, hole]], 1.0))
    lengths = np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1])
    assert lengths.sum() == pytest.approx(40 * 40 - 20 * 20, rel=0.01)
    middles = (lines[:, :2] + lines[:, 2:]) / 2
    assert all(inside((x, y), [[outer, hole]]) for x, y in middles)


def test_map_keeps_the_proportions_of_the_ground() -> None:
    boundaries = collection([square(side=0.02)])
    frame = gallery.street(1).assign(id="甲")
    (area,) = part_rows(figures.choropleth, "area", boundaries, frame)
    ring = np.array(area["geometry"]["coordinates"][0][0])
    wide, high = np.ptp(ring, axis=0)
    assert wide / high == pytest.approx(np.cos(np.radians(31.21)), abs=0.002)
    north = ring[[2, 3], 1].mean()
    assert north < ring[[0, 1], 1].mean()


def test_winding_does_not_matter() -> None:
    boundaries = gallery.boundaries()
    turned = copy.deepcopy(boundaries)
    for feature in turned["features"]:
        feature["geometry"]["coordinates"][0].reverse()
    for a, b in zip(
        part_rows(figures.choropleth, "value", boundaries, gallery.street(35)),
        part_rows(figures.choropleth, "value", turned, gallery.street(35)),
        strict=True,
    ):
        assert (a["text"], a["x"], a["y"]) == (
            b["text"],
            pytest.approx(b["x"]),
            pytest.approx(b["y"]),
        )


@pytest.mark.parametrize("count", [5, 35, 120])
def test_five_classes_hold_a_fifth_each_and_darken_with_the_value(count: int) -> None:
    frame = gallery.street(count)
    frame = frame.assign(value=60.0 + 0.2 * frame["value"].rank())
    areas = part_rows(figures.tile_grid, "area", frame)
    fills = [style.SEQUENTIAL.index(a["fill"]) for a in areas]
    order = np.argsort(frame["value"])
    assert list(np.array(fills)[order]) == sorted(fills)
    assert set(np.bincount(fills)) <= {count // 5, -(-count // 5)}


@pytest.mark.parametrize(("step", "colours"), [(0.04, 1), (0.4, 3)])
def test_values_that_print_alike_share_one_colour(step: float, colours: int) -> None:
    values = np.array([70.0, 80.0 - step, 80.0, 80.0 + step, 90.0])
    areas = part_rows(figures.tile_grid, "area", gallery.street(5).assign(value=values))
    assert len({area["fill"] for area in areas[1:4]}) == colours


def test_equal_values_share_one_colour() -> None:
    areas = part_rows(figures.tile_grid, "area", gallery.street(6).assign(value=80.0))
    assert len({a["fill"] for a in areas}) == 1


def test_hatching_marks_intervals_that_span_the_classes() -> None:
    frame = gallery.street(35)
    assert part_rows(figures.tile_grid, "hatch", frame.assign(se=0.001)) == []
    assert part_rows(figures.tile_grid, "hatch", frame.assign(se=np.nan)) == []
    assert len(part_rows(figures.tile_grid, "hatch", frame.assign(se=50.0))) == 35
    breaks = np.quantile(frame["value"], [0.2, 0.4, 0.6, 0.8])
    reach = 1.959963984540054 * frame["se"]
    spanned = [
        ((breaks >= v - r) & (breaks < v + r)).sum() + 1
        for v, r in zip(frame["value"], reach, strict=True)
    ]
    assert len(part_rows(figures.tile_grid, "hatch", frame)) == sum(s >= 4 for s in spanned) > 0


def test_no_value_is_blank_and_says_so() -> None:
    frame = gallery.street(6)
    frame.loc[2, "value"] = np.nan
    assert part_rows(figures.tile_grid, "area", frame)[2]["fill"] == style.WHITE
    shown = [t.text for t in reading.texts(figures.tile_grid.svg(frame))]
    assert {"—", "无数据"} <= set(shown)


@pytest.mark.parametrize("count", [3, 35, 120])
def test_tiles_do_not_overlap_and_hold_whole_names(count: int) -> None:
    frame = gallery.street(count)
    tiles = [
        np.array(a["geometry"]["coordinates"][0][0])
        for a in part_rows(figures.tile_grid, "area", frame)
    ]
    lefts, tops = [t[:, 0].min() for t in tiles], [t[:, 1].min() for t in tiles]
    assert len(set(zip(lefts, tops, strict=True))) == count
    sizes = {"name": LARGE.name, "minor": LARGE.minor}
    rows = figures.tile_grid.spec(frame)["datasets"]["rows"]
    texts = [r for r in rows if r["part"] in sizes]
    words = "".join(r["text"] for r in texts)
    assert words == "".join(frame["name"])
    for r in texts:
        half = style.text_width(r["text"], sizes[r["part"]]) / 2
        assert any(
            t[:, 0].min() <= r["x"] - half
            and r["x"] + half <= t[:, 0].max()
            and t[:, 1].min() <= r["y"] <= t[:, 1].max()
            for t in tiles
        )


def test_zones_are_headed_in_their_order() -> None:
    frame = gallery.street(9).assign(zone=["乙"] * 4 + ["甲"] * 5)
    zones = part_rows(figures.tile_grid, "zone", frame)
    assert [z["text"] for z in zones] == ["乙", "甲"]
    assert zones[0]["y"] < zones[1]["y"]


def shown(figure: figures.Figure[...], *arguments: Any, **options: Any) -> list[str]:
    return [t.text for t in reading.texts(figure.svg(*arguments, **options))]


def test_map_travels_alone_title_wave_and_meaning_of_hatching_are_in_it() -> None:
    words = shown(figures.choropleth, gallery.ground(5), gallery.marked(5), **gallery.MAP_WORDS)
    assert gallery.MAP_WORDS["title"] in words
    assert "2016年度" in "".join(words)
    assert "模拟数据" in "".join(words)
    assert {gallery.MAP_WORDS["hatch_label"], gallery.MAP_WORDS["blank_label"]} <= set(words)


def test_area_without_a_score_shows_a_word_and_never_a_number() -> None:
    frame = gallery.marked(5)
    words = shown(figures.choropleth, gallery.ground(5), frame)
    assert words.count("不完整") == 1
    hatched = part_rows(figures.choropleth, "hatch", gallery.ground(5), frame)
    assert len(hatched) == int(frame["hatched"].sum()) + 1


def test_given_hatching_replaces_the_rule_of_intervals() -> None:
    frame = gallery.street(6).assign(se=50.0, hatched=[True, False] * 3)
    assert len(part_rows(figures.tile_grid, "hatch", frame)) == 3


@pytest.mark.parametrize("values", [[1, 1, 1, 2, 2, 2], [1, 1, 1, 1, 1, 9], [3, 1, 2, 2, 2, 2]])
def test_few_values_and_ties_share_classes_and_the_key_tells_their_ends(values: list[int]) -> None:
    frame = gallery.street(6).assign(value=[float(v) for v in values])
    fills: dict[int, set[str]] = {}
    for value, row in zip(values, part_rows(figures.tile_grid, "area", frame), strict=True):
        fills.setdefault(value, set()).add(row["fill"])
    assert all(len(own) == 1 for own in fills.values())
    ends = [row["text"] for row in part_rows(figures.tile_grid, "tick", frame)]
    numbers = [float(n) for text in ends for n in text.split("～")]
    assert numbers == sorted(numbers)
    assert (numbers[0], numbers[-1]) == (min(values), max(values))


@pytest.mark.parametrize(
    ("drawn", "frame", "options"),
    [
        (partial(gallery.ground, 35), gallery.marked(35), {"small": True, "width": 332}),
        (partial(gallery.ground, 120), gallery.marked(120), {}),
        (gallery.awkward, gallery.marked(7), {}),
    ],
    ids=["35-small", "120", "awkward"],
)
def test_every_name_and_value_is_told_once_on_the_map_or_below_it(
    drawn: Callable[[], dict[str, Any]], frame: Any, options: dict[str, Any]
) -> None:
    rows = figures.choropleth.spec(drawn(), frame, **options)["datasets"]["rows"]
    words = "".join(r["text"] for r in rows if r["part"] in ("name", "minor", "value", "note"))
    for row in frame.itertuples():
        value = "不完整" if np.isnan(row.value) else row.mark + style.number(row.value)
        assert row.name in words
        assert value in words


def test_words_on_a_map_lie_within_their_area_and_apart() -> None:
    boundaries, frame = gallery.ground(35), gallery.marked(35)
    rows = figures.choropleth.spec(boundaries, frame)["datasets"]["rows"]
    sizes = {"name": LARGE.name, "minor": LARGE.minor, "value": LARGE.value}
    shapes = [geometry.shape_of(r["geometry"]) for r in rows if r["part"] == "area"]
    owners = []
    for r in (r for r in rows if r["part"] in sizes):
        half = style.text_width(r["text"], sizes[r["part"]]) / 2
        owners.append(
            [
                k
                for k, shape in enumerate(shapes)
                if inside((r["x"] - half, r["y"]), shape) and inside((r["x"] + half, r["y"]), shape)
            ]
        )
    assert all(len(own) == 1 for own in owners)
    assert {own[0] for own in owners} == set(range(35))


def test_a_hole_stays_open_whichever_way_it_runs() -> None:
    outer, hole = square(), square(121.402, 31.202, 0.002)
    frame = gallery.street(1).assign(id="甲")
    for ring in (hole, hole[::-1]):
        (area,) = part_rows(figures.choropleth, "area", collection([outer, ring]), frame)
        rings = [np.array(r) for r in area["geometry"]["coordinates"][0]]
        assert geometry.area(rings[0]) * geometry.area(rings[1]) < 0


def test_overlapping_areas_are_told_unless_they_never_stood_side_by_side() -> None:
    boundaries = collection([square()])
    other = copy.deepcopy(boundaries["features"][0])
    other["properties"]["id"] = "乙"
    for corner in other["geometry"]["coordinates"][0]:
        corner[0] += 0.005
    boundaries["features"].append(other)
    (problem,) = figures.check_boundaries(boundaries, ["甲", "乙"])
    assert (problem.code, problem.id) == ("overlap", "甲")
    assert "50%" in problem.detail
    apart = {"甲": ["2015"], "乙": ["2016"]}
    assert figures.check_boundaries(boundaries, ["甲", "乙"], present=apart) == []
    together = {"甲": ["2015", "2016"], "乙": ["2016"]}
    assert len(figures.check_boundaries(boundaries, ["甲", "乙"], present=together)) == 1


def test_neighbours_that_share_a_border_do_not_overlap() -> None:
    boundaries = gallery.ground(35)
    assert figures.check_boundaries(boundaries, gallery.street(35)["id"]) == []


def test_areas_may_lie_anywhere_but_together() -> None:
    assert figures.check_boundaries(collection([square(-94.6, 39.1)]), ["甲"]) == []
    boundaries = gallery.ground(5)
    ring = boundaries["features"][2]["geometry"]["coordinates"][0]
    for corner in ring:
        corner[0] -= 110
    (problem,) = figures.check_boundaries(boundaries, gallery.street(5)["id"])
    assert (problem.code, problem.id) == ("far_away", "C003")


@pytest.mark.parametrize("count", [3, 5, 35, 120])
def test_a_slip_by_the_maps_own_measure_is_told(count: int) -> None:
    ids = gallery.street(count)["id"]
    assert figures.check_boundaries(gallery.ground(count), ids) == []
    size = np.ptp(
        [p for f in gallery.ground(count)["features"] for p in f["geometry"]["coordinates"][0]],
        axis=0,
    ).max()

    def codes(change: Callable[[list[list[float]]], None]) -> set[tuple[str, str]]:
        boundaries = gallery.ground(count)
        change(boundaries["features"][1]["geometry"]["coordinates"][0])
        found = figures.check_boundaries(boundaries, ids)
        return {(p.code, p.id) for p in found if p.code != "overlap"}

    def area(ring: list[list[float]]) -> None:
        ring[:] = [[x + 6 * size, y] for x, y in ring]

    def corner(ring: list[list[float]]) -> None:
        ring[1] = [ring[1][0] + 6 * size, ring[1][1]]

    def speck(ring: list[list[float]]) -> None:
        x0, y0 = ring[0]
        ring[:] = [[x0 + (x - x0) / 1000, y0 + (y - y0) / 1000] for x, y in ring]

    assert codes(area) == {("far_away", "C002")}
    assert codes(corner) in ({("far_away", "C002")}, {("self_intersection", "C002")})
    assert codes(speck) == {("too_small", "C002")}


def test_of_two_areas_apart_both_are_told() -> None:
    boundaries = gallery.ground(2)
    ring = boundaries["features"][1]["geometry"]["coordinates"][0]
    ring[:] = [[x + 1.0, y] for x, y in ring]
    found = figures.check_boundaries(boundaries, ["C001", "C002"])
    assert {(p.code, p.id) for p in found} == {("far_away", "C001"), ("far_away", "C002")}


def test_hole_outside_its_outline() -> None:
    outer, far = square(), square(121.45, 31.25, 0.002)
    (problem,) = figures.check_boundaries(collection([outer, far]), ["甲"])
    assert problem.code == "hole_outside"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "features", "geometry", "properties", "coordinates", "id"]),
            inner | st.sampled_from(["FeatureCollection", "Feature", "Polygon", "MultiPolygon"]),
            max_size=4,
        )
    ),
    max_leaves=30,
)


@given(JSON)
@example({"type": "FeatureCollection", "features": [None, 1, [], {}]})
@example(collection([square()], own=["a"]))  # type: ignore[arg-type]
@example(collection([[[True, False]] * 4]))
@example(collection([[[10**400, 1]] * 4]))
@example(collection([["ab", "cd", "ef", "ab"]]))  # type: ignore[list-item]
@example(collection([], "MultiPolygon"))
@example(collection([[]], "MultiPolygon"))
@example(collection([[[]]], "MultiPolygon"))
def test_any_json_is_told_what_is_wrong_with_it(content: Any) -> None:
    assert figures.check_boundaries(content, ["甲"])


def test_area_without_a_row_is_blank_and_row_without_an_area_is_left_out() -> None:
    boundaries = gallery.boundaries(7)
    frame = gallery.street(8).drop(index=3)
    areas = part_rows(figures.choropleth, "area", boundaries, frame)
    assert [a["fill"] == style.WHITE for a in areas] == [i == 3 for i in range(7)]
    values = [r["text"] for r in part_rows(figures.choropleth, "value", boundaries, frame)]
    assert values == [style.number(v) for v in frame["value"].iloc[:6]]


# --- kinds ----------------------------------------------------------------------------------


def test_areas_of_a_kind_have_its_colour_and_sign_and_no_number() -> None:
    frame = gallery.sorted_(35)
    rows = figures.choropleth.spec(gallery.ground(35), frame, **gallery.KINDS)["datasets"]["rows"]
    kinds = dict(zip(frame["id"], frame["kind"], strict=True))
    signs = {0.0: "▲", 1.0: "", 2.0: "▼"}
    for row in rows:
        if row["part"] == "area":
            kind = kinds[row["id"]]
            expected = style.WHITE if np.isnan(kind) else style.STANDINGS[int(kind)]
            assert row["fill"] == expected
    for subject, kind in kinds.items():
        own = "".join(r["text"] for r in rows if r.get("id") == subject and "text" in r)
        assert [c for c in own if c in "▲▼"] == list(signs.get(kind, ""))
    assert not [r for r in rows if any(c.isdigit() for c in str(r.get("text", "")))]
    assert {r["id"] for r in rows if r["part"] == "hatch"} == {
        s for s, kind in kinds.items() if np.isnan(kind)
    }


def test_the_low_kind_is_the_darkest_and_none_is_white_also_in_grey() -> None:
    high, level, low = (style.luminance(fill) for fill in style.STANDINGS)
    assert low < high < level < 0.85
    assert style.contrast(style.STANDINGS[0], style.STANDINGS[1]) > 1.9
    assert style.contrast(style.STANDINGS[0], style.STANDINGS[2]) > 1.9
    assert all(style.contrast(style.ink_on(fill), fill) >= 4.5 for fill in style.STANDINGS)
    assert all(style.contrast(style.ink_on(fill), fill) >= 4.5 for fill in style.KINDS)


def test_a_name_that_does_not_fit_is_shortened_and_told_in_full_below() -> None:
    frame = gallery.sorted_(120)
    rows = figures.choropleth.spec(gallery.ground(120), frame, **gallery.KINDS, width=420)
    told = " ".join(r["text"] for r in rows["datasets"]["rows"] if r["part"] == "note")
    written = {
        str(r["text"]).strip("▲▼")
        for r in rows["datasets"]["rows"]
        if r["part"] in ("name", "minor")
    }
    short = lettering.shortened(list(frame["name"]))
    used = [name for name in frame["name"] if f"{short.get(name)}：{name}" in told]
    assert used
    assert all(short[name] in written for name in used)


def test_a_short_name_stands_for_one_area_only() -> None:
    names = [
        "苏河一村",
        "苏河二村",
        "昌化新村",
        "澳门坊",
        "东",
        "东新",
        "东新路第一居民区",
        "东新路第二居民区",
    ]
    short = lettering.shortened(names)
    assert short["昌化新村"] == "昌化"
    assert short["苏河一村"] == "苏河一"
    assert not {"东", "东新", "东新路第一居民区"} & set(short)
    for own, part in short.items():
        assert [name for name in names if name.startswith(part)] == [own]


def test_a_long_label_of_the_key_breaks_where_the_map_is_narrow() -> None:
    label = "房屋漏水、墙面脱落等维修（10 个，能断定 2 个）"
    options = {**gallery.KINDS, "kinds": ((label, "①", "#6fa3c7"),) * 3, "width": 340}
    rows = figures.choropleth.spec(gallery.ground(6), gallery.sorted_(6), **options)
    key = [r for r in rows["datasets"]["rows"] if r["part"] == "key"]
    assert "".join(r["text"] for r in key).replace(" ", "").count(label.replace(" ", "")) == 3
    assert all(r["x"] + style.text_width(r["text"], 16) <= 342 for r in key)
    heights = [r["y"] for r in key]
    assert heights == sorted(heights)
