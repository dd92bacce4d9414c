"""What residents ask for and write about, as diagnosis and street report tell it: counts only."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evalkit.codes import Comparison
from evalkit.methods.proportions import leads
from evalkit.pages.press import wording as say
from evalkit.pages.telling.facts import ARROWS, Facts, Row, records
from evalkit.pages.telling.once import once
from evalkit.tables import ALL_GROUPS, ANYTHING

_AFTER = r"(?:$|[\s\W_]|请)"
NO_NEED = re.compile(
    rf"(?:目前|暂时|现在|以上)?(?:都|均)?(?:没有|暂无|无)(?:以上|这些|上述)?(?:需求|需要|诉求|困难|问题|情况)?{_AFTER}"
)
"""How an option begins that says there is no need, as a whole word: 没有电梯 is one."""
OTHER = re.compile(rf"(?:其他|其它)(?:需求|需要|诉求|困难|问题|事项|方面)?{_AFTER}")


def by_share(rows: Iterable[Row]) -> list[Row]:
    """Return rows of frame ``needs``, most ticked first."""
    return sorted(rows, key=lambda row: -float(row["share"]))


def is_none(row: Row) -> bool:
    """Tell whether an option says that there is no need."""
    return NO_NEED.match(str(row["name"])) is not None


def is_need(row: Row) -> bool:
    """Tell whether an option names a need: neither "none" nor "other"."""
    return not is_none(row) and OTHER.match(str(row["name"])) is None


def percents(row: Row) -> str:
    """Write the interval of a share."""
    return f"{say.interval(100 * row['low'], 100 * row['high'], 0)}%"


def most(rows: Iterable[Row], limit: int | None = None) -> tuple[str, ...]:
    """Name the themes of frame ``themes`` that most residents speak of, with their numbers."""
    themes = sorted((row for row in rows if row["code"] != ANYTHING), key=lambda r: -int(r["n"]))
    return tuple(f"{row['name']} {int(row['n']):,} 人" for row in themes[:limit])


@dataclass(frozen=True, slots=True)
class OwnNeeds:
    """What a committee's residents tick as urgent.

    Attributes
    ----------
    rows : tuple of dict
        Of frame ``needs``, most ticked first; without "other" and "none".
    of : int
        Residents who answered; 0 where no need may be shown.
    nothing : dict or None
        The row of those who have no need.
    street : tuple of str
        What the street ticks most.
    """

    rows: tuple[Row, ...]
    of: int
    nothing: Row | None
    street: tuple[str, ...]


@once
def needs_of(facts: Facts) -> OwnNeeds | None:
    """Return this committee's needs beside the street's; None if none are known."""
    street = facts.common.needs.get(ALL_GROUPS)
    if street is None:
        return None
    item = street["item"].iloc[0]
    own = facts.common.needs.get(facts.subject.id)
    rows = [] if own is None else by_share(records(own[own["item"] == item]))
    everywhere = by_share(records(street[street["item"] == item]))
    return OwnNeeds(
        rows=tuple(row for row in rows if is_need(row)),
        of=int(rows[0]["of"]) if rows else 0,
        nothing=next((row for row in rows if is_none(row)), None),
        street=tuple(str(row["name"]) for row in everywhere if is_need(row))[:3],
    )


def line(facts: Facts, row: Row) -> dict[str, object]:
    """Write a need as a table shows it: its share, the street's, and how sure the difference is."""
    verdict = str(row["verdict"])
    mark = ARROWS.get(verdict)
    return {
        "name": row["name"],
        "share": say.percent(row["share"]),
        "interval": percents(row),
        "n": int(row["n"]),
        "street": say.percent(row["street"]),
        "verdict": say.plainly(verdict) if mark is None else f"{mark} {verdict}{facts.street_word}",
        "sure": verdict != Comparison.LEVEL,
    }


def wishes(facts: Facts, most: int = 3) -> tuple[Row, ...]:
    """Return what residents wish most: what surely more tick than in the street, then what most do."""
    needs = needs_of(facts)
    if needs is None:
        return ()
    urgent = [row for row in needs.rows if row["verdict"] == Comparison.ABOVE]
    others = [row for row in with_ties(needs.rows, most) if row not in urgent]
    return (*urgent, *with_ties(others, max(most - len(urgent), 0)))


def first_wish(facts: Facts) -> Row | None:
    """Return what most residents tick; None where none may be told, or two are ticked alike."""
    needs = needs_of(facts)
    first = () if needs is None else with_ties(needs.rows, 1)
    return first[0] if len(first) == 1 else None


def leads_surely(facts: Facts) -> bool:
    """Tell whether surely more residents tick the first wish than any other.

    A need that is not told counts as ticked by as many as need not be told.
    """
    needs = needs_of(facts)
    if needs is None or not needs.rows:
        return False
    first, *others = needs.rows
    untold = (facts.evaluation.needs.minimum_n - 1) / int(first["of"])
    second = max([untold, *(float(row["share"]) for row in others[:1])])
    share, se = float(first["share"]), float(first["se"])
    effective = share * (1.0 - share) / se**2 if se > 0 else float(first["of"])
    return leads(share, second, effective, facts.evaluation.scheme.confidence)


def with_ties(rows: Sequence[Row], most: int) -> tuple[Row, ...]:
    """Return the first rows, and those after them that as many tick as the last of these."""
    first = tuple(rows[:most])
    return first + tuple(
        row for row in rows[most:] if first and math.isclose(row["share"], first[-1]["share"])
    )


def urgent_wishes(facts: Facts) -> tuple[Row, ...]:
    """Return the wishes that surely more residents tick here than in the street."""
    return tuple(row for row in wishes(facts) if row["verdict"] == Comparison.ABOVE)


def wished(rows: Iterable[Row]) -> str:
    """List wishes with their shares."""
    return "、".join(f"{row['name']} {say.percent(row['share'])}" for row in rows)
