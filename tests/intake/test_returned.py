"""Returned lists: what they say of every task, and everything that can be wrong with them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from evalkit.codes import TaskState
from evalkit.definitions.checklist import Returned, Task, as_workbook
from evalkit.definitions.evaluation import EvaluationOrder, Wave
from evalkit.errors import Problem, Problems
from evalkit.intake.returned import Given, read_returned

ORDER = EvaluationOrder(
    title="小评估",
    street="测试街道",
    waves=[
        Wave(id="2015", start=dt.date(2015, 11, 1), end=dt.date(2015, 12, 31)),
        Wave(id="2016", start=dt.date(2016, 11, 1), end=dt.date(2016, 12, 31)),
    ],
)


def task(number: int, subject: str = "s1", name: str = "甲居民区") -> Task:
    return Task(
        f"2015-{subject}-{number:02d}", subject, name, "整改", "办事", "80 分", "集中办理",
        "书记", "60 天内", "下次得分", "A1",
    )  # fmt: skip


TASKS = [*(task(n) for n in (1, 2, 3)), task(1, "s2", "乙居民区"), task(2, "s2", "乙居民区")]
FILLED: Mapping[str, Mapping[str, str]] = {
    "2015-s1-01": {
        "状态": "已完成", "实际完成日期": "2016-03-01", "佐证材料": "台账", "核查意见": "属实",
        "办理情况": "张建国 13800138000 家已办",
    },
    "2015-s1-02": {"状态": "已完成", "实际完成日期": "2016年3月1日", "佐证材料": "台账"},
    "2015-s1-03": {"状态": "推进中", "新时限": "2017/3/31"},
    "2015-s2-01": {"状态": "不再适用", "未完成或不再适用的原因": "已拆迁"},
}  # fmt: skip


def write(path: Path, filled: Mapping[str, Mapping[str, str]] = FILLED) -> Given:
    path.write_bytes(as_workbook("2015", TASKS, title="清单", synthetic=True, filled=filled))
    return Given(path, f"follow-up/{path.name}")


def read(*given: Given) -> tuple[Returned | None, list[Problem]]:
    problems = Problems()
    return read_returned("2015", given, ORDER, problems), list(problems)


def spoilt(path: Path, change: Callable[[Worksheet], object]) -> list[Problem]:
    given = write(path / "2015.xlsx")
    book = openpyxl.load_workbook(given.path)
    change(book["整改清单"])
    book.save(given.path)
    found, problems = read(given)
    assert (found is None) == bool(problems)
    return problems


def test_every_task_has_a_state_and_what_was_written_is_kept_nowhere(tmp_path: Path) -> None:
    found, problems = read(write(tmp_path / "2015.xlsx"))
    assert not problems
    assert found is not None
    assert [r.task for r in found.reports] == TASKS
    assert [r.state for r in found.reports] == [
        TaskState.DONE, TaskState.SAID_DONE, TaskState.GOING_ON, TaskState.DROPPED, TaskState.UNREPORTED,
    ]  # fmt: skip
    assert [r.done for r in found.reports[:3]] == [dt.date(2016, 3, 1), dt.date(2016, 3, 1), None]
    assert found.reports[2].until == dt.date(2017, 3, 31)
    assert found.reports[3].reason
    assert "张建国" not in repr(found)
    assert "台账" not in repr(found)


@pytest.mark.parametrize("lacking", ["实际完成日期", "佐证材料", "核查意见"])
def test_done_without_day_evidence_or_check_is_only_said_to_be_done(
    tmp_path: Path, lacking: str
) -> None:
    own = {k: v for k, v in FILLED["2015-s1-01"].items() if k != lacking}
    found, problems = read(write(tmp_path / "2015.xlsx", {"2015-s1-01": own}))
    assert not problems
    assert found is not None
    assert found.reports[0].state is TaskState.SAID_DONE


def test_what_is_filled_in_by_half_is_a_note_and_who_reports_nothing_is_named(
    tmp_path: Path,
) -> None:
    filled = {
        "2015-s1-01": {"状态": "推进中"},
        "2015-s1-02": {"状态": "不再适用"},
        "2015-s1-03": {"办理情况": "办了"},
    }
    found, problems = read(write(tmp_path / "2015.xlsx", filled))
    assert not problems
    assert found is not None
    silent, halves = found.notes()
    assert (silent.code, silent.count) == ("tasks_not_reported", 3)
    assert silent.facts["names"] == ("甲居民区", "乙居民区")
    assert halves.code == "reports_incomplete"
    assert halves.facts == {"claimed": 0, "undated": 1, "unreasoned": 1, "stateless": 1}


def test_lines_in_another_order_and_columns_beside_them_change_nothing(tmp_path: Path) -> None:
    def mixed(page: Worksheet) -> None:
        rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=4)]
        for at, row in enumerate(reversed(rows), start=4):
            for column, value in enumerate(row, start=1):
                page.cell(at, column).value = value
        page.cell(3, 19).value = "备注"
        page.cell(4, 19).value = "自己的话"

    plain, _ = read(write(tmp_path / "2014.xlsx"))
    assert not spoilt(tmp_path, mixed)
    found, _ = read(Given(tmp_path / "2015.xlsx", "follow-up/2015.xlsx"))
    assert found is not None
    assert plain is not None
    assert found.reports == plain.reports


def test_a_day_that_a_spreadsheet_keeps_as_a_day_is_read(tmp_path: Path) -> None:
    def typed(page: Worksheet) -> None:
        page["K4"] = dt.datetime(2016, 5, 4)

    assert not spoilt(tmp_path, typed)
    found, _ = read(Given(tmp_path / "2015.xlsx", "x"))
    assert found is not None
    assert found.reports[0].done == dt.date(2016, 5, 4)


def test_all_faults_are_told_at_once_with_their_place(tmp_path: Path) -> None:
    def change(page: Worksheet) -> None:
        page["J4"] = "完成了"
        page["K5"] = "2016-02-30"
        page["K6"] = "2015-01-01"
        page["D7"] = "办事快"
        page["A8"] = "2015-s9-01"

    found = spoilt(tmp_path, change)
    assert [(p.code, p.row, p.column) for p in found] == [
        ("unknown_state", 4, "J 状态"),
        ("impossible_date", 5, "K 实际完成日期"),
        ("impossible_date", 6, "K 实际完成日期"),
        ("task_changed", 7, "D 存在问题"),
        ("unknown_task", 8, "A 编号"),
    ]
    assert {p.file for p in found} == {"follow-up/2015.xlsx"}
    assert {p.sheet for p in found} == {"整改清单"}
    assert all(p.expected and p.found and p.remedy for p in found)
    assert found[2].expected == "2015-12-31 到 2018-01-01 之间"
    assert (found[3].expected, found[3].found) == ("办事", "办事快")


def test_what_looks_personal_is_masked_in_a_problem(tmp_path: Path) -> None:
    def change(page: Worksheet) -> None:
        page["J4"] = "找张建国 13800138000"

    (found,) = spoilt(tmp_path, change)
    assert "13800138000" not in str(found)


def test_one_task_in_two_lines_is_a_problem(tmp_path: Path) -> None:
    def change(page: Worksheet) -> None:
        for column in range(1, 11):
            page.cell(9, column).value = page.cell(4, column).value

    (found,) = spoilt(tmp_path, change)
    assert (found.code, found.row) == ("task_twice", 9)
    assert found.found == "2015-s1-01（另见 follow-up/2015.xlsx 第 4 行）"


def test_copies_filled_in_by_each_committee_make_one_list(tmp_path: Path) -> None:
    one = write(tmp_path / "a.xlsx", {k: v for k, v in FILLED.items() if "s1" in k})
    two = write(tmp_path / "b.xlsx", {k: v for k, v in FILLED.items() if "s2" in k})
    both, problems = read(one, two)
    assert not problems
    whole, _ = read(write(tmp_path / "2015.xlsx"))
    assert both is not None
    assert whole is not None
    assert both.reports == whole.reports


def test_two_copies_that_say_two_things_of_one_task_are_a_problem(tmp_path: Path) -> None:
    one = write(tmp_path / "a.xlsx", {"2015-s1-01": {"状态": "推进中"}})
    two = write(tmp_path / "b.xlsx", {"2015-s1-01": {"状态": "未启动"}})
    _, (found,) = read(one, two)
    assert (found.code, found.file) == ("task_twice", "follow-up/b.xlsx")
    assert read(one, write(tmp_path / "c.xlsx", {"2015-s1-01": {"状态": "推进中"}}))[1] == []


def test_a_heading_that_is_gone_is_a_problem(tmp_path: Path) -> None:
    def change(page: Worksheet) -> None:
        page["J3"] = "情况"

    (found,) = spoilt(tmp_path, change)
    assert (found.code, found.row, found.expected) == ("list_columns", 3, "状态")


def test_a_workbook_of_ones_own_is_no_list(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active["A1"] = "编号"
    book.save(tmp_path / "own.xlsx")
    _, (found,) = read(Given(tmp_path / "own.xlsx", "follow-up/2015.xlsx"))
    assert found.code == "not_a_list"


def test_the_list_of_another_wave_is_a_problem(tmp_path: Path) -> None:
    given = write(tmp_path / "2014.xlsx")
    problems = Problems()
    assert read_returned("2014", [given], ORDER, problems) is None
    (found,) = problems
    assert (found.code, found.expected, found.found) == ("list_of_another_wave", "2014", "2015")


def test_a_list_without_a_task_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "2015.xlsx"
    path.write_bytes(as_workbook("2015", [], title="清单", synthetic=False))
    found, problems = read(Given(path, "follow-up/2015.xlsx"))
    assert not problems
    assert found is not None
    assert found.reports == ()
    assert found.notes() == ()


def test_a_damaged_file_is_a_problem_and_no_more(tmp_path: Path) -> None:
    path = tmp_path / "2015.xlsx"
    path.write_bytes(write(tmp_path / "x.xlsx").path.read_bytes()[:3000])
    found, problems = read(Given(path, "follow-up/2015.xlsx"))
    assert found is None
    assert problems
