"""Which committees of two waves are compared with which: with themselves, or as a union.

Where committees merged, were split or gave households to one another, neither of them is what it
was. Their ground together is: both waves are rolled up to the union (`unions`), and its change has
an error, a test and a place in the family of its own. What it was called does not matter: a renamed
committee is a union of one. Nobody's rank moves to or from a union.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd

from evalkit.codes import ComparedAs, Kinship, WeighedBy
from evalkit.definitions.checklist import Returned
from evalkit.definitions.decided import Decided
from evalkit.definitions.lineage import Component, components
from evalkit.definitions.units import Units
from evalkit.findings import comparing
from evalkit.findings.panel import Between
from evalkit.findings.questions import questions
from evalkit.findings.satisfying import satisfied
from evalkit.findings.unions import united
from evalkit.tables import FRAMES, Cells, Changes, WaveResult, frame, no_rows

RANKS = ("rank_from", "rank_to", "rank_change", "rank_change_low", "rank_change_high")
"""Columns of frame ``changes`` that a union has no value in."""

SEPARATOR = ";"
"""Between codes in one cell of frame ``lineage``."""


@dataclass(frozen=True, slots=True)
class Union:
    """One or more committees of either wave that are compared as one.

    Attributes
    ----------
    before, after : dict of committee to float
        What each weighs in its wave; they add up to 1.
    by : WeighedBy or None
        What the weights are made of; None where either wave has a single one.
    """

    component: Component
    before: Mapping[str, float]
    after: Mapping[str, float]
    by: WeighedBy | None

    @property
    def code(self) -> str:
        """The committee of the later wave that it goes by."""
        return self.component.code


@dataclass(frozen=True, slots=True)
class Pair:
    """Two waves with the same ground under every code that both have."""

    before: WaveResult
    after: WaveResult
    components: tuple[Component, ...] = ()
    unions: tuple[Union, ...] = ()


def pair(before: WaveResult, after: WaveResult, decided: Decided) -> Pair:
    """Return two waves in which unions stand for what was divided otherwise in one of them.

    Parameters
    ----------
    before, after : WaveResult
        Scored under the scheme of `decided`.

    Returns
    -------
    Pair
        Without lineage.csv the waves as they are.
    """
    if decided.lineage is None:
        return Pair(before, after)
    found, unions = _unions(before, after, decided)
    scheme = decided.scheme
    later = united(after, {union.code: union.after for union in unions}, scheme)
    earlier = united(before, {union.code: union.before for union in unions}, scheme)
    return Pair(
        replace(earlier, cells=_marked(earlier.cells, after.cells, later.cells)),
        later,
        found,
        unions,
    )


def compare(before: WaveResult, now: WaveResult, decided: Decided) -> Changes:
    """Compare two neighbouring waves: committees, and unions of those that are not what they were."""
    scheme, roster, settings = decided.scheme, decided.roster, decided.order.settings
    both = pair(before, now, decided)
    changes = comparing.compare(
        both.before.scores,
        both.after.scores,
        scheme,
        roster,
        draws=settings.draws,
        seed=settings.seed,
        between=Between(both.before.cells, both.after.cells, scheme),
    )
    return told(changes, both, decided)


def lined_up(results: Mapping[str, WaveResult], decided: Decided) -> dict[str, WaveResult]:
    """Return all waves with the committees of the last one."""
    *_, last = results.values()
    return {
        wave: one if one is last else seen_from(one, last, decided) for wave, one in results.items()
    }


def seen_from(before: WaveResult, after: WaveResult, decided: Decided) -> WaveResult:
    """Return the earlier wave as the later one's committees would have been in it.

    One that others merged into, or that was renamed, has a past. Those whose ground changed hands
    otherwise have none: they are left out.
    """
    if decided.lineage is None:
        return before
    found, unions = _unions(before, after, decided)
    one = {union.code: union.before for union in unions if len(union.after) == 1}
    gone = {s for part in found if part.several and len(part.after) > 1 for s in part.before}
    return united(_apart(before, gone), one, decided.scheme)


def told_in_full(
    earlier: WaveResult, before: WaveResult, now: WaveResult, decided: Decided
) -> WaveResult:
    """Return the earlier wave without unions of which some committee's shares were not told.

    A union's share beside those of its other committees would give away what is missing there.

    Parameters
    ----------
    earlier, before : WaveResult
        The wave as `seen_from` has it, and as it was.
    """
    if decided.lineage is None:
        return earlier
    unions = [u for u in _unions(before, now, decided)[1] if len(u.before) > 1]
    if not unions:
        return earlier
    told = satisfied(before, None, decided)
    rows = set(zip(told["subject"], told["item"], strict=True))
    items = [question.id for question in questions(decided)]
    unsafe = {
        union.code
        for union in unions
        if any((subject, item) not in rows for subject in union.before for item in items)
    }
    return _apart(earlier, unsafe)


def _apart(result: WaveResult, gone: set[str]) -> WaveResult:
    """Return a wave in which some committees go by codes that no other wave has."""
    if not gone:
        return result
    own, cells = result.scores, result.cells
    codes = {subject: f"{subject}@{own.wave}" for subject in gone}

    def of(subject: str) -> str:
        return codes.get(subject, subject)

    def renamed(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(subject=table["subject"].map(of).astype(table["subject"].dtype))

    scores = replace(
        own,
        subjects=tuple(map(of, own.subjects)),
        incomplete=tuple(replace(entry, subject=of(entry.subject)) for entry in own.incomplete),
        table=renamed(own.table),
        indicators=renamed(own.indicators),
    )
    kept = replace(
        cells,
        subjects=tuple(map(of, cells.subjects)),
        distributions=renamed(cells.distributions),
    )
    return replace(result, scores=scores, cells=kept)


def _unions(
    before: WaveResult, after: WaveResult, decided: Decided
) -> tuple[tuple[Component, ...], tuple[Union, ...]]:
    units = Units.of(decided.roster)
    waves = before.scores.wave, after.scores.wave
    found = components(units, decided.lineage, *waves)
    unions = []
    for part in found:
        if part.kind is Kinship.RENAMED or part.several:
            by = _basis(part, before.cells, after.cells, decided)
            there = _weights(part.before, by, before.cells, decided)
            here = _weights(part.after, by, after.cells, decided)
            unions.append(Union(part, there, here, by))
    return found, tuple(unions)


def _basis(part: Component, before: Cells, after: Cells, decided: Decided) -> WeighedBy | None:
    """Return what committees are weighed by: what is declared, else the first that is known of all."""
    sides = [
        (codes, cells)
        for codes, cells in ((part.before, before), (part.after, after))
        if len(codes) > 1
    ]
    if not sides:
        return None
    declared = decided.order.unions
    bases = [*WeighedBy] if declared is None else [WeighedBy(declared), *WeighedBy]
    found: WeighedBy = next(
        by
        for by in bases
        if all(_known(codes, by, cells, decided) is not None for codes, cells in sides)
    )
    return found


def _weights(
    codes: Sequence[str], by: WeighedBy | None, cells: Cells, decided: Decided
) -> dict[str, float]:
    known = None if by is None or len(codes) == 1 else _known(codes, by, cells, decided)
    known = dict.fromkeys(codes, 1.0) if known is None else known
    total = sum(known.values())
    return {code: number / total for code, number in known.items()}


def _known(
    codes: Sequence[str], by: WeighedBy, cells: Cells, decided: Decided
) -> dict[str, float] | None:
    """Return everybody's number; None where one is not known, or all are 0."""
    units = Units.of(decided.roster)
    found: Mapping[str, float]
    if by is WeighedBy.HOUSEHOLDS:
        found = {code: float(n) for code, n in units.households(cells.wave).items()}
    elif by is WeighedBy.POPULATION:
        found = {code: float(n) for code, n in units.populations(cells.wave).items()}
    elif by is WeighedBy.ANSWERS:
        found = _answers(cells, decided)
    else:
        found = dict.fromkeys(codes, 1.0)
    if any(not found.get(code) for code in codes):
        return None
    return {code: found[code] for code in codes}


def _answers(cells: Cells, decided: Decided) -> dict[str, float]:
    """Return how many residents answered of every committee; of all groups where none are asked."""
    groups = [group.code for group in decided.scheme.residents] or list(cells.groups)
    total = sum(cells.groups[code].n for code in groups)
    return {s: float(n) for s, n in zip(cells.subjects, np.atleast_1d(total), strict=True)}


def _marked(before: Cells, after: Cells, later: Cells) -> Cells:
    """Let what residents of both waves have in common hold for the later wave with its unions."""
    groups = {}
    for code, group in before.groups.items():
        known = group.again.get(after.wave)
        if known is not None and known.mark == after.groups[code].mark:
            own = replace(known, mark=later.groups[code].mark)
            group = replace(group, again={**group.again, after.wave: own})
        groups[code] = group
    return replace(before, groups=groups)


def inherited(
    returned: Returned | None, before: WaveResult | None, now: WaveResult, decided: Decided
) -> Returned | None:
    """Return last wave's list with the tasks of committees that live on under another code as its."""
    if returned is None or before is None or decided.lineage is None:
        return returned
    _, unions = _unions(before, now, decided)
    heirs = {old: union.code for union in unions if len(union.after) == 1 for old in union.before}
    reports = [
        r._replace(task=r.task._replace(subject=heirs.get(r.task.subject, r.task.subject)))
        for r in returned.reports
    ]
    return replace(returned, reports=tuple(reports))


# --- what is told ---------------------------------------------------------------------------


def told(changes: Changes, found: Pair, decided: Decided) -> Changes:
    """Return changes with a row for every committee of the later wave, without ranks of unions.

    A union of several committees of the later wave has one test; each has a row that tells it
    (`Changes.stands_for`).
    """
    joined = {union.code: union for union in found.unions if not union.component.one_to_one}
    if not joined:
        return changes
    rows: list[pd.DataFrame] = []
    stands_for: dict[str, str] = {}
    position = {subject.id: at for at, subject in enumerate(decided.roster.subjects)}
    table = changes.table.astype(dict.fromkeys(RANKS, "Int64"))
    for subject in table["subject"]:
        row = table[table["subject"] == subject]
        if subject not in joined:
            rows.append(row)
            continue
        for code in joined[subject].component.after:
            name = decided.roster.subject(code).name
            rows.append(row.assign(subject=code, name=name, **dict.fromkeys(RANKS, pd.NA)))
            stands_for |= {} if code == subject else {code: subject}
    if rows:
        table = pd.concat(rows, ignore_index=True)
        order = table["subject"].map(position).sort_values(kind="stable").index
        table = table.loc[order].reset_index(drop=True).astype(dict.fromkeys(RANKS, "Int64"))
    parts = [changes.contributions]
    parts += [
        changes.contributions[changes.contributions["subject"] == union].assign(subject=code)
        for code, union in stands_for.items()
    ]
    lost = dict(changes.not_compared)
    for code, union in joined.items():
        if code in lost:
            lost |= dict.fromkeys(union.component.after, lost[code])
    unranked = [code for code in joined if code in changes.luck_own.index]
    return replace(
        changes,
        table=frame("changes", table),
        contributions=frame("contributions", pd.concat(parts, ignore_index=True)),
        luck_own=changes.luck_own.drop(unranked),
        luck_any=changes.luck_any.drop(unranked),
        rank_own=changes.rank_own.drop(unranked),
        rank_field=changes.rank_field.drop(unranked),
        margin=_spread(changes.margin, stands_for),
        not_compared=lost,
        stands_for=stands_for,
    )


def _spread(values: pd.Series[float], stands_for: Mapping[str, str]) -> pd.Series[float]:
    """Return the series with the values of unions also under the committees they stand for."""
    more = {code: values[union] for code, union in stands_for.items()}
    return pd.concat([values, pd.Series(more, dtype=float)]) if more else values


def lineage(results: Mapping[str, WaveResult], decided: Decided) -> pd.DataFrame:
    """Return frame ``lineage`` of every pair of neighbouring waves; empty without lineage.csv."""
    if decided.lineage is None:
        return no_rows("lineage")
    rows = [
        _row(part, unions.get(part.code), before, after)
        for before, after in pairwise(results.values())
        for found, known in (_unions(before, after, decided),)
        for unions in ({union.code: union for union in known},)
        for part in found
    ]
    return frame("lineage", pd.DataFrame(rows, columns=[c.name for c in FRAMES["lineage"]]))


def _row(
    part: Component, union: Union | None, before: WaveResult, after: WaveResult
) -> dict[str, object]:
    reason = _reason(part, before, after)
    documents = dict.fromkeys(e.document for e in part.events if e.document is not None)
    return {
        "from_wave": before.scores.wave,
        "to_wave": after.scores.wave,
        "component": part.code,
        "before": SEPARATOR.join(part.before),
        "after": SEPARATOR.join(part.after),
        "kind": part.kind.value,
        "comparable": reason is ComparedAs.ITSELF,
        "reason": reason.value,
        "weights": None if union is None or union.by is None else union.by.value,
        "documents": SEPARATOR.join(documents) or None,
    }


def _reason(part: Component, before: WaveResult, after: WaveResult) -> ComparedAs:
    """Say as what a component is compared, or why it is not."""
    if not part.before:
        return ComparedAs.NO_WAVE_BEFORE
    if not part.after:
        return ComparedAs.NO_WAVE_AFTER
    sides = ((part.before, before.scores), (part.after, after.scores))
    if any(s.provisional and {*codes} & {*s.provisional.subjects} for codes, s in sides):
        return ComparedAs.PROVISIONAL
    if any(not set(codes) <= set(scores.subjects) for codes, scores in sides):
        return ComparedAs.INCOMPLETE
    if not (before.scores.errors_known and after.scores.errors_known):
        return ComparedAs.UNSURE
    return ComparedAs.ITSELF if part.one_to_one else ComparedAs.UNION
