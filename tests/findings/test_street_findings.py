"""Peer groups, street means and changes: against sums written out by hand, and under a null street."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.optimize import brentq

import evalkit as ek
from evalkit.definitions.roster import Roster
from evalkit.findings import comparing, peer_groups, street_means
from evalkit.findings.rolling_up import roll_up
from evalkit.tables import Evaluation, Scores
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up


@pytest.fixture(scope="module")
def street() -> Evaluation:
    return made_up(Street(count=14, mean=80.0, between=2.0, incomplete={4: ("random",)}, new=(5,)))


def shared_raters(scores: Scores, share: float = 0.3) -> Scores:
    """The same scores, made dependent by raters who judge all committees."""
    common = share * float(scores.variance[0].mean())
    return replace(scores, covariance=scores.covariance + common)


def housed(roster: Roster, housing: list[str | None]) -> Roster:
    subjects = [
        s.model_copy(update={"housing": h, "zone": None})
        for s, h in zip(roster.subjects, housing, strict=True)
    ]
    return roster.model_copy(update={"subjects": subjects})


def compared(made: Evaluation, scores: Scores | None = None) -> pd.DataFrame:
    scores = scores or made.current.scores
    return peer_groups.compare(scores, made.scheme, made.roster)


# --- peer groups ---


def test_groups_of_all_committees_average_to_the_streets_mean(street: Evaluation) -> None:
    scores = street.current.scores
    table = compared(street)
    assert set(table["by"]) == {"zone", "housing"}
    for _, part in table.groupby("by"):
        assert part["n"].sum() == len(scores.subjects)
        assert np.average(part["mean"], weights=part["n"]) == pytest.approx(scores.composite.mean())


def test_a_kind_that_all_share_is_no_classification(street: Evaluation) -> None:
    assert "kind" not in set(compared(street)["by"])


def test_standard_errors_are_those_of_the_joint_covariance(street: Evaluation) -> None:
    scores = shared_raters(street.current.scores)
    table = compared(street, scores).set_index(["by", "value"])
    for (by, value), row in table.iterrows():
        inside = [getattr(street.roster.subject(s), by) == value for s in scores.subjects]
        size, rest = sum(inside), len(inside) - sum(inside)
        c = [1 / size if member else 0.0 for member in inside]
        variance = sum(
            a * b * scores.covariance[i, j] for i, a in enumerate(c) for j, b in enumerate(c)
        )
        assert row["se"] == pytest.approx(variance**0.5)
        d = [1 / size if member else -1 / rest for member in inside]
        assert row["difference"] == pytest.approx(
            sum(w * x for w, x in zip(d, scores.composite, strict=True))
        )


def test_what_all_committees_share_cancels_out_of_differences(street: Evaluation) -> None:
    scores = street.current.scores
    alone, together = compared(street, scores), compared(street, shared_raters(scores))
    assert (together["se"] > alone["se"]).all()
    np.testing.assert_allclose(together["difference_se"], alone["difference_se"])


def test_a_group_of_two_is_listed_without_a_test(street: Evaluation) -> None:
    count = len(street.roster.subjects)
    roster = housed(street.roster, ["里弄", "里弄", *["商品房", "公房"] * ((count - 2) // 2)])
    table = peer_groups.compare(street.current.scores, street.scheme, roster)
    few = table.set_index("value").loc["里弄"]
    assert few["n"] == 2
    assert few["verdict"] == "未检验"
    assert np.isnan(few["difference"])
    assert np.isfinite(few["se"])
    assert table.set_index("value").loc["公房", "verdict"] != "未检验"


def test_the_rest_too_must_be_three(street: Evaluation) -> None:
    count = len(street.roster.subjects)
    roster = housed(street.roster, ["里弄", "里弄", *["公房"] * (count - 2)])
    table = peer_groups.compare(street.current.scores, street.scheme, roster)
    assert set(table["verdict"]) == {"未检验"}


def test_two_groups_are_one_test(street: Evaluation) -> None:
    count = len(street.roster.subjects)
    roster = housed(street.roster, ["里弄", "公房"] * (count // 2))
    table = peer_groups.compare(street.current.scores, street.scheme, roster)
    first, second = table["difference"]
    assert first == pytest.approx(-second)
    assert len(set(table["p_adjusted"])) == 1
    scores, (here, there) = street.current.scores, table["n"]
    inside = [roster.subject(s).housing == table["value"].iloc[0] for s in scores.subjects]
    weights = np.where(inside, 1 / here, -1 / there)
    own = roll_up(weights, [peer_groups.composites(scores, tested=True)])
    x, mask = scores.composite, np.array(inside)
    squares = sum(((x[m] - x[m].mean()) ** 2).sum() for m in (mask, ~mask))
    units = squares / (len(x) - 2) * (1 / here + 1 / there)
    p = own.p
    if units > own.variance:
        p = 2 * stats.t.sf(abs(own.value) / units**0.5, len(x) - 2)
    assert table["p_adjusted"].iloc[0] == pytest.approx(p)


def test_committees_without_a_value_are_a_group_without_a_test(street: Evaluation) -> None:
    count = len(street.roster.subjects)
    roster = housed(street.roster, [None] * 4 + ["里弄", "公房"] * ((count - 4) // 2))
    table = peer_groups.compare(street.current.scores, street.scheme, roster)
    unknown = table.set_index("value").loc[""]
    assert unknown["verdict"] == "未检验"
    assert table["n"].sum() == len(street.current.scores.subjects)


def test_verdicts_follow_the_adjusted_p(street: Evaluation) -> None:
    made = made_up(Street(count=30, between=8.0, noise=0.2, mean=75.0))
    scores = made.current.scores
    better = dict(zip(scores.subjects, scores.composite > np.median(scores.composite), strict=True))
    roster = housed(
        made.roster, ["公房" if better.get(s.id) else "里弄" for s in made.roster.subjects]
    )
    sharp = peer_groups.compare(scores, made.scheme, roster)
    sharp = sharp[sharp["by"] == "housing"]
    alpha = 1 - street.scheme.confidence
    told = sharp["verdict"].isin(["高于", "低于"])
    assert told.any()
    assert (told == (sharp["p_adjusted"] < alpha)).all()
    assert (np.sign(sharp.loc[told, "difference"]) == 1).equals(
        sharp.loc[told, "verdict"] == "高于"
    )


def test_a_street_without_differences_is_rarely_accused(street: Evaluation) -> None:
    scores = street.current.scores
    k = len(scores.subjects)
    plain = replace(
        scores,
        variance=np.ones_like(scores.variance),
        df=np.full_like(scores.df, 1e6),
        covariance=np.eye(k),
        difference_variance=np.full_like(scores.difference_variance, 1 - 1 / k),
    )
    rng = np.random.default_rng(11)
    accused = []
    for _ in range(300):
        estimate = np.array(plain.estimate)
        estimate[0] = 80.0 + rng.normal(size=k)
        table = compared(street, replace(plain, estimate=estimate))
        zones = table[table["by"] == "zone"]
        accused.append(bool(zones["verdict"].isin(["高于", "低于"]).any()))
    assert 0.0 < np.mean(accused) < 0.10


def test_equal_scores_without_error_differ_in_nothing() -> None:
    table = compared(made_up(Street(count=12, constant=100.0)))
    assert not table["verdict"].isin(["高于", "低于"]).any()


# --- street means ---


def of_street(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["group"] == "all"].set_index("code")


def test_the_mean_of_dependent_scores_has_their_joint_variance(
    tiny_evaluation: ek.Evaluation,
) -> None:
    made = tiny_evaluation
    scores = made.current.scores
    assert np.abs(scores.covariance - np.diag(np.diag(scores.covariance))).max() > 0
    row = of_street(made.street_means).loc["composite"]
    assert row["mean"] == pytest.approx(scores.composite.mean())
    assert row["se"] == pytest.approx(np.sqrt(scores.covariance.mean()))


def test_every_measure_is_there_and_averages_its_committees(street: Evaluation) -> None:
    scores = street.current.scores
    table = of_street(street.street_means)
    assert list(table.index) == [measure.code for measure in scores.measures]
    np.testing.assert_allclose(table["mean"], scores.estimate.mean(axis=1))
    assert ((table["low"] < table["mean"]) & (table["mean"] < table["high"])).all()


def test_a_change_is_that_of_the_committees_in_both_waves(street: Evaluation) -> None:
    row = of_street(street.street_means).loc["composite"]
    changes = street.waves[street.wave].changes
    assert len(changes.table) < len(street.current.scores.subjects)
    assert row["change"] == pytest.approx(changes.street_change)
    assert row["previous"] == pytest.approx(changes.table["score_from"].mean())
    assert row["change_low"] < row["change"] < row["change_high"]


def test_what_was_asked_otherwise_is_not_compared(street: Evaluation) -> None:
    first, last = street.waves
    cells = {
        first: replace(
            street.waves[first].cells,
            definitions={**street.waves[first].cells.definitions, "A1": "other"},
        ),
        last: street.waves[last].cells,
    }
    now, before = (replace(street.waves[wave], cells=cells[wave]) for wave in (last, first))
    table = of_street(street_means.means(now, before, street.scheme))
    untold = set(table.index[table["verdict"] == "未比较"])
    assert untold == {"A", "A1"}
    assert np.isfinite(table.loc["composite", "change"])


def test_a_first_wave_has_no_changes() -> None:
    table = made_up(Street(count=4, waves=("2016",))).street_means
    assert table["change"].isna().all()
    assert set(table["verdict"]) == {"未比较"}


def test_a_groups_mean_leaves_out_what_may_not_be_published() -> None:
    made = made_up(Street(count=8, few={2: "peer", 6: "peer"}))
    row = made.street_means.set_index(["group", "code"]).loc[("peer", "composite")]
    scores = made.current.scores
    listed = scores.indicators
    own = listed[(listed["group"] == "peer") & (listed["code"] == "composite")]
    assert own["estimate"].isna().sum() == 2
    assert row["n"] == 6
    assert row["mean"] == pytest.approx(own["estimate"].mean())


def test_one_committee_has_no_street() -> None:
    assert not len(made_up(Street(count=1, waves=("2016",))).street_means)


# --- changes ---


def test_intervals_of_changes_are_those_of_their_test(street: Evaluation) -> None:
    """The smallest Holm-adjusted p-value is that of the interval's t, times the committees."""
    before, after = (street.waves[wave].scores for wave in ("2015", "2016"))
    few = replace(after, df=np.full_like(after.df, 6.0))
    changes = comparing.compare(before, few, street.scheme, street.roster, draws=2000, seed=1)
    table = changes.table.set_index("subject")
    quantiles = changes.margin / table["se"]
    least = table["p_adjusted"].idxmin()
    df = brentq(lambda d: stats.t.ppf(0.975, d) - quantiles[least], 1.0, 1e3)
    assert df < 30.0
    t = abs(table.loc[least, "relative_change"]) / table.loc[least, "se"]
    expected = len(table) * 2 * stats.t.sf(t, df)
    assert expected < 1.0
    assert table.loc[least, "p_adjusted"] == pytest.approx(expected, rel=1e-6)
