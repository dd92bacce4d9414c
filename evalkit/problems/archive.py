"""What can be wrong with the database file, and with the past waves it holds."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.errors import Problem

NAME = "evaluation.duckdb"


def not_accessible(found: str) -> Problem:
    """Say that the file system refuses."""
    return Problem(
        "archive_not_accessible",
        "评估数据库无法读写",
        found=found,
        remedy="检查文件夹的读写权限和磁盘剩余空间",
    )


def not_writable(found: str | None) -> Problem:
    """Say that a new file could not be written."""
    return Problem(
        "archive_not_accessible",
        "评估数据库无法写入",
        found=found,
        remedy="检查文件夹的写入权限和磁盘剩余空间；自建的视图若引用了别的数据库，请先删去",
    )


def in_use(found: str) -> Problem:
    """Another program holds the file."""
    return Problem(
        "archive_in_use",
        "评估数据库正被另一个程序使用",
        found=found,
        remedy="关闭打开它的程序（或等另一次运行结束）后再运行",
    )


def unmerged(log: str) -> Problem:
    """Say that changes by another program are still in a log."""
    return Problem(
        "archive_in_use",
        "评估数据库有尚未合并的修改",
        found=log,
        remedy="关闭打开它的程序；如都已关闭，用 DuckDB 打开此文件一次再退出，修改便会合并",
    )


def foreign(*, duckdb: bool) -> Problem:
    """Say that the file is something else; a DuckDB file of somebody else's at best."""
    return Problem(
        "archive_foreign",
        "这不是 evalkit 的评估数据库",
        found="是 DuckDB 文件，但没有 evalkit 的表" if duckdb else "不是 DuckDB 文件",
        remedy="移走或改名此文件，下次运行会新建；要保留历年结果则从备份恢复",
    )


def other_format(found: str | None, known: int, *, table: str | None = None) -> Problem:
    """Say that the format is another, or unknown (None), or that a table has other columns."""
    number = "未知" if found is None else found
    table = "" if table is None else f"，但表 {table} 的列不同"
    return Problem(
        "archive_other_format",
        "评估数据库由另一版本的 evalkit 写成",
        found=f"格式 {number}{table}，本版本能读格式 1 至 {known}",
        remedy="用写成它的版本（或更新的版本）运行",
    )


def damaged(found: str) -> Problem:
    """Say that the file is no longer what was written."""
    return Problem(
        "archive_damaged",
        "评估数据库已损坏",
        found=found,
        remedy="从备份恢复；没有备份则移走此文件后重新运行，"
        "由原始答卷重建（已无答卷的批次无法重建）",
    )


def lacks_tables(names: Sequence[str]) -> Problem:
    """Tables are not there."""
    return damaged(f"缺少表 {'、'.join(names)}")


def unsealed(tables: Sequence[str]) -> Problem:
    """Say that tables hold other rows than were written."""
    return damaged(f"表 {'、'.join(tables)} 的内容与写入时不一致（被其他程序改过）")


def impostors(found: Sequence[str]) -> Problem:
    """Say that something else stands where a table of evalkit should be."""
    return Problem(
        "archive_impostor",
        "评估数据库中有与 evalkit 的表同名而不是普通表的对象，不予读取",
        expected="只有 evalkit 写入的普通表",
        found="、".join(found),
        remedy="这个文件不是 evalkit 写成的样子：从备份恢复，或移走此文件后由原始答卷重建",
    )


def altered(wave: str) -> Problem:
    """Say that a wave's cells are not those that were stored."""
    return damaged(f"批次 {wave} 的数据与写入时不一致")


def scheme_of(wave: str) -> str:
    """Return what a scheme of the database is called where a document's path would stand."""
    return f"评估数据库中 {wave} 的方案"


def lacks_indicators(wave: str, needed: Sequence[str], lacking: Sequence[str]) -> Problem:
    """Say that a past wave has no cells of indicators that today's scheme weighs."""
    return _lacks(wave, "指标", needed, lacking)


def lacks_groups(wave: str, needed: Sequence[str], lacking: Sequence[str]) -> Problem:
    """Say that a past wave has no cells of rater groups that today's scheme weighs."""
    return _lacks(wave, "评价主体", needed, lacking)


def _lacks(wave: str, kind: str, needed: Sequence[str], lacking: Sequence[str]) -> Problem:
    return Problem(
        "archive_lacks",
        f"数据库中批次 {wave} 没有今年方案用到的{kind}",
        file=NAME,
        key=wave,
        expected="、".join(needed),
        found=f"缺 {'、'.join(lacking)}",
        remedy="把该批次的原始文件放回 evaluation.yaml，或从方案中去掉",
    )


def absent_subjects(wave: str, subjects: Sequence[str]) -> Problem:
    """Say that a past wave has committees that the roster says did not exist then."""
    return Problem(
        "archive_subject_not_in_wave",
        f"数据库中批次 {wave} 有名册说当时并不存在的评估对象",
        file=NAME,
        key=wave,
        expected="批次在名册的首个批次和最后批次之间",
        found="、".join(subjects),
        remedy="改正名册的首个批次、最后批次；新设的用没用过的代码",
    )


def unknown_subjects(wave: str, subjects: Sequence[str]) -> Problem:
    """Say that a past wave has committees that the roster does not know."""
    return Problem(
        "archive_unknown_subject",
        f"数据库中批次 {wave} 有名册里没有的评估对象",
        file=NAME,
        key=wave,
        found="、".join(subjects),
        remedy="在名册中保留已撤并的评估对象，并注明 until",
    )
