"""A street to be attacked: its documents as plain data, so that anything can be put into them."""

from __future__ import annotations

import copy
import csv
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

NAMES = ("玉佛城", "长寿新村", "九茂", "普陀一村")
LABELS = ("非常满意", "满意", "基本满意", "不满意", "非常不满意", "不了解")
SCORES = (100, 80, 60, 30, 0)
NEEDS = ("停车", "养老助餐", "加装电梯", "其他【请注明】")
WAVES = ("2015", "2016")

Documents = dict[str, Any]


def documents() -> Documents:
    """Everything an evaluation may have, by file name; lists are CSV files."""
    found = copy.deepcopy(_DOCUMENTS)
    for number, item in enumerate(found["questionnaires/resident.yaml"]["items"], start=1):
        item["number"] = number
    return found


def _scale() -> list[dict[str, Any]]:
    options: list[dict[str, Any]] = [
        {"code": str(place), "label": label, "score": score}
        for place, (label, score) in enumerate(zip(LABELS, SCORES, strict=False), start=1)
    ]
    return [*options, {"code": "6", "label": LABELS[5], "missing": "dont_know"}]


def _file(wave: str, name: str, questionnaire: str) -> dict[str, str]:
    return {
        "file": f"responses/{wave}/{name}.csv",
        "questionnaire": questionnaire,
        "group": name,
    }


_DOCUMENTS: Documents = {
    "evaluation.yaml": {
        "title": "小评估",
        "street": "测试街道",
        "synthetic": True,
        "scheme": "scheme.yaml",
        "settings": {"draws": 800},
        "waves": [
            {
                "id": wave,
                "title": f"{wave}年度",
                "start": f"{wave}-01-01",
                "end": f"{wave}-12-31",
                "issued": {"resident": 100},
                "files": [
                    _file(wave, "resident", "resident"),
                    _file(wave, "office", "organisation"),
                ],
            }
            for wave in WAVES
        ],
    },
    "scheme.yaml": {
        "id": "small",
        "title": "小方案",
        "assumptions": ["权重为测试自定"],
        "residents_weight": 70,
        "groups": [
            {"code": "resident", "name": "居民", "description": "住在这里的人", "weight": 70,
             "questionnaire": "resident", "residents": True, "minimum_n": 10},
            {"code": "office", "name": "科室", "weight": 30, "questionnaire": "organisation",
             "raters": "rater", "minimum_n": 3},
        ],
        "dimensions": [
            {"code": "A", "name": "服务", "weight": 60, "indicators": [
                {"code": "A1", "name": "办事", "weight": 40,
                 "items": {"resident": ["r1", "r2"], "organisation": ["o1"]}},
                {"code": "A2", "name": "走访", "weight": 20, "items": {"resident": ["r3"]}},
            ]},
            {"code": "B", "name": "环境", "weight": 40, "indicators": [
                {"code": "B1", "name": "卫生", "weight": 40,
                 "items": {"resident": ["r4"], "organisation": ["o2"]}},
            ]},
        ],
        "grades": [
            {"name": "优秀", "cutoff": 90, "good": True},
            {"name": "良好", "cutoff": 85, "good": True},
            {"name": "合格", "cutoff": 60},
            {"name": "待改进", "cutoff": 0},
        ],
        "alternatives": [
            {"id": "even", "name": "各半", "group_weights": {"resident": 50, "office": 50}},
        ],
    },
    "questionnaires/resident.yaml": {
        "id": "resident",
        "title": "居民问卷",
        "scales": {"satisfaction": _scale()},
        "items": [
            {"id": "live", "text": "您在这里住满半年了吗", "role": "screening", "options": [
                {"code": "1", "label": "是"}, {"code": "2", "label": "否", "screen_out": True}]},
            {"id": "where", "text": "您住在哪个居民区", "role": "subject"},
            {"id": "r1", "text": "办事是否方便", "scale": "satisfaction"},
            {"id": "r2", "text": "办事是否耐心", "scale": "satisfaction"},
            {"id": "r3", "text": "是否经常走访", "scale": "satisfaction"},
            {"id": "r4", "text": "环境是否整洁", "scale": "satisfaction"},
            {"id": "overall", "text": "总体是否满意", "role": "overall", "scale": "satisfaction"},
            {"id": "need", "text": "您最需要什么", "kind": "multiple", "role": "need", "options": [
                {"code": str(place), "label": label} for place, label in enumerate(NEEDS, start=1)]},
            {"id": "why", "text": "您还有什么建议", "kind": "text", "role": "open"},
        ],
    },
    "questionnaires/organisation.yaml": {
        "id": "organisation",
        "title": "科室问卷",
        "scales": {"satisfaction": _scale()},
        "items": [
            {"id": "who", "text": "科室名称", "kind": "text", "role": "rater"},
            {"id": "where", "text": "评价的居民区", "role": "subject"},
            {"id": "o1", "text": "办事规范", "scale": "satisfaction"},
            {"id": "o2", "text": "环境整洁", "scale": "satisfaction"},
        ],
    },
    "actions.yaml": {
        "id": "small",
        "title": "措施",
        "assumptions": ["措施为测试自定"],
        "actions": [
            {"indicator": code, "what": f"改进{code}", "who": "居委会主任", "days": 30,
             "shown_by": f"{code}的得分"}
            for code in ("A1", "A2", "B1")
        ],
    },
    "themes.yaml": {
        "id": "small",
        "title": "主题",
        "assumptions": ["词语为测试自定"],
        "minimum_n": 10,
        "themes": [
            {"code": "parking", "name": "停车", "words": ["停车", "车位"]},
            {"code": "elderly", "name": "养老", "words": ["老人", "助餐"]},
        ],
    },
    "roster.csv": [
        ["id", "name", "aliases", "zone", "kind", "housing", "population"],
        *(
            [f"s{place}", name, f"{name}苑", ("东片", "西片")[place % 2], "普通",
             ("商品房", "老公房")[place % 2], str(800 + 10 * place)]
            for place, name in enumerate(NAMES, start=1)
        ),
    ],
}  # fmt: skip


def respondents(wave: str, seed: int, per_subject: int = 12) -> list[list[str]]:
    """A by-text export of 问卷星: header and rows; nothing in it is wrong."""
    rng = random.Random(f"{seed} {wave}")
    items = _DOCUMENTS["questionnaires/resident.yaml"]["items"]
    rows = [
        ["序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP"]
        + [f"{place}、{item['text']}" for place, item in enumerate(items, start=1)]
    ]
    for place in range(len(NAMES) * per_subject):
        better = [(6, 4, 3, 1, 1, 1), (3, 5, 3, 2, 1, 1)][place % len(NAMES) % 2]
        ticks = rng.choices(LABELS, better, k=5)
        wanted = [need for need in NEEDS[:3] if rng.random() < 0.5] or ["(空)"]
        stamp = f"{wave}/{1 + place % 12}/{1 + place % 28} {8 + place % 12}:{place % 60:02d}:"
        rows.append(
            [
                str(place + 1),
                f"{stamp}{1 + (7 * place) % 59:02d}",
                f"{60 + place}秒",
                rng.choice(("微信", "链接")),
                "直接访问",
                f"198.18.{seed % 250}.{place + 1}(上海-上海)",
                "是",
                NAMES[place % len(NAMES)],
                *ticks,
                "┋".join(wanted),
                rng.choice(("(空)", "停车难", "希望多开助餐点,方便老人", "没有")),
            ]
        )
    return rows


def offices(wave: str, seed: int) -> list[list[str]]:
    """Four departments, each rating every committee; a plain table."""
    rng = random.Random(f"{seed} {wave} offices")
    header = ["序号", "提交答卷时间", "科室名称", "评价的居民区", "办事规范", "环境整洁"]
    rows = [header]
    for office in ("党建办", "服务办", "管理办", "平安办"):
        for name in NAMES:
            number = len(rows)
            stamp = f"{wave}-07-{number:02d} 09:00:{number:02d}"
            rows.append([str(number), stamp, office, name, *rng.choices(LABELS[:4], k=2)])
    return rows


def text_of(rows: Sequence[Sequence[object]]) -> str:
    import io

    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


def write(root: Path, found: Documents | None = None, seed: int = 1) -> Path:
    """Write documents and answers into a folder."""
    found = documents() if found is None else found
    for name, content in found.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, list):
            path.write_text(text_of(content), encoding="utf-8", newline="")
        else:
            path.write_text(dumped(content), encoding="utf-8")
    for wave in WAVES:
        for name, rows in (("resident", respondents(wave, seed)), ("office", offices(wave, seed))):
            path = root / "responses" / wave / f"{name}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text_of(rows), encoding="utf-8-sig", newline="")
    return root


def dumped(content: Any) -> str:
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=10_000)
