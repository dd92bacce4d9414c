from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import evalkit as ek
from tests.recomputation import kinds

Published = Callable[[str], Path]


@pytest.fixture(scope="session")
def published(once: Callable[..., Path]) -> Published:
    """Return the folder of a kind of workspace (`kinds.KINDS`), evaluated, without PDFs.

    Every kind is evaluated once in a run; nobody may change what is in it. `archive_alone` is
    evaluated with its first wave's files and then without; `<folder>-with-files` is how it was.
    """

    def folder(kind: str) -> Path:
        return once(kind, lambda root: _publish_kind(kind, root))

    return folder


def _publish_kind(kind: str, root: Path) -> None:
    publish(kinds.KINDS[kind](root))
    if kind == "archive_alone":
        kinds.forget_first_wave(root)
        publish(root)


def publish(root: Path) -> None:
    workspace = ek.open(root)
    workspace.publish(workspace.evaluate(), pdf=False)
