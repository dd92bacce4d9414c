"""Slides of numbers between their ends: everybody in three groups, and who moved most."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from evalkit.codes import ChangeVerdict
from evalkit.pages.press import wording as say
from evalkit.pages.press.deck import Floats, Reach, Slide
from evalkit.pages.press.section import Section
from evalkit.pages.street.league import Groups
from evalkit.pages.street.movers import Movers
from evalkit.pages.telling.facts import records
from evalkit.tables import Evaluation

HIGH, LEVEL, LOW = "155A8A", "A9B4BF", "B3541E"
GROUPS = {1: HIGH, 0: LEVEL, -1: LOW}
MOVES = {ChangeVerdict.RISEN.value: HIGH, ChangeVerdict.FALLEN.value: LOW}


def standings(evaluation: Evaluation, sections: Sequence[Section]) -> Iterator[Slide]:
    """Show every committee's score between its ends, in the colour of its group."""
    section = next((one for one in sections if isinstance(one, Groups)), None)
    if section is None or section.chart is None:
        return
    words = section.chart.options["words"]
    reaches = [
        Reach(
            f"{row['name']}　{say.fixed(row['score'])}",
            say.coarse(row["low"]),
            say.coarse(row["score"]),
            say.coarse(row["high"]),
            GROUPS[int(row["standing"])],
        )
        for row in records(
            section.chart.frame.sort_values("standing", ascending=False, kind="stable")
        )
    ]
    mean = say.coarse(section.chart.options["mean"])
    above = sum(reach.colour == HIGH for reach in reaches)
    name = f"{section.chart.options['street']}　{say.fixed(mean)}"
    reaches.insert(above, Reach(name, mean, mean, mean, LEVEL))
    yield Slide(
        title=section.takeaway,
        body=Floats(reaches, list(zip(words, GROUPS.values(), strict=True)), axis(reaches, 5)),
        below=_below(evaluation, section),
        notes=[section.takeaway, "同一组里按名册的顺序列，不分先后。", *section.lines],
    )


def movers(evaluation: Evaluation, sections: Sequence[Section]) -> Iterator[Slide]:
    """Show the largest changes against the street's mean between their ends."""
    section = next((one for one in sections if isinstance(one, Movers)), None)
    if section is None or section.chart is None:
        return
    reaches = [
        Reach(
            f"{row['name']}　{say.signed(row['change'])}",
            say.coarse(row["low"]),
            say.coarse(row["change"]),
            say.coarse(row["high"]),
            MOVES.get(str(row["verdict"]), LEVEL),
        )
        for row in records(section.chart.frame)
    ]
    street = evaluation.order.street_word
    legend = (
        (f"相对{street}平均明显上升", HIGH), ("尚看不出变化", LEVEL), (f"相对{street}平均明显下降", LOW),
    )  # fmt: skip
    yield Slide(
        title=section.takeaway,
        body=Floats(reaches, legend, axis(reaches, 5)),
        below=_below(evaluation, section),
        notes=[section.takeaway, section.caption],
    )


def _below(evaluation: Evaluation, section: Section) -> str:
    street = evaluation.order.street_word
    return f"深色短线为得分或变化，色条为误差范围；来源：{street}报告“{section.title}”"


def axis(reaches: Iterable[Reach], step: float) -> tuple[float, float]:
    """Return the ends of a scale that holds everything and steps evenly."""
    rows = list(reaches)
    low, high = min(row.low for row in rows), max(row.high for row in rows)
    return step * math.floor(low / step), step * math.ceil(high / step)
