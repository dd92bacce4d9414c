"""How many residents are satisfied, as the papers tell it: shares, their errors, what changed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pandas as pd

from evalkit.codes import OwnChange
from evalkit.definitions.questionnaire import Item, Questionnaire
from evalkit.pages.press import wording as say
from evalkit.pages.telling.facts import UNDECIDED, Row, records
from evalkit.tables import ALL_GROUPS, OVERALL, Evaluation

FINE = 200
"""Residents from whom on a share has a decimal."""

GOOD = "满意或同样好的回答"
"""What is counted as satisfied, of questions with whatever options."""

WORDS = {
    OwnChange.RISEN: "明显提高",
    OwnChange.FALLEN: "明显下降",
}


class Ends(NamedTuple):
    """Questions by their shares: the largest first, the smallest first."""

    high: list[Row]
    low: list[Row]


def rows(evaluation: Evaluation, *, subject: str = ALL_GROUPS, role: str = "") -> list[Row]:
    """Return what all residents of the street, or of a committee, say of every question."""
    table = evaluation.satisfaction
    own = table[(table["subject"] == subject) & (table["by"] == ALL_GROUPS)]
    return records(own[own["role"] == role] if role else own)


def in_order(rows: Iterable[Row]) -> list[Row]:
    """Return the overall question first, then what is lowest against the street."""
    return sorted(
        rows,
        key=lambda row: (row["role"] != OVERALL, float(row["share"]) - float(row["street"])),
    )


def ends(evaluation: Evaluation, most: int, subject: str = ALL_GROUPS) -> Ends:
    """Return the questions with the largest shares and with the smallest, at most so many each.

    Of all questions that a table of these shares shows but the overall one, whatever their
    options say: a reader ranks the column. None is at both ends; nothing where all read alike.
    """
    own = [row for row in rows(evaluation, subject=subject) if row["role"] != OVERALL]
    own.sort(key=lambda row: -float(row["share"]))
    count = min(most, len(own) // 2)
    if not count or share(own[0]) == share(own[-1]):
        return Ends([], [])
    return Ends(own[:count], own[::-1][:count])


def overall(evaluation: Evaluation, subject: str = ALL_GROUPS) -> Row | None:
    """Return the row of the overall question; None where it was not asked, or may not be told."""
    return next(iter(rows(evaluation, subject=subject, role=OVERALL)), None)


def kinds(evaluation: Evaluation) -> Iterator[tuple[str, list[Row]]]:
    """Yield the questions that tell residents apart, each with its kinds of residents."""
    table = evaluation.satisfaction
    texts = {i.id: i.text for q in evaluation.questionnaires.values() for i in q.items}
    for by, part in table[table["by"] != ALL_GROUPS].groupby("by", sort=False):
        yield texts.get(str(by), str(by)), records(part)


def share(row: Row, value: float | None = None) -> str:
    """Write a share as exactly as its number of answers allows."""
    part = float(row["share"]) if value is None else value
    return say.percent(part, places(row))


def reach(row: Row) -> str:
    """Write the interval of a share."""
    return f"{say.interval(100 * row['low'], 100 * row['high'], places(row))}%"


def points(row: Row) -> str:
    """Write a change, in percentage points; the sign of missing where there is none.

    Where it is the difference of the two shares printed, it is that of the printed ones: a reader
    subtracts.
    """
    if say.missing(row["change"]):
        return say.MISSING
    change, exact = 100 * float(row["change"]), places(row)
    if same_residents(row):
        now, before = (round(100 * float(row[name]), exact) for name in ("share", "previous"))
        change = now - before
    return say.signed(change, exact)


def same_residents(row: Row) -> bool:
    """Tell whether the change is that of the share itself: of the same committees both times."""
    return math.isclose(
        float(row["share"]) - float(row["previous"]), float(row["change"]), abs_tol=1e-9
    )


def margin(row: Row) -> str:
    """Write half the width of a change's interval, in percentage points."""
    wide = 100 * (float(row["change_high"]) - float(row["change_low"])) / 2
    return say.fixed(wide, places(row))


def changed(row: Row) -> str:
    """Say in half a sentence how a share changed, and whether that is sure."""
    if say.missing(row["change"]):
        return ""
    size = points(row)
    way = "低" if size.startswith(say.MINUS) else "高" if size.startswith("+") else ""
    told = f"比上次{way} {size.lstrip('+' + say.MINUS)} 个百分点" if way else "与上次持平"
    return f"{told}，{moved_word(row)}"


def moved_word(row: Row) -> str:
    """Say what is sure of a change."""
    verdict = OwnChange(str(row["change_verdict"]))
    return UNDECIDED if verdict == OwnChange.SAME else WORDS[verdict]


def options(evaluation: Evaluation, least: float) -> str:
    """Name the options of the overall question of at least so many points; empty without one."""
    for questionnaire in _of_residents(evaluation):
        for item in questionnaire.of_role("overall"):
            return "".join(map(say.quoted, _labels(questionnaire, item, least)))
    return ""


def _of_residents(evaluation: Evaluation) -> Iterator[Questionnaire]:
    for group in evaluation.scheme.residents:
        yield evaluation.questionnaires[group.source]


def _labels(questionnaire: Questionnaire, item: Item, least: float) -> list[str]:
    return [
        o.label for o in questionnaire.options_of(item) if o.score is not None and o.score >= least
    ]


def meaning(evaluation: Evaluation) -> str:
    """Say what the share is a share of: the one place that defines it, for every question."""
    least = evaluation.scheme.satisfied_from
    chosen = options(evaluation, least)
    overall_one = f"总体满意度一题是选{chosen}的，" if chosen else ""
    return (
        f"满意率是选{GOOD}（{least:g} 分以上，含）的居民占表态居民的比例：{overall_one}"
        "问有没有、多久、几次的题目同样按选项的分值算；选“不了解”之类的不计；"
        f"各{evaluation.order.subject_word}按份数合计。表态人数够多才公布：从中看得出有多少人未选满意，看不出是谁。"
    )


def table(evaluation: Evaluation) -> pd.DataFrame:
    """Return the rows of the committees' overall question."""
    own = evaluation.satisfaction
    return own[(own["role"] == OVERALL) & (own["subject"] != ALL_GROUPS)]


def places(row: Row) -> int:
    """Return the decimals that a share may have, by its number of answers."""
    return 1 if int(row["n"]) >= FINE else 0
