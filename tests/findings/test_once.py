"""What is made of a rater group's cells is worked out once, and nobody can change it."""

from __future__ import annotations

import numpy as np
import pytest

from evalkit.findings.once import combined_once, worked_out_once
from evalkit.findings.steadying import Steadied, steadied
from evalkit.tables import Floats, GroupCells
from tests.findings.small_street import group_of

ALL = np.arange(1)


def test_the_same_cells_under_the_same_weights_are_worked_out_once_inside() -> None:
    asked: list[Floats] = []

    @worked_out_once
    def total(group: GroupCells, rows: Floats) -> tuple[Floats]:
        asked.append(rows)
        return (group.n * rows.sum(axis=1),)

    group, other = (
        group_of([[80.0], [70.0]], [[4.0], [9.0]], [20, 15]),
        group_of([[80.0], [70.0]], [[4.0], [9.0]], [20, 15]),
    )
    rows = np.arange(4.0).reshape(2, 2)
    for _ in range(2):
        assert total(group, rows)[0].tolist() == [20.0 * 1.0, 15.0 * 5.0]
    assert len(asked) == 2  # outside, every time
    with combined_once():
        first = total(group, rows)
        assert total(group, rows.copy()) is first
        assert len(asked) == 3
        total(other, rows)
        total(group, rows + 1.0)
        total(group, np.asfortranarray(rows))  # a sum's last digit hangs on where numbers lie
        assert len(asked) == 6
        assert total(group, rows=rows * 10.0)[0].tolist() == [20.0 * 10.0, 15.0 * 50.0]
        assert total(group, rows=rows)[0].tolist() == [20.0 * 1.0, 15.0 * 5.0]
        assert len(asked) == 8  # by name they count as well
    assert total(group, rows) is not first


def test_what_is_remembered_can_only_be_read() -> None:
    group = group_of([[80.0], [70.0]], [[4.0], [9.0]], [20, 15])
    with combined_once():
        found = steadied(group, ALL, np.ones(1))
    assert isinstance(found, Steadied)
    with pytest.raises(ValueError, match="read-only"):
        found.variance[0] = 0.0
    np.testing.assert_array_equal(found.variance, steadied(group, ALL, np.ones(1)).variance)
