"""One compact table of all committees: other scores, other weights, without flagged answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section
from evalkit.pages.technical.trust import RANDOM, minimum
from evalkit.pages.telling import facts as known
from evalkit.pages.telling.facts import Row
from evalkit.tables import Evaluation


@dataclass(frozen=True, slots=True, kw_only=True)
class Appendix(Section):
    """Every committee's rank under other choices."""

    template = "technical/appendix.html.j2"
    rows: Sequence[Mapping[str, object]]
    minimum: int
    quality: bool
    adjusted: bool
    scenarios: bool
    random: bool
    first: str
    last: str


def section(evaluation: Evaluation) -> Appendix | None:
    """Plan the appendix; None where nothing stands beside the published scores."""
    assurance = evaluation.assurance
    if not len(assurance.bands):
        return None
    ranking = evaluation.current.ranking.table
    return Appendix(
        title=f"附表：各{evaluation.order.subject_word}的名次牢不牢靠",
        takeaway=takeaway(evaluation),
        rows=[_row(evaluation, row) for row in known.records(ranking)],
        minimum=minimum(evaluation),
        quality=bool(len(assurance.quality)),
        adjusted=bool(assurance.bands["adjusted"].notna().any()),
        scenarios=bool((assurance.sensitivity["scenario"] != RANDOM).any()),
        random=bool((assurance.sensitivity["scenario"] == RANDOM).any()),
        first=_size(assurance.extremes, "first_of"),
        last=_size(assurance.extremes, "last_of"),
    )


def _size(extremes: pd.DataFrame, column: str) -> str:
    """Return how many make an end of the table; empty where nobody's probability is known."""
    return str(int(extremes[column].iloc[0])) if len(extremes) else ""


def spans(evaluation: Evaluation) -> pd.Series[float]:
    """Return how many places each committee's rank spans over the published one and all scenarios."""
    table = evaluation.assurance.sensitivity
    own = table[(table["scenario"] != RANDOM) & table["rank_change"].notna()]
    change = own["rank_change"].astype(float).groupby(own["subject"])
    return change.max().clip(lower=0) - change.min().clip(upper=0)


def takeaway(evaluation: Evaluation) -> str:
    """Say how many ranks no scenario moves."""
    found, word = spans(evaluation), evaluation.order.subject_word
    if not len(found):
        both = bool(evaluation.assurance.bands["adjusted"].notna().any())
        other = "结构调整和收缩后的得分" if both else "收缩后的得分"
        return f"名次只按原始得分；{other}供对照，不改变各{word}的名次。"
    still = int((found == 0).sum())
    kept = f"{still} 个{word}的名次在各种换法下都不变" if still else f"没有一个{word}的名次完全不变"
    if still == len(found):
        return f"{kept}。"
    return (
        f"换权重、换分值之后，{kept}，变动最大的前后相差 {int(found.max())} 名；名次只按原始得分。"
    )


def _row(evaluation: Evaluation, place: Row) -> dict[str, Any]:
    subject, assurance = place["subject"], evaluation.assurance
    band = _one(assurance.bands, subject)
    quality = _one(assurance.quality, subject)
    end = _one(assurance.extremes, subject)
    shaken = _one(assurance.sensitivity[assurance.sensitivity["scenario"] == RANDOM], subject)
    return {
        "rank": int(place["rank"]),
        "name": place["name"],
        "score": say.score(place["score"], known.cutoffs(evaluation)),
        "adjusted": say.fixed(band.get("adjusted")),
        "shrunken": say.fixed(band.get("shrunken")),
        "band": band.get("band", say.MISSING),
        "sets": f"{int(place['rank_low_joint'])}–{int(place['rank_high_joint'])}",
        "end": _likelier(end),
        "scenarios": _scenario_ranks(evaluation, str(subject), int(place["rank"])),
        "random": _span(shaken.get("rank_low"), shaken.get("rank_high")),
        "grade": say.chance(shaken.get("same_grade")),
        "flagged": say.count(quality.get("flagged"), minimum(evaluation)),
        "excess": bool(quality.get("excess", False)),
        "without": say.MISSING
        if say.missing(quality.get("rank_without"))
        else str(int(quality["rank_without"])),
    }


def _one(table: pd.DataFrame, subject: object) -> Row:
    rows = known.records(table[table["subject"] == subject])
    return rows[0] if rows else {}


def _likelier(end: Row) -> str:
    """Write the end of the table that is the likelier one, with its probability."""
    if not end:
        return say.MISSING
    words, own = (
        ("前", "among_first") if end["among_first"] >= end["among_last"] else ("后", "among_last")
    )
    return f"{words} {say.chance(end[own])}"


def _scenario_ranks(evaluation: Evaluation, subject: str, rank: int) -> str:
    table = evaluation.assurance.sensitivity
    own = table[(table["subject"] == subject) & (table["scenario"] != RANDOM)]["rank"].dropna()
    if not len(own):
        return say.MISSING
    return _span(min(rank, int(own.min())), max(rank, int(own.max())))


def _span(low: object, high: object) -> str:
    if say.missing(low) or say.missing(high):
        return say.MISSING
    return f"{low}" if low == high else f"{low}–{high}"
