"""The executive page: what was done, what the table says, what changed, what to do with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.pages.press import wording as say
from evalkit.pages.press.printing import Chart
from evalkit.pages.press.section import Section
from evalkit.pages.street import drivers, fieldwork, grades, league, means, needs, trust
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import overall
from evalkit.pages.telling.facts import records
from evalkit.tables import COMPOSITE, Evaluation

NAMED = 6
"""Committees named in a sentence; of more only the number is told."""

FEWEST = 5
"""With fewer committees a strip of their scores shows nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary(Section):
    """The executive page: figures, and what to know of the rest."""

    template = "street/summary.html.j2"
    headlines: Sequence[Mapping[str, str]]
    strip: Chart | None
    blocks: Sequence[tuple[str, Sequence[str]]]


def section(evaluation: Evaluation) -> Summary:
    """Plan the executive page."""
    return Summary(
        title="要点",
        takeaway=takeaway(evaluation),
        headlines=headlines(evaluation),
        strip=_strip(evaluation),
        blocks=[
            (title, lines)
            for title, lines in (
                ("发放与回收", asked(evaluation)),
                ("名次表能说明什么", verdict(evaluation)),
                ("与上次相比", changed(evaluation)),
                ("怎么用", advice(evaluation)),
            )
            if lines
        ],
    )


def _strip(evaluation: Evaluation) -> Chart | None:
    table = evaluation.current.ranking.table
    if len(table) < FEWEST or known.alike(evaluation):
        return None
    word, mean = evaluation.order.subject_word, f"{evaluation.order.street_word}平均"
    return Chart(
        "strip",
        table[["name", "score"]].assign(highlight=False),
        f"全部 {len(table)} 个{word}的得分在一条线上，及等第的分数线与{mean}",
        {
            "bands": known.bands(evaluation),
            "mean": known.street_mean(evaluation),
            "street": mean,
        },
    )


def takeaway(evaluation: Evaluation) -> str:
    """Say how many committees have a score, and how high they stand."""
    scores = evaluation.current.scores
    word, complete, lacking = (
        evaluation.order.subject_word, len(scores.subjects), len(scores.incomplete)
    )  # fmt: skip
    left = f"，{lacking} 个不完整，只列出、不排名" if lacking else ""
    if not complete:
        return f"没有一个{word}有完整得分{left}。"
    if complete == 1:
        return f"1 个{word}有完整得分：{say.fixed(known.street_mean(evaluation))} 分{left}。"
    return (
        f"{complete} 个{word}有完整得分{left}；平均 {say.fixed(known.street_mean(evaluation))} 分，"
        f"最高 {say.fixed(float(scores.composite.max()))} 分，"
        f"最低 {say.fixed(float(scores.composite.min()))} 分。"
    )


def headlines(evaluation: Evaluation) -> list[dict[str, str]]:
    """Return the boxes at the head: a label, a number, its unit and what stands behind it."""
    found = []
    mean = overall.of_street(evaluation)
    for row in records(mean[mean["code"] == COMPOSITE]):
        ends = f"{known.confidence(evaluation)} 区间 {say.interval(row['low'], row['high'])}"
        if not say.missing(row["change"]):
            reach = (float(row["change_high"]) - float(row["change_low"])) / 2
            ends += (
                f"；可比的{evaluation.order.subject_word}比上次"
                f" {say.signed(row['change'])} ± {say.fixed(reach)}"
            )
        found.append(_box("平均得分", say.fixed(row["mean"]), "分", ends))
    label = overall.good_label(evaluation)
    counts = overall.good_counts(evaluation)
    if label and counts[-1][2]:
        _, now, total = counts[-1]
        last = f"，上次 {counts[0][1]} 个" if len(counts) > 1 and counts[0][2] else ""
        found.append(
            _box(label, str(now), "个", f"占 {total} 个的 {say.percent(now / total)}{last}")
        )
    ranking = evaluation.current.ranking
    if len(ranking.table) > 1:
        tiers = league.against_mean(evaluation)
        high, low, rest = (len(tiers[t]) for t in (league.ABOVE, league.BELOW, league.LEVEL))
        found.append(
            _box(
                f"与{evaluation.order.street_word}平均显著不同",
                str(high + low),
                "个",
                f"高于 {high} 个，低于 {low} 个" + (f"，其余 {rest} 个分不出" if rest else ""),
            )
        )
        found.append(
            _box(
                "能确定先后的",
                say.percent(ranking.distinguishable_pairs),
                "",
                f"任取两个{evaluation.order.subject_word}；信度 {say.fixed(ranking.reliability, 2)}",
            )
        )
    return found


def _box(label: str, value: str, unit: str, detail: str) -> dict[str, str]:
    return {"label": label, "value": value, "unit": unit, "detail": detail}


def asked(evaluation: Evaluation) -> list[str]:
    """Say how many questionnaires were issued and how many of them counted, by rater group."""
    sent, cells = fieldwork.issued(evaluation), evaluation.current.cells
    parts = []
    for group in evaluation.scheme.groups:
        n = say.count(int(cells.groups[group.code].n.sum()), group.minimum_n)
        out = f"发放 {sent[group.code]:,} 份，" if group.code in sent else ""
        parts.append(f"{group.name}{out}有效 {n} 份")
    return [f"{'；'.join(parts)}。"]


def verdict(evaluation: Evaluation) -> list[str]:
    """Return the table's honest verdict in three sentences."""
    told = overall.told_apart(evaluation)
    said = [*overall.trust(evaluation)] or told[:1]
    return [*said, *[line for line in (league.against_street(evaluation),) if line], *told[1:]]


def changed(evaluation: Evaluation) -> list[str]:
    """Say what changed: scores, committees, grades."""
    if len(evaluation.waves) < 2:
        return []
    return [*overall.change_sentences(evaluation), *overall.grade_sentences(evaluation)]


def advice(evaluation: Evaluation) -> list[str]:
    """Say what the street may do with all this, and what not; only what the tables bear out."""
    return [
        line
        for line in (
            _whom(evaluation),
            _neighbours(evaluation),
            _grades(evaluation),
            _common_weaknesses(evaluation),
            _wanted(evaluation),
            f"各{evaluation.order.subject_word}的长短和措施，看各自的诊断书。",
        )
        if line
    ]


def _whom(evaluation: Evaluation) -> str:
    tiers = league.against_mean(evaluation)
    word, mean = evaluation.order.subject_word, f"{evaluation.order.street_word}平均"
    if sum(len(names) for names in tiers.values()) < 2:
        return ""
    high, low = tiers[league.ABOVE], tiers[league.BELOW]
    if not high and not low:
        return f"没有一个{word}与{mean}有显著差异：本次不宜按得分点名表扬或批评。"
    parts = [
        f"{way}的 {len(names)} 个{f'（{say.joined(names)}）' if len(names) <= NAMED else ''}"
        for way, names in ((league.ABOVE, high), (league.BELOW, low))
        if names
    ]
    told = f"要说谁高谁低，只说与{mean}有显著差异的：{'，'.join(parts)}。"
    return told + _beyond(evaluation)


def _beyond(evaluation: Evaluation) -> str:
    """Say which committees are beyond the usual spread: what praise or reproach could rest on."""
    table, word = evaluation.assurance.bands, evaluation.order.subject_word
    if not len(table):
        return ""
    outside = table[table["band"] != trust.EXPECTED]
    if not len(outside):
        return f"这些差别不是抽样的偶然，但{word}之间本来有高有低，没有一个高到或低到反常，不宜单凭得分奖惩。"
    names = [f"{name}（{band}）" for name, band in known.pairs(outside, "name", "band")]
    return f"超出{word}之间正常起伏的是{say.joined(names, NAMED)}。"


def _neighbours(evaluation: Evaluation) -> str:
    ranking = evaluation.current.ranking
    if len(ranking.table) < 3 or ranking.distinguishable_pairs >= 1:
        return ""
    table = ranking.table
    wide = float((table["rank_high_joint"] - table["rank_low_joint"] + 1).mean())
    if wide < 2:
        return ""
    return f"名次相近的不分高低：同看全表，名次区间平均有 {say.fixed(wide, 0)} 名宽。"


def _grades(evaluation: Evaluation) -> str:
    doubt, total = grades.doubtful(evaluation)
    if not doubt:
        return ""
    other = trust.most_regraded(evaluation)
    moved = f"；换成{say.quoted(other[0])}，有 {other[1]} 个会变" if other else ""
    return (
        f"等第只作大致分组：{total} 个等第中有 {doubt} 个的可能性不到 "
        f"{say.percent(grades.DOUBTFUL)}{moved}。"
    )


def _wanted(evaluation: Evaluation) -> str:
    """Say what residents tick most."""
    most = needs.most_ticked(evaluation)
    return f"居民最盼的是{most}。" if most else ""


def _common_weaknesses(evaluation: Evaluation) -> str:
    table, street = evaluation.assurance.drivers, evaluation.order.street_word
    sure = drivers.priorities(drivers.mapped(evaluation)) if len(table) > 1 else []
    if sure:
        return f"{street}层面先抓{say.joined(sure)}：与总体满意度更有关而得分更低。"
    if not len(overall.of_street(evaluation)):
        return ""
    high, low = means.ends(evaluation)
    if not low or say.fixed(high[0]["mean"]) == say.fixed(low[0]["mean"]):
        return ""
    names = "、".join(str(row["name"]) for row in low)
    return f"{street}层面平均分最低的是{names}（各项之间未逐对检验）。"
