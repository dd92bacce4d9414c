"""How orders go from state to state, and how long that takes: clocks and flows of the whole street."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import loops as told
from evalkit.pages.telling import objective
from evalkit.pages.telling.facts import Row
from evalkit.tables import Evaluation

MOST = 6
"""Flows that the page shows; all stand in the workbook."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loops(Section):
    """Clocks with what is still open, and the flows from state to state."""

    template = "street/loops.html.j2"
    clocks: Sequence[Mapping[str, str]]
    flows: Sequence[Mapping[str, str]]
    remarks: Sequence[str]


def section(evaluation: Evaluation) -> Loops | None:
    """Plan the section; None where no clock and no flow can be told."""
    table = evaluation.clocks
    clocks = [
        row
        for row in known.records(table[table["subject"] == objective.STREET])
        if not say.missing(row["n"])
    ]
    flows, more = _shown(evaluation)
    if not clocks and not flows:
        return None
    return Loops(
        title="办理过程",
        takeaway=_takeaway(clocks, flows),
        clocks=[_of_clock(row) for row in clocks],
        flows=[_of_flow(row, _whose(evaluation, flows, row)) for row in flows],
        remarks=list(_remarks(evaluation, clocks, flows, more)),
    )


def _shown(evaluation: Evaluation) -> tuple[list[Row], int]:
    """Return the flows of which most is told, in the loop's order, and how many more there are.

    That records stay in the last state of a loop goes without saying.
    """
    rows = [row for row in known.records(evaluation.flows) if not say.missing(row["n"])]
    last = {
        name: ledger.states[-1].name
        for name, ledger in evaluation.decided.ledgers.items()
        if ledger.states
    }
    rows = [r for r in rows if r["to_state"] or last.get(str(r["ledger"])) != r["from_state"]]
    order = sorted(range(len(rows)), key=lambda at: (-int(rows[at]["n"]), at))
    return [rows[at] for at in sorted(order[:MOST])], max(len(rows) - MOST, 0)


def _takeaway(clocks: Sequence[Row], flows: Sequence[Row]) -> str:
    timed = [row for row in flows if not say.missing(row["median_hours"])]
    if timed:
        slow = max(timed, key=lambda row: float(row["median_hours"]))
        return (
            f"最慢的一步是“{slow['from_state']}”到“{slow['to_state']}”："
            f"走完这一步的，一半在 {told.lasting(slow['median_hours'])}以内，一半更久。"
        )
    for row in clocks:
        if not say.missing(row["done"]):
            return (
                f"{say.quoted(str(row['name']))}：本期开始的 {int(row['n']):,} 条，"
                f"估计 {say.fixed(row['done'])}% 在限期内做到。"
            )
        if not say.missing(row["median"]):
            half = told.within(row, "median", "")
            return f"{say.quoted(str(row['name']))}：本期开始的 {int(row['n']):,} 条，一半在 {half}做到。"
    return "记录太少，还看不出快慢。"


def _of_clock(row: Row) -> dict[str, str]:
    done = say.fixed(row["done"])
    reach = say.interval(row["done_low"], row["done_high"])
    return {
        "name": str(row["name"]),
        "limit": told.limit(row),
        "n": f"{int(row['n']):,}",
        "open": f"{int(row['censored']):,}",
        "done": done if done == say.MISSING else f"{done}%",
        "interval": reach if reach == say.MISSING else f"{reach}%",
        "half": told.within(row, "median", "还没有一半"),
        "most": told.within(row, "p90", "还没有九成"),
    }


def _whose(evaluation: Evaluation, flows: Sequence[Row], row: Row) -> str:
    """Say of which ledger a flow is, where there are several."""
    several = len({str(one["ledger"]) for one in flows}) > 1
    return f"《{evaluation.decided.ledgers[str(row['ledger'])].title}》" if several else ""


def _of_flow(row: Row, whose: str) -> dict[str, str]:
    return {
        "step": f"{whose}{told.step(row)}",
        "n": f"{int(row['n']):,}",
        "share": say.percent(row["share"]),
        "half": told.lasting(row["median_hours"]),
        "slow": told.lasting(row["q3_hours"]),
    }


def _remarks(
    evaluation: Evaluation, clocks: Sequence[Row], flows: Sequence[Row], more: int
) -> Iterator[str]:
    """Say how the numbers are to be read, and what is not shown."""
    if clocks:
        yield (
            "“限期内做到”和用时按本期开始的记录算；期末还没有做到的，按已经等了多久计入"
            "，所以比只数做完了的要慢，也更接近实情。"
        )
    if any(say.missing(row["limit"]) for row in clocks):
        yield "各有截止时间的，按时率见“客观指标”。"
    if flows:
        yield "占比是占到过前一环节的全部记录；用时只算走到了下一环节的，昼夜、节假日都计。"
    if more:
        yield f"另有 {more} 种较少的流转，见 results.xlsx 的“流转”表。"
    if evaluation.flows["n"].isna().any():
        yield "条数太少的，以及与它并列、由占比能推出它的，不列。"
