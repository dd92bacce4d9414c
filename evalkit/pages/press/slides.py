"""Slides with native charts: the numbers behind them are as printed, and nothing else is in the file."""

from __future__ import annotations

import datetime as dt
import io
import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import pptx
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import (
    XL_AXIS_CROSSES,
    XL_CHART_TYPE,
    XL_LABEL_POSITION,
    XL_LEGEND_POSITION,
    XL_TICK_LABEL_POSITION,
)
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Emu, Pt

from evalkit import assets
from evalkit.files.writing import FIXED, Book, printable
from evalkit.pages.press import packaging
from evalkit.pages.press.deck import Bars, Deck, Floats, Grid, Image, Lines, Reach, Series, Slide
from evalkit.pages.press.pictures import picture

LEFT, TOP, WIDTH, HEIGHT = 548_640, 1_508_760, 11_094_720, 4_617_720
"""Where a slide's body stands, in English Metric Units."""
FOOT, FOOT_HEIGHT = 6_400_800, 320_040
BELOW, BELOW_HEIGHT = 6_080_760, 320_040
INK, MUTED, ALARM, HEAD = "1F2933", "5F6B78", "9A4416", "F3F6F9"
TITLES = ((34, 28), (60, 24), (90, 20), (10**9, 16))
"""Points of a title, by how long it is."""
ONE_CHART = 20
"""Rows of one chart of intervals; of more, two stand side by side."""
MARK = 0.006
"""Width of the mark of a number on its interval, as a share of the scale."""

_PARTS = {
    "[Content_Types].xml": "slides/content_types.xml",
    "_rels/.rels": "slides/package_rels.xml",
    "docProps/core.xml": "core.xml",
    "ppt/presentation.xml": "slides/presentation.xml",
    "ppt/_rels/presentation.xml.rels": "slides/presentation_rels.xml",
    "ppt/slideMasters/slideMaster1.xml": "slides/master.xml",
    "ppt/slideMasters/_rels/slideMaster1.xml.rels": "slides/master_rels.xml",
    "ppt/slideLayouts/slideLayout1.xml": "slides/layout.xml",
    "ppt/slideLayouts/_rels/slideLayout1.xml.rels": "slides/layout_rels.xml",
    "ppt/theme/theme1.xml": "slides/theme.xml",
}


def write(deck: Deck) -> bytes:
    """Return slides as a package. The same deck gives the same bytes.

    Raises
    ------
    RenderError
        If the package holds what it may not.
    """
    show = pptx.Presentation(io.BytesIO(_template()))
    told = show.core_properties
    told.title, told.subject = printable(deck.title)[:250], printable(deck.subject)[:250]
    told.author = told.last_modified_by = printable(deck.author)[:250]
    told.identifier, told.language, told.revision = deck.mark, "zh-CN", 1
    told.created = told.modified = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
    _cover(show, deck)
    for number, slide in enumerate(deck.slides, start=2):
        _slide(show, deck, slide, f"{number} / {len(deck.slides) + 1}")
    buffer = io.BytesIO()
    show.save(buffer)
    return packaging.sealed(deck.path, buffer.getvalue(), deck.created)


def _cover(show: Any, deck: Deck) -> None:
    page = show.slides.add_slide(show.slide_layouts[0])
    title, *lines = deck.cover
    page.shapes.title.top, page.shapes.title.left = Emu(1_371_600), Emu(LEFT)
    page.shapes.title.width, page.shapes.title.height = Emu(WIDTH), Emu(1_600_200)
    _say(page.shapes.title.text_frame, title, 36, bold=True, align=PP_ALIGN.CENTER)
    for at, line in enumerate(lines):
        box = page.shapes.add_textbox(LEFT, 3_200_400 + at * 502_920, WIDTH, 502_920)
        _say(box.text_frame, line, 20, align=PP_ALIGN.CENTER)
    _foot(page, deck, f"1 / {len(deck.slides) + 1}")
    _notes(page, deck.notes)


def _slide(show: Any, deck: Deck, slide: Slide, number: str) -> None:
    page = show.slides.add_slide(show.slide_layouts[0])
    size = next(points for most, points in TITLES if len(slide.title) <= most)
    _say(page.shapes.title.text_frame, slide.title, size, bold=True)
    body = slide.body
    if isinstance(body, Bars):
        _bars(page, body, slide.title)
    elif isinstance(body, Floats):
        _floats(page, body, slide.title)
    elif isinstance(body, Grid):
        _grid(page, body)
    elif isinstance(body, Image):
        _image(page, body)
    else:
        _lines(page, body)
    if slide.below:
        box = page.shapes.add_textbox(LEFT, BELOW, WIDTH, BELOW_HEIGHT)
        _say(box.text_frame, slide.below, 12, colour=MUTED)
    _foot(page, deck, number)
    _notes(page, slide.notes)


def _foot(page: Any, deck: Deck, number: str) -> None:
    box = page.shapes.add_textbox(LEFT, FOOT, WIDTH // 2, FOOT_HEIGHT)
    _say(box.text_frame, deck.subject, 11, colour=MUTED)
    right = page.shapes.add_textbox(LEFT + WIDTH // 2, FOOT, WIDTH // 2, FOOT_HEIGHT)
    text = "　".join(filter(None, (deck.synthetic, number)))
    look = ALARM if deck.synthetic else MUTED
    _say(right.text_frame, text, 11, colour=look, align=PP_ALIGN.RIGHT, bold=bool(deck.synthetic))


def _notes(page: Any, notes: Sequence[str]) -> None:
    page.notes_slide.notes_text_frame.text = printable("\n".join(notes))


def _say(
    frame: Any,
    text: str,
    size: float,
    *,
    bold: bool = False,
    colour: str = INK,
    align: Any = None,
) -> None:
    frame.word_wrap = True
    paragraph = frame.paragraphs[0]
    run = paragraph.add_run()
    run.text = printable(text).replace("\v", " ")
    run.font.size, run.font.bold = Pt(size), bold
    run.font.color.rgb = RGBColor.from_string(colour)
    if align is not None:
        paragraph.alignment = align


# --- charts -----------------------------------------------------------------------------------


def _bars(page: Any, bars: Bars, words: str) -> None:
    chart = _chart(page, bars.names, bars.series, (LEFT, WIDTH), bars.axis, words, stacked=False)
    plot = chart.plots[0]
    plot.gap_width, plot.overlap = 45, -5
    for series, drawn in zip(bars.series, plot.series, strict=True):
        drawn.format.fill.solid()
        drawn.format.fill.fore_color.rgb = RGBColor.from_string(series.colour)
    if bars.form:
        plot.has_data_labels = True
        labels = plot.data_labels
        labels.number_format, labels.number_format_is_linked = bars.form, False
        labels.position = XL_LABEL_POSITION.OUTSIDE_END
        labels.font.size = Pt(13)
        labels.show_value = True
        chart.value_axis.visible, chart.value_axis.has_major_gridlines = False, False
    chart.has_legend = len(bars.series) > 1
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
        chart.legend.font.size = Pt(13)


def _floats(page: Any, floats: Floats, words: str) -> None:
    """Draw intervals: a part that is not seen, up to the number, its mark, from it to the end."""
    rows = floats.reaches
    half = -(-len(rows) // 2)
    parts = [rows] if len(rows) <= ONE_CHART else [rows[:half], rows[half:]]
    wide = WIDTH // len(parts)
    for at, part in enumerate(parts):
        place = (LEFT + at * wide, wide)
        mark = MARK * (floats.axis[1] - floats.axis[0]) * len(parts)
        names = [reach.name for reach in part]
        segments = _segments(part, mark)
        series = [one for _, one in segments]
        chart = _chart(page, names, series, place, floats.axis, words, stacked=True, ends=part)
        plot = chart.plots[0]
        plot.gap_width, plot.overlap = 40, 100
        chart.has_legend = False
        for (kind, _), drawn in zip(segments, plot.series, strict=True):
            if kind == "start":
                drawn.format.fill.background()
                continue
            for row, reach in enumerate(part):
                fill = drawn.points[row].format.fill
                fill.solid()
                colour = INK if kind == "mark" else reach.colour
                fill.fore_color.rgb = RGBColor.from_string(colour)
    for at, (text, colour) in enumerate(floats.legend):
        wide = WIDTH // max(len(floats.legend), 1)
        box = page.shapes.add_textbox(LEFT + at * wide, BELOW - 300_000, wide, BELOW_HEIGHT)
        _say(box.text_frame, f"■ {text}", 13, colour=colour, bold=True, align=PP_ALIGN.CENTER)


def _segments(part: Sequence[Reach], mark: float) -> list[tuple[str, Series]]:
    """Return what is stacked: above 0 from the low end up, below 0 from the high end down.

    Each row is a start that is not seen, the reach up to the number's mark, the mark, the rest.
    """
    cuts = [(r.low, r.value - mark / 2, r.value + mark / 2, r.high) for r in part]
    cuts = [(min(low, a), a, b, max(high, b)) for low, a, b, high in cuts]
    kinds = ("reach", "mark", "reach")
    above = [("start", "起点", [max(cut[0], 0.0) for cut in cuts])]
    for at, name in enumerate(("下半段", "标记", "上半段")):
        own = [max(cut[at + 1], 0.0) - max(cut[at], 0.0) for cut in cuts]
        above.append((kinds[at], name, own))
    below = [("start", "起点（负）", [min(cut[3], 0.0) for cut in cuts])]
    for at, name in ((2, "上半段（负）"), (1, "标记（负）"), (0, "下半段（负）")):
        own = [min(cut[at], 0.0) - min(cut[at + 1], 0.0) for cut in cuts]
        below.append((kinds[at], name, own))
    drawn = above + (below if any(cut[0] < 0 for cut in cuts) else [])
    return [
        (kind, Series(name, [round(value, 3) for value in own], INK)) for kind, name, own in drawn
    ]


def _chart(
    page: Any,
    names: Sequence[str],
    series: Sequence[Series],
    place: tuple[int, int],
    axis: tuple[float, float],
    words: str,
    *,
    stacked: bool,
    ends: Sequence[Reach] = (),
) -> Any:
    shown = [printable(name) for name in names]
    data = CategoryChartData()
    data.categories = shown
    for one in series:
        data.add_series(printable(one.name), one.values)
    kind = XL_CHART_TYPE.BAR_STACKED if stacked else XL_CHART_TYPE.BAR_CLUSTERED
    height = HEIGHT - (300_000 if stacked else 0)
    frame = page.shapes.add_chart(kind, place[0], TOP, place[1], height, data)
    frame._element.nvGraphicFramePr.cNvPr.set("descr", printable(words))
    chart = frame.chart
    chart.part.chart_workbook.update_from_xlsx_blob(_workbook(shown, series, ends))
    chart.has_title = False
    chart.font.size = Pt(11 if len(names) > 14 else 13)
    chart.font.color.rgb = RGBColor.from_string(INK)
    chart.category_axis.reverse_order = True
    chart.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    chart.category_axis.format.line.color.rgb = RGBColor.from_string("BCC4CC")
    chart.category_axis.has_major_gridlines = False
    value = chart.value_axis
    value.minimum_scale, value.maximum_scale = axis
    value.major_gridlines.format.line.color.rgb = RGBColor.from_string("E6EAEE")
    value.format.line.fill.background()
    chart.category_axis.crosses = XL_AXIS_CROSSES.MAXIMUM
    value.tick_labels.font.size = Pt(11)
    value.tick_labels.number_format, value.tick_labels.number_format_is_linked = "General", False
    return chart


def _workbook(names: Sequence[str], series: Sequence[Series], ends: Sequence[Reach]) -> bytes:
    """Return the workbook behind a chart: as the chart reads it, and the numbers as printed."""
    book = Book(FIXED)
    sheet = book.sheet("Sheet1")
    columns: list[tuple[str, Sequence[float | None]]] = [(s.name, s.values) for s in series]
    if ends:
        columns += [
            ("得分或变化", [reach.value for reach in ends]),
            ("误差范围下端", [reach.low for reach in ends]),
            ("误差范围上端", [reach.high for reach in ends]),
        ]
    for row, name in enumerate(names, start=1):
        book.put(sheet, row, 0, name)
    for at, (heading, values) in enumerate(columns, start=1):
        book.put(sheet, 0, at, heading)
        for row, value in enumerate(values, start=1):
            book.put(sheet, row, at, value)
    return book.saved()


# --- tables, pictures, sentences ---------------------------------------------------------------


SIZES = (16, 14, 13, 12)
"""Points of a table's type, the largest first."""
ROOMY, MARGINS, LEADING = 640_080, 120_000, 1.3
"""EMU: the height of a row where there is room, what a cell keeps above and below; lines to type."""


def _fitting(grid: Grid) -> tuple[int, list[int]]:
    """Return the largest type in which a table stays on its slide, and the rows' heights in EMU."""
    texts = [grid.headings, *grid.rows]
    for size in SIZES:
        needed = [
            MARGINS
            + round(LEADING * Pt(size) * max(map(_broken(grid, size), range(len(row)), row)))
            for row in texts
        ]
        if sum(needed) <= BELOW - TOP:
            break
    spare = max(0, BELOW - TOP - sum(needed)) // len(texts)
    return size, [max(own, min(ROOMY, own + spare)) for own in needed]


def _broken(grid: Grid, size: int) -> Callable[[int, str], int]:
    """Return how many lines a text of a column takes: signs are as wide as the type, Latin half."""

    def lines(at: int, text: str) -> int:
        room = WIDTH * grid.shares[at] / sum(grid.shares) - 2 * 91_440
        wide = sum(1.0 if ord(sign) > 0x2000 else 0.6 for sign in text)
        return max(1, math.ceil(wide * Pt(size) / room))

    return lines


def _grid(page: Any, grid: Grid) -> None:
    rows, columns = len(grid.rows) + 1, len(grid.headings)
    size, high = _fitting(grid)
    frame = page.shapes.add_table(rows, columns, LEFT, TOP, WIDTH, sum(high))
    table = frame.table
    given = 0
    for at, share in enumerate(grid.shares):
        last = at == columns - 1
        wide = WIDTH - given if last else round(WIDTH * share / sum(grid.shares))
        table.columns[at].width, given = wide, given + wide
    for row, texts in enumerate([grid.headings, *grid.rows]):
        table.rows[row].height = high[row]
        for at, text in enumerate(texts):
            cell = table.cell(row, at)
            cell.fill.solid()
            cell.fill.fore_color.rgb = RGBColor.from_string("155A8A" if row == 0 else HEAD)
            cell.vertical_anchor = MSO_ANCHOR.MIDDLE
            colour = "FFFFFF" if row == 0 else INK
            _say(cell.text_frame, text, size, bold=row == 0 or at == 0, colour=colour)


def _image(page: Any, image: Image) -> None:
    shown = picture(image.svg)
    scale = min(WIDTH / shown.width, HEIGHT / shown.height)
    wide, high = int(shown.width * scale), int(shown.height * scale)
    frame = page.shapes.add_picture(
        io.BytesIO(shown.png), LEFT + (WIDTH - wide) // 2, TOP, wide, high
    )
    frame._element.nvPicPr.cNvPr.set("descr", printable(image.words))


def _lines(page: Any, lines: Lines) -> None:
    box = page.shapes.add_textbox(LEFT, TOP, WIDTH, HEIGHT)
    box.text_frame.word_wrap = True
    size = 20 if sum(map(len, lines.lines)) <= 320 else 16
    for at, line in enumerate(lines.lines):
        paragraph = box.text_frame.paragraphs[0] if at == 0 else box.text_frame.add_paragraph()
        run = paragraph.add_run()
        run.text = printable(f"• {line}")
        run.font.size = Pt(size)
        run.font.color.rgb = RGBColor.from_string(INK)
        paragraph.space_after = Pt(10)


@cache
def _template() -> bytes:
    folder = assets.templates()
    return packaging.zipped({name: (folder / file).read_bytes() for name, file in _PARTS.items()})
