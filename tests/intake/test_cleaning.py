"""Which rows are answers: every rule of rejection at its limit, every reason by a row of its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest

from evalkit.codes import Reason
from evalkit.definitions.evaluation import Wave
from evalkit.errors import Problem, Problems
from evalkit.intake.cleaning import period, sift, strays
from evalkit.intake.sieves import SIEVES
from evalkit.intake.times import read_times
from evalkit.pages.press import meanings
from evalkit.problems.rejections import REASONS
from evalkit.tables import Rejection
from tests.intake import exported as files

GOOD = 3
"""Good rows before the spoiled one, which therefore stands in row 5."""

SPOILED: dict[str, tuple[str, list[str]]] = {
    "blank": ("resident", [""] * 8),
    "header_row": ("resident", list(files.HEADERS["resident"])),
    "footer": ("resident", ["合计", "", "", "", "", "", "3", ""]),
    "malformed": ("resident", files.answer("resident", 9, 序号="九")),
    "pasted_twice": ("resident", files.answer("resident", 2)),
    "duplicate": ("resident", ["9", *files.answer("resident", 2)[1:]]),
    "outside_period": ("resident", files.answer("resident", 9, 提交答卷时间="2015/6/1 10:00:00")),
    "screened_out": ("resident", files.answer("resident", 9, 是否住满半年="否")),
    "no_group": ("mixed", files.answer("mixed", 9, 您是="")),
    "no_subject": ("resident", files.answer("resident", 9, 所在居民区="")),
    "unmatched_subject": ("resident", files.answer("resident", 9, 所在居民区="丁居民区")),
    "self_rating": ("peer", files.answer("peer", 9, 您的单位="老甲")),
    "no_rater": ("peer", files.answer("peer", 9, 您的单位="")),
    "no_answer": ("resident", files.answer("resident", 9, 办事方便="", 环境整洁="不了解")),
}
"""By reason: a file's kind and the row that is rejected for it."""

GROUPS = {"resident": "key", "mixed": None, "peer": "peer"}


def with_row(kind: str, row: list[str]) -> files.Imported:
    rows = [files.answer(kind, number) for number in range(1, GOOD + 1)]
    return files.imported(files.source(kind, [*rows, row], group=GROUPS[kind]))


@pytest.mark.parametrize("reason", SPOILED)
def test_every_reason_has_a_row_that_is_rejected_for_it(reason: str) -> None:
    found = with_row(*SPOILED[reason])
    assert found.reasons == {GOOD + 2: reason}
    assert found.report.rejected_by_reason == {reason: 1}
    assert (found.report.rows_read, found.report.rows_kept) == (GOOD + 1, GOOD)
    assert found.column("row") == [2, 3, 4]
    assert found.codes == (["unmatched_subject"] if reason == "unmatched_subject" else [])


def test_no_reason_is_without_such_a_row() -> None:
    assert {*SPOILED, "unread"} == set(Reason)


def test_of_a_file_whose_cells_nobody_understands_every_row_is_accounted_for() -> None:
    rows = [files.answer("resident", n, 办事方便="好", 环境整洁="好") for n in (1, 2)]
    found = files.imported(files.source("resident", [*rows, [""] * 8], variant=None))
    assert found.codes == ["unclear_variant"]
    assert found.report.rejected_by_reason == {"blank": 1, "unread": 2}


def test_the_sieves_stand_in_the_order_of_the_reasons() -> None:
    assert [sieve.reason for sieve in SIEVES] == list(Reason)


def test_a_good_row_in_its_place_is_kept() -> None:
    for kind in files.HEADERS:
        assert with_row(kind, files.answer(kind, 9)).reasons == {}


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("footer", "合计"),
        ("malformed", "序号应为整数，实为 九"),
        ("pasted_twice", "与第 3 行相同"),
        ("duplicate", "与第 3 行相同"),
        ("outside_period", "2015-06-01，应在 2016-01-01 至 2017-03-31"),
        ("screened_out", "live: 否"),
        ("unmatched_subject", "丁居民区"),
    ],
)
def test_a_rejection_says_what_it_saw(reason: str, said: str) -> None:
    (rejection,) = with_row(*SPOILED[reason]).report.rejections
    assert meanings.detail(rejection) == said


PAIRS = [
    ("duplicate", "outside_period"), ("outside_period", "screened_out"),
    ("screened_out", "no_answer"), ("no_answer", "no_subject"), ("no_answer", "unmatched_subject"),
    ("outside_period", "no_subject"), ("screened_out", "unmatched_subject"),
]  # fmt: skip
CHANGES = {
    "outside_period": {"提交答卷时间": "2015/6/1 10:00:00"},
    "screened_out": {"是否住满半年": "否"},
    "no_answer": {"办事方便": "", "环境整洁": ""},
    "no_subject": {"所在居民区": ""},
    "unmatched_subject": {"所在居民区": "丁居民区"},
}


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_of_two_reasons_the_first_in_the_list_is_given(first: str, second: str) -> None:
    order = list(Reason)
    assert order.index(first) < order.index(second)
    if first == "duplicate":
        row = files.answer("resident", 9, **CHANGES[second])
        rows = [files.answer("resident", n) for n in range(1, 4)]
        found = files.imported(files.source("resident", [*rows, row, ["10", *row[1:]]]))
        assert found.reasons == {5: "outside_period", 6: "duplicate"}
    else:
        row = files.answer("resident", 9, **(CHANGES[first] | CHANGES[second]))
        assert with_row("resident", row).reasons == {5: first}


def test_who_does_not_say_who_rates_does_not_rate_itself() -> None:
    order = list(Reason)
    assert order.index("no_rater") < order.index("self_rating")
    assert order.index("no_group") < order.index("no_subject")
    row = files.answer("mixed", 9, 您是="", 所在居民区="")
    assert with_row("mixed", row).reasons == {5: "no_group"}
    row = files.answer("peer", 9, 您的单位="", 评价的居民区="")
    assert with_row("peer", row).reasons == {5: "no_subject"}


# --- rows that are no answers -------------------------------------------------------------------

PLAIN = tuple("甲乙丙丁戊己庚辛壬癸")
"""Ten headers of no platform."""
FULL = ["1"] * 10


def sifted(row: Sequence[str], headers: Sequence[str] = PLAIN, others: int = 2) -> str | None:
    full = ["1"] * len(headers)
    _, rejections = sift(files.sheet(headers, [full] * others + [list(row)]))
    assert set(rejections) <= {others + 2}
    return rejections[others + 2].reason if rejections else None


def row(*filled: str, width: int = 10) -> list[str]:
    return [*filled, *[""] * (width - len(filled))]


@pytest.mark.parametrize("word", ["合计", "总计", "小计", "平均", "总数"])
@pytest.mark.parametrize("place", [0, 3])
def test_a_footer_begins_with_its_word_wherever_that_stands(word: str, place: int) -> None:
    assert sifted(row(*[""] * place, f"{word}：", "9")) == "footer"
    assert sifted(row(*[""] * place, f"大{word}", "9")) is None
    assert sifted(row(*[""] * place, "9", word)) is None


def test_a_footer_fills_less_than_half_of_what_answers_fill() -> None:
    assert sifted(row("合计", "2", "3", "4")) == "footer"
    assert sifted(row("合计", "2", "3", "4", "5")) is None
    assert sifted(row("合计", *["9"] * 9)) is None


def test_usual_is_the_median_of_the_rows_that_are_not_blank() -> None:
    # two of ten and three of four filled: 4 in the median, so that less than 2 is a footer
    rows = [FULL, FULL, *[row("1", "2", "3", "4")] * 3, *[row()] * 9, row("合计", "2"), row("合计")]
    _, rejections = sift(files.sheet(PLAIN, rows))
    reasons = {at: found.reason for at, found in rejections.items()}
    assert reasons == dict.fromkeys(range(7, 16), "blank") | {17: "footer"}


@pytest.mark.parametrize(("filled", "reason"), [(1, "footer"), (2, None)])
def test_of_narrow_sheets_only_a_lonely_word_is_a_footer(filled: int, reason: str | None) -> None:
    assert sifted(row("合计", "9", width=3)[:filled] + [""] * (3 - filled), PLAIN[:3]) == reason


@pytest.mark.parametrize(("repeated", "reason"), [(1, None), (2, None), (3, "header_row")])
def test_a_header_row_repeats_more_than_half_of_what_it_fills(
    repeated: int, reason: str | None
) -> None:
    assert sifted(row(*PLAIN[:repeated], *["1"] * (4 - repeated))) == reason


def test_headers_count_in_their_own_place_and_with_blanks_around() -> None:
    raw = files.sheet([" 甲 ", "乙", ""], [["1", "1", ""], ["甲", " 乙", ""], ["乙", "甲", ""]])
    assert {at: r.reason for at, r in sift(raw)[1].items()} == {3: "header_row"}


@pytest.mark.parametrize(("number", "shown"), [("", "（空）"), ("3a", "3a"), ("1.5", "1.5")])
def test_a_number_that_is_none_is_malformed(number: str, shown: str) -> None:
    raw = files.sheet(("序号", "甲"), [["1", "1"], [number, "1"]])
    kept, rejections = sift(raw)
    assert kept.tolist() == [2]
    assert (rejections[3].reason, meanings.detail(rejections[3])) == (
        "malformed",
        f"序号应为整数，实为 {shown}",
    )


def test_nothing_is_malformed_without_numbers() -> None:
    assert sifted(row("x", "y")) is None


def test_an_empty_sheet_has_no_answers() -> None:
    kept, rejections = sift(files.sheet(("甲",), [[""], [""]]))
    assert len(kept) == 0
    assert [r.reason for r in rejections.values()] == ["blank", "blank"]


# --- the time of the wave -----------------------------------------------------------------------


def stray(
    times: list[str], wave: Wave | None = None, header: str = "提交答卷时间"
) -> tuple[dict[int, str], list[Problem]]:
    raw = files.sheet((header, "甲"), [[time, "1"] for time in times])
    problems = Problems()
    rows, at = raw.cells.index, wave or files.wave()
    read, _ = read_times(raw, rows, period(at), problems)
    found = strays(raw, read, rows, at, problems)
    reason = Reason.OUTSIDE_PERIOD
    return {n: meanings.detail(Rejection(n, reason, f)) for n, f in found.items()}, list(problems)


def outside(time: str, wave: Wave | None = None) -> bool:
    inside = (wave.start if wave else None) or (wave.end if wave else None) or dt.date(2016, 6, 1)
    found, problems = stray([f"{inside} 10:00:00"] * 3 + [time], wave)
    assert problems == []
    return 5 in found


@pytest.mark.parametrize(
    ("time", "out"),
    [
        ("2015-12-31 23:59:59", True),
        ("2016-01-01 00:00:00", False),
        ("2016/12/31 23:59:59", False),
        ("2017/3/31 23:59:59", False),
        ("2017/4/1 00:00:00", True),
        ("", False),
    ],
)
def test_a_wave_named_after_a_year_runs_three_months_into_the_next(time: str, out: bool) -> None:
    assert outside(time) == out


@pytest.mark.parametrize(
    ("time", "out"),
    [
        ("2016-11-13 23:59:59", True),
        ("2016-11-14 00:00:00", False),
        ("2016-11-30 23:59:59", False),
        ("2016-12-01 00:00:00", True),
    ],
)
def test_declared_days_both_belong_to_the_wave(time: str, out: bool) -> None:
    assert outside(time, files.wave(start="2016-11-14", end="2016-11-30")) == out


def test_one_end_alone_leaves_the_other_open() -> None:
    from_november, to_november = files.wave(start="2016-11-14"), files.wave(end="2016-11-30")
    assert [outside(t, from_november) for t in ("2016-11-13 09:00:00", "2030-01-01 09:00:00")] == [
        True, False,
    ]  # fmt: skip
    assert [outside(t, to_november) for t in ("2001-01-01 09:00:00", "2016-12-01 09:00:00")] == [
        False, True,
    ]  # fmt: skip
    found, _ = stray(["2016-11-20 09:00:00"] * 2 + ["2016-11-13 09:00:00"], from_november)
    assert found == {4: "2016-11-13，应在 2016-11-14 至 ……"}
    found, _ = stray(["2016-11-20 09:00:00"] * 2 + ["2016-12-01 09:00:00"], to_november)
    assert found == {4: "2016-12-01，应在 …… 至 2016-11-30"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("2016", (dt.date(2016, 1, 1), dt.date(2017, 3, 31))),
        ("0001", (dt.date(1, 1, 1), dt.date(2, 3, 31))),
        ("9998", (dt.date(9998, 1, 1), dt.date(9999, 3, 31))),
        ("9999", (None, None)),
        ("0000", (None, None)),
        ("20161", (None, None)),
        ("201", (None, None)),
        ("w016", (None, None)),
    ],
)
def test_only_a_year_is_a_period(
    name: str, expected: tuple[dt.date | None, dt.date | None]
) -> None:
    assert period(Wave(id=name)) == expected


def test_without_period_or_time_nothing_is_a_stray() -> None:
    assert stray(["1999-01-01 09:00:00"], Wave(id="spring")) == ({}, [])
    assert stray(["1999-01-01 09:00:00"], header="时间") == ({}, [])


def test_half_of_the_answers_outside_are_strays_and_more_are_a_wrong_file() -> None:
    good, bad = ["2016-06-01 09:00:00"], ["2014-06-02 09:00:00"]
    found, problems = stray(good * 2 + bad * 2)
    assert (list(found), problems) == ([4, 5], [])
    found, (problem,) = stray(good * 2 + bad * 3)
    assert found == {}
    assert (problem.code, problem.column) == ("wrong_wave", "提交答卷时间")
    assert "3/5 份答卷" in problem.message
    assert problem.expected == "2016-01-01 至 2017-03-31"
    assert problem.found == "2014-06-02 至 2016-06-01；批次之外的：2014 年 3 行"


def test_a_time_that_nobody_can_read_does_not_hide_the_others() -> None:
    found, problems = stray(["昨天", *["2016-06-01 09:00:00"] * 3, "2015-06-02 09:00:00"])
    assert problems == []
    assert found[6] == "2015-06-02，应在 2016-01-01 至 2017-03-31"


def test_the_share_is_of_the_answers_with_a_time() -> None:
    found, problems = stray(["", "", "2016-06-01 09:00:00", *["2014-06-02 09:00:00"] * 2])
    assert (found, [p.code for p in problems]) == ({}, ["wrong_wave"])


# --- who is eligible ----------------------------------------------------------------------------


AGE = (
    '  - {id: age, text: 年满十八, role: screening, options: [{code: "1", label: 是}, '
    '{code: "2", label: 未满, screen_out: true}]}\n'
)


def test_the_first_screening_question_that_is_failed_is_named() -> None:
    document = files.questionnaire(files.RESIDENT + AGE)
    headers = (*files.HEADERS["resident"], "年满十八")
    rows = [
        [*files.answer("resident", 1), "未满"],
        [*files.answer("resident", 2, 是否住满半年="否"), "未满"],
        [*files.answer("resident", 3, 是否住满半年=""), ""],
    ]
    found = files.imported(files.source("resident", rows, headers=headers, document=document))
    assert [(r.row, meanings.detail(r)) for r in found.report.rejections] == [
        (2, "age: 未满"), (3, "live: 否"),
    ]  # fmt: skip


def test_a_group_question_that_lets_all_in_leaves_the_screening_to_the_next() -> None:
    document = files.questionnaire(files.MIXED + AGE)
    headers = (*files.HEADERS["mixed"], "年满十八")
    rows = [[*files.answer("mixed", n), said] for n, said in ((1, "是"), (2, "未满"))]
    found = files.imported(
        files.source("mixed", rows, headers=headers, group=None, document=document)
    )
    assert found.reasons == {3: "screened_out"}


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        ("满意", "", None),
        ("", "一般", None),
        ("不了解", "", "no_answer"),
        ("(跳过)", "", "no_answer"),
    ],
)
def test_one_scored_answer_is_enough(first: str, second: str, reason: str | None) -> None:
    found = with_row("resident", files.answer("resident", 9, 办事方便=first, 环境整洁=second))
    assert found.reasons == ({} if reason is None else {5: reason})


def test_the_order_of_the_list_is_that_of_the_flow() -> None:
    assert list(Reason)[:6] == [
        "blank", "header_row", "footer", "malformed", "pasted_twice", "duplicate",
    ]  # fmt: skip
    assert list(REASONS) == list(Reason)
    assert all(REASONS.values())
