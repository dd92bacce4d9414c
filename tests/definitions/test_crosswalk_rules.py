"""What a crosswalk may say twice: options of one item, and spellings of one meaning."""

from __future__ import annotations

from typing import Any

from evalkit.definitions.crosswalk import Crosswalk


def codes(columns: list[dict[str, Any]], **more: Any) -> list[str]:
    given = {"id": "c", "questionnaire": "q", "layout": "x", "variant": "text", "columns": columns}
    return [fault.code for fault in Crosswalk.model_validate(given | more).faults()]


def test_every_option_of_an_item_may_have_a_column() -> None:
    columns = [{"column": at, "item": "q1", "option": str(at)} for at in (1, 2)]
    assert codes(columns) == []
    columns[1]["option"] = "1"
    assert codes(columns) == ["item_mapped_twice"]
    assert codes([{"column": 1}, {"column": 2}]) == []


def test_spellings_of_one_meaning_may_stand_beside_each_other() -> None:
    columns = [{"column": 1, "item": "q1"}]
    assert codes(columns, values={"q1": {"还行": "2", "还 行": "2"}}) == []
    assert codes(columns, values={"q1": {"还行": "2", "还 行": None}}) == ["contradictory_mapping"]
    assert codes(columns, subjects={"甲村": "a", "甲村社区": "a"}) == []
    assert codes(columns, subjects={"甲村": "a", "甲村社区": "b"}) == ["contradictory_mapping"]
