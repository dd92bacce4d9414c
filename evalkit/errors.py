"""What went wrong, where, and what to do about it; and what is merely worth knowing.

A `Problem` stops an evaluation, a `Note` travels with its results to the pages. Both are values:
they are collected, never raised one at a time, so that an analyst sees all of them at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from difflib import get_close_matches
from typing import Any, TypeVar

from evalkit.codes import NoteCode

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a document or a file, in words an analyst can act on.

    Attributes
    ----------
    code : str
        Stable identifier, e.g. ``"unknown_option"``.
    message : str
        What is wrong, in Chinese.
    file, sheet, row, column, key : str or int or None
        Where: path as the analyst knows it, sheet name, row number as Excel shows it (1 = first
        line), column as Excel letters or header, key path inside a document.
    expected, found, remedy : str or None
        What was expected, what stands there, what to do.
    """

    code: str
    message: str
    file: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    key: str | None = None
    expected: str | None = None
    found: str | None = None
    remedy: str | None = None

    def as_dict(self) -> dict[str, str | int | None]:
        """Return the problem as a plain dictionary, for JSON and tables."""
        return asdict(self)

    def __str__(self) -> str:
        places = (
            ("文件", self.file),
            ("工作表", self.sheet),
            ("行", self.row),
            ("列", self.column),
            ("键", self.key),
        )
        where = " ".join(f"{label} {value}" for label, value in places if value is not None)
        parts = [
            f"[{self.code}] {where}: {self.message}" if where else f"[{self.code}] {self.message}"
        ]
        parts += [
            f"{label}: {value}"
            for label, value in (
                ("应为", self.expected),
                ("实为", self.found),
                ("请", self.remedy),
            )
            if value is not None
        ]
        return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class Note:
    """A warning as a value: it stops nothing and reaches the reader, in the page's words.

    Attributes
    ----------
    code : NoteCode
        Its sentence stands in `pages.press.sentences`.
    where : str
        What it concerns: a file, a wave, a subject id; empty for the whole evaluation.
    count : int or None
        How many rows, cells or committees it concerns.
    facts : dict
        What its sentence speaks of: names, numbers, codes.
    """

    code: NoteCode
    where: str = ""
    count: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict, hash=False)


class InputErrors(Exception):
    """Every problem found in the input, raised once when all of it has been read."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UnknownId(KeyError):
    """An id that nothing has, with those that there are.

    Examples
    --------
    >>> str(UnknownId("subject", "cs1", ["cs01", "cs02"]))
    "no subject 'cs1', but perhaps 'cs01'; known: 'cs01', 'cs02'"
    """

    def __init__(self, what: str, given: object, known: Iterable[object]) -> None:
        self.what, self.given, self.known = what, given, tuple(known)
        super().__init__(given)

    def __reduce__(self) -> tuple[type[UnknownId], tuple[str, object, tuple[object, ...]]]:
        return UnknownId, (self.what, self.given, self.known)

    def __str__(self) -> str:
        near = get_close_matches(str(self.given), map(str, self.known), n=1)
        perhaps = f", but perhaps {near[0]!r}" if near else ""
        return (
            f"no {self.what} {self.given!r}{perhaps}; known: "
            f"{', '.join(map(repr, self.known)) or 'none'}"
        )


class Known(dict[str, T]):
    """What there is, by id; an id that there is not is told with those that there are."""

    def __init__(self, what: str, content: Mapping[str, T]) -> None:
        super().__init__(content)
        self.what = what

    def __missing__(self, key: str) -> T:
        raise UnknownId(self.what, key, self)

    def __reduce__(self) -> tuple[type[Known[T]], tuple[str, dict[str, T]]]:
        return Known, (self.what, dict(self))


class RenderError(Exception):
    """A page that could not be made as it should be: a missing glyph, a renderer warning."""


@dataclass(slots=True)
class Problems:
    """A collector of problems, passed down to whatever reads input."""

    found: list[Problem] = field(default_factory=list)

    def add(
        self,
        code: str,
        message: str,
        *,
        file: str | None = None,
        sheet: str | None = None,
        row: int | None = None,
        column: str | None = None,
        key: str | None = None,
        expected: str | None = None,
        found: str | None = None,
        remedy: str | None = None,
    ) -> None:
        """Collect one problem; the arguments are those of `Problem`."""
        self.found.append(
            Problem(code, message, file, sheet, row, column, key, expected, found, remedy)
        )

    def collect(self, problem: Problem) -> None:
        """Collect one problem that is made already."""
        self.found.append(problem)

    def extend(self, problems: Iterable[Problem]) -> None:
        """Collect problems that somebody else found."""
        self.found.extend(problems)

    def raise_if_any(self) -> None:
        """Raise `InputErrors` with everything collected so far, if there is anything."""
        if self.found:
            raise InputErrors(self.found)

    def __bool__(self) -> bool:
        return bool(self.found)

    def __len__(self) -> int:
        return len(self.found)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.found)
