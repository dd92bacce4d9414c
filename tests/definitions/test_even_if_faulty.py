"""A faulty document may serve to look for faults elsewhere, if all of it could be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from evalkit.definitions.roster_file import read_roster
from evalkit.errors import Problems
from tests.definitions.books import Edit, cell, opened, written
from tests.definitions.small import DOCUMENTS, Data, fresh

Change = Callable[[Data], object]


@pytest.mark.parametrize(
    ("name", "change", "complete"),
    [
        ("scheme", lambda d: d["groups"][0].update(weight=45), True),
        ("scheme", lambda d: d.update(wieght=1), True),
        ("scheme", lambda d: d["groups"][0].update(weight="多"), False),
        ("scheme", lambda d: d.pop("title"), False),
        ("roster", lambda d: d["subjects"][1].update(name="玉佛"), True),
        ("roster", lambda d: d["subjects"][1].update(population="多"), False),
    ],
)
def test_yaml(name: str, change: Change, complete: bool, tmp_path: Path) -> None:
    data = fresh(name)
    change(data)
    path = tmp_path / f"{name}.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    strict, lenient = Problems(), Problems()
    load = DOCUMENTS[name][1]
    assert load(path, path.name, strict) is None
    assert (load(path, path.name, lenient, even_if_faulty=True) is not None) == complete
    assert list(lenient) == list(strict) != []


@pytest.mark.parametrize(
    ("name", "edit", "complete"),
    [
        ("scheme", cell("评价主体", "D2", 45), True),
        ("scheme", cell("指标", "A2", "Z"), False),
        ("scheme", cell("指标", "E1", "提目：resident"), False),
        ("scheme", cell("方案", "A4", "居民全重"), False),
        ("scheme", cell("方案", "B4", "=1/0"), False),
        ("scheme", lambda book: setattr(book["备选方案"], "title", "备选"), False),
        ("resident", lambda book: book.create_sheet("草稿").append(["x"]), True),
        ("resident", cell("量表", "A3", None), False),
        ("crosswalk", cell("取值", "B2", None), False),
        ("crosswalk", cell("取值", "B3", "还行"), True),
    ],
)
def test_workbooks(name: str, edit: Edit, complete: bool, tmp_path: Path) -> None:
    _, path = written(name, tmp_path)
    book = opened(path)
    edit(book)
    book.save(path)
    strict, lenient = Problems(), Problems()
    load = DOCUMENTS[name][1]
    assert load(path, path.name, strict) is None
    assert (load(path, path.name, lenient, even_if_faulty=True) is not None) == complete
    assert list(lenient) == list(strict) != []


@pytest.mark.parametrize(
    ("text", "complete"),
    [
        ("id,name\na,玉佛\na,常德\n", True),
        ("id,name\na,玉佛\nb,\n", False),
        ("id,name,书记\na,玉佛,张\n", False),
    ],
)
def test_rosters(text: str, complete: bool, tmp_path: Path) -> None:
    path = tmp_path / "名册.csv"
    path.write_text(text, encoding="utf-8")
    problems = Problems()
    assert read_roster(path, path.name, problems) is None
    roster = read_roster(path, path.name, problems, even_if_faulty=True)
    assert (roster is not None) == complete
    assert problems


def test_a_misspelt_optional_sheet_is_no_reason_for_further_faults(tmp_path: Path) -> None:
    _, path = written("resident", tmp_path)
    book = opened(path)
    book["选项"].title = "选 项"
    book.save(path)
    problems = Problems()
    assert DOCUMENTS["resident"][1](path, path.name, problems) is None
    assert [(p.code, p.sheet) for p in problems] == [("unknown_sheet", "选 项")]
