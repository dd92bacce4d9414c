"""A past wave whose answers are gone: what stays of its ledgers takes nobody's place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from evalkit import archive, bookkeeping
from evalkit.engines.duckdb import DuckDBEngine
from evalkit.errors import Problems
from evalkit.evaluation import (
    Inputs,
    import_answers,
    measure_waves,
    waves_up_to,
    weigh_answers,
)
from evalkit.folder import Folder
from evalkit.folder.loaded import Loaded
from evalkit.tables import Cells
from tests import tiny
from tests.ledgers import hotline

ANSWERS = (
    "{file: responses/2015/resident.csv, questionnaire: resident, group: resident}",
    "{file: responses/2015/office.csv, questionnaire: organisation, group: office}",
)
"""The files of 2015 that go."""


@pytest.fixture
def remembered(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """What the database of the folder is said to hold."""

    def remember(cells: dict[str, Cells]) -> None:
        monkeypatch.setattr(archive, "read_cells", lambda path, problems: dict(cells))
        monkeypatch.setattr(archive, "read_notes", lambda path, problems: {})

    return remember


def loaded(root: Path) -> tuple[Loaded, list[str]]:
    problems = Problems()
    found = Folder(root).load(problems)
    assert all(problem.remedy for problem in problems)
    return found, [problem.code for problem in problems]


def measured(inputs: Inputs | None) -> Cells:
    """Measure or recall the cells of 2015, as an evaluation does."""
    assert inputs is not None
    assert waves_up_to(inputs, None) == ("2015", "2016")
    weighed = weigh_answers(inputs, import_answers(inputs, ["2015"])[0])
    books = bookkeeping.keep(inputs.decided, inputs.records, ["2015"])
    assert books.of("2015"), "the records are there"
    return measure_waves(inputs, ["2015"], weighed, DuckDBEngine(), books)["2015"]


def without_answers(root: Path) -> None:
    """Let the folder's files of 2015 be records only."""
    order = root / "evaluation.yaml"
    text = order.read_text("utf-8")
    for line in ANSWERS:
        assert line in text
        text = text.replace(f"      - {line}\n", "")
    order.write_text(text, "utf-8")


@pytest.mark.parametrize(
    "scheme", [tiny.SCHEME, hotline.SCHEME], ids=["context", "records that count"]
)
def test_records_take_no_archived_waves_place(
    scheme: str, tmp_path: Path, remembered: Callable[..., None]
) -> None:
    """Measured from its records alone, the wave would have left everybody incomplete."""
    root = hotline.write(tmp_path / "ws", scheme=scheme)
    then = measured(loaded(root)[0].inputs)
    remembered({"2015": then})
    without_answers(root)
    found, problems = loaded(root)
    assert not problems
    assert found.inputs is not None
    assert list(found.inputs.archived) == ["2015"]
    assert not found.inputs.made_known
    now = measured(found.inputs)
    assert list(now.groups) == list(then.groups)
    for code, group in now.groups.items():
        assert np.array_equal(group.mean, then.groups[code].mean, equal_nan=True)


def test_a_wave_of_which_only_context_is_left_is_a_problem(
    tmp_path: Path, remembered: Callable[..., None]
) -> None:
    root = hotline.write(tmp_path / "ws", scheme=tiny.SCHEME)
    remembered({})
    without_answers(root)
    assert loaded(root)[1] == ["wave_without_answers"]


def test_files_are_told_of_wave_after_wave(tmp_path: Path) -> None:
    """Records of both years have a unit that nobody knows, and are accounted for all the same."""
    root = hotline.write(tmp_path / "ws")
    for year in (2015, 2016):
        path = root / f"responses/{year}/hotline.csv"
        path.write_text(path.read_text("utf-8-sig").replace("甲居民区", "戊居民区", 1), "utf-8")
    problems = Problems()
    folder = Folder(root)
    found = folder.load(problems)
    assert not problems
    assert found.inputs is not None
    folder.import_too(found, problems)
    files = [f"responses/{year}/hotline.csv" for year in (2015, 2016)]
    assert [(p.code, p.file) for p in problems] == [("unmatched_subject", file) for file in files]
    assert [report.file for report in found.books] == files


def test_what_is_imported_to_be_checked_is_told_earliest_wave_first(tmp_path: Path) -> None:
    problems, folder = Problems(), Folder(hotline.write(tmp_path / "ws"))
    found = folder.load(problems)
    reports = folder.import_too(found, problems)
    assert not problems
    assert [(book.wave, book.ledger) for book in found.books] == [
        ("2015", "hotline"), ("2016", "hotline"),
    ]  # fmt: skip
    assert [report.file.split("/")[1] for report in reports] == ["2015", "2015", "2016", "2016"]
