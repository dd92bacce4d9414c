"""What residents ask for and write about, as diagnosis and street report tell it: counts only."""

from __future__ import annotations

from collections.abc import Iterable

from evalkit.pages.press import wording as say
from evalkit.pages.telling.facts import Row
from evalkit.tables import ANYTHING

NO_NEED = ("目前没有", "没有", "暂无", "暂时没有", "都没有", "以上都没有", "无")
"""What an option begins with that says there is no need."""
OTHER = ("其他", "其它")


def by_share(rows: Iterable[Row]) -> list[Row]:
    """Return rows of frame ``needs``, most ticked first."""
    return sorted(rows, key=lambda row: -float(row["share"]))


def is_none(row: Row) -> bool:
    """Tell whether an option says that there is no need."""
    return str(row["name"]).startswith(NO_NEED)


def is_need(row: Row) -> bool:
    """Tell whether an option names a need: neither "none" nor "other"."""
    return not str(row["name"]).startswith((*NO_NEED, *OTHER))


def percents(row: Row) -> str:
    """Write the interval of a share."""
    return f"{say.interval(100 * row['low'], 100 * row['high'], 0)}%"


def most(rows: Iterable[Row], limit: int | None = None) -> tuple[str, ...]:
    """Name the themes of frame ``themes`` that most residents speak of, with their numbers."""
    themes = sorted((row for row in rows if row["code"] != ANYTHING), key=lambda r: -int(r["n"]))
    return tuple(f"{row['name']} {int(row['n']):,} 人" for row in themes[:limit])
