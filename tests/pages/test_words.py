"""What pages call subjects and their whole area is the order's to say; names stay as they are."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace

import openpyxl
import pytest

from evalkit import publication
from evalkit.errors import Note
from evalkit.findings import planning, standing
from evalkit.intake.cleaning import REASONS
from evalkit.pages import dashboard, workbook
from evalkit.pages.press import printing
from evalkit.pages.press import wording as say
from evalkit.pages.telling import maps, method
from evalkit.tables import Evaluation
from tests.deciding import with_decided
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up

NAMES = ("示例街道", "街道职能部门")
"""The street's own name and a rater group's: nobody may change them."""
STREETS = {
    "told apart": Street(count=9, between=8.0, noise=0.2, mean=80.0, library=False),
    "gaps": Street(count=8, incomplete={0: ("department",), 2: ("random",)}, library=False),
    "all the same": Street(count=5, constant=80.0, library=False),
    "first wave, little known": Street(
        count=6, waves=("2016",), assured=False, heard=False, library=False
    ),
}


def in_a_town(made: Evaluation) -> Evaluation:
    """Return the evaluation as one of a town."""
    said = {**made.assurance.reliability, "meaning": standing.MEANING}
    return replace(
        with_decided(made, order=made.order.model_copy(update={"street_word": "镇"})),
        assurance=replace(made.assurance, reliability=said),
    )


@pytest.fixture(scope="module", params=STREETS.values(), ids=STREETS)
def town(request: pytest.FixtureRequest) -> Evaluation:
    return in_a_town(made_up(request.param))


def of_papers(made: Evaluation) -> str:
    pages = [printing.fill(paper) for paper in publication.plan(made)]
    return "".join(text for page in pages for text in (page.text, *page.charts.values()))


def of_maps(made: Evaluation) -> str:
    return b"".join(maps.files(made).values()).decode()


def of_dashboard(made: Evaluation) -> str:
    planned = dashboard.plan(made, papers=True)
    shown = dashboard.press(planned).decode().replace(dashboard.vega(), "")
    return shown + json.dumps(planned.data, ensure_ascii=False)


def of_workbook(made: Evaluation) -> str:
    book = openpyxl.load_workbook(io.BytesIO(workbook.results(made, REASONS)))
    cells = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
    return "\n".join([*book.sheetnames, *(str(value) for value in cells if value is not None)])


@pytest.mark.parametrize("told", [of_papers, of_maps, of_dashboard, of_workbook])
def test_a_town_is_nowhere_called_a_street(
    town: Evaluation, told: Callable[[Evaluation], str]
) -> None:
    text = told(town)
    assert "镇平均" in text
    for name in NAMES:
        assert name.replace("街道", "镇") not in text
        text = text.replace(name, "")
    assert "街道" not in text


def test_sentences_that_are_handed_in_are_reworded_but_names_are_not() -> None:
    order = made_up(Street(count=1)).order
    village = order.model_copy(update={"subject_word": "街道站点", "street_word": "镇"})
    raked = "“街道重点居民区居民”按“街道”加权到街道的人口构成，各居民区相同"
    assert say.reworded(raked, order) == raked
    assert say.reworded(raked, village) == (
        "“街道重点居民区居民”按“街道”加权到镇的人口构成，各街道站点相同"
    )
    listing = Note("measured_differently", "变化须谨慎解读：街道环境、居民区绿化")
    assert method.notes((listing,), village) == [listing.message]


def test_a_note_says_once_how_often_it_applies() -> None:
    order = made_up(Street(count=1)).order
    notes = (
        Note("a", "有 1,200 份可疑", "", 1200),
        Note("b", "第 12 题不同", "", 2),
        Note("c", "无"),
    )
    assert method.notes(notes, order) == ["有 1,200 份可疑", "第 12 题不同（2 处）", "无"]


@pytest.mark.parametrize("word", ["市/区", "['开发区'] *?:\\\\", "很长" * 20])
def test_any_word_will_do_for_the_title_of_a_sheet(word: str) -> None:
    made = made_up(Street(count=3))
    odd = with_decided(made, order=made.order.model_copy(update={"street_word": word}))
    assert f"{word}平均" in of_workbook(odd)


def test_the_sampling_plan_calls_groups_by_their_names() -> None:
    made = made_up(Street(count=6))
    table = made.assurance.plan
    assert len(table)
    groups = [g.model_copy(update={"name": f"街道{g.name}"}) for g in made.scheme.groups]
    scheme = made.scheme.model_copy(update={"groups": groups})
    for line in planning.sentences(table, scheme, subject="村", street="镇"):
        assert "每个村有效 街道" in line
        assert "，全镇 " in line
