"""What stands out of one committee's profile on page 1, in the order of its list of tasks.

A weakness says which task of the list answers it, or why none does.
"""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.pages.press import wording as say
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import tasks, verdict
from evalkit.pages.telling.facts import Facts
from evalkit.pages.telling.priorities import Priority, priorities
from evalkit.tables import Finding

SHOWN = 3
"""Strengths and weaknesses on the first page."""


def strengths(facts: Facts) -> dict[str, object]:
    """Return what is certainly high, and what leans that way: by points of the total."""
    return _list(facts, "strength", "tendency_high", {}, "")


def weaknesses(facts: Facts) -> dict[str, object]:
    """Return what is certainly low, and what leans that way: what is done first, first."""
    found, asked = priorities(facts), tasks.asked(facts)
    own = {
        str(p.row["code"]): number for number, (_, p) in enumerate(asked, start=1) if p is not None
    }
    inside = {
        str(p.indicator["code"]): own[str(p.row["code"])]
        for p in found.ordered
        if p.kind == "dimension" and str(p.row["code"]) in own
    }
    places = {
        code: f"清单第{say.SPACE}{number}{say.SPACE}件" for code, number in (inside | own).items()
    }
    first = (*found.at_once, *found.ordered)
    later = "先办短板，再核实" if any(p.sure for p in first) else "清单办完再核实"
    return _list(facts, "weakness", "tendency_low", places, later, first)


def _list(
    facts: Facts,
    sure: str,
    tendency: str,
    places: dict[str, str],
    later: str,
    first: Sequence[Priority] = (),
) -> dict[str, object]:
    order = {str(p.row["code"]): at for at, p in enumerate(first)}

    def place(finding: Finding) -> tuple[int, float]:
        weight = known.weight(facts, finding.code)
        return order.get(finding.code, len(order)), -abs(finding.difference) * weight

    certain = sorted(facts.diagnosis.of_kind(sure), key=place)
    leaning = sorted(verdict.leanings(facts, tendency), key=place)
    room = max(0, SHOWN - len(certain))
    wait = "清单办完接着办" if places or first else ""
    return {
        "certain": [_item(facts, one, places.get(one.code, wait)) for one in certain[:SHOWN]],
        "leaning": [_item(facts, one, places.get(one.code, later)) for one in leaning[:room]],
        "more": max(0, len(certain) - SHOWN),
    }


def _item(facts: Facts, finding: Finding, answered: str) -> dict[str, str]:
    return {
        "name": finding.name,
        "difference": verdict.difference(facts, finding.code, finding.difference),
        "numbers": f"{say.fixed(finding.estimate)}，{facts.street_word} {say.fixed(finding.street)}",
        "answered": answered,
    }
