"""Charts for a web page: layouts, rows and shapes, each written once however many charts share it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from evalkit.figures.render import DATASET
from evalkit.pages.press.printing import Chart

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
