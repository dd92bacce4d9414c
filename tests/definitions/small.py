"""Small, valid documents as plain data, for tests to break, and ways to write and load them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from evalkit.definitions import loading
from evalkit.errors import Problem, Problems

Data = dict[str, Any]

SCHEME: Data = {
    "id": "small",
    "title": "小方案",
    "published": ["自 2014 年起每年评估"],
    "assumptions": ["权重是假定的"],
    "residents_weight": 70,
    "groups": [
        {
            "code": "key",
            "name": "重点居民",
            "weight": 40,
            "questionnaire": "resident",
            "residents": True,
        },
        {
            "code": "random",
            "name": "随机居民",
            "weight": 30,
            "questionnaire": "resident",
            "residents": True,
        },
        {
            "code": "department",
            "name": "街道部门",
            "weight": 30,
            "questionnaire": "organisation",
            "raters": "rater",
            "covers": ["B1"],
            "minimum_n": 3,
        },
    ],
    "dimensions": [
        {
            "code": "A",
            "name": "服务",
            "weight": 60,
            "indicators": [
                {"code": "A1", "name": "办事", "weight": 35, "items": {"resident": ["q1"]}},
                {"code": "A2", "name": "走访", "weight": 25, "items": {"resident": ["q2", "q3"]}},
            ],
        },
        {
            "code": "B",
            "name": "队伍",
            "weight": 40,
            "indicators": [
                {
                    "code": "B1",
                    "name": "态度",
                    "weight": 40,
                    "items": {"resident": ["q4"], "organisation": ["o1"]},
                }
            ],
        },
    ],
    "grades": [
        {"name": "优秀", "cutoff": 90, "good": True},
        {"name": "合格", "cutoff": 60},
        {"name": "待改进", "cutoff": 0},
    ],
    "alternatives": [
        {"id": "even", "name": "平均", "group_weights": {"key": 35, "random": 35}},
        {"id": "even-scores", "name": "等距", "option_scores": {"80": 75}},
    ],
}

RESIDENT: Data = {
    "id": "resident",
    "title": "居民问卷",
    "introduction": "您好！\n请您评一评。",
    "assumptions": ["题目是假定的"],
    "scales": {
        "satisfaction": [
            {"code": "1", "label": "满意", "score": 100},
            {"code": "2", "label": "基本满意", "score": 80},
            {"code": "3", "label": "不满意", "score": 0},
            {"code": "4", "label": "不了解", "missing": "dont_know"},
        ]
    },
    "items": [
        {
            "id": "home",
            "text": "您在这里住满六个月了吗？",
            "role": "screening",
            "options": [
                {"code": "1", "label": "是"},
                {"code": "2", "label": "否", "screen_out": True},
            ],
        },
        {"id": "where", "text": "您住在哪个居民区？", "role": "subject"},
        {"id": "q1", "text": "办事方便吗？", "number": 3, "scale": "satisfaction"},
        {"id": "q2", "text": "走访多吗？", "stem": "您满意吗？", "scale": "satisfaction"},
        {"id": "q3", "text": "今年来过几次？", "kind": "number", "minimum": 0, "maximum": 10},
        {"id": "q4", "text": "态度好吗？", "scale": "satisfaction"},
        {"id": "overall", "text": "总的来说？", "role": "overall", "scale": "satisfaction"},
        {
            "id": "needs",
            "text": "您最需要什么？",
            "kind": "multiple",
            "role": "need",
            "options": [{"code": "1", "label": "养老"}, {"code": "2", "label": "停车"}],
        },
        {"id": "words", "text": "您想说什么？", "kind": "text", "role": "open"},
    ],
}

ORGANISATION: Data = {
    "id": "organisation",
    "title": "单位问卷",
    "items": [
        {
            "id": "side",
            "text": "您代表谁？",
            "role": "group",
            "options": [{"code": "1", "label": "街道部门", "group": "department"}],
        },
        {"id": "who", "text": "单位名称", "kind": "text", "role": "rater"},
        {"id": "which", "text": "您评哪个居民区？", "role": "subject"},
        {
            "id": "o1",
            "text": "态度好吗？",
            "options": [
                {"code": "1", "label": "好", "score": 100},
                {"code": "2", "label": "不好", "score": 0},
            ],
        },
    ],
}

ROSTER: Data = {
    "subjects": [
        {"id": "yufo", "name": "玉佛城", "aliases": ["玉佛城居委", "玉佛"], "zone": "东片"},
        {"id": "changde", "name": "常德居民区", "population": 3200, "housing": "商品房"},
        {"id": "new", "name": "新城居民区", "kind": "村", "since": "2016", "until": "2016"},
    ]
}

CROSSWALK: Data = {
    "id": "supplement",
    "questionnaire": "resident",
    "layout": "sha256-0123",
    "variant": "text",
    "approved": True,
    "drafted_from": "responses/2016/补录.csv",
    "changes": ["第 3 列改名"],
    "columns": [
        {"column": 1, "header": "序号"},
        {"column": 2, "header": "居民区", "item": "where", "certainty": 0.9, "because": "同名"},
        {"column": 3, "header": "办事", "item": "q1", "reversed": True},
        {"column": 4, "header": "", "item": "needs", "option": "2"},
    ],
    "values": {"q1": {"还行": "2", "乱填": None}},
    "subjects": {"玉佛二期": "yufo", "不知道": None},
}

ORDER: Data = {
    "title": "小评估",
    "street": "某街道",
    "scheme": "scheme.yaml",
    "roster": "roster.csv",
    "waves": [
        {"id": "2015", "files": [{"file": "a.xlsx", "questionnaire": "resident", "group": "key"}]},
        {
            "id": "2016",
            "start": "2016-11-14",
            "end": "2016-12-18",
            "issued": {"key": 100},
            "files": [
                {"file": "b.xlsx", "questionnaire": "resident", "group": "key"},
                {"file": "c.xlsx", "questionnaire": "organisation"},
            ],
        },
    ],
}

DOCUMENTS: dict[str, tuple[Data, Callable[..., Any]]] = {
    "scheme": (SCHEME, loading.load_scheme),
    "resident": (RESIDENT, loading.load_questionnaire),
    "organisation": (ORGANISATION, loading.load_questionnaire),
    "roster": (ROSTER, loading.load_roster),
    "crosswalk": (CROSSWALK, loading.load_crosswalk),
    "evaluation": (ORDER, loading.load_order),
}


def fresh(name: str) -> Data:
    """Return a valid document that a test may break."""
    return copy.deepcopy(DOCUMENTS[name][0])


def load(name: str, data: Any, folder: Path) -> tuple[Any, list[Problem], str]:
    """Write data as YAML and load it: the document, its problems, and the YAML text."""
    text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=1000)
    document, problems = load_text(name, text, folder)
    return document, problems, text


def load_text(name: str, text: str, folder: Path) -> tuple[Any, list[Problem]]:
    """Write a text as a YAML file and load it: the document and its problems."""
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    problems = Problems()
    document = DOCUMENTS[name][1](path, path.name, problems)
    return document, list(problems)


def line_of(text: str, marker: str, occurrence: int = 1) -> int:
    """Return the line of a text in which a marker stands for the n-th time, from 1."""
    lines = [at for at, line in enumerate(text.splitlines(keepends=True), 1) if marker in line]
    return lines[occurrence - 1]
