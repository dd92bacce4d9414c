"""A city on one machine: what it costs beside its streets run alone, and when nothing changed.

``python benchmarks/bench_city.py [STREETS] [COMMITTEES] [ALONE]``: invents a city, runs it in two
processes without papers, again with nothing changed, again with one street changed, puts it
together and tells it; then runs ALONE of the same streets by themselves, from the same start.
Seconds are of processors, of all processes together; memory is the greatest sum at any time of what
processes have for themselves and their share of the rest (PSS).
"""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evalkit import city, simulation
from evalkit.archive import city as archive
from evalkit.city import publishing
from evalkit.simulation.demo import demo_documents

STREETS, COMMITTEES, ALONE = 20, 36, 5
JOBS = 2
MOST = 1.15
"""A city may cost so many times its streets run alone."""
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER: processes whose parents are gone count as this one's


@dataclass(frozen=True)
class Cost:
    """What a command took."""

    cpu: float
    wall: float
    peak: int

    def __str__(self) -> str:
        return f"{self.cpu:8.1f} CPU s {self.wall:8.1f} s {self.peak / 2**20:8.0f} MB"


def command(*words: str) -> Cost:
    """Run an evalkit command, and everything it starts, to its end."""
    before, begun = _used(), time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "evalkit", *words],
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    peak = 0
    while process.poll() is None:
        peak = max(peak, _memory(process.pid))
        time.sleep(0.5)
    wall = time.monotonic() - begun
    if process.returncode:
        raise SystemExit(f"evalkit {' '.join(words)}: {process.returncode}")
    with suppress(ChildProcessError):
        while True:
            os.wait()
    return Cost(_used() - before, wall, peak)


def _used() -> float:
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime


def _memory(session: int) -> int:
    """Sum the proportional memory of every process of a session."""
    total = 0
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):
            if os.getsid(int(place.name)) == session:
                told = (place / "smaps_rollup").read_text()
                total += int(told.split("\nPss:")[1].split()[0]) * 1024
    return total


def main() -> None:
    given = [int(word) for word in sys.argv[1:]]
    streets, committees, alone = (*given, *(STREETS, COMMITTEES, ALONE)[len(given) :])
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), streets, committees, alone)


def measure(folder: Path, streets: int, committees: int, alone: int) -> None:
    """Print what everything takes."""
    begun = time.process_time()
    truth = simulation.invent(streets, committees=committees)
    root = folder / "city"
    simulation.write_city(root, truth)
    print(
        f"{streets} streets of {committees} committees; invented in {time.process_time() - begun:.1f} CPU s"
    )
    print(f"split                      {command('city', 'split', str(root))}", flush=True)
    start = shutil.copytree(root, folder / "start")
    run = ("city", "run", str(root), "--no-pdf", "--jobs", str(JOBS))
    whole = command(*run)
    print(f"run, {JOBS} processes           {whole}", flush=True)
    print(f"rollup                     {command('city', 'rollup', str(root))}", flush=True)
    print(f"publish                    {command('city', 'publish', str(root))}", flush=True)
    print(f"run, nothing changed       {command(*run)}", flush=True)
    table = next((root / "streets/s001/responses").rglob("*.csv"))
    table.write_bytes(b"".join(table.read_bytes().splitlines(keepends=True)[:-1]))
    one = command(*run)
    print(f"run, one street changed    {one}", flush=True)
    print(f"rollup                     {command('city', 'rollup', str(root))}", flush=True)
    recovered(root, truth)
    costs = [
        command("run", str(start / f"streets/s{number:03d}"), "--no-pdf", "--jobs", "1")
        for number in range(1, min(alone, streets) + 1)
    ]
    each = float(np.mean([cost.cpu for cost in costs]))
    print(f"alone, mean of {len(costs)}           {Cost(each, 0, max(c.peak for c in costs))}")
    ratio = whole.cpu / (each * streets)
    print(
        f"city / streets alone: {ratio:.2f} (at most {MOST}); one changed / all: {one.cpu / whole.cpu:.3f}"
    )
    print(f"CPU s a street in the city: {whole.cpu / streets:.1f}; alone: {each:.1f}")


def recovered(root: Path, truth: simulation.CityTruth) -> None:
    """Print how far the city's numbers lie from what is true of it, in standard errors."""
    town = city.open_town(root)
    rolled = archive.read(root / "city.duckdb")
    assert rolled is not None
    facts = publishing.facts_of(town, rolled)
    true = truth.residents(demo_documents()[0])
    means = true.groupby("street", sort=False)["score"].mean()
    told = facts.streets.set_index("street")
    z = ((told["mean"] - means) / told["se"]).dropna()
    ranks = (-means).rank()
    inside = ((told["rank_low"] <= ranks) & (ranks <= told["rank_high"])).mean()
    peers = facts.peers.set_index("subject").join(true.set_index("subject")["score"].rename("true"))
    own = ((peers["score"] - peers["true"]) / peers["se"]).std()
    print(
        f"truth: streets' means within {z.abs().max():.1f} standard errors (SD {z.std():.2f}); "
        f"true rank in its set {inside:.0%}; committees' SD {own:.2f}"
    )


if __name__ == "__main__":
    main()
