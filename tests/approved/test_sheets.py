"""Which sheets and columns the workbook of every document has, and which of them must be there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from evalkit.definitions.sheets.columns import FieldColumn
from evalkit.definitions.sheets.layouts import LAYOUTS
from tests.approved import approving


def column(own: FieldColumn) -> str:
    several = "*" if own.is_mapping else ""
    default = "" if own.default is None else f" = {own.default}"
    return f"{own.title}{several} {own.field} {own.kind}{'' if own.required else '?'}{default}"


def told() -> Iterator[str]:
    for document, layouts in LAYOUTS.items():
        yield f"== {document.__name__}"
        for layout in layouts:
            own = {field.name: getattr(layout, field.name) for field in fields(layout)}
            parts = [
                p
                for value in own.values()
                for p in (value if isinstance(value, tuple) else (value,))
            ]
            columns = [part for part in parts if isinstance(part, FieldColumn)]
            plain = {
                name: value for name, value in own.items() if isinstance(value, str | bool | int)
            }
            yield f"{type(layout).__name__} {plain}"
            yield from (f"    {column(one)}" for one in columns)


def test_the_sheets_of_every_document_are_as_approved() -> None:
    approving.compare("sheets", "\n".join(told()))
