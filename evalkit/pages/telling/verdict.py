"""The verdict on one committee: score, grade, rank and change; strengths and weaknesses."""

from __future__ import annotations

from evalkit.codes import Comparison, OwnChange
from evalkit.pages.press import meanings
from evalkit.pages.press import wording as say
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import grades, lineage, satisfaction
from evalkit.pages.telling.facts import Facts
from evalkit.pages.telling.precision import precision
from evalkit.tables import Finding

SHOWN = 3
"""Strengths and weaknesses on the first page."""

LEANING = 1.645
"""Standard errors from which a difference that is not significant is still called a tendency."""


def takeaway(facts: Facts) -> str:
    """Say it all in one sentence."""
    if facts.provisional:
        return _of_provisional(facts)
    if facts.place is None and facts.incomplete is None:
        return (
            f"{facts.wave}，{facts.name}综合得分 {own_score(facts)} 分，等第为{facts.score['grade']}；"
            f"{known.UNSURE}：不排名次，不与其他{facts.word}比较。"
        )
    if facts.place is None:
        return (
            f"{facts.wave}，{facts.name}缺少{say.joined(lacking(facts), 3, '项')}，评估不完整：只列出，"
            f"不计综合得分，不定等第，不排名次。{lineage.happened(facts)}"
        )
    standing = facts.composite
    against = f"，{facts.standing(str(standing['verdict']))}" if standing is not None else ""
    sentence = (
        f"{facts.name}综合得分 {own_score(facts)} 分，{grades.told(facts.evaluation, facts.score)}{against}；"
        f"{facts.total} 个{facts.word}中，名次可能在"
        f"{say.places(facts.place['rank_low_joint'], facts.place['rank_high_joint'])}"
    )
    if facts.change is not None:
        sentence += (
            f"；得分比{facts.last_wave} {say.signed(facts.change['change'])} 分"
            f"（{own_change(facts)}），相对{facts.street_word}平均{say.plainly(facts.change['verdict'])}"
        )
        if lineage.is_union(facts.evaluation, facts.subject.id):
            sentence += f"（变动所及的几个{facts.word}合起来比，名次{lineage.NOT_COMPARABLE}）"
    return f"{sentence}。{_counted(facts)}"


def _of_provisional(facts: Facts) -> str:
    standing = facts.composite
    against = f"，{facts.standing(str(standing['verdict']))}" if standing is not None else ""
    return (
        f"{facts.name}尚在筹备，综合得分 {own_score(facts)} 分{against}；照常计分、诊断，"
        f"不排名次，不定等第，也不计入{facts.street_word}平均。{_counted(facts)}"
    )


def lacking(facts: Facts) -> list[str]:
    """Return what an incomplete committee lacks."""
    gap = facts.incomplete
    return [] if gap is None else known.lacking(facts.evaluation, gap)


def headlines(facts: Facts) -> list[dict[str, object]]:
    """Return satisfaction, score, grade, rank and change, each with its details."""
    satisfied = _satisfied(facts)
    return [
        *([satisfied] if satisfied else []),
        _score(facts),
        *([_set_up(facts)] if facts.provisional else [_grade(facts), _rank(facts)]),
        _change(facts),
    ]


def _set_up(facts: Facts) -> dict[str, object]:
    return {
        "label": "名次和等第",
        "value": known.PROVISIONAL,
        "unit": "",
        "proof": None,
        "details": ["不排名次，不定等第", f"不计入{facts.street_word}平均"],
    }


def own_change(facts: Facts) -> str:
    """Say what is sure of the change of the score itself, whatever the street did."""
    assert facts.change is not None
    return {
        OwnChange.RISEN: "明显上升",
        OwnChange.FALLEN: "明显下降",
    }.get(OwnChange(str(facts.change["change_verdict"])), known.UNDECIDED)


def strengths(facts: Facts) -> dict[str, object]:
    """Return what is certainly high, and what leans that way, the largest differences first."""
    return _list(facts, "strength", "tendency_high")


def weaknesses(facts: Facts) -> dict[str, object]:
    """Return what is certainly low, and what leans that way, the largest differences first."""
    return _list(facts, "weakness", "tendency_low")


def _counted(facts: Facts) -> str:
    """Count the dimensions and indicators that the data can tell from the street's mean."""
    dimensions = _tally(facts, "dimension", "个", "维度")
    indicators = _tally(facts, "indicator", "项", "指标")
    return f"{dimensions}；{indicators}。"


def _tally(facts: Facts, level: str, measure: str, what: str) -> str:
    rows, mean = facts.profile(level), f"{facts.street_word}平均"
    high = sum(row["verdict"] == Comparison.ABOVE for row in rows)
    low = sum(row["verdict"] == Comparison.BELOW for row in rows)
    if not high and not low:
        return f"{len(rows)} {measure}{what}均与{mean}尚看不出差别"
    if len(rows) in (high, low):
        return f"{len(rows)} {measure}{what}都明显{'高于' if high else '低于'}{mean}"
    parts = [f"{n} {measure}明显{word}" for n, word in ((high, "高于"), (low, "低于")) if n]
    return f"{len(rows)} {measure}{what}中 {'，'.join(parts)}{mean}"


def own_score(facts: Facts) -> str:
    """Write the committee's score."""
    return say.score(facts.score["score"], known.cutoffs(facts.evaluation))


def _satisfied(facts: Facts) -> dict[str, object] | None:
    row = satisfaction.overall(facts.evaluation, facts.subject.id)
    if row is None:
        return None
    street = f"全{facts.street_word} {satisfaction.share(row, float(row['street']))}"
    against = _against_share(str(row["verdict"]))
    moved = []
    if not say.missing(row["change"]):
        sure = satisfaction.moved_word(row)
        moved = [f"比上次 {satisfaction.points(row)} 个百分点", f"（{sure}）"]
    return {
        "label": "总体满意率",
        "value": satisfaction.share(row),
        "unit": "",
        "proof": None,
        "details": [
            f"误差范围 {satisfaction.reach(row)}",
            f"{street}，{against}" if against else street,
            *moved,
        ],
    }


def _against_share(verdict: str) -> str:
    """Say what is sure of a difference from the street's share; nothing where it was not tested."""
    return {
        Comparison.ABOVE: "明显高于",
        Comparison.BELOW: "明显低于",
        Comparison.LEVEL: "分不出",
    }.get(Comparison(verdict), "")


def _score(facts: Facts) -> dict[str, object]:
    standing = facts.composite
    return {
        "label": "综合得分",
        "value": own_score(facts),
        "unit": "分",
        "proof": "score",
        "details": [
            f"误差范围 {say.interval(facts.score['low'], facts.score['high'])}",
            f"{facts.street_word}平均 {say.fixed(facts.common.mean)}",
            *([facts.standing(str(standing["verdict"]))] if standing is not None else []),
        ],
    }


def _grade(facts: Facts) -> dict[str, object]:
    scheme = facts.evaluation.scheme
    ends = [scheme.grade_of(float(facts.score[end])) for end in ("low", "high")]
    within = ends[0] if ends[0] == ends[1] else f"{ends[0]}至{ends[1]}"
    last, near = [], grades.near(facts.evaluation, facts.score)
    if facts.change is not None and not say.missing(facts.change["rank_from"]):
        before = scheme.grade_of(float(facts.change["score_from"]))
        last = [f"{facts.last_wave}为{before}"]
    return {
        "label": "等第",
        "value": facts.score["grade"],
        "unit": "附近" if near else "",
        "proof": None,
        "details": [
            *([f"在{near}附近"] if near else []),
            *last,
            f"可能性 {say.chance(facts.score['grade_probability'])}",
            f"误差范围内为{within}",
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
            f"{known.confidence(facts.evaluation)} 名次范围",
            say.places(facts.place["rank_low_joint"], facts.place["rank_high_joint"]),
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
    change, compared = facts.change, facts.common.changes.compared
    reach = known.margin(facts)
    return {
        "label": f"得分比{facts.last_wave}",
        "value": say.signed(change["change"]),
        "unit": "分",
        "proof": None,
        "details": [
            own_change(facts),
            f"相对{facts.street_word} {say.signed(change['relative_change'])} ± {say.fixed(reach)}",
            f"（{say.plainly(change['verdict'])}）",
            _ranks(facts, compared),
        ],
    }


def _ranks(facts: Facts, compared: int) -> str:
    """Write both ranks; those of other ground cannot be compared."""
    assert facts.change is not None
    if say.missing(facts.change["rank_from"]):
        return f"名次{lineage.NOT_COMPARABLE}"
    ranks = f"名次 {int(facts.change['rank_from'])} → {int(facts.change['rank_to'])}"
    return ranks if compared == facts.total else f"{ranks}（可比的 {compared} 个中）"


def why_not_compared(facts: Facts) -> str:
    """Say why there is no change to report."""
    if facts.provisional:
        return "筹备期间不作比较"
    if facts.common.changes is None:
        return "没有上一次评估的数据，无从比较"
    found = facts.common.changes.not_compared.get(facts.subject.id)
    if facts.evaluation.decided.lineage is not None and found is not None:
        told = lineage.happened(facts)
        return told.removesuffix("。") if told else meanings.lacking(found)
    return meanings.lacking(found) if found else "与上一次评估不可比"


def _list(facts: Facts, sure: str, tendency: str) -> dict[str, object]:
    certain = sorted(facts.diagnosis.of_kind(sure), key=lambda f: -abs(f.difference))
    leaning = leanings(facts, tendency)[: max(0, SHOWN - len(certain))]
    return {
        "certain": [_item(facts, finding) for finding in certain[:SHOWN]],
        "leaning": [_item(facts, finding) for finding in leaning],
        "more": max(0, len(certain) - SHOWN),
    }


def _item(facts: Facts, finding: Finding) -> dict[str, str]:
    return {
        "name": finding.name,
        "difference": difference(facts, finding.code, finding.difference),
        "numbers": f"{say.fixed(finding.estimate)}，{facts.street_word} {say.fixed(finding.street)}",
    }


def difference(facts: Facts, code: str, value: float) -> str:
    """Write a difference from the street's mean with its margin."""
    reach = precision(facts, code).margin(facts.evaluation.scheme.confidence)
    return f"{say.signed(value)} ± {say.fixed(reach)} 分"


def leanings(facts: Facts, kind: str) -> list[Finding]:
    """Return the tendencies worth showing: one in ten indicators has such a one by chance."""
    return [f for f in facts.diagnosis.of_kind(kind) if abs(f.difference) > LEANING * f.se]
