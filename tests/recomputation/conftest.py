from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import evalkit as ek
from tests.recomputation import kinds

Published = Callable[[str], Path]


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Return the folder of a kind of workspace (`kinds.KINDS`), evaluated, without PDFs.

    Every kind is evaluated once a session. `archive_alone` is evaluated with its first wave's
    files and then without; `<folder>-with-files` is how it was before.
    """
    ready: dict[str, Path] = {}

    def folder(kind: str) -> Path:
        if kind not in ready:
            root = kinds.KINDS[kind](tmp_path_factory.mktemp(kind) / kind)
            publish(root)
            if kind == "archive_alone":
                kinds.forget_first_wave(root)
                publish(root)
            ready[kind] = root
        return ready[kind]

    return folder


def publish(root: Path) -> None:
    workspace = ek.open(root)
    workspace.publish(workspace.evaluate(), pdf=False)
