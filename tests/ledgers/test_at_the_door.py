"""Which records count, in which wave, and whom they are about: each number counted in the head."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit.answers import speaking
from evalkit.answers.reducing import on_time, reduce_records
from evalkit.codes import Reason
from evalkit.definitions.calendar import working_days
from evalkit.definitions.crosswalk import Crosswalk
from evalkit.definitions.evaluation import ResponseFile
from evalkit.definitions.ledger import Clock, Ledger, LedgerMeasure
from evalkit.errors import Problems
from evalkit.findings.objective import objective
from evalkit.intake.ledger_cohorts import (
    Due,
    bounds_of,
    deadline,
    eligible,
    of_wave,
    untold_years,
    within,
)
from evalkit.intake.ledgers import LedgerSource, keys_in_two_waves
from evalkit.tables.records import Records
from tests.ledgers import door, hotline
from tests.ledgers.test_bad_records import COUNTS, HEADER, HEADS, months, row
from tests.ledgers.test_numbers import of_kind, reduced

LIMIT = {"code": "on_time", "name": "按时办结", "start": "opened", "stop": "closed"}


def limited(limit: float, unit: str = "days", **more: object) -> Ledger:
    clocks = [LIMIT | {"limit": limit, "unit": unit} | more]
    return door.ledger(clocks=clocks, wave_by="closed")


# --- waves ------------------------------------------------------------------------------------


def test_what_fell_due_and_was_done_after_the_wave_is_late(tmp_path: Path) -> None:
    """Ten within three days and ten closed next year are 50%, and no 100%."""
    begun = {"opened": "2016-12-20 09:00:00", "due": "2016-12-23 17:00:00"}
    good = [row(order=f"G{at}", **begun, closed="2016-12-22 09:00:00") for at in range(10)]
    late = [row(order=f"L{at}", **begun, closed="2017-01-05 09:00:00") for at in range(10)]
    let = door.Let(tmp_path, HEADER, [*good, *late], limited(3))
    assert len(let.table) == 20
    assert let.records is not None
    found = reduce_records(let.records, let.ledger, let.decided)
    at = found.at("on_time")
    assert (found.hits[0, at], found.n[0, at], found.mean[0, at]) == (10.0, 20.0, 50.0)
    assert found.n[0, found.at("resolved")] == 10, "by when they were closed, ten are of this wave"
    assert let.report is not None
    assert let.report.balance == {
        "carried_in": 0, "received": 20, "closed": 10, "withdrawn": 0, "open": 10,
    }  # fmt: skip


def test_the_balance_is_of_what_the_file_tells_and_withdrawn_orders_came_in(tmp_path: Path) -> None:
    """One closed, one closed after the wave and due after it, one withdrawn: three came in."""
    rows = [
        row(),
        row(
            order="W2",
            opened="2016-12-30 09:00:00",
            due="2017-01-09 17:00:00",
            closed="2017-01-08 10:00:00",
        ),
        row(order="W3", state="撤单", closed=""),
    ]
    let = door.Let(tmp_path, HEADER, rows, door.ledger(wave_by="closed"))
    assert let.table["belongs"].tolist() == [True, False], "kept for its clock, which began in time"
    assert let.report is not None
    report = let.report
    assert report.balance == {
        "carried_in": 0, "received": 3, "closed": 1, "withdrawn": 1, "open": 1,
    }  # fmt: skip
    assert (report.read, report.kept, report.counted("excluded")) == (3, 2, 1)


def test_an_order_open_in_one_wave_and_closed_in_the_next_is_no_contradiction(
    tmp_path: Path,
) -> None:
    begun = {"opened": "2015-12-20 09:00:00", "due": "2015-12-24 17:00:00"}
    still = row(**begun, closed="", state="处理中", resolved="", satisfied="")
    done = row(**begun, closed="2016-02-01 09:00:00")
    one = door.ledger(wave_by="closed")
    let = door.several(tmp_path, HEADER, {"2015": [[still]], "2016": [[done]]}, one)
    assert let.codes == []
    assert [r.table["belongs"].tolist() for r in let.records.values()] == [[True], [True]]
    twice = door.several(
        tmp_path, HEADER, {"2015": [[done]], "2016": [[done]]}, door.ledger(wave_by=None)
    )
    (problem,) = twice.problems
    assert (problem.code, problem.file, problem.row) == ("key_in_two_waves", "2016-0.csv", 2)
    assert problem.found == "第 2 行；另见 2015-0.csv 第 2 行"
    assert problem.message == "1 条记录在批次 2016、2015 里都计入"


def test_an_open_order_is_of_no_wave_before_it_began(tmp_path: Path) -> None:
    new = row(
        order="W2", opened="2017-01-02 09:00:00", due="2017-01-09 17:00:00", closed="",
        state="处理中",
    )  # fmt: skip
    let = door.Let(tmp_path, HEADER, [row(), new], door.ledger(wave_by="closed"))
    assert let.table["order"].tolist() == ["W1"]
    assert let.report is not None
    assert let.report.because(Reason.OUTSIDE_PERIOD) == 1
    assert let.report.read == let.report.kept + let.report.counted("excluded") == 2


def test_a_deadline_at_the_first_midnight_of_a_year_counts_in_that_year_alone() -> None:
    clock = Clock.model_validate(LIMIT | {"due": "due"})
    moments = pd.to_datetime(pd.Series(["2016-12-31", "2017-01-01"]))
    table = pd.DataFrame({"opened": moments, "due": moments, "closed": moments})
    told = []
    for year in (2016, 2017):
        ends = [pd.Timestamp(year=at, month=1, day=1) for at in (year, year + 1)]
        points = on_time(clock, table, Records(str(year), "x", table, *ends), working_days())
        told.append(np.isnan(points).tolist())
    assert told == [[False, True], [True, False]]


# --- exclusions, persons ----------------------------------------------------------------------


def test_what_a_crosswalk_takes_for_withdrawn_is_not_counted(tmp_path: Path) -> None:
    names = ("order", "handler", "opened", "due", "closed", "state", "resolved", "satisfied")
    columns = [
        {"column": at, "header": header, "item": name}
        for at, (header, name) in enumerate(zip(HEADER, names, strict=True), 1)
    ]
    crosswalk = Crosswalk.model_validate(
        {
            "id": "x", "ledger": "hotline", "layout": "x", "variant": "text", "approved": True,
            "columns": columns, "values": {"state": {"已撤销": "撤单", "重新办结": "办结"}},
        }
    )  # fmt: skip
    rows = [row(), row(order="W2", state="已撤销 "), row(order="W3", state="重新办结")]
    let = door.Let(tmp_path, HEADER, rows, crosswalk=crosswalk)
    assert let.table["order"].tolist() == ["W1", "W3"]
    assert let.report is not None
    assert {entry.reason: entry.count for entry in let.report.left_out} == {"撤单": 1}


def test_a_person_is_one_cluster_in_all_files_of_a_wave(tmp_path: Path) -> None:
    text = hotline.LEDGER.replace(
        "columns:\n", "columns:\n  - {code: who, headers: [来电人], holds: person}\n", 1
    )
    names = (("李梅", "王强"), ("王强", "", "赵云"))
    files = [
        [[*row(order=f"W{month}{at}"), name] for at, name in enumerate(people)]
        for month, people in enumerate(names)
    ]
    let = door.several(tmp_path, (*HEADER, "来电人"), {"2016": files}, door.ledger(text))
    assert let.codes == []
    table = let.records["2016"].table
    assert table["cluster"].tolist() == ["c1", "c2", "c2", "", "c3"]
    assert "who" not in table
    assert [report.kept for report in let.reports] == [2, 3]


def test_an_order_open_in_one_months_file_and_closed_in_another_counts_once(
    tmp_path: Path,
) -> None:
    """Two orders in January, one of them closed in February, with a third one: three came in."""
    still = row(order="W2", closed="", state="处理中", resolved="", satisfied="")
    january = [row(), still]
    february = [row(), row(order="W2"), row(order="W3")]
    let = door.several(tmp_path, HEADER, {"2016": [january, february]})
    assert let.codes == []
    table = let.records["2016"].table
    assert table["order"].tolist() == ["W1", "W2", "W3"]
    assert table["closed"].notna().all()
    first, second = let.reports
    assert (first.read, first.kept, first.counted("duplicates")) == (2, 1, 1)
    assert (second.read, second.kept, second.counted("duplicates")) == (3, 2, 1)
    assert first.balance["received"] + second.balance["received"] == 3
    assert first.balance["closed"] + second.balance["closed"] == 3


def test_an_order_open_in_one_months_file_and_withdrawn_in_another_is_withdrawn(
    tmp_path: Path,
) -> None:
    still = row(order="W2", closed="", state="处理中", resolved="", satisfied="")
    gone = row(order="W2", closed="", state="撤单", resolved="", satisfied="")
    let = door.several(tmp_path, HEADER, {"2016": [[row(), still], [gone, row(order="W3")]]})
    assert let.codes == []
    assert let.records["2016"].table["order"].tolist() == ["W1", "W3"]
    assert [
        (r.read, r.kept, r.counted("duplicates"), r.counted("excluded")) for r in let.reports
    ] == [
        (2, 1, 1, 0),
        (2, 1, 0, 1),
    ]
    assert [r.balance["withdrawn"] for r in let.reports] == [0, 1]
    assert [r.balance["open"] for r in let.reports] == [0, 0]


def test_two_files_that_tell_one_order_otherwise_are_a_problem(tmp_path: Path) -> None:
    files = [[row()], [row(order="W2"), row(satisfied="不满意")]]
    let = door.several(tmp_path, HEADER, {"2016": files})
    (problem,) = let.problems
    assert (problem.code, problem.file, problem.row) == ("key_twice", "2016-1.csv", 3)
    assert problem.found == "第 3 行；另见 2016-0.csv 第 2 行"


# --- blanks -----------------------------------------------------------------------------------


def of_a_measure(how: str, **more: object) -> dict[str, object]:
    return {"code": "m", "name": "某", "how": how} | more


SHARE = of_a_measure("share", numerator="part", denominator="all")
SCORE = of_a_measure("score", parts={"value": 100, "other": 0})


def test_a_blank_count_is_a_problem_and_not_none(tmp_path: Path) -> None:
    rows = months(
        ("甲居民区", 50, "", 0, 50, "", "", ""),
        ("乙居民区", 10, 8, 1, 1, 9, "", ""),
        ("丙居民区", "", "", "", "", "", "", ""),
    )
    let = door.Let(tmp_path, HEADS, rows, door.ledger(COUNTS))
    # Row 2 lacks what was in time, and what was closed at all; row 4 tells nothing, and claims none.
    assert let.codes == ["count_blank", "count_blank"]
    assert [problem.row for problem in let.problems] == [2, 2]
    assert [str(problem.column)[0] for problem in let.problems] == ["C", "F"]


def test_only_rows_that_tell_all_of_a_share_count() -> None:
    table: dict[str, list[object]] = {
        "subject": ["s1", "s1", "s2"], "all": [50.0, 30.0, 50.0], "part": [np.nan, 27.0, np.nan],
    }  # fmt: skip
    found = reduced(of_kind([SHARE], rows="counts"), table)
    assert (found.n[0, 0], found.hits[0, 0], found.mean[0, 0]) == (30.0, 27.0, 90.0)
    assert found.n[1, 0] == 0
    assert np.isnan(found.mean[1, 0])


def test_a_column_that_the_file_lacks_is_not_a_column_of_noughts() -> None:
    found = reduced(of_kind([SCORE], rows="counts"), {"subject": ["s1"], "value": [8.0]})
    assert found.n[0, 0] == 0
    assert np.isnan(found.mean[0, 0])


RATE = of_a_measure("rate", column="value", exposure="all", per=1, scored=False)
POINTS = of_a_measure("points", column="value", full=10, category="kind", caps={"走访": 4})


@pytest.mark.parametrize("measure", [RATE, POINTS])
def test_a_sum_with_a_blank_is_not_known(measure: dict[str, object], tmp_path: Path) -> None:
    one = of_kind([measure])
    table: dict[str, list[object]] = {
        "subject": ["s1", "s1", "s2"], "value": [6.0, np.nan, 3.0], "all": [2.0, 2.0, 2.0],
        "kind": ["走访", "走访", "活动"],
    }  # fmt: skip
    found = reduced(one, table)
    assert np.isnan(found.raw[0, 0])
    assert found.raw[1, 0] == (1.5 if measure is RATE else 3.0)
    rows: list[list[str]] = [
        ["甲居民区", "满意", "6", "走访", "2", "1", "1"],
        ["甲居民区", "满意", "", "走访", "2", "1", "1"],
    ]
    let = door.Let(tmp_path, ("单位", "评价", "数", "类别", "总数", "部分", "其他"), rows, one)
    assert let.codes == ["count_blank"]
    problem = next(iter(let.problems))
    assert (problem.row, str(problem.column)[0]) == (3, "C")


# --- points -----------------------------------------------------------------------------------


def test_without_a_record_there_are_no_points_and_not_0_of_them() -> None:
    table: dict[str, list[object]] = {
        "subject": ["s1", "s1", "s2", "s3"], "value": [3.0, 2.0, 3.0, 1.0], "kind": ["活动"] * 4,
    }  # fmt: skip
    found = reduced(of_kind([POINTS]), table)
    assert found.raw[:3, 0].tolist() == [5.0, 3.0, 1.0]
    assert found.mean[:3, 0].tolist() == [50.0, 30.0, 10.0]
    assert np.isnan(found.mean[3, 0])
    assert (found.n[3, 0], found.df[3, 0]) == (0.0, 0.0)
    ready = speaking.steady(found)
    assert ready.mean[3, 0] == pytest.approx(30.0)
    assert ready.filled[:, 0].tolist() == [False, False, False, True]
    alone = speaking.steady(reduced(of_kind([POINTS], when_none="incomplete"), table))
    assert np.isnan(alone.mean[3, 0])


def test_points_that_are_added_up_reach_below_0_in_no_interval() -> None:
    table: dict[str, list[object]] = {
        "subject": ["s1"] * 5, "value": [0.0, 0.0, 0.0, 0.0, 3.0], "kind": ["活动"] * 5,
    }  # fmt: skip
    found = reduced(of_kind([POINTS]), table)
    told = objective({"one": found}, door.decided(found.ledger).scheme).iloc[0]
    assert told["estimate"] == 3.0
    assert told["low"] == 0.0
    assert told["high"] > 3.0


# --- clocks -----------------------------------------------------------------------------------


def stopped(clock: dict[str, object], *pairs: tuple[str, str]) -> list[float]:
    begun, ended = zip(*pairs, strict=True)
    moments = {
        "opened": pd.to_datetime(pd.Series(begun)),
        "closed": pd.to_datetime(pd.Series(ended)),
    }
    table = pd.DataFrame(moments)
    points = on_time(
        Clock.model_validate(LIMIT | clock), table, Records("w", "x", table), working_days()
    )
    found: list[float] = points.tolist()
    return found


OFFICE = {"limit": 1, "unit": "hours", "hours": "09:00-17:00"}


def test_an_hour_of_the_office_may_lie_on_both_sides_of_a_feast() -> None:
    """2021-06-11 16:30 to 2021-06-15 09:30 is one hour: 端午 lies between."""
    begun = "2021-06-11 16:30"
    assert stopped(OFFICE, (begun, "2021-06-15 09:30"), (begun, "2021-06-15 09:31")) == [100.0, 0.0]
    weekend = ("2021-06-04 16:30", "2021-06-07 09:30")
    assert stopped(OFFICE, weekend) == [100.0]
    assert stopped({"limit": 1, "unit": "hours"}, weekend) == [0.0], "this one runs day and night"


def test_a_deadline_needs_no_beginning(tmp_path: Path) -> None:
    text = hotline.LEDGER.replace(
        "[派单时间], holds: time", "[派单时间], holds: time, required: false"
    )
    header = [name for name in HEADER if name != "派单时间"]
    rows = [row(), row(order="W2", closed="2016-03-06 10:00:00")]
    without = [[cell for at, cell in enumerate(cells) if at != 2] for cells in rows]
    let = door.Let(tmp_path, header, without, door.ledger(text))
    assert let.records is not None
    assert let.codes == []
    found = reduce_records(let.records, let.ledger, let.decided)
    assert found.mean[0, found.at("on_time")] == 50.0


def test_a_limit_that_ends_at_midnight_is_no_day() -> None:
    clock: dict[str, object] = {"limit": 16, "unit": "hours"}
    begun = "2016-03-01 08:00"
    assert stopped(clock, (begun, "2016-03-02 00:30"), (begun, "2016-03-01 23:30")) == [0.0, 100.0]


def test_a_limit_in_working_days_skips_the_dragon_boat_festival() -> None:
    """2021-06-11 was a Friday; the 12th to 14th were days off: two working days end on the 16th."""
    pairs = [
        ("2021-06-11 16:30", "2021-06-16 23:00"), ("2021-06-12 09:00", "2021-06-16 08:00"),
        ("2021-06-11 16:30", "2021-06-17 08:00"),
    ]  # fmt: skip
    assert stopped({"limit": 2, "unit": "workdays"}, *pairs) == [100.0, 100.0, 0.0]


LAST = max(working_days().years)
"""The last year of which China's days off are known; the next one is told by no order here."""


@pytest.mark.parametrize("hours", [None, "09:00-17:00"])
def test_a_year_whose_days_off_nobody_knows_is_a_problem(hours: str | None, tmp_path: Path) -> None:
    """Whether a deadline begins there or only ends there; nothing leaves the cohort silently."""
    one = limited(5, "workdays") if hours is None else limited(40, "hours", hours=hours)
    for year, day in ((LAST + 1, "03-02"), (LAST, "12-30")):
        begun = {"opened": f"{year}-{day} 09:00:00", "due": f"{year + 1}-03-01 09:00:00"}
        done = row(**begun, closed=f"{year}-{day} 10:00:00")
        of = door.wave(id=str(year), start=f"{year}-01-01", end=f"{year}-12-31")
        let = door.Let(tmp_path, HEADER, [done, [*done]], one, of)
        assert let.codes == ["year_without_calendar"]
        assert f"{LAST + 1} 年" in str(next(iter(let.problems)).found)


def test_a_year_long_gone_needs_no_calendar(tmp_path: Path) -> None:
    """What began in 2003, of which nobody told, fell due long before 2016."""
    rows: Sequence[Sequence[str]] = [
        row(), row(order="W2", opened="2003-01-02 09:00:00", due="2003-01-09 09:00:00"),
    ]  # fmt: skip
    let = door.Let(tmp_path, HEADER, rows, limited(5, "workdays"))
    assert len(let.table) == 2
    assert let.records is not None
    found = reduce_records(let.records, let.ledger, let.decided)
    assert found.n[0, found.at("on_time")] == 1


def test_a_condition_is_asked_of_the_column_that_it_names() -> None:
    table = pd.DataFrame({"kind": ["助餐", "停车", None]})
    given = {"code": "m", "name": "度量", "how": "share", "column": "done"}

    def about(**condition: object) -> list[bool]:
        measure = LedgerMeasure.model_validate(given | condition)
        return list(map(bool, eligible(measure, table)))

    assert about() == [True, True, True]
    assert about(where="kind", among=["助餐"]) == [True, False, False]
    assert about(where="street", among=["助餐"]) == [False, False, False]


def test_a_wave_of_records_ends_with_its_last_day() -> None:
    one = door.ledger(wave_by="opened")
    first, last = pd.Timestamp("2016-01-01"), pd.Timestamp("2017-01-01")
    second = pd.Timedelta(seconds=1)
    assert bounds_of(door.wave()) == (first, last)
    assert bounds_of(door.wave(start=None, end=None)) == (None, None)
    moments = pd.Series([first - second, first, last - second, last, pd.NaT])
    assert within(moments, first, last).tolist() == [False, True, True, False, False]
    assert within(moments, None, last).tolist() == [True, True, True, False, False]
    assert within(moments, first, None).tolist() == [False, True, True, True, False]
    assert within(moments, None, None).tolist() == [True] * 4 + [False]
    table = pd.DataFrame({"opened": moments, "closed": moments})
    assert of_wave(table, one, first, last).tolist() == [False, True, True, False, False]
    assert of_wave(table[["closed"]], one, first, last).tolist() == [True] * 5


def test_what_is_still_open_is_of_every_wave_that_had_seen_it_begin() -> None:
    one = door.ledger(wave_by="closed")
    first, last = pd.Timestamp("2016-01-01"), pd.Timestamp("2017-01-01")
    second = pd.Timedelta(seconds=1)
    opened = pd.Series([first - second, last - second, last, pd.NaT])
    table = pd.DataFrame({"opened": opened, "closed": pd.NaT}).astype("datetime64[ns]")
    assert of_wave(table, one, first, last).tolist() == [True, True, False, True]
    assert of_wave(table, one, first, None).tolist() == [True] * 4
    assert of_wave(table[["closed"]], one, first, last).tolist() == [True] * 4


def test_a_deadline_is_told_where_the_file_has_what_it_takes() -> None:
    worked = working_days()
    table = pd.DataFrame(
        {"opened": pd.to_datetime(["2016-03-01 08:00", "2016-03-01 00:00"]), "closed": pd.NaT}
    )
    base = {"code": "c", "name": "限", "start": "opened", "stop": "closed"}

    def due(columns: list[str], **more: object) -> Due | None:
        return deadline(Clock.model_validate(base | more), table[columns], worked)

    both = ["opened", "closed"]
    assert due(["closed"], limit=2, unit="days") is None
    assert due(["opened"], limit=2, unit="days") is None
    assert due(["opened"], due="opened") is None
    assert due(["closed"], due="opened") is None
    clock = Clock.model_validate(base | {"limit": 2, "unit": "days"})
    records = Records("2016", "one", table, None, None)
    assert np.isnan(on_time(clock, table[["opened"]], records, worked)).all()
    given = due(both, due="opened")
    assert given is not None
    assert given.at.tolist() == table["opened"].tolist()
    assert given.days.tolist() == [False, True]
    for unit, ends in (("days", "2016-03-03 08:00"), ("hours", "2016-03-01 10:00")):
        found = due(both, limit=2, unit=unit)
        assert found is not None
        assert found.at.iloc[0] == pd.Timestamp(ends)
        assert found.days.tolist() == [False, True]
        assert not found.untold.any()
    working = due(both, limit=2, unit="workdays")
    assert working is not None
    assert working.at.tolist() == [pd.Timestamp("2016-03-03")] * 2
    assert working.days.tolist() == [True, True]


@pytest.mark.parametrize(("hours", "days"), [(None, 10.0), ("09:00-12:00, 13:00-17:00", 12.0)])
def test_years_are_asked_for_as_long_before_a_wave_as_a_limit_may_reach(
    hours: str | None, days: float
) -> None:
    """Five working days are ten at most and a month of feasts; 35 hours are five of seven, and one."""
    limit: dict[str, object] = {"limit": 5, "unit": "workdays"}
    if hours is not None:
        limit = {"limit": 35, "unit": "hours", "hours": hours}
    clock = Clock.model_validate(
        {"code": "c", "name": "限", "start": "opened", "stop": "closed"} | limit
    )
    start, end = pd.Timestamp("2016-01-01"), pd.Timestamp("2017-01-01")
    earliest = start - pd.Timedelta(days=days + 30)
    second = pd.Timedelta(seconds=1)
    begun = pd.Series([earliest - second, earliest, end - second, end, earliest])
    due = Due(begun, begun.notna(), np.array([2001, 2003, 2002, 2004, 0]))
    table = pd.DataFrame({"opened": begun})
    assert untold_years(clock, due, table, start, end) == [2002, 2003]
    assert untold_years(clock, due, table, None, end) == [2001, 2002, 2003]
    assert untold_years(clock, due, table, start, None) == [2002, 2003, 2004]
    told = Due(begun, begun.notna(), np.zeros(5, dtype=np.int64))
    assert untold_years(clock, told, table, start, end) == []


def test_keys_of_two_waves_are_told_by_file_as_they_come_and_by_their_first_row() -> None:
    def kept(wave: str, rows: list[tuple[str, int, str, bool, str]]) -> dict[str, Records]:
        names = ["file", "row", "key", "belongs", "closed"]
        table = pd.DataFrame(rows, columns=names)
        table["closed"] = pd.to_datetime(table["closed"], errors="coerce")
        origin = table[["file", "row"]]
        return {
            "hotline": Records(wave, "hotline", table.drop(columns=["file", "row"]), origin=origin)
        }

    one, day = door.ledger(), "2016-03-01"
    source = LedgerSource(ResponseFile(file="x", ledger="hotline"), None, one, None)  # type: ignore[arg-type]
    before = [
        ("old.csv", 2, "A", True, day), ("old.csv", 3, "B", True, day), ("old.csv", 4, "C", True, day),
        ("old.csv", 5, "D", False, day), ("old.csv", 6, "E", True, ""),
    ]  # fmt: skip
    now = [
        ("b.csv", 9, "C", True, day), ("b.csv", 7, "B", True, day), ("a.csv", 4, "A", True, day),
        ("a.csv", 5, "D", True, day), ("a.csv", 6, "E", True, day), ("a.csv", 7, "F", True, day),
    ]  # fmt: skip
    problems = Problems()
    keys_in_two_waves(
        [source, source], {"2015": kept("2015", before), "2016": kept("2016", now)}, problems
    )
    assert [(p.code, p.file, p.row) for p in problems] == [
        ("key_in_two_waves", "b.csv", 7), ("key_in_two_waves", "a.csv", 4),
    ]  # fmt: skip
    assert all("2015" in str(problem) for problem in problems)
    assert "old.csv" in str(next(iter(problems)))


def test_a_wave_without_an_end_knows_what_happened_and_no_deadline(tmp_path: Path) -> None:
    rows = [row(), row(order="W2", due="2016-09-01 08:00:00", closed="2016-04-01 08:00:00")]
    let = door.Let(tmp_path, HEADER, rows, of=door.wave(end=None))
    assert let.records is not None
    assert let.records.until == pd.Timestamp("2016-04-01 08:00:01")
    ended = door.Let(tmp_path, HEADER, rows)
    assert ended.records is not None
    assert ended.records.until == pd.Timestamp("2017-01-01")


LIST = """\
id: list
title: 名单
key: [order]
columns:
  - {code: order, headers: [编号], holds: code}
  - {code: handler, headers: [居民区], holds: unit}
  - {code: mark, headers: [评价], holds: option}
values: {mark: {好: 100, 差: 0}}
"""


def test_of_a_list_without_times_what_stands_in_two_files_counts_once(tmp_path: Path) -> None:
    header = ("编号", "居民区", "评价")
    one, other = ("A", "甲居民区", "好"), ("B", "乙居民区", "差")
    let = door.several(tmp_path, header, {"2016": [[one, other], [one, one]]}, door.ledger(LIST))
    assert list(let.problems) == []
    assert let.records["2016"].table["order"].tolist() == ["A", "B"]
    assert [(report.read, report.kept) for report in let.reports] == [(2, 2), (2, 0)]
    told = door.several(
        tmp_path, header, {"2016": [[other, one], [("A", "甲居民区", "差")]]}, door.ledger(LIST)
    )
    (problem,) = told.problems
    assert (problem.code, problem.file, problem.row) == ("key_twice", "2016-1.csv", 2)
    assert "2016-0.csv" in str(problem.found)
