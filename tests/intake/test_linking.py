"""Unlike scales: refused, unless a crosswalk declares how they are linked; then said everywhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evalkit.answers.comparability import by_links, declared, definitions
from evalkit.pages.press.sentences import said
from evalkit.tables import Answers
from tests.deciding import decided
from tests.intake import exported as files

ITEMS = (None, None, None, None, "live", "where", "r1", "r2")
MERGED = {"很满意": "1", "比较满意": "1", "一般般": "2", "差": "3"}
COARSER = {"可以": "1", "不可以": "3"}
RENAMED = {"很满意": "1", "还行": "2", "差": "3"}
DOCUMENTS = decided(files.scheme(), {n: files.form(n) for n in ("resident", "mixed", "peer")})


def asked(values: dict[str, str | None] | None, *texts: str) -> files.Imported:
    """A wave whose files answer r1 with these texts, in turn."""
    rows = [files.answer("resident", at, 办事方便=text) for at, text in enumerate(texts * 3, 1)]
    by = files.crosswalk("resident", ITEMS, values={"r1": values}) if values else None
    return files.imported(files.source("resident", rows, crosswalk=by))


def test_a_scale_that_is_not_the_questionnaires_is_refused() -> None:
    found = asked(None, "很满意", "比较满意", "一般")
    assert set(found.codes) == {"unknown_option"}


@pytest.mark.parametrize("values", [MERGED, COARSER], ids=["merged", "coarser"])
def test_a_crosswalk_that_declares_a_link_says_that_it_is_an_assumption(
    values: dict[str, str | None],
) -> None:
    found = asked(values, *values)
    assert found.codes == []
    labels = {"1": "满意", "2": "一般", "3": "不满意"}
    links = tuple(sorted((text, labels[str(code)]) for text, code in values.items()))
    assert found.answers.links == {("resident", "r1"): links}
    (note,) = [n for n in found.report.notes if n.code == "scale_linked"]
    assert all(f"{text} → {option}" in said(note) for text, option in links)
    assert "这是假设" in said(note)


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (RENAMED, tuple(RENAMED)),  # the same scale in other words
        ({"很 好": "1"}, ("很 好", "一般", "不满意")),
        ({"满 意": "1"}, ("满 意", "满意", "一般")),  # merely written otherwise
        ({"说不清": "4", "不好说": "4"}, ("满意", "说不清", "不好说", "一般")),  # no score
        (MERGED, ("很满意", "一般般", "差")),  # what nobody answered links nothing
    ],
)
def test_other_words_for_the_same_options_are_no_link(
    values: dict[str, str | None], texts: tuple[str, ...]
) -> None:
    found = asked(values, *texts)
    assert found.codes == []
    assert found.answers.links == {}


def test_what_is_linked_is_another_measure_and_every_page_is_told_why() -> None:
    now = asked(None, "满意", "一般", "不满意").answers
    then = replace(asked(MERGED, *MERGED).answers, wave="2015")
    marks, earlier = definitions(DOCUMENTS, now), definitions(DOCUMENTS, then)
    assert [code for code in marks if marks[code] != earlier[code]] == ["A1"]
    assert declared(earlier["A1"]) == marks["A1"] == definitions(DOCUMENTS)["A1"]
    (note,) = by_links(then, now, DOCUMENTS)
    assert (note.code, note.where) == ("compared_by_link", "2015-2016")
    assert said(note).startswith(
        "假设：“办事方便”两个批次的选项不同，2015 的回答按对照表声明的规则"
    )
    assert "很满意 → 满意" in said(note)


def test_two_waves_with_the_same_other_scale_assume_nothing() -> None:
    now = asked(MERGED, *MERGED).answers
    then: Answers = replace(now, wave="2015")
    assert list(by_links(then, now, DOCUMENTS)) == []
    assert definitions(DOCUMENTS, now) == definitions(DOCUMENTS, then)
