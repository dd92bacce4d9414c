"""Working time against days that were counted by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from evalkit.definitions.calendar import working_days
from evalkit.methods.working_time import UnknownYear, WorkingDays

CHINA = working_days()
HOUR = dt.timedelta(hours=1)


def passed(start: str, end: str) -> dt.timedelta:
    nine, five = dt.time(9), dt.time(17)
    moments = dt.datetime.fromisoformat(start), dt.datetime.fromisoformat(end)
    return CHINA.time_between(*moments, nine, five)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2021-06-04 16:30", "2021-06-07 09:30", 1),  # a weekend
        ("2021-06-11 16:30", "2021-06-15 09:30", 1),  # 端午: Monday off
        ("2021-06-11 08:00", "2021-06-11 18:00", 8),
        ("2021-06-11 10:00", "2021-06-11 12:30", 2.5),
        ("2021-06-12 10:00", "2021-06-13 12:30", 0),
        ("2021-06-11 23:00", "2021-06-15 08:59", 0),
        ("2021-06-11 12:00", "2021-06-11 10:00", 0),
        ("2017-01-20 17:00", "2017-01-23 09:00", 8),  # Sunday 22 was worked before 春节
        ("2021-12-31 16:00", "2022-01-04 10:00", 2),
    ],
)
def test_the_clock_runs_while_the_office_is_open(start: str, end: str, hours: float) -> None:
    assert passed(start, end) == hours * HOUR


def test_working_days_between_two_days_count_both_ends() -> None:
    first, last = dt.date(2021, 6, 2), dt.date(2021, 8, 2)
    assert CHINA.count(first, last) == 43
    assert CHINA.count(last, first) == 0


def test_a_deadline_on_a_day_off_is_the_next_working_day() -> None:
    assert CHINA.on_or_after(dt.date(2017, 1, 1)) == dt.date(2017, 1, 3)
    assert CHINA.on_or_after(dt.date(2017, 1, 29)) == dt.date(2017, 2, 3)
    assert CHINA.on_or_after(dt.date(2016, 2, 6)) == dt.date(2016, 2, 6)  # a Saturday, worked
    assert CHINA.after(dt.date(2021, 6, 11), 2) == dt.date(2021, 6, 16)
    assert CHINA.after(dt.date(2021, 6, 12), 0) == dt.date(2021, 6, 12)


def test_a_year_that_nobody_told_is_never_guessed() -> None:
    with pytest.raises(UnknownYear):
        CHINA.is_worked(dt.date(1999, 5, 4))
    with pytest.raises(UnknownYear):
        CHINA.count(dt.date(2003, 12, 1), dt.date(2004, 1, 5))
    assert WorkingDays.of([2021]).unknown(dt.date(2021, 1, 1), dt.date(2020, 1, 1)) == [2020]


def test_days_of_the_order_tell_their_years_alone_and_leave_the_others_to_china() -> None:
    own = working_days([dt.date(2031, 1, 1), dt.date(2031, 1, 4)])  # a Wednesday and a Saturday
    assert not own.is_worked(dt.date(2031, 1, 1))
    assert own.is_worked(dt.date(2031, 1, 4))
    assert own.is_worked(dt.date(2031, 10, 1))
    assert not own.is_worked(dt.date(2021, 6, 14))
    assert own.unknown(dt.date(2032, 1, 1)) == [2032]
