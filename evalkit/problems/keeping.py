"""What can be wrong with keeping results: the disk, another run, what lies in the way, the log."""

from __future__ import annotations

import errno
from collections.abc import Sequence

from evalkit.errors import Problem

_DISK = {
    errno.ENOSPC: ("磁盘已满", "腾出空间后再运行"),
    errno.EDQUOT: ("磁盘配额已用完", "腾出空间或申请更多配额后再运行"),
    errno.EFBIG: ("文件超过了系统允许的大小", "放宽系统对文件大小的限制（ulimit -f）后再运行"),
    errno.EROFS: ("磁盘是只读的", "换一个可以写入的位置，或以可写方式重新挂载"),
    errno.EACCES: ("没有读写权限", "取得此文件夹的读写权限，或把评估文件夹复制到自己的文件夹里"),
    errno.EPERM: ("没有读写权限", "取得此文件夹的读写权限，或把评估文件夹复制到自己的文件夹里"),
    errno.ENAMETOOLONG: ("路径或文件名太长", "缩短文件夹、批次或文件的名称"),
    errno.ENOENT: ("找不到文件或文件夹", "检查路径；若是运行期间被移走或删除，放回后再运行"),
    errno.ENOTDIR: ("路径中间有一段是文件，不是文件夹", "检查路径"),
    errno.ELOOP: ("路径中的链接绕成了圈", "检查路径，去掉链接"),
    errno.ENOTCONN: ("网络盘已断开", "重新连接网络盘后再运行"),
    errno.ESTALE: ("网络盘已断开", "重新连接网络盘后再运行"),
    errno.EIO: ("磁盘读写出错", "检查磁盘或网络盘是否正常"),
    errno.EXDEV: ("out 与评估文件夹不在同一个磁盘上", "把 out 改为评估文件夹里的普通文件夹"),
}


def disk_failed(error: OSError) -> Problem:
    """Say what a disk or file system refused, and on which file."""
    what, remedy = _DISK.get(error.errno or 0, ("文件无法读写", "检查路径、权限和磁盘后再运行"))
    name = error.filename2 or error.filename
    return Problem(
        "disk_failed",
        what,
        file=None if name is None else _shown(name),
        found=error.strerror or str(error) or type(error).__name__,
        remedy=remedy,
    )


def _shown(name: object) -> str:
    text = name.decode(errors="replace") if isinstance(name, bytes) else str(name)
    return text.encode(errors="replace").decode()


def unwritable_name(found: str) -> Problem:
    """Say that a path holds bytes that are no text."""
    return Problem(
        "unwritable_name",
        "路径中有无法识别的字符",
        found=ascii(found),
        remedy="给文件夹改名；或把终端的语言环境改为 UTF-8（如 LC_ALL=C.UTF-8）",
    )


def not_a_workspace(found: str) -> Problem:
    """Say that a folder is no evaluation's."""
    return Problem(
        "not_a_workspace",
        "这里没有 evaluation.yaml",
        file=found,
        expected="一个评估文件夹",
        remedy="检查路径，或用 evalkit new / evalkit demo 新建",
    )


def another_run(who: str, *, elsewhere: bool) -> Problem:
    """Say who is at work in the folder, since when, and on which machine."""
    remedy = (
        "等它结束；若确认那台机器上已没有在运行的 evalkit，删去 .evalkit/lock 后再运行"
        if elsewhere
        else "等它结束后再运行"
    )
    return Problem(
        "another_run",
        "另一个 evalkit 正在这个文件夹里工作",
        file=".evalkit/lock",
        found=who,
        remedy=remedy,
    )


def lock_lost() -> Problem:
    """Say that somebody removed the lock during the run."""
    return Problem(
        "lock_lost",
        "运行期间锁被人删去，结果没有写入",
        file=".evalkit/lock",
        remedy="确认没有另一个 evalkit 在这个文件夹里工作，再运行一次",
    )


def in_the_way(name: str, expected: str, found: str) -> Problem:
    """Say that a link or something of another kind stands where results go."""
    return Problem(
        "in_the_way",
        "结果要写入的位置上有别的东西",
        file=name,
        expected=expected,
        found=found,
        remedy="移走或改名；链接所指的内容不受影响",
    )


def little_room(free: int, needed: int) -> Problem:
    """Say that the disk will not hold the results."""
    return Problem(
        "little_room",
        "磁盘剩余空间不够写入结果",
        expected=f"至少 {needed / 2**20:.1f} MB",
        found=f"{free / 2**20:.1f} MB",
        remedy="腾出空间后再运行",
    )


def not_kept(names: Sequence[str]) -> Problem:
    """Say that what lies on the disk is not what was written."""
    return Problem(
        "not_kept",
        "写入后核对不符，这次运行不算成功",
        found="、".join(names[:5]) + (f" 等 {len(names)} 个文件" if len(names) > 5 else ""),
        remedy="检查磁盘，确认没有别的程序在改动 out 文件夹，再运行一次",
    )


def history_broken(line: int, why: str) -> Problem:
    """Say where the log of runs is not what was written."""
    return Problem(
        "history_broken",
        "运行日志被改动或损坏",
        file="history.jsonl",
        row=line,
        found=why,
        remedy="从备份恢复；没有备份则把它改名留存，下次运行会另起一份日志（此前的运行便不再可证）",
    )


def nothing_to_forget(wave: str, known: Sequence[str]) -> Problem:
    """Say that neither database nor results hold the wave."""
    return Problem(
        "nothing_to_forget",
        "数据库和 out 里都没有这个批次",
        expected="、".join(known) or "（还没有任何批次）",
        found=wave,
        remedy="改正 --wave",
    )


def unknown_paper(name: str) -> Problem:
    """Say that no run in the log made this file."""
    return Problem(
        "unknown_paper",
        "运行日志里没有任何一次运行做过这个文件",
        file=name,
        remedy="用 --dir 指明它所属的评估文件夹；若已指明，则它不是由这份日志中的运行生成的",
    )


def not_a_paper(name: str) -> Problem:
    """Say that there is nothing to verify at a path."""
    return Problem(
        "not_a_paper",
        "这既不是评估文件夹，也不是文书",
        file=name,
        expected="评估文件夹，或 evalkit 生成的 PDF、Word 文档、幻灯片",
        remedy="检查路径",
    )
