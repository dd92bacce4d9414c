from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from evalkit.methods.decomposition import bennet, rank_move
from evalkit.methods.rank_sets import competition_rank

numbers = st.floats(-100, 100, allow_nan=False)


class TestBennet:
    def test_by_hand(self) -> None:
        # w .5 -> .7 and x 80 -> 90: .6 * 10 = 6 from the value, 85 * .2 = 17 from the weight
        from_values, from_weights = bennet([0.5, 0.5], [80, 60], [0.7, 0.3], [90, 60])
        assert_allclose(from_values, [6.0, 0.0])
        assert_allclose(from_weights, [17.0, -12.0])

    @given(st.lists(st.tuples(numbers, numbers, numbers, numbers), min_size=1, max_size=20))
    @settings(max_examples=100, deadline=None)
    def test_adds_up(self, rows: list[tuple[float, ...]]) -> None:
        w0, x0, w1, x1 = np.array(rows).T
        from_values, from_weights = bennet(w0, x0, w1, x1)
        change = (w1 * x1).sum() - (w0 * x0).sum()
        assert from_values.sum() + from_weights.sum() == pytest.approx(change, abs=1e-9)
        back_values, back_weights = bennet(w1, x1, w0, x0)
        assert_allclose(back_values, -from_values)
        assert_allclose(back_weights, -from_weights)
        assert not bennet(w0, x0, w0, x1)[1].any()
        assert not bennet(w0, x0, w1, x0)[0].any()

    def test_broadcasts_weights_over_subjects(self) -> None:
        x0, x1 = np.zeros((5, 3)), np.ones((5, 3))
        from_values, from_weights = bennet([0.2, 0.3, 0.5], x0, [0.2, 0.3, 0.5], x1)
        assert from_values.shape == from_weights.shape == (5, 3)
        assert_allclose(from_values.sum(axis=1), 1.0)

    def test_a_missing_term_stays_missing(self) -> None:
        from_values, from_weights = bennet([0.5, 0.5], [1.0, np.nan], [0.5, 0.5], [2.0, 3.0])
        assert_array_equal(np.isnan(from_values), [False, True])
        assert_array_equal(np.isnan(from_weights), [False, True])


class TestRankMove:
    def test_by_hand(self) -> None:
        # a: 90 -> 80 falls behind b (85) by its own doing
        move = rank_move([90.0, 85.0, 70.0], [80.0, 85.0, 70.0])
        assert move.own.tolist() == [1.0, 0.0, 0.0]
        assert move.field.tolist() == [0.0, -1.0, 0.0]

    def test_overtaken_while_standing_still(self) -> None:
        move = rank_move([80.0, 70.0, 60.0], [80.0, 95.0, 90.0])
        assert move.own[0] == 0.0
        assert move.field[0] == 2.0

    def test_a_swap_is_half_and_half(self) -> None:
        # from rank 2 to 1: rising to 85 alone passes the old 80; the other's fall to 60 alone too
        move = rank_move([80.0, 70.0], [60.0, 85.0])
        assert move.own.tolist() == [0.5, -0.5]
        assert move.field.tolist() == [0.5, -0.5]

    @given(
        st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=12),
        st.integers(0, 11),
    )
    @settings(max_examples=150, deadline=None)
    def test_is_the_shapley_value(self, rows: list[tuple[int, int]], which: int) -> None:
        old, new = np.array(rows, dtype=float).T
        move = rank_move(old, new)
        assert_array_equal(move.own + move.field, competition_rank(new) - competition_rank(old))
        j = which % old.size

        def rank_if(self_moved: bool, others_moved: bool) -> int:
            scores = (new if others_moved else old).copy()
            scores[j] = new[j] if self_moved else old[j]
            return int(competition_rank(scores)[j])

        own = (
            rank_if(True, False)
            - rank_if(False, False)
            + rank_if(True, True)
            - rank_if(False, True)
        ) / 2
        assert move.own[j] == own
        # one's own rise never costs a place
        assert move.own[j] * (new[j] - old[j]) <= 0
        if new[j] == old[j]:
            assert move.own[j] == 0

    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            ([1.0, 2.0], [1.0], "one length"),
            ([1.0, np.nan], [1.0, 2.0], "present in both waves"),
            ([[1.0]], [[1.0]], "1-D"),
        ],
    )
    def test_refuses(self, old: Any, new: Any, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            rank_move(old, new)
