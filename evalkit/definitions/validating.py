"""Plain data become a document: all its faults, of types and of meaning, at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args, get_origin

from pydantic import ValidationError

from evalkit.definitions.documents import Document
from evalkit.definitions.faults import Fault
from evalkit.definitions.messages import shown, wording
from evalkit.definitions.places import Places, Steps, key_path, rows_text
from evalkit.errors import Problems

MAXIMUM_TEXT = 30_000
"""Characters of one text; an Excel cell holds 32,767."""

_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_INVISIBLE = re.compile(
    "[\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff9-\ufffc\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)
"""Of no width, or turning the direction of what follows: two names that look alike are not one."""

_KEY = "[key]"
"""What pydantic adds to a path where the key itself is wrong."""

_ROUNDS = 8
"""Leaving a piece out can leave what is around it incomplete; documents are less deep than this."""

D = TypeVar("D", bound=Document)


def validate(
    model: type[D],
    data: Any,
    name: str,
    problems: Problems,
    places: Places | None = None,
    *,
    even_if_faulty: bool = False,
) -> D | None:
    """Turn plain data into a document; collect every fault, of types and of meaning.

    Faults of types do not hide the faults of meaning behind them: what has the wrong type is
    reported and left out, and the rest is checked without it.

    Parameters
    ----------
    model : type of Document
    data : object
        Plain data, as `read_yaml` and `read_workbook` return it.
    name : str
        File name as the analyst knows it.
    problems : Problems
        Collects every fault.
    places : Places, optional
        Where the data stand in the file; faults then name sheet, row and column.
    even_if_faulty : bool
        Return a document that could be read completely although it has faults of meaning or
        unknown keys: to look for faults elsewhere with it, never to evaluate.

    Returns
    -------
    Document or None
        None if there is any fault at all, or with `even_if_faulty` if some of it is not readable.
    """
    report = _Report(name, data, problems, Places() if places is None else places)
    before = len(problems)
    report.texts(model.is_shown)
    unread = places.torn() if places is not None else set()
    complete = not unread
    try:
        document, origin = model.model_validate(data), _Origin({})
    except ValidationError as error:
        entries = error.errors(include_url=False)
        for entry in entries:
            report.error(entry, model)
        rest = _validate_rest(model, data, entries)
        if rest is None:
            return None
        document, origin, dropped = rest
        unread |= dropped
        complete = complete and all(entry["type"] == "extra_forbidden" for entry in entries)
    for fault in document.faults():
        needs = [origin.restore(steps) for steps in fault.needs]
        if not any(_overlaps(one, gone) for one in needs for gone in unread):
            report.fault(fault, origin)
    return document if complete and (even_if_faulty or len(problems) == before) else None


def locate(fault: Fault, name: str, data: Any, places: Places, problems: Problems) -> None:
    """Collect a fault as a problem of a file, with the places of everything it involves.

    Parameters
    ----------
    fault : Fault
    name : str
        File name as the analyst knows it.
    data : object
        The document as plain data, to label the fault's path.
    places : Places
    problems : Problems
    """
    place = places.find(fault.path)
    others = [places.find(steps) for steps in fault.involved]
    sheet = place.sheet or next((other.sheet for other in others if other.sheet), None)
    rows = [other.row for other in others if other.row is not None and other.sheet == sheet]
    found = fault.found
    if len(set(rows)) > 1:
        found = f"{found}；{rows_text(rows)}" if found else rows_text(rows)
    problems.add(
        fault.code,
        fault.message,
        file=name,
        sheet=sheet,
        row=rows[0] if place.row is None and rows else place.row,
        column=place.column,
        key=key_path(fault.path, data),
        expected=fault.expected,
        found=found,
        remedy=fault.remedy,
    )


@dataclass(frozen=True, slots=True)
class _Origin:
    """Positions of a document from which list elements were left out, in the original."""

    kept: dict[Steps, list[int]]

    def restore(self, steps: Steps) -> Steps:
        """Return a path of the pruned document as a path of the original."""
        original: Steps = ()
        for place, step in enumerate(steps):
            positions = self.kept.get(steps[:place])
            if positions is not None and isinstance(step, int) and step < len(positions):
                step = positions[step]
            original = (*original, step)
        return original


@dataclass(frozen=True, slots=True)
class _Report:
    """Turns faults of one document into problems."""

    name: str
    data: Any
    problems: Problems
    places: Places

    def error(self, entry: Any, model: type[Document]) -> None:
        """Report one error of pydantic."""
        steps: Steps = tuple(step for step in entry["loc"] if step != _KEY)
        if entry["type"] == "missing" and self.places.is_absent(steps):
            return
        place = self.places.find(steps)
        words = wording(entry, model, place)
        self.problems.add(
            words.code,
            words.message,
            file=self.name,
            sheet=place.sheet,
            row=place.row,
            column=place.column,
            key=key_path(steps, self.data),
            expected=words.expected,
            found=words.found,
            remedy=words.remedy,
        )

    def fault(self, fault: Fault, origin: _Origin) -> None:
        """Report a fault of a document that was read, perhaps not completely."""
        restored = Fault(
            origin.restore(fault.path),
            fault.code,
            fault.message,
            fault.expected,
            fault.found,
            fault.remedy,
            tuple(origin.restore(steps) for steps in fault.involved),
        )
        locate(restored, self.name, self.data, self.places, self.problems)

    def texts(self, is_shown: bool) -> None:
        """Report texts that no spreadsheet, page or terminal could show."""
        for steps, text in _texts(self.data):
            bad = _UNPRINTABLE.search(text) or (_INVISIBLE.search(text) if is_shown else None)
            if bad is not None:
                fault = Fault(
                    steps,
                    "unprintable_character",
                    "文字里有看不见的字符",
                    expected="可显示的文字",
                    found=f"U+{ord(bad.group()):04X}，在第 {bad.start() + 1} 个字",
                    remedy="删去后重新输入",
                )
            elif len(text) > MAXIMUM_TEXT:
                fault = Fault(
                    steps,
                    "text_too_long",
                    "文字太长",
                    expected=f"不超过 {MAXIMUM_TEXT} 个字",
                    found=f"{len(text)} 个字：{shown(text[:40])}……",
                    remedy="缩短",
                )
            else:
                continue
            locate(fault, self.name, self.data, self.places, self.problems)


def _texts(data: Any) -> Iterator[tuple[Steps, str]]:
    waiting: list[tuple[Steps, Any]] = [((), data)]
    while waiting:
        steps, here = waiting.pop()
        children: Iterable[tuple[int | str, Any]] = ()
        if isinstance(here, str):
            yield steps, here
        elif isinstance(here, dict):
            children = here.items()
            for key in here:
                if isinstance(key, str):
                    yield (*steps, key), key
        elif isinstance(here, list):
            children = enumerate(here)
        waiting.extend(((*steps, step), child) for step, child in reversed(list(children)))


def _overlaps(needed: Steps, unread: Steps) -> bool:
    """Tell whether one path leads into the other; ``"*"`` is any position."""
    return all(
        "*" in (one, other) or one == other for one, other in zip(needed, unread, strict=False)
    )


def _validate_rest(
    model: type[D], data: Any, entries: list[Any]
) -> tuple[D, _Origin, set[Steps]] | None:
    """Read a document without the pieces that have errors, so that the rest can be checked."""
    dropped: set[Steps] = set()
    stand_ins: dict[str, str] = {}
    origin = _Origin({})
    for _ in range(_ROUNDS):
        for entry in entries:
            steps = origin.restore(tuple(entry["loc"]))
            if len(steps) == 1 and (stand_in := _stand_in(model, str(steps[0]))) is not None:
                stand_ins[str(steps[0])] = stand_in
            elif entry["type"] == "missing" or steps[-1:] == (_KEY,):
                dropped.add(steps[:-1])
            else:
                dropped.add(steps)
        if () in dropped:
            return None
        pruned, origin = _without(data, dropped)
        try:
            return model.model_validate(pruned | stand_ins), origin, dropped
        except ValidationError as error:
            entries = error.errors(include_url=False)
    return None


def _stand_in(model: type[Document], key: str) -> str | None:
    """Return any valid value of a required text at the top of a document."""
    info = model.model_fields.get(key)
    if info is None or not info.is_required():
        return None
    if get_origin(info.annotation) is Literal:
        return str(get_args(info.annotation)[0])
    return "missing" if info.annotation is str else None


def _without(data: Any, dropped: set[Steps]) -> tuple[Any, _Origin]:
    kept: dict[Steps, list[int]] = {}

    def copy(here: Any, old: Steps, new: Steps) -> Any:
        if isinstance(here, dict):
            return {
                key: copy(value, (*old, key), (*new, key))
                for key, value in here.items()
                if (*old, key) not in dropped
            }
        if isinstance(here, list):
            positions = [place for place in range(len(here)) if (*old, place) not in dropped]
            kept[new] = positions
            return [
                copy(here[place], (*old, place), (*new, at)) for at, place in enumerate(positions)
            ]
        return here

    return copy(data, (), ()), _Origin(kept)
