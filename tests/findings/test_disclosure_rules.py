"""What is given up to protect a small cell, line by line: which, in what order, and what never."""

from __future__ import annotations

from typing import Literal

import numpy as np

from evalkit.findings.disclosure import Line, withheld

Level = Literal["cell", "group", "all", "score"]


def line(weights: str, level: Level, n: int) -> Line:
    """A line of as many cells as there are numbers."""
    return Line(np.array([float(w) for w in weights.split()]), level, n)


def test_a_small_cell_that_follows_from_nothing_is_all_that_goes() -> None:
    lines = [line("1 0 0", "cell", 5), line("0 1 0", "cell", 9), line("0 .5 .5", "group", 30)]
    assert withheld(lines, [0]) == {0}


def test_one_other_part_of_the_sum_is_given_up_and_the_sum_is_told() -> None:
    lines = [line("1 0", "cell", 5), line("0 1", "cell", 90), line(".5 .5", "group", 20)]
    assert withheld(lines, [0]) == {0, 1}


def test_of_other_cells_that_of_the_fewest_answers_is_given_up() -> None:
    lines = [
        line("1 0 0", "cell", 5),
        line("0 1 0", "cell", 20),
        line("0 0 1", "cell", 12),
        line(".4 .3 .3", "group", 37),
    ]
    assert withheld(lines, [0]) == {0, 2}
    lines[1], lines[2] = lines[2], lines[1]
    assert withheld(lines, [0]) == {0, 1}


def test_of_equal_ones_the_first_is_given_up() -> None:
    lines = [
        line("1 0 0", "cell", 5),
        line("0 1 0", "cell", 20),
        line("0 0 1", "cell", 20),
        line(".4 .3 .3", "group", 45),
    ]
    assert withheld(lines, [0]) == {0, 1}


def test_what_takes_no_part_is_told_however_small() -> None:
    lines = [
        line("1 0 0", "cell", 5),
        line("0 1 0", "cell", 30),
        line("0 0 1", "cell", 3),
        line(".5 .5 0", "group", 35),
    ]
    assert withheld(lines, [0]) == {0, 1}


def test_a_sum_of_one_group_goes_before_a_sum_over_groups() -> None:
    """The group's sum is the cell itself, and so is the sum over groups: both must go, no others."""
    lines = [
        line("1 0", "cell", 5),
        line("1 0", "all", 4),
        line("1 0", "group", 90),
        line("0 1", "cell", 30),
    ]
    assert withheld(lines, [0]) == {0, 1, 2}
    # With two sums that give the cell together, the group's is given up and the other told.
    lines = [
        line("1 0", "cell", 5),
        line(".5 .5", "all", 4),
        line(".2 .8", "group", 90),
    ]
    assert withheld(lines, [0]) == {0, 2}


def test_a_sum_over_groups_goes_before_a_score() -> None:
    lines = [line("1 0", "cell", 5), line(".5 .5", "score", 4), line(".2 .8", "all", 90)]
    assert withheld(lines, [0]) == {0, 2}


def test_of_sums_that_of_the_fewest_answers_is_given_up() -> None:
    lines = [line("1 0", "cell", 5), line(".5 .5", "all", 40), line(".2 .8", "all", 39)]
    assert withheld(lines, [0]) == {0, 2}
    lines = [line("1 0", "cell", 5), line(".5 .5", "group", 38), line(".2 .8", "group", 39)]
    assert withheld(lines, [0]) == {0, 1}


def test_a_score_is_told_whatever_it_gives_away() -> None:
    assert withheld([line("1 0", "cell", 5), line("1 0", "score", 5)], [0]) == {0}
    both = [line("1 0", "cell", 5), line(".5 .5", "score", 5), line(".2 .8", "score", 5)]
    assert withheld(both, [0]) == {0}


def test_two_small_cells_protect_each_other_until_both_sums_are_told() -> None:
    lines = [
        line("1 0 0", "cell", 5),
        line("0 1 0", "cell", 6),
        line("0 0 1", "cell", 50),
        line(".5 .5 0", "group", 11),
    ]
    assert withheld(lines, [0, 1]) == {0, 1}
    lines.append(line(".2 .3 .5", "group", 61))
    # Two sums, told with the third cell, are two equations for two unknowns.
    assert withheld(lines, [0, 1]) == {0, 1, 2}


def test_a_second_small_cell_is_protected_too() -> None:
    lines = [
        line("1 0 0 0", "cell", 50),
        line("0 1 0 0", "cell", 5),
        line("0 0 1 0", "cell", 40),
        line("0 0 0 1", "cell", 6),
        line(".5 .5 0 0", "group", 55),
        line("0 0 .5 .5", "group", 46),
    ]
    assert withheld(lines, [1, 3]) == {1, 3, 0, 2}


def test_nothing_small_nothing_left_out() -> None:
    lines = [line("1 0", "cell", 50), line(".5 .5", "group", 90)]
    assert withheld(lines, []) == set()


def test_a_cell_alone_has_nothing_to_be_worked_out_from() -> None:
    assert withheld([line("1", "cell", 5)], [0]) == {0}
