"""Data files of SPSS, Stata and Parquet: names, labels, value labels, missing values, choice sets.

What a file says of a number is what the number means: value labels are its codebook. Where the
questionnaire has no option of that label, a value that the file calls missing is no answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from evalkit.codes import NoteCode
from evalkit.errors import Note, Problem
from evalkit.files.grid import Dictionary, ResponseSet, Variable, bare
from evalkit.platforms.base import Metadata, RawColumn, Recognition, Variant
from evalkit.platforms.online import numbered, without_remark
from evalkit.platforms.table import PlainTable

_JOINTS = " \u3000:：-—/|"
_OWN: dict[str, Metadata] = {
    "index": "sequence",
    "totalseconds": "seconds",
    "submittime": "submitted",
    "submitdate": "submitted",
    "source": "source",
    "sourcedetail": "source_detail",
    "ip": "ip",
}
_TELLING = "totalseconds"
"""The variable by which an export of 问卷星 is known."""


@dataclass(frozen=True, slots=True)
class ValueLabels:
    """The codebook that a data file is for itself."""

    variables: tuple[Variable, ...]
    notes: tuple[Note, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def content(self) -> str:
        """All that it says of labels and numbers, as text."""
        return repr(self.variables)

    def labels(self, column: RawColumn) -> dict[str, str]:
        """Return the labels of a column's values."""
        return dict(self.variables[column.position].labels)

    def missing(self, column: RawColumn) -> frozenset[str]:
        """Return the values that the file calls missing."""
        return self.variables[column.position].missing


@dataclass(frozen=True, slots=True)
class Described:
    """A data file's columns and cells, as its dictionary has them."""

    columns: tuple[RawColumn, ...]
    cells: pd.DataFrame
    variant: Variant | None
    codebook: ValueLabels
    notes: tuple[Note, ...]


class DataFile(PlainTable):
    """A file of SPSS or Stata, or a Parquet file; known by its bytes, not by its headers."""

    name = "data_file"
    title = "SPSS、Stata 或 Parquet 数据文件"

    def recognises(self, headers: Sequence[str], rows: int) -> Recognition | None:
        """Recognise no headers."""
        return None

    def described(self, cells: pd.DataFrame, dictionary: Dictionary, where: str) -> Described:
        """Return what the dictionary says of every column."""
        variables = list(dictionary.variables)
        wenjuanxing = any(one.name.casefold() == _TELLING for one in variables)
        names = self.columns([one.label or one.name for one in variables])
        columns = [
            _column(at, one, named.metadata, wenjuanxing)
            for at, (one, named) in enumerate(zip(variables, names, strict=True))
        ]
        cells = cells.copy()
        places = {one.name: at for at, one in enumerate(variables)}
        for choices in dictionary.sets:
            _lay_out(choices, places, variables, columns, cells)
        coded = any(one.labels for one in dictionary.variables)
        notes = tuple(note for one in dictionary.variables for note in _notes(one, where))
        variant: Variant | None = "number" if coded else None
        return Described(tuple(columns), cells, variant, ValueLabels(tuple(variables)), notes)


def labelled(cells: pd.DataFrame, dictionary: Dictionary) -> pd.DataFrame:
    """Return the texts that the values stand for.

    Once the answers of a long table lie side by side, no column is a variable of the file any more.
    A value that the file calls missing and that has no label is no answer.
    """
    cells = cells.copy()
    for at, one in enumerate(dictionary.variables):
        said = {**dict.fromkeys(one.missing, ""), **dict(one.labels)}
        if said:
            cells[at] = cells[at].map(lambda cell, said=said: said.get(cell, cell))
    return cells


def _column(at: int, one: Variable, named: str | None, wenjuanxing: bool) -> RawColumn:
    metadata = _OWN.get(one.name.casefold()) if wenjuanxing else None
    number, text = numbered(without_remark(one.label or one.name))
    names = tuple(dict.fromkeys(name for name in (one.name, one.label) if name))
    return RawColumn(at, one.name, number, text, metadata=metadata or named, names=names)


def _lay_out(
    choices: ResponseSet,
    places: dict[str, int],
    variables: list[Variable],
    columns: list[RawColumn],
    cells: pd.DataFrame,
) -> None:
    """Make the variables of a set one multi-select: columns of 1 and 0, or numbers in one cell."""
    at = [places[name] for name in choices.variables if name in places]
    number, stem = numbered(without_remark(choices.label))
    if choices.counted is None:
        joined = [
            " ".join(
                dict.fromkeys(
                    cell
                    for position, cell in zip(at, row, strict=True)
                    if cell and cell not in variables[position].missing
                )
            )
            for row in cells[at].itertuples(index=False, name=None)
        ]
        for position in at[1:]:
            columns[position] = replace(columns[position], metadata="own")
        if at:
            cells[at[0]] = joined
            first = variables[at[0]].name
            columns[at[0]] = replace(
                columns[at[0]], number=number, text=stem, kind="multiple", names=(first,)
            )
        return
    for position in at:
        one = variables[position]
        option = bare(one.label.removeprefix(choices.label).strip(_JOINTS)) or one.name
        columns[position] = replace(
            columns[position],
            number=number,
            text=stem,
            stem=stem,
            option=option,
            kind="multiple",
            names=(one.name,),
        )
        cells[position] = [
            "" if not cell or cell in one.missing else "1" if cell == choices.counted else "0"
            for cell in cells[position]
        ]
        variables[position] = replace(one, labels={}, missing=frozenset())


def _notes(one: Variable, where: str) -> list[Note]:
    codes: defaultdict[str, list[str]] = defaultdict(list)
    for code, label in one.labels.items():
        codes[bare(label)].append(code)
    notes = []
    for label, several in codes.items():
        if len(several) > 1:
            facts = {"variable": one.name, "label": label, "codes": tuple(several)}
            notes.append(Note(NoteCode.VALUES_LABELLED_ALIKE, where, len(several), facts))
    if one.cut:
        facts = {"variable": one.name, "values": one.cut}
        notes.append(Note(NoteCode.VALUES_CUT, where, len(one.cut), facts))
    return notes
