"""One change to a valid document, and every word of the one problem it causes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalkit.errors import Problem
from tests.definitions.small import Data, fresh, line_of, load


@dataclass(frozen=True)
class Case:
    """One change to a valid document, and the one problem it causes.

    `at` is the text in whose line the problem stands (n-th occurrence), `rows` the texts whose
    lines are named in `found`.
    """

    document: str
    change: Callable[[Data], Any]
    code: str
    message: str
    key: str
    at: tuple[str, int]
    expected: str | None
    found: str | None
    remedy: str
    rows: tuple[tuple[str, int], ...] = ()


def put(*path: Any) -> Callable[[Data], None]:
    """Return a change that sets the value at a path (the last of the arguments is the value)."""
    *steps, last, value = path

    def change(data: Data) -> None:
        here: Any = data
        for step in steps:
            here = here[step]
        if last == "+":
            here.append(value)
        else:
            here[last] = value

    return change


def drop(*path: Any) -> Callable[[Data], None]:
    """Return a change that deletes the value at a path."""
    *steps, last = path

    def change(data: Data) -> None:
        here: Any = data
        for step in steps:
            here = here[step]
        del here[last]

    return change


def both(*changes: Callable[[Data], None]) -> Callable[[Data], None]:
    def change(data: Data) -> None:
        for one in changes:
            one(data)

    return change


def assert_reported(case: Case, folder: Path) -> None:
    """Break the document, load it, and insist on exactly the problem of the case."""
    data = fresh(case.document)
    case.change(data)
    document, problems, text = load(case.document, data, folder)
    assert document is None
    found = f"{case.found}；{_rows(text, case.rows)}" if case.rows else case.found
    assert problems == [
        Problem(
            case.code,
            case.message,
            file=f"{case.document}.yaml",
            row=line_of(text, *case.at),
            key=case.key,
            expected=case.expected,
            found=found,
            remedy=case.remedy,
        )
    ]


def name_of(case: Case) -> str:
    """Return what the test of a case is called."""
    return f"{case.document}-{case.code}-{case.key}"


def _rows(text: str, markers: tuple[tuple[str, int], ...]) -> str:
    numbers = sorted({line_of(text, *marker) for marker in markers})
    shown: list[str] = []
    start = previous = numbers[0]
    for number in [*numbers[1:], -1]:
        if number != previous + 1:
            shown.append(str(start) if start == previous else f"{start}-{previous}")
            start = number
        previous = number
    return f"第 {'、'.join(shown)} 行"
