"""The league table with rank sets, and what can and cannot be told from it."""

from __future__ import annotations

from typing import Any

from evalkit.pages.press import wording as say
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import movement
from evalkit.pages.telling.facts import Section
from evalkit.tables import COMPOSITE, Evaluation

ABOVE, LEVEL, BELOW = "高于", "无显著差异", "低于"

NAMED = 40
"""Committees named in a tier; of larger tiers only the number is told."""

NO_SHARE = 0.005
"""A reliability that rounds to nothing."""

ONE_PAGE = range(30, 39)
"""Numbers of committees whose table nearly fills a page: it is kept on one."""


def section(evaluation: Evaluation) -> Section | None:
    """Plan the league table with rank sets; None if nothing is ranked."""
    table = evaluation.current.ranking.table
    if not len(table):
        return None
    takeaway = against_street(evaluation)
    return Section(
        "street/league.html.j2",
        "得分与名次",
        takeaway or f"只有一个{evaluation.order.subject_word}有完整得分，无从排名。",
        {
            "lines": told_apart(evaluation),
            "tiers": _tiers(evaluation) if len(table) > 1 else [],
            "rows": _rows(evaluation),
            "whole": len(table) in ONE_PAGE,
            "changed": known.changes_of(evaluation) is not None,
            "caterpillar": movement.caterpillar(known.common(evaluation), None),
        },
    )


# --- what can be told -----------------------------------------------------------------------


def told_apart(evaluation: Evaluation) -> list[str]:
    """Say what the table can and cannot tell, from the joint rank sets."""
    ranking = evaluation.current.ranking
    total = len(ranking.table)
    if total < 2:
        return []
    word = evaluation.order.subject_word
    half = total // 2
    upper = int((ranking.table["rank_high_joint"] <= half).sum())
    lower = int((ranking.table["rank_low_joint"] > total - half).sum())
    first = list(ranking.table.loc[ranking.table["rank_low_joint"] == 1, "name"])
    ends = [_certain(f"前 {half} 名", upper, word), _certain(f"后 {half} 名", lower, word)]
    if not upper and not lower:
        ends = [f"没有一个{word}能确定排在前 {half} 名或后 {half} 名"]
    top = f"可能是第一名的有 {len(first)} 个" if len(first) > 1 else f"第一名可以确定是{first[0]}"
    return [
        f"{_pairs(ranking.distinguishable_pairs, word)}；{_real(ranking.reliability)}。",
        f"同看全表，在 {known.confidence(evaluation)} 的把握下，{'，'.join(ends)}，{top}。",
    ]


def _certain(where: str, number: int, word: str) -> str:
    return f"确定排在{where}的有 {number} 个" if number else f"没有一个{word}能确定排在{where}"


def _pairs(share: float, word: str) -> str:
    if share <= 0:
        return f"没有哪两个{word}能确定先后"
    if share >= 1:
        return f"任何两个{word}都能确定先后"
    return f"任取两个{word}，能确定先后的占 {say.chance(share)}"


def _real(reliability: float) -> str:
    if reliability < NO_SHARE:
        return "得分差异都在抽样的偶然之内"
    return f"得分差异中约 {say.likely(reliability)} 来自真实差别，其余是抽样的偶然"


def against_mean(evaluation: Evaluation) -> dict[str, list[str]]:
    """Return the ranked committees' names by verdict on their score against the street's mean."""
    found: dict[str, list[str]] = {ABOVE: [], LEVEL: [], BELOW: []}
    ranking = evaluation.current.ranking.table
    for subject, name in known.pairs(ranking, "subject", "name"):
        profile = evaluation.diagnosis(str(subject)).profile
        own = profile.loc[profile["level"] == COMPOSITE, "verdict"]
        found[str(own.iloc[0])].append(str(name))
    return found


def against_street(evaluation: Evaluation) -> str:
    """Say how many committees certainly stand above or below the street's mean."""
    tiers = against_mean(evaluation)
    total = sum(len(names) for names in tiers.values())
    word, mean = evaluation.order.subject_word, f"{evaluation.order.street_word}平均"
    if total < 2:
        return ""
    high, low, level = len(tiers[ABOVE]), len(tiers[BELOW]), len(tiers[LEVEL])
    if not high and not low:
        return f"{total} 个{word}的得分都与{mean}无显著差异。"
    told = [
        f"{number} 个显著{verdict}" if number else f"没有一个显著{verdict}"
        for number, verdict in ((high, ABOVE), (low, BELOW))
    ]
    rest = f"，其余 {level} 个与平均无显著差异" if level else ""
    return f"与{mean}相比，{'，'.join(told)}{rest}。"


def _tiers(evaluation: Evaluation) -> list[dict[str, Any]]:
    tiers = against_mean(evaluation)
    table = evaluation.current.ranking.table
    total, mean = len(table), f"{evaluation.order.street_word}平均"
    words = {
        ABOVE: f"显著{ABOVE}{mean}",
        LEVEL: f"与{mean}{LEVEL}",
        BELOW: f"显著{BELOW}{mean}",
    }
    rows = [(words[verdict], [str(name) for name in names]) for verdict, names in tiers.items()]
    rows += [
        ("可能是第一名", [str(n) for n in table.loc[table["rank_low_joint"] == 1, "name"]]),
        ("可能是最后一名", [str(n) for n in table.loc[table["rank_high_joint"] == total, "name"]]),
    ]
    return [
        {"what": what, "n": f"{len(names)} 个" if names else "没有", "names": _listed(names)}
        for what, names in rows
    ]


def _listed(names: list[str]) -> str:
    return say.joined(names) if len(names) <= NAMED else f"{len(names)} 个，见得分名次表"


# --- table ----------------------------------------------------------------------------------


def _rows(evaluation: Evaluation) -> list[dict[str, Any]]:
    scores = evaluation.current.scores.table
    columns = ["subject", "low", "high", "grade", "grade_probability"]
    table = evaluation.current.ranking.table.merge(scores[columns], on="subject")
    changes = known.changes_of(evaluation)
    verdicts = {} if changes is None else dict(known.pairs(changes.table, "subject", "verdict"))
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
