"""What was asked, as far as the answers tell: headers, value labels, and the few values of closed questions."""

from __future__ import annotations

import re
from collections import Counter

from evalkit import numerals, personal
from evalkit.platforms.asking.asked import Asked, AskedForm
from evalkit.platforms.base import PERSONAL, Platform, RawColumn, RawSheet

MOST_CHOICES = 60
"""Different choices of a multi-select that the platform itself marks as one."""
MOST_OPTIONS = 12
"""More different answers are no closed question, unless value labels say so."""
LEAST_EACH = 3
"""Answers per different answer from which a column of words is closed; fewer may be what people wrote."""

_NO_QUESTION = frozenset({"", "id", "编号", "序号"})
_BETWEEN = re.compile(r"[,，、;；\n┋]+\s*")


def form(sheet: RawSheet, platform: Platform, title: str) -> AskedForm:
    """Return the questions of a sheet of answers; what looks personal is left out."""
    asked: list[Asked] = []
    left_out: list[str] = []
    spread: dict[tuple[object, ...], int] = {}
    for column in sheet.columns:
        text = column.text or column.header
        if column.metadata in PERSONAL:
            left_out.append(text)
        if column.metadata is not None or text.strip().casefold() in _NO_QUESTION:
            continue
        counts = _counted(sheet, platform, column)
        if personal.heading_is_personal(text) or _identify(counts):
            left_out.append(text)
        elif column.option is not None:
            key = (column.number, column.stem)
            if key in spread:
                at = spread[key]
                known = asked[at].options
                more = (*known, (str(len(known) + 1), column.option))
                asked[at] = _with(asked[at], more)
            else:
                spread[key] = len(asked)
                first = (("1", column.option),)
                asked.append(
                    Asked(
                        _name(column), column.stem or text, "multiple", first, None, column.number
                    )
                )
        else:
            asked.append(_question(sheet, platform, column, text, counts))
    return AskedForm(title, tuple(asked), tuple(left_out))


def _counted(sheet: RawSheet, platform: Platform, column: RawColumn) -> Counter[str]:
    missing = sheet.codebook.missing(column) if sheet.codebook else frozenset()
    variant = sheet.variant or "number"
    return Counter(
        platform.label(cell)
        for cell in sheet.cells[column.position]
        if platform.missing_state(cell, variant) is None and cell not in missing
    )


def _question(
    sheet: RawSheet, platform: Platform, column: RawColumn, text: str, counts: Counter[str]
) -> Asked:
    name, stem, number = _name(column), column.stem, column.number
    labels = sheet.codebook.labels(column) if sheet.codebook else {}
    if labels:
        kind = "multiple" if column.kind == "multiple" else "single"
        return Asked(
            name,
            text,
            "multiple" if kind == "multiple" else "single",
            tuple(labels.items()),
            stem,
            number,
        )
    if column.kind == "multiple":
        chosen = _chosen(counts, platform)
        if chosen:
            return Asked(name, text, "multiple", chosen, stem, number)
    total = sum(counts.values())
    figures = bool(counts) and all(numerals.number(value) is not None for value in counts)
    if counts and len(counts) <= MOST_OPTIONS and total >= LEAST_EACH * len(counts):
        values = sorted(counts, key=lambda v: (numerals.number(v) or 0.0, -counts[v], v))
        options = tuple(
            (value if figures else str(place), value) for place, value in enumerate(values, start=1)
        )
        several = _several(counts)
        if several is not None:
            return Asked(name, text, "multiple", several, stem, number)
        return Asked(name, text, "single", options, stem, number)
    several = _several(counts)
    if several is not None:
        return Asked(name, text, "multiple", several, stem, number)
    return Asked(name, text, "number" if figures else "text", (), stem, number)


def _several(counts: Counter[str]) -> tuple[tuple[str, str], ...] | None:
    """Return the options of cells that hold several, joined; None where they are no such cells."""
    parts: Counter[str] = Counter()
    joined = 0
    for value, count in counts.items():
        found = [part.strip() for part in _BETWEEN.split(value) if part.strip()]
        joined += count * (len(found) > 1)
        parts.update(dict.fromkeys(found, count))
    closed = parts and len(parts) <= MOST_OPTIONS and sum(parts.values()) >= LEAST_EACH * len(parts)
    if not joined or not closed:
        return None
    alone = {value for value in counts if not _BETWEEN.search(value)}
    if not alone & parts.keys() and len(counts) < 3:
        return None
    ordered = sorted(parts, key=lambda part: (-parts[part], part))
    return tuple((str(place), part) for place, part in enumerate(ordered, start=1))


def _chosen(counts: Counter[str], platform: Platform) -> tuple[tuple[str, str], ...]:
    """Return the choices of a column that the platform marks as a multi-select, the likeliest first."""
    parts: Counter[str] = Counter()
    for value, count in counts.items():
        parts.update(dict.fromkeys(platform.choices(value), count))
    seldom = {part for part, count in parts.items() if count < LEAST_EACH}
    ordered = sorted(parts.keys() - seldom, key=lambda part: (-parts[part], part))
    if len(ordered) > MOST_CHOICES:
        return ()
    return tuple((str(place), part) for place, part in enumerate(ordered, start=1))


def _identify(counts: Counter[str]) -> bool:
    total = sum(counts.values())
    return bool(total) and 2 * sum(n for v, n in counts.items() if personal.identifies(v)) >= total


def _name(column: RawColumn) -> str:
    return column.names[0] if column.names else column.text


def _with(asked: Asked, options: tuple[tuple[str, str], ...]) -> Asked:
    return Asked(asked.name, asked.text, asked.kind, options, asked.stem, asked.number)
