"""What must hold for every street's scores, whatever was answered and however the scheme is set."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from evalkit.answers.measuring import measure
from evalkit.definitions.roster import Roster, Subject
from evalkit.definitions.scheme import Scheme
from evalkit.findings import scoring
from evalkit.tables import Answers, Scores
from tests.answers.street import InMemory, answers, small
from tests.deciding import decided

COMMITTEES = ("a", "b", "c", "d")
ITEMS = ("r1", "r2", "r3", "overall")
ROSTER = Roster(subjects=[Subject(id=one, name=f"{one}村") for one in COMMITTEES])

grid = given(
    st.integers(0, 10_000),
    st.sampled_from(["within_group", "to_covering_groups"]),
    st.sampled_from([0.25, 0.5, 1.0]),
    st.floats(5.0, 95.0),
)
often = settings(max_examples=15, deadline=None)


def scheme_of(uncovered: str, least: float, key: float) -> Scheme:
    scheme, _ = small()
    first, second = scheme.groups
    return scheme.model_copy(
        update={
            "uncovered": uncovered,
            "minimum_answered": least,
            "groups": [
                first.model_copy(update={"weight": key}),
                second.model_copy(update={"weight": 100.0 - key, "covers": ["A1", "B1"]}),
            ],
        }
    )


def street(seed: int) -> Answers:
    """Four committees, five to nine answers of either group, don't-knows and gaps among them."""
    rng = np.random.Generator(np.random.PCG64(seed))
    cells = [
        (c, g) for c in COMMITTEES for g in ("key", "random") for _ in range(rng.integers(5, 10))
    ]
    codes = {
        item: rng.choice(["1", "2", "3", "4", ""], len(cells), p=[0.5, 0.25, 0.15, 0.05, 0.05])
        for item in ITEMS
    }
    return answers(
        "2016",
        small()[1]["resident"],
        {item: list(given) for item, given in codes.items()},
        group=[g for _, g in cells],
        subject=[c for c, _ in cells],
        weight=rng.uniform(0.5, 2.0, len(cells)),
    )


def scored(given: Answers, scheme: Scheme) -> Scores:
    cells = measure(given, decided(scheme, small()[1], ROSTER), InMemory())
    return scoring.score(cells, scheme, ROSTER)


def by_subject(scores: Scores) -> pd.Series:
    return pd.Series(scores.composite, index=list(scores.subjects))


def rows(given: Answers, order: np.ndarray) -> Answers:
    """These rows, as rows of a file of their own."""
    index = pd.Index([f"a.xlsx#{at + 2}" for at in range(len(order))], name="respondent")
    respondents = given.respondents.iloc[order].set_axis(index)
    respondents = respondents.assign(respondent=index, row=np.arange(len(order)) + 2)
    return replace(
        given,
        respondents=respondents,
        codes={q: table.iloc[order].set_axis(index) for q, table in given.codes.items()},
        states={q: table.iloc[order].set_axis(index) for q, table in given.states.items()},
    )


@often
@grid
def test_scores_are_on_the_scale(seed: int, uncovered: str, least: float, key: float) -> None:
    scores = scored(street(seed), scheme_of(uncovered, least, key))
    assert ((scores.estimate >= 0) & (scores.estimate <= 100)).all()
    complete = scores.table[scores.table["complete"]]
    assert (complete["low"] <= complete["score"]).all()
    assert (complete["score"] <= complete["high"]).all()
    assert complete["low"].ge(0).all()
    assert complete["high"].le(100).all()


@often
@grid
def test_order_and_doubling(seed: int, uncovered: str, least: float, key: float) -> None:
    given, scheme = street(seed), scheme_of(uncovered, least, key)
    usual, n = by_subject(scored(given, scheme)), len(given.respondents)
    shuffled = rows(given, np.random.Generator(np.random.PCG64(seed)).permutation(n))
    pd.testing.assert_series_equal(by_subject(scored(shuffled, scheme)), usual)
    doubled = rows(given, np.tile(np.arange(n), 2))
    pd.testing.assert_series_equal(by_subject(scored(doubled, scheme))[usual.index], usual)


@often
@grid
def test_better_answers_and_other_committees(
    seed: int, uncovered: str, least: float, key: float
) -> None:
    given, scheme = street(seed), scheme_of(uncovered, least, key)
    usual = by_subject(scored(given, scheme))
    assume(usual.index.tolist() == list(COMMITTEES))  # a cell of one answer is rare
    own = (given.respondents["subject"] == "a").to_numpy()
    codes = given.codes["resident"].copy()
    worst = codes.loc[own, "r1"] == "3"
    codes.loc[worst[worst].index, "r1"] = "1"
    better = by_subject(scored(replace(given, codes={"resident": codes}), scheme))
    assert better["a"] >= usual["a"] - 1e-9
    assert (better["a"] > usual["a"]) == bool(worst.any())
    for other in usual.index.drop("a"):
        assert better[other] == pytest.approx(usual[other], abs=1e-12)


@often
@grid
def test_a_weight_of_nothing_is_no_influence(
    seed: int, uncovered: str, least: float, key: float
) -> None:
    given, scheme = street(seed), scheme_of(uncovered, least, key)
    silent = np.random.Generator(np.random.PCG64([seed, 1])).random(len(given.respondents)) < 0.1
    weights = given.respondents["weight"].where(~silent, 0.0)
    muted = replace(given, respondents=given.respondents.assign(weight=weights))
    codes = given.codes["resident"].copy()
    codes.loc[silent, "r1"] = codes.loc[silent, "r1"].where(codes.loc[silent, "r1"].isna(), "3")
    other = replace(muted, codes={"resident": codes})
    pd.testing.assert_series_equal(
        by_subject(scored(other, scheme)), by_subject(scored(muted, scheme))
    )
