"""The sheet for typing paper forms: a filled one is imported without a crosswalk."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest

import evalkit as ek
from evalkit.definitions.evaluation import ResponseFile
from evalkit.definitions.questionnaire import Item, Questionnaire
from evalkit.errors import Problems
from evalkit.forms import entry
from evalkit.handout import Target
from evalkit.intake.cleaning import sift
from evalkit.intake.reading import code_sheet
from evalkit.platforms import read
from tests import tiny
from tests.forms.hard import ALL, SUBJECTS, named
from tests.intake import exported as files

FORMS = 5


def answer(questionnaire: Questionnaire, item: Item, form: int) -> str:
    codes = [option.code for option in questionnaire.options_of(item) if not option.screen_out]
    if item.role == "subject":
        return SUBJECTS[form % 2].name
    if item.kind in ("multiple", "ranking"):
        return " ".join(codes[: 1 + form % 3])
    if item.kind == "number":
        return str(form)
    return codes[form % len(codes)] if codes else f"=话{form}"


def fill(path: Path, questionnaire: Questionnaire, forms: int = FORMS) -> list[list[str]]:
    path.write_bytes(entry.workbook(questionnaire, SUBJECTS))
    book = openpyxl.load_workbook(path)
    sheet = book[entry.SHEET]
    typed = [
        [answer(questionnaire, item, at) for item in questionnaire.items] for at in range(forms)
    ]
    for at, row in enumerate(typed):
        for column, value in enumerate([str(at + 1), *row], start=1):
            cell = sheet.cell(at + 2, column)
            cell.value, cell.data_type = value, "s"
    book.save(path)
    return typed


@pytest.mark.parametrize("name", ALL)
def test_every_header_leads_back_to_its_item(name: str, tmp_path: Path) -> None:
    questionnaire = named(name)
    typed = fill(tmp_path / "f.xlsx", questionnaire)
    problems = Problems()
    sheet = read(tmp_path / "f.xlsx", name="f.xlsx", problems=problems)
    assert sheet is not None
    kept, _ = sift(sheet)
    assert len(kept) == FORMS
    source = ResponseFile(file="f.xlsx", questionnaire=questionnaire.id, variant="number")
    coded = code_sheet(sheet, questionnaire, source, None, None, kept, problems)
    assert not list(problems)
    assert coded is not None
    assert coded.plan.not_asked == ()
    assert coded.plan.unmapped == (f"A: {entry.FORM_NUMBER}",)
    for place, item in enumerate(questionnaire.items):
        missing = {o.code for o in questionnaire.options_of(item) if o.missing}
        for row, found in zip(typed, coded.codes[item.id], strict=True):
            if item.kind == "number":
                assert float(found) == float(row[place])
            elif row[place] not in missing:
                assert found == row[place].replace(" ", ";") or item.role in ("open", "subject")


def test_headers_are_wordings_where_these_tell() -> None:
    for name in ("resident", "organisation"):
        questionnaire = named(name)
        headers = entry.headers(questionnaire)
        assert not set(headers.values()) & {item.id for item in questionnaire.items}
    kansas_city = named("kansas_city")
    assert entry.headers(kansas_city) == {item.id: item.header for item in kansas_city.items}


def test_a_wording_that_does_not_tell_gives_way_to_the_id() -> None:
    questionnaire = named("organisation")
    twice = [
        item.model_copy(update={"text": "同一句话", "number": None})
        for item in questionnaire.items[-2:]
    ]
    items = [*questionnaire.items[:-2], *twice]
    headers = entry.headers(questionnaire.model_copy(update={"items": items}))
    assert [headers[item.id] for item in twice] == [item.id for item in twice]


def test_lists_offer_codes_and_committees_and_prompts_say_what_codes_mean() -> None:
    questionnaire = named("resident")
    sheet = openpyxl.load_workbook(io.BytesIO(entry.workbook(questionnaire, SUBJECTS[:2])))[
        entry.SHEET
    ]
    rules = {
        str(rule.sqref).split(":")[0].rstrip("2"): rule
        for rule in sheet.data_validations.dataValidation
    }
    letters = {
        item.id: openpyxl.utils.get_column_letter(at)
        for at, item in enumerate(questionnaire.items, 2)
    }
    assert rules[letters["q2"]].formula1 == '"玉佛城,曹家巷"'
    assert rules[letters["q3"]].formula1 == '"1,2,3,4,5"'
    assert "1 一趟就办好" in rules[letters["q3"]].prompt
    assert rules[letters["q19"]].type is None
    assert "1 4 7" in rules[letters["q19"]].prompt
    assert all(
        len(rule.prompt or "") <= 255 and len(rule.formula1 or "") <= 255 for rule in rules.values()
    )


def test_a_long_roster_does_without_a_list() -> None:
    many = [
        SUBJECTS[0].model_copy(update={"id": f"c{at}", "name": f"第{at}居民区"})
        for at in range(200)
    ]
    content = entry.workbook(named("resident"), many)
    assert content == entry.workbook(named("resident"), many)
    openpyxl.load_workbook(io.BytesIO(content))


def test_typed_forms_run_through_the_whole_line(workspace: Path) -> None:
    ws = ek.open(workspace)
    exported = ws.export_questionnaires(Target.WORKBOOK, questionnaire="resident")
    template = next(path for path in exported.files if path.stem.endswith("-entry"))
    book = openpyxl.load_workbook(template)
    sheet = book[entry.SHEET]
    header = [cell.value for cell in sheet[1]]
    codes = {label: str(at) for at, label in enumerate(tiny.LABELS, start=1)} | {"是": "1"}
    typed = tiny.residents(2016)
    for at, row in enumerate(typed, start=2):
        by_header = dict(zip(tiny.RESIDENT_HEADER, row, strict=True))
        for column, title in enumerate(header, start=1):
            value = str(at - 1) if title == entry.FORM_NUMBER else by_header[title]
            sheet.cell(at, column).value = codes.get(value, value)
    book.save(workspace / "responses/2016/typed.xlsx")
    before = ws.evaluate()
    order = (workspace / "evaluation.yaml").read_text(encoding="utf-8")
    changed = order.replace("responses/2016/resident.csv", "responses/2016/typed.xlsx")
    (workspace / "evaluation.yaml").write_text(changed, encoding="utf-8")
    after = ek.open(workspace).evaluate()
    assert after.scores["score"].tolist() == before.scores["score"].tolist()
    report = next(r for r in after.reports if r.file.endswith("typed.xlsx"))
    assert report.rows_kept == len(typed)


@pytest.mark.parametrize(("numbers", "kept"), [(("", ""), 2), (("1", "1"), 1), (("1", "2"), 2)])
def test_alike_forms_are_one_only_under_one_number(
    numbers: tuple[str, str], kept: int, tmp_path: Path
) -> None:
    questionnaire = named("resident")
    fill(tmp_path / "f.xlsx", questionnaire, forms=1)
    book = openpyxl.load_workbook(tmp_path / "f.xlsx")
    sheet = book[entry.SHEET]
    for column, cell in enumerate(sheet[2], start=1):
        sheet.cell(3, column).value = cell.value
        sheet.cell(3, column).data_type = "s"
    for row, number in zip((2, 3), numbers, strict=True):
        sheet.cell(row, 1).value = number or None
    book.save(tmp_path / "f.xlsx")
    problems = Problems()
    read_in = read(tmp_path / "f.xlsx", name="f.xlsx", problems=problems)
    assert read_in is not None
    rows, _ = sift(read_in)
    assert len(rows) - len(files.repeated(read_in, rows)) == kept
