"""A time as people and platforms write it: every reading that its figures allow, and how exact it is.

``2016/12/17 14:22:55`` has one reading, ``03/09/2026`` two and ``06/09/05`` three. Which of them is
meant, one cell cannot say: the readings are handed out side by side, and whoever has the whole
column decides. What is no date to the day is no time: nothing is guessed, and nothing is filled in.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

Order = Literal["ymd", "mdy", "dmy"]
"""In which order the figures of a date stand."""

ORDERS: tuple[Order, ...] = ("ymd", "mdy", "dmy")
"""Where nothing else decides, the first that fits: years stand first in Chinese, months in Excel."""

Grain = Literal["day", "minute", "second"]

HOME = dt.timedelta(hours=8)
"""北京时间. A time with another zone is told by this clock; one without is taken to be."""

_CENTURY = 2000
_EPOCH = dt.datetime(1899, 12, 30)
"""Day 0 of Excel's serial dates, for all days after February 1900."""
_EXACT_DECIMALS = 5
"""A second is 0.0000116 of a day."""

_SPELLED = str.maketrans({"∶": ":", "−": "-", "–": "-", "—": "-", "，": ","})
_WEEKDAY = re.compile(
    r"[(]?(?:星期|周|礼拜)[一二三四五六日天][)]?"
    r"|\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?,?",
    re.IGNORECASE,
)
_PLAIN = re.compile(
    r"(?P<y>[0-9]{4})(?P<sep>[-/.])(?P<m>[0-9]{1,2})(?P=sep)(?P<d>[0-9]{1,2})"
    r" (?P<h>[0-9]{1,2}):(?P<i>[0-9]{2})(?::(?P<s>[0-9]{2}))?"
)
_SERIAL = re.compile(r"[2-6]\d{4}(?:\.\d+)?")
_YEAR_FIRST = re.compile(
    r"(?P<y>\d{4})(?:\s*年\s*(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*[日号]?"
    r"|\s*(?P<sep>[-/.])\s*(?P<m2>\d{1,2})\s*(?P=sep)\s*(?P<d2>\d{1,2})(?!\d))"
)
_SHORT_YEAR = re.compile(r"(?P<y>\d{2})\s*年\s*(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*[日号]?")
_FIGURES = re.compile(
    r"(?P<a>\d{1,2})\s*(?P<sep>[-/.])\s*(?P<b>\d{1,2})\s*(?P=sep)\s*(?P<c>\d{4}|\d{1,2})(?!\d)"
)
_COMPACT = re.compile(r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?!\d)")
_RUN_ON = re.compile(
    r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?P<h>\d{2})(?P<i>\d{2})(?P<s>\d{2})?"
)
_DAY_NAMED = re.compile(
    r"(?P<d>\d{1,2})(?:st|nd|rd|th)?[\s/-]*(?P<n>[a-z]{3,9})\.?[\s/,-]*(?P<y>\d{4}|\d{2})(?!\d)",
    re.IGNORECASE,
)
_NAMED_DAY = re.compile(
    r"(?P<n>[a-z]{3,9})\.?\s*(?P<d>\d{1,2})(?:st|nd|rd|th)?\s*,?\s+(?P<y>\d{4})(?!\d)",
    re.IGNORECASE,
)
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_HALF = r"上午|下午|中午|早上|早晨|清晨|凌晨|傍晚|晚上|[ap]\.?m\.?"
_CLOCK = re.compile(
    rf"(?:(?P<before>{_HALF})\s*)?"
    r"(?P<h>\d{1,2})(?:\s*[:时点]\s*(?P<i>\d{1,2}))?"
    r"(?:\s*[:分]\s*(?P<s>\d{1,2})(?:[.,](?P<f>\d{1,9}))?)?\s*[时点分秒]?"
    rf"(?:\s*(?P<after>{_HALF}))?",
    re.IGNORECASE,
)
_ZONE = re.compile(
    r"(?:(?:utc|gmt|格林尼治标准时间)?\s*(?P<sign>[+-])\s*(?P<h>\d{1,2})(?::?(?P<i>\d{2}))?"
    r"|(?P<zero>z|utc|gmt|格林尼治标准时间)|(?P<home>cst|北京时间|中国标准时间))\s*(?:\([^()]*\))?",
    re.IGNORECASE,
)
_MORNING = frozenset({"上午", "早上", "早晨", "清晨", "凌晨", "am"})
_NOON = "中午"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What one cell says of a time.

    Attributes
    ----------
    days : dict of Order to date
        The day under every order of its figures that gives one; all three where it is beyond doubt.
    clock : time or None
        None where the cell has only the day (or only the hour).
    grain : {"day", "minute", "second"}
    offset : timedelta or None
        From Greenwich, where the cell names a zone.
    """

    days: Mapping[Order, dt.date]
    clock: dt.time | None = None
    grain: Grain = "day"
    offset: dt.timedelta | None = None

    def at(self, order: Order) -> dt.datetime | None:
        """Return the time by the clock of `HOME` under one order of the figures."""
        day = self.days.get(order)
        if day is None:
            return None
        moment = dt.datetime.combine(day, self.clock or dt.time())
        if self.clock is None or self.offset is None:
            return moment
        try:
            return moment + (HOME - self.offset)
        except OverflowError:
            return None


def stamp_of(cell: str) -> Stamp | None:
    """Return what a cell says of a time; None where it is none.

    Examples
    --------
    >>> stamp = stamp_of("2024年5月6日 下午3:05")
    >>> stamp.at("ymd"), stamp.grain
    (datetime.datetime(2024, 5, 6, 15, 5), 'minute')
    >>> stamp_of("03/09/2026").days
    {'mdy': datetime.date(2026, 3, 9), 'dmy': datetime.date(2026, 9, 3)}
    >>> stamp_of("昨天") is None
    True
    """
    if plain := _PLAIN.fullmatch(cell):
        return _at_once(plain)
    text = unicodedata.normalize("NFKC", cell).translate(_SPELLED)
    text = " ".join(_WEEKDAY.sub(" ", text).split())
    if _SERIAL.fullmatch(text):
        return _serial(text)
    if match := _RUN_ON.fullmatch(text):
        return _run_on(match)
    days, end = _days(text)
    return _timed(days, text[end:]) if days else None


def _at_once(match: re.Match[str]) -> Stamp | None:
    """Read the one way to write a time that nearly all platforms have: nothing in it is open."""
    days = _days_of(match["y"], match["m"], match["d"])
    clock = _clock_of(match["h"], match["i"], match["s"])
    if days is None or clock is None:
        return None
    return Stamp(days, clock, "minute" if match["s"] is None else "second")


@cache
def _days_of(year: str, month: str, day: str) -> dict[Order, dt.date] | None:
    found = _day(year, month, day)
    return None if found is None else _beyond_doubt(found)


@lru_cache(maxsize=2**17)
def _clock_of(hour: str, minute: str, second: str | None) -> dt.time | None:
    try:
        return dt.time(int(hour), int(minute), int(second or 0))
    except ValueError:
        return None


def _serial(text: str) -> Stamp:
    """Read a serial date of Excel: days since 1900, and their fraction."""
    whole, _, fraction = text.partition(".")
    moment = _EPOCH + dt.timedelta(seconds=round(float(text) * 86400))
    if not fraction.strip("0"):
        return Stamp(_beyond_doubt((_EPOCH + dt.timedelta(days=int(whole))).date()))
    grain: Grain = "second" if len(fraction) >= _EXACT_DECIMALS else "minute"
    return Stamp(_beyond_doubt(moment.date()), moment.time(), grain)


def _run_on(match: re.Match[str]) -> Stamp | None:
    day = _day(match["y"], match["m"], match["d"])
    try:
        clock = dt.time(int(match["h"]), int(match["i"]), int(match["s"] or 0))
    except ValueError:
        return None
    if day is None:
        return None
    return Stamp(_beyond_doubt(day), clock, "second" if match["s"] else "minute")


def _days(text: str) -> tuple[dict[Order, dt.date], int]:
    """Return the readings of the date that a text begins with, and where it ends."""
    if match := _YEAR_FIRST.match(text):
        day = _day(match["y"], match["m"] or match["m2"], match["d"] or match["d2"])
    elif match := _SHORT_YEAR.match(text) or _COMPACT.match(text):
        day = _day(match["y"], match["m"], match["d"])
    elif match := _DAY_NAMED.match(text) or _NAMED_DAY.match(text):
        day = _day(match["y"], _month(match["n"]), match["d"])
    elif match := _FIGURES.match(text):
        a, b, c = match["a"], match["b"], match["c"]
        readings: dict[Order, dt.date | None] = {}
        if len(a) == 2 and len(c) <= 2:
            readings["ymd"] = _day(a, b, c)
        if len(c) >= 2:
            readings |= {"mdy": _day(c, a, b), "dmy": _day(c, b, a)}
        return {o: found for o in ORDERS if (found := readings.get(o)) is not None}, match.end()
    else:
        return {}, 0
    return (_beyond_doubt(day) if day is not None else {}), match.end()


def _beyond_doubt(day: dt.date) -> dict[Order, dt.date]:
    return dict.fromkeys(ORDERS, day)


def _day(year: str, month: str, day: str) -> dt.date | None:
    number = int(year) if len(year) > 2 else _CENTURY + int(year)
    try:
        return dt.date(number, int(month), int(day))
    except ValueError:
        return None


def _month(name: str) -> str:
    """Return the number of a month by its English name; 0 where it is none."""
    found = (at for at, month in enumerate(_MONTHS, 1) if month.startswith(name.casefold()[:4]))
    short = name.casefold()
    return str(
        next((at for at in found if _MONTHS[at - 1].startswith(short) or short == "sept"), 0)
    )


def _timed(days: dict[Order, dt.date], rest: str) -> Stamp | None:
    """Read what follows a date: a time of day, a zone, nothing else."""
    rest = rest.lstrip(" ,")
    rest = rest[1:].lstrip() if rest[:1] in ("T", "t") else rest
    if not rest:
        return Stamp(days)
    match = _CLOCK.match(rest)
    if match is None:
        return None
    half = (match["before"] or match["after"] or "").casefold().replace(".", "")
    hour = _hour(int(match["h"]), half)
    if hour is None or (match["before"] and match["after"]):
        return None
    try:
        fraction = int(f"{match['f'] or '0':0<6}"[:6])
        clock = dt.time(hour, int(match["i"] or 0), int(match["s"] or 0), fraction)
    except ValueError:
        return None
    zone = rest[match.end() :].strip()
    offset = _offset(zone) if zone else None
    if zone and offset is None:
        return None
    if match["i"] is None:
        return Stamp(days)
    return Stamp(days, clock, "minute" if match["s"] is None else "second", offset)


def _hour(hour: int, half: str) -> int | None:
    """Return the hour of 24; None where the half of the day contradicts it or leaves doubt."""
    if not half:
        return hour
    if half in _MORNING:
        return hour % 12 if hour <= 12 else None
    if half == _NOON:
        return hour if hour in (11, 12, 13) else 13 if hour == 1 else None
    if hour >= 12:
        return hour if half in ("下午", "pm") or hour > 12 else None
    return hour + 12


def _offset(zone: str) -> dt.timedelta | None:
    match = _ZONE.fullmatch(zone)
    if match is None:
        return None
    if match["home"]:
        return HOME
    if match["zero"]:
        return dt.timedelta()
    minutes = int(match["h"]) * 60 + int(match["i"] or 0)
    if minutes > 14 * 60:
        return None
    return dt.timedelta(minutes=-minutes if match["sign"] == "-" else minutes)
