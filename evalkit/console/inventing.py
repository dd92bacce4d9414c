"""What `evalkit demo` lays out before it runs: the published demo street, or one of a preset."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evalkit.console import towns
from evalkit.console.telling import console, fail

PUBLISHED = "changshou"
"""The preset whose demo street is shipped with its truth, and calibrated."""

Preset = Annotated[
    str | None,
    typer.Option(
        "--preset",
        help="按哪个预设模拟街道；默认 changshou：35 个居民区，两个年度，得到公开报道过的数",
        show_default=False,
    ),
]


def lay_out(folder: Path, preset: str | None) -> None:
    """Make a folder a simulated street of a preset, unless it is one."""
    from evalkit import simulation, workspace
    from evalkit.folder import ORDER, preset_of

    wanted = preset or PUBLISHED
    if folder.is_dir() and (folder / ORDER).is_file() and workspace.open(folder).synthetic:
        made = preset_of(folder) or PUBLISHED
        if preset is not None and preset != made:
            fail([towns.occupied(folder, f"预设 {preset} 的演示街道")])
        console.print(f"演示街道已在 {folder}，直接使用其中的原始导出文件")
    elif wanted != PUBLISHED:
        console.print(f"按预设 {wanted} 生成模拟街道：{folder}", markup=False)
        workspace.simulate(folder, wanted)
    elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        fail([towns.occupied(folder, "演示街道")])
    else:
        console.print(f"生成模拟街道的问卷星导出文件：{folder}")
        simulation.write_demo(folder)
