"""What of a spread is real, once more: REML, its Q-profile interval, shrunken scores, reliability.

References
----------
Patterson & Thompson (1971), Biometrika 58; Viechtbauer (2007), Statistics in Medicine 26; Rao &
Molina (2015), Small Area Estimation, 5.3.
"""

from __future__ import annotations

import numpy as np
from scipy import optimize, stats


def reml(x: np.ndarray, covariance: np.ndarray) -> float:
    """Between-subject variance tau2 of x ~ N(mu 1, tau2 I + S) by restricted likelihood.

    The score equation x'PPx = tr(P) with P the projection; the best of all its roots and 0.
    """
    k, one = len(x), np.ones(len(x))

    def pieces(tau2: float) -> tuple[float, float]:
        inverse = np.linalg.inv(covariance + tau2 * np.eye(k))
        information = one @ inverse @ one
        p = inverse - np.outer(inverse @ one, one @ inverse) / information
        score = x @ p @ p @ x - np.trace(p)
        logdet = np.linalg.slogdet(covariance + tau2 * np.eye(k))[1]
        return score, -0.5 * (logdet + np.log(information) + x @ p @ x)

    top = 4 * (x.var(ddof=1) + np.diag(covariance).max())
    grid = np.r_[0.0, np.geomspace(1e-8 * top, top, 60)]
    scores = [pieces(t)[0] for t in grid]
    roots = [0.0]
    for left, right, up, down in zip(grid[:-1], grid[1:], scores[:-1], scores[1:], strict=True):
        if up > 0 >= down:
            roots.append(
                optimize.brentq(lambda t: pieces(t)[0], left, right, xtol=1e-13, rtol=1e-14)
            )
    return float(max(roots, key=lambda t: pieces(t)[1]))


def shrunken(x: np.ndarray, covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fay-Herriot predictions and the roots of their mean squared errors g1 + g2 + 2 g3.

    Every committee's is a sum b'x around the mean by generalised least squares, and what its
    errors are is worked out committee by committee: Rao & Molina (2015), 5.3.
    """
    k, one = len(x), np.ones(len(x))
    tau2 = reml(x, covariance)
    total = covariance + max(tau2, 1e-9 * np.diag(covariance).max()) * np.eye(k)
    mean = (one @ np.linalg.solve(total, x)) / (one @ np.linalg.solve(total, one))
    spread = 2 / np.trace(np.linalg.solve(total, np.linalg.inv(total)))
    found, mse = np.zeros(k), np.zeros(k)
    for j in range(k):
        unit = np.eye(k)[j]
        b = tau2 * np.linalg.solve(total, unit)
        found[j] = mean + b @ (x - mean)
        slope = np.linalg.solve(total, covariance @ np.linalg.solve(total, unit))
        g2 = (1 - b @ one) ** 2 / (one @ np.linalg.solve(total, one))
        mse[j] = tau2 - tau2 * b[j] + g2 + 2 * spread * slope @ total @ slope
    return found, np.sqrt(mse)


def errors(x: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """How the errors of all predictions go together: `shrunken` for every pair of committees."""
    k, one = len(x), np.ones(len(x))
    tau2 = reml(x, covariance)
    total = covariance + max(tau2, 1e-9 * np.diag(covariance).max()) * np.eye(k)
    inverse = np.linalg.inv(total)
    b = tau2 * inverse
    left = one - b @ one
    slopes = inverse @ covariance @ inverse
    known = tau2 * np.eye(k) - tau2 * b + np.outer(left, left) / (one @ inverse @ one)
    return known + 4 / np.trace(inverse @ inverse) * slopes @ total @ slopes.T


def ends(
    x: np.ndarray, covariance: np.ndarray, df: np.ndarray, first: int, last: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How often each is among so many first and last, and its mean rank: by draws of its own."""
    rng, k = np.random.default_rng(8), len(x)
    expected, _ = shrunken(x, covariance)
    drawn = rng.multivariate_normal(np.zeros(k), errors(x, covariance), 20_000, method="eigh")
    drawn -= drawn.mean(axis=1, keepdims=True)
    true = expected + drawn * np.sqrt(df / rng.chisquare(df, drawn.shape))
    rank = stats.rankdata(-true, axis=1)
    return (rank <= first).mean(axis=0), (rank > k - last).mean(axis=0), rank.mean(axis=0)


def q_profile(x: np.ndarray, covariance: np.ndarray, confidence: float) -> tuple[float, float]:
    """Ends of tau2: where the generalised Q of the residuals is a quantile of chi-square."""
    k, one = len(x), np.ones(len(x))

    def q(tau2: float) -> float:
        inverse = np.linalg.inv(covariance + tau2 * np.eye(k))
        away = x - (one @ inverse @ x) / (one @ inverse @ one)
        return float(away @ inverse @ away)

    ends = []
    for p in (0.5 + confidence / 2, 0.5 - confidence / 2):
        wanted = stats.chi2.ppf(p, k - 1)
        top = 10 * ((x - x.mean()) ** 2).sum() / wanted
        short = q(0.0) <= wanted
        ends.append(
            0.0 if short else optimize.brentq(lambda t, w=wanted: q(t) - w, 0, top, xtol=1e-12)
        )
    return ends[0], ends[1]


def apart(covariance: np.ndarray) -> np.ndarray:
    """Variances less what all committees' errors have in common."""
    k = len(covariance)
    common = covariance[~np.eye(k, dtype=bool)].mean()
    return np.maximum(np.diag(covariance) - max(common, 0.0), 1e-9 * np.diag(covariance))


def share(tau2: float, covariance: np.ndarray) -> float:
    own = apart(covariance)
    return float((tau2 / (tau2 + own)).mean())
