"""actions.xlsx: what everybody is to do, to be filled in and returned.

The left part is what the evaluation says and is locked; the right part is for whoever does it, and
for whoever looks at it afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence

from xlsxwriter.worksheet import Worksheet

from evalkit.files.writing import FIXED, Book, set_width
from evalkit.pages.telling import tasks
from evalkit.pages.telling.tasks import Task
from evalkit.tables import Evaluation

PATH = "actions.xlsx"
TITLE = "整改清单"
STATES = ("未启动", "推进中", "已完成", "不再适用")
"""What a task can be; who reports nothing leaves it empty."""

TOLD: Sequence[tuple[str, float]] = (
    ("编号", 15.0),
    ("单位", 14.0),
    ("类别", 9.0),
    ("存在问题", 20.0),
    ("依据", 30.0),
    ("整改措施", 46.0),
    ("责任人", 18.0),
    ("完成时限", 16.0),
    ("看什么算办成", 34.0),
)
ASKED: Sequence[tuple[str, float]] = (
    ("状态", 10.0),
    ("实际完成日期", 14.0),
    ("办理情况", 36.0),
    ("佐证材料", 22.0),
    ("居民回访（人数、认可数）", 16.0),
    ("未完成原因与新时限", 26.0),
    ("核查意见", 24.0),
    ("核查人、日期", 16.0),
)
"""Headings and widths in characters: what is told, what is to be filled in."""

_FONT = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "top", "text_wrap": True}
_HEAD = {**_FONT, "bold": True, "font_color": "#FFFFFF", "border": 1, "align": "center"}
_CELL = {**_FONT, "border": 1, "border_color": "#BCC4CC"}
_BLANK = {**_CELL, "bg_color": "#FFF8E8", "locked": False}


def workbook(evaluation: Evaluation) -> bytes:
    """Return the workbook; with a line that says so where nobody has anything to do."""
    order = evaluation.order
    book = Book(FIXED, f"{order.street}{order.title}{TITLE}")
    page = book.sheet(TITLE)
    mark = "模拟数据，非真实评估结果。" if order.synthetic else ""
    told = (
        f"{mark}白色部分由评估产生，不要改动；黄色部分由责任单位和核查人填写。"
        "编号请保留，便于与下一次的清单对照。"
    )
    book.put(page, 0, 0, f"{order.street}{order.title}{TITLE}（{order.wave_name(evaluation.wave)}）",
             bold=True, font_size=14)  # fmt: skip
    book.put(page, 1, 0, told, font_size=9, font_color="#5F6B78")
    _headings(book, page)
    rows = list(tasks.everything(evaluation))
    for line, task in enumerate(rows, start=3):
        _line(book, page, line, task)
    if rows:
        states = {
            "validate": "list",
            "source": list(STATES),
            "ignore_blank": True,
            "error_title": "状态",
            "error_message": f"请从下拉列表中选：{'、'.join(STATES)}；没有情况就留空。",
        }
        page.data_validation(3, len(TOLD), 2 + len(rows), len(TOLD), states)
        page.autofilter(2, 0, 2 + len(rows), len(TOLD) + len(ASKED) - 1)
    else:
        book.put(page, 3, 0, "（没有需要列出的事项）")
    page.freeze_panes(3, 2)
    page.protect("", {"autofilter": True, "format_columns": True, "format_rows": True})
    page.set_landscape()
    page.set_paper(8)
    page.fit_to_pages(1, 0)
    page.repeat_rows(2, 2)
    page.set_footer(f"&L{mark}&R第 &P 页，共 &N 页")
    return book.saved()


def _headings(book: Book, page: Worksheet) -> None:
    for at, (heading, width) in enumerate((*TOLD, *ASKED)):
        colour = "#155A8A" if at < len(TOLD) else "#B3541E"
        book.put(page, 2, at, heading, **_HEAD, bg_color=colour)
        set_width(page, at, width)


def _line(book: Book, page: Worksheet, line: int, task: Task) -> None:
    told = (
        task.id, task.name, task.kind, task.problem, task.evidence,
        task.what, task.who, task.by, task.shown_by,
    )  # fmt: skip
    for at, text in enumerate(told):
        book.put(page, line, at, text, **_CELL)
    for at in range(len(TOLD), len(TOLD) + len(ASKED)):
        book.put(page, line, at, None, **_BLANK)
