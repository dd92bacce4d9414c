"""How loops are written: durations, limits and steps; one reading of ``clocks`` and ``flows``."""

from __future__ import annotations

from evalkit.pages.press import wording as say
from evalkit.pages.telling.facts import Row

UNITS = {"hours": "小时", "days": "天", "workdays": "个工作日"}
"""What limits and durations of clocks are counted in."""
TWO_DAYS = 48.0
"""Hours from which on a duration is told in days."""


def lasting(hours: object) -> str:
    """Write a duration of hours, a long one in days."""
    if say.missing(hours):
        return say.MISSING
    told = float(str(hours))
    long = told >= TWO_DAYS
    return f"{say.fixed(told / 24.0 if long else told)}{say.SPACE}{'天' if long else '小时'}"


def limit(row: Row) -> str:
    """Write the limit of a clock."""
    if say.missing(row["limit"]):
        return "各有截止时间"
    return f"{float(row['limit']):g}{say.SPACE}{UNITS[str(row['unit'])]}"


def within(row: Row, column: str, otherwise: str) -> str:
    """Write by when so many were done; working days are whole, none of them is the same day."""
    if say.missing(row[column]):
        return otherwise
    whole = row["unit"] == "workdays"
    if whole and say.fixed(row[column], 0) == "0":
        return "当天"
    return f"{say.fixed(row[column], 0 if whole else 1)}{say.SPACE}{UNITS[str(row['unit'])]}内"


def step(row: Row) -> str:
    """Write what a row of ``flows`` is about."""
    if not row["to_state"]:
        return f"停在“{row['from_state']}”"
    beside = "" if row["foreseen"] else "（台账没有规定）"
    return f"{row['from_state']} → {row['to_state']}{beside}"
