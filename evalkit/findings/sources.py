"""What each rater group adds to a measure of several committees: independent sources of error."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from evalkit.findings.combining import freedom, source
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
    for place, code in enumerate(groups):
        judged = weights[at, place].any(axis=1)
        found = source(cells.groups[code], weights[:, place], at)
        if found is None or not judged.any():
            continue
        part, across = found
        df = freedom(part.variance, part.spread)
        if across is not None:
            raters = cells.groups[code].df[at]  # less one; a single rater borrows others'
            df = np.where(raters > 0, raters, df)
        covariance = np.diag(part.variance)
        if across is not None:
            covariance = covariance + across.covariance
        yield Estimates(
            np.where(judged, np.clip(part.mean, 0.0, 100.0), 0.0),
            np.where(np.outer(judged, judged), covariance, 0.0),
            np.where(judged, part.variance, 0.0),
            np.where(judged, df, np.inf),
            across is not None,
        )
