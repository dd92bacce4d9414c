"""Scores for the people who live there: the page to the file, and what it says where nobody knows."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from evalkit.pages.technical import residents
from evalkit.tables import Evaluation, no_rows
from tests.deciding import with_decided
from tests.pages import published, town
from tests.pages.reading import Files, fixed, interval, signed


@pytest.fixture(scope="module")
def files(request: pytest.FixtureRequest) -> Files:
    return published.street("town", request)


def test_the_table_and_its_sentence_are_the_files(files: Files) -> None:
    part, rows = published.note(files).part("按居民构成推算"), files.table("multilevel")
    assert {r["group"] for r in rows} == {"random"}
    assert {r["known_by"] for r in rows} <= {"age", "age;housing"}
    told = files.where("indicators", group="random", code="composite")
    shown = {r["subject"] for r in told if r["estimate"] is not None}
    assert town.FEW_RANDOM not in shown
    assert {r["subject"] for r in rows} == shown - {town.UNKNOWN_AGES}
    assert part.tables[0].rows == [
        [
            r["name"],
            fixed(r["raw"]),
            interval(r["raw_low"], r["raw_high"]),
            fixed(r["multilevel"]),
            interval(r["multilevel_low"], r["multilevel_high"]),
            signed(r["shift"]) + ("＊" if r["beyond"] else ""),
        ]
        for r in rows
    ]
    sizes = [abs(r["shift"]) for r in rows]
    most = max(rows, key=lambda r: abs(r["shift"]))
    beyond = [r["name"] for r in rows if r["beyond"]]
    tail = (
        f"{len(beyond)} 个超出原来的误差范围（{'、'.join(beyond)}）"
        if beyond
        else "没有一个超出原来的误差范围"
    )
    assert part.takeaway == (
        f"按各居民区居民的构成（“您的年龄”）推算，并把答卷少的向平均靠拢：随机居民的得分平均变动 "
        f"{fixed(math.fsum(sizes) / len(sizes))} 分，最多 {signed(most['shift'])} 分（{most['name']}），{tail}。"
    )
    for r in rows:
        (own,) = files.where("indicators", subject=r["subject"], group="random", code="composite")
        assert (r["raw"], r["raw_se"], r["n"]) == (own["estimate"], own["se"], own["n"])
        assert r["shift"] == pytest.approx(r["multilevel"] - r["raw"])
        assert r["beyond"] == (not r["raw_low"] <= r["multilevel"] <= r["raw_high"])
    complete = [r["subject"] for r in files.table("scores") if r["complete"]]
    left = [town.COMMITTEES[s][0] for s in complete if s not in {r["subject"] for r in rows}]
    assert any(t.startswith(f"{'、'.join(left)}没有写明居民构成") for t in part.texts)


def test_where_nobodys_people_are_known_the_note_says_what_is_missing(files: Files) -> None:
    evaluation: Evaluation = files.evaluation
    assert residents.missing(evaluation) == []
    none = replace(evaluation.assurance, multilevel=no_rows("multilevel"))
    without = replace(evaluation, assurance=none)
    assert residents.section(without) is None
    assert residents.missing(without) == ["写明居民构成的居民区答卷太少，没有按居民构成推算得分。"]
    (said,) = residents.missing(with_decided(without, margins=None))
    assert said == (
        "各居民区居民的年龄、性别、住房构成没有资料（margins.csv 中没有按居民区写的比例），"
        "因此没有按居民构成推算得分。"
    )
