"""Answers of one building: what they are worth, what is said of them, and what is odd."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evalkit.answers.clustering import declared_effects, design_effects, notes
from evalkit.answers.measuring import measure
from evalkit.definitions.decided import Decided
from evalkit.definitions.roster import Roster, Subject
from evalkit.definitions.scheme import Scheme
from evalkit.errors import Note
from evalkit.findings import planning, ranking, scoring
from evalkit.pages.press.sentences import said
from evalkit.tables import Answers, Cells
from tests.answers import street
from tests.answers.street import InMemory
from tests.deciding import decided

CODES = {100.0: "1", 50.0: "2", 0.0: "3"}
ROSTER = Roster(subjects=[Subject(id=s, name=f"{s}居民区") for s in ("jia", "yi")])
GIVEN = {
    "jia": ([100.0, 100.0, 50.0, 50.0, 0.0, 100.0], ["a", "a", "b", "b", "c", "c"]),
    "yi": ([50.0, 100.0, 0.0, 0.0, 100.0, 100.0], ["a", "a", "b", "b", "c", "d"]),
}


def made(given: dict[str, tuple[list[float], list[str]]] = GIVEN) -> Answers:
    """Key residents who give every question the same score, from these buildings."""
    subject = [s for s, (scores, _) in given.items() for _ in scores]
    cluster = [f"{s}{b}" if b else "" for s, (_, own) in given.items() for b in own]
    codes = [CODES[score] for scores, _ in given.values() for score in scores]
    form = street.small()[1]["resident"]
    items = dict.fromkeys(("r1", "r2", "r3", "overall"), codes)
    found = street.answers("2016", form, items, group=["key"] * len(codes), subject=subject)
    return replace(found, respondents=found.respondents.assign(cluster=cluster))


def known(**changes: object):  # type: ignore[no-untyped-def]
    scheme, forms = street.small()
    document = scheme.model_dump()
    document["groups"][0] |= changes
    return decided(Scheme.model_validate(document), forms, ROSTER)


def measured(answers: Answers, **changes: object) -> Cells:
    return measure(answers, known(**changes), InMemory())


def by_hand(scores: list[float], buildings: list[str]) -> float:
    """c/(c - 1) times the sum over buildings of (sum of distances from the mean / n) squared."""
    x = np.array(scores)
    each = [
        sum(x[i] - x.mean() for i in range(len(x)) if buildings[i] == b) / len(x)
        for b in sorted(set(buildings))
    ]
    return len(each) / (len(each) - 1) * sum(z**2 for z in each)


def test_variances_are_those_of_buildings() -> None:
    key = measured(made()).groups["key"]
    for at, (scores, buildings) in enumerate(GIVEN.values()):
        np.testing.assert_allclose(key.covariance[at], by_hand(scores, buildings), rtol=1e-12)
    assert key.df.tolist() == [2, 3]
    assert key.n.tolist() == [6, 6]


def test_an_answer_is_worth_so_much_less_in_all_committees() -> None:
    """The design effect: variances over buildings against those of independent answers."""
    key = measured(made()).groups["key"]
    together = sum(by_hand(*own) for own in GIVEN.values())
    alone = sum(np.var(scores, ddof=1) / 6 for scores, _ in GIVEN.values())
    assert together / alone > 1
    np.testing.assert_allclose(key.n_effective, 6 * alone / together, rtol=1e-12)
    (row,) = design_effects(made(), known()).query("group == 'key'").itertuples()
    assert (row.basis, row.n, row.clusters) == ("recorded", 12, 7)
    assert row.design_effect == pytest.approx(together / alone)
    # Sizes 2, 2, 2, 2, 2, 1, 1: (5 * 4 + 2) / 12 answers beside which an answer stands.
    assert row.icc == pytest.approx((together / alone - 1) / (22 / 12 - 1))


def test_without_buildings_answers_are_independent_and_the_default_is_told() -> None:
    plain = {s: (scores, [""] * 6) for s, (scores, _) in GIVEN.items()}
    key = measured(made(plain)).groups["key"]
    np.testing.assert_allclose(key.covariance[0, 0, 0], np.var(GIVEN["jia"][0], ddof=1) / 6)
    table = design_effects(made(plain), known())
    assert table[["basis", "design_effect"]].to_numpy().tolist() == [["assumed", 1.0]] * 2
    assert list(notes(made(plain), known())) == []


def test_a_declared_design_effect_enlarges_variances_where_nothing_is_recorded() -> None:
    plain = {s: (scores, [""] * 6) for s, (scores, _) in GIVEN.items()}
    alone = measured(made(plain)).groups["key"]
    key = measured(made(plain), design_effect=1.5).groups["key"]
    np.testing.assert_allclose(key.covariance, 1.5 * alone.covariance)
    np.testing.assert_allclose(key.n_effective, [4.0, 4.0])
    assert key.df.tolist() == [3.0, 3.0]  # as many independent answers, less one
    table = design_effects(made(plain), known(design_effect=1.5))
    assert table.loc[0, ["basis", "design_effect"]].tolist() == ["declared", 1.5]
    recorded = measured(made(), design_effect=1.5).groups["key"]
    np.testing.assert_allclose(recorded.covariance, measured(made()).groups["key"].covariance)


def odd(answers: Answers) -> list[Note]:
    return list(notes(answers, known()))


def test_a_committee_of_one_building_counts_as_one_answer_and_is_named() -> None:
    given = {**GIVEN, "jia": (GIVEN["jia"][0], ["a"] * 6)}
    (note,) = odd(made(given))
    assert note.code == "one_cluster"
    assert note.facts["subjects"] == ("jia居民区",)
    assert "jia居民区" in said(note)
    cells = measured(made(given))
    key = cells.groups["key"]
    assert key.df.tolist() == [0, 3]
    assert np.isnan(key.covariance[0]).all()
    scheme = known().scheme
    both = {**cells.groups, "random": key}
    found = scoring.score(replace(cells, groups=both), scheme, known().roster)
    assert found.errors_known
    one, other = found.variance[0]
    assert one > 3 * other  # one answer beside six in four buildings


def test_a_building_for_every_answer_says_nothing_and_is_told() -> None:
    each = {s: (scores, list("abcdef")) for s, (scores, _) in GIVEN.items()}
    (note,) = odd(made(each))
    assert (note.code, note.count) == ("cluster_per_respondent", 12)
    plain = {s: (scores, [""] * 6) for s, (scores, _) in GIVEN.items()}
    np.testing.assert_allclose(
        measured(made(each)).groups["key"].covariance,
        measured(made(plain)).groups["key"].covariance,
    )


def test_answers_without_a_building_are_counted_and_each_is_one_of_its_own() -> None:
    given = {**GIVEN, "yi": (GIVEN["yi"][0], ["a", "a", "b", "b", "", ""])}
    (note,) = odd(made(given))
    assert (note.code, note.count) == ("cluster_missing", 2)
    key, whole = measured(made(given)).groups["key"], measured(made()).groups["key"]
    np.testing.assert_allclose(key.covariance, whole.covariance)


def test_a_plan_for_the_next_wave_asks_for_as_many_more_as_the_design_effect() -> None:
    """Half-widths follow variances: with an effect of 2 twice as many answers are needed."""
    rng = np.random.default_rng(1)
    given = {
        s: (rng.choice([100.0, 50.0, 0.0], 40, p=p).tolist(), [""] * 40)
        for s, p in (("jia", [0.6, 0.3, 0.1]), ("yi", [0.3, 0.3, 0.4]))
    }
    needed = []
    for effect in (1.0, 2.0):
        by = known(design_effect=effect)
        whole = by.scheme.groups[0].model_copy(update={"weight": 100.0})
        alone = by.scheme.model_copy(update={"groups": [whole]})
        cells = measure(made(given), by.under(alone), InMemory())
        scores = scoring.score(cells, alone, ROSTER)
        ranks = ranking.rank(scores, ROSTER, confidence=0.95, draws=500, seed=1)
        plan = planning.plan(cells, scores, ranks, alone, {}).set_index(["target", "group"])
        needed.append(plan.loc[("half-width 2", "key"), "n_total"])
    assert needed[1] == pytest.approx(2 * needed[0], rel=0.01)


def several(*rows: tuple[str, str, str, float]) -> Answers:
    """Answers of these groups and committees, from these buildings, each the same to every question."""
    group, subject, cluster, scores = (list(column) for column in zip(*rows, strict=True))
    codes = [CODES[score] for score in scores]
    items = dict.fromkeys(("r1", "r2", "r3", "overall"), codes)
    found = street.answers(
        "2016", street.small()[1]["resident"], items, group=group, subject=subject
    )
    return replace(found, respondents=found.respondents.assign(cluster=cluster))


OFFICES = {"code": "office", "name": "科室", "weight": 10.0, "questionnaire": "resident",
           "raters": "rater"}  # fmt: skip
LINE = {"code": "line", "name": "热线", "weight": 10.0, "ledger": "hotline"}


def with_others() -> Decided:
    """Offices and records stand before residents, of whom the second group counts by a design effect."""
    scheme, forms = street.small()
    document = scheme.model_dump()
    key, random = document["groups"]
    key |= {"weight": 48.0, "design_effect": 3.0}
    random |= {"weight": 32.0, "design_effect": 1.5}
    document |= {"groups": [OFFICES, LINE, key, random], "residents_weight": None}
    return decided(Scheme.model_validate(document), forms, ROSTER)


def test_what_is_odd_about_one_group_keeps_nothing_of_another_from_being_told() -> None:
    """Offices have no buildings; every key resident that tells one has its own; both random ones of
    jia one. Of yi a single random resident answered, which is no committee of one building.
    """
    answers = several(
        ("office", "jia", "hall", 50.0), ("office", "jia", "hall", 50.0), ("office", "yi", "hall", 50.0),
        ("key", "jia", "a", 100.0), ("key", "jia", "b", 50.0), ("key", "jia", "", 50.0),
        *[("random", "jia", "c", x) for x in (100.0, 50.0)], ("random", "yi", "d", 50.0),
    )  # fmt: skip
    found = list(notes(answers, with_others()))
    assert [(str(n.code), n.where, n.count) for n in found] == [
        ("cluster_per_respondent", "2016:key", 2), ("one_cluster", "2016:random", 1),
    ]  # fmt: skip
    assert found[1].facts["subjects"] == ("jia居民区",)
    nowhere = replace(answers, respondents=answers.respondents.assign(cluster=""))
    assert list(notes(nowhere, with_others())) == []
    silent = answers.respondents.assign(
        cluster=lambda t: t["cluster"].mask(t["group"] == "key", "")
    )
    told = list(notes(replace(answers, respondents=silent), with_others()))
    assert [(str(n.code), n.where) for n in told] == [("one_cluster", "2016:random")]


def test_design_effects_are_of_groups_that_answer_for_themselves() -> None:
    """Random residents of jia: 100 and 100 in one building, 0 and 0 in another; key ones tell none."""
    rows = [
        ("random", "jia", b, x) for b, x in (("c", 100.0), ("c", 100.0), ("d", 0.0), ("d", 0.0))
    ]
    answers = several(*rows, ("key", "jia", "", 50.0), ("office", "jia", "", 50.0))
    table = design_effects(answers, with_others()).set_index("group")
    assert list(table.index) == ["key", "random"]
    assert table["basis"].tolist() == ["declared", "recorded"]
    assert table["n"].tolist() == [1, 4]
    assert table["clusters"].tolist() == [1, 2]
    # four answers: 10000/3 / 4; two buildings: 2/1 * (50² + 50²)/4
    expected = 2 * (50**2 + 50**2) / 4 / (10000 / 3 / 4)
    assert table["design_effect"].tolist() == pytest.approx([3.0, expected])
    effects = declared_effects(answers, answers.respondents.index, with_others())
    assert effects.tolist() == [1.0] * 4 + [3.0, 1.0]
