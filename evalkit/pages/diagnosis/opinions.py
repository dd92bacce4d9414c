"""Section 4: who says what. Rater groups side by side, and how residents answered."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from evalkit.definitions.questionnaire import Item, Option, Questionnaire
from evalkit.definitions.scheme import RaterGroup
from evalkit.pages.press import wording as say
from evalkit.pages.press.printing import Chart
from evalkit.pages.press.section import Section
from evalkit.pages.telling import facts as known
from evalkit.pages.telling.facts import Facts, Row
from evalkit.pages.telling.opinions import opinions, reach_of

BEST, WORST = 2, 2
"""Items whose answers are shown."""
EVEN = 9
"""Decimals of a mean: sums miss by the last bit, which must not part equal means, or turn 82.5."""
GROUP_STEP, ITEM_STEP = 21.0, 42.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinions(Section):
    """Rater groups side by side, and the items that residents rate best and worst."""

    template = "diagnosis/opinions.html.j2"
    groups: Chart | None
    gap: str
    covers: str
    best: Chart | None
    worst: Chart | None
    best_title: str
    worst_title: str
    who: str
    minimum: int
    confidence: str


def section(facts: Facts) -> Opinions | None:
    """Plan who says what; None where neither groups nor answers may be shown."""
    groups = opinions(facts) if facts.place is not None else []
    shown = sum(not say.missing(row["estimate"]) for row in groups)
    items = sorted(told(facts), key=lambda told_item: (-told_item.mean, told_item.order))
    best, worst = _ends(items)
    if shown < 2 and not best:
        return None
    return Opinions(
        title="谁怎么说",
        takeaway=takeaway(facts, groups, items),
        groups=_groups_chart(facts, groups) if shown > 1 else None,
        gap=gap_sentence(facts, groups),
        covers=_covers(facts),
        best=_answers_chart(facts, best, "最高") if best else None,
        worst=_answers_chart(facts, worst, "最低") if worst else None,
        best_title=f"得分最高的 {len(best)} 道题" if worst else f"全部 {len(best)} 道题",
        worst_title=f"得分最低的 {len(worst)} 道题",
        who=say.joined(group.name for group in _published(facts))
        + ("合计" if len(_published(facts)) > 1 else ""),
        minimum=_minimum(facts),
        confidence=known.confidence(facts.evaluation),
    )


# --- rater groups ---------------------------------------------------------------------------


def _residents(facts: Facts) -> list[RaterGroup]:
    return [group for group in facts.evaluation.scheme.groups if group.residents]


def _published(facts: Facts) -> list[RaterGroup]:
    """Return the resident groups with enough answers: the others' number must not be told."""
    counts = known.answers_by_group(facts)
    return [group for group in _residents(facts) if counts.get(group.code, 0) >= group.minimum_n]


def _minimum(facts: Facts) -> int:
    """Return below how many residents no answer is shown."""
    return max([facts.evaluation.needs.minimum_n, *(g.minimum_n for g in _residents(facts))])


def _groups_chart(facts: Facts, groups: list[Row]) -> Chart:
    frame = pd.DataFrame(groups)[["group", "estimate", "low", "high", "n", "street"]]
    return Chart(
        "groups",
        frame,
        f"各类评价主体对{facts.name}的评分及区间，与全{facts.street_word}平均对照："
        + "，".join(f"{row['group']} {say.fixed(row['estimate'])}" for row in groups),
        {
            "subject": f"本{facts.word}",
            "street": f"{facts.street_word}平均",
            "title": "",
            "step": GROUP_STEP,
            "confidence": known.confidence(facts.evaluation),
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
    codes = [group.code for group in _residents(facts)]
    rows = [row for row in groups if row["code"] in codes and not say.missing(row["estimate"])]
    if len(codes) != 2 or len(rows) != 2:
        return None
    a, b = rows
    variances = (float(a["se"]) ** 2, float(b["se"]) ** 2)
    total = sum(variances)
    if not total > 0:
        return None
    df = total**2 / sum(v**2 / float(r["df"]) for v, r in zip(variances, rows, strict=True))
    value, reach = (
        float(a["estimate"]) - float(b["estimate"]),
        reach_of(facts, math.sqrt(total), df),
    )
    scores = (float(a["estimate"]), float(b["estimate"]))
    return _Gap(str(a["group"]), str(b["group"]), scores, value, value - reach, value + reach)


def gap_sentence(facts: Facts, groups: list[Row]) -> str:
    """Say how far the two resident groups are apart, and whether that is unusual in the street."""
    gap = _gap(facts, groups)
    if gap is None:
        return ""
    sure = known.confidence(facts.evaluation)
    start = (
        f"{gap.first}评 {say.fixed(gap.scores[0])} 分，{gap.second}评 {say.fixed(gap.scores[1])} 分，"
        f"相差 {say.signed(gap.value)} 分（{sure} 区间 {say.interval(gap.low, gap.high)}"
        f"{'，含 0，分不出谁高谁低' if gap.low <= 0 <= gap.high else ''}）"
    )
    street = facts.evaluation.assurance.gap
    if "mean" not in street:
        return f"{start}。"
    usual = f"全{facts.street_word}的差距（按精度加权平均）为 {say.signed(street['mean'])} 分"
    row = facts.common.quality.get(facts.subject.id)
    if row is None or say.missing(row["gap_statistic"]):
        return f"{start}；{usual}。"
    if bool(row["gap_outlier"]):
        away = say.fixed(abs(float(row["gap_statistic"])))
        return (
            f"{start}；{usual}，本{facts.word}与之相差 {away} 个标准误，超过 3 个即属异常，"
            f"应核查{gap.first}问卷的发放与填答。"
        )
    return f"{start}；{usual}，本{facts.word}与之相比在通常的波动之内。"


def takeaway(facts: Facts, groups: list[Row], items: Sequence[Told]) -> str:
    """Say in one sentence how the resident groups relate, or what residents rate best and worst."""
    gap = _gap(facts, groups)
    row = facts.common.quality.get(facts.subject.id)
    street = facts.evaluation.assurance.gap
    judged = row is not None and not say.missing(row["gap_statistic"]) and "mean" in street
    parts = []
    if facts.place is None and facts.incomplete is None:
        parts.append(f"{known.UNSURE}，以下答卷不与其他{facts.word}比较")
    elif facts.place is None:
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
        parts.append(
            f"居民评得最高的是{say.quoted(best.short)}（{say.fixed(best.mean, 0)} 分），"
            f"最低的是{say.quoted(worst.short)}（{say.fixed(worst.mean, 0)} 分）"
        )
    if not parts:
        parts.append(f"各类评价主体的评分与{facts.street_word}平均对照如下")
    return f"{'；'.join(parts)}。"


# --- answers --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """How residents answered one scored item.

    Attributes
    ----------
    parts : tuple of (label, share, mean score)
        Best option first; each stands for at least the minimum of residents.
    mean, low, high : float
        Points.
    """

    order: int
    text: str
    stem: str
    parts: tuple[tuple[str, float, float], ...]
    mean: float
    low: float
    high: float
    n: int

    @property
    def short(self) -> str:
        """The item's wording without its final punctuation."""
        return self.text.rstrip("。？！?!")


def told(facts: Facts) -> Iterator[Told]:
    """Yield every scored item of the residents that has at least two parts to be shown.

    None of an indicator that is not told of one of the groups: its answers would tell it.
    """
    own = facts.common.distributions.get(facts.subject.id)
    if own is None:
        return
    groups = _published(facts)
    table = own[own["group"].isin([group.code for group in groups])]
    by_item = {str(item): part for item, part in table.groupby("item", sort=False)}
    names = dict.fromkeys(group.questionnaire for group in groups)
    order = 0
    for name in names:
        questionnaire = facts.evaluation.questionnaires.get(name)
        if questionnaire is None:
            continue
        untold = _untold_items(facts, name, [group.code for group in groups])
        for item in questionnaire.of_role("scored"):
            order += 1
            part = by_item.get(item.id)
            if part is not None and item.kind == "single" and item.id not in untold:
                found = _told(facts, questionnaire, item, part, order)
                if found is not None:
                    yield found


def _untold_items(facts: Facts, questionnaire: str, groups: Sequence[str]) -> set[str]:
    table = facts.common.indicators[facts.subject.id]
    own = table[table["group"].isin(groups) & (table["level"] == "indicator")]
    hidden = set(own.loc[own["estimate"].isna(), "code"])
    return {
        item
        for indicator in facts.evaluation.scheme.indicators
        if indicator.code in hidden
        for item in indicator.items.get(questionnaire, ())
    }


def _told(
    facts: Facts, questionnaire: Questionnaire, item: Item, table: pd.DataFrame, order: int
) -> Told | None:
    options = [o for o in questionnaire.options_of(item) if o.score is not None]
    options.sort(key=lambda option: -float(option.score or 0.0))
    cells = list(zip(table["group"], table["option"], table["share"], table["n"], strict=True))
    by_group: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for group, option, _, given in cells:
        by_group[group] += int(given)
        counts[option] += int(given)
    n = sum(counts[o.code] for o in options)
    least = _minimum(facts)
    if n < least:
        return None
    masses = dict.fromkeys(counts, 0.0)
    for group, option, share, _ in cells:
        masses[option] += float(share) * by_group[group]
    shares = [masses.get(o.code, 0.0) for o in options]
    shares = [share / sum(shares) for share in shares]
    parts = merged(options, [counts[o.code] for o in options], shares, least)
    if len(parts) < 2:
        return None
    scores = [float(o.score or 0.0) for o in options]
    mean = round(sum(s * p for s, p in zip(scores, shares, strict=True)), EVEN)
    variance = sum(p * (s - mean) ** 2 for s, p in zip(scores, shares, strict=True))
    effective = n * _efficiency(facts)
    reach = reach_of(facts, math.sqrt(variance / max(effective - 1.0, 1.0)), max(n - 1.0, 1.0))
    low, high = max(mean - reach, 0.0), min(mean + reach, 100.0)
    return Told(order, item.text, item.stem or "", parts, mean, low, high, n)


def _efficiency(facts: Facts) -> float:
    """Return what one resident's answer is worth after weighting: Kish's share, at most 1."""
    cells = facts.evaluation.current.cells
    at = cells.subjects.index(facts.subject.id)
    own = [cells.groups[group.code] for group in _published(facts)]
    n = sum(float(group.n[at]) for group in own)
    return min(sum(float(group.n_effective[at]) for group in own) / n, 1.0) if n else 1.0


def merged(
    options: Sequence[Option], counts: Sequence[int], shares: Sequence[float], least: int
) -> tuple[tuple[str, float, float], ...]:
    """Join neighbouring options, from the worst up, until each part has at least so many answers.

    Parameters
    ----------
    options : sequence of Option
        Best first.
    counts, shares : sequence
        Of each option.
    """
    runs: list[tuple[int, int]] = []
    end = len(options)
    for start in range(len(options) - 1, -1, -1):
        if sum(counts[start:end]) >= least:
            runs.insert(0, (start, end))
            end = start
    if runs and end:
        runs[0] = (0, runs[0][1])
    scores = [float(option.score or 0.0) for option in options]
    parts = []
    for start, stop in runs:
        share = sum(shares[start:stop])
        points = sum(s * p for s, p in zip(scores[start:stop], shares[start:stop], strict=True))
        parts.append((_label(options, start, stop), share, points / share))
    return tuple(parts)


def _label(options: Sequence[Option], start: int, stop: int) -> str:
    """Name a run of options by its ends."""
    first, last = options[start].label, options[stop - 1].label
    if stop - start == 1:
        return first
    if stop == len(options) and start > 0:
        return f"{first}及以下" if stop - start > 2 else f"{first}、{last}"
    if start == 0 and stop < len(options):
        return f"{last}及以上" if stop - start > 2 else f"{first}、{last}"
    return f"{first}至{last}"


def _ends(items: list[Told]) -> tuple[list[Told], list[Told]]:
    """Return the best and the worst items; all of them as one list where they are few."""
    if len(items) <= BEST + WORST:
        return items, []
    return items[:BEST], items[-WORST:]


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
