"""What this wave's numbers of questionnaires reach, and what would do as well."""

from __future__ import annotations

from evalkit.pages.press import wording as say
from evalkit.pages.telling import overall
from evalkit.pages.telling.facts import Row, records
from evalkit.tables import ALL_GROUPS, Evaluation


def takeaway(evaluation: Evaluation) -> str:
    """Say what this wave's numbers reach."""
    plan = evaluation.assurance.plan
    present = plan[plan["target"] == "present"]
    if not len(present):
        return f"下次每个{evaluation.order.subject_word}要收多少份，取决于想分得多清。"
    row = records(present.tail(1))[0]
    return (
        f"照本次的份数，平均可靠程度为 {say.fixed(row['reliability'], 2)}，"
        f"得分的误差范围平均为 ± {say.fixed(half_width(evaluation))} 分；{_cheaper(evaluation, row)}"
        "想分得更清，要收的份数见下表。"
    )


def half_width(evaluation: Evaluation) -> float:
    """Return how far the printed intervals of scores reach to either side, on average; points."""
    table = evaluation.current.scores.table
    own = table[table["complete"].astype(bool)]
    return float(((own["high"] - own["low"]) / 2.0).mean())


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
