"""What records say of the whole street: measures, who stands out, and what became of the rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from evalkit.codes import Comparison
from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section
from evalkit.pages.telling import objective
from evalkit.tables import Evaluation

UNTESTED = Comparison.UNTESTED.value

NAMED = 6
"""Committees named in one cell; of more only the number is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective(Section):
    """The street's measures with their intervals and who is surely above or below."""

    template = "street/objective.html.j2"
    rows: Sequence[Mapping[str, str]]
    remarks: Sequence[str]


def section(evaluation: Evaluation) -> Objective | None:
    """Plan the section; None where there is no ledger."""
    own = objective.rows(evaluation, objective.STREET)
    if not own:
        return None
    names = {subject.id: subject.name for subject in evaluation.roster.subjects}
    table = evaluation.objective

    def standing_out(row: Mapping[str, object], band: Comparison) -> str:
        every = table[(table["ledger"] == row["ledger"]) & (table["measure"] == row["measure"])]
        if (every["band"] == Comparison.UNTESTED.value).all():
            return UNTESTED
        mine = every[(every["band"] == band.value) & every["estimate"].notna()]
        found = [names[str(subject)] for subject in mine["subject"] if str(subject) in names]
        return say.joined(found, NAMED) if found else "没有"

    shown, context = objective.in_table(evaluation, own)
    rows = [
        {
            "name": objective.named(evaluation, row),
            "records": objective.records(row),
            "number": objective.number(evaluation, row),
            "interval": objective.reach(evaluation, row),
            "above": standing_out(row, Comparison.ABOVE),
            "below": standing_out(row, Comparison.BELOW),
        }
        for row in shown
    ]
    tested = [row for row in rows if row["above"] != UNTESTED]
    apart = sum(row["above"] != "没有" or row["below"] != "没有" for row in tested)
    word = evaluation.order.subject_word
    return Objective(
        title="客观指标",
        takeaway=(
            f"{len(rows)} 项由记录算出的指标只列出结果，没有作检验。"
            if not tested
            else f"{len(tested)} 项由记录算出的指标中，{apart} 项能看出有{word}明显高于或低于平均。"
            if apart
            else f"{len(tested)} 项由记录算出的指标，都还看不出哪个{word}明显高于或低于平均。"
        ),
        rows=rows,
        remarks=[
            *objective.beside(evaluation, context),
            *([objective.UNTOLD] if any(say.missing(row["estimate"]) for row in shown) else []),
            *_books(evaluation),
            *objective.silences(evaluation, own),
            *objective.unsaid(evaluation, own, brief=bool(context)),
        ],
    )


def _books(evaluation: Evaluation) -> Iterator[str]:
    """Say what became of the rows of every ledger's files of this wave."""
    own = evaluation.ledgers[evaluation.ledgers["wave"] == evaluation.wave]
    if own["ledger"].nunique() > objective.SEVERAL:
        total = own[["read", "kept", "excluded", "duplicates", "rejected"]].sum()
        yield (
            f"{own['ledger'].nunique()} 份台账共读入 {total['read']:,} 行，计入 {total['kept']:,}，"
            f"不计 {total['excluded']:,}，重复 {total['duplicates']:,}，剔除 {total['rejected']:,}；"
            "每份各多少，见 results.xlsx 的“台账收录”表。"
        )
        return
    for ledger, part in own.groupby("ledger", sort=False):
        title = evaluation.decided.ledgers[str(ledger)].title
        total = part[["read", "kept", "excluded", "duplicates", "rejected"]].sum()
        text = (
            f"《{title}》读入 {total['read']:,} 行，计入 {total['kept']:,}，"
            f"写明不计或不在本期 {total['excluded']:,}，重复 {total['duplicates']:,}，"
            f"剔除 {total['rejected']:,}"
        )
        nobody = int(part["unattributed"].sum())
        yield text + (f"（其中没有写明由谁办理的 {nobody:,}）。" if nobody else "。")
