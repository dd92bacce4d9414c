"""What people write in files, in Chinese and English: the words that the readers know."""

from __future__ import annotations

from collections.abc import Mapping

FOOTERS = ("合计", "总计", "小计", "平均", "总数")
"""How the first cell of a row of totals begins."""

IDS = frozenset({"id", "编号", "答卷编号"})
"""Headers of a column that numbers the answers."""

SAYS_NOTHING = ("无", "没", "没有", "暂无", "都好", "同上", "不知道", "不清楚", "没意见")
"""Answers that fill the field and say nothing, without punctuation."""

LISTING = r"[\s,，、;；]+"
"""What stands between codes in one cell."""

MARGIN_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "group": ("group", "主体", "评价主体"),
    "item": ("item", "题目"),
    "option": ("option", "选项"),
    "share": ("share", "比例", "占比"),
    "total": ("total", "人数"),
    "wave": ("wave", "批次", "年度"),
}
"""What the columns of margins.csv may be called; the first names are those of the documentation."""

PLAIN = str.maketrans({"；": ";", "％": "%"})
"""Punctuation of Chinese keyboards that stands for the plain one."""
