"""The manual's section on sampling: whom to ask, how to draw them, what their number is worth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evalkit.definitions.decided import Decided
from evalkit.definitions.raters import RaterGroup
from evalkit.definitions.units import Units
from evalkit.methods import planning
from evalkit.pages.manual.fieldwork import basis, committees, named, residents
from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section
from evalkit.pages.telling.behind import behind, heading

SPREAD = 18.0
"""Assumed standard deviation of single answers within a committee and group, points."""
SIZES = (10, 15, 20, 30, 50, 100)
"""Valid answers of each group, for the table of what they are worth."""
HOUSEHOLDS, FIRST = 1263, 845
"""Of the invented list from which the manual draws."""
SUBSCRIPTS = "₁₂₃₄"
DRAWN = 20
"""Households to draw in that example, where the order does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling(Section):
    """Rater groups, how to draw residents, what numbers of answers are worth."""

    template = "manual/sampling.html.j2"
    groups: Sequence[Mapping[str, str]]
    issued: bool
    committees: int
    drawn: str
    listed: str
    residents: bool
    raters: str
    draw: Mapping[str, object]
    precision: Mapping[str, object]
    answered: str
    minimum: Sequence[str]
    asked: bool
    recorded: bool
    behind: str
    kinds: str
    villages: bool


def sampling(decided: Decided) -> Sampling:
    """Plan whom to ask, how to draw them, and what their number is worth."""
    scheme, own = decided.scheme, residents(decided)
    drawn = [group for group in own if _is_drawn(group)]
    return Sampling(
        title="抽样：问谁，问多少人" if scheme.asked else "由谁来评：全部来自台账",
        takeaway=_mix(decided),
        groups=[_group_row(decided, group) for group in scheme.groups],
        issued=bool(_issued(decided)),
        committees=committees(decided),
        drawn=named(drawn),
        listed=named([g for g in own if not _is_drawn(g)]) if drawn else "",
        residents=bool(own),
        raters=named([g for g in scheme.groups if g.raters == "rater"]),
        draw=draw(_wanted(decided)),
        precision=precision(decided),
        answered=say.percent(scheme.minimum_answered),
        minimum=[
            f"{group.name}不足 {group.minimum_n} {behind(group, decided).unit}"
            for group in scheme.groups
        ],
        asked=bool(scheme.asked),
        recorded=bool(scheme.ledgers),
        behind=heading(scheme),
        kinds=_kinds(decided),
        villages=any("村" in one.kind for one in decided.roster.subjects),
    )


def _kinds(decided: Decided) -> str:
    """Say of which kinds the committees are, and how many are being set up; nothing of one kind."""
    present = Units.of(decided.roster).present(decided.order.waves[-1].id)
    kinds, new = Counter(one.kind for one in present), sum(one.provisional for one in present)
    told = [f"{kind} {n} 个" for kind, n in kinds.items()] if len(kinds) > 1 else []
    if new:
        told.append(f"筹备中的 {new} 个，照常计分、诊断，不排名，也不计入平均")
    return "；".join(told)


def _mix(decided: Decided) -> str:
    scheme, own = decided.scheme, residents(decided)
    parts = say.joined(f"{group.name} {group.weight:g}" for group in scheme.groups)
    if len(scheme.groups) == 1:
        return f"全部评价来自{named(scheme.groups)}；{_depends(decided)}，决定结果说明什么。"
    if not own:
        return f"评价来自 {len(scheme.groups)} 类评价主体（{parts}）；{_depends(decided)}，决定结果说明什么。"
    return f"居民合计占 {scheme.residents_share():g}%（{parts}）；样本怎么来的，决定结果说明什么。"


def _depends(decided: Decided) -> str:
    return "样本怎么来的" if decided.scheme.asked else "记录怎么来的"


def _is_drawn(group: RaterGroup) -> bool:
    return "随机" in group.name + group.description


def _issued(decided: Decided) -> Mapping[str, int]:
    return decided.order.waves[-1].issued


def _per_committee(decided: Decided, group: RaterGroup) -> float | None:
    issued, count = _issued(decided).get(group.code), committees(decided)
    return issued / count if issued and count else None


def _group_row(decided: Decided, group: RaterGroup) -> dict[str, str]:
    return {
        "name": group.name,
        "weight": f"{group.weight:g}",
        "who": group.description or say.MISSING,
        "how": _how(decided, group),
        "minimum": f"{group.minimum_n} 条" if group.ledger else str(group.minimum_n),
        "issued": say.count(_issued(decided).get(group.code)),
        "per": say.fixed(_per_committee(decided, group)),
        "basis": basis(group.basis),
    }


def _how(decided: Decided, group: RaterGroup) -> str:
    if group.ledger is not None:
        return f"由《{decided.ledgers[group.ledger].title}》的记录算出"
    return "一份答卷一人" if group.raters == "respondent" else "一人评多个"


def _wanted(decided: Decided) -> int:
    for group in residents(decided):
        own = _per_committee(decided, group)
        if _is_drawn(group) and own is not None and 1 <= own <= HOUSEHOLDS / 2:
            return round(own)
    return DRAWN


def draw(wanted: int, households: int = HOUSEHOLDS, first: int = FIRST) -> dict[str, Any]:
    """Draw households from a numbered list: every so-many-th from a random start, in a circle.

    Parameters
    ----------
    wanted : int
        How many, at most `households`.
    first : int
        The random start, 1 to `households`.
    """
    interval = households // wanted
    numbers = [(first - 1 + step * interval) % households + 1 for step in range(wanted)]
    return {
        "households": f"{households:,}",
        "wanted": wanted,
        "interval": interval,
        "first": first,
        "numbers": say.joined(str(number) for number in numbers[:9]) + ("……" if wanted > 9 else ""),
    }


def precision(decided: Decided) -> dict[str, Any]:
    """Return what numbers of valid answers are worth: half-widths, in points; nothing without any.

    Residents' sampling alone (all groups, where none is of residents), single answers scattering
    by `SPREAD` within each group.
    """
    scheme = decided.scheme
    shares = dict(zip((g.code for g in scheme.groups), scheme.weights().sum(axis=1), strict=True))
    weighing = [group for group in scheme.asked if shares[group.code] > 0]
    groups = [group for group in weighing if group.residents] or weighing
    if not groups:
        return {}
    share = np.array([shares[group.code] for group in groups])
    sizes = sorted({*SIZES, *(group.minimum_n for group in groups)})
    plans = [
        (f"各 {n} 份" if len(groups) > 1 else f"{n} 份", [float(n)] * len(groups)) for n in sizes
    ]
    average = [_per_committee(decided, group) for group in groups]
    known = [float(round(n)) for n in average if n is not None and n >= 1]
    if len(known) == len(groups):
        told = " + ".join(f"{n:g}" for n in known)
        plans.append((f"{told} 份（本次平均发放数，全部收回时）", known))
    components = planning.Components(
        within_sd=SPREAD,
        group_weights=share,
        between_variance=0.0,
        confidence=scheme.confidence,
    )
    found = planning.deliver(np.array([plan for _, plan in plans]), components)
    z = say.normal_quantile(scheme.confidence)
    return {
        "groups": [group.name for group in groups],
        "several": len(groups) > 1,
        "residents": bool(residents(decided)),
        "spread": f"{SPREAD:g}",
        "confidence": say.percent(scheme.confidence),
        "z": say.fixed(z, 2),
        "formula": _formula(share),
        "rows": [
            {
                "n": name,
                "own": say.MISSING if len(set(plan)) > 1 else f"±{z * SPREAD / plan[0] ** 0.5:.1f}",
                "half": f"±{half:.1f}",
                "apart": say.fixed(half * 2**0.5),
            }
            for (name, plan), half in zip(plans, found.half_width, strict=True)
        ],
    }


def _formula(share: np.ndarray) -> str:
    """Write the variance of a score out; a sum in words where it has many terms."""
    if len(share) == 1:
        return f"{SPREAD:g}² / n"
    if len(share) > len(SUBSCRIPTS):
        return f"各主体的 权重² × {SPREAD:g}² / n 之和"
    return " + ".join(
        f"{say.fixed(w, 2)}² × {SPREAD:g}² / n{digit}"
        for w, digit in zip(share, SUBSCRIPTS, strict=False)
    )
