"""Scores as if all committees had been judged by the same mix of residents, by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from evalkit.answers.adjusting import Adjustment, adjusted, one_score
from evalkit.pages.press.sentences import said
from evalkit.tables import Answers
from tests.answers import street
from tests.deciding import decided

MAN, WOMAN = "1", "2"
Resident = tuple[str, str, str]
"""Committee, sex, and one code for all three indicators: 1 is 100 points, 2 is 50, 3 is 0."""


def people(*counts: tuple[int, str, str, str]) -> list[Resident]:
    """So many of each: (number, committee, sex, code)."""
    return [(subject, sex, code) for n, subject, sex, code in counts for _ in range(n)]


def answers(residents: Sequence[Resident], **columns: Sequence[str]) -> Answers:
    codes = {item: [code for _, _, code in residents] for item in ("r1", "r2", "r3", "overall")}
    given = codes | {"sex": [sex for _, sex, _ in residents]}
    groups = columns.pop("group", ["key"] * len(residents))
    return street.answers(
        "2016",
        street.small()[1]["resident"],
        given | columns,
        group=groups,
        subject=[subject for subject, _, _ in residents],
    )


def adjustment(residents: Sequence[Resident], **columns: Sequence[str]) -> Adjustment:
    return adjusted(answers(residents, **columns), decided(*street.small()))


TWO = people((8, "a", MAN, "2"), (4, "a", WOMAN, "1"), (4, "b", MAN, "3"), (8, "b", WOMAN, "2"))
"""Women give 50 points more than men in both committees; a asked 4 of them in 12, b 8."""


def test_two_committees_by_hand() -> None:
    """Raw means 66.7 and 33.3. With women one half: 66.7 + 50 (1/2 - 1/3) = 75, and 25.

    Key residents count 60%, so the composite of a gains .6 * 8.33 = 5 points. Nothing is left
    unexplained, so the adjusted means have no error. The variance of a's raw mean that goes is
    (8 * 16.67^2 + 4 * 33.33^2) / (12 * 11) = 50.5, times .36.
    """
    found = adjustment(TWO)
    key = found.groups["key"]
    assert found.subjects == ("a", "b")
    assert found.covariates == {"key": ("sex:2",)}
    np.testing.assert_allclose(key.mean, [200 / 3, 100 / 3])
    np.testing.assert_allclose(key.beta, [50.0])
    np.testing.assert_allclose(key.adjusted, [75.0, 25.0])
    np.testing.assert_allclose(found.shift, [5.0, -5.0])
    np.testing.assert_allclose(found.covariance, 0.0, atol=1e-20)
    raw = (8 * (50 / 3) ** 2 + 4 * (100 / 3) ** 2) / (12 * 11)
    np.testing.assert_allclose(found.replaced, 0.36 * raw)
    value, se = found.onto(("b", "a"), np.array([40.0, 60.0]), np.array([30.0, 10.0]))
    np.testing.assert_allclose(value, [35.0, 65.0])
    # what is left of a variance of 10 is not below nothing
    np.testing.assert_allclose(se, [(30.0 - 0.36 * raw) ** 0.5, 0.0], atol=1e-9)


def test_the_error_of_an_adjusted_mean_is_added_to_what_is_left() -> None:
    """onto() is sqrt(variance - replaced + own variance after adjustment)."""
    mixed = [*TWO, *people((3, "a", MAN, "1"), (3, "b", WOMAN, "3"))]
    found = adjustment(mixed)
    own = np.diag(found.covariance)
    assert (own > 0.1).all()
    np.testing.assert_allclose(own, 0.36 * np.diag(found.groups["key"].covariance), rtol=1e-12)
    _, se = found.onto(("a", "b"), np.array([60.0, 40.0]), np.array([90.0, 95.0]))
    np.testing.assert_allclose(se, np.sqrt([90.0, 95.0] - found.replaced + own), rtol=1e-12)


def test_each_group_counts_as_in_the_scheme() -> None:
    """The same answers from both groups: 60% and 40% of 8.33 points."""
    found = adjustment([*TWO, *TWO], group=["key"] * 24 + ["random"] * 24)
    assert list(found.groups) == ["key", "random"]
    np.testing.assert_allclose(found.shift, [25 / 3, -25 / 3])
    raw = (8 * (50 / 3) ** 2 + 4 * (100 / 3) ** 2) / (12 * 11)
    np.testing.assert_allclose(found.replaced, (0.36 + 0.16) * raw)


def test_a_committee_that_an_adjusted_group_did_not_judge_is_not_adjusted() -> None:
    alone = people((6, "c", MAN, "2"))
    found = adjustment([*TWO, *TWO, *alone], group=["key"] * 24 + ["random"] * 24 + ["key"] * 6)
    assert found.subjects == ("a", "b", "c")
    assert np.isfinite(found.shift[:2]).all()
    assert np.isnan(found.shift[2])
    value, se = found.onto(("a", "c", "x"), np.full(3, 60.0), np.full(3, 90.0))
    assert np.isfinite([value[0], se[0]]).all()
    assert np.isnan([*value[1:], *se[1:]]).all()


def test_a_category_of_nine_is_unknown_and_of_ten_is_known() -> None:
    ten = people(
        (10, "a", MAN, "2"), (5, "a", WOMAN, "1"), (5, "b", WOMAN, "2"), (5, "b", MAN, "3")
    )
    assert adjustment(ten).covariates == {"key": ("sex:2",)}
    nine = ten[:-6] + ten[-5:]
    assert sum(sex == WOMAN for _, sex, _ in nine) == 9
    found = adjustment(nine)
    assert found.groups == {}
    assert [(note.code, note.where) for note in found.notes] == [
        ("not_adjusted", "2016:key"),
        ("not_adjusted", "2016:random"),
    ]
    value, se = found.onto(("a", "b"), np.array([60.0, 40.0]), np.array([30.0, 10.0]))
    assert np.isnan([*value, *se]).all()


def test_the_commonest_category_is_what_the_others_are_compared_with() -> None:
    """More women than men: the dummy is of men, and worth 50 points less."""
    found = adjustment([*TWO, *people((3, "a", WOMAN, "1"), (3, "b", WOMAN, "2"))])
    assert found.covariates == {"key": ("sex:1",)}
    np.testing.assert_allclose(found.groups["key"].beta, [-50.0])


def test_an_unknown_profile_takes_the_committees_mean() -> None:
    """One who does not say her sex in a counts as a third of a woman, and changes no slope."""
    unknown = [*TWO, ("a", "", "2")]
    found = adjustment(unknown)
    assert found.groups["key"].imputed.tolist() == [1]
    np.testing.assert_allclose(found.groups["key"].covariate_means[:, 0], [4 / 12, 8 / 12])
    np.testing.assert_allclose(found.groups["key"].n, [13, 12])


def test_a_profile_that_says_the_same_twice_is_taken_once() -> None:
    """All men are young and all women old: age adds nothing to sex."""
    ages = ["1" if sex == MAN else "3" for _, sex, _ in TWO]
    assert adjustment(TWO, age=ages).covariates == {"key": ("sex:2",)}
    # an age of its own is taken as well
    other = ["1" if at % 2 else "3" for at in range(len(TWO))]
    assert adjustment(TWO, age=other).covariates == {"key": ("sex:2", "age:3")}


@pytest.mark.parametrize(("others", "taken"), [(1, False), (4, True)])
def test_a_profile_that_nearly_says_the_same_is_taken_from_a_fifth_on(
    others: int, taken: bool
) -> None:
    """192 residents whose sex varies by 192 * 2/9 = 43 within committees; age follows it but for

    one man in a (what sex leaves of his age is about 1 of 43, a seventh in standard deviations),
    or four of them (about 4 of 43: three tenths).
    """
    many = TWO * 8
    men = [at for at, (subject, sex, _) in enumerate(many) if (subject, sex) == ("a", MAN)]
    ages = ["1" if sex == MAN else "3" for _, sex, _ in many]
    for at in men[:others]:
        ages[at] = "3"
    expected = ("sex:2", "age:1") if taken else ("sex:2",)
    assert adjustment(many, age=ages).covariates == {"key": expected}


def test_a_profile_that_differs_only_between_committees_explains_nothing() -> None:
    apart = people((12, "a", MAN, "2"), (12, "b", WOMAN, "1"))
    found = adjustment(apart)
    assert found.groups == {}


def test_leaving_out_a_badly_judged_indicator_makes_nobody_content() -> None:
    """Everybody gives 100, 100 and 0 points (weights 40, 20, 40): 60. Four in ten of b's women

    leave the third out. They are as far from the street's mean as all others: at 60, not at 100.
    """
    silent = ["" if at in (20, 21, 22, 23) else "3" for at in range(24)]
    like = ["1"] * 24
    found = adjustment(TWO, r1=like, r2=like, r3=silent)
    np.testing.assert_allclose(found.groups["key"].mean, [60.0, 60.0])
    np.testing.assert_allclose(found.shift, 0.0, atol=1e-12)


def test_who_answered_too_little_of_the_weight_is_left_out() -> None:
    """Half of the weight is needed. B1 alone is 40%, B1 and A2 are 60%."""
    b1_alone = [""] * 2 + ["1"] * 22
    few = adjustment(TWO, r1=b1_alone, r2=b1_alone)
    assert few.groups["key"].n.tolist() == [10, 12]
    enough = adjustment(TWO, r1=b1_alone)
    assert enough.groups["key"].n.tolist() == [12, 12]


def test_too_few_answers_are_noted() -> None:
    """24 residents of 23 committees and one dummy: nothing is left to estimate an error from."""
    lonely = [(f"s{at:02}", MAN if at < 12 else WOMAN, "1") for at in range(23)]
    found = adjustment([*lonely, ("s00", WOMAN, "2")])
    assert found.groups == {}
    assert [note.where for note in found.notes] == ["2016:key", "2016:random"]
    assert "答卷太少" in said(found.notes[0])
    assert "没有可用的个人情况题" in said(found.notes[1])
    with pytest.raises(KeyError):
        found.covariates["key"]


@pytest.mark.parametrize(
    ("minimum", "second"), [(0.0, 52.5), (0.5, 52.5), (0.51, np.nan), (0.8, np.nan), (0.81, None)]
)
def test_ones_score_is_the_groups_mean_and_how_far_off_it_is_in_what_was_answered(
    minimum: float, second: float | None
) -> None:
    """Weights .5, .3, .2 and none. Of A the mean is (100 + 3·80)/4 = 85, of B 50, of C nothing: 57.5.

    The first is 15 above it in A, half of the .8 it answered: 7.5/.8; the second 5 below: -2.5/.5.
    """
    scores = np.array([[100.0, 50, np.nan, 7], [80, np.nan, np.nan, 9], [np.nan] * 4])
    weights = np.array([1.0, 0.6, 0.4, 0.0])
    found = one_score(scores, np.array([1.0, 3.0, 5.0]), weights, minimum)
    first = 57.5 + 7.5 / 0.8 if second is not None else np.nan
    expected = [first, np.nan if second is None else second, np.nan]
    np.testing.assert_allclose(found, expected, rtol=1e-12)
