"""The roster of a street whose units have several levels: what is evaluated, and what is around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Self

from pydantic import Field

from evalkit.definitions.counts import Counts
from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.definitions.levels import Count, Level, UnitsOrder, Weights
from evalkit.definitions.roster import Roster, Subject, ancestors_of, keys_of, parents_of
from evalkit.definitions.text import committee_key

THE_ONLY = "committee"
"""Code of the evaluated level where the order names none."""


class Territory(Roster):
    """A roster of several levels, taken apart: `subjects` are the units that are evaluated.

    It is made of documents that agree (`unit_consistency`); nobody writes one.

    Attributes
    ----------
    around : list of Subject
        Units of the other levels, in the roster's order; every `level` is a code, every `parent`
        an id.
    levels : list of Level
        The largest first, the evaluated one among them.
    evaluated : str
        Code of the level of `subjects`.
    weights : {"equal", "population", "households"}
    counts : list of Count
        Every `unit` is an id.
    """

    around: list[Subject] = Field(default_factory=list)
    levels: list[Level]
    evaluated: str
    weights: Weights = "equal"
    counts: list[Count] = Field(default_factory=list)

    @classmethod
    def of(cls, roster: Roster, order: EvaluationOrder, counts: Counts | None) -> Roster:
        """Return a roster taken apart; the roster itself where it has one level and no counts."""
        if order.units is None and counts is None and not any(map(_placed, roster.subjects)):
            return roster
        return cls._apart(roster, units_of(order), counts)

    @classmethod
    def _apart(cls, roster: Roster, units: UnitsOrder, counts: Counts | None) -> Self:
        rows = roster.subjects
        parents = parents_of(rows)
        levels = [units.meant(row.level) for row in rows]
        inside, around = [], []
        for place, (row, level) in enumerate(zip(rows, levels, strict=True)):
            if level is None:
                continue
            above = [rows[at] for at in ancestors_of(rows, place, parents)]
            placed = row.model_copy(update={"parent": above[0].id if above else None})
            if level.code == units.level.code:
                zone = row.zone or (above[0].name if above else None)
                inside.append(placed.model_copy(update={"level": None, "zone": zone}))
            else:
                around.append(placed.model_copy(update={"level": level.code}))
        known = ids_of(rows)
        counted = [
            row.model_copy(update={"unit": known[row.unit.strip().casefold()]})
            if row.unit.strip().casefold() in known
            else row.model_copy(update={"unit": unit})
            for row in (counts.counts if counts else ())
            if (unit := unit_named(rows, row.unit)) is not None
        ]
        return cls(
            subjects=inside or rows,
            around=around,
            levels=units.levels,
            evaluated=units.level.code,
            weights=units.weights,
            counts=counted,
        )


def units_of(order: EvaluationOrder) -> UnitsOrder:
    """Return the order's levels; the only one, under the word for subjects, where it names none."""
    only = UnitsOrder(levels=[Level(code=THE_ONLY, name=order.subject_word)])
    return order.units or only


def ids_of(rows: Sequence[Subject]) -> Mapping[str, str]:
    """Return every row's id by how ids are compared."""
    return {row.id.casefold(): row.id for row in rows}


def unit_named(rows: Sequence[Subject], said: str) -> str | None:
    """Return the id of the row of that id, else of that name or alias; None if there is none."""
    return ids_of(rows).get(said.strip().casefold()) or keys_of(rows).get(committee_key(said))


def _placed(row: Subject) -> bool:
    """Whether a row says anything of levels, parents, status or partitions."""
    return bool(row.level or row.parent or row.provisional or row.partitions)
