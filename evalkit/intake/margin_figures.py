"""Figures of margins.csv against one another and against the roster: the street and its committees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import fsum
from statistics import median

from evalkit.codes import NoteCode
from evalkit.definitions.margins import Margin, Margins
from evalkit.definitions.roster import Roster
from evalkit.definitions.units import Units
from evalkit.errors import Note, Problems
from evalkit.problems import margins as faults

SUM_TOLERANCE = 0.005
"""Rounded shares may miss 1, or one another, by half a percent; they are scaled to add up exactly."""
TOTALS_TOLERANCE = 0.05
"""Two counts of the same people may differ by a few who did not say; more is a mistake."""

LEAST, MOST = 0.5, 1.05
"""People that margins count, over those of the roster: adults alone are fewer, more are too many."""

APART = 1.25
"""Times by which a committee's ratio of both figures may differ from the usual one."""

SEVERAL = 3
"""Committees from which on there is a usual ratio: one figure may be of people, one of households."""


def check_street(
    margins: Sequence[Margin], name: str, roster: Roster | None, problems: Problems
) -> None:
    """Collect a problem where the street's margin cannot be that of its committees together.

    Where all committees of a wave have a margin of an item, the street's share of a category lies
    between theirs, and its number of people is the sum of theirs. Committees that put options
    together otherwise than the street are not held against it.
    """
    if roster is None:
        return
    units = Units.of(roster)
    for street in (margin for margin in margins if not margin.subject):
        own = {
            m.subject: m
            for m in margins
            if m.subject and (m.wave, m.group, m.item) == (street.wave, street.group, street.item)
        }
        there = {s.id for s in (units.present(street.wave) if street.wave else units.subjects)}
        alike = all(set(m.categories) == set(street.categories) for m in own.values())
        if own and there <= own.keys() and alike:
            _check_shares(street, list(own.values()), name, roster, problems)
            _check_people(street, list(own.values()), name, problems)


def _check_shares(
    street: Margin, own: Sequence[Margin], name: str, roster: Roster, problems: Problems
) -> None:
    for at, category in enumerate(street.categories):
        share = float(street.shares[at])
        shares = {m.subject: float(m.shares[m.categories.index(category)]) for m in own}
        nearest = min(shares, key=lambda subject: abs(shares[subject] - share))
        low, high = min(shares.values()), max(shares.values())
        if not low - SUM_TOLERANCE <= share <= high + SUM_TOLERANCE:
            committee = (roster.subject(nearest).name, shares[nearest])
            where = (street.group, street.item, street.title)
            option = "+".join(sorted(category))
            problems.collect(
                faults.street_outside_committees(name, street.row, where, option, share, committee)
            )


def _check_people(street: Margin, own: Sequence[Margin], name: str, problems: Problems) -> None:
    counted = [m.people for m in own if m.people is not None]
    if street.people is None or len(counted) < len(own):
        return
    together = fsum(counted)
    if abs(together - street.people) > TOTALS_TOLERANCE * max(together, street.people):
        where = (street.group, street.item, street.title)
        problems.collect(
            faults.committees_do_not_add_up(name, street.row, where, street.people, together)
        )


def notes(margins: Margins | None, roster: Roster) -> Iterator[Note]:
    """Yield where margins count other numbers of people than the roster, with both figures.

    They may count adults, or households, so the ratio of both is compared with that of the other
    committees where there are some.
    """
    if margins is None:
        return
    units = Units.of(roster)
    for group, item, wave in dict.fromkeys((m.group, m.item, m.wave) for m in margins.margins):
        known = units.populations(wave) if wave else _populations(roster)
        own = [m for m in margins.margins if (m.group, m.item, m.wave) == (group, item, wave)]
        counted = {m.subject: m.people for m in own if m.people is not None}
        where = f"{margins.file}:{group} {item}"
        there = units.present(wave) if wave else units.subjects
        if "" in counted and len(known) == len(there):
            together = sum(known.values())
            if not LEAST <= counted[""] / together <= MOST:
                facts: dict[str, object] = {"margin": counted[""], "roster": together}
                yield Note(NoteCode.MARGIN_AGAINST_ROSTER, where, facts=facts)
        ratios = {s: n / known[s] for s, n in counted.items() if s in known}
        usual = median(ratios.values()) if len(ratios) >= SEVERAL else None
        odd = [s for s, ratio in ratios.items() if not _fits(ratio, usual)]
        if odd:
            figures = tuple((roster.subject(s).name, counted[s], known[s]) for s in odd)
            yield Note(NoteCode.MARGINS_AGAINST_ROSTER, where, len(odd), {"figures": figures})


def _populations(roster: Roster) -> dict[str, int]:
    return {s.id: s.population for s in roster.subjects if s.population is not None}


def _fits(ratio: float, usual: float | None) -> bool:
    if usual is None or usual <= 0:
        return LEAST <= ratio <= MOST
    return 1.0 / APART <= ratio / usual <= APART
