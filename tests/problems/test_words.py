"""What problems say where it depends on what was found."""

from __future__ import annotations

import errno

import pytest

from evalkit.errors import Problem
from evalkit.problems import archive, cells, checklist, exports, intake, keeping, ledgers
from evalkit.problems.intake import Position

PLACE = Position("f.csv", None, 3, "B")
LONG = "长" * 59 + "甲乙丙"
"""62 signs, of which 60 are shown: the last of them is 甲."""


def test_an_unknown_format_and_a_table_with_other_columns_are_told() -> None:
    assert archive.other_format(None, 8).found == "格式 未知，本版本能读格式 1 至 8"
    assert archive.other_format("9", 8).found == "格式 9，本版本能读格式 1 至 8"
    found = archive.other_format("7", 8, table="scores").found
    assert found == "格式 7，但表 scores 的列不同，本版本能读格式 1 至 8"


def undecided(found: str, hint: tuple[str, str] | None) -> Problem:
    return cells.undecided_value(PLACE, "A1", found, 2, ["1 好", "2 差"], hint, False)


def test_a_value_is_shown_with_what_it_may_mean_and_not_at_full_length() -> None:
    assert undecided("挺好", None).found == "挺好"
    assert undecided("挺好", ("1", "好")).found == "挺好；可能是“好”（1），请核对"
    assert undecided(LONG, None).found == LONG[:60]
    label = cells.label_without_option(PLACE, "A1", ("7", "挺好"), 2, ["1 好"], None)
    assert label.found == "7（挺好）"
    near = cells.label_without_option(PLACE, "A1", ("7", "挺好"), 2, ["1 好"], ("1", "好"))
    assert near.found == "7（挺好）；可能是“好”（1），请核对"


def state(found: str) -> str | None:
    return checklist.unknown_state("f.xlsx", "清单", 4, "F", ["已办结"], found).found


def test_a_cell_of_a_list_is_shown_where_it_is_nobody_s_own_words() -> None:
    assert state(" 办了 ") == "办了"
    assert state("  ") == "（空）"
    assert state("请打 13800138000") != "请打 13800138000"


@pytest.mark.parametrize(
    ("bare", "shown"),
    [
        ("约好下月再去一趟，和居民代表一起看看，看完以后再定。" * 2, True),
        ("王小明", False),
        ("电话 13800138000", False),
    ],
)
def test_long_words_are_shown_only_where_they_are_the_list_s_own(bare: str, shown: bool) -> None:
    assert (checklist._shown(bare, own_words=False) == bare[:60]) == shown
    assert checklist._shown(bare) != bare[:60]


def test_columns_that_are_not_there_and_columns_that_are_there_twice() -> None:
    def words(count: int) -> str:
        return exports.declared_column_missing("f", None, "k", "c", count, ["a"]).message

    assert words(0) == "k 里写的列在文件中找不到"
    assert words(2) == "k 里写的列在文件中有 2 列，不知是哪一列"


def test_columns_alike_are_told_with_a_row_that_fills_several() -> None:
    columns = [("A", "办事"), ("C", "办事")]
    without = intake.ambiguous_column("f", None, "A1", "办事", columns)
    assert without.message == "几列都像题目 A1"
    one = intake.ambiguous_column("f", None, "A1", "办事", columns, row=7)
    assert one.message == "几列都像题目 A1，而且有的行填了不止一列"


@pytest.mark.parametrize(
    ("near", "column", "found"),
    [
        (None, None, "没有相近的列名（以第 2 行为表头）"),
        (("C", "办事快", None), "C", "相近的列名：办事快（以第 2 行为表头）"),
        (("C", "办事快", "满意吗"), "C", "相近的列名：办事快（总题干“满意吗”）（以第 2 行为表头）"),
    ],
)
def test_a_column_that_lacks_is_told_with_one_that_is_like_it(
    near: tuple[str, str, str | None] | None, column: str | None, found: str
) -> None:
    problem = intake.missing_column("f", None, "A1", "您满意吗", "办事", near, 2)
    assert (problem.column, problem.found, problem.expected) == (column, found, "您满意吗—办事")


def test_all_or_some_answers_are_the_same() -> None:
    assert intake.same_answers("f", "g", None).found == "与 g 内容完全相同"
    assert intake.same_answers("f", "g", 5).found == "与 g 5 份答卷相同（含提交时间等）"


@pytest.mark.parametrize(
    ("error", "file", "message"),
    [
        (OSError(errno.ENOTDIR, "no", "a"), "a", "路径中间有一段是文件，不是文件夹"),
        (OSError(errno.ENOTDIR, "no", b"a\xff"), "a\ufffd", "路径中间有一段是文件，不是文件夹"),
        (OSError(errno.EXDEV, "no", "a", None, "b"), "b", "out 与评估文件夹不在同一个磁盘上"),
        (OSError("something"), None, "文件无法读写"),
    ],
)
def test_what_a_disk_refuses_is_told_of_the_file_that_was_written(
    error: OSError, file: str | None, message: str
) -> None:
    problem = keeping.disk_failed(error)
    assert (problem.file, problem.message) == (file, message)


def test_five_rows_are_listed_and_the_others_counted() -> None:
    assert ledgers._rows([1, 2, 3, 4, 5]) == "第 1、2、3、4、5 行"
    assert ledgers._rows([1, 2, 3, 4, 5, 6]) == "第 1、2、3、4、5 行等 6 行"


def test_a_stated_rate_that_is_another_column_s_is_told() -> None:
    assert ledgers.stated_otherwise(PLACE, "90%", "80%", None).found == "90%"
    found = ledgers.stated_otherwise(PLACE, "90%", "80%", "办结率").found
    assert found == "90%；它与“办结率”相同，两列的标题可能写反了"


@pytest.mark.parametrize("length", [59, 60, 61, 200])
def test_of_a_long_cell_sixty_characters_are_shown(length: int) -> None:
    assert checklist._shown("条" * length, own_words=False) == "条" * min(length, 60)
