"""Coded rows add up to the same whole numbers, whoever adds them and in whatever order."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from unittest.mock import MagicMock

import duckdb
import numpy as np
import pandas as pd
import pytest

from evalkit.engines import spark
from evalkit.engines.local import LocalEngine
from evalkit.errors import InputErrors
from evalkit.methods import coded
from evalkit.methods.coded import CodeBook, Summing
from evalkit.methods.gram import CellSums, cell_sums
from evalkit.methods.moments import cell_moments
from tests.engines.rows import SCALE, book, numbers, rows, source, written


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return rows()


def summed(table: pd.DataFrame, folder: Path, files: int = 1, jobs: int = 1) -> CellSums:
    found = LocalEngine(jobs).sums([source(*written(table, folder, files))])
    return found["resident"]


def test_the_sums_are_those_of_scores_worked_out_one_by_one(
    table: pd.DataFrame, tmp_path: Path
) -> None:
    made, scores = summed(table, tmp_path), numbers(table)
    cells = table[["street", "subject", "group"]].apply(tuple, axis=1)
    keys = sorted(set(cells))
    assert list(made.keys) == keys
    place = {key: at for at, key in enumerate(keys)}
    whole = np.rint(scores * SCALE)
    theirs = cell_sums(whole, SCALE, [place[key] for key in cells], keys)
    assert made.digest() == theirs.digest()
    for at, key in enumerate(keys):
        own = scores[[cell == key for cell in cells]]
        ours, long = made.moments(at), cell_moments(own, np.ones(len(own)))
        np.testing.assert_array_equal(ours.n_by_indicator, long.n_by_indicator)
        np.testing.assert_allclose(ours.mean, long.mean, rtol=1e-14)
        largest = np.nanmax(np.abs(long.covariance))
        np.testing.assert_allclose(ours.covariance, long.covariance, atol=1e-12 * largest)


def test_order_files_processes_and_threads_leave_the_same_bytes(
    table: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = summed(table.sort_values(list(table.columns)), tmp_path / "one").digest()
    shuffled = table.sample(frac=1.0, random_state=4)
    assert summed(shuffled, tmp_path / "many", files=40).digest() == once
    assert summed(shuffled, tmp_path / "two", files=2, jobs=2).digest() == once
    monkeypatch.setattr(coded, "ROWS", 7)
    monkeypatch.setattr(coded, "ENOUGH", 2**60)  # as where single precision will not do
    assert summed(shuffled, tmp_path / "blocks").digest() == once
    other = shuffled.copy()
    other.iloc[0, -1] = 0 if other.iloc[0, -1] != 0 else 1
    assert summed(other, tmp_path / "other").digest() != once


def test_all_less_flagged_is_the_rest(table: pd.DataFrame, tmp_path: Path) -> None:
    flagged = np.arange(len(table)) % 5 == 0
    flagged |= (table["subject"] == "s1-2").to_numpy()  # a committee of which nothing is left
    every = summed(table, tmp_path / "every")
    some = summed(table[flagged], tmp_path / "some")
    rest = summed(table[~flagged], tmp_path / "rest")
    assert (every - some).digest() == rest.digest()
    assert (rest + some).digest() == every.digest()
    with pytest.raises(ValueError, match="part of a sample"):
        rest - every


def test_the_bytes_are_what_they_say(tmp_path: Path) -> None:
    line = {"street": "s1", "subject": "甲", "group": "key", "a1": 0, "a2": 2, "b1": -1}
    table = pd.DataFrame([{**line, "c1": 5, "c2": 1, "c3": 4, "o1": 3}])
    for name in table.columns[:3]:
        table[name] = table[name].astype(object)
    made = summed(table.astype(dict.fromkeys(table.columns[3:], np.int8)), tmp_path)
    head, rest = b"".join(made.content()).split(b"\n", 1)
    assert head.decode() == '{"scale":[200,1,600,1],"cells":[["s1","甲","key"]]}'
    # answered: a, c and o; a = 80 x 200, c = (80 + 0) / 2 x 600, o = 30
    z = np.array([1, 0, 1, 1, 16_000, 0, 24_000, 30])
    expected = [1, *np.outer(z, z)[np.triu_indices(8)]]
    assert np.frombuffer(rest, dtype="<i8").tolist() == expected
    assert made.digest() == hashlib.sha256(head + b"\n" + rest).hexdigest()


def test_null_and_unknown_numbers_are_told_with_column_and_value(
    table: pd.DataFrame, tmp_path: Path
) -> None:
    whole = table.astype({"a1": "Int64", "b1": "Int64", "c2": "Int64"})
    whole.loc[3, "a1"], whole.loc[5, "a1"], whole.loc[8, "b1"] = pd.NA, 300, 6
    whole.loc[[2, 4], "c2"] = -2
    path = tmp_path / "it's [1].parquet"
    with duckdb.connect() as connection:
        connection.register("t", whole)
        name = str(path).replace("'", "''")
        connection.execute(f"COPY t TO '{name}' (FORMAT parquet)")
    with pytest.raises(InputErrors) as caught:
        LocalEngine().sums([source(path)])
    told = [(p.code, p.column, p.found) for p in caught.value.problems]
    assert told == [
        ("unknown_coded_value", "a1", "NULL（1 行）、300（1 行）"),
        ("unknown_coded_value", "b1", "6（1 行）"),
        ("unknown_coded_value", "c2", "-2（2 行）"),
    ]


def test_texts_are_written_the_same_whether_they_are_objects_or_categories(
    table: pd.DataFrame, tmp_path: Path
) -> None:
    (one,) = written(table, tmp_path / "objects")
    kinds = dict.fromkeys(("street", "subject", "group"), "category")
    (other,) = written(table.astype(kinds), tmp_path / "categories")
    assert one.read_bytes() == other.read_bytes()


def test_columns_that_lack_or_are_no_numbers_are_told(table: pd.DataFrame, tmp_path: Path) -> None:
    lacking = written(table.drop(columns=["a2", "group"]), tmp_path / "1")
    text = table.assign(o1=table["o1"].astype(str).astype(object))
    texts = written(text, tmp_path / "2")
    (tmp_path / "no.parquet").write_text("no")
    for files, code, column in (
        (lacking, "rows_lack_columns", "group、a2"),
        (texts, "column_not_whole", "o1"),
        ([tmp_path / "no.parquet"], "unreadable_rows", None),
        ([tmp_path / "none.parquet"], "unreadable_rows", None),
    ):
        with pytest.raises(InputErrors) as caught:
            LocalEngine().sums([source(*files)])
        assert [(p.code, p.column) for p in caught.value.problems] == [(code, column)]


def test_what_bytes_cannot_hold_or_sums_not_exactly_is_refused() -> None:
    for scale, scores, asked in (
        (1, {"a": (1,) * 128}, (("a",),)),
        (1, {"a": (1,), "b": (1,)}, (("a", "b"),)),  # their mean would be no whole number
        (1, {"a": (10**8,)}, (("a",),)),
    ):
        with pytest.raises(ValueError):  # noqa: PT011
            CodeBook((scale,), scores, asked, (1,), {})


def test_rows_of_one_cell_beyond_what_is_exact_are_added_up_in_parts() -> None:
    large = CodeBook((1,), {"a": (60_000_000, 1)}, (("a",),), (1,), {})
    assert (large.single, large.limit) == (False, 2)
    summing = Summing(large)
    summing.add([("s", "k", "g")], np.zeros(5, np.intp), {"a": np.array([0, 1, 0, 0, 1], np.uint8)})
    n, products = summing.total()
    assert n.tolist() == [5]
    assert products.tolist() == [[5, 180_000_002, 3 * 60_000_000**2 + 2]]
    assert book().single is False  # 100 x 600, squared, is too large for half the bits


def test_without_spark_or_anybody_who_works_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(InputErrors) as caught:
        spark.SparkEngine("local[2]").sums([])
    assert [p.code for p in caught.value.problems] == ["spark_not_installed"]
    driver = MagicMock(master="spark://h:7077")
    driver._jsc.sc().getExecutorMemoryStatus().size.return_value = 1
    monkeypatch.setattr(spark, "WAIT", 0)
    with pytest.raises(InputErrors) as caught:
        spark._with_executors(MagicMock(sparkContext=driver))
    assert [p.code for p in caught.value.problems] == ["spark_without_executors"]
    driver._jsc.sc().getExecutorMemoryStatus().size.return_value = 2
    spark._with_executors(MagicMock(sparkContext=driver))
