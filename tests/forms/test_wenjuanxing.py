"""The text for 问卷星: a survey made from it is read back without a crosswalk."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit.definitions.evaluation import ResponseFile
from evalkit.definitions.questionnaire import Item, Option, Questionnaire
from evalkit.definitions.text import comparable, question_key
from evalkit.errors import Problems
from evalkit.forms import wenjuanxing
from evalkit.intake.cleaning import sift
from evalkit.intake.reading import code_sheet
from evalkit.platforms import read
from evalkit.simulation import exports
from evalkit.simulation.workbook import write_workbook
from tests.forms.hard import ALL, SUBJECTS, awkward, named

QUESTION = re.compile(r"(\d+)\.\s*(.+?)\s*\[([^\]]+)\](（选填）)?")
DAY = dt.date(2016, 11, 14)


def as_the_platform_reads(text: str) -> list[tuple[int, str, str, bool, list[str]]]:
    """Number, wording, type, whether compulsory, and further lines of every question."""
    found = []
    for block in text.split("\n\n"):
        head, *lines = block.strip().split("\n")
        if match := QUESTION.fullmatch(head):
            number, wording, kind, optional = match.groups()
            found.append((int(number), wording, kind, optional is None, lines))
    return found


def as_a_survey(original: Questionnaire, *, drops: bool = False) -> Questionnaire:
    """The survey that the platform makes, under the item ids and option codes of the original.

    If it `drops`, it takes away what its older reader takes away.
    """
    items: list[Item] = []
    for number, wording, kind, _, lines in as_the_platform_reads(
        wenjuanxing.text(original, SUBJECTS)
    ):
        stem, rows, labels = None, [wording], lines
        if kind.startswith("矩阵"):
            stem, rows, labels = wording, lines[1:], lines[0].split()
        if drops:
            rows = [re.sub(r"[(（]可多选[)）]", "", row) for row in rows]
            labels = [re.sub("请注明", "", label) for label in labels]
        for text in rows:
            ours = original.items[len(items)]
            codes = [option.code for option in original.options_of(ours)]
            options = [Option(code=c, label=x) for c, x in zip(codes, labels, strict=False)]
            items.append(
                ours.model_copy(
                    update={
                        "number": number,
                        "text": text,
                        "stem": stem,
                        "scale": None,
                        "options": options,
                        "header": None,
                    }
                )
            )
    assert len(items) == len(original.items)
    return original.model_copy(update={"items": items, "scales": {}})


def answers(questionnaire: Questionnaire, n: int) -> pd.DataFrame:
    rng = np.random.Generator(np.random.PCG64(7))
    columns = {}
    for item in questionnaire.items:
        codes = [option.code for option in questionnaire.options_of(item)]
        if item.role == "subject":
            codes = [subject.id for subject in SUBJECTS]
        if item.kind == "multiple":
            columns[item.id] = [
                ";".join(sorted(set(rng.choice(codes, size=3)), key=codes.index)) for _ in range(n)
            ]
        elif item.kind in ("number", "text") or not codes:
            columns[item.id] = [str(at % 10) for at in range(n)]
        else:
            columns[item.id] = rng.choice(codes, size=n).tolist()
    return pd.DataFrame(columns)


@pytest.mark.parametrize("name", ALL)
def test_wordings_and_labels_are_those_of_the_questionnaire(name: str) -> None:
    questionnaire = named(name)
    survey = as_a_survey(questionnaire)
    for ours, theirs in zip(questionnaire.items, survey.items, strict=True):
        assert comparable(theirs.text) == comparable(ours.text)
        labels = [comparable(o.label) for o in questionnaire.options_of(ours)]
        assert [comparable(o.label) for o in theirs.options] == labels


@pytest.mark.parametrize("variant", ["text", "number"])
@pytest.mark.parametrize("style", ["old", "new"])
@pytest.mark.parametrize("name", ["resident", "organisation", "awkward"])
def test_an_export_of_the_survey_is_read_without_a_crosswalk(
    name: str, style: exports.Style, variant: exports.Variant, tmp_path: Path
) -> None:
    questionnaire = named(name)
    if name == "awkward":  # by text the platform cannot tell a label with its own marks apart
        items = [item for item in questionnaire.items if item.kind != "ranking"]
        questionnaire = questionnaire.model_copy(update={"items": items})
    survey = as_a_survey(questionnaire, drops=True)
    frame = answers(survey, 60)
    export = exports.Export("2016", ("x",), 1, "t", DAY, DAY, style=style, variant=variant)
    rng = np.random.Generator(np.random.PCG64(1))
    writer = exports._Writer(survey, export, {s.id: s for s in SUBJECTS}, rng)
    body = writer.submissions(frame, DAY, DAY)
    rows = [writer.header, *([number, *row] for number, (_, row) in enumerate(body, start=1))]
    path = tmp_path / f"1_按{'文本' if variant == 'text' else '序号'}_t_60_60.xlsx"
    write_workbook(path, rows, sheet="Sheet1", at=dt.datetime(2016, 12, 1))

    problems = Problems()
    sheet = read(path, name="x.xlsx", problems=problems)
    assert sheet is not None
    assert sheet.platform == "wenjuanxing"
    kept, _ = sift(sheet)
    entry = ResponseFile(file="x.xlsx", questionnaire=questionnaire.id)
    coded = code_sheet(sheet, questionnaire, entry, None, None, kept, problems)
    assert not list(problems)
    assert coded is not None
    renumbered = name == "awkward" and style == "old" and variant == "number"
    assert coded.plan.not_asked == (("many",) if renumbered else ())
    assert bool(coded.plan.unmapped) == renumbered
    for item in questionnaire.items:
        if item.id in coded.plan.not_asked:
            continue
        known = {o.code: o.missing for o in questionnaire.options_of(item)}
        if item.kind in ("single", "multiple") and known:
            wanted = [None if known.get(code) else code for code in frame[item.id]]
            found = [None if pd.isna(code) else code for code in coded.codes[item.id]]
            assert found == wanted, item.id


def test_numbers_and_types_follow_the_form() -> None:
    questionnaire = named("resident")
    questions = as_the_platform_reads(wenjuanxing.text(questionnaire, SUBJECTS))
    assert [number for number, *_ in questions] == sorted({i.number for i in questionnaire.items})
    kinds = {number: kind for number, _, kind, *_ in questions}
    for block in questionnaire.blocks():
        first = block[0]
        wanted = "矩阵单选题" if first.stem else wenjuanxing.TYPES[first.kind]
        assert kinds[first.number] == ("下拉框" if first.role == "subject" else wanted)
    compulsory = {number: must for number, _, _, must, _ in questions}
    for item in questionnaire.items:
        assert compulsory[item.number] == (item.role not in wenjuanxing.OPTIONAL_ROLES)


def test_committees_are_the_options_of_their_item() -> None:
    questions = as_the_platform_reads(wenjuanxing.text(named("resident"), SUBJECTS))
    lines = next(lines for _, _, kind, _, lines in questions if kind == "下拉框")
    assert lines == [subject.name for subject in SUBJECTS]


def test_no_wording_is_taken_for_a_type_a_blank_or_an_empty_line() -> None:
    text = wenjuanxing.text(awkward(), SUBJECTS)
    assert not re.search(r"___|[{}]", text)
    tags = re.findall(r"\[([^\]]*)\]", text)
    known = {*wenjuanxing.TYPES.values(), *wenjuanxing.MATRIX_TYPES.values()}
    assert set(tags) <= known | {"下拉框", "段落说明"}
    assert "\n\n\n" not in text
    assert not any(re.fullmatch(r"[-=_]+", line) for line in text.split("\n"))


def test_what_the_text_cannot_say_is_listed() -> None:
    lines = "\n".join(wenjuanxing.by_hand(awkward()))
    assert "第 1 题：选“不满 半年”的，设为跳转到结束" in lines
    assert "0 到 10" in lines
    assert "请注明" in lines
    assert "题号与问卷不同" in lines
    assert wenjuanxing.by_hand(named("organisation")) == ()


def test_remarks_how_to_answer_do_not_tell_questions_apart() -> None:
    assert question_key("哪些？（可多选）（选填）") == question_key("哪些？")
    assert question_key("（可多选）哪些？") != question_key("哪些？")
