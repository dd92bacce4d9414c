"""Cells: what is known of every subject, by rater group, once rows are gone."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

OVERALL = "overall"
"""The pseudo-indicator that carries the overall-satisfaction item beside the indicators."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """What one wave's means have in common with a later one's, as residents who answer twice make it.

    Attributes
    ----------
    mark : str
        Of the later wave's cells (`GroupCells.mark`): with others than these it does not hold.
    pairs : ndarray of shape (K,)
        Residents who answered in both; 0 where they are too few (`answers.repeating.LEAST`).
    share : ndarray of shape (K,)
        How much of both samples they are (`methods.two_waves.Repeated`).
    covariance : ndarray of shape (K, I + 1, I + 1)
        Of this wave's means (rows) with the later one's (columns).
    """

    mark: str
    pairs: Integers
    share: Floats
    covariance: Floats

    def at(self, measures: NDArray[np.intp]) -> Overlap:
        """Return the same with only these measures, in this order."""
        return replace(self, covariance=self.covariance[:, measures][:, :, measures])


@dataclass(frozen=True, slots=True)
class GroupCells:
    """The cells of one rater group: every subject's means and their covariance.

    Attributes
    ----------
    n : ndarray of shape (K,)
        Answers with at least one valid measure.
    n_effective : ndarray of shape (K,)
        Kish's effective number; NaN where the covariance is final and no number of answers.
    n_measure : ndarray of shape (K, I + 1)
        Answers with a valid value, by measure.
    mean : ndarray of shape (K, I + 1)
        0 to 100; NaN where nobody answered or the group does not judge the indicator.
    covariance : ndarray of shape (K, I + 1, I + 1)
        Of each subject's own means.
    influence : ndarray of shape (R, K, I + 1) or None
        Of each of R raters on all subjects' means, where raters rate several subjects: the joint
        covariance of two means is the sum over raters of their products, that of a subject's own
        means is `covariance`. None where subjects are independent.
    df : ndarray of shape (K,)
        Degrees of freedom of the covariance: sampling units less one.
    who : ndarray of str, shape (R,), or None
        Fingerprints of the raters in the order of `influence`, by which they are known again in
        another wave; None where raters are not told apart, or an early archive did not keep them.
    again : dict of later wave id to Overlap
        Of residents, whom a question of the role ``panel`` tells; no resident's own mark is kept.
    """

    n: Integers
    n_effective: Floats
    n_measure: Integers
    mean: Floats
    covariance: Floats
    influence: Floats | None
    df: Floats
    who: NDArray[np.str_] | None = None
    again: Mapping[str, Overlap] = field(default_factory=dict)

    @property
    def mark(self) -> str:
        """Tells these cells from others of the same wave, whichever indicators are looked at."""
        digest = hashlib.sha256(np.ascontiguousarray(self.n).tobytes())
        digest.update(np.ascontiguousarray(self.mean[:, -1]).tobytes())
        return digest.hexdigest()[:16]

    def common(self, later: GroupCells, wave: str) -> Overlap | None:
        """Return what these means have in common with a later wave's; None where nobody knows."""
        found = self.again.get(wave)
        return found if found is not None and found.mark == later.mark else None

    def at(self, measures: NDArray[np.intp]) -> GroupCells:
        """Return the same cells with only these measures, in this order."""
        influence = None if self.influence is None else self.influence[:, :, measures]
        return GroupCells(
            self.n,
            self.n_effective,
            self.n_measure[:, measures],
            self.mean[:, measures],
            self.covariance[:, measures][:, :, measures],
            influence,
            self.df,
            self.who,
            {wave: overlap.at(measures) for wave, overlap in self.again.items()},
        )


@dataclass(frozen=True, slots=True)
class Atoms:
    """The smallest units that answers of one rater group are known of, in every committee.

    Attributes
    ----------
    unit : tuple of str
        T units inside committees; the committee itself for answers that name none.
    subject : tuple of str
        The committee of each.
    n : ndarray of shape (T,)
        Answers.
    mass, mean : ndarray of shape (T, I)
        Sum of weights behind every indicator, and its mean, 0 to 100; NaN without answers.
    """

    unit: tuple[str, ...]
    subject: tuple[str, ...]
    n: Integers
    mass: Floats
    mean: Floats


@dataclass(frozen=True, slots=True)
class Finer:
    """What residents say by units inside committees.

    Attributes
    ----------
    cells : dict of level code to Cells
        Its `subjects` are the level's units; groups of residents only have answers.
    atoms : dict of rater group to Atoms
        What the numbers of all levels are made of.
    """

    cells: Mapping[str, Cells]
    atoms: Mapping[str, Atoms]


@dataclass(frozen=True, slots=True)
class Cells:
    """All cells of one wave: what is known once rows are gone.

    Attributes
    ----------
    subjects : tuple of str
        K subject ids, in roster order, of the committees that existed in the wave.
    measures : tuple of str
        I indicator codes in the scheme's order, then ``overall``.
    groups : dict of group code to GroupCells
        In the scheme's order.
    distributions : DataFrame
        Frame ``distributions``.
    definitions : dict of indicator code to str
        Fingerprint of the items and option scores each indicator was measured with.
    """

    wave: str
    subjects: tuple[str, ...]
    measures: tuple[str, ...]
    groups: Mapping[str, GroupCells]
    distributions: pd.DataFrame
    definitions: Mapping[str, str]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of all that is known, for telling two sets of cells apart."""
        known = (self.wave, self.subjects, self.measures, sorted(self.definitions.items()))
        digest = hashlib.sha256(repr(known).encode())
        for code, group in self.groups.items():
            digest.update(code.encode())
            for array in (
                group.n, group.n_effective, group.n_measure, group.mean, group.covariance,
                group.influence, group.df, group.who,
            ):  # fmt: skip
                digest.update(b"" if array is None else np.ascontiguousarray(array).tobytes())
            for wave, overlap in group.again.items():
                digest.update(f"{wave}:{overlap.mark}".encode())
                for array in (overlap.pairs, overlap.share, overlap.covariance):
                    digest.update(np.ascontiguousarray(array).tobytes())
        digest.update(self.distributions.to_csv(index=False).encode())
        return digest.hexdigest()

    def arranged(self, indicators: tuple[str, ...], groups: tuple[str, ...]) -> Cells:
        """Return the same cells with these indicators and groups, in this order.

        Raises
        ------
        ValueError
            If one of them is not there.
        """
        measures = (*indicators, OVERALL)
        at = np.array([self.measures.index(code) for code in measures])
        return replace(
            self,
            measures=measures,
            groups={code: self.groups[code].at(at) for code in groups},
            definitions={c: m for c, m in self.definitions.items() if c in measures},
        )
