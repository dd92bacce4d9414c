"""Faults between claims and the documents that they are worked out from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from evalkit.definitions.calendar import untold, working_days
from evalkit.definitions.claim_faults import incomplete
from evalkit.definitions.claims import Claims, Term
from evalkit.definitions.consistency import Origin
from evalkit.definitions.evaluation import EvaluationOrder, Wave
from evalkit.definitions.faults import Fault
from evalkit.definitions.ledger import Ledger
from evalkit.definitions.ledger_consistency import unknown_ledger
from evalkit.definitions.places import Steps
from evalkit.definitions.roster import Roster
from evalkit.definitions.units import Units
from evalkit.definitions.validating import locate
from evalkit.errors import Problem, Problems

MEASURED = ("share", "score", "rate")
"""Measures of which the street has one number that is made of its records alone."""


def check_claims(
    claims: Claims,
    order: EvaluationOrder,
    ledgers: Mapping[str, Ledger] | None,
    roster: Roster | None,
    problems: Problems,
    origin: Origin,
) -> None:
    """Collect ledgers, columns, values, waves, people and years that claims need and nothing has.

    Nothing is said of ledgers where not all could be read (`ledgers` is None).
    """
    known = _Known(order, ledgers, roster)
    faults = [
        fault
        for at, claim in enumerate(claims.claims)
        for place, term in enumerate(claim.terms)
        for fault in known.faults(("claims", at, "terms", place), term)
    ]
    data = claims.model_dump(mode="json") if faults else None
    for fault in faults:
        locate(fault, origin.name, data, origin.places, problems)
    problems.extend(unknown_days(claims, order))


def unknown_days(claims: Claims, order: EvaluationOrder) -> list[Problem]:
    """Return a problem for every year whose working days a claim counts and nobody told."""
    counted = [term for claim in claims.claims for term in claim.terms if term.workdays]
    ends = [(term.since, term.until) for term in counted]
    years = {
        year
        for since, until in ends
        if since is not None and until is not None
        for year in range(since.year, until.year + 1)
    }
    unknown = sorted(years - working_days(order.calendar).years)
    return untold(order.calendar, unknown, "公布数的工作日")


@dataclass(frozen=True, slots=True)
class _Known:
    order: EvaluationOrder
    ledgers: Mapping[str, Ledger] | None
    roster: Roster | None

    def faults(self, steps: Steps, term: Term) -> Iterator[Fault]:
        waves = [wave.id for wave in self.order.waves]
        if term.wave is not None and term.wave not in waves:
            yield Fault(
                (*steps, "wave"),
                "unknown_wave",
                "没有这个批次",
                expected="、".join(waves),
                found=term.wave,
                remedy="改成 evaluation.yaml 里的批次；本次的留空",
            )
            return
        yield from self._without_people(steps, term)
        if term.ledger is None or self.ledgers is None:
            return
        yield from unknown_ledger((*steps, "ledger"), term.ledger, self.ledgers)
        ledger = self.ledgers.get(term.ledger)
        if ledger is not None:
            yield from self._without_file(steps, term)
            yield from _columns(steps, term, ledger)

    def _wave(self, term: Term) -> Wave:
        return self.order.waves[-1] if term.wave is None else self.order.wave(term.wave)

    def _without_people(self, steps: Steps, term: Term) -> Iterator[Fault]:
        if term.roster != "population" or self.roster is None:
            return
        units, wave = Units.of(self.roster), self._wave(term).id
        people = units.populations(wave)
        lacking = [subject.name for subject in units.present(wave) if subject.id not in people]
        if lacking:
            yield Fault(
                (*steps, "roster"),
                "claim_without_population",
                f"名册没有写全批次 {wave} 的人口，“{term.name}”加不出来",
                expected="每个评估对象都有常住人口",
                found=f"{len(lacking)} 个没有：{'、'.join(lacking[:5])}",
                remedy="在名册补上；或把人口作为写出的数（printed）",
            )

    def _without_file(self, steps: Steps, term: Term) -> Iterator[Fault]:
        wave = self._wave(term)
        if term.ledger not in {entry.ledger for entry in wave.files}:
            yield Fault(
                (*steps, "ledger"),
                "claim_without_records",
                f"批次 {wave.id} 没有这份台账的文件，“{term.name}”无从数起",
                expected=f"evaluation.yaml 的该批次有一个文件写 ledger: {term.ledger}",
                found="没有",
                remedy="补上文件；或把这个公布数的算法（way）改为 none，写明理由",
            )


def _columns(steps: Steps, term: Term, ledger: Ledger) -> Iterator[Fault]:
    numbers = [column.code for column in ledger.holding("number")]
    if term.column is not None and term.column not in numbers:
        yield _unknown((*steps, "column"), "数字列", term.column, numbers)
    measures = [measure.code for measure in ledger.measures if measure.how in MEASURED]
    if term.measure is not None and term.measure not in measures:
        told = "度量（占比、得分或比率）"
        yield _unknown((*steps, "measure"), told, term.measure, measures)
    if ledger.rows == "counts" and term.column is None and term.measure is None:
        expected = f"求和列（column），汇总表一行不是一条记录：{'、'.join(numbers)}"
        yield incomplete(steps, term.name, expected, "没有")
    options = [column.code for column in ledger.holding("option", "code")]
    for code, texts in term.where.items():
        if code not in options:
            yield _unknown((*steps, "where", code), "选项列", code, options)
            continue
        values = ledger.values.get(code, {})
        for place, text in enumerate(texts):
            if values and text not in values:
                path: Steps = (*steps, "where", code, place)
                yield _unknown(path, "取值", text, list(values))


def _unknown(steps: Steps, what: str, found: str, known: list[str]) -> Fault:
    return Fault(
        steps,
        "unknown_in_claim",
        f"台账里没有公布数所指的{what}",
        expected="、".join(known)[:200] or "（没有）",
        found=found,
        remedy="改正代码，或在台账中补上",
    )
