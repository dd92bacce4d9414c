"""Place and movement: where committees stand among all, how they moved, what moved them."""

from __future__ import annotations

import pandas as pd

from evalkit.codes import Comparison, OwnChange
from evalkit.pages.press import wording as say
from evalkit.pages.press.planned import Chart
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import lineage, overall
from evalkit.pages.telling.facts import Common, Facts, Row
from evalkit.pages.telling.verdict import own_rank, why_not_compared

UNTOLD = "未公布的各项"
"""Indicators of which too few answered, and those that would give them away."""

LEAST = 0.05
"""A part of a change that is smaller prints as 0, points."""
BACK = "上次名次靠前的，下次本来就容易回落；靠后的，容易回升"
"""Why chance moves ranks of the ends more often than one would think."""

COMMON = 0.3
"""A move in rank that chance alone makes more often than this is called common."""


def standing(facts: Facts) -> str:
    """Say how many committees are certainly better and worse, and how many cannot be told apart."""
    assert facts.place is not None
    better = int(facts.place["rank_low_joint"]) - 1
    worse = facts.total - int(facts.place["rank_high_joint"])
    level = facts.total - 1 - better - worse
    known_parts = [
        text
        for number, text in (
            (better, f"有 {better} 个{facts.word}确定比它高"),
            (worse, f"有 {worse} 个确定比它低"),
            (level, f"与{'其余' if better or worse else ''} {level} 个分不出先后"),
        )
        if number
    ]
    return (
        f"按得分排在{own_rank(facts)}；在 {known.confidence(facts.evaluation)} 的把握下，"
        f"{'，'.join(known_parts)}。"
    )


def movement(facts: Facts) -> str:
    """Say how it moved against the street, and no more than the test allows."""
    if facts.change is None or facts.common.changes is None:
        return f"{why_not_compared(facts)}。"
    return (
        f"{lineage.happened(facts)}得分变化 {say.signed(facts.change['change'])} 分，"
        f"{facts.street_word}平均变化 {say.signed(facts.common.changes.street_change)} 分，"
        f"扣除{facts.street_word}平均后{say.plainly(facts.change['verdict'])}；"
        f"{_among(facts)}。{overall.assumed(facts.evaluation)}"
    )


def _among(facts: Facts) -> str:
    """Say where its change lies among those of all that are compared, as far as can be told."""
    assert facts.change is not None
    assert facts.common.changes is not None
    total, change = facts.common.changes.compared, facts.change
    low, high = int(change["change_rank_low"]), int(change["change_rank_high"])
    if (low, high) == (1, total):
        return f"在可比的 {total} 个{facts.word}中，变化排第几分不出来"
    return f"在可比的 {total} 个{facts.word}中，变化从高到低排在{say.places(low, high)}"


def peers(facts: Facts) -> list[str]:
    """Say how it stands beside the mean of the others of its zone, housing and kind.

    Nothing of any one of them: there are three at least.
    """
    table = facts.evaluation.peers
    own = table[table["subject"] == facts.subject.id]
    return [_beside(facts, row) for row in known.records(own)]


def _beside(facts: Facts, row: Row) -> str:
    group = f"同{overall.groupings(facts.evaluation)[row['by']]}（{row['value']}）其余 {row['n']} 个{facts.word}"
    told = f"{group}平均 {say.fixed(row['mean'])} 分"
    if say.missing(row["difference"]):
        return f"{told}，未检验相差。"
    wide = (float(row["difference_high"]) - float(row["difference_low"])) / 2
    verdict = (
        "分不出高低" if row["verdict"] == Comparison.LEVEL else f"明显{row['verdict']}同类平均"
    )
    return f"{told}，相差 {say.signed(row['difference'])} ± {say.fixed(wide)} 分，{verdict}。"


def dimensions(facts: Facts) -> tuple[str, list[dict[str, object]]]:
    """Say which dimensions moved since the last wave, and list them all with their errors."""
    table = facts.evaluation.history.dimension_changes
    rows = known.records(table[table["subject"] == facts.subject.id])
    if not rows:
        return "", []
    moved = [
        f"{say.joined([str(r['name']) for r in rows if r['verdict'] == verdict])}明显{verdict}"
        for verdict in (OwnChange.RISEN, OwnChange.FALLEN)
        if any(row["verdict"] == verdict for row in rows)
    ]
    rest = sum(row["verdict"] == OwnChange.SAME for row in rows)
    if not moved:
        which = f"{len(rows)} 个维度都" if len(rows) > 1 else str(rows[0]["name"])
        said = f"比上次，{which}尚看不出变化。"
    else:
        tail = f"，其余 {rest} 个尚看不出变化" if rest else ""
        said = f"比上次，{'，'.join(moved)}{tail}。"
    return said, [_dimension(row) for row in rows]


def _dimension(row: Row) -> dict[str, object]:
    known_error = not say.missing(row["change_se"])
    wide = (float(row["change_high"]) - float(row["change_low"])) / 2 if known_error else None
    return {
        "name": row["name"],
        "previous": say.fixed(row["previous"]),
        "estimate": say.fixed(row["estimate"]),
        "change": say.signed(row["change"]) + (f" ± {say.fixed(wide)}" if known_error else ""),
        "verdict": say.plainly(row["verdict"]),
        "sure": row["verdict"] in (OwnChange.RISEN, OwnChange.FALLEN),
    }


def caterpillar(common: Common, subject: str) -> Chart | None:
    """Plan the chart of all committees with intervals; None where all have the same score.

    The subject is marked and named, the others are not: its paper says nothing of them.
    """
    if common.alike:
        return None
    evaluation = common.evaluation
    scores = evaluation.current.scores.table
    ranks = evaluation.current.ranking.table[["subject", "rank"]]
    table = ranks.merge(scores, on="subject")
    frame = table[["name", "score", "low", "high", "rank"]].assign(
        highlight=table["subject"] == subject
    )
    frame.loc[~frame["highlight"], "name"] = ""
    return Chart(
        "caterpillar",
        frame,
        f"全部 {len(frame)} 个{evaluation.order.subject_word}从高到低的得分及误差范围，"
        f"{evaluation.roster.subject(subject).name}已标出",
        {
            "bands": known.bands(evaluation),
            "mean": common.mean,
            "street": f"{evaluation.order.street_word}平均",
            "domain": common.score_axis,
            "title": "得分（横线为误差范围）",
        },
    )


def told_apart(facts: Facts) -> bool:
    """Tell whether there is a change to draw and to take apart."""
    return facts.change is not None and not facts.common.alike


def points_of(facts: Facts) -> pd.DataFrame:
    """Return the points of the change by indicator, summed over rater groups.

    Indicators that are not told of one of the waves are added up to one line.
    """
    own = facts.common.contributions[facts.subject.id]
    names = {i.code: i.name for i in facts.evaluation.scheme.indicators}
    hidden = facts.common.untold.get(facts.subject.id, frozenset())
    labels = [UNTOLD if c in hidden else names.get(str(c), str(c)) for c in own["code"]]
    points = own["points"].groupby(labels, sort=False).sum()
    return pd.DataFrame({"name": points.index.to_numpy(), "points": points.to_numpy()})


def parts(facts: Facts) -> str:
    """Say what the change is made of; nothing where there is none to take apart."""
    if not told_apart(facts):
        return ""
    points = points_of(facts).sort_values("points", ascending=False, kind="stable")
    up = points[points["points"] >= LEAST].head(2)
    down = points[points["points"] <= -LEAST].tail(2).iloc[::-1]
    said = [
        word + "、".join(f"{n} {say.signed(p)}" for n, p in known.pairs(part, "name", "points"))
        for part, word in ((up, "拉高得分最多的是"), (down, "拉低得分最多的是"))
        if len(part)
    ]
    body = "，".join(said) + "；" if said else "各项变化都不到 0.1 分；"
    return f"得分变化由 {len(points)} 项指标相加而成：{body}这是算术分解，单项未作检验。"


def luck(facts: Facts) -> str:
    """Say how it moved in rank, and how easily chance alone would make it."""
    if facts.change is None or facts.common.changes is None:
        return ""
    change = facts.change
    if say.missing(change["rank_from"]):
        return lineage.unranked(facts)
    if int(change["rank_change"]) == 0:
        return f"名次不变，仍是{say.place(change['rank_to'])}。"
    where = (
        f"名次由{say.place(change['rank_from'])}到{say.place(change['rank_to'])}"
        f"（{say.moved(change['rank_change'])}）。"
    )
    own = float(facts.common.changes.luck_own[facts.subject.id])
    any_ = float(facts.common.changes.luck_any[facts.subject.id])
    step = f"{say.moved(change['rank_change'])}或更多"
    start = f"{where}即使各{facts.word}实际毫无变化，碰巧"
    if own > COMMON:
        return f"{start}{step}的可能性也有 {say.likely(own)}，是常见的变动（{BACK}）。"
    return (
        f"{start}{step}的可能性{say.probable(own)}，"
        f"全{facts.street_word}至少有一个{step}的可能性{say.probable(any_)}。"
    )
