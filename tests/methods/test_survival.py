"""How long things take where some have not ended: held against published estimates."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from evalkit.methods.survival import Survival, kaplan_meier
from evalkit.methods.working_time import WorkingDays

LENGTHS = (6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35)
ENDED = (1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0)
"""Weeks in remission under 6-MP: Freireich and others 1963, as Gehan 1965 prints them."""


def remission() -> Survival:
    return kaplan_meier(np.array(LENGTHS, dtype=np.float64), np.array(ENDED, dtype=bool))


def test_the_leukaemia_data_have_the_published_estimates_and_greenwoods_errors() -> None:
    """Kalbfleisch and Prentice; Collett; R's survival prints the same."""
    found = remission()
    assert found.lengths.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert found.lasting.round(3).tolist() == [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    errors = [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346]
    assert found.se().round(4).tolist() == errors


def test_their_intervals_are_those_of_log_minus_log_and_the_median_is_23_weeks() -> None:
    found = remission()
    low, high = found.interval(0.95)
    assert low.round(3).tolist() == [0.620, 0.563, 0.503, 0.432, 0.368, 0.268, 0.188]
    assert high.round(3).tolist() == [0.952, 0.923, 0.889, 0.849, 0.805, 0.747, 0.680]
    median = found.quantile(0.5)
    assert (median.at, median.low) == (23.0, 13.0)
    assert np.isnan(median.high), "the upper end never falls to a half"
    by = found.ended_by(10.0)
    assert (by.share, by.low, by.high) == pytest.approx((0.247, 0.111, 0.497), abs=5e-4)


def test_without_open_ones_it_is_the_plain_share_and_beyond_the_watch_nothing_is_known() -> None:
    lengths = np.array([1.0, 2.0, 3.0, 4.0])
    closed = kaplan_meier(lengths, np.ones(4, dtype=bool))
    assert closed.ended_by(2.0).share == 0.5
    assert closed.ended_by(9.0).share == 1.0
    assert closed.ended_by(0.5).share == 0.0
    assert np.isnan(closed.ended_by(np.nan).share), "without a limit there is no share by it"
    none = kaplan_meier(lengths, np.zeros(4, dtype=bool))
    assert none.ended_by(3.0).share == 0.0
    assert np.isnan(none.ended_by(9.0).share)
    assert np.isnan(none.quantile(0.5).at)
    assert np.isnan(kaplan_meier(np.zeros(0), np.zeros(0, dtype=bool)).ended_by(1.0).share)


def test_open_hours_and_working_days_between_two_moments() -> None:
    """Friday 16:30 to Monday 9:30 is one hour of 9 to 17; over 端午 2021 likewise, and one day."""
    feast = [dt.date(2021, 6, 14)]
    days = WorkingDays.of([2021], feast)
    first = np.array(["2021-06-04T16:30", "2021-06-11T16:30", "NaT", "2021-12-31T12:00"])
    last = np.array(["2021-06-07T09:30", "2021-06-15T09:30", "2021-06-15", "2022-01-04T12:00"])
    a, b = first.astype("datetime64[s]"), last.astype("datetime64[s]")
    hours = days.hours_passed(a, b, [(dt.time(9), dt.time(17))])
    assert hours[:2].tolist() == [1.0, 1.0]
    assert np.isnan(hours[2:]).all(), "not told, and a year whose days off nobody told"
    counts = days.days_passed(a, b)
    assert counts[:2].tolist() == [1.0, 1.0]
    assert np.isnan(counts[2:]).all()
