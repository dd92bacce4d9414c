"""What can be wrong with margins.csv, and with weighting to it."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum
from typing import Any

from evalkit.errors import Problem

CELL = "改正这一格，或删去这一行"


def wrong_columns(file: str, header: Sequence[str]) -> Problem:
    """Say that a column is missing or there twice, or there are both shares and totals."""
    return Problem(
        "wrong_columns",
        "列名不对",
        file=file,
        row=1,
        expected="group、item、option，以及 share 或 total 之一；可另有 wave、subject",
        found="、".join(header)[:200] or "（空）",
        remedy="改正第一行；比例（share）与人数（total）只写一种",
    )


def empty_document(file: str) -> Problem:
    """There are headers and nothing else."""
    return Problem(
        "empty_document",
        "只有表头，没有一条比例",
        file=file,
        expected="每个选项一行",
        found="0 行",
        remedy="补上各选项的比例；不需要加权时删去这个文件",
    )


def unknown_group(file: str, row: int, column: str, found: str, groups: Sequence[str]) -> Problem:
    """Say that a row names a rater group that the scheme does not have."""
    return Problem(
        "unknown_group",
        "方案中没有这个评价主体",
        **_cell(file, row, column),
        expected="、".join(groups) or "（没有）",
        found=found or "（空）",
        remedy=CELL,
    )


def group_not_weighted(
    file: str, row: int, column: str, found: str, groups: Sequence[str]
) -> Problem:
    """Say that a row names a rater group whose raters rate several subjects; `groups` do not."""
    return Problem(
        "group_not_weighted",
        "这个主体一人评多个对象，不能按人口构成加权",
        **_cell(file, row, column),
        expected="、".join(groups) or "（没有）",
        found=found or "（空）",
        remedy=CELL,
    )


def unknown_item(
    file: str, row: int, column: str, found: str, items: Sequence[tuple[str, str]]
) -> Problem:
    """Say that a row names no profile item; `items` are the (id, text) of those there are."""
    return Problem(
        "unknown_item",
        "不是该主体问卷中的个人情况单选题",
        **_cell(file, row, column),
        expected="、".join(f"{item}（{text}）" for item, text in items) or "（没有）",
        found=found or "（空）",
        remedy=CELL,
    )


def margin_of_unknown_subject(
    file: str, row: int, column: str, found: str, near: Sequence[str]
) -> Problem:
    """Say that a row is about a committee that the roster does not have; `near` are like names."""
    return Problem(
        "margin_of_unknown_subject",
        "名册里没有这个评估对象",
        **_cell(file, row, column),
        expected="名册里的代码、名称或别名" + (f"，如 {'、'.join(near)}" if near else ""),
        found=found,
        remedy="改成名册里的写法；是全部居民的构成时留空",
    )


def margin_of_unknown_wave(
    file: str, row: int, column: str, found: str, waves: Sequence[str]
) -> Problem:
    """Say that a row is about a wave that the evaluation does not have."""
    return Problem(
        "margin_of_unknown_wave",
        "没有这个批次",
        **_cell(file, row, column),
        expected="、".join(waves),
        found=found,
        remedy="改正批次；各批次都用的留空",
    )


def margin_categories_differ(
    file: str, row: int, where: tuple[str, str, str], own: Sequence[str], other: Sequence[str]
) -> Problem:
    """Two committees' margins of an item, (group and subject, item, text), join options otherwise."""
    return Problem(
        "margin_categories_differ",
        f"{_where(where)} 的选项合并得和别的评估对象不一样",
        **_cell(file, row, "option"),
        expected="、".join(sorted(other)),
        found="、".join(sorted(own)),
        remedy="同一道题，各评估对象按同样的类别写",
    )


def unknown_option(
    file: str, row: int, column: str, found: str, item: str, options: Sequence[tuple[str, str]]
) -> Problem:
    """Say that a row names no option of its item; `options` are the (code, label) of those there are."""
    return Problem(
        "unknown_option",
        f"{item} 没有这个选项",
        **_cell(file, row, column),
        expected="、".join(f"{code} {label}" for code, label in options) or "（没有）",
        found=found or "（空）",
        remedy=CELL,
    )


def not_a_share(file: str, row: int, column: str, found: str) -> Problem:
    """Say that a share or total is no number, or below 0."""
    return Problem(
        "not_a_share",
        "不是非负的数",
        **_cell(file, row, column),
        expected="如 0.48、48 或人数",
        found=found or "（空）",
        remedy=CELL,
    )


def duplicate_row(file: str, row: int, column: str, option: str, first: int) -> Problem:
    """Say that an option has a row already."""
    return Problem(
        "duplicate_row",
        "同一个选项写了两次",
        **_cell(file, row, column),
        expected="每个选项只出现一次",
        found=f"{option}（另见第 {first} 行）",
        remedy="删去其中一行",
    )


def shares_do_not_add_up(
    file: str, row: int, column: str, where: tuple[str, str, str], values: Sequence[float]
) -> Problem:
    """Say that the shares of an item, (group, item, text), do not add up to the whole."""
    return Problem(
        "shares_do_not_add_up",
        f"{_where(where)} 的各选项之和不对",
        **_cell(file, row, column),
        expected="1 或 100",
        found=_sum(values),
        remedy="改正比例，或补上漏掉的选项",
    )


def no_people(
    file: str, row: int, column: str, where: tuple[str, str, str], values: Sequence[float]
) -> Problem:
    """Say that the totals of an item, (group, item, text), are all 0."""
    return Problem(
        "no_people",
        f"{_where(where)} 的各选项之和不对",
        **_cell(file, row, column),
        expected="大于 0",
        found=_sum(values),
        remedy="改正比例，或补上漏掉的选项",
    )


def margin_incomplete(
    file: str, row: int, column: str, where: tuple[str, str, str], missing: Sequence[str]
) -> Problem:
    """Options of an item, (group, item, text), have no row."""
    return Problem(
        "margin_incomplete",
        f"{_where(where)} 缺少选项",
        **_cell(file, row, column),
        expected="该题的每个选项",
        found=f"缺 {'、'.join(missing)}",
        remedy="补上这些选项；几个选项合为一类时用分号连在一行，如 4;5",
    )


def totals_disagree(
    file: str, row: int, group: str, first: tuple[str, float], other: tuple[str, float]
) -> Problem:
    """Two items, (id, total), count different numbers of the same people."""
    return Problem(
        "totals_disagree",
        f"{group} 的两道题总人数相差太多",
        **_cell(file, row, "total"),
        expected=f"与 {first[0]} 的总人数 {first[1]:g} 相近",
        found=f"{other[0]} 合计 {other[1]:g}",
        remedy="改用同一口径的人数，或改用比例（share）",
    )


def street_outside_committees(
    file: str,
    row: int,
    where: tuple[str, str, str],
    option: str,
    share: float,
    nearest: tuple[str, float],
) -> Problem:
    """Say that the street's share of a category lies outside those of all its committees.

    `nearest` is the (name, share) of the committee that comes closest.
    """
    return Problem(
        "street_outside_committees",
        f"{_where(where)} 全部居民的比例不在各评估对象的比例之间",
        **_cell(file, row, "option"),
        key=option,
        expected=f"各评估对象之间；最接近的是{nearest[0]}，{nearest[1]:.1%}",
        found=f"{share:.1%}",
        remedy="核对两处的口径和年份，改正其中一处；只知道一处的，删去另一处",
    )


def committees_do_not_add_up(
    file: str, row: int, where: tuple[str, str, str], people: float, together: float
) -> Problem:
    """Say that the committees' people of an item, all of them, are not the street's."""
    return Problem(
        "committees_do_not_add_up",
        f"{_where(where)} 各评估对象的人数加起来，与全部居民的人数相差太多",
        **_cell(file, row, "total"),
        expected=f"与各评估对象的合计 {together:,.0f} 相近",
        found=f"{people:,.0f}",
        remedy="核对两处的口径和年份，改正其中一处；只知道一处的，删去另一处",
    )


def margin_without_respondents(
    file: str, row: int, group: str, title: str, label: str, share: float, count: int
) -> Problem:
    """Say that a category has a share of the people and nobody among the answers."""
    return Problem(
        "margin_without_respondents",
        f"“{title}”的“{label}”在人口中有，答卷里没有",
        **_cell(file, row, "option"),
        expected=f"占 {share:.2%}",
        found=f"{group} 有 {count} 份答全个人情况的答卷",
        remedy="与相邻的选项合为一行，如 4;5",
    )


def margin_without_share(
    file: str, row: int, group: str, title: str, label: str, share: float, count: int
) -> Problem:
    """Say that a category has no share of the people and somebody among the answers."""
    return Problem(
        "margin_without_share",
        f"“{title}”的“{label}”比例为 0，答卷里却有",
        **_cell(file, row, "option"),
        expected=f"占 {share:.2%}",
        found=f"{group} 有 {count} 份答全个人情况的答卷",
        remedy="改正比例，或与别的选项合为一行",
    )


def raking_failed(
    file: str, row: int, group: str, title: str, item: str, items: Sequence[str]
) -> Problem:
    """Say that the margins of several items cannot be reached together; `item` is the one that is not."""
    return Problem(
        "raking_failed",
        f"按“{title}”加权不收敛：几道题的比例不能同时满足",
        **_cell(file, row, "item"),
        key=group,
        expected=f"{'、'.join(items)} 的比例同时达到",
        found=f"{item} 达不到",
        remedy="合并答卷很少的选项，或删去一道题",
    )


def _cell(file: str, row: int, column: str) -> dict[str, Any]:
    return {"file": file, "row": row, "column": column}


def _where(item: tuple[str, str, str]) -> str:
    group, code, text = item
    return f"{group}、{code}（{text}）"


def _sum(values: Sequence[float]) -> str:
    return f"{fsum(values):.6g}（{' + '.join(f'{value:g}' for value in values)}）"
