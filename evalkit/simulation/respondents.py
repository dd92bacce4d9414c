"""Who answers what: option by option, with don't-knows and gaps, around a known truth.

The expected score of every item equals the true mean of its indicator exactly. An item's option
probabilities are a plausible satisfaction distribution, skewed to the top, tilted until their
mean is the true one: p(o) is proportional to base(o) exp(theta score(o)). Items of one respondent
hang together through a Gaussian copula: one halo over everything, one factor an indicator.
Whether an answer is missing depends on neither, so that nobody's score is biased by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr

from evalkit.definitions.questionnaire import Item, Option, Questionnaire
from evalkit.definitions.scheme import Scheme
from evalkit.simulation.alike import (
    HALO,
    SEVERITY,
    Buildings,
    Regulars,
    in_buildings,
    recurring,
    remembered,
)
from evalkit.simulation.pairing import who_rates_whom
from evalkit.simulation.truth import Floats, Integers, Truth

INDICATOR = 0.13
"""Share that the respondent's answers on one indicator have in common beyond the mood."""

_BASE_SCORES = (0.0, 30.0, 60.0, 80.0, 100.0)
_BASE_SHARES = (0.09, 0.07, 0.10, 0.21, 0.53)
"""How often answers of these scores are given in an ordinary year; other scores in between."""

LEFT_EMPTY = 0.006
"""Chance that a scored item is left empty."""
DONT_KNOW: Mapping[str, float] = {"key": 0.025, "random": 0.06, "partner": 0.03, "peer": 0.03}
_DONT_KNOW_OTHERWISE = 0.04
NOT_APPLICABLE: Mapping[str, float] = {"key": 0.15, "random": 0.35}
"""Chance that the question does not apply to a respondent; once for options of the same text."""
_NOT_APPLICABLE_OTHERWISE = 0.1
_REFUSED = 0.01

_STEEPEST = 2.0
"""Tilt that leaves nothing but the lowest or the highest option, per point of score."""
_STEPS = 100
_CLOSE = 1e-9
"""Points by which an item's expected score may miss its indicator's true mean."""

Choices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class GroupAnswers:
    """What one rater group answered in one wave.

    Attributes
    ----------
    subject : ndarray of shape (n,)
        Place in `Truth.subjects` of the committee that is rated.
    rater : ndarray of shape (n,)
        Number of the rater; of peers its place in `Truth.subjects`; -1 where every answer is a
        rater of its own.
    items : tuple of str
        J scored items that the answers hold, then the overall item where there is one.
    choice : ndarray of shape (n, J)
        Place of the chosen option in the item's options; -1 where the item was left empty.
    building : ndarray of shape (n,) or None
        Number of the building within the committee; None where nobody lives in one.
    person : ndarray of shape (n,) or None
        Number within the committee of a resident who answers in every wave, -1 of others; None
        where nobody does.
    """

    wave: str
    group: str
    questionnaire: Questionnaire
    subject: Integers
    rater: Integers
    items: tuple[str, ...]
    choice: Choices
    building: Integers | None = None
    person: Integers | None = None

    def codes(self) -> pd.DataFrame:
        """Return option codes, one row an answer, one column an item; ``""`` where left empty."""
        columns = {}
        for place, item_id in enumerate(self.items):
            options = choices(self.questionnaire, self.questionnaire.item(item_id))
            codes = np.array([*(option.code for option in options), ""], dtype=object)
            columns[item_id] = codes[self.choice[:, place]]
        return pd.DataFrame(columns)

    def scores(self) -> Floats:
        """Return item scores, shape (n, J); NaN where the answer does not score."""
        columns = []
        for place, item_id in enumerate(self.items):
            options = choices(self.questionnaire, self.questionnaire.item(item_id))
            table = [np.nan if option.score is None else option.score for option in options]
            columns.append(np.array([*table, np.nan])[self.choice[:, place]])
        return np.column_stack(columns)


@dataclass(frozen=True, slots=True)
class Sample:
    """What a whole street answered, wave by wave, and the truth behind it."""

    truth: Truth
    scheme: Scheme
    questionnaires: Mapping[str, Questionnaire]
    seed: int
    sheets: Mapping[tuple[str, str], GroupAnswers]

    def indicator_scores(self, wave: str, group: str) -> Floats:
        """Return every respondent's indicator scores, shape (n, I).

        The mean of the items answered, if at least the scheme's share of them was; NaN otherwise,
        and where the group does not judge the indicator.
        """
        sheet = self.sheets[wave, group]
        scores = sheet.scores()
        rater_group = self.scheme.group(group)
        judged = self.scheme.covered(rater_group)
        result = np.full((len(scores), len(self.scheme.indicators)), np.nan)
        for place, indicator in enumerate(self.scheme.indicators):
            items = indicator.items.get(rater_group.source, [])
            if indicator.code not in judged:
                continue
            block = scores[:, [sheet.items.index(item) for item in items]]
            known = ~np.isnan(block)
            count = known.sum(axis=1)
            total = np.where(known, block, 0.0).sum(axis=1)
            enough = (count > 0) & (count >= self.scheme.minimum_answered * len(items))
            result[enough, place] = total[enough] / count[enough]
        return result

    def cell_means(self, wave: str) -> Floats:
        """Return the mean over respondents of every cell, shape (K, G, I); NaN where empty."""
        k, g = len(self.truth.subjects), len(self.truth.groups)
        means = np.full((k, g, len(self.truth.indicators)), np.nan)
        for place, group in enumerate(self.truth.groups):
            scores = self.indicator_scores(wave, group)
            known = ~np.isnan(scores)
            total = np.zeros((k, scores.shape[1]))
            count = np.zeros((k, scores.shape[1]))
            subject = self.sheets[wave, group].subject
            np.add.at(total, subject, np.where(known, scores, 0.0))
            np.add.at(count, subject, known)
            np.divide(total, count, out=means[:, place], where=count > 0)
        return means

    def composites(self, wave: str) -> Floats:
        """Return the composites that this sample yields, shape (K,); NaN where incomplete.

        A group's indicators share the weight of one that nobody answered.
        """
        means, weights = self.cell_means(wave), self.scheme.weights()
        kept = np.where(np.isfinite(means), weights, 0.0)
        mass = kept.sum(axis=-1)
        own = np.divide(
            (kept * np.nan_to_num(means)).sum(axis=-1), mass,
            out=np.full(mass.shape, np.nan), where=mass > 0,
        )  # fmt: skip
        share = weights.sum(axis=-1)
        return np.asarray(np.where(share > 0, own * share, 0.0).sum(axis=-1))


RUNGS = 10
"""Steps of a number that is answered, from its lowest to its highest."""


def choices(questionnaire: Questionnaire, item: Item) -> list[Option]:
    """Return what may be answered: an item's options, or the steps of its number and they."""
    options = questionnaire.options_of(item)
    if item.kind != "number" or item.minimum is None or item.maximum is None:
        return options
    low, high = item.minimum, item.maximum
    steps = np.unique(np.round(np.linspace(low, high, RUNGS + 1)))
    steps = steps[(steps >= low) & (steps <= high)]
    numbers = [
        Option(code=f"{step:g}", label=f"{step:g}", score=100.0 * (step - low) / (high - low))
        for step in steps.tolist()
    ]
    return [*numbers, *options]


def simulate(
    truth: Truth,
    scheme: Scheme,
    questionnaires: Mapping[str, Questionnaire],
    *,
    seed: int,
    waves: Sequence[str] | None = None,
    buildings: Buildings | None = None,
    memory: float = 0.0,
    regulars: Regulars | None = None,
) -> Sample:
    """Ask the street.

    The random draws do not depend on the true means: with one seed, a better truth never gives
    a worse answer anywhere (common random numbers).

    Parameters
    ----------
    questionnaires : dict of id to Questionnaire
        All that the scheme's groups use.
    waves : sequence of str
        Waves to simulate; all of the truth's where not given.
    buildings : Buildings or None
        Of the groups in which every answer is a rater of its own; independent answers if None.
    memory : float
        Share of a rater's mood, with everybody and with each committee, that is the same in all
        waves.
    regulars : Regulars or None
        Of the groups in which every answer is a rater of its own; nobody answers twice if None.
    """
    sheets = {}
    for w, wave in enumerate(truth.waves):
        if waves is not None and wave not in waves:
            continue
        for g, group in enumerate(truth.groups):
            if scheme.group(group).questionnaire is None:
                continue
            rng = np.random.Generator(np.random.PCG64([seed, w, g]))
            questionnaire = questionnaires[scheme.group(group).source]
            old = np.random.Generator(np.random.PCG64([seed, len(truth.waves), g, 1]))
            kept = (memory, regulars, old)
            sheets[wave, group] = _ask(truth, scheme, questionnaire, w, g, rng, buildings, kept)
    return Sample(truth, scheme, questionnaires, seed, sheets)


def _ask(
    truth: Truth,
    scheme: Scheme,
    questionnaire: Questionnaire,
    w: int,
    g: int,
    rng: np.random.Generator,
    buildings: Buildings | None,
    kept: tuple[float, Regulars | None, np.random.Generator],
) -> GroupAnswers:
    group = truth.groups[g]
    subject, rater = who_rates_whom(truth, w, g, rng)
    items = questionnaire.of_role("scored", "overall")
    indicator_of = {
        item_id: place
        for place, indicator in enumerate(scheme.indicators)
        for item_id in indicator.items.get(questionnaire.id, [])
    }
    weights = scheme.weights()[g]
    means = truth.mean[w, :, g, :]
    judged = weights > 0
    composite = (means[:, judged] * weights[judged]).sum(axis=1) / weights.sum()
    targets = np.column_stack([np.where(judged, means, composite[:, None]), composite])
    limits: dict[tuple[float, ...], Floats] = {}
    mood, factors = _latent(rater, len(scheme.indicators), rng)
    memory, regulars, old = kept
    named = len(rater) > 0 and rater.min() >= 0
    if memory and named:
        mood = remembered(subject, rater, mood, memory, old)
    building = person = None
    if regulars is not None and not named:
        person, mood = recurring(subject, mood, regulars, old)
    if buildings is not None and not named:
        building, mood = in_buildings(subject, mood, buildings, rng.spawn(1)[0])
    own = np.sqrt(1.0 - HALO - INDICATOR)
    overall = factors @ weights / np.sqrt((weights**2).sum())
    applicable = _Applicable(len(subject), NOT_APPLICABLE.get(group, _NOT_APPLICABLE_OTHERWISE))
    choice = np.empty((len(subject), len(items)), dtype=np.int64)
    for place, item in enumerate(items):
        at = indicator_of.get(item.id, -1)
        factor = overall if at < 0 else factors[:, at]
        noise = rng.standard_normal(len(subject))
        latent = np.sqrt(HALO) * mood + np.sqrt(INDICATOR) * factor + own * noise
        options = choices(questionnaire, item)
        ladder, order = _ladder(options)
        if ladder not in limits:
            limits[ladder] = np.cumsum(option_probabilities(ladder, targets), axis=-1)[..., :-1]
        rung = (ndtr(latent)[:, None] > limits[ladder][subject, at]).sum(axis=1)
        chosen = order[rung]
        choice[:, place] = _with_gaps(chosen, item, options, group, applicable, rng)
    names = tuple(item.id for item in items)
    return GroupAnswers(
        truth.waves[w], group, questionnaire, subject, rater, names, choice, building, person
    )


def _latent(rater: Integers, indicators: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Draw moods (n,) and indicator factors (n, I), all of variance 1."""
    mood = rng.standard_normal(len(rater))
    factors = rng.standard_normal((len(rater), indicators))
    if len(rater) and rater.max() >= 0:
        severity = rng.standard_normal(rater.max() + 1)
        mood = np.sqrt(SEVERITY) * severity[rater] + np.sqrt(1.0 - SEVERITY) * mood
    return mood, factors


def option_probabilities(scores: Sequence[float], means: Floats) -> Floats:
    """Return option probabilities with exactly these expected scores.

    Parameters
    ----------
    scores : sequence of float
        The O options' scores, in any order.
    means : ndarray of shape (...)
        Strictly between the lowest and the highest score.

    Returns
    -------
    ndarray of shape (..., O)
        The base distribution tilted exponentially, in the order of `scores`.

    Raises
    ------
    ValueError
        If some mean cannot be reached with these scores.
    """
    values = np.asarray(scores, dtype=np.float64)
    if means.size and not (values.min() < means.min() and means.max() < values.max()):
        raise ValueError(
            f"scores {sorted(scores)} cannot average {means.min():.1f} to {means.max():.1f}"
        )
    base = np.log(np.interp(values, _BASE_SCORES, _BASE_SHARES))
    low, high = np.full(means.shape, -_STEEPEST), np.full(means.shape, _STEEPEST)
    theta = np.zeros(means.shape)
    for _ in range(_STEPS):
        shares = _tilted(base, values, theta)
        gap = means - shares @ values
        if np.abs(gap).max(initial=0.0) < _CLOSE:
            break
        low, high = np.where(gap > 0, theta, low), np.where(gap < 0, theta, high)
        variance = shares @ values**2 - (shares @ values) ** 2
        newton = theta + gap / np.maximum(variance, _CLOSE)
        theta = np.where((newton > low) & (newton < high), newton, (low + high) / 2.0)
    return _tilted(base, values, theta)


def _tilted(base: Floats, values: Floats, theta: Floats) -> Floats:
    exponent = base + theta[..., None] * values
    shares = np.exp(exponent - exponent.max(axis=-1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=-1, keepdims=True))


def _ladder(options: list[Option]) -> tuple[tuple[float, ...], Choices]:
    """Return the scores from worst to best, and the place of the option behind each."""
    places = [place for place, option in enumerate(options) if option.score is not None]
    places.sort(key=lambda place: options[place].score or 0.0)
    return tuple(options[place].score or 0.0 for place in places), np.array(places)


class _Applicable:
    """Whether a question applies to a respondent: decided once for all options of one text."""

    def __init__(self, respondents: int, chance: float) -> None:
        self._respondents = respondents
        self._chance = chance
        self._decided: dict[str, NDArray[np.bool_]] = {}

    def does_not(self, label: str, rng: np.random.Generator) -> NDArray[np.bool_]:
        if label not in self._decided:
            self._decided[label] = rng.random(self._respondents) < self._chance
        return self._decided[label]


def _with_gaps(
    chosen: Choices,
    item: Item,
    options: list[Option],
    group: str,
    applicable: _Applicable,
    rng: np.random.Generator,
) -> Choices:
    result = chosen.copy()
    for place, option in enumerate(options):
        if option.missing == "dont_know":
            chance = DONT_KNOW.get(group, _DONT_KNOW_OTHERWISE)
            result[rng.random(len(result)) < chance] = place
        elif option.missing == "refused":
            result[rng.random(len(result)) < _REFUSED] = place
        elif option.missing == "not_applicable":
            result[applicable.does_not(option.label, rng)] = place
    result[rng.random(len(result)) < LEFT_EMPTY] = -1
    return result
