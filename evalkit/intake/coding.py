"""The cells of one item's column as option codes and states; what nobody decided stays open."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from evalkit import numerals
from evalkit.definitions.crosswalk import Crosswalk
from evalkit.definitions.questionnaire import Item, Option, Questionnaire
from evalkit.definitions.text import bare_option, comparable, option_key, undecorated
from evalkit.definitions.vocabulary import JOINING, LISTING, REFUSAL
from evalkit.files.alike import coded, different
from evalkit.platforms import Codebook, Platform, RawColumn
from evalkit.tables import State

_BETWEEN_CODES = re.compile(LISTING)
_BETWEEN_LABELS = re.compile(JOINING)
_REFUSAL = re.compile(REFUSAL)

UNKNOWN = "unknown"
"""Marks, inside this room only, a cell that nothing explains."""

MOST_PARTS = 40
"""A cell of more parts is a text, not a list of choices."""


@dataclass(frozen=True, slots=True)
class Open:
    """Why a value is not explained although something is said of it.

    Attributes
    ----------
    label : str or None
        What the codebook calls it, which no option is called; None where an analyst left it open.
    null : bool
        The crosswalk has null, from a draft of an older version that nobody looked at.
    """

    label: str | None = None
    null: bool = False


def lookup_of(options: Iterable[Option], variant: str) -> dict[str, str | None]:
    """Return the option code of every comparable value that an export of this variant may hold."""
    listed = list(options)
    if variant == "text":
        labels = {comparable(option.label): option.code for option in listed}
        bare = {option_key(option.label): option.code for option in reversed(listed)}
        return dict(_undecorated({**bare, **labels}) | bare | labels)
    if variant == "number":
        return {comparable(option.code): option.code for option in listed}
    return {f"{o.score:g}": o.code for o in reversed(listed) if o.score is not None}


def _undecorated(codes: Mapping[str, str]) -> dict[str, str]:
    """Return labels without letters, numbers and points around them, where they still differ."""
    found: dict[str, set[str]] = {}
    for key, code in codes.items():
        found.setdefault(undecorated(key), set()).add(code)
    return {key: next(iter(several)) for key, several in found.items() if len(several) == 1}


def several_of(code: str) -> list[str]:
    """Return the option codes that a crosswalk has for one cell of several choices: ``1;3``."""
    return [one for part in code.split(";") if (one := part.strip())]


def known_as(value: str, label: str, known: Container[str]) -> str | None:
    """Return the key under which a cell's value is known; None if it is not.

    As it stands, without what was written beside it, without what asks for that, and without the
    letter, number or points around it, in this order.
    """
    return next((key for key in _keys(value, label) if key in known), None)


def _keys(value: str, label: str) -> Iterator[str]:
    yield comparable(value)
    yield comparable(label)
    key = option_key(label)
    yield key
    yield undecorated(key)
    yield bare_option(label)


class Coder:
    """Turns the cells of one item's column into codes and states.

    Attributes
    ----------
    strange : dict of cell to tuple of (part, Open or None)
        Cells that are not explained, and which part of them is not.
    """

    def __init__(
        self,
        item: Item,
        questionnaire: Questionnaire,
        variant: str,
        backwards: bool,
        platform: Platform,
        separator: str | None = None,
    ) -> None:
        self.item = item
        self.platform = platform
        self.separator = separator
        self.variant = variant
        self.options = questionnaire.options_of(item)
        self.by_code = {option.code: option for option in self.options}
        self.strange: dict[str, tuple[tuple[str, Open | None], ...]] = {}
        self._open: dict[str, Open] = {}
        self._nothing: set[str] = set()
        self.lookup = lookup_of(self.options, variant)
        if item.kind == "number":
            self.lookup = lookup_of(self.options, "text") | lookup_of(self.options, "number")
        elif backwards and variant == "number":
            self.lookup = _reversed(self.options)

    def learn(
        self, crosswalk: Crosswalk | None, codebook: Codebook | None, column: RawColumn
    ) -> None:
        """Add the crosswalk's values, and labels known from the text twin of a number file.

        What the codebook calls a number is what it means: a number whose label no option has
        stays open, whatever the questionnaire means by that number.
        """
        if codebook is not None and self.variant == "number":
            labels = codebook.labels(column)
            self._nothing = {comparable(value) for value in codebook.missing(column)}
            if self.item.kind != "number":
                self._learn_labels(labels)
            self._nothing -= self.lookup.keys()
        values = crosswalk.values.get(self.item.id, {}) if crosswalk is not None else {}
        for value, code in values.items():
            key = comparable(value)
            if crosswalk is not None and crosswalk.is_undecided(self.item.id, value):
                self._open.setdefault(key, Open(null=code is None))
                self.lookup.pop(key, None)
            else:
                self._open.pop(key, None)
                self.lookup[key] = code

    def _learn_labels(self, labels: Mapping[str, str]) -> None:
        texts = lookup_of(self.options, "text")
        if not labels and self.item.kind == "single":
            self.lookup = texts | self.lookup
        for number, label in labels.items():
            known = known_as(label, label, texts)
            if comparable(number) in self._nothing and known is None:
                self.lookup.pop(comparable(number), None)
            elif not self.options:
                self.lookup[number] = label
            elif known is not None:
                self.lookup[number] = texts[known]
            else:
                self.lookup.pop(comparable(number), None)
                self._open[comparable(number)] = Open(label)

    def code(self, cells: pd.Series[str]) -> tuple[pd.Series[str], pd.Series[str]]:
        """Return codes and states of a column; unexplained cells are `State.INVALID`."""
        pairs = {value: self._one(value) for value in different(cells)}
        codes = coded(cells, {value: _given(code) for value, (code, _) in pairs.items()})
        states = {value: State.INVALID if s == UNKNOWN else s for value, (_, s) in pairs.items()}
        return codes, coded(cells, {value: str(state) for value, state in states.items()})

    def own_names(self, cells: pd.Series[str]) -> set[str]:
        """Return the comparable labels of the options that a column has under their own names."""
        keys = {self._key(part) for cell in different(cells) for part in self.parts(cell)}
        codes = {self.lookup[key] for key in keys if key is not None and key in self.lookup}
        reached = [self.by_code[code] for code in codes if code in self.by_code]
        names = {comparable(option.label) for option in reached}
        return names & keys if self.variant == "text" else names

    def _one(self, value: str) -> tuple[object, str]:
        marker = self.platform.missing_state(value, self.variant)
        if marker is not None:
            return pd.NA, State(marker).value
        if comparable(value) in self._nothing:
            return pd.NA, State.EMPTY.value
        if self.item.kind == "multiple":
            return self._several(value, self.parts(value))
        if self.item.kind == "ranking":
            return self._several(value, self._codes(value) or self.platform.ranking(value))
        if self.item.kind == "number":
            return self._number(value)
        if self.item.kind == "text" or not (self.options or self.lookup or self._open):
            return self.lookup.get(value, value), State.ANSWERED.value
        key = self._key(value)
        if key is None or key in self._open:
            return self._unexplained(value, [(value, self._open.get(key or ""))])
        return self._known(self.lookup[key])

    def _key(self, value: str) -> str | None:
        known = self.lookup.keys() | self._open.keys()
        return known_as(value, self.platform.label(value), known)

    def _known(self, code: str | None) -> tuple[object, str]:
        if code is None:
            return pd.NA, State.INVALID.value
        option = self.by_code.get(code)
        if option is not None and option.missing is not None:
            return pd.NA, State(option.missing).value
        return code, State.ANSWERED.value

    def _unexplained(self, value: str, parts: list[tuple[str, Open | None]]) -> tuple[object, str]:
        self.strange[value] = tuple(dict.fromkeys(parts))
        return pd.NA, UNKNOWN

    def _several(self, value: str, labels: list[str]) -> tuple[object, str]:
        keys = [(label, self._key(label)) for label in labels]
        strange = [
            (label, self._open.get(key or ""))
            for label, key in keys
            if key is None or key in self._open
        ]
        if strange:
            return self._unexplained(value, strange)
        codes = (self.lookup[key] for _, key in keys if key is not None)
        found = [one for code in codes if code is not None for one in several_of(code)]
        if not found:
            return pd.NA, State.INVALID.value
        return ";".join(dict.fromkeys(found)), State.ANSWERED.value

    def parts(self, value: str) -> list[str]:
        """Return the choices of one cell, joined as the platform, ODK or people join them."""
        if self.separator is not None and self._key(value) is None:
            return [part for one in value.split(self.separator) if (part := one.strip())]
        labels = self._codes(value) or self.platform.choices(value)
        return [part for label in labels for part in self._parted(label)]

    def _codes(self, value: str) -> list[str]:
        """Split codes in one cell, ``1 4 7``, as ODK and typists have them; empty if it is none."""
        codes = _BETWEEN_CODES.split(value.strip())
        known = self.variant == "number" and all(comparable(code) in self.lookup for code in codes)
        return codes if known else []

    def _parted(self, text: str) -> list[str]:
        """Split labels joined by commas, blanks or the like, of which labels may hold some too.

        Every part must be known, and there must be one way only to split; else the text stays
        whole, or, where some of it is known, what is not known stands alone.
        """
        spans = _pieces(text)
        if len(spans) == 1 and self._key(only := text[slice(*spans[0])]) is not None:
            return [only]
        if self._key(text) is not None or not 1 < len(spans) <= MOST_PARTS:
            return [text]
        ways = [1] + [0] * len(spans)
        last: list[int] = [0] * (len(spans) + 1)
        for end in range(1, len(spans) + 1):
            for start in range(end):
                if ways[start] and self._key(text[spans[start][0] : spans[end - 1][1]]) is not None:
                    ways[end] += ways[start]
                    last[end] = start
        if ways[-1] > 1:
            return [text]
        pieces = [text[start:end] for start, end in spans]
        if ways[-1] == 0:
            return pieces if any(self._key(piece) is not None for piece in pieces) else [text]
        cuts = [len(spans)]
        while cuts[-1]:
            cuts.append(last[cuts[-1]])
        return [text[spans[a][0] : spans[b - 1][1]] for a, b in pairwise(reversed(cuts))]

    def _number(self, value: str) -> tuple[object, str]:
        key = self._key(value)
        number = numerals.number(value)
        if key in self._open:
            return self._unexplained(value, [(value, self._open[key or ""])])
        if key is not None and (self.lookup[key] is not None or self._may_be_nothing(value)):
            code = self.lookup[key]
            meant = None if code is None or code in self.by_code else numerals.number(code)
            return self._known(code) if meant is None else self._in_range(value, meant)
        return self._in_range(value, number)

    def _may_be_nothing(self, value: str) -> bool:
        """Tell what a crosswalk may call no answer: no number, one in range, or a code such as 99.

        A number beyond the limits is a slip or another scale; what it means has to be said.
        """
        number = numerals.number(value)
        outside = number is not None and not self.item.has(number)
        return not outside or _REFUSAL.fullmatch(numerals.plain(value) or "") is not None

    def _in_range(self, value: str, number: float | None) -> tuple[object, str]:
        if number is None or not self.item.has(number):
            return self._unexplained(value, [(value, None)])
        return repr(number), State.ANSWERED.value


def _given(code: object) -> str | None:
    return code if isinstance(code, str) else None


def _pieces(text: str) -> list[tuple[int, int]]:
    """Return where the parts of a text begin and end that separators stand between."""
    ends = [(m.start(), m.end()) for m in _BETWEEN_LABELS.finditer(text)]
    starts = [0, *(end for _, end in ends)]
    stops = [*(start for start, _ in ends), len(text)]
    return [(a, b) for a, b in zip(starts, stops, strict=True) if b > a]


def _reversed(options: list[Option]) -> dict[str, str | None]:
    scale = [option.code for option in options if option.missing is None]
    mirrored = dict(zip(scale, reversed(scale), strict=True))
    return {comparable(o.code): mirrored.get(o.code, o.code) for o in options}
