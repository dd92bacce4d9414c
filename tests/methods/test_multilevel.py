"""The mixed model against published fits, statsmodels and full matrices; what it is worth by simulation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.methods.multilevel import Fitted, fit

DYESTUFF = [
    *(1545, 1440, 1440, 1520, 1580, 1540, 1555, 1490, 1560, 1495),
    *(1595, 1550, 1605, 1510, 1560, 1445, 1440, 1595, 1465, 1545),
    *(1595, 1630, 1515, 1635, 1625, 1520, 1455, 1450, 1480, 1445),
]
"""Yield of six batches, five each: Davies (1947), in lme4 as Dyestuff."""

PENICILLIN = (
    "272326232321 272326232321 252125242420 262325232320 252226222320 242225232219 "
    "242023212219 262226242421 242124222220 242124232219 262326242421 252226242420 "
    "262426242522 262326232320 262325242422 252225232320 252124232320 252224232319 "
    "242123212119 262326242421 252124222218 252225222220 242124222419 242124222118"
)
"""Diameters on 24 plates of six samples, two digits each: Davies & Goldsmith (1972), 6.6, in lme4."""


def categories(codes: np.ndarray) -> np.ndarray:
    return np.eye(int(codes.max()) + 1)[codes]


def test_it_is_the_fit_of_dyestuff_that_lme4_publishes() -> None:
    """Bates, lme4: Mixed-effects modeling with R, 1.3: REML 319.7, 42.00, 49.51, 1527.50 (19.38)."""
    found = fit(DYESTUFF, np.repeat(np.arange(6), 5))
    assert found.deviance == pytest.approx(319.6543, abs=1e-4)
    assert found.between**2 == pytest.approx(1764.05, rel=1e-4)
    assert found.residual**2 == pytest.approx(2451.25, rel=1e-5)
    assert found.fixed.tolist() == pytest.approx([1527.5])
    assert found.fixed_covariance[0, 0] ** 0.5 == pytest.approx(19.383, abs=1e-3)


def test_it_is_the_fit_of_penicillin_that_lme4_publishes() -> None:
    """Two crossed factors: REML 330.8606; .71691, 3.73092, .30242; 22.9722 (.8086)."""
    y = np.array([int(w[i : i + 2]) for w in PENICILLIN.split() for i in range(0, 12, 2)])
    sample = categories(np.tile(np.arange(6), 24))
    found = fit(y, np.repeat(np.arange(24), 6), [sample])
    assert found.deviance == pytest.approx(330.8606, abs=1e-4)
    assert found.between**2 == pytest.approx(0.716908, abs=1e-4)
    assert found.sd[0] ** 2 == pytest.approx(3.73092, abs=2e-3)
    assert found.residual**2 == pytest.approx(0.302415, abs=1e-5)
    assert found.fixed.tolist() == pytest.approx([22.97222], abs=1e-5)
    assert found.fixed_covariance[0, 0] ** 0.5 == pytest.approx(0.808573, abs=1e-3)
    assert found.effects[0].sum() == pytest.approx(0.0, abs=1e-8)


@pytest.fixture(scope="module")
def unbalanced() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Nine subjects of 3 to 19 answers, three ages, a covariate."""
    rng = np.random.Generator(np.random.PCG64(4))
    code = np.repeat(np.arange(9), rng.integers(3, 20, 9))
    age = rng.integers(0, 3, code.size)
    x = np.column_stack([np.ones(code.size), rng.standard_normal(code.size)])
    y = x @ [80.0, 2.0] + 3 * rng.standard_normal(9)[code] + np.array([-4.0, 0.0, 5.0])[age]
    return y + 6 * rng.standard_normal(code.size), code, age, x


def test_it_is_the_fit_of_statsmodels_where_nothing_is_balanced(
    unbalanced: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> None:
    models = pytest.importorskip("statsmodels.formula.api")
    y, code, _, x = unbalanced
    own = fit(y, code, fixed=x)
    frame = pd.DataFrame({"y": y, "code": code, "x": x[:, 1]})
    theirs = models.mixedlm("y ~ x", frame, groups="code").fit(reml=True)
    assert own.fixed == pytest.approx(theirs.fe_params.to_numpy(), rel=1e-5)
    assert own.residual**2 == pytest.approx(theirs.scale, rel=1e-4)
    assert own.between**2 == pytest.approx(float(theirs.cov_re.iloc[0, 0]), rel=1e-3)
    effects = [float(theirs.random_effects[j].iloc[0]) for j in range(9)]
    assert own.subject_effects == pytest.approx(effects, rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("design_effect", [1.0, 1.8])
def test_predictions_are_those_of_the_full_matrices(
    unbalanced: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray], design_effect: float
) -> None:
    """Kriging: l'b + C' V^-1 (y - X b), and its error, with V written out (Rao & Molina, 5.2)."""
    y, code, age, x = unbalanced
    found = fit(y, code, [categories(age)], fixed=x, design_effect=design_effect)
    shares, mean_x = np.tile([0.2, 0.5, 0.3], (9, 1)), np.column_stack([np.ones(9), np.zeros(9)])
    predicted = found.predict(mean_x, [shares])
    z, a, n = categories(age), categories(code), np.bincount(code)
    chance = np.eye(len(y)) + (a * ((design_effect - 1.0) / n)) @ a.T
    v = found.residual**2 * chance + found.sd[0] ** 2 * z @ z.T + found.between**2 * a @ a.T
    inverse = np.linalg.inv(v)
    spread = np.linalg.inv(x.T @ inverse @ x)
    beta = spread @ x.T @ inverse @ y
    for j in range(9):
        c = found.sd[0] ** 2 * z @ shares[j] + found.between**2 * a[:, j]
        own = found.sd[0] ** 2 * shares[j] @ shares[j] + found.between**2
        d = mean_x[j] - x.T @ inverse @ c
        assert predicted.estimate[j] == pytest.approx(
            mean_x[j] @ beta + c @ inverse @ (y - x @ beta), rel=1e-9
        )
        plain = own - c @ inverse @ c + d @ spread @ d
        means = found.residual**2 * design_effect / n
        total = found.between**2 + means
        g3 = means[j] ** 2 / total[j] ** 3 * 2 / (1 / total**2).sum()
        assert predicted.mse[j] == pytest.approx(plain + 2 * g3, rel=1e-8)


def street(rng: np.random.Generator) -> tuple[Fitted, np.ndarray, np.ndarray, np.ndarray]:
    """20 committees of 15 to 60 answers; in some mostly the old answered, who are content."""
    truth, effect = 84 + 3 * rng.standard_normal(20), np.array([-6.0, 0.0, 6.0])
    people = rng.dirichlet([8, 8, 8], 20)
    who = np.stack([rng.dirichlet(4 * row) for row in people])
    n = rng.integers(15, 61, 20)
    code = np.repeat(np.arange(20), n)
    age = np.array([rng.choice(3, p=who[j]) for j in code])
    y = truth[code] + effect[age] + 15 * rng.standard_normal(code.size)
    raw = np.bincount(code, y) / n
    return fit(y, code, [categories(age)]), people, raw, truth + people @ effect


def test_post_stratified_means_are_nearer_to_the_truth_and_know_their_error() -> None:
    rng = np.random.Generator(np.random.PCG64(20))
    losses, held = [], []
    for _ in range(30):
        found, people, raw, truth = street(rng)
        own = found.predict(np.ones((20, 1)), [people])
        losses.append([((raw - truth) ** 2).mean(), ((own.estimate - truth) ** 2).mean()])
        held.append((abs(own.estimate - truth) < 1.96 * np.sqrt(own.mse)).mean())
    plain, adjusted = np.sqrt(np.mean(losses, axis=0))
    assert adjusted < 0.8 * plain
    assert 0.92 < np.mean(held) < 0.98


@pytest.mark.parametrize(
    ("values", "subjects", "more", "words"),
    [
        ([1, 2, 3, 4], [0, 0, 1], {}, "vectors alike"),
        ([1, 2, 3, 4], [0, 0, 1, 1], {}, "three subjects"),
        ([1, 2, 3, 4], [0, 0, 1, 3], {}, "three subjects"),
        ([1, 2, 3], [0, 1, 2], {}, "too few"),
        ([1, 2, 3, np.nan, 1, 2], [0, 0, 1, 1, 2, 2], {}, "finite"),
        ([1, 1, 1, 1, 1, 1], [0, 0, 1, 1, 2, 2], {}, "never vary"),
        ([1, 2, 3, 4, 1, 2], [0, 0, 1, 1, 2, 2], {"design_effect": 0.5}, "at least 1"),
        ([1, 2, 3, 4, 1, 2], [0, 0, 1, 1, 2, 2], {"factors": [[[1.0]]]}, "6 rows"),
    ],
)
def test_what_is_refused(
    values: list[float], subjects: list[int], more: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        fit(values, subjects, **more)
