"""The numbers behind a chart, as the chart prints them, for coats in which it is only a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evalkit.pages.press import wording as say
from evalkit.pages.press.planned import DECIMALS, Chart

DOTS = frozenset({"groups", "sensitivity_bars"})
"""Figures of a number a row, with an interval and perhaps the street's mark."""


@dataclass(frozen=True, slots=True)
class Behind:
    """A small table: its headings, its rows, and the numbers that tell whether it is needed.

    Attributes
    ----------
    numbers : sequence of str
        Where all of these stand in a table beside the chart, the chart needs none of its own.
    """

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: Sequence[str]


def behind(chart: Chart) -> Behind | None:
    """Return the numbers of a chart; None for one whose numbers are no table of a few columns."""
    if chart.figure == "contributions":
        rows = [(_plain(row["name"]), row["text"]) for row in chart.drawing().rows]
        return Behind(("项目", "分"), rows, [text for _, text in rows])
    if chart.figure not in DOTS:
        return None
    decimals = int(chart.options.get("decimals", DECIMALS))
    drawn = [row for row in chart.drawing().rows if row.get("label") and row.get("x") is not None]
    return _dots(chart, drawn, decimals)


def _dots(chart: Chart, drawn: Sequence[dict[str, Any]], decimals: int) -> Behind:
    ends = any(row["low"] is not None for row in drawn)
    street = any(row["street"] is not None for row in drawn)
    headings = ["项目", str(chart.options.get("subject", "数值"))]
    headings += ["误差范围"] if ends else []
    headings += [str(chart.options.get("street", "平均"))] if street else []
    rows = []
    for row in drawn:
        cells = [_plain(row["label"]), row["aside"] or say.fixed(row["x"], decimals)]
        cells += [say.interval(row["low"], row["high"], decimals)] if ends else []
        cells += [say.fixed(row["street"], decimals)] if street else []
        rows.append(cells)
    return Behind(headings, rows, [row[1] for row in rows])


def _plain(text: object) -> str:
    return str(text).strip()
