"""The command that begins an evaluation of persons in a folder."""

from __future__ import annotations

from typing import Annotated

import typer

from evalkit.console.options import HERE, Folder
from evalkit.console.telling import console


def track(
    preset: Annotated[str, typer.Argument(metavar="预设", help="workers 社工；members 成员")],
    folder: Folder = HERE,
) -> None:
    """新建一项个人评价：把预设的方案、问卷和名册放进 tracks/<预设>/；结果另存，不进居民区的结果。"""
    from evalkit import workspace

    entry = workspace.open(folder).add_track(preset)
    console.print(f"已放入 {folder}/tracks/{preset}/。下一步：", markup=False)
    console.print(
        f"  - 在 tracks/{preset}/roster.csv 填写工号、居民区、岗位，改 scheme.yaml", markup=False
    )
    console.print("  - 把下面几行写进 evaluation.yaml 的最后：")
    console.print(entry, markup=False)
    console.print("  - 运行 evalkit check：个人评价和居民区的评估一起检查")
