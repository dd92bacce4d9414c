"""A run that is killed leaves the last good state."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from evalkit.archive import read_cells, store
from evalkit.errors import Problems
from tests.archive.small import (
    assert_same_cells,
    make_evaluation,
    stored,
)

KILLED = textwrap.dedent(
    """
    import os, signal, sys
    from pathlib import Path
    sys.path.insert(0, sys.argv[1])
    from tests.archive.small import make_evaluation
    from evalkit.archive import store

    evaluation = make_evaluation()

    def tracer(limit):
        count = 0
        def step(frame, event, arg):
            nonlocal count
            if os.sep + "archive" + os.sep not in frame.f_code.co_filename:
                return None
            if event == "line":
                count += 1
                if count == limit:
                    os.kill(os.getpid(), signal.SIGKILL)
            return step
        return step, lambda: count

    for line in sys.stdin:
        limit, path = line.rstrip().split(" ", 1)
        if os.fork() == 0:
            step, count = tracer(int(limit))
            sys.settrace(step)
            assert store(Path(path), evaluation)
            sys.settrace(None)
            print(count(), flush=True)
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.wait()[1]), flush=True)
    """
)


@pytest.fixture
def runner() -> Iterator[subprocess.Popen[str]]:
    """A program that stores in processes that kill themselves at a given line; see `store_and_die`."""
    command = [sys.executable, "-W", "ignore", "-c", KILLED, str(Path(__file__).parents[2])]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:
        yield process
        process.communicate(timeout=120)
    assert process.returncode == 0


def store_and_die(runner: subprocess.Popen[str], path: Path, limit: int) -> list[int]:
    """Return the number of lines, of a run that came through, and how it ended."""
    assert runner.stdin is not None
    assert runner.stdout is not None
    print(limit, path, file=runner.stdin, flush=True)
    said = [int(runner.stdout.readline())]
    return said if said[0] < 0 else [*said, int(runner.stdout.readline())]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked processes")
def test_a_run_killed_anywhere_leaves_the_last_good_state(
    tmp_path: Path, runner: subprocess.Popen[str]
) -> None:
    old, new = make_evaluation(("2015",), seed=7), make_evaluation()
    origin = stored(tmp_path / "evaluation.duckdb", ("2015",), seed=7)
    last_good = origin.read_bytes()
    rehearsal = tmp_path / "rehearsal.duckdb"
    rehearsal.write_bytes(last_good)
    lines, code = store_and_die(runner, rehearsal, 0)
    assert code == 0
    # The last lines of all, where the new file takes the old one's place, and places before.
    limits = [lines - back for back in range(4)] + [lines * part // 5 for part in range(1, 5)]
    paths = [tmp_path / str(limit) / origin.name for limit in limits]
    for path, limit in zip(paths, limits, strict=True):
        path.parent.mkdir()
        path.write_bytes(last_good)
        assert store_and_die(runner, path, limit) == [-signal.SIGKILL]
    states = set()
    for path in paths:
        problems = Problems()
        found = read_cells(path, problems)
        assert not problems
        kept = path.read_bytes() == last_good
        expected = old.waves if kept else new.waves
        assert list(found) == list(expected)
        for wave, result in expected.items():
            assert_same_cells(found[wave], result.cells)
        assert store(path, new) == kept
        assert [p.name for p in path.parent.iterdir()] == [path.name]
        assert list(read_cells(path, problems)) == ["2015", "2016"]
        states.add(kept)
    assert states == {True, False}


@pytest.mark.parametrize("left", ["whole", "half", "with a log"])
def test_what_a_killed_run_left_behind_is_in_nobodys_way(tmp_path: Path, left: str) -> None:
    path = stored(tmp_path / "evaluation.duckdb", ("2015",), seed=7)
    content = path.read_bytes()
    fresh = tmp_path / "evaluation.duckdb.new"
    fresh.write_bytes(content if left == "whole" else content[: len(content) // 2])
    if left == "with a log":
        fresh.with_name("evaluation.duckdb.new.wal").write_bytes(b"half a log")
    new = make_evaluation()
    assert store(path, new)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    problems = Problems()
    found = read_cells(path, problems)
    assert not problems
    assert list(found) == ["2015", "2016"]
    assert_same_cells(found["2016"], new.waves["2016"].cells)
