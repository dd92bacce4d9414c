"""Drivers, agreement and the scale between waves: who counts, how much, and where nothing is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import yaml

from evalkit.answers.explaining import (
    Agreement,
    Drivers,
    _performance,
    agreement,
    drivers,
    scale_changes,
)
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.scheme import Scheme
from evalkit.pages.press.sentences import said
from evalkit.tables import Answers, check
from tests.answers import street
from tests.deciding import decided

SCORES = {"1": 100.0, "2": 50.0, "3": 0.0, "": float("nan"), "4": float("nan")}
ITEMS = ("r1", "r2", "r3", "overall")
Table = dict[str, list[str]]


def form(n: int, seed: int = 1, **columns: Sequence[str]) -> Table:
    """Answers at random; overall satisfaction hangs on the first two items."""
    draws = np.random.Generator(np.random.PCG64(seed))
    made = {item: draws.integers(1, 4, n) for item in ITEMS[:3]}
    noise = draws.integers(1, 4, n)
    made["overall"] = np.rint((2 * made["r1"] + made["r2"] + noise) / 4).astype(int)
    table = {item: [str(code) for code in codes] for item, codes in made.items()}
    return table | {item: list(codes) for item, codes in columns.items()}


def asked(codes: Table, **more: object) -> Answers:
    _, questionnaires = street.small()
    n = len(codes["r1"])
    given: dict[str, object] = {"group": ["key"] * n, "subject": ["s0"] * n}
    return street.answers("2016", questionnaires["resident"], codes, **(given | more))  # type: ignore[arg-type]


def explained(codes: Table, **more: object) -> Drivers:
    found = drivers(asked(codes, **more), decided(*street.small()), bootstrap=2, seed=1)
    check(found.table, "drivers")
    return found


def notes(found: object) -> list[tuple[str, int | None]]:
    return [(note.code, note.count) for note in found.notes]  # type: ignore[attr-defined]


# --- who counts ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "level"),
    [(75, "indicator"), (74, "dimension"), (67, "dimension"), (66, None)],
)
def test_fifty_residents_and_eight_for_each_predictor_are_needed(n: int, level: str | None) -> None:
    # one cell takes one degree: 75 - 1 = 50 + 8 * 3 and 67 - 1 = 50 + 8 * 2
    found = explained(form(n))
    assert (found.level if len(found.table) else None) == level
    assert (
        notes(found)
        == {
            "indicator": [],
            "dimension": [("drivers_by_dimension", n)],
            None: [("no_drivers", None)],
        }[level]
    )
    assert {note.where for note in found.notes} <= {"2016"}
    assert set(found.table["n"]) <= {n}


def test_every_committee_and_group_takes_a_degree() -> None:
    halves = ["s0", "s1"] * 38
    assert explained(form(76), subject=halves).level == "indicator"
    assert explained(form(75), subject=halves[:75]).level == "dimension"
    groups = ["key", "random"] * 38
    assert explained(form(75), group=groups[:75]).level == "dimension"


@pytest.mark.parametrize("item", ITEMS)
def test_only_who_answered_everything_counts(item: str) -> None:
    codes = form(75)
    codes[item][0] = "4"
    assert explained(codes).level == "dimension"


def test_offices_are_not_asked_what_residents_feel() -> None:
    scheme = street.SMALL_SCHEME.replace("residents_weight: 100", "residents_weight: 60").replace(
        "weight: 40, questionnaire: resident, residents: true",
        "weight: 40, questionnaire: resident",
    )
    by = Scheme.model_validate(yaml.safe_load(scheme))
    codes = form(160)
    answers = asked(codes, group=["key"] * 80 + ["random"] * 80)
    alone = asked({item: given[:80] for item, given in codes.items()})
    _, forms = street.small()
    one = drivers(answers, decided(by, forms), bootstrap=2, seed=1).table
    assert one["n"].tolist() == [80] * 3
    assert one.equals(drivers(alone, decided(by, forms), bootstrap=2, seed=1).table)
    assert agreement(answers, decided(by, forms)).values["n"] == 80


def test_an_indicator_that_residents_do_not_judge_explains_nothing() -> None:
    scheme, forms = street.small()
    groups = [g.model_copy(update={"covers": ["A1", "B1"]}) for g in scheme.groups]
    found = drivers(
        asked(form(90)),
        decided(scheme.model_copy(update={"groups": groups}), forms),
        bootstrap=2,
        seed=1,
    )
    assert set(found.table["code"]) == {"A1", "B1"}
    assert found.notes == ()


# --- how much -----------------------------------------------------------------------------------


def r_squared(x: np.ndarray, y: np.ndarray, w: np.ndarray, cells: np.ndarray) -> float:
    """Share of the weighted spread of y within cells that x explains, by least squares."""
    dummies = (cells[:, None] == np.unique(cells)).astype(float)
    root = np.sqrt(w)[:, None]

    def rest(design: np.ndarray) -> float:
        fitted = design @ np.linalg.lstsq(design * root, y * root[:, 0], rcond=None)[0]
        return float(w @ (y - fitted) ** 2)

    return 1 - rest(np.column_stack([x, dummies])) / rest(dummies)


def lmg(x: np.ndarray, y: np.ndarray, w: np.ndarray, cells: np.ndarray) -> np.ndarray:
    orders = list(permutations(range(x.shape[1])))
    gain = np.zeros(x.shape[1])
    for order in orders:
        so_far = 0.0
        for at, predictor in enumerate(order):
            now = r_squared(x[:, order[: at + 1]], y, w, cells)
            gain[predictor] += now - so_far
            so_far = now
    return gain / len(orders)


def test_importance_is_the_mean_gain_within_cells_with_the_schemes_weights() -> None:
    codes = form(120, 3)
    draws = np.random.Generator(np.random.PCG64(4))
    weight = draws.uniform(0.5, 2, 120)
    group = ["key" if at % 3 else "random" for at in range(120)]  # 80 and 40
    subject = [f"s{at % 2}" for at in range(120)]
    found = explained(codes, group=group, subject=subject, weight=weight)
    x = np.array([[SCORES[c] for c in codes[item]] for item in ITEMS[:3]]).T
    y = np.array([SCORES[c] for c in codes["overall"]])
    key = np.array(group) == "key"
    w = np.where(key, 0.6 * weight / weight[key].sum(), 0.4 * weight / weight[~key].sum())
    cells = 2 * key + np.array([s == "s0" for s in subject])
    expected = dict(zip(("A1", "A2", "B1"), lmg(x, y, w, cells), strict=True))
    assert found.method == "lmg"
    for code, importance in zip(found.table["code"], found.table["importance"], strict=True):
        assert importance == pytest.approx(expected[code], rel=1e-9)
    assert found.table["r_squared"].tolist() == pytest.approx([sum(expected.values())] * 3)
    assert found.table["importance"].is_monotonic_decreasing


def test_performance_counts_whoever_judged_and_groups_as_in_the_scheme() -> None:
    codes = form(100, 5)
    codes["r3"][:10] = [""] * 10  # they judged the others
    group = ["key"] * 98 + ["random"] * 2
    subject = ["s0"] * 60 + ["s1"] * 38 + ["s0", "s1"]
    weight = np.r_[np.full(50, 2.0), np.ones(50)]
    found = explained(codes, group=group, subject=subject, weight=weight).table.set_index("code")
    x = np.array([SCORES[c] for c in codes["r1"]])

    def cell(inside: slice) -> tuple[float, float]:
        own, w = x[inside], weight[inside]
        mean = float(np.average(own, weights=w))
        n = own.size
        return mean, n / (n - 1) * float(((w / w.sum() * (own - mean)) ** 2).sum())

    (one, v_one), (two, v_two) = cell(slice(0, 60)), cell(slice(60, 98))
    # each random committee has one answer: it lends its distance from the mean of both
    middle = (x[98] + x[99]) / 2
    alone = ((x[98] - middle) / 2) ** 2 + ((x[99] - middle) / 2) ** 2
    assert x[98] != x[99]
    row = found.loc["A1"]
    assert row["performance"] == pytest.approx(0.6 * (one + two) / 2 + 0.4 * middle, rel=1e-12)
    variance = 0.36 * (v_one + v_two) / 4 + 0.16 * alone
    assert row["performance_se"] == pytest.approx(np.sqrt(variance), rel=1e-9)
    third = np.array([SCORES[c] for c in codes["r3"]])
    judged = np.average(third[10:60], weights=weight[10:60])
    rest = 0.6 * (judged + third[60:98].mean()) / 2 + 0.4 * third[98:].mean()
    assert found.loc["B1", "performance"] == pytest.approx(rest, rel=1e-12)


def test_a_group_that_did_not_judge_leaves_its_share_to_the_other() -> None:
    codes = form(100, 6)
    codes["r1"][:10] = ["4"] * 10
    group = ["random"] * 10 + ["key"] * 90
    found = explained(codes, group=group).table.set_index("code")
    key = np.array([SCORES[c] for c in codes["r1"][10:]])
    assert found.loc["A1", "performance"] == pytest.approx(key.mean(), rel=1e-12)
    assert found.loc["A1", "performance_se"] == pytest.approx(key.std(ddof=1) / np.sqrt(90))


def test_a_dimension_is_the_weighted_mean_of_enough_of_its_indicators() -> None:
    # of dimension A (40 and 20) the first indicator alone is 2/3 of the weight, the second 1/3
    codes = form(100, 7)
    for at in range(30):
        codes["r2"][at] = ""
    for at in range(30, 33):
        codes["r1"][at] = ""
    found = explained(codes)
    assert found.level == "dimension"
    assert found.table["n"].tolist() == [97, 97]
    a1, a2 = (np.array([SCORES[c] for c in codes[item]]) for item in ("r1", "r2"))
    score = np.where(np.isnan(a2), a1, (40 * a1 + 20 * a2) / 60)
    row = found.table.set_index("code").loc["A"]
    assert row["performance"] == pytest.approx(np.delete(score, [30, 31, 32]).mean(), rel=1e-12)
    assert row["name"] == "服务"


@pytest.mark.parametrize(("count", "method"), [(12, "lmg"), (13, "johnson")])
def test_up_to_twelve_predictors_are_ordered_in_every_way(count: int, method: str) -> None:
    items = "".join(f"  - {{id: x{at}, text: 第{at}题, scale: s}}\n" for at in range(count))
    items += "  - {id: overall, text: 总体, role: overall, scale: s}\n"
    text = street.SMALL_FORM.split("  - {id: r1")[0] + items
    document = yaml.safe_load(street.SMALL_SCHEME)
    document["dimensions"] = [
        {
            "code": "A",
            "name": "服务",
            "weight": 100,
            "indicators": [
                {"code": f"X{at}", "name": f"第{at}", "weight": 100 / count, "items": {"resident": [f"x{at}"]}}
                for at in range(count)
            ],
        }
    ]  # fmt: skip
    questionnaire = Questionnaire.model_validate(yaml.safe_load(text))
    draws = np.random.Generator(np.random.PCG64(8))
    codes = {
        name: [str(c) for c in draws.integers(1, 4, 200)]
        for name in (*(f"x{at}" for at in range(count)), "overall")
    }
    answers = street.answers("2016", questionnaire, codes, group=["key"] * 200, subject=["s"] * 200)
    found = drivers(
        answers,
        decided(Scheme.model_validate(document), {"resident": questionnaire}),
        bootstrap=1,
        seed=1,
    )
    assert (found.method, len(found.table)) == (method, count)


def test_what_never_varies_among_those_who_count_is_left_out_and_counted() -> None:
    codes = form(100, 9)
    codes["r3"] = ["1"] * 90 + ["3"] * 10
    codes["overall"][90:] = [""] * 10  # those who differ cannot be used
    found = explained(codes)
    assert set(found.table["code"]) == {"A1", "A2"}
    assert notes(found) == [("driver_never_varies", 90)]
    assert said(found.notes[0]) == "“卫生”同一居民区的居民评价毫无差别，不列入分析"


def test_what_differs_only_between_committees_does_not_vary() -> None:
    codes = form(160, 10)
    codes["r3"] = ["1"] * 80 + ["3"] * 80
    found = explained(codes, subject=["s0"] * 80 + ["s1"] * 80)
    assert set(found.table["code"]) == {"A1", "A2"}
    assert notes(found) == [("driver_never_varies", 160)]


# --- agreement ----------------------------------------------------------------------------------


def test_an_indicator_that_fewer_than_thirty_judged_is_left_out_by_name() -> None:
    def judged(count: int) -> Agreement:
        codes = form(120, 11)
        codes["r2"] = codes["r2"][:count] + ["4"] * (120 - count)
        return agreement(asked(codes), decided(*street.small()))

    assert judged(30).values["indicators"] == 3
    assert notes(judged(30)) == []
    few = judged(29)  # two indicators are too few for a factor
    assert notes(few) == [("too_few_values", 29), ("no_agreement", None)]
    assert said(few.notes[0]) == "“走访”作出评价的居民太少，不列入分析"
    assert few.notes[0].where == few.notes[1].where == "2016"


def test_everybody_of_the_street_counts_once_whatever_the_committee() -> None:
    codes = form(120, 12)
    one = agreement(asked(codes), decided(*street.small())).values
    other = agreement(
        asked(codes, subject=["s0", "s1"] * 60, weight=[1.0, 5.0] * 60), decided(*street.small())
    ).values
    assert one == other
    table = np.array([[SCORES[c] for c in codes[item]] for item in ITEMS[:3]])
    pairs = np.corrcoef(table)[np.triu_indices(3, 1)]
    assert one["mean_correlation"] == pytest.approx(pairs.mean(), rel=1e-9)
    assert one["n"] == 120


def test_an_indicator_that_never_varies_in_the_street_is_left_out() -> None:
    codes = form(120, 13, r2=["1"] * 120)
    found = agreement(asked(codes), decided(*street.small()))
    assert notes(found) == [("indicator_never_varies", 120), ("no_agreement", None)]
    # committees that differ from one another do vary
    varies = form(120, 13, r2=["1"] * 60 + ["3"] * 60)
    found = agreement(asked(varies, subject=["s0"] * 60 + ["s1"] * 60), decided(*street.small()))
    assert found.values["indicators"] == 3


def test_the_weakest_is_named_only_if_alpha_would_rise_without_it() -> None:
    codes = form(150, 14)
    codes["r2"] = [a if at % 5 else "2" for at, a in enumerate(codes["r1"])]
    assert agreement(asked(codes), decided(*street.small())).values["weakest"] == "B1"
    codes["r3"] = [a if at % 20 else "2" for at, a in enumerate(codes["r1"])]
    codes["r2"] = [a if at % 20 != 1 else "2" for at, a in enumerate(codes["r1"])]
    codes["r1"] = [a if at % 20 != 2 else "2" for at, a in enumerate(codes["r1"])]
    assert agreement(asked(codes), decided(*street.small())).values["weakest"] == ""


def test_one_indicator_agrees_with_nothing() -> None:
    codes = form(120, 15, r2=["4"] * 120, r3=["4"] * 120)
    found = agreement(asked(codes), decided(*street.small()))
    assert found.values == {}
    assert notes(found) == [("too_few_values", 0), ("too_few_values", 0), ("no_agreement", None)]


# --- the scale between waves --------------------------------------------------------------------


def opinions(seed: int, wave: str, third: float, subject_shift: float = 0.0) -> Answers:
    """Three items of one opinion; the third hangs on it as strongly as told."""
    draws = np.random.Generator(np.random.PCG64(seed))
    opinion = draws.standard_normal(400)
    shift = np.where(np.arange(400) % 2 == 0, subject_shift, 0.0)

    def tick(loading: float) -> list[str]:
        noise = np.sqrt(1 - loading**2) * draws.standard_normal(400)
        level = loading * opinion + noise + shift
        return [str(place + 1) for place in np.digitize(level, [-0.5, 0.5])]

    codes = {item: tick(loading) for item, loading in zip(ITEMS, (0.8, 0.8, third, 0.8), strict=True)}  # fmt: skip
    return replace(asked(codes, subject=["s0", "s1"] * 200), wave=wave)


def test_the_item_that_moved_most_is_named_with_its_direction() -> None:
    strong, weak = opinions(16, "2015", 0.8), opinions(17, "2016", 0.1)
    (down,) = scale_changes(strong, weak, decided(*street.small()), seed=1)
    assert (down.code, down.where) == ("scale_changed", "2015–2016")
    assert "“卫生”（与总体印象的联系变弱）" in said(down)
    (up,) = scale_changes(weak, replace(strong, wave="2017"), decided(*street.small()), seed=1)
    assert up.where == "2016–2017"
    assert "“卫生”（与总体印象的联系变强）" in said(up)


def test_committees_that_drift_apart_are_no_other_scale() -> None:
    before, after = opinions(18, "2015", 0.5), opinions(19, "2016", 0.5, subject_shift=1.5)
    assert scale_changes(before, after, decided(*street.small()), seed=1) == ()


def test_waves_with_too_little_in_common_are_not_compared() -> None:
    before, after = opinions(20, "2015", 0.8), opinions(21, "2016", 0.8)
    codes = after.codes["resident"].assign(r3="1", r2="1")
    (note,) = scale_changes(
        before, replace(after, codes={"resident": codes}), decided(*street.small()), seed=1
    )
    assert (note.code, note.where) == ("scale_not_compared", "2015–2016")


@pytest.mark.parametrize(
    ("being_set_up", "mean", "variance"),
    [
        ((), (85 + 65 + 15) / 3, 75 / 9),
        (("c",), 75.0, 50 / 4),
        ("abc", 55.0, 75 / 9),
        (("a", "b"), 15.0, 25.0),
    ],
)
def test_a_committee_that_is_being_set_up_is_in_no_mean_unless_all_are(
    being_set_up: Sequence[str], mean: float, variance: float
) -> None:
    """Two answers a committee, ten points apart: each mean of k has the variance 25 / k squared."""
    residents = SimpleNamespace(
        scheme=SimpleNamespace(residents=[SimpleNamespace(code="key", weight=60.0)]),
        subjects=np.array(list("aabbcc")), groups=np.array(["key"] * 6), weights=np.ones(6),
    )  # fmt: skip
    scores = pd.DataFrame({"A1": [80.0, 90.0, 60.0, 70.0, 10.0, 20.0]})
    units = SimpleNamespace(provisional=frozenset(being_set_up))
    means, errors = _performance(scores, residents, units)  # type: ignore[arg-type]
    assert means.tolist() == pytest.approx([mean])
    assert (errors**2).tolist() == pytest.approx([variance])
