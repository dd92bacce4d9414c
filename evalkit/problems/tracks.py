"""What can be wrong with an evaluation of persons, between its documents and in its answers."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.errors import Problem
from evalkit.problems.intake import Position


def unknown_unit(
    file: str,
    sheet: str | None,
    row: int | None,
    column: str | None,
    found: str,
    near: Sequence[str],
) -> Problem:
    """Say that a person's committee is none of the street's."""
    return Problem(
        "unknown_unit",
        "名册里没有这个居民区",
        file=file,
        sheet=sheet,
        row=row,
        column=column,
        expected="街道名册里的代码、名称或别名" + (f"，如 {'、'.join(near)}" if near else ""),
        found=found,
        remedy="改正，或在街道名册中补上这个名称作别名",
    )


def worker_in_several_units(
    file: str, sheet: str | None, row: int | None, column: str | None, found: str
) -> Problem:
    """Say that a person's committee is several, each of them the street's."""
    return Problem(
        "worker_in_two_units",
        "一个人写了几个居民区：同事互评和名额都只能算在一处",
        file=file,
        sheet=sheet,
        row=row,
        column=column,
        expected="一个居民区",
        found=found,
        remedy="只留主要工作的居民区；中途调动的按批次写 since、until，用两个工号",
    )


def colleague_of_another_unit(
    place: Position, rows: Sequence[int], group: str, pairs: Sequence[tuple[str, str]]
) -> Problem:
    """Say that somebody rated, as a colleague, persons of a committee that is not one's own."""
    return place.of(
        Problem(
            "colleague_of_another_unit",
            f"“{group}”是同事互评，评价人和被评的人却不在一个居民区（共 {len(rows)} 行）",
            expected="同一个居民区的人互评",
            found="；".join(
                f"第 {row} 行 {rater} 评 {rated}"
                for row, (rater, rated) in list(zip(rows, pairs, strict=True))[:5]
            ),
            remedy="改正评价人或被评人；确实要跨居民区评的，另设一个主体，不写进 colleagues",
        )
    )


def not_a_track(found: str, known: Sequence[str]) -> Problem:
    """Say that evaluation.yaml has no track of this folder's name."""
    return Problem(
        "not_a_track",
        "evaluation.yaml 的 tracks 没有写这一项个人评价",
        file="evaluation.yaml",
        key="tracks",
        expected="、".join(known) or "至少一项",
        found=found,
        remedy="在 tracks 中写上它，或改正文件夹名",
    )


def persons_elsewhere(found: str) -> Problem:
    """Say that results of persons were about to be kept where those of committees are."""
    return Problem(
        "persons_elsewhere",
        "个人评价的结果只能写进它自己的文件夹",
        expected="tracks/<代码>/out",
        found=found,
        remedy="用 ek.open(文件夹).track(代码) 打开再写",
    )
