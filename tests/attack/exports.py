"""Exports of answers: healthy ones, and what people and programs do to them before they are read."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable

import openpyxl
import xlwt

from tests.attack import street

YEAR = "2016"
Table = list[list[str]]
Change = Callable[[Table, random.Random], None]
QUESTIONS = slice(6, None)
WIDE = str.maketrans("0123456789(),", "０１２３４５６７８９（），")


# --- a healthy file -------------------------------------------------------------------------------


def healthy(rng: random.Random, kind: str) -> Table:
    """A by-text export, a by-number export, or a plain table, of the same questionnaire."""
    rows = street.respondents(YEAR, rng.randrange(1000), rng.choice((4, 6, 9)))
    if kind == "table":
        rows[0] = [header.split("、")[-1] for header in rows[0]]
        keep = rng.choice(([], [0], [0, 1], [1, 2, 5]))
        return [[row[at] for at in (*keep, *range(6, len(row)))] for row in rows]
    if kind == "number":
        return _by_number(rows)
    if rng.random() < 0.5:
        rows[0][QUESTIONS] = [f"{h} ({_type(h)} *必答)" for h in rows[0][QUESTIONS]]
    return rows


def _type(header: str) -> str:
    return "多选题" if "最需要" in header else "填空题" if "建议" in header else "单选题"


def _by_number(rows: Table) -> Table:
    header, *body = rows
    labels = {label: str(code) for code, label in enumerate(street.LABELS, start=1)}
    found = [[*header[:13], *(f"第8题({need})" for need in street.NEEDS), header[14]]]
    for row in body:
        chosen = row[13].split("┋")
        ticks = ["1" if need in chosen else "0" for need in street.NEEDS]
        if chosen == ["(空)"]:
            ticks = ["-2"] * 4
        codes = [labels[cell] for cell in row[8:13]]
        why = "-2" if row[14] == "(空)" else row[14]
        found.append([*row[:6], "1", row[7], *codes, *ticks, why])
    return found


# --- what is done to it ---------------------------------------------------------------------------


def _body(table: Table, rng: random.Random) -> int:
    return rng.randrange(1, len(table))


def _of(table: Table, word: str) -> list[int]:
    return [at for at, header in enumerate(table[0]) if word in header]


def _scored(table: Table, rng: random.Random) -> int:
    places = _of(table, "是否")
    return rng.choice(places) if places else rng.randrange(len(table[0]))


def strange_cells(table: Table, rng: random.Random) -> None:
    values = (
        "还可以",
        "满意?",
        "9",
        "0",
        "满意满意",
        "不满",
        "1.5",
        "#N/A",
        "NA",
        "-1",
        "very good",
    )
    at, value = _scored(table, rng), rng.choice(values)
    for _ in range(rng.choice((1, 1, 3))):
        table[_body(table, rng)][at] = value


def missing_cells(table: Table, rng: random.Random) -> None:
    marks = ("(跳过)", "（跳过）", "(空)", "（空）", "", " ", "-3", "-2")
    mark, many = rng.choice(marks), rng.choice((1, 4, 12))
    for _ in range(many):
        table[_body(table, rng)][rng.randrange(len(table[0]))] = mark


def other_labels(table: Table, rng: random.Random) -> None:
    for _ in range(6):
        row, at = _body(table, rng), _scored(table, rng)
        table[row][at] = rng.choice((*street.LABELS, "1", "2", "5", "6"))


def spaced_cells(table: Table, rng: random.Random) -> None:
    forms: tuple[Callable[[str], str], ...] = (
        lambda c: f" {c} ", lambda c: f"\u3000{c}", lambda c: f"{c}\u200b", lambda c: "\u00a0" + c,
        lambda c: c.translate(WIDE), lambda c: " ".join(c), lambda c: f"\ufeff{c}",
        lambda c: f"{c}\n",
    )  # fmt: skip
    form, at = rng.choice(forms), rng.randrange(len(table[0]))
    for row in table[rng.choice((0, 1)) :]:
        if rng.random() < 0.7:
            row[at] = form(row[at])


def remarks_beside(table: Table, rng: random.Random) -> None:
    for at in _of(table, "最需要"):
        for _ in range(3):
            row = table[_body(table, rng)]
            row[at] = rng.choice(
                ("停车┋其他【请注明】〖充电〗", "其他【请注明】〖a┋b〗", "其他〖修路〗", "停车┋养老", "停车,养老助餐",
                 "停车┋停车", "加装电梯┋", "┋停车", "停车┋(空)")
            )  # fmt: skip


def long_texts(table: Table, rng: random.Random) -> None:
    for at in _of(table, "建议"):
        table[_body(table, rng)][at] = rng.choice(
            ('他说"好"', "第一行\n第二行", "a,b;c\td|e", "'引号", "长" * 5000, "=1+1", "-2", "0012", "\\N",
             "NULL", "2016/12/17", "1e5", '"', "尾\\", "🏠🏠", "逗号，分号；")
        )  # fmt: skip


def names_of_committees(table: Table, rng: random.Random) -> None:
    for at in _of(table, "哪个居民区"):
        for _ in range(3):
            table[_body(table, rng)][at] = rng.choice(
                ("玉佛城居民区", "玉佛城居委会", "玉佛城苑", "长寿新村社区", "普陀一村 ", "普陀二村", "普陀1村", "玉佛",
                 "玉佛城玉佛城", "", "(跳过)", "九茂小区居委会", "NA", "s1", "居民区")
            )  # fmt: skip


def times(table: Table, rng: random.Random) -> None:
    for at in _of(table, "提交答卷时间"):
        value = rng.choice(
            ("", "2014/5/3 10:00:01", "昨天", "2016/13/45 99:99:99", "0", "2015/12/31 23:59:59")
        )
        for _ in range(rng.choice((1, 3, len(table)))):
            table[_body(table, rng)][at] = value


def other_forms_of_times(table: Table, rng: random.Random) -> None:
    form = rng.choice(("-", "年"))
    for at in _of(table, "提交答卷时间"):
        for row in table[1:]:
            day, _, clock = row[at].partition(" ")
            parts = day.split("/")
            if len(parts) == 3:
                year, month, date = parts
                made = (
                    f"{year}年{month}月{date}日"
                    if form == "年"
                    else f"{year}-{month:0>2}-{date:0>2}"
                )
                row[at] = f"{made} {clock}"


def screened_out(table: Table, rng: random.Random) -> None:
    for at in _of(table, "住满半年"):
        for _ in range(2):
            row = table[_body(table, rng)]
            row[at] = {"是": "否", "1": "2"}.get(row[at], "否")


def headers_spelled(table: Table, rng: random.Random) -> None:
    forms: tuple[Callable[[str], str], ...] = (
        lambda h: f" {h} ", lambda h: h.replace("、", "."), lambda h: f"{h}\u200b",
        lambda h: h.replace("(", "（").replace(")", "）"), lambda h: h + "（选填）",
        lambda h: h.split("、")[-1], lambda h: h.replace("是否", "是 否"), lambda h: f"{h}（单选题 *必答）",
        lambda h: h.split(" (")[0],
    )  # fmt: skip
    form = rng.choice(forms)
    for at in range(len(table[0])):
        if rng.random() < 0.5:
            table[0][at] = form(table[0][at])


def header_misspelt(table: Table, rng: random.Random) -> None:
    at = rng.randrange(len(table[0]))
    table[0][at] = rng.choice(
        ("办事是否方更", "", "列1", table[0][at] + "2", table[0][at][:-1], "NA")
    )


def column_gone(table: Table, rng: random.Random) -> None:
    at = rng.randrange(len(table[0]))
    for row in table:
        del row[at]


def column_twice(table: Table, rng: random.Random) -> None:
    at, to = rng.randrange(len(table[0])), rng.randrange(len(table[0]))
    how = rng.choice(("same", "blank", "other", "parted"))
    for place, row in enumerate(table):
        cell = row[at]
        if place and how == "blank":
            cell = ""
        elif place and how == "other":
            cell = table[1][at]
        elif place and how == "parted" and rng.random() < 0.5:
            row[at] = ""
        elif place and how == "parted":
            cell = ""
        row.insert(to, cell)
        at += to <= at
        at -= to <= at - 1 and place < len(table)  # the next row has not grown yet


def column_added(table: Table, rng: random.Random) -> None:
    to = rng.randrange(len(table[0]) + 1)
    head = rng.choice(("备注", "调查员", "", "联系电话", "批次", "1、办事大厅是否好找"))
    for place, row in enumerate(table):
        row.insert(to, rng.choice(("x", "", "1", "满意")) if place else head)


def columns_shuffled(table: Table, rng: random.Random) -> None:
    order = rng.sample(range(len(table[0])), len(table[0]))
    table[:] = [[row[at] for at in order] for row in table]


def rows_shuffled(table: Table, rng: random.Random) -> None:
    table[1:] = rng.choice((table[:0:-1], rng.sample(table[1:], len(table) - 1)))


def rows_twice(table: Table, rng: random.Random) -> None:
    """The same answers again, with their numbers or with new ones."""
    again = rng.sample(table[1:], min(len(table) - 1, rng.choice((1, 3, 10))))
    new = rng.random() < 0.5
    for place, row in enumerate(again):
        copy = list(row)
        for at in _of(table, "序号") if new else ():
            copy[at] = str(900 + place)
        table.insert(rng.choice((len(table), _body(table, rng))), copy)


def pasted_below(table: Table, rng: random.Random) -> None:
    """Another export below the first, with its header, its numbers beginning again."""
    more = street.respondents(YEAR, rng.randrange(1000, 2000), 3)
    if len(more[0]) == len(table[0]) and more[0][6] in table[0]:
        table += more if rng.random() < 0.7 else more[1:]
    else:
        table.append(list(table[0]))


def rows_between(table: Table, rng: random.Random) -> None:
    width = len(table[0])
    row = rng.choice(
        ([""] * width, [" "] * width, ["合计", "48", *[""] * (width - 2)], ["平均分", *[""] * (width - 1)],
         ["以下为补录", *[""] * (width - 1)], ["", "合计：48份", *[""] * (width - 2)])
    )  # fmt: skip
    for _ in range(rng.choice((1, 2))):
        table.insert(rng.choice((len(table), _body(table, rng))), list(row))


def title_above(table: Table, rng: random.Random) -> None:
    table.insert(0, ["2016年居民调查", *[""] * (len(table[0]) - 1)])
    if rng.random() < 0.4:
        table.insert(1, [""] * len(table[0]))


def rows_cut(table: Table, rng: random.Random) -> None:
    row = table[_body(table, rng)]
    if rng.random() < 0.5:
        del row[-rng.randrange(1, 4) :]
    else:
        row += ["", "多出"][: rng.choice((1, 2))]


CHANGES: tuple[Change, ...] = (
    strange_cells, missing_cells, other_labels, spaced_cells, remarks_beside, long_texts,
    names_of_committees, times, other_forms_of_times, screened_out, headers_spelled,
    header_misspelt, column_gone, column_twice, column_added, columns_shuffled, rows_shuffled,
    rows_twice, pasted_below, rows_between, title_above, rows_cut,
)  # fmt: skip
LAST = frozenset({title_above, rows_cut})
"""What leaves no header in the first row, or rows of unequal length."""


def changed(rng: random.Random, kind: str) -> tuple[Table, list[str]]:
    """Return a changed export and the names of what was done to it."""
    table = healthy(rng, kind)
    chosen = rng.sample(CHANGES, rng.choice((1, 1, 1, 2, 2, 3, 4)))
    chosen.sort(key=lambda change: change in LAST)
    for change in chosen:
        if len(table) > 1 and len(table[0]) > 1:
            change(table, rng)
    return table, [change.__name__ for change in chosen]


# --- how it is written ----------------------------------------------------------------------------


def written(table: Table, rng: random.Random, kind: str) -> tuple[bytes, str]:
    """Return the file's bytes and its suffix."""
    form = rng.choice(("csv", "csv", "csv", "xlsx", "xls"))
    if form == "csv":
        return _csv(table, rng), ".csv"
    values: list[list[object]] = [
        [
            int(c) if kind == "number" and c.lstrip("-").isdecimal() and c.isascii() else c
            for c in row
        ]
        for row in table
    ]
    out = io.BytesIO()
    if form == "xlsx":
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        for row, cells in enumerate(values, start=1):
            for column, value in enumerate(cells, start=1):
                if value != "":
                    cell = sheet.cell(row, column, value)  # type: ignore[arg-type]
                    cell.data_type = "s" if isinstance(value, str) else "n"
        book.save(out)
    else:
        old = xlwt.Workbook(encoding="utf-8")
        page = old.add_sheet("Sheet1")
        for row, cells in enumerate(values):
            for column, value in enumerate(cells):
                if value != "":
                    page.write(row, column, value)
        old.save(out)
    return out.getvalue(), f".{form}"


def _csv(table: Table, rng: random.Random) -> bytes:
    out = io.StringIO()
    signs, end = rng.choice((",", ",", ";", "\t", "|")), rng.choice(("\r\n", "\n"))
    quoting = rng.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    csv.writer(out, delimiter=signs, lineterminator=end, quoting=quoting).writerows(table)
    text = out.getvalue()
    if rng.random() < 0.2:
        text = text.rstrip("\r\n")
    encoding = rng.choice(("utf-8", "utf-8-sig", "gb18030", "gb18030", "utf-16"))
    return text.encode(encoding)
