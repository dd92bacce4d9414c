"""Spark finds the same bytes: on this machine, and on a cluster of a master and two workers.

One JVM and one session at a time: the session on the cluster is begun once for all tests.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from evalkit.engines import spark as engine
from evalkit.engines.local import LocalEngine
from evalkit.engines.spark import SparkEngine
from evalkit.errors import InputErrors
from tests.engines.rows import rows, source, written

pyspark = pytest.importorskip("pyspark", reason="no pyspark here: make cluster")
JAVA = shutil.which("java")
pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(JAVA is None, reason="no java here: apt install default-jre-headless"),
]
HOME = Path(pyspark.__file__).parent


@pytest.fixture(scope="module", autouse=True)
def environment() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("PYSPARK_SUBMIT_ARGS", "--driver-memory 512m pyspark-shell")
        yield


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return rows()


@pytest.fixture(scope="module")
def files(table: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return written(table.sample(frac=1.0, random_state=2), tmp_path_factory.mktemp("rows [*]"), 6)


@pytest.fixture(scope="module")
def digest(table: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> str:
    own = written(table, tmp_path_factory.mktemp("one"))
    return LocalEngine().sums([source(*own)])["resident"].digest()


def _free() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _begun(folder: Path, name: str, *words: str) -> subprocess.Popen[bytes]:
    java = [str(JAVA), "-Xmx256m", "-cp", f"{HOME}/jars/*", f"org.apache.spark.deploy.{name}"]
    with (folder / f"{name}-{words[-1].rpartition('/')[2]}.log").open("wb") as log:
        return subprocess.Popen(
            [*java, *words],
            stdout=log,
            stderr=log,
            cwd=folder,
            env={**os.environ, "SPARK_HOME": str(HOME), "SPARK_SCALA_VERSION": "2.13"},
        )


def _listens(port: int, seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1.0).close()
            return
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.1)


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A standalone master with two workers on the loopback, for as long as this module runs."""
    folder, port = tmp_path_factory.mktemp("cluster"), _free()
    host = ("--host", "127.0.0.1")
    url = f"spark://127.0.0.1:{port}"
    begun = [
        _begun(folder, "master.Master", *host, "--port", str(port), "--webui-port", str(_free()))
    ]
    try:
        _listens(port)
        for at in range(2):
            place = ("--work-dir", str(folder / f"work{at}"), "--webui-port", str(_free()))
            size = ("--cores", "1", "--memory", "600m")
            begun.append(_begun(folder, "worker.Worker", *host, *size, *place, url))
        yield url
    finally:
        for one in begun:
            one.terminate()
        for one in begun:
            one.wait(30)


def test_a_master_that_nobody_answers_for_is_told_at_once() -> None:
    before = time.monotonic()
    for url in (f"spark://127.0.0.1:{_free()}", "spark://nowhere", "spark://h:x"):
        with pytest.raises(InputErrors) as caught:
            SparkEngine(url).sums([])
        assert [p.code for p in caught.value.problems] == ["spark_unreachable"]
    assert time.monotonic() - before < 20


def test_here_the_same_bytes_come_out(files: list[Path], digest: str) -> None:
    assert SparkEngine("local[2]").sums([source(*files)])["resident"].digest() == digest


@pytest.fixture(scope="module")
def session(master: str) -> Iterator[Any]:
    small = {
        "spark.executor.memory": "512m",
        "spark.sql.shuffle.partitions": "2",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_SETTINGS", {**engine._SETTINGS, **small})
        with engine._session(master) as spark:
            yield spark


def test_on_a_cluster_too_and_nothing_of_ours_is_needed_there(
    session: Any, files: list[Path], digest: str
) -> None:
    assert session.sparkContext.master.startswith("spark://")
    assert SparkEngine().sums([source(*files)])["resident"].digest() == digest

    def loaded(batches: Iterator[Any]) -> Iterator[Any]:
        import sys

        import pyarrow as pa

        list(batches)
        names = [n for n in ("evalkit", "scipy", "duckdb") if n in sys.modules]
        yield pa.RecordBatch.from_arrays([pa.array([",".join(names)])], ["names"])

    told = session.range(1).coalesce(1).mapInArrow(loaded, "names string").collect()
    assert {row.names for row in told} == {""}


def test_a_giant_file_is_shared_out_and_the_cluster_puts_sums_together(
    session: Any, table: pd.DataFrame, digest: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "giant.parquet"
    with duckdb.connect() as connection:
        connection.register("t", pd.concat([table] * 10))
        connection.execute(f"COPY t TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)")
    once = LocalEngine().sums([source(path)])["resident"]
    monkeypatch.setattr(engine, "MANY", 1)
    before = session.conf.get("spark.sql.files.maxPartitionBytes")
    session.conf.set("spark.sql.files.maxPartitionBytes", str(path.stat().st_size // 3))
    try:
        assert session.read.parquet(f"file://{path}").rdd.getNumPartitions() >= 3
        found = SparkEngine().sums([source(path)])["resident"]
    finally:
        session.conf.set("spark.sql.files.maxPartitionBytes", before)
    assert found.digest() == once.digest() != digest


def test_null_and_unknown_numbers_are_told_as_here(
    session: Any, table: pd.DataFrame, tmp_path: Path
) -> None:
    whole = table.astype({"a1": "Int64", "b1": "Int64"})
    whole.loc[3, "a1"], whole.loc[5, "a1"], whole.loc[8, "b1"] = pd.NA, 300, 6
    path = tmp_path / "odd.parquet"
    with duckdb.connect() as connection:
        connection.register("t", whole)
        connection.execute(f"COPY t TO '{path}' (FORMAT parquet)")
    told = []
    for one in (LocalEngine(), SparkEngine()):
        with pytest.raises(InputErrors) as caught:
            one.sums([source(path)])
        told.append(caught.value.problems)
    assert told[0] == told[1]
    assert len(told[0]) == 2
    lacking = written(table.drop(columns=["a2"]), tmp_path / "lacking")
    for files, code in ((lacking, "rows_lack_columns"), ([tmp_path / "no"], "unreadable_rows")):
        with pytest.raises(InputErrors) as caught:
            SparkEngine().sums([source(*files)])
        assert [p.code for p in caught.value.problems] == [code]


def _executors() -> list[int]:
    """The processes of executors: children of the workers that this module began."""
    found = []
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                words = (place / "cmdline").read_bytes().split(b"\0")
                parent = int((place / "stat").read_text().rpartition(")")[2].split()[1])
                above = (Path("/proc") / str(parent) / "stat").read_text().rpartition(")")[2]
            except (OSError, IndexError):
                continue
            if b"org.apache.spark.executor.CoarseGrainedExecutorBackend" in words:
                found += [int(place.name)] if int(above.split()[1]) == os.getpid() else []
    return found


def test_an_executor_that_dies_changes_nothing(
    session: Any, files: list[Path], digest: str
) -> None:
    before = _executors()
    assert len(before) == 2
    tracker, killed = session.sparkContext.statusTracker(), []

    def kill() -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until and not tracker.getActiveJobsIds():
            time.sleep(0.01)
        os.kill(before[0], 9)
        killed.append(before[0])

    killer = threading.Thread(target=kill)
    killer.start()
    found = SparkEngine().sums([source(*files)])["resident"].digest()
    killer.join()
    assert killed == before[:1]
    assert found == digest


def test_a_job_that_fails_again_and_again_is_told(
    session: Any, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(book: object) -> Any:
        def fail(batches: Iterator[Any]) -> Iterator[Any]:
            raise MemoryError("no room")
            yield from batches

        return fail

    monkeypatch.setattr(engine, "_adder", broken)
    with pytest.raises(InputErrors) as caught:
        SparkEngine().sums([source(*files)])
    (problem,) = caught.value.problems
    assert (problem.code, problem.found) == ("spark_failed", "MemoryError: no room")
