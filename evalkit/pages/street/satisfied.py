"""How satisfied residents are: question by question, and by what they say of themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.codes import Comparison
from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section
from evalkit.pages.telling import satisfaction
from evalkit.pages.telling.facts import ARROWS, Row
from evalkit.tables import OVERALL, Evaluation

ENDS = 3
"""Questions named at either end."""

AGAINST = {Comparison.ABOVE: "▲ 明显高于全体", Comparison.BELOW: "▼ 明显低于全体"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Satisfied(Section):
    """Shares of satisfied residents by question and by kind of resident."""

    template = "street/satisfied.html.j2"
    rows: Sequence[Mapping[str, object]]
    kinds: Sequence[tuple[str, Sequence[Mapping[str, object]]]]
    compared: bool
    apart: bool
    judged: bool
    last: str
    acceptable: str
    meaning: str


def section(evaluation: Evaluation) -> Satisfied | None:
    """Plan the questions and the kinds of residents; None where nothing may be told."""
    rows = satisfaction.rows(evaluation)
    if not rows:
        return None
    kinds = [(text, [_kind(row) for row in own]) for text, own in satisfaction.kinds(evaluation)]
    previous, told = evaluation.previous, [_row(evaluation, row) for row in rows]
    return Satisfied(
        title="居民满意率",
        takeaway=takeaway(evaluation),
        rows=told,
        kinds=kinds,
        apart=any(row["apart"] for row in told),
        judged=any(row["verdict"] for _, own in kinds for row in own),
        compared=any(not say.missing(row["change"]) for row in rows),
        last="" if previous is None else evaluation.order.wave_name(previous.scores.wave),
        acceptable=satisfaction.options(evaluation, evaluation.scheme.acceptable_from),
        meaning=satisfaction.meaning(evaluation),
    )


def takeaway(evaluation: Evaluation) -> str:
    """Name the questions with the largest and the smallest shares: a description, no test."""
    high, low = satisfaction.ends(evaluation, ENDS)
    if high:
        first, last = (
            "、".join(satisfaction.told(evaluation, r) for r in end) for end in (high, low)
        )
        return f"满意率最高的是{first}；最低的是{last}。"
    rows = satisfaction.rows(evaluation)
    own = [row for row in rows if row["role"] != OVERALL]
    if len(own) > 1:
        return f"各题的满意率都是 {satisfaction.share(own[0])}。"
    only = rows[0]
    return f"{say.unpunctuated(satisfaction.label(evaluation, only))}：满意率 {satisfaction.share(only)}。"


def _row(evaluation: Evaluation, row: Row) -> dict[str, object]:
    return {
        "name": satisfaction.label(evaluation, row),
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
