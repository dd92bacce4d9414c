"""What can be wrong with what is asked of an evaluation: its wave, another scheme."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.errors import Problem


def unknown_wave(found: str | None, known: Sequence[str]) -> Problem:
    """There are no answers of the wave, or (None) of any."""
    return Problem(
        "unknown_wave",
        "没有这个批次的答卷",
        key="waves",
        expected="、".join(known) or "至少一个批次",
        found=found,
        remedy="在 evaluation.yaml 中写上该批次和它的文件",
    )


def wave_without_answers(wave: str, place: int, titles: Sequence[str]) -> Problem:
    """Say that the files of a wave are context only, and that no database remembers its answers."""
    return Problem(
        "wave_without_answers",
        f"批次 {wave} 只有不计分的台账，没有答卷，评估数据库里也没有这一批次",
        file="evaluation.yaml",
        key=f"waves[{place}].files",
        expected="答卷，或由主体用来计分的台账",
        found="、".join(dict.fromkeys(titles)),
        remedy="补上这一批次的答卷文件，或放回上次的 evaluation.duckdb；都没有的，删去这一批次的台账文件",
    )


def out_of_room(found: str) -> Problem:
    """Say that rows could not be sorted: there is not enough memory, or room for temporary files."""
    return Problem(
        "out_of_room",
        "整理答卷时内存或临时文件夹的空间不够",
        found=found[:200],
        remedy="关闭其他程序，清理磁盘（临时文件夹由环境变量 TMPDIR 指定）后再运行",
    )


def more_answers_than_people(
    wave: str, group: str, subject: str, n: int, most: int, where: str
) -> Problem:
    """Say that a rater group has more answers than its documents say it has people.

    `where` is what says so: ``listed`` or ``people`` of the roster, ``population`` of the scheme.
    """
    key = {
        "listed": "名册的名单人数（listed）",
        "people": "名册的常住人口（population）",
        "population": "方案的总人数（population）",
    }[where]
    return Problem(
        "more_answers_than_people",
        f"“{group}”的有效答卷多于{key}",
        key=f"{wave} {subject}".strip(),
        expected=f"不多于 {most}",
        found=str(n),
        remedy=f"改正{key}；或核查是否有名单以外的人、同一人填了几份",
    )


def year_without_calendar(year: int, known: str, what: str) -> Problem:
    """Nobody told on which days of a year offices are closed, or open on a weekend."""
    return Problem(
        "year_without_calendar",
        f"不知道 {year} 年哪些日子放假、哪些周末补班，{what}定不下来",
        file="evaluation.yaml",
        key="calendar",
        expected=f"{known}之内的日期，或在 calendar 里写明",
        found=f"{year} 年",
        remedy=(
            f"按国务院办公厅的放假通知，把 {year} 年平日放假和周末上班的日子列在 calendar 里，"
            f"如 calendar: [{year}-01-01]；通知还没有发的，先列已知的，发了再补全"
        ),
    )


def both_levels() -> Problem:
    """Weights of dimensions and of indicators are asked for at once."""
    return Problem(
        "both_levels",
        "维度权重和指标权重不能同时指定",
        expected="其中之一",
        remedy="只给 dimensions，或只给 indicators",
    )


def measured_differently(indicator: str) -> Problem:
    """Say that a scheme measures an indicator otherwise than the cells at hand did."""
    return Problem(
        "measured_differently",
        "方案改变了这个指标的题目或分值，须重读原始答卷",
        key=indicator,
        remedy="用 ek.evaluate(ws.inputs().under(scheme))",
    )


def weights_do_not_add_up(
    what: str, names: Sequence[str], weights: Sequence[float], *, others: bool
) -> Problem:
    """Weights leave nothing for the `others`, or, without any, do not add up to 100."""
    return Problem(
        "weights_do_not_add_up",
        f"{WHAT[what]}权重之和不能等于 100",
        key="、".join(names),
        expected="都不小于 0，且未写明的还有剩余" if others else "合计 100",
        found=" + ".join(f"{weight:g}" for weight in weights),
        remedy="改小权重" if others else "使合计等于 100",
    )


def unknown_reference(what: str, found: Sequence[str], known: Sequence[str]) -> Problem:
    """Say that a scheme has no rater group, dimension, indicator or grade of that code."""
    return Problem(
        "unknown_reference",
        f"方案里没有这个{WHAT[what]}",
        expected="、".join(known),
        found="、".join(found),
        remedy="改正代码",
    )


WHAT = {"groups": "评价主体", "dimensions": "维度", "indicators": "指标", "grades": "等第"}
