from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

import evalkit as ek
from evalkit import Evaluation
from tests.tracks import street


class Made(NamedTuple):
    """The small street with its track of workers, evaluated; nobody may change the folder."""

    root: Path
    main: Evaluation
    workers: Evaluation


def _made(folder: Path) -> None:
    street.write(folder)
    main, tracks = ek.open(folder).evaluate_with_tracks()
    (folder.parent / "made.pickle").write_bytes(pickle.dumps((main, tracks["workers"])))


@pytest.fixture(scope="session")
def made(once: Callable[..., Path]) -> Made:
    root = once("tracks", _made)
    return Made(root, *pickle.loads((root.parent / "made.pickle").read_bytes()))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The same without a fault, for a test to spoil."""
    return street.write(tmp_path / "ws")
