"""The mixed model and its post-stratified means against R's lme4."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from evalkit.methods.multilevel import Fitted, fit
from tests.goldens import golden
from tests.methods.test_multilevel import DYESTUFF, PENICILLIN, categories

GOLDEN = golden("multilevel")
STREET = GOLDEN["street"]


@pytest.fixture(scope="module")
def found() -> Fitted:
    people = pd.DataFrame(STREET["people"])
    factors = [categories(people[by].to_numpy() - 1) for by in ("age", "housing")]
    fixed = np.column_stack([np.ones(len(people)), people["man"]])
    return fit(people["y"], people["committee"] - 1, factors, fixed=fixed)


def agree(found: Fitted, expected: dict[str, Any], factors: list[str], subject: str) -> None:
    """Ours stops within 1e-7 of the likelihood, so variances agree to 2e-6."""
    variances = expected["variances"]
    assert_allclose(found.deviance, expected["reml"], rtol=1e-10)
    assert_allclose(found.between**2, variances[subject], rtol=2e-6)
    assert_allclose(found.residual**2, variances["Residual"], rtol=1e-7)
    assert_allclose(found.sd**2, [variances[factor] for factor in factors], rtol=2e-6)
    assert_allclose(found.fixed, np.atleast_1d(expected["fixed"]), rtol=1e-7)
    assert_allclose(found.fixed_covariance, expected["fixed_covariance"], rtol=2e-6)
    for effects, factor in zip(found.effects, factors, strict=True):
        assert_allclose(effects, expected["effects"][factor], rtol=1e-6, atol=1e-6)
    assert_allclose(found.subject_effects, expected["effects"][subject], rtol=1e-6, atol=1e-6)


def test_the_fit_of_a_street_is_that_of_lmer(found: Fitted) -> None:
    agree(found, STREET, ["age", "housing"], "committee")


def test_shares_alone_give_the_means_over_every_cell_of_a_census(found: Fitted) -> None:
    """R predicts 24 cells of every committee and averages them; here only the margins are known."""
    shares = STREET["shares"]
    predicted = found.predict(
        np.column_stack([np.ones(18), shares["man"]]), [shares["age"], shares["housing"]]
    )
    assert_allclose(predicted.estimate, STREET["estimate"], rtol=1e-8)
    assert abs(predicted.estimate - STREET["raw"]).max() > 5  # post-stratifying does something
    known = np.array(STREET["mse_at_these_variances"])
    assert_allclose(predicted.mse, known + 2 * np.array(STREET["g3"]), rtol=2e-6)


def test_textbook_fits_to_the_digits_of_lmer() -> None:
    assert GOLDEN["dyestuff"]["y"] == DYESTUFF
    agree(fit(DYESTUFF, np.repeat(np.arange(6), 5)), GOLDEN["dyestuff"], [], "Batch")
    y = [int(w[i : i + 2]) for w in PENICILLIN.split() for i in range(0, 12, 2)]
    sample = categories(np.tile(np.arange(6), 24))
    found = fit(y, np.repeat(np.arange(24), 6), [sample])
    agree(found, GOLDEN["penicillin"], ["sample"], "plate")
