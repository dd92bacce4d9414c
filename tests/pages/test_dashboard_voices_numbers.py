"""What the dashboard tells of residents, tasks, groups and earlier waves, against the CSV files."""

from __future__ import annotations

import re
from typing import Any

import pytest

from evalkit.pages.telling import facts as known
from evalkit.pages.telling import maps, tasks
from tests.pages import boards, published, shares
from tests.pages.reading import Files, Row, chance, exact_score, interval, percent, plain
from tests.pages.test_street_numbers import verdict_of

MARK = {"高于": "▲", "低于": "▼"}


@pytest.fixture(scope="module", params=published.BOTH)
def files(request: pytest.FixtureRequest) -> Files:
    return published.street(request.param, request)


@pytest.fixture(scope="module")
def data(files: Files) -> dict[str, Any]:
    page = (files.folder / "dashboard.html").read_text(encoding="utf-8")
    return boards.of_page(page)


def unpacked(tables: list[dict[str, Any]]) -> list[Row]:
    return [dict(zip(t["columns"], row, strict=True)) for t in tables for row in t["rows"]]


def test_satisfaction_is_the_files_and_sorts_by_what_is_printed(
    files: Files, data: dict[str, Any]
) -> None:
    told = 0
    for c in data["committees"]:
        row = shares.overall(files, c["id"])
        if row is None:
            assert c["satisfied"] is None
            continue
        told += 1
        assert c["satisfied"]["text"] == shares.share(row)
        assert c["satisfied"]["reach"] == shares.reach(row)
        assert c["satisfied"]["mark"] == MARK.get(row["verdict"], "")
        assert float(c["satisfied"]["text"].rstrip("%")) == c["satisfied"]["value"]
    assert told > 5


def test_every_question_stands_beside_the_streets_lowest_against_it_first(
    files: Files, data: dict[str, Any]
) -> None:
    for c in data["committees"]:
        own = shares.rows_of_all(files, c["id"])
        own.sort(key=lambda r: (r["role"] != "overall", r["share"] - r["street"]))
        told = unpacked(c["questions"])
        assert [
            (q["name"], q["share"], q["interval"], q["street"], q["mark"], q["n"]) for q in told
        ] == [
            (
                shares.label(files, r),
                shares.share(r),
                shares.reach(r),
                shares.share(r, "street"),
                MARK.get(r["verdict"], ""),
                f"{r['n']:.0f}",
            )
            for r in own
        ]
        for q in told:
            assert float(q["share"].rstrip("%")) == q["at"]
            assert float(q["street"].rstrip("%")) == q["mean"]
            decimals = 1 if "." in q["share"] else 0
            assert f"{interval(q['low'], q['high'], decimals)}%" == q["interval"]


def test_needs_are_all_that_may_be_told_most_ticked_first(
    files: Files, data: dict[str, Any]
) -> None:
    shown = 0
    for c in data["committees"]:
        own = files.where("needs", subject=c["id"])
        if not own:
            assert c["needs"] is None or not c["needs"]["rows"]
            continue
        told = unpacked(c["needs"]["rows"])
        by_name = {r["name"]: r for r in own}
        assert {t["name"] for t in told} <= set(by_name)
        left = set(by_name) - {t["name"] for t in told}
        assert all(re.match("没有|目前没有|暂无|无|其他|其它", name) for name in left)
        for t in told:
            r = by_name[t["name"]]
            assert (t["n"], t["share"], t["street"]) == (
                r["n"],
                percent(r["share"]),
                percent(r["street"]),
            )
            assert t["n"] >= files.evaluation.needs.minimum_n
            assert t["sure"] == (r["verdict"] in MARK)
            shown += 1
        ticked = [by_name[t["name"]]["share"] for t in told]
        assert ticked == sorted(ticked, reverse=True)
    assert shown


def test_tasks_are_those_of_the_diagnosis_in_its_order(files: Files, data: dict[str, Any]) -> None:
    common = known.common(files.evaluation)
    listed = 0
    for c in data["committees"]:
        own = tasks.of_committee(known.gather(common, c["id"]))
        told = unpacked(c["tasks"]["rows"])
        assert [list(t.values()) for t in told] == [
            [t.id, t.kind, t.problem, t.evidence, t.what, t.who, t.by, t.shown_by] for t in own
        ]
        assert bool(c["tasks"]["none"]) == (not own)
        listed += len(own)
    assert listed


def test_groups_are_the_verdicts_on_the_composite(files: Files, data: dict[str, Any]) -> None:
    words = {"高于": "明显高于平均", "低于": "明显低于平均", "无显著差异": "尚看不出差别"}
    assert data["groups"] == list(maps.GROUPS.values())
    for c in data["committees"]:
        if c["complete"]:
            assert c["group"] == words[verdict_of(files, c["id"], "composite")]
        else:
            assert "group" not in c


def test_an_earlier_wave_has_its_own_scores_ranks_grades_and_satisfaction(
    files: Files, data: dict[str, Any]
) -> None:
    ev = files.evaluation
    assert [w["id"] for w in data["earlier"]] == list(ev.waves)[-2::-1]
    for w in data["earlier"]:
        result = ev.waves[w["id"]]
        ranks = result.ranking.table.set_index("subject")
        scores = result.scores.table.set_index("subject")
        assert {c["id"] for c in w["committees"]} == set(scores.index)
        ranked = [c for c in w["committees"] if c["complete"]]
        assert [c["rank"] for c in ranked] == sorted(ranks["rank"])
        for c in ranked:
            own, place = scores.loc[c["id"]], ranks.loc[c["id"]]
            assert c["score_text"] == exact_score(float(own["score"]), files.cutoffs)
            assert c["interval_text"] == interval(own["low"], own["high"])
            assert (c["grade"], c["chance"]) == (own["grade"], chance(own["grade_probability"]))
            assert c["joint"] == [place["rank_low_joint"], place["rank_high_joint"]]
            assert plain(c["rank_text"]).endswith(f"第 {place['rank']} 名")
        for c in w["committees"]:
            assert c["complete"] == (c["id"] in ranks.index)


def test_last_waves_satisfaction_is_what_this_wave_compares_with(
    files: Files, data: dict[str, Any]
) -> None:
    """The share of a single committee last time stands in ``satisfaction.csv`` as ``previous``."""
    last = {c["id"]: c["satisfied"] for c in data["earlier"][0]["committees"]}
    compared = 0
    for c in data["committees"]:
        row = shares.overall(files, c["id"])
        if row is None or row["previous"] is None:
            continue
        compared += 1
        told = last[c["id"]]
        assert abs(told["value"] - 100 * row["previous"]) <= 0.5
        assert c["history"][1]["satisfied"] == told["text"]
    assert compared > 5
