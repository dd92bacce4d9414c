"""Numbers of ledgers that somebody knows: by hand, or published."""

from __future__ import annotations

import math
import time
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
import yaml

from evalkit import assets
from evalkit.answers import speaking
from evalkit.answers.reducing import on_time, reduce_records
from evalkit.codes import NoteCode, Reason
from evalkit.definitions.calendar import working_days
from evalkit.definitions.crosswalk import Crosswalk
from evalkit.definitions.ledger import Ledger
from evalkit.definitions.loading import load_ledger
from evalkit.drafting.ledgers import draft
from evalkit.errors import Problems
from evalkit.findings.objective import objective
from evalkit.forms import ledger_entry
from evalkit.tables.records import Records, Reduced
from tests.ledgers import door, hotline
from tests.ledgers.test_bad_records import HEADER, row

SUBJECTS = ("s1", "s2", "s3", "s4")


def reduced(one: Ledger, table: dict[str, list[object]], of: str = "2016") -> Reduced:
    """Reduce records made by hand, all of the wave."""
    made = pd.DataFrame(table)
    made = made.assign(belongs=True, cluster=table.get("cluster", [""] * len(made)))
    decided = door.decided(one)
    records = Records(of, one.id, made, pd.Timestamp("2016-01-01"), pd.Timestamp("2017-01-01"))
    return reduce_records(records, one, decided)


def of_kind(measures: list[dict[str, object]], **more: object) -> Ledger:
    """A ledger of a unit, an option, a number and a category, with these measures."""
    columns = [
        {"code": "unit", "headers": ["单位"], "holds": "unit"},
        {"code": "mark", "headers": ["评价"], "holds": "option"},
        {"code": "value", "headers": ["数"], "holds": "number"},
        {"code": "kind", "headers": ["类别"], "holds": "code"},
        {"code": "all", "headers": ["总数"], "holds": "number"},
        {"code": "part", "headers": ["部分"], "holds": "number"},
        {"code": "other", "headers": ["其他"], "holds": "number"},
    ]
    values = {"mark": {"满意": 100, "基本满意": 80, "一般": 60, "不满意": 0, "未评价": None}}
    return Ledger.model_validate(
        {"id": "one", "title": "一", "columns": columns, "values": values, "measures": measures}
        | more
    )


RATING = {"code": "mark", "name": "满意度", "how": "score", "column": "mark", "bounds": True}


def test_one_of_each_score_is_sixty() -> None:
    found = reduced(
        of_kind([RATING]), {"subject": ["s1"] * 4, "mark": ["满意", "基本满意", "一般", "不满意"]}
    )
    assert found.mean[0, 0] == 60.0
    assert found.n[0, 0] == 4
    # By hand: squares 40, 20, 0, -60 make 5,600; over 4 x 3.
    assert found.covariance[0, 0, 0] == pytest.approx(5600 / 12)


def test_nobody_who_did_not_rate_counts_and_the_bounds_say_so() -> None:
    """7,696 rated of 8,846: 83.6% lies between 72.7% and 85.7%."""
    share = {**RATING, "how": "share", "hits": ["满意"]}
    good = round(0.836 * 7696)
    marks = ["满意"] * good + ["不满意"] * (7696 - good) + ["未评价"] * 1150
    found = reduced(of_kind([share]), {"subject": ["s1"] * 8846, "mark": marks})
    told = objective({"one": found}, door.decided(found.ledger).scheme).iloc[0]
    assert told["denominator"] == 7696
    assert told["estimate"] == pytest.approx(83.6, abs=0.01)
    assert (round(told["bound_low"], 1), round(told["bound_high"], 1)) == (72.7, 85.7)


def test_a_month_of_counts_scores_94_69() -> None:
    """Xining's month: 670 received, all answered, 98.96% resolved, 94.69 at 0.6 for 基本满意."""
    measures = [
        {
            "code": "resolved",
            "name": "解决率",
            "how": "share",
            "numerator": "part",
            "denominator": "all",
        },
        {"code": "rated", "name": "满意度", "how": "score", "parts": {"value": 100, "other": 60}},
    ]
    one = of_kind(measures, rows="counts")
    # 581 satisfied and 89 basically satisfied: (581 + 0.6 x 89) / 670 = 94.687%.
    table = {"subject": ["s1"], "all": [670.0], "part": [663.0], "value": [581.0], "other": [89.0]}
    found = reduced(one, table)
    assert found.mean[0].round(2).tolist() == [98.96, 94.69]
    share = 663 / 670
    assert found.covariance[0, 0, 0] == pytest.approx(1e4 * share * (1 - share) / 669)


def test_a_curve_gives_what_the_rule_says() -> None:
    """clip(x - 75, 0, 20): 80 gives 5, 89.82 gives 14.82."""
    level = {
        "code": "x",
        "name": "率",
        "how": "level",
        "column": "value",
        "worst": 0,
        "best": 100,
        "width": 1,
    }
    curve = {"code": "y", "name": "得分", "how": "curve", "of": "x", "breaks": {"75": 0, "95": 20}}
    found = reduced(
        of_kind([level, curve]), {"subject": ["s1", "s2", "s3"], "value": [80.0, 89.82, 99.0]}
    )
    assert found.mean[:3, 1] == pytest.approx([5.0, 14.82, 20.0])
    ready = speaking.steady(found)
    # Half a width of 1 either way is a variance of 1/3; the slope is 1, beyond the end it is flat.
    assert ready.covariance[:2, 1, 1] == pytest.approx([1 / 3, 1 / 3])


def test_wilson_of_four_in_five() -> None:
    share = {"code": "s", "name": "率", "how": "share", "column": "mark", "hits": ["满意"]}
    found = reduced(of_kind([share]), {"subject": ["s1"] * 5, "mark": ["满意"] * 4 + ["不满意"]})
    told = objective({"one": found}, door.decided(found.ledger).scheme).iloc[0]
    assert (round(told["low"] / 100, 3), round(told["high"] / 100, 3)) == (0.376, 0.964)


def test_points_are_capped_by_category() -> None:
    """15 x 2 capped at 12, + 4 + 4 = 20."""
    points = {
        "code": "p", "name": "积分", "how": "points", "column": "value", "category": "kind",
        "caps": {"走访": 12}, "full": 40,
    }  # fmt: skip
    table = {
        "subject": ["s1"] * 17,
        "value": [2.0] * 15 + [4.0] * 2,
        "kind": ["走访"] * 15 + ["活动", "服务"],
    }
    found = reduced(of_kind([points]), table)
    assert found.raw[0, 0] == 20.0
    assert found.mean[0, 0] == 50.0


def test_a_rate_has_poissons_interval_and_needs_a_reason_to_be_scored() -> None:
    rate = {"code": "r", "name": "每千人", "how": "rate", "per": 1000, "scored": False}
    found = reduced(of_kind([rate]), {"subject": ["s1"] * 10 + ["s2"] * 30})
    told = objective({"one": found}, door.decided(found.ledger).scheme)
    assert told["estimate"].tolist()[:2] == [10.0, 30.0]
    # Garwood's exact interval of a count of 10.
    assert (round(told["low"][0], 3), round(told["high"][0], 3)) == (4.795, 18.39)
    assert told["score"].isna().all()
    one = of_kind([{**rate, "scored": True, "worst": 20, "best": 0}])
    assert [fault.code for fault in one.faults()] == ["ledger_incomplete"]


# --- few records, none, all alike -------------------------------------------------------------


SHARE = {"code": "s", "name": "率", "how": "share", "column": "mark", "hits": ["满意"]}


def of_shares(*counts: tuple[int, int], **more: object) -> Reduced:
    subjects = [f"s{at}" for at, (_, n) in enumerate(counts, 1) for _ in range(n)]
    marks = [m for good, n in counts for m in ["满意"] * good + ["不满意"] * (n - good)]
    return reduced(of_kind([SHARE], **more), {"subject": subjects, "mark": marks})


def test_none_of_four_and_all_of_eight_are_no_certainty() -> None:
    ready = speaking.steady(of_shares((0, 4), (8, 8), (30, 40), (50, 60)))
    raw = of_shares((0, 4), (8, 8), (30, 40), (50, 60)).covariance[:, 0, 0]
    assert raw[:2].tolist() == [0.0, 0.0]
    error = np.sqrt(ready.covariance[:, 0, 0])
    assert error[0] > 14
    assert error[1] > 10
    assert error[0] > error[1]
    assert error[3] == pytest.approx(np.sqrt(raw[3]), rel=0.3)


def test_where_every_cell_is_flat_the_streets_share_tells() -> None:
    ready = speaking.steady(of_shares((4, 4), (8, 8), (10, 10), (3, 3)))
    share = 25.5 / 26
    assert ready.covariance[:, 0, 0] == pytest.approx(
        1e4 * share * (1 - share) / np.array([4, 8, 10, 3])
    )


def test_without_a_record_the_streets_mean_stands_in_and_the_interval_widens() -> None:
    ready = speaking.steady(of_shares((10, 20), (16, 20), (12, 20), (0, 0)))
    assert ready.mean[3, 0] == pytest.approx((50 + 80 + 60) / 3)
    assert ready.filled[:, 0].tolist() == [False, False, False, True]
    means = np.array([50.0, 80.0, 60.0])
    between = max(means.var(ddof=1) - ready.covariance[:3, 0, 0].mean(), 0)
    assert ready.covariance[3, 0, 0] == pytest.approx(between + means.var(ddof=1) / 3)
    assert ready.covariance[3, 0, 0] > ready.covariance[:3, 0, 0].max()
    assert ready.df[3, 0] == 2.0


def test_without_a_record_it_may_stay_incomplete() -> None:
    ready = speaking.steady(of_shares((10, 20), (16, 20), (12, 20), (0, 0), when_none="incomplete"))
    assert np.isnan(ready.mean[3, 0])
    assert not ready.filled.any()


def test_records_about_one_person_are_one_cluster() -> None:
    marks = ["满意"] * 3 + ["不满意"] * 3
    table = {"subject": ["s1"] * 6, "mark": marks}
    alone = reduced(of_kind([SHARE]), table)
    together = reduced(of_kind([SHARE]), {**table, "cluster": ["c1"] * 3 + ["c2"] * 3})
    assert alone.covariance[0, 0, 0] == pytest.approx(2500 / 5)
    assert together.covariance[0, 0, 0] == pytest.approx(2500.0), "two persons, fully opposed"
    assert together.df[0, 0] == 1.0


def test_measures_first_then_their_mean(tmp_path: Path) -> None:
    """The share of callers who were rung back does not change what weighs how much."""
    rows = [
        row(
            order=f"W{at}",
            resolved="已解决" if at < 10 else "未解决",
            satisfied="满意" if at < 2 else "未评价",
        )
        for at in range(20)
    ]
    let = door.Let(tmp_path, HEADER, rows)
    assert let.records is not None
    found = reduce_records(let.records, let.ledger, let.decided)
    cells = speaking.cells_of(found, let.decided.scheme.group("line"), let.decided.scheme)
    assert cells.mean[0, 0] == pytest.approx((50.0 + 100.0) / 2)
    assert cells.n[0] == 20
    assert np.isnan(cells.n_effective).all()
    assert np.isnan(cells.mean[:, 1:]).all(), "the group judges one indicator"


# --- clocks -----------------------------------------------------------------------------------


def test_open_and_overdue_is_late_and_what_is_due_later_does_not_count(tmp_path: Path) -> None:
    rows = [
        row(),
        row(order="W2", closed="2016-03-06 10:00:00"),
        row(order="W3", closed="", state="处理中"),
        row(order="W4", due="2017-02-01 10:00:00", closed="", state="处理中"),
        row(order="W5", due="", closed="", state="处理中"),
        row(
            order="W6",
            opened="2015-12-20 09:00:00",
            due="2016-01-05 17:00:00",
            closed="2016-01-04 09:00:00",
        ),
    ]
    one = door.ledger(wave_by="opened")
    let = door.Let(tmp_path, HEADER, rows, one)
    assert let.records is not None
    found = reduce_records(let.records, one, let.decided)
    at = found.at("on_time")
    assert (found.hits[0, at], found.n[0, at]) == (2.0, 4.0)
    assert let.report is not None
    assert let.report.balance == {
        "carried_in": 1,
        "received": 5,
        "closed": 3,
        "withdrawn": 0,
        "open": 3,
    }
    assert found.n[0, found.at("resolved")] == 5, "the one of last year is of its own wave"


def test_without_an_end_of_the_wave_only_what_happened_tells_how_far_is_known(
    tmp_path: Path,
) -> None:
    rows = [row(), row(order="W2", due="2030-01-01 10:00:00", closed="", state="处理中")]
    let = door.Let(tmp_path, HEADER, rows, of=door.wave(start=None, end=None))
    assert let.records is not None
    assert let.records.until == pd.Timestamp("2016-03-04 10:00:01"), "that moment is known, too"
    found = reduce_records(let.records, let.ledger, let.decided)
    assert found.n[0, found.at("on_time")] == 0, "neither had fallen due by then"


@pytest.mark.parametrize(
    ("closed", "hits"), [("2016-03-05 00:00:00", 1.0), ("2016-03-06 00:00:00", 0.0)]
)
def test_a_day_without_a_time_is_compared_as_a_day(
    closed: str, hits: float, tmp_path: Path
) -> None:
    let = door.Let(tmp_path, HEADER, [row(closed=closed)])
    assert let.records is not None
    found = reduce_records(let.records, let.ledger, let.decided)
    assert found.hits[0, 0] == hits


BOSTON = """\
id: boston
title: Boston 311
key: [case]
opened: opened
closed: closed
columns:
  - {code: case, headers: [case_enquiry_id], holds: code}
  - {code: unit, headers: [neighborhood], holds: unit}
  - {code: opened, headers: [open_dt], holds: time}
  - {code: due, headers: [target_dt], holds: time}
  - {code: closed, headers: [closed_dt], holds: time}
  - {code: flag, headers: [ontime], holds: option}
clocks: [{code: on_time, name: on time, start: opened, stop: closed, due: due}]
measures:
  - {code: on_time, name: on time, how: share, clock: on_time}
"""


@pytest.mark.shared
def test_boston_published_flags_are_recomputed(shared: Path, tmp_path: Path) -> None:
    """77 closed cases with a target: every published flag comes out; 11 rows have no clock."""
    path = shared / "samples/ledgers/boston311_100.csv"
    raw = pd.read_csv(path, dtype=str)
    names = sorted({name.strip() for name in raw["neighborhood"].fillna("")} - {""})
    one = Ledger.model_validate(yaml.safe_load(BOSTON))
    let = door.Let(
        tmp_path, [], [], one, names=names, path=path, of=door.wave(id="2022", start=None, end=None)
    )
    assert let.records is not None
    assert let.codes == []
    known = raw[raw["neighborhood"].fillna("").str.strip() != ""]
    no_clock = int(raw["target_dt"].isna().sum())
    assert no_clock == 11
    table = let.records.table
    assert len(table) == len(known)
    whenever = replace(let.records, until=None)
    points = on_time(one.clocks[0], table, whenever, working_days())
    closed = table["closed"].notna() & table["due"].notna()
    expected = table["flag"].eq("ONTIME")
    assert (np.asarray(points == 100.0)[closed] == expected[closed]).all()
    whole = raw[raw["closed_dt"].notna() & raw["target_dt"].notna()]
    assert len(whole) == 77


# --- speed ------------------------------------------------------------------------------------


def test_a_hundred_thousand_records_are_read_in_time(tmp_path: Path) -> None:
    """Within 20 seconds and 500 MB; here a tenth, within a tenth."""
    rows = [
        row(
            order=f"W{at:06d}", handler=door.NAMES[at % 4],
            opened=f"2016-{1 + at % 11:02d}-01 09:{at % 60:02d}:00",
            due=f"2016-{1 + at % 11:02d}-20 09:00:00",
            closed=f"2016-{1 + at % 11:02d}-{2 + at % 25:02d} 10:{at % 60:02d}:00",
        )
        for at in range(10_000)
    ]  # fmt: skip
    began = time.process_time()
    tracemalloc.start()
    let = door.Let(tmp_path, HEADER, rows)
    assert let.records is not None
    reduce_records(let.records, let.ledger, let.decided)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50e6
    assert time.process_time() - began < 10.0, "memory is traced, which takes five times as long"


def test_a_changed_limit_is_another_measure() -> None:
    clocks = [{"code": "c", "name": "限", "start": "opened", "stop": "closed", "limit": 5}]
    measures = [{"code": "m", "name": "按时", "how": "share", "clock": "c"}]
    five = door.ledger(hotline.LEDGER, clocks=clocks, measures=measures)
    three = door.ledger(hotline.LEDGER, clocks=[clocks[0] | {"limit": 3}], measures=measures)
    renamed = door.ledger(hotline.LEDGER, clocks=[clocks[0] | {"name": "时限"}], measures=measures)
    assert speaking.definition(five, "m") != speaking.definition(three, "m")
    assert speaking.definition(five, "m") == speaking.definition(renamed, "m")


def test_a_clock_without_hours_has_the_mark_it_had_before_there_were_hours() -> None:
    """Or every measure of an older archive would be another one."""
    clock = {"code": "c", "name": "限", "start": "opened", "stop": "closed", "limit": 5}
    measures = [{"code": "m", "name": "按时", "how": "share", "clock": "c"}]
    plain = door.ledger(hotline.LEDGER, clocks=[clock], measures=measures)
    office = door.ledger(
        hotline.LEDGER, measures=measures,
        clocks=[clock | {"unit": "hours", "hours": "09:00-17:00"}],
    )  # fmt: skip
    ((marked,), (by_hours,)) = (speaking.definition(one, "m")[7] for one in (plain, office))
    assert set(marked) == {"code", "start", "stop", "limit", "due", "unit"}
    assert by_hours["hours"] == "09:00-17:00"


NYC = """\
id: nyc
title: NYC 311
key: [case]
opened: opened
closed: closed
columns:
  - {code: case, headers: [Unique Key], holds: code}
  - {code: unit, headers: [Community Board], holds: unit}
  - {code: opened, headers: [Created Date], holds: time}
  - {code: closed, headers: [Closed Date], holds: time}
"""


@pytest.mark.shared
def test_new_york_has_rows_of_no_board_and_closings_without_a_time(
    shared: Path, tmp_path: Path
) -> None:
    """10 rows of no board, 18 closures at midnight: days only."""
    path = shared / "samples/ledgers/nyc311_100.csv"
    raw = pd.read_csv(path, dtype=str)
    boards = sorted(raw["Community Board"].unique())
    nobody = [board for board in boards if "Unspecified" in board]
    used = ["Unique Key", "Community Board", "Created Date", "Closed Date"]
    codes = dict(zip(used, ["case", "unit", "opened", "closed"], strict=True))
    columns = [
        {"column": at, "header": name, "item": codes.get(name)}
        for at, name in enumerate(raw.columns, 1)
    ]
    crosswalk = Crosswalk.model_validate(
        {
            "id": "nyc",
            "ledger": "nyc",
            "layout": "x",
            "variant": "text",
            "approved": True,
            "columns": columns,
            "subjects": dict.fromkeys(nobody),
        }
    )
    names = [board for board in boards if board not in nobody]
    of = door.wave(id="2022", start=None, end=None)
    one = Ledger.model_validate(yaml.safe_load(NYC))
    let = door.Let(tmp_path, [], [], one, of, crosswalk, names, path)
    assert let.codes == []
    assert let.report is not None
    assert let.report.because(Reason.UNMATCHED_SUBJECT) == 10
    assert let.report.kept == 90
    closed = pd.to_datetime(raw["Closed Date"], format="%m/%d/%Y %I:%M:%S %p")
    assert int((closed == closed.dt.normalize()).sum()) == 18
    told = {note.code: note.count for note in let.report.notes}
    kept = ~raw["Community Board"].isin(nobody)
    assert told[NoteCode.LEDGER_DAYS_ONLY] == int((closed == closed.dt.normalize())[kept].sum())


def test_every_shipped_ledger_is_sound_and_says_what_it_assumes() -> None:
    names = assets.ledgers()
    assert len(names) == 16
    for name in names:
        problems = Problems()
        one = load_ledger(assets.ledger(name), f"{name}.yaml", problems)
        assert not problems, [str(problem) for problem in problems]
        assert one is not None
        assert one.id == name
        assert one.assumptions


def test_a_typed_sheet_is_read_back_without_a_crosswalk(tmp_path: Path) -> None:
    one = door.ledger()
    content = ledger_entry.workbook(one, door.roster().subjects)
    path = tmp_path / "typed.xlsx"
    path.write_bytes(content)
    book = openpyxl.load_workbook(path)
    sheet = book.active
    assert sheet is not None
    told = {str(v.sqref)[0]: v.prompt for v in sheet.data_validations.dataValidation}
    assert (told["A"], told["F"]) == ("编号，各不相同", "从列表中选（可以没有这一列）")
    assert [at for at, prompt in told.items() if "可以没有这一列" in prompt] == ["F"]
    sheet.append(row())
    book.save(path)
    let = door.Let(tmp_path, [], [], one, path=path)
    assert len(let.table) == 1


def test_a_draft_of_a_crosswalk_asks_what_it_does_not_know(tmp_path: Path) -> None:
    header = ["结案时间" if name == "办结时间" else name for name in HEADER]
    let = door.Let(tmp_path, [*header, "联系电话"], [[*row(satisfied="很好"), "1"]])
    assert let.codes == ["record_column_missing", "value_unknown"]
    assert let.sheet is not None
    drafted = draft(
        let.sheet, let.ledger, crosswalk_id="d", layout="x", problems=list(let.problems)
    )
    items = {mapping.header: mapping.item for mapping in drafted.columns}
    assert items["结案时间"] == "?"
    assert items["工单编号"] == "order"
    assert items["联系电话"] is None
    assert drafted.values == {"satisfied": {"很好": "?"}}
    assert not drafted.approved


# --- what is usual ----------------------------------------------------------------------------


@pytest.mark.parametrize("last", [1, 5, 20])
def test_beyond_the_usual_is_who_would_be_told_alone(last: int) -> None:
    found = of_shares((12, 20), (14, 20), (10, 20), (last, 20))
    told = objective({"one": found}, door.decided(found.ledger).scheme)
    street = told["estimate"].iloc[-1]
    assert street == pytest.approx(100 * (36 + last) / 80)
    own = told.iloc[:4]
    beyond = (own["estimate"] < own["expected_low"]) | (own["estimate"] > own["expected_high"])
    assert beyond.tolist() == (own["z"].abs() > 1.96).tolist()
    target = math.log(street / (100 - street))
    hits = own["numerator"].to_numpy()

    def placed(count: float) -> tuple[float, float]:
        a, b = count + 0.5, 20 - count + 0.5
        return math.log(a / b), 1 / a + 1 / b

    value, variance = placed(float(hits[1]))
    tau2 = ((value - target) / own["z"].iloc[1]) ** 2 - variance
    assert tau2 > -1e-9
    for column, edge, end in (("expected_low", -1.96, 0.0), ("expected_high", 1.96, 100.0)):
        assert own[column].tolist() == [own[column].iloc[0]] * 4, "all have twenty records"
        at = own[column].iloc[0]
        if at == end:  # even nobody, or everybody, would be usual
            value, variance = placed(20 * end / 100)
            assert abs((value - target) / math.sqrt(variance + tau2)) <= 1.96
            continue
        value, variance = placed(20 * at / 100)
        assert (value - target) / math.sqrt(variance + tau2) == pytest.approx(edge, abs=1e-6)


def test_a_rate_has_its_usual_ends_too() -> None:
    rate = {"code": "r", "name": "每千人", "how": "rate", "per": 1000, "scored": False}
    found = reduced(of_kind([rate]), {"subject": ["s1"] * 10 + ["s2"] * 30 + ["s3"] * 20})
    own = objective({"one": found}, door.decided(found.ledger).scheme).iloc[:3]
    assert own["z"].notna().all()
    assert (own["expected_low"] < 20).all()
    assert (own["expected_high"] > 20).all()
    beyond = (own["estimate"] < own["expected_low"]) | (own["estimate"] > own["expected_high"])
    assert beyond.tolist() == (own["z"].abs() > 1.96).tolist()


def test_the_streets_score_has_the_error_of_all_records_with_committees_as_they_are() -> None:
    """Squares about 60 and 50 are 5,600 and 10,000: a record varies by 5600 / 3 and 10000 / 3.

    Eight records make 55, with the mean of the two over eight.
    """
    marks = ["满意", "基本满意", "一般", "不满意", "满意", "满意", "不满意", "不满意"]
    found = reduced(
        of_kind([RATING], minimum_n=1), {"subject": ["s1"] * 4 + ["s2"] * 4, "mark": marks}
    )
    table = objective({"one": found}, door.decided(found.ledger).scheme).set_index("subject")
    street, se = table.loc["all"], math.sqrt((5600 / 3 + 10000 / 3) / 2 / 8)
    assert street["estimate"] == pytest.approx(55.0)
    assert street["se"] == pytest.approx(se)
    assert street["high"] - 55.0 == pytest.approx(1.959963984540054 * se)
    assert 55.0 - street["low"] == pytest.approx(1.959963984540054 * se)
