"""A column of times has one reading; what was decided, and what cannot be read, is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest

from evalkit.definitions.evaluation import Wave
from evalkit.errors import Note, Problem, Problems
from evalkit.intake import times as reading
from evalkit.intake.cleaning import period
from evalkit.intake.times import Times, read_times, within
from evalkit.pages.press.sentences import said
from tests.intake import exported as files

SEPTEMBER = files.wave(start="2026-09-01", end="2026-09-30")
YEAR = Wave(id="2026")
NO_PERIOD = Wave(id="spring")


def read(cells: Sequence[str], wave: Wave = SEPTEMBER) -> tuple[Times, list[Note], list[Problem]]:
    raw = files.sheet(("提交时间", "甲"), [[cell, "1"] for cell in cells])
    problems = Problems()
    times, notes = read_times(raw, raw.cells.index, period(wave), problems)
    assert times is not None
    return times, list(notes), list(problems)


def days(cells: Sequence[str], wave: Wave = SEPTEMBER) -> list[str | None]:
    times, _, _ = read(cells, wave)
    return [times.text(row) for row in range(2, len(cells) + 2)]


def test_one_cell_that_can_only_be_day_first_decides_for_all() -> None:
    times, notes, problems = read(["03/09/2026", "12/09/2026", "22/09/2026"], YEAR)
    assert days(["03/09/2026", "22/09/2026"], YEAR) == ["2026-09-03", "2026-09-22"]
    assert (times.order, problems) == ("dmy", [])
    assert notes == []


def test_one_cell_that_can_only_be_month_first_decides_for_all() -> None:
    assert days(["09/03/2026 10:00", "09/22/2026 10:00"], YEAR) == [
        "2026-09-03 10:00", "2026-09-22 10:00",
    ]  # fmt: skip


def test_where_every_cell_is_open_the_wave_decides_and_a_note_says_so() -> None:
    cells = ["03/09/2026", "04/09/2026", "12/09/2026"]
    assert days(cells) == ["2026-09-03", "2026-09-04", "2026-09-12"]
    _, (note,), problems = read(cells)
    assert problems == []
    assert (note.code, note.count) == ("times_read_as", 3)
    assert said(note) == (
        "列 A 的日期有几种读法，整列按“日/月/年”读（如第 2 行读作 2026-09-03），"
        "因为只有这样全部答卷才在本批次内"
    )


@pytest.mark.parametrize("wave", [YEAR, NO_PERIOD])
def test_where_it_decides_about_no_row_a_note_says_which_reading_was_taken(wave: Wave) -> None:
    _, (note,), problems = read(["03/09/2026", "04/09/2026"], wave)
    assert problems == []
    assert "整列按“月/日/年”读（如第 2 行读作 2026-03-09）" in said(note)
    assert "因为" not in said(note)


def test_where_rows_hang_on_it_and_nothing_decides_it_is_a_problem() -> None:
    _, _, (problem,) = read(["03/09/2026", "04/05/2026", "09/04/2026"])
    assert (problem.code, problem.row, problem.column) == ("times_ambiguous", 2, "A 提交时间")
    assert problem.found == "2026-03-09（月/日/年） 或 2026-09-03（日/月/年）"


def test_cells_that_contradict_one_another_are_a_problem_that_names_one_of_each() -> None:
    _, _, (problem,) = read(["03/09/2026", "22/09/2026", "09/22/2026"], YEAR)
    assert (problem.code, problem.row, problem.column) == ("times_contradict", 3, "A 提交时间")
    assert problem.found == "第 3 行 22/09/2026；第 4 行 09/22/2026"


def test_of_several_cells_that_contradict_one_another_the_first_two_are_named() -> None:
    cells = ["03/09/2026", "22/09/2026", "21/09/2026", "09/22/2026", "09/21/2026"]
    _, _, (problem,) = read(cells, YEAR)
    assert problem.found == "第 3 行 22/09/2026；第 5 行 09/22/2026"


def test_where_no_reading_is_in_the_wave_it_is_not_the_wave_that_decides() -> None:
    _, notes, problems = read(["03/05/2026", "04/05/2026"])
    assert problems == []
    (note,) = (one for one in notes if one.code == "times_read_as")
    assert note.facts["by_wave"] is False


def test_figures_that_mean_the_same_day_in_every_order_need_no_word() -> None:
    assert read(["09/09/2026", "2026-09-10"])[1:] == ([], [])


def test_two_figures_for_a_year_are_read_where_the_wave_leaves_one_reading() -> None:
    _, (note,), problems = read(["16/11/12", "16/11/10"], Wave(id="2016"))
    assert problems == []
    assert days(["16/11/12", "16/11/10"], Wave(id="2016")) == ["2016-11-12", "2016-11-10"]
    assert "年/月/日" in said(note)


def test_a_column_that_mixes_ways_of_writing_is_one_column() -> None:
    assert days(["2026-09-03", "2026年9月4日", "46270", "05/09/2026", "25/09/2026"]) == [
        "2026-09-03", "2026-09-04", "2026-09-05", "2026-09-05", "2026-09-25",
    ]  # fmt: skip


def test_zones_are_told_by_one_clock_and_a_note_says_so() -> None:
    cells = ["2026-09-05T10:00:00+09:00", "2026-09-05T10:00:00", "2026-09-05T10:00:00+08:00"]
    assert days(cells) == ["2026-09-05 09:00:00", "2026-09-05 10:00:00", "2026-09-05 10:00:00"]
    _, (note,), problems = read(cells)
    assert problems == []
    assert (note.code, note.count, note.facts["without"]) == ("time_zones", 1, 1)
    assert said(note).startswith("列 A 的时间带有时区：1 个换算成北京时间，另有 1 个没有写时区")


def test_the_clock_of_the_street_needs_no_word_where_all_have_it_or_none() -> None:
    assert read(["2026-09-05T10:00:00+08:00", "2026-09-06T10:00:00+08:00"])[1] == []
    assert read(["2026-09-05 10:00:00", "2026-09-06"])[1] == []


def test_a_zone_may_move_an_answer_out_of_the_wave() -> None:
    assert days(["2026-08-31T20:00:00Z", "2026-09-30T20:00:00Z"]) == [
        "2026-09-01 04:00:00", "2026-10-01 04:00:00",
    ]  # fmt: skip


def test_times_that_cannot_be_read_are_counted_and_their_rows_named() -> None:
    times, (note,), problems = read(["2026-09-05", "昨天", "2026-09-06", "2026-09-31"])
    assert (times.unread, problems) == ((3, 5), [])
    assert (note.code, note.count) == ("times_unread", 2)
    assert "行 3、5" in said(note)
    assert days(["昨天", "2026-09-05"]) == [None, "2026-09-05"]


def test_a_column_of_which_most_cannot_be_read_is_a_problem_where_the_wave_has_days() -> None:
    cells = ["2026-09-05", "上午", "下午"]
    _, notes, (problem,) = read(cells)
    assert notes == []
    assert (problem.code, problem.row) == ("times_unreadable", 3)
    assert problem.message.startswith("3 个提交时间中有 2 个读不出")
    assert read(cells, NO_PERIOD)[1:] == ([], [])


def test_rows_without_a_time_are_counted_where_the_wave_has_days() -> None:
    _, (note,), _ = read(["2026-09-05", "", ""])
    assert (note.code, note.count) == ("times_missing", 2)
    assert "列 A 有 2 行没有提交时间" in said(note)
    assert read(["2026-09-05", ""], NO_PERIOD)[1] == []


def test_rows_outside_the_wave_are_told_by_year() -> None:
    rows = [files.answer("resident", n) for n in range(1, 6)]
    rows += [files.answer("resident", 6, 提交答卷时间="2014/5/1 9:00:01")]
    rows += [files.answer("resident", n, 提交答卷时间=f"2015/5/1 9:00:0{n}") for n in (7, 8)]
    found = files.imported(files.source("resident", rows))
    assert found.report.rejected_by_reason == {"outside_period": 3}
    (note,) = found.report.notes
    assert (note.code, note.count) == ("outside_wave", 3)
    assert said(note) == "有 3 行不在本批次之内提交，没有计入：2014（1 行）、2015（2 行）"


def test_exact_is_a_time_with_seconds_that_were_recorded() -> None:
    def exact(*cells: str) -> list[int]:
        return sorted(read(cells)[0].exact)

    assert exact("2026-09-05 10:00:01", "2026-09-05", "2026-09-05 10:01") == [2]
    assert exact("2026-09-05 10:00:00", "2026-09-05 10:01:00") == []
    natural = [f"2026-09-05 10:{n:02d}:{n:02d}" for n in range(20)]
    assert len(exact(*natural)) == 20
    assert exact("2026-09-05 10:00:00", "2026-09-05 10:01:07") == [3]


def test_the_first_and_the_last_day_of_all_are_days_and_what_a_zone_moves_past_them_is_none() -> (
    None
):
    cells = [
        "0001-01-01T00:00:00+08:00", "0001-01-01T00:00:00+08:01", "9999-12-31T23:59:59+08:00",
        "9999-12-31T23:59:59+07:59",
    ]  # fmt: skip
    assert days(cells, NO_PERIOD) == ["0001-01-01 00:00:00", None, "9999-12-31 23:59:59", None]
    near = read(["1970-01-01 00:00:01", "1969-12-31 23:59:59", "1970-01-02", "x"], NO_PERIOD)[0]
    day = 86_400 * 10**6
    assert near.moments.tolist() == [10**6, -(10**6), day, reading.NEVER]


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        ("2026-09-03", "2026-09-04", "dmy"),
        ("2026-03-09", "2026-04-09", "mdy"),
        ("2026-09-03", None, "dmy"),
        (None, "2026-04-09", "mdy"),
        ("2026-09-04", None, "mdy"),  # one of them outside either way: nothing decides
    ],
)
def test_the_first_and_the_last_day_of_a_wave_are_in_it(
    start: str | None, end: str | None, told: str
) -> None:
    wave = Wave.model_validate(
        {"id": "2026", **({"start": start} if start else {}), **({"end": end} if end else {})}
    )
    cells = ["03/09/2026 00:00:00", "04/09/2026 23:59:59"]
    times, notes, problems = read(cells, wave)
    assert times.order == told
    if start == "2026-09-04":
        assert [problem.code for problem in problems] == ["times_ambiguous"]
    else:
        assert (problems, [note.facts["by_wave"] for note in notes]) == ([], [True])


def test_a_day_is_within_a_period_that_begins_or_ends_with_it() -> None:
    day, before, after = dt.date(2026, 9, 3), dt.date(2026, 9, 2), dt.date(2026, 9, 4)
    inside = [(day, day), (None, day), (day, None), (None, None), (before, after)]
    assert all(within(day, one) for one in inside)
    assert not any(within(day, one) for one in [(after, None), (None, before), (after, before)])


def test_seconds_were_recorded_where_a_tenth_of_the_different_times_has_none_at_most() -> None:
    def exact(rounded: int, others: int, times: int = 1) -> int:
        cells = [f"2026-09-05 10:{at:02d}:00" for at in range(rounded)] * times
        cells += [f"2026-09-05 11:{at:02d}:07" for at in range(others)]
        found, _, _ = read(cells)
        which, different = found.numbered()
        assert (len(which), len(different)) == (len(found.exact), len(set(which.tolist())))
        assert len(found.exact) == int(found.to_the_second.sum())
        return len(found.exact)

    assert exact(1, 9) == 10
    assert exact(1, 9, times=5) == 14, "the same time again is no other one"
    assert exact(1, 8) == 8
    assert exact(2, 9) == 9
    some = ["2026-09-05 10:00:07", "2026-09-05 10:01", "2026-09-05 10:00:09", "昨天"]
    which, different = read([*some, some[0]])[0].numbered()
    assert which.tolist() == [0, 1, 0]
    assert (different % (60 * 10**6)).tolist() == [7 * 10**6, 9 * 10**6]


def test_times_far_apart_are_written_as_near_ones_are(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = ["2026-09-05 10:00:01", "0999-01-02 23:59:59", "9000-12-31", "2026-09-05 10:00", "x"]
    expected = [
        "2026-09-05 10:00:01", "0999-01-02 23:59:59", "9000-12-31", "2026-09-05 10:00", None,
    ]  # fmt: skip
    for near in (reading._NEAR, 0, 2**40):
        monkeypatch.setattr(reading, "_NEAR", near)
        assert days(cells, NO_PERIOD) == expected


def test_a_zone_is_told_where_only_some_have_one_even_if_it_is_the_streets() -> None:
    _, (note,), problems = read(["2026-09-05T10:00:00+08:00", "2026-09-05 11:00:00", "2026-09-06"])
    assert (note.code, note.count, note.facts["without"], problems) == ("time_zones", 0, 1, [])
    _, (note,), _ = read(["2026-09-05T10:00:00+09:00", "2026-09-05T10:00:00+07:00"])
    assert (note.count, note.facts["without"]) == (2, 0)


@pytest.mark.parametrize("open_end", ["start", "end"])
def test_half_of_the_times_may_be_unread_and_a_blank_is_none_of_them(open_end: str) -> None:
    """One of two written ones, two blanks beside; a wave with one end has days, too."""
    ends = {"start": "2026-09-01", "end": "2026-09-30"}
    del ends[open_end]
    _, notes, problems = read(
        ["", "上午", "2026-09-05", ""], Wave.model_validate({"id": "x", **ends})
    )
    assert problems == []
    assert [(note.code, note.count) for note in notes] == [
        ("times_unread", 1),
        ("times_missing", 2),
    ]
    assert notes[0].facts["rows"] == ("3",)
