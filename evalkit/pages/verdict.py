"""Section 1: the verdict on one page. Score, grade, rank, change; strengths, weaknesses, actions."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from evalkit.pages import facts as known
from evalkit.pages import wording as say
from evalkit.pages.base import Chart
from evalkit.pages.facts import Facts, Row, Section
from evalkit.tables import ALL_GROUPS, Finding

SHOWN = 3
"""Strengths, weaknesses and actions on the first page."""

VERDICT = {
    "高于": "显著高于街道平均",
    "低于": "显著低于街道平均",
    "无显著差异": "与街道平均无显著差异",
}


def section(facts: Facts) -> Section:
    """Plan the verdict page."""
    if facts.place is None:
        return _incomplete(facts)
    return Section(
        "verdict.html.j2",
        "总评",
        takeaway(facts),
        {
            "complete": True,
            "headlines": [_score(facts), _grade(facts), _rank(facts), _change(facts)],
            "strip": _strip(facts),
            "strengths": _list(facts, "strength", "tendency_high", "高于"),
            "weaknesses": _list(facts, "weakness", "tendency_low", "低于"),
            "actions": actions(facts),
        },
    )


def takeaway(facts: Facts) -> str:
    """Say it all in one sentence."""
    assert facts.place is not None
    standing = facts.composite
    against = f"，{VERDICT[str(standing['verdict'])]}" if standing is not None else ""
    sentence = (
        f"{facts.wave}，{facts.name}综合得分 {_own_score(facts)} 分，等第为{facts.score['grade']}"
        f"{against}；名次可能在{say.places(facts.place['rank_low'], facts.place['rank_high'])}"
        f"（共 {facts.total} 个{facts.word}）"
    )
    if facts.change is not None:
        sentence += f"；与{facts.last_wave}相比，相对街道平均{facts.change['verdict']}"
    return f"{sentence}。{_counted(facts)}"


def _counted(facts: Facts) -> str:
    """Count the dimensions and indicators that the data can tell from the street's mean."""
    dimensions = _tally(facts, "dimension", "个维度")
    indicators = _tally(facts, "indicator", "项指标")
    return f"{dimensions}；{indicators}。"


def _tally(facts: Facts, level: str, what: str) -> str:
    rows = facts.profile(level)
    high = sum(row["verdict"] == "高于" for row in rows)
    low = sum(row["verdict"] == "低于" for row in rows)
    if not high and not low:
        return f"{len(rows)} {what}均与街道平均无显著差异"
    if len(rows) in (high, low):
        return f"{len(rows)} {what}都显著{'高于' if high else '低于'}街道平均"
    parts = [f"{n} 个显著{word}" for n, word in ((high, "高于"), (low, "低于")) if n]
    return f"{len(rows)} {what}中 {'，'.join(parts)}街道平均"


def _own_score(facts: Facts) -> str:
    return say.score(facts.score["score"], known.cutoffs(facts.evaluation))


def _score(facts: Facts) -> dict[str, object]:
    standing = facts.composite
    return {
        "label": "综合得分",
        "value": _own_score(facts),
        "unit": "分",
        "proof": "score",
        "details": [
            f"{known.confidence(facts.evaluation)} 区间 "
            f"{say.interval(facts.score['low'], facts.score['high'])}",
            f"街道平均 {say.fixed(facts.common.mean)}",
            *([VERDICT[str(standing["verdict"])]] if standing is not None else []),
        ],
    }


def _grade(facts: Facts) -> dict[str, object]:
    scheme = facts.evaluation.scheme
    ends = [scheme.grade_of(float(facts.score[end])) for end in ("low", "high")]
    within = ends[0] if ends[0] == ends[1] else f"{ends[0]}至{ends[1]}"
    return {
        "label": "等第",
        "value": facts.score["grade"],
        "unit": "",
        "proof": None,
        "details": [
            f"确属此等第的可能性 {say.chance(facts.score['grade_probability'])}",
            f"按得分区间看：{within}",
        ],
    }


def own_rank(facts: Facts) -> str:
    """Write the committee's rank, saying so where it is shared."""
    assert facts.place is not None
    return ("并列" if facts.tied else "") + say.place(facts.place["rank"])


def _rank(facts: Facts) -> dict[str, object]:
    assert facts.place is not None
    return {
        "label": "名次",
        "value": own_rank(facts),
        "unit": "",
        "proof": "rank",
        "details": [
            f"共 {facts.total} 个{facts.word}",
            f"{known.confidence(facts.evaluation)} 名次区间",
            say.places(facts.place["rank_low"], facts.place["rank_high"]),
        ],
    }


def _change(facts: Facts) -> dict[str, object]:
    if facts.change is None or facts.common.changes is None:
        return {
            "label": "与上次相比",
            "value": "不作比较",
            "unit": "",
            "proof": None,
            "details": [why_not_compared(facts)],
        }
    change, compared = facts.change, len(facts.common.changes.table)
    ranks = f"名次 {int(change['rank_from'])} → {int(change['rank_to'])}"
    return {
        "label": f"与{facts.last_wave}相比",
        "value": change["verdict"],
        "unit": "",
        "proof": None,
        "details": [
            f"得分变化 {say.signed(change['change'])} 分",
            f"相对街道平均 {say.signed(change['relative_change'])} 分",
            ranks if compared == facts.total else f"{ranks}（可比的 {compared} 个中）",
        ],
    }


def why_not_compared(facts: Facts) -> str:
    """Say why there is no change to report."""
    if facts.common.changes is None:
        return "首次评估，没有可比的上一次结果"
    reason = facts.common.changes.not_compared.get(facts.subject.id)
    return reason or "与上一次评估不可比"


def _strip(facts: Facts) -> Chart:
    evaluation = facts.evaluation
    table = evaluation.scores_by_wave[evaluation.wave].table
    table = table[table["complete"].astype(bool)]
    frame = pd.DataFrame(
        {
            "name": table["name"],
            "score": table["score"],
            "low": table["low"],
            "high": table["high"],
            "highlight": table["subject"] == facts.subject.id,
        }
    )
    return Chart(
        "strip",
        frame,
        f"全部 {facts.total} 个{facts.word}的得分，{facts.name} {_own_score(facts)} 分已标出",
        {
            "bands": known.bands(evaluation),
            "mean": facts.common.mean,
            "domain": facts.common.score_axis,
        },
    )


def _list(facts: Facts, sure: str, tendency: str, verdict: str) -> dict[str, object]:
    certain = facts.diagnosis.of_kind(sure)
    leaning = leanings(facts, tendency)[: max(0, SHOWN - len(certain))]
    dimensions = [row for row in facts.profile("dimension") if row["verdict"] == verdict]
    return {
        "dimensions": [
            {"name": row["name"], "difference": say.signed(row["difference"])} for row in dimensions
        ],
        "certain": [_item(facts, finding) for finding in certain[:SHOWN]],
        "leaning": [_item(facts, finding) for finding in leaning],
        "more": max(0, len(certain) - SHOWN),
    }


def leanings(facts: Facts, kind: str) -> list[Finding]:
    """Return the tendencies worth showing: differences larger than their standard error."""
    return [f for f in facts.diagnosis.of_kind(kind) if abs(f.difference) > f.se]


def _item(facts: Facts, finding: Finding) -> dict[str, str]:
    reach = say.normal_quantile(facts.evaluation.scheme.confidence) * finding.se
    return {
        "name": finding.name,
        "difference": f"{say.signed(finding.difference)} ± {say.fixed(reach)} 分",
        "numbers": f"{say.fixed(finding.estimate)}，街道 {say.fixed(finding.street)}",
    }


# --- actions --------------------------------------------------------------------------------


def actions(facts: Facts) -> list[dict[str, str]]:
    """Return the first things to do, each with the evidence that it rests on."""
    weak, low = facts.diagnosis.of_kind("weakness"), leanings(facts, "tendency_low")
    found = [_mend(facts, finding) for finding in weak]
    found += [_enter(facts, row) for row in _weak_dimensions(facts, weak)]
    found += [_watch(finding) for finding in low]
    found += _more_answers(facts)
    if not weak and not low:
        found += _lowest(facts)
    found += [_keep(finding) for finding in facts.diagnosis.of_kind("strength")]
    found += [_keep_watch(finding) for finding in leanings(facts, "tendency_high")]
    return found[:SHOWN] or [
        {
            "what": "保持现有做法，按同样的抽样办法参加下一次评估",
            "why": "本次没有哪一项需要优先处理。",
        }
    ]


def _weak_dimensions(facts: Facts, weak: Sequence[Finding]) -> list[Row]:
    """Return dimensions below the street's mean of which no single indicator is."""
    codes = {finding.code for finding in weak}
    inside = {d.code: {i.code for i in d.indicators} for d in facts.evaluation.scheme.dimensions}
    rows = [row for row in facts.profile("dimension") if row["verdict"] == "低于"]
    rows = [row for row in rows if not codes & inside[str(row["code"])]]
    return sorted(rows, key=lambda row: (float(row["p_adjusted"]), float(row["difference"])))


def _enter(facts: Facts, row: Row) -> dict[str, str]:
    dimension = next(d for d in facts.evaluation.scheme.dimensions if d.code == row["code"])
    codes = {i.code for i in dimension.indicators}
    own = [r for r in facts.profile("indicator") if r["code"] in codes]
    lowest = min(own, key=lambda r: float(r["difference"]))
    return {
        "what": f"改进{say.quoted(dimension.name)}",
        "why": (
            f"整个维度显著低于街道平均 {say.fixed(-float(row['difference']))} 分；可先看其中偏低最多的"
            f"{say.quoted(str(lowest['name']))}（低 {say.fixed(-float(lowest['difference']))} 分，"
            "单项尚不足以断定）。"
        ),
    }


def _lowest(facts: Facts) -> list[dict[str, str]]:
    """Return the indicator with the lowest score, for want of anything below the street's."""
    rows = sorted(facts.profile("indicator"), key=lambda row: float(row["estimate"]))
    if len(rows) < 2 or float(rows[0]["estimate"]) > float(rows[-1]["estimate"]) - 0.1:
        return []
    row = rows[0]
    return [
        {
            "what": f"从得分最低的{say.quoted(str(row['name']))}找改进余地",
            "why": f"得 {say.fixed(row['estimate'])} 分，{VERDICT[str(row['verdict'])]}，"
            f"但在本{facts.word}各项中最低。",
        }
    ]


def _mend(facts: Facts, finding: Finding) -> dict[str, str]:
    gain = -finding.difference * _weight(facts, finding.code)
    return {
        "what": f"优先改进{say.quoted(finding.name)}",
        "why": (
            f"显著低于街道平均 {say.fixed(-finding.difference)} 分；"
            f"若补到街道平均，综合得分约增加 {say.fixed(gain, 2)} 分。"
        ),
    }


def _watch(finding: Finding) -> dict[str, str]:
    return {
        "what": f"留意{say.quoted(finding.name)}",
        "why": (
            f"有偏低的倾向（低 {say.fixed(-finding.difference)} 分），"
            "但数据尚不足以断定；先走访核实，下次评估复核。"
        ),
    }


def _more_answers(facts: Facts) -> list[dict[str, str]]:
    found = []
    for group, n in answers(facts).items():
        plan = facts.evaluation.scheme.group(group)
        if n < plan.minimum_n:
            found.append(
                {
                    "what": f"下次收足{say.quoted(plan.name)}的答卷",
                    "why": f"本次有效答卷少于 {plan.minimum_n} 份，该主体的评分未予公布。",
                }
            )
    return found


def _keep(finding: Finding) -> dict[str, str]:
    return {
        "what": f"总结并保持{say.quoted(finding.name)}的做法",
        "why": f"显著高于街道平均 {say.fixed(finding.difference)} 分。",
    }


def _keep_watch(finding: Finding) -> dict[str, str]:
    return {
        "what": f"继续做好{say.quoted(finding.name)}",
        "why": f"有偏高的倾向（高 {say.fixed(finding.difference)} 分），但数据尚不足以断定。",
    }


def _weight(facts: Facts, code: str) -> float:
    scores = facts.evaluation.scores_by_wave[facts.evaluation.wave]
    codes = [indicator.code for indicator in facts.evaluation.scheme.indicators]
    return float(scores.cell_weights[:, codes.index(code)].sum())


def answers(facts: Facts) -> dict[str, int]:
    """Return the number of valid answers about this committee by rater group."""
    cells = facts.evaluation.cells[facts.evaluation.wave]
    if facts.subject.id not in cells.subjects:
        return dict.fromkeys(cells.groups, 0)
    at = cells.subjects.index(facts.subject.id)
    return {code: int(group.n[at]) for code, group in cells.groups.items()}


# --- incomplete -----------------------------------------------------------------------------


def _incomplete(facts: Facts) -> Section:
    gap = facts.incomplete
    lacking = [] if gap is None else known.lacking(facts.evaluation, gap)
    return Section(
        "verdict.html.j2",
        "总评",
        f"{facts.wave}，{facts.name}缺少{say.joined(lacking, 3)}，评估不完整：只列出，"
        "不计综合得分，不定等第，不排名次。",
        {
            "complete": False,
            "lacking": lacking,
            "groups": _group_scores(facts),
            "actions": [
                {
                    "what": f"补齐{name}",
                    "why": "缺少任何一类评价主体，都不能用其余主体的评分代替。",
                }
                for name in lacking
            ][:SHOWN],
        },
    )


def _group_scores(facts: Facts) -> list[dict[str, object]]:
    """Return what each rater group that did answer said, by dimension; never combined."""
    evaluation = facts.evaluation
    own = facts.common.indicators[facts.subject.id]
    dimensions = own[(own["level"] == "dimension") & (own["group"] != ALL_GROUPS)]
    counts = answers(facts)
    rows: list[dict[str, object]] = []
    for group in evaluation.scheme.groups:
        part = dimensions[dimensions["group"] == group.code].set_index("code")["estimate"]
        rows.append(
            {
                "name": group.name,
                "n": say.count(counts.get(group.code, 0), group.minimum_n),
                "scores": [say.fixed(part.get(d.code)) for d in evaluation.scheme.dimensions],
            }
        )
    return rows
