"""What is compared by a declared rule alone is called an assumption wherever a change is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evalkit.codes import NoteCode
from evalkit.errors import Note
from evalkit.pages.telling import facts, movement, overall
from evalkit.tables import Evaluation
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up

ASSUMED = "“办事方便”两次的选项不同，按声明的规则折算后才比较，这是假设。"


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return made_up(Street(count=4))


def linked(evaluation: Evaluation, *questions: str, where: str = "2015-2016") -> Evaluation:
    notes = tuple(
        Note(NoteCode.COMPARED_BY_LINK, where, facts={"wave": "2015", "question": q, "links": ()})
        for q in questions
    )
    return replace(evaluation, notes=(*evaluation.notes, *notes))


def test_the_street_s_and_a_committee_s_change_say_that_they_assume(evaluation: Evaluation) -> None:
    told = linked(evaluation, "办事方便")
    assert told.current.changes is not None
    assert overall.change_sentences(told)[0].endswith(ASSUMED)
    assert overall.change_sentences(told)[1:] == overall.change_sentences(evaluation)[1:]
    (subject, *_) = told.current.changes.table["subject"]
    own = facts.gather(facts.common(told), subject)
    assert movement.movement(own).endswith(ASSUMED)


def test_without_a_link_of_these_waves_nothing_is_assumed(evaluation: Evaluation) -> None:
    assert overall.assumed(evaluation) == ""
    assert overall.assumed(linked(evaluation, "办事方便", where="2014-2015")) == ""


def test_many_questions_are_counted(evaluation: Evaluation) -> None:
    assert overall.assumed(linked(evaluation, *"甲乙丙丁戊己")).startswith("6 道题两次的选项不同")
