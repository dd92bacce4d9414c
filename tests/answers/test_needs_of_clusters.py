"""Needs and kinds of residents whose answers come in clusters, by hand and against R's svyciprop."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evalkit.answers.listening import listen
from evalkit.answers.residents import Residents
from evalkit.methods.moments import cell_moments
from evalkit.tables import ALL_GROUPS, Answers
from tests.answers.test_listening import forms, line, made, needs_of, roster, scheme
from tests.deciding import decided
from tests.goldens import FOLDER, golden


def clustered(answers: Answers, cluster: list[str]) -> Answers:
    return replace(answers, respondents=answers.respondents.assign(cluster=cluster))


def test_a_need_of_buildings_has_the_interval_of_svyciprop() -> None:
    """Three committees of R's own clusters; an answer of 85 and more stands for a tick."""
    rows = pd.read_csv(FOLDER / "clusters_answers.csv").query("wave == 2")
    places = {"a": 0, "b": 1, "c": 2}
    given = [
        (places[c], "key", "1" if q >= 85 else "2", "")
        for c, q in zip(rows["committee"], rows["q1"], strict=True)
    ]
    answers = clustered(made(given, rows["weight"].tolist()), rows["building"].tolist())
    needs = needs_of(answers, 3).table
    expected, told = golden("proportions")["content"], 0
    for committee, at in places.items():
        own = needs[(needs["subject"] == f"s{at}") & (needs["option"] == "1")]
        case = expected[f"{committee}2"]
        for _, row in own.iterrows():
            told += 1
            found = [row["share"], row["se"], row["low"], row["high"]]
            assert found == pytest.approx([case["share"], case["se"], *case["student"]], rel=1e-6)
    assert told >= 2


def blocks(count: int, size: int, like: bool) -> tuple[list[tuple[int, str, str, str]], list[str]]:
    """Return two committees in buildings: neighbours tick alike, or every other one does."""
    rows, cluster = [], []
    for k in range(2):
        for b in range(count):
            for at in range(size):
                ticks = (b if like else at) % 2 if k else (b if like else at) % 4 == 0
                rows.append((k, "key", "1" if ticks else "2", ""))
                cluster.append(f"{k}-{b}")
    return rows, cluster


def test_neighbours_who_tick_alike_are_worth_less() -> None:
    """Twelve buildings of four: a building is worth one answer, and nothing is sure any more."""
    rows, cluster = blocks(12, 4, like=True)
    plain, own = needs_of(made(rows), 2).table, needs_of(clustered(made(rows), cluster), 2).table
    one = line(own, "s1", "1")
    assert one["share"] == 0.5
    assert one["se"] ** 2 == pytest.approx(12 / 11 * 0.25 / 12)
    reach = stats.t.ppf(0.975, 11) * one["se"] / 0.25
    assert one["high"] == pytest.approx(1 / (1 + np.exp(-reach)))
    street = line(own, ALL_GROUPS, "1")
    both = [line(own, s, "1")["se"] for s in ("s0", "s1")]
    assert street["se"] == pytest.approx(np.hypot(*both) / 2)
    assert line(plain, "s1", "1")["p_adjusted"] < 0.05 < one["p_adjusted"]
    assert one["se"] > 1.9 * line(plain, "s1", "1")["se"]


def test_clusters_that_differ_less_than_chance_make_nothing_surer_of_a_verdict() -> None:
    rows, cluster = blocks(12, 4, like=False)
    plain, own = needs_of(made(rows), 2).table, needs_of(clustered(made(rows), cluster), 2).table
    np.testing.assert_array_equal(own["p_adjusted"], plain["p_adjusted"])
    # All buildings of the second committee tick alike: its share has the street's variance.
    one, street = line(own, "s1", "1"), line(own, ALL_GROUPS, "1")["share"]
    assert (one["share"], street) == (0.5, 0.375)
    assert one["se"] ** 2 == pytest.approx(street * (1 - street) / 48)


def test_a_declared_design_effect_stands_in_for_clusters_that_nobody_recorded() -> None:
    rows, _ = blocks(12, 4, like=True)
    groups = tuple(
        group.model_copy(update={"design_effect": 2.25}) if group.code == "key" else group
        for group in scheme().groups
    )
    document = decided(scheme().model_copy(update={"groups": groups}), forms(), roster(2))
    answers = made(rows)
    plain, own = needs_of(answers, 2).table, listen(answers, document)[0].table
    assert own["se"].to_numpy() == pytest.approx(1.5 * plain["se"].to_numpy())
    assert line(own, "s1", "1")["p_adjusted"] > line(plain, "s1", "1")["p_adjusted"]


def test_a_part_of_the_residents_is_worth_what_all_parts_clusters_say() -> None:
    """One design effect of all parts, from their variances added up."""
    rows, cluster = blocks(12, 4, like=True)
    answers = clustered(made(rows), cluster)
    people = Residents.of(answers, decided(scheme(), forms(), roster(2)), 10)
    ticked = np.array([[row[2] == "1"] for row in rows], dtype=np.float64)
    parts = [np.arange(48), np.arange(48, 96)]
    found = people.shares([(at, ticked[at]) for at in parts])
    labels = np.array(cluster)
    over = sum(
        cell_moments(ticked[at], np.ones(48), clusters=labels[at]).covariance for at in parts
    )
    alone = sum(cell_moments(ticked[at], np.ones(48)).covariance for at in parts)
    assert found.effective == pytest.approx([48 / float(over[0, 0] / alone[0, 0])] * 2)
    assert found.df.tolist() == [11, 11]
