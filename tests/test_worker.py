"""A process that works for another one ends with it."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "evalkit"
WORKING = """\
import multiprocessing, os, sys, time
from concurrent.futures import ProcessPoolExecutor
from evalkit.worker import begin

if __name__ == "__main__":
    pool = ProcessPoolExecutor(1, multiprocessing.get_context(sys.argv[1]), begin)
    print(pool.submit(os.getpid).result(), flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kills a process")
@pytest.mark.parametrize("start", ["spawn", "forkserver"])
def test_a_process_of_a_pool_ends_when_whoever_started_it_is_killed(
    tmp_path: Path, start: str
) -> None:
    """It held the other end of its pipe itself, waited for ever, and with it whoever read its output."""
    script = tmp_path / "working.py"
    script.write_text(WORKING, encoding="utf-8")
    path = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    words = [sys.executable, str(script), start]
    with subprocess.Popen(words, stdout=subprocess.PIPE, env=path) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
        ended, _, _ = select.select([parent.stdout], [], [], 20)  # all that hold it are gone
        if not ended:
            os.kill(child, signal.SIGKILL)
        assert ended
        assert parent.stdout.read() == b""


def test_every_pool_of_processes_begins_so() -> None:
    pools = [
        (path.name, made)
        for path in PACKAGE.rglob("*.py")
        for made in re.findall(r"ProcessPoolExecutor\([^)]", path.read_text(encoding="utf-8"))
    ]
    begun = [
        path.name
        for path in PACKAGE.rglob("*.py")
        for _ in re.findall(
            r"ProcessPoolExecutor\([^\n]*initializer=begin\)", path.read_text(encoding="utf-8")
        )
    ]
    assert sorted(name for name, _ in pools) == sorted(begun)
    assert len(begun) == 3
