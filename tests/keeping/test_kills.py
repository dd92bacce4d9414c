"""Killed at any operation on a file, a run leaves a complete state, old or new; so do two at once.

``EVALKIT_KILLS`` and ``EVALKIT_PAIRS`` say how many; the ordinary tests take a few.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from evalkit.workspace import Workspace
from tests.keeping import small

KILLS = int(os.environ.get("EVALKIT_KILLS", "15"))
PAIRS = int(os.environ.get("EVALKIT_PAIRS", "2"))
HERE = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked processes")


def started(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "ignore", "-m", "tests.keeping.killing", *map(str, arguments)]
    return subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, text=True)


def ended(process: subprocess.Popen[str]) -> list[tuple[int, int]]:
    told, _ = process.communicate(timeout=600)
    assert process.returncode == 0
    return [(int(code), int(count)) for code, count in map(str.split, told.splitlines())]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("kills") / "good"
    with pytest.MonkeyPatch.context() as patch:
        small.pages(patch, "good")
        small.run(small.street(root))
    return root


def test_a_run_killed_at_any_operation_leaves_the_old_state_or_the_new_one(
    good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Path(shutil.copytree(good, tmp_path / "whole"))
    ((code, operations),) = ended(started(whole, 0))
    assert code == 0
    assert operations > 25
    old, new = small.results(good), small.results(whole)
    assert old != new
    every = range(1, operations + 1)
    last = list(every)[-12:]  # the intent, the moves, the end
    some = random.Random(11).sample(list(every)[:-12], max(0, min(KILLS, operations) - 12))
    limits = [*some, *last][:KILLS] if operations > KILLS else list(every)
    roots = [Path(shutil.copytree(good, tmp_path / f"kill-{limit}")) for limit in limits]
    outcomes = ended(started(*(part for pair in zip(roots, limits, strict=True) for part in pair)))
    assert outcomes == [(-signal.SIGKILL, limit) for limit in limits]
    states = set()
    small.pages(monkeypatch, "newest")
    for number, root in enumerate(roots):
        assert small.results(root) in (old, new), "what lies in out is whole before anybody looks"
        history, differences = Workspace(root).verify()
        assert [str(difference) for difference in differences] == []
        found = small.results(root)
        assert found == (old, new)[len(history.entries) - 1]
        states.add(len(history.entries))
        if number % 5 == 0:
            small.run(Workspace(root), seed=3)
            assert Workspace(root).verify()[1] == ()
            assert not (root / ".evalkit").exists()
    assert states == {1, 2}


def test_of_two_runs_at_once_one_is_told_or_both_come_one_after_the_other(
    good: Path, tmp_path: Path
) -> None:
    for number in range(PAIRS):
        root = Path(shutil.copytree(good, tmp_path / f"pair-{number}"))
        pair = [started(root, 0), started(root, 0)]
        codes = []
        for process in pair:
            codes.append([code for code, _ in ended(process)])
        done = sum(found == [0] for found in codes)
        assert done >= 1
        history, differences = Workspace(root).verify()
        assert differences == ()
        assert len(history.entries) == 1 + done
        assert not (root / ".evalkit").exists()
