"""By when something is to be done: days from when the papers go out, and the working day they end on."""

from __future__ import annotations

import datetime as dt

from evalkit.definitions.calendar import working_days
from evalkit.definitions.evaluation import EvaluationOrder


def within(order: EvaluationOrder, days: int) -> str:
    """Say within how many days; and until which day, where it is known when the papers go out.

    A deadline that falls on a day off is the next working day.
    """
    return f"{days} 天内{until(order, days)}"


def until(order: EvaluationOrder, days: int) -> str:
    """Say until which day, in brackets; nothing where no day is known to count from."""
    if order.signed is None:
        return ""
    ends = order.signed + dt.timedelta(days=days)
    return f"（{working_days(order.calendar).on_or_after(ends).isoformat()} 前）"
