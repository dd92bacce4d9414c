"""Runs that end themselves at a chosen file operation; as a program, so that forking is safe.

``python -m tests.keeping.killing SEED ROOT LIMIT [ROOT LIMIT ...]``: publishes another state (by the
seed) of each folder in a process of its own that dies before its LIMIT-th operation on a file (0: never), and
prints how it ended and how many operations there were.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from evalkit.errors import InputErrors
from evalkit.workspace import Workspace
from tests.keeping import small

CHANGES = {
    "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.truncate", "evalkit.exchange",
}  # fmt: skip


TOLD = 3
"""How a run ends that was told that it cannot work."""


def is_change(event: str, arguments: tuple[object, ...], root: str) -> bool:
    named = any(isinstance(a, str | os.PathLike) and root in str(a) for a in arguments)
    if event == "open":
        flags = arguments[2]
        return named and isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR))
    return named and event in CHANGES


def die_at(root: str, limit: int) -> list[int]:
    seen = [0]

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if is_change(event, arguments, root):
            seen[0] += 1
            if seen[0] == limit:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    return seen


def newer(root: Path, seed: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        small.pages(patch, "newer")
        small.run(Workspace(root), seed=seed)


def main() -> None:
    seed = int(sys.argv[1])
    small.evaluation("2016", seed)
    for root, limit in zip(sys.argv[2::2], sys.argv[3::2], strict=True):
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            seen = die_at(root, int(limit))
            try:
                newer(Path(root), seed)
            except InputErrors:
                os._exit(TOLD)
            print(f"0 {seen[0]}", flush=True)
            os._exit(0)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if ended:
            print(f"{ended} {limit}", flush=True)


if __name__ == "__main__":
    main()
