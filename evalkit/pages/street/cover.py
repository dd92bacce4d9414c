"""The cover of the street report: who ordered it, who made it and seals it, how it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from evalkit.definitions.evaluation import EvaluationOrder

BLANK_DAY = "＿＿＿＿年＿＿月＿＿日"


@dataclass(frozen=True, slots=True)
class Cover:
    """What stands on the cover besides the paper's own title; empty for what is not said.

    Attributes
    ----------
    kept : tuple of str
        Copy number and classification, top left.
    day : str
        Of signing; a line to be filled in by hand where it is not said.
    """

    kept: tuple[str, ...]
    commissioned_by: str
    issued_by: str
    seal: bool
    day: str


def plan(order: EvaluationOrder) -> Cover | None:
    """Plan the cover; None where the order says nothing that belongs on one."""
    if not order.covered:
        return None
    return Cover(
        kept=tuple(text for text in (order.copy_number, order.classification) if text),
        commissioned_by=order.commissioned_by or "",
        issued_by=order.issued_by or "",
        seal=order.seal and bool(order.issued_by),
        day=BLANK_DAY if order.signed is None else _day(order.signed),
    )


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
