"""What is given up to protect a small number, line by line: which, in what order, and what never."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
import scipy

from evalkit.findings import disclosure
from evalkit.findings.disclosure import Committee, Line, _Block, _partners, withhold

Level = Literal["cell", "group", "all", "score"]


def line(weights: str, level: Level, n: int, share: float = 1.0) -> Line:
    """A line of as many cells as there are numbers."""
    return Line(np.array([float(w) for w in weights.split()]), level, n, share)


def withheld(lines: list[Line], small: list[int], means: str) -> set[int]:
    committee = Committee(lines, small, np.array([float(m) for m in means.split()]))
    return withhold([committee]).lines[0]


def test_a_small_cell_that_follows_from_nothing_is_all_that_goes() -> None:
    lines = [line("1 0 0", "cell", 5), line("0 1 0", "cell", 9), line("0 .5 .5", "group", 30)]
    assert withheld(lines, [0], "50 50 50") == {0}


def test_one_other_part_of_the_sum_is_given_up_and_the_sum_is_told() -> None:
    """Of 0.5 a + 0.5 b = 50 each is anything from 0 to 100."""
    lines = [line("1 0", "cell", 5, 0.5), line("0 1", "cell", 90, 0.5), line(".5 .5", "group", 20)]
    assert withheld(lines, [0], "50 50") == {0, 1}


@pytest.mark.parametrize(("sum_of_both", "gone"), [(94.0, {0, 1}), (96.0, {0, 2})])
def test_a_sum_near_the_scales_end_goes_instead_of_its_other_part(
    sum_of_both: float, gone: set[int]
) -> None:
    """Of 0.5 a + 0.5 b = 94 a is 88 to 100, 12 points; of 96 it is 92 to 100, only 8."""
    lines = [line("1 0", "cell", 5, 0.5), line("0 1", "cell", 90, 0.5), line(".5 .5", "group", 95)]
    assert withheld(lines, [0], f"{sum_of_both} {sum_of_both}") == gone


@pytest.mark.parametrize(("weight", "beside"), [(0.45, 2), (0.55, 1)])
def test_a_light_cell_cannot_hide_a_heavy_one(weight: float, beside: int) -> None:
    """From 0 to 100 it moves the small one, of weight 5, by ten times its weight either way."""
    lines = [
        line("1 0 0", "cell", 5, 5.0),
        line("0 1 0", "cell", 20, weight),
        line("0 0 1", "cell", 30, 5.0),
        line(f"5 {weight} 5", "score", 55),
    ]
    assert withheld(lines, [0], "50 50 50") == {0, beside}


def test_of_other_cells_that_of_the_fewest_answers_is_given_up() -> None:
    lines = [
        line("1 0 0", "cell", 5, 0.4),
        line("0 1 0", "cell", 20, 0.3),
        line("0 0 1", "cell", 12, 0.3),
        line(".4 .3 .3", "group", 37),
    ]
    assert withheld(lines, [0], "50 50 50") == {0, 2}
    lines[1], lines[2] = lines[2], lines[1]
    assert withheld(lines, [0], "50 50 50") == {0, 1}


def test_of_equal_ones_the_first_is_given_up() -> None:
    lines = [
        line("1 0 0", "cell", 5, 0.4),
        line("0 1 0", "cell", 20, 0.3),
        line("0 0 1", "cell", 20, 0.3),
        line(".4 .3 .3", "group", 45),
    ]
    assert withheld(lines, [0], "50 50 50") == {0, 1}


def test_what_takes_no_part_is_told_however_small() -> None:
    lines = [
        line("1 0 0", "cell", 5, 0.5),
        line("0 1 0", "cell", 30, 0.5),
        line("0 0 1", "cell", 3),
        line(".5 .5 0", "group", 35),
    ]
    assert withheld(lines, [0], "50 50 50") == {0, 1}


def test_a_sum_that_is_the_small_cell_itself_goes_with_it() -> None:
    lines = [
        line("1 0", "cell", 5),
        line("1 0", "all", 4),
        line("1 0", "group", 90),
        line("0 1", "cell", 30),
    ]
    assert withheld(lines, [0], "50 50") == {0, 1, 2}


def test_cells_go_before_sums_of_one_group_and_these_before_sums_over_groups() -> None:
    """Two sums of two cells solve for both; one of them must go, whatever its answers."""
    lines = [line("1 0", "cell", 5), line(".5 .5", "all", 4), line(".2 .8", "group", 90)]
    assert withheld(lines, [0], "50 50") == {0, 2}
    lines = [line("1 0", "cell", 5), line(".5 .5", "score", 4), line(".2 .8", "all", 90)]
    assert withheld(lines, [0], "50 50") == {0, 2}
    lines = [line("1 0", "cell", 5), line(".5 .5", "all", 40), line("0 1", "cell", 99)]
    assert withheld(lines, [0], "50 50") == {0, 2}


def test_a_score_is_told_and_what_it_gives_away_is_counted() -> None:
    committee = Committee(
        [line("1 0", "cell", 5, 0.5), line("0 1", "cell", 50, 0.5), line(".5 .5", "score", 55)],
        [0],
        np.array([97.0, 99.0]),
    )
    found = withhold([committee])
    assert found.lines == [{0, 1}]
    assert found.given_away == [{0}]


def test_a_small_cell_that_is_the_score_is_told_by_it() -> None:
    found = withhold(
        [Committee([line("1", "cell", 5), line("1", "score", 5)], [0], np.array([50.0]))]
    )
    assert found.lines == [{0}]
    assert found.given_away == [{0}]


def test_two_small_cells_protect_each_other() -> None:
    lines = [
        line("1 0 0", "cell", 5, 0.5),
        line("0 1 0", "cell", 6, 0.5),
        line("0 0 1", "cell", 50, 0.5),
        line(".5 .5 0", "group", 11),
    ]
    assert withheld(lines, [0, 1], "50 50 50") == {0, 1}
    lines.append(line(".2 .3 .5", "group", 61))
    # Two sums, told with the third cell, are two equations for two unknowns.
    assert withheld(lines, [0, 1], "50 50 50") == {0, 1, 2}


def test_a_small_sum_is_protected_as_small_cells_are() -> None:
    """Three groups' sums make the score: without the smallest, the next smallest goes."""
    lines = [
        line("1 0 0", "group", 2, 0.1),
        line("0 1 0", "group", 12, 0.3),
        line("0 0 1", "group", 40, 0.6),
        line(".1 .3 .6", "score", 54),
    ]
    assert withheld(lines, [0], "50 50 50") == {0, 1}


def test_nothing_small_nothing_left_out() -> None:
    lines = [line("1 0", "cell", 50), line(".5 .5", "group", 90)]
    assert withheld(lines, [], "50 50") == set()


# --- over committees --------------------------------------------------------------------------


def committee(small: list[int], n: int, means: tuple[float, float] = (50.0, 50.0)) -> Committee:
    """Two indicators that everybody judges, and the score that is half of each."""
    return Committee(
        [line("1 0", "all", n, 0.5), line("0 1", "all", n, 0.5), line(".5 .5", "score", n)],
        small,
        np.array(means),
    )


def test_a_mean_over_committees_takes_the_same_numbers_of_another_the_fewest_answers_first() -> (
    None
):
    """The street's first indicator less all the others' is the small one."""
    street = [committee([0], 5), committee([], 40), committee([], 30), committee([], 35)]
    means = [dict.fromkeys(range(4), at) for at in (0, 1)]
    assert withhold(street).lines == [{0, 1}, set(), set(), set()]
    assert withhold(street, means).lines == [{0, 1}, set(), {0, 1}, set()]


def test_committees_that_withhold_the_same_protect_each_other() -> None:
    street = [committee([0], 5), committee([], 20), committee([1], 6)]
    means = [dict.fromkeys(range(3), at) for at in (0, 1)]
    assert withhold(street, means).lines == [{0, 1}, set(), {0, 1}]


def test_a_partner_at_the_scales_end_is_not_enough() -> None:
    """The partner's 99 can go down to 0, but up by one point only: a third committee helps."""
    street = [committee([0], 5), committee([1], 6, (99.0, 99.0)), committee([], 20)]
    means = [dict.fromkeys(range(3), at) for at in (0, 1)]
    assert withhold(street, means).lines == [{0, 1}, {0, 1}, {0, 1}]


def test_what_all_means_together_give_away_is_counted() -> None:
    """Two committees of 99 and 99 cannot hide each other's numbers."""
    street = [committee([0], 5, (99.0, 99.0)), committee([], 20, (99.0, 99.0))]
    found = withhold(street, [{0: 0, 1: 0}, {0: 1, 1: 1}])
    assert found.given_away == [{0}, set()]


def test_what_is_withheld_already_stays_so() -> None:
    assert withhold([committee([], 40)], already={0: [1]}).lines == [{1}]


@pytest.mark.parametrize("told", [2, 3, 4, 5])
def test_a_move_inside_the_scale_is_found_where_a_linear_program_finds_one(told: int) -> None:
    """Of six cells sums are told; one, two, three and four directions are left, and none."""
    rng = np.random.default_rng(told)
    answers = []
    for _ in range(25):
        sums = rng.dirichlet(np.ones(6), told).round(3)
        lines = [Line(own, "group", 40) for own in sums]
        lines += [Line(rng.dirichlet(np.ones(6)), "score", 99), Line(np.eye(6)[0], "cell", 3)]
        block = _Block([Committee(lines, [told + 1], rng.uniform(0, 100, 6))], [{told + 1}], [])
        unseen = block._unseen(block._gone)
        assert unseen.shape == (5 - told, 6)
        if not len(unseen):
            continue
        move = block._inside(unseen, unseen[:, 0], reach := rng.choice([-9.0, 9.0]))
        solved = scipy.optimize.linprog(
            np.zeros(6),
            A_eq=np.vstack([block._lines[:-1], np.eye(6)[:1]]),
            b_eq=np.append(np.zeros(told + 1), reach),
            bounds=block._bounds,
        )
        assert (move is not None) == (solved.status == 0)
        answers.append(move is not None)
        if move is not None:
            assert np.abs(block._lines[:-1] @ move).max() < 1e-6
            assert move[0] == pytest.approx(reach)
            assert ((block._low - 1e-5 < move) & (move < block._high + 1e-5)).all()
    assert told == 5 or 0 < sum(answers) < len(answers)


def test_who_withholds_most_of_the_same_gives_more_up_then_the_fewest_answers_then_the_first() -> (
    None
):
    street = [committee([0], 5), *(committee([], n) for n in (40, 30, 30, 90, 60))]
    hidden: list[set[int]] = [{0}, set(), set(), set(), {0, 1}, {1}]
    means = [dict.fromkeys(range(6), at) for at in (0, 1)]
    assert _partners(street, means, hidden, 0) == [4, 5, 2, 3, 1]
    assert _partners(street, means[:1], hidden, 0) == [4, 2, 3, 1, 5]
    assert _partners(street, [{0: 0, 3: 0}], hidden, 0) == [3]


@pytest.mark.parametrize(
    ("others", "enough", "tried"),
    [(5, False, [4, 6]), (5, True, [4]), (3, False, [4]), (2, True, [3])],
)
def test_three_others_are_tried_first_and_all_where_these_cannot(
    others: int, enough: bool, tried: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []

    class Block:
        def __init__(self, members: list[Committee], hidden: list[set[int]], means: object) -> None:
            sizes.append(len(members))
            self.hidden, self.lost = hidden, set() if enough else {0}

        def protect(self) -> None:
            pass

    monkeypatch.setattr(disclosure, "_Block", Block)
    street = [committee([0], 5), *(committee([], 40) for _ in range(others))]
    means = [dict.fromkeys(range(others + 1), 0)]
    hidden: list[set[int]] = [{0}, *(set() for _ in range(others))]
    lost: list[set[int]] = [set() for _ in street]
    disclosure._together(street, means, means, 0, hidden, lost)
    assert sizes == tried
    assert lost[0] == (set() if enough else {0})


def test_where_no_program_can_be_solved_nothing_is_told_but_the_score(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    block = _Block([committee([0], 5)], [{0}], [])
    monkeypatch.setattr(_Block, "_leave_out", lambda self, row, reach: False)
    monkeypatch.setattr(_Block, "_furthest", lambda self, row, sign: 50.0)
    block._moved(0)
    assert block.hidden == [{0, 1}]
    assert block.lost == set()
