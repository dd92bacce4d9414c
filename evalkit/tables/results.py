"""Results: what cells say of one wave's subjects, and how surely."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.codes import Lack
from evalkit.tables.cells import Floats
from evalkit.tables.frames import ALL_GROUPS, no_rows
from evalkit.tables.showing import shown

RELIABLE = 0.7
"""Below this reliability a table cannot rank: read the grades (Adams 2009, RAND, on profiling)."""
MOSTLY = 0.5
"""Below this share of pairs that can be told apart, a table does not put its rows in order."""


@dataclass(frozen=True, slots=True)
class Measure:
    """Something that has an estimate for every subject."""

    code: str
    level: Literal["composite", "dimension", "indicator"]
    name: str
    weight: float


@dataclass(frozen=True, slots=True)
class Incomplete:
    """A subject that is listed and not ranked, and the rater groups that did not judge it."""

    subject: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Provisional:
    """Committees that are being set up (筹备): scored and held against the street, part of nothing.

    Attributes
    ----------
    subjects : tuple of str
        P complete ones, in roster order; incomplete ones are among `Scores.incomplete`.
    estimate, variance, df : ndarray of shape (M, P)
        As those of `Scores`.
    difference_variance : ndarray of shape (M, P)
        Of the estimate less the mean of the committees that count.
    cell_weights, cell_means : ndarray of shape (P, G, I)
    """

    subjects: tuple[str, ...]
    estimate: Floats
    variance: Floats
    df: Floats
    difference_variance: Floats
    cell_weights: Floats
    cell_means: Floats


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of one wave with everything needed to compare them.

    Attributes
    ----------
    subjects : tuple of str
        K complete subjects that count for the street, in roster order.
    incomplete : tuple of Incomplete
        Those that a rater group did not judge.
    measures : tuple of Measure
        M: composite first, then dimensions, then indicators.
    estimate, variance, df : ndarray of shape (M, K)
        Rater groups combined by the scheme's weights. An estimate is NaN where nobody answered
        anything of the measure, a variance also where nothing tells it: no answers differ
        anywhere, or there is nowhere more than one.
    covariance : ndarray of shape (K, K)
        Joint covariance of the composites.
    pair_df : ndarray of shape (K, K)
        Degrees of freedom of the variance of every difference of two composites.
    difference_variance : ndarray of shape (M, K)
        Variance of a subject's estimate less the street's mean.
    cell_weights : ndarray of shape (K, G, I)
        Weight of every (group, indicator) in each subject's composite; adds up to 1. The scheme's,
        but where an indicator has no answers its group's other indicators share its weight.
    cell_means : ndarray of shape (K, G, I)
        The means behind it; NaN where the weight is 0.
    table : DataFrame
        Frame ``scores``: complete and incomplete subjects, in roster order.
    indicators : DataFrame
        Frame ``indicators``.
    provisional : Provisional or None
        Complete subjects that count for nobody else; None where there are none.
    """

    wave: str
    subjects: tuple[str, ...]
    incomplete: tuple[Incomplete, ...]
    measures: tuple[Measure, ...]
    estimate: Floats
    variance: Floats
    df: Floats
    covariance: Floats
    pair_df: Floats
    difference_variance: Floats
    cell_weights: Floats
    cell_means: Floats
    table: pd.DataFrame
    indicators: pd.DataFrame
    provisional: Provisional | None = None
    _untold: frozenset[tuple[str, str]] | None = field(
        default=None, init=False, repr=False, compare=False
    )

    def of(self, subject: str) -> tuple[Scores | Provisional, int]:
        """Return where a scored subject's numbers stand, and its place there.

        Raises
        ------
        ValueError
            If the subject has no score.
        """
        beside = self.provisional
        if beside is not None and subject in beside.subjects:
            return beside, beside.subjects.index(subject)
        return self, self.subjects.index(subject)

    @property
    def untold(self) -> frozenset[tuple[str, str]]:
        """Measures over all groups that are not told of a committee: (subject, code).

        They have a number, and frame ``indicators`` leaves it out.
        """
        known: frozenset[tuple[str, str]] | None = getattr(
            self, "_untold", None
        )  # not there in pickles of earlier versions
        if known is not None:
            return known
        own = self.indicators
        own = own[(own["group"] == ALL_GROUPS) & own["estimate"].isna()]
        empty = set(zip(own["subject"], own["code"], strict=True))
        found = frozenset(
            (subject, measure.code)
            for part in (self, self.provisional)
            if part is not None and empty
            for m, measure in enumerate(self.measures)
            for k, subject in enumerate(part.subjects)
            if (subject, measure.code) in empty and np.isfinite(part.estimate[m, k])
        )
        object.__setattr__(self, "_untold", found)  # asked for every line of every page
        return found

    @property
    def composite(self) -> Floats:
        """Composite scores, shape (K,)."""
        return np.asarray(self.estimate[0], dtype=np.float64)

    @property
    def errors_known(self) -> bool:
        """Whether every composite has an error: without one nothing is ranked or compared."""
        return bool((self.variance[0] > 0).all())


@dataclass(frozen=True, slots=True)
class Ranking:
    """The league table of one wave.

    Attributes
    ----------
    table : DataFrame
        Frame ``ranking``, best first; empty where the scores have no errors to rank them by.
    reliability : float
        Mean share of the scores' variance that is real differences between subjects, 0 to 1.
    tau : float
        Standard deviation of the true scores between subjects, points.
    distinguishable_pairs : float
        Share of pairs of subjects whose order is certain (joint confidence), 0 to 1.
        NaN, as `tau` and `reliability`, where the scores have no errors.
    unstable : tuple of str
        Subjects with a bound that another seed might move by one.
    ahead : ndarray of shape (K, K) or None
        Whether the row's subject is known to be better than the column's, all pairs tested
        together, as the joint sets are; in the order of `Scores.subjects`. None where there are
        too many subjects, or fewer than two.
    reliability_low, reliability_high : float
        Ends of the reliability's interval (Q-profile); NaN where nothing is known of it.
    """

    wave: str
    table: pd.DataFrame
    reliability: float
    tau: float
    distinguishable_pairs: float
    unstable: tuple[str, ...]
    ahead: NDArray[np.bool_] | None = None
    reliability_low: float = np.nan
    reliability_high: float = np.nan


class NotCompared(NamedTuple):
    """Why a committee is not compared: what it lacks, and in which wave."""

    wave: str
    lack: Lack


def _nobody() -> pd.Series[float]:
    return pd.Series(np.zeros(0), index=pd.Index([], name="subject"))


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed between two waves, under one scheme.

    Attributes
    ----------
    table : DataFrame
        Frame ``changes``, in roster order; subjects complete in both waves.
    contributions : DataFrame
        Frame ``contributions``.
    street_change : float
        Change of the mean score of these subjects, points.
    luck_own, luck_any : Series
        By subject: probability that pure chance moves this subject, or any subject, at least as
        many places in the same direction although nothing had changed.
    not_compared : dict of subject to NotCompared
    margin : Series
        By subject: half-width of the interval of the relative change, points; Student's t with the
        test's own degrees of freedom.
    rank_own, rank_field : Series
        By subject: places of its rank change that its own change in score makes, and those that
        the others' changes make; negative = moved up. They add up to ``rank_change``.
    p, change_p : Series
        By subject: p-values of the relative change and of the change itself, not adjusted; empty
        where nobody is to adjust them over more waves.
    stands_for : dict of subject to subject
        Of committees that are compared as one with others: whose row holds the same test.
    """

    from_wave: str
    to_wave: str
    table: pd.DataFrame
    contributions: pd.DataFrame
    street_change: float
    luck_own: pd.Series[float]
    luck_any: pd.Series[float]
    not_compared: Mapping[str, NotCompared]
    margin: pd.Series[float]
    rank_own: pd.Series[float]
    rank_field: pd.Series[float]
    p: pd.Series[float] = field(default_factory=_nobody)
    change_p: pd.Series[float] = field(default_factory=_nobody)
    stands_for: Mapping[str, str] = field(default_factory=dict)

    @property
    def compared(self) -> int:
        """How many changes there are: committees that are compared as one have one together."""
        return len(self.table) - len(self.stands_for)


@dataclass(frozen=True, slots=True)
class History:
    """What is told of a wave beside those before it, in frames of these names.

    Attributes
    ----------
    series, trends : DataFrame
        Of up to five waves that end with the current one; empty where fewer than three can be
        compared.
    dimension_changes : DataFrame
        Against the wave before; empty where there is none.
    forecasts : DataFrame
        Of the wave to come, if nothing changes.
    lineage : DataFrame
        What became of committees between every two waves; empty without lineage.csv.
    """

    series: pd.DataFrame = field(default_factory=lambda: no_rows("series"))
    trends: pd.DataFrame = field(default_factory=lambda: no_rows("trends"))
    dimension_changes: pd.DataFrame = field(default_factory=lambda: no_rows("dimension_changes"))
    forecasts: pd.DataFrame = field(default_factory=lambda: no_rows("forecasts"))
    lineage: pd.DataFrame = field(default_factory=lambda: no_rows("lineage"))


@dataclass(frozen=True, slots=True)
class Finding:
    """A strength, a weakness, or a tendency that the data cannot tell from the mean.

    Attributes
    ----------
    kind : {"strength", "weakness", "tendency_high", "tendency_low"}
    difference : float
        Estimate less the street's mean, points; its sign agrees with the kind.
    p_adjusted : float
        Benjamini-Hochberg over all subjects and indicators of the wave.
    """

    kind: Literal["strength", "weakness", "tendency_high", "tendency_low"]
    subject: str
    code: str
    name: str
    estimate: float
    street: float
    difference: float
    se: float
    p_adjusted: float


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All findings of one subject, and what they rest on.

    Attributes
    ----------
    profile : DataFrame
        One row a measure: code, level, name, estimate, se, low, high, street, difference,
        p_adjusted, verdict (高于 | 低于 | 无显著差异), previous (last wave, may be empty).
    """

    subject: str
    complete: bool
    findings: tuple[Finding, ...]
    profile: pd.DataFrame

    def of_kind(self, *kinds: str) -> tuple[Finding, ...]:
        """Return the findings of these kinds, strongest first."""
        return tuple(finding for finding in self.findings if finding.kind in kinds)

    def _repr_html_(self) -> str | None:
        """Return what notebooks show."""
        return shown(self)


@dataclass(frozen=True, slots=True)
class Assurance:
    """How far the current wave's table can be trusted, and what would make it surer.

    Attributes
    ----------
    bands, sensitivity, weight_influence, drivers, quality, plan : DataFrame
        The frames of these names; empty where the data do not allow them (a note says why).
    reliability : dict
        Written to ``reliability.json``: reliability with its interval, tau, distinguishable_pairs,
        same_form (correlation of the composite with overall satisfaction of the same people),
        validity (that with other people's, see `findings.by_group.across`),
        levels (whether indicators rose together, see `answers.rising_together`),
        and ``verdict`` and ``meaning`` sentences in plain Chinese.
    by_group : DataFrame
        Frame ``reliability``: of the table and of each rater group alone.
    samples : DataFrame
        The frame of that name: list and random sample side by side.
    gap : dict
        Key residents against random ones over the street: mean, se, tau, low, high; empty without
        both.
    design_effects : DataFrame
        The frame of that name; empty where only cells are left.
    extremes : DataFrame
        The frame of that name: who is how likely to be truly among the first, or the last.
    multilevel : DataFrame
        The frame of that name: residents' scores for the people who live there; empty where the
        margins know no committee's residents.
    """

    bands: pd.DataFrame
    sensitivity: pd.DataFrame
    weight_influence: pd.DataFrame
    drivers: pd.DataFrame
    quality: pd.DataFrame
    plan: pd.DataFrame
    reliability: Mapping[str, Any]
    gap: Mapping[str, float]
    design_effects: pd.DataFrame = field(default_factory=lambda: no_rows("design_effects"))
    by_group: pd.DataFrame = field(default_factory=lambda: no_rows("reliability"))
    samples: pd.DataFrame = field(default_factory=lambda: no_rows("samples"))
    extremes: pd.DataFrame = field(default_factory=lambda: no_rows("extremes"))
    multilevel: pd.DataFrame = field(default_factory=lambda: no_rows("multilevel"))


@dataclass(frozen=True, slots=True)
class Needs:
    """What residents need: what they tick, and the themes they write about; counted, never quoted.

    Attributes
    ----------
    table, themes : DataFrame
        Frames ``needs`` and ``themes``, the street first, then the subjects in roster order; empty
        where nothing was asked or only cells are left. What fewer than the minimum said is left
        out, and so is what would give it away by subtraction.
    minimum_n : int
        Residents below which a theme, or a need, is not published.
    assumptions : tuple of str
        Of the themes that were counted by; they stand in the method note.
    """

    table: pd.DataFrame
    themes: pd.DataFrame
    minimum_n: int = 10
    assumptions: tuple[str, ...] = ()

    @classmethod
    def nothing(cls) -> Needs:
        """Return what is known where nothing was asked, or no rows are left."""
        return cls(no_rows("needs"), no_rows("themes"))


class Opinions(NamedTuple):
    """What some residents say of one question.

    Attributes
    ----------
    n : int
        Residents who gave an opinion.
    effective : float
        What their answers are worth after weighting, Kish.
    share, acceptable : float
        Satisfied, and at least content, of those with an opinion, 0 to 1; NaN where not told.
    """

    n: int
    effective: float
    share: float
    acceptable: float


class ResidentsOfAKind(NamedTuple):
    """What residents who say the same of themselves think of the committees' work.

    Attributes
    ----------
    by, value, label : str
        The question that tells them apart, their option's code and label.
    shown : bool
        Whether it may be told.
    """

    by: str
    value: str
    label: str
    opinions: Opinions
    shown: bool
