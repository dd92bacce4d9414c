"""Dates whose day and month a spreadsheet exchanged are told, and honest dates are not accused."""

from __future__ import annotations

import pytest

from evalkit.pages.press.sentences import said
from tests.intake.test_times import NO_PERIOD, SEPTEMBER, YEAR, read

# 3, 4, 12, 13 and 25 September, day first, as a program set to month first has saved them
OPENED = ["2026-03-09 10:00:05", "2026-04-09", "2026-12-09", "13/09/2026 10:00:05", "25/09/2026"]
SERIAL = ["46090", "46121.5", "13/09/2026"]  # 9 March and 9 April 2026, as numbers of Excel
MONTH_FIRST = ["2026-03-09", "09/13/2026"]


@pytest.mark.parametrize(("cells", "count"), [(OPENED, 3), (SERIAL, 2), (MONTH_FIRST, 1)])
def test_dates_that_lie_in_the_wave_once_turned_round_are_a_problem(
    cells: list[str], count: int
) -> None:
    _, _, (problem,) = read(cells)
    assert (problem.code, problem.row, problem.column) == ("times_swapped", 2, "A 提交时间")
    assert f"：{count} 行" in problem.message
    assert "13/" in problem.found
    assert cells[0] in problem.found


def test_three_dates_outside_are_enough_without_any_text_and_two_are_not() -> None:
    _, _, problems = read(["2026-03-09", "2026-04-09", "2026-05-09", "2026-09-09"])
    assert [p.code for p in problems] == ["times_swapped"]
    assert read(["2026-03-09", "2026-04-09", "2026-09-09"])[2] == []


def test_a_date_that_would_leave_the_wave_tells_that_nothing_was_exchanged() -> None:
    assert read(["2026-09-03", "2026-03-09", "13/09/2026"])[2] == []
    assert read(["2026-09-01", "2026-09-02", "13/09/2026"])[2] == []


def test_a_day_past_the_twelfth_is_no_month_and_a_text_before_it_would_be_a_date() -> None:
    assert read(["2026-03-09", "2026-04-09", "2026-05-09", "2026-09-13"])[2] == []
    assert read(["2026-03-09", "2026-04-09", "05/09/2026", "13/09/2026"])[2] == []


def test_strays_that_no_exchange_brings_back_are_strays() -> None:
    assert read(["2025-03-11", "2025-04-11", "2026-03-09", "13/09/2026"])[2] == []


def test_a_text_with_a_year_of_two_figures_tells_too() -> None:
    _, _, (problem,) = read(["2026-03-09", "13/09/26"])
    assert problem.code == "times_swapped"


@pytest.mark.parametrize("wave", [YEAR, NO_PERIOD])
def test_where_it_decides_about_no_row_it_is_a_note(wave: object) -> None:
    _, (note,), problems = read(OPENED, wave)  # type: ignore[arg-type]
    assert (note.code, note.count, problems) == ("times_maybe_swapped", 3, [])
    assert "3 个日期" in said(note)
    assert "第 2 行 2026-03-09 10:00:05" in said(note)


def test_dates_written_in_one_way_are_not_accused() -> None:
    for cells in (["2026-09-03", "2026-09-12"], ["03/09/2026", "13/09/2026"], ["2026-09-09"]):
        assert "times_maybe_swapped" not in {note.code for note in read(cells, SEPTEMBER)[1]}


@pytest.mark.parametrize(("outside", "told"), [(2, []), (3, ["times_swapped"])])
def test_the_twelfth_may_be_a_month_and_the_thirteenth_may_not(
    outside: int, told: list[str]
) -> None:
    cells = ["2026-03-09", "2026-12-09", "2026-04-09"][:outside]
    assert [p.code for p in read(cells)[2]] == told
    assert read([*cells, "2026-09-13"])[2] == []
