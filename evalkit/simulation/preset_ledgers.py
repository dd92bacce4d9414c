"""A preset's ledgers, written as its order names their files, with the truth behind them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evalkit.definitions.evaluation import ResponseFile, Wave
from evalkit.definitions.ledger import Ledger
from evalkit.definitions.roster import Subject
from evalkit.definitions.scheme import Scheme
from evalkit.simulation import invention, registers
from evalkit.simulation.book import Book, Setting
from evalkit.simulation.records import records
from evalkit.simulation.standing import Asked, measures_truth
from evalkit.simulation.truth import Floats, Truth
from evalkit.simulation.workbook import write_workbook

USUAL, OF_PERSON = 30.0, 24.0
"""Records of an ordinary unit, and of a person, in a wave."""
MEASURES = "simulation/measures.csv"


@dataclass(frozen=True, slots=True)
class Field:
    """Where ledgers are kept, of whom, and from when until when.

    Attributes
    ----------
    last : bool
        Whether it is the last wave, in which ledgers that score nothing are kept, too.
    """

    folder: Path
    subjects: tuple[Subject, ...]
    truth: Truth
    wave: str
    start: dt.date
    end: dt.date
    rings: Mapping[str, Floats]
    kinds: Sequence[str]
    calendar: Sequence[dt.date]
    asked: Asked
    last: bool


def entries_of(template: Wave, scheme: Scheme) -> list[ResponseFile]:
    """Return the files of a template's wave, and those of ledgers that speak and that it forgot."""
    known = {entry.ledger for entry in template.files}
    missing = [name for name in scheme.ledgers if name not in known]
    return [*template.files, *(ResponseFile(file=f"{n}.csv", ledger=n) for n in missing)]


def write_ledgers(
    scheme: Scheme, ledgers: Mapping[str, Ledger], entries: Sequence[ResponseFile], field: Field
) -> list[ResponseFile]:
    """Write the ledgers of a wave, a file each; return their entries."""
    told: dict[str, ResponseFile] = {}
    for entry in entries:
        if entry.ledger is not None and (field.last or entry.ledger in scheme.ledgers):
            told.setdefault(entry.ledger, entry)
    written: dict[str, Book] = {}
    truths: list[tuple[str, str, Floats]] = []
    for name in _in_order(list(told), ledgers):
        own = measures_truth(ledgers[name], scheme, field.truth, field.wave, field.asked.plan.seed)
        truths += [(name, code, values) for code, values in own.items()]
        written[name] = records(ledgers[name], _setting(ledgers[name], own, written, field))
    found = []
    for name, entry in told.items():
        path = field.folder / "responses" / field.wave / f"{Path(entry.file).stem}.csv"
        if Path(entry.file).suffix.lower() == ".csv":
            path.parent.mkdir(parents=True, exist_ok=True)
            header, *rows = written[name].rows()
            path.write_bytes(invention.table(header, rows))
        else:
            path = path.with_suffix(".xlsx")
            at = dt.datetime.combine(field.end, dt.time(18))
            write_workbook(path, written[name].rows(), sheet="Sheet1", at=at)
        file = path.relative_to(field.folder).as_posix()
        found.append(entry.model_copy(update={"file": file, "crosswalk": None}))
    _tell(truths, field)
    return found


def _setting(
    ledger: Ledger, own: Mapping[str, Floats], written: Mapping[str, Book], field: Field
) -> Setting:
    plan, k = field.asked.plan, len(field.subjects)
    rng = np.random.Generator(np.random.PCG64([plan.seed, int(field.wave), 5, *ledger.id.encode()]))
    usual = plan.records.get(ledger.id, OF_PERSON if field.asked.persons else USUAL)
    readiness = np.exp(np.clip(0.32 * rng.standard_normal(k), -0.55, 0.55))
    volume = np.full(k, usual) if field.asked.persons else usual * readiness
    for measure in ledger.measures:
        counted = measure.how == "rate" and measure.column is None and measure.exposure is None
        if counted and measure.scored and measure.code in own:
            low, high = float(measure.worst or 0.0), float(measure.best or 0.0)
            people = np.array([s.population or 1000 for s in field.subjects], dtype=np.float64)
            volume = (low + own[measure.code] / 100.0 * (high - low)) * people / measure.per
    return Setting(
        field.wave, field.subjects, field.start, field.end, own, volume,
        field.kinds or tuple(registers.KINDS), field.rings, written, field.calendar, rng,
    )  # fmt: skip


def _in_order(names: Sequence[str], ledgers: Mapping[str, Ledger]) -> list[str]:
    """Return ledgers so that what is pointed to comes first, as far as that can be."""
    found: list[str] = []

    def add(name: str, above: tuple[str, ...]) -> None:
        for column in ledgers[name].columns:
            for target in column.points_to:
                if target in names and target not in (*found, *above):
                    add(target, (*above, name))
        if name not in found:
            found.append(name)

    for name in names:
        add(name, ())
    return found


def _tell(truths: Sequence[tuple[str, str, Floats]], field: Field) -> None:
    """Write what is true of the measures, below what other waves have there."""
    if not truths:
        return
    path = field.folder / MEASURES
    path.parent.mkdir(parents=True, exist_ok=True)
    head = "" if path.exists() else "wave,ledger,measure,subject,true\n"
    lines = [
        f"{field.wave},{name},{code},{subject.id},{value:.3f}\n"
        for name, code, values in truths
        for subject, value in zip(field.subjects, values.tolist(), strict=True)
    ]
    with path.open("a", encoding="utf-8", newline="") as file:
        file.write(head + "".join(lines))
