"""A street of several levels from its files to its pages: the levelled workspace, evaluated once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
from shapely.geometry import shape

import evalkit as ek
from evalkit.answers.measuring import measure
from evalkit.definitions.roster import Roster
from evalkit.definitions.territory import Territory
from evalkit.definitions.units import Units
from evalkit.engines.duckdb import DuckDBEngine
from evalkit.evaluation import import_answers
from evalkit.inputs import fingerprint
from evalkit.intake.matching import Matcher
from evalkit.pages import dashboard, diagnosis, street
from evalkit.pages.street import levels as levels_section
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import level_maps, overall, verdict
from tests import levelled, tiny
from tests.ledgers import lists


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return levelled.write(tmp_path_factory.mktemp("levels") / "ws")


@pytest.fixture(scope="module")
def evaluation(root: Path) -> ek.Evaluation:
    return ek.open(root).evaluate()


def rows_of(evaluation: ek.Evaluation, **values: str) -> pd.DataFrame:
    table = evaluation.rollup
    for column, value in values.items():
        table = table[table[column] == value]
    return table


# --- who is meant -------------------------------------------------------------------------------


def test_names_of_compounds_lead_to_their_committee_and_are_kept(root: Path) -> None:
    roster = ek.open(root).inputs().decided.roster
    matcher = Matcher(roster, {"老園": "s1b"})
    found = {name: matcher.match(name) for name in ("乙園小區", "甲社区", "S2C", "老园", "东片")}
    assert {name: (m.subject, m.unit) for name, m in found.items()} == {
        "乙園小區": ("s2", "s2a"),
        "甲社区": ("s1", None),
        "S2C": ("s2", "s2c"),
        "老园": ("s1", "s1b"),
        "东片": (None, None),
    }


def test_a_name_of_both_is_the_units_where_it_is_written_so() -> None:
    """丙小区 lies in 丙居民区: without suffixes they are one name."""
    rows = [
        {"id": "c", "name": "丙居民区"},
        {"id": "u", "name": "丙小区", "level": "u", "parent": "c"},
    ]
    roster = Roster.model_validate({"subjects": rows})
    made = Territory.model_validate(
        {
            "subjects": [roster.subjects[0]],
            "around": [roster.subjects[1]],
            "levels": [{"code": "committee", "name": "居民区"}, {"code": "u", "name": "小区"}],
            "evaluated": "committee",
        }
    )
    matcher = Matcher(made, {})
    assert [matcher.match(n).unit for n in ("丙小区", "丙小區", "丙社区", "丙居民区", "丙")] == [
        "u", "u", None, None, None,
    ]  # fmt: skip
    assert {matcher.match(n).subject for n in ("丙小区", "丙社区", "丙")} == {"c"}


def test_answers_count_for_the_committee_and_know_their_compound(evaluation: ek.Evaluation) -> None:
    answers = evaluation.current.answers
    assert answers is not None
    assert len(answers.units) == 12 + 12 + 12 + 4 + 8 + 16
    subjects = answers.respondents["subject"]
    homes = Units.of(evaluation.roster).homes()
    assert all(subjects[who] == homes[unit] for who, unit in answers.units.items())
    own = answers.respondents[answers.respondents["group"] == "resident"]
    assert dict(own.groupby("subject").size()) == dict.fromkeys(("s1", "s2", "s3", "s4"), 24)


def test_what_is_answered_is_what_the_tiny_street_answers(
    evaluation: ek.Evaluation, tmp_path: Path
) -> None:
    """Committees' cells do not know that compounds were named."""
    inputs = ek.open(tiny.write(tmp_path / "ws")).inputs()
    answers, _ = import_answers(inputs, ["2016"])
    assert not answers["2016"].units
    plain = measure(answers["2016"], inputs.decided, DuckDBEngine())
    for code, group in plain.groups.items():
        other = evaluation.current.cells.groups[code]
        np.testing.assert_array_equal(group.mean, other.mean)
        np.testing.assert_array_equal(group.covariance, other.covariance)
    assert fingerprint(inputs, ["2015", "2016"]) != evaluation.fingerprint


# --- what is told -------------------------------------------------------------------------------


def test_three_are_ranked_and_the_fourth_is_scored(evaluation: ek.Evaluation) -> None:
    scores = evaluation.current.scores
    assert scores.subjects == ("s1", "s2", "s3")
    assert set(evaluation.current.ranking.table["subject"]) == {"s1", "s2", "s3"}
    assert evaluation.current.changes is not None
    assert "s4" not in set(evaluation.current.changes.table["subject"])
    assert "s4" not in set(evaluation.peers["subject"])
    facts = known.gather(known.common(evaluation), "s4")
    assert facts.provisional
    assert "尚在筹备" in verdict.takeaway(facts)
    assert "不计入街道平均" in verdict.takeaway(facts)
    labels = {str(h["label"]): str(h["value"]) for h in verdict.headlines(facts)}
    assert labels["名次和等第"] == "筹备"
    shares = evaluation.satisfaction.set_index("subject")["change"].notna()
    assert shares["s1"].all()
    assert not shares["s4"].any(), "what is being set up is compared with no wave"
    assert facts.diagnosis.profile["verdict"].isin(["高于", "低于", "无显著差异"]).all()
    assert overall.set_up(evaluation) == "，另有 1 个筹备中，不排名"


def test_zones_are_by_the_people_of_the_wave(evaluation: ek.Evaluation) -> None:
    """East is (1000 · s1 + 3100 · s2) / 4100 by the people of 2016, not by those of 2015."""
    own = evaluation.current.scores.table.set_index("subject")["score"]
    (east,) = rows_of(evaluation, unit="east", code="composite").itertuples()
    assert east.mean == pytest.approx((1000 * own["s1"] + 3100 * own["s2"]) / 4100, abs=1e-12)
    (west,) = rows_of(evaluation, unit="west", code="composite").itertuples()
    assert (west.members, west.mean) == (1, pytest.approx(own["s3"]))
    (whole,) = rows_of(evaluation, unit="all", code="composite").itertuples()
    assert whole.mean == pytest.approx((4100 * east.mean + 2200 * west.mean) / 6300, abs=1e-12)
    assert set(evaluation.rollup["grouping"]) == {"zone", "housing", "网格站", "all", "compound"}


def test_compounds_are_told_where_nobody_is_given_away(evaluation: ek.Evaluation) -> None:
    """乙苑 has four answers; 乙庭, of eight, is too small as well. 丙小区 would give away the rest of eight."""
    own = rows_of(evaluation, grouping="compound").set_index("unit")
    assert dict(own["suppressed"]) == {
        "s1a": False, "s1b": False, "s2a": False, "s2b": True, "s2c": True, "s3a": True,
    }  # fmt: skip
    assert list(own.loc[["s1a", "s2a"], "n"]) == [12, 12]
    assert own.loc[["s2b", "s2c", "s3a"], ["n", "mean", "se"]].isna().all(axis=None)
    assert own.loc["s1a", "name"] == "甲园小区"
    cells, scheme = evaluation.current.cells, evaluation.scheme
    at = cells.subjects.index("s1")
    weights = scheme.weights()[0] / scheme.weights()[0].sum()
    whole = float(weights @ cells.groups["resident"].mean[at, :-1])
    assert own.loc[["s1a", "s1b"], "mean"].mean() == pytest.approx(whole, abs=1e-9)


def test_what_residents_say_of_the_street_is_without_who_is_being_set_up(
    evaluation: ek.Evaluation,
) -> None:
    drivers = evaluation.assurance.drivers.set_index("code")["performance"]
    cells = evaluation.current.cells
    at = [cells.subjects.index(subject) for subject in ("s1", "s2", "s3")]
    for code, value in drivers.items():
        means = cells.groups["resident"].mean[at, cells.measures.index(str(code))]
        assert value == pytest.approx(means.mean())
    assert len(drivers) > 0


def sections(evaluation: ek.Evaluation) -> Iterator[Any]:
    yield from street.planned(evaluation)[0]


def test_the_report_tells_levels_by_their_names_and_who_is_being_set_up(
    evaluation: ek.Evaluation,
) -> None:
    found = {section.title: section for section in sections(evaluation)}
    levels = found["各级汇总"]
    assert [block["title"] for block in levels.blocks] == [
        "按片区",
        "按住房类型",
        "按网格站",
        "全部",
    ]
    assert [row["name"] for row in levels.blocks[0]["rows"]] == ["东片", "西片"]
    assert "按当批次人口加权" in levels.takeaway
    assert "筹备中的 1 个居民区不计入。" in levels.beside
    assert any("小区共 6 个，可以公布的 3 个" in line for line in levels.beside)
    assert [row["name"] for row in found["筹备中的居民区"].rows] == ["丁居民区"]


@pytest.mark.parametrize(
    ("shown", "has", "lacks"),
    [(3, "都列在", "其余"), (1, "可以公布的 1 个", "都"), (0, "一个也不", "其余")],
)
def test_no_rest_is_spoken_of_where_there_is_none(shown: int, has: str, lacks: str) -> None:
    told = levels_section.told_inside("小区", "居民区", 3, shown)
    assert told.startswith("有居民答卷的小区共 3 个，")
    assert has in told
    assert lacks not in told


def test_a_diagnosis_tells_its_own_compounds_and_no_others(evaluation: ek.Evaluation) -> None:
    for subject, names in (("s1", ["甲园小区", "甲苑小区"]), ("s2", ["乙园小区"]), ("s3", [])):
        paper = diagnosis.plan(evaluation, subject)
        own = [s for s in paper.context["sections"] if "inside" in s.template]
        assert [row["name"] for section in own for row in section.rows] == names
    whole = str(diagnosis.plan(evaluation, "s2").context)
    assert "乙苑小区" not in whole


# --- what stops it ------------------------------------------------------------------------------


def spoil(root: Path, name: str, old: str, new: str) -> list[str]:
    path = root / name
    text = path.read_text(encoding="utf-8-sig")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return [problem.code for problem in ek.open(root).check().problems]


@pytest.mark.parametrize(
    ("name", "old", "new", "code"),
    [
        ("roster.csv", "s1a,甲园小区,,小区,s1", "s1a,甲园小区,,小区,s9", "unknown_parent"),
        ("counts.csv", "s2,2016,3100,1550\n", "", "count_missing"),
        ("evaluation.yaml", "evaluated: committee", "evaluated: town", "unknown_level"),
    ],
)
def test_a_spoilt_file_is_a_problem_with_its_file(
    tmp_path: Path, name: str, old: str, new: str, code: str
) -> None:
    root = levelled.write(tmp_path / "ws")
    assert code in spoil(root, name, old, new)


def test_a_compound_that_is_gone_has_no_answers_of_this_wave(tmp_path: Path) -> None:
    root = levelled.write(tmp_path / "ws")
    text = (
        (root / "roster.csv").read_text(encoding="utf-8").replace("住房类型", "住房类型,最后批次")
    )
    text = text.replace("s1a,甲园小区,,小区,s1,,,", "s1a,甲园小区,,小区,s1,,,,2015")
    (root / "roster.csv").write_text(text, encoding="utf-8")
    told = [p for p in ek.open(root).check().problems if p.code == "subject_not_in_wave"]
    assert [(p.file, p.found) for p in told] != []
    assert all("2016" in (p.file or "") for p in told)


# --- maps ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high", "of", "place"),
    [(1, 2, 4, 0), (1, 3, 4, 1), (3, 4, 4, 2), (2, 3, 4, 1), (3, 3, 5, 1), (1, 2, 5, 0), (4, 5, 5, 2),
     (3, 5, 5, 1), (1, 1, 3, 0), (3, 3, 3, 2), (1, 3, 3, 1)],
)  # fmt: skip
def test_only_a_rank_set_within_one_half_says_which(
    low: int, high: int, of: int, place: int
) -> None:
    assert level_maps.half(low, high, of) == place


def test_the_map_of_a_level_joins_the_areas_of_its_committees(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    root = levelled.write(tmp_path_factory.mktemp("mapped") / "ws")
    roster = levelled.ROSTER.replace(
        "s3,丙居民区,丙社区,committee,west", "s3,丙居民区,丙社区,committee,mid"
    )
    rows = roster.replace("west,西片", "mid,中片,,片区,,,,\nwest,西片").replace("筹备", "正式")
    (root / "roster.csv").write_text(rows, encoding="utf-8")
    (root / "boundaries.geojson").write_text(lists.squares(), encoding="utf-8")
    found = ek.open(root).evaluate()
    drawn = level_maps.charts(found)
    assert list(drawn) == ["zone"], "two stations are no order"
    data, ground = drawn["zone"].frame, drawn["zone"].options["geojson"]
    assert list(data["id"]) == ["east", "mid", "west"]
    own = found.rollup[(found.rollup["code"] == "composite") & (found.rollup["grouping"] == "zone")]
    own = own.set_index("unit")
    for row in data.itertuples():
        low, high = own.loc[row.id, ["rank_low", "rank_high"]]
        assert row.kind == (0 if high == 1 else 2 if low == 3 else 1)
    # Each committee is a square of 0.01 degrees: 甲 and 乙 are the east, one beside the other.
    areas = {f["properties"]["id"]: shape(f["geometry"]) for f in ground["features"]}
    assert {unit: (area.geom_type, round(area.area, 9)) for unit, area in areas.items()} == {
        "east": ("Polygon", 0.0002),
        "mid": ("Polygon", 0.0001),
        "west": ("Polygon", 0.0001),
    }
    section = levels_section.section(found)
    assert section is not None
    assert len(section.maps) == len(section.maps[0]) == 1
    assert level_maps.files(found)["maps/level-1.svg"].startswith(b"<svg")


def test_without_everybodys_boundaries_there_is_no_map_of_levels(
    evaluation: ek.Evaluation,
) -> None:
    assert level_maps.charts(evaluation) == {}


def test_the_dashboard_tells_levels_as_the_report_does(evaluation: ek.Evaluation) -> None:
    section = levels_section.section(evaluation)
    assert section is not None
    page = dashboard.press(dashboard.plan(evaluation, papers=False)).decode()
    table = page.partition('id="levels-title"')[2].partition("</table>")[0]
    for block in section.blocks:
        assert f">{block['title']}</th>" in table
        for row in cast(list[dict[str, Any]], block["rows"]):
            cells = [row["n"], row["mean"], row["interval"], row["rank"], row["places"]]
            told = "".join(f"<td>{c}{' 个' if at == 0 else ''}</td>" for at, c in enumerate(cells))
            assert f">{row['name']}</th>{told}" in table


def test_a_street_of_one_level_has_no_such_table(tiny_evaluation: ek.Evaluation) -> None:
    planned = dashboard.plan(tiny_evaluation, papers=False)
    assert 'id="levels-title"' not in dashboard.press(planned).decode()
