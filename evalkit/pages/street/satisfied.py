"""How satisfied residents are: all and each kind of them, then question by question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evalkit.codes import Comparison
from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section
from evalkit.pages.telling import satisfaction
from evalkit.pages.telling.facts import ARROWS, Row
from evalkit.tables import OVERALL, Evaluation

ENDS = 3
"""Questions named at either end."""

AGAINST = {Comparison.ABOVE: "明显高于全体", Comparison.BELOW: "明显低于全体"}
"""Without an arrow: on these pages an arrow is a change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Satisfied(Section):
    """Shares of satisfied residents by question and by kind of resident.

    Attributes
    ----------
    beyond : bool
        Whether a share of acceptable answers is any larger than that of good ones.
    """

    template = "street/satisfied.html.j2"
    rows: Sequence[Mapping[str, object]]
    kinds: Sequence[tuple[str, Sequence[Mapping[str, object]]]]
    compared: bool
    apart: bool
    beyond: bool
    judged: bool
    last: str
    acceptable: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions(Satisfied):
    """The same of all other questions."""


WHOLE = "居民总体满意率"


def section(evaluation: Evaluation) -> Satisfied | None:
    """Plan the overall question, of all residents and of each kind; None where it may not be told."""
    rows = satisfaction.rows(evaluation, role=OVERALL)
    if not rows:
        return None
    kinds = [(text, [_kind(row) for row in own]) for text, own in satisfaction.kinds(evaluation)]
    row = rows[0]
    moved = satisfaction.changed(row)
    return Satisfied(
        title=WHOLE,
        takeaway=f"{WHOLE} {satisfaction.share(row)}，误差范围 {satisfaction.reach(row)}"
        + (f"；{moved}。" if moved else "。"),
        kinds=kinds,
        judged=any(row["verdict"] for _, own in kinds for row in own),
        meaning=satisfaction.meaning(evaluation),
        **_shown(evaluation, rows),
    )


def questions(evaluation: Evaluation) -> Questions | None:
    """Plan all other questions; None where none may be told."""
    rows = [row for row in satisfaction.rows(evaluation) if row["role"] != OVERALL]
    if not rows:
        return None
    whole = satisfaction.overall(evaluation) is not None
    return Questions(
        title="各题的满意率",
        takeaway=takeaway(evaluation),
        kinds=[],
        judged=False,
        meaning=f"满意率怎样算，见“{WHOLE}”。" if whole else satisfaction.meaning(evaluation),
        **_shown(evaluation, rows),
    )


def _shown(evaluation: Evaluation, rows: Sequence[Row]) -> dict[str, Any]:
    """Return what a table of these questions shows, and which of its columns there are."""
    previous, told = evaluation.previous, [_row(row) for row in rows]
    return {
        "rows": told,
        "apart": any(row["apart"] for row in told),
        "beyond": any(row["acceptable"] != row["share"] for row in told),
        "compared": any(not say.missing(row["change"]) for row in rows),
        "last": "" if previous is None else evaluation.order.wave_name(previous.scores.wave),
        "acceptable": satisfaction.options(evaluation, evaluation.scheme.acceptable_from),
    }


def takeaway(evaluation: Evaluation) -> str:
    """Name the questions with the largest and the smallest shares: a description, no test."""
    high, low = satisfaction.ends(evaluation, ENDS)
    if high:
        return f"满意率最高的是{_listed(high)}；最低的是{_listed(low)}。"
    own = [row for row in satisfaction.rows(evaluation) if row["role"] != OVERALL]
    if len(own) > 1:
        return f"各题的满意率都是 {satisfaction.share(own[0])}。"
    return f"{_short(own[0])}：满意率 {satisfaction.share(own[0])}。"


def _listed(rows: Sequence[Row]) -> str:
    return "、".join(f"{say.quoted(_short(row))}（{satisfaction.share(row)}）" for row in rows)


def _short(row: Row) -> str:
    return say.unpunctuated(str(row["name"]))


def _row(row: Row) -> dict[str, object]:
    return {
        "name": row["name"],
        "overall": row["role"] == OVERALL,
        "n": say.count(row["n"]),
        "share": satisfaction.share(row),
        "reach": satisfaction.reach(row),
        "acceptable": satisfaction.share(row, float(row["acceptable"])),
        **_changed(row),
    }


def _kind(row: Row) -> dict[str, object]:
    return {
        "name": row["label"],
        "n": say.count(row["n"]),
        "share": satisfaction.share(row),
        "reach": satisfaction.reach(row),
        "verdict": AGAINST.get(Comparison(str(row["verdict"])), ""),
        **_changed(row),
    }


def _changed(row: Row) -> dict[str, object]:
    if say.missing(row["change"]):
        return {"previous": say.MISSING, "change": say.MISSING, "apart": False}
    apart = not satisfaction.same_residents(row)
    mark = ARROWS.get(str(row["change_verdict"]), "")
    return {
        "previous": satisfaction.share(row, float(row["previous"])) + ("＊" if apart else ""),
        "apart": apart,
        "change": f"{satisfaction.points(row)} {mark}".rstrip(),
    }
