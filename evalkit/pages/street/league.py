"""The league table with rank sets, and what can and cannot be told from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evalkit.codes import Comparison
from evalkit.pages.press import wording as say
from evalkit.pages.press.printing import Chart
from evalkit.pages.press.section import Section
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import movement, overall
from evalkit.tables import COMPOSITE, Evaluation

ABOVE, LEVEL, BELOW = Comparison.ABOVE, Comparison.LEVEL, Comparison.BELOW

NAMED = 40
"""Committees named in a tier; of larger tiers only the number is told."""

ONE_PAGE = range(30, 39)
"""Numbers of committees whose table nearly fills a page: it is kept on one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class League(Section):
    """The table, and what can be told from it."""

    template = "street/league.html.j2"
    lines: Sequence[str]
    tiers: Sequence[Mapping[str, object]]
    rows: Sequence[Mapping[str, object]]
    whole: bool
    changed: bool
    caterpillar: Chart | None


def section(evaluation: Evaluation) -> League | None:
    """Plan the league table with rank sets; None if nothing is ranked."""
    table = evaluation.current.ranking.table
    if not len(table):
        return _unranked(evaluation)
    takeaway = against_street(evaluation)
    return League(
        title="得分与名次",
        takeaway=takeaway or f"只有一个{evaluation.order.subject_word}有完整得分，无从排名。",
        lines=overall.told_apart(evaluation),
        tiers=_tiers(evaluation) if len(table) > 1 else [],
        rows=_rows(evaluation),
        whole=len(table) in ONE_PAGE,
        changed=known.changes_of(evaluation) is not None,
        caterpillar=movement.caterpillar(known.common(evaluation), None),
    )


def _unranked(evaluation: Evaluation) -> League | None:
    """Plan the table of scores that nobody is ranked by; None where there is no score."""
    if not evaluation.current.scores.subjects:
        return None
    (why,) = overall.trust(evaluation)
    return League(
        title="得分（不排名）",
        takeaway=why,
        lines=[],
        tiers=[],
        rows=_rows(evaluation),
        whole=False,
        changed=False,
        caterpillar=None,
    )


# --- what can be told -----------------------------------------------------------------------


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
    words: dict[str, str] = {
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
    if not len(table):
        complete = scores[scores["complete"].astype(bool)]
        table = complete.sort_values("score", ascending=False, kind="stable")
    changes = known.changes_of(evaluation)
    verdicts = {} if changes is None else dict(known.pairs(changes.table, "subject", "verdict"))
    cuts = known.cutoffs(evaluation)
    return [
        {
            "rank": int(row["rank"]) if "rank" in row else say.MISSING,
            "name": row["name"],
            "score": say.score(row["score"], cuts),
            "interval": say.interval(row["low"], row["high"]),
            "places": _places(row, "rank_low", "rank_high"),
            "joint": _places(row, "rank_low_joint", "rank_high_joint"),
            "grade": row["grade"],
            "chance": say.chance(row["grade_probability"]),
            "verdict": verdicts.get(row["subject"], say.MISSING),
        }
        for row in known.records(table)
    ]


def _places(row: known.Row, low: str, high: str) -> str:
    return f"{int(row[low])}–{int(row[high])}" if low in row else say.MISSING
