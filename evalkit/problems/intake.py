"""What can be wrong with a file of answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from evalkit.codes import Reason
from evalkit.errors import Problem
from evalkit.problems.rejections import REASONS

SUBJECT = "评估对象"


@dataclass(frozen=True, slots=True)
class Position:
    """Where in the files a fault is."""

    file: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None

    def of(self, problem: Problem) -> Problem:
        """Return the problem at this place."""
        return replace(problem, file=self.file, sheet=self.sheet, row=self.row, column=self.column)


def ambiguous_column(
    file: str,
    sheet: str | None,
    item: str,
    text: str,
    columns: Sequence[tuple[str, str]],
    row: int | None = None,
) -> Problem:
    """Several columns, as (letters, header), may be the item of that text.

    `row` is one in which several of them are filled, so that they are not branches of one question.
    """
    return Problem(
        "ambiguous_column",
        f"几列都像题目 {item}" + ("" if row is None else "，而且有的行填了不止一列"),
        file=file,
        sheet=sheet,
        row=row,
        column="、".join(letters for letters, _ in columns),
        expected=text,
        found="、".join(header for _, header in columns),
        remedy="改列名使其各不相同，或运行 evalkit check 起草对照表",
    )


def crosswalk_out_of_place(
    crosswalk: str, questionnaire: str, columns: int, column: int, item: str
) -> Problem:
    """Say that a crosswalk speaks of a column or an item that is not there."""
    return Problem(
        "crosswalk_out_of_place",
        "对照表引用了不存在的列或题目",
        file=f"对照表 {crosswalk}",
        key=f"columns[{column}]",
        expected=f"1 到 {columns} 列；问卷 {questionnaire} 的题目",
        found=f"第 {column} 列 -> {item}",
        remedy="改正对照表",
    )


def missing_column(
    file: str,
    sheet: str | None,
    item: str,
    stem: str | None,
    text: str,
    near: tuple[str, str, str | None] | None,
    row: int,
) -> Problem:
    """Say that an item that is needed has no column; `near` is (letters, header, stem) of a likely one.

    `row` is the row that was taken for the header.
    """
    under = f"（总题干“{near[2]}”）" if near and near[2] else ""
    like = f"相近的列名：{near[1]}{under}" if near else "没有相近的列名"
    return Problem(
        "missing_column",
        f"缺少题目 {item} 的列",
        file=file,
        sheet=sheet,
        row=row,
        column=near[0] if near else None,
        expected=(f"{stem}—" if stem else "") + text,
        found=f"{like}（以第 {row} 行为表头）",
        remedy="改正列名；表头不止一行或认错的，在 evaluation.yaml 的该文件下写明 header_rows；"
        "或运行 evalkit check 起草对照表，核对后批准",
    )


def unclear_variant(file: str, sheet: str | None) -> Problem:
    """Whether cells hold labels, numbers or scores cannot be told."""
    return Problem(
        "unclear_variant",
        "看不出单元格里是选项文字、选项序号还是分数",
        file=file,
        sheet=sheet,
        expected="与问卷选项一致的文字、序号或分数",
        remedy="在 evaluation.yaml 的该文件下写明 variant: text / number / score",
    )


def times_contradict(place: Position, rows: Sequence[tuple[int, str]]) -> Problem:
    """Say that the dates of a column cannot all be read in one order of day and month."""
    return place.of(
        Problem(
            "times_contradict",
            "同一列的日期写法互相矛盾：有的只能是“月/日/年”，有的只能是“日/月/年”",
            expected="整列用一种写法，如 2026-09-05",
            found="；".join(f"第 {row} 行 {text}" for row, text in rows),
            remedy="把这一列的日期改成 2026-09-05 这样的写法",
        )
    )


def times_swapped(place: Position, count: int, rows: Sequence[tuple[int, str]]) -> Problem:
    """Say that day and month of a column's dates have changed places, which decides about rows."""
    return place.of(
        Problem(
            "times_swapped",
            f"日期的月和日像是被表格软件对调了：{count} 行照现在的写法不在本批次之内，对调回来就在",
            expected="答卷提交的日期，如 2026-09-05",
            found="；".join(f"第 {row} 行 {text}" for row, text in rows),
            remedy="不要双击打开 CSV：从平台重新导出，或导入时把这一列设为文本；"
            "日期本来没有错的，删去批次之外的行",
        )
    )


def times_ambiguous(
    place: Position, count: int, readings: Sequence[tuple[str, dt.date]]
) -> Problem:
    """Say that a column's dates can be read in several orders, which differ in what is in the wave."""
    return place.of(
        Problem(
            "times_ambiguous",
            f"看不出日期中哪个是月、哪个是日（{count} 行），而答卷是否在本批次之内取决于此",
            expected="整列用一种没有歧义的写法，如 2026-09-05",
            found=" 或 ".join(f"{day}（{ORDERS[order]}）" for order, day in readings),
            remedy="把这一列的日期改成 2026-09-05 这样的写法",
        )
    )


ORDERS: Mapping[str, str] = {"ymd": "年/月/日", "mdy": "月/日/年", "dmy": "日/月/年"}
"""How the orders of a date's figures are called."""


def times_unreadable(place: Position, count: int, written: int) -> Problem:
    """Say that most times of submission of a file cannot be read."""
    return place.of(
        Problem(
            "times_unreadable",
            f"{written} 个提交时间中有 {count} 个读不出，不能核对答卷是否在本批次之内",
            expected="到日或到秒的时间，如 2026-09-05 10:00:00",
            remedy="把这一列改成这样的写法；若它不是提交时间，改列名；若没有用，删去这一列",
        )
    )


def wrong_wave(
    place: Position,
    wave: str,
    outside: int,
    dates: Sequence[dt.date],
    period: tuple[dt.date | None, dt.date | None],
    years: Sequence[tuple[str, int]],
) -> Problem:
    """Most answers of a file were submitted outside the wave; `dates` are those of all.

    `years` counts those outside by year.
    """
    start, end = period
    return place.of(
        Problem(
            "wrong_wave",
            f"这个文件不像是批次 {wave} 的：{outside}/{len(dates)} 份答卷不在该批次内提交",
            expected=f"{start or '……'} 至 {end or '……'}",
            found=f"{min(dates)} 至 {max(dates)}；批次之外的："
            + "、".join(f"{year} 年 {count} 行" for year, count in years),
            remedy="把文件放到正确的批次；一个文件里有几个批次的，按年份拆成几个文件；"
            "或在 evaluation.yaml 改正该批次的 start 和 end",
        )
    )


def no_usable_row(file: str, sheet: str | None, rejected: Mapping[Reason, int]) -> Problem:
    """No row of a file is an answer; `rejected` counts why."""
    why = (f"{REASONS[r].format(subject=SUBJECT)} {n} 行" for r, n in rejected.items())
    return Problem(
        "no_usable_row",
        "文件里没有一份可用的答卷",
        file=file,
        sheet=sheet,
        expected="至少一份",
        found="；".join(why) or "0 行",
        remedy="检查文件是否放错，或上面列出的原因",
    )


def unmatched_subject(place: Position, name: str, rows: int, near: Sequence[str]) -> Problem:
    """Say that a name, in so many rows, is not in the roster; `near` are names like it."""
    return place.of(
        Problem(
            "unmatched_subject",
            f"名册中没有这个{SUBJECT}（{rows} 行）",
            expected="名册中的名称或别名" + (f"；相近的有：{'、'.join(near)}" if near else ""),
            found=name,
            remedy="在名册的 aliases 中加上这个名称；"
            "或在对照表 subjects 中写明它指谁，不计则写 null",
        )
    )


def subject_not_in_wave(place: Position, wave: str, name: str) -> Problem:
    """Say that the roster says that a subject did not exist in the wave."""
    return place.of(
        Problem(
            "subject_not_in_wave",
            f"名册注明该{SUBJECT}在批次 {wave} 不存在",
            found=name,
            remedy="改正名册的 since / until，或检查文件是否放错批次",
        )
    )


def empty_group(wave: str, code: str, name: str) -> Problem:
    """Nobody of a rater group answered in the wave."""
    return Problem(
        "empty_group",
        f"批次 {wave} 没有一份“{name}”的有效答卷",
        file="evaluation.yaml",
        key=f"waves({wave}).files",
        expected=f"至少一份 {code} 答卷",
        found="0",
        remedy="补上该主体的文件；或确认方案中的主体与问卷填写一致",
    )


def same_answers(file: str, other: str, count: int | None) -> Problem:
    """Two files hold the same answers, so many or (None) all of them."""
    how = "内容完全相同" if count is None else f"{count} 份答卷相同（含提交时间等）"
    return Problem(
        "same_answers",
        "两个文件都声称有同样的答卷",
        file=file,
        expected="每份答卷只在一个文件里",
        found=f"与 {other} {how}",
        remedy="同一批答卷导出了两次的，从 evaluation.yaml 删去其中一个；"
        "只有一部分相同的，删去其中一个文件里的这些行",
    )
