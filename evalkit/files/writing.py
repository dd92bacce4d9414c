"""The one writer: workbooks whose bytes depend on their content alone, with no live formula."""

from __future__ import annotations

import datetime as dt
import html
import io
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # is imported when there is a workbook to write
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

LIVE = (
    "^(?:[\t\r\n\v\f']|[\\s\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]*"
    "[-=+@\u2212\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20])"
)
"""A sign of a formula, half or full width, small or large, behind whatever cannot be seen; or an
apostrophe, or a blank that spreadsheets drop. A web page tests what it exports by it, too."""
_FORMULA = re.compile(LIVE)

FIXED = dt.datetime(2000, 1, 1)
"""Time stamp of a workbook of results, which depends on its content alone."""

LONGEST_TEXT = 32_767
"""Characters that Excel allows in a cell."""

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_MARKUP = re.compile(r"^<r>|(?:_x[0-9A-Fa-f]{4}){2}_")
"""What the writer would put into the file as it stands, or escape by half."""

_PADDING = 5 / 7
"""What the writer adds to the width of a column, in characters."""


def looks_live(text: str) -> bool:
    """Tell whether a spreadsheet, some keyboard or some locale might take a text for a formula."""
    return _FORMULA.match(text) is not None


def inert(text: str) -> str:
    """Return a text as a CSV cell that no spreadsheet computes: an apostrophe before what looks live.

    A text that begins with an apostrophe gets another, so `as_it_was` gives every text back.

    Examples
    --------
    >>> inert("＝1+1"), inert("'quoted"), inert("a=1")
    ("'＝1+1", "''quoted", 'a=1')
    """
    return f"'{text}" if looks_live(text) else text


def as_it_was(cell: str) -> str:
    """Return the text that `inert` made a cell of: without its first apostrophe, if it has one."""
    return cell.removeprefix("'")


def printable(text: str) -> str:
    """Return a text without what no XML may hold: control characters, halves of characters."""
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)


class Book:
    """A workbook being written: sheets, looks and cells.

    Parameters
    ----------
    created : datetime
        The only date in the file.
    title : str
    """

    def __init__(self, created: dt.datetime, title: str = "") -> None:
        import xlsxwriter

        self._buffer = io.BytesIO()
        self._book = xlsxwriter.Workbook(self._buffer, {"in_memory": True})
        self._book.set_properties({"author": "evalkit", "title": title, "created": created})
        self._looks: dict[frozenset[tuple[str, Any]], Format] = {}
        self._properties: dict[Format, dict[str, Any]] = {}

    def sheet(self, title: str) -> Worksheet:
        """Add a sheet behind the others."""
        return self._book.add_worksheet(title)

    def look(self, **properties: Any) -> Format:
        """Return how a cell is set, as the writer calls it: ``bold``, ``num_format``, ..."""
        key = frozenset(properties.items())
        if key not in self._looks:
            self._looks[key] = look = self._book.add_format(properties)
            self._properties[look] = properties
        return self._looks[key]

    def put(self, sheet: Worksheet, row: int, column: int, value: Any, **look: Any) -> None:
        """Store a value as what it is; text stays text even where it looks like a formula."""
        self.write(sheet, row, column, value, self.look(**look))

    def write(self, sheet: Worksheet, row: int, column: int, value: Any, look: Format) -> None:
        """Store a value as `put` does, in a look that many cells share."""
        if value is None or value == "":
            sheet.write_blank(row, column, None, look)
        elif isinstance(value, bool):
            sheet.write_boolean(row, column, value, look)
        elif isinstance(value, str):
            if looks_live(value):
                look = self.look(**self._properties[look], quote_prefix=True)
            sheet.write_string(row, column, _told(value), look)
        else:
            sheet.write_number(row, column, value, look)

    def saved(self) -> bytes:
        """Return the workbook's bytes; nothing can be written after this."""
        self._book.close()
        return self._buffer.getvalue()


def _told(text: str) -> str:
    """Return a text as the writer is to be given it, which takes some texts for its own markup."""
    text = printable(text)[:LONGEST_TEXT]
    if not _MARKUP.search(text):
        return text
    marked = html.escape(_ESCAPE.sub("_x005F_", text), quote=False).replace("_", "&#95;")
    return f'<r><t xml:space="preserve">{marked}</t></r>'


def set_width(sheet: Worksheet, column: int, width: float, look: Format | None = None) -> None:
    """Make a column as wide as the file is to say, in characters."""
    sheet.set_column(column, column, width - _PADDING, look)
