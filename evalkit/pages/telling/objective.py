"""What records say, as diagnosis and street report tell it: one reading of frame ``objective``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evalkit.codes import Comparison
from evalkit.definitions.ledger import Ledger, LedgerMeasure
from evalkit.methods.banding import BAND_EDGES
from evalkit.pages.press import wording as say
from evalkit.pages.telling import facts as known
from evalkit.pages.telling.facts import MARKS, Row
from evalkit.tables import ALL_GROUPS, Evaluation

STREET = ALL_GROUPS

UNTOLD = "“—”：没有记录或记录太少，不公布；由别的数减得出少数记录的，也不公布。"
"""Why a number is not there."""


MOST = 10
"""Measures in one table; of more, those that are context are told in a sentence below it."""
SEVERAL = 3
"""Ledgers told one by one; of more, those that count for nothing are told by their number."""

USUAL = "“通常的范围”是各处之间一般的高低，加上记录少带来的偶然"
"""What measures are held against."""

PERCENT = ("share", "coverage")
"""Measures that are told in per cent."""


def rows(evaluation: Evaluation, subject: str) -> list[Row]:
    """Return the measures of a subject, or of the street, in the ledgers' order."""
    table = evaluation.objective
    return known.records(table[table["subject"] == subject])


def in_table(evaluation: Evaluation, own: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Split measures into those of the table and, where there are many, context told below it."""
    context = [row for row in own if not measure_of(evaluation, row)[1].scored]
    if len(own) <= MOST or len(context) == len(own):
        return list(own), []
    return [row for row in own if row not in context], context


def beside(evaluation: Evaluation, context: Sequence[Row]) -> list[str]:
    """Say what is context, and where that is surely more or less than the street's."""
    if not context:
        return []
    sure = [
        f"{measure_of(evaluation, row)[1].name} {number(evaluation, row)}（{verdict(row)}）"
        for row in context
        if Comparison(str(row["band"])) in known.SURE and not say.missing(row["estimate"])
    ]
    told = f"，其中{'，'.join(sure)}" if sure else ""
    return [
        f"另有 {len(context)} 项是数量，不分好坏{told}：登记得勤，条数就多；见 results.xlsx 的“客观指标”表。"
    ]


def measure_of(evaluation: Evaluation, row: Row) -> tuple[Ledger, LedgerMeasure]:
    """Return the ledger and the measure that a row is about."""
    ledger = evaluation.decided.ledgers[str(row["ledger"])]
    return ledger, ledger.measure(str(row["measure"]))


def number(evaluation: Evaluation, row: Row, column: str = "estimate") -> str:
    """Write a measure in its own unit."""
    measure = measure_of(evaluation, row)[1]
    text = say.fixed(row[column])
    return f"{text}%" if measure.how in PERCENT and text != say.MISSING else text


def reach(evaluation: Evaluation, row: Row, low: str = "low", high: str = "high") -> str:
    """Write both ends of an interval in the measure's unit."""
    measure = measure_of(evaluation, row)[1]
    text = say.interval(row[low], row[high])
    return f"{text}%" if measure.how in PERCENT and text != say.MISSING else text


def records(row: Row) -> str:
    """Write how many records are behind a number."""
    return say.MISSING if say.missing(row["denominator"]) else f"{float(row['denominator']):,.0f}"


def verdict(row: Row) -> str:
    """Write how a measure compares with the street's; nothing where it is not published."""
    return MARKS[Comparison(str(row["band"]))]


def leaning(row: Row) -> str:
    """Say to which side a measure is beyond the usual where that is not sure; else nothing.

    Beyond the usual is what one committee alone would be told for; over many of them and many
    measures some are by chance.
    """
    z = row["z"]
    if Comparison(str(row["band"])) in known.SURE or say.missing(z):
        return ""
    return "" if abs(float(z)) <= BAND_EDGES[0] else "偏高" if float(z) > 0 else "偏低"


def named(evaluation: Evaluation, row: Row) -> str:
    """Name a measure, with the unit where it is no percentage."""
    measure = measure_of(evaluation, row)[1]
    ledger = measure_of(evaluation, row)[0]
    own = "户" if measure.per_unit == "households" else "人"
    each = own if measure.exposure is None else f"{ledger.column(measure.exposure).headers[0]}"
    unit = {
        "rate": f"（每 {measure.per:g} {each}）" if measure.per != 1 else "",
        "score": "（分）",
        "curve": "（分）",
    }.get(measure.how, "")
    context = "" if measure.scored else "（只作参考）"
    return f"{measure.name}{unit}{context}"


def speaking(evaluation: Evaluation, ledger: str) -> str:
    """Say what weight a ledger has in the score."""
    groups = [g for g in evaluation.scheme.groups if g.ledger == ledger]
    title = evaluation.decided.ledgers[ledger].title
    if not groups:
        return f"《{title}》不计分，只作参考"
    weight = sum(group.weight for group in groups)
    return f"《{title}》在总分中占 {weight:g}%"


def unsaid(evaluation: Evaluation, own: Sequence[Row], *, brief: bool = False) -> list[str]:
    """Say what these numbers do not say; in brief where there are many and another paper says it.

    What the usual spread is, committees' papers say alone: the street's speak of no such range.
    """
    ledgers = dict.fromkeys(str(row["ledger"]) for row in own)
    found = [f"{_weights(evaluation, list(ledgers))}。"]
    usual = "" if any(row.get("subject") == STREET for row in own) else f"；{USUAL}"
    measures = [measure_of(evaluation, row)[1] for row in own]
    if brief:
        return [*found, f"记录只说明登记在册的事{usual}。"]
    if any(measure.clock is not None for measure in measures):
        found.append("按时率以本期到期的为分母：到期没有办结的算不按时，还没有到期的不算。")
    shown = in_table(evaluation, own)[0]
    found += _rates(evaluation, shown)
    near = [measure_of(evaluation, row) for row in shown]
    found += [nearness(*one) for one in near if one[1].how == "coverage"]
    found.append(f"记录只说明登记在册的事；没有人反映、没有登记的事不在其中{usual}。")
    return found


def _weights(evaluation: Evaluation, ledgers: Sequence[str]) -> str:
    """Say what weight ledgers have in the score; of many that have none, how many they are."""
    scored = [name for name in ledgers if name in evaluation.scheme.ledgers]
    rest = len(ledgers) - len(scored)
    if rest <= SEVERAL:
        return "；".join(speaking(evaluation, ledger) for ledger in ledgers)
    told = "；".join(speaking(evaluation, ledger) for ledger in scored)
    if not told:
        return f"{rest} 份台账都不计分，只作参考"
    return f"{told}；其余 {rest} 份台账不计分，只作参考"


def _rates(evaluation: Evaluation, own: Sequence[Row]) -> Iterator[str]:
    """Say how rates are to be read: context, scored for a reason, or sums of amounts."""
    context: list[str] = []
    amounts: list[str] = []
    for row in own:
        ledger, measure = measure_of(evaluation, row)
        if measure.how != "rate":
            continue
        amount = ledger.adds_amounts(measure)
        if amount:
            amounts.append(say.quoted(measure.name))
        if measure.scored:
            yield f"{say.quoted(measure.name)}按多少计分，台账写明的理由：{measure.reason.rstrip('。')}。"
        elif not amount:
            context.append(say.quoted(measure.name))
    if context:
        yield f"{say.joined(context, SEVERAL)}只作参考：各处居民愿不愿意反映、登记差别很大，件数多少不等于工作好坏。"
    if amounts:
        yield f"{'、'.join(amounts)}由各条记录的数额相加，不是件数，没有误差范围，也不作检验。"


def nearness(ledger: Ledger, measure: LedgerMeasure) -> str:
    """Say what a coverage is of, and what its two ends are."""
    name = say.quoted(measure.name)
    what = f"{'、'.join(measure.reached) or '面积'}的占比"
    # The column of records would be read as this committee's own.
    counted = f"它的记录数是全部{ledger.noun}的个数。" if measure.covers_area else ""
    straight = f"按直线 {measure.radius:g} 米以内算"
    if measure.detour == 1:
        return f"{name}是{what}，{straight}；路要绕行，实际走得到的更少。{counted}"
    return (
        f"{name}是{what}：{straight}，是上界；按路程是直线的 {measure.detour:g} 倍算（假定），是下界；"
        f"结果取中间，误差范围就是这两头，不是抽样误差。{counted}"
    )


def silences(evaluation: Evaluation, own: Sequence[Row]) -> list[str]:
    """Say how far those who did not rate could move ratings; of several in one sentence."""
    told = [text for row in own if (text := silence(evaluation, row))]
    if len(told) <= 1:
        return [f"{text}。" for text in told]
    each = [
        f"{measure_of(evaluation, row)[1].name} {reach(evaluation, row, 'bound_low', 'bound_high')}"
        for row in own
        if silence(evaluation, row)
    ]
    return [f"有人没有作答的，把没有作答的全算最差到全算最好，结果在：{'，'.join(each)}。"]


def silence(evaluation: Evaluation, row: Row) -> str:
    """Say how far those who did not rate could move a rating; nothing where all rated."""
    if say.missing(row["bound_low"]) or say.missing(row["denominator"]):
        return ""
    if float(row["bound_high"]) - float(row["bound_low"]) < 0.05:
        return ""
    name = measure_of(evaluation, row)[1].name
    bounds = reach(evaluation, row, "bound_low", "bound_high")
    return f"{say.quoted(name)}有人没有作答：把没有作答的全算最差或全算最好，结果在 {bounds} 之间"
