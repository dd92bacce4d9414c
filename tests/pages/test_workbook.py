"""results.xlsx and import-report.xlsx, read back."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest

from evalkit.pages import workbook
from evalkit.pages.workbook import dictionary, titles
from evalkit.tables import FRAMES, REGISTRY, Evaluation, Needs, check, no_rows
from tests.deciding import with_decided, with_wave
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up

FORMULAS = ["=1+1", "+cmd|x", "-2+3", "@SUM(A1)"]


@pytest.fixture(scope="module")
def small() -> Evaluation:
    return made_up(Street(count=5, names=[*FORMULAS, "普雄"]))


@pytest.fixture(scope="module")
def book(small: Evaluation) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(workbook.results(small)))


def test_no_cell_is_a_formula(book: openpyxl.Workbook) -> None:
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    for text in FORMULAS:
        found = [cell for cell in cells if cell.value == text]
        assert found
        assert all(cell.data_type == "s" for cell in found)
        assert all(cell.quotePrefix for cell in found)


def test_frames_are_complete_and_numbers_not_rounded(
    book: openpyxl.Workbook, small: Evaluation
) -> None:
    for title, name, table in (
        ("名次", "ranking", small.waves["2016"].ranking.table),
        ("得分", "scores", small.waves["2016"].scores.table),
        ("变化", "changes", small.waves["2016"].changes.table),
        ("变化构成", "contributions", small.waves["2016"].changes.contributions),
    ):
        rows = list(book[title].iter_rows(values_only=True))
        own = [c for c in rows[1] if not c.endswith(("_name", "_picture"))]
        assert own == [c.name for c in FRAMES[name]]
        assert len(rows) == len(table) + 2
        for at, column in enumerate(rows[1]):
            if column in table and table[column].dtype.kind == "f":
                written = [row[at] for row in rows[2:]]
                assert written == pytest.approx(table[column].tolist(), rel=1e-14)


def test_every_registered_frame_has_a_title_and_a_note() -> None:
    assert list(titles.SHEETS) == [registered.name for registered in REGISTRY]


@pytest.mark.parametrize("frame", titles.SHEETS)
def test_every_declared_column_has_a_chinese_heading_and_meaning(
    frame: str, small: Evaluation
) -> None:
    for column in FRAMES[frame]:
        term = dictionary.term(frame, column.name, small.order)
        assert re.search("[一-龥]|SHA", term.heading)
        assert re.search("[一-龥]", term.meaning)
        assert (term.form == dictionary.TEXT) == (column.kind in ("text", "flag")), column.name


def test_no_two_columns_of_a_sheet_have_the_same_heading(book: openpyxl.Workbook) -> None:
    for sheet in book.worksheets[1:]:
        headings = [cell.value for cell in sheet[1]]
        assert len(set(headings)) == len(headings), sheet.title


def test_every_column_is_explained(book: openpyxl.Workbook) -> None:
    explained = {
        (heading, key, title)
        for heading, key, meaning, titles in book["列说明"].iter_rows(3, values_only=True)
        for title in titles.split("、")
        if meaning
    }
    for sheet in book.worksheets[2:]:
        for heading, key in zip(sheet[1], sheet[2], strict=True):
            assert (heading.value, key.value, sheet.title) in explained


def test_headers_are_frozen_and_numbers_formatted(book: openpyxl.Workbook) -> None:
    sheet = book["名次"]
    assert sheet.freeze_panes == "D3"
    assert sheet.auto_filter.ref == "A2:K7"
    assert sheet["D3"].number_format == "0.0"
    assert isinstance(sheet["D3"].value, float)
    assert sheet.conditional_formatting
    for page in book:
        assert all(6 <= d.width <= 96 for d in page.column_dimensions.values())


def test_every_sheet_prints_on_a4_with_its_headers_and_the_mark(book: openpyxl.Workbook) -> None:
    for page in book.worksheets[1:]:
        assert page.page_setup.orientation == "landscape"
        assert page.page_setup.fitToWidth in (None, 1)  # where nothing is said, one page wide
        assert page.page_setup.paperSize == int(page.PAPERSIZE_A4)
        assert page.print_title_rows == "$1:$2"
        assert "模拟" in page.oddFooter.left.text
    assert book["维度与指标"].page_setup.fitToHeight == 0


def test_the_read_me_leads_to_every_sheet(book: openpyxl.Workbook) -> None:
    links = {cell.value: cell.hyperlink.location for cell in book["说明"]["A"] if cell.hyperlink}
    assert links == {title: f"'{title}'!A1" for title in book.sheetnames[1:]}


def test_a_score_below_a_cut_off_is_never_shown_as_reaching_it(small: Evaluation) -> None:
    scores = small.waves["2016"].scores
    cutoff = small.scheme.grades[0].cutoff
    table = scores.table.assign(score=cutoff - 0.02)
    near = with_wave(small, "2016", scores=replace(scores, table=table))
    sheet = openpyxl.load_workbook(io.BytesIO(workbook.results(near)))["得分"]
    assert {sheet.cell(row, 4).number_format for row in range(3, 8)} == {"0.00"}


def test_intervals_are_drawn_where_the_numbers_say(book: openpyxl.Workbook) -> None:
    sheet = book["名次"]
    at = {cell.value: cell.column - 1 for cell in sheet[2]}
    for row in sheet.iter_rows(3, values_only=True):
        drawn = row[at["rank_picture"]]
        steps = (len(drawn) - 1) / (len(list(sheet.iter_rows(3))) - 1)
        low, high = row[at["rank_low_joint"]], row[at["rank_high_joint"]]
        assert drawn.index("o") == round((row[at["rank"]] - 1) * steps)
        assert len(drawn.strip()) - 1 == round((high - 1) * steps) - round((low - 1) * steps)


def test_the_overview_has_a_line_for_every_committee_best_first() -> None:
    made = made_up(Street(count=6, incomplete={4: ("random",)}))
    sheet = openpyxl.load_workbook(io.BytesIO(workbook.results(made)))["总表"]
    ranks = [row[0] for row in sheet.iter_rows(3, values_only=True)]
    assert ranks == [*made.waves["2016"].ranking.table["rank"], None]
    assert len(ranks) == len(made.waves["2016"].scores.table)


def test_needs_and_themes_become_sheets_where_there_are_any(small: Evaluation) -> None:
    need = {
        **dict.fromkeys((c.name for c in FRAMES["needs"]), 0.5),
        **{"wave": "2016", "subject": "all", "item": "q9", "option": "1", "name": "加装电梯"},
        **{"n": 30, "of": 60, "p_adjusted": float("nan"), "verdict": "无显著差异"},
    }
    needs = Needs(check(pd.DataFrame([need]), "needs"), no_rows("themes"))
    content = workbook.results(replace(small, needs=needs))
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert "意见主题" not in book.sheetnames
    row = dict(
        zip(
            [c.value for c in book["居民诉求"][2]],
            [c.value for c in book["居民诉求"][3]],
            strict=True,
        )
    )
    assert (row["name"], row["subject_name"]) == ("加装电梯", small.order.street)


def test_the_read_me_tells_the_fingerprint_and_marks_synthetic_data(
    book: openpyxl.Workbook, small: Evaluation
) -> None:
    texts = {cell.value for row in book["说明"].iter_rows() for cell in row}
    assert small.fingerprint in texts
    assert any("模拟" in str(cell.value) for cell in book["说明"]["A"][:2])
    real = small.order.model_copy(update={"synthetic": False})
    content = workbook.results(with_decided(small, order=real))
    page = openpyxl.load_workbook(io.BytesIO(content))["说明"]
    assert not any("本工作簿的全部数字来自模拟" in str(cell.value) for cell in page["A"])


def test_withheld_cells_are_empty(book: openpyxl.Workbook) -> None:
    made = made_up(Street(count=5, few={1: "department"}))
    sheet = openpyxl.load_workbook(io.BytesIO(workbook.results(made)))["分主体得分"]
    names, *found = sheet.iter_rows(2, values_only=True)
    rows = [dict(zip(names, row, strict=True)) for row in found]
    own = [r for r in rows if r["subject"] == "CS002" and r["group"] == "街道职能部门"]
    assert own
    assert all(r["estimate"] is None and r["se"] is None and r["n"] is None for r in own)


@pytest.mark.parametrize("make", [workbook.results, workbook.import_report])
def test_the_same_content_gives_the_same_bytes(make, small: Evaluation) -> None:
    first = make(small)
    assert make(small) == first
    parts = zipfile.ZipFile(io.BytesIO(first))
    assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert b"2000-01-01T00:00:00Z" in parts.read("docProps/core.xml")


def test_the_import_report_accounts_for_every_row(small: Evaluation) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook.import_report(small)))
    sheet = book["导入文件"]
    names = [cell.value for cell in sheet[2]]
    rows = [dict(zip(names, row, strict=True)) for row in sheet.iter_rows(3, values_only=True)]
    assert len(rows) == len(small.reports)
    assert all(row["rows_read"] == row["rows_kept"] + row["rejected"] for row in rows)
    assert book["剔除的行"].max_row == 2 + sum(len(r.rejections) for r in small.reports)
    assert book["未匹配的名称"]["E3"].value == "玉佛城"


def test_characters_that_excel_cannot_hold_are_replaced(small: Evaluation) -> None:
    odd = replace(small.reports[0], unmapped_columns=("坏\x01字",))
    book = openpyxl.load_workbook(
        io.BytesIO(workbook.import_report(replace(small, reports=(odd,))))
    )
    assert book["未用的列"]["D3"].value == "坏\N{REPLACEMENT CHARACTER}字"
