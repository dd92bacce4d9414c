"""What comes first for one committee: decided here, told short on page 1 and in full later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from evalkit.codes import Comparison
from evalkit.definitions.actions import Action
from evalkit.pages.press import wording as say
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import verdict
from evalkit.pages.telling.facts import Facts, Row
from evalkit.tables import Finding

FIRST = 3
"""Priorities told in full, and steps on the first page."""

Kind = Literal["weakness", "dimension", "tendency", "lowest"]


@dataclass(frozen=True, slots=True)
class Priority:
    """One part of the work to look at, and how sure the data are of it.

    Attributes
    ----------
    kind : {"weakness", "dimension", "tendency", "lowest"}
        Significantly low indicator; significantly low dimension without such an indicator; low
        but perhaps by chance; merely the committee's own lowest score.
    row : dict
        Profile row of the indicator or dimension that the next wave should see improve.
    indicator : dict
        Profile row of the indicator that actions are looked up for.
    actions : tuple of Action
        From the library, the first to do first; empty where it has none.
    """

    kind: Kind
    row: Row
    indicator: Row
    actions: tuple[Action, ...]

    @property
    def name(self) -> str:
        """Name of the indicator or dimension."""
        return str(self.row["name"])

    @property
    def sure(self) -> bool:
        """Whether the data can tell that it is low."""
        return self.kind in ("weakness", "dimension")


def priorities(facts: Facts) -> tuple[Priority, ...]:
    """Return what to look at: weaknesses, the largest first, else tendencies, else the lowest.

    Nothing is added to what is certain: while a committee has weaknesses, its tendencies wait.
    """
    rows = {str(row["code"]): row for row in facts.profile("indicator")}
    weak = sorted(facts.diagnosis.of_kind("weakness"), key=lambda f: f.difference)
    found = [_priority(facts, "weakness", rows[f.code], rows[f.code]) for f in weak]
    found += [
        _priority(facts, "dimension", row, _lowest_inside(facts, row))
        for row in _weak_dimensions(facts, weak)
    ]
    if not found:
        low = verdict.leanings(facts, "tendency_low")
        found = [_priority(facts, "tendency", rows[f.code], rows[f.code]) for f in low]
    if not found:
        found = [_priority(facts, "lowest", row, row) for row in _lowest(facts)]
    return tuple(found)


def strengths(facts: Facts) -> list[Finding]:
    """Return what is significantly above the street's mean, the largest difference first."""
    return sorted(facts.diagnosis.of_kind("strength"), key=lambda f: -f.difference)


def _priority(facts: Facts, kind: Kind, row: Row, indicator: Row) -> Priority:
    library = facts.evaluation.decided.actions
    actions = () if library is None else library.of(str(indicator["code"]))
    return Priority(kind, row, indicator, actions)


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
        return f"显著低于{mean} {gap}"
    if priority.kind == "dimension":
        return f"整个维度显著低于{mean} {gap}"
    if priority.kind == "tendency":
        return f"比{mean}低 {gap}，尚不足以断定"
    return (
        f"得 {say.fixed(row['estimate'])} 分，{facts.standing(str(row['verdict']))}，"
        f"但在本{facts.word}各项中最低"
    )


def margin(facts: Facts, row: Row) -> float:
    """Return the half-width of the interval of a measure's difference from the street's mean."""
    return known.precision(facts, str(row["code"])).margin(facts.evaluation.scheme.confidence)


def first_steps(facts: Facts) -> list[dict[str, str]]:
    """Return the first things to do, each with the evidence that it rests on."""
    first = priorities(facts)[:FIRST]
    steps, lacking = [_step(facts, priority) for priority in first], more_answers(facts)
    strong = [_keep(facts, finding) for finding in strengths(facts)]
    if first and first[0].kind == "lowest":
        found = [*lacking, *strong[: FIRST - 1], *steps, *strong[FIRST - 1 :]]
    else:
        found = [*steps, *lacking, *_next_steps(first), *strong]
    found += [_keep_on(facts, finding) for finding in verdict.leanings(facts, "tendency_high")]
    return found[:FIRST] or [
        {
            "what": "保持现有做法，按同样的抽样办法参加下一次评估",
            "why": "本次没有哪一项需要优先处理。",
        }
    ]


def _next_steps(first: Sequence[Priority]) -> list[dict[str, str]]:
    """Return the further actions of what is certainly low: everybody's second, then third."""
    deepest = max((len(priority.actions) for priority in first), default=0)
    return [
        _act(f"同为改进{say.quoted(priority.name)}。", priority.actions[depth])
        for depth in range(1, deepest)
        for priority in first
        if priority.sure and depth < len(priority.actions)
    ]


def _step(facts: Facts, priority: Priority) -> dict[str, str]:
    name = say.quoted(priority.name)
    if priority.sure and priority.actions:
        start = f"{name}{evidence(facts, priority)}"
        if priority.kind == "dimension":
            start += f"，从其中偏低最多的{say.quoted(str(priority.indicator['name']))}做起"
        return _act(f"{start}。", priority.actions[0])
    if priority.sure:
        return {
            "what": f"优先改进{name}",
            "why": f"{evidence(facts, priority)}。{no_entry(facts, priority)}",
        }
    if priority.kind == "tendency":
        return {
            "what": f"先核实{name}是否偏低",
            "why": f"{evidence(facts, priority)}。翻台账、走访居民，属实再按处方办理。",
        }
    return {
        "what": f"如有余力，从得分最低的{name}找改进余地",
        "why": f"{evidence(facts, priority)}。",
    }


def _act(why: str, action: Action) -> dict[str, str]:
    return {
        "what": action.what,
        "why": f"{why}{action.who}负责，诊断书下发后 {action.days} 天内。",
    }


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
        if n < plan.minimum_n:
            found.append(
                {
                    "what": f"下次收足{say.quoted(plan.name)}的答卷",
                    "why": f"本次有效答卷少于 {plan.minimum_n} 份，该主体的评分未予公布。",
                }
            )
    return found


def _keep(facts: Facts, finding: Finding) -> dict[str, str]:
    return {
        "what": f"总结并保持{say.quoted(finding.name)}的做法",
        "why": f"显著高于{facts.street_word}平均 {_ahead(facts, finding)}。",
    }


def _keep_on(facts: Facts, finding: Finding) -> dict[str, str]:
    return {
        "what": f"继续做好{say.quoted(finding.name)}",
        "why": f"有偏高的倾向（高 {_ahead(facts, finding)}），但数据尚不足以断定。",
    }


def _ahead(facts: Facts, finding: Finding) -> str:
    reach = known.precision(facts, finding.code).margin(facts.evaluation.scheme.confidence)
    return f"{say.fixed(finding.difference)} ± {say.fixed(reach)} 分"
