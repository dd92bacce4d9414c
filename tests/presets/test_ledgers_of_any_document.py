"""Records made from nothing but a ledger's document: every shipped ledger, through the door, and back."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import evalkit as ek
from evalkit import assets, workspace
from evalkit.simulation.records import _Maker
from tests.ledgers.test_numbers import of_kind
from tests.presets.streets import copied

COMMITTEES = 8
PLAN = f"""\
waves: ["2025"]
units: [{{count: {COMMITTEES}}}]
records: {{needs: 60, resources: 20}}
"""
STEPS = """\
id: steps
title: 流转记录
wave_by: happened
key: [case, state, happened]
case: case
happened: happened
state: state
columns:
  - {code: case, headers: [事项], holds: code}
  - {code: unit, headers: [居民区], holds: unit}
  - {code: state, headers: [环节], holds: option}
  - {code: happened, headers: [时间], holds: time}
values: {state: {受理: null, 转办: null, 办结: null}}
states:
  - {name: 受理, values: [受理]}
  - {name: 转办, values: [转办], optional: true}
  - {name: 办结, values: [办结]}
"""
GROUND = """\
id: ground
title: 场地
minimum_n: 1
columns:
  - {code: unit, headers: [居民区], holds: unit}
  - {code: kind, headers: [类别], holds: option}
  - {code: room, headers: [人均面积], holds: number}
  - {code: state, headers: [完好], holds: option}
  - {code: east, headers: [经], holds: number}
  - {code: north, headers: [纬], holds: number}
values: {state: {完好: 100, 损坏: 0}}
measures:
  - {code: room, name: 人均面积, how: level, column: room, worst: 0.5, best: 2.5, width: 0.1}
  - {code: whole, name: 完好率, how: share, column: state, hits: [完好], scored: false}
  - {code: near, name: 食堂三百米, how: coverage, where: kind, among: [食堂], longitude: east, latitude: north,
     system: bd09, radius: 300}
"""
OWN = {"steps": STEPS, "ground": GROUND}
"""Ledgers of kinds that none of the shipped ones is."""
LISTS = tuple(name for name in assets.ledgers() if name != "member_points")
"""Of committees; the other one is of persons."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A blank street with every shipped ledger beside its answers."""
    root = tmp_path_factory.mktemp("ledgers")
    with pytest.MonkeyPatch.context() as patch:
        own = copied(patch, root)
        order = (own / "evaluation.yaml").read_text(encoding="utf-8")
        entries = "".join(
            f"      - {{file: responses/2026/{name}.{'xlsx' if name == 'hotline' else 'csv'}, ledger: {name}}}\n"
            for name in (*LISTS, *OWN)
        )
        (own / "ledgers").mkdir()
        for name, text in OWN.items():
            (own / f"ledgers/{name}.yaml").write_text(text, encoding="utf-8")
        (own / "evaluation.yaml").write_text(order + entries, encoding="utf-8")
        (own / "demo/street.yaml").write_text(PLAN, encoding="utf-8")
        workspace.simulate(root / "street", "copy", draws=800)
    return root / "street"


def test_every_shipped_ledger_comes_through_the_door(folder: Path) -> None:
    checked = ek.open(folder).check()
    assert checked.problems == ()
    assert sorted(report.ledger for report in checked.books) == sorted((*LISTS, *OWN))
    for report in checked.books:
        assert report.notes == ()
        assert report.read - report.kept == report.counted("excluded")
        assert report.kept >= COMMITTEES


def test_shares_scores_and_points_are_the_true_ones(folder: Path) -> None:
    found = ek.open(folder).evaluate().objective
    true = pd.read_csv(folder / "simulation/measures.csv", dtype={"wave": str})
    both = found.merge(true, on=["wave", "ledger", "measure", "subject"])
    assert set(zip(true["ledger"], true["measure"], strict=True)) == {
        *(("hotline", m) for m in ("on_time", "resolved", "satisfied")),
        *(("orders", m) for m in ("taken", "mark")),
        *(("needs", "matched"), ("projects", "running"), ("matches", "done")),
        *(("grid", "on_time"), ("staff", "certified"), ("visits", "solved")),
        *(("service_counts", "on_time"), ("members", "points")),
        *(("ground", "room"), ("ground", "whole")),
    }
    assert len(both) == COMMITTEES * 15
    room = both[both["measure"] == "room"]
    assert np.abs((room["estimate"] - 0.5) / 2.0 * 100.0 - room["true"]).max() < 0.3
    points = both[both["measure"] == "points"]
    # 1,000 is full: what is added up is ten times the true points, but for rounding.
    assert np.abs(points["estimate"] / 10.0 - points["true"]).max() < 0.01
    shares = both[~both["measure"].isin(["points", "room"])]
    covered = shares["low"].le(shares["true"]) & shares["true"].le(shares["high"])
    assert covered.mean() >= 0.88
    off = shares["estimate"] - shares["true"]
    assert abs(off.mean()) < 4.0 * off.std(ddof=1) / np.sqrt(len(off))


def _cells(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"responses/2025/{name}.csv", dtype=str).fillna("")


def test_lists_point_to_one_another_within_their_room(folder: Path) -> None:
    needs, resources = _cells(folder, "needs"), _cells(folder, "resources")
    matches, projects = _cells(folder, "matches"), _cells(folder, "projects")
    assert set(matches["需求编号"]) <= set(needs["需求编号"])
    assert matches["需求编号"].is_unique
    taken = matches["资源编号"].value_counts()
    room = resources.set_index("资源编号")["可服务人次"].astype(int)
    assert (taken <= room.loc[taken.index]).all()
    kinds = needs.set_index("需求编号")["需求类别"]
    offered = resources.set_index("资源编号")["资源类别"]
    for table in (matches, projects):
        of_need = kinds.loc[table["需求编号"]].to_numpy()
        assert (of_need == offered.loc[table["资源编号"]].to_numpy()).all()
    assert (projects["项目类别"].to_numpy() == kinds.loc[projects["需求编号"]].to_numpy()).all()
    waiting = projects["项目状态"] == "未启动"
    assert (projects.loc[waiting, "开始时间"] == "").all()
    running = projects["项目状态"] == "实施中"
    assert (projects.loc[running, "结束时间"] == "").all()
    assert (projects.loc[running, "开始时间"] != "").all()


def test_an_order_goes_through_its_loop_in_order(folder: Path) -> None:
    orders = _cells(folder, "orders")
    steps = orders[
        ["点单时间", "派单时间", "认领时间", "接单时间", "转办时间", "办结时间", "评单时间"]
    ]
    for row in steps.itertuples(index=False):
        known = [text for text in row if text]
        assert known == sorted(known)
    assert ((orders["评单"] != "") == (orders["评单时间"] != "")).all()
    done = orders["状态"] == "办结"
    assert (done == (orders["办结时间"] != "")).all()
    assert set(orders["状态"]) > {"办结", "撤单"}


def test_sites_lie_in_their_units_and_most_are_what_is_asked_for(folder: Path) -> None:
    ground = _cells(folder, "ground")
    asked = ground["类别"] == "食堂"
    assert 0.6 < asked.mean() < 0.8
    # the street lies near 123.2, 30.6; by Baidu's system it is shown some hundred metres off
    east, north = ground["经"].astype(float), ground["纬"].astype(float)
    assert east.between(123.19, 123.23).all()
    assert north.between(30.59, 30.62).all()


def test_steps_of_a_case_follow_one_another(folder: Path) -> None:
    for _, own in _cells(folder, "steps").groupby("事项"):
        assert own["时间"].is_monotonic_increasing
        assert own["环节"].tolist() == [
            s for s in ("受理", "转办", "办结") if s in set(own["环节"])
        ]
        assert len({name[:2] for name in own["居民区"]}) == 1


def test_counts_add_up(folder: Path) -> None:
    counts = _cells(folder, "service_counts")

    def number(header: str) -> pd.Series:
        return counts[header].astype(int)

    parts = number("按时办结数") + number("超时办结数") + number("未办结数")
    assert (parts == number("派遣案件总数")).all()
    rate = 100.0 * number("按时办结数") / number("派遣案件总数")
    assert np.abs(rate - counts["按时结案率"].astype(float)).max() < 0.006


def test_a_level_of_options_is_the_one_whose_score_is_nearest() -> None:
    level = {"code": "x", "name": "等级", "how": "level", "width": 1, "worst": 1, "best": 5}
    true = np.array([0.0, 40.0, 60.0, 100.0])  # 1, 2.6, 3.4 and 5

    def written(column: str) -> list[str]:
        values = {"mark": {"未查": None, "差": 1, "中": 3, "好": 5}}
        ledger = of_kind([{**level, "column": column}], values=values)
        rng = np.random.Generator(np.random.PCG64(1))
        maker = _Maker(ledger, SimpleNamespace(rng=rng, truth={"x": true}))  # type: ignore[arg-type]
        maker.at = np.array([0, 1, 1, 2, 3])
        maker._measured(ledger.measures[0])
        return maker.columns[column]

    assert written("mark") == ["差", "中", "中", "中", "好"]
    assert written("value") == ["1.00", "2.60", "2.60", "3.40", "5.00"]
