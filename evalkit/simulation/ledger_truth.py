"""What is true of a street's records: who reports how much, how well it is seen to, who rates.

Drawn beside what residents are told to think (`Truth`), and only in part like it: a committee that
is quick by its records is a little more often found quick by its residents.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalkit.definitions.scheme import Scheme
from evalkit.simulation.truth import Floats, Truth

LIKENESS = 0.65
"""Correlation of a committee's true share by its records with what its residents truly think."""
QUICK, SOLVED, PLEASED = "C2", "C3", "B1"
"""Indicators beside which the records' shares are drawn."""


@dataclass(frozen=True, slots=True)
class LedgerTruth:
    """What is true of the records of K committees.

    Attributes
    ----------
    reporting : ndarray of shape (K,)
        How readily a committee's people report, beside an ordinary one; up to threefold apart.
    quick, solved, pleased : ndarray of shape (K,)
        Probability that something is done in time, is solved, and pleases whoever rates it.
    silent : ndarray of shape (K,)
        Probability that whoever reported does not rate.
    """

    reporting: Floats
    quick: Floats
    solved: Floats
    pleased: Floats
    silent: Floats


def ledger_truth(truth: Truth, scheme: Scheme, seed: int) -> LedgerTruth:
    """Draw what is true of the records of the last wave of a street."""
    rng = np.random.Generator(np.random.PCG64([seed, 1]))
    k = len(truth.subjects)
    return LedgerTruth(
        reporting=np.exp(np.clip(0.32 * rng.standard_normal(k), -0.55, 0.55)),
        quick=_chance(1.7, 0.6, _beside(truth, scheme, QUICK, rng)),
        solved=_chance(1.4, 0.5, _beside(truth, scheme, SOLVED, rng)),
        pleased=_chance(1.5, 0.45, _beside(truth, scheme, PLEASED, rng)),
        silent=_chance(-1.9, 0.7, rng.standard_normal(k)),
    )


def _beside(truth: Truth, scheme: Scheme, code: str, rng: np.random.Generator) -> Floats:
    """Return a standard normal deviate of every committee, like what its residents think."""
    asked = [truth.groups.index(group.code) for group in scheme.groups if group.residents]
    own = truth.mean[-1][:, asked, truth.indicators.index(code)].mean(axis=1)
    standing = (own - own.mean()) / own.std()
    noise = rng.standard_normal(len(own))
    return np.asarray(LIKENESS * standing + np.sqrt(1.0 - LIKENESS**2) * noise)


def _chance(middle: float, spread: float, deviate: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-(middle + spread * deviate))))
