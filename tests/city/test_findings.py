"""What is told of a city: numbers by hand, and a made-up city whose truth is found again."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evalkit import simulation
from evalkit.codes import Band, Comparison, StreetState
from evalkit.definitions.scheme import Scheme
from evalkit.findings import city as findings
from evalkit.methods import rank_sets, shrinkage
from evalkit.methods.multiplicity import benjamini_hochberg, holm
from evalkit.simulation.city import seed_of
from evalkit.simulation.demo import demo_documents


@cache
def scheme() -> Scheme:
    return demo_documents()[0]


def streets(*ids: str, states: dict[str, StreetState] | None = None) -> pd.DataFrame:
    told = states or {}
    return pd.DataFrame(
        {
            "street": ids,
            "name": [f"街道{one}" for one in ids],
            "district": ["东区" if one < "s3" else None for one in ids],
            "state": [told.get(one, StreetState.DONE).value for one in ids],
            "committees": [4 if one not in told else None for one in ids],
        }
    )


def tables(
    rows: list[tuple[str, str, str, float, float, float, float, float]],
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Committees, indicators and freedom of (street, subject, housing, key, se, random, se, df)."""
    committees = pd.DataFrame(
        [(s, c, f"名{c}", "居民区", h) for s, c, h, *_ in rows],
        columns=["street", "subject", "name", "kind", "housing"],
    )
    told, free = [], []
    for street, subject, _, key, key_se, other, other_se, df in rows:
        for group, value, se in (("key", key, key_se), ("random", other, other_se)):
            told.append((street, subject, "composite", group, value, se))
            free.append((street, subject, group, df))
        told.append((street, subject, "composite", "department", 1.0, 1.0))
        told.append((street, subject, "dimension", "key", 2.0, 1.0))
    indicators = pd.DataFrame(
        told, columns=["street", "subject", "level", "rater_group", "estimate", "se"]
    )
    return (
        committees,
        indicators,
        pd.DataFrame(free, columns=["street", "subject", "rater_group", "df"]),
    )


EIGHT = [
    ("s1", "a", "新", 90.0, 1.0, 80.0, 2.0, 9.0),
    ("s1", "b", "新", 86.0, 1.0, 82.0, 2.0, 9.0),
    ("s2", "c", "新", 70.0, 1.0, 72.0, 2.0, 9.0),
    ("s2", "d", "新", 80.0, 1.0, 81.0, 2.0, 9.0),
    ("s2", "e", "旧", 75.0, 1.0, np.nan, np.nan, 9.0),
    ("s3", "f", "旧", 77.0, 1.0, 79.0, 2.0, 9.0),
    ("s3", "g", "新", 88.0, 1.0, 83.0, 2.0, 9.0),
    ("s3", "h", "", 60.0, 1.0, 60.0, 2.0, 9.0),
]


def weights() -> tuple[float, float]:
    """The share of each group of residents in the residents' score, from the scheme's own weights."""
    own = {g.code: scheme().weights()[at].sum() for at, g in enumerate(scheme().groups)}
    return own["key"] / (own["key"] + own["random"]), own["random"] / (own["key"] + own["random"])


def found(rows: list[tuple[str, str, str, float, float, float, float, float]]) -> findings.Findings:
    return findings.find(
        streets("s1", "s2", "s3", "s4", states={"s4": StreetState.FAULTY}),
        *tables(rows),
        scheme(),
        ["housing"],
        wave="2016",
        draws=2000,
        seed=3,
    )


def test_the_residents_score_is_that_of_their_groups_by_their_weights() -> None:
    scores = found(EIGHT).scores.set_index("subject")
    k, r = weights()
    assert k > r > 0
    assert list(scores.index) == ["a", "b", "c", "d", "f", "g", "h"]  # of e one group is not told
    assert scores.loc["a", "score"] == pytest.approx(90 * k + 80 * r)
    variance = k**2 + (2 * r) ** 2
    assert scores.loc["a", "variance"] == pytest.approx(variance)
    assert scores.loc["a", "df"] == pytest.approx(variance**2 / ((k**4 + (2 * r) ** 4) / 9.0))


def test_a_streets_mean_its_set_of_places_and_its_difference_from_the_others() -> None:
    told = found(EIGHT).streets
    k, r = weights()
    v = k**2 + (2 * r) ** 2
    df = v**2 / ((k**4 + (2 * r) ** 4) / 9.0)
    means = np.array(
        [
            (90 + 86) / 2 * k + (80 + 82) / 2 * r,
            (70 + 80) / 2 * k + (72 + 81) / 2 * r,
            (77 + 88 + 60) / 3 * k + (79 + 83 + 60) / 3 * r,
        ]
    )
    n = np.array([2, 2, 3])
    own, free = v / n, df * n
    assert told["mean"][:3].tolist() == pytest.approx(means.tolist())
    assert told["se"][:3].tolist() == pytest.approx(np.sqrt(own).tolist())
    reach = stats.t.ppf(0.975, free[0]) * np.sqrt(own[0])
    assert told.loc[0, ["low", "high"]].tolist() == pytest.approx(
        [means[0] - reach, means[0] + reach]
    )
    assert told["n"].tolist() == [2, 2, 3, 0]
    pairs = (own[:, None] + own) ** 2 / ((own**2 / free)[:, None] + own**2 / free)
    sets = rank_sets.rank_sets(means, own, draws=2000, seed=3, df=pairs)
    assert told["rank"][:3].tolist() == sets.rank.tolist() == [1, 2, 3]
    assert told["rank_low"][:3].tolist() == sets.low.tolist()
    assert told["rank_high"][:3].tolist() == sets.high.tolist()
    differences, p = [], []
    for at in range(3):
        rest = [other for other in range(3) if other != at]
        difference = means[at] - means[rest].mean()
        variance = own[at] + own[rest].sum() / 4
        freedom = variance**2 / (
            own[at] ** 2 / free[at] + sum(own[i] ** 2 / free[i] for i in rest) / 16
        )
        differences.append(difference)
        p.append(2 * stats.t.sf(abs(difference) / np.sqrt(variance), freedom))
    assert told["difference"][:3].tolist() == pytest.approx(differences)
    assert told["p_adjusted"][:3].tolist() == pytest.approx(holm(p).tolist())
    assert told["verdict"].tolist() == [
        Comparison.ABOVE,
        Comparison.BELOW,
        Comparison.BELOW,
        Comparison.UNTESTED,
    ]


def test_a_street_without_results_is_listed_and_has_no_number() -> None:
    last = found(EIGHT).streets.iloc[3]
    assert last["state"] == StreetState.FAULTY
    assert last[["committees", "mean", "rank", "difference"]].isna().all()
    assert list(findings.missing(found(EIGHT).streets)["street"]) == ["s4"]


def test_a_committee_is_set_against_the_others_of_its_like_in_all_streets() -> None:
    told = found(EIGHT).peers.set_index("subject")
    k, r = weights()
    x = {c: key * k + other * r for _, c, _, key, _, other, _, _ in EIGHT}
    v = k**2 + (2 * r) ** 2
    df = v**2 / ((k**4 + (2 * r) ** 4) / 9.0)
    like = ["a", "b", "c", "d", "g"]
    p = []
    for one in like:
        rest = [other for other in like if other != one]
        difference = x[one] - np.mean([x[other] for other in rest])
        variance = v + v / 4
        freedom = variance**2 / (v**2 / df * (1 + 4 / 4**4))
        p.append(2 * stats.t.sf(abs(difference) / np.sqrt(variance), freedom))
        assert told.loc[one, "n"] == 4
        assert told.loc[one, "difference"] == pytest.approx(difference)
        assert told.loc[one, "difference_se"] == pytest.approx(np.sqrt(variance))
    assert told.loc[like, "p_adjusted"].tolist() == pytest.approx(benjamini_hochberg(p).tolist())
    drawn = shrinkage.shrink([x[one] for one in like], [v] * 5)
    assert told.loc[like, "shrunken"].tolist() == pytest.approx(drawn.estimate.tolist())
    # Two of one kind are too few, and who has no kind has no like.
    assert told.loc["f", ["verdict", "n"]].tolist() == [Comparison.UNTESTED, 0]
    assert told.loc["h", ["verdict", "peers", "n"]].tolist() == [Comparison.UNTESTED, "", 0]
    assert told.loc[["f", "h"], ["mean", "difference", "shrunken"]].isna().all().all()
    assert told.loc["c", "band"] == Band.FAR_BELOW
    assert told.loc["a", "verdict"] == Comparison.ABOVE
    assert "rank" not in told  # a city has no places for committees


def test_groups_are_of_three_committees_at_least_and_of_one_classification_at_a_time() -> None:
    told = found(EIGHT).groups
    assert told[["by", "value", "streets", "n"]].to_numpy().tolist() == [
        ["peers", "新", 3, 5],
        ["district", "东区", 2, 4],
    ]
    k, r = weights()
    expected = np.mean([90, 86, 70, 80, 88]) * k + np.mean([80, 82, 72, 81, 83]) * r
    assert told.loc[0, "mean"] == pytest.approx(expected)
    assert told.loc[0, "se"] == pytest.approx(np.sqrt((k**2 + (2 * r) ** 2) / 5))


def test_no_number_of_a_city_moves_with_what_a_street_does_not_publish() -> None:
    """So nothing that is kept back can be had by subtraction, whatever tables are crossed."""
    kept_back = [
        row if row[1] != "e" else (*row[:3], 12.0, 5.0, np.nan, np.nan, 3.0) for row in EIGHT
    ]
    one, other = found(EIGHT), found(kept_back)
    for name in ("streets", "peers", "groups"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
    gone = found([row for row in EIGHT if row[1] != "e"])
    pd.testing.assert_frame_equal(one.streets, gone.streets)


def test_one_street_alone_and_answers_all_alike_are_not_compared() -> None:
    flat = [(s, c, h, 80.0, 0.0, 80.0, 0.0, 9.0) for s, c, h, *_ in EIGHT]
    told = found(flat)
    assert told.streets["mean"].isna().all()
    assert (told.streets["verdict"] == Comparison.UNTESTED).all()
    assert (told.peers["verdict"] == Comparison.UNTESTED).all()
    alone = found([row for row in EIGHT if row[0] == "s1"]).streets
    assert alone.loc[0, "mean"] > 0
    assert alone["rank"].isna().all()


def test_the_truth_of_a_simulated_city_is_found_again() -> None:
    """Streets of 20 committees, sampled as residents answer: within what the errors say."""
    truth = simulation.invent(6, committees=20, issued={"key": 60, "random": 60}, seed=11)
    true = truth.residents(scheme())
    rows = []
    for home, own in truth.streets:
        sample = simulation.simulate(own, scheme(), demo_documents()[1], seed=seed_of(11, home.id))
        for at, subject in enumerate(own.subjects):
            means = {}
            for group in ("key", "random"):
                mine = sample.sheets["2016", group].subject == at
                scores = sample.indicator_scores("2016", group)[mine]
                place = own.groups.index(group)
                weight = scheme().weights()[place] / scheme().weights()[place].sum()
                complete = scores[np.isfinite(scores[:, weight > 0]).all(axis=1)]
                one = complete[:, weight > 0] @ weight[weight > 0]
                means[group] = (one.mean(), one.std(ddof=1) / np.sqrt(len(one)), len(one) - 1)
            (a, b, n), (c, d, _) = means["key"], means["random"]
            rows.append((home.id, subject.id, subject.housing or "", a, b, c, d, float(n)))
    committees, indicators, freedom = tables(rows)
    homes = pd.DataFrame(
        [(h.id, h.name, h.district, StreetState.DONE.value, 20) for h, _ in truth.streets],
        columns=["street", "name", "district", "state", "committees"],
    )
    told = findings.find(
        homes,
        committees,
        indicators,
        freedom,
        scheme(),
        ["housing"],
        wave="2016",
        draws=2000,
        seed=1,
    )
    means = true.groupby("street", sort=False)["score"].mean()
    errors = (told.streets.set_index("street")["mean"] - means) / told.streets["se"].to_numpy()
    assert errors.abs().max() < 3.5
    ranks = (-means).rank().to_numpy()
    assert (told.streets["rank_low"] <= ranks).all()
    assert (ranks <= told.streets["rank_high"]).all()
    deserved = true.set_index("subject")["score"]
    deviations = (told.scores.set_index("subject")["score"] - deserved) / np.sqrt(
        told.scores["variance"].to_numpy()
    )
    assert 0.8 < deviations.std() < 1.25
    peers = true.groupby("housing")["score"].transform("mean")
    better = dict(zip(true["subject"], true["score"] - peers, strict=True))
    sure = told.peers[told.peers["verdict"].isin([Comparison.ABOVE, Comparison.BELOW])]
    assert len(sure) >= 10
    wrong = [
        (better[row.subject] > 0) != (row.verdict == Comparison.ABOVE) for row in sure.itertuples()
    ]
    assert np.mean(wrong) <= 0.1
