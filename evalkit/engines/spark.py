"""Sums on a Spark cluster: tasks add up the rows they have, nothing but sums comes back.

Needs ``evalkit[spark]`` here and Java; on the executors Python with numpy and pyarrow, and nothing of
evalkit: what they run travels with the tasks. A task may run more than once; it writes nothing, and
its sums are whole numbers, so whichever try counts, the result is the same.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from evalkit.engines.sums import (
    KEYS,
    LARGEST,
    NULL,
    SKIPPED,
    Partial,
    Source,
    fault_of_values,
    faults_of_columns,
    put_together,
    refuse,
)
from evalkit.errors import InputErrors, Problem
from evalkit.methods import coded
from evalkit.methods.coded import CodeBook
from evalkit.methods.gram import CellSums
from evalkit.problems import coded as problems_of

WHOLE = ("tinyint", "smallint", "int", "bigint")
PATIENCE = 5.0
"""Seconds in which a master must answer."""
WAIT = 60
"""Seconds in which a cluster must have an executor."""
MANY = 64
"""With more tasks than this the cluster itself puts their sums together, by street."""
SPLIT = 16 * 2**20
"""Bytes of a file that a task reads at most, as whole groups of rows."""

BYTES = 8
"""Answers that travel from Spark to Python as one whole number: what that costs is counted in values."""

_SUMS = "street string, subject string, `group` string, n bigint, sums binary"
_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.files.maxPartitionBytes": str(SPLIT),
    "spark.sql.execution.arrow.maxRecordsPerBatch": "65536",
    # Java does not compile longer methods than this, and Spark has other ways where it is told.
    "spark.sql.codegen.hugeMethodLimit": "8000",
    "spark.executorEnv.OPENBLAS_NUM_THREADS": "1",
}


class SparkEngine:
    """A `SumEngine` of a Spark cluster.

    Parameters
    ----------
    master : str or None
        As ``spark-submit --master`` takes it: ``local[2]``, ``spark://host:7077``, ``yarn``. None for
        what ``spark-submit`` or the configuration says.
    """

    def __init__(self, master: str | None = None) -> None:
        self._master = master

    def sums(self, sources: Sequence[Source]) -> dict[str, CellSums]:
        """Return the sums of every questionnaire's cells; see `SumEngine.sums`."""
        with _told(), _session(self._master) as spark:
            tables = {source.questionnaire: _read(spark, source) for source in sources}
            refuse(
                [
                    problem
                    for source in sources
                    for problem in faults_of_columns(
                        source, dict(tables[source.questionnaire].dtypes), WHOLE
                    )
                ]
            )
            found, problems = {}, []
            for source in sources:
                table = tables[source.questionnaire]
                parts, unknown = _collected(table, source.book)
                problems += [fault_of_values(source, c, _values(table, source, c)) for c in unknown]
                found[source.questionnaire] = put_together(source, parts)
            refuse(problems)
            return found


def _collected(table: Any, book: CodeBook) -> tuple[Iterator[Partial], list[str]]:
    """Return what the tasks found, and the columns with numbers of no option."""
    from pyspark.sql import functions as f

    wanted = [f.coalesce(f.col(f"`{key}`").cast("string"), f.lit("")).alias(key) for key in KEYS]
    wanted += [_word(table, names).alias(word) for word, names in _words(book).items()]
    partial = table.select(wanted).mapInArrow(_adder(book), _SUMS)
    if partial.rdd.getNumPartitions() > MANY:
        partial = partial.repartition("street").mapInArrow(_merger(), _SUMS)
    found = partial.toArrow()
    rows = [found.column(name).to_pylist() for name in (*KEYS, "n", "sums")]
    told = [row for row in zip(*rows, strict=True) if row[4] is not None]
    unknown = sorted({row[1] for row in zip(*rows, strict=True) if row[4] is None})
    parts = (
        Partial(
            [row[:3]], np.array([row[3]]), np.frombuffer(row[4], dtype="<i8").reshape(1, -1), {}
        )
        for row in told
    )
    return parts, unknown


Task = Callable[[Iterator[Any]], Iterator[Any]]


def _words(book: CodeBook) -> dict[str, list[str]]:
    """Return the questions whose answers travel in one number, by what that column is called."""
    names = list(book.scores)
    return {f"answers{at}": names[at : at + BYTES] for at in range(0, len(names), BYTES)}


def _word(table: Any, names: Sequence[str]) -> Any:
    """Return the column whose bytes, from the lowest, are the answers to these questions."""
    from pyspark.sql import functions as f

    kinds = dict(table.dtypes)
    word = f.lit(0).cast("bigint")
    for at, name in enumerate(names):
        own = f.col(f"`{name}`")
        if kinds[name] != "tinyint":
            own = f.when(own.between(SKIPPED, LARGEST), own).cast("tinyint")
        byte = f.coalesce(own, f.lit(NULL).cast("tinyint")).cast("bigint").bitwiseAND(f.lit(255))
        word = word.bitwiseOR(f.shiftleft(byte, 8 * at))
    return word


def _adder(book: CodeBook) -> Task:
    """Return what a task does with its rows; it and what it uses travel by value."""
    keys, words, summing_of = KEYS, _words(book), coded.Summing

    def add(batches: Iterator[Any]) -> Iterator[Any]:
        import numpy as np
        import pyarrow as pa

        summing = summing_of(book)
        for batch in batches:
            own = [batch.column(key).dictionary_encode() for key in keys]
            places = [key.indices.to_numpy() for key in own]
            labels = [key.dictionary.to_pylist() for key in own]
            size = [max(len(label), 1) for label in labels]
            cell = (places[0].astype(np.int64) * size[1] + places[1]) * size[2] + places[2]
            distinct, of = np.unique(cell, return_inverse=True)
            named = [
                (
                    labels[0][at // (size[1] * size[2])],
                    labels[1][at // size[2] % size[1]],
                    labels[2][at % size[2]],
                )
                for at in distinct.tolist()
            ]
            codes: dict[str, Any] = {}
            for word, names in words.items():
                whole = batch.column(word).to_numpy().astype("<i8", copy=False)
                answers = np.ascontiguousarray(whole.view(np.uint8).reshape(len(whole), -1).T)
                codes |= dict(zip(names, answers, strict=False))  # the last number has room left
            summing.add(named, of.astype(np.intp), codes)
        n, products = summing.total()
        columns = [[key[at] for key in summing.keys] for at in range(3)]
        sums = [own.astype("<i8").tobytes() for own in products]
        rows = [*columns, n.tolist(), sums]
        for column in summing.unknown:
            for own, value in zip(rows, ("", column, "", 0, None), strict=True):
                own.append(value)
        kinds = (pa.string(), pa.string(), pa.string(), pa.int64(), pa.binary())
        arrays = [pa.array(own, kind) for own, kind in zip(rows, kinds, strict=True)]
        yield pa.RecordBatch.from_arrays(arrays, [*keys, "n", "sums"])

    return add


def _merger() -> Task:
    """Return what a task does with sums of the same streets."""
    keys = KEYS

    def merge(batches: Iterator[Any]) -> Iterator[Any]:
        import numpy as np
        import pyarrow as pa

        n: dict[tuple[Any, ...], int] = {}
        sums: dict[tuple[Any, ...], Any] = {}
        for batch in batches:
            for *key, count, own in zip(*(c.to_pylist() for c in batch.columns), strict=True):
                cell = (*key, own is None)
                n[cell] = n.get(cell, 0) + count
                if own is not None:
                    more = np.frombuffer(own, dtype="<i8")
                    sums[cell] = more + sums[cell] if cell in sums else more
        columns = [pa.array([cell[at] for cell in n], pa.string()) for at in range(3)]
        packed = [sums[cell].tobytes() if cell in sums else None for cell in n]
        yield pa.RecordBatch.from_arrays(
            [*columns, pa.array(list(n.values()), pa.int64()), pa.array(packed, pa.binary())],
            [*keys, "n", "sums"],
        )

    return merge


def _values(table: Any, source: Source, column: str) -> list[tuple[int | None, int]]:
    """Return the numbers of a column that no option has, and of how many rows."""
    from pyspark.sql import functions as f

    known = [SKIPPED, *range(len(source.book.scores[column]))]
    own = f.col(f"`{column}`")
    odd = table.where(own.isNull() | ~own.isin(known)).groupBy(own.alias("value")).count()
    return [(row["value"], row["count"]) for row in odd.collect()]


def _read(spark: Any, source: Source) -> Any:
    from pyspark.errors import PySparkException

    files = [_located(file) for file in source.files]
    try:
        return spark.read.option("mergeSchema", "true").parquet(*files)
    except PySparkException as error:
        said = str(error).splitlines()[0]
        refuse([problems_of.unreadable_rows(source.questionnaire, said)])
        raise


def _located(path: str) -> str:
    """Return a file's address; what stands for any character stands for itself in a local path."""
    if urlsplit(path).scheme:
        return path
    return "file://" + "".join(f"\\{c}" if c in "\\*?[]{}" else c for c in os.path.abspath(path))


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Say in our words that Spark gave up."""
    try:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException
    except ImportError as error:
        raise InputErrors([problems_of.no_spark(str(error))]) from error
    try:
        yield
    except (PySparkException, Py4JError) as error:
        raise InputErrors([problems_of.spark_failed(_first_words(error))]) from error


def _first_words(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = [line for line in lines if re.match(r"[\w.]*(Error|Exception)\b", line)]
    return (told[-1] if told else " ".join(lines[:2])) or type(error).__name__


@contextlib.contextmanager
def _session(master: str | None) -> Iterator[Any]:
    """Give a session; end it afterwards, unless it was there before.

    Raises
    ------
    InputErrors
        Where Spark or Java is not here, the master does not answer, or nobody works for it.
    """
    try:
        from pyspark import cloudpickle
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise InputErrors([problems_of.no_spark(str(error))]) from error
    there = SparkSession.getActiveSession()
    if there is None and master is not None:
        refuse(_unreachable(master))
    cloudpickle.register_pickle_by_value(coded)
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    spark = there if there is not None else _begun(SparkSession.builder, master)
    try:
        _with_executors(spark)
        yield spark
    finally:
        if there is None:
            spark.stop()


def _begun(builder: Any, master: str | None) -> Any:
    builder = builder.appName("evalkit")
    for name, value in _SETTINGS.items():
        builder = builder.config(name, value)
    if master is not None:
        builder = builder.master(master)
        if master.startswith("local"):
            os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
            builder = builder.config("spark.driver.host", "127.0.0.1")
            builder = builder.config("spark.driver.bindAddress", "127.0.0.1")
    try:
        return builder.getOrCreate()
    except Exception as error:
        # Whatever ends Spark's start, a missing Java among it, comes as an error of its own kind.
        told = problems_of.no_spark if "JAVA" in str(error).upper()[:200] else None
        said = _first_words(error)
        if told is not None:
            raise InputErrors([told(said)]) from error
        raise InputErrors([problems_of.master_unreachable(str(master), said)]) from error


def _unreachable(master: str) -> list[Problem]:
    """Ask every master of a standalone cluster whether it is there: Spark itself asks for minutes."""
    if not master.startswith("spark://"):
        return []
    said = ""
    for place in master.removeprefix("spark://").split(","):
        host, _, port = place.rpartition(":")
        try:
            with socket.create_connection((host, int(port)), PATIENCE):
                return []
        except (OSError, ValueError, OverflowError) as error:
            said = str(error)
    return [problems_of.master_unreachable(master, said)]


def _with_executors(spark: Any) -> None:
    """Wait until somebody works for a cluster."""
    master = str(spark.sparkContext.master)
    if master.startswith("local"):
        return
    until = time.monotonic() + WAIT
    while spark.sparkContext._jsc.sc().getExecutorMemoryStatus().size() < 2:
        if time.monotonic() > until:
            raise InputErrors([problems_of.no_executors(master, WAIT)])
        time.sleep(0.2)
