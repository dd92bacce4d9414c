"""How far the street's table can be trusted, and what another choice would change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from evalkit.codes import Band
from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.pages.press import wording as say
from evalkit.pages.press.meanings import meaning
from evalkit.pages.press.planned import Chart
from evalkit.pages.press.section import Section
from evalkit.pages.press.sentences import Words
from evalkit.pages.technical import residents
from evalkit.pages.telling import extremes, gaps, overall
from evalkit.pages.telling.facts import records
from evalkit.tables import ALL_GROUPS, RELIABLE, Evaluation

RANDOM = "random"
"""The scenario of frame ``sensitivity`` that stands for many random weightings."""

FIRM = 0.95
"""A grade kept by fewer random weightings than this is shown in the chart of infirm grades."""

SHOWN = 12
"""Infirm grades shown in the chart."""

NAMED = 5
LEVEL = Band.LEVEL
HALF = 330
"""Width in pixels of a chart that shares its row with another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust(Section):
    """Reliability, and what other choices would change."""

    template = "technical/trust.html.j2"
    figures: Sequence[Mapping[str, str]]
    lines: Sequence[str]
    weights: Sequence[str]
    scenarios: Sequence[Mapping[str, str]]
    infirm: Chart | None
    influence: Chart | None


def section(evaluation: Evaluation) -> Trust | None:
    """Plan reliability, bands, quality and sensitivity; None if nothing is known of them."""
    assurance = evaluation.assurance
    scenarios = _scenarios(evaluation)
    figures = _figures(assurance.reliability, evaluation.order)
    if not figures and not scenarios:
        return None
    said = overall.trust(evaluation)
    word = evaluation.order.subject_word
    return Trust(
        title="这张表有多可信",
        takeaway=said[0] if said else "换一种权重或分值，名次的变动见下表。",
        figures=figures,
        lines=[
            *by_group(evaluation),
            *validity(evaluation),
            *levels(evaluation),
            *samples(evaluation),
            *bands(assurance.bands, word),
            *extremes.lines(evaluation),
            *adjusted(assurance.bands, evaluation.order),
            *residents.missing(evaluation),
            *quality(evaluation),
        ],
        weights=[
            *random_weights(assurance.sensitivity),
            *heaviest(assurance.weight_influence),
        ],
        scenarios=scenarios,
        infirm=_infirm_chart(assurance.sensitivity, word),
        influence=_influence_chart(evaluation),
    )


def _figures(reliability: Any, order: EvaluationOrder) -> list[dict[str, str]]:
    """Return each figure with the sentence that says what it means."""
    shown = {
        "reliability": _with_ends(reliability, "reliability", 2),
        "tau": _with_ends(reliability, "tau", 1, " 分"),
        "distinguishable_pairs": say.percent(reliability.get("distinguishable_pairs")),
    }
    same = reliability.get("same_form")
    if same and not say.missing(same.get("correlation")):
        ends = say.interval(same.get("low"), same.get("high"), 2)
        shown["same_form"] = f"{say.fixed(same['correlation'], 2)}（{ends}）"
    agreement = reliability.get("agreement")
    if agreement and not say.missing(agreement.get("alpha")):
        shown["agreement"] = say.fixed(agreement["alpha"], 2)
    return [
        {"value": value, "meaning": meaning(key, Words.of(order))}
        for key, value in shown.items()
        if not value.startswith(say.MISSING)
    ]


def _with_ends(found: Any, name: str, decimals: int, unit: str = "") -> str:
    """Write a figure with the ends of its interval, where these are known."""
    value = say.fixed(found.get(name), decimals) + unit
    ends = say.interval(found.get(f"{name}_low"), found.get(f"{name}_high"), decimals)
    return value if ends == say.MISSING else f"{value}（{ends}）"


def by_group(evaluation: Evaluation) -> list[str]:
    """Say how much of what each rater group alone shows is real, and who could rank alone."""
    table = evaluation.assurance.by_group
    own = table[table["group"] != ALL_GROUPS]
    if not len(own):
        return []
    names = {group.code: group.name for group in evaluation.scheme.groups}
    word = evaluation.order.subject_word
    told = "，".join(
        f"{names[str(row['group'])]} {_with_ends(row, 'reliability', 2)}" for row in records(own)
    )
    alone = [names[str(row["group"])] for row in records(own) if row["reliability_low"] >= RELIABLE]
    said = f"能单独排出先后的是{say.joined(alone)}" if alone else f"哪一类都不能单独给{word}排先后"
    return [f"只看一类评价主体的可靠程度：{told}；{said}。"]


def validity(evaluation: Evaluation) -> list[str]:
    """Say how far the residents' groups, who know nothing of one another, agree."""
    groups = {group.code: group for group in evaluation.scheme.groups}
    told = []
    for entry in evaluation.assurance.reliability.get("validity") or ():
        one, other = groups[entry["group"]], groups[entry["overall"]]
        if one not in evaluation.scheme.residents:
            continue
        r = _with_ends(
            {**entry, "correlation_low": entry["low"], "correlation_high": entry["high"]},
            "correlation",
            2,
        )
        corrected = entry["corrected"]
        more = "" if corrected is None else f"，扣除抽样误差后约 {say.fixed(corrected, 2)}"
        told.append(f"{one.name}的得分与{other.name}答的总体满意度相关 {r}{more}")
    return [f"两批人互证：{'；'.join(told)}。"] if told else []


def levels(evaluation: Evaluation) -> list[str]:
    """Say whether the residents' indicators rose and fell together since the last wave."""
    found = evaluation.assurance.reliability.get("levels")
    if not found:
        return []
    last = evaluation.order.wave_name(found["from_wave"])
    opening = f"与{last}相比，居民评的 {found['indicators']} 项共同变化平均 {say.signed(found['common'])} 分"
    apart = [f"{one['name']} {say.signed(one['shift'])} 分" for one in found["apart"]]
    if not apart:
        if found["p"] < 1.0 - evaluation.scheme.confidence:
            return [f"{opening}；合起来看，各项不完全同升同降，但指不出是哪一项。"]
        return [f"{opening}，没有查出哪一项偏离共同的变化，没有迹象表明量的尺子变了。"]
    return [
        f"{opening}；在此之外另有升降的（已防误报）：{say.joined(apart, NAMED, '项')}。可能是这几项工作真的变了，"
        "也可能是居民对题目的理解变了，数据分不出；看总分的变化时，要连同这几项一起看。"
    ]


def samples(evaluation: Evaluation) -> list[str]:
    """Say how the list's residents differ from those drawn, what it does to ranks, and the blend."""
    table = evaluation.assurance.samples
    if not len(table):
        return []
    listed, drawn = (
        next(g.name for g in evaluation.scheme.residents if g.sample == how)
        for how in ("list", "random")
    )
    word = evaluation.order.subject_word
    apart = (table["listed_rank"] - table["drawn_rank"]).abs()
    at = int(apart.to_numpy().argmax())
    told = []
    if told_of := gaps.both(evaluation):
        told.append(told_of)
    told.append(
        f"只按{listed}与只按{drawn}排，{len(table)} 个{word}的名次平均相差 {say.fixed(apart.mean())} 名，"
        f"最多 {int(apart.iloc[at])} 名（{table['name'].iloc[at]}）。"
    )
    told.append(
        f"{listed}是按名单约请的，不代表全体居民。减去通常差距、按两边的误差合并来看，{listed}平均占 "
        f"{say.percent(table['list_share'].mean())}；合并的名次与正式名次见数据表，只供对照。"
    )
    return ["".join(told)]


# --- what else could move it ----------------------------------------------------------------


def bands(table: pd.DataFrame, word: str) -> list[str]:
    """Say how many committees surely lie above or below the street's mean, and how far."""
    if not len(table):
        return []
    counts = table["band"].value_counts()
    outside = [f"{band} {counts[band]} 个" for band in Band if band in counts and band != LEVEL]
    if not outside:
        return [f"没有一个{word}与平均分得出高低。"]
    inside = int(counts.get(LEVEL, 0))
    rest = f"，其余 {inside} 个{LEVEL}" if inside else ""
    return [f"按综合得分检验，{'，'.join(outside)}{rest}。"]


def adjusted(table: pd.DataFrame, order: EvaluationOrder) -> list[str]:
    """Say how far scores move when adjusted for who answered, and when shrunken."""
    told = []
    own = table[table["adjusted"].notna()]
    if len(own):
        shift = (own["adjusted"] - own["score"]).abs()
        told.append(
            f"假如各{order.subject_word}的受访者构成相同，得分平均变动 {say.fixed(shift.mean())} 分，"
            f"最多 {say.fixed(shift.max())} 分（{own['name'].iloc[int(shift.to_numpy().argmax())]}）；只供参考，不用于排名。"
        )
    if len(table):
        pulled = (table["shrunken"] - table["score"]).abs()
        told.append(
            f"把不确定的得分向{order.street_word}平均收缩之后，平均变动 {say.fixed(pulled.mean())} 分，"
            f"最多 {say.fixed(pulled.max())} 分；各{order.subject_word}的得分见附表。"
        )
    return told


def quality(evaluation: Evaluation) -> list[str]:
    """Say how many answers look suspicious, where, and what the table is without them."""
    table, word = evaluation.assurance.quality, evaluation.order.subject_word
    if not len(table):
        return []
    n, flagged = int(table["n"].sum()), int(table["flagged"].sum())
    if not flagged:
        return [f"{n:,} 份居民答卷中，没有一份的答法可疑。"]
    excess = [str(x) for x in table.loc[table["excess"].astype(bool), "name"]]
    shifts = (table["rank_without"] - table["rank"]).dropna().abs()
    few = flagged < minimum(evaluation)
    number = f"不到 {minimum(evaluation)} 份" if few else f" {flagged:,} 份"
    said = f"{n:,} 份居民答卷中有{number}的答法可疑，照常计分"
    if excess:
        said += f"；{say.joined(excess, NAMED)}的可疑答卷多于偶然所能解释"
    else:
        said += f"；没有一个{word}的可疑答卷多于偶然所能解释"
    if len(shifts):
        most = int(shifts.max())
        said += (
            f"。不计这些答卷，名次最多变动 {most} 名" if most else "。不计这些答卷，名次没有变动"
        )
    return [f"{said}。"]


def minimum(evaluation: Evaluation) -> int:
    """Return how many residents a count is published from."""
    return max((g.minimum_n for g in evaluation.scheme.residents), default=10)


def random_weights(sensitivity: pd.DataFrame) -> list[str]:
    """Say what many random weightings keep, on average and at worst."""
    own = sensitivity[sensitivity["scenario"] == RANDOM]
    if not len(own):
        return []
    least = records(own.sort_values("same_grade", kind="stable").head(1))[0]
    return [
        f"{own['scenario_name'].iloc[0]}：平均而言，等第不变的占 {say.likely(own['same_grade'].mean())}，"
        f"仍在同一个三分之一的占 {say.likely(own['same_third'].mean())}，"
        f"名次不变的占 {say.likely(own['same_place'].mean())}"
        + (
            f"；等第最不牢靠的是{least['name']}（{say.likely(least['same_grade'])}）。"
            if float(least["same_grade"]) < FIRM
            else "。"
        )
    ]


def heaviest(influence: pd.DataFrame) -> list[str]:
    """Name the weights that matter most: all whose intervals reach that of the largest."""
    if not len(influence):
        return []
    top = records(influence.sort_values("total", ascending=False, kind="stable").head(1))[0]
    level = influence[influence["total_high"] >= float(top["total_low"])]
    names = [str(name) for name in level["name"]]
    tail = "" if len(names) == 1 else "，彼此分不出先后"
    index = f"名次变动中与它有关的份额 {say.fixed(top['total'], 2)}"
    ends = say.interval(top["total_low"], top["total_high"], 2)
    whose = "" if len(names) == 1 else f"{top['name']}的"
    return [
        f"各项权重中，{say.joined(names)}的权重对名次影响最大{tail}（{whose}{index}，误差范围 {ends}）。"
    ]


def _infirm_chart(sensitivity: pd.DataFrame, word: str) -> Chart | None:
    """Plan the chart of the grades that random weightings change most; None where all are firm."""
    own = sensitivity[(sensitivity["scenario"] == RANDOM) & (sensitivity["same_grade"] < FIRM)]
    if not len(own):
        return None
    own = own.sort_values("same_grade", kind="stable").head(SHOWN)
    frame = pd.DataFrame(
        {
            "name": own["name"],
            "value": 100 * own["same_grade"],
            "low": float("nan"),
            "high": float("nan"),
        }
    )
    return Chart(
        "sensitivity_bars",
        frame,
        f"随机改动权重时等第最不牢靠的 {len(frame)} 个{word}，等第不变的比例",
        {
            "title": "权重随机改动时等第不变的比例（%）",
            "decimals": 0,
            "domain": (0.0, 100.0),
            "width": HALF,
        },
    )


def _influence_chart(evaluation: Evaluation) -> Chart | None:
    table = evaluation.assurance.weight_influence
    if not len(table):
        return None
    own = table[table["total"] > 0].sort_values("total", ascending=False, kind="stable")
    if not len(own):
        return None
    frame = own.rename(columns={"total": "value", "total_low": "low", "total_high": "high"})
    return Chart(
        "sensitivity_bars",
        frame[["name", "value", "low", "high"]],
        "各项权重对名次的影响及其误差范围",
        {
            "title": "名次变动中与它有关的份额（横线为误差范围）",
            "decimals": 2,
            "domain": (0.0, 0.5),
            "width": HALF,
        },
    )


def _scenarios(evaluation: Evaluation) -> list[dict[str, str]]:
    return [
        {
            "name": name,
            "largest": f"{int(moved.max())} 名",
            "mean": f"{say.fixed(moved.mean())} 名",
            "regraded": f"{regraded} 个",
        }
        for name, moved, regraded in _tried(evaluation)
    ]


def _tried(evaluation: Evaluation) -> Iterator[tuple[str, pd.Series[float], int]]:
    """Yield every other choice of weights or scores: its name, places moved, grades changed."""
    table = evaluation.assurance.sensitivity
    grades = evaluation.current.scores.table.set_index("subject")["grade"]
    for _, part in table[table["scenario"] != RANDOM].groupby("scenario", sort=False):
        moved = part["rank_change"].dropna().abs()
        if len(moved):
            regraded = part["grade"].to_numpy() != grades.reindex(part["subject"]).to_numpy()
            yield str(part["scenario_name"].iloc[0]), moved, int(regraded.sum())
