"""What Spark's tasks and its session do, without Spark: stand-ins hand them what pyarrow and py4j would."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import numpy as np
import pandas as pd
import pytest

from evalkit.engines import spark
from evalkit.engines.local import LocalEngine
from evalkit.engines.sums import KEYS, Partial, put_together
from evalkit.errors import InputErrors
from tests.engines.rows import book, rows, source, written


class Column:
    """An array of pyarrow, as far as the tasks ask."""

    def __init__(self, values: Any) -> None:
        self.values = values

    def dictionary_encode(self) -> SimpleNamespace:
        places, labels = pd.factorize(np.array(self.values, dtype=object))
        return SimpleNamespace(
            indices=Column(places.astype(np.int32)), dictionary=Column(list(labels))
        )

    def to_numpy(self) -> Any:
        return np.asarray(self.values)

    def to_pylist(self) -> list[Any]:
        return list(self.values)


class Batch:
    """A batch of rows."""

    def __init__(self, columns: dict[str, Any]) -> None:
        self.named = {name: Column(values) for name, values in columns.items()}

    @classmethod
    def from_arrays(cls, arrays: list[Column], names: list[str]) -> Batch:
        assert len({len(array.values) for array in arrays}) == 1
        return cls({name: array.values for name, array in zip(names, arrays, strict=True)})

    @property
    def columns(self) -> list[Column]:
        return list(self.named.values())

    def column(self, name: str) -> Column:
        return self.named[name]

    def lines(self) -> list[tuple[Any, ...]]:
        return list(zip(*(c.to_pylist() for c in self.columns), strict=True))


@pytest.fixture(autouse=True)
def pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = ModuleType("pyarrow")
    vars(stand_in).update(
        array=lambda values, kind: Column(list(values)), RecordBatch=Batch,
        string=str, int64=int, binary=bytes,
    )  # fmt: skip
    monkeypatch.setitem(sys.modules, "pyarrow", stand_in)


def batches(table: pd.DataFrame, size: int) -> list[Batch]:
    """Return rows as Spark hands them to a task: eight answers are the bytes of one whole number."""
    names = list(book().scores)
    columns: dict[str, Any] = {key: table[key].to_numpy() for key in KEYS}
    for at in range(0, len(names), spark.BYTES):
        packed = names[at : at + spark.BYTES]
        own = [table[name].to_numpy().astype(np.int8).view(np.uint8) for name in packed]
        own += [np.zeros(len(table), np.uint8)] * (8 - len(own))
        columns[f"answers{at}"] = np.column_stack(own).view("<i8")[:, 0]
    cuts = [slice(at, at + size) for at in range(0, len(table), size)]
    return [Batch({name: own[cut] for name, own in columns.items()}) for cut in cuts]


def parts(lines: list[tuple[Any, ...]]) -> list[Partial]:
    return [
        Partial(
            [(street, subject, group)],
            np.array([n]),
            np.frombuffer(own, dtype="<i8").reshape(1, -1),
            {},
        )
        for street, subject, group, n, own in lines
    ]


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return rows(400)


@pytest.mark.parametrize("at_once", [8, 7, 3])
def test_tasks_and_those_who_merge_them_find_the_sums_found_here(
    table: pd.DataFrame, tmp_path: Path, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spark, "BYTES", at_once)  # seven answers: in one number, just so, in three
    own = source(*written(table, tmp_path))
    here = LocalEngine().sums([own])["resident"].digest()
    shuffled = table.sample(frac=1.0, random_state=1)
    add, merge = spark._adder(book()), spark._merger()
    tasks = [*add(iter(batches(shuffled[:150], 40))), *add(iter(batches(shuffled[150:], 400)))]
    lines = [line for task in tasks for line in task.lines()]
    assert put_together(own, parts(lines)).digest() == here
    (merged,) = merge(iter(tasks))
    assert len(merged.lines()) == len(table[[*KEYS]].drop_duplicates()) < len(lines)
    assert put_together(own, parts(merged.lines())).digest() == here


def test_a_column_with_numbers_of_no_option_is_a_line_without_sums() -> None:
    table = rows(20)
    table.loc[3, "c2"] = 6
    (task,) = spark._adder(book())(iter(batches(table, 20)))
    assert [line for line in task.lines() if line[4] is None] == [("", "c2", "", 0, None)]
    twice = Batch({name: task.column(name).values * 2 for name in (*KEYS, "n", "sums")})
    (merged,) = spark._merger()(iter([twice]))
    assert merged.column("subject").values.count("c2") == 1
    assert sum(merged.column("n").values) == 2 * len(table)


def test_a_file_s_address_says_that_no_sign_stands_for_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir("/")
    assert spark._located("s3://bucket/[1].parquet") == "s3://bucket/[1].parquet"
    assert spark._located(r"a [1]*?{2}\x.parquet") == r"file:///a \[1\]\*\?\{2\}\\x.parquet"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "Job aborted\n  at a.b\njava.io.IOException: first\npy.MemoryError: last\n at",
            "py.MemoryError: last",
        ),
        ("one \n\n  two\nthree", "one two"),
        ("", "OSError"),
    ],
)
def test_of_a_long_error_the_last_cause_is_told(said: str, told: str) -> None:
    assert spark._first_words(OSError(said)) == told


def test_a_cluster_is_reached_by_any_of_its_masters() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert spark._unreachable(f"spark://127.0.0.1:{port}") == []
        assert spark._unreachable(f"spark://127.0.0.1:x,127.0.0.1:{port}") == []
    assert spark._unreachable("yarn") == spark._unreachable("local[2]") == []
    (problem,) = spark._unreachable(f"spark://127.0.0.1:{port}")
    assert problem.code == "spark_unreachable"


class Builder:
    """A builder of sessions that remembers what it was told."""

    def __init__(self, error: str = "") -> None:
        self.told: dict[str, str] = {}
        self.error = error

    def appName(self, name: str) -> Builder:
        self.told["name"] = name
        return self

    def master(self, name: str) -> Builder:
        self.told["master"] = name
        return self

    def config(self, name: str, value: str) -> Builder:
        self.told[name] = value
        return self

    def getOrCreate(self) -> Builder:
        if self.error:
            raise RuntimeError(self.error)
        return self


def test_a_session_of_this_machine_listens_to_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYSPARK_PYTHON", raising=False)
    usual = spark._begun(Builder(), None).told
    assert usual["spark.sql.session.timeZone"] == "UTC"
    assert usual["spark.sql.files.maxPartitionBytes"] == "16777216"
    assert not {"master", "spark.driver.host"} & set(usual)
    assert "spark.driver.host" not in spark._begun(Builder(), "spark://h:7077").told
    assert "PYSPARK_PYTHON" not in os.environ
    here = spark._begun(Builder(), "local[2]").told
    assert here["master"] == "local[2]"
    assert here["spark.driver.host"] == here["spark.driver.bindAddress"] == "127.0.0.1"
    assert os.environ["PYSPARK_PYTHON"] == sys.executable


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("JAVA_HOME is not set", "spark_not_installed"),
        ("refused" + " " * 250 + "java", "spark_unreachable"),
    ],
)
def test_what_ends_the_start_is_told(said: str, code: str) -> None:
    with pytest.raises(InputErrors) as caught:
        spark._begun(Builder(said), "spark://h:7077")
    assert [p.code for p in caught.value.problems] == [code]


def test_a_session_that_was_there_is_left_there_and_one_of_ours_is_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there, begun = (MagicMock(sparkContext=MagicMock(master="local[1]")) for _ in range(2))
    sessions, pickle, pyspark = MagicMock(), MagicMock(), ModuleType("pyspark")
    vars(pyspark).update(cloudpickle=pickle, sql=ModuleType("pyspark.sql"))
    vars(pyspark.sql).update(SparkSession=sessions)
    monkeypatch.setitem(sys.modules, "pyspark", pyspark)
    monkeypatch.setitem(sys.modules, "pyspark.sql", pyspark.sql)
    monkeypatch.setattr(spark, "_begun", lambda builder, master: begun)
    sessions.getActiveSession.return_value = there
    with spark._session("spark://127.0.0.1:x") as given:  # whether a master answers is not asked
        assert given is there
    there.stop.assert_not_called()
    sessions.getActiveSession.return_value = None
    with spark._session(None) as given:
        assert given is begun
        begun.stop.assert_not_called()
    begun.stop.assert_called_once()
    sent = {call.args[0].__name__ for call in pickle.register_pickle_by_value.call_args_list}
    assert sent == {"evalkit.methods.coded", "evalkit.engines.spark"}
    with pytest.raises(InputErrors), spark._session("spark://127.0.0.1:x"):
        pass


class Table:
    """A table of Spark's that hands its tasks two lots of rows."""

    def __init__(self, rows: pd.DataFrame, partitions: int) -> None:
        self.rows, self.partitions = rows, partitions
        self.selected: list[object] = []
        self.put_together_by: list[str] = []
        self.batches = batches(rows, len(rows) // 2)

    @property
    def rdd(self) -> SimpleNamespace:
        return SimpleNamespace(getNumPartitions=lambda: self.partitions)

    @property
    def dtypes(self) -> list[tuple[str, str]]:
        kinds = {**dict.fromkeys(KEYS, "string"), "o1": "bigint"}
        return [(name, kinds.get(name, "tinyint")) for name in self.rows]

    def select(self, wanted: list[object]) -> Table:
        self.selected = wanted
        return self

    def mapInArrow(self, task: spark.Task, schema: str) -> Table:
        assert schema.startswith("street string, subject string")
        self.batches = [made for batch in self.batches for made in task(iter([batch]))]
        return self

    def repartition(self, by: str) -> Table:
        self.put_together_by.append(by)
        columns = {
            name: [v for batch in self.batches for v in batch.column(name).to_pylist()]
            for name in self.batches[0].named
        }
        self.batches = [Batch(columns)]
        return self

    def toArrow(self) -> Batch:
        return self.repartition("").batches[0]


@pytest.fixture
def functions(monkeypatch: pytest.MonkeyPatch) -> MagicMock:
    """Functions of Spark's SQL that only remember that they were asked."""
    made, pyspark = MagicMock(), ModuleType("pyspark")
    errors = ModuleType("pyspark.errors")
    vars(errors).update(PySparkException=type("PySparkException", (Exception,), {}))
    vars(pyspark).update(sql=ModuleType("pyspark.sql"), errors=errors)
    vars(pyspark.sql).update(functions=made)
    for name in ("pyspark", "pyspark.sql", "pyspark.errors"):
        module = {"pyspark": pyspark, "pyspark.sql": pyspark.sql, "pyspark.errors": errors}[name]
        monkeypatch.setitem(sys.modules, name, module)
    return made


@pytest.mark.parametrize(("partitions", "together"), [(64, [""]), (65, ["street", ""])])
def test_beyond_sixty_four_tasks_the_cluster_puts_their_sums_together(
    partitions: int, together: list[str], functions: MagicMock, table: pd.DataFrame, tmp_path: Path
) -> None:
    own = source(*written(table, tmp_path))
    asked = Table(table, partitions)
    found, unknown = spark._collected(asked, own.book)
    here = LocalEngine().sums([own])["resident"].digest()
    assert put_together(own, found).digest() == here
    assert (unknown, asked.put_together_by) == ([], together)
    assert len(asked.selected) == len(KEYS) + 1  # seven answers are bytes of one number
    moved = [call.args[1] for call in functions.shiftleft.call_args_list]
    assert moved == [0, 8, 16, 24, 32, 40, 48]
    # Of the one column that is wider than a byte, what a byte cannot hold is left out.
    assert [call.args for call in functions.col.return_value.between.call_args_list] == [(-1, 126)]


def test_columns_with_numbers_of_no_option_are_told_in_order(functions: MagicMock) -> None:
    table = rows(40)
    table.loc[3, "o1"], table.loc[30, "c2"], table.loc[31, "a1"] = 6, 7, 8
    found, unknown = spark._collected(Table(table, 2), book())
    assert unknown == ["a1", "c2", "o1"]
    assert sum(int(part.n[0]) for part in found) == len(table)


def test_numbers_of_no_option_are_counted_by_the_cluster(functions: MagicMock) -> None:
    asked = MagicMock()
    counted = asked.where.return_value.groupBy.return_value.count.return_value
    counted.collect.return_value = [{"value": 6, "count": 2}, {"value": None, "count": 1}]
    assert spark._values(asked, source(), "c2") == [(6, 2), (None, 1)]
    functions.col.return_value.isin.assert_called_once_with([-1, 0, 1, 2, 3, 4, 5])


def test_rows_that_cannot_be_read_are_told_with_the_first_line(functions: MagicMock) -> None:
    given = MagicMock()
    read = given.read.option.return_value.parquet
    assert spark._read(given, source(Path("/a.parquet"))) is read.return_value
    read.assert_called_once_with("file:///a.parquet")
    read.side_effect = sys.modules["pyspark.errors"].PySparkException("no file\nat a.b")
    with pytest.raises(InputErrors) as caught:
        spark._read(given, source(Path("/a.parquet")))
    assert [(p.code, p.found) for p in caught.value.problems] == [("unreadable_rows", "no file")]
