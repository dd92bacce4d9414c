"""Whether records say what residents say: which measure stands beside which indicator, by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from evalkit.answers.speaking import steady
from evalkit.definitions.scheme import Scheme
from evalkit.findings.agreeing import validity
from evalkit.methods.attenuation import likeness
from evalkit.tables import Scores, frame
from tests.answers.test_speaking_by_hand import GAP, LEVEL, SHARE, SMALL, ledger, reduced
from tests.findings.small_street import scores_of

SUBJECTS = "abcdefghi"
KEY = {
    "A1": [60, 70, 80, 90, 62, 77, 71, 85, GAP],
    "A2": [60, 50, 70, 80, 90, 55, 75, 66, 81],
    "B1": [GAP] * 9,
    "C1": [71, 62, 53, 84, 75, 66, 57, 88, 79],
}
RANDOM = {"A1": [50, 60, 70, 80, 60, 65, 58, 79, 60], "A2": [1, 2, 3, 4, 5, 6, 7, 8, 9]}


def scheme() -> Scheme:
    """Records of residents weigh 30 and stand first; key residents 42, random ones, asked A1 alone, 28."""
    document = yaml.safe_load(SMALL)
    key, line = document["groups"]
    random = key | {"code": "random", "name": "随机", "weight": 28, "covers": ["A1"]}
    document["groups"] = [line | {"residents": True}, random, key | {"weight": 42}]
    return Scheme.model_validate(document)


def scores() -> Scores:
    rows = [
        ("2016", s, code, "indicator", group, value, error, 11)
        for group, told, error in (("key", KEY, 1.0), ("random", RANDOM, 2.0))
        for code, values in told.items()
        for s, value in zip(SUBJECTS, values, strict=True)
    ]
    rows += [("2016", s, "A1", "dimension", "key", 1.0, 9.0, 11) for s in SUBJECTS]
    names = ["wave", "subject", "code", "level", "group", "estimate", "se", "n"]
    table = frame("indicators", pd.DataFrame(rows, columns=names))
    return replace(scores_of([70.0] * 9, 1.0, subjects=SUBJECTS), indicators=table)


def test_every_measure_stands_beside_the_indicators_it_is_made_of_or_named_with() -> None:
    """A1 is what both groups say, 42 to 28; A2 what key residents say. Of B1 nothing is known.

    The last two measures are not scored: a rate is told as it is, a level with a scale of its own is not.
    """
    context = {
        "code": "v",
        "name": "条数",
        "how": "rate",
        "per": 1000,
        "scored": False,
        "beside": ["A2"],
    }
    level = LEVEL | {"code": "w", "scored": False, "beside": ["A2"]}
    own = ledger(SHARE, LEVEL | {"beside": ["B1", "C1"]}, context, level, minimum_n=1)
    share, values = [20.0, 40, 60, 80, 99, 50, 45, 70, 30], [10.0, 30, 20, 40, 50, 15, 35, 25, 45]
    mean = np.column_stack([share, values, [GAP] * 9, [GAP] * 9])
    mean[3, 0] = GAP
    cov = np.array([np.diag([4.0 + at % 2, 3.0, 2.0, 1.0]) for at in range(9)])
    found = reduced(own, [[10] * 4] * 9, mean, cov, [[9] * 4] * 9)
    raw = mean[::-1].copy()
    raw[:, 2], raw[:, 3] = [5.0, 1, 4, 2, 3, 9, 7, 8, 6], [9.0, 8, 7, 6, 5, 4, 3, 2, 1]
    found = replace(found, raw=raw)
    ready = steady(found).covariance
    table = validity({"one": found}, {"one": ready}, scores(), scheme())
    assert table[["wave", "ledger"]].drop_duplicates().to_numpy().tolist() == [["2016", "one"]]
    rows = [*zip(table["measure"], table["indicator"], table["n"], strict=True)]
    assert rows == [
        ("s", "A1", 7),
        ("s", "C1", 8),
        ("t", "A1", 8),
        ("t", "A2", 9),
        ("t", "C1", 9),
        ("v", "A2", 9),
    ]
    asked = (42 * np.array(KEY["A1"]) + 28 * np.array(RANDOM["A1"])) / 70
    assert asked[:4].tolist() == pytest.approx([56.0, 66, 76, 86])
    error = np.full(9, (42**2 * 1.0 + 28**2 * 4.0) / 70**2)
    error[8] = GAP
    of_a2 = np.array(KEY["A2"], dtype=float), np.ones(9)
    of_c1 = np.array(KEY["C1"], dtype=float), np.ones(9)
    assert (ready[:2, 0, 0] != cov[:2, 0, 0]).all()
    expected: list[Any] = [
        (mean[:, 0], ready[:, 0, 0], asked, error), (mean[:, 0], ready[:, 0, 0], *of_c1),
        (values, np.full(9, 3.0), asked, error),
        (values, np.full(9, 3.0), *of_a2), (values, np.full(9, 3.0), *of_c1), (raw[:, 2], np.full(9, 2.0), *of_a2),
    ]  # fmt: skip
    for row, (x, v, y, w) in zip(table.itertuples(), expected, strict=True):
        known = np.isfinite(y) & np.isfinite(x)
        if known.sum() >= 8:
            assert row.r == pytest.approx(np.corrcoef(np.array(x)[known], y[known])[0, 1])
        alike = likeness(np.array(x), v, y, w, 0.95)
        told = (row.corrected, row.low, row.high)
        assert told == pytest.approx((alike.corrected, alike.low, alike.high), nan_ok=True)


def test_without_residents_or_records_there_is_nothing_to_compare() -> None:
    own = ledger(SHARE, minimum_n=1)
    found = reduced(own, [10] * 9, [float(x) for x in range(10, 100, 10)], [4.0] * 9, [9] * 9)
    ready = {"one": steady(found).covariance}
    assert len(validity({"one": found}, ready, scores(), scheme())) == 2
    nobody = scheme()
    groups = [g.model_copy(update={"residents": False}) for g in nobody.groups]
    nobody = nobody.model_copy(update={"groups": groups})
    assert validity({"one": found}, ready, scores(), nobody).empty
    assert validity({}, {}, scores(), scheme()).empty
    few = replace(found, n=np.zeros((9, 1)))
    assert validity({"one": few}, ready, scores(), scheme()).empty


def test_what_is_not_told_of_a_committee_is_not_compared() -> None:
    """Of nine committees two have one record, and of two records none; points have no scale here."""
    mean = [float(x) for x in range(10, 100, 10)]
    points = {"code": "p", "name": "点", "how": "points", "column": "value", "scored": False}
    cov = np.array([np.diag([4.0, 1.0])] * 9)
    for least, told in ((1, [8, 9]), (2, [6, 7])):
        own = ledger(SHARE, points | {"beside": ["A2"]}, minimum_n=least)
        found = reduced(
            own, [[1, 5]] * 2 + [[9, 5]] * 7, [[x, GAP] for x in mean], cov, [[9, 9]] * 9
        )
        found = replace(found, raw=np.array([[x, x] for x in mean]))
        table = validity({"one": found}, {"one": cov}, scores(), scheme())
        assert [*zip(table["measure"], table["indicator"], strict=True)] == [
            ("s", "A1"),
            ("s", "C1"),
        ]
        assert table["n"].tolist() == told
