"""A platform is what `base.Platform` says, and nobody outside the room names one."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pandas as pd
import pytest

import evalkit
from evalkit import platforms
from evalkit.platforms import PERSONAL, PLATFORMS, RawColumn, RawSheet, base, of, recognised
from evalkit.platforms.base import Codebook, Platform
from scripts import sources

ROOT = Path(evalkit.__file__).parent
ROOM = ROOT / "platforms"
VERBS = [name for name, _ in inspect.getmembers(Platform, inspect.isfunction) if name[0] != "_"]
HEADERS = {
    "wenjuanxing": ("序号", "提交答卷时间", "所用时间", "来源", "1、您满意吗？"),
    "tencent_survey": ("编号", "开始答题时间", "结束答题时间", "1.您满意吗？"),
    "tencent_docs": ("提交时间（自动）", "提交者（自动）", "您满意吗？（必填）"),
    "jinshuju": ("serial_number", "created_at", "info_filling_duration", "field_1"),
    "office_form": ("提交人", "提交时间", "您满意吗？（必填）"),
    "qualtrics": ("StartDate", "RecordedDate", "ResponseId", "Q1"),
    "surveymonkey": ("Respondent ID", "Collector ID", "您满意吗？"),
    "limesurvey": ("id", "submitdate", "lastpage", "您满意吗？"),
    "kobo": ("_id", "_uuid", "_submission_time", "grp/a"),
    "ms_forms": ("ID", "Completion time", "您满意吗？"),
    "google_forms": ("时间戳记", "您满意吗？"),
    "data_file": ("where", "q2", "q3"),
    "table": ("所在居民区", "办事方便", "环境整洁"),
}
"""A line of headers of every platform, in its own way."""

each_platform = pytest.mark.parametrize("platform", PLATFORMS, ids=lambda p: p.name)


def raw(platform: Platform, variant: str, codes: list[str]) -> RawSheet:
    """Three people's answers to one question, as its by-text or by-number file has them."""
    columns = platform.columns(HEADERS[platform.name])
    cells = pd.DataFrame(
        {column.position: [str(at) for at in range(1, 4)] for column in columns},
        index=range(2, 5),
    )
    cells[columns[-1].position] = codes
    return RawSheet("a.xlsx", None, platform.name, variant, columns, cells, None, "ab")


# --- the protocol ---


def test_every_platform_has_a_page_that_says_what_to_click() -> None:
    pages = ROOT.parent / "docs" / "howto" / "platforms"
    index = (pages / "README.md").read_text(encoding="utf-8")
    for platform in PLATFORMS:
        told = platform.name if platform.name != "data_file" else "data-files.md"
        assert f"`{told}`" in index or f"({told})" in index, platform.name
    for page in sorted(pages.glob("*.md")):
        text = page.read_text(encoding="utf-8")
        assert page.name == "README.md" or f"({page.name})" in index
        assert page.name == "README.md" or all(
            f"## {part}" in text for part in ("导出时点什么", "看得懂", "看不懂")
        )


def test_every_platform_has_an_example_here() -> None:
    assert [platform.name for platform in PLATFORMS] == list(HEADERS)
    assert set(VERBS) >= {"heads", "recognises", "columns", "settled", "missing_state", "choices"}


@each_platform
def test_every_verb_is_there_with_the_protocols_arguments(platform: Platform) -> None:
    for verb in VERBS:
        asked = list(inspect.signature(getattr(Platform, verb)).parameters)[1:]
        assert list(inspect.signature(getattr(platform, verb)).parameters) == asked, verb


@each_platform
def test_its_headers_are_recognised_and_read_as_its_columns(platform: Platform) -> None:
    headers = HEADERS[platform.name]
    if platform.name != "data_file":  # known by its bytes
        assert recognised(headers) is platform
    columns = platform.columns(headers)
    assert all(type(column) is RawColumn for column in columns)
    assert [column.position for column in columns] == list(range(len(headers)))
    assert [column.header for column in columns] == list(headers)
    assert of(raw(platform, "text", ["满意"] * 3)) is platform


@each_platform
def test_columns_are_settled_by_their_cells(platform: Platform) -> None:
    sheet = raw(platform, "text", ["满意", "不满意", "满意"])
    columns, variant, notes = platform.settled(sheet.columns, sheet.cells, "a.xlsx")
    assert [column.header for column in columns] == list(HEADERS[platform.name])
    assert variant in (None, "text", "number", "score")
    assert isinstance(notes, tuple)


@each_platform
def test_cells_are_read(platform: Platform) -> None:
    assert platform.missing_state("", "text") == "empty"
    assert platform.missing_state("(跳过)", "text") == "skipped"
    assert platform.missing_state("满意", "text") is None
    assert platform.choices("环境┋平安") == ["环境", "平安"]
    assert platform.ranking("平安→环境") == ["平安", "环境"]
    assert platform.label("其他〖停车〗") == "其他"
    assert platform.seconds("95秒") == 95.0
    assert platform.seconds("很久") is None


@each_platform
def test_a_codebook_is_what_the_protocol_says(platform: Platform) -> None:
    text, number = raw(platform, "text", ["满意"] * 3), raw(platform, "number", ["1"] * 3)
    book = platform.codebook(text, number)
    for verb, member in inspect.getmembers(Codebook):
        if not verb.startswith("_"):
            assert hasattr(book, verb), verb
            assert member is not None
    assert isinstance(book.notes, tuple)
    assert isinstance(book.problems, tuple)
    assert isinstance(book.content, str)
    # Whichever of the two files comes first, the by-text one gives the labels.
    assert platform.codebook(number, text).content == book.content


def test_a_row_of_titles_heads_a_table_only_where_a_platform_says_so() -> None:
    heads = [platform.heads(HEADERS["wenjuanxing"]) for platform in PLATFORMS]
    assert [p.name for p, head in zip(PLATFORMS, heads, strict=True) if head] == ["wenjuanxing"]
    assert not any(platform.heads(HEADERS["table"]) for platform in PLATFORMS)


def test_the_last_platform_takes_what_nobody_else_takes() -> None:
    assert recognised(()) is PLATFORMS[-1]
    assert recognised(("随便", "什么")) is PLATFORMS[-1]


def test_personal_columns_are_some_of_what_platforms_add() -> None:
    assert frozenset({"ip", "nickname", "contact", "location"}) == PERSONAL
    assert set(base.Metadata.__args__) > PERSONAL


# --- nobody outside the room names a platform ---


def outside() -> list[Path]:
    """All modules but the room's own; forms are written for a platform, which is their name."""
    found = [p for p in sorted(ROOT.rglob("*.py")) if not p.is_relative_to(ROOM)]
    return [p for p in found if not p.is_relative_to(ROOT / "forms")]


def modules_imported(path: Path) -> set[str]:
    found = set()
    for node in sources.nodes(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_the_modules_outside_are_found() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in outside()}
    assert {"cli.py", "intake/importing.py", "drafting/drafting.py", "pages/form.py"} <= names
    assert not any(name.startswith(("platforms/", "forms/")) for name in names)


def test_no_module_outside_imports_a_platform_of_its_own() -> None:
    """What a room needs stands at the room's door, or in the protocol's module."""
    door = {f"evalkit.platforms.{name}" for name in (*platforms.__all__, "base")}
    for path in outside():
        for name in modules_imported(path):
            if name.startswith("evalkit.platforms"):
                assert name in door or name.startswith("evalkit.platforms.base."), (path, name)


def test_no_text_or_name_in_the_code_outside_is_a_platforms() -> None:
    """Docstrings and sentences for people may speak of 问卷星; no decision hangs on a name."""
    asked = "wenjuanxing"
    names = {platform.name for platform in PLATFORMS}
    assert asked in names
    peculiar = names - {"table", "data_file", "office_form", "kobo"}  # these are words as well
    for path in outside():
        for node in sources.nodes(path):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert asked not in node.value.lower(), (path, node.lineno)
                assert node.value not in peculiar, (path, node.lineno)
            named = getattr(node, "id", getattr(node, "attr", ""))
            # `handout` calls the module of `forms` that writes what 问卷星 imports.
            if asked in str(named).lower():
                assert path.name == "handout.py", (path, node.lineno)


def test_no_decision_outside_compares_a_platforms_name() -> None:
    for path in outside():
        for node in sources.nodes(path):
            if isinstance(node, ast.Compare):
                sides = [node.left, *node.comparators]
                assert not any(
                    isinstance(side, ast.Attribute) and side.attr == "platform" for side in sides
                ), (path, node.lineno)


def test_numbered_questions_alone_are_half_as_certain_as_the_platforms_own_columns() -> None:
    (platform,) = (one for one in PLATFORMS if one.name == "wenjuanxing")
    numbered = ("1、您住在哪里？", "2、您满意吗？")
    own = ("序号", "提交答卷时间", "所用时间", "来自IP", *numbered)
    found = [platform.recognises(headers, 1) for headers in (numbered, own, ("甲", "乙"))]
    assert [one and one.certainty for one in found] == [0.5, 1.0, None]
    assert platform.recognises(own, 2) is None
