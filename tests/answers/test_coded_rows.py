"""Coded rows lie in the order of what they say, whatever order they came in."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evalkit.answers.coded import _in_order


def test_rows_are_sorted_by_keys_then_by_their_answers_one_by_one() -> None:
    rng = np.random.default_rng(7)
    subjects = ["c1", "c10", "c2", "一居", "二居", "", *(f"x{at:03}" for at in range(300))]
    n = 2000
    own = pd.Series([subjects[at] for at in rng.integers(0, len(subjects), n)], dtype=object)
    group = pd.Series(np.array(["random", "key"], dtype=object)[rng.integers(0, 2, n)])
    answers = [rng.integers(-2, 3, n).astype(np.int8) for _ in range(3)]
    answers.append(rng.choice([-128, -1, 0, 127], n).astype(np.int8))
    rows = list(zip(own, group, *(a.tolist() for a in answers), strict=True))
    order = _in_order([own, group], answers)
    assert sorted(order.tolist()) == list(range(n))
    assert [rows[at] for at in order] == sorted(rows)


def test_no_rows_have_no_order() -> None:
    nothing = pd.Series([], dtype=object)
    assert len(_in_order([nothing], [np.zeros(0, np.int8)])) == 0
