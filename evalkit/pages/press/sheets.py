"""How full the sheets of a paper are, and in which other settings it may be tried.

What a setting does stands in ``style.css`` under the classes named here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import weasyprint
from weasyprint.formatting_structure.boxes import ReplacedBox, TableCellBox, TextBox

DENSITIES = ("", "close", "close closer")
"""How densely a page may be set, as classes of its body, from roomy to dense."""
FLOWING = "flowing"
"""Class of a body whose larger blocks may break over two sheets."""
ONE_SHEET, SMALLER = "notice", ("nearer", "nearer closer", "nearer closest")
"""Class of a body that is to be one sheet, and those that set it smaller."""
SPARE, LAST_SPARE = 0.48, 0.6
"""Share of a sheet, and of the last one, that may stay empty before another setting is tried."""

LONG = 20
"""Sheets beyond which a paper is not set again for one that is half empty."""

_BODY = re.compile('<body class="([^"]*)"')


def settings(text: str, crowded: bool) -> Iterator[str]:
    """Yield the page in its other settings, the nearest first; none for a page with its own.

    Parameters
    ----------
    crowded : bool
        Whether it has more sheets than it may: only what takes fewer is worth laying out.
    """
    found = _BODY.search(text)
    if found is not None and found[1] == ONE_SHEET:
        for smaller in SMALLER:
            yield _BODY.sub(f'<body class="{ONE_SHEET} {smaller}"', text, count=1)
    if found is None or (density := _density(found[1])) is None:
        return
    own = DENSITIES.index(density)
    others = sorted(DENSITIES, key=lambda other: (abs(DENSITIES.index(other) - own), -len(other)))
    if crowded:
        others = [density, *DENSITIES[own + 1 :]]
    flowing = [f"{other} {FLOWING}" for other in (others[-1:] if crowded else others)]
    if crowded and found[1] != density:  # what may break already takes no fewer sheets whole
        others = []
    for setting in (*others, *flowing):
        if setting != found[1]:
            yield _BODY.sub(f'<body class="{setting}"', text, count=1)


def _density(body: str) -> str | None:
    """Return the density of a body that may be set in another way, None for one that may not."""
    density = body.removesuffix(f" {FLOWING}")
    return density if density in DENSITIES else None


def faults(document: weasyprint.Document, most: int | None) -> tuple[int, float]:
    """Return how many sheets are too many, and by how much the emptiest is too empty; 0 for none.

    Parameters
    ----------
    most : int or None
        Sheets that the paper may have; None for any number.
    """
    too_many = 0 if most is None else max(len(document.pages) - most, 0)
    return too_many, max(excess(document), 0.0)


def spare(document: weasyprint.Document) -> list[float]:
    """Return how much of every sheet is empty below its content, 0 to 1."""
    return [_foot(sheet._page_box) for sheet in document.pages]


def excess(document: weasyprint.Document) -> float:
    """Return by how much the emptiest sheet is emptier than it may be; 0 or less if none is.

    A sheet that ends because the next part has sheets of its own, to be torn off, may be as empty
    as the last one.
    """
    if len(document.pages) < 2:
        return 0.0
    ends = [*(_begins_anew(sheet._page_box) for sheet in document.pages[1:]), True]
    return max(
        foot - (LAST_SPARE if end else SPARE)
        for foot, end in zip(spare(document), ends, strict=True)
    )


def _begins_anew(sheet: Any) -> bool:
    """Tell whether a sheet begins with what asks for a sheet of its own."""
    first = sheet
    while children := getattr(first, "children", ()):
        first = children[0]
        if first.style["break_before"] == "page":
            return True
    return False


def _foot(sheet: Any) -> float:
    """Return how much of a sheet is empty below its last text, cell or picture, 0 to 1."""
    top = sheet.content_box_y()
    end = top + sheet.height
    bottoms = [
        box.position_y + box.height
        for box in sheet.descendants()
        if isinstance(box, TextBox | ReplacedBox | TableCellBox) and top <= box.position_y < end
    ]
    return float(end - max(bottoms, default=top)) / float(sheet.height)
