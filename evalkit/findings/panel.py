"""Who answers in two waves: the covariance of both waves' scores, so that a change has its own error.

Departments and peers are the same every year. One who is severe stays severe, and one who thinks
little of a committee thinks so again: Var(x2 - x1) = V1 + V2 - 2C. Raters are known again by the
fingerprints of their names; where an archive does not hold them, C counts as 0. Residents who answer
twice do the same to their own committee, where a question tells who they are
(`answers.repeating`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from evalkit.codes import NoteCode
from evalkit.definitions.scheme import Scheme
from evalkit.errors import Note
from evalkit.findings.combining import Part, apportion, judging, part_of, weigh
from evalkit.methods.two_waves import kept_errors, pooled_memory
from evalkit.tables import Cells, Floats, GroupCells, Integers, Overlap


@dataclass(frozen=True, slots=True)
class Common:
    """What two waves' estimates of one measure have in common.

    Attributes
    ----------
    covariance : ndarray of shape (K, K)
        Of the first wave's estimates (rows) with the second's (columns).
    spread : ndarray of shape (K,)
        What it adds to the spread (`combining`) of the variance of each subject's own change.
    """

    covariance: Floats
    spread: Floats


@dataclass(frozen=True)
class Between:
    """Two waves' cells under one scheme."""

    before: Cells
    after: Cells
    scheme: Scheme

    @cached_property
    def groups(self) -> dict[int, tuple[Integers, Integers]]:
        """Rater groups with raters of both waves: place in the scheme -> their places in either."""
        found = {}
        for place, group in enumerate(self.scheme.groups):
            a, b = self.before.groups[group.code], self.after.groups[group.code]
            if _told(a) and _told(b):
                there, here = _same(a, b)
                if len(there):
                    found[place] = (there, here)
        return found

    @cached_property
    def overlaps(self) -> dict[int, Overlap]:
        """Rater groups with residents who answered in both waves: place in the scheme -> how many."""
        found = {}
        for place, group in enumerate(self.scheme.groups):
            a, b = self.before.groups[group.code], self.after.groups[group.code]
            overlap = a.common(b, self.after.wave)
            if overlap is not None and overlap.pairs.any():
                found[place] = overlap
        return found

    @cached_property
    def _weights(self) -> tuple[Floats, Floats]:
        weighing = weigh(self.scheme)
        before = apportion(weighing, self.scheme, self.before)
        return before, apportion(weighing, self.scheme, self.after)

    @cached_property
    def _codes(self) -> tuple[str, ...]:
        return tuple(measure.code for measure in weigh(self.scheme).measures)

    @cached_property
    def _found(self) -> dict[int, Common]:
        return {}

    def common(self, code: str, subjects: Sequence[str]) -> Common:
        """Return what the estimates of a measure have in common.

        How errors are kept is told by all committees of both waves, whichever are asked for.

        Parameters
        ----------
        code : str
            Of the composite, a dimension or an indicator.
        subjects : sequence of str
            K committees of both waves.
        """
        if not (self.groups or self.overlaps):
            return Common(np.zeros((len(subjects), len(subjects))), np.zeros(len(subjects)))
        measure = self._codes.index(code)
        if measure not in self._found:
            parts = [self._of_raters(place, same, measure) for place, same in self.groups.items()]
            parts += [
                self._of_residents(place, overlap, measure)
                for place, overlap in self.overlaps.items()
            ]
            self._found[measure] = Common(
                sum((part.covariance for part in parts[1:]), parts[0].covariance),
                sum((part.spread for part in parts[1:]), parts[0].spread),
            )
        whole = self._found[measure]
        at = [self.subjects.index(subject) for subject in subjects]
        return Common(whole.covariance[np.ix_(at, at)], whole.spread[at])

    @cached_property
    def subjects(self) -> tuple[str, ...]:
        """Committees of both waves."""
        return tuple(s for s in self.after.subjects if s in set(self.before.subjects))

    def _of_residents(self, place: int, overlap: Overlap, measure: int) -> Common:
        """Return what residents of both waves make common to their own committee's two estimates.

        How they keep their errors is one number for all committees, as it is of raters; how many
        they are is each committee's own.
        """
        k, code = len(self.subjects), self.scheme.groups[place].code
        parts, rows = [], []
        for cells, weights in zip((self.before, self.after), self._weights, strict=True):
            own = weights[measure, :, place]
            used = np.flatnonzero((own > 0).any(axis=0))
            if not len(used):
                return Common(np.zeros((k, k)), np.zeros(k))
            at = self._places(cells)
            parts.append(part_of(cells.groups[code], used, own[:, used], at))
            rows.append(np.where(own[at] > 0, own[at], 0.0))
        here = self._places(self.before)
        size = [np.nan_to_num(np.sqrt(part.variance)) for part in parts]
        raw = [
            np.divide(own, part.grown, out=np.zeros(k), where=part.grown > 0)
            for own, part in zip(size, parts, strict=True)
        ]
        together = np.einsum("ki,kij,kj->k", rows[0], overlap.covariance[here, :-1, :-1], rows[1])
        both = raw[0] * raw[1]
        share = np.where(both > 0, overlap.share[here], 0.0)
        r = np.divide(together, both, out=np.zeros(k), where=both > 0)
        kept = pooled_memory(share, r)
        alike = kept * share
        pairs = max(int(overlap.pairs[here].sum()), 1)
        unsure = 2.0 * (size[0] * size[1] * share * (1.0 - kept**2)) ** 2 / pairs
        spread = _spread(parts, alike, unsure)
        return Common(np.diag(alike * size[0] * size[1]), spread)

    def _places(self, cells: Cells) -> Integers:
        return np.array([cells.subjects.index(subject) for subject in self.subjects], dtype=np.intp)

    def _of_raters(self, place: int, same: tuple[Integers, Integers], measure: int) -> Common:
        subjects = self.subjects
        code = self.scheme.groups[place].code
        parts: list[Part] = []
        influence, judged = [], []
        for cells, weights in zip((self.before, self.after), self._weights, strict=True):
            rows = weights[measure, :, place]
            used = np.flatnonzero((rows > 0).any(axis=0))
            at = self._places(cells)
            if not len(used):
                k = len(subjects)
                return Common(np.zeros((k, k)), np.zeros(k))
            group = cells.groups[code]
            parts.append(part_of(group, used, rows[:, used], at))
            known, who_judged = judging(group)
            own = np.where(rows[at][:, used] > 0, rows[at][:, used], 0.0)
            influence.append(np.einsum("rku,ku->rk", known[:, at][:, :, used], own))
            judged.append(who_judged[:, at])
        (u, v), (who, again) = influence, judged
        r = kept_errors(u, v, who, again, same).correlation
        v0, v1 = (np.nan_to_num(part.variance) for part in parts)
        covariance = r * np.sqrt(np.outer(v0, v1))
        raters = np.minimum(*(own.sum(axis=0) for own in judged))
        own = np.diag(r)
        unsure = 2.0 * v0 * v1 * (1.0 - own**2) ** 2 / np.maximum(raters, 1.0)
        return Common(covariance, _spread(parts, own, unsure))


def _spread(parts: Sequence[Part], r: Floats, unsure: Floats) -> Floats:
    """Return what memory adds to the spread of the variance of a change.

    The variance V0 + V1 - 2 r sqrt(V0 V1) follows either wave's by 1 - r sqrt(V1 / V0); the two are
    correlated by r squared (Wishart), and r itself is `unsure` by twice its covariance's variance.
    """
    v0, v1 = (np.nan_to_num(part.variance) for part in parts)
    s0, s1 = (np.nan_to_num(part.spread) for part in parts)
    with np.errstate(divide="ignore", invalid="ignore"):
        follows0 = np.where(v0 > 0, 1.0 - r * np.sqrt(v1 / v0), 1.0)
        follows1 = np.where(v1 > 0, 1.0 - r * np.sqrt(v0 / v1), 1.0)
    joint = 2.0 * follows0 * follows1 * r**2 * np.sqrt(s0 * s1)
    found = follows0**2 * s0 + follows1**2 * s1 + joint + unsure - s0 - s1
    return np.where(r != 0, found, 0.0)


def _told(group: GroupCells) -> bool:
    return group.influence is not None and group.who is not None


def _same(before: GroupCells, after: GroupCells) -> tuple[Integers, Integers]:
    """Return the places of the raters who are known again, in both waves."""
    assert before.who is not None
    assert after.who is not None
    there = {str(mark): place for place, mark in enumerate(before.who) if mark}
    pairs = [(there[str(m)], at) for at, m in enumerate(after.who) if str(m) in there]
    found = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def notes(before: Cells, after: Cells, scheme: Scheme) -> Iterator[Note]:
    """Yield how many raters are known again, where not all are, or where nobody can tell."""
    where = f"{before.wave}-{after.wave}"
    for group in scheme.groups:
        a, b = before.groups[group.code], after.groups[group.code]
        if a.influence is None or b.influence is None:
            continue
        if a.who is None or b.who is None:
            yield Note(NoteCode.RATERS_NOT_KNOWN_AGAIN, where, facts={"group": group.name})
            continue
        matched, fewer = len(_same(a, b)[0]), min(len(a.who), len(b.who))
        if matched < fewer:
            facts = {"group": group.name, "before": len(a.who), "after": len(b.who)}
            yield Note(NoteCode.RATERS_MATCHED, where, matched, facts)
