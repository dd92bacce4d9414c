"""Cells with full covariance from coded rows, beside a scan that sums the same file's columns.

``python benchmarks/bench_sums.py [ROWS]``: 6,000 committees in 170 streets, 20 indicators of two
questions and an overall one. The scan is Polars where it is installed, else DuckDB. With pyspark
(`make cluster`) the same on ``local[2]``, the second time: all of Spark's processes together.
Seconds are of processors; every measurement is a process of its own, started anew.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import duckdb
import numpy as np

from evalkit.engines.local import LocalEngine
from evalkit.engines.sums import Source
from evalkit.methods.coded import CodeBook

ROWS, COMMITTEES, STREETS, QUESTIONS = 10_000_000, 6000, 170, 41
SCORES = (100, 80, 60, 30, 0)
MOST, MEGABYTES, MOST_SPARK = 10.0, 800, 8.0
COLUMNS = tuple(f"q{at}" for at in range(QUESTIONS))


def book() -> CodeBook:
    asked = (*((f"q{at}", f"q{at + 1}") for at in range(0, QUESTIONS - 1, 2)), (COLUMNS[-1],))
    scale = tuple(len(columns) for columns in asked)
    scores = {
        c: tuple(s * k for s in SCORES) for own, k in zip(asked, scale, strict=True) for c in own
    }
    every = (True,) * len(asked)
    return CodeBook(scale, scores, asked, (1,) * len(asked), {"key": every, "random": every})


def write(path: Path, rows: int) -> None:
    """Write rows in the order of cells, 5 % of the answers missing."""
    answers = ", ".join(
        f"CAST(CASE WHEN random() < .05 THEN -1 ELSE floor(random() * 5) END AS TINYINT) AS {c}"
        for c in COLUMNS
    )
    committee = f"CAST(i * {COMMITTEES} // {rows} AS INTEGER)"
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute("SELECT setseed(.5)")
        connection.execute(
            f"COPY (SELECT 's' || lpad(CAST({committee} * {STREETS} // {COMMITTEES} AS VARCHAR), 3, '0') "
            f"AS street, 'c' || lpad(CAST({committee} AS VARCHAR), 5, '0') AS subject, "
            f"CASE WHEN i % ({rows} // {COMMITTEES}) * 2 < {rows} // {COMMITTEES} THEN 'key' ELSE 'random' END "
            f"AS \"group\", {answers} FROM range({rows}) r(i)) TO '{path}' "
            "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)"
        )


def _cpu(who: int = resource.RUSAGE_SELF) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def scan(path: str) -> dict[str, float]:
    if find_spec("polars"):
        import polars as pl

        before = _cpu()
        pl.scan_parquet(path).select(pl.col(c).cast(pl.Int64).sum() for c in COLUMNS).collect()
    else:
        before = _cpu()
        with duckdb.connect(config={"threads": 2}) as connection:
            sums = ", ".join(f"sum({c})" for c in COLUMNS)
            connection.execute(f"SELECT {sums} FROM '{path}'").fetchall()
    return {"cpu": _cpu() - before}


def local(path: str) -> dict[str, float | str]:
    before = _cpu()
    sums = LocalEngine().sums([Source("r", (path,), book())])["r"]
    added = _cpu() - before
    for at in range(len(sums.keys)):
        sums.moments(at)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "added": added,
        "cpu": _cpu() - before,
        "peak": peak,
        "cells": len(sums.keys),
        "sha": sums.digest(),
    }


def _tree() -> float:
    """Return the processor seconds of this process and of everything below it, also of what ended."""
    tick = os.sysconf("SC_CLK_TCK")
    parents, used = {}, {}
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                told = (place / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(place.name)] = int(told[1])
            used[int(place.name)] = sum(map(int, told[11:15])) / tick
    own = {os.getpid()}
    while more := {p for p, above in parents.items() if above in own} - own:
        own |= more
    return sum(used[p] for p in own)


def spark(path: str) -> dict[str, float | str]:
    from evalkit.engines import spark as engine

    os.environ["PYSPARK_SUBMIT_ARGS"] = "--driver-memory 2g pyspark-shell"
    found: dict[str, float | str] = {}
    begun = _tree()
    with engine._session("local[2]"):
        for name in ("cold", "warm"):
            before, clock = _tree(), time.monotonic()
            sums = engine.SparkEngine().sums([Source("r", (path,), book())])["r"]
            found |= {
                name: _tree() - (begun if name == "cold" else before),
                f"{name} wall": time.monotonic() - clock,
            }
            found["sha"] = sums.digest()
    return found


def alone(what: str, path: Path) -> dict[str, float]:
    words = [sys.executable, "-W", "ignore", __file__, what, str(path)]
    env = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    made = subprocess.run(words, check=True, capture_output=True, text=True, env=env)
    found: dict[str, float] = json.loads(made.stdout.splitlines()[-1])
    return found


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        write(path, rows)
        print(f"{rows:,} rows x {QUESTIONS}, {path.stat().st_size / 2**20:.0f} MB")
        floors = [alone("scan", path)["cpu"] for _ in range(3)]
        floor = float(np.median(floors))
        found = alone("local", path)
        ratio = found["cpu"] / floor
        name = "polars" if find_spec("polars") else "duckdb"
        print(f"scan and sum ({name}): {floor:.2f} CPU s ({min(floors):.2f} to {max(floors):.2f})")
        print(
            f"cells: {found['added']:.2f} CPU s added up, {found['cpu']:.2f} with {found['cells']} covariances: "
            f"{ratio:.1f} times (at most {MOST}), {found['peak']:.0f} MB (at most {MEGABYTES}); {found['sha']}"
        )
        if find_spec("pyspark"):
            there = alone("spark", path)
            print(
                f"spark local[2]: cold {there['cold']:.1f}, warm {there['warm']:.1f} CPU s: "
                f"{there['warm'] / found['added']:.1f} times (at most {MOST_SPARK}); "
                f"{'the same bytes' if there['sha'] == found['sha'] else 'OTHER BYTES'}"
            )


if __name__ == "__main__":
    if len(sys.argv) > 2:
        print(json.dumps({"scan": scan, "local": local, "spark": spark}[sys.argv[1]](sys.argv[2])))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
