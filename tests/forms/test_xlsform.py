"""XLSForms: the reference reader takes them, and their answers are read without a crosswalk."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pytest
from pyxform import xls2xform

from evalkit.definitions.evaluation import ResponseFile
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.errors import Problems
from evalkit.forms import xlsform
from evalkit.intake.cleaning import sift
from evalkit.intake.reading import code_sheet
from evalkit.platforms import read
from tests import tiny
from tests.forms.hard import ALL, SUBJECTS, awkward, named

XFORM = {"h": "http://www.w3.org/1999/xhtml", "x": "http://www.w3.org/2002/xforms"}


def rows(content: bytes, sheet: str) -> list[dict[str, str]]:
    header, *body = openpyxl.load_workbook(io.BytesIO(content))[sheet].iter_rows(values_only=True)
    return [
        {str(k): str(v) for k, v in zip(header, row, strict=True) if v is not None} for row in body
    ]


def converted(questionnaire: Questionnaire, **options: bool) -> ElementTree.Element:
    content = xlsform.workbook(questionnaire, SUBJECTS)
    warnings: list[str] = []
    result = xls2xform.convert(
        io.BytesIO(content), warnings=warnings, file_type=".xlsx", form_name="data", **options
    )
    assert warnings == []
    return ElementTree.fromstring(result.xform)


@pytest.mark.parametrize("name", ALL)
def test_the_reference_reader_takes_it(name: str) -> None:
    questionnaire = named(name)
    form = converted(questionnaire)
    bound = {
        node.attrib["nodeset"].rsplit("/", 1)[1]: node.attrib
        for node in form.iterfind(".//x:bind", XFORM)
    }
    for item in questionnaire.items:
        required = bound[item.id].get("required") == "true()"
        assert required == (item.role in xlsform.REQUIRED_ROLES)


@pytest.mark.skipif(shutil.which("java") is None, reason="ODK Validate needs Java")
def test_the_awkward_form_passes_odk_validate() -> None:
    converted(awkward(), validate=True)


@pytest.mark.parametrize("name", ALL)
def test_the_same_content_gives_the_same_bytes_and_another_another_version(name: str) -> None:
    questionnaire = named(name)
    content = xlsform.workbook(questionnaire, SUBJECTS)
    assert content == xlsform.workbook(named(name), SUBJECTS)
    other = questionnaire.model_copy(update={"title": "改过的标题"})
    versions = {xlsform.version(questionnaire, SUBJECTS), xlsform.version(other, SUBJECTS)}
    versions.add(xlsform.version(questionnaire, SUBJECTS[:-1]))
    assert len(versions) == 3
    assert rows(content, "settings")[0]["version"] in versions


def test_choices_are_named_by_option_codes_and_committees_by_ids() -> None:
    questionnaire = named("resident")
    content = xlsform.workbook(questionnaire, SUBJECTS)
    lists: dict[str, list[tuple[str, str]]] = {}
    for row in rows(content, "choices"):
        lists.setdefault(row["list_name"], []).append((row["name"], row[xlsform.LABEL]))
    asked = {row["name"]: row for row in rows(content, "survey") if "name" in row}
    for item in questionnaire.items:
        wanted = [(o.code, o.label) for o in questionnaire.options_of(item)]
        if item.role == "subject":
            wanted = [(s.id, s.name) for s in SUBJECTS]
        if wanted:
            assert lists[asked[item.id]["type"].split()[1]] == wanted


def test_whoever_is_screened_out_is_asked_nothing_more() -> None:
    asked = rows(xlsform.workbook(named("resident"), SUBJECTS), "survey")
    names = [row.get("name") for row in asked]
    inside = False
    for row in asked[names.index("q1") + 1 :]:
        if row["type"] == "end_group":
            inside = False
        elif not inside and not row["name"].endswith("_other"):
            assert row["relevant"] == "not(selected(${q1}, '2'))"
        inside = inside or row["type"] == "begin_group"


def test_a_matrix_is_a_table_and_an_open_option_asks_for_its_text() -> None:
    questionnaire = named("resident")
    asked = rows(xlsform.workbook(questionnaire, SUBJECTS), "survey")
    tables = [row for row in asked if row.get("appearance") == "table-list"]
    assert len(tables) == sum(len(b) > 1 for b in questionnaire.blocks())
    other = next(row for row in asked if row.get("name") == "q19_other")
    assert other["relevant"] == "selected(${q19}, '13')"


def test_no_cell_is_a_formula() -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsform.workbook(awkward(), SUBJECTS)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert any(str(cell.value).startswith("=") for cell in cells)
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert all(cell.value is None for cell in cells if cell.data_type == "n")


def test_names_that_xml_does_not_take_are_changed_and_said() -> None:
    questionnaire = named("organisation")
    items = [questionnaire.items[0].model_copy(update={"id": "1st"}), *questionnaire.items[1:]]
    changed = questionnaire.model_copy(update={"items": items})
    assert xlsform.by_hand(questionnaire) == ()
    assert ["_1st" in line for line in xlsform.by_hand(changed)] == [True]
    converted(changed)


def test_answers_come_back_without_a_crosswalk(tmp_path: Path) -> None:
    questionnaire = named("resident")
    header = [item.id for item in questionnaire.items]
    body = []
    for at in range(12):
        row = []
        for item in questionnaire.items:
            codes = [option.code for option in questionnaire.options_of(item)]
            if item.kind == "multiple":
                row.append(" ".join(codes[at % 3 : at % 3 + 1 + at % 4]))
            elif item.role == "subject":
                row.append(SUBJECTS[at % 3].id)
            else:
                row.append(codes[at % len(codes)] if codes else f"话{at}")
        body.append(row)
    tiny.write_csv(tmp_path / "odk.csv", header, body)
    problems = Problems()
    sheet = read(tmp_path / "odk.csv", name="odk.csv", problems=problems)
    assert sheet is not None
    kept, _ = sift(sheet)
    entry = ResponseFile(file="odk.csv", questionnaire="resident")
    coded = code_sheet(sheet, questionnaire, entry, None, None, kept, problems)
    assert not list(problems)
    assert coded is not None
    assert coded.variant == "number"
    assert coded.plan.not_asked == ()
    assert coded.codes["q19"].tolist() == [
        row[header.index("q19")].replace(" ", ";") for row in body
    ]
