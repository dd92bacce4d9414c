"""Coded rows lie in the order of what they say, whatever order they came in."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evalkit.answers.coded import _Rows


def test_rows_are_sorted_by_keys_then_by_their_answers_one_by_one() -> None:
    rng = np.random.default_rng(7)
    subjects = ["c1", "c10", "c2", "一居", "二居", "", *(f"x{at:03}" for at in range(300))]
    n = 2000
    own = pd.Series([subjects[at] for at in rng.integers(0, len(subjects), n)], dtype=object)
    group = pd.Series(np.array(["random", "key"], dtype=object)[rng.integers(0, 2, n)])
    answers = [rng.integers(-2, 3, n).astype(np.int8) for _ in range(3)]
    answers.append(rng.choice([-128, -1, 0, 127], n).astype(np.int8))
    rows = list(zip(own, group, *(a.tolist() for a in answers), strict=True))
    found = _Rows([own, group], len(answers))
    for at, one in enumerate(answers):
        found.put(at, one.view(np.uint8))
    keys, told = found.in_order()
    assert told.dtype == np.int8
    assert list(zip(*keys, *told.T.tolist(), strict=True)) == sorted(rows)


def test_no_rows_have_no_order() -> None:
    found = _Rows([pd.Series([], dtype=object)], 1)
    found.put(0, np.zeros(0, np.uint8))
    (keys,), answers = found.in_order()
    assert (len(keys), answers.shape) == (0, (0, 1))
