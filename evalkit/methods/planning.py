"""Planning: how many questionnaires the next wave needs, and what a present plan delivers.

A composite c_j = sum_g W_g m_gj over rater groups g has sampling variance

    V_j = fixed_j + sum_g W_g^2 S_gj^2 (1 / n_gj - 1 / N_gj),

with S the standard deviation of respondents within subject and group, N the people that the group
has (infinitely many by default) and `fixed` the variance from groups that the plan does not touch.
Its reliability is tau^2 / (tau^2 + V_j - C), tau^2 the variance between subjects and C what all
V_j have in common; its half-width is z sqrt(V_j). All numbers of questionnaires are valid answers:
divide by the response rate for what must be handed out.

References
----------
Neyman, J. (1934). On the two different aspects of the representative method. JRSS 97, 558-625.
Wright, T. (2012). The equivalence of Neyman optimum allocation for sampling and equal proportions
for apportioning the U.S. House of Representatives. The American Statistician 66, 217-224 (exact
allocation of whole questionnaires, one after another to where it helps most).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalkit.methods import tails

Float = NDArray[np.float64]

_ROUNDED = 1.0 + 1e-12
"""A target is reached if only rounding is missing: 0.2 / 0.8 is no exact quarter."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a plan delivers for each of K subjects.

    Attributes
    ----------
    n
        (K, G) questionnaires per subject and group; inf where no number of them is enough.
    variance, half_width
        (K,) sampling variance of the composite and half-width of its interval, in its unit.
    reliability
        (K,) share of the variance of scores that is true difference between subjects, 0 to 1.
    """

    n: Float
    variance: Float
    half_width: Float
    reliability: Float


@dataclass(frozen=True, slots=True)
class Bought:
    """What extra questionnaires buy: `added` (K, G), and the plan before and after."""

    added: Float
    before: Delivered
    after: Delivered


@dataclass(frozen=True, slots=True)
class Components:
    """What is known when a wave is planned.

    Attributes
    ----------
    within_sd
        (K, G) or (G,) standard deviation of respondents' composites within subject and group.
    group_weights
        (G,) weight of each group in the composite, as shares (0.4 for 40 of 100), > 0.
    between_variance
        Variance of the true composites between subjects, >= 0.
    population
        (K, G) or (G,) people each group has; infinite by default.
    fixed_variance
        (K,) or a number: variance of the composite from groups outside this plan.
    confidence
        Of the half-widths.
    common_variance
        Part of every composite's variance that all have in common (raters who are severe with
        everybody), >= 0: it is in the half-widths, and hides no difference between subjects.
    """

    within_sd: ArrayLike
    group_weights: ArrayLike
    between_variance: float
    population: ArrayLike = np.inf
    fixed_variance: ArrayLike = 0.0
    confidence: float = 0.95
    common_variance: float = 0.0


@dataclass(frozen=True, slots=True)
class _Problem:
    """Components as arrays of full shape: V = fixed + sum_g a (1/n - 1/N)."""

    a: Float
    most: Float
    fixed: Float
    tau2: float
    z: float
    common: float

    def rows(self, which: slice | NDArray[np.bool_]) -> _Problem:
        return _Problem(
            self.a[which], self.most[which], self.fixed[which], self.tau2, self.z, self.common
        )

    def variance(self, n: Float) -> Float:
        result: Float = self.fixed + (self.a * (1 / n - 1 / self.most)).sum(axis=1)
        return result

    def delivered(self, n: Float) -> Delivered:
        variance = np.where(np.isfinite(n).all(axis=1), self.variance(n), np.nan)
        with np.errstate(invalid="ignore", divide="ignore"):
            apart = np.maximum(variance - self.common, 0.0)
            reliability = self.tau2 / (self.tau2 + apart)
        return Delivered(n, variance, self.z * np.sqrt(variance), reliability)

    def level(self, price: Float, least: Float) -> Float:
        """Questionnaires (K, G) when each one that lowers V by more than `price` is handed out.

        The n-th questionnaire of a cell lowers V by a / (n (n - 1)).
        """
        n = np.ceil(np.sqrt(0.25 + self.a / price) - 0.5)
        return np.clip(n, least, self.most)

    def gain(self, n: Float) -> Float:
        """How much one more questionnaire lowers V, 0 where everybody was asked."""
        return np.where(n < self.most, self.a / (n * (n + 1)), 0.0)


def deliver(plan: ArrayLike, components: Components) -> Delivered:
    """Tell what a plan delivers.

    Parameters
    ----------
    plan
        (K, G) valid questionnaires, >= 1, at most the population.
    components
        See `Components`.

    Raises
    ------
    ValueError
        On malformed or mismatched input.

    Examples
    --------
    >>> known = Components(within_sd=[10], group_weights=[1.0], between_variance=4)
    >>> found = deliver([[100]], known)
    >>> found.variance.tolist(), found.reliability.tolist(), found.half_width.round(2).tolist()
    ([1.0], [0.8], [1.96])
    """
    n = _plan(plan)
    problem = _problem(components, n.shape[0])
    _check_plan(n, problem)
    return problem.delivered(n)


def needed(
    components: Components,
    *,
    subjects: int = 1,
    reliability: float | None = None,
    half_width: float | None = None,
    least: int = 10,
) -> Delivered:
    """Fewest questionnaires that reach a target, split between the groups in the best way.

    Parameters
    ----------
    components
        See `Components`.
    subjects
        K, where no array of the components tells it.
    reliability
        Target in (0, 1), for instance 0.7, 0.8 or 0.9. Exactly one of the two targets is given.
    half_width
        Target half-width of the interval, for instance 2 points.
    least
        Questionnaires that every group gets in any case (or everybody, in a smaller group).

    Returns
    -------
    Delivered
        Whole numbers; rows of inf for subjects that no number of questionnaires brings to the
        target, because the groups outside the plan alone vary too much.

    Raises
    ------
    ValueError
        On malformed or mismatched input, a target out of range, or a reliability asked for where
        subjects do not differ (between variance 0).

    Examples
    --------
    >>> known = Components(within_sd=[10], group_weights=[1.0], between_variance=4)
    >>> needed(known, reliability=0.8).n.tolist()
    [[100.0]]
    """
    problem = _problem(components, subjects)
    if (reliability is None) == (half_width is None):
        raise ValueError("give exactly one target: reliability or half_width")
    if reliability is not None:
        if not 0 < reliability < 1:
            raise ValueError(f"reliability must be between 0 and 1, got {reliability}")
        if problem.tau2 == 0:
            raise ValueError(
                "subjects do not differ (between variance 0): no reliability can be had"
            )
        target = problem.tau2 * (1 - reliability) / reliability + problem.common
    else:
        assert half_width is not None
        if not (np.isfinite(half_width) and half_width > 0):
            raise ValueError(f"half_width must be positive, got {half_width}")
        target = (half_width / problem.z) ** 2
    start = _least(least, problem)

    everybody = np.isfinite(problem.most).all(axis=1)
    possible = (problem.fixed < target) | (everybody & (problem.fixed == target))
    n = np.full(problem.a.shape, np.inf)
    if possible.any():
        n[possible] = _fewest(problem.rows(possible), start[possible], target * _ROUNDED)
    return problem.delivered(n)


def split(
    totals: ArrayLike,
    components: Components,
    *,
    least: int = 10,
) -> Delivered:
    """Split each subject's questionnaires between its groups so that the variance is smallest.

    Parameters
    ----------
    totals
        (K,) questionnaires per subject, at least G times `least`.
    components
        See `Components`.
    least
        Questionnaires that every group gets in any case (or everybody, in a smaller group).

    Returns
    -------
    Delivered
        Whole numbers that add up to the totals (fewer only where everybody is asked).

    Raises
    ------
    ValueError
        On malformed or mismatched input, or a total that does not cover `least`.

    Examples
    --------
    >>> known = Components(within_sd=[20, 10], group_weights=[0.5, 0.5], between_variance=4)
    >>> split([90], known).n.tolist()
    [[60.0, 30.0]]
    """
    wanted = np.asarray(totals, dtype=np.float64)
    if wanted.ndim != 1 or wanted.size == 0 or (wanted != np.floor(wanted)).any():
        raise ValueError("totals must be a vector of whole numbers")
    problem = _problem(components, wanted.size)
    start = _least(least, problem)
    if (wanted < start.sum(axis=1)).any():
        subject = int(np.flatnonzero(wanted < start.sum(axis=1))[0])
        raise ValueError(
            f"subject {subject}: {wanted[subject]:g} questionnaires do not cover the least of "
            f"{start[subject].sum():g}"
        )
    n = start.copy()
    for j in range(wanted.size):
        own = slice(j, j + 1)
        n[own] = _hand_out(problem.rows(own), start[own], int(wanted[j] - start[j].sum()))
    return problem.delivered(n)


def extra(
    plan: ArrayLike,
    components: Components,
    questionnaires: int,
    *,
    objective: Literal["mean", "worst"] = "mean",
) -> Bought:
    """Spend extra questionnaires where they help most.

    Parameters
    ----------
    plan
        (K, G) present valid questionnaires.
    components
        See `Components`.
    questionnaires
        How many more, over all subjects; those left when everybody is asked stay unspent.
    objective
        "mean" makes the mean variance of the subjects smallest; "worst" hands each questionnaire
        to the subject that is then least certain.

    Raises
    ------
    ValueError
        On malformed or mismatched input.

    Examples
    --------
    >>> known = Components(within_sd=[10], group_weights=[1.0], between_variance=4)
    >>> extra([[50], [100]], known, 10).added.tolist()
    [[10.0], [0.0]]
    """
    n = _plan(plan)
    problem = _problem(components, n.shape[0])
    _check_plan(n, problem)
    if questionnaires < 0 or questionnaires != int(questionnaires):
        raise ValueError(f"questionnaires must be a whole number >= 0, got {questionnaires}")
    if objective == "mean":
        after = _hand_out(problem, n, int(questionnaires))
    elif objective == "worst":
        after = _level_the_worst(problem, n, int(questionnaires))
    else:
        raise ValueError(f"objective must be 'mean' or 'worst', got {objective!r}")
    return Bought(after - n, problem.delivered(n), problem.delivered(after))


def _problem(components: Components, subjects: int) -> _Problem:
    weights = np.asarray(components.group_weights, dtype=np.float64)
    if weights.ndim != 1 or weights.size == 0 or not (np.isfinite(weights) & (weights > 0)).all():
        raise ValueError("group_weights must be a vector of positive numbers")
    sd = np.asarray(components.within_sd, dtype=np.float64)
    if not (np.isfinite(sd) & (sd > 0)).all():
        raise ValueError("within_sd must be positive and finite")
    population = np.asarray(components.population, dtype=np.float64)
    if not (population >= 1).all():
        raise ValueError("population must be at least 1")
    fixed = np.asarray(components.fixed_variance, dtype=np.float64)
    if not (np.isfinite(fixed) & (fixed >= 0)).all():
        raise ValueError("fixed_variance must be finite and not negative")
    tau2 = float(components.between_variance)
    if not (np.isfinite(tau2) and tau2 >= 0):
        raise ValueError(f"between_variance must be finite and not negative, got {tau2}")
    if not 0 < components.confidence < 1:
        raise ValueError(f"confidence must be between 0 and 1, got {components.confidence}")
    rows = {array.shape[0] for array in (sd, population) if array.ndim == 2}
    rows |= {fixed.size} if fixed.ndim == 1 else set()
    k = max(rows) if rows and subjects == 1 else subjects
    try:
        sd = np.broadcast_to(sd, (k, weights.size))
        most = np.broadcast_to(np.floor(population), (k, weights.size))
        fixed = np.broadcast_to(fixed, (k,))
    except ValueError as error:
        raise ValueError(
            f"within_sd {sd.shape}, population {population.shape} and fixed_variance {fixed.shape} "
            f"do not match {k} subjects and {weights.size} groups"
        ) from error
    common = float(components.common_variance)
    if not (np.isfinite(common) and common >= 0):
        raise ValueError(f"common_variance must be finite and not negative, got {common}")
    z = float(-tails.normal_quantile((1 - components.confidence) / 2))
    return _Problem((weights * sd) ** 2, most, fixed, tau2, z, common)


def _plan(plan: ArrayLike) -> Float:
    n = np.array(plan, dtype=np.float64)
    if n.ndim != 2 or 0 in n.shape or not (np.isfinite(n) & (n >= 1)).all():
        raise ValueError("plan must be (K, G) with at least one questionnaire in every group")
    if (n != np.floor(n)).any():
        raise ValueError("plan must hold whole numbers")
    return n


def _check_plan(n: Float, problem: _Problem) -> None:
    if n.shape != problem.a.shape:
        raise ValueError(f"plan has shape {n.shape}, the components need {problem.a.shape}")
    if (n > problem.most).any():
        subject, group = np.argwhere(n > problem.most)[0]
        raise ValueError(f"subject {subject}, group {group}: the plan asks more people than exist")


def _least(least: int, problem: _Problem) -> Float:
    if least < 1 or least != int(least):
        raise ValueError(f"least must be a whole number >= 1, got {least}")
    return np.minimum(float(least), problem.most)


def _fewest(problem: _Problem, start: Float, target: float) -> Float:
    """Smallest optimal allocation of each subject whose variance is within the target."""
    root = np.sqrt(problem.a)
    room = target - problem.fixed
    with np.errstate(divide="ignore"):
        plenty = np.where(room > 0, root.max(axis=1) * root.sum(axis=1) / room, 0.0)
    census = np.where(np.isfinite(problem.most), problem.most, 0.0).max(axis=1)
    plenty = np.maximum(np.where(room > 0, plenty, census), start.max(axis=1)) + 2
    cheap = problem.a.min(axis=1) / (plenty * (plenty + 1))
    dear = problem.a.max(axis=1) * 2.0
    for _ in range(100):
        price = np.sqrt(cheap * dear)[:, None]
        enough = problem.variance(problem.level(price, start)) <= target
        cheap, dear = np.where(enough, price[:, 0], cheap), np.where(enough, dear, price[:, 0])
    n = problem.level(dear[:, None], start)
    while True:
        short = np.flatnonzero(problem.variance(n) > target)
        gain = problem.gain(n)
        short = short[gain[short].max(axis=1) > 0]
        if short.size == 0:
            return n
        n[short, gain[short].argmax(axis=1)] += 1


def _hand_out(problem: _Problem, start: Float, questionnaires: int) -> Float:
    """Allocate a number of questionnaires over all cells so that the sum of V is smallest."""
    room = float((problem.most - start).sum())
    spend = min(float(questionnaires), room)
    plenty = float(start.max()) + spend + 2
    cheap, dear = float(problem.a.min()) / (plenty * (plenty + 1)), float(problem.a.max() * 2)
    for _ in range(100):
        price = np.sqrt(cheap * dear)
        fits = (problem.level(np.array(price), start) - start).sum() <= spend
        cheap, dear = (cheap, price) if fits else (price, dear)
    n = problem.level(np.array(dear), start)
    left = int(spend - (n - start).sum())
    while left > 0:
        gain = problem.gain(n).ravel()
        n.flat[int(np.argmax(gain))] += 1
        left -= 1
    return n


def _level_the_worst(problem: _Problem, start: Float, questionnaires: int) -> Float:
    n = start.copy()
    variance, gain = problem.variance(n), problem.gain(n)
    for _ in range(questionnaires):
        open_ = np.where(gain.max(axis=1) > 0, variance, -np.inf)
        j = int(np.argmax(open_))
        if open_[j] == -np.inf:
            break
        g = int(np.argmax(gain[j]))
        variance[j] -= gain[j, g]
        n[j, g] += 1
        gain[j] = problem.rows(slice(j, j + 1)).gain(n[j : j + 1])[0]
    return n
