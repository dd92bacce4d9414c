"""An independent reader of the campaign's answers: what a file says, by the rules, not by the code.

It shares nothing with the package: csv, openpyxl and xlrd read the bytes, and the rules are written
down again from `docs/`. Where the rules leave a file open it says that somebody must be told
(`Read.doubts`); then only a problem is right.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import openpyxl
import xlrd

Values = dict[str, str]
"""Item to option code, text, or ``!`` and the reason why there is none."""

OWN = {
    "序号": "sequence", "提交答卷时间": "submitted", "所用时间": "seconds", "来源": "source",
    "来源详情": "detail", "来自IP": "ip",
}  # fmt: skip
TOTALS = ("合计", "总计", "小计", "平均", "总数")
SUFFIXES = ("居民区", "居委会", "居民委员会", "社区", "小区", "社区居委会", "社区居民委员会")
_UNSEEN = " \n\t\u00a0\u3000\u200b\ufeff"
STAMP = re.compile(r"(\d{4})(?:/|-|年)(\d{1,2})(?:/|-|月)(\d{1,2})日? (\d{1,2}):(\d\d)(?::(\d\d))?")


@dataclass
class Asked:
    """What was asked: what the reader must know of the questionnaire and the roster.

    Attributes
    ----------
    items : dict of item id to its text
    options : dict of item id to {label: code}
    missing : dict of item id to codes that say why there is no answer
    """

    items: dict[str, str]
    options: dict[str, dict[str, str]]
    missing: dict[str, dict[str, str]]
    scored: tuple[str, ...]
    several: tuple[str, ...]
    screening: dict[str, str]
    subject: str
    names: dict[str, str]
    year: str
    needed: tuple[str, ...]


@dataclass
class Read:
    """What a file says.

    Attributes
    ----------
    kept : dict of row number to (subject, values)
    dropped : dict of row number to reason
        Rows with content that are no answers.
    doubts : dict of str to item id
        Why this cannot be evaluated without a word, and which question that is about, if one.
    notes : set of str
        What must at least be told.
    alike : set of row numbers
        Rows that say the same as an earlier one and count.
    strange : tuple of str
        Headers of columns that are nothing that was asked.
    open : bool
        The rules do not say which rows count; only the balance of rows can be checked.
    """

    kept: dict[int, tuple[str, Values]] = field(default_factory=dict)
    dropped: dict[int, str] = field(default_factory=dict)
    doubts: dict[str, str] = field(default_factory=dict)
    notes: set[str] = field(default_factory=set)
    alike: set[int] = field(default_factory=set)
    strange: tuple[str, ...] = ()
    open: bool = False


def plain(text: str) -> str:
    normal = unicodedata.normalize("NFKC", text)
    return re.sub(r"[\s\u00ad\u200b-\u200d\u2060\ufeff]+", "", normal).casefold()


def stripped(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return str(cell).strip().strip("\ufeff\u200b\u200c\u200d\u2060").strip()


def grid(data: bytes, suffix: str) -> list[list[str]]:
    """Return all cells of the first sheet, from its first row on."""
    if suffix == ".xlsx":
        sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
        rows: list[list[Any]] = [list(row) for row in sheet.iter_rows(min_row=1, values_only=True)]
    elif suffix == ".xls":
        old = xlrd.open_workbook(file_contents=data).sheet_by_index(0)
        rows = [old.row_values(at) for at in range(old.nrows)]
    else:
        rows = list(_text_rows(data))
    return [[stripped(cell) for cell in row] for row in rows]


def _text_rows(data: bytes) -> list[list[Any]]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("gb18030")
    body = [line for line in text.splitlines()[:6] if line.strip()]
    signs = max(",;\t|", key=lambda sign: max((line.count(sign) for line in body), default=0))
    return [list(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=signs)]


def question(header: str) -> str:
    """Return a header without number, mark and type."""
    text = unicodedata.normalize("NFKC", header).strip()
    for _ in range(3):
        text = re.sub(r"\s*\((?:选填|选答|(?:[^()]*题)?\s*\*?(?:必答)?)\)$", "", text)
    text = re.sub(r"^\d+\s*[、.,]\s*", "", text)
    return re.sub(r"\((?:可多选|多选|选填|选答)\)$", "", plain(text))


def own(header: str) -> str:
    """Return what a column of the platform's own holds; empty for another column."""
    return OWN.get(re.sub(r"[(（][^()（）]*[)）]$", "", header.strip(_UNSEEN)).strip(), "")


def read(data: bytes, suffix: str, asked: Asked, numbers: bool) -> Read:
    """Say which rows are answers and what they say."""
    cells = grid(data, suffix)
    found = Read()
    at = _header(cells, asked)
    if at is None:
        found.doubts["no header"] = ""
        return found
    header = cells[at]
    width = max(len(row) for row in cells[at:])
    header = header + [""] * (width - len(header))
    rows = {
        number: row + [""] * (width - len(row))
        for number, row in enumerate(cells[at + 1 :], start=at + 2)
    }
    places = _places(header, asked, found)
    if sum(name in places for name in ("submitted", "seconds", "ip", "detail")) == 0:
        numbered = [h for h in header if re.match(r"\d+\s*[、.]", h)]
        found.open = bool(numbered)  # no column of the platform is left: a table, read as it stands
    platform = sum(own(h) != "" for h in header) > 1 and any(
        own(h) in ("submitted", "seconds", "detail", "ip") for h in header
    )
    rows = _answers(rows, header, places, platform, found)
    rows = _once(rows, places, found)
    rows = _in_time(rows, places, asked, found)
    branches = _branches(rows, places, asked, numbers, found)
    for number, row in rows.items():
        values = {
            item: _value(row, item, branches[item], asked, numbers, found) for item in asked.items
        }
        _sort(number, values, asked, found)
    if found.alike & found.kept.keys():
        found.notes.add("look_alikes")
    if not found.kept:
        found.doubts["nothing left"] = ""
    return found


def _header(cells: list[list[str]], asked: Asked) -> int | None:
    texts = {plain(text) for text in asked.items.values()}
    best = max(
        range(min(len(cells), 20)),
        key=lambda at: sum(question(c) in texts or bool(own(c)) for c in cells[at]),
        default=None,
    )
    return best


def _places(header: list[str], asked: Asked, found: Read) -> dict[str, list[int]]:
    by_text = {plain(text): item for item, text in asked.items.items()}
    places: dict[str, list[int]] = {}
    strange = []
    several = asked.options[asked.several[0]]
    for at, text in enumerate(header):
        option = re.fullmatch(r"第(\d+)题\((.*)\)", plain(text))
        label = next((o for o in several if option and plain(o) == option[2]), None)
        if own(text):
            places.setdefault(own(text), []).append(at)
        elif label is not None:
            places.setdefault(f"{asked.several[0]}:{label}", []).append(at)
        elif question(text) in by_text:
            places.setdefault(by_text[question(text)], []).append(at)
        elif text:
            strange.append(text)
    found.strange = tuple(strange)
    for item in asked.needed:
        if item not in places:
            found.doubts[f"no column {item}"] = item
    return places


def _answers(
    rows: dict[int, list[str]],
    header: list[str],
    places: dict[str, list[int]],
    platform: bool,
    found: Read,
) -> dict[int, list[str]]:
    left = {}
    usual = sorted(sum(map(bool, row)) for row in rows.values() if any(row))
    middle = (usual[len(usual) // 2] + usual[(len(usual) - 1) // 2]) / 2 if usual else 0
    for number, row in rows.items():
        filled = sum(map(bool, row))
        if not filled:
            continue
        if sum(bool(h) and c == h for c, h in zip(row, header, strict=True)) > filled / 2:
            found.dropped[number] = "header"
        elif filled < max(2, middle / 2) and next(c for c in row if c).startswith(TOTALS):
            found.dropped[number] = "footer"
        else:
            left[number] = row
    numbers = places.get("sequence", [])[:1]
    if platform and numbers:
        whole = re.compile(r"\d+(\.0+)?")
        without = [n for n, row in left.items() if not whole.fullmatch(row[numbers[0]])]
        if 2 * len(without) <= len(left):
            for number in without:
                found.dropped[number] = "malformed"
                del left[number]
    return left


def _once(
    rows: dict[int, list[str]], places: dict[str, list[int]], found: Read
) -> dict[int, list[str]]:
    """Drop a row that says the same as an earlier one, where its time or its sender is its own."""
    numbers = places.get("sequence", [])[:1]
    content = {
        n: tuple(c for at, c in enumerate(row) if at not in numbers) for n, row in rows.items()
    }
    copies = Counter(content.values())
    if sum(count - 1 for count in copies.values()) >= len(copies):
        found.open = True
    marks: dict[str, dict[int, str]] = {"time": {}, "sender": {}}
    for number, row in rows.items():
        stamp = STAMP.fullmatch(_cell(row, places, "submitted"))
        if stamp and stamp[6]:
            marks["time"][number] = stamp[0]
        if _cell(row, places, "ip") and _cell(row, places, "seconds"):
            marks["sender"][number] = _cell(row, places, "ip") + _cell(row, places, "seconds")
    told: set[int] = set()
    for values in marks.values():
        owners: dict[str, set[tuple[str, ...]]] = {}
        for number, value in values.items():
            owners.setdefault(value, set()).add(content[number])
        if len(owners) >= 0.9 * len({content[n] for n in values}):
            told |= {n for n, value in values.items() if len(owners[value]) == 1}
    first: dict[tuple[str, ...], int] = {}
    left = {}
    for number, row in rows.items():
        again = first.setdefault(content[number], number) != number
        if again and number in told:
            found.dropped[number] = "again"
        else:
            left[number] = row
            if again:
                found.alike.add(number)
    return left


def _cell(row: list[str], places: dict[str, list[int]], name: str) -> str:
    return row[places[name][0]] if name in places else ""


def _in_time(
    rows: dict[int, list[str]], places: dict[str, list[int]], asked: Asked, found: Read
) -> dict[int, list[str]]:
    if "submitted" not in places:
        return rows
    left, outside, dated = {}, 0, 0
    unread = 0
    for number, row in rows.items():
        cell = _cell(row, places, "submitted")
        stamp = STAMP.fullmatch(cell)
        if stamp:
            dated += 1
        elif cell:
            unread += 1
            found.notes.add("times_unread")
        else:
            found.notes.add("times_missing")
        if stamp and stamp[1] != asked.year:
            outside += 1
            found.dropped[number] = "outside"
        else:
            left[number] = row
    if outside > dated / 2:
        found.doubts["most of it is of another year"] = ""
    if unread and unread > (dated + unread) / 2:
        found.doubts["times cannot be read"] = ""
    return left


def _branches(
    rows: dict[int, list[str]],
    places: dict[str, list[int]],
    asked: Asked,
    numbers: bool,
    found: Read,
) -> dict[str, dict[str, list[int]]]:
    """Return, by item, its columns; those that read the same are one question, or a doubt."""
    chosen: dict[str, dict[str, list[int]]] = {}
    for item in asked.items:
        spread = {name: at for name, at in places.items() if name.startswith(f"{item}:")}
        chosen[item] = spread or ({item: places[item]} if item in places else {})
        for columns in chosen[item].values():
            for row in rows.values():
                if sum(_reason(row[at], numbers) is None for at in columns) > 1:
                    found.doubts[f"two columns {item}"] = item
                    break
    return chosen


def _reason(cell: str, numbers: bool) -> str | None:
    if cell in ("(跳过)", "（跳过）") or (numbers and cell == "-3"):
        return "skipped"
    if cell in ("", "(空)", "（空）") or (numbers and cell == "-2"):
        return "empty"
    return None


def _value(
    row: list[str],
    item: str,
    columns: dict[str, list[int]],
    asked: Asked,
    numbers: bool,
    found: Read,
) -> str:
    if not columns:
        return "!not_asked"
    if item in asked.several and item not in columns:
        return _ticked(row, item, columns, asked)
    answered = [row[at] for at in columns[item] if _reason(row[at], numbers) is None]
    if not answered:
        return "!" + str(_reason(row[columns[item][0]], numbers))
    cell = answered[0]
    options = asked.options.get(item)
    if options is None:
        return cell
    parts = [cell]
    if item in asked.several and _code(cell, options, numbers) is None:
        parts = [part.strip() for part in re.findall(r"(?:〖[^〗]*〗|[^┋])+", cell) if part.strip()]
        if any(_code(part, options, numbers) is None for part in parts):
            parts = [part for part in re.split(r"[\s,，;；、|/┋]+", cell) if part]
    codes = []
    for part in parts:
        code = _code(part, options, numbers)
        if code is None:
            found.doubts[f"{item} says {cell!r}"] = item
            return "!invalid"
        codes.append(code)
    if len(codes) == 1 and codes[0] in asked.missing.get(item, {}):
        return "!" + asked.missing[item][codes[0]]
    return ";".join(sorted(set(codes)))


def _code(text: str, options: dict[str, str], numbers: bool) -> str | None:
    if numbers:
        code = unicodedata.normalize("NFKC", text).strip()
        return code if code in options.values() else None
    keys = {}
    for label, code in options.items():
        keys[plain(label)] = code
        keys.setdefault(plain(label.split("【")[0]), code)
    beside = re.sub(r"〖.*〗$", "", text, flags=re.DOTALL)
    return keys.get(plain(text)) or keys.get(plain(beside))


def _ticked(row: list[str], item: str, columns: dict[str, list[int]], asked: Asked) -> str:
    ticked = [
        asked.options[item][name.partition(":")[2]]
        for name, at in columns.items()
        if any(re.fullmatch(r"\d+", row[place]) and int(row[place]) >= 1 for place in at)
    ]
    if ticked:
        return ";".join(sorted(set(ticked)))
    skipped = any(_reason(row[p], True) == "skipped" for at in columns.values() for p in at)
    return "!skipped" if skipped else "!empty"


def _sort(number: int, values: Values, asked: Asked, found: Read) -> None:
    """Keep a row, or say why it is no answer."""
    if any(values[item] == code for item, code in asked.screening.items()):
        found.dropped[number] = "screened out"
    elif all(values[item].startswith("!") for item in asked.scored):
        found.dropped[number] = "no answer"
    elif values[asked.subject].startswith("!"):
        found.dropped[number] = "no subject"
    else:
        name = plain(values[asked.subject])
        known = {plain(n): s for n, s in asked.names.items()}
        subject = known.get(name) or next(
            (known[name.removesuffix(e)] for e in SUFFIXES if name.removesuffix(e) in known), None
        )
        if subject is None:
            found.dropped[number] = "unknown name"
            found.doubts[f"no committee {values[asked.subject]!r}"] = asked.subject
        else:
            found.kept[number] = subject, values
