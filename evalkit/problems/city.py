"""What can be wrong with a city's folder: its streets, what they share, tables of all of them."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.errors import Problem

NAME = "city.yaml"


def not_a_city(place: str) -> Problem:
    """There is no city.yaml."""
    return Problem(
        "not_a_city",
        "这里没有 city.yaml",
        file=place,
        expected="一个城市文件夹",
        remedy="检查路径，或用 evalkit city new 新建",
    )


def street_not_listed(
    file: str, column: str, found: str, rows: str, known: Sequence[str]
) -> Problem:
    """Say that a table of the city has answers of a street that is not on the list."""
    return Problem(
        "street_not_listed",
        "市表里有名单上没有的街道",
        file=file,
        column=column,
        expected="、".join(known),
        found=f"{found}（{rows}）",
        remedy="在 streets.csv 补上这条街道，或在它的 source 里写明市表里的叫法",
    )


def folder_not_listed(street: str) -> Problem:
    """Say that a folder lies among the streets that no street on the list owns."""
    return Problem(
        "street_not_listed",
        "文件夹里有一条街道，名单上没有",
        file=f"streets/{street}",
        expected="streets.csv 里的街道",
        found=street,
        remedy="在 streets.csv 补上这条街道，或移走这个文件夹",
    )


def street_without_folder(street: str, name: str) -> Problem:
    """Say that a street on the list has no folder yet."""
    return Problem(
        "street_without_folder",
        f"街道 {name} 还没有文件夹",
        file=f"streets/{street}/evaluation.yaml",
        expected="每条街道一个评估文件夹",
        remedy="运行 evalkit city split，或把它交来的评估文件夹放到这里",
    )


def no_street_column(file: str, column: str, found: Sequence[str]) -> Problem:
    """Say that a table of the city lacks the column that tells its streets apart."""
    return Problem(
        "no_street_column",
        "市表里找不到写明街道的列",
        file=file,
        column=column,
        expected=f"一列，表头为“{column}”，只有一列",
        found="、".join(found),
        remedy="在 city.yaml 的 street 里照抄表头，一字不差",
    )


def subject_in_two_streets(subject: str, name: str, streets: Sequence[str]) -> Problem:
    """Say that two streets have a committee with the same id in their rosters."""
    return Problem(
        "subject_in_two_streets",
        "同一个代码的评估对象在几条街道的名册里",
        file=f"streets/{streets[-1]}/roster.csv",
        key=subject,
        expected="每个评估对象只属于一条街道，代码在全市各不相同",
        found=f"{name}：{'、'.join(streets)}",
        remedy="从不是它的街道的名册中删去；若是两个不同的对象，改代码，使其在全市各不相同",
    )


def another_scheme(street: str, name: str, expected: str, found: str) -> Problem:
    """Say that a street was scored, or would be, under another scheme than the city's."""
    return Problem(
        "another_scheme",
        f"街道 {name} 用的方案或问卷与全市的不同，不能放在一起比",
        file=f"streets/{street}",
        key="scheme",
        expected=f"全市的方案（指纹 {expected[:12]}）",
        found=f"指纹 {found[:12]}",
        remedy="在它的 evaluation.yaml 里改用全市的方案，移走它自己的 scheme.yaml 和 questionnaires，再运行 evalkit city run",
    )


def another_seed(street: str, expected: int, found: int) -> Problem:
    """Say that a street's seed is not the one that belongs to it."""
    return Problem(
        "another_seed",
        "街道的随机种子不是由全市的种子和它的代码算出的",
        file=f"streets/{street}/evaluation.yaml",
        key="settings.seed",
        expected=str(expected),
        found=str(found),
        remedy="改为应有的数，或运行 evalkit city split",
    )


def lacks_wave(street: str, wave: str, found: Sequence[str]) -> Problem:
    """Say that a street's folder does not know the wave that the city tells."""
    return Problem(
        "street_without_wave",
        "街道的 evaluation.yaml 里没有全市这一批次，或没有它的文件",
        file=f"streets/{street}/evaluation.yaml",
        key="waves",
        expected=wave,
        found="、".join(found),
        remedy="写上这一批次和它的文件，或运行 evalkit city split",
    )


def unknown_streets(found: Sequence[str], known: Sequence[str]) -> Problem:
    """Say that a command names streets that are not on the list."""
    return Problem(
        "unknown_street",
        "名单上没有这条街道",
        file="streets.csv",
        expected="、".join(known),
        found="、".join(found),
        remedy="改正街道代码",
    )


def worker_died(street: str) -> Problem:
    """Say that the process that evaluated a street ended without a word."""
    return Problem(
        "worker_died",
        "评估这条街道的进程意外中断，多半是内存不够",
        file=f"streets/{street}",
        remedy="减少 --jobs 后再运行 evalkit city run；从脚本调用时须放在 if __name__ == '__main__' 之下，或用 jobs=1",
    )


def street_failed(street: str, found: str) -> Problem:
    """Say that a street's pages could not be made, or something nobody foresaw happened."""
    return Problem(
        "street_failed",
        "这条街道的结果没有做成",
        file=f"streets/{street}",
        found=found[:500],
        remedy="在它的文件夹里单独运行 evalkit run，看完整的说明",
    )


def nothing_to_roll_up() -> Problem:
    """Say that no street has results that could be put together."""
    return Problem(
        "nothing_to_roll_up",
        "没有一条街道有可用的结果",
        file=NAME,
        expected="至少一条街道已经运行，输入没有再变，方案与全市相同",
        remedy="先运行 evalkit city run，再看 evalkit city status",
    )


def nothing_rolled_up() -> Problem:
    """Say that there is no database of the city."""
    return Problem(
        "nothing_rolled_up",
        "还没有全市的数据库，或它被改过、不是这个版本写的",
        file="city.duckdb",
        remedy="移走 city.duckdb，运行 evalkit city rollup",
    )


def rolled_up_before(streets: Sequence[str]) -> Problem:
    """Say that streets have changed since the database of the city was made."""
    return Problem(
        "rolled_up_before",
        "全市的数据库做好之后，有街道又变了",
        file="city.duckdb",
        found="、".join(streets) or None,
        remedy="再运行 evalkit city rollup",
    )


def unknown_export(found: str) -> Problem:
    """Say that nothing is written for a database of this name."""
    return Problem(
        "unknown_export",
        "只给 PostgreSQL 写",
        key="export",
        expected="postgres",
        found=found,
        remedy="改为 postgres；别的数据库可以直接读 out 里的 CSV",
    )


def not_exportable(table: str) -> Problem:
    """Say that a text holds the character that PostgreSQL cannot keep."""
    return Problem(
        "not_exportable",
        "文字里有 PostgreSQL 存不下的空字符（U+0000）",
        file="city.duckdb",
        key=table,
        remedy="从名册或街道名单里删去这个字符，再运行 run 和 rollup",
    )
