"""The library of actions: complete for the preset, true to its questionnaires, faults named."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from evalkit import assets
from evalkit.definitions import consistency
from evalkit.definitions.actions import Action, ActionLibrary, unknown_deadlines
from evalkit.definitions.consistency import Origin
from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.definitions.loading import load_actions, load_questionnaire, load_scheme
from evalkit.definitions.questionnaire import Item, Questionnaire
from evalkit.definitions.scheme import Indicator, Scheme
from evalkit.errors import Problem, Problems

FOLDER = assets.preset("changshou")
POST = re.compile("(书记|主任|社工|物业经理)$")
QUESTIONNAIRES = {"居民问卷": "resident", "单位问卷": "organisation"}


@pytest.fixture(scope="module")
def library() -> ActionLibrary:
    problems = Problems()
    found = load_actions(FOLDER / "actions.yaml", "actions.yaml", problems)
    assert found is not None, list(map(str, problems))
    return found


@pytest.fixture(scope="module")
def scheme() -> Scheme:
    found = load_scheme(FOLDER / "scheme.yaml", "scheme.yaml", Problems())
    assert found is not None
    return found


@pytest.fixture(scope="module")
def questionnaires() -> dict[str, Questionnaire]:
    found = {}
    for name in QUESTIONNAIRES.values():
        questionnaire = load_questionnaire(FOLDER / f"{name}.yaml", name, Problems())
        assert questionnaire is not None
        found[name] = questionnaire
    return found


def test_every_indicator_of_the_preset_has_two_or_three_actions(
    library: ActionLibrary, scheme: Scheme
) -> None:
    counts = {i.code: len(library.of(i.code)) for i in scheme.indicators}
    assert set(counts.values()) <= {2, 3}
    assert sum(counts.values()) == len(library.actions)


def test_the_library_owns_up_to_being_assumed(library: ActionLibrary) -> None:
    assert library.assumptions
    assert {action.basis for action in library.actions} == {"assumption"}


def test_posts_are_named_and_nobody_is(library: ActionLibrary) -> None:
    assert [a.who for a in library.actions if not POST.search(a.who)] == []


def test_what_will_show_it_stands_in_the_indicators_own_questions(
    library: ActionLibrary, scheme: Scheme, questionnaires: dict[str, Questionnaire]
) -> None:
    indicators = {i.code: i for i in scheme.indicators}
    for action in library.actions:
        named = mentioned(action, indicators[action.indicator], questionnaires)
        assert named, action.shown_by
        known = set()
        for questionnaire, item in named:
            known |= {item.text} | {o.label for o in questionnaire.options_of(item)}
        assert set(re.findall("“([^”]*)”", action.shown_by)) <= known, action.shown_by


def mentioned(
    action: Action, indicator: Indicator, questionnaires: dict[str, Questionnaire]
) -> list[tuple[Questionnaire, Item]]:
    """Items of the indicator that an action's last part names, by number; none may be foreign."""
    found: list[tuple[Questionnaire, Item]] = []
    last = ""
    for title, one, other in re.findall(
        "(?:(居民问卷|单位问卷))?(?:及)?第 ([0-9]+) 题(?:和第 ([0-9]+) 题)?", action.shown_by
    ):
        last = title or last
        questionnaire = questionnaires[QUESTIONNAIRES[last]]
        own = [i for i in questionnaire.items if i.id in indicator.items[questionnaire.id]]
        for number in filter(None, (one, other)):
            items = [item for item in own if item.number == int(number)]
            assert items, f"{action.indicator}：{title}第 {number} 题不属于这个指标"
            found += [(questionnaire, item) for item in items]
    return found


def test_an_indicator_without_actions_has_none(library: ActionLibrary) -> None:
    assert library.of("Z9") == ()


def test_the_same_action_twice_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "actions.yaml"
    line = "  - {indicator: A1, what: 张贴材料清单, who: 主任, days: 30, shown_by: 得分}\n"
    path.write_text("id: a\ntitle: 库\nactions:\n" + line + line, encoding="utf-8")
    problems = Problems()
    assert load_actions(path, "actions.yaml", problems) is None
    (problem,) = problems
    assert (problem.code, problem.row) == ("duplicate_id", 5)
    assert "第 4-5 行" in str(problem.found)


def test_two_tasks_for_one_need_are_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "actions.yaml"
    line = "  - {need: 停车难, what: 错时停车, who: 管理办, days: 30, shown_by: 比例}\n"
    path.write_text("id: a\ntitle: 库\nstreet:\n" + line + line, encoding="utf-8")
    problems = Problems()
    assert load_actions(path, "actions.yaml", problems) is None
    (problem,) = problems
    assert (problem.code, problem.row) == ("duplicate_id", 5)
    assert "街道统筹的诉求" in str(problem)
    assert "第 4-5 行" in str(problem.found)


def needs_of(questionnaire: Questionnaire) -> list[str]:
    (item,) = (i for i in questionnaire.items if i.role == "need")
    return [o.label for o in questionnaire.options_of(item)]


def test_the_street_has_one_task_for_most_needs_of_the_preset_and_none_for_others(
    library: ActionLibrary, questionnaires: dict[str, Questionnaire]
) -> None:
    own = [task.need for task in library.street]
    asked = needs_of(questionnaires["resident"])
    assert set(own) <= set(asked)
    assert len(own) == len(set(own)) >= 10
    assert not any(need.startswith(("目前没有", "其他")) for need in own)
    (number,) = (i.number for i in questionnaires["resident"].items if i.role == "need")
    for task in library.street:
        assert task.shown_by == f"居民问卷第 {number} 题选“{task.need}”的比例是否下降"
        assert library.for_need(task.need) == task
    assert library.for_need("目前没有") is None
    assert {task.basis for task in library.street} == {"assumption"}


def test_a_task_for_a_need_that_nobody_was_asked_about_says_what_was_asked(
    library: ActionLibrary, scheme: Scheme, questionnaires: dict[str, Questionnaire]
) -> None:
    stray = library.street[0].model_copy(update={"need": "停车位不够"})
    changed = library.model_copy(update={"street": [*library.street, stray]})
    problems = Problems()
    consistency.check_actions(changed, scheme, questionnaires, problems, Origin("actions.yaml"))
    (problem,) = problems
    assert (problem.code, problem.file) == ("unknown_need", "actions.yaml")
    assert problem.found == "停车位不够"
    assert problem.expected == "、".join(needs_of(questionnaires["resident"]))
    assert problem.remedy == "改成与问卷选项相同的文字，或删去这条"
    assert str(len(library.street)) in str(problem.key)
    problems = Problems()
    bare = {"organisation": questionnaires["organisation"]}
    consistency.check_actions(library, scheme, bare, problems, Origin("actions.yaml"))
    assert [p.code for p in problems] == ["unknown_need"] * len(library.street)
    assert {p.expected for p in problems} == {"问卷里要有一道 role: need 的题"}


def with_one_more(
    library: ActionLibrary, stray: Action, scheme: Scheme, forms: dict[str, Questionnaire]
) -> Problem:
    """The only problem of a library with one more action."""
    problems = Problems()
    more = library.model_copy(update={"actions": [*library.actions, stray]})
    consistency.check_actions(more, scheme, forms, problems, Origin("actions.yaml"))
    (problem,) = problems
    return problem


def test_an_action_for_an_unknown_indicator_says_what_there_is(
    library: ActionLibrary, scheme: Scheme, questionnaires: dict[str, Questionnaire]
) -> None:
    stray = library.actions[0].model_copy(update={"indicator": "Z9"})
    problem = with_one_more(library, stray, scheme, questionnaires)
    assert (problem.code, problem.file, problem.found) == (
        "unknown_indicator",
        "actions.yaml",
        "Z9",
    )
    assert problem.expected == "、".join(i.code for i in scheme.indicators)
    assert problem.remedy
    assert str(len(library.actions)) in str(problem.key)


def test_an_action_for_a_question_of_another_indicator_says_which_are_its_own(
    library: ActionLibrary, scheme: Scheme, questionnaires: dict[str, Questionnaire]
) -> None:
    code = scheme.indicators[0].code
    own = [i for items in scheme.indicators[0].items.values() for i in items]
    stray = library.of(code)[0].model_copy(update={"what": "另办", "items": [own[0], "nowhere"]})
    problem = with_one_more(library, stray, scheme, questionnaires)
    assert (problem.code, problem.found) == ("unknown_item", "nowhere")
    assert problem.expected == "、".join(own)
    assert library.about(code, own[0]) == library.of(code)


def test_a_deadline_in_a_year_whose_days_off_nobody_told_is_a_problem(
    library: ActionLibrary,
) -> None:
    order = EvaluationOrder.model_validate(
        {"title": "评估", "street": "某街道", "waves": [{"id": "2039"}], "signed": "2039-12-01"}
    )
    found = unknown_deadlines(library, order)
    assert [p.code for p in found] == ["year_without_calendar"] * len(found)
    assert [p.found for p in found] == ["2039 年", "2040 年"]
    assert all(p.key == "calendar" and "2039" in str(p.remedy) for p in found[:1])
    told = order.model_copy(update={"calendar": [dt.date(2039, 10, 3), dt.date(2040, 1, 2)]})
    assert unknown_deadlines(library, told) == []
    assert unknown_deadlines(library, order.model_copy(update={"signed": None})) == []


@pytest.mark.parametrize("given", ["china", None, []])
def test_the_calendar_is_chinas_where_nothing_else_is_said(given: object) -> None:
    order = {"title": "评估", "street": "某街道", "waves": [{"id": "1"}], "calendar": given}
    assert EvaluationOrder.model_validate(order).calendar == []


def test_a_calendar_is_china_or_days() -> None:
    order = {"title": "评估", "street": "某街道", "waves": [{"id": "1"}], "calendar": "japan"}
    with pytest.raises(ValueError, match="china，或日期的列表"):
        EvaluationOrder.model_validate(order)
