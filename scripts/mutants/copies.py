"""A private copy of the project for each worker, in which one file at a time is changed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from scripts.mutants import rooms
from scripts.mutants.reach import environment

LONG_AGO = 946_684_800
"""Originals are as old as this, so that compiled code of them is never taken for a mutant's."""


class Copy:
    """The project once more, in a folder of its own."""

    def __init__(self, folder: Path, like: Copy | None = None) -> None:
        self.root, self.temporary = folder / "project", folder / "tmp"
        if like is None:
            self._copy()
        else:
            shutil.copytree(like.root, self.root)
        shared = rooms.ROOT.parent / "shared"
        if shared.exists():
            (folder / "shared").symlink_to(shared.resolve())

    def _copy(self) -> None:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=rooms.ROOT, capture_output=True, check=True,
        ).stdout.decode().split("\0")  # fmt: skip
        for name in filter(None, listed):
            source, target = rooms.ROOT / name, self.root / name
            if source.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
                shutil.copymode(source, target)
                os.utime(target, (LONG_AGO, LONG_AGO))

    def compile(self, tests: Sequence[str]) -> None:
        """Compile the program and these tests once, as pytest rewrites them."""
        command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
        subprocess.run(
            [*command, *tests],
            cwd=self.root,
            env=environment(self.root),
            check=True,
            capture_output=True,
        )

    @contextmanager
    def changed(self, file: str, content: bytes) -> Iterator[None]:
        """Let a file be another one for a while."""
        path = self.root / file
        original = path.read_bytes()
        path.write_bytes(content)
        try:
            yield
        finally:
            path.write_bytes(original)
            os.utime(path, (LONG_AGO, LONG_AGO))

    def clean(self) -> None:
        """Remove what the tests of the last mutant left behind."""
        shutil.rmtree(self.temporary, ignore_errors=True)
