"""Raking: weights whose sums match several known margins at once, and what that does to variance.

References
----------
Deming, W. E. & Stephan, F. F. (1940). On a least squares adjustment of a sampled frequency table
when the expected marginal totals are known. Annals of Mathematical Statistics 11, 427-444.
Deville, J.-C. & Särndal, C.-E. (1992). Calibration estimators in survey sampling. JASA 87, 376-382.
Kish, L. (1965). Survey Sampling. Wiley.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

Float = NDArray[np.float64]
Codes = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class ResidualSweep:
    """Takes out of influence values what the margins already pin down.

    A raked estimator varies only as far as its influence values are not explained by the margins.
    Calling the sweep replaces each respondent's value by the residual of a regression on all margin
    cells (weighted by the weights before raking), found by taking out one margin's weighted cell
    means after another until nothing moves; the margins' cross table is never formed.

    Attributes
    ----------
    base, raked
        (n,) weights before and after raking.
    margins
        One (n,) array of cell codes per margin.
    tolerance
        Settled when no value moved by more than this share of the largest value of its column.
    max_rounds
        Rounds after which an unsettled sweep is an error.
    """

    base: Float
    raked: Float
    margins: tuple[Codes, ...]
    tolerance: float = 1e-11
    max_rounds: int = 10_000

    def __call__(self, influence: ArrayLike) -> Float:
        """Sweep influence values.

        Parameters
        ----------
        influence
            (n,) or (n, I) weighted influence values: the raked weight times the linearised
            variable, 0 for a respondent who does not take part in an estimate. For a mean m this is
            w (x - m) / sum(w). Any design variance formula may be applied to what comes back.

        Returns
        -------
        (n,) or (n, I), the shape that came in.

        Raises
        ------
        ValueError
            When the rows do not match, a value is missing, or the sweep does not settle.
        """
        values = np.asarray(influence, dtype=np.float64)
        if values.ndim not in (1, 2) or values.shape[0] != self.base.size:
            raise ValueError(
                f"influence must have {self.base.size} rows as the weights have, "
                f"got shape {values.shape}"
            )
        if not np.isfinite(values).all():
            raise ValueError("influence contains missing or infinite values")
        used = self.base > 0
        weights = self.raked[used, None]
        residual = values.reshape(values.shape[0], -1)[used] / weights
        projections = [_cell_means(codes[used], self.base[used]) for codes in self.margins]
        scale = np.abs(residual).max(axis=0, initial=0.0)
        scale[scale == 0] = 1.0
        for _ in range(self.max_rounds):
            moved = np.zeros_like(scale)
            for codes, averaging in projections:
                step = averaging @ residual
                residual -= step[codes]
                moved = np.maximum(moved, np.abs(step).max(axis=0, initial=0.0))
            if (moved <= self.tolerance * scale).all():
                break
        else:
            raise ValueError(
                f"the sweep of the influence values did not settle in {self.max_rounds} rounds: "
                f"the margins are almost tied to one another"
            )
        swept = np.zeros((values.shape[0], residual.shape[1]))
        swept[used] = residual * weights
        return swept.reshape(values.shape)


@dataclass(frozen=True, slots=True)
class Raked:
    """Raked weights and their cost.

    Attributes
    ----------
    weights
        (n,) weights whose sums over the cells of every margin are the targets.
    residual_sweep
        Applied to influence values before a variance is computed, it makes the variance that of the
        raked estimator.
    n_effective
        Kish's effective sample size (sum w)^2 / sum w^2, in respondents.
    design_effect
        Kish's design effect of unequal weights: respondents with a weight over `n_effective`, >= 1.
    iterations
        Rounds over all margins until every cell was within the tolerance.
    """

    weights: Float
    residual_sweep: ResidualSweep
    n_effective: float
    design_effect: float
    iterations: int


def rake(
    weights: ArrayLike,
    margins: Sequence[tuple[ArrayLike, ArrayLike]],
    *,
    names: Sequence[str] | None = None,
    tolerance: float = 1e-10,
    max_iterations: int = 1000,
) -> Raked:
    """Fit weights to margins by iterative proportional fitting.

    Parameters
    ----------
    weights
        (n,) weights before raking, >= 0. A respondent with weight 0 keeps it.
    margins
        Pairs (codes, totals): codes (n,) integers 0..C-1, the cell each respondent is in; totals
        (C,) the population's totals, in the unit the weights shall have. All totals of one margin
        add up to the same sum as those of any other.
    names
        The margins' names, for error messages; by default `margin 1`, `margin 2`, ...
    tolerance
        Converged when each cell is within this share of its target before it is adjusted.
    max_iterations
        Rounds after which raking has failed.

    Returns
    -------
    Raked

    Raises
    ------
    ValueError
        Naming the margin, when codes or totals are malformed, a cell has a target but nobody with
        a weight in it, a cell with target 0 holds somebody, the margins add up to different sums,
        or raking does not converge.

    Examples
    --------
    >>> age = ([0, 0, 1, 1], [60, 40])
    >>> sex = ([0, 1, 0, 1], [50, 50])
    >>> found = rake([1, 1, 1, 1], [age, sex])
    >>> found.weights.round(9).tolist(), round(found.n_effective, 4)  # 100^2 / 2600
    ([30.0, 30.0, 20.0, 20.0], 3.8462)
    """
    base = _weights(weights)
    labels = _names(names, len(margins))
    found = [
        _margin(label, codes, totals, base)
        for label, (codes, totals) in zip(labels, margins, strict=True)
    ]
    codes_of, totals_of = [cells for cells, _ in found], [targets for _, targets in found]
    grand = _grand_total(labels, totals_of, tolerance)
    raked, iterations = _fitted(
        base * (grand / base.sum()), codes_of, totals_of, labels, tolerance, max_iterations
    )
    n_effective = float(raked.sum() ** 2 / (raked**2).sum())
    return Raked(
        weights=raked,
        residual_sweep=ResidualSweep(base, raked, tuple(codes_of)),
        n_effective=n_effective,
        design_effect=float((raked > 0).sum() / n_effective),
        iterations=iterations,
    )


def _fitted(
    raked: Float,
    codes_of: Sequence[Codes],
    totals_of: Sequence[Float],
    labels: Sequence[str],
    tolerance: float,
    max_iterations: int,
) -> tuple[Float, int]:
    """Fit one margin after another until all hold at once; return the weights and the rounds."""
    iterations = 0
    while True:
        discrepancy = np.zeros(len(labels))
        for m, (cells, targets) in enumerate(zip(codes_of, totals_of, strict=True)):
            sums = np.bincount(cells, raked, minlength=targets.size)
            factor = np.divide(targets, sums, out=np.zeros_like(sums), where=sums > 0)
            discrepancy[m] = np.abs(sums[targets > 0] / targets[targets > 0] - 1).max()
            raked = raked * factor[cells]
        iterations += 1
        if (discrepancy <= tolerance).all():
            return raked, iterations
        if iterations >= max_iterations or not np.isfinite(raked).all():
            worst = int(np.argmax(discrepancy))
            raise ValueError(
                f"raking did not converge in {iterations} iterations: margin {labels[worst]!r} is "
                f"still off by {discrepancy[worst]:.2g} of a target; too few respondents in the "
                f"cross table of the margins can carry the weights"
            )


def _weights(weights: ArrayLike) -> Float:
    base = np.array(weights, dtype=np.float64)
    if base.ndim != 1 or base.size == 0:
        raise ValueError(f"weights must be a non-empty vector, got shape {base.shape}")
    if not np.isfinite(base).all() or (base < 0).any():
        raise ValueError("weights must be finite and not negative")
    if base.sum() == 0:
        raise ValueError("all weights are 0")
    return base


def _names(names: Sequence[str] | None, count: int) -> list[str]:
    if count == 0:
        raise ValueError("no margin to rake to")
    if names is None:
        return [f"margin {m + 1}" for m in range(count)]
    if len(names) != count:
        raise ValueError(f"{len(names)} names for {count} margins")
    return list(names)


def _grand_total(labels: Sequence[str], totals_of: Sequence[Float], tolerance: float) -> float:
    """Return what every margin adds up to; refuse margins that add up to different sums."""
    grand = totals_of[0].sum()
    for label, targets in zip(labels[1:], totals_of[1:], strict=True):
        if abs(targets.sum() - grand) > tolerance * grand:
            raise ValueError(
                f"margins {labels[0]!r} and {label!r} add up to different totals: "
                f"{grand:.10g} and {targets.sum():.10g}"
            )
    return float(grand)


def _margin(label: str, codes: ArrayLike, totals: ArrayLike, base: Float) -> tuple[Codes, Float]:
    targets = np.array(totals, dtype=np.float64)
    if targets.ndim != 1 or targets.size == 0 or not np.isfinite(targets).all():
        raise ValueError(f"margin {label!r}: totals must be a vector of finite numbers")
    if (targets < 0).any() or targets.sum() == 0:
        raise ValueError(f"margin {label!r}: totals must not be negative and not all 0")
    given = np.asarray(codes)
    if given.shape != base.shape:
        raise ValueError(
            f"margin {label!r}: {given.shape} codes for {base.size} respondents; one each is needed"
        )
    if not np.issubdtype(given.dtype, np.integer):
        raise ValueError(f"margin {label!r}: codes must be integers, got {given.dtype}")
    outside = (given < 0) | (given >= targets.size)
    if outside.any():
        raise ValueError(
            f"margin {label!r}: {int(outside.sum())} codes outside 0..{targets.size - 1}"
        )
    cells = given.astype(np.intp)
    sums = np.bincount(cells, base, minlength=targets.size)
    empty = np.flatnonzero((targets > 0) & (sums == 0))
    if empty.size:
        raise ValueError(
            f"margin {label!r}: cell {_list(empty)} has a target but no respondent with a weight; "
            f"merge it with another cell"
        )
    unwanted = np.flatnonzero((targets == 0) & (sums > 0))
    if unwanted.size:
        raise ValueError(f"margin {label!r}: cell {_list(unwanted)} has target 0 but respondents")
    return cells, targets


def _list(cells: NDArray[np.intp]) -> str:
    return ", ".join(str(c) for c in cells[:10]) + (", ..." if cells.size > 10 else "")


def _cell_means(codes: Codes, weights: Float) -> tuple[Codes, sparse.csr_array]:
    _, dense = np.unique(codes, return_inverse=True)
    sums = np.bincount(dense, weights)
    averaging = sparse.csr_array(
        (weights / sums[dense], (dense, np.arange(dense.size))), shape=(sums.size, dense.size)
    )
    return dense.astype(np.intp), averaging
