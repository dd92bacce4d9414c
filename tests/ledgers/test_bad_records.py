"""What streets' tables do wrong: each is found at the door, with where it is and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from evalkit.codes import NoteCode, Reason
from evalkit.definitions.crosswalk import Crosswalk
from tests.ledgers import door, hotline

HEADER = hotline.HEADER[:-1]
GOOD = (
    *("W1", "甲居民区", "2016-03-01 09:00:00", "2016-03-05 17:00:00", "2016-03-04 10:00:00"),
    *("办结", "已解决", "满意"),
)
COUNTS = """\
id: month
title: 月报
rows: counts
columns:
  - {code: unit, headers: [单位], holds: unit}
  - {code: all, headers: [派遣案件总数], holds: number}
  - {code: good, headers: [按时办结数], holds: number}
  - {code: late, headers: [超时办结数], holds: number}
  - {code: open, headers: [未办结数], holds: number}
  - {code: rate, headers: [结案率], holds: number, required: false}
  - {code: in_time, headers: [按时结案率], holds: number, required: false}
  - {code: done, headers: [结案数], holds: number, required: false}
balances:
  - {total: all, parts: [good, late, open]}
measures:
  - {code: on_time, name: 按时结案率, how: share, numerator: good, denominator: all, stated: in_time}
  - {code: closed, name: 结案率, how: share, numerator: done, denominator: all, stated: rate}
"""


def row(**changes: str) -> list[str]:
    names = ("order", "handler", "opened", "due", "closed", "state", "resolved", "satisfied")
    return list((dict(zip(names, GOOD, strict=True)) | changes).values())


def others(count: int = 3) -> list[list[str]]:
    return [row(order=f"V{at}", handler=door.NAMES[at % 4]) for at in range(count)]


CASES: dict[str, tuple[list[list[str]], str, int, str]] = {
    "closed before opened": ([row(closed="2016-02-01 09:00:00")], "end_before_start", 2, "E"),
    "due before opened": ([row(due="2016-02-01 09:00:00")], "deadline_before_start", 2, "D"),
    "closed without a date": ([row(closed="")], "closed_without_time", 2, "E"),
    "an updated column taken for closed": ([row(state="处理中")], "open_with_time", 2, "E"),
    "one key, two stories": ([row(), row(satisfied="不满意")], "key_twice", 2, "A"),
    "an empty part of the key": ([row(order=" ")], "key_incomplete", 2, "A"),
    "an unknown unit": ([row(handler="戊居民区")], "unmatched_subject", 2, "B"),
    "several units in a cell": ([row(handler="甲居民区、乙居民区")], "several_units", 2, "B"),
    "24:00": ([row(closed="2016-03-04 24:00")], "time_unread", 2, "E"),
    "an order of figures nobody can tell": (
        [row(opened="03/02/2016 09:00")], "time_order_unclear", 2, "C",
    ),
    "zones mixed": (
        [row(closed="2016-03-04T10:00:00+08:00"), row(order="W2", closed="2016/3/4 11:00")],
        "time_zones_mixed", 3, "E",
    ),
    "an option nobody declared": ([row(satisfied="非常好")], "value_unknown", 2, "H"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_contradiction_is_a_problem_with_its_row_and_column(name: str, tmp_path: Path) -> None:
    rows, code, line, column = CASES[name]
    let = door.Let(tmp_path, HEADER, [*rows, *others()])
    assert let.codes == [code]
    problem = next(iter(let.problems))
    assert (problem.file, problem.row) == ("records.csv", line)
    assert str(problem.column).startswith(f"{column} ")
    assert problem.remedy


def test_excel_serials_half_days_and_chinese_dates_are_read(tmp_path: Path) -> None:
    rows = [row(closed="2016年3月4日 下午3:05"), row(order="W2", closed="42433.5")]
    table = door.Let(tmp_path, HEADER, rows).table
    assert table["closed"].astype(str).tolist() == ["2016-03-04 15:05:00", "2016-03-04 12:00:00"]


def test_every_row_is_accounted_for(tmp_path: Path) -> None:
    rows = [
        row(),
        row(),
        row(order="W2", state="撤单", closed=""),
        row(order="W3", due="2015-03-05 17:00:00", opened="2015-03-01 08:00:00"),
        row(order="W4", handler=""),
        ["合计", "", "", "", "", "", "", ""],
        ["合　计", "9", "", "", "", "", "", ""],
        ["", "填表人：张三", "", "", "审核人：李四", "", "", ""],
        ["", "注：数据截至年底", "", "", "", "", "", ""],
        [""] * 8,
        list(HEADER),
        row(order="W5", handler="乙社区居委会"),
    ]
    let = door.Let(tmp_path, HEADER, rows)
    assert let.report is not None
    assert len(let.table) == 2
    report = let.report
    left = {entry.reason: entry.count for entry in report.left_out}
    assert left == {
        Reason.HEADER_ROW: 1, Reason.FOOTER: 4, "撤单": 1, Reason.NO_SUBJECT: 1,
        Reason.DUPLICATE: 1, Reason.OUTSIDE_PERIOD: 1, Reason.BLANK: 1,
    }  # fmt: skip
    parts = [report.counted(how) for how in ("excluded", "duplicates", "rejected")]
    assert report.read == report.kept + sum(parts) == 12
    assert report.because(Reason.NO_SUBJECT) == 1


def test_a_personal_column_that_nobody_dropped_is_refused_without_echo(tmp_path: Path) -> None:
    header = (*HEADER, "来电号码", "备注说明", "反映人")
    rows = [
        [*row(order=f"W{at}"), f"1380013800{at}", "无", name]
        for at, name in enumerate(("张建国", "李梅", "王强"))
    ]
    let = door.Let(tmp_path, header, rows)
    assert let.codes == ["personal_column_refused"] * 2
    told = "\n".join(str(problem) for problem in let.problems)
    assert "13800138" not in told
    assert "张" not in told
    assert "李" not in told
    assert [str(p.column)[:1] for p in let.problems] == ["I", "K"]


def test_names_of_units_are_no_names_of_persons(tmp_path: Path) -> None:
    """陈平, 石泉 and 张建国 would pass for somebody's names, and are committees."""
    names = ("陈平", "石泉", "张建国")
    rows = [[*row(order=f"W{at}", handler="陈平"), name] for at, name in enumerate(names)]
    header = (*HEADER, "事发区域")
    units = ("陈平居民区", "石泉居民区", "张建国居民区")
    assert door.Let(tmp_path, header, rows, names=units).codes == []
    strangers = [*rows, [*row(order="W9", handler="陈平"), "李梅"]]
    assert door.Let(tmp_path, header, strangers, names=units).codes == ["personal_column_refused"]


def test_a_signed_total_in_the_column_of_units_is_no_unit(tmp_path: Path) -> None:
    rows = months(
        ("甲居民区", 10, 8, 1, 1, 9, "90%", "80%"),
        ("合 计", 10, 8, 1, 1, 9, "90%", "80%"),
        ("审核人：李四", "", "", "填表人：张三", "", "", "", ""),
    )
    let = door.Let(tmp_path, HEADS, rows, door.ledger(COUNTS))
    assert let.codes == []
    assert len(let.table) == 1


def test_what_is_dropped_is_not_read_and_nobody_is_kept(tmp_path: Path) -> None:
    text = hotline.LEDGER.replace(
        "columns:\n", "columns:\n  - {code: who, headers: [来电人], holds: person}\n", 1
    )
    header = (*HEADER, "来电人姓名", "来电人")
    rows = [
        [*row(order=f"W{at}"), "张建国", name] for at, name in enumerate(("李梅", "王强", "李梅"))
    ]
    let = door.Let(tmp_path, header, rows, door.ledger(text))
    assert let.table["cluster"].tolist() == ["c1", "c2", "c1"]
    assert "who" not in let.table
    assert let.report is not None
    assert let.report.dropped == ("来电人姓名",)


def test_a_title_row_above_the_header_does_no_harm(tmp_path: Path) -> None:
    rows = [HEADER, *others(5)]
    let = door.Let(tmp_path, ["诉求查询明细结果", *[""] * 7], rows)
    assert len(let.table) == 5
    assert let.report is not None
    assert NoteCode.TITLE_ROWS in {note.code for note in let.report.notes}


def test_days_only_bulk_closings_one_rating_and_nobody_in_charge_are_told(tmp_path: Path) -> None:
    bulk = [row(order=f"B{at}", closed="2016-03-04 10:01:00") for at in range(12)]
    days = [row(order="D1", closed="2016-03-05 00:00:00")]
    nobody = [row(order=f"N{at}", handler="") for at in range(8)]
    let = door.Let(tmp_path, HEADER, [*bulk, *days, *nobody])
    assert let.report is not None
    assert not let.problems
    told = {note.code: note.count for note in let.report.notes}
    assert told[NoteCode.LEDGER_BULK_CLOSINGS] == 12
    assert told[NoteCode.LEDGER_DAYS_ONLY] == 1
    assert told[NoteCode.LEDGER_ONE_RATING] == 13
    assert told[NoteCode.LEDGER_UNATTRIBUTED] == 8


def test_a_missing_column_names_what_it_may_be_called(tmp_path: Path) -> None:
    header = ["结束时间" if name == "办结时间" else name for name in HEADER]
    let = door.Let(tmp_path, header, others())
    assert let.codes == ["record_column_missing"]
    assert next(iter(let.problems)).expected == "办结时间"


def test_two_columns_of_one_name_are_not_guessed(tmp_path: Path) -> None:
    let = door.Let(tmp_path, (*HEADER, "办结时间"), [[*row(), "2016-03-09 10:00:00"]])
    assert let.codes == ["record_column_twice"]


def test_a_crosswalk_maps_columns_values_and_units(tmp_path: Path) -> None:
    header = ["结束时间" if name == "办结时间" else name for name in HEADER]
    columns = [
        {"column": at, "header": h, "item": item}
        for at, (h, item) in enumerate(
            zip(
                header,
                ["order", "handler", "opened", "due", "closed", "state", "resolved", "satisfied"],
                strict=True,
            ),
            1,
        )
    ]
    crosswalk = Crosswalk.model_validate(
        {
            "id": "x", "ledger": "hotline", "layout": "x", "variant": "text", "approved": True,
            "columns": columns,
            "values": {"satisfied": {"非常好": "满意", "拒答": None, "还行": "?"}},
            "subjects": {"城管科": None, "甲居": "s1"},
        }
    )  # fmt: skip
    rows = [
        row(handler="甲居", satisfied="非常好"),
        row(order="W2", handler="城管科"),
        row(order="W3", satisfied="拒答"),
    ]
    let = door.Let(tmp_path, header, rows, crosswalk=crosswalk)
    assert let.table["satisfied"].tolist() == ["满意", ""]
    assert let.report is not None
    assert let.report.because(Reason.UNMATCHED_SUBJECT) == 1
    undecided = door.Let(tmp_path, header, [row(satisfied="还行")], crosswalk=crosswalk)
    assert undecided.codes == ["column_undecided"]


def months(*rows: Sequence[object]) -> list[list[str]]:
    return [[str(cell) for cell in row] for row in rows]


HEADS = (
    "单位",
    "派遣案件总数",
    "按时办结数",
    "超时办结数",
    "未办结数",
    "结案数",
    "结案率",
    "按时结案率",
)


@pytest.mark.parametrize(
    ("bad", "code", "column"),
    [
        (("甲居民区", 10, 12, 0, -2, 10, "", ""), "number_unread", "E"),
        (("甲居民区", 10, 11, 0, 0, 10, "", ""), "part_above_whole", "C"),
        (("甲居民区", 10, 5, 2, 1, 7, "", ""), "counts_do_not_add_up", "B"),
        (("甲居民区", "=SUM(B2)", 5, 2, 1, 7, "", ""), "number_unread", "B"),
    ],
)
def test_counts_that_cannot_be_are_problems(
    bad: tuple[object, ...], code: str, column: str, tmp_path: Path
) -> None:
    let = door.Let(
        tmp_path, HEADS, months(bad, ("乙居民区", 10, 8, 1, 1, 9, "", "")), door.ledger(COUNTS)
    )
    assert code in let.codes
    problem = next(p for p in let.problems if p.code == code)
    assert problem.row == 2
    assert str(problem.column).startswith(column)


def test_a_part_may_be_the_whole(tmp_path: Path) -> None:
    rows = months(("甲居民区", 10, 10, 0, 0, 10, "", ""), ("乙居民区", 10, 8, 1, 1, 9, "", ""))
    let = door.Let(tmp_path, HEADS, rows, door.ledger(COUNTS))
    assert (let.codes, len(let.table)) == ([], 2)


def test_a_rate_that_the_file_states_is_held_against_its_counts(tmp_path: Path) -> None:
    rows = months(
        ("甲居民区", 10, 8, 1, 1, 9, "80%", "90%"), ("乙居民区", 20, 10, 5, 5, 15, "50%", "75%")
    )
    let = door.Let(tmp_path, HEADS, rows, door.ledger(COUNTS))
    assert let.codes == ["stated_otherwise"] * 2
    assert "结案率" in str(next(iter(let.problems)).found), "two headings are swapped"
    right = months(
        ("甲居民区", 10, 8, 1, 1, 9, "90%", "80%"), ("合计", 10, 8, 1, 1, 9, "90%", "80%")
    )
    assert len(door.Let(tmp_path, HEADS, right, door.ledger(COUNTS)).table) == 1


def test_a_file_of_another_wave_has_no_record_that_counts(tmp_path: Path) -> None:
    let = door.Let(
        tmp_path, HEADER, others(), of=door.wave(id="2015", start="2015-01-01", end="2015-12-31")
    )
    assert let.codes == ["no_usable_record"]


def test_a_ledger_without_a_row_is_a_problem(tmp_path: Path) -> None:
    assert door.Let(tmp_path, HEADER, []).codes == ["no_answers"]


def told(let: door.Let) -> dict[NoteCode, int | None]:
    assert let.report is not None
    assert let.codes == []
    return {note.code: note.count for note in let.report.notes}


def at_once(count: int, others: int, **changes: str) -> list[list[str]]:
    """Closings of ten minutes, and others half an hour apart; ratings in turn."""
    marks = ("满意", "不满意")
    rows = [
        row(order=f"B{at}", closed=f"2016-03-04 10:0{at % 10}:30", satisfied=marks[at % 2])
        for at in range(count)
    ]
    rows += [
        row(order=f"C{at}", closed=f"2016-03-{5 + at // 24:02d} {at % 24:02d}:20:00")
        for at in range(others)
    ]
    return rows


def test_ten_closings_in_ten_minutes_are_told_where_they_are_more_than_a_tenth(
    tmp_path: Path,
) -> None:
    found = {
        (count, rest): told(door.Let(tmp_path, HEADER, at_once(count, rest))).get(
            NoteCode.LEDGER_BULK_CLOSINGS
        )
        for count, rest in ((9, 1), (10, 1), (10, 89), (10, 90), (11, 90))
    }
    assert found == {(9, 1): None, (10, 1): 10, (10, 89): 10, (10, 90): None, (11, 90): 11}


def test_ten_ratings_all_alike_are_told_and_nine_or_one_other_are_not(tmp_path: Path) -> None:
    def alike(*marks: str) -> int | None:
        rows = [
            row(order=f"B{at}", satisfied=mark, closed=f"2016-03-04 {at:02d}:10:00")
            for at, mark in enumerate(marks)
        ]
        return told(door.Let(tmp_path, HEADER, rows)).get(NoteCode.LEDGER_ONE_RATING)

    assert alike(*["满意"] * 9) is None
    assert alike(*["满意"] * 9, "未评价") is None, "who gave none is no tenth"
    assert alike(*["满意"] * 10, "未评价") == 10
    assert alike(*["满意"] * 10, "不满意") is None


def test_records_of_nobody_are_told_where_they_are_more_than_three_in_ten(tmp_path: Path) -> None:
    for nobody, known, expected in ((3, 7, None), (4, 9, 4), (3, 6, 3)):
        rows = [row(order=f"N{at}", handler="") for at in range(nobody)]
        let = door.Let(tmp_path, HEADER, [*rows, *others(known)])
        assert told(let).get(NoteCode.LEDGER_UNATTRIBUTED) == expected


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"closed": "2016-03-01 09:00:00"}, None),
        ({"closed": "2016-03-01 08:59:59"}, "end_before_start"),
        ({"closed": "2016-03-01"}, None),  # a day is over at its end
        ({"closed": "2016-02-29"}, "end_before_start"),
        ({"due": "2016-03-01 09:00:00"}, None),
        ({"due": "2016-03-01 08:59:59"}, "deadline_before_start"),
        ({"due": "2016-03-01"}, None),
        ({"due": ""}, None),
        ({"opened": "", "due": "", "closed": "2016-03-01"}, None),
    ],
)
def test_nothing_ends_before_it_begins_to_the_second(
    changes: dict[str, str], code: str | None, tmp_path: Path
) -> None:
    let = door.Let(tmp_path, HEADER, [row(**changes), *others()])
    assert let.codes == ([] if code is None else [code])


@pytest.mark.parametrize(
    ("stated", "wrong"),
    [("90%", False), ("90.05%", False), ("89.95%", False), ("90.06%", True), ("89.9%", True)],
)
def test_a_stated_rate_is_printed_with_one_decimal_at_least(
    stated: str, wrong: bool, tmp_path: Path
) -> None:
    rows = months(
        ("甲居民区", 10, 8, 1, 1, 9, stated, "80%"), ("乙居民区", 0, 0, 0, 0, 0, "5%", "")
    )
    let = door.Let(tmp_path, HEADS, rows, door.ledger(COUNTS))
    assert let.codes == (["stated_otherwise"] if wrong else [])


def test_a_rate_of_nothing_and_one_whose_columns_lack_are_held_against_nothing(
    tmp_path: Path,
) -> None:
    rows = months(("甲居民区", 10, 8, 1, 1, 9, "90%", "80%"), ("乙居民区", 0, 0, 0, 0, 3, "5%", ""))
    assert door.Let(tmp_path, HEADS, rows, door.ledger(COUNTS)).codes == ["part_above_whole"]
    without = [[cell for at, cell in enumerate(cells) if at != 5] for cells in rows]
    heads = [head for head in HEADS if head != "结案数"]
    let = door.Let(tmp_path, heads, without, door.ledger(COUNTS))
    assert (let.codes, len(let.table)) == ([], 2)


@pytest.mark.parametrize("name", list(CASES))
def test_of_several_rows_with_one_fault_the_first_is_named(name: str, tmp_path: Path) -> None:
    rows, code, _, column = CASES[name]
    again = [[f"{cells[0]}2".strip() if cells[0].strip() else " ", *cells[1:]] for cells in rows]
    let = door.Let(tmp_path, HEADER, [*others(), *rows, *again])
    problem = next(p for p in let.problems if p.code == code)
    first = {"one key, two stories": 5, "zones mixed": 6}.get(name, 5)
    assert (problem.row, str(problem.column)[0]) == (first, column)


def test_of_several_times_that_cannot_be_read_the_first_is_shown(tmp_path: Path) -> None:
    rows = [
        row(order="W1", closed="早上"),
        row(order="W2", closed="晚上"),
        row(order="W3", closed=""),
    ]
    (problem,) = door.Let(tmp_path, HEADER, [*others(), *rows]).problems
    assert (problem.code, problem.row) == ("time_unread", 5)
    assert "早上" in str(problem)
    assert "晚上" not in str(problem)


def test_of_several_counts_that_cannot_be_the_first_is_named(tmp_path: Path) -> None:
    rows = months(
        ("丁居民区", 10, 8, 1, 1, 9, "90%", "80%"),
        ("甲居民区", 10, 11, 0, 0, 10, "", ""),
        ("乙居民区", 10, 12, 0, 0, 10, "", ""),
        ("丙居民区", 10, 8, 1, 1, 9, "91%", "80%"),
        ("丙居民区", 10, 8, 1, 1, 9, "92%", "80%"),
    )
    let = door.Let(tmp_path, HEADS, rows, door.ledger(COUNTS))
    assert [(p.code, p.row) for p in let.problems] == [
        ("part_above_whole", 3), ("counts_do_not_add_up", 3), ("stated_otherwise", 5),
    ]  # fmt: skip
    sums, stated = list(let.problems)[1:]
    assert "11" in str(sums.found)
    assert "91%" in str(stated)
    assert "92%" not in str(stated)
