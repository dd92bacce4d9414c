"""What can be wrong with the database file, in words that say what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from evalkit.errors import Problem, Problems


class Unusable(Exception):
    """The database cannot be read or written; becomes a `Problem` before anyone sees it."""

    def __init__(self, code: str, message: str, remedy: str, found: str | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.remedy, self.found = code, message, remedy, found

    def problem(self, path: Path) -> Problem:
        """Return the fault as a problem of this file."""
        return Problem(
            self.code, self.message, file=path.name, found=self.found, remedy=self.remedy
        )


@contextmanager
def collected(path: Path, problems: Problems) -> Iterator[None]:
    """Collect whatever goes wrong with the file inside the block as one problem."""
    try:
        yield
    except Unusable as fault:
        problems.extend([fault.problem(path)])
    except (duckdb.Error, OSError) as error:
        problems.extend([explained(error).problem(path)])


def explained(error: Exception) -> Unusable:
    """Return what an error of DuckDB or the file system means."""
    text = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
    if isinstance(error, duckdb.Error) and "lock" in text and "Could not" in text:
        return in_use(text)
    if isinstance(error, OSError):
        return Unusable(
            "archive_not_accessible",
            "评估数据库无法读写",
            "检查文件夹的读写权限和磁盘剩余空间",
            found=text,
        )
    return damaged(text)


def unwritable(error: Exception) -> Unusable:
    """Return what an error means that came up while a new file was being written."""
    fault = explained(error)
    if fault.code == "archive_in_use":
        return fault
    return Unusable(
        "archive_not_accessible",
        "评估数据库无法写入",
        "检查文件夹的写入权限和磁盘剩余空间；自建的视图若引用了别的数据库，请先删去",
        found=fault.found,
    )


def in_use(found: str) -> Unusable:
    """Return the fault of a file that another program holds."""
    return Unusable(
        "archive_in_use",
        "评估数据库正被另一个程序使用",
        "关闭打开它的程序（或等另一次运行结束）后再运行",
        found=found,
    )


def unmerged(log: str) -> Unusable:
    """Return the fault of a file whose changes by another program are still in a log."""
    return Unusable(
        "archive_in_use",
        "评估数据库有尚未合并的修改",
        "关闭打开它的程序；如都已关闭，用 DuckDB 打开此文件一次再退出，修改便会合并",
        found=log,
    )


def foreign(found: str) -> Unusable:
    """Return the fault of a file that is something else."""
    return Unusable(
        "archive_foreign",
        "这不是 evalkit 的评估数据库",
        "移走或改名此文件，下次运行会新建；要保留历年结果则从备份恢复",
        found=found,
    )


def other_format(found: str, known: int) -> Unusable:
    """Return the fault of a file in a format that this version does not know."""
    return Unusable(
        "archive_other_format",
        "评估数据库由另一版本的 evalkit 写成",
        "用写成它的版本（或更新的版本）运行",
        found=f"格式 {found}，本版本能读格式 1 至 {known}",
    )


def damaged(found: str) -> Unusable:
    """Return the fault of a file that is no longer what was written."""
    return Unusable(
        "archive_damaged",
        "评估数据库已损坏",
        "从备份恢复；没有备份则移走此文件后重新运行，由原始答卷重建（已无答卷的批次无法重建）",
        found=found,
    )
