"""Runs of a city that end themselves at a chosen file operation; as a program, so that forking is safe.

``python -m tests.city.killing STREETS PICKLE ROOT LIMIT [ROOT LIMIT ...]``: runs streets of every city in
a process of its own that dies before its LIMIT-th operation on a file (0: never), prints how it ended
and how many operations there were, and then lets another run take it up.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from evalkit import city
from tests.city import small
from tests.keeping.killing import die_at


def main() -> None:
    streets = sys.argv[1].split(",")
    with pytest.MonkeyPatch.context() as patch:
        small.as_pickled(Path(sys.argv[2]), patch)
        for root, limit in zip(sys.argv[3::2], sys.argv[4::2], strict=True):
            sys.stdout.flush()
            child = os.fork()
            if child == 0:
                town = small.town(Path(root))
                seen = die_at(root, int(limit))
                city.run(town, streets)
                print(f"0 {seen[0]}", flush=True)
                os._exit(0)
            ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            if ended:
                print(f"{ended} {limit}", flush=True)
                assert not city.run(small.town(Path(root)), streets).faulty


if __name__ == "__main__":
    main()
