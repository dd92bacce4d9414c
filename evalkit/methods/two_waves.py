"""Who answers in two waves, raters or residents: what the errors of both have in common."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Kept:
    """Correlations of two waves' errors, as two common numbers make them.

    Attributes
    ----------
    own : correlation of a subject's errors, if the same raters judge it in both waves, 0 to 1.
    across : that of one subject's with another one's; never above `own`.
    correlation : (K, K) of the errors of the first wave (rows) and the second (columns), as far
        as the same raters judged.
    """

    own: float
    across: float
    correlation: FloatArray


def kept_errors(
    first: ArrayLike,
    second: ArrayLike,
    judged_first: ArrayLike,
    judged_second: ArrayLike,
    same: tuple[ArrayLike, ArrayLike],
) -> Kept:
    """Estimate how errors of two waves correlate that the same raters make.

    A rater who is severe stays severe with everybody (`across`); one who thinks little of a subject
    may do so again (`own`, which holds the severity, too). Single pairs of subjects are hardly told
    by few raters, so all pairs are pooled: with z the influence over its size and c the cosine of
    who judged what in both waves, each of the two numbers is sum(c r) / sum(c^2) of r = z' z over
    its pairs, least squares of r = number x c. Nothing is taken to be turned into its opposite, and
    where `own` comes out below `across` both are one number.

    Parameters
    ----------
    first, second : (R, K) and (S, K), influence of each rater on each subject's estimate.
    judged_first, judged_second : of the same shapes, who judged whom.
    same : places of the raters of both waves in the first and in the second, in one order.

    Returns
    -------
    Kept

    Raises
    ------
    ValueError
        For tables that do not match or are not finite.

    References
    ----------
    Kish (1965), Survey Sampling, section 12.4 (overlapping samples); Steel & McLaren (2009), Design
    and analysis of surveys repeated over time.

    Examples
    --------
    Two raters judge two subjects, and one is as much more severe in the second wave:

    >>> u, both = [[1.0, 1.0], [-1.0, -1.0]], [[True, True], [True, True]]
    >>> found = kept_errors(u, u, both, both, ([0, 1], [0, 1]))
    >>> round(found.own, 9), round(found.across, 9)
    (1.0, 1.0)
    """
    u, v = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    who, again = np.asarray(judged_first, dtype=bool), np.asarray(judged_second, dtype=bool)
    there, here = (np.asarray(places, dtype=np.intp) for places in same)
    if u.ndim != 2 or u.shape[1:] != v.shape[1:] or there.shape != here.shape:
        raise ValueError(f"influence of shapes {u.shape} and {v.shape} does not match")
    if who.shape != u.shape or again.shape != v.shape:
        raise ValueError("judged must have the shapes of the influence")
    if not (np.isfinite(u).all() and np.isfinite(v).all()):
        raise ValueError("influence must be finite")
    r = _scaled(u)[there].T @ _scaled(v)[here]
    alike = _scaled(who.astype(np.float64))[there].T @ _scaled(again.astype(np.float64))[here]
    one = np.eye(u.shape[1], dtype=bool)
    sums = [(float((alike * r)[of].sum()), float((alike**2)[of].sum())) for of in (one, ~one)]
    own, across = (_number(up, down) for up, down in sums)
    if own < across:
        (a, b), (c, d) = sums
        own = across = max((a + c) / (b + d), 0.0)
    own, across = min(own, 1.0), min(across, 1.0)
    return Kept(own, across, np.where(one, own, across) * alike)


def _number(up: float, down: float) -> float:
    return max(up / down, 0.0) if down > 0 else 0.0


def pooled_memory(alike: ArrayLike, correlation: ArrayLike) -> float:
    """Return how errors correlate where all answered twice, from subjects where some did.

    Least squares of correlation = number x alike over the subjects, 0 to 1.

    Parameters
    ----------
    alike : (K,) what share of both samples is the same people (`Repeated.share`).
    correlation : (K,) of the errors of both waves, as the people of both make it.

    Examples
    --------
    >>> round(pooled_memory([0.5, 0.5], [0.3, 0.2]), 9)
    0.5
    """
    c, r = np.asarray(alike, dtype=np.float64), np.asarray(correlation, dtype=np.float64)
    return min(_number(float((c * r).sum()), float((c**2).sum())), 1.0)


@dataclass(frozen=True, slots=True)
class Drawn:
    """Who answered in one cell of one wave.

    Attributes
    ----------
    values : (n, I) answers; NaN where there is none.
    weights : (n,) of at least 0.
    clusters : (n,) labels of whose answers are alike; None where each stands alone.
    """

    values: FloatArray
    weights: FloatArray
    clusters: NDArray[np.object_] | None = None


@dataclass(frozen=True, slots=True)
class Repeated:
    """What the means of one cell have in common in two waves.

    Attributes
    ----------
    share : how much of both samples is the same people: the number of these over the root of both
        numbers of answers; 1 where nobody else answered.
    covariance : (I, I) of the means of the first wave (rows) and of the second (columns).
    """

    share: float
    covariance: FloatArray


def repeated_means(
    first: Drawn, second: Drawn, same: tuple[ArrayLike, ArrayLike], listed: float = np.inf
) -> Repeated:
    """Estimate the covariance of two waves' means that those make who answered in both.

    With z the influence of an answer on its wave's mean, it is the sum over the people of both of
    z z', scaled for small samples as each wave's own variances are. Where answers come in clusters,
    the influence of these people is added up within the second wave's clusters before.

    Parameters
    ----------
    first, second : Drawn
    same : places of the people of both waves in the first and in the second, in one order.
    listed : number of people on the list that both waves were drawn from. Lists of which nearly
        all answer overlap whether or not anybody is asked again; what is left is the covariance
        that goes with variances times 1 - n / listed.

    Raises
    ------
    ValueError
        For tables and places that do not match, or fewer people on the list than answers.

    References
    ----------
    Kish (1965), Survey Sampling, section 12.4; Tam (1984), On covariances from overlapping samples,
    The American Statistician 38, 288-289.

    Examples
    --------
    Two of four people answer again, and exactly as before:

    >>> wave = Drawn(np.array([[1.0], [2.0], [3.0], [4.0]]), np.ones(4))
    >>> found = repeated_means(wave, wave, ([0, 3], [0, 3]))
    >>> found.share, found.covariance.round(9).tolist()  # 4/3 (1.5^2 + 1.5^2) / 16
    (0.5, [[0.375]])
    """
    there, here = (np.asarray(places, dtype=np.intp) for places in same)
    if there.shape != here.shape or first.values.shape[1:] != second.values.shape[1:]:
        raise ValueError("the two waves' measures, or the places of the same people, do not match")
    u, v = _influence(first)[there], _influence(second)[here]
    if second.clusters is not None:
        cluster = np.unique(second.clusters[here].astype(str), return_inverse=True)[1]
        u, v = (_added(z, cluster) for z in (u, v))
    weights = [np.where(_answering(wave), wave.weights, 0.0) for wave in (first, second)]
    size = np.sqrt((weights[0] ** 2).sum() * (weights[1] ** 2).sum())
    share = float(weights[0][there] @ weights[1][here] / size) if size > 0 else 0.0
    covariance = u.T @ v
    if np.isfinite(listed):
        n, m = (int(np.count_nonzero(w)) for w in weights)
        if listed < max(n, m):
            raise ValueError(f"a list of {listed:g} people is shorter than the {max(n, m)} answers")
        by_chance = np.sqrt(n * m) / listed
        left = np.sqrt((1.0 - n / listed) * (1.0 - m / listed))
        covariance = covariance * (1.0 - by_chance / share) if share > 0 else covariance
        share = float(np.clip((share - by_chance) / left, -1.0, 1.0)) if left > 0 else 0.0
    return Repeated(share, np.asarray(covariance, dtype=np.float64))


def _answering(wave: Drawn) -> NDArray[np.bool_]:
    return np.asarray((wave.weights > 0) & ~np.isnan(wave.values).all(axis=1))


def _influence(wave: Drawn) -> FloatArray:
    """Return what every answer (n, I) moves its mean by, scaled for the sampling units there are."""
    x, w = wave.values, wave.weights[:, None]
    answered = ~np.isnan(x) & (w > 0)
    mass = (w * answered).sum(axis=0)
    filled = np.where(answered, x, 0.0)
    mean = np.divide((w * filled).sum(axis=0), mass, out=np.zeros(x.shape[1]), where=mass > 0)
    share = np.divide(w * answered, mass, out=np.zeros_like(x), where=mass > 0)
    units = answered.sum(axis=0).astype(np.float64)
    if wave.clusters is not None:
        cluster = np.unique(wave.clusters.astype(str), return_inverse=True)[1]
        units = (_added(answered.astype(np.float64), cluster) > 0).sum(axis=0).astype(np.float64)
    scale = np.sqrt(np.divide(units, units - 1.0, out=np.zeros_like(units), where=units > 1))
    return np.asarray(scale * share * (filled - mean))


def _added(rows: FloatArray, cluster: NDArray[np.intp]) -> FloatArray:
    total = np.zeros((int(cluster.max(initial=-1)) + 1, rows.shape[1]))
    np.add.at(total, cluster, rows)
    return total


def _scaled(table: FloatArray) -> FloatArray:
    """Return every column over its length; 0 where it has none."""
    size = np.sqrt((table**2).sum(axis=0))
    scaled: FloatArray = np.divide(table, size, out=np.zeros_like(table), where=size > 0)
    return scaled
