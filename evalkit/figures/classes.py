"""Classes of a map: kinds that are given, or five quantile classes; colours, and what is hatched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from . import layout, style

Z95 = 1.959963984540054


class Kind(NamedTuple):
    """A class that areas are put into from outside, whatever their value.

    Attributes
    ----------
    label : str
        What the key says.
    mark : str
        Stands on its areas and in the key, so that colour never carries meaning alone.
    fill : str
    """

    label: str
    mark: str
    fill: str


@dataclass(frozen=True, slots=True)
class Area:
    """One area's class and looks.

    Attributes
    ----------
    mark, number : str
        Its value as printed, or what is printed in its place, and the mark before it.
    known : bool
        Whether it has a value.
    hatched : bool
        Whether its value is uncertain.
    """

    id: str
    name: str
    mark: str
    number: str
    known: bool
    fill: str
    ink: str
    hatched: bool

    @property
    def text(self) -> str:
        """Mark and value."""
        return self.mark + self.number


@dataclass(frozen=True, slots=True)
class Classes:
    """All areas of a map, in the frame's order, and the classes that have any.

    Attributes
    ----------
    areas : tuple of Area
    key : tuple of (label, colour)
        From low to high: the smallest and largest value of each class.
    """

    areas: tuple[Area, ...]
    key: tuple[tuple[str, str], ...]


def sort_into(data: pd.DataFrame, kinds: Sequence[Kind]) -> Classes:
    """Put areas into the kinds they are said to be of; no value is shown.

    Parameters
    ----------
    data
        id, name, kind (place in `kinds`; missing where it is of none); optional mark (in the place
        of the kind's).
    """
    areas = []
    for place, (id_, name, given) in enumerate(
        zip(data["id"], data["name"], data["kind"], strict=True)
    ):
        at = layout.value(given)
        kind = None if at is None else kinds[int(at)]
        fill = style.WHITE if kind is None else kind.fill
        mark = "" if kind is None else _cell(data, "mark", place) or style.clean(kind.mark)
        known = kind is not None
        ink = style.ink_on(fill)
        areas.append(Area(str(id_), style.clean(name), mark, "", known, fill, ink, False))
    return Classes(tuple(areas), ())


def classify(data: pd.DataFrame, spanned: int, decimals: int) -> Classes:
    """Sort areas into quantile classes of equal number; values that print alike share one.

    Parameters
    ----------
    data
        id, name, value (nullable), se (nullable); optional hatched (flag), mark (text set before
        the value) and note (text in the place of a missing value).
    spanned
        Without `hatched`, an area is hatched where its 95% interval spans so many classes.
    decimals
        Decimals of printed values.
    """
    values = [
        None if (v := layout.value(given)) is None else round(v, decimals)
        for given in data["value"]
    ]
    seen = np.array([v for v in values if v is not None])
    breaks = np.unique(np.quantile(seen, (0.2, 0.4, 0.6, 0.8))) if len(seen) else seen

    def class_of(v: float) -> int:
        return int(np.searchsorted(breaks, v, side="left"))

    members: dict[int, list[float]] = {}
    for v in sorted(seen.tolist()):
        members.setdefault(class_of(v), []).append(v)
    ramp = style.ramp(style.SEQUENTIAL, len(members))
    if len(members) == 1:
        ramp = (style.SEQUENTIAL[2],)
    colours = dict(zip(members, ramp, strict=True))
    areas = []
    for place, (id_, name, v, se) in enumerate(
        zip(data["id"], data["name"], values, data["se"], strict=True)
    ):
        error = layout.value(se)
        if "hatched" in data:
            hatched = v is not None and bool(data["hatched"].iloc[place])
        else:
            hatched = (
                v is not None
                and error is not None
                and class_of(v + Z95 * error) - class_of(v - Z95 * error) + 1 >= spanned
            )
        fill = style.WHITE if v is None else colours[class_of(v)]
        mark, number = "", _cell(data, "note", place) or "—"
        if v is not None:
            mark, number = _cell(data, "mark", place), style.number(v, decimals)
        areas.append(
            Area(
                str(id_),
                style.clean(name),
                mark,
                number,
                v is not None,
                fill,
                style.ink_on(fill),
                hatched,
            )
        )
    key = tuple((_ends(found, decimals), colours[k]) for k, found in members.items())
    return Classes(tuple(areas), key)


def _cell(data: pd.DataFrame, column: str, place: int) -> str:
    found = data[column].iloc[place] if column in data else None
    return style.clean(found) if isinstance(found, str) else ""


def _ends(members: list[float], decimals: int) -> str:
    low, high = style.number(members[0], decimals), style.number(members[-1], decimals)
    return low if low == high else f"{low}～{high}"
