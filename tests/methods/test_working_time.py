"""Working time against days that were counted by hand."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from evalkit.definitions.calendar import unknown_years, working_days
from evalkit.methods.working_time import UnknownYear, WorkingDays

CHINA = working_days()
DAY = [(dt.time(9), dt.time(17))]
WITH_LUNCH = [(dt.time(9), dt.time(11, 30)), (dt.time(13, 30), dt.time(17))]


def moments(*texts: str, unit: str = "s") -> np.ndarray:
    return np.array(texts, dtype=f"datetime64[{unit}]")


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2021-06-04 16:30", 1, "2021-06-07 09:30"),  # a weekend
        ("2021-06-11 16:30", 1, "2021-06-15 09:30"),  # 端午: Monday off
        ("2021-06-11 08:00", 8, "2021-06-11 17:00"),  # when they close, not when they open again
        ("2021-06-11 10:00", 2.5, "2021-06-11 12:30"),
        ("2021-06-12 10:00", 1, "2021-06-15 10:00"),  # begun on a day off
        ("2021-06-11 23:00", 8, "2021-06-15 17:00"),
        ("2017-01-20 17:00", 8, "2017-01-22 17:00"),  # Sunday 22 was worked before 春节
        ("2021-12-31 16:00", 2, "2022-01-04 10:00"),
        ("2021-06-04 09:00", 24, "2021-06-08 17:00"),
    ],
)
def test_the_clock_runs_while_the_office_is_open(start: str, hours: float, end: str) -> None:
    reached = CHINA.open_after(moments(start), dt.timedelta(hours=hours), DAY)
    assert reached.ends.tolist() == moments(end).tolist()


def test_the_clock_stops_over_lunch() -> None:
    starts = moments("2021-06-04 11:00", "2021-06-04 12:00", "2021-06-04 16:30", "NaT")
    ends = CHINA.open_after(starts, dt.timedelta(hours=1), WITH_LUNCH).ends
    expected = moments("2021-06-04 14:00", "2021-06-04 14:30", "2021-06-07 09:30", "NaT")
    assert ends.tolist() == expected.tolist()
    to_the_break = CHINA.open_after(
        moments("2021-06-04 09:00"), dt.timedelta(hours=2.5), WITH_LUNCH
    )
    assert to_the_break.ends.tolist() == moments("2021-06-04 11:30").tolist()


def test_the_working_days_after_a_day() -> None:
    days = moments("2021-06-11", "2021-06-12", "NaT", unit="D")
    assert CHINA.after(days, 2).ends.tolist() == [
        dt.date(2021, 6, 16), dt.date(2021, 6, 16), None,
    ]  # fmt: skip
    # 43 working days, not 44, from 2021-06-02 to 2021-08-02, both included.
    assert CHINA.after(moments("2021-06-01", unit="D"), 43).ends[0].item() == dt.date(2021, 8, 2)


def test_a_deadline_on_a_day_off_is_the_next_working_day() -> None:
    assert CHINA.on_or_after(dt.date(2017, 1, 1)) == dt.date(2017, 1, 3)
    assert CHINA.on_or_after(dt.date(2017, 1, 29)) == dt.date(2017, 2, 3)
    assert CHINA.on_or_after(dt.date(2016, 2, 6)) == dt.date(2016, 2, 6)  # a Saturday, worked


def test_a_year_that_nobody_told_is_never_guessed() -> None:
    with pytest.raises(UnknownYear):
        CHINA.on_or_after(dt.date(1999, 5, 4))
    assert WorkingDays.of([2021]).unknown(dt.date(2021, 1, 1), dt.date(2020, 1, 1)) == [2020]


def test_a_gap_between_two_years_that_are_known_is_not_stepped_over() -> None:
    """Five working days from 2026-12-30 end in 2027, of which nobody told, whatever 2028 says."""
    known = WorkingDays.of([2026, 2028])
    reached = known.after(moments("2026-12-23", "2026-12-30", "2028-01-03", unit="D"), 5)
    assert reached.ends.tolist() == [dt.date(2026, 12, 30), None, dt.date(2028, 1, 10)]
    assert reached.untold.tolist() == [0, 2027, 0]
    one_hour = known.open_after(
        moments("2026-12-31 16:30", "2026-12-31 15:30", "2028-12-29 16:30"),
        dt.timedelta(hours=1), DAY,
    )  # fmt: skip
    assert one_hour.untold.tolist() == [2027, 0, 2029]
    assert np.isnat(one_hour.ends).tolist() == [True, False, True]


def test_the_working_day_after_a_day_off_may_need_the_next_year() -> None:
    """2022 ends on a Saturday: known alone, it does not tell when a deadline on that day ends."""
    known = WorkingDays.of([2022])
    assert known.unknown(dt.date(2022, 12, 30)) == []
    assert known.unknown(dt.date(2022, 12, 31)) == [2023]
    with pytest.raises(UnknownYear):
        known.on_or_after(dt.date(2022, 12, 31))
    assert known.on_or_after(dt.date(2022, 1, 1)) == dt.date(2022, 1, 3)


def test_who_asks_for_a_deadline_hears_of_the_year_it_ends_in() -> None:
    """2033-12-31 is a Saturday; the order told 2033 and not 2034."""
    found = unknown_years([dt.date(2033, 1, 3)], [dt.date(2033, 12, 31)], "措施的完成时限")
    assert [(p.code, p.found) for p in found] == [("year_without_calendar", "2034 年")]


def test_days_of_the_order_tell_their_years_alone_and_leave_the_others_to_china() -> None:
    own = working_days([dt.date(2031, 1, 1), dt.date(2031, 1, 4)])  # a Wednesday and a Saturday
    assert own.on_or_after(dt.date(2031, 1, 1)) == dt.date(2031, 1, 2)
    assert own.on_or_after(dt.date(2031, 1, 4)) == dt.date(2031, 1, 4)
    assert own.on_or_after(dt.date(2031, 10, 1)) == dt.date(2031, 10, 1)
    assert own.on_or_after(dt.date(2021, 6, 14)) == dt.date(2021, 6, 15)
    assert own.unknown(dt.date(2032, 1, 1)) == [2032]


def test_working_days_between_two_days_are_counted() -> None:
    """43 from 2021-06-02 to 2021-08-02: 端午 was off on the 14th of June."""
    worked = WorkingDays.of([2021], [dt.date(2021, 6, 14)])
    assert worked.between(dt.date(2021, 6, 2), dt.date(2021, 8, 2)) == 43
    assert worked.between(dt.date(2021, 6, 12), dt.date(2021, 6, 14)) == 0
    assert worked.between(dt.date(2021, 6, 15), dt.date(2021, 6, 15)) == 1
    with pytest.raises(UnknownYear):
        worked.between(dt.date(2021, 12, 31), dt.date(2022, 1, 3))
