"""The calendar of an evaluation: which days are worked, by China's rules or as the order says.

China's days off and make-up days (补班) come from `chinese_calendar`, year by year as they are
announced. A year that it does not know yet is told by the order: ``calendar`` lists the days on
which it is otherwise than Monday to Friday. What needs a day of a year that neither knows says so
as a problem; no day is ever guessed.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Annotated

import chinese_calendar
from pydantic import BeforeValidator, WithJsonSchema

from evalkit.errors import Problem
from evalkit.methods.working_time import WorkingDays
from evalkit.problems.evaluation import year_without_calendar


def _iso_day(value: object) -> object:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    if isinstance(value, str) and re.fullmatch(r"\s*\d{4}-\d{2}-\d{2}\s*", value):
        try:
            return dt.date.fromisoformat(value.strip())
        except ValueError:
            pass
    raise ValueError("日期，如 2016-03-01")


Day = Annotated[dt.date, BeforeValidator(_iso_day)]
"""A day as ``2016-03-01`` and nothing else: ``20160301`` would be read as seconds since 1970."""

CHINA = "china"
"""How an order says that China's calendar is all there is to say."""


def _china_or_days(value: object) -> object:
    if isinstance(value, str) and value.strip().lower() in ("", CHINA):
        return []
    if value is None or isinstance(value, list):
        return value or []
    raise ValueError(f"{CHINA}，或日期的列表，如 [2027-01-01]")


Calendar = Annotated[
    list[Day],
    BeforeValidator(_china_or_days),
    WithJsonSchema(
        {
            "anyOf": [
                {"const": CHINA, "type": "string"},
                {"type": "array", "items": {"format": "date", "type": "string"}},
            ]
        }
    ),
]
"""``china``, or the days of some years on which it is otherwise than Monday to Friday."""


def working_days(calendar: Iterable[dt.date] = ()) -> WorkingDays:
    """Return which days are worked.

    Parameters
    ----------
    calendar : dates
        As an order has them. Of a year that they name, they alone tell what is otherwise than
        Monday to Friday: a weekday among them is off, a Saturday or Sunday is worked. Other years
        follow China's.
    """
    return _told(frozenset(calendar))


@lru_cache(maxsize=8)
def _told(own: frozenset[dt.date]) -> WorkingDays:
    own_years = {day.year for day in own}
    years = {day.year for day in chinese_calendar.holidays}
    china = {day for day in chinese_calendar.holidays if day.weekday() < 5}
    china |= {day for day in chinese_calendar.workdays if day.weekday() >= 5}
    china = {day for day in china if day.year not in own_years}
    return WorkingDays.of(years | own_years, own | china)


def unknown_years(calendar: Iterable[dt.date], days: Iterable[dt.date], what: str) -> list[Problem]:
    """Return a problem for every year that these days, or the working day after them, need.

    Parameters
    ----------
    calendar, days : dates
    what : str
        What needs them, as the analyst calls it.
    """
    return untold(calendar, working_days(calendar).unknown(*days), what)


def untold(calendar: Iterable[dt.date], years: Iterable[int], what: str) -> list[Problem]:
    """Return a problem for every one of these years, whose days off nobody told."""
    known = working_days(calendar).years
    told = f"{min(known)} 至 {max(known)} 年"
    return [year_without_calendar(year, told, what) for year in years]
