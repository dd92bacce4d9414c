"""Answers of a handful of people, made directly, for cells that one can compute in the head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import yaml

from evalkit.answers.measuring import measure
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.roster import Roster, Subject
from evalkit.definitions.scheme import Scheme
from evalkit.tables import Answers, Cells
from tests.answers import street
from tests.deciding import decided

SCHEME = """
id: c
title: 手算
residents_weight: 70
groups:
  - {code: key, name: 居民, weight: 70, questionnaire: q, residents: true}
  - {code: office, name: 科室, weight: 30, questionnaire: q, raters: rater, covers: [A1, A2]}
dimensions:
  - code: A
    name: 服务
    weight: 60
    indicators:
      - {code: A1, name: 办事, weight: 30, items: {q: [a, b]}}
      - {code: A2, name: 走访, weight: 30, items: {q: [c]}}
  - code: B
    name: 环境
    weight: 40
    indicators:
      - {code: B1, name: 卫生, weight: 40, items: {q: [t]}}
grades: [{name: 优秀, cutoff: 90}, {name: 待改进, cutoff: 0}]
"""
FORM = """
id: q
title: 问卷
scales:
  s:
    - {code: "1", label: 满意, score: 100}
    - {code: "2", label: 一般, score: 50}
    - {code: "3", label: 不满意, score: 0}
    - {code: "4", label: 不了解, missing: dont_know}
items:
  - {id: where, text: 居民区, role: subject}
  - {id: a, text: 办事方便, scale: s}
  - {id: b, text: 办事耐心, scale: s}
  - {id: c, text: 经常走访, scale: s}
  - {id: t, text: 打几分, kind: number, minimum: 5, maximum: 15}
  - {id: all, text: 总体, role: overall, scale: s}
  - {id: n, text: 诉求, kind: multiple, role: need, options: [{code: x, label: 停车}, {code: y, label: 就医}]}
  - {id: w, text: 建议, kind: text, role: open}
"""
MEASURES = ("A1", "A2", "B1", "overall")


def scheme(**changes: object) -> Scheme:
    """The scheme, with other values of the group ``office`` or ``key``: ``key={...}``."""
    document = yaml.safe_load(SCHEME)
    for group in document["groups"]:
        group.update(changes.pop(group["code"], {}))
    return Scheme.model_validate(document | changes)


def form() -> Questionnaire:
    return Questionnaire.model_validate(yaml.safe_load(FORM))


def answers(
    *rows: tuple[str, str, dict[str, str]],
    raters: Sequence[str] | None = None,
    weight: Sequence[float] | None = None,
    group: str = "key",
    wave: str = "2016",
) -> Answers:
    """Answers from (committee, "", codes by item); what is not named was left empty."""
    items = ("a", "b", "c", "t", "all", "n", "w")
    made = street.answers(
        wave,
        form(),
        {item: [codes.get(item, "") for _, _, codes in rows] for item in items},
        group=[own or group for _, own, _ in rows],
        subject=[subject for subject, _, _ in rows],
        weight=weight,
    )
    if raters is None:
        return made
    return replace(made, respondents=made.respondents.assign(rater=list(raters)))


def roster(*subjects: Subject) -> Roster:
    return Roster(
        subjects=list(subjects) or [Subject(id="jia", name="甲"), Subject(id="yi", name="乙")]
    )


def measured(made: Answers, by: Scheme | None = None, among: Roster | None = None) -> Cells:
    form_ = form()
    return measure(
        made, decided(by or scheme(), {form_.id: form_}, among or roster()), street.InMemory()
    )
