"""What explains overall satisfaction, who answered, and whether the scale holds together.

Everything here needs single residents and speaks of the scheme's resident groups only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.answers.scores import score_respondents
from evalkit.codes import NoteCode
from evalkit.definitions.decided import Decided
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.units import Units
from evalkit.errors import Note
from evalkit.methods import agreement as scales
from evalkit.methods.drivers import MOST_LMG_PREDICTORS, Importance, Method, relative_importance
from evalkit.methods.one_factor import EQUAL_FACTORS
from evalkit.tables import OVERALL, Answers, Floats, frame, no_rows

ROWS_BESIDE = 50
ROWS_PER_PREDICTOR = 8
"""Green (1991): 50 + 8 for each predictor, to test what all of them explain together. Green, S. B.
How many subjects does it take to do a regression analysis? Multivariate Behavioral Research 26,
499-510."""
LEAST_VALUES = 30
"""An indicator that fewer residents could judge is left out by name: it would cost everybody."""


@dataclass(frozen=True, slots=True)
class Drivers:
    """Importance of the scheme's indicators, or dimensions, for overall satisfaction.

    Attributes
    ----------
    table : DataFrame
        Frame ``drivers``, most important first; empty where the data do not allow it.
    method : {"lmg", "johnson"}
    level : {"indicator", "dimension"}
    notes : tuple of Note
    """

    table: pd.DataFrame
    method: Method
    level: str
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Whether the residents' indicators measure one thing.

    Attributes
    ----------
    values : dict
        alpha, alpha_low, alpha_high, omega, mean_correlation, n, indicators (their number), and
        weakest: the indicator without which alpha would be highest, where that is higher than
        alpha, else "". Empty where the data do not allow it.
    notes : tuple of Note
    """

    values: Mapping[str, float | int | str]
    notes: tuple[Note, ...]


def drivers(
    answers: Answers,
    decided: Decided,
    *,
    bootstrap: int,
    seed: int,
) -> Drivers:
    """Explain residents' overall satisfaction by their scores of the indicators.

    Predictors are the indicators that residents judge, and LMG is used for up to 12 of them,
    Johnson's relative weights beyond. Where fewer than 50 + 8 P residents answered all of them, the
    dimensions stand in (a respondent's weighted mean over the indicators answered, if these carry
    the scheme's share of the weight). Predictors and outcome are centred within committee and rater
    group, so that neither a difference between committees nor one between key and random
    residents is read as a driver. Each rater group counts as much as in the scheme.

    Parameters
    ----------
    bootstrap : int
        Samples for the intervals, at least 1; a few hundred are needed for bounds that settle.
    seed : int
        Of the bootstrap.

    Returns
    -------
    Drivers
        ``performance`` is the mean over committees of the residents' scores, rater groups combined
        by the scheme's weights; its error treats committees as fixed. Everybody who judged the
        indicator counts there, not only complete rows.

    Raises
    ------
    ValueError
        If no bootstrap sample is asked for.
    """
    if bootstrap < 1:
        raise ValueError("bootstrap must be at least 1: a driver is never shown without interval")
    residents = ResidentScores.of(answers, decided)
    for level, predictors in (
        ("indicator", residents.indicators),
        ("dimension", residents.dimensions()),
    ):
        notes: list[Note] = []
        usable = _usable(predictors, residents, notes)
        if usable is None:
            continue
        method: Method = "lmg" if usable.shape[1] <= MOST_LMG_PREDICTORS else "johnson"
        try:
            found = relative_importance(
                usable.to_numpy(dtype=np.float64),
                residents.overall.to_numpy(dtype=np.float64),
                residents.weights,
                method=method,
                groups=residents.cells,
                bootstrap=bootstrap,
                seed=seed,
            )
        except ValueError:
            break
        if level == "dimension":
            notes.append(Note(NoteCode.DRIVERS_BY_DIMENSION, answers.wave, found.n))
        codes = [str(code) for code in usable]
        measured = _performance(predictors[codes], residents, Units.of(decided.roster))
        table = _driver_rows(answers.wave, codes, residents, found, measured)
        return Drivers(table, method, level, tuple(notes))
    notes.append(Note(NoteCode.NO_DRIVERS, answers.wave))
    return Drivers(no_rows("drivers"), "lmg", "dimension", tuple(notes))


def _counting(residents: ResidentScores, decided: Decided) -> np.ndarray:
    """Tell whose residents count for the street: not those of committees being set up."""
    counting = ~np.isin(residents.subjects, [*Units.of(decided.roster).provisional])
    return np.asarray(counting | (not counting.any()))


def _usable(
    predictors: pd.DataFrame, residents: ResidentScores, notes: list[Note]
) -> pd.DataFrame | None:
    """Return the predictors that vary among complete rows; None where these are too few."""
    never = NoteCode.DRIVER_NEVER_VARIES
    usable = _varying(predictors, residents.cells, notes, residents, never)
    overall = residents.overall.to_numpy(dtype=np.float64)
    complete = usable.notna().all(axis=1).to_numpy() & ~np.isnan(overall)
    spare = int(complete.sum()) - len(np.unique(residents.cells[complete]))
    if usable.shape[1] == 0 or spare < ROWS_BESIDE + ROWS_PER_PREDICTOR * usable.shape[1]:
        return None
    varying = _varying(usable[complete], residents.cells[complete], notes, residents, never)
    return varying.reindex(usable.index)


def _driver_rows(
    wave: str,
    codes: list[str],
    residents: ResidentScores,
    found: Importance,
    measured: tuple[Floats, Floats],
) -> pd.DataFrame:
    """Return `drivers`, the most important first."""
    table = pd.DataFrame(
        {
            "wave": wave,
            "code": codes,
            "name": [residents.names[code] for code in codes],
            "importance": found.importance,
            "low": found.low,
            "high": found.high,
            "performance": measured[0],
            "performance_se": measured[1],
            "r_squared": found.r_squared,
            "n": found.n,
        }
    )
    ordered = table.sort_values("importance", ascending=False, kind="stable", ignore_index=True)
    return frame("drivers", ordered)


def agreement(answers: Answers, decided: Decided) -> Agreement:
    """Cronbach's alpha with its interval and McDonald's omega of the residents' indicators.

    Over all residents of the street, each counting once: how well one resident's indicators
    measure that resident's opinion.
    """
    residents = ResidentScores.of(answers, decided)
    notes: list[Note] = []
    everybody = np.zeros(len(residents.indicators), dtype=np.int64)
    scores = _varying(
        residents.indicators, everybody, notes, residents, NoteCode.INDICATOR_NEVER_VARIES
    )
    values = scores.to_numpy(dtype=np.float64)
    try:
        alpha = scales.cronbach_alpha(values)
        omega = scales.omega(values)
    except ValueError:
        notes.append(Note(NoteCode.NO_AGREEMENT, answers.wave))
        return Agreement({}, tuple(notes))
    at = int(np.argmax(alpha.if_dropped))
    return Agreement(
        {
            "alpha": alpha.alpha,
            "alpha_low": alpha.low,
            "alpha_high": alpha.high,
            "omega": omega.omega,
            "mean_correlation": alpha.mean_correlation,
            "n": alpha.n,
            "indicators": scores.shape[1],
            "weakest": str(scores.columns[at]) if alpha.if_dropped[at] > alpha.alpha else "",
        },
        tuple(notes),
    )


def scale_changes(
    before: Answers,
    after: Answers,
    decided: Decided,
    *,
    seed: int,
    permutations: int = 99,
) -> tuple[Note, ...]:
    """Say whether the residents' indicators hang together as they did in the wave before.

    Scores are centred within committee and rater group, so that another mix of respondents or
    another order of the committees is not read as another scale.

    Parameters
    ----------
    seed, permutations : int
        Of the exchange of respondents between the waves; at least 99.

    Returns
    -------
    tuple of Note
        One where the scale moved, naming the indicator that moved most; one where it could not be
        compared; none where it stayed.
    """
    waves = [ResidentScores.of(answers, decided) for answers in (before, after)]
    where = f"{before.wave}–{after.wave}"
    ignored: list[Note] = []
    centred = [
        within_cells(
            _varying(r.indicators, r.cells, ignored, r, NoteCode.INDICATOR_NEVER_VARIES), r.cells
        )
        for r in waves
    ]
    codes = [str(code) for code in centred[0] if code in centred[1]]
    try:
        first, second = (wave[codes].to_numpy(dtype=np.float64) for wave in centred)
        found = scales.compare_loadings(first, second, permutations=permutations, seed=seed)
    except ValueError:
        return (Note(NoteCode.SCALE_NOT_COMPARED, where),)
    if not found.moved:
        return ()
    facts = {
        "name": waves[1].names[codes[found.item]],
        "stronger": bool(found.difference[found.item] > 0),
        "otherwise": bool(found.congruence < EQUAL_FACTORS),
    }
    return (Note(NoteCode.SCALE_CHANGED, where, facts=facts),)


@dataclass(frozen=True, slots=True)
class ResidentScores:
    """The residents of one wave, ready to be explained.

    Attributes
    ----------
    indicators : DataFrame of shape (n, I)
        Scores of the indicators that residents judge, 0 to 100.
    overall : Series of shape (n,)
    subjects, groups : ndarray of str, shape (n,)
    cells : ndarray of int, shape (n,)
        Number of the (committee, rater group).
    weights : ndarray of shape (n,)
        Survey weights scaled so that rater groups count as in the scheme; they add up to n.
    names : dict of indicator or dimension code to name
    """

    scheme: Scheme
    wave: str
    indicators: pd.DataFrame
    overall: pd.Series[float]
    subjects: np.ndarray
    groups: np.ndarray
    cells: np.ndarray
    weights: Floats
    names: Mapping[str, str]

    @classmethod
    def of(cls, answers: Answers, decided: Decided) -> ResidentScores:
        """Score the residents of a wave."""
        scheme = decided.scheme
        shares = {group.code: group.weight for group in scheme.residents}
        judged = {code for group in scheme.residents for code in scheme.covered(group)}
        own = answers.respondents[answers.respondents["group"].isin(shares)]
        scores = score_respondents(answers, decided).loc[own.index]
        groups = own["group"].to_numpy(dtype=str)
        weights = own["weight"].to_numpy(dtype=np.float64).copy()
        for code, share in shares.items():
            inside = groups == code
            if weights[inside].sum() > 0:
                weights[inside] *= share / weights[inside].sum()
        if weights.sum() > 0:
            weights *= len(weights) / weights.sum()
        cells = pd.factorize(pd.MultiIndex.from_frame(own[["subject", "group"]]), sort=True)[0]
        names = {d.code: d.name for d in scheme.dimensions}
        names |= {i.code: i.name for i in scheme.indicators}
        columns = [i.code for i in scheme.indicators if i.code in judged]
        return cls(
            scheme,
            answers.wave,
            scores[columns],
            scores[OVERALL],
            own["subject"].to_numpy(dtype=str),
            groups,
            cells,
            weights,
            names,
        )

    def dimensions(self) -> pd.DataFrame:
        """Return scores (n, D): weighted means over the indicators answered, if enough."""
        columns = {}
        for dimension in self.scheme.dimensions:
            inside = [i for i in dimension.indicators if i.code in self.indicators]
            if inside:
                values = self.indicators[[i.code for i in inside]].to_numpy(dtype=np.float64)
                weight = np.array([i.weight for i in inside])
                answered = ~np.isnan(values)
                mass = answered @ weight
                total = np.where(answered, values, 0.0) @ weight
                enough = (mass > 0) & (mass >= self.scheme.minimum_answered * weight.sum())
                columns[dimension.code] = np.where(enough, total / np.maximum(mass, 1e-12), np.nan)
        return pd.DataFrame(columns, index=self.indicators.index)


def within_cells(scores: pd.DataFrame, cells: np.ndarray) -> pd.DataFrame:
    """Return scores less the mean of their cell."""
    return scores - scores.groupby(cells).transform("mean")


def _varying(
    scores: pd.DataFrame,
    cells: np.ndarray,
    notes: list[Note],
    residents: ResidentScores,
    code: NoteCode,
) -> pd.DataFrame:
    """Leave out, and note by name, what hardly anybody judged or what never varies in a cell."""
    kept: list[str] = []
    counts = scores.notna().sum()
    spread = within_cells(scores, cells).abs().max()
    for column in map(str, scores.columns):
        if counts[column] < LEAST_VALUES:
            found = NoteCode.TOO_FEW_VALUES
        elif not spread[column] > 1e-9:
            found = code
        else:
            kept.append(column)
            continue
        name = {"name": residents.names[column]}
        notes.append(Note(found, residents.wave, int(counts[column]), name))
    return scores[kept]


def _performance(
    scores: pd.DataFrame, residents: ResidentScores, units: Units
) -> tuple[Floats, Floats]:
    """Return the mean over committees of the residents' means, and its standard error.

    A committee that is being set up does not count for the street.
    Committees are fixed: only the spread within a committee is error. A committee with a single
    answer of a group lends its distance from the group's mean instead (a deviation about the
    street, never zero).
    """
    shares = {g.code: g.weight for g in residents.scheme.residents}
    counting = ~np.isin(residents.subjects, [*units.provisional])
    counting |= not counting.any()
    means, errors = [], []
    for column in map(str, scores.columns):
        values = scores[column].to_numpy(dtype=np.float64)
        total, variance, mass = 0.0, 0.0, 0.0
        for code, share in shares.items():
            rows = (
                (residents.groups == code) & ~np.isnan(values) & (residents.weights > 0) & counting
            )
            if not rows.any():
                continue
            mean, own = _mean_of_committees(
                values[rows], residents.weights[rows], residents.subjects[rows]
            )
            total, variance, mass = total + share * mean, variance + share**2 * own, mass + share
        means.append(total / mass)
        errors.append(np.sqrt(variance) / mass)
    return np.array(means), np.array(errors)


def _mean_of_committees(x: Floats, w: Floats, subjects: np.ndarray) -> tuple[float, float]:
    _, code = np.unique(subjects, return_inverse=True)
    n = np.bincount(code)
    mass = np.bincount(code, w)
    means = np.bincount(code, w * x) / mass
    mean = float(means.mean())
    alone = n[code] == 1
    deviation = np.where(alone, x - mean, x - means[code])
    influence = w / mass[code] * deviation / n.size
    factor = np.where(alone, 1.0, n[code] / np.maximum(n[code] - 1.0, 1.0))
    return mean, float((factor * influence**2).sum())
