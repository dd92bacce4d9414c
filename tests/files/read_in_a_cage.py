"""Read files under resource limits and print, for each, what came out and what it cost.

Run as a program: ``python -m tests.files.read_in_a_cage FILE...``; one line of JSON a file, and one
for the most that the reader's child and the processes forked from it held.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path

from evalkit import platforms
from evalkit.errors import Problems
from evalkit.files import cage, limits

ADDRESS_SPACE = 3 * 2**30
"""Far above what reading needs, far below what a dense reader reserves for a hostile sheet."""

SECONDS = 1
"""Of computing, for a small file: whatever reaches a limit reaches a smaller one sooner."""

MEMORY = Path("/proc/self/status")
RESET = Path("/proc/self/clear_refs")
CHILDREN = Path(f"/proc/self/task/{os.getpid()}/children")
USER, SYSTEM_OF_CHILDREN = 11, 14
"""Where a process's ``stat`` tells its times, counted from behind its name."""


def spent() -> float:
    """Return the processor seconds of this process, of its child and of the readers forked from that.

    Not the clock's: a busy machine makes no file hostile. Where the system does not list children,
    those that have not ended are left out.
    """
    ticks = 0
    for child in CHILDREN.read_text().split() if CHILDREN.exists() else ():
        told = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
        ticks += sum(map(int, told[USER : SYSTEM_OF_CHILDREN + 1]))
    return sum(os.times()[:4]) + ticks / os.sysconf("SC_CLK_TCK")


def forget_peak() -> None:
    """Let the peak start anew; where the system cannot, it stays that of the whole process."""
    if RESET.exists():
        RESET.write_text("5")


def peak() -> float:
    """Return the most memory held at once, in MB.

    ``ru_maxrss`` begins at what the parent process held, so it is only the second choice.
    """
    if MEMORY.exists():
        lines = MEMORY.read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def children() -> float:
    """Return the most memory that any child process held at once, in MB, of those that have ended."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main(paths: list[str]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    limits.READING_SECONDS = SECONDS
    for path in paths:
        problems = Problems()
        forget_peak()
        start = spent()
        sheet = platforms.read(Path(path), name=Path(path).name, problems=problems)
        cost = spent() - start
        found = [problem.as_dict() for problem in problems]
        line = {"file": path, "read": sheet is not None, "problems": found}
        print(json.dumps({**line, "seconds": cost, "peak": peak()}), flush=True)
    cage.close()  # so that what its children held is on this process's account
    print(json.dumps({"children": children()}))


if __name__ == "__main__":
    main(sys.argv[1:])
