"""The campaign's section of `docs/assurance.md`: one row a part, and every failure with its seed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evalkit.version import __version__
from tests.attack.tally import HERE, Tally

PAGE = HERE / "docs" / "assurance.md"
BEGIN, END = "<!-- attack: written by `make attack` -->", "<!-- attack: end -->"
HEADINGS = (
    "part",
    "what",
    "tried",
    "survived",
    "failed",
    "how they ended",
    "CPU s",
    "date",
    "version",
)


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one part; `tally` is None where the part is not there."""

    part: str
    what: str
    seed: int
    tally: Tally | None
    seconds: float
    date: str = ""

    def cells(self) -> list[str]:
        """Return the row as the page has it."""
        date = self.date or dt.date.today().isoformat()
        if self.tally is None:
            return [self.part, self.what, "", "", "", "not there", "", date, __version__]
        ends = ", ".join(
            f"{n:,} {how}" for how, n in (self.tally.outcomes + self.tally.apart).most_common()
        )
        counts = (self.tally.tried, self.tally.survived, self.tally.failed)
        figures = [f"{n:,}" for n in counts]
        return [self.part, self.what, *figures, ends, f"{self.seconds:.0f}", date, __version__]


def rows_in(text: str) -> dict[str, str]:
    """Return the lines of the table as it stands, by part."""
    inside = text.partition(BEGIN)[2].partition(END)[0]
    lines = [line for line in inside.splitlines() if line.startswith("| ")]
    return {line.split("|")[1].strip(): line for line in lines[2:]}


def failures_in(text: str) -> dict[str, list[str]]:
    """Return the failures as they stand, by part."""
    found: dict[str, list[str]] = {}
    for line in text.partition(BEGIN)[2].partition(END)[0].splitlines():
        if line.startswith("* `"):
            found.setdefault(line.split("`")[1].split()[0], []).append(line)
    return found


def section(rows: Sequence[Row], order: Sequence[str], text: str) -> str:
    """Return the page with these rows in the place of the old ones; other parts stay."""
    lines = rows_in(text) | {row.part: _line(row.cells()) for row in rows}
    failed = failures_in(text) | {row.part: _failures(row) for row in rows}
    table = [_line(HEADINGS), _line(["---"] * len(HEADINGS))]
    table += [lines[part] for part in order if part in lines]
    listed = [line for part in order for line in failed.get(part, [])]
    parts = ["\n".join(table)]
    if listed:
        again = "`make attack PARTS=... SEED=...` makes the same tries again. What failed:"
        parts += [again, "\n".join(listed)]
    head, rest = text.split(BEGIN)
    return "\n\n".join([head.rstrip(), BEGIN, *parts, END]) + rest.split(END)[1]


def write(rows: Sequence[Row], order: Sequence[str], page: Path = PAGE) -> None:
    """Write the section anew."""
    page.write_text(section(rows, order, page.read_text(encoding="utf-8")), encoding="utf-8")


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _failures(row: Row) -> list[str]:
    if row.tally is None:
        return []
    return [
        f"* `{row.part}` seed {row.seed}, {_plain(label)}: {_plain(what)}"
        for label, what in row.tally.failures
    ]


def _plain(text: str) -> str:
    """Return a text that a page can hold, whatever a hostile string did to it."""
    kept = "".join(letter if letter.isprintable() else "?" for letter in text)
    return kept.translate(str.maketrans("<>|`", "‹›¦'"))[:400]
