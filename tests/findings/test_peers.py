"""Every committee beside the others of its zone, housing and kind: by hand, and in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from evalkit.findings import peer_groups
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import movement
from evalkit.tables import Evaluation
from tests.findings.small_street import one_group, roster_of, scores_of
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up


@pytest.fixture(scope="module")
def street() -> Evaluation:
    made = made_up(Street(count=14, noise=0.4))
    table = peer_groups.beside(made.current.scores, made.scheme, made.roster)
    return replace(made, peers=table)


def test_the_others_mean_and_the_difference_are_those_of_the_scores(street: Evaluation) -> None:
    scores = street.current.scores
    subjects = {s.id: s for s in street.roster.subjects}
    assert len(street.peers) > 14
    for row in street.peers.to_dict("records"):
        own = scores.subjects.index(row["subject"])
        others = [
            at
            for at, subject in enumerate(scores.subjects)
            if at != own and getattr(subjects[subject], row["by"]) == row["value"]
        ]
        assert row["n"] == len(others) >= 3
        assert row["mean"] == pytest.approx(scores.composite[others].mean())
        assert row["difference"] == pytest.approx(scores.composite[own] - row["mean"])
        weights = np.zeros(len(scores.subjects))
        weights[others], weights[own] = -1 / len(others), 1
        plain = weights @ scores.covariance @ weights
        assert row["difference_se"] == pytest.approx(plain**0.5, rel=0.05)
        sure = row["p_adjusted"] < 1 - street.scheme.confidence
        way = "高于" if row["difference"] > 0 else "低于"
        assert row["verdict"] == (way if sure else "无显著差异")
    assert {"高于", "低于"} & set(street.peers["verdict"])


def test_with_fewer_than_three_others_there_is_nothing(street: Evaluation) -> None:
    subjects = [
        subject.model_copy(update={"zone": "北片" if at < 3 else "南片", "housing": "", "kind": ""})
        for at, subject in enumerate(street.roster.subjects)
    ]
    roster = street.roster.model_copy(update={"subjects": subjects})
    found = peer_groups.beside(street.current.scores, street.scheme, roster)
    assert set(found["value"]) == {"南片"}
    assert set(found["by"]) == {"zone"}
    one = roster.model_copy(
        update={"subjects": [s.model_copy(update={"zone": "南片"}) for s in subjects]}
    )
    assert not len(peer_groups.beside(street.current.scores, street.scheme, one))


ZONE = ["东"] * 4 + [None] * 4 + ["西"] * 2
HOUSING = ["公房"] * 3 + ["里弄"] * 4 + [None] * 3


def test_three_others_are_enough_two_are_not_and_who_has_no_value_has_no_like() -> None:
    """Of 70, 72, 74, 90 in the east the last is 18 above the mean of the others, of variance 6 + 6/3.

    Four degrees of each make 8² / (6² + 3·(2/3)²)·4; four tests of zones, and four of housing.
    """
    points = [70.0, 72, 74, 90, 71, 73, 75, 60, 61, 62]
    scores = scores_of(points, 6.0, df=4.0)
    found = peer_groups.beside(
        scores, one_group(), roster_of("abcdefghij", zone=ZONE, housing=HOUSING)
    )
    assert list(zip(found["by"], found["subject"], found["value"], strict=True)) == [
        *(("zone", one, "东") for one in "abcd"), *(("housing", one, "里弄") for one in "defg"),
    ]  # fmt: skip
    assert (found["n"] == 3).all()
    east = found[found["by"] == "zone"]
    assert list(east["mean"]) == pytest.approx([236 / 3, 78, 232 / 3, 72])
    assert list(east["difference"]) == pytest.approx([-26 / 3, -6, -10 / 3, 18])
    assert list(east["difference_se"]) == pytest.approx([8**0.5] * 4)
    df = 4 * 64 / (36 + 3 * (2 / 3) ** 2)
    reach = 8**0.5 * stats.t.ppf(0.975, df)
    assert list(east["difference_high"]) == pytest.approx(list(east["difference"] + reach))
    p = 2 * stats.t.sf(abs(east["difference"].to_numpy()) / 8**0.5, df)
    assert list(east["p_adjusted"]) == pytest.approx([3 * p[0], 2 * p[1], p[2], 4 * p[3]])
    assert list(east["verdict"]) == ["无显著差异"] * 3 + ["高于"]


def test_beside_others_without_any_error_a_mean_is_told_and_nothing_tested() -> None:
    scores = scores_of([70.0, 72, 74, 90, 50], [0.0] * 5, df=4.0)
    found = peer_groups.beside(scores, one_group(), roster_of("abcde", zone=["东"] * 4 + ["西"]))
    assert list(found["mean"]) == pytest.approx([236 / 3, 78, 232 / 3, 72])
    assert list(found["verdict"]) == ["未检验"] * 4
    assert found[["difference", "difference_se", "p_adjusted"]].isna().all(axis=None)


def test_a_diagnosis_says_it_without_naming_anybody(street: Evaluation) -> None:
    common = known.common(street)
    names = [subject.name for subject in street.roster.subjects]
    for subject in street.current.scores.subjects:
        told = movement.peers(known.gather(common, subject))
        rows = street.peers[street.peers["subject"] == subject].to_dict("records")
        assert len(told) == len(rows)
        for text, row in zip(told, rows, strict=True):
            assert f"（{row['value']}）其余 {row['n']} 个居民区平均 {row['mean']:.1f} 分" in text
            assert f"{abs(row['difference']):.1f} ±" in text
            sure = row["verdict"] != "无显著差异"
            assert text.endswith(f"明显{row['verdict']}同类平均。" if sure else "分不出高低。")
            assert not any(name in text for name in names)
