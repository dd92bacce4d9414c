"""The `changshou` preset: complete, consistent, and open about what it assumes."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from pathlib import Path

import pytest

from evalkit import assets
from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.definitions.loading import load_order, load_questionnaire, load_roster, load_scheme
from evalkit.definitions.questionnaire import Item, Questionnaire
from evalkit.definitions.raters import RaterGroup
from evalkit.definitions.roster import Roster
from evalkit.definitions.scheme import Dimension, Grade, Indicator, Scheme
from evalkit.definitions.text import comparable
from evalkit.errors import Problems

FOLDER = assets.preset("changshou")

# The decisions of the preset: dimension -> (name, weight), indicator -> (name, weight).
DIMENSIONS = {
    "A": ("服务群众能效", 30),
    "B": ("工作者队伍建设", 20),
    "C": ("诉求回应与矛盾化解", 20),
    "D": ("自治共治与党建引领", 15),
    "E": ("小区环境与平安", 15),
}
INDICATORS = {
    "A1": ("便民办事", 8),
    "A2": ("走访联系", 7),
    "A3": ("重点人群关怀", 8),
    "A4": ("文体公益活动", 7),
    "B1": ("服务态度", 6),
    "B2": ("业务能力", 5),
    "B3": ("责任担当", 5),
    "B4": ("公道正派", 4),
    "C1": ("反映渠道", 4),
    "C2": ("响应速度", 5),
    "C3": ("解决实效", 7),
    "C4": ("结果反馈", 4),
    "D1": ("居务公开与协商", 5),
    "D2": ("居民参与", 4),
    "D3": ("党组织党员作用", 3),
    "D4": ("资源对接", 3),
    "E1": ("环境卫生", 5),
    "E2": ("平安有序", 4),
    "E3": ("物业业委会协调", 4),
    "E4": ("归属感", 2),
}
GROUPS = {"key": 40, "random": 30, "department": 15, "partner": 10, "peer": 5}
GRADES = {"优秀": 90, "良好": 85, "中等": 75, "合格": 60, "待改进": 0}
SATISFACTION = {"非常满意": 100, "满意": 80, "基本满意": 60, "不满意": 30, "非常不满意": 0}


@pytest.fixture(scope="module")
def problems() -> Problems:
    return Problems()


@pytest.fixture(scope="module")
def scheme(problems: Problems) -> Scheme:
    found = load_scheme(FOLDER / "scheme.yaml", "scheme.yaml", problems)
    assert found is not None, list(map(str, problems))
    return found


@pytest.fixture(scope="module")
def questionnaires(problems: Problems) -> dict[str, Questionnaire]:
    found = {}
    for name in ("resident", "organisation"):
        questionnaire = load_questionnaire(FOLDER / f"{name}.yaml", name, problems)
        assert questionnaire is not None, list(map(str, problems))
        found[questionnaire.id] = questionnaire
    return found


@pytest.fixture(scope="module")
def order(problems: Problems) -> EvaluationOrder:
    found = load_order(FOLDER / "evaluation.yaml", "", Problems(), even_if_faulty=True)
    assert found is not None, list(map(str, problems))
    return found


@pytest.fixture(scope="module")
def roster(problems: Problems) -> Roster:
    found = load_roster(FOLDER / "roster.csv", "", Problems(), even_if_faulty=True)
    assert found is not None, list(map(str, problems))
    return found


def test_dimensions_indicators_and_weights_are_those_decided(scheme: Scheme) -> None:
    assert {d.code: (d.name, d.weight) for d in scheme.dimensions} == DIMENSIONS
    assert {i.code: (i.name, i.weight) for i in scheme.indicators} == INDICATORS
    assert all(i.code.startswith(d.code) for d in scheme.dimensions for i in d.indicators)


def test_groups_and_grades_are_those_decided(scheme: Scheme) -> None:
    assert {g.code: g.weight for g in scheme.groups} == GROUPS
    assert {g.code for g in scheme.groups if g.residents} == {"key", "random"}
    assert {g.code: g.minimum_n for g in scheme.groups} == {
        "key": 10, "random": 10, "department": 3, "partner": 3, "peer": 3,
    }  # fmt: skip
    assert {g.code for g in scheme.groups if g.raters == "rater"} == {
        "department", "partner", "peer",
    }  # fmt: skip
    assert {g.code for g in scheme.groups if not g.rates_itself} == {"peer"}
    assert {g.name: g.cutoff for g in scheme.grades} == GRADES
    assert [g.name for g in scheme.grades if g.good] == ["优秀", "良好"]


def test_residents_keep_seventy_percent_whatever_the_others_cannot_judge(scheme: Scheme) -> None:
    shares = scheme.weights().sum(axis=1)
    assert dict(zip(GROUPS, shares * 100, strict=True)) == pytest.approx(GROUPS)
    residents = [g.residents for g in scheme.groups]
    assert 100 * shares[residents].sum() == pytest.approx(scheme.residents_share()) == 70


def test_residents_judge_everything_and_the_others_less(scheme: Scheme) -> None:
    covered = {g.code: scheme.covered(g) for g in scheme.groups}
    assert covered["key"] == covered["random"] == tuple(INDICATORS)
    asked_of_organisations = {i.code for i in scheme.indicators if i.items.get("organisation")}
    assert len(asked_of_organisations) == 14
    for code in ("department", "partner", "peer"):
        assert set(covered[code]) < asked_of_organisations
    assert set().union(*(covered[c] for c in ("department", "partner", "peer"))) == (
        asked_of_organisations
    )


@pytest.mark.parametrize(("name", "count"), [("resident", 30), ("organisation", 14)])
def test_every_scored_item_belongs_to_exactly_one_indicator(
    scheme: Scheme, questionnaires: dict[str, Questionnaire], name: str, count: int
) -> None:
    used = Counter(item for i in scheme.indicators for item in i.items.get(name, []))
    assert used == Counter(item.id for item in questionnaires[name].of_role("scored"))
    assert len(used) == count


def test_every_indicator_has_one_or_two_items_for_residents(scheme: Scheme) -> None:
    counts = Counter(len(i.items["resident"]) for i in scheme.indicators)
    assert counts == {1: 10, 2: 10}


def test_unscored_items_are_all_there(questionnaires: dict[str, Questionnaire]) -> None:
    resident, organisation = questionnaires["resident"], questionnaires["organisation"]
    roles = Counter(item.role for item in resident.items)
    assert roles == {
        "scored": 30, "screening": 1, "subject": 1, "overall": 1, "need": 1,
        "open": 2, "profile": 4,
    }  # fmt: skip
    assert resident.of_role("need")[0].kind == "multiple"
    roles = Counter(item.role for item in organisation.items)
    assert roles == {"scored": 14, "group": 1, "rater": 1, "subject": 1, "open": 1}
    assert organisation.of_role("rater")[0].kind == "text"
    for questionnaire in (resident, organisation):
        subject = questionnaire.of_role("subject")[0]
        assert subject.kind == "single"
        assert not questionnaire.options_of(subject)


def test_the_group_item_leads_to_every_group_of_its_questionnaire(
    scheme: Scheme, questionnaires: dict[str, Questionnaire]
) -> None:
    organisation = questionnaires["organisation"]
    item = organisation.of_role("group")[0]
    told = {option.group for option in organisation.options_of(item)}
    assert told == {g.code for g in scheme.groups if g.questionnaire == "organisation"}


def test_scores_are_explicit_and_of_one_ladder(questionnaires: dict[str, Questionnaire]) -> None:
    for questionnaire in questionnaires.values():
        for item in questionnaire.of_role("scored", "overall"):
            options = questionnaire.options_of(item)
            scores = [o.score for o in options if o.score is not None]
            assert set(scores) <= set(SATISFACTION.values())
            assert {0, 100} <= set(scores), item.id
            assert [o.code for o in options] == [str(n + 1) for n in range(len(options))]
    resident = questionnaires["resident"]
    overall = {
        o.label: o.score for o in resident.options_of(resident.of_role("overall")[0]) if o.score
    }
    assert overall == {label: score for label, score in SATISFACTION.items() if score}


def test_position_is_not_the_score(questionnaires: dict[str, Questionnaire]) -> None:
    def ascending(questionnaire: Questionnaire, item: Item) -> bool:
        scores = [o.score for o in questionnaire.options_of(item) if o.score is not None]
        return scores == sorted(scores)

    rising = {
        name: [i.id for i in q.of_role("scored") if ascending(q, i)]
        for name, q in questionnaires.items()
    }
    assert rising == {"resident": ["q4", "q6"], "organisation": ["q5"]}


def test_not_everything_is_asked_on_the_satisfaction_scale(
    questionnaires: dict[str, Questionnaire],
) -> None:
    resident = questionnaires["resident"]
    scored = resident.of_role("scored")
    satisfaction = [item for item in scored if item.scale == "satisfaction"]
    assert len(scored) / 2 < len(satisfaction) < len(scored)
    two_answers = [
        item.id
        for item in scored
        if len([o for o in resident.options_of(item) if o.score is not None]) == 2
    ]
    agreement = [i.id for i in scored if resident.options_of(i)[0].label == "非常同意"]
    often = [i.id for i in scored if resident.options_of(i)[0].label in ("经常", "每次都会")]
    assert two_answers
    assert often
    assert len(agreement) == 1


def test_dont_know_never_scores(questionnaires: dict[str, Questionnaire]) -> None:
    for questionnaire in questionnaires.values():
        for item in questionnaire.of_role("scored", "overall"):
            for option in questionnaire.options_of(item):
                unsure = option.label.startswith(("不了解", "说不清", "记不清"))
                assert (option.missing == "dont_know") == (unsure or "说不清" in option.label)


def test_numbers_are_those_of_the_platform(questionnaires: dict[str, Questionnaire]) -> None:
    for questionnaire in questionnaires.values():
        numbers = [item.number for item in questionnaire.items]
        assert None not in numbers
        runs = [(number, list(items)) for number, items in groupby(
            questionnaire.items, key=lambda item: item.number
        )]  # fmt: skip
        assert [number for number, _ in runs] == list(range(1, len(runs) + 1))
        for _, items in runs:
            stems = {item.stem for item in items}
            assert len(stems) == 1
            assert (len(items) > 1) == (stems != {None})
        texts = Counter(comparable(item.text) for item in questionnaire.items)
        assert max(texts.values()) == 1


def test_alternatives_shift_what_they_say(
    scheme: Scheme, questionnaires: dict[str, Questionnaire]
) -> None:
    splits = {
        (a.group_weights["key"], a.group_weights["random"])
        for a in scheme.alternatives
        if a.group_weights
    }
    assert splits == {(35, 35), (50, 20)}
    assert all(sum(split) == scheme.residents_share() for split in splits)
    scores = {
        o.score
        for q in questionnaires.values()
        for item in q.of_role("scored")
        for o in q.options_of(item)
    }
    replaced = [a.option_scores for a in scheme.alternatives if a.option_scores]
    assert replaced
    for table in replaced:
        assert {float(score) for score in table} <= scores
        assert all(float(old) != new for old, new in table.items())


def test_no_number_stands_among_the_assumptions_that_a_street_may_change(
    scheme: Scheme, questionnaires: dict[str, Questionnaire]
) -> None:
    """Pages write them from the documents (`pages.telling.assumed`)."""
    texts = [*scheme.assumptions, *(t for q in questionnaires.values() for t in q.assumptions)]
    assert texts
    for text in texts:
        assert not any(sign.isdigit() for sign in text), text
        assert text.endswith("。")
    assert not any(sign.isdigit() for other in scheme.alternatives for sign in other.name)


def test_the_preset_claims_no_published_fact_and_marks_what_is_assumed(scheme: Scheme) -> None:
    assert scheme.published == []
    facts = (FOLDER / "README.md").read_text(encoding="utf-8")
    for fact in ("2014", "35", "1,790", "511", "11,000", "70%", "55.56%", "18", "28", "85", "20"):
        assert fact in facts
    marked: list[RaterGroup | Dimension | Indicator | Grade] = [
        *scheme.groups, *scheme.dimensions, *scheme.indicators, *scheme.grades
    ]  # fmt: skip
    assert all("basis" in part.model_fields_set for part in marked)
    assert {part.basis for part in marked} == {"assumption"}


def test_questionnaires_say_that_they_are_assumed(
    questionnaires: dict[str, Questionnaire],
) -> None:
    for questionnaire in questionnaires.values():
        assert any("没有公开出处" in text for text in questionnaire.assumptions)
        assert questionnaire.introduction


def test_the_templates_fit_the_preset(
    scheme: Scheme,
    questionnaires: dict[str, Questionnaire],
    order: EvaluationOrder,
    roster: Roster,
) -> None:
    assert order.scheme == "scheme.yaml"
    assert (FOLDER / order.roster).is_file()
    assert not order.synthetic
    (wave,) = order.waves
    groups = {g.code: g for g in scheme.groups}
    assert set(wave.issued) <= set(groups)
    reached: set[str | None] = set()
    for entry in wave.files:
        questionnaire = questionnaires[entry.questionnaire]
        assert (entry.group is None) == bool(questionnaire.of_role("group"))
        if entry.group is not None:
            assert groups[entry.group].questionnaire == entry.questionnaire
        reached |= {entry.group} if entry.group else {
            o.group for i in questionnaire.of_role("group") for o in questionnaire.options_of(i)
        }  # fmt: skip
    assert reached == set(groups)
    assert len(roster.subjects) == 3
    assert all("示例" in s.name and s.id.startswith("example-") for s in roster.subjects)


def test_templates_open_in_excel_and_explain_themselves() -> None:
    assert (FOLDER / "roster.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    lines = (FOLDER / "evaluation.yaml").read_text(encoding="utf-8").splitlines()
    assert sum("#" in line for line in lines) > len(lines) / 3
    assert Path(FOLDER / "README.md").is_file()
