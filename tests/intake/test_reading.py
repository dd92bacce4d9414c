"""What a cell says: an option's code and a state, by the file's kind of export; never a guess."""

from __future__ import annotations

import pandas as pd
import pytest

from evalkit.definitions.crosswalk import ColumnMapping, Crosswalk
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.errors import Problem
from evalkit.intake.reading import CodedSheet
from evalkit.platforms import wenjuanxing
from evalkit.platforms.wenjuanxing import Codebook, CodedQuestion
from tests.intake import exported as files

FORM = """
id: q
title: 问卷
scales:
  s:
    - {code: "1", label: 满意, score: 100}
    - {code: "2", label: 一般, score: 50}
    - {code: "3", label: 不满意, score: 0}
    - {code: "4", label: 不了解, missing: dont_know}
    - {code: "5", label: 不愿说, missing: refused}
    - {code: "6", label: 不适用, missing: not_applicable}
items:
  - {id: a, number: 1, text: 办事方便, scale: s}
  - {id: b, number: 2, text: 环境整洁, scale: s}
  - id: n
    number: 3
    text: 最需要什么
    kind: multiple
    role: need
    options:
      - {code: "1", label: 停车}
      - {code: "2", label: 就医}
      - {code: "3", label: 其他【请注明】}
  - id: k
    number: 4
    text: 请排序
    kind: ranking
    role: profile
    options: [{code: "1", label: 停车}, {code: "2", label: 就医}, {code: "3", label: 养老}]
  - {id: t, number: 5, text: 打几分, kind: number, role: scored, minimum: 0, maximum: 10}
  - {id: o, number: 6, text: 有何建议, kind: text, role: open}
  - {id: unit, number: 7, text: 您的单位, role: rater}
"""
TEXTS = {
    "a": "办事方便", "b": "环境整洁", "n": "最需要什么", "k": "请排序", "t": "打几分",
    "o": "有何建议", "unit": "您的单位",
}  # fmt: skip


def form() -> Questionnaire:
    return files.questionnaire(FORM)


def crosswalk(*columns: ColumnMapping, **more: object) -> Crosswalk:
    data = {"id": "x", "questionnaire": "q", "layout": "l", "variant": "text", "approved": True}
    return Crosswalk.model_validate(data | {"columns": list(columns)} | more)


def read(
    item: str, *cells: str, sheet_variant: str | None = "text", **more: object
) -> tuple[list[tuple[object, str]], list[Problem]]:
    """Code one column of cells; return what each became."""
    raw = files.sheet([TEXTS[item]], [[cell] for cell in cells], variant=sheet_variant)
    found, problems = files.coded(raw, form(), **more)  # type: ignore[arg-type]
    assert found is not None, problems
    return pairs(found, item), [p for p in problems if p.code != "missing_column"]


def pairs(found: CodedSheet, item: str) -> list[tuple[object, str]]:
    codes = [None if pd.isna(code) else code for code in found.codes[item]]
    return list(zip(codes, found.states[item], strict=True))


def said(item: str, *cells: str, **more: object) -> list[tuple[object, str]]:
    found, problems = read(item, *cells, **more)
    assert problems == []
    return found


# --- one choice ---------------------------------------------------------------------------------


def test_labels_are_options_and_missing_options_are_states() -> None:
    cells = ("满意", " 一 般", "不满意〖脏〗", "不了解", "不愿说", "不适用", "", "(跳过)", "（空）")
    assert said("a", *cells) == [
        ("1", "answered"), ("2", "answered"), ("3", "answered"), (None, "dont_know"),
        (None, "refused"), (None, "not_applicable"), (None, "empty"), (None, "skipped"),
        (None, "empty"),
    ]  # fmt: skip


def test_numbers_are_option_codes() -> None:
    assert said("a", "1", "３", "4", "-3", "-2", sheet_variant="number") == [
        ("1", "answered"), ("3", "answered"), (None, "dont_know"), (None, "skipped"),
        (None, "empty"),
    ]  # fmt: skip


def test_scores_are_option_scores() -> None:
    assert said("a", "100", "50", "0", "-3", sheet_variant="score") == [
        ("1", "answered"), ("2", "answered"), ("3", "answered"), (None, "skipped"),
    ]  # fmt: skip


def test_the_first_of_two_options_of_one_score_stands_for_both() -> None:
    document = files.questionnaire(
        "id: q\ntitle: 问卷\nitems:\n  - id: a\n    text: 办事方便\n    options:\n"
        '      - {code: "7", label: 好, score: 12.5}\n      - {code: "8", label: 行, score: 12.5}\n'
    )
    found, _ = files.coded(files.sheet(["办事方便"], [["12.5"]], variant="score"), document)
    assert found is not None
    assert pairs(found, "a") == [("7", "answered")]


def test_an_option_is_found_without_what_asks_for_a_text_but_as_it_stands_first() -> None:
    options = (
        "id: q\ntitle: 问卷\nitems:\n  - id: a\n    text: 渠道\n    role: profile\n    options:\n"
        '      - {code: "1", label: 其他（请注明）}\n      - {code: "2", label: 其他}\n'
        '      - {code: "3", label: 柜台【请注明】}\n      - {code: "4", label: 电话}\n'
        '      - {code: "5", label: 柜台（请说明）}\n'
    )
    cells = ["其他", "其他(请注明)", "柜台", "柜台【请注明】〖三号〗", "电话（请说明）"]
    found, problems = files.coded(files.sheet(["渠道"], [[c] for c in cells]), files.questionnaire(options))  # fmt: skip
    assert problems == []
    assert found is not None
    assert [code for code, _ in pairs(found, "a")] == ["2", "1", "3", "3", "4"]


def test_a_value_that_no_option_explains_is_reported_once_with_its_first_row() -> None:
    found, problems = read("a", "满意", "很好", "好", "很好")
    assert found[1:] == [(None, "invalid")] * 3
    assert [(p.code, p.found, p.row) for p in problems] == [
        ("unknown_option", "好", 4),
        ("unknown_option", "很好", 3),
    ]
    assert problems[1].message == "题目 a 没有这个选项（2 行）"
    assert problems[1].column == "A 办事方便"
    raw = files.sheet(["办事方便"], [["好"], ["差"], ["好"]])
    coded, _ = files.coded(raw, form())
    assert coded is not None
    assert coded.unknown == (("a", "好", 2), ("a", "差", 1))


def test_a_long_value_is_shown_up_to_sixty_letters_and_only_if_many_have_it() -> None:
    _, (problem,) = read("a", *["长" * 61] * 3)
    assert problem.found == "长" * 60
    _, (problem,) = read("a", "长" * 61)
    assert problem.found == "长" + "*" * 19


@pytest.mark.parametrize(
    ("item", "variant", "expected"),
    [
        ("a", "text", "满意 / 一般 / 不满意 / 不了解 / 不愿说 / 不适用"),
        ("a", "number", "1=满意 / 2=一般 / 3=不满意 / 4=不了解 / 5=不愿说 / 6=不适用"),
        ("a", "score", "100 / 50 / 0"),
        ("t", "number", "0 到 10 的数"),
    ],
)
def test_a_report_says_what_was_expected(item: str, variant: str, expected: str) -> None:
    _, (problem,) = read(item, "??", sheet_variant=variant)
    assert problem.expected == expected


@pytest.mark.parametrize("marker", ["-3", "-2"])
def test_a_mark_of_numbers_is_a_strange_value_among_texts(marker: str) -> None:
    _, problems = read("a", marker)
    assert [p.found for p in problems] == [marker]


def test_without_options_a_name_is_taken_at_its_word() -> None:
    assert said("unit", "服务办", "") == [("服务办", "answered"), (None, "empty")]
    assert said("o", "修路┋种树", "(跳过)") == [("修路┋种树", "answered"), (None, "skipped")]


# --- several choices ----------------------------------------------------------------------------


def test_several_labels_in_one_cell() -> None:
    assert said("n", "停车┋其他〖电梯〗", "就医", "(空)") == [
        ("1;3", "answered"), ("2", "answered"), (None, "empty")
    ]  # fmt: skip


def test_one_strange_label_makes_the_whole_cell_strange_and_is_told_alone() -> None:
    found, problems = read("n", "停车┋养老", "停车")
    assert found == [(None, "invalid"), ("1", "answered")]
    assert [p.found for p in problems] == ["养老"]


def test_several_codes_in_one_cell_are_codes_only_by_number() -> None:
    cells = ("1 3", "2,1", "3；2", "1、2;3", "2")
    assert [code for code, _ in said("n", *cells, sheet_variant="number")] == [
        "1;3", "2;1", "3;2", "1;2;3", "2",
    ]  # fmt: skip
    _, problems = read("n", "1 9", sheet_variant="number")
    assert [p.found for p in problems] == ["9"]
    _, problems = read("n", "1 3")
    assert [p.found for p in problems] == ["1 3"]


def test_a_ranking_keeps_its_order() -> None:
    assert said("k", "就医→养老→停车", "养老") == [("2;3;1", "answered"), ("3", "answered")]
    assert said("k", "3 1 2", sheet_variant="number") == [("3;1;2", "answered")]


def test_choices_that_an_analyst_left_out_are_dropped_and_alone_are_invalid() -> None:
    by = crosswalk(ColumnMapping(column=1, item="n"), values={"n": {"都要": None, "车位": "1"}})
    assert said("n", "车位┋都要", "都要", "车位┋就医", crosswalk=by) == [
        ("1", "answered"), (None, "invalid"), ("1;2", "answered"),
    ]  # fmt: skip


# --- one column an option -----------------------------------------------------------------------


def spread(item: str, rows: list[list[str]]) -> list[tuple[object, str]]:
    kind = "number" if item == "n" else "4"
    by = crosswalk(
        ColumnMapping(column=1, item=item, option="1"),
        ColumnMapping(column=2, item=item, option="2"),
        ColumnMapping(column=3, item=item, option="3"),
        ColumnMapping(column=4, item="a"),
        variant="number",
    )
    raw = files.sheet(["x", "y", "z", kind], [[*row, "1"] for row in rows], variant="number")
    found, problems = files.coded(raw, form(), crosswalk=by)
    assert problems == []
    assert found is not None
    return pairs(found, item)


def test_an_option_is_chosen_where_its_column_holds_one() -> None:
    rows = [["1", "0", "1"], ["0", "1", ""], ["0", "0", "0"], ["-3", "-3", "-3"], ["", "", "-2"]]
    assert spread("n", rows) == [
        ("1;3", "answered"), ("2", "answered"), (None, "empty"), (None, "skipped"), (None, "empty")
    ]  # fmt: skip


def test_ranks_are_sorted_from_the_first_choice_on() -> None:
    rows = [["2", "3", "1"], ["1", "-2", "2"], ["-2", "1", "-2"], ["-2", "-2", "-2"]]
    assert spread("k", rows) == [
        ("3;1;2", "answered"), ("1;3", "answered"), ("2", "answered"), (None, "empty")
    ]  # fmt: skip


# --- numbers ------------------------------------------------------------------------------------


def test_a_number_counts_from_its_minimum_to_its_maximum() -> None:
    assert said("t", "0", "10", "7.5", "-2", sheet_variant="number") == [
        ("0.0", "answered"), ("10.0", "answered"), ("7.5", "answered"), (None, "empty")
    ]  # fmt: skip
    _, problems = read("t", "-0.01", "10.01", "nan", "七", sheet_variant="number")
    assert sorted(str(p.found) for p in problems) == ["-0.01", "10.01", "nan", "七"]


def test_a_number_without_bounds_may_be_any() -> None:
    document = files.questionnaire(
        "id: q\ntitle: 问卷\nitems: [{id: y, text: 年龄, kind: number, role: profile}]\n"
    )
    found, problems = files.coded(files.sheet(["年龄"], [["-5"], ["1000000.5"]]), document)
    assert problems == []
    assert found is not None
    assert pairs(found, "y") == [("-5.0", "answered"), ("1000000.5", "answered")]


# --- what an analyst, a codebook and the export say ---------------------------------------------


def test_values_of_a_crosswalk_count_for_their_item_only() -> None:
    by = crosswalk(
        ColumnMapping(column=1, item="a"),
        ColumnMapping(column=2, item="b"),
        values={"a": {"很 好": "1", "没听过": None, "满意": "2", "说不清": "4"}},
    )
    rows = [
        ["很好", "满意"],
        ["没听过", "满意"],
        ["满意", "满意"],
        ["说不清", "满意"],
        ["一般", "很好"],
    ]
    found, problems = files.coded(files.sheet(["x", "y"], rows), form(), crosswalk=by)
    assert found is not None
    assert pairs(found, "a") == [
        ("1", "answered"), (None, "invalid"), ("2", "answered"), (None, "dont_know"),
        ("2", "answered"),
    ]  # fmt: skip
    assert pairs(found, "b") == [("1", "answered")] * 4 + [(None, "invalid")]
    assert [p.code for p in problems] == ["unknown_option"]


def book(labels: dict[int, str], number: int = 1) -> Codebook:
    coded = tuple(wenjuanxing.Option(label, code, 9) for code, label in labels.items())
    question = CodedQuestion(number, "single", "", (), coded, (0,), (0,), 9, 9)
    return Codebook((question,), "sequence", 9, 9, 9, 9, ())


def test_a_codebook_says_what_a_number_means() -> None:
    turned = book({1: "不满意", 2: "一般", 3: "满 意"})
    raw = files.sheet(["1、办事方便", "2、环境整洁"], [["1", "1"], ["3", "3"]], variant="number")
    found, _ = files.coded(raw, form(), codebook=turned)
    assert found is not None
    assert [code for code, _ in pairs(found, "a")] == ["3", "1"]
    assert [code for code, _ in pairs(found, "b")] == ["1", "3"]


def test_a_codebook_says_nothing_of_texts() -> None:
    turned = book({1: "不满意", 2: "一般", 3: "满意"})
    raw = files.sheet(["1、办事方便"], [["满意"], ["1"]])
    found, problems = files.coded(raw, form(), codebook=turned)
    assert found is not None
    assert pairs(found, "a") == [("1", "answered"), (None, "invalid")]
    assert "1" in [p.found for p in problems]


def test_an_analyst_outweighs_the_codebook() -> None:
    turned = book({1: "不满意", 2: "一般", 3: "满意"})
    by = crosswalk(ColumnMapping(column=1, item="a"), variant="number", values={"a": {"1": "2"}})
    raw = files.sheet(["1、办事方便"], [["1"], ["3"]], variant="number")
    found, _ = files.coded(raw, form(), codebook=turned, crosswalk=by)
    assert found is not None
    assert [code for code, _ in pairs(found, "a")] == ["2", "1"]


def test_a_codebook_names_what_a_question_without_options_counts() -> None:
    raw = files.sheet(["7、您的单位"], [["1"], ["2"]], variant="number")
    found, _ = files.coded(raw, form(), codebook=book({1: "服务办", 2: "党建办"}, 7))
    assert found is not None
    assert [code for code, _ in pairs(found, "unit")] == ["服务办", "党建办"]


def test_reversed_numbers_are_mirrored_and_what_does_not_score_stays() -> None:
    by = crosswalk(ColumnMapping(column=1, item="a", reversed=True), variant="number")
    cells = ("1", "2", "3", "4", "5")
    assert said("a", *cells, sheet_variant="number", crosswalk=by) == [
        ("3", "answered"), ("2", "answered"), ("1", "answered"), (None, "dont_know"),
        (None, "refused"),
    ]  # fmt: skip


def test_texts_and_scores_have_no_direction() -> None:
    for variant, cell in (("text", "满意"), ("score", "100")):
        by = crosswalk(ColumnMapping(column=1, item="a", reversed=True), variant=variant)
        assert said("a", cell, sheet_variant=variant, crosswalk=by) == [("1", "answered")]


def test_letters_can_be_reversed_like_numbers() -> None:
    document = files.questionnaire(
        "id: q\ntitle: 问卷\nitems:\n  - id: a\n    text: 办事方便\n    options:\n"
        "      - {code: A, label: 好, score: 100}\n      - {code: B, label: 差, score: 0}\n"
    )
    by = crosswalk(ColumnMapping(column=1, item="a", reversed=True), variant="number")
    raw = files.sheet(["x"], [["A"], ["b"]], variant="number")
    found, problems = files.coded(raw, document, crosswalk=by)
    assert problems == []
    assert found is not None
    assert [code for code, _ in pairs(found, "a")] == ["B", "A"]


# --- the kind of export -------------------------------------------------------------------------


def told(
    rows: list[list[str]],
    headers: tuple[str, ...] = ("办事方便", "环境整洁"),
    document: Questionnaire | None = None,
    **more: object,
) -> tuple[str | None, list[str]]:
    """Return the variant that was told from the cells, and the codes of problems."""
    raw = files.sheet(headers, rows, variant=None)
    found, problems = files.coded(raw, document or form(), **more)  # type: ignore[arg-type]
    codes = [p.code for p in problems if p.code != "missing_column"]
    return (None if found is None else found.variant), codes


@pytest.mark.parametrize(
    ("rows", "variant"),
    [
        ([["满意", "一般"]], "text"),
        ([["1", "2"]], "number"),
        ([["100", "50"]], "score"),
        ([["满意", "2"], ["3", "不满意"], ["一般", ""]], "text"),
        ([["100", "2"], ["3", "50"], ["1", ""]], "number"),
    ],
)
def test_the_reading_that_explains_most_answers_wins(rows: list[list[str]], variant: str) -> None:
    assert told(rows)[0] == variant


@pytest.mark.parametrize("rows", [[["满意", "2"]], [["100", "3"], ["1", "50"]], [["好", "坏"]]])
def test_where_two_readings_explain_as_much_nothing_is_guessed(rows: list[list[str]]) -> None:
    assert told(rows) == (None, ["unclear_variant"])


def test_overall_satisfaction_helps_to_tell_and_profiles_do_not() -> None:
    document = files.questionnaire(
        FORM + "  - {id: all, text: 总体满意, role: overall, scale: s}\n"
        "  - {id: sex, text: 性别, role: profile, options: [{code: x, label: 男}]}\n"
    )
    headers = ("办事方便", "总体满意", "性别")
    assert told([["满意", "1", "男"], ["", "2", "男"]], headers, document)[0] == "number"
    assert told([["满意", "1", "男"]], headers, document) == (None, ["unclear_variant"])


def test_numbers_that_are_no_options_are_numbers() -> None:
    assert told([["7.5"]], ("打几分",)) == ("number", [])


@pytest.mark.parametrize("nothing", ["", "(跳过)"])
def test_a_scale_that_nobody_answered_stands_in_the_way_of_nothing(nothing: str) -> None:
    assert told([["7.5", nothing]], ("打几分", "办事方便")) == ("number", [])
    assert told([[nothing]], ("办事方便",)) == ("text", [])


def test_without_a_scored_column_the_others_tell_the_variant() -> None:
    document = files.questionnaire(
        FORM + '  - {id: sex, text: 性别, role: profile, options: [{code: "1", label: 男}]}\n'
    )
    assert told([["男"]], ("性别",), document)[0] == "text"
    assert told([["1"]], ("性别",), document)[0] == "number"


def test_what_is_written_down_outweighs_what_is_told() -> None:
    by = crosswalk(ColumnMapping(column=1, item="a"), variant="score")
    raw = files.sheet(["办事方便"], [["1"], ["满意"]], variant="text")
    for more, variant in (
        ({}, "text"),
        ({"crosswalk": by}, "score"),
        ({"crosswalk": by, "variant": "number"}, "number"),
    ):
        found, _ = files.coded(raw, form(), **more)  # type: ignore[arg-type]
        assert found is not None
        assert found.variant == variant


def test_what_a_platform_is_taken_to_hold_gives_way_where_it_explains_no_cell() -> None:
    for cells, variant in ((["1", "2"], "number"), (["满意", "1"], "text"), (["很好"], "text")):
        raw = files.sheet(["办事方便"], [[cell] for cell in cells], variant="text")
        found, _ = files.coded(raw, form())
        assert found is not None
        assert found.variant == variant


# --- the whole sheet ----------------------------------------------------------------------------


def test_what_was_not_asked_is_told_from_what_was_left_empty() -> None:
    raw = files.sheet(["序号", "所用时间", "办事方便"], [["1", "9秒", ""], ["2", "8秒", "满意"]])
    found, _ = files.coded(raw, form())
    assert found is not None
    assert pairs(found, "a") == [(None, "empty"), ("1", "answered")]
    assert pairs(found, "o") == [(None, "not_asked")] * 2
    assert list(found.meta) == ["sequence", "seconds"]
    assert found.meta["seconds"].tolist() == ["9秒", "8秒"]
    assert found.codes.index.tolist() == [2, 3]


def test_only_the_rows_that_are_answers_are_coded() -> None:
    from evalkit.definitions.evaluation import ResponseFile
    from evalkit.errors import Problems
    from evalkit.intake.reading import code_sheet

    raw = files.sheet(["办事方便"], [["满意"], ["合计"], ["一般"]])
    problems = Problems()
    entry = ResponseFile(file="a.csv", questionnaire="q", group="key")
    found = code_sheet(raw, form(), entry, None, None, pd.Index([2, 4]), problems)
    assert found is not None
    assert found.codes["a"].tolist() == ["1", "2"]
    assert "unknown_option" not in [p.code for p in problems]
