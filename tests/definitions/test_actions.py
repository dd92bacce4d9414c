"""The library of actions: complete for the preset, true to its questionnaires, faults named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from evalkit import assets
from evalkit.definitions import consistency
from evalkit.definitions.actions import Action, ActionLibrary
from evalkit.definitions.consistency import Origin
from evalkit.definitions.loading import load_actions, load_questionnaire, load_scheme
from evalkit.definitions.questionnaire import Item, Questionnaire
from evalkit.definitions.scheme import Indicator, Scheme
from evalkit.errors import Problems

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


def test_an_action_for_an_unknown_indicator_says_what_there_is(
    library: ActionLibrary, scheme: Scheme
) -> None:
    stray = library.actions[0].model_copy(update={"indicator": "Z9"})
    problems = Problems()
    consistency.check_actions(
        library.model_copy(update={"actions": [*library.actions, stray]}),
        scheme,
        problems,
        Origin("actions.yaml"),
    )
    (problem,) = problems
    assert (problem.code, problem.file, problem.found) == (
        "unknown_indicator",
        "actions.yaml",
        "Z9",
    )
    assert problem.expected == "、".join(i.code for i in scheme.indicators)
    assert problem.remedy
    assert str(len(library.actions)) in str(problem.key)
