"""Arguments and options that several commands share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

CORES = os.cpu_count() or 1
HERE = Path()
Folder = Annotated[
    Path, typer.Argument(metavar="DIR", help="评估文件夹；不写就是当前文件夹", show_default=False)
]
Jobs = Annotated[
    int,
    typer.Option("--jobs", min=1, help="同时生成几份文书；默认为处理器个数", show_default=False),
]
Pdf = Annotated[bool, typer.Option("--pdf/--no-pdf", help="是否生成文书（PDF、Word、幻灯片）")]
All = Annotated[bool, typer.Option("--all", help="提示逐条列出，不合并同类")]
Documents = Annotated[bool, typer.Option("--documents", help="只查文档，不读答卷和台账文件")]
Preset = Annotated[
    str,
    typer.Option(
        "--preset",
        help="预设：changshou 居民区评估；wuxin 五心满意度；caoyang 小区、网格站、兼职委员；"
        "zhuanqiao 片区、居民区和村；caohejing 点单派单；nanhu-worker 社区工作者；"
        "blank 从零做起，一类人、三道题",
    ),
]
Streets = Annotated[
    int,
    typer.Option(
        "--city", metavar="N", min=0, help="改为模拟一个有 N 条街道的城市", show_default=False
    ),
]
LedgersOut = Annotated[Path | None, typer.Option("--out", help="输出文件夹；默认 DIR/out/ledgers")]
