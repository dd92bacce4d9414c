"""Office packages: the same content gives the same bytes, and nothing in them reaches outside.

Word and slides are zip files of XML. `sealed` puts a package, and the workbooks inside it, into
one order with one date, and lets it pass only if it holds nothing but what is on the list.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping

from lxml import etree

from evalkit.errors import RenderError

FIRST = "[Content_Types].xml"
CORE = "docProps/core.xml"
_EPOCH = (1980, 1, 1, 0, 0, 0)

_RELS = r"(?:_rels/)?"
PARTS = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|docProps/(?:core|app)\.xml"
    r"|word/(?:document|styles|settings|header1|footer1)\.xml|word/_rels/document\.xml\.rels"
    r"|word/media/image\d+\.png"
    r"|ppt/(?:presentation|tableStyles)\.xml|ppt/_rels/presentation\.xml\.rels"
    r"|ppt/theme/theme\d+\.xml|ppt/media/image\d+\.png"
    rf"|ppt/(slideMaster|slideLayout|slide|notesSlide|notesMaster)s/{_RELS}\1\d+\.xml(?:\.rels)?"
    rf"|ppt/charts/{_RELS}chart\d+\.xml(?:\.rels)?"
    r"|ppt/embeddings/Microsoft_Excel_Sheet\d+\.xlsx"
)
"""What a package may have in it."""
SHEETS = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|docProps/(?:core|app)\.xml"
    r"|xl/(?:workbook|styles|sharedStrings)\.xml|xl/_rels/workbook\.xml\.rels"
    r"|xl/theme/theme1\.xml|xl/worksheets/sheet1\.xml"
)
"""What the workbook behind a chart may have in it."""

_DATED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")
_FIELD = re.compile(r"\s*PAGE\s*")
_REFUSED = frozenset(
    {
        "attachedTemplate", "altChunk", "oleObj", "OLEObject", "object", "control", "fldSimple",
        "sdt", "hlinkClick", "hlinkHover", "hyperlink", "videoFile", "audioFile",
    }
)  # fmt: skip
"""Elements that reach outside the file, run something, or are drawn differently everywhere."""


def sealed(path: str, package: bytes, created: str, *, allowed: re.Pattern[str] = PARTS) -> bytes:
    """Return a package in one order and with one date, if there is nothing in it that may not be.

    Parameters
    ----------
    path : str
        What it is called in the results, for the error.
    created : str
        Date of the data (YYYY-MM-DD), or empty.

    Raises
    ------
    RenderError
        Naming every part that may not be there.
    """
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts = {
        name: sealed(f"{path}：{name}", content, created, allowed=SHEETS)
        if name.endswith(".xlsx")
        else content
        for name, content in parts.items()
    }
    stamp = f"{created or '2000-01-01'}T00:00:00Z".encode()
    parts[CORE] = _DATED.sub(rb"\g<1>" + stamp, parts[CORE])
    faults = [fault for name in sorted(parts) for fault in _faults(name, parts[name], allowed)]
    if faults:
        raise RenderError(f"{path}：文件包里有不该有的内容：{'；'.join(faults)}")
    return zipped(parts)


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """Return parts as a package: content types first, then by name, all of one date.

    The part that says whose the file is stays uncompressed, so that it is found without opening.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(parts, key=lambda name: (name != FIRST, name)):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = 0
            plain = name == CORE or name.endswith((".png", ".xlsx"))
            entry.compress_type = zipfile.ZIP_STORED if plain else zipfile.ZIP_DEFLATED
            archive.writestr(entry, parts[name])
    return buffer.getvalue()


def _faults(name: str, content: bytes, allowed: re.Pattern[str]) -> list[str]:
    if not allowed.fullmatch(name):
        return [f"{name}（不在允许之列）"]
    if name.endswith(".png"):
        return [] if content.startswith(b"\x89PNG\r\n\x1a\n") else [f"{name}（不是 PNG）"]
    if name.endswith(".xlsx"):
        return []
    try:
        root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        return [f"{name}（{error}）"]
    found = []
    for element in root.iter(etree.Element):
        kind = etree.QName(element).localname
        if kind == "Relationship" and element.get("TargetMode", "Internal") != "Internal":
            found.append(f"{name}（引用文件之外的 {element.get('Target')}）")
        elif kind == "instrText" and not _FIELD.fullmatch(element.text or ""):
            found.append(f"{name}（域 {(element.text or '').strip()}）")
        elif kind in _REFUSED or (kind == "f" and name.startswith("xl/")):
            found.append(f"{name}（{kind}）")
    return found
