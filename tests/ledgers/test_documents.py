"""Ledger documents: all their faults at once, as YAML and as workbook, and beside the others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from evalkit import assets
from evalkit.definitions.ledger import Ledger
from evalkit.definitions.loading import load_ledger
from evalkit.definitions.opening_hours import spans
from evalkit.definitions.workbook import write_workbook
from evalkit.errors import InputErrors, Problems
from evalkit.evaluation import evaluate
from evalkit.folder import Folder
from evalkit.folder.documents import located
from tests.ledgers import hotline

Data = dict[str, Any]


def faults(change: Callable[[Data], None]) -> list[tuple[str, str | None]]:
    data = yaml.safe_load(hotline.LEDGER)
    change(data)
    return [(fault.code, fault.found) for fault in Ledger.model_validate(data).faults()]


def test_every_fault_is_told_at_once() -> None:
    def spoil(data: Data) -> None:
        data["columns"][1]["holds"] = "code"
        data["columns"].append(data["columns"][0] | {"headers": ["又一列"]})
        data["wave_by"] = "satisfied"
        data["key"] = ["number"]
        data["clocks"][0]["limit"] = 5
        data["measures"][0]["clock"] = "off_time"
        data["measures"][1]["hits"] = []
        data["measures"][2]["column"] = "handler"
        data["exclude"][0]["column"] = "stat"

    assert faults(spoil) == [
        ("duplicate_id", "order（2 次）"),
        ("ledger_without_unit", "没有"),
        ("unknown_reference", "number"),
        ("unknown_reference", "satisfied"),
        ("unknown_reference", "stat"),
        ("ledger_incomplete", "两样都写了"),
        ("unknown_reference", "off_time"),
        ("ledger_incomplete", "没有"),
        ("unknown_reference", "handler"),
    ]


@pytest.mark.parametrize(
    "measure",
    [
        {"how": "share"},
        {"how": "share", "column": "resolved", "hits": ["已解决"], "clock": "on_time"},
        {"how": "score", "column": "state"},
        {"how": "level", "column": "satisfied", "worst": 0, "best": 0, "width": 1},
        {"how": "points", "column": "satisfied"},
        {"how": "curve", "of": "resolved", "breaks": {"0": 0}},
        {"how": "share", "column": "resolved", "hits": ["已解决"], "where": "state"},
    ],
)
def test_a_measure_needs_what_it_is_made_of(measure: Data) -> None:
    new = {"code": "m", "name": "某"} | measure
    assert [code for code, _ in faults(lambda data: data["measures"].append(new))] == [
        "ledger_incomplete"
    ]


@pytest.mark.parametrize(
    ("measure", "field"),
    [
        ({"how": "share", "column": "size", "hits": ["5"]}, "size"),  # all would be 0%
        ({"how": "level", "column": "order", "worst": 0, "best": 9, "width": 1}, "order"),
        ({"how": "points", "column": "closed", "full": 9}, "closed"),
        ({"how": "rate", "column": "resolved", "scored": False}, "resolved"),
        ({"how": "rate", "scored": False, "where": "size", "among": ["5"]}, "size"),
    ],
)
def test_a_measure_is_made_of_a_column_of_its_kind(measure: Data, field: str) -> None:
    def change(data: Data) -> None:
        data["columns"].append({"code": "size", "headers": ["大小"], "holds": "number"})
        data["measures"].append({"code": "m", "name": "某"} | measure)

    assert faults(change) == [("unknown_reference", field)]


def test_texts_that_no_record_can_hold_are_told_all_at_once() -> None:
    def change(data: Data) -> None:
        data["finished"] = ["办结", "已办结"]
        data["withdrawn"] = ["作废"]
        data["exclude"][0]["values"] = ["撤单 ", "退单"]
        data["measures"][1]["hits"] = ["解决了"]
        data["measures"][2] |= {"where": "resolved", "among": ["已解决", "是"]}
        caps = {"column": "satisfied", "category": "state", "caps": {"结案": 5}, "full": 9}
        data["measures"].append({"code": "p", "name": "分", "how": "points"} | caps)

    found = ["作废", "已办结", "退单", "解决了", "是", "结案"]
    assert faults(change) == [("undeclared_value", text) for text in found]


def test_what_counts_is_asked_of_a_column_whose_values_are_told() -> None:
    def change(data: Data) -> None:
        del data["values"]["resolved"]

    assert faults(change) == [("undeclared_value", "已解决")]


@pytest.mark.parametrize(
    ("clock", "found"),
    [
        ({"limit": 0.5, "unit": "workdays"}, "0.5"),
        ({"limit": 2, "unit": "days", "hours": "09:00-17:00"}, "09:00-17:00"),
        ({"due": "due", "hours": "9:00-17:00"}, "09:00-17:00"),
    ],
)
def test_a_limit_that_no_clock_can_count_is_a_fault(clock: Data, found: str) -> None:
    base = {"code": "on_time", "name": "限", "start": "opened", "stop": "closed"}
    assert faults(lambda data: data.update(clocks=[base | clock])) == [("ledger_incomplete", found)]


def test_opening_hours_are_spans_one_after_another() -> None:
    nine, noon, two, five = dt.time(9), dt.time(11, 30), dt.time(13, 30), dt.time(17)
    assert spans("9：00～17:00") == ((nine, five),)
    assert spans("09:00-11:30、13:30-17:00") == ((nine, noon), (two, five))
    for wrong in ("九点到五点", "17:00-09:00", "09:00-13:00、12:00-17:00", "09:00-25:00", ""):
        with pytest.raises(ValueError, match="办公时间"):
            spans(wrong)


def test_a_ledger_goes_into_a_workbook_and_back(tmp_path: Path) -> None:
    data = yaml.safe_load(hotline.LEDGER)
    hours = {"limit": 4, "unit": "hours", "hours": "09:00-11:30、13:30-17:00"}
    data["clocks"].append({"code": "c", "name": "限", "start": "opened", "stop": "closed"} | hours)
    one = Ledger.model_validate(data)
    path = tmp_path / "hotline.xlsx"
    write_workbook(one, path)
    problems = Problems()
    assert load_ledger(path, "ledgers/hotline.xlsx", problems) == one
    assert not problems


def spoilt(root: Path, file: str, *pairs: tuple[str, str]) -> list[str]:
    path = root / file
    text = path.read_text("utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, "utf-8")
    problems = Problems()
    Folder(root).load(problems)
    assert all(problem.remedy for problem in problems)
    return sorted({problem.code for problem in problems})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return hotline.write(tmp_path / "ws")


def test_a_file_without_a_ledger(root: Path) -> None:
    found = spoilt(root, "evaluation.yaml", ("ledger: hotline", "ledger: hotlines"))
    assert found == ["ledger_without_file", "unknown_ledger"]


def test_a_ledger_without_a_file(root: Path) -> None:
    line = "      - {file: responses/2016/hotline.csv, ledger: hotline}\n"
    assert spoilt(root, "evaluation.yaml", (line, "")) == ["ledger_without_file"]


@pytest.mark.parametrize("told", ["group: office", "mode: paper"])
def test_a_file_of_records_has_no_group_and_was_not_filled_in(root: Path, told: str) -> None:
    spoiling = ("2016/hotline.csv,", f"2016/hotline.csv, {told},")
    assert spoilt(root, "evaluation.yaml", spoiling) == ["not_of_a_ledger"]


@pytest.mark.parametrize(
    "more",
    ["separator: ；", "long: {person: 工单编号, question: 状态, answer: 满意度}", "variant: text"],
)
def test_a_file_of_records_says_nothing_that_only_answers_have(root: Path, more: str) -> None:
    found = spoilt(root, "evaluation.yaml", ("2016/hotline.csv,", f"2016/hotline.csv, {more},"))
    assert found == ["not_of_a_ledger"]


def test_no_questionnaire_is_issued_to_a_ledger(root: Path) -> None:
    found = spoilt(
        root, "evaluation.yaml", ("issued: {resident: 100}", "issued: {resident: 100, line: 9}")
    )
    assert found == ["not_of_a_ledger"]


def test_records_are_not_sorted_by_time_into_a_wave_without_days(root: Path) -> None:
    found = spoilt(root, "evaluation.yaml", ("    end: 2016-12-31\n", ""))
    assert found == ["wave_without_dates"]
    ledger = root / "ledgers/hotline.yaml"
    ledger.write_text(ledger.read_text("utf-8").replace("wave_by: due\n", ""), "utf-8")
    assert not spoilt(root, "evaluation.yaml")


def test_a_group_speaks_through_one_source(root: Path) -> None:
    found = spoilt(
        root, "scheme.yaml", ("ledger: hotline,", "ledger: hotline, questionnaire: resident,")
    )
    assert "group_source" in found


def test_a_hotline_stands_for_residents_only_with_a_reason(root: Path) -> None:
    found = spoilt(root, "scheme.yaml", ("ledger: hotline,", "ledger: hotline, residents: true,"))
    assert found == ["ledger_as_residents"]
    reasoned = ("residents: true,", "residents: true, residents_reason: 来电的都是居民,")
    assert spoilt(root, "scheme.yaml", reasoned) == []
    problems = Problems()
    loaded = Folder(root).load(problems)
    assert loaded.inputs is not None
    line = loaded.inputs.decided.scheme.group("line")
    assert (line.residents, line.residents_reason) == (True, "来电的都是居民")


def test_a_group_publishes_no_fewer_records_than_its_ledger(root: Path) -> None:
    found = spoilt(
        root, "scheme.yaml", ("ledger: hotline, minimum_n: 5", "ledger: hotline, minimum_n: 4")
    )
    assert found == ["minimum_below_ledger"]


def test_an_indicator_names_a_measure_that_is_scored(root: Path) -> None:
    found = spoilt(root, "scheme.yaml", ("[resolved, satisfied]", "[resolved, pleased]"))
    assert found == ["unknown_measure"]


def test_a_crosswalk_of_a_ledger_names_its_columns(root: Path) -> None:
    (root / "crosswalks").mkdir()
    (root / "crosswalks/x.yaml").write_text(
        "id: x\nledger: hotline\nlayout: abc\nvariant: text\ncolumns: [{column: 1, item: nothing}]\n"
        "values: {satisfied: {还行: 很好}}\n",
        "utf-8",
    )
    problems = Problems()
    Folder(root).load(problems)
    assert [problem.code for problem in problems] == ["unknown_in_ledger"] * 2


def test_one_record_counts_in_one_wave(root: Path) -> None:
    ledger = root / "ledgers/hotline.yaml"
    ledger.write_text(ledger.read_text("utf-8").replace("wave_by: due\n", ""), "utf-8")
    (root / "responses/2016/hotline.csv").write_bytes(
        (root / "responses/2015/hotline.csv").read_bytes()
    )
    problems = Problems()
    loaded = Folder(root).load(problems)
    assert loaded.inputs is not None
    assert not problems
    with pytest.raises(InputErrors) as errors:
        evaluate(loaded.inputs)
    assert [problem.code for problem in errors.value.problems] == ["key_in_two_waves"]


def test_a_shipped_ledger_is_found_again_when_it_is_verified(tmp_path: Path) -> None:
    assert located(tmp_path, "预设台账 hotline.yaml") == assets.ledger("hotline")
    assert located(tmp_path, "预设台账 gone.yaml") is None
    assert located(tmp_path, "ledgers/own.yaml") == tmp_path / "ledgers/own.yaml"


@pytest.mark.parametrize(
    ("more", "faulty"),
    [
        ({}, False),
        ({"per_unit": "households"}, False),
        ({"exposure": "size"}, False),
        ({"per_unit": "population", "exposure": "size"}, True),
        ({"scored": True, "worst": 10, "best": 2}, True),  # why these, nobody says
        ({"scored": True, "worst": 10, "best": 2, "reason": " "}, True),
        ({"scored": True, "worst": 10, "reason": "协议"}, True),
        ({"scored": True, "worst": 2, "best": 2, "reason": "协议"}, True),
        ({"scored": True, "worst": 10, "best": 2, "reason": "协议"}, False),
    ],
)
def test_a_rate_has_one_base_and_where_it_is_scored_both_ends_and_a_reason(
    more: Data, faulty: bool
) -> None:
    def change(data: Data) -> None:
        data["columns"].append({"code": "size", "headers": ["大小"], "holds": "number"})
        rate = {"code": "m", "name": "某", "how": "rate", "scored": False}
        data["measures"].append(rate | more)

    assert faults(change) == ([("ledger_incomplete", "没有")] if faulty else [])
