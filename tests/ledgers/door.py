"""A file of records let in at the door, without a workspace."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import yaml

from evalkit.definitions.crosswalk import Crosswalk
from evalkit.definitions.decided import Decided
from evalkit.definitions.evaluation import EvaluationOrder, ResponseFile, Wave
from evalkit.definitions.ledger import Ledger
from evalkit.definitions.roster import Roster
from evalkit.definitions.scheme import Scheme
from evalkit.errors import Problem, Problems
from evalkit.intake.ledgers import LedgerSource, import_records, keys_in_two_waves
from evalkit.platforms import read
from evalkit.tables.records import LedgerReport, Records
from tests import tiny
from tests.ledgers import hotline

NAMES = tiny.SUBJECTS


def roster(names: Sequence[str] = NAMES) -> Roster:
    return Roster.model_validate(
        {
            "subjects": [
                {"id": f"s{at}", "name": n, "population": 1000} for at, n in enumerate(names, 1)
            ]
        }
    )


def ledger(text: str = hotline.LEDGER, **changes: object) -> Ledger:
    return Ledger.model_validate(yaml.safe_load(text) | changes)


def decided(one: Ledger, names: Sequence[str] = NAMES) -> Decided:
    order = EvaluationOrder.model_validate(yaml.safe_load(tiny.ORDER))
    scheme = Scheme.model_validate(yaml.safe_load(hotline.SCHEME))
    return Decided(order, scheme, {}, roster(names), ledgers={one.id: one})


def wave(**changes: object) -> Wave:
    given = {"id": "2016", "start": "2016-01-01", "end": "2016-12-31"} | changes
    return Wave.model_validate({k: v for k, v in given.items() if v is not None})


class Let:
    """What came of letting a table in."""

    def __init__(
        self,
        folder: Path,
        header: Sequence[str],
        rows: Sequence[Sequence[str]],
        one: Ledger | None = None,
        of: Wave | None = None,
        crosswalk: Crosswalk | None = None,
        names: Sequence[str] = NAMES,
        path: Path | None = None,
    ) -> None:
        self.ledger = one or ledger()
        self.problems = Problems()
        self.decided = decided(self.ledger, names)
        if path is None:
            path = folder / "records.csv"
            with path.open("w", encoding="utf-8-sig", newline="") as file:
                csv.writer(file).writerows([header, *rows])
        self.sheet = sheet = read(path, name=path.name, problems=self.problems)
        self.records: Records | None = None
        self.report: LedgerReport | None = None
        if sheet is not None:
            entry = ResponseFile(file=path.name, ledger=self.ledger.id)
            source = LedgerSource(entry, sheet, self.ledger, crosswalk)
            found, reports = import_records(of or wave(), [source], self.decided, self.problems)
            self.records, self.report = found[self.ledger.id], reports[0]

    @property
    def codes(self) -> list[str]:
        return [problem.code for problem in self.problems]

    @property
    def table(self) -> pd.DataFrame:
        assert not self.problems, [str(p) for p in self.problems]
        assert self.records is not None
        return self.records.table


@dataclass(frozen=True)
class Several:
    """What came of letting several files in, of one wave or more."""

    records: dict[str, Records]
    reports: tuple[LedgerReport, ...]
    problems: list[Problem]

    @property
    def codes(self) -> list[str]:
        """Codes of all problems."""
        return [problem.code for problem in self.problems]


def several(
    folder: Path,
    header: Sequence[str],
    files: Mapping[str, Sequence[Sequence[Sequence[str]]]],
    one: Ledger | None = None,
) -> Several:
    """Let the files of waves in, each a year."""
    one = one or ledger()
    problems = Problems()
    sources: dict[str, list[LedgerSource]] = {}
    for year, contents in files.items():
        for at, rows in enumerate(contents):
            path = folder / f"{year}-{at}.csv"
            with path.open("w", encoding="utf-8-sig", newline="") as file:
                csv.writer(file).writerows([header, *rows])
            sheet = read(path, name=path.name, problems=problems)
            assert sheet is not None
            entry = ResponseFile(file=path.name, ledger=one.id)
            sources.setdefault(year, []).append(LedgerSource(entry, sheet, one))
    found: dict[str, dict[str, Records]] = {}
    reports: list[LedgerReport] = []
    for year, own in sources.items():
        of = wave(id=year, start=f"{year}-01-01", end=f"{year}-12-31")
        found[year], told = import_records(of, own, decided(one), problems)
        reports += told
    keys_in_two_waves([source for own in sources.values() for source in own], found, problems)
    records = {year: by_ledger[one.id] for year, by_ledger in found.items()}
    return Several(records, tuple(reports), list(problems))
