"""The cells of a city, added up from coded rows: here, or where a cluster has them."""

from __future__ import annotations

import csv
import glob
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from evalkit import keeping
from evalkit.answers.coded import code_book
from evalkit.archive import city as archive
from evalkit.city import coding, receipts
from evalkit.city.town import DATABASE, Town
from evalkit.codes import StreetState
from evalkit.definitions.city import Streets
from evalkit.definitions.text import comparable
from evalkit.engines.local import LocalEngine
from evalkit.engines.sums import KEYS, Source, SumEngine
from evalkit.errors import InputErrors, Problem
from evalkit.keeping.lock import locked
from evalkit.methods.gram import CellSums, together
from evalkit.problems import coded as problems_of
from evalkit.tables import OVERALL

SUMS = "sums"
"""Folder with what was added up, by wave."""
SHOWN = 12
ENGINES = ("local", "spark")


@dataclass(frozen=True, slots=True)
class Summed:
    """What was added up.

    Attributes
    ----------
    folder : Path
        Has ``cells.csv`` and, whole, ``cells.sums``.
    sums : CellSums
        By street, committee and rater group.
    missing : tuple of str
        Streets on the list of which there is no row.
    other : int or None
        Of the cells that ``city.duckdb`` has, those with another number of answers; None without it.
    """

    folder: Path
    sums: CellSums
    missing: tuple[str, ...]
    other: int | None

    @property
    def digest(self) -> str:
        """The SHA-256 of the sums."""
        return self.sums.digest()


def engine(name: str, master: str | None = None, jobs: int = 1) -> SumEngine:
    """Return the engine of this name.

    Parameters
    ----------
    name : {"local", "spark"}
    master : str or None
        Of Spark.
    jobs : int
        Processes of the local engine.

    Raises
    ------
    InputErrors
        For another name, or a master of an engine that has none.
    """
    if name not in ENGINES or (master is not None and name != "spark"):
        raise InputErrors([problems_of.unknown_engine(name, master, ENGINES)])
    if name == "spark":
        from evalkit.engines.spark import SparkEngine

        return SparkEngine(master)
    return LocalEngine(jobs)


def addresses(given: Sequence[str]) -> dict[str, list[str]]:
    """Return the files of each questionnaire, of ``questionnaire=address`` each; ``*`` in a local path.

    Raises
    ------
    InputErrors
        Where something has no such form, or no file has such a name.
    """
    found: dict[str, list[str]] = defaultdict(list)
    problems = []
    for one in given:
        name, equals, address = one.partition("=")
        files = [address] if "://" in address else sorted(glob.glob(address, recursive=True))
        if not (name and equals and files):
            problems.append(problems_of.no_such_rows(one))
        found[name.strip()] += files
    if problems:
        raise InputErrors(problems)
    return dict(found)


def add_up(
    town: Town, engine: SumEngine, elsewhere: Mapping[str, Sequence[str]] | None = None
) -> Summed:
    """Add up the coded rows of the city's last wave, and write the cells.

    Parameters
    ----------
    engine : SumEngine
    elsewhere : dict of questionnaire id to addresses of Parquet, or None
        Rows from a warehouse. None for those of the streets that have results.

    Raises
    ------
    InputErrors
        If rows lack, or hold what nobody knows; nothing is written then.
    """
    with keeping.told(), locked(town.root, "city sums"):
        sources = _sources(town, elsewhere)
        found = engine.sums(sources)
        problems: list[Problem] = []
        named = [_named(town, source, found[source.questionnaire], problems) for source in sources]
        if problems:
            raise InputErrors(problems)
        sums = together(named)
        there = {key[0] for key in sums.keys}
        folder = town.root / SUMS / town.wave
        keeping.place(
            {"cells.csv": _table(town, sums), "cells.sums": b"".join(sums.content())}, folder
        )
    missing = tuple(street.id for street in town.streets if street.id not in there)
    return Summed(folder, sums, missing, _differing(town, sums))


def _sources(town: Town, elsewhere: Mapping[str, Sequence[str]] | None) -> list[Source]:
    names = coding.questionnaires_of(town.scheme)
    problems: list[Problem] = []
    if elsewhere is not None:
        for name in sorted(set(elsewhere) - set(names)):
            problems.append(problems_of.unknown_questionnaire(name, names))
        names = [name for name in names if name in elsewhere]
    files = _own(town, names, problems) if elsewhere is None else elsewhere
    found = []
    for name in names:
        try:
            book = code_book(town.scheme, town.questionnaires, name)
        except ValueError as error:
            problems.append(problems_of.not_codable(name, str(error)))
            continue
        found.append(Source(name, tuple(files.get(name, ())), book))
    if problems:
        raise InputErrors(problems)
    return found


def _own(town: Town, names: Sequence[str], problems: list[Problem]) -> dict[str, tuple[str, ...]]:
    """Return the files of the streets that have results, which their receipts know to the bit."""
    done = [s.id for s in town.streets if receipts.state_of(town, s.id)[0] is StreetState.DONE]
    files: dict[str, list[str]] = defaultdict(list)
    lacking: dict[str, list[str]] = defaultdict(list)
    for street in done:
        folder = coding.folder_of(town.root.absolute(), town.wave, street)
        for name in names:
            path = folder / f"{name}.parquet"
            (files if path.is_file() else lacking)[name].append(str(path))
    for name, paths in lacking.items():
        problems.append(problems_of.no_coded_rows(name, [Path(p).parent.name for p in paths]))
    if not done:
        problems.append(problems_of.no_coded_rows("、".join(names), [s.id for s in town.streets]))
    return {name: tuple(own) for name, own in files.items()}


def _named(town: Town, source: Source, sums: CellSums, problems: list[Problem]) -> CellSums:
    """Call streets by their ids; tell of streets and rater groups that there are not, and of no committee."""
    ids = Streets(streets=list(town.streets)).by_name()
    strange: dict[str, set[str]] = defaultdict(set)
    keys = []
    for street, subject, group in sums.keys:
        known = ids.get(comparable(street))
        if known is None:
            strange["street"].add(street)
        if not subject.strip():
            strange["subject"].add(subject)
        if group not in source.book.covered:
            strange["group"].add(group)
        keys.append((known or street, subject, group))
    expected = {
        "street": "streets.csv 里的街道",
        "subject": "居民区的代码，不能空着",
        "group": "、".join(source.book.covered),
    }
    for column in KEYS:
        if values := sorted(strange[column]):
            more = f" 等 {len(values)} 种" if len(values) > SHOWN else ""
            told = "、".join(value or "（空）" for value in values[:SHOWN]) + more
            problems.append(
                problems_of.unknown_key(source.questionnaire, column, told, expected[column])
            )
    cells = [
        replace(sums, keys=(key,), n=sums.n[[at]], products=sums.products[[at]])
        for at, key in enumerate(keys)
    ]
    return together([replace(sums, keys=(), n=sums.n[:0], products=sums.products[:0]), *cells])


def _table(town: Town, sums: CellSums) -> bytes:
    """Return the cells as CSV: of every measure how many answered, the mean and its standard error."""
    measures = [*(indicator.code for indicator in town.scheme.indicators), OVERALL]
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([*KEYS, "measure", "n", "mean", "se"])
    for at, key in enumerate(sums.keys):
        own = sums.moments(at)
        errors = np.sqrt(np.diagonal(own.covariance))
        for place, measure in enumerate(measures):
            if own.n_by_indicator[place]:
                error = errors[place]
                told = "" if np.isnan(error) else repr(float(error))
                n, mean = int(own.n_by_indicator[place]), repr(float(own.mean[place]))
                rows.writerow([*key, measure, n, mean, told])
    return text.getvalue().encode()


def _differing(town: Town, sums: CellSums) -> int | None:
    """Count the cells of ``city.duckdb`` that have another number of answers than the rows."""
    known = archive.read_counts(town.root / DATABASE, town.wave)
    if known is None:
        return None
    measures = [*(indicator.code for indicator in town.scheme.indicators), OVERALL]
    streets = {key[0] for key in sums.keys}
    groups = {key[2] for key in sums.keys}
    found: dict[tuple[str, ...], int] = {}
    for at, key in enumerate(sums.keys):
        counts = sums.moments(at).n_by_indicator
        found.update({(*key, m): int(n) for m, n in zip(measures, counts, strict=True) if n})
    asked: dict[tuple[str, ...], int] = {
        k: n for k, n in known.items() if k[0] in streets and k[2] in groups and n
    }
    return sum(found.get(key, 0) != asked.get(key, 0) for key in found.keys() | asked.keys())
