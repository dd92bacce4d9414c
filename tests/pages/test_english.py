"""The summary in English against the files beside it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from evalkit.pages import english
from evalkit.tables import Evaluation
from tests.pages import published
from tests.pages.reading import Files
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up
from tests.statements.files import Folder, fixed, percent, signed


@pytest.fixture(scope="module")
def files(request: pytest.FixtureRequest) -> Files:
    return published.street("town", request)


@pytest.fixture(scope="module")
def text(files: Files) -> str:
    written = (files.folder / english.PATH).read_text(encoding="utf-8")
    assert written == english.summary(files.evaluation).decode()
    return written


def test_its_numbers_are_the_files(files: Files, text: str) -> None:
    f = Folder(files.folder)
    overall = f.one("satisfaction", subject="all", role="overall", by="all")
    mean = f.one("street_means", code="composite", group="all")
    above, below = (f.standing()[word] for word in ("高于", "低于"))
    names = [", ".join(f.names[r["subject"]] for r in own) for own in (above, below)]
    moved = f.rows("changes")
    risen = [r["name"] for r in moved if r["verdict"] == "明显上升"]
    for said in (
        "14 residents' committees with complete scores (0 to 100); incomplete, listed and not ranked: 1.",
        f"{percent(overall['share'], 1)} of residents with an opinion are satisfied overall",
        f"interval {fixed(100 * overall['low'])} to {fixed(100 * overall['high'])}%",
        f"Change since the wave before: {signed(100 * overall['change'])} percentage points",
        f"committees: {fixed(mean['mean'])} ({fixed(mean['low'])} to {fixed(mean['high'])}).",
        f"above the street's mean: {len(above)} ({names[0]}).",
        f"below the street's mean: {len(below)} ({names[1]}).",
        f"{len(moved)} committees have complete scores in 2015 and 2016",
        f"up, relative to the street: {len(risen)} ({', '.join(risen)}).",
        f"Reliability of the composite: {fixed(f.reliability['reliability'], 2)},",
        f"{percent(f.reliability['distinguishable_pairs'])} of all pairs of committees",
        "567 valid questionnaires, of 820 issued.",
        ", ".join(f"{r['name']} ({percent(r['share'])})" for r in f.needs()[:3]),
    ):
        assert said in text, said


def test_every_file_it_names_is_written(files: Files, text: str) -> None:
    named = {name for names, _ in english.FILES for name in names.split(", ")}
    assert all(f"{name}" in text for name in named)
    assert all((files.folder / name).is_file() for name in named)


def test_it_is_one_page_of_plain_english(text: str) -> None:
    assert len(text.split()) < 600
    assert re.search("Simulated data", text)
    assert not re.search("nan|None|inf\\b", text)


def test_a_first_wave_without_an_overall_question_says_what_is_missing() -> None:
    made = made_up(Street(count=5, waves=("2016",)))
    bare: Evaluation = replace(made, satisfaction=made.satisfaction.iloc[:0])
    told = english.summary(bare).decode()
    assert "No share: there is no overall question" in told
    assert "There is no earlier wave that could be compared." in told


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (0, ""),
        (1, " (a)"),
        (12, f" ({', '.join('a' * 12)})"),
        (14, f" ({', '.join('a' * 12)} and 2 more)"),
    ],
)
def test_names_stand_in_brackets_twelve_at_most(count: int, told: str) -> None:
    assert english._listed(["a"] * count) == told
