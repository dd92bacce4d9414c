"""Real exports that nobody here wrote, where they are at hand."""

from __future__ import annotations

import csv
from collections import Counter

import pandas as pd
import pytest
import xlrd

from evalkit import platforms
from evalkit.errors import Problems
from evalkit.platforms import wenjuanxing
from evalkit.platforms.base import RawSheet
from tests.files.building import SAMPLES, read_well, rows_of

pytestmark = pytest.mark.shared

PAIRS = ("357_357", "800_800")


def exported(survey: str, variant: int) -> RawSheet:
    return read_well(SAMPLES / "wenjuanxing" / f"reportgen_{survey}_{variant}.xls")


@pytest.mark.parametrize("survey", PAIRS)
@pytest.mark.parametrize("variant", [0, 2])
def test_every_cell_of_an_export_is_read_as_an_independent_reader_reads_it(
    survey: str, variant: int
) -> None:
    sheet = exported(survey, variant)
    book = xlrd.open_workbook(SAMPLES / "wenjuanxing" / f"reportgen_{survey}_{variant}.xls")
    source = book.sheet_by_index(0)
    for row in range(1, source.nrows):
        expected = [
            str(int(cell.value)) if cell.ctype == xlrd.XL_CELL_NUMBER else str(cell.value).strip()
            for cell in source.row(row)
        ]
        assert sheet.cells.loc[row + 1].tolist() == expected


@pytest.mark.parametrize(
    ("survey", "rows", "variant", "columns"),
    [
        ("357_357", 204, 0, 9),
        ("357_357", 204, 2, 9),
        ("800_800", 800, 0, 14),
        ("800_800", 800, 2, 36),
    ],
)
def test_exports_are_recognised(survey: str, rows: int, variant: int, columns: int) -> None:
    sheet = exported(survey, variant)
    assert sheet.platform == "wenjuanxing"
    assert sheet.variant == {0: "text", 2: "number"}[variant]
    assert sheet.cells.shape == (rows, columns)
    assert list(sheet.cells.index) == list(range(2, rows + 2))
    assert sheet.notes == ()
    assert {c.metadata for c in sheet.columns} - {None} == {
        "sequence", "submitted", "seconds", "source", "source_detail", "ip",
    }  # fmt: skip


def test_a_renamed_number_file_with_options_is_still_recognised() -> None:
    path = SAMPLES / "wenjuanxing" / "reportgen_800_800_2.xls"
    problems = Problems()
    sheet = platforms.read(path, name="导出.xls", problems=problems)
    assert sheet is not None
    assert sheet.variant == "number"


def test_a_renamed_file_of_single_choices_by_number_claims_no_variant() -> None:
    path = SAMPLES / "wenjuanxing" / "reportgen_357_357_2.xls"
    problems = Problems()
    sheet = platforms.read(path, name="导出.xls", problems=problems)
    assert sheet is not None
    assert sheet.variant is None


@pytest.mark.parametrize("survey", PAIRS)
def test_the_pair_gives_the_codebook_with_every_row_accounted_for(survey: str) -> None:
    text, number = exported(survey, 0), exported(survey, 2)
    book = wenjuanxing.codebook(text, number)
    assert book.problems == ()
    assert book.notes == ()
    assert book.text_rows == book.number_rows == len(text.cells)
    assert book.joined == book.agreeing == len(text.cells)
    questions = {c.number for c in text.columns if c.metadata is None}
    assert {question.number for question in book.questions} == questions
    for question in book.questions:
        assert question.agreeing == book.joined
        if question.kind == "single":
            assert sum(option.count for option in question.options) == question.answered
            position = question.text_columns[0]
            labels = text.cells[position].map(lambda cell: wenjuanxing.split_other(cell)[0])
            mapped = labels.map(lambda label, q=question: str(q.code(label)))
            pd.testing.assert_series_equal(
                mapped, number.cells[question.number_columns[0]], check_names=False
            )
        else:
            assert question.kind == "multiple"
            for option, position in zip(question.options, question.number_columns, strict=True):
                assert option.count == (number.cells[position] == "1").sum()


def test_the_codebook_knows_the_options_of_both_kinds() -> None:
    book = wenjuanxing.codebook(exported("800_800", 0), exported("800_800", 2))
    price, hobbies, news = book.question(2), book.question(6), book.question(8)
    assert price.code("其他【请注明】") == 10
    assert price.code("免费赠送的") == 9
    assert hobbies.text == "兴趣爱好"
    assert [option.label for option in hobbies.options][:3] == ["运动", "阅读", "影视"]
    assert news.code("ACG文化(动漫、游戏等)") == 9


def test_two_different_surveys_make_no_pair() -> None:
    book = wenjuanxing.codebook(exported("357_357", 0), exported("800_800", 2))
    assert [problem.code for problem in book.problems] == ["pair_differs"]
    assert book.questions == ()


@pytest.mark.parametrize(
    ("file", "rows"), [("kcmo_FY2022_RS_Cleaned_safe.csv", 1033), ("kcmo_mar_2022_safe.csv", 984)]
)
def test_kansas_city_is_read_as_a_plain_table(file: str, rows: int) -> None:
    path = SAMPLES / "community" / file
    sheet = read_well(path)
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert sheet.platform == "table"
    assert sheet.variant is None
    assert sheet.encoding == "utf-8"
    assert len(frame) == rows
    assert [column.header for column in sheet.columns] == list(frame.columns)
    assert rows_of(sheet) == [[cell.strip() for cell in row] for row in frame.to_numpy()]
    assert (sheet.cells == "NA").to_numpy().sum() == (frame == "NA").to_numpy().sum() > 0


def test_both_waves_of_kansas_city_have_one_layout() -> None:
    waves = [
        read_well(SAMPLES / "community" / file)
        for file in ("kcmo_FY2022_RS_Cleaned_safe.csv", "kcmo_mar_2022_safe.csv")
    ]
    assert platforms.fingerprint(waves[0]) == platforms.fingerprint(waves[1])
    assert platforms.fingerprint(waves[0]) != platforms.fingerprint(exported("800_800", 0))


def test_rows_of_one_district_are_those_that_an_independent_reader_counts() -> None:
    path = SAMPLES / "community" / "kcmo_FY2022_RS_Cleaned_safe.csv"
    problems = Problems()
    said = platforms.Said(where={"counci": ("1", "4")})
    sheet = platforms.read(path, name=path.name, said=said, problems=problems)
    assert list(problems) == []
    assert sheet is not None
    with path.open(encoding="utf-8", newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if row["counci"] in ("1", "4")]
    assert len(sheet.cells) == len(rows) > 100
    assert sheet.cells[2].tolist() == [row["q1_01"] for row in rows]


def test_a_questionnaire_drafted_from_a_real_export_has_its_choices() -> None:
    path = SAMPLES / "wenjuanxing" / "reportgen_800_800_0.xls"
    problems = Problems()
    form = platforms.read_form(path, path.name, problems)
    assert list(problems) == []
    assert form is not None
    source = xlrd.open_workbook(path).sheet_by_index(0)
    (at,) = [n for n, cell in enumerate(source.row(0)) if str(cell.value).startswith("6、")]
    counts: Counter[str] = Counter()
    for row in range(1, source.nrows):
        counts.update(part.split("〖")[0] for part in str(source.cell(row, at).value).split("┋"))
    (asked,) = [one for one in form.questions if one.number == 6]
    assert asked.kind == "multiple"
    assert {label for _, label in asked.options} == {label for label, n in counts.items() if n >= 3}
