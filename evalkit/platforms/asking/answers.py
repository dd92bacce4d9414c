"""What was asked, as far as the answers tell: headers, value labels, and the few values of closed questions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from evalkit import numerals, personal
from evalkit.files.alike import counted
from evalkit.platforms.asking.asked import Asked, AskedForm
from evalkit.platforms.base import PERSONAL, Platform, RawColumn, RawSheet

MOST_CHOICES = 60
"""Different choices of a multi-select that the platform itself marks as one."""
MOST_OPTIONS = 12
"""More different answers are no closed question, unless value labels say so."""
LEAST_EACH = 3
"""Answers per different answer from which a column of words is closed; fewer may be what people wrote."""

_NO_QUESTION = frozenset({"", "id", "编号", "序号"})
_HEADED = re.compile(
    r"(?P<stem>.+?)\s*(?:[:：/]\s*|[\[【]\s*)(?P<option>[^:：/\[\]【】]+?)\s*[\]】]?"
)
_LETTERED = re.compile(r"(?P<letter>[A-Za-z])\s*[.、．]\s*(?P<label>.+)")
_MARKS = frozenset(
    {"0", "1", "true", "false", "是", "否", "y", "n", "yes", "no", "√", "selected", "not selected"}
)
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
        elif (parted := _option_of(column, counts)) is not None:
            stem, option = parted
            key = (column.number, stem)
            if key in spread:
                known = asked[spread[key]].options
                more = (*known, (str(len(known) + 1), option))
                asked[spread[key]] = replace(asked[spread[key]], options=more)
            else:
                spread[key] = len(asked)
                only = (("1", option),)
                asked.append(Asked(stem, stem or text, "multiple", only, None, column.number))
        else:
            asked.append(_question(sheet, platform, column, text, counts))
    return AskedForm(title, tuple(_as_rows(asked)), tuple(left_out))


def _as_rows(asked: Sequence[Asked]) -> list[Asked]:
    """Return questions, those of one stem and the same answers as rows of a matrix."""
    parted = {
        at: (match["stem"], match["option"])
        for at, one in enumerate(asked)
        if one.kind == "single" and one.stem is None and (match := _HEADED.fullmatch(one.text))
    }
    stems = Counter((stem, _labels(asked[at])) for at, (stem, _) in parted.items())
    found = list(asked)
    first: dict[str, tuple[tuple[str, str], ...]] = {}
    for at, (stem, row) in parted.items():
        if stems[stem, _labels(asked[at])] > 1:
            options = first.setdefault(stem, asked[at].options)
            found[at] = replace(asked[at], text=row, stem=stem, options=options)
    return found


def _labels(asked: Asked) -> frozenset[str]:
    return frozenset(label for _, label in asked.options)


def _counted(sheet: RawSheet, platform: Platform, column: RawColumn) -> Counter[str]:
    missing = sheet.codebook.missing(column) if sheet.codebook else frozenset()
    variant = sheet.variant or "number"
    counts: Counter[str] = Counter()
    for cell, count in counted(sheet.cells[column.position]).items():
        if platform.missing_state(cell, variant) is None and cell not in missing:
            counts[platform.label(cell)] += count
    return counts


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
        return Asked(name, text, "single", _lettered(counts) or options, stem, number)
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


def _option_of(column: RawColumn, counts: Counter[str]) -> tuple[str, str] | None:
    """Return question and option of a column that holds marks of one option; None of any other."""
    if column.option is not None:
        return column.stem or column.text, column.option
    match = _HEADED.fullmatch(column.text)
    if match is None or not counts:
        return None
    option = match["option"]
    own = {option.casefold(), option.replace(" ", "").casefold()}
    marks = all(_bare(value).casefold() in own | _MARKS for value in counts)
    return (match["stem"], option) if marks else None


def _bare(label: str) -> str:
    """Return a label without the letter before it."""
    match = _LETTERED.fullmatch(label.strip())
    return label.strip() if match is None else match["label"]


def _lettered(values: Iterable[str]) -> tuple[tuple[str, str], ...] | None:
    """Return options in the order of the letters before them; None where some have none."""
    found = [_LETTERED.fullmatch(value.strip()) for value in values]
    matches = [match for match in found if match is not None]
    letters = {match["letter"].upper() for match in matches}
    if not found or len(letters) < len(found):
        return None
    ordered = sorted(matches, key=lambda match: match["letter"].upper())
    return tuple((str(ord(m["letter"].upper()) - ord("A") + 1), m["label"]) for m in ordered)
