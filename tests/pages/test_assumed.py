"""Sentences that state a scheme's numbers state this scheme's, and no others."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

import evalkit as ek
from evalkit.definitions.decided import Decided
from evalkit.errors import Problems
from evalkit.folder import Folder
from evalkit.pages.telling import assumed, method
from tests import tiny


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Decided:
    root = tiny.write(tmp_path_factory.mktemp("assumed") / "ws")
    problems = Problems()
    found = Folder(root).documents(problems)
    assert found is not None, list(problems)
    return found


def changed(decided: Decided, **update: Any) -> Decided:
    return decided.under(decided.scheme.model_copy(update=update))


def test_weights_scores_and_limits_are_those_of_the_documents(decided: Decided) -> None:
    text = "\n".join(assumed.sentences(decided))
    for said in (
        "评价主体及其权重（合计 100）：居民 70、科室 30；其中居民类主体合计占 70%。",
        "维度及其名义权重（合计 100，括号内为实际权重）：服务 60（57.00）、环境 40（43.00）；下分 3 项指标",
        "《居民问卷》计分题的选项逐项写明分值，用到的分值为 100、80、60、30、0。",
        "至少答了 50% 的题目",
        "等第分数线：优秀 90 分、良好 85 分、合格 60 分，60 分以下为待改进。",
        "居民的有效答卷不足 10 份时",
        "科室的有效答卷不足 3 份时",
        "科室：同一评价者评几个居民区，仍算一个评价者；科室的总数没有写明",
        "各半（居民 50、科室 50）",
        "各主体的总权重不变",
    ):
        assert said in text, said


def test_a_changed_scheme_changes_every_sentence(decided: Decided) -> None:
    """60 and 40, cut-offs 88, 80 and 70, no alternatives: no number of the old scheme is left."""
    resident, office = decided.scheme.groups
    grades = [
        grade.model_copy(update={"cutoff": cutoff})
        for grade, cutoff in zip(decided.scheme.grades, (88, 80, 70, 0), strict=True)
    ]
    other = changed(
        decided,
        groups=[
            resident.model_copy(update={"weight": 60.0, "minimum_n": 12}),
            office.model_copy(
                update={"weight": 40.0, "name": "部门", "population": 9, "rates_itself": False}
            ),
        ],
        grades=grades,
        alternatives=[],
        residents_weight=None,
        minimum_answered=0.75,
        uncovered="to_covering_groups",
    )
    text = "\n".join(assumed.sentences(other))
    for said in (
        "评价主体及其名义权重（合计 100，括号内为实际权重）：居民 60（68.00）、部门 40（32.00）；其中居民类主体合计占 60%",
        "优秀 88 分、良好 80 分、合格 70 分，70 分以下为待改进",
        "不足 12 份",
        "至少答了 75%",
        "部门不评价自己。",
        "权重由能够判断的主体分担",
    ):
        assert said in text, said
    assert "科室 " not in text
    assert "备选" not in text
    assert "总数没有写明" not in text
    assert not re.search(r"\b(70%|90|85|50%)\b", text)


def test_one_group_and_one_grade_are_said_plainly(decided: Decided) -> None:
    resident = decided.scheme.groups[0].model_copy(update={"weight": 100.0, "residents": False})
    only = changed(decided, groups=[resident], grades=decided.scheme.grades[-1:])
    only = replace(only, order=only.order.model_copy(update={"subject_word": "村"}))
    text = "\n".join(assumed.sentences(only))
    assert "居民 100；其中没有居民类主体" in text
    assert "只有一个等第：待改进。" in text
    assert "不完整" not in text
    assert "居民区" not in text


def test_papers_hold_these_sentences_and_the_streets_own(tiny_evaluation: ek.Evaluation) -> None:
    evaluation = tiny_evaluation
    told = method.assumptions(evaluation)
    assert set(assumed.sentences(evaluation.decided)) <= set(told)
    assert "权重为测试自定" in told


def test_the_presets_decisions_are_all_told(tmp_path: Any) -> None:
    root = ek.create(tmp_path / "ws", "changshou").root
    order = (root / "evaluation.yaml").read_text(encoding="utf-8").replace("某某", "沙田")
    (root / "evaluation.yaml").write_text(order, encoding="utf-8")
    (root / "roster.csv").write_text("代码,名称\ns1,甲\n", encoding="utf-8")
    decided = Folder(root).documents(Problems())
    assert decided is not None
    text = "\n".join(assumed.sentences(decided))
    chosen = [g.weight for g in decided.scheme.groups]
    chosen += [g.cutoff for g in decided.scheme.grades if g.cutoff]
    chosen += [g.minimum_n for g in decided.scheme.groups]
    chosen += [w for a in decided.scheme.alternatives for w in a.group_weights.values()]
    chosen += [100, 80, 60, 30, 0]
    for number in chosen:
        assert f"{number:g}" in text


def test_what_counts_as_independent_is_said_and_a_declared_design_effect_too(
    decided: Decided,
) -> None:
    text = "\n".join(assumed.sentences(decided))
    assert "居民：没有登记哪些答卷出自同一楼组、同一户或同一访问员，按每份答卷互不相关计算" in text
    assert "实际误差比印出的大" in text
    resident, office = decided.scheme.groups
    other = changed(decided, groups=[resident.model_copy(update={"design_effect": 1.6}), office])
    text = "\n".join(assumed.sentences(other))
    assert "互不相关" not in text
    assert "居民：同一楼组（户、访问员）的答卷看法相近，按设计效应 1.6 放大误差方差。" in text


def test_recorded_buildings_are_said_to_be_counted(decided: Decided) -> None:
    code = decided.scheme.groups[0].questionnaire
    form = decided.questionnaires[code]
    items = [*form.items, form.items[0].model_copy(update={"id": "house", "role": "cluster"})]
    forms = {**decided.questionnaires, code: form.model_copy(update={"items": items})}
    text = "\n".join(assumed.sentences(replace(decided, questionnaires=forms)))
    assert "居民：同一楼组（户、访问员）的答卷合为一组计算误差。" in text
    assert "互不相关" not in text
