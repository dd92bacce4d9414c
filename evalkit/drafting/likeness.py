"""How much two questions look alike, and which ones belong together. For drafts only.

Likeness proposes; an analyst decides. A question is a column of a file, the option columns of
one multi-select, or an item of a questionnaire; all of them are described the same way here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np
import scipy
from numpy.typing import NDArray

from evalkit.definitions.resemblance import CODE, wording
from evalkit.definitions.text import comparable

WEIGHTS: Mapping[str, float] = {
    "wording": 0.50,
    "options": 0.20,
    "number": 0.15,
    "stem": 0.10,
    "kind": 0.05,
    "previous": 0.50,
}
"""What each kind of evidence counts. The wording outweighs the number together with an option set
that agrees: numbers shift when one question is inserted, and scales are shared by whole blocks.
The mapping that an analyst approved for the last wave counts like the wording."""

UNKNOWN_WORDING = 0.5
"""What counts as wording where a header is only a code or a number: half, so that number and
options alone never make a draft certain."""

MINIMUM = 0.50
"""Below this nothing is proposed. `benchmarks/drafting.py` renumbers, rewords and takes out
questions of real surveys and of every platform's exports: of 5,273 proposals with a certainty of 0.5
or more, 3 were wrong, all below 0.7."""

LEAST_WORDING = 0.40
"""Where both wordings are known and less alike than this, nothing is proposed whatever else
agrees: a question that took another's place keeps its number and scale. In the shipped
questionnaires nine in ten items are less alike than this (0.42 and 0.31) to the most similar other
item, and with a quarter of its characters changed a question stays above 0.53."""

NEARLY_ALL = 0.85
"""Agreement of answers with options at which all options but a rare one were given."""

ORDERED = 0.75
"""Share of clear pairs, side by side in one file, that stand in that order in the other, from which
question numbers count. Of questions in any order half do."""

CLEAR = 0.20
"""Lead over the next best candidate from which a proposal is as certain as its likeness."""

ALIKE = 0.60
"""Likeness from which an answer counts, in part, as an option that nobody gave in its own words."""

ANCHOR = 0.75
"""Certainty, without numbers, from which a pair shows how question numbers shifted; where none has it,
all pairs do."""

TIE = 1e-3
"""What being in file order is worth: it decides between pairs that are otherwise equal."""

_BARE_NUMBER = re.compile(r"(?:第|q|问题|题)?(\d{1,4})(?:题)?")


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known about a question.

    Attributes
    ----------
    texts : tuple of str
        What it is called, most telling first; comparable.
    stem : str
        Comparable text above it; empty where there is none.
    codes : frozenset of str
        Names that mean something only if they are the same (headers, ids); comparable.
    kind : str or None
        ``"single"``, ``"multiple"``, ``"ranking"``, ``"number"``, ``"text"``; None if unknown.
    options : frozenset of str
        Comparable options the question can have; empty if unknown or open.
    values : dict of str to int
        Comparable answers seen, and how often.
    """

    number: int | None
    texts: tuple[str, ...]
    stem: str = ""
    codes: frozenset[str] = frozenset()
    kind: str | None = None
    options: frozenset[str] = frozenset()
    values: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much two questions look alike, 0 to 1, and by what evidence.

    Attributes
    ----------
    evidence : dict of kind of evidence to 0..1
        Only what both questions tell; keys of `WEIGHTS`.
    explained, seen : int
        Distinct answers that are options of the other question, and all distinct answers.
    same_number : bool
        Whether the numbers are the same as they stand, not only after a shift.
    """

    score: float
    evidence: Mapping[str, float]
    explained: int = 0
    seen: int = 0
    same_number: bool = False

    @property
    def has_its_options(self) -> bool:
        """Whether all answers are options of the other question, and nearly all its options."""
        share = self.evidence.get("options", 0.0)
        return self.seen >= 2 and self.explained == self.seen and share >= NEARLY_ALL

    @property
    def is_worded_otherwise(self) -> bool:
        """Whether the wordings are known and too unlike to be one question by themselves."""
        alike = self.evidence.get("wording", 1.0)
        return alike < LEAST_WORDING and not self.evidence.get("previous")

    def by_number_and_options(self) -> Likeness:
        """Return the likeness of two questions whose number, in either file, nobody else has.

        A question that was renamed keeps its number and its options; so does one that took
        another's place. It is proposed, with little certainty: only an analyst knows.
        """
        renamed = self.is_worded_otherwise and self.has_its_options
        return replace(self, score=max(self.score, MINIMUM)) if renamed else self

    def because(self) -> str:
        """Say it in Chinese, for the analyst."""
        parts = []
        if "number" in self.evidence:
            shifted = "题号顺移" if self.evidence["number"] == 1 else "题号不同"
            parts.append("题号相同" if self.same_number else shifted)
        wording = self.evidence.get("wording")
        if wording is None:
            parts.append("列名看不出题干")
        else:
            parts.append("题干相同" if wording == 1 else f"题干相似度 {wording:.2f}")
        if "stem" in self.evidence:
            stem = self.evidence["stem"]
            parts.append("总题干相同" if stem == 1 else f"总题干相似度 {stem:.2f}")
        if self.seen:
            parts.append(f"选项 {self.explained}/{self.seen} 相同")
        if self.evidence.get("previous", 0) > 0:
            parts.append("上一批次的对照表如此")
        if self.evidence.get("kind") == 0:
            parts.append("题型不同")
        return "；".join(parts)


@dataclass(frozen=True, slots=True)
class Pairing:
    """One proposed pair of places in the two sequences.

    Attributes
    ----------
    certainty : float
        0 to 1.
    rival : int or None
        The other question on the right that comes closest, if it comes close.
    """

    left: int
    right: int
    likeness: Likeness
    certainty: float
    rival: int | None


@lru_cache(maxsize=8192)
def is_code(text: str) -> bool:
    """Tell a comparable text that only numbers a question."""
    return not text or bool(CODE.fullmatch(text)) or bool(_BARE_NUMBER.fullmatch(text))


def bare_number(text: str) -> int | None:
    """Return the question number of a header such as ``Q3`` or ``第3题``, if it is one."""
    match = _BARE_NUMBER.fullmatch(comparable(text))
    return int(match[1]) if match else None


def likeness(
    one: Profile, other: Profile, expected: int | None, previous: float | None = None
) -> Likeness:
    """Compare two questions by all the evidence that both of them give.

    Parameters
    ----------
    expected : int or None
        The number the first question would have in the other's numbering; None to leave numbers
        aside.
    previous : float or None
        How far the approved mapping of the last wave supports this pair, 0 to 1; None where it
        says nothing about the first question.
    """
    evidence: dict[str, float] = {}
    alike = _wording(one, other)
    shared = one.codes & other.codes
    # Where both are worded, Q2 here and q2 there are two numberings, and no name.
    if shared and (alike is None or not all(map(is_code, shared))):
        alike = 1.0
    if alike is not None:
        evidence["wording"] = alike
    if expected is not None and other.number is not None:
        evidence["number"] = float(expected == other.number)
    if one.stem and other.stem:
        evidence["stem"] = wording(one.stem, other.stem)
    if one.kind is not None and other.kind is not None:
        evidence["kind"] = float(_compatible(one.kind, other.kind))
    explained, seen, overlap = _overlap(one, other)
    if overlap is not None:
        evidence["options"] = overlap
    if previous is not None:
        evidence["previous"] = previous
    counted = {"wording": UNKNOWN_WORDING} | evidence
    weight = sum(WEIGHTS[name] for name in counted)
    score = sum(WEIGHTS[name] * value for name, value in counted.items()) / weight
    nothing_telling = not evidence.keys() & {"wording", "number", "previous"}
    if nothing_telling or (alike is not None and alike < LEAST_WORDING and not previous):
        score = 0.0
    return Likeness(score, evidence, explained, seen, one.number == other.number)


def _wording(one: Profile, other: Profile) -> float | None:
    ours = [text for text in one.texts if not is_code(text)]
    theirs = [text for text in other.texts if not is_code(text)]
    if bool(one.stem) != bool(other.stem):
        ours += [one.stem + text for text in ours] if one.stem else []
        theirs += [other.stem + text for text in theirs] if other.stem else []
    if not ours or not theirs:
        return None
    return max(wording(a, b) for a in ours for b in theirs)


def _compatible(one: str, other: str) -> bool:
    kinds = {"single" if kind == "matrix" else kind for kind in (one, other)}
    return len(kinds) == 1 or kinds in ({"single", "number"}, {"text", "number"})


def _overlap(one: Profile, other: Profile) -> tuple[int, int, float | None]:
    """Return distinct answers explained, seen, and the share that agrees (None: no evidence)."""
    if one.values and other.values:
        return _common(one.values, other.values)
    if one.options and other.options:
        common = len(one.options & other.options)
        return common, len(one.options), 2 * common / (len(one.options) + len(other.options))
    values, options = (one.values, other.options) if one.values else (other.values, one.options)
    if not values or not options:
        return 0, 0, None
    known = [value for value in values if value in options]
    alike = _alike(tuple(values), options)
    rows = sum(values[value] * alike[value] for value in values) / sum(values.values())
    distinct = 2 * sum(alike.values()) / (len(values) + len(options))
    return len(known), len(values), (rows + distinct) / 2


@lru_cache(maxsize=8192)
def _alike(values: tuple[str, ...], options: frozenset[str]) -> dict[str, float]:
    """Return how far each answer is one of the options: wholly, or worded much like a free one."""
    free = sorted(options.difference(values))
    found = {}
    for value in values:
        near = max((wording(value, option) for option in free), default=0.0)
        found[value] = 1.0 if value in options else near if near >= ALIKE else 0.0
    return found


def _common(one: Mapping[str, int], other: Mapping[str, int]) -> tuple[int, int, float | None]:
    """Compare two columns' answers, where both look like answers to a closed question."""
    if _is_open(one) or _is_open(other):
        return 0, 0, None
    common = one.keys() & other.keys()
    rows = sum(one[v] for v in common) / sum(one.values())
    distinct = 2 * len(common) / (len(one) + len(other))
    return len(common), len(one), (rows + distinct) / 2


def _is_open(values: Mapping[str, int]) -> bool:
    return len(values) > max(20, sum(values.values()) / 5)


Compare = Callable[[int, int, int | None], Likeness]
"""Likeness of a place on the left with one on the right, given the expected number."""


def pair(
    left: Sequence[Profile], right: Sequence[Profile], compare: Compare | None = None
) -> tuple[tuple[Pairing, ...], list[list[Likeness]]]:
    """Pair questions one to one so that the total likeness is greatest.

    Twice: the first time without question numbers; the pairs that are clear then show how the
    numbers of one side shifted against the other's, and the numbers so understood count the second
    time. Only pairs of at least `MINIMUM` count: leaving two apart beats forcing them together.

    Parameters
    ----------
    compare : callable or None
        How to compare two places; by `likeness` of their profiles if None.

    Returns
    -------
    pairings : tuple of Pairing
        In the order of `left`.
    table : list of rows
        Likeness of every question on the left (row) with every one on the right.
    """
    if compare is None:

        def compare(i: int, j: int, expected: int | None) -> Likeness:
            return likeness(left[i], right[j], expected)

    def table_for(numbers: Sequence[int | None]) -> list[list[Likeness]]:
        return [
            [compare(i, j, number) for j in range(len(right))] for i, number in enumerate(numbers)
        ]

    unnumbered = table_for([None] * len(left))
    first = _assigned(unnumbered)
    if all(profile.number is None for profile in left):
        return first, unnumbered
    anchors = _anchors(first, left, right, ANCHOR) or _anchors(first, left, right, 0.0)
    table = table_for([_expected(profile.number, anchors) for profile in left])
    return _assigned(table), table


def _anchors(
    found: Sequence[Pairing], left: Sequence[Profile], right: Sequence[Profile], least: float
) -> dict[int, int]:
    """Return which number on the right the pairs of so much certainty give one on the left."""
    anchors: dict[int, int] = {}
    for one in found:
        ours, theirs = left[one.left].number, right[one.right].number
        if ours is not None and theirs is not None and one.certainty >= least:
            anchors.setdefault(ours, theirs)
    return anchors


def _expected(number: int | None, anchors: Mapping[int, int]) -> int | None:
    """Return a number as the other side has it: shifted like the nearest anchor before it."""
    if number is None or not anchors:
        return number
    if not _in_one_order(anchors):
        return None
    before = [anchor for anchor in anchors if anchor <= number]
    nearest = max(before) if before else min(anchors)
    return number + anchors[nearest] - nearest


def _in_one_order(anchors: Mapping[int, int]) -> bool:
    """Tell whether numbers mostly rise on both sides.

    Where questions were asked in another order, a number says nothing of the one that bears it.
    """
    rising = [anchors[b] > anchors[a] for a, b in pairwise(sorted(anchors))]
    return sum(rising) >= ORDERED * len(rising)


def _assigned(table: Sequence[Sequence[Likeness]]) -> tuple[Pairing, ...]:
    if not table or not table[0]:
        return ()
    scores = np.array([[cell.score for cell in row] for row in table])
    worth = np.maximum(scores - MINIMUM, 0.0) + TIE * _in_order(*scores.shape) * (scores > 0)
    rows, columns = scipy.optimize.linear_sum_assignment(worth, maximize=True)
    return tuple(
        Pairing(i, j, table[i][j], certainty(scores, i, j), _rival(scores, i, j))
        for i, j in zip(rows.tolist(), columns.tolist(), strict=True)
        if scores[i, j] >= MINIMUM
    )


def _in_order(rows: int, columns: int) -> NDArray[np.float64]:
    """Return 1 for pairs at the same relative place in both sequences, 0 for opposite ends."""
    left, right = np.arange(rows) / max(rows - 1, 1), np.arange(columns) / max(columns - 1, 1)
    return np.asarray(1 - np.abs(left[:, None] - right[None, :]), dtype=np.float64)


def certainty(scores: NDArray[np.float64], i: int, j: int) -> float:
    """Return how certain pair (i, j) is: its score, less where another candidate comes close."""
    rivals = np.concatenate([np.delete(scores[i], j), np.delete(scores[:, j], i)])
    lead = scores[i, j] - rivals.max(initial=0.0)
    clear = min(max((lead / CLEAR + 1) / 2, 0.0), 1.0)
    return float(scores[i, j] * clear)


def _rival(scores: NDArray[np.float64], i: int, j: int) -> int | None:
    others = scores[i].copy()
    others[j] = -1.0
    best = int(others.argmax())
    return best if others[best] > scores[i, j] - CLEAR else None
