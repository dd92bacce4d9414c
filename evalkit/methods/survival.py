"""How long something takes where some of it has not ended yet: Kaplan and Meier (1958).

What is open when the watch ends lasted at least so long; left out, whoever closes nothing would
look quick. The error is Greenwood's (1926), its interval on the scale of log(-log S) (Kalbfleisch
and Prentice 2002, 1.4), which stays between 0 and 1; the interval of a quantile is where that
interval holds it (Brookmeyer and Crowley 1982).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.methods import tails

Floats = NDArray[np.float64]

NEAR = 1e-9
"""Nearer than this to a share, a curve that comes out of products is at it."""


@dataclass(frozen=True, slots=True)
class Survival:
    """The share that still lasts after every length at which something ended.

    Attributes
    ----------
    lengths : ndarray
        At which something ended, ascending.
    lasting : ndarray
        The share that lasts longer than each.
    greenwood : ndarray
        Greenwood's sums of d / (n (n - d)): the variance of log S.
    watched : float
        The greatest length seen, ended or not: beyond it nothing is known while some still last.
    """

    lengths: Floats
    lasting: Floats
    greenwood: Floats
    watched: float

    def se(self) -> Floats:
        """Return Greenwood's standard errors of the shares that last."""
        return np.asarray(self.lasting * np.sqrt(np.where(self.lasting > 0, self.greenwood, 0.0)))

    def interval(self, confidence: float) -> tuple[Floats, Floats]:
        """Return both ends of every share that lasts; NaN where it is 0 or 1 and has no error."""
        with np.errstate(divide="ignore", invalid="ignore"):
            log = np.log(self.lasting)
            inner = (self.lasting > 0) & (self.lasting < 1)
            reach = (
                tails.normal_quantile(0.5 + confidence / 2.0)
                * np.sqrt(self.greenwood)
                / np.abs(log)
            )
            low, high = self.lasting ** np.exp(reach), self.lasting ** np.exp(-reach)
        return np.where(inner, low, np.nan), np.where(inner, high, np.nan)

    def ended_by(self, length: float, confidence: float = 0.95) -> Ended:
        """Return the share that has ended by a length; NaN beyond what was watched."""
        place = int(np.searchsorted(self.lengths, length, side="right")) - 1
        done = len(self.lasting) > 0 and self.lasting[-1] <= 0
        if np.isnan(length) or (length > self.watched and not done):
            return Ended(np.nan, np.nan, np.nan)
        if place < 0:
            return Ended(0.0, np.nan, np.nan)
        low, high = self.interval(confidence)
        return Ended(
            float(1.0 - self.lasting[place]), float(1.0 - high[place]), float(1.0 - low[place])
        )

    def quantile(self, share: float, confidence: float = 0.95) -> Quantile:
        """Return the length by which a share has ended; NaN where so many never did."""
        low, high = self.interval(confidence)
        kept = 1.0 - share
        known = np.isfinite(low)
        return Quantile(
            self._first(self.lasting <= kept + NEAR),
            self._first(np.where(known, low, self.lasting) <= kept + NEAR),
            self._first(np.where(known, high, self.lasting) <= kept + NEAR),
        )

    def _first(self, so: NDArray[np.bool_]) -> float:
        return float(self.lengths[int(np.argmax(so))]) if so.any() else np.nan


@dataclass(frozen=True, slots=True)
class Ended:
    """A share that has ended, with its interval."""

    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Quantile:
    """A length by which a share has ended, with its interval; NaN is an end nobody knows."""

    at: float
    low: float
    high: float


def kaplan_meier(lengths: Floats, ended: NDArray[np.bool_]) -> Survival:
    """Estimate how long something lasts of lengths of which some had not ended.

    Parameters
    ----------
    lengths : ndarray
        How long each lasted, or was watched.
    ended : ndarray of bool
        Whether it had ended then. What ends at the length at which another is last seen open ended
        before it.

    Examples
    --------
    Five orders, two of them open after 3 and 4 days:

    >>> found = kaplan_meier(np.array([1.0, 2.0, 3.0, 4.0, 5.0]), np.array([1, 1, 0, 0, 1]) > 0)
    >>> found.lasting.round(3)
    array([0.8, 0.6, 0. ])
    >>> round(found.ended_by(2.0).share, 3), found.quantile(0.5).at
    (0.4, 5.0)
    """
    if not len(lengths):
        return Survival(np.zeros(0), np.zeros(0), np.zeros(0), -np.inf)
    at, counts = np.unique(lengths[ended], return_counts=True)
    ordered = np.sort(lengths)
    risk = len(ordered) - np.searchsorted(ordered, at, side="left")
    lasting = np.cumprod(1.0 - counts / risk, dtype=np.float64)
    with np.errstate(divide="ignore"):
        greenwood = np.cumsum(counts / (risk * (risk - counts).astype(np.float64)))
    sums = np.asarray(greenwood, dtype=np.float64)
    return Survival(at.astype(np.float64), np.asarray(lasting), sums, float(ordered[-1]))
