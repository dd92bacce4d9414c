"""The index maps: what is planned, what every map says of itself, what the report says of them."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.pages import street
from evalkit.pages.press import printing
from evalkit.pages.press.planned import Chart
from evalkit.pages.street import maps as atlas
from evalkit.pages.telling import maps
from evalkit.simulation.ground import invented_boundaries
from evalkit.tables import ALL_GROUPS, COMPOSITE, Evaluation, Needs
from tests.deciding import with_decided, with_wave
from tests.pages.conftest import text_of
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up


@pytest.fixture(scope="module")
def mapped(evaluation: Evaluation) -> Evaluation:
    return with_decided(evaluation, boundaries=invented_boundaries(evaluation.roster.subjects))


def words(svg: str) -> str:
    return "".join("".join(ET.fromstring(svg).itertext()).split())


def rows(chart: Chart, part: str) -> list[dict[str, Any]]:
    return [r for r in chart.spec()["datasets"]["rows"] if r["part"] == part]


def test_there_is_a_map_for_the_composite_and_every_dimension(evaluation: Evaluation) -> None:
    dimensions = [d.code for d in evaluation.scheme.dimensions]
    assert maps.codes(evaluation) == (COMPOSITE, *dimensions)
    assert set(maps.files(evaluation)) == {
        f"maps/{code}.svg" for code in [COMPOSITE, *dimensions, maps.WISHES]
    }
    with pytest.raises(KeyError):
        maps.chart(evaluation, "Z")


@pytest.mark.parametrize("code", ["composite", "C"])
def test_values_and_verdicts_are_the_tables_own(evaluation: Evaluation, code: str) -> None:
    data = maps.frame(evaluation, code).set_index("id")
    scores = evaluation.current.scores
    assert list(data.index) == list(scores.table["subject"])
    place = [m.code for m in scores.measures].index(code)
    for subject, estimate in zip(scores.subjects, scores.estimate[place], strict=True):
        profile = evaluation.diagnosis(subject).profile.set_index("code").loc[code]
        row = data.loc[subject]
        assert row["value"] == estimate
        assert row["kind"] == ["高于", "无显著差异", "低于"].index(profile["verdict"])
        assert row["mark"] == {"高于": "▲", "低于": "▼"}.get(profile["verdict"], "")


def test_an_incomplete_committee_has_a_word_and_no_number(mapped: Evaluation) -> None:
    (gap,) = mapped.current.scores.incomplete
    for code in maps.codes(mapped):
        row = maps.frame(mapped, code).set_index("id").loc[gap.subject]
        assert np.isnan(row["value"])
        assert row["note"] == "不完整"
        assert np.isnan(row["kind"])
        assert words(maps.chart(mapped, code).svg()).count("不完整") == 1


def test_every_map_says_what_and_when_it_is_and_that_it_is_made_up(
    mapped: Evaluation, evaluation: Evaluation
) -> None:
    for code in maps.codes(mapped):
        name = maps.title(mapped, code)
        own = words(maps.chart(mapped, code).svg())
        assert all(w in own for w in (name, "2016年度", "模拟数据", "边界为示意"))
        tiles = words(maps.chart(evaluation, code).svg())
        assert all(w in tiles for w in (name, "2016年度", "模拟数据", "示意，不是地图"))
        assert "边界为示意" not in tiles
    real = with_decided(
        mapped,
        order=mapped.order.model_copy(update={"synthetic": False}),
        boundaries={**(mapped.decided.boundaries or {}), "evalkit": {}},
    )
    own = words(maps.chart(real, "A").svg())
    assert "模拟" not in own
    assert "示意" not in own


def test_a_committee_without_an_area_is_never_left_off_the_map(mapped: Evaluation) -> None:
    features = (mapped.decided.boundaries or {})["features"]
    torn = with_decided(mapped, boundaries={"type": "FeatureCollection", "features": features[1:]})
    assert maps.chart(torn, COMPOSITE).figure == "tile_grid"


def test_areas_of_other_waves_are_not_drawn(mapped: Evaluation) -> None:
    boundaries = mapped.decided.boundaries or {}
    gone = {**boundaries["features"][0], "properties": {"id": "gone"}}
    more = with_decided(
        mapped, boundaries={**boundaries, "features": [*boundaries["features"], gone]}
    )
    assert len(rows(maps.chart(more, "A"), "area")) == len(maps.frame(mapped, "A"))


def test_tiles_are_headed_by_zone_only_where_everybody_has_one(evaluation: Evaluation) -> None:
    zones = dict.fromkeys(s.zone for s in evaluation.roster.subjects)
    assert [r["text"] for r in rows(maps.chart(evaluation, "A"), "zone")] == list(zones)
    subjects = list(evaluation.roster.subjects)
    subjects[3] = subjects[3].model_copy(update={"zone": None})
    roster = evaluation.roster.model_copy(update={"subjects": subjects})
    assert rows(maps.chart(with_decided(evaluation, roster=roster), "A"), "zone") == []


def test_files_are_the_same_every_time_and_refer_to_nothing(mapped: Evaluation) -> None:
    files = maps.files(mapped)
    assert files == maps.files(mapped)
    for svg in files.values():
        text = svg.decode()
        assert not re.search(r"href|url\(|<script|<image|@import|\bid=", text)
        assert set(re.findall(r"https?://[^\"' ]+", text)) <= {
            "http://www.w3.org/2000/svg",
            "http://www.w3.org/1999/xlink",
        }


def test_a_name_that_is_markup_stays_text(mapped: Evaluation) -> None:
    subjects = list(mapped.roster.subjects)
    subjects[0] = subjects[0].model_copy(update={"name": "<b>甲&乙</b>"})
    roster = mapped.roster.model_copy(update={"subjects": subjects})
    for boundaries in (mapped.decided.boundaries, None):
        hostile = with_decided(mapped, roster=roster, boundaries=boundaries)
        svg = maps.chart(hostile, COMPOSITE).svg()
        assert "<b>" not in svg
        assert "<b>甲&乙</b>" in words(svg)


# --- the street report ----------------------------------------------------------------------


def test_the_takeaway_names_the_dimension_that_differs_most(evaluation: Evaluation) -> None:
    ranges = {}
    for dimension in evaluation.scheme.dimensions:
        values = maps.frame(evaluation, dimension.code)["value"].dropna()
        ranges[dimension.name] = (values.max() - values.min(), values)
    name, (_, values) = max(ranges.items(), key=lambda item: item[1][0])
    said = atlas.takeaway(evaluation)
    assert f"“{name}”" in said
    assert f"最低 {values.min():.1f} 分，最高 {values.max():.1f} 分" in said


def test_no_difference_is_not_called_one() -> None:
    same = made_up(Street(count=4, constant=80.0))
    assert "没有可比的差别" in atlas.takeaway(same)


def test_the_composite_stands_large_and_the_dimensions_two_in_a_row() -> None:
    few, many = (atlas.section(made_up(Street(count=n))) for n in (atlas.FEW, atlas.FEW + 1))
    assert few is not None
    assert many is not None
    for found in (few, many):
        assert [c.options["title"] for c in found.large] == ["综合得分", maps.WISHED]
        assert [len(row) for row in found.rows] == [2, 2, 1]
    assert not few.many
    assert many.many
    assert "见 maps 文件夹里各图的大图" in many.reading
    assert "大图" not in few.reading


def test_where_no_need_is_known_the_section_says_why_there_is_no_map_of_them(
    evaluation: Evaluation,
) -> None:
    silent = replace(evaluation, needs=Needs.nothing())
    assert maps.wishes(silent) is None
    assert "maps/wishes.svg" not in maps.files(silent)
    found = atlas.section(silent)
    assert found is not None
    assert [c.options["title"] for c in found.large] == ["综合得分"]
    assert "没有居民诉求的地图：本次的答卷已经不在" in found.reading
    assert "勾选最多" not in found.reading


def test_nothing_scored_has_no_section_and_its_maps_are_blank() -> None:
    some = made_up(Street(count=3))
    scores = replace(some.current.scores, subjects=())
    diagnoses = {s: replace(d, complete=False) for s, d in some.diagnoses.items()}
    nobody = replace(with_wave(some, scores=scores), diagnoses=diagnoses)
    assert atlas.section(nobody) is None
    for code in maps.codes(nobody):
        assert words(maps.chart(nobody, code).svg()).count("不完整") == 1


def test_the_report_shows_every_map_and_says_how_to_read_them(mapped: Evaluation) -> None:
    paper = street.plan(mapped)
    sections = [s for s in paper.context["sections"] if s.template == "street/maps.html.j2"]
    assert len(sections) == 1
    pressed = printing.press(
        replace(paper, context={**paper.context, "sections": sections, "chapters": {}})
    )
    text = text_of(pressed)
    for word in ("谁高谁低", "尚看不出差别", "边界为示意", "画网格线的不完整", "综合得分"):
        assert word in text
    for dimension in mapped.scheme.dimensions:
        assert dimension.name in text
    assert pressed.pages <= 2


# --- what residents wish for ----------------------------------------------------------------


def ticking(evaluation: Evaluation, shares: dict[str, dict[str, float]], of: int) -> Evaluation:
    """The same evaluation with these needs: by committee, the share of so many who tick each."""
    table = evaluation.needs.table
    one = table[table["subject"] == ALL_GROUPS].iloc[0]
    rows = [
        {
            **one,
            "subject": s,
            "option": name,
            "name": name,
            "n": round(p * of),
            "of": of,
            "share": p,
        }
        | {"se": (p * (1 - p) / of) ** 0.5, "verdict": None}
        for s, own in shares.items()
        for name, p in own.items()
    ]
    return replace(evaluation, needs=replace(evaluation.needs, table=pd.DataFrame(rows)))


@pytest.mark.parametrize(
    ("own", "first", "sure"),
    [
        ({"停车": 0.60, "电梯": 0.30}, "停车", True),
        ({"停车": 0.34, "电梯": 0.30}, "停车", False),
        ({"停车": 0.30, "电梯": 0.30}, "", False),
        ({"停车": 0.40}, "停车", True),
        ({"停车": 0.12}, "停车", False),
        ({"目前没有": 0.70, "电梯": 0.40, "停车": 0.12}, "电梯", True),
        ({}, "", False),
    ],
    ids=["clear", "close", "tied", "alone", "alone, others may be near", "none is no wish", "none"],
)
def test_a_first_wish_is_certain_only_where_it_leads_beyond_chance(
    evaluation: Evaluation, own: dict[str, float], first: str, sure: bool
) -> None:
    everywhere = {"目前没有": 0.5, "停车": 0.3, "电梯": 0.2}
    made = ticking(
        evaluation, {ALL_GROUPS: everywhere, "CS001": own, "CS002": {"电梯": 0.5}}, of=100
    )
    data = maps.wished(made)
    assert data is not None
    row = data.set_index("id").loc["CS001"]
    assert (row["first"], bool(row["sure"])) == (first, sure)
    names = [name for name in ("停车", "电梯") if name in set(data["first"])]
    kind = row["kind"]
    assert (kind == (names.index(first) if sure else len(names))) if first else math.isnan(kind)
    assert row["mark"] == (maps.SIGNS[names.index(first)] if first else "")
