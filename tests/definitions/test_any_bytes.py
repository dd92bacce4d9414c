"""Whatever the bytes of a document are, loading gives a document or problems, never an exception."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evalkit.definitions import loading
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.workbook import write_workbook
from evalkit.errors import Problem, Problems
from evalkit.files import limits
from tests.definitions.small import DOCUMENTS, fresh
from tests.files.building import biff, compound

LOADERS: dict[str, Callable[..., Any]] = {
    "scheme": loading.load_scheme,
    "questionnaire": loading.load_questionnaire,
    "roster": loading.load_roster,
    "crosswalk": loading.load_crosswalk,
    "order": loading.load_order,
}
SUFFIXES = (".yaml", ".yml", ".xlsx", ".csv", ".XLSX", "", ".txt")

fuzz = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)


def load(name: str, suffix: str, content: bytes) -> tuple[Any, list[Problem]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"document{suffix}"
        path.write_bytes(content)
        problems = Problems()
        document = LOADERS[name](path, path.name, problems)
        return document, list(problems)


def assert_sound(document: Any, problems: list[Problem]) -> None:
    """A document or problems, never both, never neither; every problem can be shown."""
    assert (document is None) == bool(problems)
    for problem in problems:
        assert problem.code
        assert problem.message
        assert problem.file
        str(problem).encode("utf-8")
        assert all(part.isprintable() for part in (problem.key, problem.sheet) if part is not None)


def workbook_bytes() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.xlsx"
        write_workbook(Scheme.model_validate(fresh("scheme")), path)
        return path.read_bytes()


WORKBOOK = workbook_bytes()
TEXTS = {
    name: yaml.safe_dump(fresh(name), allow_unicode=True, sort_keys=False).encode()
    for name in DOCUMENTS
}

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@fuzz
@given(st.sampled_from(sorted(LOADERS)), st.sampled_from(SUFFIXES), st.binary(max_size=300))
def test_random_bytes(name: str, suffix: str, content: bytes) -> None:
    assert_sound(*load(name, suffix, content))


@fuzz
@given(st.sampled_from(sorted(LOADERS)), st.text(max_size=120))
def test_random_text_as_yaml(name: str, text: str) -> None:
    assert_sound(*load(name, ".yaml", text.encode("utf-8", "surrogatepass")))


@fuzz
@given(st.sampled_from(sorted(TEXTS)), st.data())
def test_yaml_that_breaks_off(name: str, data: st.DataObject) -> None:
    content = TEXTS[name]
    end = data.draw(st.integers(0, len(content)))
    loader = {"resident": "questionnaire", "organisation": "questionnaire", "evaluation": "order"}
    assert_sound(*load(loader.get(name, name), ".yaml", content[:end]))


@fuzz
@given(st.sampled_from(["scheme", "resident", "roster", "crosswalk", "evaluation"]), st.data())
def test_values_of_the_wrong_type_anywhere(name: str, data: st.DataObject) -> None:
    document = fresh(name)
    for _ in range(data.draw(st.integers(1, 4))):
        _replace_somewhere(document, data)
    text = yaml.safe_dump(document, allow_unicode=True)
    loader = {"resident": "questionnaire", "evaluation": "order"}.get(name, name)
    assert_sound(*load(loader, ".yaml", text.encode("utf-8", "surrogatepass")))


def _replace_somewhere(document: Any, data: st.DataObject) -> None:
    here = document
    while True:
        keys = list(here) if isinstance(here, dict) else list(range(len(here)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        if isinstance(here[key], dict | list) and here[key] and data.draw(st.booleans()):
            here = here[key]
            continue
        here[key] = data.draw(anything)
        return


@fuzz
@given(st.lists(st.tuples(st.integers(0, len(WORKBOOK) - 1), st.integers(0, 255)), max_size=8))
def test_a_workbook_with_flipped_bytes(changes: list[tuple[int, int]]) -> None:
    content = bytearray(WORKBOOK)
    for at, value in changes:
        content[at] = value
    assert_sound(*load("scheme", ".xlsx", bytes(content)))


@fuzz
@given(st.integers(0, len(WORKBOOK) - 1))
def test_a_workbook_that_breaks_off(end: int) -> None:
    document, problems = load("scheme", ".xlsx", WORKBOOK[:end])
    assert document is None
    assert_sound(document, problems)


@fuzz
@given(st.data())
def test_a_workbook_with_damaged_xml(data: st.DataObject) -> None:
    part = data.draw(st.sampled_from(zipfile.ZipFile(BytesIO(WORKBOOK)).namelist()))
    old = zipfile.ZipFile(BytesIO(WORKBOOK)).read(part)
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(old))] * 2)))
    new = old[:start] + data.draw(st.binary(max_size=20)) + old[end:]
    assert_sound(*load("scheme", ".xlsx", with_part(part, new)))


@fuzz
@given(
    st.sampled_from(["方案", "评价主体", "维度", "指标", "等第", "备选方案", "依据"]),
    st.lists(
        st.tuples(
            st.integers(1, 6),
            st.integers(1, 8),
            st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", " ", "x", "是"]),
        ),
        min_size=1,
        max_size=5,
    ),
)
def test_a_workbook_with_cells_overwritten(sheet: str, cells: list[tuple[int, int, Any]]) -> None:
    workbook = openpyxl.load_workbook(BytesIO(WORKBOOK))
    for row, column, value in cells:
        workbook[sheet].cell(row, column).value = value
    content = BytesIO()
    workbook.save(content)
    document, problems = load("scheme", ".xlsx", content.getvalue())
    assert_sound(document, problems)


@fuzz
@given(st.lists(st.lists(st.text(max_size=8), max_size=5), max_size=5))
def test_a_csv_of_anything(rows: list[list[str]]) -> None:
    text = "id,name\n" + "\n".join(",".join(row) for row in rows)
    assert_sound(*load("roster", ".csv", text.encode("utf-8", "surrogatepass")))


def with_part(name: str, content: bytes) -> bytes:
    """Return the workbook with one part replaced or added."""
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(WORKBOOK)) as old, zipfile.ZipFile(buffer, "w") as new:
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry), zipfile.ZIP_DEFLATED)
        new.writestr(name, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


SHEET = "xl/worksheets/sheet2.xml"
NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def sheet_xml(rows: str) -> bytes:
    return f"<worksheet {NAMESPACE}><sheetData>{rows}</sheetData></worksheet>".encode()


OLD = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600


@pytest.mark.parametrize(
    ("content", "code", "found"),
    [
        (
            with_part(SHEET, sheet_xml('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')),
            "too_many_columns",
            "工作表“方案”用到第 16384 列",
        ),
        (
            with_part(SHEET, sheet_xml('<row r="1048576"><c><v>1</v></c></row>')),
            "too_sparse",
            "工作表“方案”用到第 1048576 行第 1 列，只有 1 格有内容",
        ),
        (
            with_part(SHEET, b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + sheet_xml("")),
            "dtd_refused",
            SHEET,
        ),
        (OLD, "damaged", "OLE header"),
        (compound(biff([["a"], ["b"]])), "not_a_workbook", "旧格式 .xls"),
        (b"id,name\na,b\n", "not_a_workbook", "文本"),
        (b"%PDF-1.7", "wrong_type", "PDF 文档"),
        (with_part("xl/workbook.xml", b"<workbook>"), "damaged", "no element found"),
    ],
    ids=["far-cell", "far-row", "doctype", "no-ole", "old", "csv", "pdf", "torn"],
)
def test_a_workbook_that_must_not_be_opened(content: bytes, code: str, found: str) -> None:
    for name in ("scheme", "roster"):
        document, problems = load(name, ".xlsx", content)
        assert document is None
        assert [p.code for p in problems] == [code]
        assert found in str(problems[0].found)
        assert all(p.message and p.remedy and p.expected for p in problems)


def test_a_document_has_no_more_cells_than_a_roster_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="5000"><c r="C5000"><v>1</v></c></row>'
    content = with_part(SHEET, sheet_xml(rows))
    monkeypatch.setattr(limits, "MAX_DOCUMENT_CELLS", 15_000)
    _, problems = load("scheme", ".xlsx", content)
    assert [p.code for p in problems] == ["too_many_cells"]
    assert problems[0].expected == "不超过 15000 格"


def test_formatted_but_empty_cells_far_away_do_no_harm() -> None:
    old = zipfile.ZipFile(BytesIO(WORKBOOK)).read(SHEET).decode()
    rows = old.replace(
        "</sheetData>", '<row r="1048576"><c r="XFD1048576" s="1"/></row></sheetData>'
    )
    document, problems = load("scheme", ".xlsx", with_part(SHEET, rows.encode()))
    assert document == Scheme.model_validate(fresh("scheme"))
    assert problems == []


@pytest.mark.parametrize(
    ("name", "suffix", "expected", "found"),
    [
        ("scheme", ".csv", ".yaml、.yml、.xlsx", ".csv"),
        ("order", ".xlsx", ".yaml、.yml", ".xlsx"),
        ("roster", ".xls", ".csv、.xlsx、.yaml、.yml", ".xls"),
        ("crosswalk", "", ".yaml、.yml、.xlsx", "（没有后缀）"),
    ],
)
def test_an_unsupported_suffix(name: str, suffix: str, expected: str, found: str) -> None:
    document, problems = load(name, suffix, b"id: a\n")
    assert document is None
    assert problems == [
        Problem(
            "unsupported_suffix",
            "不支持这种文件",
            file=f"document{suffix}",
            expected=expected,
            found=found,
            remedy="另存为支持的格式，或改正引用它的文档",
        )
    ]


@pytest.mark.parametrize("name", LOADERS)
@pytest.mark.parametrize("content", ["5", "- a\n- b", "'x'", "true"])
def test_a_document_that_is_no_mapping(name: str, content: str) -> None:
    document, problems = load(name, ".yaml", content.encode())
    assert document is None
    assert [(p.code, p.key, p.row, p.expected) for p in problems] == [
        ("wrong_value", "（整个文档）", 1, "一组键和值（键: 值）")
    ]


def test_suffixes_are_understood_in_capitals_too() -> None:
    assert load("scheme", ".YAML", TEXTS["scheme"])[0] == Scheme.model_validate(fresh("scheme"))
    document, _ = load("questionnaire", ".yml", TEXTS["resident"])
    assert document == Questionnaire.model_validate(fresh("resident"))
