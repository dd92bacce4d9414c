"""Ledger documents: all their faults at once, as YAML and as workbook, and beside the others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from evalkit import assets
from evalkit.definitions.ledger import Ledger
from evalkit.definitions.loading import load_ledger
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
        ("ledger_incomplete", "没有"),
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


def test_a_ledger_goes_into_a_workbook_and_back(tmp_path: Path) -> None:
    one = Ledger.model_validate(yaml.safe_load(hotline.LEDGER))
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


def test_a_group_speaks_through_one_source(root: Path) -> None:
    found = spoilt(
        root, "scheme.yaml", ("ledger: hotline,", "ledger: hotline, questionnaire: resident,")
    )
    assert "group_source" in found


def test_a_hotline_stands_for_residents_only_with_a_reason(root: Path) -> None:
    found = spoilt(root, "scheme.yaml", ("ledger: hotline,", "ledger: hotline, residents: true,"))
    assert found == ["ledger_as_residents"]
    reasoned = ("residents: true,", "residents: true, residents_reason: 来电的都是居民,")
    text = (root / "scheme.yaml").read_text("utf-8")
    assert (
        spoilt(
            root,
            "scheme.yaml",
            (f"ledger: hotline, {reasoned[0]}", f"ledger: hotline, {reasoned[1]}"),
        )
        == []
    )
    assert text


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
