"""What each rater group adds to a measure of several committees: independent sources of error."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from evalkit.findings.combining import combine
from evalkit.findings.rolling_up import Estimates
from evalkit.tables import Cells, Floats


def by_group(
    cells: Cells, groups: Sequence[str], weights: Floats, at: np.ndarray
) -> Iterator[Estimates]:
    """Yield what each rater group adds to one measure of some committees.

    Parameters
    ----------
    groups : sequence of str
        In the order of the weights.
    weights : ndarray of shape (K, G, I)
        Of all committees of the cells (`combining.apportion`).
    at : ndarray of int
        Places of the committees in the cells.
    """
    for place, group in enumerate(groups):
        alone = weights[:, place : place + 1]
        judged = alone[at].any(axis=(1, 2))
        if not judged.any():
            continue
        found = combine(cells, (group,), alone[None], at)
        shared = cells.groups[group].influence is not None
        raters = cells.groups[group].df[at]  # less one; a single rater borrows others'
        df = np.where(raters > 0, raters, found.df[0]) if shared else found.df[0]
        covariance = np.where(np.outer(judged, judged), found.covariance, 0.0)
        yield Estimates(
            np.where(judged, found.estimate[0], 0.0),
            covariance,
            np.where(judged, found.variance[0], 0.0),
            np.where(judged, df, np.inf),
            shared,
        )
