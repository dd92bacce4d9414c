"""Two waves under one scheme: what changed, against the street, and what the change is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from evalkit.codes import ChangeVerdict, Lack, NoteCode, OwnChange
from evalkit.definitions.roster import Roster
from evalkit.definitions.scheme import Scheme
from evalkit.errors import Note
from evalkit.findings.panel import Between, Common
from evalkit.methods import rank_changes, rank_sets, tails
from evalkit.methods.decomposition import bennet, rank_move
from evalkit.tables import (
    COMPOSITE,
    FRAMES,
    OVERALL,
    Cells,
    Changes,
    Floats,
    Integers,
    NotCompared,
    Scores,
    frame,
)

RISEN, SAME, FALLEN = ChangeVerdict.RISEN, ChangeVerdict.SAME, ChangeVerdict.FALLEN


def compare(
    before: Scores,
    after: Scores,
    scheme: Scheme,
    roster: Roster,
    *,
    draws: int,
    seed: int,
    between: Between | None = None,
) -> Changes:
    """Compare the committees that are complete in both waves.

    Ranks are those among the committees compared. The verdict is a two-sided test of the change
    relative to the street's mean, Holm-adjusted over the committees; the change itself has a test
    and a family of its own.

    Parameters
    ----------
    before, after : Scores
        Both scored under `scheme`.
    between : Between or None
        Of raters who judge in both waves; the waves' samples are independent if None.

    Returns
    -------
    Changes
        Without rows where fewer than two committees can be compared, or where the scores of a wave
        have no errors to compare them by.
    """
    common = tuple(subject for subject in after.subjects if subject in set(before.subjects))
    lost = _not_compared(before, after, common)
    unsure = next((scores.wave for scores in (after, before) if not scores.errors_known), None)
    if unsure is not None:
        lost |= {subject: NotCompared(unsure, Lack.UNSURE) for subject in common}
    if unsure is not None or len(common) < 2:
        return _nothing(before, after, lost)
    shared = None if between is None else between.common(COMPOSITE, common)
    both = _Both.of(before, after, common, shared)
    x0, v0, x1, v1 = both.x0, both.v0, both.x1, both.v1
    again = None if shared is None else shared.covariance
    moved = rank_changes.relative_change(x0, v0, x1, v1, df=both.df, shared=again)
    sets = rank_changes.rank_change_sets(
        x0, v0, x1, v1, confidence=scheme.confidence, draws=draws, seed=seed,
        from_df=both.pair_df_0, to_df=both.pair_df_1,
    )  # fmt: skip
    places = _places(both, scheme.confidence, draws, seed)
    move = rank_move(x0, x1)
    luck = rank_changes.luck_reference(
        x0, v0, v1, both.ranks_1 - both.ranks_0, draws=draws, seed=seed, shared=again
    )
    alpha = 1.0 - scheme.confidence
    reach = tails.t_quantile(1.0 - alpha / 2.0, np.minimum(both.df, 1e9))
    index = pd.Index(common, name="subject")
    return Changes(
        before.wave,
        after.wave,
        _rows(both, moved, sets, places, alpha, roster),
        _contributions(both, scheme),
        float(moved.change.mean()),
        pd.Series(luck.own_probability, index=index),
        pd.Series(luck.any_probability, index=index),
        lost,
        pd.Series(moved.se * reach, index=index),
        pd.Series(move.own, index=index),
        pd.Series(move.field, index=index),
        pd.Series(moved.p, index=index),
        pd.Series(moved.change_p, index=index),
    )


@dataclass(frozen=True)
class _Both:
    """The committees that are complete in both waves, in one order; 0 is before, 1 is after.

    Attributes
    ----------
    at_0, at_1 : ndarray of shape (K,)
        Where these subjects stand in the scores of either wave.
    """

    before: Scores
    after: Scores
    subjects: tuple[str, ...]
    at_0: Integers
    at_1: Integers
    shared: Common | None

    @classmethod
    def of(
        cls, before: Scores, after: Scores, subjects: tuple[str, ...], shared: Common | None
    ) -> _Both:
        at_0 = np.array([before.subjects.index(subject) for subject in subjects])
        at_1 = np.array([after.subjects.index(subject) for subject in subjects])
        return cls(before, after, subjects, at_0, at_1, shared)

    @cached_property
    def x0(self) -> Floats:
        return self.before.composite[self.at_0]

    @cached_property
    def x1(self) -> Floats:
        return self.after.composite[self.at_1]

    @cached_property
    def v0(self) -> Floats:
        return self.before.covariance[np.ix_(self.at_0, self.at_0)]

    @cached_property
    def v1(self) -> Floats:
        return self.after.covariance[np.ix_(self.at_1, self.at_1)]

    @cached_property
    def pair_df_0(self) -> Floats:
        return self.before.pair_df[np.ix_(self.at_0, self.at_0)]

    @cached_property
    def pair_df_1(self) -> Floats:
        return self.after.pair_df[np.ix_(self.at_1, self.at_1)]

    @cached_property
    def moved(self) -> Floats:
        """Covariance of the changes, shape (K, K); as near as can be to one that there is."""
        joint = self.v0 + self.v1
        if self.shared is None or not self.shared.covariance.any():
            return joint
        joint = joint - (self.shared.covariance + self.shared.covariance.T)
        values, vectors = np.linalg.eigh(joint)
        if values.min() < 0:
            joint = (vectors * np.maximum(values, 0.0)) @ vectors.T
        return np.asarray((joint + joint.T) / 2.0)

    @cached_property
    def pair_df_of_changes(self) -> Floats:
        """Degrees of freedom of the differences of two changes; what waves share makes them fewer."""
        apart = [_apart(v) for v in (self.v0, self.v1)]
        spread = apart[0] ** 2 / self.pair_df_0 + apart[1] ** 2 / self.pair_df_1
        df = np.full_like(spread, np.inf)
        np.divide(_apart(self.moved) ** 2, spread, out=df, where=spread > 0)
        df = np.maximum(df, 1.0)
        return np.asarray(np.minimum(df, df.T))  # rounding makes the two directions differ

    @cached_property
    def ranks_0(self) -> Integers:
        return rank_sets.competition_rank(self.x0)

    @cached_property
    def ranks_1(self) -> Integers:
        return rank_sets.competition_rank(self.x1)

    @cached_property
    def df(self) -> Floats:
        """Degrees of freedom of every difference, by Satterthwaite."""
        v0, v1 = self.before.variance[0, self.at_0], self.after.variance[0, self.at_1]
        spread = v0**2 / self.before.df[0, self.at_0] + v1**2 / self.after.df[0, self.at_1]
        apart = v0 + v1
        if self.shared is not None:
            spread = spread + self.shared.spread
            apart = np.maximum(apart - 2.0 * np.diagonal(self.shared.covariance), 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            df = np.where(spread > 0, apart**2 / spread, 1e9)
        return np.maximum(df, 1.0)


def _places(both: _Both, confidence: float, draws: int, seed: int) -> rank_sets.RankSets:
    """Rank the changes, each with the set of ranks that the data do not rule out."""
    return rank_sets.rank_sets(
        both.x1 - both.x0,
        both.moved,
        confidence=confidence,
        draws=draws,
        seed=seed,
        df=both.pair_df_of_changes,
    )


def _apart(covariance: Floats) -> Floats:
    """Return the variances (K, K) of the differences of any two."""
    own = np.diagonal(covariance)
    return np.maximum(own[:, None] + own[None, :] - 2.0 * covariance, 0.0)


def _rows(
    both: _Both,
    moved: rank_changes.RelativeChange,
    sets: rank_changes.RankChangeSets,
    places: rank_sets.RankSets,
    alpha: float,
    roster: Roster,
) -> pd.DataFrame:
    """Return the frame of changes, each with its verdict at level `alpha`."""
    return frame(
        "changes",
        {
            "subject": list(both.subjects),
            "name": [roster.subject(subject).name for subject in both.subjects],
            "from_wave": [both.before.wave] * len(both.subjects),
            "to_wave": [both.after.wave] * len(both.subjects),
            "score_from": both.x0,
            "score_to": both.x1,
            "change": moved.change,
            "relative_change": moved.relative,
            "se": moved.se,
            "p_adjusted": moved.p_adjusted,
            "verdict": verdicts(moved.p_adjusted, moved.relative, alpha),
            "rank_from": both.ranks_0,
            "rank_to": both.ranks_1,
            "rank_change": both.ranks_1 - both.ranks_0,
            "rank_change_low": sets.low,
            "rank_change_high": sets.high,
            "change_se": moved.change_se,
            "change_p_adjusted": moved.change_p_adjusted,
            "change_verdict": own_verdicts(moved.change_p_adjusted, moved.change, alpha),
            "change_rank": places.rank,
            "change_rank_low": places.low,
            "change_rank_high": places.high,
        },
    )


def verdicts(p_adjusted: Iterable[float], relative: Iterable[float], alpha: float) -> list[str]:
    """Return the verdicts of changes against the street at level `alpha`."""
    return [
        ((RISEN if change > 0 else FALLEN) if p < alpha else SAME).value
        for p, change in zip(p_adjusted, relative, strict=True)
    ]


def own_verdicts(p_adjusted: Iterable[float], changes: Iterable[float], alpha: float) -> list[str]:
    """Return the verdicts of changes themselves at level `alpha`."""
    return [
        OwnChange.of(p, change, alpha).value for p, change in zip(p_adjusted, changes, strict=True)
    ]


def notes(
    before: Cells, after: Cells, changes: Changes, scheme: Scheme | None = None
) -> tuple[Note, ...]:
    """Return what a reader must know about this comparison, with the scheme's names if it is given."""
    names = {} if scheme is None else {one.code: one.name for one in scheme.indicators}
    found = []
    where = f"{changes.from_wave}-{changes.to_wave}"
    other = [
        code
        for code, fingerprint in after.definitions.items()
        if code != OVERALL  # no part of a score: frame ``satisfaction`` says what it compares
        and before.definitions.get(code) != fingerprint
    ]
    if other:
        facts = {"indicators": tuple(names.get(code, code) for code in other)}
        found.append(Note(NoteCode.MEASURED_DIFFERENTLY, where, len(other), facts))
    if changes.not_compared:
        found.append(Note(NoteCode.NOT_COMPARED, where, len(changes.not_compared)))
    return tuple(found)


def _contributions(both: _Both, scheme: Scheme) -> pd.DataFrame:
    """Split every change into points by indicator and rater group (Bennet, exact).

    Both waves are scored under one scheme, so nothing comes from its weights. Where an indicator
    had no answers in one of the waves its group's others carried its weight (`combining.apportion`);
    what that moves is counted against the group's mean over both waves, since a group's weights
    add up to the same in both, and goes to the indicators whose weight moved.
    """
    before, after, at_0, at_1 = both.before, both.after, both.at_0, both.at_1
    w0, w1 = before.cell_weights[at_0], after.cell_weights[at_1]
    used = (w0 > 0) | (w1 > 0)
    x0, x1 = before.cell_means[at_0], after.cell_means[at_1]
    x0, x1 = np.where(w0 > 0, x0, x1), np.where(w1 > 0, x1, x0)  # of one wave only: no change
    x0, x1 = np.where(used, x0, 0.0), np.where(used, x1, 0.0)
    points = bennet(w0, x0, w1, x1)[0]
    whole = (w0 + w1).sum(axis=2, keepdims=True)
    middle = (w0 * x0 + w1 * x1).sum(axis=2, keepdims=True) / np.where(whole > 0, whole, 1.0)
    points += ((x0 + x1) / 2.0 - middle) * (w1 - w0)
    groups = [group.code for group in scheme.groups]
    codes = [indicator.code for indicator in scheme.indicators]
    rows = [
        (subject, before.wave, after.wave, codes[i], float(points[k, g, i]), groups[g])
        for k, subject in enumerate(both.subjects)
        for g, i in zip(*np.nonzero(used[k]), strict=True)
    ]
    names = [column.name for column in FRAMES["contributions"]]
    return frame("contributions", pd.DataFrame(rows, columns=names))


def _not_compared(before: Scores, after: Scores, common: tuple[str, ...]) -> dict[str, NotCompared]:
    incomplete_0 = {entry.subject for entry in before.incomplete}
    incomplete_1 = {entry.subject for entry in after.incomplete}
    everyone = dict.fromkeys(
        (*after.subjects, *sorted(incomplete_1), *before.subjects, *sorted(incomplete_0))
    )
    reasons = {}
    for subject in everyone:
        if subject in common:
            continue
        if subject in incomplete_1:
            reasons[subject] = NotCompared(after.wave, Lack.INCOMPLETE)
        elif subject in incomplete_0:
            reasons[subject] = NotCompared(before.wave, Lack.INCOMPLETE)
        elif subject in after.subjects:
            reasons[subject] = NotCompared(before.wave, Lack.ABSENT)
        else:
            reasons[subject] = NotCompared(after.wave, Lack.ABSENT)
    return reasons


def _nothing(before: Scores, after: Scores, lost: dict[str, NotCompared]) -> Changes:
    def empty(name: str) -> pd.DataFrame:
        return frame(name, {column.name: [] for column in FRAMES[name]})

    none: pd.Series[float] = pd.Series(np.zeros(0), index=pd.Index([], name="subject"))
    return Changes(
        before.wave,
        after.wave,
        empty("changes"),
        empty("contributions"),
        0.0,
        none,
        none,
        lost,
        none,
        none,
        none,
    )
