"""Answers as they come out of the import, made directly: a large honest street, and tiny ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

import numpy as np
import pandas as pd
import yaml

from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.scheme import Scheme
from evalkit.simulation.demo import demo_documents, demo_truth
from evalkit.simulation.people import frame
from evalkit.simulation.respondents import simulate
from evalkit.tables import Answers, State

USUAL_SECONDS = 280.0


@cache
def documents() -> tuple[Scheme, dict[str, Questionnaire]]:
    return demo_documents()


@cache
def honest(seed: int, wave: str = "2016") -> Answers:
    """The demo street's residents, answering honestly: nobody copies, nobody hurries."""
    scheme, questionnaires = documents()
    sample = simulate(demo_truth(), scheme, questionnaires, seed=seed, waves=[wave])
    rows = pd.concat([frame(sample, wave, group) for group in ("key", "random")])
    rng = np.random.Generator(np.random.PCG64(seed))
    questionnaire = questionnaires["resident"]
    codes = rows[[i.id for i in questionnaire.items if i.role != "subject"]]
    return answers(
        wave,
        questionnaire,
        {str(name): list(column) for name, column in codes.items()},
        group=list(rows["group"]),
        subject=list(rows["subject"]),
        seconds=USUAL_SECONDS * np.exp(0.35 * rng.standard_normal(len(rows))),
        submitted=pd.Timestamp("2016-11-14 08:00")
        + pd.to_timedelta(rng.uniform(0, 30 * 86400, len(rows)), unit="s"),
    )


def answers(
    wave: str,
    questionnaire: Questionnaire,
    codes: Mapping[str, Sequence[str]],
    *,
    group: Sequence[str],
    subject: Sequence[str],
    seconds: Sequence[float] | np.ndarray | None = None,
    submitted: Sequence[object] | pd.DatetimeIndex | None = None,
    device: Sequence[str] | None = None,
    weight: Sequence[float] | None = None,
) -> Answers:
    """Answers of one questionnaire from option codes; ``""`` is an empty cell."""
    n = len(group)
    index = pd.Index([f"a.xlsx#{at + 2}" for at in range(n)], name="respondent")
    respondents = pd.DataFrame(
        {
            "respondent": index,
            "file": "a.xlsx",
            "row": np.arange(n) + 2,
            "questionnaire": questionnaire.id,
            "group": list(group),
            "subject": list(subject),
            "rater": "",
            "cluster": "",
            "weight": 1.0 if weight is None else np.asarray(weight, dtype=float),
            "submitted": None if submitted is None else [str(time) for time in submitted],
            "seconds": np.nan if seconds is None else np.asarray(seconds, dtype=float),
            "device": [f"d{at}" for at in range(n)] if device is None else list(device),
        },
        index=index,
    )
    values, states = {}, {}
    for item_id, given in codes.items():
        item = questionnaire.item(item_id)
        missing = {o.code: o.missing for o in questionnaire.options_of(item) if o.missing}
        states[item_id] = [
            State.EMPTY.value if code == "" else missing.get(code, State.ANSWERED.value)
            for code in given
        ]
        values[item_id] = [
            code if state == State.ANSWERED.value else None
            for code, state in zip(given, states[item_id], strict=True)
        ]
    return Answers(
        wave,
        respondents,
        {questionnaire.id: pd.DataFrame(values, index=index, dtype=object)},
        {questionnaire.id: pd.DataFrame(states, index=index)},
    )


SMALL_SCHEME = """
id: small
title: 小方案
residents_weight: 100
groups:
  - {code: key, name: 重点居民, weight: 60, questionnaire: resident, residents: true}
  - {code: random, name: 随机居民, weight: 40, questionnaire: resident, residents: true}
dimensions:
  - code: A
    name: 服务
    weight: 60
    indicators:
      - {code: A1, name: 办事, weight: 40, items: {resident: [r1]}}
      - {code: A2, name: 走访, weight: 20, items: {resident: [r2]}}
  - code: B
    name: 环境
    weight: 40
    indicators:
      - {code: B1, name: 卫生, weight: 40, items: {resident: [r3]}}
grades: [{name: 优秀, cutoff: 90}, {name: 待改进, cutoff: 0}]
"""
SMALL_FORM = """
id: resident
title: 居民问卷
scales:
  s:
    - {code: "1", label: 满意, score: 100}
    - {code: "2", label: 一般, score: 50}
    - {code: "3", label: 不满意, score: 0}
    - {code: "4", label: 不了解, missing: dont_know}
items:
  - {id: where, text: 所在居民区, role: subject}
  - {id: r1, text: 办事方便, scale: s}
  - {id: r2, text: 经常走访, scale: s}
  - {id: r3, text: 环境整洁, scale: s}
  - {id: overall, text: 总体满意, role: overall, scale: s}
  - {id: sex, text: 性别, role: profile, options: [{code: "1", label: 男}, {code: "2", label: 女}]}
  - id: age
    text: 年龄
    role: profile
    options: [{code: "1", label: 青年}, {code: "2", label: 中年}, {code: "3", label: 老年}]
"""


@cache
def small() -> tuple[Scheme, dict[str, Questionnaire]]:
    """A scheme of two resident groups and a form of three scored items with a profile."""
    scheme = Scheme.model_validate(yaml.safe_load(SMALL_SCHEME))
    form = Questionnaire.model_validate(yaml.safe_load(SMALL_FORM))
    return scheme, {form.id: form}


class InMemory:
    """The plainest engine: no database, for tests that measure hundreds of times."""

    def cells(
        self, frame: pd.DataFrame, keys: Sequence[str], order: str
    ) -> Iterator[tuple[tuple[str, ...], pd.DataFrame]]:
        for key, rows in frame.sort_values(order, kind="stable").groupby(list(keys), sort=True):
            yield tuple(map(str, key)), rows.reset_index(drop=True)
