"""Texts kept as bytes say what the same texts say as `str`."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.files import texts
from evalkit.files.alike import are_figures, held, laid_out, numbers_of, said, says
from evalkit.files.grid import Column, bare
from evalkit.files.texts import UNTOLD, Texts

LISTED = ["12", "", "满意", "2026-11-01 09:05:07", "7", "12"]
OBJECTS = pd.Series(LISTED, dtype=object)
ASKED: dict[str, Callable[[pd.Series], Any]] = {
    "cells": lambda one: one.tolist(),
    "one": lambda one: [one[3], one.iloc[-1], one.iloc[np.int64(1)]],
    "some": lambda one: one.iloc[[4, 0]].tolist(),
    "masked": lambda one: one[one != ""].tolist(),
    "reversed": lambda one: one[::-1].tolist(),
    "gone through": list,
    "equal": lambda one: (one == "12").tolist(),
    "longer": lambda one: (one == "12" * 20).tolist(),
    "nul": lambda one: (one == "12\0").tolist(),
    "list": lambda one: (one == ["12", "", "x", "", "7", None]).tolist(),
    "itself": lambda one: (one == one).tolist(),
    "numbered": lambda one: [pd.factorize(one)[0].tolist(), pd.factorize(one)[1].tolist()],
    "in order": lambda one: one.sort_values(kind="stable").index.tolist(),
    "among": lambda one: one.isin(["7", "满意", "8"]).tolist(),
    "different": lambda one: one.unique().tolist(),
    "told": lambda one: one.map(len).tolist(),
    "retold": lambda one: one.map(lambda text: text + "号").tolist(),
    "str": lambda one: one.astype(str).str.len().tolist(),
    "twice": lambda one: pd.concat([one, one.iloc[4:]]).tolist(),
    "missing": lambda one: one.reindex([5, 99, 0]).isna().tolist(),
    "none": lambda one: one.iloc[:0].tolist(),
    "kept": lambda one: pickle.loads(pickle.dumps(one)).tolist(),
    "own places": lambda one: pd.Index(one[:5]).get_indexer(pd.Index(one[2:])).tolist(),
    "places": lambda one: pd.Index(one[:5]).get_indexer(["7", "x", "12"]).tolist(),
    "row": lambda one: pd.DataFrame({"a": one, "b": 1}).loc[2].tolist(),
    "filled": lambda one: held(one).tolist(),
    "says": lambda one: [says(one, text) for text in ("7", "满意", "x", "1")],
}


@pytest.mark.parametrize("asked", ASKED)
def test_a_column_says_what_one_of_objects_says(asked: str) -> None:
    own = Texts.of(LISTED)
    assert own is not None
    assert ASKED[asked](pd.Series(own)) == ASKED[asked](OBJECTS)


def test_missing_texts_are_no_texts_and_equal_nothing() -> None:
    own = pd.Series(Texts(np.array([b"a", UNTOLD, "满".encode()])))
    assert own.astype(object).fillna("-").tolist() == ["a", "-", "满"]
    assert own.isna().tolist() == [False, True, False]
    assert (own == own).tolist() == [True, False, True]
    assert own.reindex([0, 5]).isna().tolist() == [False, True]
    assert own.iloc[:0].reindex([5]).isna().tolist() == [True]


def test_what_bytes_cannot_hold_is_not_kept_as_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "LONGEST", 6)
    assert Texts.of(["123456", "满意"]) is not None
    assert Texts.of(["1234567"]) is None
    assert Texts.of(["满意了"]) is None
    assert Texts.of(["a\0"]) is None


def test_texts_cannot_be_changed() -> None:
    own = Texts.of(["1", "2"])
    assert own is not None
    with pytest.raises(NotImplementedError):
        own[0] = "12345"


SIGNS = st.text(st.sampled_from("019 /:\t\x1fa满"), max_size=20)


@settings(max_examples=150, deadline=None)
@given(st.lists(SIGNS, min_size=1, max_size=6))
def test_what_bytes_tell_is_what_texts_tell(listed: list[str]) -> None:
    own = Texts.of(listed)
    assert own is not None
    assert own.is_plain == "".join(listed).isascii()
    assert own.held.tolist() == [text != "" for text in listed]
    if own.is_plain:
        assert own.are_bare == all(bare(text) == text for text in listed)
        assert own.figures_at(4).tolist() == [text[4:5].isdigit() for text in listed]
    column = pd.Series(own)
    figures = all(re.fullmatch("[0-9]+", text) for text in listed)
    assert are_figures(column) == figures
    if figures:
        numbers = numbers_of(column)
        long = max(map(len, listed)) > texts.FIGURES
        assert numbers is None if long else numbers.tolist() == [int(text) for text in listed]


@pytest.mark.parametrize("last", ["3", " 3", "3\t", "满"])
def test_cells_below_a_header_are_bytes_where_they_are_bare_and_plain(
    last: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evalkit.files.alike.FEW", 3)
    own = Texts.of(["序号（从一起）", "1", "12", last])
    cells = laid_out(Column(own, None), 1)
    assert cells.tolist() == said(cells) == ["1", "12", bare(last)]
    assert isinstance(cells.array, Texts) == (last == "3")
    if last == "3":
        assert cells.array.cells.itemsize == 2
    assert not isinstance(laid_out(Column(own, None), 2).array, Texts)
