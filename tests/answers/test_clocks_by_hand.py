"""How long records took and how many were in time: every committee and the street, by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evalkit.answers.timing import clocks, lasted
from evalkit.definitions.calendar import working_days
from evalkit.definitions.ledger import Ledger
from evalkit.definitions.roster import Roster, Subject
from evalkit.methods.survival import kaplan_meier
from evalkit.tables.records import Records
from tests.deciding import decided
from tests.findings.small_street import one_group

CLOCK = {
    "code": "done",
    "name": "办结",
    "start": "begun",
    "stop": "ended",
    "limit": 10,
    "unit": "days",
}
LEDGER: dict[str, Any] = {
    "id": "one", "title": "一", "key": ["order"], "minimum_n": 1, "clocks": [CLOCK],
    "columns": [
        {"code": "order", "headers": ["编号"], "holds": "code"},
        {"code": "unit", "headers": ["单位"], "holds": "unit"},
        {"code": "begun", "headers": ["起"], "holds": "time"},
        {"code": "ended", "headers": ["止"], "holds": "time"},
    ],
}  # fmt: skip
ROWS = [
    ("1", "s1", "2016-01-01", "2016-01-05"),
    ("2", "s1", "2016-02-01", "2016-02-21"),
    ("3", "s2", "2016-03-01", None),
    ("4", "gone", "2016-03-01", "2016-03-02"),
    ("5", "s2", "2015-12-28", "2016-01-02"),
]
"""Four days and twenty; open; of a committee that is no more; begun in the year before, due in this."""


def records(rows: list[tuple[Any, ...]] = ROWS) -> Records:
    table = pd.DataFrame(rows, columns=["order", "subject", "begun", "ended"]).assign(belongs=True)
    for name in ("begun", "ended"):
        table[name] = pd.to_datetime(table[name])
    return Records("2016", "one", table, pd.Timestamp("2016-01-01"), pd.Timestamp("2017-01-01"))


def known(made: Ledger) -> Any:
    roster = [Subject(id=one, name=one) for one in ("s1", "s2", "s3")]
    gone = Subject(id="gone", name="旧", until="2015")
    return decided(one_group(), {}, Roster(subjects=[*roster, gone]), ledgers={"one": made})


def told(own: Records, **changes: Any) -> pd.DataFrame:
    made = Ledger.model_validate(LEDGER | changes)
    return clocks(own, made, known(made))


def test_every_committee_has_what_fell_due_and_what_began_and_the_street_has_both() -> None:
    """In time are 4 of ten days and 5 of another year's; what began: 4 days, 20, open for 306."""
    table = told(records()).set_index("subject")
    assert list(table.index) == ["s1", "s2", "s3", "all"]
    assert table["due_n"].fillna(0).tolist() == [2, 2, 0, 4]
    assert table["on_time"].tolist() == pytest.approx([50, 50, float("nan"), 50], nan_ok=True)
    assert table["n"].fillna(0).tolist() == [2, 1, 0, 3]
    assert table["censored"].fillna(0).tolist() == [0, 1, 0, 1]
    assert table["done"].tolist() == pytest.approx([50, 0, float("nan"), 100 / 3], nan_ok=True)
    assert table["median"].tolist()[0::3] == [4, 20]
    assert table["p90"].fillna(0).tolist() == [20, 0, 0, 0]
    z2 = stats.norm.ppf(0.975) ** 2
    for name, n in (("s1", 2), ("all", 4)):
        reach = (z2 * (0.25 / n + z2 / (4 * n * n))) ** 0.5 / (1 + z2 / n)
        ends = table.loc[name, ["low", "high"]].tolist()
        assert ends == pytest.approx([50 - 100 * reach, 50 + 100 * reach])
    about = table[["wave", "ledger", "clock", "name", "unit", "limit"]].drop_duplicates()
    assert about.to_numpy().tolist() == [["2016", "one", "done", "办结", "days", 10.0]]


def test_what_too_few_records_tell_is_left_out_each_cohort_by_itself() -> None:
    """Two fell due in either committee, which the minimum is; two and one began."""
    table = told(records(), minimum_n=2).set_index("subject")
    assert table["due_n"].fillna(0).tolist() == [2, 2, 0, 4]
    assert table["on_time"].notna().tolist() == [True, True, False, True]
    assert pd.isna(table.loc["s2", "n"])
    assert table.loc["s2", ["censored", "done", "median"]].isna().all()
    assert table.loc["s2", ["low", "high"]].notna().all()
    more = told(records(), minimum_n=3).set_index("subject")
    assert more["due_n"].fillna(0).tolist() == [0, 0, 0, 4]
    assert more[["on_time", "low", "high"]].notna().all(axis=1).tolist() == [False] * 3 + [True]


def test_a_single_record_has_the_ends_of_one_and_a_clock_without_a_limit_only_lengths() -> None:
    table = told(records(ROWS[:1])).set_index("subject")
    assert table.loc["s1", "due_n"] == 1
    z2 = stats.norm.ppf(0.975) ** 2
    ends = table.loc["s1", ["on_time", "low", "high"]].tolist()
    assert ends == pytest.approx([100, 100 / (1 + z2), 100])
    both = told(records()).set_index("subject").loc["all"]
    took = kaplan_meier(np.array([4.0, 20.0, 306.0]), np.array([True, True, False]))
    by = took.ended_by(10.0, 0.95)
    assert both[["done_low", "done_high"]].tolist() == pytest.approx([100 * by.low, 100 * by.high])
    own = records()
    deadlines = ["2016-01-03", "2016-03-01", None, None, "2016-06-01"]
    own = replace(own, table=own.table.assign(due=pd.to_datetime(pd.Series(deadlines))))
    free = told(own, clocks=[CLOCK | {"limit": None, "due": "due"}]).set_index("subject")
    assert free["due_n"].fillna(0).tolist() == [2, 1, 0, 3]
    assert free["on_time"].tolist() == pytest.approx([50, 100, np.nan, 200 / 3], nan_ok=True)
    assert free[["done", "limit"]].isna().all(axis=None)
    assert free["median"].tolist()[0::3] == [4, 20]


def test_a_case_counts_once_and_a_clock_whose_times_lack_or_whose_end_is_unknown_is_none() -> None:
    own = records([*ROWS, ROWS[0], ROWS[1]])
    assert told(own).set_index("subject").loc["all", "n"] == 5
    assert told(own, case="order").set_index("subject").loc["all", "n"] == 3
    other = CLOCK | {"code": "more", "start": "seen"}
    third = CLOCK | {"code": "last", "name": "再办", "limit": 5}
    several = told(records(), clocks=[CLOCK, other, CLOCK | {"code": "odd", "stop": "seen"}, third])
    assert several["clock"].tolist() == ["done"] * 4 + ["last"] * 4
    assert several.index.tolist() == list(range(8))
    assert told(replace(records(), until=None)).empty
    assert told(records(), clocks=[other]).empty


@pytest.mark.parametrize(
    ("begun", "ended", "unit", "length"),
    [
        ("2016-03-07 09:00", "2016-03-08 21:00", "days", 1.5),
        ("2016-03-07 09:00", "2016-03-08 21:00", "hours", 36.0),
        ("2016-03-07", "2016-03-08 21:00", "days", 1.0),
        ("2016-03-07 09:00", "2016-03-08", "days", 1.0),
        ("2016-03-07 09:00", "2016-03-08", "hours", 24.0),
        ("2016-03-04 09:00", "2016-03-07 21:00", "workdays", 1.0),
        ("2016-03-04", "2016-03-04", "workdays", 0.0),
        ("2016-03-04 16:00", "2016-03-07 10:00", "09:00-17:00", 2.0),
        ("2016-12-29", None, "workdays", 1.0),
        ("2016-12-30", None, "days", 1.0),
        ("2016-12-30 12:00", None, "days", 1.5),
        ("2016-12-30 12:00", "2017-01-01 00:00", "days", 1.5),
        ("2015-12-31 23:59", "2016-01-05", "days", None),
        ("2017-01-01", None, "days", None),
    ],
)
def test_a_record_lasts_until_it_ends_or_the_wave_does_in_days_where_one_moment_is_a_day(
    begun: str, ended: str | None, unit: str, length: float | None
) -> None:
    own = records([("1", "s1", begun, ended)])
    of = {"unit": "hours", "hours": unit} if ":" in unit else {"unit": unit}
    made = Ledger.model_validate(LEDGER | {"clocks": [CLOCK | of]})
    lengths, done = lasted(made.clocks[0], own.table, own, working_days())
    expected = float("nan") if length is None else length
    assert lengths.tolist() == pytest.approx([expected], nan_ok=True)
    assert done.tolist() == [ended is not None and ended < "2017"]
