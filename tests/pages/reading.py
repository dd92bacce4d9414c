"""An independent reader: what lies in ``out/<wave>/``, and what stands on a filled page.

Nothing here uses the code that writes pages. Numbers are written with `decimal`, from the exact
value of the double, halves to even; files are read with `csv` and `json`, pages with `html.parser`.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from evalkit.pages.press import planned
from evalkit.pages.press.planned import Chart, Paper
from evalkit.tables import Evaluation

NONE = "—"
Row = dict[str, Any]

# --- numbers as a page writes them ----------------------------------------------------------


def fixed(value: float | None, decimals: int = 1) -> str:
    if value is None or math.isnan(value):
        return NONE
    exact = Decimal(value).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN)
    text = f"{abs(exact):f}"
    return f"−{text}" if exact < 0 else text


def signed(value: float | None, decimals: int = 1) -> str:
    text = fixed(value, decimals)
    plain = text == NONE or text.startswith("−") or not text.strip("0.")
    return text if plain else f"+{text}"


def interval(low: float | None, high: float | None, decimals: int = 1) -> str:
    if low is None or high is None:
        return NONE
    return f"{fixed(low, decimals)}{'–' if low >= 0 else ' 至 '}{fixed(high, decimals)}"


def percent(share: float | None, decimals: int = 0) -> str:
    return NONE if share is None else f"{fixed(100 * share, decimals)}%"


def chance(p: float | None) -> str:
    if p is None:
        return NONE
    return ">99%" if p > 0.99 else "<1%" if p < 0.01 else percent(p)


def likely(p: float) -> str:
    return "99% 以上" if p > 0.99 else "不到 1%" if p < 0.01 else percent(p)


def p_value(p: float | None) -> str:
    return NONE if p is None else "<0.001" if p < 0.001 else fixed(p, 3)


def exact_score(value: float, cutoffs: Sequence[float]) -> str:
    """One decimal, or as many as keep a score on its side of every cut-off."""
    for decimals in range(1, 9):
        text = fixed(value, decimals)
        if all((value >= c) == (float(text) >= c) for c in cutoffs):
            return text
    raise AssertionError(value)


def steps(change: int) -> str:
    if change == 0:
        return "名次不变"
    return f"{'上升' if change < 0 else '下降'} {abs(change)} 名"


def step_range(low: int, high: int) -> str:
    if low == high:
        return steps(low)
    if low < high < 0 or 0 < low < high:
        near, far = sorted((abs(low), abs(high)))
        return f"{'上升' if low < 0 else '下降'} {near}–{far} 名"
    return f"{steps(low)}至{steps(high)}"


def place_range(low: int, high: int) -> str:
    return f"第 {low} 名" if low == high else f"第 {low}–{high} 名"


def places(low: float, high: float) -> str:
    """A set of ranks as a table has it."""
    return f"第 {low:.0f} 名" if low == high else f"第 {low:.0f}–{high:.0f} 名"


def plainly(verdict: str) -> str:
    """A verdict as pages write it; files hold the code."""
    return {
        "无显著差异": "尚看不出差别",
        "无明显变化": "尚看不出变化",
        "无显著变化": "尚看不出变化",
    }.get(verdict, verdict)


def plain(text: str) -> str:
    """A text with ordinary spaces, one at a time."""
    return " ".join(text.replace("\xa0", " ").split())


# --- files ----------------------------------------------------------------------------------


def value_of(text: str) -> Any:
    if text == "":
        return None
    if text in ("True", "False"):
        return text == "True"
    try:
        return float(text)
    except ValueError:
        return text


TEXTS = {"subject", "wave", "name", "code", "group", "item", "option", "from_wave", "to_wave"}
TEXTS |= {"by", "value", "label"}


@dataclass
class Files:
    """Tables and JSON files of one published wave, and the evaluation that they came from."""

    folder: Path
    evaluation: Evaluation
    _read: dict[str, list[Row]] = field(default_factory=dict)
    _found: dict[tuple[str, ...], dict[tuple[Any, ...], list[Row]]] = field(default_factory=dict)
    remembered: dict[str, Any] = field(default_factory=dict)
    """What was worked out of them and is asked again and again."""

    def table(self, name: str) -> list[Row]:
        if name not in self._read:
            with (self.folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
                self._read[name] = [
                    {k: v if k in TEXTS else value_of(v) for k, v in row.items()}
                    for row in csv.DictReader(file)
                ]
        return [*self._read[name]]  # whoever sorts it sorts for nobody else

    def where(self, name: str, **wanted: Any) -> list[Row]:
        key = (name, *wanted)
        if key not in self._found:
            index: dict[tuple[Any, ...], list[Row]] = {}
            for row in self.table(name):
                index.setdefault(tuple(row[k] for k in wanted), []).append(row)
            self._found[key] = index
        return [*self._found[key].get(tuple(wanted.values()), ())]

    def one(self, name: str, **wanted: Any) -> Row:
        (row,) = self.where(name, **wanted)
        return row

    def by_subject(self, name: str) -> dict[str, Row]:
        return {row["subject"]: row for row in self.table(name)}

    def json(self, name: str) -> Any:
        return json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))

    @property
    def cutoffs(self) -> list[float]:
        return [g.cutoff for g in self.evaluation.scheme.grades]

    def findings(self, subject: str, *kinds: str) -> list[Row]:
        if "findings" not in self._read:
            self._read["findings"] = self.json("findings")
        (own,) = (e for e in self._read["findings"] if e["subject"] == subject)
        return [f for f in own["findings"] if f["kind"] in kinds]


# --- pages ----------------------------------------------------------------------------------

BLOCKS = {"p", "li", "h1", "h3", "figcaption"}


@dataclass
class Table:
    caption: str = ""
    head: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)


@dataclass
class Part:
    """A section of a page: its heading, its texts in order, its tables and its charts."""

    title: str
    texts: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)

    @property
    def takeaway(self) -> str:
        return self.texts[0]

    @property
    def text(self) -> str:
        return "\n".join(self.texts)

    def chart(self, figure: str) -> Chart:
        (found,) = (c for c in self.charts if c.figure == figure)
        return found


class _Reader(HTMLParser):
    def __init__(self, charts: Mapping[str, Chart]) -> None:
        super().__init__(convert_charrefs=True)
        self.parts = [Part("")]
        self._charts = charts
        self._open: list[str] = []
        self._buffer: list[str] = []
        self._cell = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        part = self.parts[-1]
        if tag == "img":
            part.charts.append(self._charts[str(given["src"])])
            part.texts.append(str(given["alt"]))
        elif tag == "br":
            self._buffer.append(" ")
        elif tag == "table":
            part.tables.append(Table())
        elif tag == "tr" and "thead" not in self._open:
            part.tables[-1].rows.append([])
            part.tables[-1].classes.append(str(given.get("class") or ""))
        if tag in BLOCKS | {"h2", "th", "td", "caption"}:
            self._buffer = []
        if tag not in ("img", "br", "meta", "col"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        text = plain("".join(self._buffer))
        if tag == "h2":
            self.parts.append(Part(text))
        elif tag in BLOCKS:
            self.parts[-1].texts.append(text)
        elif tag == "caption":
            self.parts[-1].tables[-1].caption = text
        elif tag in ("th", "td"):
            table = self.parts[-1].tables[-1]
            (table.head if "thead" in self._open else table.rows[-1]).append(text)
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        self._buffer.append(data)


@dataclass
class Page:
    """A filled page, read back. `whole` is all text and all specifications, for what must not be."""

    parts: list[Part]
    html: str
    charts: list[Chart]

    def part(self, title: str) -> Part:
        (found,) = (p for p in self.parts if p.title == title)
        return found

    @property
    def whole(self) -> str:
        drawn = json.dumps([c.spec() for c in self.charts], ensure_ascii=False)
        words = " ".join(c.words for c in self.charts)
        return f"{self.html} {words} {drawn}"


def read(paper: Paper) -> Page:
    """Fill a paper's template without drawing, and read it back."""
    charts: dict[str, Chart] = {}

    def draw(chart: Chart) -> str:
        address = f"chart:{len(charts)}"
        charts[address] = chart
        return address

    template = planned.environment().get_template(paper.template)
    text = template.render(paper=paper, draw=draw, **paper.context)
    reader = _Reader(charts)
    reader.feed(text)
    reader.close()
    return Page(reader.parts, text, list(charts.values()))


def rows_of(chart: Chart, columns: Iterable[str]) -> list[tuple[Any, ...]]:
    """The rows a chart is drawn from, some columns of it; a missing number is None."""
    found = []
    for row in chart.frame.to_dict("records"):
        values = tuple(row[c] for c in columns)
        found.append(tuple(None if isinstance(v, float) and math.isnan(v) else v for v in values))
    return found


def lack_of(reason: Any) -> str:
    """Why a committee is not compared, in words: what it is in the wave that is named."""
    return f"{reason.wave} {'不存在' if reason.lack == 'absent' else '不完整'}"
