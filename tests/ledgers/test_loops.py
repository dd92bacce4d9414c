"""Loops: through which states records went, how long it took with what is open, and the files of it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
import yaml

from evalkit import assets
from evalkit.answers.event_log import event_log
from evalkit.answers.flowing import determined, flows, tellable_flows
from evalkit.answers.timing import clocks
from evalkit.codes import NoteCode
from evalkit.definitions.evaluation import ResponseFile
from evalkit.definitions.ledger import Ledger
from evalkit.errors import InputErrors, Problems
from evalkit.handout import hand_out_events
from evalkit.intake.ledger_loops import paths
from evalkit.intake.ledgers import LedgerSource
from evalkit.platforms import RawSheet, read
from evalkit.tables import FRAMES
from tests.ledgers import door
from tests.ledgers.test_numbers import of_kind

ORDERS = assets.ledger("orders").read_text(encoding="utf-8")
HEADER = (
    "单号",
    "居民区",
    "点单时间",
    "派单时间",
    "认领时间",
    "接单时间",
    "转办时间",
    "办结时间",
    "状态",
    "评单",
)
TIMES = ("asked", "sent", "claimed", "taken", "passed", "done")


def order(number: str, *times: str, mark: str = "", unit: str = "甲居民区") -> list[str]:
    """Return an order with its times of March 2016, as day and hour: "1 09"; what is last, counts."""
    told = [f"2016-03-{t[:-3].zfill(2)} {t[-2:]}:00:00" if t else "" for t in times]
    done = len(times) == len(TIMES) and times[-1]
    return [number, unit, *told, *[""] * (6 - len(told)), "办结" if done else "接单", mark]


def let_in(
    folder: Path, rows: Sequence[Sequence[str]], header: Sequence[str] = HEADER, **changes: Any
) -> door.Let:
    return door.Let(folder, header, rows, door.ledger(ORDERS, **{"minimum_n": 1, **changes}))


def flows_of(let: door.Let) -> pd.DataFrame:
    assert not let.problems, [str(p) for p in let.problems]
    assert let.records is not None
    return flows(let.records, let.ledger)


def notes_of(let: door.Let) -> dict[NoteCode, tuple[int | None, dict[str, object]]]:
    assert let.report is not None
    return {note.code: (note.count, dict(note.facts)) for note in let.report.notes}


PLAIN = ("1 09", "1 13", "", "2 09", "", "4 09")
LOOP = [
    order("A1", *PLAIN, mark="满意"),
    order("A2", "1 09", "1 11", "1 12", "2 12", "", "3 12"),
    order("A3", "1 09", "1 19", "", "2 19", "3 19", "9 19", mark="未评"),
    order("A4", "1 09", "1 17", "", "", "", ""),
]
"""Plain and rated; claimed; handed on, and not rated; sent and no more."""


def test_orders_flow_from_state_to_state_and_nobody_is_lost(tmp_path: Path) -> None:
    rows = [*LOOP[:3], [*LOOP[3][:8], "派单", ""]]
    let = let_in(tmp_path, rows)
    found = flows_of(let)
    told = {(r.from_state, r.to_state): (r.n, r.median_hours) for r in found.itertuples()}
    assert {pair: n for pair, (n, _) in told.items()} == {
        ("点单", "派单"): 4, ("派单", "认领"): 1, ("派单", "接单"): 2, ("派单", ""): 1,
        ("认领", "接单"): 1, ("接单", "转办"): 1, ("接单", "办结"): 2, ("转办", "办结"): 1,
        ("办结", "评单"): 1, ("办结", ""): 2, ("评单", ""): 1,
    }  # fmt: skip
    assert list(told)[:4] == [("点单", "派单"), ("派单", "认领"), ("派单", "接单"), ("派单", "")]
    # 4, 2, 10 and 8 hours from 点单 to 派单: by hand, and their quartiles between.
    first = found.iloc[0]
    assert (first.q1_hours, first.median_hours, first.q3_hours) == (3.5, 6.0, 8.5)
    assert found["foreseen"].all()
    assert np.isnan(told["办结", "评单"][1]), "nobody wrote when it was rated"
    for state, out in found.groupby("from_state"):
        came = found.loc[found["to_state"] == state, "n"].sum()
        assert out["n"].sum() == (4 if state == "点单" else came)
        assert out["share"].sum() == pytest.approx(1.0)
    told_notes = notes_of(let)
    assert not {NoteCode.LEDGER_WENT_BACK, NoteCode.LEDGER_STEP_LACKING} & set(told_notes)


def test_what_goes_back_or_lacks_a_state_is_noted_with_its_row(tmp_path: Path) -> None:
    back = order("B1", "2 09", "1 09", "", "3 09", "", "4 09")
    lacking = order("B2", "1 09", "1 10", "", "", "", "4 09")
    again = order("B3", "1 09", "4 10", "", "5 09", "3 09", "6 09")
    let = let_in(tmp_path, [LOOP[0], back, lacking, again])
    told = notes_of(let)
    assert NoteCode.LEDGER_WENT_BACK == "ledger_went_back"
    assert NoteCode.LEDGER_STEP_LACKING == "ledger_step_lacking"
    assert told[NoteCode.LEDGER_WENT_BACK] == (1, {"step": "派单→点单", "rows": "3"})
    assert told[NoteCode.LEDGER_STEP_LACKING] == (1, {"step": "接单", "rows": "4"})
    found = flows_of(let).set_index(["from_state", "to_state"])
    assert not found.loc[("派单", "点单"), "foreseen"]
    assert not found.loc[("派单", "办结"), "foreseen"], "接单 must not be left out"
    assert found.loc[("转办", "派单"), "foreseen"], "declared beside the order"


def test_a_column_that_the_file_lacks_makes_no_record_lack_a_state(tmp_path: Path) -> None:
    kept = [at for at, name in enumerate(HEADER) if name != "派单时间"]
    let = let_in(
        tmp_path, [[row[at] for at in kept] for row in LOOP[:3]], [HEADER[at] for at in kept]
    )
    assert NoteCode.LEDGER_STEP_LACKING not in notes_of(let)
    assert flows_of(let).set_index(["from_state", "to_state"]).loc[("点单", "接单"), "foreseen"]


def test_a_day_without_an_hour_neither_goes_back_nor_has_hours(tmp_path: Path) -> None:
    row = order("D1", "1 00", "1 09", "", "1 08", "", "3 09")
    let = let_in(tmp_path, [row, LOOP[0]])
    assert NoteCode.LEDGER_WENT_BACK not in notes_of(let)
    assert let.records is not None
    took = flows(let.records, let.ledger)
    assert took["median_hours"].iloc[0] == 2.0, "0 of the day, 4 of the other"


def test_too_few_flows_are_told_neither_themselves_nor_by_the_shares_beside_them() -> None:
    found = pd.DataFrame(
        [("a", "b", 3), ("a", "c", 40), ("a", "", 60), ("b", "", 3), ("c", "", 40)],
        columns=["from_state", "to_state", "n"],
    )
    # Out of a the 3 to b are hidden, and beside them the smallest, 40 to c: else the share of it
    # tells. Whatever came into c stays there, so the 40 that stay go, too.
    assert tellable_flows(found, 5).tolist() == [False, False, True, False, False]
    assert tellable_flows(found.assign(n=50), 5).all()


def test_what_comes_into_a_state_and_does_not_go_out_of_it_is_not_computed() -> None:
    """80 come into b and 77 go on: beside both, the 3 that stay would be known."""
    found = pd.DataFrame(
        [
            *(("a", "b", 80), ("a", "c", 60), ("a", "", 9)),
            *(("b", "c", 77), ("b", "", 3)),
            *(("c", "d", 100), ("c", "", 37)),
            ("d", "", 100),
        ],
        columns=["from_state", "to_state", "n"],
    )
    shown = tellable_flows(found, 5)
    assert not shown[4], "too few"
    assert not shown[3], "or the share of it would tell"
    before, after = (found[name].to_numpy(dtype=object) for name in ("from_state", "to_state"))
    assert not determined(before, after, shown)
    alone = np.array([True, True, True, True, False, True, True, True])
    assert determined(before, after, alone) == [4]
    # Nobody who knows all sums and what is told can solve for what is not, by brute force either.
    n = found["n"].to_numpy()
    other = n.copy()
    for place in np.flatnonzero(~shown):
        assert any(_same_sums(before, after, n, shown, place, step) for step in (-1, 1)), other


def _same_sums(
    before: np.ndarray, after: np.ndarray, n: np.ndarray, shown: np.ndarray, place: int, step: int
) -> bool:
    """Tell whether the hidden flows can be others, this one by a step, with every sum as it was."""
    hidden = [at for at in np.flatnonzero(~shown) if at != place]
    for moves in itertools.product((-1, 0, 1), repeat=len(hidden)):
        other = n.copy()
        other[place] += step
        other[hidden] += np.array(moves, dtype=int)
        told = {state for state, is_told in zip(before, shown, strict=True) if is_told}
        sums = [
            (values[before == state].sum(), values[after == state].sum())
            for values in (n, other)
            for state in sorted({*before})
        ]
        half = len(sums) // 2
        states = sorted({*before})
        fits = all(
            sums[at] == sums[half + at]
            if state in told
            else sums[at][0] - sums[at][1] == sums[half + at][0] - sums[half + at][1]
            for at, state in enumerate(states)
        )
        if fits and n[after == ""].sum() == other[after == ""].sum():
            return True
    return False


def test_few_records_have_no_durations_and_empty_counts(tmp_path: Path) -> None:
    let = let_in(tmp_path, LOOP[:3], minimum_n=5)
    found = flows_of(let)
    assert found["n"].isna().all()
    assert found[["share", "median_hours"]].isna().all(axis=None)
    assert let.records is not None
    told = clocks(let.records, let.ledger, let.decided)
    assert (
        told.loc[told["subject"] == "all", ["n", "due_n", "median", "done"]].isna().all(axis=None)
    )


# --- clocks with open records -----------------------------------------------------------------


def test_open_orders_count_as_waiting_and_working_days_as_deadlines_count_them(
    tmp_path: Path,
) -> None:
    """Sent on Tuesday 1 March; the limit is two working days."""
    taken = ["1 10", "2 10", "3 10", "4 10", "7 10"]
    rows = [order(f"C{at}", "1 08", "1 09", "", t, "", "") for at, t in enumerate(taken)]
    rows += [[*order(f"O{at}", "1 08", "1 09")[:8], "派单", ""] for at in range(3)]
    let = let_in(tmp_path, rows)
    assert let.records is not None
    records = let.records
    one = clocks(records, let.ledger, let.decided).iloc[0]
    assert (one["n"], one["censored"], one["due_n"]) == (8, 3, 8)
    assert one["done"] == pytest.approx(100 * 3 / 8), "0, 1 and 2 working days"
    assert one["on_time"] == one["done"]
    assert one["median"] == 3.0
    assert np.isnan(one["p90"]), "five of eight were ever taken"


def test_what_ended_after_the_wave_is_open_in_it(tmp_path: Path) -> None:
    rows = [order(f"C{at}", "1 08", "30 09", "", "31 10", "", "") for at in range(4)]
    rows += [
        [*order(f"L{at}", "1 08", "30 09")[:5], "2016-04-20 09:00:00", "", "", "接单", ""]
        for at in range(4)
    ]
    march = door.wave(start="2016-03-01", end="2016-03-31")
    let = door.Let(tmp_path, HEADER, rows, door.ledger(ORDERS, minimum_n=1), of=march)
    assert let.records is not None
    one = clocks(let.records, let.ledger, let.decided).iloc[0]
    assert (one["n"], one["censored"]) == (8, 4)
    assert one["median"] == 1.0, "half of them within a working day; the others go on"


# --- a table of events ------------------------------------------------------------------------


EVENTS = """\
id: events
title: 流转记录
columns:
  - {code: case, headers: [单号], holds: code}
  - {code: unit, headers: [居民区], holds: unit}
  - {code: state, headers: [环节], holds: option}
  - {code: at, headers: [时间], holds: time}
key: [case, state, at]
case: case
state: state
happened: at
minimum_n: 1
states:
  - {name: 点单}
  - {name: 派单}
  - {name: 接单}
  - {name: 评单, values: [评单, 评价]}
"""


def test_a_table_of_events_is_the_same_loop(tmp_path: Path) -> None:
    rows = [
        ["A", "甲居民区", "派单", "2016-03-02 09:00"], ["A", "甲居民区", "点单", "2016-03-01 09:00"],
        ["A", "甲居民区", "接单", "2016-03-02 19:00"],
        ["A", "甲居民区", "接单", "2016-03-02 19:00"], ["A", "甲居民区", "评价", "2016-03-04 09:00"],
        ["B", "乙居民区", "点单", "2016-03-01 09:00"], ["B", "乙居民区", "接单", "2016-03-05 09:00"],
        ["B", "乙居民区", "派单", "2016-03-06 09:00"],
    ]  # fmt: skip
    let = door.Let(tmp_path, ("单号", "居民区", "环节", "时间"), rows, door.ledger(EVENTS))
    found = flows_of(let)
    told = {(r.from_state, r.to_state): r.foreseen for r in found.itertuples()}
    assert told == {
        ("点单", "派单"): True, ("点单", "接单"): False, ("派单", "接单"): True, ("派单", ""): True,
        ("接单", "派单"): False, ("接单", "评单"): True, ("评单", ""): True,
    }  # fmt: skip
    assert notes_of(let)[NoteCode.LEDGER_WENT_BACK][0] == 1
    assert let.report is not None
    assert let.report.counted("duplicates") == 1


def test_what_a_loop_lacks_is_told_at_once() -> None:
    data = yaml.safe_load(EVENTS)
    data["states"] += [{"name": "点单", "at": "state"}, {"name": "办结", "at": "at"}]
    data["transitions"] = [{"before": "评单", "after": "退单"}]
    data["happened"], data["key"] = None, []
    data["measures"] = [{"code": "n", "name": "数", "how": "rate", "scored": False}]
    codes = [(f.code, f.found) for f in Ledger.model_validate(data).faults()]
    assert codes == [
        ("duplicate_id", "点单（2 次）"), ("unknown_reference", "state"), ("ledger_incomplete", "写了"),
        ("ledger_incomplete", "写了"), ("unknown_reference", "退单"), ("ledger_incomplete", "只写了一部分"),
        ("ledger_incomplete", "没有"),
        ("ledger_incomplete", "1 个"),
    ]  # fmt: skip
    wide = {**yaml.safe_load(ORDERS), "states": [{"name": "点单"}], "transitions": []}
    assert [f.code for f in Ledger.model_validate(wide).faults()] == ["ledger_incomplete"]


RECEIPT = """\
id: receipt
title: Receipt phase of permits
columns:
  - {code: case, headers: ["case:concept:name"], holds: code}
  - {code: unit, headers: ["case:channel"], holds: unit}
  - {code: state, headers: ["concept:name"], holds: option}
  - {code: at, headers: ["time:timestamp"], holds: time}
  - {code: began, headers: ["case:startdate"], holds: time}
  - {code: ended, headers: ["case:enddate"], holds: time}
  - {code: planned, headers: ["case:enddate_planned"], holds: time}
  - {code: task, headers: ["concept:instance"], holds: code}
key: [task]
case: case
state: state
happened: at
drop: ["case:deadline", "case:department"]
clocks:
  - {code: planned, name: as planned, start: began, stop: ended, due: planned}
"""


def test_the_receipt_log_has_its_cases_events_activities_and_variants(shared: Path) -> None:
    """200 cases, 1,204 events, 20 activities, 31 variants, 13 of them open."""
    file = shared / "samples/ledgers/receipt_events_200cases.csv"
    groups = ["Internet", "Desk", "e-mail", "Post"]
    let = door.Let(
        file, (), (), door.ledger(RECEIPT), door.wave(start=None, end=None), None, groups, file
    )
    assert let.codes == ["end_before_start"], "line 130: it really ended before it began"
    assert let.records is not None
    table = let.records.table
    path = paths(table, let.ledger)
    assert (path["record"].nunique(), len(path), path["state"].nunique()) == (200, 1204, 20)
    variants = path.groupby("record")["state"].agg("→".join)
    assert variants.nunique() == 31
    found = flows(let.records, let.ledger)
    assert found.loc[found["to_state"] == "", "n"].dropna().le(200).all()
    told = clocks(let.records, let.ledger, let.decided)
    street = told[told["subject"] == "all"].iloc[0]
    assert (street["n"], street["censored"]) == (200, 13)
    # By statsmodels' SurvfuncRight of the same lengths; the closed alone would say 50.3 days.
    assert (street["median"], street["p90"]) == pytest.approx((53.6114, 115.664), abs=1e-3)
    at = table.drop_duplicates("case")
    due = at["planned"] < let.records.until
    late = at["ended"].isna() | (at["ended"] > at["planned"])
    assert street["due_n"] == due.sum()
    assert street["on_time"] == pytest.approx(100 * (due & ~late).sum() / due.sum())
    closed = at["ended"].notna()
    assert street["on_time"] < 100 * (closed & ~late).sum() / closed.sum(), "closed only flatters"


# --- events for researchers -------------------------------------------------------------------


def test_events_have_the_names_of_xes_and_nothing_of_persons(tmp_path: Path) -> None:
    rows = [
        *(order(f"P{at}", *PLAIN, mark="满意") for at in range(5)),
        *(order(f"Q{at}", *PLAIN, unit="乙居民区") for at in range(6)),
        order("T1", *PLAIN, unit="丙居民区"),
        order("T2", *PLAIN, unit="丁居民区"),
    ]
    let = let_in(tmp_path, rows, minimum_n=2)
    assert let.records is not None
    found, untimed = event_log(let.records, let.ledger, let.decided)
    assert list(found) == [
        "case:concept:name", "concept:name", "time:timestamp", "lifecycle:transition", "org:group",
    ]  # fmt: skip
    assert found["concept:name"].tolist()[:4] == ["点单", "派单", "接单", "办结"]
    assert found["time:timestamp"].iloc[0] == "2016-03-01T09:00:00+08:00"
    assert found["case:concept:name"].iloc[0] == "c01"
    assert (len(found), untimed) == (52, 5), "of five is only known that they were rated"
    assert set(found["org:group"]) == {"s1", "s2", ""}, "one order each of two committees"
    open_keys = let.ledger.model_copy(update={"keys_public": True})
    told, _ = event_log(let.records, open_keys, let.decided)
    assert set(told["case:concept:name"]) == {row[0] for row in rows}


def test_the_order_of_cases_tells_nothing_of_the_file(tmp_path: Path) -> None:
    """Numbers go by the first event; of those at one moment by a mark that forgets the rows."""
    later = ("2 09", "2 13", "", "3 09", "", "5 09")
    rows = [order("Z9", *later), *(order(f"P{at}", *PLAIN) for at in range(6))]
    found = [
        event_log(let.records, let.ledger, let.decided)[0]
        for let in (let_in(tmp_path, rows), let_in(tmp_path, rows[::-1]))
        if let.records is not None
    ]
    assert found[0].equals(found[1])
    moments = found[0].groupby("case:concept:name", sort=True)["time:timestamp"].min()
    assert moments.is_monotonic_increasing
    assert moments.iloc[-1] > moments.iloc[-2]


def test_keys_that_look_personal_become_numbers_though_the_ledger_calls_them_public(
    tmp_path: Path,
) -> None:
    rows = [order(f"P{at}", *PLAIN) for at in range(5)]
    for key, kept in (("13912345678", False), ("P9", True)):
        let = let_in(tmp_path, [*rows, order(key, *PLAIN)])
        assert let.records is not None
        ledger = let.ledger.model_copy(update={"keys_public": True})
        told, _ = event_log(let.records, ledger, let.decided)
        assert (key in set(told["case:concept:name"])) is kept
        assert ("P0" in set(told["case:concept:name"])) is kept


def test_the_file_of_events_says_that_it_is_not_to_be_handed_on(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(
        "\n".join(",".join(row) for row in [HEADER, *LOOP[:3]]), encoding="utf-8", newline=""
    )
    one = door.ledger(ORDERS)
    sheet = read(path, name=path.name, problems=Problems())
    assert sheet is not None
    source = LedgerSource(ResponseFile(file=path.name, ledger="orders"), sheet, one)
    wave = door.decided(one).order.waves[-1].id
    events, note = hand_out_events(door.decided(one), {wave: [source]}, "orders", wave)
    assert events.name == f"orders-{wave}-events.csv"
    assert events.content.decode().startswith("case:concept:name,concept:name,time:timestamp,")
    assert "A1" not in events.content.decode()
    said = note.content.decode("utf-8-sig")
    assert said.startswith("内部研究用，不得转交，不得公布")
    assert events.by_hand == (said.splitlines()[0],)
    assert f"3 件、{events.content.decode().count('complete')} 次流转" in said


def test_without_records_or_states_there_are_no_events() -> None:
    for ledger, code in ((door.ledger(), "no_states"), (door.ledger(ORDERS), "no_records")):
        entry = ResponseFile(file="x", ledger="hotline")
        sources = {"2016": [LedgerSource(entry, cast(RawSheet, None), ledger)]}  # never looked at
        wave = "2016" if code == "no_states" else "2015"
        with pytest.raises(InputErrors) as raised:
            hand_out_events(door.decided(ledger), sources, ledger.id, wave)
        assert [problem.code for problem in raised.value.problems] == [code]


def test_without_loops_and_before_anything_happened_there_are_no_flows(tmp_path: Path) -> None:
    let = let_in(tmp_path, LOOP[1:2])
    assert len(flows_of(let)) > 0
    assert let.records is not None
    early = replace(let.records, until=pd.Timestamp("2016-03-01 08:00:00"))
    for records, ledger in ((early, let.ledger), (let.records, of_kind([]))):
        found = flows(records, ledger)
        assert (len(found), list(found)) == (0, [column.name for column in FRAMES["flows"]])
