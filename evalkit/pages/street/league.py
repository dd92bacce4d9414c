"""Everybody in three groups, what can and cannot be told from it, and the table of ranks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from evalkit.codes import Comparison
from evalkit.pages.press import wording as say
from evalkit.pages.press.planned import Chart
from evalkit.pages.press.section import Section
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import grades, lineage, overall, satisfaction
from evalkit.tables import COMPOSITE, Evaluation

ABOVE, LEVEL, BELOW = Comparison.ABOVE, Comparison.LEVEL, Comparison.BELOW

NAMED = 40
"""Committees named in a group; of larger ones only the first and their number are told."""

ON_A_SHEET, BELOW_HEADING = 42, 36
"""Committees whose names a chart of one sheet has room for, and the first of several under its heading."""

ONE_PAGE = range(30, 39)
"""Numbers of committees whose table nearly fills a page: it is kept on one."""

UNSURE = "＊"
"""Behind a grade that is less probable than not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups(Section):
    """Everybody in three groups, and what can be told from it."""

    template = "street/groups.html.j2"
    lines: Sequence[str]
    chart: Chart | None
    charts: Sequence[Chart]


@dataclass(frozen=True, slots=True, kw_only=True)
class League(Section):
    """The table of scores and ranks."""

    template = "street/league.html.j2"
    rows: Sequence[Mapping[str, object]]
    whole: bool
    changed: bool
    satisfied: bool
    joined: str = ""


def section(evaluation: Evaluation) -> Groups | None:
    """Plan the three groups; None where nothing is ranked or there is nobody to compare with."""
    if len(evaluation.current.ranking.table) < 2:
        return None
    chart = _chart(evaluation)
    return Groups(
        title="得分分组",
        takeaway=against_street(evaluation),
        lines=overall.told_apart(evaluation),
        chart=chart,
        charts=[] if chart is None else _sheets(chart),
    )


def _chart(evaluation: Evaluation) -> Chart | None:
    """Plan the chart of the three groups; None where all have the same score."""
    if known.alike(evaluation):
        return None
    scores, ranked = evaluation.current.scores.table, evaluation.current.ranking.table["subject"]
    table = scores[scores["subject"].isin(ranked)]  # in the roster's order: a group is no ranking
    tiers = against_mean(evaluation)
    level = ((ABOVE, 1), (LEVEL, 0), (BELOW, -1))
    standing = {name: number for verdict, number in level for name in tiers[verdict]}
    changes = known.changes_of(evaluation)
    before = {} if changes is None else dict(known.pairs(changes.table, "subject", "score_from"))
    frame = table[["name", "score", "low", "high"]].assign(
        standing=table["name"].map(standing), previous=table["subject"].map(before).astype(float)
    )
    mean = f"{evaluation.order.street_word}平均"
    ends = [
        f"明显{verdict}{mean}的有{say.joined(names, NAMED)}"
        for verdict, names in ((ABOVE, tiers[ABOVE]), (BELOW, tiers[BELOW]))
        if names
    ]
    return Chart(
        "standings",
        frame,
        f"{len(frame)} 个{evaluation.order.subject_word}分三组的得分及误差范围："
        + ("；".join(ends) or f"都与{mean}分不出高低"),
        {
            "words": (f"高于{mean}", f"与{mean}分不出", f"低于{mean}"),
            "mean": known.street_mean(evaluation),
            "street": mean,
            "previous": "" if changes is None else evaluation.order.wave_name(changes.from_wave),
            "ranked": False,
            "title": "得分（横线为误差范围）",
        },
    )


def _sheets(chart: Chart) -> list[Chart]:
    """Return the chart in parts of which each has room on a sheet for all names."""
    frame = chart.frame.sort_values("standing", ascending=False, kind="stable", ignore_index=True)
    if len(frame) <= ON_A_SHEET:
        return [chart]
    first = [0, *range(BELOW_HEADING, len(frame), ON_A_SHEET), len(frame)]
    known_ends = [*frame["low"].dropna(), *frame["high"].dropna(), *frame["previous"].dropna()]
    options = {
        **chart.options,
        "counts": tuple(int((frame["standing"] == way).sum()) for way in (1, 0, -1)),
        "domain": (min(known_ends), max(known_ends)),
    }
    return [
        replace(
            chart,
            frame=frame.iloc[at:to].reset_index(drop=True),
            words=f"{chart.words}；第 {number} 张，共 {len(first) - 1} 张",
            options=options,
        )
        for number, (at, to) in enumerate(pairwise(first), start=1)
    ]


def table(evaluation: Evaluation) -> League | None:
    """Plan the table of scores and ranks, an appendix."""
    ranked = evaluation.current.ranking.table
    if not len(ranked):
        return _unranked(evaluation)
    word = evaluation.order.subject_word
    return League(
        title=f"附表：各{word}的得分与名次",
        takeaway=(
            f"名次容易变动，须与名次范围并看；名次范围重叠的{word}不分先后。"
            if len(ranked) > 1
            else f"只有一个{word}有完整得分，无从排名。"
        ),
        rows=_rows(evaluation),
        whole=len(ranked) in ONE_PAGE,
        changed=known.changes_of(evaluation) is not None,
        satisfied=len(satisfaction.table(evaluation)) > 0,
        joined=_joined(evaluation),
    )


def _joined(evaluation: Evaluation) -> str:
    """Say what the mark beside a change means; nothing where there is none."""
    changes = known.changes_of(evaluation)
    told = "" if changes is None else lineage.joined_in(evaluation, changes)
    return f"{lineage.MARK} {told.removeprefix('其中')}" if told else ""


def _unranked(evaluation: Evaluation) -> League | None:
    """Plan the table of scores that nobody is ranked by; None where there is no score."""
    if not evaluation.current.scores.subjects:
        return None
    (why,) = overall.trust(evaluation)
    return League(
        title="得分（不排名）",
        takeaway=why,
        rows=_rows(evaluation),
        whole=False,
        changed=False,
        satisfied=len(satisfaction.table(evaluation)) > 0,
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
        return f"{total} 个{word}的得分都与{mean}尚看不出差别。"
    told = [
        f"{number} 个{word}明显{verdict}{mean}" if number else f"没有一个{word}明显{verdict}{mean}"
        for number, verdict in ((high, ABOVE), (low, BELOW))
    ]
    rest = f"，其余 {level} 个尚看不出差别" if level else ""
    return f"{'，'.join(told)}{rest}。"


# --- table ----------------------------------------------------------------------------------


def _rows(evaluation: Evaluation) -> list[dict[str, Any]]:
    scores = evaluation.current.scores.table
    columns = ["subject", "low", "high", "grade", "grade_probability"]
    table = evaluation.current.ranking.table.merge(scores[columns], on="subject")
    if not len(table):
        complete = scores[scores["complete"].astype(bool)]
        table = complete.sort_values("score", ascending=False, kind="stable")
    changes = known.changes_of(evaluation)
    moves = {} if changes is None else {m["subject"]: m for m in known.records(changes.table)}
    satisfied = {row["subject"]: row for row in known.records(satisfaction.table(evaluation))}
    cuts = known.cutoffs(evaluation)
    return [
        {
            "rank": int(row["rank"]) if "rank" in row else say.MISSING,
            "name": row["name"],
            "score": say.score(row["score"], cuts),
            "interval": say.interval(row["low"], row["high"]),
            "satisfied": (
                satisfaction.share(satisfied[row["subject"]])
                if row["subject"] in satisfied
                else say.MISSING
            ),
            "joint": _places(row, "rank_low_joint", "rank_high_joint"),
            "grade": f"{row['grade']}{UNSURE if grades.unsure(row) else ''}",
            "chance": say.chance(row["grade_probability"]),
            "change": _change(moves.get(row["subject"]))
            + (lineage.MARK if lineage.is_union(evaluation, str(row["subject"])) else ""),
            "verdict": _against(moves.get(row["subject"])),
        }
        for row in known.records(table)
    ]


def _change(move: known.Row | None) -> str:
    """Write the change of a score, marked where it is beyond doubt."""
    if move is None:
        return say.MISSING
    return f"{say.signed(move['change'])} {known.ARROWS.get(move['change_verdict'], '')}".rstrip()


def _against(move: known.Row | None) -> str:
    if move is None:
        return say.MISSING
    return "" if move["verdict"] == overall.SAME else str(move["verdict"])


def _places(row: known.Row, low: str, high: str) -> str:
    return f"{int(row[low])}–{int(row[high])}" if low in row else say.MISSING


def with_lowest(evaluation: Evaluation, name: str) -> str:
    """Name a committee with its dimension that is farthest below the street's mean."""
    subject = next(s.id for s in evaluation.roster.subjects if s.name == name)
    profile = evaluation.diagnosis(subject).profile
    low = profile[(profile["level"] == "dimension") & (profile["verdict"] == Comparison.BELOW)]
    if not len(low):
        return name
    worst = known.records(low.sort_values("difference", kind="stable"))[0]
    return f"{name}（{worst['name']} {say.fixed(worst['estimate'])}）"
