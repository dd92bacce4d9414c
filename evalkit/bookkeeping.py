"""What the ledgers say: imported, accounted for and reduced, beside what people answered.

Published numbers are worked out again here, since some of them count records.

Part of the first story: records stop here, as answers stop at `measure`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from evalkit.answers import counting, demanding, flowing, listing, speaking, timing, tying
from evalkit.answers.reducing import reduce_records
from evalkit.definitions.decided import Decided
from evalkit.definitions.scheme import Scheme
from evalkit.errors import Note, Problems
from evalkit.findings import agreeing, objective, reconciling
from evalkit.intake.ledgers import LedgerSource, import_records, keys_in_two_waves
from evalkit.problems.ledgers import measure_without_records
from evalkit.tables import Floats, GroupCells, Scores, frame, no_rows
from evalkit.tables.records import LedgerReport, Records, Reduced, accounts

Sources = Mapping[str, Sequence[LedgerSource]]


@dataclass(frozen=True, slots=True)
class Books:
    """What is known of all ledgers once rows are gone.

    Attributes
    ----------
    reduced : dict of wave id to dict of ledger id to Reduced
    reports : tuple of LedgerReport
    notes : tuple of Note
    clocks, flows, demand, listed, integrity, points : DataFrame
        Frames of the last of the waves.
    claims : DataFrame
        Frame ``claims`` of the last wave: published numbers, worked out again.
    """

    reduced: Mapping[str, Mapping[str, Reduced]] = field(default_factory=dict)
    reports: tuple[LedgerReport, ...] = ()
    notes: tuple[Note, ...] = ()
    clocks: pd.DataFrame = field(default_factory=lambda: no_rows("clocks"))
    flows: pd.DataFrame = field(default_factory=lambda: no_rows("flows"))
    demand: pd.DataFrame = field(default_factory=lambda: no_rows("demand"))
    listed: pd.DataFrame = field(default_factory=lambda: no_rows("listed"))
    integrity: pd.DataFrame = field(default_factory=lambda: no_rows("integrity"))
    points: pd.DataFrame = field(default_factory=lambda: no_rows("points"))
    claims: pd.DataFrame = field(default_factory=lambda: no_rows("claims"))

    @property
    def accounts(self) -> pd.DataFrame:
        """Frame ``ledgers``."""
        return accounts(self.reports) if self.reports else no_rows("ledgers")

    @property
    def frames(self) -> dict[str, pd.DataFrame]:
        """Frames of what is told of records as they are, and ``claims``."""
        loops = {"clocks": self.clocks, "flows": self.flows}
        lists = {"demand": self.demand, "listed": self.listed, "integrity": self.integrity}
        where = {"points": self.points}
        return {"ledgers": self.accounts, **loops, **lists, **where, "claims": self.claims}

    def of(self, wave: str) -> Mapping[str, Reduced]:
        """Return what the ledgers say of a wave, by ledger."""
        return self.reduced.get(wave, {})

    def steadied(self, wave: str) -> dict[str, Floats]:
        """Return the covariances of a wave's measures by ledger, those of small cells drawn in."""
        return {name: speaking.steady(found).covariance for name, found in self.of(wave).items()}

    def speaks(self, wave: str, scheme: Scheme) -> bool:
        """Tell whether some group of the scheme has records in a wave."""
        return bool(set(scheme.ledgers) & set(self.of(wave)))

    def spoken(self, wave: str, scheme: Scheme) -> dict[str, GroupCells]:
        """Return the cells of the groups that speak through ledgers in a wave."""
        return speaking.spoken(self.of(wave), scheme)


def keep(decided: Decided, sources: Sources, waves: Sequence[str]) -> Books:
    """Import and reduce the records of these waves.

    Raises
    ------
    InputErrors
        With the problems of all files.
    """
    problems = Problems()
    records, reports = read(decided, sources, waves, problems)
    problems.raise_if_any()
    reduced = {
        wave: {
            name: reduce_records(own, decided.ledgers[name], decided) for name, own in found.items()
        }
        for wave, found in records.items()
    }
    _nothing_measured(reduced, decided.scheme, problems)
    problems.raise_if_any()
    notes = [note for report in reports for note in report.notes]
    for found in reduced.values():
        for one in found.values():
            notes += speaking.notes(one, decided.scheme)
    counted = counting.count(decided, records, reduced, reports, waves[-1])
    claims = reconciling.reconcile(decided, counted, waves[-1])
    told = (*notes, *reconciling.notes(claims))
    last = records.get(waves[-1], {})
    clocks, flows = _loops(last, decided)
    return Books(
        reduced,
        reports,
        told,
        clocks=clocks,
        flows=flows,
        demand=demanding.demand(last, decided),
        listed=listing.listed(last, decided),
        integrity=tying.integrity(last, decided),
        points=listing.points(last, decided),
        claims=claims,
    )


def _loops(found: Mapping[str, Records], decided: Decided) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return frames ``clocks`` and ``flows`` of one wave's records."""
    parts: dict[str, list[pd.DataFrame]] = {"clocks": [], "flows": []}
    for name, own in found.items():
        ledger = decided.ledgers[name]
        parts["clocks"].append(timing.clocks(own, ledger, decided))
        parts["flows"].append(flowing.flows(own, ledger))
    clocks, flows = (
        frame(name, pd.concat(some, ignore_index=True))
        if (some := [table for table in tables if len(table)])
        else no_rows(name)
        for name, tables in parts.items()
    )
    return clocks, flows


def _nothing_measured(
    reduced: Mapping[str, Mapping[str, Reduced]], scheme: Scheme, problems: Problems
) -> None:
    """Collect measures that indicators are made of and of which a wave's files hold nothing."""
    for wave, found in reduced.items():
        for name, one in found.items():
            if name not in scheme.ledgers:
                continue
            used = {
                code for indicator in scheme.indicators for code in indicator.items.get(name, ())
            }
            for measure in one.ledger.measures:
                if measure.code in used and not one.n[:, one.at(measure.code)].any():
                    problems.collect(measure_without_records(wave, name, measure.name))


def read(
    decided: Decided, sources: Sources, waves: Sequence[str], problems: Problems
) -> tuple[dict[str, dict[str, Records]], tuple[LedgerReport, ...]]:
    """Import the records of these waves, by wave and ledger; collect the problems of all."""
    records: dict[str, dict[str, Records]] = {}
    reports: list[LedgerReport] = []
    for wave in waves:
        if own := sources.get(wave):
            records[wave], found = import_records(decided.order.wave(wave), own, decided, problems)
            reports += found
    present = [source for wave in waves for source in sources.get(wave, ())]
    keys_in_two_waves(present, records, problems)
    return records, tuple(reports)


def frames_of(books: Books, current: Scores, scheme: Scheme) -> dict[str, pd.DataFrame]:
    """Return the frames of what the ledgers say of the last wave, and how far residents agree."""
    reduced = books.of(current.wave)
    alike = agreeing.validity(reduced, books.steadied(current.wave), current, scheme)
    own = {"objective": objective.objective(reduced, scheme), "validity": alike}
    return {**books.frames, **own}


def content(decided: Decided, sources: Sources, waves: Sequence[str]) -> dict[str, object]:
    """Return what of ledgers and claims an evaluation is a function of; nothing without them."""
    claims = {"claims": decided.claims.model_dump(mode="json")} if decided.claims else {}
    if not sources:
        return {**claims}
    return {
        **claims,
        "ledgers": {
            name: ledger.model_dump(mode="json") for name, ledger in sorted(decided.ledgers.items())
        },
        "records": [
            [
                wave,
                source.sheet.file,
                source.sheet.sha256,
                source.crosswalk.model_dump(mode="json") if source.crosswalk else None,
            ]
            for wave in waves
            for source in sources.get(wave, ())
        ],
    }
