"""What is done once for every different text says of every cell what it says."""

from __future__ import annotations

from array import array
from collections import Counter

import numpy as np
import pandas as pd
import pytest

from evalkit.files import alike
from evalkit.files.grid import Column


@pytest.fixture(autouse=True)
def however_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alike, "FEW", 0)


REPEATING = Column(
    ["头", " 满意", "满意", "", "一般\u200b", "没有人"], array("i", [0, 1, 3, 2, 4, 1])
)
PLAIN = Column(["头", " 满意", "", "满意", "一般\u200b", "\u3000满意"], None)
CELLS = ["满意", "", "满意", "一般", "满意"]


@pytest.mark.parametrize("column", [REPEATING, PLAIN], ids=["codes", "texts"])
def test_cells_are_bare_and_counted_whichever_way_they_are_kept(column: Column) -> None:
    cells = alike.laid_out(column, 1)
    assert isinstance(cells.dtype, pd.CategoricalDtype) == (column is REPEATING)
    assert cells.astype(str).tolist() == CELLS
    assert alike.different(cells) == ["满意", "", "一般"]
    assert alike.counted(cells) == {"满意": 3, "": 1, "一般": 1}
    assert alike.held(cells).tolist() == [True, False, True, True, True]
    assert set(alike.said(cells)) == {"满意", "", "一般"}
    asked: list[str] = []
    told = alike.each(cells, lambda text: asked.append(text) or len(text))
    assert told.tolist() == [2, 0, 2, 2, 2]
    assert sorted(asked) == ["", "一般", "满意"]
    codes = alike.coded(cells, {"满意": "1", "": None, "一般": "2"})
    assert codes.isna().tolist() == [False, True, False, False, False]
    assert codes.dropna().tolist() == ["1", "1", "2", "1"]


def test_texts_of_rows_that_are_left_out_are_asked_nothing() -> None:
    cells = alike.laid_out(REPEATING, 1).iloc[[0, 2]]
    assert alike.each(cells, {"满意": 5}.__getitem__).tolist() == [5, 5]
    assert alike.coded(cells, {"满意": "1"}).tolist() == ["1", "1"]
    assert alike.different(cells) == ["满意"]


def test_few_cells_stay_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    for few, coded in ((5, True), (6, False)):
        monkeypatch.setattr(alike, "FEW", few)
        cells = alike.laid_out(REPEATING, 1)
        assert isinstance(cells.dtype, pd.CategoricalDtype) == coded
        assert cells.astype(str).tolist() == CELLS


@pytest.mark.parametrize("blank", [" ", "\t", "\r", "\x1f", "\u3000", "\u200b", "\ufeff"])
def test_nothing_stays_around_a_text_of_a_column_that_never_repeats(blank: str) -> None:
    for text in (f"{blank}a b", f"a b{blank}", f"{blank}a b{blank}"):
        assert alike.laid_out(Column(["x", text, "c"], None), 0).tolist() == ["x", "a b", "c"]


def test_rows_alike_have_one_number_and_others_another(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = [np.array([0, 1, 0, 1, 0]), np.array([2, 2, 2, 0, 1]), np.array([-1, 5, -1, 5, -1])]
    for multiplier in (alike._MIX, np.uint64(0)):  # with 0 all rows but by the last column collide
        monkeypatch.setattr(alike, "_MIX", multiplier)
        which, first = alike.rows_alike(columns)
        assert which.tolist() == [0, 1, 0, 2, 3]
        assert first.tolist() == [0, 1, 3, 4]


def test_rows_of_usual_tables_are_told_apart_at_the_first_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every pair of 40 and 40, twice, and a third column that tells nothing."""
    monkeypatch.delattr(pd.MultiIndex, "from_arrays")
    rows = np.tile(np.arange(1600), 2)
    which, first = alike.rows_alike([rows // 40, np.zeros(3200, dtype=np.intp), rows % 40])
    assert (which.tolist(), first.tolist()) == (rows.tolist(), list(range(1600)))
    which, first = alike.rows_alike([])
    assert (which.tolist(), first.tolist()) == ([], [])


@pytest.mark.parametrize("few", [0, 9], ids=["codes", "texts"])
def test_a_cell_that_became_nothing_is_no_text_and_is_counted_as_none(
    few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alike, "FEW", few)
    cells = alike.coded(alike.laid_out(REPEATING, 1), {"满意": "1", "": None, "一般": "2"})
    assert isinstance(cells.dtype, pd.CategoricalDtype) == (few == 0)
    if few == 0:
        assert alike.different(cells) == ["1", "2"]
        assert alike.counted(cells) == {"1": 3, "2": 1}
        which, texts = alike.places(cells)
        assert (which.tolist(), texts) == ([0, -1, 0, 1, 0], ["1", "2"])
    told = alike.each(cells, lambda text: text * 2, nothing="-")
    assert told.tolist() == ["11", "-", "11", "22", "11"]


def test_texts_stand_in_the_order_in_which_they_come_however_far_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whether all of them stand among the first rows, or some come after these, or never."""
    texts = ["a", "b", "c", "never"]
    codes = np.array([2, 2, 0, 2, 1, 0], dtype=np.int8)
    cells = pd.Series(pd.Categorical.from_codes(codes, texts))
    for head in (1, 2, 3, 5, 6, 99):
        monkeypatch.setattr(alike, "_HEAD", head)
        assert alike.different(cells) == ["c", "a", "b"]
        assert alike.counted(cells) == {"c": 3, "a": 2, "b": 1}
        which, found = alike.places(cells)
        assert (which.tolist(), found) == ([0, 0, 1, 0, 2, 1], ["c", "a", "b"])
        calls = Counter[str]()
        alike.each(cells, lambda text, calls=calls: calls.update([text]))
        assert calls == {"a": 1, "b": 1, "c": 1}


@pytest.mark.parametrize("more", [0, 1])
def test_codes_are_of_the_smallest_kind_that_holds_them(more: int) -> None:
    """127 texts need one code more for what is missing than 126."""
    count = 126 + more
    cells = pd.Series([str(at) for at in range(count)] * 2, dtype="category")
    found = alike.coded(cells, {str(at): f"n{at}" for at in range(count)})
    assert found.tolist() == [f"n{at}" for at in range(count)] * 2
    assert found.cat.codes.dtype == (np.int16 if more else np.int8)


@pytest.mark.parametrize("kind", [object, "category"])
def test_cells_of_a_row_that_hold_anything_are_counted(kind: str) -> None:
    columns = [["a", "b", "a"], ["", "b", ""], ["", "", ""], ["a", "", "b"], ["c", "c", "c"]]
    cells = pd.DataFrame({at: pd.Series(own, dtype=kind) for at, own in enumerate(columns)})
    assert alike.filled(cells).tolist() == [3, 3, 3]
    assert alike.filled(cells[[0, 4]]).tolist() == [2, 2, 2]
    assert alike.filled(cells[[1, 2]]).tolist() == [0, 1, 0]
    assert [alike.held(cells[at]).tolist() for at in (1, 2)] == [[False, True, False], [False] * 3]
    assert alike.taken(cells, cells.index) is cells
    assert alike.taken(cells, cells.index[[0, 2]])[0].tolist() == ["a", "a"]
