"""Readers that misbehave, for the tests of the cage: they import nothing heavy."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from evalkit.errors import Problems
from evalkit.files import limits, workbook


def told(path: Path, name: str, problems: Problems, extra: int = 0) -> tuple[str, int, int]:
    problems.add("told", "说了", file=name)
    return path.name, limits.MAX_ROWS, extra


def modules(path: Path, name: str, problems: Problems) -> list[str]:
    """Read a workbook and tell what that needed."""
    assert workbook.read(path, name, problems) is not None
    return sorted(sys.modules)


def spoils(path: Path, name: str, problems: Problems) -> tuple[int, int]:
    """Spoil what the next reader needs, and tell one's own process and the one it comes from."""
    assert not hasattr(limits, "SPOILT")
    limits.SPOILT = True
    return os.getpid(), os.getppid()


def aborts(path: Path, name: str, problems: Problems) -> str:
    os.abort()


def loops(path: Path, name: str, problems: Problems) -> str:
    while True:
        pass


def sleeps(path: Path, name: str, problems: Problems) -> str:
    time.sleep(60)
    return name


def hoards(path: Path, name: str, problems: Problems) -> str:
    held = []
    while True:
        held.append(bytes(2**20))


def recurses(path: Path, name: str, problems: Problems) -> str:
    return recurses(path, name, problems)


def says_too_little(path: Path, name: str, problems: Problems) -> str:
    os.write(1, b"\x80\x05")
    os._exit(0)
