"""Faults between ledgers and the documents that speak of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from evalkit.definitions.crosswalk import UNDECIDED, Crosswalk
from evalkit.definitions.evaluation import EvaluationOrder, ResponseFile
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
    for field in ("group", "variant", "codebook", "mode"):
        if getattr(entry, field) is not None:
            yield Fault(
                (*steps, field),
                "not_of_a_ledger",
                "这一项只对答卷文件有意义，这个文件是台账的记录",
                expected="不写",
                found=str(getattr(entry, field)),
                remedy="删去这一项",
            )


def group_faults(steps: Steps, group: RaterGroup, ledgers: Ledgers) -> Iterator[Fault]:
    """Yield a group that speaks through a ledger that is not there."""
    yield from unknown_ledger((*steps, "ledger"), group.ledger, ledgers)


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
    """Yield waves with files in which a group that speaks through a ledger has no records."""
    for at, wave in enumerate(order.waves):
        present = {entry.ledger for entry in wave.files}
        for group in scheme.groups:
            if wave.files and group.ledger in ledgers and group.ledger not in present:
                yield Fault(
                    ("waves", at, "files"),
                    "ledger_without_file",
                    f"批次 {wave.id} 没有台账 {group.ledger} 的文件，主体“{group.name}”无从说话",
                    expected=f"至少一个文件写 ledger: {group.ledger}",
                    found="没有",
                    remedy="补上文件；或从方案中删去该主体，台账就只作参考",
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
