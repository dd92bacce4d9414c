"""Files of answers that somebody has worked on, with an independent reader beside.

A healthy export is changed in one to four ways that people and programs change files, written as
csv, xlsx or xls, and imported. What comes out must be exactly what `tests.attack.reader` reads, row
by row and cell by cell, or there must be a problem; every row that was read is kept or rejected.
"""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

from evalkit import platforms
from evalkit import workspace as spaces
from evalkit.definitions.decided import Decided
from evalkit.errors import Problems
from evalkit.intake.importing import Source, import_wave
from evalkit.tables import Answers, FileReport
from tests.attack import street
from tests.attack.exports import YEAR, changed, written
from tests.attack.reader import Asked, Read, read
from tests.attack.tally import Progress, Tally, Wrong, quiet


def asked(kind: str) -> Asked:
    """What the independent reader is told."""
    items = street.documents()["questionnaires/resident.yaml"]["items"]
    scale = {label: str(code) for code, label in enumerate(street.LABELS, start=1)}
    scored = ("r1", "r2", "r3", "r4")
    names = {name: f"s{place}" for place, name in enumerate(street.NAMES, start=1)}
    names |= {subject: subject for subject in names.values()}
    names |= {f"{name}苑": subject for name, subject in list(names.items()) if name != subject}
    return Asked(
        items={item["id"]: item["text"] for item in items},
        options={
            "live": {"是": "1", "否": "2"},
            **dict.fromkeys((*scored, "overall"), scale),
            "need": {need: str(code) for code, need in enumerate(street.NEEDS, start=1)},
        },
        missing={item: {"6": "dont_know"} for item in (*scored, "overall")},
        scored=scored,
        several=("need",),
        screening={"live": "2"},
        subject="where",
        names=names,
        year=YEAR,
        needed=("live", "where", *scored),
    )


def attack(size: int, seed: int, progress: Progress = quiet, only: int | None = None) -> Tally:
    """Change, write, import and compare so many files."""
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        root = street.write(Path(folder) / "ws")
        decided = spaces.open(root).inputs().decided
        for number in range(size) if only is None else [only]:
            tally.attempt(number, lambda number=number: one(number, seed, root, decided))
            progress(number + 1)
    return tally


def one(number: int, seed: int, root: Path, decided: Decided) -> str:
    """Try one file; say whether it was read right or refused."""
    rng = random.Random(f"responses {seed} {number}")
    kind = rng.choice(("text", "text", "number", "table"))
    table, done = changed(rng, kind)
    data, suffix = written(table, rng, kind)
    expected = read(data, suffix, asked(kind), kind == "number")
    path = root / f"responses/{YEAR}/tried{suffix}"
    path.write_bytes(data)
    try:
        said = judged(expected, *imported(path, root, decided, kind), " ".join([kind, *done]))
    finally:
        path.unlink()
    return said


def imported(
    path: Path, root: Path, decided: Decided, kind: str
) -> tuple[Answers | None, FileReport | None, Problems]:
    """Read and import one file as the wave's only one."""
    problems = Problems()
    name = path.relative_to(root).as_posix()
    sheet = platforms.read(path, name=name, problems=problems)
    if sheet is None:
        return None, None, problems
    wave = decided.order.wave(YEAR)
    variant = {"number": "number", "text": "text", "table": "text"}[kind]
    entry = wave.files[0].model_copy(update={"file": name, "variant": variant})
    wave = wave.model_copy(update={"files": [entry, wave.files[1]]})
    source = Source(entry, sheet, decided.questionnaires["resident"])
    answers, reports = import_wave(wave, [source], decided, problems)
    return answers, reports[0], problems


def judged(
    expected: Read,
    answers: Answers | None,
    report: FileReport | None,
    problems: Problems,
    done: str,
) -> str:
    """Compare what was imported with what the independent reader read."""
    for problem in problems:
        if not (problem.file and problem.message):
            raise Wrong(f"{done}: a problem without a place: {problem}")
    if report is not None and report.rows_kept + len(report.rejections) != report.rows_read:
        raise Wrong(f"{done}: kept and rejected are not what was read")
    if problems:
        return "told" if expected.doubts else "refused"
    left_out = _said_not_asked(report)
    silent = [doubt for doubt, item in expected.doubts.items() if item not in left_out]
    if silent:
        raise Wrong(f"{done}: no word of {silent[0]}")
    assert answers is not None
    assert report is not None
    if expected.open:
        return "undecided"
    found = _rows(answers)
    if found.keys() != expected.kept.keys():
        raise Wrong(
            f"{done}: rows {sorted(found.keys() - expected.kept.keys())} too many, "
            f"{sorted(expected.kept.keys() - found.keys())} too few"
        )
    for row, (subject, values) in expected.kept.items():
        if found[row][0] != subject:
            raise Wrong(f"{done}: row {row} is of {found[row][0]}, not {subject}")
        for item, value in found[row][1].items():
            if value != values[item] and not (value == "!not_asked" and item in left_out):
                raise Wrong(f"{done}: row {row}, {item}: {value!r}, not {values[item]!r}")
    unsaid = expected.notes - {str(note.code) for note in report.notes}
    if unsaid:
        raise Wrong(f"{done}: no note {sorted(unsaid)}")
    listed = " ".join((*report.unmapped_columns, *report.dropped_columns))
    lost = [header for header in expected.strange if header not in listed]
    if lost:
        raise Wrong(f"{done}: no word of the columns {lost}")
    return "right, a question left out with a note" if left_out & _there(expected) else "right"


def _there(expected: Read) -> set[str]:
    """Return the questions that somebody answered."""
    rows = (values for _, values in expected.kept.values())
    return {item for values in rows for item, value in values.items() if value != "!not_asked"}


def _said_not_asked(report: FileReport | None) -> set[str]:
    """Return the questions of which a note says that the file does not have them."""
    notes = () if report is None else report.notes
    return {item for note in notes if note.code == "not_asked" for item in note.facts["items"]}


def _rows(answers: Answers) -> dict[int, tuple[str, dict[str, str]]]:
    codes, states = answers.codes["resident"], answers.states["resident"]
    people = answers.respondents
    return {
        int(people.at[who, "row"]): (
            str(people.at[who, "subject"]),
            {
                str(item): _in_order(str(codes.at[who, item]), str(item))
                if states.at[who, item] == "answered"
                else f"!{states.at[who, item]}"
                for item in codes.columns
            },
        )
        for who in people.index
    }


def _in_order(code: str, item: str) -> str:
    return ";".join(sorted(code.split(";"))) if item == "need" else code
