"""A raw sheet as coded answers: every cell an option code and a typed state."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.definitions.crosswalk import Crosswalk
from evalkit.definitions.evaluation import ResponseFile
from evalkit.definitions.questionnaire import Item, Option, Questionnaire
from evalkit.definitions.text import comparable, option_key
from evalkit.definitions.vocabulary import LISTING
from evalkit.errors import Note, Problems
from evalkit.intake.branches import joined
from evalkit.intake.columns import ColumnPlan, plan_columns
from evalkit.platforms import Codebook, Platform, RawColumn, RawSheet, of
from evalkit.problems import intake as faults
from evalkit.tables import State

_BETWEEN_CODES = re.compile(LISTING)

UNKNOWN = "unknown"
"""Marks, inside this room only, a value that no option explains."""


@dataclass(frozen=True, slots=True)
class CodedSheet:
    """One sheet, coded. All frames are indexed by the row number in the file.

    Attributes
    ----------
    codes, states : DataFrame
        Columns are the questionnaire's item ids; states hold `State` values.
    meta : DataFrame
        Platform columns that were there: sequence, submitted, seconds, ip.
    unknown : tuple of (item id, value, count)
    notes : tuple of Note
        Which columns were taken for one question.
    """

    raw: RawSheet
    plan: ColumnPlan
    variant: str
    codes: pd.DataFrame
    states: pd.DataFrame
    meta: pd.DataFrame
    unknown: tuple[tuple[str, str, int], ...]
    notes: tuple[Note, ...] = ()


def code_sheet(
    sheet: RawSheet,
    questionnaire: Questionnaire,
    entry: ResponseFile,
    crosswalk: Crosswalk | None,
    codebook: Codebook | None,
    rows: pd.Index[int],
    problems: Problems,
) -> CodedSheet | None:
    """Code the answers of `rows`; collect every column and value that has no place.

    Parameters
    ----------
    rows : Index
        Row numbers that are answers at all (no blanks, footers, repeated headers).

    Returns
    -------
    CodedSheet or None
        None where what the cells hold cannot be told; the reason is among the problems.
    """
    plan = plan_columns(sheet, questionnaire, crosswalk, entry.group is not None, problems, rows)
    cells = joined(sheet, sheet.cells.loc[rows], plan.single, plan.more)
    variant = entry.variant or (crosswalk.variant if crosswalk else None) or sheet.variant
    variant = variant or _variant(cells, plan, questionnaire, of(sheet))
    if variant is None:
        problems.collect(faults.unclear_variant(sheet.file, sheet.sheet))
        return None
    overrides = crosswalk.values if crosswalk else {}
    platform = of(sheet)
    codes: dict[str, pd.Series[str]] = {}
    states: dict[str, pd.Series[str]] = {}
    unknown: list[tuple[str, str, int]] = []
    for item in questionnaire.items:
        if item.id in plan.single:
            column = plan.single[item.id]
            coder = _Coder(item, questionnaire, variant, item.id in plan.reversed, platform)
            coder.learn(overrides.get(item.id, {}), codebook, column)
            code, state = coder.code(cells[column.position])
            unknown += _report_unknown(sheet, column, item, coder, cells, state, problems)
        elif item.id in plan.spread:
            code, state = _code_spread(cells, plan.spread[item.id], item, platform)
        else:
            code = pd.Series(pd.NA, index=rows, dtype="object")
            state = pd.Series(State.NOT_ASKED.value, index=rows, dtype="object")
        codes[item.id], states[item.id] = code, state.replace(UNKNOWN, State.INVALID.value)
    meta = {column.metadata: cells[column.position] for column in sheet.columns if column.metadata}
    return CodedSheet(
        sheet,
        plan,
        variant,
        pd.DataFrame(codes, index=rows),
        pd.DataFrame(states, index=rows),
        pd.DataFrame(meta, index=rows),
        tuple(unknown),
        plan.notes,
    )


class _Coder:
    """Turns the cells of one item's column into codes and states."""

    def __init__(
        self,
        item: Item,
        questionnaire: Questionnaire,
        variant: str,
        backwards: bool,
        platform: Platform,
    ) -> None:
        self.item = item
        self.platform = platform
        self.variant = variant
        self.options = questionnaire.options_of(item)
        self.by_code = {option.code: option for option in self.options}
        self.lookup = _lookup(self.options, variant)
        if backwards and variant == "number":
            self.lookup = _reversed(self.options)

    def learn(
        self,
        overrides: dict[str, str | None],
        codebook: Codebook | None,
        column: RawColumn,
    ) -> None:
        """Add the crosswalk's values, and labels known from the text twin of a number file."""
        if codebook is not None and self.variant == "number":
            labels = codebook.labels(column)
            texts = _lookup(self.options, "text")
            for number, label in labels.items():
                if not self.options:
                    self.lookup[number] = label
                elif comparable(label) in texts:
                    self.lookup[number] = texts[comparable(label)]
        for value, code in overrides.items():
            self.lookup[comparable(value)] = code

    def code(self, cells: pd.Series[str]) -> tuple[pd.Series[str], pd.Series[str]]:
        """Return codes and states of a column; unknown values get the state `UNKNOWN`."""
        values = cells.unique()
        pairs = {value: self._one(str(value)) for value in values}
        codes = cells.map({value: code for value, (code, _) in pairs.items()}).astype("object")
        states = cells.map({value: state for value, (_, state) in pairs.items()})
        return codes, states.astype("object")

    def _one(self, value: str) -> tuple[object, str]:
        marker = self.platform.missing_state(value, self.variant)
        if marker is not None:
            return pd.NA, State(marker).value
        if self.item.kind == "multiple":
            return self._several(self._codes(value) or self.platform.choices(value))
        if self.item.kind == "ranking":
            return self._several(self._codes(value) or self.platform.ranking(value))
        if self.item.kind == "number":
            return self._number(value)
        if self.item.kind == "text" or not (self.options or self.lookup):
            return value, State.ANSWERED.value
        label = self.platform.label(value)
        for key in (comparable(value), comparable(label), option_key(label)):
            if key in self.lookup:
                return self._known(self.lookup[key])
        return pd.NA, UNKNOWN

    def _known(self, code: str | None) -> tuple[object, str]:
        if code is None:
            return pd.NA, State.INVALID.value
        option = self.by_code.get(code)
        if option is not None and option.missing is not None:
            return pd.NA, State(option.missing).value
        return code, State.ANSWERED.value

    def _several(self, labels: list[str]) -> tuple[object, str]:
        keys = [self._key(label) for label in labels]
        if any(key not in self.lookup for key in keys):
            return pd.NA, UNKNOWN
        found = [code for code in (self.lookup[key] for key in keys) if code is not None]
        if not found:
            return pd.NA, State.INVALID.value
        return ";".join(found), State.ANSWERED.value

    def _codes(self, value: str) -> list[str]:
        """Split codes in one cell, ``1 4 7``, as ODK and typists have them; empty if it is none."""
        codes = _BETWEEN_CODES.split(value.strip())
        known = self.variant == "number" and all(comparable(code) in self.lookup for code in codes)
        return codes if known else []

    def _key(self, label: str) -> str:
        key = comparable(label)
        return key if key in self.lookup else option_key(label)

    def _number(self, value: str) -> tuple[object, str]:
        try:
            number = float(value)
        except ValueError:
            return pd.NA, UNKNOWN
        low = -np.inf if self.item.minimum is None else self.item.minimum
        high = np.inf if self.item.maximum is None else self.item.maximum
        if not low <= number <= high:
            return pd.NA, UNKNOWN
        return repr(number), State.ANSWERED.value


def _lookup(options: list[Option], variant: str) -> dict[str, str | None]:
    if variant == "text":
        bare: dict[str, str | None] = {
            option_key(option.label): option.code for option in reversed(options)
        }
        return bare | {comparable(option.label): option.code for option in options}
    if variant == "number":
        return {comparable(option.code): option.code for option in options}
    return {f"{o.score:g}": o.code for o in reversed(options) if o.score is not None}


def _reversed(options: list[Option]) -> dict[str, str | None]:
    scale = [option.code for option in options if option.missing is None]
    mirrored = dict(zip(scale, reversed(scale), strict=True))
    return {comparable(o.code): mirrored.get(o.code, o.code) for o in options}


def _variant(
    cells: pd.DataFrame, plan: ColumnPlan, questionnaire: Questionnaire, platform: Platform
) -> str | None:
    """Tell what the cells hold from the scored items: the one reading that explains most.

    Where no scored item is among the columns, the others tell. Where no cell of a closed item holds
    anything, every reading says the same.
    """
    closed = [
        item
        for item in questionnaire.items
        if item.id in plan.single and item.kind == "single" and questionnaire.options_of(item)
    ]
    scored = questionnaire.of_role("scored", "overall")
    told = [item for item in closed if item in scored] or closed
    explained = dict.fromkeys(("text", "number", "score"), 0)
    for item in told:
        counts = Counter(str(value) for value in cells[plan.single[item.id].position])
        for variant in explained:
            lookup = _lookup(questionnaire.options_of(item), variant)
            explained[variant] += sum(
                count for value, count in counts.items() if comparable(value) in lookup
            )
    best = max(explained.values())
    if best == 0:
        held = any(
            platform.missing_state(str(cell), "number") is None
            for item in told
            for cell in cells[plan.single[item.id].position].unique()
        )
        figures = any(item.kind == "number" and item.id in plan.single for item in scored)
        return None if held else "number" if figures else "text"
    winners = [variant for variant, count in explained.items() if count == best]
    return winners[0] if len(winners) == 1 else None


def _code_spread(
    cells: pd.DataFrame,
    columns: tuple[tuple[RawColumn, str], ...],
    item: Item,
    platform: Platform,
) -> tuple[pd.Series[str], pd.Series[str]]:
    """Code an item with one column an option: chosen where a cell holds a positive number."""
    block = cells[[column.position for column, _ in columns]]
    numbers = block.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float)
    codes = [code for _, code in columns]
    picked: list[object] = []
    states: list[str] = []
    for row, texts in zip(numbers, block.to_numpy(), strict=True):
        chosen = [place for place in range(len(codes)) if row[place] >= 1]
        if item.kind == "ranking":
            chosen.sort(key=lambda place: row[place])
        if chosen:
            picked.append(";".join(codes[place] for place in chosen))
            states.append(State.ANSWERED.value)
            continue
        markers = {platform.missing_state(str(text), "number") for text in texts}
        picked.append(pd.NA)
        states.append(State.SKIPPED.value if "skipped" in markers else State.EMPTY.value)
    return (
        pd.Series(picked, index=cells.index, dtype="object"),
        pd.Series(states, index=cells.index, dtype="object"),
    )


def _report_unknown(
    sheet: RawSheet,
    column: RawColumn,
    item: Item,
    coder: _Coder,
    cells: pd.DataFrame,
    states: pd.Series[str],
    problems: Problems,
) -> list[tuple[str, str, int]]:
    strange = cells.loc[states == UNKNOWN, column.position]
    found = []
    for value, count in sorted(Counter(str(v) for v in strange).items()):
        first = int(strange.index[strange == value][0])
        found.append((item.id, value, count))
        place = faults.Place(sheet.file, sheet.sheet, first, f"{column.letters} {column.header}")
        limits = (item.minimum, item.maximum) if item.kind == "number" else None
        problems.collect(
            faults.unknown_option(place, item.id, value, count, _expected(coder), limits)
        )
    return found


def _expected(coder: _Coder) -> list[str]:
    if coder.variant == "text":
        return [option.label for option in coder.options]
    if coder.variant == "number":
        return [f"{option.code}={option.label}" for option in coder.options]
    return [f"{option.score:g}" for option in coder.options if option.score is not None]
