"""What the street report concludes: league table, grades, movers, dimensions."""

from __future__ import annotations

from typing import Any

import pandas as pd

from evalkit.pages import facts as known
from evalkit.pages import movement
from evalkit.pages import wording as say
from evalkit.pages.base import Chart
from evalkit.pages.facts import Section
from evalkit.tables import Changes, Evaluation

MOVERS = 12
"""Committees shown in the chart of changes where not all of them fit."""

BIGGEST = 10
"""Largest moves in rank that get a line of their own."""

WORTH_A_WORD = 3
"""The largest rise gets a sentence from this many places on."""

DOUBTFUL = 0.8
"""Grades less probable than this are counted as doubtful."""

# --- league table ---------------------------------------------------------------------------


def told_apart(evaluation: Evaluation) -> list[str]:
    """Say what the table can and cannot tell, from the joint rank sets."""
    ranking = evaluation.ranking_by_wave[evaluation.wave]
    total = len(ranking.table)
    if total < 2:
        return []
    word = evaluation.order.subject_word
    half = total // 2
    upper = int((ranking.table["rank_high_joint"] <= half).sum())
    lower = int((ranking.table["rank_low_joint"] > total - half).sum())
    first = int((ranking.table["rank_low_joint"] == 1).sum())
    sure = known.confidence(evaluation)
    ends = [f"确定排在前 {half} 名的有 {upper} 个", f"确定排在后 {half} 名的有 {lower} 个"]
    if not upper and not lower:
        ends = [f"没有一个{word}能确定排在前 {half} 名或后 {half} 名"]
    return [
        f"任取两个{word}，能确定先后的占 {say.percent(ranking.distinguishable_pairs)}；"
        f"得分差异中约 {say.percent(ranking.reliability)} 来自真实差别，其余是抽样的偶然。",
        f"在 {sure} 的把握下，{'，'.join(ends)}，可能是第一名的有 {first} 个。",
    ]


def league(evaluation: Evaluation) -> Section | None:
    """Plan the league table with rank sets; None if nothing is ranked."""
    table = evaluation.ranking_by_wave[evaluation.wave].table
    if not len(table):
        return None
    told = told_apart(evaluation)
    return Section(
        "street-league.html.j2",
        "得分与名次",
        told[1] if told else f"只有一个{evaluation.order.subject_word}有完整得分，无从排名。",
        {
            "rows": _league_rows(evaluation),
            "confidence": known.confidence(evaluation),
            "caterpillar": movement.caterpillar(known.common(evaluation), None),
        },
    )


def _league_rows(evaluation: Evaluation) -> list[dict[str, Any]]:
    scores = evaluation.scores_by_wave[evaluation.wave].table
    columns = ["subject", "low", "high", "grade", "grade_probability"]
    table = evaluation.ranking_by_wave[evaluation.wave].table.merge(scores[columns], on="subject")
    changes = known.changes_of(evaluation)
    verdicts = (
        {}
        if changes is None
        else dict(zip(changes.table["subject"], changes.table["verdict"], strict=True))
    )
    cuts = known.cutoffs(evaluation)
    return [
        {
            "rank": int(row["rank"]),
            "name": row["name"],
            "score": say.score(row["score"], cuts),
            "interval": say.interval(row["low"], row["high"]),
            "places": f"{int(row['rank_low'])}–{int(row['rank_high'])}",
            "joint": f"{int(row['rank_low_joint'])}–{int(row['rank_high_joint'])}",
            "grade": row["grade"],
            "chance": say.chance(row["grade_probability"]),
            "verdict": verdicts.get(row["subject"], say.MISSING),
        }
        for row in known.records(table)
    ]


# --- grades ---------------------------------------------------------------------------------


def grade_counts(evaluation: Evaluation) -> pd.DataFrame:
    """Return how many complete committees hold each grade, by wave (last one and this one)."""
    rows = []
    for wave in evaluation.waves[-2:]:
        table = evaluation.scores_by_wave[wave].table
        held = table.loc[table["complete"].astype(bool), "grade"].value_counts()
        rows += [
            {
                "wave": evaluation.order.wave_name(wave),
                "grade": g.name,
                "count": int(held.get(g.name, 0)),
            }
            for g in evaluation.scheme.grades
        ]
    return pd.DataFrame(rows)


def good_counts(evaluation: Evaluation) -> list[tuple[str, int, int]]:
    """Return (wave name, committees with a good grade, complete committees), earliest first."""
    good = {grade.name for grade in evaluation.scheme.grades if grade.good}
    return [
        (
            evaluation.order.wave_name(wave),
            int(evaluation.scores_by_wave[wave].table["grade"].isin(sorted(good)).sum()),
            len(evaluation.scores_by_wave[wave].subjects),
        )
        for wave in evaluation.waves[-2:]
    ]


def grade_sentences(evaluation: Evaluation) -> list[str]:
    """Say how many hold a good grade, and how that grew: in percent and in percentage points."""
    good = [grade.name for grade in evaluation.scheme.grades if grade.good]
    if not good:
        return []
    counts = good_counts(evaluation)
    label = "和".join(good)
    _, now, total = counts[-1]
    if not total:
        return []
    share = now / total
    if len(counts) == 1 or not counts[0][2]:
        return [f"{label} {now} 个，占 {say.percent(share, 2)}。"]
    _, before, total_before = counts[0]
    if not before and not now:
        return [f"{label}两次都是 0 个。"]
    growth = (
        f"增幅 {say.signed(100 * (now - before) / before, 2)}%"
        if before
        else "上次为 0，无从计算增幅"
    )
    points = 100 * (share - before / total_before)
    return [
        f"{label}由 {before} 个到 {now} 个（{growth}），占比由 {say.percent(before / total_before, 2)} "
        f"到 {say.percent(share, 2)}（{say.signed(points, 2)} 个百分点）。"
    ]


def grades(evaluation: Evaluation) -> Section | None:
    """Plan the grades, against the last wave; None if nobody has one."""
    scores = evaluation.scores_by_wave[evaluation.wave].table
    held = scores[scores["complete"].astype(bool)]
    if not len(held):
        return None
    doubtful = int((held["grade_probability"] < DOUBTFUL).sum())
    counts = grade_counts(evaluation)
    waves = list(dict.fromkeys(counts["wave"]))
    table = counts.pivot_table(index="grade", columns="wave", values="count", sort=False)
    sentences = grade_sentences(evaluation)
    return Section(
        "street-grades.html.j2",
        "等第",
        sentences[0] if sentences else f"共 {len(held)} 个有等第。",
        {
            "chart": Chart(
                "grade_counts",
                counts,
                "各等第的个数，按批次",
                {"order": [grade.name for grade in evaluation.scheme.grades]},
            ),
            "waves": waves,
            "rows": [
                {
                    "grade": grade.name,
                    "cutoff": f"{grade.cutoff:g} 分及以上" if grade.cutoff > 0 else "其余",
                    "counts": [int(table.loc[grade.name, wave]) for wave in waves],
                    "basis": "假定" if grade.basis == "assumption" else "公开资料",
                }
                for grade in evaluation.scheme.grades
            ],
            "doubt": (
                f"{len(held)} 个等第中，有 {doubtful} 个的可能性不到 {say.percent(DOUBTFUL)}："
                "它们的真实得分可能落在相邻等第。"
                if doubtful
                else f"每个等第的可能性都在 {say.percent(DOUBTFUL)} 以上。"
            ),
            "rescored": len(waves) > 1,
        },
    )


# --- movers ---------------------------------------------------------------------------------


def change_sentences(evaluation: Evaluation) -> list[str]:
    """Say how many committees certainly moved against the street."""
    changes = known.changes_of(evaluation)
    if changes is None or not len(changes.table):
        return []
    up = int((changes.table["verdict"] == "明显上升").sum())
    down = int((changes.table["verdict"] == "明显下降").sum())
    clear = (
        f"明显上升 {up} 个，明显下降 {down} 个，其余 {len(changes.table) - up - down} 个无明显变化"
        if up or down
        else "没有一个明显上升或下降"
    )
    return [
        f"与{evaluation.order.wave_name(changes.from_wave)}相比，{len(changes.table)} 个可比的"
        f"{evaluation.order.subject_word}平均变化 {say.signed(changes.street_change)} 分；"
        f"扣除街道平均后，{clear}。"
    ]


def movers(evaluation: Evaluation) -> Section | None:
    """Plan the changes, with the luck reference; None if there is nothing to compare."""
    changes = known.changes_of(evaluation)
    if changes is None or not len(changes.table):
        return None
    return Section(
        "street-movers.html.j2",
        "变化",
        change_sentences(evaluation)[0],
        {
            "chart": _movers_chart(evaluation, changes),
            "rows": _mover_rows(evaluation, changes),
            "luck": _luck_sentence(changes),
            "not_compared": [
                f"{evaluation.roster.subject(subject).name}（{reason}）"
                for subject, reason in changes.not_compared.items()
            ],
        },
    )


def _movers_chart(evaluation: Evaluation, changes: Changes) -> Chart:
    table = changes.table
    order = table["relative_change"].abs().sort_values(ascending=False, kind="stable").index
    verdicts = table["verdict"] != "无明显变化"
    shown = [*order[verdicts[order]], *order[~verdicts[order]]][: max(MOVERS, int(verdicts.sum()))]
    part = table.loc[shown]
    reach = say.normal_quantile(evaluation.scheme.confidence) * part["se"]
    frame = pd.DataFrame(
        {
            "name": part["name"],
            "change": part["relative_change"],
            "low": part["relative_change"] - reach,
            "high": part["relative_change"] + reach,
            "verdict": part["verdict"],
        }
    )
    return Chart(
        "movers",
        frame,
        f"相对街道平均变化最大的 {len(frame)} 个{evaluation.order.subject_word}及其区间",
        {"title": f"相对街道平均的变化（分，横线为 {known.confidence(evaluation)} 区间）"},
    )


def _mover_rows(evaluation: Evaluation, changes: Changes) -> list[dict[str, Any]]:
    table = changes.table
    steps = table["rank_change"].abs()
    biggest = steps[steps > 0].sort_values(ascending=False, kind="stable").index[:BIGGEST]
    clear = table.index[table["verdict"] != "无明显变化"]
    rows = known.records(table.loc[list(dict.fromkeys([*clear, *biggest]))])
    rows.sort(key=lambda row: (row["rank_change"], -row["relative_change"]))
    return [
        {
            "name": row["name"],
            "scores": f"{say.fixed(row['score_from'])} → {say.fixed(row['score_to'])}",
            "relative": say.signed(row["relative_change"]),
            "p": say.p_value(row["p_adjusted"]),
            "verdict": row["verdict"],
            "ranks": f"{int(row['rank_from'])} → {int(row['rank_to'])}",
            "set": say.moves(row["rank_change_low"], row["rank_change_high"]),
            "own": say.chance(changes.luck_own.get(row["subject"])),
            "any": say.chance(changes.luck_any.get(row["subject"])),
        }
        for row in rows
    ]


def _luck_sentence(changes: Changes) -> str:
    table = changes.table
    rise = known.records(table.sort_values("rank_change", kind="stable").head(1))[0]
    step = -int(rise["rank_change"])
    if step < WORTH_A_WORD:
        return ""
    chance = say.likely(changes.luck_any.get(rise["subject"]))
    return (
        f"名次上升最多的是{rise['name']}（第 {int(rise['rank_from'])} 名到第 {int(rise['rank_to'])} 名，"
        f"{rise['verdict']}）。即使谁也没有实际变化，仅因抽样的偶然，全街道至少有一个上升 {step} 名"
        f"或更多的可能性为 {chance}。"
    )


# --- dimensions -----------------------------------------------------------------------------


def dimensions(evaluation: Evaluation) -> Section | None:
    """Plan the table of dimensions; None if nothing is ranked."""
    scores = evaluation.scores_by_wave[evaluation.wave]
    dimensions = evaluation.scheme.dimensions
    ranking = evaluation.ranking_by_wave[evaluation.wave].table
    if not len(ranking):
        return None
    marks = {"高于": "▲", "低于": "▼", "无显著差异": ""}
    rows, high, low = [], 0, 0
    for subject, name in zip(ranking["subject"], ranking["name"], strict=True):
        profile = evaluation.diagnosis(str(subject)).profile
        own = {row["code"]: row for row in known.records(profile[profile["level"] == "dimension"])}
        cells = []
        for dimension in dimensions:
            verdict = str(own[dimension.code]["verdict"])
            high, low = high + (verdict == "高于"), low + (verdict == "低于")
            cells.append(
                {
                    "text": say.fixed(own[dimension.code]["estimate"]),
                    "mark": marks[verdict],
                    "tone": {"高于": "better", "低于": "worse"}.get(verdict, ""),
                }
            )
        rows.append({"name": name, "cells": cells})
    means = [float(scores.estimate[1 + d].mean()) for d in range(len(dimensions))]
    total = len(rows) * len(dimensions)
    return Section(
        "street-dimensions.html.j2",
        "维度",
        f"{total} 个维度得分中，{high} 个显著高于街道平均，{low} 个显著低于，"
        f"其余 {total - high - low} 个与街道平均无显著差异。",
        {
            "names": [d.name for d in dimensions],
            "weights": [f"{d.weight:g}" for d in dimensions],
            "means": [say.fixed(m) for m in means],
            "rows": rows,
        },
    )
