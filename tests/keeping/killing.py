"""Runs that end themselves at a chosen file operation; as a program, so that forking is safe.

``python -m tests.keeping.killing``: every line of its input is JSON, ``[SEED, TOGETHER, [[ROOT, LIMIT],
...]]``. It publishes another state (by the seed) of each folder in a process of its own that dies before
its LIMIT-th operation on a file (0: never), one after the other or all together, and answers with a line
of JSON: for each how it ended, and how many operations there were or at which it was killed.
"""

from __future__ import annotations

import json
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


def begun(root: str, limit: int, seed: int) -> tuple[int, int]:
    """Fork a run; return its process and where it tells how many operations it took."""
    told, tell = os.pipe()
    child = os.fork()
    if child:
        os.close(tell)
        return child, told
    seen = die_at(root, limit)
    try:
        newer(Path(root), seed)
    except InputErrors:
        os._exit(TOLD)
    os.write(tell, str(seen[0]).encode())
    os._exit(0)


def ended(run: tuple[int, int], limit: int) -> tuple[int, int]:
    child, told = run
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with os.fdopen(told) as file:
        return code, limit if code else int(file.read())


def main() -> None:
    for line in sys.stdin:
        seed, together, runs = json.loads(line)
        small.evaluation("2016", seed)
        if together:
            all_begun = [begun(root, limit, seed) for root, limit in runs]
            found = [ended(run, limit) for run, (_, limit) in zip(all_begun, runs, strict=True)]
        else:
            found = [ended(begun(root, limit, seed), limit) for root, limit in runs]
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
