"""The engine hands out every row once, cell by cell, whatever the order and however many."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evalkit.engines.duckdb import DuckDBEngine
from evalkit.files.texts import Texts

Found = list[tuple[tuple[str, ...], pd.DataFrame]]


def cells(frame: pd.DataFrame, *keys: str, order: str = "row") -> Found:
    here, there = (list(DuckDBEngine(few=few).cells(frame, keys, order)) for few in (10**6, 0))
    for one, other in zip(here, there, strict=True):
        assert one[0] == other[0]
        assert one[1].astype(object).equals(other[1].astype(object))
    return there


def small() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "group": ["r", "o", "r", "r", "o", "r"],
            "subject": ["b", "b", "a", "b", "a", "b"],
            "row": ["3", "1", "2", "1", "5", "10"],
            "score": [30.0, 11.0, 22.0, np.nan, 55.0, 100.0],
        }
    )


def test_cells_come_ascending_with_their_rows_in_order() -> None:
    found = cells(small(), "group", "subject")
    assert [key for key, _ in found] == [("o", "a"), ("o", "b"), ("r", "a"), ("r", "b")]
    last = found[-1][1]
    assert list(last["row"]) == ["1", "10", "3"]  # as text
    assert list(last.index) == [0, 1, 2]
    assert list(last.columns) == ["group", "subject", "row", "score"]
    assert np.isnan(last["score"].iloc[0])
    assert list(last["score"].iloc[1:]) == [100.0, 30.0]


def test_rows_called_by_texts_in_bytes_come_as_others_do() -> None:
    own = small().assign(row=Texts.of(small()["row"].tolist()))
    found, known = cells(own, "subject", "group"), cells(small(), "subject", "group")
    for (key, one), (other_key, other) in zip(found, known, strict=True):
        assert key == other_key
        assert one.astype(object).equals(other.astype(object))


def test_the_first_key_counts_first() -> None:
    assert [key for key, _ in cells(small(), "subject", "group")] == [
        ("a", "o"),
        ("a", "r"),
        ("b", "o"),
        ("b", "r"),
    ]


def test_a_single_key_is_a_tuple_too() -> None:
    found = cells(small(), "subject")
    assert [(key, len(rows)) for key, rows in found] == [(("a",), 2), (("b",), 4)]


def test_the_order_of_the_files_does_not_matter() -> None:
    frame = small()
    for one, other in zip(
        cells(frame, "group", "subject"),
        cells(frame.iloc[[5, 3, 4, 0, 2, 1]], "group", "subject"),
        strict=True,
    ):
        assert one[0] == other[0]
        pd.testing.assert_frame_equal(one[1], other[1])


def test_no_rows_make_no_cells() -> None:
    assert cells(small().iloc[:0], "group") == []


def test_a_cell_that_runs_over_chunks_comes_in_one_piece() -> None:
    """DuckDB hands out some 2,048 rows at a time; cells of 1, 5,000 and 3 rows, and a last one."""
    sizes = {"a": 1, "b": 5000, "c": 3, "d": 2500}
    subject = np.repeat(list(sizes), list(sizes.values()))
    frame = pd.DataFrame({"subject": subject, "row": np.arange(len(subject)), "x": 1.0})
    shuffled = frame.sample(frac=1.0, random_state=3)
    found = cells(shuffled, "subject")
    assert {key[0]: len(rows) for key, rows in found} == sizes
    assert len(found) == 4
    for key, rows in found:
        assert set(rows["subject"]) == {key[0]}
        assert rows["row"].is_monotonic_increasing
        assert list(rows.index) == list(range(len(rows)))
