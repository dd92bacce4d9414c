"""How many to ask next time, for how sure a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section
from evalkit.pages.telling import overall
from evalkit.pages.telling.facts import Row, records
from evalkit.pages.telling.sampling import half_width, takeaway
from evalkit.tables import ALL_GROUPS, Evaluation


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling(Section):
    """Numbers of questionnaires, by target."""

    template = "technical/sampling.html.j2"
    groups: Sequence[str]
    rows: Sequence[Mapping[str, object]]
    missed: str
    reckoned: str


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
                "shows": say.fixed(whole["detectable"]),
                "power": say.chance(whole["power"]),
                "missed": not whole["reachable"],
                "reachable": "是" if whole["reachable"] else "否",
            }
        )
    return Sampling(
        title="下一次抽多少",
        takeaway=takeaway(evaluation),
        groups=[names.get(group, group) for group in groups],
        rows=rows,
        missed=missed(rows),
        reckoned=(
            f"“推算的误差”是 {say.fixed(say.normal_quantile(evaluation.scheme.confidence), 2)} 倍标准误的平均；"
            f"各表的误差范围按 t 分布，本次平均 ± {say.fixed(half_width(evaluation))} 分，略宽一些。"
        ),
    )


def missed(rows: Sequence[Mapping[str, object]]) -> str:
    """Say how many targets of the table are out of reach for some, and which; empty where none is."""
    out = [say.quoted(str(row["target"])) for row in rows if row["missed"]]
    return f"表中 {len(rows)} 行，有 {len(out)} 行达不到目标：{'、'.join(out)}。" if out else ""


def _per(row: Row | None) -> str:
    return say.MISSING if row is None else say.fixed(row["n_per_subject"], 0)
