"""Small workspaces of every kind, written as files: what the recomputation is tried on.

Each function writes one workspace into an empty folder and returns it. Answers are drawn with
seeds, so that they are the same every time; nothing is computed from them here. `all_kinds` is
the street on which everything happens at once; the others are each about one thing.
"""

from __future__ import annotations

import copy
import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xlwt
import yaml
from openpyxl import Workbook

NAMES = ("甲", "乙", "丙", "丁", "戊", "己")
LABELS = ("非常满意", "满意", "基本满意", "不满意", "非常不满意", "不了解")
NEEDS = ("停车难", "加装电梯", "老人吃饭", "其他【请注明】")
WORDS = ("车位不够", "停車太難", "电梯坏了", "老人食堂远", "无", "谢谢大家", "停车和电梯", "。。")
THEMES = {
    "id": "small",
    "title": "小词表",
    "themes": [
        {"code": "parking", "name": "停车", "words": ["停车", "车位"]},
        {"code": "lift", "name": "电梯", "words": ["电梯"]},
        {"code": "meals", "name": "助餐", "words": ["食堂", "送餐"]},
    ],
}

Rows = list[list[str]]
Rng = np.random.Generator


def _option(code: int, label: str, score: float | None) -> dict[str, object]:
    option: dict[str, object] = {"code": str(code), "label": label}
    return option | ({"missing": "dont_know"} if score is None else {"score": score})


SATISFACTION = [
    _option(at, label, score)
    for at, (label, score) in enumerate(zip(LABELS, (100, 80, 60, 30, 0, None), strict=True), 1)
]
RESIDENT = {
    "id": "resident",
    "title": "居民问卷",
    "scales": {"satisfaction": SATISFACTION},
    "items": [
        {
            "id": "live",
            "text": "是否住满半年",
            "role": "screening",
            "options": [
                {"code": "1", "label": "是"},
                {"code": "2", "label": "否", "screen_out": True},
            ],
        },
        {"id": "where", "text": "所在居民区", "role": "subject"},
        {"id": "r1", "text": "办事方便", "scale": "satisfaction"},
        {"id": "r2", "text": "办事耐心", "scale": "satisfaction"},
        {"id": "r3", "text": "办事公道", "scale": "satisfaction"},
        {"id": "r4", "text": "经常走访", "scale": "satisfaction"},
        {"id": "r5", "text": "环境整洁", "kind": "number", "minimum": 1, "maximum": 5},
        {"id": "overall", "text": "总体满意", "role": "overall", "scale": "satisfaction"},
        {
            "id": "need",
            "text": "最盼的事（可多选）",
            "kind": "multiple",
            "role": "need",
            "options": [{"code": str(n), "label": text} for n, text in enumerate(NEEDS, 1)],
        },
        {"id": "wish", "text": "希望改进什么", "kind": "text", "role": "open"},
        {
            "id": "sex",
            "text": "性别",
            "role": "profile",
            "options": [{"code": "1", "label": "男"}, {"code": "2", "label": "女"}],
        },
        {
            "id": "age",
            "text": "年龄",
            "role": "profile",
            "options": [
                {"code": "1", "label": "青年"},
                {"code": "2", "label": "中年"},
                {"code": "3", "label": "老年"},
            ],
        },
    ],
}
ORGANISATION = {
    "id": "organisation",
    "title": "单位问卷",
    "scales": {"satisfaction": SATISFACTION},
    "items": [
        {
            "id": "kind",
            "text": "单位类别",
            "role": "group",
            "options": [
                {"code": "1", "label": "科室", "group": "office"},
                {"code": "2", "label": "居民区（互评）", "group": "peer"},
            ],
        },
        {"id": "who", "text": "单位名称", "kind": "text", "role": "rater"},
        {"id": "where", "text": "评价的居民区", "role": "subject"},
        {"id": "o1", "text": "办事规范", "scale": "satisfaction"},
        {"id": "o2", "text": "办事及时", "scale": "satisfaction"},
        {"id": "o3", "text": "环境整治", "scale": "satisfaction"},
    ],
}
PLATFORM = ("序号", "提交答卷时间", "所用时间", "来自IP")


def scheme(*groups: dict[str, object], **more: object) -> dict[str, Any]:
    """Two dimensions, three indicators; residents judge all, organisations the first and last."""
    return {
        "id": "small",
        "title": "小方案",
        "assumptions": ["权重为测试自定"],
        "groups": list(groups),
        "dimensions": [
            {
                "code": "A",
                "name": "服务",
                "weight": 60,
                "indicators": [
                    {
                        "code": "A1",
                        "name": "办事",
                        "weight": 35,
                        "items": {"resident": ["r1", "r2", "r3"], "organisation": ["o1", "o2"]},
                    },
                    {"code": "A2", "name": "走访", "weight": 25, "items": {"resident": ["r4"]}},
                ],
            },
            {
                "code": "B",
                "name": "环境",
                "weight": 40,
                "indicators": [
                    {
                        "code": "B1",
                        "name": "卫生",
                        "weight": 40,
                        "items": {"resident": ["r5"], "organisation": ["o3"]},
                    }
                ],
            },
        ],
        "grades": [
            {"name": "优秀", "cutoff": 90, "good": True},
            {"name": "良好", "cutoff": 75, "good": True},
            {"name": "合格", "cutoff": 60},
            {"name": "待改进", "cutoff": 0},
        ],
    } | more


def group(code: str, name: str, weight: float, **more: object) -> dict[str, object]:
    residents = code in ("resident", "key")
    questionnaire = "resident" if residents else "organisation"
    given = {"code": code, "name": name, "weight": weight, "questionnaire": questionnaire}
    return given | ({"residents": True} if residents else {"raters": "rater"}) | more


HALF = {
    "id": "half",
    "name": "各半",
    "group_weights": {"resident": 50, "office": 30, "peer": 20},
}
EVEN = {"id": "even", "name": "等距", "option_scores": {"80": 75, "60": 50, "30": 25}}
THREE_GROUPS = scheme(
    group("resident", "居民", 70),
    group("office", "科室", 20, minimum_n=3),
    group("peer", "互评", 10, minimum_n=3, rates_itself=False),
    alternatives=[HALF, EVEN],
)


# --- answers --------------------------------------------------------------------------------


def pick(rng: Rng, place: int, year: int, missing: float = 0.05) -> str:
    """One answer on the scale; later committees please more, and odd years less."""
    top = min(0.2 + 0.08 * place + 0.1 * (year % 2 == 0), 0.8)
    chances = np.array([top, 0.5 * (1 - top), 0.3 * (1 - top), 0.15 * (1 - top), 0.05 * (1 - top)])
    chances = np.append(chances * (1 - missing), missing)
    return LABELS[int(rng.choice(6, p=chances))]


def residents(
    year: int,
    counts: Sequence[int],
    *,
    missing: float = 0.05,
    names: Sequence[str] = NAMES,
    month: int = 6,
) -> Rows:
    """Answers to RESIDENT by text, so many in each committee, with holes."""
    rng = np.random.Generator(np.random.PCG64(year))
    rows: Rows = []
    for place, count in enumerate(counts):
        for _ in range(count):
            scale = [pick(rng, place, year, missing) for _ in range(4)]
            scale = ["(空)" if rng.random() < missing else answer for answer in scale]
            number = str(int(rng.integers(1 + place // 3, 6)))
            overall = pick(rng, place, year, missing)
            chosen = [need for need in NEEDS if rng.random() < 0.25 + 0.07 * place]
            needs = "┋".join(
                f"{need}〖别的{int(rng.integers(3))}〗" if "请注明" in need else need
                for need in chosen
            )
            wish = str(rng.choice(WORDS)) if rng.random() < 0.6 else ""
            profile = [str(rng.choice(["男", "女"])), str(rng.choice(["青年", "中年", "老年"]))]
            name = f"{names[place]}居民区"
            rows.append(
                ["是", name, *scale, number, overall, needs or "(跳过)", wish or "(空)", *profile]
            )
    return _submitted(rows, year, month)


def organisations(
    year: int,
    committees: int,
    *,
    offices: Sequence[str] = ("党建办", "服务办", "管理办", "平安办", "城管中队"),
    missing: float = 0.1,
    names: Sequence[str] = NAMES,
) -> Rows:
    """Offices that rate every committee, and committees that rate the others (and themselves)."""
    rng = np.random.Generator(np.random.PCG64([year, 1]))
    rows: Rows = []
    raters = [("科室", office) for office in offices]
    # A committee writes its own name now so, now so: one rater by any of its names.
    raters += [("居民区（互评）", names[place]) for place in range(committees)]
    for kind, rater in raters:
        for place in range(committees):
            answers = [pick(rng, place, year, missing) for _ in range(3)]
            typed = rater if kind == "科室" else f"{rater}{('社区', '居委会')[place % 2]}"
            rows.append([kind, typed, f"{names[place]}居民区", *answers])
    return _submitted(rows, year, 7)


def _submitted(rows: Rows, year: int, month: int) -> Rows:
    return [
        [
            str(number),
            f"{year}/{month}/{1 + number % 28} 10:{number % 60:02d}:{(7 * number) % 60:02d}",
            f"{50 + (13 * number) % 90}秒",
            f"198.18.{number % 200}.{number % 250}(上海-上海)",
            *row,
        ]
        for number, row in enumerate(rows, start=1)
    ]


def headers(questionnaire: dict[str, object]) -> list[str]:
    items: list[dict[str, str]] = questionnaire["items"]  # type: ignore[assignment]
    return [*PLATFORM, *(item["text"] for item in items)]


# --- files ----------------------------------------------------------------------------------


def write_csv(path: Path, header: Sequence[str], rows: Rows, encoding: str = "utf-8-sig") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([header, *rows])


def write_xlsx(path: Path, header: Sequence[str], rows: Rows) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [list(header), *rows]:
        sheet.append([int(cell) if cell.lstrip("-").isdigit() else cell or None for cell in row])
    book.save(path)


def write_xls(path: Path, header: Sequence[str], rows: Rows) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Sheet1")
    for at, row in enumerate([list(header), *rows]):
        for place, cell in enumerate(row):
            sheet.write(at, place, cell)
    book.save(str(path))


def write_documents(
    root: Path,
    scheme: dict[str, Any],
    waves: Sequence[dict[str, object]],
    *,
    committees: int = 4,
    roster: str | None = None,
    questionnaires: Sequence[dict[str, object]] = (RESIDENT, ORGANISATION),
) -> Path:
    """Write everything but the answers."""
    (root / "questionnaires").mkdir(parents=True)
    scheme = copy.deepcopy(scheme)
    questionnaires = [_for_groups(q, [g["code"] for g in scheme["groups"]]) for q in questionnaires]
    asked = {q["id"] for q in questionnaires}
    for dimension in scheme["dimensions"]:
        for indicator in dimension["indicators"]:
            items = indicator["items"].items()
            indicator["items"] = {name: found for name, found in items if name in asked}
    order = {"title": "小评估", "street": "测试街道", "synthetic": True, "waves": list(waves)}
    documents = {"scheme.yaml": scheme, "evaluation.yaml": order}
    documents |= {f"questionnaires/{q['id']}.yaml": q for q in questionnaires}
    for name, content in documents.items():
        write_yaml(root / name, content)
    kinds = ("商品房", "售后公房")
    rows = "".join(
        f"s{n},{NAMES[n - 1]},{NAMES[n - 1]}新村;第{n}居委,{'东西'[n % 2]}片,{kinds[n % 2]},{n}000\n"
        for n in range(1, committees + 1)
    )
    (root / "roster.csv").write_text(
        roster or "id,name,aliases,zone,housing,population\n" + rows, encoding="utf-8"
    )
    return root


class _Repeating(yaml.SafeDumper):
    """Writes what stands twice twice, without anchors."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _for_groups(questionnaire: dict[str, Any], groups: Sequence[str]) -> dict[str, Any]:
    """Leave out of the question who rates those groups that the scheme does not have."""
    items = [
        {**item, "options": [o for o in item["options"] if o["group"] in groups]}
        if item.get("role") == "group"
        else item
        for item in questionnaire["items"]
    ]
    return {**questionnaire, "items": items}


def write_yaml(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.dump(content, Dumper=_Repeating, allow_unicode=True, sort_keys=False)
    path.write_text(text, encoding="utf-8")


def wave(year: int, *files: str, **more: object) -> dict[str, object]:
    """One wave; a file's name says whose it is."""
    listed = []
    for name in files:
        own = name.split(".")[0].split("-")[0]
        entry = {"file": f"responses/{year}/{name}", "questionnaire": "organisation"}
        if own != "organisation":
            questionnaire = "resident" if own in ("resident", "key") else "organisation"
            entry |= {"questionnaire": questionnaire, "group": own}
        listed.append(entry)
    return {"id": str(year), "files": listed, **more}
