"""How far the street's table can be trusted, what another choice would change, what to ask next."""

from __future__ import annotations

from typing import Any

import pandas as pd

from evalkit.pages import wording as say
from evalkit.pages.facts import Row, Section, records
from evalkit.tables import Evaluation

RANDOM = "random"
"""The scenario of frame ``sensitivity`` that stands for many random weightings."""

ALL = "all"


def sentences(evaluation: Evaluation) -> list[str]:
    """Return the verdict on the table as a whole."""
    verdict = evaluation.assurance.reliability.get("verdict")
    return [str(verdict)] if verdict else []


def trust(evaluation: Evaluation) -> Section | None:
    """Plan reliability, bands, quality and sensitivity; None if nothing is known of them."""
    assurance = evaluation.assurance
    scenarios = _scenarios(evaluation)
    figures = _figures(assurance.reliability)
    if not figures and not scenarios:
        return None
    said = sentences(evaluation)
    return Section(
        "street-trust.html.j2",
        "这张表有多可信",
        said[0] if said else "换一种权重或分值，名次的变动见下表。",
        {
            "figures": figures,
            "lines": [
                *_bands(assurance.bands, evaluation.order.subject_word),
                *_gap(evaluation),
                *_quality(assurance.quality, evaluation.order.subject_word),
                *_random(assurance.sensitivity),
                *_heaviest(assurance.weight_influence),
            ],
            "scenarios": scenarios,
        },
    )


def _figures(reliability: Any) -> list[dict[str, str]]:
    """Return each figure with the sentence that says what it means."""
    meaning = reliability.get("meaning", {})
    shown = {
        "reliability": say.fixed(reliability.get("reliability"), 2),
        "tau": f"{say.fixed(reliability.get('tau'))} 分",
        "distinguishable_pairs": say.percent(reliability.get("distinguishable_pairs")),
    }
    validity = reliability.get("validity")
    if validity and not say.missing(validity.get("correlation")):
        ends = say.interval(validity.get("low"), validity.get("high"), 2)
        shown["validity"] = f"{say.fixed(validity['correlation'], 2)}（{ends}）"
    agreement = reliability.get("agreement")
    if agreement and not say.missing(agreement.get("alpha")):
        shown["agreement"] = say.fixed(agreement["alpha"], 2)
    return [
        {"value": value, "meaning": str(meaning[key])}
        for key, value in shown.items()
        if key in meaning and not value.startswith(say.MISSING)
    ]


def _bands(bands: pd.DataFrame, word: str) -> list[str]:
    if not len(bands):
        return []
    counts = bands["band"].value_counts()
    outside = [f"{band} {n} 个" for band, n in counts.items() if band != "符合预期"]
    if not outside:
        return [f"扣除抽样误差和{word}之间的正常起伏，没有一个{word}超出预期范围。"]
    inside = int(counts.get("符合预期", 0))
    return [f"扣除抽样误差和{word}之间的正常起伏，{'，'.join(outside)}，其余 {inside} 个符合预期。"]


def _gap(evaluation: Evaluation) -> list[str]:
    gap = evaluation.assurance.gap
    if say.missing(gap.get("mean")) or say.missing(gap.get("se")):
        return []
    reach = say.normal_quantile(evaluation.scheme.confidence) * float(gap["se"])
    return [
        f"重点居民的评分平均比随机居民{'高' if gap['mean'] >= 0 else '低'} "
        f"{say.fixed(abs(gap['mean']))} ± {say.fixed(reach)} 分"
        + ("，差异不显著。" if abs(gap["mean"]) < reach else "。")
    ]


def _quality(quality: pd.DataFrame, word: str) -> list[str]:
    if not len(quality):
        return []
    n, flagged = int(quality["n"].sum()), int(quality["flagged"].sum())
    excess = quality.loc[quality["excess"].astype(bool), "name"]
    shifts = (quality["rank_without"] - quality["rank"]).dropna().abs()
    said = f"{n:,} 份居民答卷中有 {flagged:,} 份的答法可疑，照常计分"
    if len(excess):
        said += f"；{say.joined([str(x) for x in excess], 5)}的可疑答卷多于偶然所能解释"
    else:
        said += f"；没有一个{word}的可疑答卷多于偶然所能解释"
    if len(shifts):
        said += f"。不计这些答卷，名次最多变动 {int(shifts.max())} 名"
    return [f"{said}。"]


def _random(sensitivity: pd.DataFrame) -> list[str]:
    own = sensitivity[sensitivity["scenario"] == RANDOM]
    if not len(own):
        return []
    return [
        f"{own['scenario_name'].iloc[0]}：平均而言，等第不变的占 {say.likely(own['same_grade'].mean())}，"
        f"仍在同一个三分之一的占 {say.likely(own['same_third'].mean())}，"
        f"名次不变的占 {say.likely(own['same_place'].mean())}。"
    ]


def _heaviest(influence: pd.DataFrame) -> list[str]:
    """Name the weights that matter most: all whose intervals reach that of the largest."""
    if not len(influence):
        return []
    top = records(influence.sort_values("total", ascending=False, kind="stable").head(1))[0]
    level = influence[influence["total_high"] >= float(top["total_low"])]
    names = [str(name) for name in level["name"]]
    tail = "" if len(names) == 1 else "，彼此分不出先后"
    return [f"各项权重中，{say.joined(names)}的权重对名次影响最大{tail}。"]


def _scenarios(evaluation: Evaluation) -> list[dict[str, str]]:
    table = evaluation.assurance.sensitivity
    grades = evaluation.scores_by_wave[evaluation.wave].table.set_index("subject")["grade"]
    rows = []
    for _, part in table[table["scenario"] != RANDOM].groupby("scenario", sort=False):
        moved = part["rank_change"].dropna().abs()
        if not len(moved):
            continue
        regraded = part["grade"].to_numpy() != grades.reindex(part["subject"]).to_numpy()
        rows.append(
            {
                "name": str(part["scenario_name"].iloc[0]),
                "largest": f"{int(moved.max())} 名",
                "mean": f"{say.fixed(moved.mean())} 名",
                "regraded": f"{int(regraded.sum())} 个",
            }
        )
    return rows


def sampling(evaluation: Evaluation) -> Section | None:
    """Plan next wave's sample; None where there is no plan."""
    plan = evaluation.assurance.plan
    if not len(plan):
        return None
    groups = [str(g) for g in dict.fromkeys(plan["group"]) if g != ALL]
    names = {group.code: group.name for group in evaluation.scheme.groups}
    rows = []
    for target, part in plan.groupby("target", sort=False):
        own = {str(row["group"]): row for row in records(part)}
        whole = own.get(ALL, next(iter(own.values())))
        rows.append(
            {
                "target": target_name(str(target)),
                "per": [_per(own.get(group)) for group in groups],
                "issued": say.count(whole["issued_total"]),
                "total": say.count(whole["n_total"]),
                "reliability": say.fixed(whole["reliability"], 2),
                "half": f"± {say.fixed(whole['half_width'])}",
                "reachable": "是" if whole["reachable"] else "达不到",
            }
        )
    present = plan[plan["target"] == "present"]
    takeaway = "下次每个" + evaluation.order.subject_word + "要收多少份，取决于想分得多清。"
    if len(present):
        row = records(present.tail(1))[0]
        takeaway = (
            f"照本次的份数，平均可靠性为 {say.fixed(row['reliability'], 2)}，"
            f"得分区间平均为 ± {say.fixed(row['half_width'])} 分；想分得更清，要收的份数见下表。"
        )
    return Section(
        "street-sampling.html.j2",
        "下一次抽多少",
        takeaway,
        {"groups": [names.get(group, group) for group in groups], "rows": rows},
    )


def _per(row: Row | None) -> str:
    return say.MISSING if row is None else say.fixed(row["n_per_subject"], 0)


def target_name(target: str) -> str:
    """Write a target of frame ``plan`` in Chinese."""
    kind, _, number = target.partition(" ")
    return {
        "present": "本次的份数",
        "reliability": f"可靠性 {number}",
        "half-width": f"得分区间 ± {number} 分",
        "extra": f"另加 {number} 份",
    }.get(kind, target)
