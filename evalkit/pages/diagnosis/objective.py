"""What records say of this committee, beside what people answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.codes import Comparison
from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import objective
from evalkit.pages.telling.facts import Facts, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective(Section):
    """Measures with their intervals beside the street's, and what they do not say."""

    template = "diagnosis/objective.html.j2"
    rows: Sequence[Mapping[str, str]]
    remarks: Sequence[str]


def section(facts: Facts) -> Objective | None:
    """Plan the section; None where there is no ledger."""
    evaluation = facts.evaluation
    own = objective.rows(evaluation, facts.subject.id)
    if not own:
        return None
    street = {
        (row["ledger"], row["measure"]): row for row in objective.rows(evaluation, objective.STREET)
    }
    shown, context = objective.in_table(evaluation, own)
    if context:
        return _brief(facts, own, shown, context, street)
    remarks = objective.silences(evaluation, own)
    if any(say.missing(row["estimate"]) and not row["filled"] for row in own):
        remarks.append(objective.UNTOLD)
    if any(row["filled"] for row in own):
        word = facts.street_word
        remarks.append(
            f"没有记录的项，计分时按{word}平均水平计，误差相应放宽；不是 0 分，也不是满分。"
        )
    return Objective(
        title="客观指标：记录怎么说",
        takeaway=_takeaway(facts, own),
        rows=[
            {
                "name": objective.named(evaluation, row),
                "records": "没有记录" if row["filled"] else objective.records(row),
                "number": objective.number(evaluation, row),
                "interval": objective.reach(evaluation, row),
                "street": objective.number(evaluation, street[row["ledger"], row["measure"]]),
                "verdict": "" if say.missing(row["estimate"]) else objective.verdict(row),
            }
            for row in shown
        ],
        remarks=[
            *remarks,
            *objective.unsaid(evaluation, own),
        ],
    )


def _brief(
    facts: Facts,
    own: Sequence[Row],
    shown: Sequence[Row],
    context: Sequence[Row],
    street: Mapping[tuple[object, object], Row],
) -> Objective:
    """Plan the section in sentences, where a table would take a sheet of its own."""
    evaluation, told = facts.evaluation, []
    for row in shown:
        whole = objective.number(evaluation, street[row["ledger"], row["measure"]])
        reach = objective.reach(evaluation, row)
        told.append(
            f"{row['name']} {objective.number(evaluation, row)}"
            f"（{reach}，{facts.street_word} {whole}）"
        )
    found = [f"{'，'.join(told)}。括号里是误差范围和平均。"]
    if any(say.missing(row["estimate"]) for row in shown):
        found.append(objective.UNTOLD)
    return Objective(
        title="客观指标：记录怎么说",
        takeaway=_takeaway(facts, shown),
        rows=[],
        remarks=[
            *found,
            *objective.beside(evaluation, context),
            *objective.unsaid(evaluation, own, brief=True),
        ],
    )


def _takeaway(facts: Facts, own: Sequence[Row]) -> str:
    """Say what is surely high or low, what is beyond the usual but not surely, and how many are not."""
    told = [row for row in own if not say.missing(row["estimate"])]
    if not told:
        return f"本{facts.word}没有可以公布的结果：没有记录，或记录太少。"
    tested = [row for row in told if row["band"] != Comparison.UNTESTED]
    if not tested:
        return f"{len(told)} 项只列出结果，没有与{facts.street_word}平均作检验。"
    parts = []
    for band, word in ((Comparison.ABOVE, "明显高于"), (Comparison.BELOW, "明显低于")):
        names = [str(row["name"]) for row in told if row["band"] == band]
        if names:
            parts.append(f"{'、'.join(names)}{word}{facts.street_word}平均")
    leaning = [f"{row['name']}{side}" for row in tested if (side := objective.leaning(row))]
    if leaning:
        parts.append(f"{'、'.join(leaning)}，出了通常的范围，是不是偶然还断不定，先核实")
    rest = len(tested) - sum(row["band"] in known.SURE for row in tested) - len(leaning)
    if not parts:
        return f"{len(tested)} 项都在通常的范围之内。"
    return f"{'；'.join(parts)}" + (f"；其余 {rest} 项在通常的范围之内。" if rest else "。")
