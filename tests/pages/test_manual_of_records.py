"""The manual where records speak: workflow, standards, registers; and no word of questionnaires alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from evalkit import assets
from evalkit.definitions.decided import Decided
from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.definitions.ledger import Ledger
from evalkit.definitions.loading import load_ledger
from evalkit.definitions.roster import Roster, Subject
from evalkit.definitions.scheme import Scheme
from evalkit.errors import Problems
from evalkit.illustration import illustrate
from evalkit.pages import manual
from evalkit.pages.press.planned import Paper
from tests.deciding import decided
from tests.pages.reading import read

SCHEME = {
    "id": "ledgers",
    "title": "方案",
    "groups": [
        {"code": "line", "name": "热线", "weight": 60, "ledger": "hotline"},
        {"code": "order", "name": "点单", "weight": 40, "ledger": "orders"},
    ],
    "dimensions": [
        {
            "code": "A",
            "name": "办理",
            "weight": 100,
            "indicators": [
                {
                    "code": "A1",
                    "name": "及时",
                    "weight": 100,
                    "items": {"hotline": ["on_time"], "orders": ["taken"]},
                }
            ],
        }
    ],
    "grades": [{"name": "好", "cutoff": 80, "good": True}, {"name": "差", "cutoff": 0}],
}
ORDER = {
    "title": "办理情况评估",
    "street": "某街道",
    "waves": [
        {
            "id": "2016",
            "start": "2016-01-01",
            "end": "2016-12-18",
            "files": [{"file": "responses/o.csv", "ledger": "orders"}],
        }
    ],
}


def shipped(name: str) -> Ledger:
    problems = Problems()
    ledger = load_ledger(assets.ledger(name), Path(name).name, problems)
    problems.raise_if_any()
    assert ledger is not None
    return ledger


@pytest.fixture(scope="module")
def documents() -> Decided:
    own = decided(
        Scheme.model_validate(SCHEME),
        {},
        Roster(subjects=[Subject(id="s1", name="甲")]),
        order=EvaluationOrder.model_validate(ORDER),
    )
    own.ledgers.update({name: shipped(name) for name in ("hotline", "orders")})
    return own


@pytest.fixture(scope="module")
def paper(documents: Decided) -> Paper:
    return manual.plan(documents, illustrate(documents))


def content(paper: Paper, template: str) -> Any:
    return next(s for s in paper.context["sections"] if s.template.endswith(f"/{template}.html.j2"))


def test_the_workflow_is_that_of_the_states(paper: Paper) -> None:
    (loop,) = content(paper, "workflow").loops
    names = [step["name"] for step in loop["steps"]]
    assert names == ["点单", "派单", "认领", "接单", "转办", "办结", "评单"]
    needed = {step["name"]: step["needed"] for step in loop["steps"]}
    assert needed["认领"] == needed["转办"] == "可以不经过"
    assert needed["接单"] == "必经"
    assert loop["others"] == "转办 → 派单；转办 → 接单"


def test_standards_are_the_clocks_and_measures(paper: Paper) -> None:
    section = content(paper, "standards")
    limits = {row["name"]: row["limit"] for row in section.clocks}
    assert limits["两个工作日内接单"] == "2\N{NO-BREAK SPACE}个工作日"
    assert limits["按时办结"] == "到“部门办理截止时间”为止"
    used = {row["name"]: row["use"] for row in section.measures}
    assert used["按时接单率"] == "计入及时"
    assert used["解决率"] == "只作参考"
    assert any("2016-01-01 至 2016-12-18" in rule for rule in section.rules)


def test_a_manual_of_records_alone_speaks_of_no_interviewer(paper: Paper) -> None:
    text = re.sub(r"<[^>]+>", "", read(paper).html)
    for word in ("访问员", "抽样", "拒访", "开场白", "问卷星", "受访者"):
        assert word not in text, word
    numbers = {s.template[7:-8]: at for at, s in enumerate(paper.context["sections"], 1)}
    assert f"得分可按第 {numbers['scores']} 节的五步用手算" in text
    assert f"由本期的记录算出（第 {numbers['standards']} 节）" in text
