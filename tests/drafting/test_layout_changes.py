"""What changed between two files, told at its limits: never a change that chance makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from evalkit.drafting.layout_changes import (
    Change,
    compare,
    meaning_of,
    runs_backwards,
    total_variation,
)
from evalkit.platforms import RawColumn, RawSheet, wenjuanxing
from evalkit.platforms.wenjuanxing import Codebook, CodedQuestion
from tests.intake import exported as files


def column(header: str, counts: Mapping[str, int], variant: str | None = "text") -> RawSheet:
    """One question with these answers."""
    rows = [[answer] for answer, count in counts.items() for _ in range(count)]
    return files.sheet([header], rows, variant=variant)


def sheet(headers: Sequence[str], **more: object) -> RawSheet:
    return files.sheet(headers, [["答"] * len(headers)] * 20, **more)  # type: ignore[arg-type]


def told(before: RawSheet, after: RawSheet) -> list[tuple[str, str | None, str | None]]:
    return [(c.kind, c.old, c.new) for c in compare(before, after)]


# --- options ------------------------------------------------------------------------------------

Q = "1、近一年参加过活动吗？"


@pytest.mark.parametrize(("rows", "seen"), [(6, False), (7, True), (8, True)])
def test_an_option_is_new_or_gone_if_seven_rows_were_to_be_expected(rows: int, seen: bool) -> None:
    one = column(Q, {"有": 60, "没有": 40 - rows, "记不清": rows})
    other = column(Q, {"有": 60, "没有": 40})
    assert told(one, other) == ([("options_changed", "“记不清”", None)] if seen else [])
    assert told(other, one) == ([("options_changed", None, "“记不清”")] if seen else [])


@pytest.mark.parametrize(("rows", "seen"), [(13, False), (14, True)])
def test_what_is_expected_is_its_share_of_the_other_file(rows: int, seen: bool) -> None:
    one = column(Q, {"有": 100 - rows, "记不清": rows})
    other = column(Q, {"有": 50})  # half as many: 14 of 100 are 7 of 50
    assert told(one, other) == ([("options_changed", "“记不清”", None)] if seen else [])


def test_a_rare_option_that_both_have_is_no_change() -> None:
    assert told(column(Q, {"有": 99, "别的": 1}), column(Q, {"有": 50, "别的": 50})) == []


@pytest.mark.parametrize(("options", "seen"), [(20, True), (21, False)])
def test_more_than_twenty_answers_are_no_options(options: int, seen: bool) -> None:
    names = [f"选项{chr(ord('a') + at)}" for at in range(options + 1)]
    one = column(Q, dict.fromkeys(names[:options], 10))
    other = column(Q, dict.fromkeys(names[1:], 10))
    assert told(one, other) == (
        [("options_changed", f"“{names[0]}”", f"“{names[-1]}”")] if seen else []
    )


def test_what_is_written_has_no_options() -> None:
    header = "1、您有什么建议？(填空题)"
    assert told(column(header, {"修路": 50}), column(header, {"种树": 50})) == []


def test_nobody_answering_is_no_change_of_options() -> None:
    assert told(column(Q, {"有": 50}), column(Q, {"": 50})) == []
    assert told(column(Q, {"": 50}), column(Q, {"有": 50})) == []


@pytest.mark.parametrize(("count", "shown"), [(6, 6), (7, 6)])
def test_more_than_six_options_are_counted(count: int, shown: int) -> None:
    names = [f"选项{chr(ord('a') + at)}" for at in range(count)]
    change = compare(column(Q, {"有": 99}), column(Q, {"有": 99} | dict.fromkeys(names, 99)))[0]
    expected = "、".join(f"“{name}”" for name in names[:shown])
    expected += f" 等 {count} 个" if count > 6 else ""
    assert change.new == expected
    assert change.detail == f"第 1 题“近一年参加过活动吗？”的选项：新出现 {expected}"


def test_gone_and_new_options_are_told_together() -> None:
    (change,) = compare(column(Q, {"有": 50, "无": 50}), column(Q, {"有": 50, "没有": 50}))
    assert change.detail.endswith("的选项：不再出现 “无”；新出现 “没有”")
    assert (change.old, change.new) == ("“无”", "“没有”")


def test_options_with_a_column_each_are_compared_by_their_headers() -> None:
    def spread(*labels: str) -> RawSheet:
        columns = [
            RawColumn(at, f"6、需要什么({o})", 6, "需要什么", "需要什么", o, "multiple")
            for at, o in enumerate(labels)
        ]
        return sheet([c.header for c in columns], columns=columns)

    found = told(spread("停车", "就医", "绿化"), spread("停车", "绿 化", "养老"))
    assert found == [("options_changed", "“就医”", "“养老”")]


def test_texts_and_numbers_are_not_compared() -> None:
    changes = told(column(Q, {"有": 50, "无": 50}), column(Q, {"1": 50, "2": 50}, "number"))
    assert changes == [("exported_otherwise", "按文本", "按序号")]


def test_missing_marks_are_no_options() -> None:
    one = column(Q, {"1": 50, "2": 50}, "number")
    other = column(Q, {"1": 50, "2": 50, "-2": 50, "-3": 50}, "number")
    assert told(one, other) == []


# --- direction ----------------------------------------------------------------------------------


def numbers(*counts: int, first: int = 1) -> RawSheet:
    given = {str(at): count for at, count in enumerate(counts, start=first)}
    return column("1、满意吗？", given, "number")


def turned(one: RawSheet, other: RawSheet) -> bool:
    kinds = [change.kind for change in compare(one, other)]
    assert set(kinds) <= {"reversed"}
    return bool(kinds)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ((50, 25, 25), (25, 25, 50), False),  # moved by 0.25
        ((51, 25, 24), (24, 25, 51), True),  # by 0.27
        ((70, 10, 20), (20, 29, 51), True),  # 0.19 from the mirror image
        ((70, 10, 20), (20, 31, 49), False),  # 0.21
        ((60, 20, 20), (60, 20, 20), False),
    ],
)
def test_numbers_are_suspected_if_far_from_the_last_wave_and_near_its_mirror(
    old: tuple[int, ...], new: tuple[int, ...], expected: bool
) -> None:
    assert turned(numbers(*old), numbers(*new)) == expected


@pytest.mark.parametrize(("rows", "expected"), [(29, False), (30, True)])
def test_fewer_than_thirty_answers_show_no_direction(rows: int, expected: bool) -> None:
    few = numbers(rows - 9, 7, 2)
    many, back = numbers(70, 23, 7), numbers(7, 23, 70)
    assert turned(few, back) == expected
    assert turned(many, numbers(2, 7, rows - 9)) == expected


def test_two_numbers_have_no_direction() -> None:
    assert not turned(numbers(80, 20), numbers(20, 80))


def test_a_number_apart_from_the_scale_stays_where_it_is() -> None:
    # 1 to 3 turned round, 9 stands for itself
    old, new = {"1": 60, "2": 10, "3": 10, "9": 20}, {"3": 60, "2": 10, "1": 10, "9": 20}
    assert turned(column("1、满意吗？", old, "number"), column("1、满意吗？", new, "number"))
    # were 9 part of the scale, this would be its mirror image
    new = {"9": 60, "3": 10, "2": 10, "1": 20}
    assert not turned(column("1、满意吗？", old, "number"), column("1、满意吗？", new, "number"))


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([("1", "3"), ("2", "2"), ("3", "1")], True),
        ([("1", "3"), ("3", "1"), ("2", "2")], True),
        ([("10", "1"), ("9", "2")], True),
        ([("1", "3"), ("2", "3"), ("3", "1")], False),
        ([("1", "1"), ("2", "2")], False),
        ([("1", "2"), ("2", "3"), ("3", "1")], False),
        ([("1", "2")], False),
        ([("A", "2"), ("2", "1")], False),
        ([("1", "B"), ("2", "1")], False),
    ],
)
def test_numberings_run_backwards_if_every_step_does(
    codes: list[tuple[str, str]], expected: bool
) -> None:
    assert runs_backwards(codes) == expected


def book(labels: Mapping[int, str]) -> Codebook:
    coded = tuple(wenjuanxing.Option(label, code, 9) for code, label in labels.items())
    question = CodedQuestion(1, "single", "", (), coded, (0,), (0,), 9, 9)
    return Codebook((question,), "sequence", 9, 9, 9, 9, ())


def test_codebooks_say_it_with_certainty() -> None:
    def changes(before: Mapping[int, str], after: Mapping[int, str]) -> tuple[Change, ...]:
        old, new = (column("1、满意吗？", dict.fromkeys(map(str, b), 10), "number") for b in (before, after))  # fmt: skip
        found = compare(old, new, previous_codebook=book(before), codebook=book(after))
        return tuple(c for c in found if c.kind != "options_changed")

    one = {1: "好", 2: "中", 3: "差"}
    assert changes(one, one) == ()
    assert changes(one, {1: "好", 2: "中", 3: "差", 4: "不知"}) == ()
    (change,) = changes(one, {3: "好", 2: "中", 1: "差"})
    assert change.kind == "reversed"
    assert change.detail == "第 1 题“满意吗？”的选项序号与上一批次方向相反：好 1→3、中 2→2、差 3→1"
    (change,) = changes(one, {1: "中", 2: "好", 3: "差"})
    assert change.kind == "recoded"
    assert change.detail == "第 1 题“满意吗？”的选项序号与上一批次不同：好 1→2、中 2→1、差 3→3"


def test_half_the_summed_difference_of_two_distributions() -> None:
    assert total_variation({"a": 1.0}, {"b": 1.0}) == 1.0
    assert total_variation({"a": 0.75, "b": 0.25}, {"a": 0.25, "c": 0.75}) == 0.75
    assert total_variation({}, {}) == 0


# --- questions ----------------------------------------------------------------------------------

ASKED = (
    "1、环境整洁程度如何？",
    "2、干部上门走访几次？",
    "3、办事流程清楚吗？",
    "4、停车管理好不好？",
    "5、文体活动丰富吗？",
)


def numbered(*order: int) -> RawSheet:
    return sheet([f"{at}、{ASKED[place][2:]}" for at, place in enumerate(order, 1) if place >= 0])


def test_one_question_that_moved_and_several_that_moved_together() -> None:
    assert told(sheet(ASKED), numbered(0, 1, 2, -1, 3, 4)) == [("renumbered", "4-5", "5-6")]
    (change,) = compare(sheet(ASKED), numbered(0, 1, 2, 3, -1, 4))
    assert (change.kind, change.old, change.new) == ("renumbered", "5", "6")
    assert change.detail == "原第 5 题改为第 6 题：“文体活动丰富吗？”"
    # 2 and 3 by one, 4 and 5 by two
    found = compare(sheet(ASKED), numbered(0, -1, 1, 2, -1, 3, 4))
    assert [c.detail for c in found] == [
        "原第 2-3 题依次改为第 3-4 题",
        "原第 4-5 题依次改为第 6-7 题",
    ]


def test_questions_that_changed_places_are_told_one_by_one() -> None:
    found = told(sheet(ASKED), numbered(0, 2, 1, 3, 4))
    assert found == [("renumbered", "2", "3"), ("renumbered", "3", "2")]


@pytest.mark.parametrize(
    ("stem", "text", "said"),
    [("需要什么", "", "需要什么"), (None, "缺什么", "缺什么"), ("", "缺什么", "缺什么"),
     ("需要什么", "缺什么", "需要什么"), (None, "", "停车等")],
)  # fmt: skip
def test_several_columns_of_one_question_that_moved_are_told_by_what_they_ask(
    stem: str | None, text: str, said: str
) -> None:
    def spread(number: int) -> RawSheet:
        columns = [
            RawColumn(at, f"第{number}题({option})", number, text, stem, option, "multiple")
            for at, option in enumerate(("停车", "就医"))
        ]
        return sheet([c.header for c in columns], columns=columns)

    assert [c.detail for c in compare(spread(6), spread(7))] == [f"原第 6 题改为第 7 题：“{said}”"]


def test_a_question_more_and_one_less() -> None:
    assert told(sheet(ASKED[:4]), sheet(ASKED)) == [("added", None, "第 5 题“文体活动丰富吗？”")]
    (change,) = compare(sheet(ASKED), sheet(ASKED[:4]))
    assert (change.kind, change.new) == ("removed", None)
    assert change.detail == "取消第 5 题“文体活动丰富吗？”（原 E 列）"


def test_new_wording_is_told_by_number_or_column() -> None:
    (change,) = compare(sheet(ASKED[:2]), sheet((ASKED[0], "2、干部上门走访过几次？")))
    assert change.detail == "第 2 题的题干由“干部上门走访几次？”改为“干部上门走访过几次？”"
    assert (change.old, change.new) == ("干部上门走访几次？", "干部上门走访过几次？")
    (change,) = compare(sheet(["干部上门走访几次"]), sheet(["干部上门走访过几次"]))
    assert change.detail == "A 列的题干由“干部上门走访几次”改为“干部上门走访过几次”"


def test_a_new_stem_is_told_once_for_all_its_rows() -> None:
    def matrix(stem: str) -> RawSheet:
        return sheet([f"1、{stem}—办事方便", "环境整洁", "走访及时"])

    (change,) = compare(matrix("您对下列服务满意吗？"), matrix("您对以下服务满意吗？"))
    assert change.kind == "reworded"
    assert change.detail == ("第 1 题的总题干由“您对下列服务满意吗？”改为“您对以下服务满意吗？”")


def test_a_stem_that_one_file_does_not_show_is_no_other_wording() -> None:
    matrix, plain = sheet(["1、服务—办事方便", "环境整洁"]), sheet(["1、办事方便", "2、环境整洁"])
    assert [c.kind for c in compare(matrix, plain)] == ["renumbered"]
    assert [c.kind for c in compare(plain, matrix)] == ["renumbered"]


@pytest.mark.parametrize(
    ("variant", "meaning"),
    [("text", "text"), ("number", "number"), ("score", "score"), (None, "text")],
)
def test_a_sheet_is_taken_at_its_word_where_nothing_is_known(
    variant: str | None, meaning: str
) -> None:
    assert meaning_of(sheet(["甲"], variant=variant)) == meaning


def test_an_export_of_unknown_kind_is_no_change_of_kind() -> None:
    known, unknown = column(Q, {"有": 50}), column(Q, {"有": 50}, None)
    assert told(known, unknown) == told(unknown, known) == []
    changes = compare(column(Q, {"100": 50}, "score"), column(Q, {"1": 50}, "number"))
    assert changes[0].detail.startswith("上一批次按分数导出，本次按序号导出；")


def test_options_that_are_names_of_people_are_masked() -> None:
    (change,) = compare(
        column("访员", {"张建国": 50, "甲": 50}), column("访员", {"李秀英": 50, "甲": 50})
    )
    assert change.detail == "“访员”的选项：不再出现 “张**”；新出现 “李**”"
    assert (change.old, change.new) == ("“张**”", "“李**”")
