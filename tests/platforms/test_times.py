"""Times as people and platforms write them: what is read, what is left open, what is no time."""

from __future__ import annotations

import datetime as dt

import pytest

from evalkit.platforms import ORDERS, stamp_of

NOON = "2026-09-05 12:00:00"


@pytest.mark.parametrize(
    ("cell", "moment", "grain"),
    [
        ("2016/12/17 14:22:55", "2016-12-17 14:22:55", "second"),
        ("2016-6-1", "2016-06-01 00:00:00", "day"),
        ("2016.6.1 9:05", "2016-06-01 09:05:00", "minute"),
        ("２０２６年９月５日　１０：０５", "2026-09-05 10:05:00", "minute"),
        ("2024年5月6日", "2024-05-06 00:00:00", "day"),
        ("2024年5月6号 星期一 10时5分3秒", "2024-05-06 10:05:03", "second"),
        ("24年5月6日下午3:05:09", "2024-05-06 15:05:09", "second"),
        ("2026/9/5 上午12:30", "2026-09-05 00:30:00", "minute"),
        ("2026/9/5 下午12:30", "2026-09-05 12:30:00", "minute"),
        ("2026/9/5 中午1:10", "2026-09-05 13:10:00", "minute"),
        ("2026/9/5 晚上8:10", "2026-09-05 20:10:00", "minute"),
        ("2026-09-05 10:00:07 PM", "2026-09-05 22:00:07", "second"),
        ("2026-09-05 14:30 下午", "2026-09-05 14:30:00", "minute"),
        ("20260905", "2026-09-05 00:00:00", "day"),
        ("20260905100507", "2026-09-05 10:05:07", "second"),
        ("202609051005", "2026-09-05 10:05:00", "minute"),
        ("Sep 5, 2026 10:00 PM", "2026-09-05 22:00:00", "minute"),
        ("5-Sep-26", "2026-09-05 00:00:00", "day"),
        ("Saturday, September 5, 2026 3:04:05 am", "2026-09-05 03:04:05", "second"),
        ("26/9/5", "2026-09-05 00:00:00", "day"),
        ("45809", "2025-06-01 00:00:00", "day"),
        ("45809.5", "2025-06-01 12:00:00", "minute"),
        ("45809.512345", "2025-06-01 12:17:47", "second"),
        ("2026-09-05T12:00:00+08:00", NOON, "second"),
        ("2026-09-05T04:00:00Z", NOON, "second"),
        ("2026-09-04T23:00:00-0500", NOON, "second"),
        ("2026/09/05 12:00:00 下午 GMT+8", NOON, "second"),
        ("2026-09-05 12:00:00 北京时间", NOON, "second"),
        ("2026-09-05 10点", "2026-09-05 00:00:00", "day"),
    ],
)
def test_what_is_written_is_read(cell: str, moment: str, grain: str) -> None:
    stamp = stamp_of(cell)
    assert stamp is not None
    readings = {stamp.at(order) for order in stamp.days}
    assert readings == {dt.datetime.fromisoformat(moment)}
    assert stamp.grain == grain


@pytest.mark.parametrize(
    ("cell", "days"),
    [
        ("03/09/2026", {"mdy": "2026-03-09", "dmy": "2026-09-03"}),
        ("13/09/2026 10:00", {"dmy": "2026-09-13"}),
        ("09-13-2026", {"mdy": "2026-09-13"}),
        ("06/09/05", {"ymd": "2006-09-05", "mdy": "2005-06-09", "dmy": "2005-09-06"}),
        ("16.11.12", {"ymd": "2016-11-12", "dmy": "2012-11-16"}),
        ("31/12/69", {"dmy": "2069-12-31"}),
        ("2026/03/09", dict.fromkeys(ORDERS, "2026-03-09")),
    ],
)
def test_figures_have_every_reading_that_gives_a_day(cell: str, days: dict[str, str]) -> None:
    stamp = stamp_of(cell)
    assert stamp is not None
    assert {order: str(day) for order, day in stamp.days.items()} == days


@pytest.mark.parametrize(
    "cell",
    [
        "", "昨天", "9:30", "1788573600", "2026-02-30", "13/13/2026", "2026-09", "2026", "0000-00-00",
        "2026-09-05 xx", "2026/9/512", "2026-09-05 24:00:00", "2026-09-05 10:61", "晚上12:30",
        "2026-9-5 上午14:30", "2026-9-5 晚上12:30", "6/9/5", "2026-09-05 10:00 +99", "9月5日", "A001",
        "13800138000", "99999999", "Foo 5, 2026", "2026-09/05",
    ],
)  # fmt: skip
def test_what_is_no_day_is_no_time(cell: str) -> None:
    assert stamp_of(cell) is None


def test_a_time_at_the_end_of_the_calendar_is_none_rather_than_an_error() -> None:
    stamp = stamp_of("9999-12-31T23:00:00-12:00")
    assert stamp is not None
    assert stamp.at("ymd") is None
