"""One common factor behind the items of a scale: omega, and whether the scale moved.

References
----------
McDonald, R. P. (1999). Test Theory: A Unified Treatment. Erlbaum (omega).
Jöreskog, K. G. (1967). Some contributions to maximum likelihood factor analysis. Psychometrika 32,
443-482.
Lorenzo-Seva, U. & ten Berge, J. M. F. (2006). Tucker's congruence coefficient as a meaningful index
of factor similarity. Methodology 2, 57-64.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from evalkit.methods import tails

Float = NDArray[np.float64]

LEAST_UNIQUENESS = 0.005
EQUAL_FACTORS = 0.95
"""Congruence from which two factors count as equal (Lorenzo-Seva & ten Berge 2006)."""


@dataclass(frozen=True, slots=True)
class Omega:
    """McDonald's omega from a one-factor model of I items, fitted by maximum likelihood.

    Attributes
    ----------
    omega
        Share of the variance of the sum of the items that the common factor makes.
    standardised
        The same for the sum of the standardised items.
    loadings, uniquenesses
        (I,) of the standardised items; the loadings' sum is not negative.
    chi_square, df, p
        Test of the one-factor model (Bartlett's correction).
    heywood
        True when a uniqueness stands at its lower bound 0.005: the model hardly fits, read the
        coefficient with care.
    n
        Respondents: the fewest that any pair of items shares.
    """

    omega: float
    standardised: float
    loadings: Float
    uniquenesses: Float
    chi_square: float
    df: int
    p: float
    heywood: bool
    n: int


@dataclass(frozen=True, slots=True)
class LoadingChange:
    """How far a scale's loadings moved between two waves.

    Attributes
    ----------
    congruence
        Tucker's coefficient, 1 when the loadings are proportional.
    difference
        (I,) loading in the second wave minus the first.
    item, largest
        Index of the item that moved most and how far (absolute).
    p
        How often waves that differ only by chance show a largest difference at least as big
        (permutation of wave labels). Drawing ends once it must be above the level asked for; it is
        then the share among those drawn.
    moved
        Worth a note: the congruence is below 0.95, or `p` is at most the level asked for.
    """

    congruence: float
    difference: Float
    item: int
    largest: float
    p: float
    moved: bool


def omega(X: ArrayLike) -> Omega:
    """McDonald's omega (total) from a one-factor maximum-likelihood model.

    Parameters
    ----------
    X
        (n, I) answers, I >= 3, NaN for missing (pairwise covariances).

    Raises
    ------
    ValueError
        With fewer than three items, an item that never varies (its index is named), or items whose
        correlations are not positive definite (one repeats others, or too few respondents share
        them).

    Examples
    --------
    Three items that correlate by 1/2, so loadings are sqrt(1/2):

    >>> mixed = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 0, 1], [0, 1, 1]]
    >>> found = omega([[1, 1, 1]] * 5 + [[0, 0, 0]] * 5 + mixed)
    >>> round(found.omega, 6), (found.loadings**2).round(6).tolist()
    (0.75, [0.5, 0.5, 0.5])
    """
    covariance, n = pairwise_covariance(X, least_items=3)
    items = covariance.shape[0]
    loadings, uniquenesses, discrepancy = _one_factor(correlation_of(covariance))
    scale = np.sqrt(np.diag(covariance))
    df = ((items - 1) ** 2 - (items + 1)) // 2
    chi_square = max(0.0, n - 1 - (2 * items + 5) / 6 - 2 / 3) * discrepancy
    return Omega(
        omega=_common_share(loadings * scale, uniquenesses * scale**2),
        standardised=_common_share(loadings, uniquenesses),
        loadings=loadings,
        uniquenesses=uniquenesses,
        chi_square=chi_square,
        df=df,
        p=float(tails.chi2_above(chi_square, df)) if df > 0 else float("nan"),
        heywood=bool((uniquenesses <= LEAST_UNIQUENESS * (1 + 1e-6)).any()),
        n=n,
    )


def congruence(first: ArrayLike, second: ArrayLike) -> float:
    """Tucker's congruence of two vectors of loadings (I,) of the same items.

    Raises
    ------
    ValueError
        When they do not match or one of them is all 0.

    Examples
    --------
    >>> round(congruence([0.5, 0.7], [1.0, 1.4]), 9), round(congruence([1, 1], [1, 0]), 4)
    (1.0, 0.7071)
    """
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if a.ndim != 1 or a.shape != b.shape:
        raise ValueError(f"loadings of the same items are needed, got {a.shape} and {b.shape}")
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    if not np.isfinite(size) or size == 0:
        raise ValueError("loadings must be finite and not all 0")
    return float(a @ b) / size


def compare_loadings(
    first: ArrayLike,
    second: ArrayLike,
    *,
    permutations: int = 199,
    level: float = 0.01,
    seed: int = 0,
) -> LoadingChange:
    """Compare a scale's one-factor loadings between two waves.

    Parameters
    ----------
    first, second
        (n1, I) and (n2, I) answers of the two waves to the same items, NaN for missing.
    permutations
        Random exchanges of respondents between the waves (each wave centred and scaled first, so
        that a change of level is not read as a change of structure); fewer where the verdict is
        settled before (Besag and Clifford 1991).
    level
        A largest difference with a permutation p of at most this is worth a note.
    seed
        Of the permutations.

    Raises
    ------
    ValueError
        As `omega`, for either wave; when the items do not match; when permutations < 1 / level - 1,
        which could never reach the level.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> wave = rng.normal(size=(100, 1)) + rng.normal(size=(100, 4))
    >>> found = compare_loadings(wave, wave + 1.0, permutations=19, level=0.05)
    >>> round(found.congruence, 9), found.moved  # another level is no other structure
    (1.0, False)
    """
    waves = [np.asarray(wave, dtype=np.float64) for wave in (first, second)]
    if waves[0].ndim != 2 or waves[1].ndim != 2 or waves[0].shape[1] != waves[1].shape[1]:
        raise ValueError(
            f"both waves need the same items, got shapes {waves[0].shape} and {waves[1].shape}"
        )
    if not 0 < level < 1 or permutations < 1 / level - 1:
        raise ValueError(f"{permutations} permutations cannot reach the level {level}")
    fits = [
        _one_factor(correlation_of(pairwise_covariance(wave, least_items=3)[0])) for wave in waves
    ]
    difference = fits[1][0] - fits[0][0]
    item = int(np.argmax(np.abs(difference)))
    largest = float(np.abs(difference[item]))

    pooled = np.concatenate(
        [(w - np.nanmean(w, axis=0)) / np.nanstd(w, axis=0, ddof=1) for w in waves]
    )
    start = _one_factor(correlation_of(pairwise_covariance(pooled, least_items=3)[0]))[1]
    rng = np.random.Generator(np.random.PCG64(seed))
    as_large, drawn = 1, 0
    while drawn < permutations and as_large <= level * (permutations + 1):
        drawn += 1
        order = rng.permutation(pooled.shape[0])
        parts = order[: waves[0].shape[0]], order[waves[0].shape[0] :]
        loads = [_loadings(pooled[rows], start) for rows in parts]
        as_large += bool(np.abs(loads[1] - loads[0]).max() >= largest)
    p = as_large / (drawn + 1)
    phi = congruence(fits[0][0], fits[1][0])
    return LoadingChange(phi, difference, item, largest, p, phi < EQUAL_FACTORS or p <= level)


def _loadings(answers: Float, start: Float) -> Float:
    covariance, _ = pairwise_covariance(answers, least_items=3)
    return _one_factor(correlation_of(covariance), start)[0]


def pairwise_covariance(X: ArrayLike, *, least_items: int) -> tuple[Float, int]:
    """Covariances over the respondents each pair shares, and the fewest any pair shares."""
    data = np.asarray(X, dtype=np.float64)
    if data.ndim != 2 or data.shape[1] < least_items:
        raise ValueError(f"X must be (n, I) with I >= {least_items}, got shape {data.shape}")
    if np.isinf(data).any():
        raise ValueError("X must not be infinite")
    answered = ~np.isnan(data)
    there = answered.astype(np.float64)
    shared = there.T @ there
    if shared.min() < 3:
        i, j = np.unravel_index(np.argmin(shared), shared.shape)
        raise ValueError(f"items {i} and {j} were answered together by fewer than 3 respondents")
    centre = np.nanmean(data, axis=0)
    filled = np.where(answered, data - centre, 0.0)
    spread = np.sqrt((filled**2).sum(axis=0))
    flat = np.flatnonzero(spread <= 1e-12 * np.sqrt((np.where(answered, data, 0.0) ** 2).sum(0)))
    if flat.size:
        raise ValueError(f"item {flat[0]} never varies")
    sums = filled.T @ there
    covariance = (filled.T @ filled - sums * sums.T / shared) / (shared - 1)
    return (covariance + covariance.T) / 2, int(shared.min())


def correlation_of(covariance: Float) -> Float:
    """Correlation matrix of a covariance matrix.

    Raises
    ------
    ValueError
        Where it is not square and finite, or a variance is not above 0.
    """
    if covariance.ndim != 2 or covariance.shape[0] != covariance.shape[1]:
        raise ValueError(f"a covariance matrix is square, got shape {covariance.shape}")
    if not np.isfinite(covariance).all() or not (np.diag(covariance) > 0).all():
        raise ValueError("a covariance matrix is finite, its variances are above 0")
    scale = np.sqrt(np.diag(covariance))
    result: Float = covariance / np.outer(scale, scale)
    return result


def _common_share(loadings: Float, uniquenesses: Float) -> float:
    common = loadings.sum() ** 2
    return float(common / (common + uniquenesses.sum()))


def _one_factor(correlation: Float, start: Float | None = None) -> tuple[Float, Float, float]:
    """Fit the ML one-factor model: loadings, uniquenesses, discrepancy (Jöreskog 1967).

    Newton steps on the logarithms of the uniquenesses with the approximate Hessian; bounded
    quasi-Newton where these run into the bound (Heywood) or do not settle.
    """
    items = correlation.shape[0]
    if np.linalg.eigvalsh(correlation)[0] <= 1e-8:
        raise ValueError(
            "the items' correlations are not positive definite: an item repeats others, "
            "or too few respondents answered them together"
        )
    if start is None:
        start = (1 - 0.5 / items) / np.diag(np.linalg.inv(correlation))
    psi = np.clip(start, LEAST_UNIQUENESS, 1.0)
    value, gradient, hessian = _discrepancy(psi, correlation)
    for _ in range(50):
        step = np.linalg.solve(hessian + 1e-8 * np.eye(items), -gradient)
        trial = psi * np.exp(np.clip(step, -1.0, 1.0))
        if (trial < LEAST_UNIQUENESS).any():
            psi, value = _bounded_fit(psi, correlation)
            break
        previous, psi = psi, trial
        value, gradient, hessian = _discrepancy(psi, correlation)
        if np.abs(psi - previous).max() < 1e-10:
            break
    else:
        psi, value = _bounded_fit(psi, correlation)
    root = np.sqrt(psi)
    values, vectors = np.linalg.eigh(correlation / np.outer(root, root))
    loading = root * vectors[:, -1] * np.sqrt(max(values[-1] - 1, 0.0))
    return loading * (1.0 if loading.sum() >= 0 else -1.0), psi, value


def _discrepancy(psi: Float, correlation: Float) -> tuple[float, Float, Float]:
    """ML discrepancy at the uniquenesses, with derivatives by their logarithms."""
    root = np.sqrt(psi)
    values, vectors = np.linalg.eigh(correlation / np.outer(root, root))
    rest, unexplained = values[:-1], vectors[:, :-1]
    gradient = unexplained**2 @ (1 - rest)
    return float((rest - np.log(rest) - 1).sum()), gradient, (unexplained @ unexplained.T) ** 2


def _bounded_fit(start: Float, correlation: Float) -> tuple[Float, float]:
    def objective(log_psi: Float) -> tuple[float, Float]:
        value, gradient, _ = _discrepancy(np.exp(log_psi), correlation)
        return value, gradient

    fit = scipy.optimize.minimize(
        objective,
        np.log(np.clip(start, LEAST_UNIQUENESS, 1.0)),
        jac=True,
        method="L-BFGS-B",
        bounds=[(np.log(LEAST_UNIQUENESS), 0.0)] * start.size,
        options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 2000, "maxfun": 20_000},
    )
    return np.exp(np.asarray(fit.x, dtype=np.float64)), float(fit.fun)
