"""How many to ask next time, for how sure a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section
from evalkit.pages.telling import overall
from evalkit.pages.telling.facts import Row, records
from evalkit.tables import ALL_GROUPS, Evaluation


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling(Section):
    """Numbers of questionnaires, by target."""

    template = "street/sampling.html.j2"
    groups: Sequence[str]
    rows: Sequence[Mapping[str, object]]
    unreachable: bool


def section(evaluation: Evaluation) -> Sampling | None:
    """Plan next wave's sample; None where there is no plan."""
    plan = evaluation.assurance.plan
    if not len(plan):
        return None
    groups = [str(g) for g in dict.fromkeys(plan["group"]) if g != ALL_GROUPS]
    names = {group.code: group.name for group in evaluation.scheme.groups}
    rows = []
    for target, part in plan.groupby("target", sort=False):
        own = {str(row["group"]): row for row in records(part)}
        whole = own.get(ALL_GROUPS, next(iter(own.values())))
        rows.append(
            {
                "target": overall.target_name(str(target)),
                "per": [_per(own.get(group)) for group in groups],
                "issued": say.count(whole["issued_total"]),
                "total": say.count(whole["n_total"]),
                "reliability": say.fixed(whole["reliability"], 2),
                "half": f"± {say.fixed(whole['half_width'])}",
                "reachable": "是" if whole["reachable"] else "否",
            }
        )
    return Sampling(
        title="下一次抽多少",
        takeaway=takeaway(evaluation),
        groups=[names.get(group, group) for group in groups],
        rows=rows,
        unreachable=bool((~plan["reachable"].astype(bool)).any()),
    )


def takeaway(evaluation: Evaluation) -> str:
    """Say what this wave's numbers reach."""
    plan = evaluation.assurance.plan
    present = plan[plan["target"] == "present"]
    if not len(present):
        return f"下次每个{evaluation.order.subject_word}要收多少份，取决于想分得多清。"
    row = records(present.tail(1))[0]
    return (
        f"照本次的份数，平均信度为 {say.fixed(row['reliability'], 2)}，"
        f"得分区间平均为 ± {say.fixed(row['half_width'])} 分；{_cheaper(evaluation, row)}"
        "想分得更清，要收的份数见下表。"
    )


def _cheaper(evaluation: Evaluation, present: Row) -> str:
    """Name a plan of the table that is as good as this wave's for fewer questionnaires."""
    plan = evaluation.assurance.plan
    whole = plan[(plan["group"] == ALL_GROUPS) & plan["reachable"].astype(bool)]
    as_good = whole[
        (whole["reliability"] >= float(present["reliability"]))
        & (whole["half_width"] <= float(present["half_width"]))
        & (whole["n_total"] < int(present["n_total"]))
    ]
    if not len(as_good):
        return ""
    best = records(as_good.sort_values("n_total", kind="stable").head(1))[0]
    return (
        f"各类居民换一种配比（见“{overall.target_name(str(best['target']))}”一行），"
        f"{say.count(best['n_total'])} 份有效答卷就能做到；"
    )


def _per(row: Row | None) -> str:
    return say.MISSING if row is None else say.fixed(row["n_per_subject"], 0)
