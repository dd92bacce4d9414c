"""What a made-up street was asked, answered, ticked and wrote; random, as everything there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from evalkit.definitions.questionnaire import Item, Option, Questionnaire
from evalkit.definitions.scheme import Scheme
from evalkit.tables import (
    ALL_GROUPS,
    ANYTHING,
    Cells,
    Needs,
    Opinions,
    Ranking,
    ResidentsOfAKind,
    Scores,
    frame,
    no_rows,
)

SCALE = (("非常满意", 100), ("满意", 80), ("基本满意", 60), ("不满意", 30), ("非常不满意", 0))
NEEDS = ("停车难", "上下楼不便，盼加装电梯", "看病配药", "邻里矛盾", "其他【请注明】", "目前没有")
THEMES = (("parking", "停车"), ("elevator", "加装电梯"), ("reply", "反映有没有回音"))
QUESTION = "您最希望居民区改进什么？"
OVERALL = "总的来说，您对居民区的工作满意吗？"
AGES = (("18–34 岁", 0.25), ("35–59 岁", 0.45), ("60 岁及以上", 0.3))
SPREAD = 18.0
"""How far answers lie from the mean of their cell, points."""


def questionnaires(plan: Scheme, *, overall: bool = True) -> dict[str, Questionnaire]:
    scale = [Option(code=str(at + 1), label=o, score=s) for at, (o, s) in enumerate(SCALE)]
    resident = Questionnaire(
        id="resident",
        title="居民问卷",
        scales={"s": [*scale, Option(code="6", label="不了解", missing="dont_know")]},
        items=[
            *(Item(id=f"r{i.code}", text=f"对{i.name}的看法", scale="s") for i in plan.indicators),
            *([Item(id="t", text=OVERALL, role="overall", scale="s")] if overall else []),
            Item(
                id="age",
                text="您的年龄",
                role="profile",
                options=[Option(code=str(at), label=o) for at, (o, _) in enumerate(AGES)],
            ),
            Item(
                id="n",
                text="急难愁盼",
                kind="multiple",
                role="need",
                options=[Option(code=str(at), label=o) for at, o in enumerate(NEEDS)],
            ),
            Item(id="w", text=QUESTION, kind="text", role="open"),
        ],
    )
    return {"resident": resident}


def distributions(
    plan: Scheme,
    subjects: Sequence[str],
    mean: Mapping[str, np.ndarray],
    n: Mapping[str, np.ndarray],
    *,
    overall: bool = True,
    spread: float = SPREAD,
) -> pd.DataFrame:
    """Answers of the residents' groups, around each cell's mean; the overall ones around its mean."""
    rng, other = np.random.default_rng(5), np.random.default_rng(8)
    scores = np.array([score for _, score in SCALE], dtype=float)
    rows = []
    for group in (g.code for g in plan.groups if g.residents):
        for k, subject in enumerate(subjects):
            if not n[group][k]:
                continue
            asked = [
                (f"r{indicator.code}", float(mean[group][k, i]), rng)
                for i, indicator in enumerate(plan.indicators)
            ]
            if overall:
                asked.append(("t", float(mean[group][k].mean()), other))
            for item, level, chance in asked:
                away = ((scores - level) / spread) ** 2
                near = np.exp(away.min() - away)
                counts = chance.multinomial(n[group][k], near / near.sum())
                rows += [
                    (subject, group, item, str(o + 1), c, c / counts.sum())
                    for o, c in enumerate(counts.tolist())
                    if c
                ]
    columns = ["subject", "group", "item", "option", "n", "share"]
    return frame("distributions", pd.DataFrame(rows, columns=columns))


def kinds(cells: Cells) -> tuple[ResidentsOfAKind, ...]:
    """The overall question by age: the same people as in the cells, the old more satisfied."""
    table = cells.distributions
    own = table[table["item"] == "t"]
    if not len(own):
        return ()
    n = own["n"].sum()
    score = own["option"].map({str(at + 1): s for at, (_, s) in enumerate(SCALE)})
    satisfied = own.loc[score >= 80, "n"].sum() / n
    found = []
    for at, (label, part) in enumerate(AGES):
        own_n = round(int(n) * part)
        share = min(float(satisfied) + 0.02 * (at - 1), 1.0)
        opinions = Opinions(own_n, 0.97 * own_n, share, float("nan"))
        enough = min(share, 1 - share) * own_n >= 10
        found.append(ResidentsOfAKind("age", str(at), label, opinions, enough))
    return tuple(found)


def needs(wave: str, subjects: Sequence[str], answered: Mapping[str, int]) -> Needs:
    """Needs and themes of committees with enough answers; the rest is left out."""
    rng = np.random.default_rng(6)
    shares = np.array([0.25, 0.2, 0.15, 0.05, 0.03, 0.2])
    ticked, themes = [], []
    for subject in (ALL_GROUPS, *subjects):
        of = answered[subject]
        own = shares if subject == ALL_GROUPS else shares * rng.uniform(0.5, 1.6, len(shares))
        wrote = of // 3
        if wrote >= 10:
            themes.append((subject, "w", ANYTHING, "写了内容的居民", wrote, wrote))
        for at, (name, share) in enumerate(zip(NEEDS, own, strict=True)):
            count = round(of * share)
            if count >= 10 and of - count >= 10:
                se = float(np.sqrt(share * (1 - share) / of))
                verdict = "无显著差异" if abs(share - shares[at]) < 3 * se else "高于"
                ticked.append(
                    (subject, "n", str(at), name, count, of, share, se)
                    + (share - 1.9 * se, share + 2 * se, shares[at])
                    + ((np.nan, None) if subject == ALL_GROUPS else (0.5, verdict))
                )
        for code, name in THEMES:
            count = int(wrote * rng.uniform(0.1, 0.8))
            if count >= 10:
                themes.append((subject, "w", code, name, count, wrote))
    names = ["subject", "item", "option", "name", "n", "of", "share", "se", "low", "high"]
    table = pd.DataFrame(ticked, columns=[*names, "street", "p_adjusted", "verdict"])
    said = pd.DataFrame(themes, columns=["subject", "item", "code", "name", "n", "of"])
    return Needs(
        frame("needs", table.assign(wave=wave)) if ticked else no_rows("needs"),
        frame("themes", said.assign(wave=wave, share=said["n"] / said["of"]))
        if themes
        else no_rows("themes"),
    )


def drivers(plan: Scheme, scores: Scores) -> pd.DataFrame:
    """Importance that falls from the first indicator to the last, narrowly known."""
    count = len(plan.indicators)
    importance = np.linspace(0.06, 0.01, count)
    return frame(
        "drivers",
        {
            "wave": [scores.wave] * count,
            "code": [i.code for i in plan.indicators],
            "name": [i.name for i in plan.indicators],
            "importance": importance,
            "low": importance * 0.9,
            "high": importance * 1.1,
            "performance": scores.estimate[-count:].mean(axis=1),
            "performance_se": 0.5,
            "r_squared": float(importance.sum()),
            "n": 1400,
        },
    )


def quality(scores: Scores, ranking: Ranking) -> pd.DataFrame:
    """A gap between key and random residents everywhere; the first committee's is unusual."""
    table = ranking.table
    away = np.where(table["subject"] == scores.subjects[0], 4.2, 0.8)
    return frame(
        "quality",
        {
            **{name: table[name] for name in ("wave", "subject", "name")},
            "n": 60,
            "flagged": 1,
            "rate": 1 / 60,
            "street_rate": 0.01,
            "p": 0.5,
            "excess": False,
            "gap": 2.0,
            "gap_statistic": away,
            "gap_outlier": away > 3,
            "rank": pd.array(table["rank"], dtype="Int64"),
            "score_without": table["score"],
            "rank_without": pd.array(table["rank"], dtype="Int64"),
        },
    )
