from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from evalkit.answers.adjusting import adjusted
from evalkit.answers.explaining import agreement, drivers, scale_changes
from evalkit.answers.measuring import measure
from evalkit.definitions.roster import Roster, Subject
from evalkit.pages.press.sentences import said
from evalkit.tables import Answers, check
from tests.answers import street
from tests.deciding import decided

Table = dict[str, list[str]]


def rng(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def form(n: int, seed: int, **columns: np.ndarray) -> Table:
    """Codes 1 to 3 at random, unless given."""
    draws = rng(seed)
    made = {name: draws.integers(1, 4, n).astype(str) for name in ("r1", "r2", "r3", "overall")}
    return {name: list(values) for name, values in (made | columns).items()}


def small(codes: Table, **columns: object) -> Answers:
    _, questionnaires = street.small()
    n = len(next(iter(codes.values())))
    given: dict[str, object] = {
        "group": ["key" if at % 2 else "random" for at in range(n)],
        "subject": [f"s{at // 2 % 4}" for at in range(n)],
    }
    return street.answers("2016", questionnaires["resident"], codes, **(given | columns))  # type: ignore[arg-type]


def test_an_outcome_that_is_one_indicator_is_explained_by_it() -> None:
    codes = form(400, 1)
    codes["overall"] = codes["r2"]
    found = drivers(small(codes), decided(*street.small()), bootstrap=50, seed=1)
    check(found.table, "drivers")
    assert found.method == "lmg"
    assert found.level == "indicator"
    assert found.notes == ()
    first = found.table.iloc[0]
    assert (first["code"], first["name"]) == ("A2", "走访")
    assert first["importance"] > 0.95
    assert first["r_squared"] == pytest.approx(1.0)
    assert found.table["importance"].sum() == pytest.approx(1.0)
    assert ((found.table["low"] <= found.table["importance"]) | (first["importance"] == 1)).all()


def test_a_difference_between_committees_or_groups_is_no_driver() -> None:
    n = 800
    level = np.arange(n) // 2 % 4 < 2  # two committees where everything is better
    key = np.arange(n) % 2 == 1
    draws = rng(2)

    def tick(good: np.ndarray) -> np.ndarray:
        chance = np.where(good, 0.9, 0.1)
        return np.where(draws.random(n) < chance, "1", "3")

    codes = form(n, 3, r1=tick(level), r2=tick(key), overall=tick(level ^ ~key))
    found = drivers(small(codes), decided(*street.small()), bootstrap=20, seed=1)
    assert found.table["r_squared"].iloc[0] < 0.02


def test_performance_by_hand() -> None:
    scheme, questionnaires = street.small()
    codes = form(200, 4)
    codes["overall"] = codes["r1"]
    answers = small(codes)
    scores = np.array([{"1": 100.0, "2": 50.0, "3": 0.0}[code] for code in codes["r3"]])
    groups = answers.respondents["group"].to_numpy()
    subjects = answers.respondents["subject"].to_numpy()
    mean, variance = 0.0, 0.0
    for group, share in (("key", 0.6), ("random", 0.4)):
        cells = [scores[(groups == group) & (subjects == s)] for s in ("s0", "s1", "s2", "s3")]
        mean += share * np.mean([cell.mean() for cell in cells])
        variance += share**2 * sum(cell.var(ddof=1) / cell.size for cell in cells) / 16
    table = drivers(answers, decided(scheme, questionnaires), bootstrap=5, seed=1).table.set_index(
        "code"
    )
    assert table.loc["B1", "performance"] == pytest.approx(mean)
    assert table.loc["B1", "performance_se"] == pytest.approx(np.sqrt(variance))


def test_an_indicator_that_never_varies_is_named_and_left_out() -> None:
    codes = form(400, 5, r2=np.full(400, "1"))
    found = drivers(small(codes), decided(*street.small()), bootstrap=5, seed=1)
    assert set(found.table["code"]) == {"A1", "B1"}
    assert [(note.code, "走访" in said(note)) for note in found.notes] == [
        ("driver_never_varies", True)
    ]


def test_too_many_gaps_fall_back_to_dimensions_and_say_so() -> None:
    codes = form(300, 7)
    codes["r1"] = [code if at % 3 else "" for at, code in enumerate(codes["r1"])]
    codes["r2"] = ["" if at % 3 else code for at, code in enumerate(codes["r2"])]
    scheme, questionnaires = street.small()
    scheme = scheme.model_copy(update={"minimum_answered": 0.3})
    found = drivers(small(codes), decided(scheme, questionnaires), bootstrap=5, seed=1)
    assert found.level == "dimension"
    assert set(found.table["code"]) == {"A", "B"}
    assert found.table["n"].tolist() == [300, 300]
    assert [note.code for note in found.notes] == ["drivers_by_dimension"]


@pytest.mark.parametrize(
    "codes",
    [
        form(40, 11),  # too few rows
        form(400, 12, overall=np.full(400, "1")),  # an outcome without differences
        form(400, 13, overall=np.full(400, "4")),  # nobody knows
        form(400, 13, r1=np.full(400, "1"), r2=np.full(400, "1"), r3=np.full(400, "1")),
    ],
)
def test_no_drivers_without_data(codes: Table) -> None:
    found = drivers(small(codes), decided(*street.small()), bootstrap=5, seed=1)
    assert found.table.empty
    assert found.notes[-1].code == "no_drivers"


def test_no_bootstrap_is_refused() -> None:
    with pytest.raises(ValueError, match="bootstrap"):
        drivers(small(form(40, 1)), decided(*street.small()), bootstrap=0, seed=1)


def test_the_demo_street() -> None:
    found = drivers(street.honest(11), decided(*street.documents()), bootstrap=30, seed=1)
    check(found.table, "drivers")
    assert found.method == "johnson"
    assert len(found.table) == 20
    assert (found.table["low"] < found.table["high"]).all()
    assert found.table["importance"].sum() == pytest.approx(found.table["r_squared"].iloc[0])
    assert found.table["importance"].is_monotonic_decreasing


def test_alpha_by_hand() -> None:
    codes = form(300, 14)
    codes["r2"] = [
        a if at % 3 else b for at, (a, b) in enumerate(zip(codes["r1"], codes["r2"], strict=True))
    ]
    found = agreement(small(codes), decided(*street.small())).values
    scores = {"1": 100.0, "2": 50.0, "3": 0.0}
    table = np.array([[scores[c] for c in codes[item]] for item in ("r1", "r2", "r3")])
    expected = 1.5 * (1 - table.var(axis=1, ddof=1).sum() / table.sum(axis=0).var(ddof=1))
    assert found["alpha"] == pytest.approx(expected)
    assert found["alpha_low"] < expected < found["alpha_high"]
    assert found["weakest"] == "B1"
    assert (found["n"], found["indicators"]) == (300, 3)


def test_agreement_without_data_is_a_note() -> None:
    few = agreement(small(form(20, 15)), decided(*street.small()))
    assert few.values == {}
    assert {note.code for note in few.notes} == {"too_few_values", "no_agreement"}


def test_a_scale_that_stayed_and_one_that_moved() -> None:
    def wave(seed: int, wave: str, third: float) -> Answers:
        """Three items of one opinion; the third hangs on it as strongly as told."""
        draws = rng(seed)
        opinion = draws.standard_normal(500)

        def tick(loading: float) -> np.ndarray:
            noise = np.sqrt(1 - loading**2) * draws.standard_normal(500)
            return np.digitize(loading * opinion + noise, [-0.5, 0.5]).astype(str)

        places = {"0": "1", "1": "2", "2": "3"}
        codes = {
            item: [places[place] for place in tick(loading)]
            for item, loading in (("r1", 0.8), ("r2", 0.8), ("r3", third), ("overall", 0.8))
        }
        return replace(small(codes), wave=wave)

    before = wave(16, "2015", 0.8)
    assert scale_changes(before, wave(17, "2016", 0.8), decided(*street.small()), seed=1) == ()
    (note,) = scale_changes(before, wave(18, "2016", 0.2), decided(*street.small()), seed=1)
    assert note.code == "scale_changed"
    assert "测量的尺子变了，变化须谨慎解读" in said(note)
    assert "“卫生”" in said(note)
    assert "变弱" in said(note)
    nothing = small(form(10, 19))
    (note,) = scale_changes(before, nothing, decided(*street.small()), seed=1)
    assert note.code == "scale_not_compared"


def mixed(n: int, seed: int, effect: bool) -> Answers:
    """Four committees of equal work; men are content, and committees differ in their share."""
    draws = rng(seed)
    committee = np.arange(n) // 2 % 4
    man = draws.random(n) < np.array([0.2, 0.4, 0.6, 0.8])[committee]
    good = draws.random(n) < (np.where(man, 0.9, 0.4) if effect else 0.65)
    codes = form(n, seed)
    for item in ("r1", "r2", "r3"):
        codes[item] = list(np.where(good, "1", "3"))
    codes["sex"] = list(np.where(man, "1", "2"))
    codes["age"] = [""] * n
    return small(codes)


def test_the_mix_of_respondents_is_taken_out() -> None:
    scheme, questionnaires = street.small()
    answers = mixed(4000, 20, effect=True)
    found = adjusted(answers, decided(scheme, questionnaires))
    assert found.covariates == {"key": ("sex:1",), "random": ("sex:1",)} or found.covariates == {
        "key": ("sex:2",),
        "random": ("sex:2",),
    }
    roster = Roster(subjects=[Subject(id=s, name=s) for s in found.subjects])
    cells = measure(answers, decided(scheme, questionnaires, roster), street.InMemory())
    raw = sum(w * cells.groups[g].mean[:, 0] for g, w in (("key", 0.6), ("random", 0.4)))
    variance = sum(
        w**2 * cells.groups[g].covariance[:, 0, 0] for g, w in (("key", 0.6), ("random", 0.4))
    )
    scores, se = found.onto(found.subjects, raw, variance)
    assert np.ptp(raw) > 20
    assert np.ptp(scores) < 6
    # all is adjusted: nothing of the raw error is left, and the sandwich takes its place
    np.testing.assert_allclose(found.replaced, variance, rtol=1e-9)
    np.testing.assert_allclose(se, np.sqrt(np.diag(found.covariance)), rtol=1e-9)


def test_without_an_effect_nothing_much_is_shifted() -> None:
    found = adjusted(mixed(4000, 21, effect=False), decided(*street.small()))
    assert np.abs(found.shift).max() < 2.5


def test_one_group_by_hand() -> None:
    # two committees of key residents: 甲 one man, three women; 乙 three men, one woman
    sex = ["1", "2", "2", "2", "1", "1", "1", "2"] * 10
    score = ["1", "3", "3", "3", "1", "1", "1", "3"] * 10
    codes = {"r1": score, "r2": score, "r3": score, "overall": score, "sex": sex}
    answers = small(codes, group=["key"] * 80, subject=(["甲"] * 4 + ["乙"] * 4) * 10)
    found = adjusted(answers, decided(*street.small()))
    # all depends on sex: men 100, women 0, the street has one half of each: both adjust to 50
    np.testing.assert_allclose(found.shift, np.array([-25.0, 25.0]) * 0.6)
    assert found.subjects == ("乙", "甲")
    assert list(found.groups) == ["key"]
    assert [note.code for note in found.notes] == ["not_adjusted"]
    scores, _ = found.onto(("甲", "丙"), np.array([15.0, 70.0]), np.array([4.0, 4.0]))
    assert scores[0] == pytest.approx(30.0)
    assert np.isnan(scores[1])


def test_no_profile_gives_no_adjusted_score() -> None:
    answers = small(form(100, 22))
    found = adjusted(answers, decided(*street.small()))
    assert found.groups == {}
    assert (found.shift == 0).all()
    assert [note.code for note in found.notes] == ["not_adjusted", "not_adjusted"]
    scores, se = found.onto(found.subjects, np.full(4, 80.0), np.ones(4))
    assert np.isnan(scores).all()
    assert np.isnan(se).all()


def test_rare_and_redundant_categories_are_left_out() -> None:
    n = 200
    sex = np.where(np.arange(n) // 8 % 2 == 0, "1", "2")
    age = np.where(sex == "1", "1", "2")  # follows from sex
    age[:3] = "3"  # three people
    codes = form(n, 23) | {"sex": list(sex), "age": list(age)}
    found = adjusted(small(codes), decided(*street.small()))
    assert all(len(names) == 1 for names in found.covariates.values())
    assert all(names[0].startswith("sex:") for names in found.covariates.values())


def test_everything_is_the_same_twice() -> None:
    answers = small(form(400, 24))
    documents = street.small()
    one = drivers(answers, decided(*documents), bootstrap=20, seed=3).table
    two = drivers(answers, decided(*documents), bootstrap=20, seed=3).table
    pd.testing.assert_frame_equal(one, two)
