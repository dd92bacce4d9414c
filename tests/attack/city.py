"""Runs of a city that are killed at any operation on a file, and taken up again."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.attack.tally import HERE, Progress, Tally, Wrong, quiet
from tests.city import small
from tests.city.test_running import results

PATIENCE = 900
AT_ONCE = 10


def kills(size: int, seed: int, progress: Progress = quiet) -> Tally:
    """Kill so many runs of three streets, each before another operation; all end as if undisturbed."""
    tally, rng = Tally(), random.Random(f"city {seed}")
    with tempfile.TemporaryDirectory() as folder:
        begun = small.copied(small.made(), Path(folder) / "begun")
        small.unmade(begun)
        whole = small.copied(begun, Path(folder) / "whole")
        ((code, operations),) = _ended([(whole, 0)])
        if code:
            raise Wrong(f"a run that nobody kills ends with {code}")
        undisturbed = results(whole)
        limits = rng.sample(range(1, operations), min(size, operations - 1))
        for at in range(0, len(limits), AT_ONCE):
            some = limits[at : at + AT_ONCE]
            roots = [small.copied(begun, Path(folder) / f"kill-{limit}") for limit in some]
            endings = _ended(list(zip(roots, some, strict=True)))
            for root, limit, (code, _) in zip(roots, some, endings, strict=True):
                tally.attempt(limit, lambda r=root, c=code: _held(r, c, undisturbed))  # type: ignore[misc]
            progress(tally.tried)
    return tally


def _held(root: Path, code: int, undisturbed: dict[str, object]) -> str:
    if code != -9:
        raise Wrong(f"the run ended with {code}, not by a signal")
    found = results(root)
    if found != undisturbed:
        differing = [n for n in {*found, *undisturbed} if found.get(n) != undisturbed.get(n)]
        raise Wrong(f"differs after it was taken up: {sorted(differing)[:5]}")
    return "as undisturbed"


def _ended(runs: list[tuple[Path, int]]) -> list[tuple[int, int]]:
    """Run and kill; return how each ended, and its operations or where it was killed."""
    words = [str(word) for pair in runs for word in pair]
    program = ["-W", "ignore", "-m", "tests.city.killing", ",".join(small.STREETS)]
    path = os.pathsep.join(filter(None, (str(HERE), os.environ.get("PYTHONPATH", ""))))
    done = subprocess.run(
        [sys.executable, *program, str(small.pickled()), *words],
        cwd=HERE,
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if done.returncode:
        raise Wrong(f"the runs ended with {done.returncode}")
    return [(int(code), int(count)) for code, count in map(str.split, done.stdout.splitlines())]
