"""Documents survive YAML and workbooks, there and back, whatever is written in them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evalkit.definitions import loading
from evalkit.definitions.documents import Document
from evalkit.definitions.workbook import write_workbook
from evalkit.definitions.yaml_text import dump_yaml
from evalkit.errors import Problems
from tests.definitions import strategies

PRESET = Path(__file__).parents[2] / "questionnaires" / "changshou"

ALL: dict[str, tuple[st.SearchStrategy[Any], Callable[..., Any]]] = {
    "scheme": (strategies.schemes(), loading.load_scheme),
    "questionnaire": (strategies.questionnaires(), loading.load_questionnaire),
    "roster": (strategies.rosters(), loading.load_roster),
    "crosswalk": (strategies.crosswalks(), loading.load_crosswalk),
}


def there_and_back(document: Document, load: Callable[..., Any], suffix: str) -> Document:
    """Write a document, load it again, and insist that nothing was wrong with it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"document{suffix}"
        if suffix == ".xlsx":
            write_workbook(document, path)
        else:
            path.write_text(dump_yaml(document), encoding="utf-8")
        problems = Problems()
        loaded = load(path, path.name, problems)
        assert list(problems) == []
        assert isinstance(loaded, Document)
        return loaded


@pytest.mark.parametrize("name", ALL)
def test_yaml_and_workbook_give_the_document_back(name: str) -> None:
    strategy, load = ALL[name]

    @settings(
        max_examples=15,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    @given(strategy)
    def run(document: Document) -> None:
        assert list(document.faults()) == []
        from_yaml = there_and_back(document, load, ".yaml")
        assert from_yaml == document
        from_workbook = there_and_back(from_yaml, load, ".xlsx")
        assert from_workbook == document
        assert there_and_back(from_workbook, load, ".yaml") == document

    run()


@pytest.mark.parametrize(
    ("file", "load"),
    [
        ("scheme.yaml", loading.load_scheme),
        ("resident.yaml", loading.load_questionnaire),
        ("organisation.yaml", loading.load_questionnaire),
        ("actions.yaml", loading.load_actions),
        ("themes.yaml", loading.load_themes),
        ("demo/roster.csv", loading.load_roster),
    ],
)
def test_the_shipped_preset_survives_both(file: str, load: Callable[..., Any]) -> None:
    problems = Problems()
    document = load(PRESET / file, file, problems)
    assert list(problems) == []
    assert there_and_back(document, load, ".yaml") == document
    assert there_and_back(document, load, ".xlsx") == document


@pytest.mark.parametrize(
    ("written", "notice", "contact"),
    [
        ("", True, None),
        ("notice: false\ncontact: 自治办：021-6298，工作日\n", False, "自治办：021-6298，工作日"),
        ("contact: ' '\n", True, None),
        ("contact: 62980000\n", True, "62980000"),
    ],
)
def test_an_order_says_whether_there_are_notices_and_whom_to_call(
    tmp_path: Path, written: str, notice: bool, contact: str | None
) -> None:
    path = tmp_path / "evaluation.yaml"
    text = f"title: 题\nstreet: 沙田街道\n{written}waves:\n  - id: '2016'\n"
    path.write_text(text, encoding="utf-8")
    problems = Problems()
    order = loading.load_order(path, path.name, problems)
    assert list(problems) == []
    assert order is not None
    assert (order.notice, order.contact) == (notice, contact)
    assert there_and_back(order, loading.load_order, ".yaml") == order


def test_the_shipped_order_is_valid() -> None:
    problems = Problems()
    order = loading.load_order(
        PRESET / "evaluation.yaml", "evaluation.yaml", problems, even_if_faulty=True
    )
    assert [problem.code for problem in problems] == ["placeholder"]
    assert order is not None
    order = order.model_copy(update={"street": "沙田街道"})
    assert there_and_back(order, loading.load_order, ".yaml") == order


def test_an_order_says_what_stands_on_the_cover_and_which_papers_are_made(tmp_path: Path) -> None:
    path = tmp_path / "evaluation.yaml"
    said = (
        "commissioned_by: 沙田街道办事处\nissued_by: 某机构\nseal: false\nsigned: 2016-12-30\n"
        "classification: 内部资料\ncopy_number: '12'\npapers: [docx]\n"
    )
    for written, covered in (("", False), (said, True), ("classification: ' '\n", False)):
        text = f"title: 题\nstreet: 沙田街道\n{written}waves:\n  - id: '2016'\n"
        path.write_text(text, encoding="utf-8")
        problems = Problems()
        order = loading.load_order(path, path.name, problems)
        assert list(problems) == []
        assert order is not None
        assert order.covered is covered
        assert there_and_back(order, loading.load_order, ".yaml") == order
        if written == said:
            assert (order.copy_number, order.papers, order.seal) == ("000012", ["docx"], False)
