"""Faults between documents, each with its file, row, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from evalkit.definitions import loading
from evalkit.definitions.consistency import Origin, Origins, check, check_crosswalk
from evalkit.definitions.crosswalk import Crosswalk
from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.definitions.places import Places
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.roster import Roster
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.workbook import write_workbook
from evalkit.errors import Problem, Problems
from evalkit.pages.press.sentences import said
from tests.definitions.small import DOCUMENTS, Data, fresh, line_of

Change = Callable[[dict[str, Data]], object]


def checked(folder: Path, change: Change) -> tuple[list[Problem], dict[str, str]]:
    """Change valid documents, load each of them without fault, and check them together."""
    data = {name: fresh(name) for name in DOCUMENTS if name != "crosswalk"}
    change(data)
    documents: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    texts: dict[str, str] = {}
    problems = Problems()
    for name, content in data.items():
        path = folder / f"{name}.yaml"
        texts[name] = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=1000)
        path.write_text(texts[name], encoding="utf-8")
        places = Places()
        documents[name] = DOCUMENTS[name][1](path, path.name, problems, places)
        origins[name] = Origin(path.name, places)
    assert list(problems) == []
    questionnaires = {
        documents[name].id: documents[name] for name in ("resident", "organisation") if name in data
    }
    by_id = {documents[n].id: origins[n] for n in ("resident", "organisation") if n in data}
    where = Origins(origins["evaluation"], origins["scheme"], origins["roster"], by_id)
    found = check(
        documents["evaluation"],
        documents["scheme"],
        questionnaires,
        documents["roster"],
        problems,
        where,
    )
    assert found is problems
    return list(found), texts


def items(data: dict[str, Data], dimension: int = 0, indicator: int = 0) -> Data:
    found: Data = data["scheme"]["dimensions"][dimension]["indicators"][indicator]["items"]
    return found


def group(data: dict[str, Data], place: int) -> Data:
    found: Data = data["scheme"]["groups"][place]
    return found


def file(data: dict[str, Data], wave: int, place: int) -> Data:
    found: Data = data["evaluation"]["waves"][wave]["files"][place]
    return found


def without_questionnaire(data: dict[str, Data]) -> None:
    group(data, 2)["questionnaire"] = "absent"
    items(data, 1)["absent"] = ["o1"]
    del items(data, 1)["organisation"]
    file(data, 1, 1).update(questionnaire="resident", group="key")
    del data["organisation"]["items"][0]["options"][0]["group"]
    data["organisation"]["items"][0]["role"] = "profile"


CASES: list[tuple[str, Change, str, str, str, tuple[str, int], str, str, str]] = [
    (
        "unknown_item",
        lambda d: items(d)["resident"].append("q99"),
        "scheme",
        "问卷 resident 没有这道题",
        "dimensions[0](A).indicators[0](A1).items.resident[1]",
        ("- q99", 1),
        "q1、q2、q3、q4",
        "q99",
        "改正题目代码，或在问卷中补上",
    ),
    (
        "item_not_scored",
        lambda d: items(d)["resident"].append("overall"),
        "scheme",
        "问卷 resident 的这道题不计分",
        "dimensions[0](A).indicators[0](A1).items.resident[1]",
        ("- overall", 1),
        "role: scored",
        "overall（role: overall）",
        "从指标中删去，或把题目的 role 改为 scored",
    ),
    (
        "item_without_indicator",
        lambda d: items(d, 0, 1)["resident"].remove("q3"),
        "resident",
        "计分题没有归入任何指标",
        "items[4](q3)",
        ("id: q3", 1),
        "方案的一个指标引用这道题",
        "q3",
        "在方案的指标中补上，或把 role 改为 profile",
    ),
    (
        "item_in_two_indicators",
        lambda d: items(d)["resident"].append("q2"),
        "scheme",
        "一道题归入了几个指标，或在一个指标里写了几次",
        "dimensions[0](A).indicators[1](A2).items.resident[0]",
        ("- q2", 2),
        "每道题只归一个指标，写一次",
        "resident 的 q2（2 次）；第 {- q2,1}、{- q2,2} 行",
        "只保留一处",
    ),
    (
        "questionnaire_without_subject",
        lambda d: d["resident"]["items"].pop(1),
        "resident",
        "问卷没有问评的是哪个评估对象",
        "items",
        ("items:", 1),
        "一道 role: subject 的题目",
        "没有",
        "补上",
    ),
    (
        "unknown_group",
        lambda d: d["organisation"]["items"][0]["options"][0].update(group="nobody"),
        "organisation",
        "方案里没有这个评价主体",
        "items[0](side).options[0](街道部门).group",
        ("group: nobody", 1),
        "key、random、department",
        "nobody",
        "改正主体代码，或在方案中补上",
    ),
    (
        "unknown_group",
        lambda d: d["evaluation"]["waves"][1]["issued"].update(nobody=3),
        "evaluation",
        "方案里没有这个评价主体",
        "waves[1](2016).issued.nobody",
        ("nobody: 3", 1),
        "key、random、department",
        "nobody",
        "改正主体代码，或在方案中补上",
    ),
    (
        "unknown_group",
        lambda d: file(d, 0, 0).update(group="nobody"),
        "evaluation",
        "方案里没有这个评价主体",
        "waves[0](2015).files[0](a.xlsx).group",
        ("group: nobody", 1),
        "key、random、department",
        "nobody",
        "改正主体代码，或在方案中补上",
    ),
    (
        "unknown_questionnaire",
        lambda d: file(d, 1, 1).update(questionnaire="absent"),
        "evaluation",
        "没有这份问卷",
        "waves[1](2016).files[1](c.xlsx).questionnaire",
        ("questionnaire: absent", 1),
        "resident、organisation",
        "absent",
        "改正问卷代码，或把问卷放进 questionnaires/",
    ),
    (
        "group_uses_other_questionnaire",
        lambda d: file(d, 1, 1).update(group="key"),
        "evaluation",
        "这个评价主体用的是另一份问卷",
        "waves[1](2016).files[1](c.xlsx).group",
        ("group: key", 3),
        "主体 key 用问卷 resident",
        "文件用问卷 organisation",
        "改正 group 或 questionnaire",
    ),
    (
        "group_uses_other_questionnaire",
        lambda d: d["organisation"]["items"][0]["options"][0].update(group="random"),
        "organisation",
        "这个评价主体用的是另一份问卷",
        "items[0](side).options[0](街道部门).group",
        ("group: random", 1),
        "主体 random 用问卷 resident",
        "写在问卷 organisation 里",
        "改正选项的 group，或方案中该主体的问卷",
    ),
    (
        "file_without_group",
        lambda d: file(d, 1, 0).pop("group"),
        "evaluation",
        "不知道答卷属于哪个评价主体",
        "waves[1](2016).files[0](b.xlsx)",
        ("file: b.xlsx", 1),
        "写明 group，因为问卷里没有主体题",
        "b.xlsx",
        "给这个文件加上 group: 主体代码",
    ),
    (
        "questionnaire_without_rater",
        lambda d: d["organisation"]["items"].pop(1),
        "scheme",
        "主体 department 一人评多个对象，但问卷没有问是谁评的",
        "groups[2](department).raters",
        ("raters: rater", 1),
        "问卷 organisation 有一道 role: rater 的题目",
        "没有",
        "在问卷中补上，或把 raters 改为 respondent",
    ),
    (
        "covers_without_items",
        lambda d: group(d, 2).update(covers=["A2", "B1"]),
        "scheme",
        "主体 department 的问卷没有这个指标的题目",
        "groups[2](department).covers[0]",
        ("- A2", 1),
        "指标 A2 在问卷 organisation 中有题目",
        "A2",
        "从可评指标中删去，或在指标中补上",
    ),
    (
        "unknown_score",
        lambda d: d["scheme"]["alternatives"][1]["option_scores"].update({"55": 50}),
        "scheme",
        "没有选项是这个分值，替换不起作用",
        "alternatives[1](even-scores).option_scores.55",
        ("'55'", 1),
        "0、80、100",
        "55",
        "改正原分值，或删去",
    ),
    (
        "unknown_wave",
        lambda d: d["roster"]["subjects"][0].update(since="2014"),
        "roster",
        "没有这个批次",
        "subjects[0](yufo).since",
        ("2014", 1),
        "2015、2016",
        "2014",
        "改成 evaluation.yaml 里的批次；一直参评的留空",
    ),
    (
        "unknown_wave",
        lambda d: d["roster"]["subjects"][0].update(until="2020"),
        "roster",
        "没有这个批次",
        "subjects[0](yufo).until",
        ("2020", 1),
        "2015、2016",
        "2020",
        "改成 evaluation.yaml 里的批次；一直参评的留空",
    ),
    (
        "design_effect_of_raters",
        lambda d: d["scheme"]["groups"][2].update(design_effect=1.5),
        "scheme",
        "主体 department 一人评多个对象，评价人本身就是一组，不能再写设计效应",
        "groups[2](department).design_effect",
        ("design_effect: 1.5", 1),
        "不写，或 1",
        "1.5",
        "删去这一项，或把 raters 改为 respondent",
    ),
]


def test_documents_that_agree_have_no_fault(tmp_path: Path) -> None:
    assert checked(tmp_path, lambda data: None)[0] == []


@pytest.mark.parametrize("case", CASES, ids=[f"{c[0]}-{c[4]}" for c in CASES])
def test_a_fault_between_documents(case: Any, tmp_path: Path) -> None:
    code, change, name, message, key, at, expected, found, remedy = case
    problems, texts = checked(tmp_path, change)
    if "{" in found:
        found = found.format_map(_Lines(texts[name]))
    assert problems == [
        Problem(
            code,
            message,
            file=f"{name}.yaml",
            row=line_of(texts[name], *at),
            key=key,
            expected=expected,
            found=found,
            remedy=remedy,
        )
    ]


class _Lines(dict[str, str]):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def __missing__(self, marker: str) -> str:
        text, _, occurrence = marker.partition(",")
        return str(line_of(self.text, text, int(occurrence)))


def test_a_questionnaire_that_the_scheme_needs_does_not_exist(tmp_path: Path) -> None:
    problems, texts = checked(tmp_path, without_questionnaire)
    assert [(p.code, p.file, p.key, p.row, p.expected, p.found) for p in problems] == [
        (
            "unknown_questionnaire",
            "scheme.yaml",
            "groups[2](department).questionnaire",
            line_of(texts["scheme"], "questionnaire: absent"),
            "resident、organisation",
            "absent",
        ),
        (
            "unknown_questionnaire",
            "scheme.yaml",
            "dimensions[1](B).indicators[0](B1).items.absent",
            line_of(texts["scheme"], "absent:"),
            "resident、organisation",
            "absent",
        ),
    ]


def test_all_faults_are_collected_at_once(tmp_path: Path) -> None:
    def change(data: dict[str, Data]) -> None:
        for index in (0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 13, 14, 15, 16):
            CASES[index][1](data)

    problems, _ = checked(tmp_path, change)
    assert {p.code for p in problems} == {CASES[i][0] for i in range(17)} - {
        "questionnaire_without_rater",
        "group_uses_other_questionnaire",
    }
    assert all(p.file and p.key and p.row and p.expected and p.found and p.remedy for p in problems)


def test_what_could_not_be_loaded_causes_no_faults_elsewhere(tmp_path: Path) -> None:
    problems = Problems()
    loaded = {}
    for name in ("resident", "evaluation", "scheme"):
        path = tmp_path / f"{name}.yaml"
        path.write_text(yaml.safe_dump(fresh(name), allow_unicode=True), encoding="utf-8")
        loaded[name] = DOCUMENTS[name][1](path, path.name, problems)
    questionnaires = {"resident": loaded["resident"]}
    partly = Origins(complete=False)
    order, scheme = loaded["evaluation"], loaded["scheme"]
    assert list(check(order, scheme, questionnaires, None, origins=partly)) == []
    assert list(check(order, None, questionnaires, None, origins=partly)) == []
    fully = check(order, scheme, questionnaires, None)
    assert {(p.code, p.file) for p in fully} == {
        ("unknown_questionnaire", "evaluation.yaml"),
        ("unknown_questionnaire", "scheme.yaml"),
    }


def test_faults_of_a_scheme_in_a_workbook_name_sheet_row_and_column(tmp_path: Path) -> None:
    data = fresh("scheme")
    data["dimensions"][0]["indicators"][1]["items"]["resident"] = ["q2", "q99"]
    path = tmp_path / "scheme.xlsx"
    problems, places = Problems(), Places()
    write_workbook(Scheme.model_validate(data), path)
    scheme = loading.load_scheme(path, "scheme.xlsx", problems, places)
    order = EvaluationOrder.model_validate(fresh("evaluation"))
    questionnaires = {
        name: Questionnaire.model_validate(fresh(name)) for name in ("resident", "organisation")
    }
    found = check(
        order,
        scheme,
        questionnaires,
        Roster.model_validate(fresh("roster")),
        origins=Origins(scheme=Origin("scheme.xlsx", places)),
    )
    assert [(p.code, p.file, p.sheet, p.row, p.column) for p in found] == [
        ("unknown_item", "scheme.xlsx", "指标", 3, "E（题目：resident）"),
        ("item_without_indicator", "questionnaires/resident.yaml", None, None, None),
    ]


def test_a_crosswalk_refers_to_what_exists() -> None:
    questionnaires = {"resident": Questionnaire.model_validate(fresh("resident"))}
    roster = Roster.model_validate(fresh("roster"))
    problems = Problems()
    check_crosswalk(Crosswalk.model_validate(fresh("crosswalk")), questionnaires, roster, problems)
    assert list(problems) == []
    data = fresh("crosswalk")
    data["columns"][2]["item"] = "q99"
    data["columns"][3]["option"] = "9"
    data["values"]["q1"]["还行"] = "7"
    data["values"]["q98"] = {"好": "1"}
    data["subjects"]["玉佛二期"] = "yufu"
    check_crosswalk(Crosswalk.model_validate(data), questionnaires, roster, problems)
    assert [(p.code, p.key, p.found, p.file) for p in problems] == [
        ("unknown_item", "columns[2](办事).item", "q99", "crosswalks/supplement.yaml"),
        ("unknown_option", "columns[3].option", "9", "crosswalks/supplement.yaml"),
        ("unknown_option", "values.q1.还行", "7", "crosswalks/supplement.yaml"),
        ("unknown_item", "values.q98", "q98", "crosswalks/supplement.yaml"),
        ("unknown_subject", "subjects.玉佛二期", "yufu", "crosswalks/supplement.yaml"),
    ]
    assert all(p.expected and p.remedy and p.message for p in problems)


def test_a_crosswalk_of_an_unknown_questionnaire_is_reported() -> None:
    problems = Problems()
    check_crosswalk(Crosswalk.model_validate(fresh("crosswalk")), {}, None, problems)
    assert list(problems) == [
        Problem(
            "unknown_questionnaire",
            "没有这份问卷",
            file="crosswalks/supplement.yaml",
            key="questionnaire",
            expected="（没有任何问卷）",
            found="resident",
            remedy="改正问卷代码，或把问卷放进 questionnaires/",
        )
    ]


# --- simulations ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("confidence", "draws", "needed"), [(0.95, 799, 800), (0.9, 399, 400), (0.99, 3999, 4000)]
)
def test_too_few_draws_for_the_confidence_are_a_fault(
    tmp_path: Path, confidence: float, draws: int, needed: int
) -> None:
    """A rank change's set leaves out (1 - confidence) / 2 in each wave; 20 draws must lie there."""

    def change(data: dict[str, Data], draws: int = draws) -> None:
        data["scheme"]["confidence"] = confidence
        data["evaluation"]["settings"] = {"draws": draws}

    (problem,), _ = checked(tmp_path, change)
    assert (problem.code, problem.key) == ("too_few_draws", "settings.draws")
    assert (problem.expected, problem.found) == (f"不少于 {needed}", str(draws))
    assert checked(tmp_path, lambda data: change(data, needed))[0] == []


def test_few_draws_are_told_and_enough_are_not() -> None:
    few = EvaluationOrder.model_validate({**fresh("evaluation"), "settings": {"draws": 19_999}})
    (note,) = few.notes()
    assert (note.code, note.where, note.count) == ("few_draws", "", 19_999)
    assert "20,000" in said(note)
    enough = EvaluationOrder.model_validate({**fresh("evaluation"), "settings": {"draws": 20_000}})
    assert enough.notes() == EvaluationOrder.model_validate(fresh("evaluation")).notes() == ()
