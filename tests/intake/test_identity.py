"""What makes two rows one answer: an exact time, an id, an address and a duration; never ticks alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.intake import identity
from evalkit.pages.press.sentences import said
from tests.intake import exported as files

TIMED = ("序号", "提交答卷时间", "甲", "乙")
ONE = ["1", "2016/6/1 10:00:07", "好", "差"]


def repeats(headers: Sequence[str], rows: list[list[str]]) -> dict[int, tuple[str, int]]:
    return files.repeated(files.sheet(headers, rows))


def at(second: int, number: str = "1", *ticks: str) -> list[str]:
    return [number, f"2016/6/1 10:00:{second:02d}", *(ticks or ("好", "差"))]


def test_the_first_of_equal_answers_is_kept_and_named() -> None:
    rows = [at(5, "9", "好", "好"), at(7), at(7, "2"), at(7), at(8, "3"), at(9, "4"), at(11, "5")]
    assert repeats(TIMED, rows) == {4: ("duplicate", 3), 5: ("pasted_twice", 3)}


@pytest.mark.parametrize("change", [(1, "2016/6/1 10:00:08"), (2, "差"), (3, "好")])
def test_answers_that_differ_anywhere_are_two(change: tuple[int, str]) -> None:
    other = ["2", *ONE[1:]]
    other[change[0]] = change[1]
    assert repeats(TIMED, [ONE, other]) == {}


def test_without_time_or_id_equal_ticks_are_two_residents() -> None:
    assert repeats(("序号", "甲", "乙"), [["1", "好", "好"], ["2", "好", "好"]]) == {}
    assert repeats(("序号", "甲", "乙"), [["1", "好", "好"], ["1", "好", "好"]]) == {}
    assert repeats(("来自IP", "甲"), [["10.0.0.1", "好"]] * 2) == {}
    assert repeats(("所用时间", "甲"), [["31秒", "好"]] * 2) == {}


@pytest.mark.parametrize(
    "time",
    [
        "", "昨天", "2016-06-01", "2016/6/1 10:05", "2016/6/1 10:05:00", "2016-06-01 00:00:00",
        "2016年6月1日", "42522", "42522.5",
    ],
)  # fmt: skip
def test_a_time_that_is_not_known_to_the_second_makes_nobody_the_same(time: str) -> None:
    others = [[str(n), time.replace("2016", "2017"), "差", "差"] for n in range(3, 9)]
    rows = [["1", time, "好", "好"], ["2", time, "好", "好"], *others[:1]]
    assert repeats(TIMED, rows) == {}


def test_midnight_among_exact_times_is_a_day_that_somebody_typed() -> None:
    typed = [["8", "2016-06-02 00:00:00", "好", "好"], ["9", "2016-06-02 00:00:00", "好", "好"]]
    rows = [*(at(n, str(n), "好", "好") for n in (1, 2, 3)), *typed, at(3, "4", "好", "好")]
    assert list(repeats(TIMED, rows)) == [7]


def test_a_stamp_that_different_answers_share_is_that_of_a_batch() -> None:
    # typed in at one go, under one time; three of the five agree
    rows = [at(7, str(n), "好", tick) for n, tick in enumerate(("好", "好", "差", "好", "中"))]
    assert repeats(TIMED, rows) == {}


def test_a_stamp_for_every_committee_is_no_proof_where_its_residents_agree() -> None:
    rows = [at(place, str(4 * place + n), f"{place}区", "好") for place in (1, 2) for n in range(4)]
    assert repeats(TIMED, rows) == {}


@pytest.mark.parametrize("times", [2, 3])
def test_an_export_pasted_below_itself_counts_once(times: int) -> None:
    rows = [at(n, str(n), "好", "好") for n in range(1, 7)] * times
    found = repeats(TIMED, rows)
    assert len(found) == 6 * (times - 1)
    assert {reason for reason, _ in found.values()} == {"pasted_twice"}


def test_a_time_is_the_same_however_a_program_writes_it() -> None:
    rows = [at(n, str(n), "好", "好") for n in (1, 2, 3)]
    rows += [["3", "2016-06-01T10:00:03+08:00", "好", "好"]]
    assert repeats(TIMED, rows) == {5: ("pasted_twice", 4)}


def test_an_address_and_a_duration_together_tell_repeats() -> None:
    sent = ("来自IP", "所用时间", "甲")
    one, other = ["10.0.0.1", "31秒", "好"], ["10.0.0.1", "32秒", "好"]
    assert repeats(sent, [one, other, one]) == {4: ("duplicate", 2)}
    assert repeats(sent, [["", "31秒", "好"], ["", "31秒", "好"]]) == {}
    # an office where everybody was interviewed at one desk, with rounded durations
    desk = [["10.0.0.1", "300秒", tick] for tick in ("好", "差", "好", "好")]
    assert repeats(sent, desk) == {}


@pytest.mark.parametrize("header", ["id", "ID", "编号", " Id ", "id\u200b"])
def test_an_id_tells_repeats_and_a_blank_one_does_not(header: str) -> None:
    rows = [["7", "好"], ["7", "好"], ["8", "好"], ["", "好"], ["", "好"], ["9", "差"]]
    assert repeats((header, "甲"), rows) == {3: ("duplicate", 2)}


def test_an_id_that_the_platform_calls_by_a_name_of_its_own_is_part_of_the_answer() -> None:
    rows = [["101", "好"], ["102", "好"], ["103", "好"], ["103", "好"]]
    assert repeats(("答卷编号", "甲"), rows) == {5: ("pasted_twice", 4)}


def test_the_number_of_a_committee_is_no_id_of_its_residents() -> None:
    rows = [["1", "好"], ["1", "好"], ["1", "差"], ["2", "好"], ["2", "好"]]
    assert repeats(("编号", "甲"), rows) == {}


def test_rows_that_were_sifted_out_are_not_compared() -> None:
    raw = files.sheet(TIMED, [ONE, ONE, ONE])
    assert files.repeated(raw, pd.Index([3, 4])) == {4: ("pasted_twice", 3)}


def test_look_alikes_are_kept_counted_and_told() -> None:
    rows = [files.answer("resident", n, 提交答卷时间="2016/6/1") for n in range(1, 7)]
    for made in rows:
        made[2:4] = ["", ""]
    found = files.imported(files.source("resident", rows))
    (note,) = found.report.notes
    assert (found.report.rows_kept, note.code, note.count) == (6, "look_alikes", 5)
    assert said(note).startswith("有 5 行（行 3、4、5、6、7）与前面的某一行完全相同")


def test_running_numbers_that_begin_again_are_told() -> None:
    rows = [files.answer("resident", n) for n in range(1, 9)]
    for row, number in zip(rows, (1, 2, 3, 4, 5, 1, 2, 3), strict=True):
        row[0] = str(number)
    found = files.imported(files.source("resident", rows))
    assert found.reasons == {}
    (note,) = found.report.notes
    assert (note.code, note.count) == ("numbers_repeated", 3)
    assert "行 7、8、9" in said(note)
    rows[6][files.HEADERS["resident"].index("是否住满半年")] = (
        "否"  # this one does not count anyway
    )
    found = files.imported(files.source("resident", rows))
    assert list(found.reasons) == [8]
    (note,) = found.report.notes
    assert (note.code, note.count) == ("numbers_repeated", 2)
    assert "行 7、9" in said(note)


# --- what tells, number by number ---------------------------------------------------------------


def texts(*cells: str) -> pd.Series[str]:
    return pd.Series(cells, dtype=object)


def test_numbers_that_rise_from_row_to_row_number_the_rows() -> None:
    rising = [("1", "3", "10"), ("01", "2", "9" * 18)]
    others = [("1", "1"), ("2", "1"), ("1", ""), ("1", "a"), ("１", "２"), ("1", "9" * 19)]
    for cells in rising:
        assert identity._counting(texts(*cells)).tolist() == [0, 1, 2]
        assert len(identity._counting(texts(*cells).astype("category"))) == 0
    for cells in others:
        assert len(identity._counting(texts(*cells))) == 0, cells


@pytest.mark.parametrize("kind", [object, "category"])
def test_what_is_given_is_numbered_as_it_comes_and_a_blank_is_none(kind: Any) -> None:
    cells = pd.DataFrame({3: texts("b", "", "a", "b").astype(kind), 4: texts(*"1279").astype(kind)})
    assert identity._given(cells, 3).tolist() == [0, -1, 1, 0]
    assert identity._given(cells, 4).tolist() == [0, 1, 2, 3]
    assert identity._given(cells, None).tolist() == [-1] * 4


@pytest.mark.parametrize(
    ("ids", "counted"),
    [
        (["1", "2", "3"], True),
        (["A01", "A02", "B7"], True),
        (["1", "20"], True),  # twenty places for two
        (["1", "21"], False),
        (["A1", "A20", "B1", "B21"], False),
        (["A1", "A19", "B1", "B21"], True),
        (["1", "2", "x"], False),
        (["1", "2", ""], False),
        ([], True),
    ],
)
def test_ids_that_leave_few_places_unused_have_been_counted_up(
    ids: list[str], counted: bool
) -> None:
    assert identity._counted_up(ids) is counted


def test_a_number_that_stands_beside_other_answers_has_begun_again() -> None:
    numbers, which = np.array([0, 1, 0, -1, 1, 0]), np.array([0, 1, 2, 3, 1, 0])
    assert identity._restarts(numbers, which).tolist() == [False, False, True, False, False, False]
    assert not identity._restarts(np.arange(6), which).any()
    assert not identity._restarts(np.full(6, -1), which).any()


def test_a_value_tells_rows_apart_where_nine_of_ten_have_their_own() -> None:
    differ, nothing = np.arange(10), np.full(10, -1)
    nine = np.array([0, 1, 2, 3, 4, 5, 6, 7, 8, 8])
    assert identity._telling(nine, differ, nothing).tolist() == [True] * 8 + [False] * 2
    assert not identity._telling(np.minimum(nine, 7), differ, nothing).any()
    blank = np.array([0, 1, 2, 3, 4, -1, -1, -1, -1, -1])
    assert identity._telling(blank, differ, nothing).tolist() == [True] * 5 + [False] * 5
    assert not identity._telling(nothing, differ, nothing).any()


def test_a_value_tells_nothing_where_most_rows_repeat_unless_they_repeat_their_numbers() -> None:
    twice = np.repeat(np.arange(5), 2)
    nothing = np.full(10, -1)
    assert identity._telling(twice, twice, nothing).all()
    more = np.append(twice, 0)
    assert not identity._telling(more, more, np.full(11, -1)).any()
    assert identity._telling(more, more, more).all(), "a block that was pasted again"
    assert identity._telling(more, more, np.where(np.arange(11) < 2, more, -1)).all()
