"""What comes first for one committee: decided here, told as tasks and in the prescription."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from evalkit.codes import Comparison
from evalkit.definitions.actions import Action
from evalkit.pages.press import wording as say
from evalkit.pages.telling import answers, deadlines, verdict
from evalkit.pages.telling import facts as known
from evalkit.pages.telling.answers import EVEN, Told
from evalkit.pages.telling.behind import behind
from evalkit.pages.telling.facts import Facts, Row
from evalkit.pages.telling.once import once
from evalkit.pages.telling.precision import precision
from evalkit.tables import Finding

FIRST = 3
"""Priorities told in full."""

MANY = 3
"""With more to look at, each has a single action; the library has the others."""

TIE = 0.1
"""Priorities that gain as much to within this, points of the composite, are ordered otherwise."""
SEEN = 30
"""Residents who must have answered a question for its bad answers alone to be urgent."""

Kind = Literal["weakness", "dimension", "tendency", "lowest", "answers"]


@dataclass(frozen=True, slots=True)
class Priority:
    """One part of the work to look at, and how sure the data are of it.

    Attributes
    ----------
    kind : {"weakness", "dimension", "tendency", "lowest", "answers"}
        Significantly low indicator; significantly low dimension without such an indicator; low
        but perhaps by chance; merely the committee's own lowest score; many bad answers about what
        must not wait.
    row : dict
        Profile row of the indicator or dimension that the next wave should see improve.
    indicator : dict
        Profile row of the indicator that actions are looked up for.
    actions : tuple of Action
        From the library, the first to do first; empty where it has none.
    gain : float
        Points that the composite gains where this is brought up to the street's mean: the gap
        times the weight that the row has in fact.
    telling : Told or None
        The question with the bad answers, of kind "answers".
    """

    kind: Kind
    row: Row
    indicator: Row
    actions: tuple[Action, ...]
    gain: float
    telling: Told | None = None

    @property
    def name(self) -> str:
        """Name of the indicator or dimension."""
        return str(self.row["name"])

    @property
    def sure(self) -> bool:
        """Whether the data can tell that it is low."""
        return self.kind in ("weakness", "dimension")


@dataclass(frozen=True, slots=True)
class Priorities:
    """The one order of everything that a committee is asked to look at.

    Attributes
    ----------
    at_once : tuple of Priority
        What concerns safety or people in need: never in the order, never deferred.
    ordered : tuple of Priority
        What gains most first; see `_in_order`.
    """

    at_once: tuple[Priority, ...]
    ordered: tuple[Priority, ...]


@once
def priorities(facts: Facts) -> Priorities:
    """Return what to look at: weaknesses and low dimensions, else tendencies, else the lowest.

    Nothing is added to what is certain: while a committee has weaknesses, its tendencies wait.
    """
    rows = {str(row["code"]): row for row in facts.profile("indicator")}
    weak = sorted(facts.diagnosis.of_kind("weakness"), key=lambda f: f.difference)
    at_once = tuple(_at_once(facts, rows, {f.code for f in weak}))
    urgent = {str(priority.row["code"]) for priority in at_once}
    found = [
        _priority(facts, "weakness", rows[f.code], rows[f.code])
        for f in weak
        if f.code not in urgent
    ]
    found += [
        _priority(facts, "dimension", row, _lowest_inside(facts, row))
        for row in _weak_dimensions(facts, weak)
    ]
    if not found and not weak:
        low = verdict.leanings(facts, "tendency_low")
        found = [
            _priority(facts, "tendency", rows[f.code], rows[f.code])
            for f in low
            if f.code not in urgent
        ]
    if not found and not at_once:
        found = [_priority(facts, "lowest", row, row) for row in _lowest(facts)]
    return Priorities(at_once, tuple(_in_order(facts, found)))


def crowded(found: Priorities) -> bool:
    """Tell whether there is so much to look at that the paper has to say less of each."""
    return len(found.at_once) + len(found.ordered[:FIRST]) > MANY


def _in_order(facts: Facts, found: Sequence[Priority]) -> Iterator[Priority]:
    """Yield what gains most first.

    Where gains are alike to within `TIE`, what is certainly of more than average influence on
    overall satisfaction comes first, an indicator before a whole dimension, then what can be done
    sooner.
    """
    left = sorted(found, key=lambda p: -p.gain)
    influential = _influential(facts)
    while left:
        alike = [p for p in left if p.gain > left[0].gain - TIE]
        yield from sorted(
            alike,
            key=lambda p: (
                p.row["code"] not in influential,
                p.kind == "dimension",
                p.actions[0].days if p.actions else math.inf,
                -p.gain,
            ),
        )
        left = left[len(alike) :]


def _influential(facts: Facts) -> set[str]:
    """Return the indicators whose influence is above the mean of all with its whole interval."""
    drivers = facts.evaluation.assurance.drivers
    if len(drivers) < 2:
        return set()
    return {
        str(code) for code in drivers.loc[drivers["low"] > drivers["importance"].mean(), "code"]
    }


def _at_once(facts: Facts, rows: Mapping[str, Row], weak: set[str]) -> Iterator[Priority]:
    """Yield what must not wait: significantly low, or with many bad answers of residents."""
    scheme = facts.evaluation.scheme
    urgent = [i for i in scheme.indicators if i.must_not_wait and i.code in rows]
    told = list(answers.answered(facts)) if urgent else []
    for indicator in urgent:
        row = rows[indicator.code]
        if indicator.code in weak:
            yield _priority(facts, "weakness", row, row)
            continue
        items = {item for own in indicator.items.values() for item in own}
        bad = [t for t in told if t.item in items and t.n >= SEEN and t.bad >= scheme.urgent_share]
        if bad:
            worst = max(bad, key=lambda t: round(t.bad, EVEN))
            library, own = facts.evaluation.decided.actions, _priority(facts, "answers", row, row)
            fitting = () if library is None else library.about(indicator.code, worst.item)
            yield replace(own, telling=worst, actions=fitting)


def strengths(facts: Facts) -> list[Finding]:
    """Return what is significantly above the street's mean, the largest difference first."""
    return sorted(facts.diagnosis.of_kind("strength"), key=lambda f: -f.difference)


def _priority(facts: Facts, kind: Kind, row: Row, indicator: Row) -> Priority:
    library = facts.evaluation.decided.actions
    actions = () if library is None else library.of(str(indicator["code"]))
    gap = max(0.0, -float(row["difference"]))
    return Priority(kind, row, indicator, actions, gap * known.weight(facts, str(row["code"])))


def _weak_dimensions(facts: Facts, weak: Sequence[Finding]) -> list[Row]:
    """Return dimensions below the street's mean of which no single indicator is."""
    codes = {finding.code for finding in weak}
    inside = {d.code: {i.code for i in d.indicators} for d in facts.evaluation.scheme.dimensions}
    rows = [row for row in facts.profile("dimension") if row["verdict"] == Comparison.BELOW]
    rows = [row for row in rows if not codes & inside[str(row["code"])]]
    return sorted(rows, key=lambda row: (float(row["p_adjusted"]), float(row["difference"])))


def _lowest_inside(facts: Facts, row: Row) -> Row:
    dimension = next(d for d in facts.evaluation.scheme.dimensions if d.code == row["code"])
    codes = {i.code for i in dimension.indicators}
    own = [r for r in facts.profile("indicator") if r["code"] in codes]
    return min(own, key=lambda r: float(r["difference"]))


def _lowest(facts: Facts) -> list[Row]:
    """Return the indicator with the lowest score, unless all are the same on the page."""
    rows = sorted(facts.profile("indicator"), key=lambda row: float(row["estimate"]))
    if len(rows) < 2 or float(rows[0]["estimate"]) > float(rows[-1]["estimate"]) - 0.1:
        return []
    return rows[:1]


# --- in words -------------------------------------------------------------------------------


def evidence(facts: Facts, priority: Priority) -> str:
    """Say how low it is, with its interval, and how sure that is."""
    row, mean = priority.row, f"{facts.street_word}平均"
    gap = f"{say.fixed(-float(row['difference']))} ± {say.fixed(margin(facts, row))} 分"
    if priority.kind == "weakness":
        return f"明显低于{mean} {gap}"
    if priority.kind == "dimension":
        return f"整个维度明显低于{mean} {gap}"
    if priority.telling is not None:
        told, least = priority.telling.ill, facts.evaluation.scheme.urgent_share
        return (
            f"{priority.telling.n} 名居民回答{say.quoted(priority.telling.short)}，"
            f"{told}{'' if told.endswith('%') else f'达到 {say.percent(least)} 以上'}"
        )
    if priority.kind == "tendency":
        return f"比{mean}低 {gap}，尚不足以断定"
    return (
        f"得 {say.fixed(row['estimate'])} 分，{facts.standing(str(row['verdict']))}，"
        f"但在本{facts.word}各项中最低"
    )


def margin(facts: Facts, row: Row) -> float:
    """Return the half-width of the interval of a measure's difference from the street's mean."""
    return precision(facts, str(row["code"])).margin(facts.evaluation.scheme.confidence)


def within(facts: Facts, action: Action) -> str:
    """Say by when an action for what must not wait is done; it begins at once."""
    return f"立即动手，{deadlines.within(facts.evaluation.order, action.days)}办完"


def no_entry(facts: Facts, priority: Priority) -> str:
    """Say that the library, or the evaluation, has no action for it."""
    if facts.evaluation.decided.actions is None:
        return f"具体措施由{facts.word}与{facts.street_word}商定。"
    name = say.quoted(str(priority.indicator["name"]))
    return f"措施库没有{name}的措施，由{facts.word}与{facts.street_word}商定。"


def more_answers(facts: Facts) -> list[dict[str, str]]:
    """Return which rater groups had too few answers to be published."""
    found = []
    for group, n in known.answers_by_group(facts).items():
        plan = facts.evaluation.scheme.group(group)
        own = behind(plan, facts.evaluation.decided)
        if n < plan.minimum_n:
            what = f"下次收足{say.quoted(plan.name)}的答卷"
            if plan.ledger is not None:
                what = f"核对{say.quoted(plan.name)}的记录有没有漏登"
            why = f"本次{own.fewer(plan.minimum_n)}，该主体的评分未予公布。"
            found.append({"what": what, "why": why})
    return found
