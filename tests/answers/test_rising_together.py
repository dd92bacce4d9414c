"""Indicators that rise together, and one that does not: residents of two waves made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from evalkit.answers.rising_together import levels
from evalkit.tables import Answers
from tests.answers import street
from tests.deciding import decided

CODES = np.array(["3", "2", "1"])


def wave(
    name: str, seed: int, up: float, more: float = 0.0, clusters: int = 0, third: int = 300
) -> Answers:
    """300 residents of five committees; everything moves by `up`, the third question by `more`."""
    rng = np.random.Generator(np.random.PCG64(seed))
    mood, who = rng.standard_normal(300) + up, rng.integers(0, 5, 300)
    given = {}
    for at, item in enumerate(("r1", "r2", "r3")):
        score = mood + 0.8 * rng.standard_normal(300) + 0.4 * (who - 2) + (more if at == 2 else 0.0)
        given[item] = list(CODES[np.digitize(score, [-0.6, 0.6])])
    given["r3"][third:] = [""] * (300 - third)
    made = street.answers(
        name,
        street.small()[1]["resident"],
        given | {"overall": given["r1"]},
        group=["key"] * 300,
        subject=[f"s{j}" for j in who],
    )
    if clusters:
        made.respondents["cluster"] = [f"c{at % clusters}" for at in range(300)]
    return made


def test_indicators_that_moved_alike_are_not_told_apart() -> None:
    found = levels(wave("2015", 1, 0.0), wave("2016", 2, 0.5), decided(*street.small()))
    assert (found["from_wave"], found["indicators"], found["apart"]) == ("2015", 3, [])
    assert found["df"] == 2
    assert found["p"] > 0.05
    moved = [
        np.mean([{"1": 100, "2": 50, "3": 0}[c] for c in w.codes["resident"][item]])
        for w in (wave("2015", 1, 0.0), wave("2016", 2, 0.5))
        for item in ("r1", "r2", "r3")
    ]
    assert found["common"] == pytest.approx(np.mean(moved[3:]) - np.mean(moved[:3]), abs=2.5)


def test_one_that_rose_by_itself_is_named_with_what_it_rose() -> None:
    before, after = wave("2015", 1, 0.0), wave("2016", 2, 0.0, more=0.8)
    found = levels(before, after, decided(*street.small()))
    (own,) = (one for one in found["apart"] if one["shift"] > 0)
    assert (own["code"], own["name"]) == ("B1", "卫生")
    assert found["apart"][0] == own
    assert 10 < own["shift"] < 30
    assert own["p_adjusted"] < 0.05
    clustered = levels(before, wave("2016", 2, 0.0, 0.8, clusters=20), decided(*street.small()))
    assert clustered["apart"][0]["shift"] == pytest.approx(own["shift"], abs=0.5)
    assert clustered["apart"][0]["se"] != own["se"]


def test_what_was_judged_nowhere_in_both_waves_is_not_compared() -> None:
    other = wave("2016", 2, 0.0)
    other.respondents["subject"] = "elsewhere"
    assert levels(wave("2015", 1, 0.0), other, decided(*street.small())) == {}


def test_a_declared_design_effect_widens_what_is_not_known_to_be_clustered() -> None:
    """Of two everywhere: half the distance, half as much error again; beside clusters nothing."""
    scheme, forms, *rest = street.small()
    groups = [
        group.model_copy(update={"design_effect": 2.0}) if group.code == "key" else group
        for group in scheme.groups
    ]
    declared = decided(scheme.model_copy(update={"groups": groups}), forms, *rest)
    plain = decided(*street.small())
    waves = wave("2015", 1, 0.0), wave("2016", 2, 0.0, more=0.8)
    one, two = (levels(*waves, of) for of in (plain, declared))
    assert two["chi_square"] == pytest.approx(one["chi_square"] / 2, rel=1e-12)
    assert two["common"] == pytest.approx(one["common"], rel=1e-12)
    ratio = two["apart"][0]["se"] / one["apart"][0]["se"]
    assert ratio == pytest.approx(np.sqrt(2), rel=1e-12)
    known = wave("2015", 1, 0.0, clusters=20), wave("2016", 2, 0.0, 0.8, clusters=20)
    assert levels(*known, declared) == levels(*known, plain)


@pytest.mark.parametrize("which", [0, 1])
def test_what_thirty_residents_judged_in_each_wave_is_compared_and_what_fewer_is_not(
    which: int,
) -> None:
    def compared(third: int) -> int | None:
        few = [{"third": third}, {}][:: -1 if which else 1]
        waves = [
            wave(name, at, 0.0, **more)
            for at, (name, more) in enumerate(zip("xy", few, strict=True), 1)
        ]
        return levels(*waves, decided(*street.small())).get("indicators")

    assert compared(30) == 3
    assert compared(29) != 3
