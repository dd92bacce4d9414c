"""The paper form: nothing asked is missing, nothing is small, no question breaks over pages."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pypdf
import pytest
import weasyprint

from evalkit.definitions.evaluation import PRIVACY, EvaluationOrder, Wave
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.pages import form
from evalkit.pages.form import Heading, Matrix, Question
from evalkit.pages.press import planned, printing
from tests.forms.hard import ALL, FILES, SUBJECTS, named
from tests.pages.conftest import read, text_of, words

ORDER = EvaluationOrder(title="评估", street="某街道", waves=[Wave(id="2016")])
POINT = 96 / 72
"""CSS pixels."""
SMALLEST_BODY = 14 * POINT


@cache
def laid_out(name: str) -> weasyprint.Document:
    paper = form.plan(named(name), ORDER)
    return printing.lay_out(paper, printing.fill(paper))


@cache
def pressed(name: str) -> printing.Pressed:
    return printing.press(form.plan(named(name), ORDER))


def boxes(document: weasyprint.Document, css_class: str) -> list[tuple[int, object, object]]:
    """Page, element and box of everything of a class."""
    return [
        (number, box.element, box)
        for number, page in enumerate(document.pages)
        for box in page._page_box.descendants(placeholders=True)
        if box.element is not None and css_class in (box.element.get("class") or "").split()
    ]


def ticks(questionnaire: Questionnaire) -> int:
    return sum(
        len(questionnaire.options_of(item))
        for item in questionnaire.items
        if item.kind not in ("number", "text")
    )


@pytest.mark.parametrize("name", ALL)
def test_every_option_of_every_item_has_a_box_and_a_code(name: str) -> None:
    questionnaire = named(name)
    drawn = {id(element) for _, element, _ in boxes(laid_out(name), "square")}
    shown = 1  # the one that says what to do
    assert len(drawn) == ticks(questionnaire) + shown
    codes = Counter(
        {id(e): e.text for _, e, _ in boxes(laid_out(name), "code")}.values()  # type: ignore[attr-defined]
    )
    assert codes == Counter(
        option.code
        for item in questionnaire.items
        if item.kind not in ("number", "text")
        for option in questionnaire.options_of(item)
    )


@pytest.mark.parametrize("name", ALL)
def test_every_wording_is_on_the_paper(name: str) -> None:
    questionnaire = named(name)
    text = text_of(pressed(name))
    for item in questionnaire.items:
        assert words(item.text)[:40] in text
        assert words(item.stem or "") in text


@pytest.mark.parametrize("name", ALL)
def test_no_question_breaks_over_pages(name: str) -> None:
    pages: dict[int, set[int]] = {}
    for number, element, _ in boxes(laid_out(name), "question"):
        pages.setdefault(id(element), set()).add(number)
    assert pages
    assert all(len(found) == 1 for found in pages.values())


@pytest.mark.parametrize("name", ALL)
def test_whatever_is_read_is_large_and_wordings_are_larger(name: str) -> None:
    for css_class, least in (
        ("label", SMALLEST_BODY),
        ("asked", 16 * POINT),
        ("how", SMALLEST_BODY),
    ):
        for _, _, box in boxes(laid_out(name), css_class):
            assert box.style["font_size"] >= least - 0.01  # type: ignore[attr-defined]
    rows = [
        box.style["font_size"]
        for page in laid_out(name).pages
        for box in page._page_box.descendants(placeholders=True)
        if box.element_tag == "th" and box.element.get("scope") == "row"
    ]
    assert all(size >= 16 * POINT - 0.01 for size in rows)
    heads = [
        box.style["font_size"]
        for page in laid_out(name).pages
        for box in page._page_box.descendants(placeholders=True)
        if box.element_tag == "th" and box.element.get("scope") == "col"
    ]
    assert all(size >= SMALLEST_BODY - 0.01 for size in heads)


@pytest.mark.parametrize("name", ALL)
def test_nothing_leaves_the_page(name: str) -> None:
    for page in laid_out(name).pages:
        for box in page._page_box.descendants(placeholders=True):
            if hasattr(box, "text"):
                assert box.position_x + box.width <= page.width


def test_every_page_but_the_last_says_to_turn_over() -> None:
    *pages, last = read(pressed("resident")).pages
    assert len(pages) > 1
    assert all("请翻页" in page.extract_text() for page in pages)
    assert "请翻页" not in last.extract_text()
    assert "谢谢" in last.extract_text()


@pytest.mark.parametrize(
    ("pages", "best"),
    [
        ((6, 5, 5), "normal"),
        ((6, 6, 5), "dense"),
        ((5, 5, 5), "airy"),
    ],
)
def test_as_few_pages_as_can_be_had_and_then_as_much_air(
    pages: tuple[int, ...], best: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lengths = dict(zip(form.AIRS, pages, strict=True))

    def out(paper: planned.Paper) -> form._Laid:
        return form._Laid(paper, lengths[paper.context["air"]], 0.0)

    def press(paper: planned.Paper) -> printing.Pressed:
        air = paper.context["air"]
        return printing.Pressed(paper.path, air.encode(), lengths[air], {})

    monkeypatch.setattr(form._Laid, "out", out)
    monkeypatch.setattr(printing, "press", press)
    assert form.press(named("organisation"), ORDER).pdf == best.encode()


def test_a_first_sheet_that_would_stay_half_empty_gets_part_of_the_first_matrix(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def out(paper: planned.Paper) -> form._Laid:
        filled = paper.context["broken"] and paper.context["air"] != "airy"
        return form._Laid(paper, 2, 0.05 if filled else 0.3)

    monkeypatch.setattr(form._Laid, "out", out)
    monkeypatch.setattr(printing, "press", lambda paper: paper)
    found: object = form.press(named("organisation"), ORDER)
    assert isinstance(found, planned.Paper)
    assert (found.context["air"], bool(found.context["broken"])) == ("normal", True)


def test_the_privacy_statement_and_whom_to_ask_are_on_the_first_sheet() -> None:
    assert words(PRIVACY) in words(read(pressed("organisation")).pages[0].extract_text())
    own = ORDER.model_copy(update={"privacy": "本表依统计法保密。", "contact": "评估办 6200"})
    text = printing.fill(form.plan(named("organisation"), own)).text
    assert "本表依统计法保密。有疑问请联系：评估办 6200。" in text
    assert "个人信息保护法" not in text


def test_the_same_form_gives_the_same_bytes() -> None:
    again = printing.press(form.plan(named("organisation"), ORDER))
    assert again.pdf == pressed("organisation").pdf


def test_a_printed_name_is_proved_and_a_form_without_one_leaves_a_line() -> None:
    for subject in (SUBJECTS[2], SUBJECTS[4]):
        named_form = printing.press(form.plan(named("organisation"), ORDER, subject))
        assert named_form.path == f"organisation-{subject.id}.pdf"
        assert words(subject.name) in text_of(named_form)
        assert subject.id in text_of(named_form)
    assert "工作人员填写" in text_of(pressed("organisation"))


def test_matrices_are_tables_where_their_options_fit() -> None:
    kinds = {block.number: block.kind for block in form.blocks(named("resident"))}
    for block in named("resident").blocks():
        assert (kinds[str(block[0].number)] == "matrix") == (block[0].stem is not None)
    wide = named("resident")
    labels = [o.model_copy(update={"label": o.label * 5}) for o in wide.scales["satisfaction"]]
    spread = form.blocks(wide.model_copy(update={"scales": {"satisfaction": labels}}))
    assert not any(isinstance(block, Matrix) for block in spread)
    heading = next(block for block in spread if isinstance(block, Heading))
    assert next(b.number for b in spread if b.number.startswith(f"{heading.number}（")) == "5（1）"


def test_numbers_are_those_of_the_form_or_counted_where_it_has_none() -> None:
    resident = named("resident")
    assert [block.number for block in form.blocks(resident)] == [
        str(block[0].number) for block in resident.blocks()
    ]
    counted = [block.number for block in form.blocks(named("kansas_city"))]
    assert counted == [str(at) for at in range(1, len(counted) + 1)]


def test_several_choices_and_an_end_are_said() -> None:
    questionnaire = named("resident")
    items = [
        item.model_copy(update={"text": "您家的事"}) if item.kind == "multiple" else item
        for item in questionnaire.items
    ]
    found = form.blocks(questionnaire.model_copy(update={"items": items}))
    several = [b for b in found if isinstance(b, Question) and b.remark == "可多选"]
    assert [b.text for b in several] == ["您家的事"]
    assert [b.ending for b in found if isinstance(b, Question) and b.ending] == [("不满六个月",)]
    assert "（可多选）（可多选）" not in text_of(pressed("resident"))


def test_metadata_and_language() -> None:
    reader: pypdf.PdfReader = read(pressed("resident"))
    assert reader.metadata.title == named("resident").title
    assert set(FILES) < set(ALL)
