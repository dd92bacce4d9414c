"""What pages call subjects and their whole area is the order's to say; names stay as they are."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from dataclasses import replace

import openpyxl
import pytest

from evalkit import publication
from evalkit.codes import NoteCode
from evalkit.errors import Note
from evalkit.pages import checklist, dashboard, workbook
from evalkit.pages.press import meanings, printing
from evalkit.pages.press.sentences import Words
from evalkit.pages.telling import fieldwork, maps, method
from evalkit.tables import Evaluation
from tests.deciding import with_decided
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up

NAMES = ("示例街道", "街道职能部门")
"""The street's own name and a rater group's: nobody may change them."""
STREETS = {
    "told apart": Street(count=6, between=8.0, noise=0.2, mean=80.0, library=False),
    "gaps": Street(count=5, incomplete={0: ("department",), 2: ("random",)}, library=False),
    "all the same": Street(count=4, constant=80.0, library=False),
    "first wave, little known": Street(
        count=4, waves=("2016",), assured=False, needs=False, library=False
    ),
}


def in_a_town(made: Evaluation) -> Evaluation:
    """Return the evaluation as one of a town."""
    return with_decided(made, order=made.order.model_copy(update={"street_word": "镇"}))


@pytest.fixture(scope="module", params=STREETS.values(), ids=STREETS)
def town(request: pytest.FixtureRequest) -> Evaluation:
    return in_a_town(made_up(request.param))


def of_papers(made: Evaluation) -> str:
    """The street report, the first diagnoses and the last notices, with their charts."""
    papers = publication.plan(made)
    pages = [printing.fill(paper) for paper in [*papers[:5], *papers[5:][-3:]]]
    return "".join(text for page in pages for text in (page.text, *page.charts.values()))


def of_maps(made: Evaluation) -> str:
    return b"".join(maps.files(made).values()).decode()


def of_dashboard(made: Evaluation) -> str:
    planned = dashboard.plan(made, papers=True)
    shown = dashboard.press(planned).decode().replace(dashboard.vega(), "")
    return shown + json.dumps(planned.data, ensure_ascii=False)


def of_workbook(made: Evaluation) -> str:
    return cells_of(workbook.results(made))


def of_checklist(made: Evaluation) -> str:
    return cells_of(checklist.workbook(made))


def cells_of(content: bytes) -> str:
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
    return "\n".join([*book.sheetnames, *(str(value) for value in cells if value is not None)])


@pytest.mark.parametrize("told", [of_papers, of_maps, of_dashboard, of_workbook, of_checklist])
def test_a_town_is_nowhere_called_a_street(
    town: Evaluation, told: Callable[[Evaluation], str]
) -> None:
    text = told(town)
    assert told in (of_checklist, of_maps) or "镇平均" in text
    for name in NAMES:
        assert name.replace("街道", "镇") not in text
        text = text.replace(name, "")
    assert "街道" not in text


GIVEN = (
    "居民区服务群众能效评估", "居民区互评", "街道职能部门", "示例街道",
    "总的来说，您对居民区的工作满意吗", "您最希望居民区改进什么",
)  # fmt: skip
"""What a made-up street's documents call things: no page may change it."""


@pytest.mark.parametrize("made", [*STREETS.values()][:1], ids=[*STREETS][:1])
def test_villages_of_a_town_are_nowhere_called_committees_of_a_street(made: Street) -> None:
    street = made_up(made)
    words = {"subject_word": "村", "street_word": "镇"}
    text = of_papers(with_decided(street, order=street.order.model_copy(update=words)))
    for name in GIVEN:
        text = text.replace(name, "")
    assert "个村" in text
    assert [text[at - 20 : at + 20] for at in places(text, "居民区")] == []
    assert [text[at - 20 : at + 20] for at in places(text, "街道")] == []


def places(text: str, word: str) -> list[int]:
    return [found.start() for found in re.finditer(word, text)]


def test_sentences_that_are_handed_in_are_reworded_but_names_are_not() -> None:
    order = made_up(Street(count=1)).order
    village = order.model_copy(update={"subject_word": "街道站点", "street_word": "镇"})
    facts = {"group": "街道重点居民区居民", "items": ("街道",), "effective": 9.6, "design": 1.0}
    raked = Note(NoteCode.RAKED, count=10, facts=facts)
    told = "“街道重点居民区居民”按“街道”加权到{}的人口构成：10 份答卷，等效份数 10（设计效应 1.00）"
    assert method.noted(raked, order) == told.format("街道")
    assert method.noted(raked, village) == told.format("镇")
    facts = {"indicators": ("街道环境", "居民区绿化")}
    listing = Note(NoteCode.MEASURED_DIFFERENTLY, facts=facts)
    (told,) = method.notes((listing,), village)
    assert told.endswith("：街道环境、居民区绿化")


def test_a_note_says_once_how_often_it_applies() -> None:
    order = made_up(Street(count=1)).order
    notes = (
        Note(NoteCode.UNKNOWN_DEVICE, "", 1200),
        Note(NoteCode.QUESTION_IN_ONE_FILE, "", 2, {"question": "第 12 题"}),
        Note(NoteCode.NO_DRIVERS),
    )
    many, another, none = method.notes(notes, order)
    assert many == "1,200 份居民答卷没有提交地址，无法判断是否成批提交"
    assert another == "第 12 题 只在按文本的文件里（2 处）"
    assert none.endswith("不作影响力分析")


def test_what_is_said_of_several_files_alike_is_said_once_with_their_number() -> None:
    made = made_up(Street(count=3))
    wave = made.wave
    years = {"years": ((2016, 1),)}
    outside = tuple(Note(NoteCode.OUTSIDE_WAVE, wave, 1, years) for _ in range(3))
    own = Note(NoteCode.OUTSIDE_WAVE, wave, 2, {"years": ((2015, 2),)})
    told = fieldwork.notes(replace(made, notes=(*outside, own)))
    assert told == [
        "有 1 行不在本批次之内提交，没有计入：2016（1 行）（这样的有 3 处）",
        "有 2 行不在本批次之内提交，没有计入：2015（2 行）",
    ]


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
    for line in meanings.plan(table, scheme, Words("村", "镇")):
        assert "每个村有效 街道" in line
        assert "，全镇 " in line
