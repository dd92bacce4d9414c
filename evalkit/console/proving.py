"""The commands that say what a folder holds and where it comes from, and remove a wave from it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from evalkit.console.telling import console
from evalkit.errors import InputErrors
from evalkit.problems import keeping as problems

if TYPE_CHECKING:
    from evalkit import keeping

SHORT = 12
"""Digits of a hash that a line shows."""

DOING = {
    "run": "运行",
    "forget": "删除批次",
    "manual": "操作手册",
    "plan": "抽样方案",
    "questionnaire": "导出问卷",
    "ledger": "导出台账",
}


def verify(
    target: Annotated[
        Path, typer.Argument(metavar="[DIR|文书]", help="评估文件夹，或一份 PDF、Word、幻灯片")
    ] = Path(),
    folder: Annotated[
        Path | None, typer.Option("--dir", help="文书所属的评估文件夹；默认向上查找")
    ] = None,
) -> None:
    """核对文件夹：原始文件、文档、数据库和每个结果是否与运行日志一致；或查明一份文书出自哪次运行。"""
    from evalkit import workspace

    if target.is_file():
        _trace(target, folder)
        return
    if not target.is_dir():
        raise InputErrors([problems.not_a_paper(str(target))])
    log, found = workspace.open(target).verify()
    if not found:
        last = log.entries[-1]
        console.print(
            f"核对无误：原始文件、文档、数据库、{len(log.results())} 个结果文件与运行日志一致"
        )
        console.print(f"日志共 {len(log.entries)} 条，最后一条的哈希：{last.hash}")
        console.print("把这个哈希另行记下（如写进会议纪要），日后可证明日志没有被整个重写")
        return
    console.print(f"核对发现 {len(found)} 处不一致：")
    for number, difference in enumerate(found, start=1):
        console.print(f"{number:3d}. {difference}", markup=False)
    raise typer.Exit(1)


def history(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="评估文件夹")] = Path(),
) -> None:
    """列出运行日志：每次运行的时间、版本、批次和哈希。"""
    from evalkit import workspace

    log = workspace.open(folder).history()
    if not log.data:
        console.print("还没有运行日志：运行 evalkit run 之后才有")
    for entry in log.entries:
        _print_entry(entry)
    if log.faults:
        raise InputErrors([problems.history_broken(f.line, f.why) for f in log.faults])
    if log.entries:
        console.print(f"最后一条的哈希：{log.entries[-1].hash}")


def forget(
    wave: Annotated[str, typer.Option("--wave", help="要删除的批次")],
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="评估文件夹")] = Path(),
    yes: Annotated[bool, typer.Option("--yes", help="不再询问，供脚本使用")] = False,
) -> None:
    """从数据库和 out 中删除一个批次的全部数据和结果；原始文件不动，日志中留下记录。"""
    from evalkit import workspace

    space = workspace.open(folder)
    console.print(
        f"将从 {folder} 删除批次 {wave}：数据库中它的单元数据和结果，以及 out/{wave}/。",
        markup=False,
    )
    console.print(
        "原始文件不动；其他批次结果中与它的比较保留；evaluation.yaml 里若还写着它，下次运行会重新写入。"
    )
    if not yes and not _confirmed("删除后不能恢复，确认吗"):
        console.print("没有确认，什么都没有删除")
        raise typer.Exit(1)
    space.forget(wave)
    console.print(f"已删除批次 {wave}", markup=False)


def _confirmed(question: str) -> bool:
    """Ask; where nobody can answer, as in a job at night, it is not confirmed."""
    console.print(f"{question} [y/N]：", markup=False, end="")
    try:
        answer = input()
    except (EOFError, RuntimeError, UnicodeDecodeError):  # nothing, no input at all, no text
        console.print()
        return False
    return answer.strip().lower() in ("y", "yes", "是")


def _trace(paper: Path, folder: Path | None) -> None:
    from evalkit import workspace

    root = folder if folder is not None else _owner(paper)
    traced = None if root is None else workspace.open(root).trace(paper)
    if traced is None:
        raise InputErrors([problems.unknown_paper(str(paper))])
    entry = traced.entry
    console.print(f"{paper} 出自 {root} 的这次运行：", markup=False)
    _print_entry(entry)
    console.print(f"  当时的文件：out/{traced.path}", markup=False)
    console.print("  所用的原始文件和文档：")
    for name, value in entry.inputs.items():
        console.print(f"    {value[:SHORT]}  {name}", markup=False)
    if not traced.whole:
        _differs(f"{paper} 带有这次运行的标识，但内容与当时写出的不同：被改过，或重新保存过")
    console.print("文件与当时写出的逐字节一致")


def _owner(paper: Path) -> Path | None:
    """Find the evaluation that a paper lies in, else the one we are in."""
    from evalkit.folder import ORDER, street_of

    places: Sequence[Path] = (*paper.absolute().parents, Path())
    return next(
        (p for p in places if (p / ORDER).is_file() or street_of(p) is not None),
        None,
    )


def _print_entry(entry: keeping.Entry) -> None:
    about = f" {entry.wave}" if entry.wave else ""
    console.print(
        f"{entry.number:4d}. {entry.time}  {DOING.get(entry.doing, entry.doing)}{about}"
        f"  evalkit {entry.evalkit}",
        markup=False,
    )
    facts = {
        "标识": entry.identity,
        "清单": entry.manifest[:SHORT],
        "数据库": entry.database.get("fingerprint", "")[:SHORT],
        "哈希": entry.hash[:SHORT],
    }
    told = "  ".join(f"{name} {value}" for name, value in facts.items() if value)
    console.print(f"      {told}；读入 {len(entry.inputs)} 个文件，写出 {len(entry.outputs)} 个")


def _differs(text: str) -> NoReturn:
    console.print(text, markup=False)
    raise typer.Exit(1)
