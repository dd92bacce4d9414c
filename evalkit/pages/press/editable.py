"""A filled page as an editable Word document: the same words and numbers, element by element.

Nothing is planned or worded here. The page that the PDF is laid out from is walked once; charts
become pictures, with a small table of their numbers where no table beside them has these.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import lxml.html

from evalkit.errors import RenderError
from evalkit.files.writing import printable
from evalkit.pages.press.behind import Behind, behind
from evalkit.pages.press.pictures import picture
from evalkit.pages.press.planned import Page, Paper, prove
from evalkit.pages.press.word import (
    About,
    Cell,
    Line,
    Manuscript,
    Para,
    Run,
    Shown,
    Table,
    bold,
)

COPY = "可编辑稿，以盖章件为准"
"""What every sheet says: the paper that counts is the sealed one."""

STYLES = (
    ("takeaway", "Takeaway"), ("print", "Fine"), ("small", "Remark"), ("term", "Remark"),
    ("muted", "Remark"), ("meta", "Meta"), ("street", "Meta"),
)  # fmt: skip
"""Styles of paragraphs by class, the first that fits."""
IN_CELLS = (("value", "Value"), ("label", "TableSmall"), ("small", "TableSmall"))
COVER = (("title", "CoverName"), ("", "CoverLine"))
COVER_BLANKS = (0, 3, 7)
"""Empty lines before each part of the cover."""
SLIP = (7, 33, 14, 13, 22, 11)
"""Shares of the columns of the slip, whose blanks are to be written into."""
SLIP_HEIGHT, SLIP_ROWS, SLIP_LOW = 1000, 6, 620
"""Height of a line to be filled in, twips, and of one where there are more of them."""
MANY, FOLDED = 26, 8
"""Rows of numbers beyond which a chart is a table only, and from which on they are folded."""
LONG_TITLE = 12
_SPACE = re.compile("[ \t\r\n\f]+")
_INLINE = frozenset({"span", "b", "a", "br", "i", "em", "strong"})


def write(paper: Paper, page: Page, path: str, mark: str) -> bytes:
    """Return a paper as a Word document. The same page gives the same bytes.

    Parameters
    ----------
    paper : Paper
    page : Page
        Its filled template.
    path, mark : str
        Where the document belongs, and which run made it.

    Raises
    ------
    RenderError
        Where the page does not bear out its proof, or the package holds what it may not.
    """
    body = lxml.html.document_fromstring(printable(page.text)).body
    prove(paper, [(e.get("data-proof"), _bare(e)) for e in body.iter() if e.get("data-proof")])
    identity = mark.split(":")[1] if mark.count(":") > 1 else mark
    about = About(
        title=paper.title,
        subject=paper.subject,
        author=str(paper.context.get("street", "")),
        created=paper.created,
        identifier=mark,
        running=body.get("data-running", ""),
        mark=body.get("data-mark", ""),
        footer="　".join(filter(None, (COPY, identity and f"标识 {identity}"))),
    )
    walk = _Walk(Manuscript(about), page)
    walk.blocks(body)
    return walk.manuscript.saved(path)


@dataclass(slots=True)
class _Walk:
    """Where a walk through a page is.

    Attributes
    ----------
    new_page : bool
        Whether a new sheet is due.
    printed : set of str
        What stands in the cells of the section's tables.
    later : list of Table
        Numbers of the charts in a row of boxes, which follow it.
    """

    manuscript: Manuscript
    page: Page
    new_page: bool = False
    printed: frozenset[str] = frozenset()
    later: list[Table] = field(default_factory=list)

    def blocks(self, parent: Any) -> None:
        """Write everything in an element."""
        if _text(parent.text):
            self.paragraph(Para("Normal", list(_runs_of_text(parent.text or ""))))
        for child in parent:
            if isinstance(child.tag, str):
                self.block(child)
            if _text(child.tail):
                self.paragraph(Para("Normal", list(_runs_of_text(child.tail or ""))))

    def block(self, element: Any) -> None:
        """Write one element."""
        kind, own = element.tag, _classes(element)
        if kind == "nav":
            return
        if kind == "section":
            self.new_page = self.new_page or "reply" in own
            self.printed = frozenset(_bare(c) for c in element.iter("td", "th"))
        if kind == "header" and "cover" in own:
            self.cover(element)
        elif kind == "h1":
            self.paragraph(Para("Title", _title(element), keep=True))
        elif kind in ("h2", "h3"):
            self.paragraph(Para("Heading1" if kind == "h2" else "Heading2", _inline(element)))
        elif kind == "p" or kind in _INLINE:
            self.paragraph(Para(_style(own, STYLES, "Normal"), _inline(element)))
        elif kind in ("ul", "ol"):
            for para in _items(element):
                self.paragraph(para)
        elif kind == "table":
            self.table(element)
        elif kind == "figure":
            self.figure(element)
        elif "row" in own and not any(True for _ in element.iter("table")):
            self.row(element)
        else:
            self.blocks(element)

    def paragraph(self, para: Para) -> None:
        """Write a paragraph, on a new sheet where one is due; none for nothing."""
        if not any(run.text.strip() for run in para.runs):
            return
        self.manuscript.paragraph(replace(para, new_page=self.new_page))
        self.new_page = False

    def cover(self, element: Any) -> None:
        """Write the cover; what follows begins on a sheet of its own."""
        for part, blanks in zip(element, COVER_BLANKS, strict=True):
            kept = "kept" in _classes(part)
            for _ in range(blanks):
                self.manuscript.paragraph(Para("CoverLine", ()))
            for para in part.iter("p"):
                style = "Kept" if kept else _style(_classes(para), COVER, "CoverLine")
                self.paragraph(Para(style, _inline(para)))
        self.new_page = True

    def figure(self, element: Any) -> None:
        """Write a chart as a picture, what stands under it, and its numbers."""
        shown, under, numbers = self.drawn(element)
        if shown is not None:
            self.manuscript.picture(shown)
        for para in under:
            self.paragraph(para)
        for table in numbers:
            self.manuscript.table(table)

    def drawn(self, element: Any) -> tuple[Shown | None, list[Para], list[Table]]:
        """Return a figure as a picture, its caption, and the numbers no table beside it has.

        One of very many rows is a table only: as a picture nobody could read it.
        """
        image = next(element.iter("img"))
        address = image.get("src")
        if address not in self.page.charts:
            raise RenderError(f"页面不得引用外部资源：{address}")
        under = [Para("Under", _inline(caption)) for caption in element.iter("figcaption")]
        chart = self.page.planned.get(address)
        found = behind(chart) if chart is not None else None
        lacking = found is not None and not self.printed >= set(map(_squeezed, found.numbers))
        numbers = [_numbers(found)] if found is not None and lacking else []
        if numbers and len(numbers[0].lines) > MANY:
            caption = Para("Caption", [Run(image.get("alt", "").partition("：")[0])], keep=True)
            return None, [caption, *under], numbers
        return Shown(picture(self.page.charts[address]), image.get("alt", "")), under, numbers

    def row(self, element: Any) -> None:
        """Write boxes that stand side by side as a table of one row."""
        cells = [self.cell_of(child, element) for child in element if isinstance(child.tag, str)]
        pictured = any(isinstance(b, Shown) for cell in cells for b in cell.blocks)
        self.manuscript.table(Table([Line(cells)], "" if pictured else "Grid", [1] * len(cells)))
        for table in self.later:
            self.manuscript.table(table)
        self.later = []

    def cell_of(self, element: Any, row: Any) -> Cell:
        """Return a box as a cell; the numbers of its charts follow the table."""
        blocks: list[Para | Shown] = []
        for child in element.iter("p", "h3", "li", "figure"):
            own = _classes(child)
            if child.tag == "figure":
                shown, under, numbers = self.drawn(child)
                blocks += [*([shown] if shown else []), *under]
                self.later += numbers
            elif child.tag == "h3":
                blocks.append(bold(Para("Table", _inline(child))))
            elif child.tag == "li":
                blocks.append(Para("Table", [Run("• "), *_inline(child)]))
            else:
                right = "right" if "date" in own else ""
                blocks.append(Para(_style(own, IN_CELLS, "Table"), _inline(child), right))
                if "signatures" in _classes(row) and "date" not in own:
                    blocks += [Para("Table", ())] * 2
        return Cell(blocks)

    def table(self, element: Any) -> None:
        """Write a table, its heading repeated on every sheet."""
        for caption in element.iter("caption"):
            self.paragraph(Para("Caption", _inline(caption), keep=True))
        slip = "slip" in _classes(element)
        rows = list(element.iter("tr"))
        high = SLIP_HEIGHT if len(rows) <= SLIP_ROWS + 1 else SLIP_LOW
        lines = [_line(row, least=high if slip else 0) for row in rows]
        lines = [line for line in lines if line.cells]
        if lines:
            self.manuscript.table(Table(lines, "Grid" if slip else "Rules", SLIP if slip else ()))


def _numbers(found: Behind) -> Table:
    """Return the numbers of a chart as a table; few columns stand twice beside each other."""
    beside = 2 if len(found.headings) < 4 and len(found.rows) >= FOLDED else 1
    deep = -(-len(found.rows) // beside)
    blank = [""] * len(found.headings)
    columns = [[*found.rows[n * deep : (n + 1) * deep], blank][:deep] for n in range(beside)]
    head = Line(
        [_told(h, at, head=True) for _ in columns for at, h in enumerate(found.headings)], True
    )
    lines = [
        Line([_told(t, at) for row in rows for at, t in enumerate(row)])
        for rows in zip(*columns, strict=True)
    ]
    return Table([head, *lines])


def _told(text: str, at: int, *, head: bool = False) -> Cell:
    return Cell([Para("Table", [Run(text, bold=head)], "" if at == 0 else "right")])


def _line(row: Any, least: int) -> Line:
    head = row.getparent().tag == "thead"
    own = _classes(row)
    whole = head or "dimension" in own or "mean" in own
    cells = []
    for element in row:
        if element.tag not in ("td", "th"):
            continue
        cell = _classes(element)
        left = "text" in cell or element.get("scope") in ("row", "rowgroup")
        indent = [Run("　")] if "indicator" in own and element.tag == "th" else []
        para = Para("Table", [*indent, *_inline(element)], "" if left else "right")
        if whole or "number" in cell or "same" in cell or ("verdict" in cell and "sure" in own):
            para = bold(para)
        shaded = "dimension" in own or "same" in cell
        cells.append(Cell([para], int(element.get("colspan", "1")), shaded))
    return Line(cells, head, 0 if head else least)


def _items(element: Any) -> Iterator[Para]:
    fine = "fine" in _classes(element) or "small" in _classes(element)
    for number, item in enumerate(element.iterchildren("li"), start=1):
        sign = f"{number}." if element.tag == "ol" else "•"
        yield Para("ListFine" if fine else "ListParagraph", [Run(sign), Run("\t"), *_inline(item)])


# --- text within a block ----------------------------------------------------------------------


def _inline(element: Any) -> list[Run]:
    """Return what is written in an element, without blanks at either end or after a line's end."""
    found = list(_runs(element, Run("")))
    after_line = [False, *(run.line for run in found)]
    runs = [
        run
        for run, begins in zip(found, after_line, strict=False)
        if not (begins and run.text == " ")
    ]
    while runs and not runs[0].text.strip(" ") and not runs[0].line:
        runs.pop(0)
    if runs:
        runs[0] = replace(runs[0], text=runs[0].text.lstrip(" "), line=False)
        runs[-1] = replace(runs[-1], text=runs[-1].text.rstrip(" "))
    return runs


def _title(element: Any) -> list[Run]:
    """Return a title; what kind of paper it is stands on a line of its own below a long name."""
    long = len(_bare(element)) > LONG_TITLE
    return [Run("", line=True) if long and run.text == "　" else run for run in _inline(element)]


def _runs(element: Any, look: Run) -> Iterator[Run]:
    if element.text:
        yield from _runs_of_text(element.text, look)
    for child in element:
        if isinstance(child.tag, str):
            yield from _child(child, look)
        if child.tail:
            yield from _runs_of_text(child.tail, look)


def _child(child: Any, look: Run) -> Iterator[Run]:
    own = _classes(child)
    if child.tag == "br":
        yield Run("", line=True)
        return
    if child.tag == "b":
        look = replace(look, bold=True)
    if "why" in own:
        yield Run("", line=True)
        look = replace(look, small=True, bold=False)
    elif own & {"by", "unit", "muted"}:
        yield Run(" ")
        look = replace(look, small=True, bold=False)
    elif own & {"tag", "mark"}:
        yield Run(" ")
        look = replace(look, small=True, boxed=True, bold=False)
    elif "kind" in own:
        yield Run("　")
    yield from _runs(child, look)
    if "tag" in own:
        yield Run(" ")


def _runs_of_text(text: str, look: Run | None = None) -> Iterator[Run]:
    yield replace(look or Run(""), text=_SPACE.sub(" ", text))


def _classes(element: Any) -> frozenset[str]:
    return frozenset(str(element.get("class") or "").split())


def _style(own: frozenset[str], styles: Sequence[tuple[str, str]], otherwise: str) -> str:
    return next((style for name, style in styles if name in own), otherwise)


def _text(text: str | None) -> str:
    return (text or "").strip()


def _bare(element: Any) -> str:
    return _squeezed(str(element.text_content()))


def _squeezed(text: str) -> str:
    return "".join(text.split())
