"""A folder whose results need no computing: pages, database and evaluation are made up."""

from __future__ import annotations

import atexit
import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from evalkit import publication
from evalkit.publication import Published
from evalkit.tables import Evaluation
from evalkit.workspace import Workspace
from tests import tiny
from tests.archive.small import make_evaluation
from tests.deciding import with_decided

PAGES = {"ranking.csv": "甲,1", "scores.csv": "甲,80", "diagnosis/s1.pdf": "%PDF-1.7 诊断"}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def published(folder: Path, pages: Mapping[str, str]) -> Published:
    """Write pages as `publication.publish` would."""
    digests = {}
    for name, text in pages.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
        digests[name] = sha256(text.encode())
    (folder / publication.MANIFEST).write_text(str(sorted(digests.items())), encoding="utf-8")
    return Published(folder, digests, {})


@cache
def evaluation(wave: str = "2016", seed: int = 1) -> Evaluation:
    return make_evaluation((wave,), seed=seed)


def of_folder(root: Path, made: Evaluation) -> Evaluation:
    """The evaluation, as if it had read every file of the folder."""
    digests = {
        path.relative_to(root).as_posix(): sha256(path.read_bytes())
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.relative_to(root).parts[0] not in KEPT
    }
    return with_decided(made, digests=digests)


KEPT = ("out", "evaluation.duckdb", "history.jsonl", ".evalkit")


def pages(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Let the next run's pages say this."""

    def publish(made: Evaluation, folder: Path, **options: object) -> Published:
        return published(folder, {name: f"{old} {text} {made.wave}" for name, old in PAGES.items()})

    monkeypatch.setattr(publication, "publish", publish)


def street(root: Path) -> Workspace:
    return Workspace(tiny.write(root))


@cache
def _kept() -> Path:
    root = Path(tempfile.mkdtemp(prefix="kept-")) / "ws"
    with pytest.MonkeyPatch.context() as patched:
        pages(patched, "good")
        run(street(root))
    atexit.register(shutil.rmtree, root.parent, ignore_errors=True)
    return root


def kept(root: Path) -> Workspace:
    """A street with the results of a run whose pages say ``good``: made once, and copied."""
    shutil.copytree(_kept(), root)
    return Workspace(root)


def run(space: Workspace, seed: int = 1, wave: str = "2016") -> Path:
    return space.publish(of_folder(space.root, evaluation(wave, seed)))


def state(root: Path) -> dict[str, str]:
    """Everything that is kept, but not the log."""
    return {
        path.relative_to(root).as_posix(): sha256(path.read_bytes())
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != "history.jsonl"
    }


def results(root: Path) -> dict[str, str]:
    return {name: value for name, value in state(root).items() if name.startswith("out/")}


def full_disk(path: Path) -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
