"""An xlsx file with one sheet, whose bytes depend on nothing but its cells and its date.

Written directly as Office Open XML (ECMA-376 part 1, SpreadsheetML): six short parts in a zip, a
tenth of the time openpyxl takes for the demo's quarter of a million cells, and no clock in them.
"""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

Cell = str | int | None

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def write_workbook(
    path: Path, rows: Iterable[Sequence[Cell]], *, sheet: str, at: dt.datetime
) -> None:
    """Write rows to the only sheet of a workbook, dated `at` wherever the format holds a date.

    Parameters
    ----------
    rows : iterable of rows
        A text stays text, also where it looks like a number; None leaves a cell empty.
    """
    cells, strings = _sheet(rows)
    parts = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relations(
            (f"{_OFFICE}/officeDocument", "xl/workbook.xml"),
            (f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
        ),
        "docProps/core.xml": _properties(at),
        "xl/_rels/workbook.xml.rels": _relations(
            (f"{_OFFICE}/worksheet", "worksheets/sheet1.xml"),
            (f"{_OFFICE}/sharedStrings", "sharedStrings.xml"),
        ),
        "xl/sharedStrings.xml": strings,
        "xl/workbook.xml": (
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
            f'<sheet name={quoteattr(sheet)} sheetId="1" r:id="rId1"/></sheets></workbook>'
        ),
        "xl/worksheets/sheet1.xml": cells,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as target:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, at.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0
            target.writestr(entry, _HEAD + content)


def _sheet(rows: Iterable[Sequence[Cell]]) -> tuple[str, str]:
    """Return the sheet's XML and that of the strings its cells refer to."""
    numbers: dict[str, int] = {}
    names: list[str] = []
    lines: list[str] = []
    used = 0
    for place, row in enumerate(rows, start=1):
        names += [_letters(at) for at in range(len(names), len(row))]
        line = [f'<row r="{place}">']
        for column, cell in zip(names, row, strict=False):
            if isinstance(cell, str):
                used += 1
                number = numbers.setdefault(cell, len(numbers))
                line.append(f'<c r="{column}{place}" t="s"><v>{number}</v></c>')
            elif cell is not None:
                line.append(f'<c r="{column}{place}"><v>{cell}</v></c>')
        lines.append("".join(line) + "</row>")
    extent = f"A1:{names[-1] if names else 'A'}{max(len(lines), 1)}"
    texts = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in numbers)
    return (
        f'<worksheet xmlns="{_MAIN}"><dimension ref="{extent}"/>'
        f"<sheetData>{''.join(lines)}</sheetData></worksheet>",
        f'<sst xmlns="{_MAIN}" count="{used}" uniqueCount="{len(numbers)}">{texts}</sst>',
    )


def _letters(position: int) -> str:
    name, rest = "", position + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        name = chr(65 + digit) + name
    return name


def _relations(*targets: tuple[str, str]) -> str:
    entries = "".join(
        f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{entries}</Relationships>'


def _content_types() -> str:
    overrides = {
        "/xl/workbook.xml": f"{_TYPE}.sheet.main+xml",
        "/xl/worksheets/sheet1.xml": f"{_TYPE}.worksheet+xml",
        "/xl/sharedStrings.xml": f"{_TYPE}.sharedStrings+xml",
        "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
    }
    entries = "".join(
        f'<Override PartName="{part}" ContentType="{kind}"/>' for part, kind in overrides.items()
    )
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{entries}</Types>'
    )


def _properties(at: dt.datetime) -> str:
    stamp = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    dates = "".join(
        f'<dcterms:{what} xsi:type="dcterms:W3CDTF">{stamp}</dcterms:{what}>'
        for what in ("created", "modified")
    )
    return (
        f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        'xmlns:dcterms="http://purl.org/dc/terms/" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{dates}</cp:coreProperties>'
    )
