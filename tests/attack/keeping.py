"""What lies on disk: runs killed at any operation on a file, two runs at once, and flipped bits."""

from __future__ import annotations

import atexit
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import pytest

from evalkit.workspace import Workspace
from tests.attack.tally import HERE, Progress, Tally, Wrong, quiet
from tests.keeping import small
from tests.keeping.killing import TOLD

LAST = 12
"""Operations at the end of a run that are always among the chosen: the intent, the moves, the end."""


@cache
def _runner() -> subprocess.Popen[str]:
    """Return the program that runs are forked from, which is started once: importing takes longest."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.keeping.killing"]
    path = os.pathsep.join(filter(None, (str(HERE), os.environ.get("PYTHONPATH", ""))))
    variables = {**os.environ, "PYTHONPATH": path}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = subprocess.Popen(command, cwd=HERE, env=variables, text=True, **pipes)
    atexit.register(process.communicate)
    return process


def ended(
    seed: int, runs: Iterable[tuple[Path, int]], *, together: bool = False
) -> list[tuple[int, int]]:
    """Publish another state of each folder, killed before an operation; 0: let it come through.

    Returns
    -------
    list of (int, int)
        How each ended, and its number of operations or where it was killed.
    """
    process = _runner()
    assert process.stdin is not None
    assert process.stdout is not None
    print(json.dumps([seed, together, [(str(r), at) for r, at in runs]]), file=process.stdin)
    process.stdin.flush()
    if not (said := process.stdout.readline()):
        _runner.cache_clear()
        raise Wrong(f"the runs ended with {process.wait()}")
    return [(code, count) for code, count in json.loads(said)]


def kept(root: Path, seed: int) -> Path:
    """Make a folder with results."""
    with pytest.MonkeyPatch.context() as patch:
        small.pages(patch, "good")
        small.run(small.street(root), seed=seed)
    return root


def kills(size: int, seed: int, progress: Progress = quiet) -> Tally:
    """Kill so many runs, each before another operation; begin again with another state if need be."""
    tally, states = Tally(), set[int]()
    place = 0
    while tally.tried < size:
        with tempfile.TemporaryDirectory() as folder:
            _round(Path(folder), place, seed, size - tally.tried, tally, states)
        progress(tally.tried)
        place += 1
    if tally.tried > LAST and states != {1, 2}:
        tally.failures.append(("all", "all kills came before the new state, or all after it"))
    return tally


def _round(folder: Path, place: int, seed: int, most: int, tally: Tally, states: set[int]) -> None:
    before, after = 1 + 2 * place, 2 + 2 * place
    good = kept(folder / "good", before)
    whole = Path(shutil.copytree(good, folder / "whole"))
    ((code, operations),) = ended(after, [(whole, 0)])
    if code or operations <= 2 * LAST:
        raise Wrong(f"a run that nobody kills ends with {code} after {operations} operations")
    results = small.results(good), small.results(whole)
    limits = _limits(operations, most, random.Random(f"kills {seed} {place}"))
    roots = [Path(shutil.copytree(good, folder / f"kill-{limit}")) for limit in limits]
    endings = ended(after, zip(roots, limits, strict=True))
    with pytest.MonkeyPatch.context() as patch:
        small.pages(patch, "newest")
        for number, (root, limit, ending) in enumerate(zip(roots, limits, endings, strict=True)):
            tally.attempt(
                f"{place}:{limit}",
                lambda root=root, ending=ending, again=number % 5 == 0: _survived(
                    root, results, ending, states, again
                ),
            )


def _limits(operations: int, most: int, rng: random.Random) -> Sequence[int]:
    every = range(1, operations + 1)
    if most >= operations:
        return every
    first = rng.sample(every[:-LAST], max(0, most - LAST))
    return [*first, *every[-LAST:]][:most] if most >= LAST else rng.sample(every, most)


def _survived(
    root: Path,
    results: tuple[dict[str, str], dict[str, str]],
    ending: tuple[int, int],
    states: set[int],
    again: bool,
) -> str:
    """Look at what a killed run left: whole before anybody looks, and one of two states after."""
    if ending[0] != -signal.SIGKILL:
        raise Wrong(f"the run was not killed but ended with {ending[0]}")
    if small.results(root) not in results:
        raise Wrong("what lies in out is neither the old state nor the new one")
    history, differences = Workspace(root).verify()
    if differences:
        raise Wrong(f"not as the log says: {differences[0]}")
    entries = len(history.entries)
    if small.results(root) != results[entries - 1]:
        raise Wrong(f"the log has {entries} entries, and the results are others")
    states.add(entries)
    if again:
        small.run(Workspace(root), seed=3)
        if Workspace(root).verify()[1] or (root / ".evalkit").exists():
            raise Wrong("the next run does not leave the folder whole")
    return ("old", "new")[entries - 1]


def pairs(size: int, seed: int, progress: Progress = quiet) -> Tally:
    """Start so many pairs of runs at once: one is told, or both come one after the other."""
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        good = kept(Path(folder) / "good", 1 + 2 * seed)
        for number in range(size):
            root = Path(shutil.copytree(good, Path(folder) / f"pair-{number}"))
            tally.attempt(number, lambda root=root: _pair(root, 2 + 2 * seed))
            progress(number + 1)
    return tally


def _pair(root: Path, seed: int) -> str:
    codes = [code for code, _ in ended(seed, [(root, 0)] * 2, together=True)]
    if any(code not in (0, TOLD) for code in codes):
        raise Wrong(f"a run ended neither well nor with a word: {codes}")
    done = codes.count(0)
    if not done:
        raise Wrong(f"neither run came through: {codes}")
    history, differences = Workspace(root).verify()
    if differences:
        raise Wrong(f"not as the log says: {differences[0]}")
    if len(history.entries) != 1 + done:
        raise Wrong(f"{done} runs came through, and the log has {len(history.entries)} entries")
    if (root / ".evalkit").exists():
        raise Wrong("something is left of the runs")
    return ("one told", "both")[done - 1]


def flips(size: int, seed: int, progress: Progress = quiet) -> Tally:
    """Flip so many bits of inputs, documents, database, results and log; `verify` sees each."""
    tally, rng = Tally(), random.Random(f"flips {seed}")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "ws"
        with pytest.MonkeyPatch.context() as patch:
            small.pages(patch, "good")
            space = small.street(root)
            small.run(space, wave="2015")
            small.run(space, seed=2)
        files = sorted(path for path in root.rglob("*") if path.is_file())
        for number in range(size):
            path = files[number % len(files)]
            place, bit = rng.randrange(path.stat().st_size), rng.randrange(8)
            label = f"{path.relative_to(root).as_posix()} byte {place} bit {bit}"
            tally.attempt(label, lambda path=path, at=place, bit=bit: _flip(root, path, at, bit))
            progress(number + 1)
        if Workspace(root).verify()[1]:
            raise Wrong("the folder is not what it was")
    return tally


def _flip(root: Path, path: Path, at: int, bit: int) -> str:
    data = path.read_bytes()
    path.write_bytes(data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :])
    try:
        if not Workspace(root).verify()[1]:
            raise Wrong("verify sees nothing")
    finally:
        path.write_bytes(data)
    return "seen"
