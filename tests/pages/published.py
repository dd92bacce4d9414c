"""Two streets, evaluated and published as `evalkit run --no-pdf` does it: the town and the demo."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

import evalkit as ek
from tests.pages import town
from tests.pages.reading import Files

BOTH = ("town", pytest.param("demo", marks=pytest.mark.whole_demo))
"""For fixtures: the town, which is quick, and the demo street."""


def _made(folder: Path) -> None:
    space = ek.open(town.write(folder))
    evaluation = space.evaluate()
    space.publish(evaluation, pdf=False)
    (folder.parent / "evaluation.pickle").write_bytes(pickle.dumps(evaluation))


def street(name: str, request: pytest.FixtureRequest) -> Files:
    """The results of one of them, with the evaluation that they were published from."""
    if name == "demo":
        folder = request.getfixturevalue("demo_folder")
        return Files(folder / "out/2016", request.getfixturevalue("demo_evaluation"))
    once: Callable[..., Path] = request.getfixturevalue("once")
    folder = once("town", _made)
    evaluation = pickle.loads((folder.parent / "evaluation.pickle").read_bytes())
    return Files(folder / "out/2016", evaluation)
