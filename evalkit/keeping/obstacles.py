"""What would keep results from being written, asked before they are computed."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from evalkit import archive
from evalkit.errors import Problems
from evalkit.folder import DATABASE
from evalkit.keeping import disk
from evalkit.keeping.history import HISTORY, History
from evalkit.problems import keeping

OUT = "out"
_ROOM = 5 * 2**20
"""Bytes that are needed in any case."""


def obstacles(root: Path, waves: Iterable[str], problems: Problems) -> None:
    """Collect what stands in the way of results in ``out/<wave>`` of a folder."""
    _in_the_way(root, waves, problems)
    for folder in (root, root / OUT):
        if folder.is_dir() and not os.access(folder, os.W_OK | os.X_OK):
            error = PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
            problems.collect(keeping.disk_failed(error))
    archive.check_writable(root / DATABASE, problems)
    for fault in History.of(root).faults[:1] if (root / HISTORY).is_file() else ():
        problems.collect(keeping.history_broken(fault.line, fault.why))
    free, needed = shutil.disk_usage(root).free, _needed(root)
    if free < needed:
        problems.collect(keeping.little_room(free, needed))


def _in_the_way(root: Path, waves: Iterable[str], problems: Problems) -> None:
    folders = [root / OUT, *(root / OUT / wave for wave in waves)]
    for place in (*folders, root / DATABASE, root / HISTORY):
        folder = place in folders
        expected = "文件夹" if folder else "普通文件"
        name = place.relative_to(root).as_posix()
        if place.is_symlink():
            problems.collect(keeping.in_the_way(name, expected, "链接"))
        elif disk.there(place) and not (place.is_dir() if folder else place.is_file()):
            kind = "文件夹" if place.is_dir() else "文件"
            problems.collect(keeping.in_the_way(name, expected, kind))


def _needed(root: Path) -> int:
    """Guess the room that new results take beside the old ones: as much as these, and some."""
    waves = (root / OUT).iterdir() if (root / OUT).is_dir() else ()
    old = max((_size(wave) for wave in waves if wave.is_dir()), default=0)
    database = (root / DATABASE).stat().st_size if (root / DATABASE).is_file() else 0
    return _ROOM + old + 2 * database


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*"))
