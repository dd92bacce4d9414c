"""What could meet open needs: the same kind, the nearest, within capacity, and never by itself."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from evalkit.answers.proposing import propose
from evalkit.definitions.decided import Decided
from evalkit.definitions.evaluation import ResponseFile
from evalkit.definitions.roster import Roster
from evalkit.errors import InputErrors, Problems
from evalkit.forms import proposal
from evalkit.handout import hand_out_matches
from evalkit.inputs import Inputs
from evalkit.intake.ledgers import LedgerSource
from evalkit.platforms import read
from evalkit.tables.records import Proposal, Records
from tests.ledgers import door
from tests.ledgers.test_links import HEADERS, shipped

ROSTER = Roster.model_validate(
    {
        "subjects": [
            {"id": f"s{at}", "name": name, "zone": zone}
            for at, (name, zone) in enumerate(
                zip(door.NAMES, ("东", "东", "西", None), strict=True), 1
            )
        ]
    }
)
LEDGERS = {name: shipped(name) for name in HEADERS}


def made(
    needs: Sequence[tuple[str, str, str, str]],
    resources: Sequence[tuple[str, str, str, float | None]],
    matches: Sequence[tuple[str, str, str]] = (),
) -> Proposal:
    """Propose for needs (key, subject, kind, state), resources (key, subject, kind, capacity)."""
    tables = {
        "needs": pd.DataFrame(needs, columns=["key", "subject", "kind", "state"]),
        "resources": pd.DataFrame(resources, columns=["key", "subject", "kind", "capacity"]),
        "matches": pd.DataFrame(matches, columns=["need", "resource", "state"]),
    }
    tables["resources"]["capacity"] = tables["resources"]["capacity"].astype("float64")
    found = {
        name: Records("2016", name, table.assign(belongs=True)) for name, table in tables.items()
    }
    return propose(found, LEDGERS, ROSTER)


def tied(one: Proposal) -> list[tuple[str, str, str]]:
    columns = (one.matches[name].astype(str) for name in ("need", "resource", "near"))
    return list(zip(*columns, strict=True))


def test_the_nearest_of_the_same_kind_is_proposed() -> None:
    needs = [("X1", "s1", "助餐", "未对接"), ("X2", "s1", "助医", "未对接")]
    resources = [("Z1", "s3", "助餐", 9.0), ("Z2", "s2", "助餐", 9.0), ("Z3", "s1", "助教", 9.0)]
    found = made(needs, resources)
    assert tied(found) == [("X1", "Z2", "zone")]
    assert found.unmet[["need", "why"]].to_numpy().tolist() == [["X2", "no_resource"]]


def test_who_has_no_zone_shares_none() -> None:
    found = made([("X1", "s4", "助餐", "")], [("Z1", "s1", "助餐", 1.0)])
    assert tied(found) == [("X1", "Z1", "elsewhere")]


def test_room_is_what_existing_matches_leave_and_more_are_served_before_nearer() -> None:
    needs = [(f"X{at}", "s1", "助餐", "未对接") for at in range(1, 5)]
    resources = [("Z1", "s1", "助餐", 2.0), ("Z2", "s3", "助餐", 1.5)]
    found = made(needs, resources, [("X1", "Z1", "已签约"), ("X9", "Z2", "已取消")])
    assert tied(found) == [("X2", "Z1", "unit"), ("X3", "Z2", "elsewhere")]
    assert found.matches[["capacity", "taken", "proposed"]].to_numpy().tolist() == [
        [2.0, 1, 1],
        [1.5, 0, 1],
    ]
    assert found.unmet[["need", "why"]].to_numpy().tolist() == [["X4", "no_room"]]


def test_what_is_met_is_left_and_what_tells_no_kind_or_capacity_is_not_guessed() -> None:
    needs = [("X1", "s1", "助餐", "已完成"), ("X2", "s1", "", "未对接"), ("X3", "s1", "助餐", "")]
    found = made(needs, [("Z1", "s1", "助餐", None), ("Z2", "s1", "", 5.0)])
    assert found.matches.empty
    assert found.unmet[["need", "why"]].to_numpy().tolist() == [
        ["X2", "no_kind"],
        ["X3", "no_resource"],
    ]
    assert found.unsized == 2
    told = "；".join(proposal.by_hand(found))
    assert "这 0 条都还没有批准" in told
    assert "还有 2 条需求没有资源可配" in told
    assert "有 2 项资源没有写类别或容量" in told


def test_the_kind_of_which_one_more_place_helps_most_is_named_and_it_does_help() -> None:
    needs = [("X1", "s1", "助医", ""), ("X2", "s1", "助餐", ""), ("X3", "s2", "助餐", ""),
             ("X4", "s3", "", ""), ("X5", "s3", "", ""), ("X6", "s3", "", "")]  # fmt: skip
    found = made(needs, [("Z1", "s1", "助餐", 0.0)])
    assert "没有配上的最多的是“助餐”（2 条）" in "；".join(proposal.by_hand(found))
    more = made(needs, [("Z1", "s1", "助餐", 1.0)])
    assert len(found.unmet) - len(more.unmet) == 1
    # Of two kinds with one each the first by name; kinds that nobody told are no kind.
    assert "“助医”（1 条）" in "；".join(proposal.by_hand(made([needs[0], *needs[3:]], [])))
    assert "最多的是" not in "；".join(proposal.by_hand(made(needs[3:], [])))


def lines(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_every_line_has_its_reason_and_waits_for_a_person() -> None:
    found = made([("X1", "s1", "助餐", ""), ("X2", "s1", "助医", "")], [("Z1", "s1", "助餐", 3.0)])
    (row,) = lines(proposal.matches(found, ROSTER, LEDGERS["matches"], "居民区"))
    assert row == {
        "需求编号": "X1",
        "资源编号": "Z1",
        "居民区": door.NAMES[0],
        "对接状态": "意向",
        "批准": "否",
        "理由": "同类（助餐），同一个居民区；容量 3，已对接 0，本建议共对接 1",
    }
    (unmet,) = lines(proposal.unmet(found, ROSTER, "居民区"))
    assert (unmet["需求编号"], unmet["原因"]) == ("X2", "没有同类的资源")


def inputs(folder: Path, **files: Sequence[Sequence[str]]) -> Inputs:
    problems, sources = Problems(), []
    for name, rows in files.items():
        path = folder / f"{name}.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(rows)
        sheet = read(path, name=path.name, problems=problems)
        assert sheet is not None
        entry = ResponseFile(file=path.name, ledger=name)
        sources.append(LedgerSource(entry, sheet, LEDGERS[name]))
    decided: Decided = replace(door.decided(door.ledger()), roster=ROSTER, ledgers=LEDGERS)
    wave = decided.order.waves[-1].id
    return Inputs(decided, {}, records={wave: sources})


NEEDS = [HEADERS["needs"], ["X1", door.NAMES[0], "助餐", "未对接"]]
RESOURCES = [HEADERS["resources"], ["Z1", door.NAMES[1], "助餐", "4"]]


def test_the_file_is_read_back_and_counts_only_once_it_is_approved(tmp_path: Path) -> None:
    first, _ = hand_out_matches(inputs(tmp_path, needs=NEEDS, resources=RESOURCES))
    header, *rows = csv.reader(io.StringIO(first.content.decode("utf-8-sig")))
    more = {"needs": NEEDS, "resources": RESOURCES}
    again, _ = hand_out_matches(
        inputs(tmp_path, **more, matches=[header, ["X1", "Z1", door.NAMES[0], "意向", "是", ""]])
    )
    assert [row[4] for row in rows] == ["否"]
    assert lines(again.content) == []
    with pytest.raises(InputErrors) as caught:
        hand_out_matches(inputs(tmp_path, **more, matches=[header, *rows]))
    # Nothing of it is a record yet, and a file without one is told.
    assert [p.code for p in caught.value.problems] == ["no_usable_record"]


def test_keys_that_look_like_formulas_come_back_as_they_were(tmp_path: Path) -> None:
    """Our table writes '-X1 so that no spreadsheet computes it; the list has -X1."""
    needs = [NEEDS[0], ["-X1", *NEEDS[1][1:]]]
    more = {"needs": needs, "resources": RESOURCES}
    first, _ = hand_out_matches(inputs(tmp_path, **more))
    header, row = csv.reader(io.StringIO(first.content.decode("utf-8-sig")))
    assert row[0] == "'-X1"
    approved = [*row[:4], "是", row[5]]
    again, _ = hand_out_matches(inputs(tmp_path, **more, matches=[header, approved]))
    assert lines(again.content) == [], "it is met: the pair was found again"


def test_a_list_that_is_missing_or_has_no_kind_is_a_problem(tmp_path: Path) -> None:
    without = [[row[0], row[1], row[3]] for row in NEEDS]
    with pytest.raises(InputErrors) as caught:
        hand_out_matches(inputs(tmp_path, needs=without))
    found = caught.value.problems
    assert [p.code for p in found] == ["list_incomplete", "list_incomplete"]
    assert all(p.remedy for p in found)
