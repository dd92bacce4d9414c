"""A lean Word document: paragraphs, tables and pictures in the styles of one shipped template.

Made so that Word, WPS and LibreOffice lay it out alike: every width is said three times (grid,
table, cell), nothing floats, no table stands inside another, and the only field is the page number.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import docx
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu
from lxml import etree

from evalkit import assets
from evalkit.files.writing import printable
from evalkit.pages.press import packaging
from evalkit.pages.press.columns import A_WORD, LEAST_WORDS, shared, widths
from evalkit.pages.press.pictures import Picture

TEXT_WIDTH = 9298
"""Width of the text, twips: A4 less 23 mm on either side."""
TALLEST = 10_200
"""Height that a picture may have, twips: some of the sheet is left for its heading."""
PADDING = 120
"""Left and right of a cell together, twips."""
EMU = 635
"""Of one twip."""
SIZES = (10.5, 9.5, 9.0, 8.5)
"""Points in which a table's text is tried, until its columns fit."""

_PARTS = {
    "[Content_Types].xml": "content_types.xml",
    "_rels/.rels": "package_rels.xml",
    "docProps/core.xml": "../core.xml",
    "word/_rels/document.xml.rels": "document_rels.xml",
    **{f"word/{name}.xml": f"{name}.xml" for name in
       ("document", "styles", "settings", "header1", "footer1")},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text that looks the same; `line` starts a new line before it."""

    text: str
    bold: bool = False
    small: bool = False
    boxed: bool = False
    line: bool = False


@dataclass(frozen=True, slots=True)
class Para:
    """A paragraph: the name of its style, and what is written."""

    style: str
    runs: Sequence[Run]
    align: str = ""
    new_page: bool = False
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture and what it shows, for those who do not see it."""

    picture: Picture
    words: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its paragraphs and pictures, and over how many columns it reaches."""

    blocks: Sequence[Para | Shown] = ()
    span: int = 1
    shaded: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table; a head is repeated on every page, `least` is its height in twips."""

    cells: Sequence[Cell]
    head: bool = False
    least: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its rows, the name of its style, and shares of the width where they are given."""

    lines: Sequence[Line]
    style: str = "Rules"
    shares: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class About:
    """What a document says of itself."""

    title: str
    subject: str
    author: str
    created: str
    identifier: str
    running: str
    mark: str
    footer: str


@dataclass(slots=True)
class Manuscript:
    """A document being written, from top to bottom."""

    about: About
    _document: Any = field(init=False)
    _pictures: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._document = docx.Document(io.BytesIO(_template()))
        about, told = self.about, self._document.core_properties
        told.title, told.subject = printable(about.title)[:250], printable(about.subject)[:250]
        told.author = told.last_modified_by = printable(about.author)[:250]
        told.identifier, told.language, told.revision = about.identifier, "zh-CN", 1
        told.created = told.modified = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
        head = self._document.sections[0].header._element
        mark = [Run("\t"), Run(about.mark, bold=True)] if about.mark else []
        _write(head[0], [Run(about.running), *mark])
        foot = self._document.sections[0].footer._element
        _write(foot[-1], [Run(about.footer)])

    def paragraph(self, para: Para) -> None:
        """Write a paragraph."""
        self._add(_paragraph(para))

    def picture(self, shown: Shown, width: int = TEXT_WIDTH) -> None:
        """Write a picture, as large as it is meant to be or as there is room for."""
        self._add(self._pictured(shown, width))

    def table(self, table: Table) -> None:
        """Write a table, and the gap below it that keeps it apart from another one."""
        size, measured = _measured(table)
        self._add(self._tabled(table, measured, size))
        self._add(_paragraph(Para("Gap", ())))

    def saved(self, path: str) -> bytes:
        """Return the document as a package; `RenderError` if it holds what it may not."""
        buffer = io.BytesIO()
        self._document.save(buffer)
        return packaging.sealed(path, buffer.getvalue(), self.about.created)

    def _add(self, element: Any) -> None:
        self._document.element.body.sectPr.addprevious(element)

    def _pictured(self, shown: Shown, width: int) -> Any:
        self._pictures += 1
        wide, high = shown.picture.width * 15, shown.picture.height * 15
        scale = min(1.0, width / wide, TALLEST / high)
        inline = self._document.part.new_pic_inline(
            io.BytesIO(shown.picture.png),
            Emu(int(wide * scale * EMU)),
            Emu(int(high * scale * EMU)),
        )
        inline.docPr.set("name", f"图 {self._pictures}")
        inline.docPr.set("descr", printable(shown.words))
        found = _paragraph(Para("Figure", ()))
        run = _within(found, "w:r")
        _within(run, "w:drawing").append(inline)
        return found

    def _tabled(self, table: Table, measured: Sequence[int], size: float) -> Any:
        found = OxmlElement("w:tbl")
        about = _within(found, "w:tblPr")
        if table.style:
            _within(about, "w:tblStyle", val=table.style)
        _within(about, "w:tblW", w=sum(measured), type="dxa")
        _within(about, "w:tblLayout", type="fixed")
        grid = _within(found, "w:tblGrid")
        for width in measured:
            _within(grid, "w:gridCol", w=width)
        for line in table.lines:
            row = _within(found, "w:tr")
            set_as = _within(row, "w:trPr")
            _within(set_as, "w:cantSplit")
            if line.least:
                _within(set_as, "w:trHeight", val=line.least, hRule="atLeast")
            if line.head:
                _within(set_as, "w:tblHeader")
            for cell, width in _with_widths(line.cells, measured):
                self._celled(_within(row, "w:tc"), cell, width, size)
        return found

    def _celled(self, element: Any, cell: Cell, width: int, size: float) -> None:
        about = _within(element, "w:tcPr")
        _within(about, "w:tcW", w=width, type="dxa")
        if cell.span > 1:
            _within(about, "w:gridSpan", val=cell.span)
        if cell.shaded:
            _within(about, "w:shd", val="clear", color="auto", fill="F3F6F9")
        for block in cell.blocks:
            if isinstance(block, Shown):
                element.append(self._pictured(block, width - PADDING))
            else:
                element.append(_paragraph(block, size))
        if not cell.blocks:
            element.append(_paragraph(Para("Table", ()), size))


def _measured(table: Table) -> tuple[float, list[int]]:
    """Return in which size a table is set, and how wide its columns are, twips."""
    columns = max(sum(cell.span for cell in line.cells) for line in table.lines)
    if len(table.shares) == columns:
        return SIZES[0], shared(table.shares, TEXT_WIDTH)
    single = [line for line in table.lines if all(cell.span == 1 for cell in line.cells)]
    rows = [[(_lines(cell), _breaks(cell)) for cell in line.cells] for line in single]
    texts = [[row[at] for row in rows] for at in range(columns)]
    for word in (A_WORD, LEAST_WORDS):
        for size in SIZES:
            found, fits = widths(texts, TEXT_WIDTH, size, PADDING, word)
            if fits:
                return size, found
    return size, found


def _lines(cell: Cell) -> list[str]:
    """Return what stands on lines of its own in a cell."""
    lines: list[str] = []
    for block in cell.blocks:
        if isinstance(block, Para):
            lines.append("")
            for run in block.runs:
                if run.line:
                    lines.append("")
                lines[-1] += run.text
    return lines


def _breaks(cell: Cell) -> bool:
    """Tell whether a cell's text is prose that may break; numbers stay on their line."""
    return not any(isinstance(block, Para) and block.align == "right" for block in cell.blocks)


def _with_widths(cells: Sequence[Cell], measured: Sequence[int]) -> Iterator[tuple[Cell, int]]:
    at = 0
    for cell in cells:
        yield cell, sum(measured[at : at + cell.span])
        at += cell.span


def _paragraph(para: Para, size: float = SIZES[0]) -> Any:
    found = OxmlElement("w:p")
    about = _within(found, "w:pPr")
    _within(about, "w:pStyle", val=para.style)
    if para.keep:
        _within(about, "w:keepNext")
    if para.new_page:
        _within(about, "w:pageBreakBefore")
    if para.align:
        _within(about, "w:jc", val=para.align)
    in_table = para.style == "Table" and size != SIZES[0]
    _write(found, para.runs, size if in_table else 0)
    return found


def _write(paragraph: Any, runs: Sequence[Run], size: float = 0) -> None:
    for run in runs:
        element = _within(paragraph, "w:r")
        points = (min(size or 9.5, 9.5) if run.small else size) or 0
        if run.bold or points or run.boxed or run.small:
            look = _within(element, "w:rPr")
            if run.bold:
                _within(look, "w:b")
            if run.small:
                _within(look, "w:color", val="5F6B78")
            if points:
                _within(look, "w:sz", val=int(2 * points))
                _within(look, "w:szCs", val=int(2 * points))
            if run.boxed:
                _within(look, "w:bdr", val="single", sz=4, space=0, color="808B97")
        if run.line:
            _within(element, "w:br")
        if run.text == "\t":
            _within(element, "w:tab")
        elif run.text:
            text = _within(element, "w:t")
            text.text = printable(run.text).translate(_BREAKS)
            text.set(qn("xml:space"), "preserve")


_BREAKS = str.maketrans("\t\r\n", "   ")


def _within(parent: Any, tag: str, **attributes: object) -> Any:
    child = etree.SubElement(parent, _named(tag))
    for name, value in attributes.items():
        child.set(_named(f"w:{name}"), str(value))
    return child


@cache
def _named(name: str) -> str:
    return str(qn(name))


def bold(para: Para) -> Para:
    """Return a paragraph in bold type."""
    return replace(para, runs=[replace(run, bold=True) for run in para.runs])


@cache
def _template() -> bytes:
    folder = assets.templates() / "word"
    return packaging.zipped({name: (folder / file).read_bytes() for name, file in _PARTS.items()})
