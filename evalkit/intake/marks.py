"""Which options are chosen where every option has a column of its own: what the marks say.

Platforms write 1 and 0, TRUE and FALSE, 是 and 否, a hook, the option's label or its number; some
write 1 for chosen and 2 for not. A mark that is none of these is told, never taken for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import pandas as pd

from evalkit import numerals
from evalkit.definitions.crosswalk import UNDECIDED
from evalkit.definitions.questionnaire import Item, Option
from evalkit.definitions.text import comparable, option_key, undecorated
from evalkit.definitions.vocabulary import CROSSES, HOOKS, NOT_TICKED, TICKED
from evalkit.files.alike import coded, counted, places, rows_alike
from evalkit.intake.coding import Open
from evalkit.platforms import Platform, RawColumn
from evalkit.tables import State


class Mark(Enum):
    """What one cell says of its option."""

    CHOSEN = "chosen"
    NOT_CHOSEN = "not_chosen"
    EMPTY = "empty"
    SKIPPED = "skipped"
    LEFT_OUT = "left_out"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of one item.

    Attributes
    ----------
    meanings : tuple of dict of cell to Mark
        One for each column.
    strange : tuple of dict of cell to Open or None
        Cells that nothing explains, by column.
    one_and_two : bool
        There are only 1 and 2: 1 is read as chosen, 2 as not.
    """

    meanings: tuple[Mapping[str, Mark], ...]
    strange: tuple[Mapping[str, Open | None], ...]
    one_and_two: bool


def read_marks(
    cells: Sequence[Mapping[str, int]],
    options: Sequence[Option],
    platform: Platform,
    values: Mapping[str, str | None],
    *,
    ranked: bool = False,
) -> Marks:
    """Tell what the marks of one item's columns mean, from all of them together.

    Parameters
    ----------
    cells : sequence of dict of cell to count
        The different cells of each column.
    options : sequence of Option
        The option of each column.
    values : dict of mark to "1", "0", `UNDECIDED` or None
        What an analyst said of a mark.
    ranked : bool
        Columns hold ranks.
    """
    usage = _Usage.of(cells, options, platform, values, ranked=ranked)
    meanings, strange = [], []
    for option, column in zip(options, cells, strict=True):
        found = {cell: usage.meaning(option, cell) for cell in column}
        meanings.append({cell: mark for cell, (mark, _) in found.items()})
        strange.append({c: why for c, (mark, why) in found.items() if mark is Mark.UNKNOWN})
    return Marks(tuple(meanings), tuple(strange), usage.one_and_two)


@dataclass(frozen=True, slots=True)
class _Usage:
    """How the columns of one item are marked, as all of them together tell.

    Attributes
    ----------
    said : dict of mark to "1", "0", `UNDECIDED` or None
        What an analyst said of it.
    ranked : bool
        Columns hold ranks.
    by_code : bool
        Columns hold the number of their option, or nothing.
    one_and_two : bool
        1 is chosen, 2 is not.
    hooked : bool
        There are hooks, so that a cross is none.
    """

    platform: Platform
    said: Mapping[str, str | None]
    ranked: bool
    by_code: bool
    one_and_two: bool
    hooked: bool

    @classmethod
    def of(
        cls,
        cells: Sequence[Mapping[str, int]],
        options: Sequence[Option],
        platform: Platform,
        values: Mapping[str, str | None],
        *,
        ranked: bool,
    ) -> _Usage:
        said = {comparable(mark): code for mark, code in values.items()}
        given = [
            {
                comparable(platform.label(c))
                for c in column
                if platform.missing_state(c, "number") is None
            }
            - said.keys()
            for column in cells
        ]
        together = set().union(*given)
        fits = _hold_own_numbers(given, options)
        return cls(
            platform,
            said,
            ranked,
            by_code=fits and _some_hold_nothing(cells, platform),
            one_and_two=not fits and not ranked and together == {"1", "2"},
            hooked=bool(together & HOOKS),
        )

    def meaning(self, option: Option, cell: str) -> tuple[Mark, Open | None]:
        """Return what a cell says of its option and, where an analyst left it open, that."""
        missing = self.platform.missing_state(cell, "number")
        if missing is not None:
            return (Mark.SKIPPED if missing == "skipped" else Mark.EMPTY), None
        key = comparable(self.platform.label(cell))
        if key in self.said:
            return _decided(self.said[key])
        if self.ranked:
            rank = numerals.whole(key)
            known = Mark.UNKNOWN if rank is None else Mark.CHOSEN if rank else Mark.NOT_CHOSEN
            return known, None
        if self.one_and_two:
            return (Mark.CHOSEN if key == "1" else Mark.NOT_CHOSEN), None
        bare = undecorated(option_key(self.platform.label(cell)))
        if {key, bare} & _own(option) or (self.by_code and key == comparable(option.code)):
            return Mark.CHOSEN, None
        if key in TICKED and not (self.by_code and key == "1"):
            return Mark.CHOSEN, None
        if key in NOT_TICKED or (self.hooked and key in CROSSES):
            return Mark.NOT_CHOSEN, None
        written = self.platform.text_chooses(option.label) and numerals.number(key) is None
        return (Mark.CHOSEN if written else Mark.UNKNOWN), None


def holds_marks(column: RawColumn, cells: Iterable[str]) -> bool:
    """Tell whether a column under the name of an option holds marks; one of nothing may."""
    own = comparable(column.option or "")
    held = {comparable(cell) for cell in cells if cell.strip()}
    marks = TICKED | NOT_TICKED | HOOKS | CROSSES | {own}
    return not held or any(key in marks or numerals.whole(key) is not None for key in held)


def _decided(code: str | None) -> tuple[Mark, Open | None]:
    if code == UNDECIDED:
        return Mark.UNKNOWN, Open()
    if code is None:
        return Mark.LEFT_OUT, None
    return (Mark.CHOSEN if code == "1" else Mark.NOT_CHOSEN), None


def _own(option: Option) -> frozenset[str]:
    bare = option_key(option.label)
    return frozenset({comparable(option.label), bare, undecorated(bare)})


def _hold_own_numbers(given: Sequence[set[str]], options: Sequence[Option]) -> bool:
    """Tell whether every column holds the number of its own option and no other mark but 0."""
    codes = [comparable(option.code) for option in options]
    own = all(marks <= {code, "0"} for marks, code in zip(given, codes, strict=True))
    return own and any(c != "1" and c in marks for marks, c in zip(given, codes, strict=True))


def _some_hold_nothing(cells: Sequence[Mapping[str, int]], platform: Platform) -> bool:
    return any(
        platform.missing_state(cell, "number") is not None or comparable(cell) == "0"
        for column in cells
        for cell in column
    )


def code_marks(
    block: pd.DataFrame, options: Sequence[Option], item: Item, marks: Marks
) -> tuple[pd.Series[str], pd.Series[str]]:
    """Return codes and states of an item by its marks; `State.INVALID` where one is not explained."""
    columns = [places(block[position]) for position in block.columns]
    which, first = rows_alike([codes for codes, _ in columns])
    rows = [tuple(texts[codes[at]] for codes, texts in columns) for at in first.tolist()]
    said = [_said(texts, options, item, marks) for texts in rows]
    row = pd.Series(which.astype(str), index=block.index, dtype="category")
    names = [str(at) for at in range(len(said))]
    return (
        coded(row, {name: code for name, (code, _) in zip(names, said, strict=True)}),
        coded(row, {name: state for name, (_, state) in zip(names, said, strict=True)}),
    )


def _said(
    texts: Sequence[str], options: Sequence[Option], item: Item, marks: Marks
) -> tuple[str | None, str]:
    """Return the code and the state of one row of marks."""
    row = [marks.meanings[at][text] for at, text in enumerate(texts)]
    chosen = [at for at, mark in enumerate(row) if mark is Mark.CHOSEN]
    if item.kind == "ranking":
        chosen.sort(key=lambda at: numerals.whole(texts[at]) or 0)
    if Mark.UNKNOWN in row:
        return None, State.INVALID.value
    if chosen:
        return ";".join(options[at].code for at in chosen), State.ANSWERED.value
    if Mark.LEFT_OUT in row:
        return None, State.INVALID.value
    return None, (State.SKIPPED if Mark.SKIPPED in row else State.EMPTY).value


def counts_of(block: pd.DataFrame) -> list[dict[str, int]]:
    """Return the different cells of every column, and how often each stands there."""
    return [counted(block[position]) for position in block.columns]
