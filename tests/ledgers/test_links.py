"""Three lists and what ties them: orphans, double links, what is promised beyond its capacity."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from evalkit import assets
from evalkit.codes import NoteCode
from evalkit.definitions.evaluation import ResponseFile
from evalkit.definitions.ledger import Ledger
from evalkit.definitions.ledger_consistency import target_faults
from evalkit.definitions.loading import load_ledger
from evalkit.errors import Note, Problem, Problems
from evalkit.intake.ledgers import LedgerSource, import_records
from evalkit.pages.press.sentences import said
from evalkit.platforms import read
from tests.ledgers import door

HEADERS = {
    "needs": ["需求编号", "居民区", "需求类别", "办理状态"],
    "resources": ["资源编号", "居民区", "资源类别", "可服务人次"],
    "matches": ["需求编号", "资源编号", "居民区", "对接状态"],
}
NEEDS = [[f"X{at}", "甲居民区", "助餐", "未对接"] for at in range(1, 4)]
RESOURCES = [["Z1", "乙居民区", "助餐", "1"], ["Z2", "甲居民区", "助餐", ""]]


def shipped(name: str) -> Ledger:
    problems = Problems()
    found = load_ledger(assets.ledger(name), name, problems)
    assert found is not None, [str(p) for p in problems]
    return found


def let_in(
    folder: Path, matches: Sequence[Sequence[str]], header: Sequence[str] = HEADERS["matches"],
    **others: Sequence[Sequence[str]],
) -> tuple[list[Problem], list[Note], Mapping[str, int]]:  # fmt: skip
    """Let the lists in, and return problems, notes, and what was kept by list."""
    problems, sources, ledgers = Problems(), [], {}
    for name, rows in (others | {"matches": matches}).items():
        path = folder / f"{name}.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([header if name == "matches" else HEADERS[name], *rows])
        sheet = read(path, name=path.name, problems=problems)
        assert sheet is not None
        ledgers[name] = shipped(name)
        entry = ResponseFile(file=path.name, ledger=name)
        sources.append(LedgerSource(entry, sheet, ledgers[name]))
    decided = replace(door.decided(door.ledger()), ledgers=ledgers)
    _, reports = import_records(door.wave(), sources, decided, problems)
    notes = [n for report in reports for n in report.notes]
    return problems.found, notes, {report.ledger: report.kept for report in reports}


def match(need: str, resource: str, state: str = "意向") -> list[str]:
    return [need, resource, "甲居民区", state]


def test_links_that_hold_say_nothing(tmp_path: Path) -> None:
    matches = [match("X1", "Z1"), match("X2", "Z2"), match("X3", "Z2")]
    problems, notes, _ = let_in(tmp_path, matches, needs=NEEDS, resources=RESOURCES)
    assert problems == []
    assert notes == []


@pytest.mark.parametrize(("orphan", "column"), [(match("X9", "Z1"), "A"), (match("X1", "Z9"), "B")])
def test_what_points_to_nothing_is_a_problem(
    orphan: list[str], column: str, tmp_path: Path
) -> None:
    matches = [match("X2", "Z2"), orphan]
    (problem,), _, _ = let_in(tmp_path, matches, needs=NEEDS, resources=RESOURCES)
    assert problem.code == "link_to_nothing"
    assert (problem.file, problem.row) == ("matches.csv", 3)
    assert str(problem.column).startswith(column)
    assert problem.remedy


def test_a_pair_that_is_tied_twice_is_a_problem(tmp_path: Path) -> None:
    matches = [match("X1", "Z1"), match("X1", "Z1", "已落实")]
    problems, _, _ = let_in(tmp_path, matches, needs=NEEDS, resources=RESOURCES)
    assert [problem.code for problem in problems] == ["key_twice"]


def test_what_is_promised_beyond_its_capacity_is_told_and_what_is_cancelled_takes_none(
    tmp_path: Path,
) -> None:
    matches = [match("X1", "Z1"), match("X2", "Z1"), match("X3", "Z1", "已取消")]
    _, (note,), _ = let_in(tmp_path, matches, needs=NEEDS, resources=RESOURCES)
    assert note.code == NoteCode.LEDGER_BEYOND_CAPACITY == "ledger_beyond_capacity"
    assert note.count == 1
    assert "Z1：对接 2 条，容量 1" in said(note)
    rest = [*matches[1:], match("X9", "Z9", "已取消")]
    problems, notes, _ = let_in(tmp_path, rest, needs=NEEDS, resources=RESOURCES)
    assert (problems, notes) == ([], [])


@pytest.mark.parametrize(
    ("more", "first"), [(1, "Z4：对接 3 条，容量 1"), (0, "Z3：对接 2 条，容量 1")]
)
def test_of_several_beyond_their_capacity_the_furthest_is_named_then_the_first(
    more: int, first: str, tmp_path: Path
) -> None:
    needs = [[f"X{at}", "甲居民区", "助餐", "未对接"] for at in range(1, 9)]
    resources = [[f"Z{at}", "甲居民区", "助餐", "1"] for at in (3, 4, 5)]
    taken = ["Z4"] * (2 + more) + ["Z3"] * 2 + ["Z5"]
    matches = [match(f"X{at}", resource) for at, resource in enumerate(taken, start=1)]
    problems, (note,), _ = let_in(tmp_path, matches, needs=needs, resources=resources)
    assert (problems, note.count) == ([], 2)
    assert first in said(note)


def test_a_list_that_is_not_there_is_told_and_not_taken_for_empty(tmp_path: Path) -> None:
    problems, (note,), _ = let_in(tmp_path, [match("X1", "Z1")], needs=NEEDS)
    assert problems == []
    assert note.code == NoteCode.LEDGER_LINK_UNCHECKED == "ledger_link_unchecked"
    assert "指向的台账（resources、projects）没有文件" in said(note)


def test_what_nobody_approved_is_no_match(tmp_path: Path) -> None:
    header = [*HEADERS["matches"], "批准"]
    matches = [[*match("X1", "Z1"), "是"], [*match("X2", "Z2"), "否"]]
    problems, _, kept = let_in(tmp_path, matches, header, needs=NEEDS, resources=RESOURCES)
    assert problems == []
    assert kept["matches"] == 1


def test_only_a_code_points_to_records() -> None:
    one = shipped("matches").model_dump()
    one["columns"][3]["points_to"] = ["needs"]
    one["capacity"] = "state"
    codes = [fault.code for fault in Ledger.model_validate(one).faults()]
    assert sorted(codes) == ["ledger_incomplete", "unknown_reference"]


@pytest.mark.parametrize(
    ("target", "codes"),
    [("needs", []), ("neads", ["unknown_ledger"]), ("pairs", ["ledger_incomplete"])],
)
def test_a_column_points_to_a_ledger_that_one_column_names(target: str, codes: list[str]) -> None:
    data = shipped("matches").model_dump(mode="json")
    data["columns"] = [
        column | ({"points_to": [target]} if column["code"] == "need" else {})
        for column in data["columns"]
    ]
    own = Ledger.model_validate(data)
    pairs = shipped("matches").model_copy(update={"id": "pairs"})
    assert len(pairs.key) == 2
    found = target_faults(own, {"matches": own, "pairs": pairs})
    assert [fault.code for fault in found] == codes
