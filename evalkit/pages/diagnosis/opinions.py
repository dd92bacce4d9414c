"""Section 4: who says what. Rater groups side by side, and how residents answered."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from evalkit.figures import style
from evalkit.pages.press import wording as say
from evalkit.pages.press.planned import Chart
from evalkit.pages.press.section import Section
from evalkit.pages.telling import answers, gaps, satisfaction
from evalkit.pages.telling import facts as known
from evalkit.pages.telling.answers import Told
from evalkit.pages.telling.facts import ARROWS, Facts, Row
from evalkit.pages.telling.opinions import opinions, reach_of
from evalkit.pages.telling.priorities import crowded, priorities
from evalkit.tables import OVERALL

WORST = 2
"""Items whose answers are shown."""
GROUP_STEP, ITEM_STEP, QUESTION_STEP = 15.0, 42.0, 13.2
ROOM = 370
"""Width that a question may have beside its dots, pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinions(Section):
    """Rater groups side by side, every question's satisfied share, the items rated worst."""

    template = "diagnosis/opinions.html.j2"
    groups: Chart | None
    gap: str
    covers: str
    questions: Chart | None
    overall: bool
    worst: Chart | None
    worst_title: str
    meaning: str
    who: str
    minimum: int
    confidence: str


def section(facts: Facts) -> Opinions | None:
    """Plan who says what; None where neither groups nor answers may be shown."""
    groups = opinions(facts) if facts.scored else []
    shown = sum(not say.missing(row["estimate"]) for row in groups)
    items = sorted(answers.told(facts), key=lambda told_item: (-told_item.mean, told_item.order))
    full = facts.scored and crowded(priorities(facts))
    worst = [] if full and len(items) > WORST else items[-WORST:]
    questions = satisfaction.rows(facts.evaluation, subject=facts.subject.id)
    if shown < 2 and not worst and not questions:
        return None
    return Opinions(
        title="谁怎么说",
        takeaway=takeaway(facts, groups, items),
        groups=_groups_chart(facts, groups) if shown > 1 else None,
        gap=gap_sentence(facts, groups),
        covers=_covers(facts),
        questions=_questions_chart(facts, questions) if questions else None,
        overall=any(row["role"] == OVERALL for row in questions),
        worst=_answers_chart(facts, worst, "最低") if worst else None,
        worst_title=_worst_title(len(worst), len(items), answers.asked(facts)),
        meaning=satisfaction.meaning(facts.evaluation),
        who=say.joined(group.name for group in answers.published(facts))
        + ("合计" if len(answers.published(facts)) > 1 else ""),
        minimum=answers.minimum(facts),
        confidence=known.confidence(facts.evaluation),
    )


def _worst_title(shown: int, told: int, asked: int) -> str:
    """Say which items' answers are shown: the lowest, all, or all that may be."""
    if told > shown:
        return f"得分最低的 {shown} 道题"
    return f"全部 {shown} 道题" if shown == asked else f"能公布的 {shown} 道题"


# --- rater groups ---------------------------------------------------------------------------


def _groups_chart(facts: Facts, groups: list[Row]) -> Chart:
    scheme = facts.evaluation.scheme
    frame = pd.DataFrame(groups)[["group", "estimate", "low", "high", "n", "street"]]
    if scheme.ledgers:
        frame["n"] = [
            n if scheme.group(str(row["code"])).ledger else f"{n} 份"
            for n, row in zip(frame["n"], groups, strict=True)
        ]
    return Chart(
        "groups",
        frame,
        f"各类评价主体对{facts.name}的评分及误差范围，与全{facts.street_word}平均对照："
        + "，".join(f"{row['group']} {say.fixed(row['estimate'])}" for row in groups),
        {
            "subject": f"本{facts.word}",
            "street": f"{facts.street_word}平均",
            "title": "",
            "step": GROUP_STEP,
            "unit": "" if scheme.ledgers else "份",
        },
    )


def _covers(facts: Facts) -> str:
    """Say that groups which judge different indicators are not comparable."""
    scheme = facts.evaluation.scheme
    covered = {tuple(scheme.covered(group)) for group in scheme.groups}
    if len(covered) < 2:
        return ""
    return f"各主体能评的指标不尽相同，每一行只宜与同一行的{facts.street_word}平均比。"


@dataclass(frozen=True, slots=True)
class _Gap:
    """The first resident group's score less the second's, points."""

    first: str
    second: str
    scores: tuple[float, float]
    value: float
    low: float
    high: float


def _gap(facts: Facts, groups: list[Row]) -> _Gap | None:
    codes = [group.code for group in answers.residents(facts)]
    rows = [row for row in groups if row["code"] in codes and not say.missing(row["estimate"])]
    if len(codes) != 2 or len(rows) != 2:
        return None
    a, b = rows
    scores = (float(a["estimate"]), float(b["estimate"]))
    beside = facts.evaluation.assurance.samples
    known_of = known.records(beside[beside["subject"] == facts.subject.id])
    if known_of:
        one = known_of[0]
        ends = [float(one[name]) for name in ("gap", "gap_low", "gap_high")]
        lists = [g.code for g in answers.residents(facts) if g.sample == "list"]
        if lists != [a["code"]]:
            ends = [-ends[0], -ends[2], -ends[1]]
        return _Gap(str(a["group"]), str(b["group"]), scores, *ends)
    variances = (float(a["se"]) ** 2, float(b["se"]) ** 2)
    total = sum(variances)
    if not total > 0:
        return None
    df = total**2 / sum(v**2 / float(r["df"]) for v, r in zip(variances, rows, strict=True))
    value, reach = (
        float(a["estimate"]) - float(b["estimate"]),
        reach_of(facts, math.sqrt(total), df),
    )
    return _Gap(str(a["group"]), str(b["group"]), scores, value, value - reach, value + reach)


def gap_sentence(facts: Facts, groups: list[Row]) -> str:
    """Say how far the two resident groups are apart, and whether that is unusual in the street."""
    gap = _gap(facts, groups)
    if gap is None:
        return ""
    start = (
        f"{gap.first}评 {say.fixed(gap.scores[0])} 分，{gap.second}评 {say.fixed(gap.scores[1])} 分，"
        f"相差 {say.signed(gap.value)} 分（误差范围 {say.interval(gap.low, gap.high)}"
        f"{'，含 0，分不出谁高谁低' if gap.low <= 0 <= gap.high else ''}）"
    )
    street = facts.evaluation.assurance.gap
    if "mean" not in street:
        return f"{start}。"
    told = (
        f"全{facts.street_word}的{gaps.USUAL}（{gaps.WEIGHTED}）为 {say.signed(street['mean'])} 分"
    )
    row = facts.common.quality.get(facts.subject.id)
    if row is None or say.missing(row["gap_statistic"]):
        return f"{start}；{told}。"
    if bool(row["gap_outlier"]):
        away = say.fixed(abs(float(row["gap_statistic"])))
        return (
            f"{start}；{told}，本{facts.word}与之相差 {away} 倍抽样误差，超过 3 个即属异常，"
            f"应核查{gap.first}问卷的发放与填答。"
        )
    return f"{start}；{told}，本{facts.word}与之相比在通常的波动之内。"


def takeaway(facts: Facts, groups: list[Row], items: Sequence[Told]) -> str:
    """Say in one sentence how the resident groups relate, or what residents rate best and worst."""
    gap = _gap(facts, groups)
    row = facts.common.quality.get(facts.subject.id)
    street = facts.evaluation.assurance.gap
    judged = row is not None and not say.missing(row["gap_statistic"]) and "mean" in street
    parts = []
    if not facts.scored and facts.incomplete is None:
        parts.append(f"{known.UNSURE}，以下答卷不与其他{facts.word}比较")
    elif not facts.scored:
        parts.append(f"评估不完整，以下只是已收到的居民答卷，不与其他{facts.word}比较")
    elif gap is not None:
        side = "高" if gap.value > 0 else "低"
        sure = not gap.low <= 0 <= gap.high
        parts.append(
            f"{gap.first}比{gap.second}评得{side} {say.fixed(abs(gap.value))} 分"
            if sure
            else f"{gap.first}与{gap.second}的评分分不出高低"
        )
        if judged and row is not None:
            differs = "明显不同" if bool(row["gap_outlier"]) else "没有明显不同"
            parts[-1] += f"，与全{facts.street_word}的通常差距{differs}"
    if len(items) > 1 and gap is None:
        best, worst = items[0], items[-1]
        fewer = len(items) < len(answers.answered(facts))
        among = f"能公布的 {len(items)} 道题中，" if fewer else ""
        parts.append(
            f"{among}居民评得最高的是{say.quoted(best.short)}（{say.fixed(best.mean, 0)} 分），"
            f"最低的是{say.quoted(worst.short)}（{say.fixed(worst.mean, 0)} 分）"
        )
    if not parts:
        parts.append(f"各类评价主体的评分与{facts.street_word}平均对照如下")
    return f"{'；'.join(parts)}。"


# --- answers --------------------------------------------------------------------------------


def _questions_chart(facts: Facts, rows: Sequence[Row]) -> Chart:
    """Plan every question's share beside the street's: the overall one, then the lowest first."""
    ordered = satisfaction.in_order(rows)
    others = [row for row in ordered if row["role"] != OVERALL]
    frame = pd.DataFrame(
        {
            "group": [
                f"{ARROWS.get(str(row['verdict']), '')} {_within(str(row['name']))}".lstrip()
                for row in ordered
            ],
            "estimate": [100 * float(row["share"]) for row in ordered],
            "low": [100 * float(row["low"]) for row in ordered],
            "high": [100 * float(row["high"]) for row in ordered],
            "n": [int(row["n"]) for row in ordered],
            "street": [100 * float(row["street"]) for row in ordered],
        }
    )
    ends = "；".join(
        f"{str(row['name']).rstrip('。？！?!')} {satisfaction.share(row)}，"
        f"全{facts.street_word} {satisfaction.share(row, float(row['street']))}"
        for row in others[:WORST]
    )
    return Chart(
        "groups",
        frame,
        f"{facts.name}各题的满意率及误差范围，与全{facts.street_word}对照"
        + (f"，从低得最多的排起：{ends}" if ends else ""),
        {
            "subject": f"本{facts.word}",
            "street": f"全{facts.street_word}",
            "title": "满意率（%）",
            "unit": "人",
            "decimals": min(satisfaction.places(row) for row in ordered),
            "step": QUESTION_STEP,
        },
    )


def _within(question: str) -> str:
    """Return a question as far as the chart has room for it beside its dots."""
    text = say.unpunctuated(question)
    while style.text_width(text, style.SMALL_SIZE) > ROOM:
        text = f"{text.removesuffix('…')[:-1]}…"
    return text


def _answers_chart(facts: Facts, items: list[Told], word: str) -> Chart:
    rows = [
        {
            "item": item.text,
            "option": label,
            "share": share,
            "order": place,
            "tone": round(1.0 - score / 100.0, 1),
            "n": item.n,
            "aside": _points(item),
        }
        for item in items
        for place, (label, share, score) in enumerate(item.parts)
    ]
    words = f"居民对{facts.name}评分{word}的题目：" + "；".join(
        f"{item.short}，{item.parts[0][0]} {say.percent(item.parts[0][1])}" for item in items
    )
    return Chart("distribution", pd.DataFrame(rows), words, {"decimals": 0, "step": ITEM_STEP})


def _points(item: Told) -> str:
    """Write an item's mean in whole points: a decimal would give away who is in a joined part."""
    ends = say.interval(item.low, item.high, 0)
    return f"{say.fixed(item.mean, 0)} 分（{ends}），{item.n} 人"
