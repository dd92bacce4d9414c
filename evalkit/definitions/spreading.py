"""Weights of rater groups and of indicators become weights of the pairs that are measured."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Uncovered = Literal["within_group", "to_covering_groups"]
"""Where the weight of an indicator goes that a rater group cannot judge.

``within_group``: to the indicators the group does judge; the groups keep their weights.
``to_covering_groups``: to the groups that do judge it; the indicators keep their weights.
"""


def spread(
    groups: NDArray[np.float64],
    indicators: NDArray[np.float64],
    coverage: NDArray[np.float64],
    uncovered: Uncovered,
) -> NDArray[np.float64]:
    """Spread group and indicator weights over the pairs of them that are measured.

    Parameters
    ----------
    groups : ndarray of shape (..., G)
    indicators : ndarray of shape (..., I)
    coverage : ndarray of shape (G, I)
        1 where the group judges the indicator, else 0.

    Returns
    -------
    ndarray of shape (..., G, I)
        Adding up to 1 over the last two axes; 0 where nobody judges an indicator.
    """
    joint = groups[..., :, None] * indicators[..., None, :] * coverage
    if uncovered == "within_group":
        weights = _shares(joint, joint.sum(axis=-1, keepdims=True)) * groups[..., :, None]
    else:
        weights = _shares(joint, joint.sum(axis=-2, keepdims=True)) * indicators[..., None, :]
    return np.asarray(weights / weights.sum(axis=(-2, -1), keepdims=True), dtype=np.float64)


def _shares(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(
        part, whole, out=np.zeros_like(part), where=np.broadcast_to(whole > 0, part.shape)
    )
