"""Charts for a web page: layouts, rows and shapes, each written once however many charts share it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from evalkit.figures.render import DATASET
from evalkit.pages.press.planned import Chart

NARROW = 340
"""Width in pixels of the charts for a phone; elsewhere they have the width they have on paper."""

Row = Mapping[str, Any]


GEOMETRY = "geometry"
"""The column whose values are numbers of shapes."""


def packed(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return rows as tables with their columns named once; rows of one kind stay in order."""
    kinds: dict[tuple[str, ...], list[list[Any]]] = {}
    for row in rows:
        kinds.setdefault(tuple(row), []).append(list(row.values()))
    return [{"columns": list(names), "rows": values} for names, values in kinds.items()]


SHARED = "#"
"""Ends the name of a column whose values are numbers of texts."""
LONG = 5
"""Bytes of a text from which on a number is shorter."""


def sharing(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return data whose packed tables name their longer texts by number; ``texts`` has each once.

    Hundreds of committees have the same questions, needs, indicators and actions.
    """
    texts: dict[str, int] = {}
    shared = {name: _shared(value, texts) for name, value in data.items()}
    return {**shared, "texts": list(texts)}


def _shared(value: Any, texts: dict[str, int]) -> Any:
    if isinstance(value, list | tuple):
        return [_shared(entry, texts) for entry in value]
    if not isinstance(value, Mapping):
        return value
    if value.keys() != {"columns", "rows"}:
        return {name: _shared(entry, texts) for name, entry in value.items()}
    columns, rows = value["columns"], value["rows"]
    long = [_all_long([row[at] for row in rows]) for at in range(len(columns))]
    return {
        "columns": [f"{c}{SHARED}" if own else c for c, own in zip(columns, long, strict=True)],
        "rows": [
            [
                texts.setdefault(entry, len(texts)) if own else entry
                for entry, own in zip(row, long, strict=True)
            ]
            for row in rows
        ],
    }


def _all_long(values: Sequence[Any]) -> bool:
    if not values or not all(isinstance(value, str) for value in values):
        return False
    return sum(len(value.encode()) for value in values) > LONG * len(values)


class Charts:
    """Collects charts. What it returns for one points into `layouts` and `shapes`."""

    def __init__(self) -> None:
        self._layouts: dict[str, int] = {}
        self._shapes: dict[str, int] = {}

    @property
    def layouts(self) -> list[dict[str, Any]]:
        """Vega-Lite specifications without rows."""
        return [json.loads(text) for text in self._layouts]

    @property
    def shapes(self) -> list[Any]:
        """Geometries that rows name by number."""
        return [json.loads(text) for text in self._shapes]

    def add(self, chart: Chart, **narrow: Any) -> dict[str, Any]:
        """Add a chart in two widths.

        Parameters
        ----------
        chart : Chart
        **narrow
            Options of the figure that only the narrow one has.

        Returns
        -------
        dict
            ``words``, and for ``wide`` and ``narrow`` the layout's number and the rows; the narrow
            one has none where they are the wide one's.
        """
        wide = self._part(chart)
        small = self._part(replace(chart, options={**chart.options, "width": NARROW, **narrow}))
        if small["rows"] == wide["rows"]:
            del small["rows"]
        return {"words": chart.words, "wide": wide, "narrow": small}

    def _part(self, chart: Chart) -> dict[str, Any]:
        spec = chart.spec()
        rows = spec["datasets"].pop(DATASET)
        layout = self._number(self._layouts, spec)
        return {"layout": layout, "rows": packed([self._row(row) for row in rows])}

    def _row(self, row: Row) -> Row:
        if GEOMETRY not in row:
            return row
        return {**row, GEOMETRY: self._number(self._shapes, row[GEOMETRY])}

    @staticmethod
    def _number(known: dict[str, int], value: Any) -> int:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return known.setdefault(text, len(known))
