"""What people write in files, in Chinese and English: the words that the readers know."""

from __future__ import annotations

import re
from collections.abc import Mapping

FOOTER = re.compile(
    r"\s*(?:合\s*计|总\s*计|小\s*计|平\s*均|总\s*数"
    r"|(?:填\s*表|制\s*表|填\s*报|统\s*计|审\s*核|复\s*核|负\s*责|联\s*系)\s*(?:人|单位|部门|日期|时间)\s*[:：]"
    r"|(?:注|备\s*注|说\s*明)\s*[:：])"
)
"""How the first cell of a row below a table begins: totals, who signed it, notes."""

IDS = frozenset({"id", "编号", "答卷编号"})
"""Headers of a column that numbers the answers."""

SAYS_NOTHING = ("无", "没", "没有", "暂无", "都好", "同上", "不知道", "不清楚", "没意见")
"""Answers that fill the field and say nothing, without punctuation."""

LISTING = r"[\s,，、;；]+"
"""What stands between codes in one cell."""

JOINING = r"[\s,，、;；|/]+"
"""What may stand between the labels of one cell, and may be part of a label too."""

HEADING_JOINT = r"\s*[/／:：.．|｜—–\-_\n]+\s*"
"""What may stand in a heading between a question and an option, or a stem and its row."""

HEADING_BRACKETS = r"[(（\[［【]", r"[)）\]］】]"
"""What stands around an option at the end of a heading."""

HEADING_NUMBER = r"(?P<number>\d{1,4})\s*(?:、|[.．:：](?!\d))\s*(?=\S)"
"""The question number that a heading begins with."""

TICKED = frozenset({
    "1", "true", "t", "yes", "y", "是", "有", "对", "√", "✓", "✔", "☑", "选中", "已选", "已选中", "勾选", "选",
    "checked", "selected",
})  # fmt: skip
"""Marks, comparable, that say in a column of one option that it is chosen."""

NOT_TICKED = frozenset({
    "0", "false", "f", "no", "n", "否", "无", "没有", "错", "☐", "□", "未选中", "未选", "未勾选", "不选",
    "unchecked", "notselected", "notchecked",
})  # fmt: skip
"""Marks, comparable, that say that it is not."""

CROSSES = frozenset({"×", "✗", "✘", "x"})
"""Not chosen where others of the question are ticked with a hook; else nobody knows."""

HOOKS = frozenset({"√", "✓", "✔"})

REFUSAL = r"-?(?:7{2,}|8{2,}|9{2,}|9+[78])"
"""Numbers by which data entry says why there is no answer: 99, 98, 88, -9 of two digits and more."""

MARGIN_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "group": ("group", "主体", "评价主体"),
    "item": ("item", "题目"),
    "option": ("option", "选项"),
    "share": ("share", "比例", "占比"),
    "total": ("total", "人数"),
    "wave": ("wave", "批次", "年度"),
    "subject": ("subject", "评估对象", "居民区"),
}
"""What the columns of margins.csv may be called; the first names are those of the documentation."""

PLAIN = str.maketrans({"；": ";", "％": "%"})
"""Punctuation of Chinese keyboards that stands for the plain one."""
