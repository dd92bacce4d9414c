"""Where a change comes from: exact splits of a score's change and of a rank's move."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RankMove:
    """A rank's move, split.

    Attributes
    ----------
    own : (K,) ranks gained or lost by the subject's own change of score; negative is upward.
        Halves occur, since it is the mean over two orders of moving.
    field : (K,) ranks gained or lost because the others changed. ``own + field`` is exactly the
        change of competition rank.
    """

    own: FloatArray
    field: FloatArray


def bennet(
    w0: ArrayLike, x0: ArrayLike, w1: ArrayLike, x1: ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """Split the change of a weighted sum into its values and its weights, term by term.

    For S = sum(w x): S1 - S0 = sum(wbar dx) + sum(xbar dw), with bars the means of both waves.

    Parameters
    ----------
    w0, w1 : weights before and after; shapes that broadcast with the values.
    x0, x1 : values before and after, in points.

    Returns
    -------
    from_values, from_weights : arrays of the broadcast shape, in points times weight. Their sum
        over all terms is the change of the weighted sum, up to rounding. NaN stays in its term.

    Raises
    ------
    ValueError
        For shapes that do not broadcast.

    References
    ----------
    Bennet (1920), Journal of the Royal Statistical Society 83.

    Examples
    --------
    >>> values, weights = bennet([0.5, 0.5], [80, 90], [0.6, 0.4], [90, 90])
    >>> values.round(9).tolist(), weights.round(9).tolist()  # 85 to 90: 5.5 - 0.5
    ([5.5, 0.0], [8.5, -9.0])
    """
    a0, b0, a1, b1 = (np.asarray(a, dtype=np.float64) for a in (w0, x0, w1, x1))
    shapes = [array.shape for array in (a0, b0, a1, b1)]
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError:
        raise ValueError(
            "weights and values of both waves must be of shapes that go together; got "
            f"weights {shapes[0]} and {shapes[2]}, values {shapes[1]} and {shapes[3]}"
        ) from None
    from_values = (a0 + a1) / 2.0 * (b1 - b0)
    from_weights = (b0 + b1) / 2.0 * (a1 - a0)
    return np.broadcast_to(from_values, shape).copy(), np.broadcast_to(from_weights, shape).copy()


def rank_move(scores_from: ArrayLike, scores_to: ArrayLike) -> RankMove:
    """Split every subject's rank change into its own part and the part of the others.

    Shapley values of the game whose two players are the subject and all the others together: each
    moves from its old to its new score, and the order of moving is averaged out.

    Parameters
    ----------
    scores_from, scores_to : (K,) scores of the same subjects in the same order; larger is better.

    Returns
    -------
    RankMove
        Negative is upward. The parts add up exactly to the change of competition rank.

    Raises
    ------
    ValueError
        When shapes differ or a score is not finite.

    References
    ----------
    Shapley (1953), A value for n-person games.

    Examples
    --------
    >>> moved = rank_move([90, 80, 70], [90, 80, 95])  # the last overtakes both
    >>> moved.own.tolist(), moved.field.tolist()
    ([0.0, 0.0, -2.0], [1.0, 1.0, 0.0])
    """
    old = np.asarray(scores_from, dtype=np.float64)
    new = np.asarray(scores_to, dtype=np.float64)
    if old.ndim != 1 or old.shape != new.shape:
        raise ValueError(
            f"scores of both waves must be 1-D and of one length; got {old.shape} and {new.shape}"
        )
    if not (np.isfinite(old).all() and np.isfinite(new).all()):
        raise ValueError("scores must be finite; compare only subjects present in both waves")
    before = _rank_among(old, old, old)
    after = _rank_among(new, new, new)
    only_self = _rank_among(new, old, old)
    only_others = _rank_among(old, new, new)
    own = ((only_self - before) + (after - only_others)) / 2.0
    field = ((only_others - before) + (after - only_self)) / 2.0
    return RankMove(own, field)


def _rank_among(score: FloatArray, field: FloatArray, self_in_field: FloatArray) -> FloatArray:
    above = field.size - np.searchsorted(np.sort(field), score, side="right")
    return np.asarray(1.0 + above - (self_in_field > score), dtype=np.float64)
