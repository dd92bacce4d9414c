"""Raters who judge in both waves: by hand on a tiny street, and against what truly happens."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evalkit.findings import comparing, moving, panel, scoring, street_means
from evalkit.findings.combining import NO_INFLUENCE, steadied
from evalkit.methods.two_waves import kept_errors
from evalkit.tables import COMPOSITE, Cells, GroupCells, WaveResult
from tests.findings.small_street import cells_of, group_of, roster_of, scheme_of

SCHEME = scheme_of({"r": 60, "d": 40}, {"A": {"A1": 100}})
ROSTER = roster_of("abc")
RATERS = ("u", "v", "w", "x", "y", "z")
FIRST = np.array([[2.0, 1, 3], [-1, 2, 1], [1, -2, 1], [-2, 1, -3], [3, 1, 1], [-3, -3, -3]]) / 6
SECOND = np.array([[1.0, 2, 2], [1, 1, 1], [2, -1, -1], [-3, -1, -1], [1, 1, 1], [-2, -2, -2]]) / 6
"""None is 0: whoever has no influence has not judged."""


def departments(influence: np.ndarray, means: list[float], who: object = RATERS) -> GroupCells:
    """Six raters who all judge three committees, with these influences on the means."""
    own = group_of(
        np.array(means)[:, None], (influence**2).sum(axis=0)[:, None], [len(influence)] * 3
    )
    joint = np.full((len(influence), 3, 2), np.nan)
    joint[:, :, 0] = influence
    return replace(own, influence=joint, who=None if who is None else np.array(who))


def wave(name: str, influence: np.ndarray, means: list[float], who: object = RATERS) -> Cells:
    residents = group_of(np.array(means)[:, None], [[0.4], [0.5], [0.6]], [40, 40, 40])
    return cells_of(SCHEME, {"r": residents, "d": departments(influence, means, who)}, wave=name)


BEFORE = wave("2015", FIRST, [80.0, 75.0, 70.0])
NOW = wave("2016", SECOND, [82.0, 75.0, 74.0])


def result(cells: Cells) -> WaveResult:
    return WaveResult(None, cells, scoring.score(cells, SCHEME, ROSTER), None, None)  # type: ignore[arg-type]


def by_hand() -> np.ndarray:
    """Covariance of the departments' parts: pooled correlations times both waves' errors."""
    size = [np.sqrt((u**2).sum(axis=0)) for u in (FIRST, SECOND)]
    r = (FIRST / size[0]).T @ (SECOND / size[1])
    own, across = np.trace(r) / 3, (r.sum() - np.trace(r)) / 6  # all judged by all: cosine 1
    pooled = np.where(np.eye(3) > 0, own, across)
    v = [0.16 * steady(cells) for cells in (BEFORE, NOW)]  # the weight of departments, squared
    return pooled * np.sqrt(np.outer(*v))


def steady(cells: Cells) -> np.ndarray:
    return steadied(cells.groups["d"], np.array([0]), np.ones(1)).variance


def test_the_covariance_of_two_waves_by_hand() -> None:
    found = panel.Between(BEFORE, NOW, SCHEME).common(COMPOSITE, ("a", "b", "c"))
    np.testing.assert_allclose(found.covariance, by_hand(), rtol=1e-12)
    assert (np.diag(found.covariance) > 0).all()


def test_a_change_has_the_variance_of_both_waves_less_twice_their_covariance() -> None:
    before, now = result(BEFORE), result(NOW)
    between = panel.Between(BEFORE, NOW, SCHEME)
    found = comparing.compare(
        before.scores, now.scores, SCHEME, ROSTER, draws=1000, seed=1, between=between
    )
    joint = before.scores.covariance + now.scores.covariance - by_hand() - by_hand().T
    np.testing.assert_allclose(found.table["change_se"] ** 2, np.diag(joint), rtol=1e-12)
    centre = np.eye(3) - 1 / 3
    np.testing.assert_allclose(found.table["se"] ** 2, np.diag(centre @ joint @ centre), rtol=1e-12)
    dimensions = moving.by_dimension(now, before, SCHEME)
    np.testing.assert_allclose(dimensions["change_se"] ** 2, np.diag(joint), rtol=1e-12)
    means = street_means.means(now, before, SCHEME).set_index(["code", "group"])
    assert means.loc[("A", "all"), "change_se"] ** 2 == pytest.approx(joint.mean())


def test_without_fingerprints_waves_are_independent_and_a_note_says_so() -> None:
    early = wave("2015", FIRST, [80.0, 75.0, 70.0], None)
    between = panel.Between(early, NOW, SCHEME)
    assert not between.common(COMPOSITE, ("a", "b")).covariance.any()
    alone, plain = (
        comparing.compare(
            result(early).scores, result(NOW).scores, SCHEME, ROSTER, draws=1000, seed=1, **more
        ).table
        for more in ({"between": between}, {})
    )
    np.testing.assert_array_equal(alone["se"], plain["se"])
    np.testing.assert_array_equal(alone["p_adjusted"], plain["p_adjusted"])
    (note,) = panel.notes(early, NOW, SCHEME)
    assert (note.code, note.facts["group"]) == ("raters_not_known_again", "d")


def test_who_changed_the_name_is_somebody_else_and_counted() -> None:
    renamed = wave("2016", SECOND, [82.0, 75.0, 74.0], ("u", "v", "w", "x", "neu", "z"))
    (note,) = panel.notes(BEFORE, renamed, SCHEME)
    assert (note.code, note.count) == ("raters_matched", 5)
    assert (note.facts["before"], note.facts["after"]) == (6, 6)
    assert not list(panel.notes(BEFORE, NOW, SCHEME))
    fewer = panel.Between(BEFORE, renamed, SCHEME).common(COMPOSITE, ("a", "b", "c"))
    whole = panel.Between(BEFORE, NOW, SCHEME).common(COMPOSITE, ("a", "b", "c"))
    keep = [0, 1, 2, 3, 5]
    size = [np.sqrt((u**2).sum(axis=0)) for u in (FIRST, SECOND)]
    r = np.diag((FIRST[keep] / size[0]).T @ (SECOND[keep] / size[1]))
    v = [0.16 * steady(cells) for cells in (BEFORE, renamed)]
    expected = r.mean() * np.sqrt(v[0] * v[1])  # (r / cosine) times the cosine, all alike
    np.testing.assert_allclose(np.diag(fewer.covariance), expected, rtol=1e-12)
    assert np.trace(fewer.covariance) < np.trace(whole.covariance)


def test_the_order_of_the_raters_is_no_matter() -> None:
    turned = wave("2016", SECOND[::-1], [82.0, 75.0, 74.0], RATERS[::-1])
    one, other = (
        panel.Between(BEFORE, cells, SCHEME).common(COMPOSITE, ("a", "b", "c"))
        for cells in (NOW, turned)
    )
    np.testing.assert_allclose(one.covariance, other.covariance, rtol=1e-12)


def test_a_rater_with_a_memory_is_told_from_one_without() -> None:
    """Size and sign by simulation: 12 raters of 20 subjects, errors kept by a known share."""
    rng = np.random.Generator(np.random.PCG64(5))
    everybody = np.ones((12, 20), dtype=bool)
    places = (np.arange(12), np.arange(12))
    for severity, taste in ((0.0, 0.0), (0.3, 0.0), (0.2, 0.4)):
        own, across = [], []
        for _ in range(150):
            both = severity**0.5 * rng.standard_normal((12, 1)) + taste**0.5 * rng.standard_normal(
                (12, 20)
            )
            waves = [
                both + (1 - severity - taste) ** 0.5 * rng.standard_normal((12, 20))
                for _ in range(2)
            ]
            found = kept_errors(*(w - w.mean(axis=0) for w in waves), everybody, everybody, places)
            own.append(found.own)
            across.append(found.across)
        assert np.mean(own) == pytest.approx(severity + taste, abs=0.06)
        assert np.mean(across) == pytest.approx(severity, abs=0.06)


def test_what_does_not_match_is_refused() -> None:
    who = np.abs(FIRST) > NO_INFLUENCE
    for bad in (FIRST[:, :2], np.full_like(FIRST, np.nan)):
        with pytest.raises(ValueError, match=r"match|shapes|finite"):
            kept_errors(FIRST, bad, who, who, ([0], [0]))


def test_many_committees_are_ranked_by_their_changes_whatever_rounding_does() -> None:
    rng = np.random.Generator(np.random.PCG64(3))
    subjects = [f"s{number:02d}" for number in range(31)]
    roster, who = roster_of(subjects), np.array(list("abcdefghijkl"))
    scores, cells = [], []
    for name in ("2015", "2016"):
        moved = rng.standard_normal((12, 31))
        joint = np.full((12, 31, 2), np.nan)
        joint[:, :, 0] = moved
        own = group_of(rng.uniform(60, 90, (31, 1)), (moved**2).sum(axis=0)[:, None], [12] * 31)
        residents = group_of(rng.uniform(60, 90, (31, 1)), rng.uniform(1, 2, (31, 1)), [40] * 31)
        groups = {"r": residents, "d": replace(own, influence=joint, who=who)}
        cells.append(cells_of(SCHEME, groups, wave=name, subjects=subjects))
        scores.append(scoring.score(cells[-1], SCHEME, roster))
    between = panel.Between(*cells, SCHEME)
    found = comparing.compare(*scores, SCHEME, roster, draws=1000, seed=1, between=between)
    order = found.table.sort_values("change", ascending=False)
    assert order["change_rank"].tolist() == list(range(1, 32))
    assert (order["change_rank_low"] <= order["change_rank"]).all()


def test_what_every_group_has_in_common_is_added_up_once_a_measure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Three groups of raters bring 1, 2 and 4, two of residents 8 and 16, and their spreads ten times."""
    asked: list[tuple[int, int]] = []

    def of(place: int, same: object, measure: int) -> panel.Common:
        asked.append((place, measure))
        whole = np.arange(9.0).reshape(3, 3) * 2**place
        return panel.Common(whole, whole[0] * 10.0)

    scheme = scheme_of({"r": 100}, {"A": {"A1": 100}})
    cells = cells_of(scheme, {"r": group_of([[80.0]] * 3, [[1.0]] * 3, [30] * 3)})
    shared = panel.Between(cells, cells, scheme)
    for name, places in (("groups", (0, 1, 2)), ("overlaps", (3, 4))):
        monkeypatch.setitem(shared.__dict__, name, dict.fromkeys(places))
    for name in ("_of_raters", "_of_residents"):
        monkeypatch.setattr(panel.Between, name, lambda self, *given: of(*given))
    found = shared.common("A", cells.subjects[2:] + cells.subjects[:1])
    assert found.covariance.tolist() == [[31 * 8.0, 31 * 6.0], [31 * 2.0, 0.0]]
    assert found.spread.tolist() == [31 * 20.0, 0.0]
    shared.common("A", cells.subjects)
    assert asked == [(place, shared._codes.index("A")) for place in range(5)]
