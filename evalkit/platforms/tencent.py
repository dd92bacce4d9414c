"""腾讯问卷: ``1.题干``, options such as ``A.满意``, ``6.题干:选项`` for an option, cascades.

A cascade (省 / 市 / 区) is several columns with the very same header; the last one holds what was
chosen, those before it the way there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import groupby
from typing import ClassVar

import pandas as pd

from evalkit.codes import NoteCode
from evalkit.errors import Note
from evalkit.platforms.base import Metadata, RawColumn, Variant
from evalkit.platforms.online import OnlineForm

_CHOOSE = (":请选择", "：请选择")


class TencentSurvey(OnlineForm):
    """腾讯问卷."""

    name = "tencent_survey"
    title = "腾讯问卷"
    own: ClassVar[Mapping[str, Metadata]] = {
        "编号": "sequence",
        "原始记录编号": "own",
        "开始答题时间": "started",
        "结束答题时间": "submitted",
        "答题时长": "seconds",
        "地理位置国家和地区": "location",
        "地理位置省": "location",
        "地理位置市": "location",
        "地理位置": "location",
        "用户类型": "own",
        "用户标识": "nickname",
        "昵称": "nickname",
        "自定义字段": "own",
        "ip": "ip",
        "ua": "own",
        "referer": "own",
        "清洗数据结果": "own",
        "智能清洗数据无效概率": "own",
    }
    telling = frozenset({"开始答题时间", "结束答题时间", "地理位置国家和地区", "用户标识"})

    def settled(
        self, columns: tuple[RawColumn, ...], cells: pd.DataFrame, name: str
    ) -> tuple[tuple[RawColumn, ...], Variant | None, tuple[Note, ...]]:
        """Take the last of columns with the same header, side by side, as the question."""
        found = list(columns)
        notes = []
        for _, run in groupby(columns, lambda column: (column.header, column.metadata)):
            levels = list(run)
            if len(levels) < 2 or levels[0].metadata is not None:
                continue
            text = levels[-1].text
            text = next((text.removesuffix(end) for end in _CHOOSE if text.endswith(end)), text)
            for level in levels[:-1]:
                found[level.position] = replace(level, metadata="own")
            found[levels[-1].position] = replace(levels[-1], text=text, kind="single")
            facts = {"columns": tuple(c.letters for c in levels), "last": levels[-1].letters}
            notes.append(Note(NoteCode.CASCADE_LAST_LEVEL, name, len(levels), facts))
        return tuple(found), None, tuple(notes)
