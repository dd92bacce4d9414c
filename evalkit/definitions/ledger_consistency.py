"""Faults between ledgers and the documents that speak of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from evalkit import assets
from evalkit.definitions.crosswalk import UNDECIDED, Crosswalk
from evalkit.definitions.evaluation import EvaluationOrder, ResponseFile, Wave
from evalkit.definitions.faults import Fault
from evalkit.definitions.ledger import Ledger
from evalkit.definitions.places import Steps
from evalkit.definitions.raters import RaterGroup
from evalkit.definitions.scheme import Scheme

Ledgers = Mapping[str, Ledger]


def unknown_ledger(steps: Steps, ledger: str | None, ledgers: Ledgers) -> Iterator[Fault]:
    """Yield a ledger that is not there."""
    if ledger is not None and ledger not in ledgers:
        yield Fault(
            steps,
            "unknown_ledger",
            "没有这份台账",
            expected="、".join(ledgers) or "（没有任何台账）",
            found=ledger,
            remedy="改正台账代码，或把台账放进 ledgers/",
        )


def file_faults(steps: Steps, entry: ResponseFile, ledgers: Ledgers) -> Iterator[Fault]:
    """Yield what is wrong with a file of records: an unknown ledger, what only answers have."""
    yield from unknown_ledger((*steps, "ledger"), entry.ledger, ledgers)
    for field in ("group", "variant", "codebook", "separator", "long", "mode"):
        if getattr(entry, field) is not None:
            yield Fault(
                (*steps, field),
                "not_of_a_ledger",
                "这一项只对答卷文件有意义，这个文件是台账的记录",
                expected="不写",
                found="写了" if field == "long" else str(getattr(entry, field)),
                remedy="删去这一项",
            )


def group_faults(steps: Steps, group: RaterGroup, ledgers: Ledgers) -> Iterator[Fault]:
    """Yield a group that speaks through a ledger that is not there, or tells fewer records than it."""
    yield from unknown_ledger((*steps, "ledger"), group.ledger, ledgers)
    ledger = ledgers.get(group.ledger or "")
    if ledger is not None and group.minimum_n < ledger.minimum_n:
        yield Fault(
            (*steps, "minimum_n"),
            "minimum_below_ledger",
            f"主体“{group.name}”的最少份数低于台账 {ledger.id} 的最少条数：台账不公布的，由得分就能算出",
            expected=f"不低于 {ledger.minimum_n}",
            found=str(group.minimum_n),
            remedy="改大 minimum_n，或改小台账的 minimum_n",
        )


def measure_faults(steps: Steps, code: str, ledger: Ledger) -> Iterator[Fault]:
    """Yield a measure of an indicator that the ledger does not have, or that is context only."""
    scored = [measure.code for measure in ledger.scored]
    if code not in scored:
        known = code in {measure.code for measure in ledger.measures}
        yield Fault(
            steps,
            "unknown_measure",
            f"台账 {ledger.id} 的这个度量只作参考，不计分"
            if known
            else f"台账 {ledger.id} 没有这个度量",
            expected="、".join(scored) or "（台账没有计分的度量）",
            found=code,
            remedy="改正度量代码，或在台账中补上、改为 scored: true",
        )


def order_faults(order: EvaluationOrder, scheme: Scheme, ledgers: Ledgers) -> Iterator[Fault]:
    """Yield waves that do not fit the ledgers that speak in them, or are read for them.

    A group without records where others speak; questionnaires issued to a group that fills in none;
    records that are sorted by time into a wave that says nothing of when it was.
    """
    for at, wave in enumerate(order.waves):
        for code in wave.issued:
            if any(group.code == code and group.ledger is not None for group in scheme.groups):
                yield Fault(
                    ("waves", at, "issued", code),
                    "not_of_a_ledger",
                    f"主体 {code} 由台账说话，没有问卷可发",
                    expected="不写",
                    found=str(wave.issued[code]),
                    remedy="删去这一项",
                )
        yield from _undated(("waves", at), wave, ledgers)
        present = {entry.ledger for entry in wave.files}
        for group in scheme.groups:
            speaking = wave.speaking(scheme.ledgers)
            if speaking and group.ledger in ledgers and group.ledger not in present:
                yield Fault(
                    ("waves", at, "files"),
                    "ledger_without_file",
                    f"批次 {wave.id} 没有台账 {group.ledger} 的文件，主体“{group.name}”无从说话",
                    expected=f"至少一个文件写 ledger: {group.ledger}",
                    found="没有",
                    remedy="补上文件；或从方案中删去该主体，台账就只作参考",
                )


def _undated(steps: Steps, wave: Wave, ledgers: Ledgers) -> Iterator[Fault]:
    """Yield a wave without its days, into which records are sorted by time: it would take all."""
    if None not in wave.recorded:
        return
    for name in dict.fromkeys(entry.ledger for entry in wave.files):
        ledger = ledgers.get(name or "")
        if ledger is not None and ledger.wave_by is not None:
            yield Fault(
                steps,
                "wave_without_dates",
                f"台账 {name} 按 {ledger.wave_by} 列的时间归批，批次 {wave.id} 没有写明起止，分不出哪些记录是它的",
                expected="start 和 end",
                found="没有写全",
                remedy="写明批次的 start 和 end；文件里的记录都算这一批的，从台账删去 wave_by",
                needs=((*steps, "start"), (*steps, "end")),
            )


def id_faults(ledger: Ledger, questionnaires: Mapping[str, object]) -> Iterator[Fault]:
    """Yield a ledger with the id of a questionnaire: indicators could not tell them apart."""
    if ledger.id in questionnaires:
        yield Fault(
            ("id",),
            "duplicate_id",
            "台账与一份问卷的 id 相同",
            expected="各不相同",
            found=ledger.id,
            remedy="改其中一份的 id",
        )


def beside_faults(ledger: Ledger, scheme: Scheme) -> Iterator[Fault]:
    """Yield measures that stand beside an indicator that the scheme does not have."""
    known = [indicator.code for indicator in scheme.indicators]
    for at, measure in enumerate(ledger.measures):
        for place, code in enumerate(measure.beside):
            if code not in known:
                yield Fault(
                    ("measures", at, "beside", place),
                    "unknown_indicator",
                    "方案里没有这个指标",
                    expected="、".join(known),
                    found=code,
                    remedy="改正指标代码，或删去对照指标",
                )


def target_faults(ledger: Ledger, ledgers: Ledgers) -> Iterator[Fault]:
    """Yield columns that point to a ledger that is not there, or that no single column names.

    A shipped ledger is known, whether this evaluation has a file of it or not.
    """
    shipped = assets.ledgers()
    for at, column in enumerate(ledger.columns):
        for place, name in enumerate(column.points_to):
            steps: Steps = ("columns", at, "points_to", place)
            if name not in shipped:
                yield from unknown_ledger(steps, name, ledgers)
            key = ledgers[name].key if name in ledgers else [name]
            if len(key) != 1:
                yield Fault(
                    steps,
                    "ledger_incomplete",
                    f"台账 {name} 的记录不由一列编号认出，指不到它",
                    expected="指向的台账的 key 正好一列",
                    found="、".join(key) or "没有 key",
                    remedy="给那份台账写一列编号作 key，或删去 points_to",
                )


def crosswalk_faults(crosswalk: Crosswalk, ledgers: Ledgers) -> Iterator[Fault]:
    """Yield columns and values that a crosswalk maps to what its ledger does not have."""
    yield from unknown_ledger(("ledger",), crosswalk.ledger, ledgers)
    ledger = ledgers.get(crosswalk.ledger or "")
    if ledger is None:
        return
    codes = [column.code for column in ledger.columns]
    for at, mapping in enumerate(crosswalk.columns):
        if mapping.item not in (None, UNDECIDED, *codes):
            yield _unknown(("columns", at, "item"), str(mapping.item), codes)
    for column, values in crosswalk.values.items():
        if column not in codes:
            yield _unknown(("values", column), column, codes)
            continue
        known = list(ledger.values.get(column, {}))
        for text, meant in values.items():
            if meant not in (None, UNDECIDED, *known):
                yield _unknown(("values", column, text), str(meant), known)


def _unknown(steps: Steps, found: str, known: list[str]) -> Fault:
    return Fault(
        steps,
        "unknown_in_ledger",
        "台账里没有对照表所指的列或取值",
        expected="、".join(known) or "（没有）",
        found=found,
        remedy="改正；不导入的列、没有评价的取值留空",
    )
