"""The door for records: a raw sheet becomes the records of a ledger, every row accounted for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from evalkit.codes import Reason
from evalkit.definitions.calendar import untold, working_days
from evalkit.definitions.crosswalk import UNDECIDED, Crosswalk
from evalkit.definitions.decided import Decided
from evalkit.definitions.evaluation import ResponseFile, Wave
from evalkit.definitions.ledger import Ledger
from evalkit.definitions.text import comparable
from evalkit.definitions.vocabulary import FOOTER
from evalkit.errors import Problems
from evalkit.files.alike import spelled_out
from evalkit.files.writing import as_it_was, inert
from evalkit.intake import cleaning, ledger_checks, ledger_links, ledger_values
from evalkit.intake.ledger_cohorts import (
    Moment,
    bounds_of,
    deadline,
    of_wave,
    untold_years,
    within,
)
from evalkit.intake.ledger_columns import Found, find_columns, place
from evalkit.intake.ledger_values import rows_of
from evalkit.intake.matching import Match, Matcher
from evalkit.platforms import RawSheet
from evalkit.problems import intake as intake_faults
from evalkit.problems import ledgers as faults
from evalkit.problems.rejections import OF_RECORDS
from evalkit.tables.records import LedgerReport, LeftOut, Records


@dataclass(frozen=True, slots=True)
class LedgerSource:
    """One file of records with everything needed to understand it."""

    entry: ResponseFile
    sheet: RawSheet
    ledger: Ledger
    crosswalk: Crosswalk | None = None


def import_records(
    wave: Wave, sources: Sequence[LedgerSource], decided: Decided, problems: Problems
) -> tuple[dict[str, Records], tuple[LedgerReport, ...]]:
    """Turn the files of a wave into records, by ledger.

    Every row that is read is kept or left out by one reason. With problems, the records must not
    be used.
    """
    found: dict[str, Records] = {}
    reports: list[LedgerReport] = []
    by_ledger: dict[str, list[_Door]] = {}
    for source in sources:
        by_ledger.setdefault(source.ledger.id, []).append(_Door(source, wave, decided, problems))
    for doors in by_ledger.values():
        for door in doors:
            door.open()
        _one_key_once(doors, problems)
    _linked(by_ledger, problems)
    for doors in by_ledger.values():
        ledger = doors[0].ledger
        reports += [door.report() for door in doors]
        table = pd.concat([door.table for door in doors], ignore_index=True)
        # Who a record is about is one person in all files of the wave, and nobody any more.
        table["cluster"] = ledger_values.person_numbers(table["cluster"])
        start, end = bounds_of(wave)
        known = _known(ledger, table) if end is None else end
        origin = pd.concat(
            [pd.DataFrame({"file": d.sheet.file, "row": d.table.index}) for d in doors],
            ignore_index=True,
        )
        found[ledger.id] = Records(wave.id, ledger.id, table, start, known, origin)
    return found, tuple(reports)


def _as_handed_out(cell: str) -> str:
    """Return a code that our own table made inert as it was: a proposal comes back with it."""
    text = as_it_was(cell)
    return text if inert(text) == cell else cell


def keys_in_two_waves(
    sources: Sequence[LedgerSource], records: dict[str, dict[str, Records]], problems: Problems
) -> None:
    """Collect records that count in two waves; what is still open may stand in each of them."""
    for ledger in {source.ledger.id: source.ledger for source in sources}.values():
        if not ledger.key:
            continue
        known: dict[str, pd.DataFrame] = {}
        for wave, found in records.items():
            own = found.get(ledger.id)
            if own is None or own.origin is None:
                continue
            counts = own.table["belongs"].astype(bool)
            if ledger.closed in own.table:
                counts &= own.table[ledger.closed].notna()
            mine = own.origin[counts.to_numpy()].assign(key=own.table.loc[counts, "key"])
            for other, theirs in known.items():
                both = mine.merge(theirs, on="key", suffixes=("", "_other"))
                for file, twice in both.groupby("file", sort=False):
                    rows, first = sorted({*twice["row"]}), twice.iloc[0]
                    at = intake_faults.Position(str(file), row=int(rows[0]), column=ledger.key[0])
                    elsewhere = (other, str(first["file_other"]), int(first["row_other"]))
                    problems.collect(faults.key_in_two_waves(at, wave, rows, elsewhere))
            known[wave] = mine


@dataclass
class _Door:
    """One file on its way: which of its rows are still there, and why the others are not."""

    source: LedgerSource
    wave: Wave
    decided: Decided
    problems: Problems
    table: pd.DataFrame = field(default_factory=pd.DataFrame)
    flow: pd.DataFrame = field(default_factory=pd.DataFrame)
    left: list[LeftOut] = field(default_factory=list)
    found: Found = field(default_factory=lambda: Found({}, (), ()))
    extra: list[Any] = field(default_factory=list)

    @property
    def sheet(self) -> RawSheet:
        return self.source.sheet

    @property
    def ledger(self) -> Ledger:
        return self.source.ledger

    def open(self) -> None:
        """Let the rows in that are records of the wave."""
        rows, rejections = cleaning.sift(self.sheet)
        for reason in dict.fromkeys(r.reason for r in rejections.values()):
            count = sum(r.reason == reason for r in rejections.values())
            self.left.append(LeftOut("rejected", reason, count))
        before = len(self.problems)
        named = Matcher(self.decided.roster, {})
        self.found = find_columns(
            self.sheet, self.ledger, self.source.crosswalk,
            lambda text: named.match(text).subject is not None, self.problems,
        )  # fmt: skip
        texts = spelled_out(self.sheet.cells).loc[rows]
        texts = texts[[c.position for c in self.found.read.values()]].set_axis(
            list(self.found.read), axis=1
        )
        if self.ledger.unit.code not in texts:
            self.table = _nothing(self.ledger)
            return
        texts = self._without_footers(texts)
        counted = self._excluded(texts)
        table = self._understood(counted)
        start, end = bounds_of(self.wave)
        self.flow = pd.concat([table, *self._withdrawn(texts.drop(counted.index))])
        sound = len(self.problems) == before
        self.table = self._of_wave(table, start, end)
        boundaries = self.decided.boundaries
        read = ledger_checks.Read(self.sheet, self.ledger, self.found.read, self.table, boundaries)
        if sound:
            self.problems.extend(ledger_checks.contradictions(read))
        empty = sum(entry.count for entry in self.left if entry.reason == Reason.NO_SUBJECT)
        self.extra += list(ledger_checks.notes(read, empty, len(rows)))
        if self.table.empty and len(self.problems) == before:
            why = [(_worded(entry), entry.count) for entry in self.left]
            at = intake_faults.Position(self.sheet.file, self.sheet.sheet)
            self.problems.collect(faults.no_usable_record(at, why))

    def _understood(self, texts: pd.DataFrame) -> pd.DataFrame:
        return self._once(self._of_units(self._typed(texts)))

    def _withdrawn(self, excluded: pd.DataFrame) -> Iterator[pd.DataFrame]:
        """Yield what was withdrawn, of what is not counted: it came in and went out."""
        if self.ledger.state in excluded and self.ledger.withdrawn and not excluded.empty:
            quiet = replace(self, problems=Problems(), left=[])
            table = quiet._understood(excluded)
            yield table[_withdrawn(table, self.ledger)]

    def _leave(self, table: pd.DataFrame, out: Any, how: Any, reason: Reason | str) -> pd.DataFrame:
        mask = np.asarray(out, dtype=bool)
        if mask.any():
            self.left.append(LeftOut(how, reason, int(mask.sum())))
        return table[~mask]

    def _without_footers(self, texts: pd.DataFrame) -> pd.DataFrame:
        total = texts[self.ledger.unit.code].str.match(FOOTER)
        return self._leave(texts, total, "rejected", Reason.FOOTER)

    def _excluded(self, texts: pd.DataFrame) -> pd.DataFrame:
        """Leave out what the document excludes, by what stands in the file or is meant by it."""
        for rule in self.ledger.exclude:
            if rule.column in texts:
                keys = texts[rule.column].map(self._meant(rule.column, texts[rule.column]))
                out = keys.isin({comparable(value) for value in rule.values})
                texts = self._leave(texts, out, "excluded", rule.reason)
        return texts

    def _meant(self, column: str, texts: pd.Series[str]) -> dict[str, str]:
        """Return what different texts mean by the crosswalk, as they are compared."""
        crosswalk = self.source.crosswalk
        more = {} if crosswalk is None else crosswalk.values.get(column, {})
        mapped = {comparable(text): meant for text, meant in more.items()}
        keys = {str(text): comparable(str(text)) for text in texts.unique()}
        meant = {text: mapped.get(key, UNDECIDED) for text, key in keys.items()}
        return {
            text: keys[text] if known == UNDECIDED else comparable(known or "")
            for text, known in meant.items()
        }

    def _typed(self, texts: pd.DataFrame) -> pd.DataFrame:
        columns: dict[str, Any] = {}
        for declared in self.ledger.columns:
            raw = self.found.read.get(declared.code)
            if raw is None:
                continue
            cells = texts[declared.code]
            match declared.holds:
                case "time":
                    columns[declared.code] = ledger_values.times(
                        self.sheet, raw, cells, self.problems
                    )
                case "number":
                    columns[declared.code] = ledger_values.numbers(
                        self.sheet, raw, cells, self.problems
                    )
                case "option":
                    columns[declared.code] = ledger_values.options(
                        self.sheet, raw, declared, cells, self.ledger,
                        self.source.crosswalk, self.problems,
                    )  # fmt: skip
                case "code":
                    columns[declared.code] = cells.map(_as_handed_out)
                case "unit" | "person":
                    columns[declared.code] = cells
                case "title":
                    columns[declared.code] = ledger_values.titles(cells)
                case _:
                    continue
        return pd.DataFrame(columns, index=texts.index)

    def _of_units(self, table: pd.DataFrame) -> pd.DataFrame:
        crosswalk = self.source.crosswalk
        matcher = Matcher(self.decided.roster, crosswalk.subjects if crosswalk else {})
        code = self.ledger.unit.code
        raw = self.found.read[code]
        table = self._leave(table, table[code] == "", "rejected", Reason.NO_SUBJECT)
        cells = table[code]
        subjects, matches = ledger_values.units(self.sheet, raw, cells, matcher, self.problems)
        table = table.assign(subject=subjects)
        first: dict[tuple[str, str], tuple[Match, str]] = {}
        for name in cells.drop_duplicates():
            match = matches[str(name)]
            if match.subject is not None:
                first.setdefault((match.subject, match.unit or ""), (match, str(name)))
        for _, (match, name) in sorted(first.items()):
            absent = matcher.absent(match, self.wave.id)
            if absent is not None:
                at = place(self.sheet, raw, rows_of(table.index, cells == name)[0])
                fault = intake_faults.subject_not_in_wave(at, self.wave.id, absent)
                self.problems.collect(fault)
        return self._leave(table, table["subject"] == "", "rejected", Reason.UNMATCHED_SUBJECT)

    def _once(self, table: pd.DataFrame) -> pd.DataFrame:
        """Keep what is the same once, and refuse what has one key and is not the same."""
        if not self.ledger.key:
            return table.assign(key="")
        parts = [code for code in self.ledger.key if code in table]
        for code in parts:
            cells = table[code]
            lacking = rows_of(table.index, cells.isna() | (cells.astype(str) == ""))
            if lacking:
                at = place(self.sheet, self.found.read[code], lacking[0])
                self.problems.collect(faults.key_incomplete(at, lacking))
        table = self._leave(table, table.duplicated(), "duplicates", Reason.DUPLICATE)
        again = table.duplicated(parts, keep=False) if parts else pd.Series(False, table.index)
        if again.any():
            rows = rows_of(table.index, again)
            count = len(table.loc[again, parts].drop_duplicates())
            at = place(self.sheet, self.found.read[parts[0]], rows[0])
            self.problems.collect(faults.key_twice(at, count, rows))
        texts = [table[code].astype(str) for code in parts]
        key = ["\x1f".join(row) for row in zip(*texts, strict=True)] if parts else ""
        return table.assign(key=key)

    def _of_wave(self, table: pd.DataFrame, start: Moment, end: Moment) -> pd.DataFrame:
        """Tell which records are of the wave; keep others only for what a clock asks.

        It asks for what falls due in the wave, and for what begins in it, whenever that ended.
        """
        belongs = of_wave(table, self.ledger, start, end)
        kept = belongs.copy()
        calendar = self.decided.order.calendar
        for clock in self.ledger.clocks:
            if clock.start in table and clock.stop in table:
                kept |= within(table[clock.start], start, end)
            due = deadline(clock, table, working_days(calendar))
            if due is not None:
                kept |= within(due.at, start, end)
                years = untold_years(clock, due, table, start, end)
                problems = untold(calendar, years, clock.name)
                self.problems.extend(p for p in problems if p not in self.problems.found)
        table = table.assign(belongs=belongs)
        return self._leave(table, ~kept, "excluded", Reason.OUTSIDE_PERIOD)

    def drop_doubles(self, rows: pd.Index) -> None:
        """Leave out rows that stand in another file, too, and count them in no balance twice."""
        self.table = self._leave(
            self.table, self.table.index.isin(rows), "duplicates", Reason.DUPLICATE
        )
        self.flow = self.flow.drop(rows)

    def report(self) -> LedgerReport:
        """Return what became of the file's rows; who they are about is all in `cluster`."""
        balance = _balance(self.flow, self.ledger, *bounds_of(self.wave))
        people = self.ledger.holding("person")
        persons = next((c.code for c in people if c.code in self.table), None)
        table = self.table.drop(columns=[c.code for c in people], errors="ignore")
        self.table = table.assign(cluster="" if persons is None else self.table[persons])
        return LedgerReport(
            file=self.sheet.file,
            wave=self.wave.id,
            ledger=self.ledger.id,
            sha256=self.sheet.sha256,
            read=len(self.sheet.cells),
            kept=len(self.table),
            left_out=tuple(self.left),
            balance=balance,
            unused=self.found.unused,
            dropped=self.found.dropped,
            notes=(*self.sheet.notes, *self.extra),
        )


def _known(ledger: Ledger, table: pd.DataFrame) -> Moment:
    """Return up to when is known what happened, where the wave has no end: past the latest time.

    A deadline lies in the future and tells nothing.
    """
    due = {clock.due for clock in ledger.clocks}
    happened = [c.code for c in ledger.holding("time") if c.code in table and c.code not in due]
    latest = [table[code].max() for code in happened]
    known = [moment for moment in latest if not pd.isna(moment)]
    return max(known) + pd.Timedelta(seconds=1) if known else None


def _worded(entry: LeftOut) -> str:
    known = {str(reason): text for reason, text in OF_RECORDS.items()}
    return known.get(str(entry.reason), str(entry.reason)).format(subject=intake_faults.SUBJECT)


def _nothing(ledger: Ledger) -> pd.DataFrame:
    del ledger
    return pd.DataFrame({"subject": [], "key": [], "belongs": pd.Series([], dtype=bool)})


def _balance(table: pd.DataFrame, ledger: Ledger, start: Moment, end: Moment) -> dict[str, int]:
    """Return what came in, what went out and what is left, by when records began and ended.

    It is of everything that the file tells, also of what is of no wave or of another by `wave_by`.
    """
    opened, closed = ledger.opened, ledger.closed
    if opened not in table or closed not in table:
        return {}
    before = table[opened] < start if start is not None else pd.Series(False, table.index)
    own = table[~(table[closed] < start)] if start is not None else table
    own = own[~(own[opened] >= end)] if end is not None else own
    withdrawn = _withdrawn(own, ledger)
    ended = own[closed].notna() & ~withdrawn
    if end is not None:
        ended &= own[closed] < end
    carried = int(before.loc[own.index].sum())
    return {
        "carried_in": carried,
        "received": len(own) - carried,
        "closed": int(ended.sum()),
        "withdrawn": int(withdrawn.sum()),
        "open": int((~ended & ~withdrawn).sum()),
    }


def _one_key_once(doors: Sequence[_Door], problems: Problems) -> None:
    """Count what stands in several files of a wave once, and collect what these tell otherwise.

    What was open in one month's file and is closed, or withdrawn, in another's is no longer open.
    """
    ledger = doors[0].ledger
    flows = [door.flow.assign(**{_DOOR: at}) for at, door in enumerate(doors) if len(door.flow)]
    if not ledger.key or len(flows) < 2:
        return
    whole = pd.concat(flows).rename_axis(_ROW).reset_index()
    whole = whole[whole["key"] != ""]
    whole = whole[whole.groupby("key")[_DOOR].transform("nunique") > 1]
    stale = pd.Series(False, whole.index)
    if ledger.closed in whole:
        ended = whole[ledger.closed].notna() | _withdrawn(whole, ledger)
        stale = ~ended & ended.groupby(whole["key"]).transform("any")
    rest = whole[~stale]
    same = rest.duplicated([c for c in rest.columns if c not in (_ROW, _DOOR)])
    unlike = rest[~same]
    first = unlike.drop_duplicates("key").set_index("key")
    other = unlike[unlike["key"].duplicated()]
    double = pd.concat([whole[stale], rest[same]])
    for at, door in enumerate(doors):
        door.drop_doubles(pd.Index(double.loc[double[_DOOR] == at, _ROW]))
        mine = pd.Index(other.loc[other[_DOOR] == at, _ROW])
        if rows := rows_of(mine, mine.isin(door.table.index)):
            spot = place(door.sheet, door.found.read.get(ledger.key[0]), rows[0])
            stands = first.loc[other.loc[(other[_DOOR] == at) & (other[_ROW] == rows[0]), "key"]]
            elsewhere = (doors[stands[_DOOR].iloc[0]].sheet.file, int(stands[_ROW].iloc[0]))
            problems.collect(faults.key_twice(spot, len(rows), rows, elsewhere))


def _linked(by_ledger: Mapping[str, Sequence[_Door]], problems: Problems) -> None:
    """Collect what points to nothing; let files tell what else there is to say of links."""
    reads = {
        name: [ledger_checks.Read(d.sheet, d.ledger, d.found.read, d.table) for d in doors]
        for name, doors in by_ledger.items()
    }
    problems.extend(ledger_links.broken(reads))
    told = list(ledger_links.notes(reads))
    for name, doors in by_ledger.items():
        for door, read in zip(doors, reads[name], strict=True):
            door.extra += [note for of, note in told if of is read]


_ROW, _DOOR = "#row", "#door"
"""Names that no column of a ledger has."""


def _withdrawn(table: pd.DataFrame, ledger: Ledger) -> pd.Series[bool]:
    if ledger.state not in table:
        return pd.Series(False, table.index)
    return table[ledger.state].isin(ledger.withdrawn)
