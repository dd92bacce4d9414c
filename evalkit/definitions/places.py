"""Where each piece of a document stands in its file, so that a fault names a row, not only a key.

A path through a document is a tuple of keys and positions, such as
``("dimensions", 0, "indicators", 2, "weight")``. The readers of YAML, workbooks and CSV files
note for every path the sheet, row and column it came from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from evalkit.files.grid import column_letters

Steps = tuple[int | str, ...]
"""A path through a document: keys of mappings and 0-based positions in lists."""

_LABELS = ("id", "label", "code", "file", "header", "worker", "name")


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file; rows count as editors and Excel count them, from 1."""

    sheet: str | None = None
    row: int | None = None
    column: str | None = None


@dataclass(slots=True)
class Places:
    """The places of one document, filled by whoever reads its file."""

    _known: dict[Steps, Place] = field(default_factory=dict)
    _absent: set[Steps] = field(default_factory=set)
    _torn: set[Steps] = field(default_factory=set)

    def put(self, steps: Steps, place: Place) -> None:
        """Note where a path stands; the first note of a path counts."""
        self._known.setdefault(steps, place)

    def find(self, steps: Steps) -> Place:
        """Return the place of a path, or of the nearest piece around it that has one.

        A value in a table has the row of its list element and the column of its key.
        """
        for length in range(len(steps), -1, -1):
            part = steps[:length]
            place = self._known.get(part) or self._crossing(part)
            if place is not None:
                return place
        return Place()

    def _crossing(self, steps: Steps) -> Place | None:
        at = max((at for at, step in enumerate(steps) if isinstance(step, int)), default=-1)
        row = self._known.get(steps[: at + 1])
        column = self._known.get(steps[:at] + steps[at + 1 :]) if at >= 0 else None
        if row is None or column is None or column.column is None or column.row is not None:
            return None
        return Place(row.sheet, row.row, column.column)

    def below(self, steps: Steps, keep: tuple[str, ...] = ()) -> Places:
        """Return the places of what lies below a path, as those of a document of its own.

        Parameters
        ----------
        keep : tuple of str
            Keys of the whole document that the other takes over as they are.
        """
        found = Places()
        for path, place in self._known.items():
            if path[: len(steps)] == steps:
                found.put(path[len(steps) :], place)
            elif path and path[0] in keep:
                found.put(path, place)
        return found

    def put_absent(self, steps: Steps) -> None:
        """Note a whole column that is missing and reported already (path without positions)."""
        self._absent.add(steps)

    def is_absent(self, steps: Steps) -> bool:
        """Tell whether a missing value belongs to a column already reported as missing."""
        return tuple(step for step in steps if isinstance(step, str)) in self._absent

    def tear(self, steps: Steps) -> None:
        """Note that some of what belongs to a path could not be read, and is reported."""
        self._torn.add(steps)

    def torn(self) -> set[Steps]:
        """Return every path that was noted with `tear`."""
        return set(self._torn)


def key_path(steps: Steps, data: Any) -> str:
    """Write a path for people: ``dimensions[0](A).indicators[2](A3).weight``.

    Parameters
    ----------
    steps : Steps
        Path into `data`; it may lead beyond what is there.
    data : object
        The document as plain data. List elements are labelled with their id, label, code or name.
    """
    path = ""
    here = data
    for step in steps:
        here = _step_into(here, step)
        if isinstance(step, int):
            label = _label(here)
            path += f"[{step}]" + (f"({label})" if label else "")
        else:
            name = printable(step)[:60]
            path += f".{name}" if path else name
    return path or "（整个文档）"


def printable(text: str) -> str:
    """Return a text on one line, with whatever no terminal or page can show replaced."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in _flat(text))


def rows_text(rows: Iterable[int]) -> str:
    """Write row numbers for people: ``第 3-5、9 行``."""
    ordered = sorted(set(rows))
    runs: list[list[int]] = [[row, row] for row in ordered[:1]]
    for before, row in pairwise(ordered):
        if row == before + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    spans = [str(low) if low == high else f"{low}-{high}" for low, high in runs]
    return f"第 {'、'.join(spans)} 行"


def column_text(position: int, title: str) -> str:
    """Write a column for people: ``E（权重）``."""
    return f"{column_letters(position)}（{title}）" if title else column_letters(position)


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _step_into(here: Any, step: int | str) -> Any:
    if isinstance(here, dict):
        return here.get(step)
    if isinstance(here, list) and isinstance(step, int) and 0 <= step < len(here):
        return here[step]
    return None


def _label(here: Any) -> str:
    if isinstance(here, dict):
        for key in _LABELS:
            value = here.get(key)
            if isinstance(value, str | int) and str(value).strip():
                return printable(str(value).strip()[:30])
    return ""
