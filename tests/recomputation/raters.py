"""How errors correlate that the same raters make, pair by pair: Schaefer & Strimmer, target F."""

from __future__ import annotations

import numpy as np

Array = np.ndarray


def correlations(each: Array, judged: Array) -> tuple[Array, float]:
    """Return (K, K) correlations of the committees' errors from what every rater adds (U, K).

    Those of committees that the same raters judge are drawn towards a common one, times the cosine
    of who judged which, as far as their scatter is their own sampling error; how far, 0 to 1, comes
    second.
    """
    k = each.shape[1]
    size = np.sqrt((each**2).sum(axis=0))
    products = each[:, :, None] * each[:, None, :]
    with np.errstate(invalid="ignore", divide="ignore"):
        products = products / size[:, None] / size[None, :]
    both = judged[:, :, None] & judged[:, None, :]
    number, seen = both.sum(axis=0), judged.sum(axis=0)
    pair = (number > 0) & (size > 0)[:, None] & (size > 0)[None, :] & ~np.eye(k, dtype=bool)
    if not pair.any():
        return np.eye(k), 0.0
    with np.errstate(invalid="ignore", divide="ignore"):
        alike = number / np.sqrt(np.outer(seen, seen))
        own = np.where(both, products, 0.0).sum(axis=0)
        apart = np.where(both, products - own / number, 0.0)
        noise = number / (number - 1) * (apart**2).sum(axis=0)
    common = min(max((alike * own)[pair].sum() / (alike**2)[pair].sum(), 0.0), 1.0)
    told = pair & (number > 1)
    around = (alike * (own - common * alike) ** 2)[told].sum()
    error = (alike * noise)[told].sum()
    drawn = 0.0 if not told.any() else 1.0 if around <= 0 else min(error / around, 1.0)
    return np.where(pair, drawn * common * alike + (1 - drawn) * own, np.eye(k)), drawn
