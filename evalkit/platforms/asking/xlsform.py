"""XLSForms (KoBo, ODK, SurveyCTO): the sheets ``survey`` and ``choices`` of a workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evalkit.files.workbook import Values, as_text
from evalkit.platforms.asking.asked import Asked, AskedForm, Kind, plain
from evalkit.platforms.online import numbered

_SELECTS: dict[str, Kind] = {
    "select_one": "single",
    "select_multiple": "multiple",
    "rank": "ranking",
    "select_one_from_file": "single",
}
_PLAIN: dict[str, Kind] = {
    "integer": "number",
    "decimal": "number",
    "range": "number",
    "text": "text",
}


def is_xlsform(sheets: Mapping[str, Values]) -> bool:
    """Tell a workbook with a sheet ``survey`` that names types."""
    return "survey" in sheets and any(row.get("type") for row in _rows(sheets["survey"]))


def form(sheets: Mapping[str, Values], title: str) -> AskedForm:
    """Return what an XLSForm asks, without what it shows or computes, and without repeats."""
    choices: dict[str, list[tuple[str, str]]] = {}
    for row in _rows(sheets["choices"]) if "choices" in sheets else ():
        if row.get("name"):
            listed = choices.setdefault(row.get("list_name") or row.get("list name", ""), [])
            listed.append((row["name"], _label(row) or row["name"]))
    asked: list[Asked] = []
    left_out: list[str] = []
    inside = 0
    for row in _rows(sheets["survey"]):
        kind, _, of = row.get("type", "").partition(" ")
        if kind.startswith("begin") and "repeat" in row["type"].replace(" ", "_"):
            inside += 1
        elif kind.startswith("end") and "repeat" in row["type"].replace(" ", "_"):
            inside -= 1
        found = _SELECTS.get(kind) or _PLAIN.get(kind)
        text = plain(_label(row)) or row.get("name", "")
        if found is None:
            continue
        if inside:
            left_out.append(text)
            continue
        number, text = numbered(text)
        options = tuple(choices.get(of.split(" ")[0], ())) if kind in _SELECTS else ()
        asked.append(Asked(row.get("name", ""), text, found, options, None, number))
    settings = _rows(sheets["settings"]) if "settings" in sheets else []
    named = next((row["form_title"] for row in settings if row.get("form_title")), title)
    return AskedForm(plain(named), tuple(asked), tuple(left_out))


def _rows(sheet: Values) -> list[dict[str, str]]:
    if not sheet.rows:
        return []
    heads = [as_text(cell).strip().casefold() for cell in sheet.rows[0]]
    return [
        {head: as_text(cell).strip() for head, cell in zip(heads, row, strict=False) if head}
        for row in sheet.rows[1:]
    ]


def _label(row: Mapping[str, str]) -> str:
    """Return the label: in Chinese where there are several languages, else the first."""
    labels: Sequence[str] = [key for key in row if key.split("::")[0] == "label" and row[key]]
    chinese = [key for key in labels if "zh" in key or "中文" in key]
    best = (*chinese, *labels)
    return row[best[0]] if best else ""
