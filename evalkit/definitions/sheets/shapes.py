"""The shapes in which parts of documents stand in sheets, written and read.

Five shapes are enough. `Singles`: one value a row. `Records`: a list, one element a row. `Children`:
the lists inside a list's elements, each row naming its parent. `Families`: named lists. `Pairs`:
mappings of text to text, perhaps within a mapping.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import BaseModel

from evalkit.definitions.places import Place, Places, Steps, column_text
from evalkit.definitions.sheets.cells import NewColumn, NewSheet, Table, Value
from evalkit.definitions.sheets.columns import FieldColumn, Header, recognise
from evalkit.definitions.text import comparable
from evalkit.errors import Problems

FACT_TITLES = ("项目", "内容", "说明")


@dataclass(frozen=True, slots=True)
class Reading:
    """What all sheets of one workbook are read into."""

    name: str
    problems: Problems
    places: Places
    data: dict[str, Any]

    def header(self, table: Table, columns: Iterable[FieldColumn], steps: Steps) -> Header:
        """Recognise a sheet's columns; what stands in a column that is not understood is unread."""
        before = len(self.problems)
        bare = tuple(step for step in steps if step != "*")
        header, missing = recognise(table, columns, self.name, self.problems, bare)
        if len(self.problems) > before:
            self.places.tear(steps)
        self.missing(missing)
        return header

    def lacks(self, *steps: str) -> bool:
        """Tell whether a required column is missing and reported."""
        return self.places.is_absent(steps)

    def missing(self, steps: Iterable[Steps]) -> None:
        """Note required sheets and columns that are missing and reported."""
        for path in steps:
            self.places.put_absent(tuple(step for step in path if step != "*"))


class Layout(Protocol):
    """One sheet of a document."""

    @property
    def sheet(self) -> str:
        """The sheet's title."""

    @property
    def required(self) -> bool:
        """Whether a workbook without this sheet is incomplete."""

    @property
    def columns(self) -> tuple[FieldColumn, ...]:
        """What the sheet explains: its columns, or its rows where it has one value a row."""

    @property
    def paths(self) -> tuple[Steps, ...]:
        """What a document lacks when the sheet is missing."""

    def filled(self, document: Any) -> NewSheet:
        """Return the sheet to be written."""

    def read(self, table: Table, into: Reading) -> None:
        """Read the sheet into plain data."""


@dataclass(frozen=True, slots=True)
class Singles:
    """One value a row; a list has as many rows as items."""

    sheet: str
    columns: tuple[FieldColumn, ...]
    required: bool = True

    @property
    def paths(self) -> tuple[Steps, ...]:
        """Every value."""
        return tuple((column.field,) for column in self.columns)

    def filled(self, document: Any) -> NewSheet:
        """Return one row for each value, an empty one where there is none yet."""
        rows: list[tuple[Value, ...]] = []
        choices: dict[tuple[int, int], tuple[str, ...]] = {}
        for column in self.columns:
            value = getattr(document, column.field)
            if offered := column.heading().choices:
                choices[len(rows), 1] = offered
            values = (value or [None]) if isinstance(value, list) else [value]
            for one in values:
                cell = one if isinstance(value, list) else column.write(one)
                rows.append((column.title, cell, column.description))
        headings = tuple(NewColumn(title) for title in FACT_TITLES)
        return NewSheet(self.sheet, headings, tuple(rows), choices)

    def read(self, table: Table, into: Reading) -> None:
        """Read every row whose first cell names a value."""
        by_title = {comparable(t): c for c in self.columns for t in (c.title, c.field)}
        header = (*table.header, "", "")
        content = column_text(1, header[1])
        astray = False
        for row, cells in table.rows:
            key, cell = (*cells, "", "")[:2]
            column = by_title.get(comparable(key))
            if column is None:
                astray = True
                into.problems.add(
                    "unknown_key",
                    "不认识的项目",
                    file=into.name,
                    sheet=self.sheet,
                    row=row,
                    column=column_text(0, header[0]),
                    expected="、".join(c.title for c in self.columns),
                    found=key.strip() or "（空）",
                    remedy="改正项目名，或删去这一行",
                )
                continue
            path: Steps = (column.field,)
            place = Place(self.sheet, row, content)
            if column.kind == "list":
                values = into.data.setdefault(column.field, [])
                into.places.put((*path, len(values)), place)
                if cell.strip():
                    values.append(cell)
            elif column.field in into.data:
                into.problems.add(
                    "repeated_key",
                    "同一个项目写了两次",
                    file=into.name,
                    sheet=self.sheet,
                    row=row,
                    column=content,
                    key=column.field,
                    expected="每个项目只写一次",
                    found=cell.strip() or "（空）",
                    remedy="删去其中之一",
                )
            elif cell.strip():
                into.data[column.field] = column.read(cell)
            into.places.put(path, place)
        for column in self.columns:
            into.places.put((column.field,), Place(self.sheet))
            if astray and column.field not in into.data:
                into.places.tear((column.field,))


@dataclass(frozen=True, slots=True)
class Records:
    """A list: one element a row."""

    sheet: str
    field: str
    columns: tuple[FieldColumn, ...]
    required: bool = True

    @property
    def paths(self) -> tuple[Steps, ...]:
        """The list."""
        return ((self.field,),)

    def filled(self, document: Any) -> NewSheet:
        """Return one row for each element."""
        records = getattr(document, self.field)
        slots = list(_slots(self.columns, records))
        return NewSheet(
            self.sheet,
            tuple(column.heading(key) for column, key in slots),
            tuple(_cells(slots, record) for record in records),
        )

    def read(self, table: Table, into: Reading) -> None:
        """Read every row as an element."""
        steps: Steps = (self.field,)
        header = into.header(table, self.columns, steps)
        into.places.put(steps, Place(self.sheet))
        header.put_columns(self.sheet, steps, into.places)
        for at, (row, _) in enumerate(table.rows):
            into.places.put((self.field, at), Place(table.sheet, row))
        into.data[self.field] = [header.record(cells) for _, cells in table.rows]


@dataclass(frozen=True, slots=True)
class Children:
    """The lists inside the elements of a list: every row names its parent."""

    sheet: str
    field: str
    child: str
    parent: FieldColumn
    own: tuple[FieldColumn, ...]
    required: bool = True
    parents_sheet: str | None = None

    @property
    def columns(self) -> tuple[FieldColumn, ...]:
        """The parent's column and the children's own."""
        return (self.parent, *self.own)

    @property
    def paths(self) -> tuple[Steps, ...]:
        """The children of every parent."""
        return ((self.field, "*", self.child),)

    def filled(self, document: Any) -> NewSheet:
        """Return one row for each child, the parent's code first."""
        parents = getattr(document, self.field)
        children = [child for parent in parents for child in getattr(parent, self.child)]
        slots = list(_slots(self.own, children))
        return NewSheet(
            self.sheet,
            (
                self.parent.heading(choices_from=self.parents_sheet),
                *(column.heading(key) for column, key in slots),
            ),
            tuple(
                (self.parent.write(getattr(parent, self.parent.field)), *_cells(slots, child))
                for parent in parents
                for child in getattr(parent, self.child)
            ),
        )

    def read(self, table: Table, into: Reading) -> None:
        """Read every row into the parent that it names; parents must have been read before."""
        parents: list[dict[str, Any]] = into.data.get(self.field, [])
        code = self.parent.field
        named: dict[str, int] = {}
        for at, parent in enumerate(parents):
            named.setdefault(str(parent.get(code, "")).strip(), at)
        link = _link(self.parent, self.own)
        header = into.header(table, (link, *self.own), (self.field, "*", self.child))
        if into.lacks(self.field, self.child, link.field):
            into.places.put_absent((self.field, self.child))
            return
        for at in range(len(parents)):
            into.places.put((self.field, at, self.child), Place(self.sheet))
            header.put_columns(self.sheet, (self.field, at, self.child), into.places)
        for row, cells in table.rows:
            record = header.record(cells)
            found = str(record.pop(link.field, "")).strip()
            at = named.get(found, -1)
            if at < 0:
                into.places.tear((self.field, "*", self.child))
                place = header.place(link.field, self.sheet, row)
                into.problems.add(
                    "unknown_reference",
                    f"所属的“{self.parent.title}”不存在",
                    file=into.name,
                    sheet=place.sheet,
                    row=place.row,
                    column=place.column,
                    expected="、".join(code for code in named if code)[:200] or "（没有任何代码）",
                    found=found or "（空）",
                    remedy="改正代码，或补上它所指的内容",
                )
                continue
            children = parents[at].setdefault(self.child, [])
            into.places.put((self.field, at, self.child, len(children)), Place(self.sheet, row))
            children.append(record)


@dataclass(frozen=True, slots=True)
class Families:
    """Named lists: every row names the list it belongs to."""

    sheet: str
    field: str
    family: FieldColumn
    own: tuple[FieldColumn, ...]
    required: bool = False

    @property
    def columns(self) -> tuple[FieldColumn, ...]:
        """The name's column and the elements' own."""
        return (self.family, *self.own)

    @property
    def paths(self) -> tuple[Steps, ...]:
        """All lists."""
        return ((self.field,),)

    def filled(self, document: Any) -> NewSheet:
        """Return one row for each element, the list's name first."""
        lists: Mapping[str, list[Any]] = getattr(document, self.field)
        slots = list(_slots(self.own, [element for found in lists.values() for element in found]))
        return NewSheet(
            self.sheet,
            (self.family.heading(), *(column.heading(key) for column, key in slots)),
            tuple(
                (name, *_cells(slots, element))
                for name, elements in lists.items()
                for element in elements
            ),
        )

    def read(self, table: Table, into: Reading) -> None:
        """Read every row into the list that it names."""
        steps: Steps = (self.field,)
        header = into.header(table, self.columns, steps)
        into.places.put(steps, Place(self.sheet))
        lists: dict[str, list[Any]] = into.data.setdefault(self.field, {})
        for row, cells in table.rows:
            record = header.record(cells)
            name = str(record.pop(self.family.field, "")).strip()
            if not name:
                into.places.tear(steps)
                if not into.lacks(self.field, self.family.field):
                    _report_empty(header.place(self.family.field, self.sheet, row), into)
                continue
            elements = lists.setdefault(name, [])
            path: Steps = (self.field, name)
            into.places.put(path, Place(self.sheet, row))
            into.places.put((*path, len(elements)), Place(self.sheet, row))
            header.put_columns(self.sheet, path, into.places)
            elements.append(record)


@dataclass(frozen=True, slots=True)
class Pairs:
    """A mapping of texts, or (with two keys) of mappings: one pair a row."""

    sheet: str
    field: str
    keys: tuple[FieldColumn, ...]
    value: FieldColumn
    required: bool = False

    @property
    def columns(self) -> tuple[FieldColumn, ...]:
        """The keys' columns and the value's."""
        return (*self.keys, self.value)

    @property
    def paths(self) -> tuple[Steps, ...]:
        """The mapping."""
        return ((self.field,),)

    def filled(self, document: Any) -> NewSheet:
        """Return one row for each pair."""
        mapping = getattr(document, self.field)
        rows: list[tuple[Value, ...]] = []
        for key, value in mapping.items():
            if len(self.keys) == 1:
                rows.append((key, value))
            else:
                rows += [(key, inner, code) for inner, code in value.items()]
        return NewSheet(self.sheet, tuple(c.heading() for c in self.columns), tuple(rows))

    def read(self, table: Table, into: Reading) -> None:
        """Read every row as a pair; collect repeated and empty keys."""
        header = into.header(table, self.columns, (self.field,))
        into.places.put((self.field,), Place(self.sheet))
        mapping: dict[str, Any] = into.data.setdefault(self.field, {})
        if any(into.lacks(self.field, column.field) for column in self.keys):
            return
        for row, cells in table.rows:
            record = header.record(cells)
            keys = [record.get(column.field, "") for column in self.keys]
            if len(keys) == 2:
                keys[0] = keys[0].strip()
            blank = [c for c, key in zip(self.keys, keys, strict=True) if not key.strip()]
            for column in blank:
                _report_empty(header.place(column.field, self.sheet, row), into)
            if blank:
                into.places.tear((self.field,))
                continue
            inside = mapping if len(keys) == 1 else mapping.setdefault(keys[0], {})
            path: Steps = (self.field, *keys)
            if keys[-1] in inside:
                place = header.place(self.keys[-1].field, self.sheet, row)
                into.problems.add(
                    "repeated_key",
                    "同一个内容写了两次",
                    file=into.name,
                    sheet=place.sheet,
                    row=place.row,
                    column=place.column,
                    expected="每个内容只写一次",
                    found="、".join(keys),
                    remedy="删去其中一行",
                )
                continue
            into.places.put(path, header.place(self.value.field, self.sheet, row))
            into.places.put(path[:-1], Place(self.sheet, row))
            inside[keys[-1]] = record.get(self.value.field)


def _report_empty(place: Place, into: Reading) -> None:
    into.problems.add(
        "missing_key",
        "必填的单元格是空的",
        file=into.name,
        sheet=place.sheet,
        row=place.row,
        column=place.column,
        remedy="填上，或删去这一行",
    )


def _slots(
    columns: tuple[FieldColumn, ...], records: list[Any]
) -> Iterator[tuple[FieldColumn, str | None]]:
    """Yield the columns of records; a mapping has one for each key that any record has."""
    for column in columns:
        if column.is_mapping:
            keys = dict.fromkeys(key for r in records for key in getattr(r, column.field))
            yield from ((column, key) for key in keys)
        else:
            yield column, None


def _cells(slots: list[tuple[FieldColumn, str | None]], record: BaseModel) -> tuple[Value, ...]:
    cells = []
    for column, key in slots:
        value = getattr(record, column.field)
        cells.append(column.write(value if key is None else value.get(key)))
    return tuple(cells)


def _link(parent: FieldColumn, own: tuple[FieldColumn, ...]) -> FieldColumn:
    """Return the parent's column under a field name that no child has."""
    field = "of_" + parent.field
    assert all(column.field != field for column in own)
    return FieldColumn(field, parent.title, parent.description, parent.kind, False, True)
