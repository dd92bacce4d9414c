"""Does every interval, set and verdict keep its promise on streets whose truth is known?"""

from __future__ import annotations

import numpy as np
import pytest

from evalkit.engines.duckdb import DuckDBEngine
from tests.coverage.promises import PROMISES, Promise, write
from tests.coverage.running import Results, run
from tests.coverage.streets import WAVES, evaluate, invent


@pytest.fixture(scope="session")
def found() -> Results:
    results = run()
    write(results)
    return results


@pytest.mark.parametrize("promise", PROMISES, ids=lambda p: p.tally)
def test_promise(found: Results, promise: Promise) -> None:
    broken = {
        scenario: found[scenario, promise.tally]
        for scenario in promise.scenarios
        if not promise.kept(found[scenario, promise.tally])
    }
    assert not broken, f"{promise.title}: promised {promise.bound}"


@pytest.mark.parametrize("kind", ["marginal", "joint"])
def test_few_draws_make_sets_neither_longer_nor_shorter(found: Results, kind: str) -> None:
    apart = found["draws", f"draws_{kind}"]
    assert abs(apart.mean) < 0.25 + 3.0 * apart.error


@pytest.mark.parametrize("how", ["copied", "hurried"])
def test_more_false_answers_are_found_more_often(found: Results, how: str) -> None:
    caught = [found[f"{how} {share}", "caught"].mean for share in ("5%", "10%", "20%")]
    assert caught == sorted(caught)
    assert caught[-1] > 0.9


def test_the_engine_of_these_studies_is_the_engine_of_an_evaluation() -> None:
    truth = invent(4.0, 0.0, 1)
    ours = evaluate(truth, 1, draws=2_000, waves=WAVES[1:])
    theirs = evaluate(truth, 1, draws=2_000, waves=WAVES[1:], engine=DuckDBEngine())
    assert ours.cells[0].fingerprint == theirs.cells[0].fingerprint
    np.testing.assert_array_equal(ours.scores[0].estimate, theirs.scores[0].estimate)
