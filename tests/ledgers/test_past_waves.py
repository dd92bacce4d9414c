"""A past wave whose answers are gone: what stays of its ledgers takes nobody's place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import evalkit as ek
from evalkit import archive
from evalkit.errors import Problems
from evalkit.evaluation import evaluate
from evalkit.folder import Folder
from evalkit.folder.loaded import Loaded
from tests import tiny
from tests.ledgers import hotline
from tests.ledgers.test_a_hotline_group import evaluation, folder, quick

__all__ = ["evaluation", "folder"]

ANSWERS = (
    "{file: responses/2015/resident.csv, questionnaire: resident, group: resident}",
    "{file: responses/2015/office.csv, questionnaire: organisation, group: office}",
)
"""The files of 2015 that go."""


@pytest.fixture
def remembered(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """What the database of the folder is said to hold."""

    def remember(cells: dict[str, object]) -> None:
        monkeypatch.setattr(archive, "read_cells", lambda path, problems: dict(cells))
        monkeypatch.setattr(archive, "read_notes", lambda path, problems: {})

    return remember


def without_answers(root: Path) -> tuple[Loaded, list[str]]:
    """Load the folder whose files of 2015 are records only; tell its problems."""
    order = root / "evaluation.yaml"
    text = order.read_text("utf-8")
    for line in ANSWERS:
        assert line in text
        text = text.replace(f"      - {line}\n", "")
    order.write_text(text, "utf-8")
    problems = Problems()
    loaded = Folder(root).load(problems)
    assert all(problem.remedy for problem in problems)
    return loaded, [problem.code for problem in problems]


def test_a_context_ledger_takes_no_archived_waves_place(
    tmp_path: Path, evaluation: ek.Evaluation, remembered: Callable[..., None]
) -> None:
    remembered({"2015": evaluation.waves["2015"].cells})
    loaded, problems = without_answers(quick(hotline.write(tmp_path / "ws", scheme=tiny.SCHEME)))
    assert not problems
    assert loaded.inputs is not None
    assert list(loaded.inputs.archived) == ["2015"]
    assert not loaded.inputs.made_known
    found = evaluate(loaded.inputs)
    own, then = found.waves["2015"].cells, evaluation.waves["2015"].cells
    assert np.array_equal(own.groups["resident"].mean, then.groups["resident"].mean)
    assert set(found.ledgers["wave"]) == {"2015", "2016"}


def test_records_that_count_do_not_make_a_remembered_wave_incomplete(
    tmp_path: Path, evaluation: ek.Evaluation, remembered: Callable[..., None]
) -> None:
    """The records of 2015 are there, its answers are not: the cells of both are remembered."""
    remembered({"2015": evaluation.waves["2015"].cells})
    loaded, problems = without_answers(quick(hotline.write(tmp_path / "ws")))
    assert not problems
    assert loaded.inputs is not None
    found = evaluate(loaded.inputs)
    assert not found.waves["2015"].scores.incomplete
    assert found.changes["verdict"].tolist() == evaluation.changes["verdict"].tolist()


def test_a_wave_of_which_only_context_is_left_is_a_problem(
    tmp_path: Path, remembered: Callable[..., None]
) -> None:
    remembered({})
    _, problems = without_answers(hotline.write(tmp_path / "ws", scheme=tiny.SCHEME))
    assert problems == ["wave_without_answers"]
