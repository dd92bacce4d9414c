"""What can be wrong with a cell: nothing explains it, nobody decided it, or it looks personal."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit import numerals, personal
from evalkit.errors import Problem
from evalkit.problems.intake import SUBJECT, Position

LONGEST = 60
"""Letters of a found text that a problem shows."""

MARKS = ("1 / 0", "TRUE / FALSE", "是 / 否", "√ / 空白", "选项文字或选项序号 / 空白")
"""What a column of one option may hold: chosen, and not."""


def unknown_option(
    place: Position, item: str, found: str, count: int, options: Sequence[str]
) -> Problem:
    """Say that a value, in so many rows, is none of the options."""
    return place.of(
        Problem(
            "unknown_option",
            f"题目 {item} 没有这个选项（{count} 行）",
            expected=" / ".join(options),
            found=found[:LONGEST],
            remedy="改正文件中的文字；或在问卷中补上该选项；或在对照表 values 中写明它对应哪个选项",
        )
    )


def no_number(
    place: Position, item: str, found: str, count: int, limits: str, options: Sequence[str]
) -> Problem:
    """Say that a value, in so many rows, is no number within the limits and no missing option."""
    mark = numerals.mark(found)
    how = {
        None: "改正文件中的数",
        "percent": "去掉百分号，写成问卷所用的数",
        "thousands": "去掉千分位逗号",
    }[mark]
    return place.of(
        Problem(
            "no_number",
            f"题目 {item} 没有这个取值（{count} 行）",
            expected=" / ".join([limits, *options]),
            found=found[:LONGEST],
            remedy=f"{how}；或在对照表 values 中写明它对应哪个数、哪个不计分的选项，"
            "不是数的可写 null（无效）",
        )
    )


def undecided_value(
    place: Position,
    item: str,
    found: str,
    count: int,
    options: Sequence[str],
    hint: tuple[str, str] | None,
    null: bool,
) -> Problem:
    """Say that an approved crosswalk leaves open what a value means; `hint` is (code, label).

    `null` says that it has null, from a draft of an older version that asks to look at it.
    """
    near = "" if hint is None else f"；可能是“{hint[1]}”（{hint[0]}），请核对"
    return place.of(
        Problem(
            "undecided_value",
            f"对照表还没有决定题目 {item} 的这个取值（{count} 行）",
            expected=" / ".join(options),
            found=f"{found[:LONGEST]}{near}",
            remedy=f"在对照表 values 的 {item} 下写明它对应哪个选项序号；回答无效的写 null"
            + (
                "，并把 columns 中 because 里对它的“请核对”删去（旧版草稿的 null 不算决定）"
                if null
                else ""
            ),
        )
    )


def label_without_option(
    place: Position,
    item: str,
    found: tuple[str, str],
    count: int,
    options: Sequence[str],
    hint: tuple[str, str] | None,
) -> Problem:
    """Say that the codebook calls a number by a label, (number, label), that no option has."""
    number, label = found
    near = "" if hint is None else f"；可能是“{hint[1]}”（{hint[0]}），请核对"
    return place.of(
        Problem(
            "label_without_option",
            f"题目 {item}：按文本的文件把序号 {number} 叫作“{personal.shown(label)}”，"
            f"问卷没有这个选项（{count} 行）",
            expected=" / ".join(options),
            found=f"{number}（{personal.shown(label)}）{near}",
            remedy=f"在对照表 values 的 {item} 下写明 {number} 对应哪个选项序号；"
            "或在问卷中改正选项文字",
        )
    )


def unknown_mark(place: Position, item: str, found: str, count: int, ranked: bool) -> Problem:
    """Say that a mark in the column of one option says neither chosen nor not chosen."""
    return place.of(
        Problem(
            "unknown_mark",
            f"题目 {item} 按选项分列，看不出这个记号是选中还是未选（{count} 行）",
            expected="名次（1、2、3），未排的为 0 或空白" if ranked else " / ".join(MARKS),
            found=found[:LONGEST],
            remedy="改正文件中的记号；或在对照表 values 中写明：选中写 1，未选写 0，无效写 null",
        )
    )


def personal_answer(place: Position, item: str, masked: str, count: int) -> Problem:
    """Say that what stands in a closed question looks like personal data; only masked."""
    return place.of(
        Problem(
            "personal_answer",
            f"题目 {item} 的选项里没有这个回答，而且它像是个人信息（{count} 行），不予显示",
            found=masked,
            remedy="到文件的这一格查看：填错的改正或清空；若是选项的另一种写法，"
            "在问卷中补上该选项，或由本人在对照表 values 中写明",
        )
    )


def personal_subject(place: Position, masked: str, rows: int, near: Sequence[str]) -> Problem:
    """Say that what stands in the place of a subject's name looks personal; only masked."""
    return place.of(
        Problem(
            "personal_subject",
            f"名册中没有这个{SUBJECT}，而且它像是个人信息（{rows} 行），不予显示",
            expected="名册中的名称或别名" + (f"；相近的有：{'、'.join(near)}" if near else ""),
            found=masked,
            remedy="到文件的这一格查看：填错的改正或清空；若确是名称，在名册的 aliases 中加上",
        )
    )


def undecided_subject(place: Position, name: str, rows: int, near: Sequence[str]) -> Problem:
    """Say that an approved crosswalk leaves open which subject a name means."""
    return place.of(
        Problem(
            "undecided_subject",
            f"对照表还没有决定这个名称指哪个{SUBJECT}（{rows} 行）",
            expected="名册中的代码" + (f"；相近的有：{'、'.join(near)}" if near else ""),
            found=name,
            remedy="在对照表 subjects 中写明它指谁；不计入的写 null",
        )
    )


def undecided_column(
    place: Position, crosswalk: str, header: str, answers: int, because: str
) -> Problem:
    """Say that an approved crosswalk leaves open what a column with so many answers is."""
    return place.of(
        Problem(
            "undecided_column",
            f"对照表 {crosswalk} 还没有决定这一列是哪道题（{answers} 个回答）",
            expected="题目代码；不导入的留空",
            found=header + (f"；{because}" if because else ""),
            remedy="在对照表 columns 的 item 中写明题目代码；不用这一列的，把 ? 删去或写 null",
        )
    )


def unknown_option_column(place: Position, item: str, option: str, answers: int) -> Problem:
    """Say that a column belongs to an item with one column an option, but to none of its options."""
    return place.of(
        Problem(
            "unknown_option_column",
            f"题目 {item} 没有这一列的选项（{answers} 个回答）",
            expected="问卷中的选项文字",
            found=option,
            remedy="改正列名；或在问卷中补上该选项；或运行 evalkit check 起草对照表，核对后批准",
        )
    )
