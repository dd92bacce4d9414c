"""The residents' answers about all committees: who may be listened to, and what they gave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.answers.clustering import declared_effects
from evalkit.answers.measuring import units
from evalkit.definitions.decided import Decided
from evalkit.definitions.questionnaire import Item, Questionnaire, Role
from evalkit.definitions.units import Units
from evalkit.methods.clusters import design_effect
from evalkit.methods.moments import cell_moments
from evalkit.tables import Answers, Floats, Integers

MINIMUM_N = 10
"""Residents whose needs are published at the least; a document of themes may ask for more."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Weighted shares of K parts of the residents who do O things.

    Attributes
    ----------
    share, variance : ndarray of shape (K, O)
        Variances are NaN where one cluster, or one resident, is all there is.
    effective : ndarray of shape (K,)
        Numbers of independent answers worth as much, at least 1.
    df : ndarray of shape (K,)
        Degrees of freedom of variances over clusters; inf of independent answers, whose share tells
        its own variance.
    """

    share: Floats
    variance: Floats
    effective: Floats
    df: Floats


@dataclass(frozen=True, slots=True)
class Residents:
    """The residents' answers, sorted, each with the place of its committee in the roster.

    Only of rater groups that have enough answers about their committee.

    Attributes
    ----------
    unit : ndarray of shape (n,)
        The cluster of every answer; one that tells none is a cluster of its own.
    effect : ndarray of shape (n,)
        The design effect that its group declares, 1 where clusters are recorded.
    clustered : bool
        Whether any cluster is recorded.
    """

    wave: str
    subjects: tuple[str, ...]
    place: Integers
    weight: Floats
    unit: NDArray[np.object_]
    effect: Floats
    clustered: bool
    asked: tuple[tuple[Questionnaire, pd.DataFrame], ...]
    index: pd.Index

    @classmethod
    def of(cls, answers: Answers, decided: Decided, minimum: int) -> Residents:
        """Choose the answers of residents; of a committee's groups those with the minimum."""
        subjects = tuple(s.id for s in Units.of(decided.roster).present(answers.wave))
        least = {g.code: max(g.minimum_n, minimum) for g in decided.scheme.residents}
        own = answers.respondents
        own = own[own["group"].isin(list(least)) & own["subject"].isin(subjects)].sort_index()
        size = own.groupby(["subject", "group"])["weight"].transform("size")
        own = own[size >= own["group"].map(least)]
        places = {subject: at for at, subject in enumerate(subjects)}
        asked = decided.questionnaires
        return cls(
            answers.wave,
            subjects,
            np.array([places[str(subject)] for subject in own["subject"]], dtype=np.int64),
            own["weight"].to_numpy(dtype=np.float64),
            units(own),
            declared_effects(answers, own.index, decided),
            bool((own["cluster"] != "").any()),
            tuple((asked[name], codes) for name, codes in sorted(answers.codes.items())),
            own.index,
        )

    def items(self, role: Role) -> dict[str, tuple[Questionnaire, Item]]:
        """Return the items of that role that somebody was asked, by id."""
        found: dict[str, tuple[Questionnaire, Item]] = {}
        for questionnaire, codes in self.asked:
            if codes.index.isin(self.index).any():
                for item in questionnaire.of_role(role):
                    if item.id in codes:
                        found.setdefault(item.id, (questionnaire, item))
        return found

    def shares(self, parts: Sequence[tuple[NDArray[np.intp], Floats]]) -> Shares:
        """Return how many do something in each of K parts of the residents, and how sure that is.

        Variances are those of clusters where these are recorded, else times the declared design
        effects. What clusters do to effective numbers is one number for all parts.

        Parameters
        ----------
        parts : sequence of (ndarray of shape (n_k,), ndarray of shape (n_k, O))
            Their places among the rows, and whether each does the O things.
        """
        alone = [cell_moments(values, self.weight[at]) for at, values in parts]
        declared = np.array([self._declared(at) for at, _ in parts])
        variance = np.stack([np.diag(m.covariance) for m in alone])
        df = np.full(len(parts), np.inf)
        effect = 1.0
        if self.clustered:
            found = [cell_moments(v, self.weight[at], clusters=self.unit[at]) for at, v in parts]
            over = np.stack([np.diag(m.covariance) for m in found])
            each = (len(alone) * over.shape[1], 1, 1)
            effect = max(design_effect(over.reshape(each), variance.reshape(each), [1.0]), 1.0)
            variance, df = over, np.array([m.df for m in found], dtype=np.float64)
        effective = np.array([m.n_effective for m in alone]) / (declared * effect)
        return Shares(
            np.stack([m.mean for m in alone]),
            variance * declared[:, None],
            np.maximum(effective, 1.0),
            df,
        )

    def _declared(self, at: NDArray[np.intp]) -> float:
        """Return what declared design effects make of a variance, for answers that scatter alike."""
        effect, squares = self.effect[at], self.weight[at] ** 2
        if (effect == effect[:1]).all():
            return float(effect[0]) if effect.size else 1.0
        return float(squares @ effect / squares.sum())

    def given(self, item: str) -> tuple[NDArray[np.intp], list[str]]:
        """Return who answered an item, as places among the rows, and what they answered.

        Codes are those of the first questionnaire that has the item; of another one they are
        translated by the options' labels, and an option that the first does not have is no answer.
        """
        parts: list[pd.Series[str]] = []
        first: dict[str, str] | None = None
        for questionnaire, codes in self.asked:
            if item in codes:
                options = questionnaire.options_of(questionnaire.item(item))
                first = {o.label: o.code for o in options} if first is None else first
                meant = {o.code: first.get(o.label) for o in options}
                same = all(code == other for code, other in meant.items())
                parts.append(codes[item] if same else codes[item].map(lambda c, m=meant: _as(c, m)))
        cells = pd.concat(parts).reindex(self.index)
        at = np.flatnonzero(cells.notna().to_numpy())
        return at, [str(value) for value in cells.iloc[at]]


def _as(given: object, meant: Mapping[str, str | None]) -> str | None:
    """Translate the codes of one answer; None where none of them has a meaning."""
    if not isinstance(given, str):
        return None
    found = [other for code in given.split(";") if (other := meant.get(code)) is not None]
    return ";".join(found) or None


def by_committee(place: Integers, at: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Return the rows of each of these committees, in their order."""
    order = np.argsort(place, kind="stable")
    ends = np.searchsorted(place[order], at, side="right")
    starts = np.searchsorted(place[order], at, side="left")
    return [order[start:end] for start, end in zip(starts, ends, strict=True)]
