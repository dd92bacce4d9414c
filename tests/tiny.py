"""A workspace small enough to read: four committees, two waves, residents and departments."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

SUBJECTS = ("甲居民区", "乙居民区", "丙居民区", "丁居民区")
LABELS = ("非常满意", "满意", "基本满意", "不满意", "非常不满意", "不了解")

SCHEME = """\
id: tiny
title: 小方案
assumptions: [权重为测试自定]
residents_weight: 70
groups:
  - {code: resident, name: 居民, weight: 70, questionnaire: resident, residents: true, minimum_n: 10}
  - {code: office, name: 科室, weight: 30, questionnaire: organisation, raters: rater, minimum_n: 3}
dimensions:
  - code: A
    name: 服务
    weight: 60
    indicators:
      - {code: A1, name: 办事, weight: 40, items: {resident: [r1, r2], organisation: [o1]}}
      - {code: A2, name: 走访, weight: 20, items: {resident: [r3]}}
  - code: B
    name: 环境
    weight: 40
    indicators:
      - {code: B1, name: 卫生, weight: 40, items: {resident: [r4], organisation: [o2]}}
grades:
  - {name: 优秀, cutoff: 90, good: true}
  - {name: 良好, cutoff: 85, good: true}
  - {name: 合格, cutoff: 60}
  - {name: 待改进, cutoff: 0}
alternatives:
  - {id: even, name: 各半, group_weights: {resident: 50, office: 50}}
"""
_SCALE = """\
scales:
  satisfaction:
    - {code: 1, label: 非常满意, score: 100}
    - {code: 2, label: 满意, score: 80}
    - {code: 3, label: 基本满意, score: 60}
    - {code: 4, label: 不满意, score: 30}
    - {code: 5, label: 非常不满意, score: 0}
    - {code: 6, label: 不了解, missing: dont_know}
"""
RESIDENT = f"""\
id: resident
title: 居民问卷
{_SCALE}
items:
  - {{id: live, text: 是否住满半年, role: screening, options: [{{code: 1, label: 是}}, {{code: 2, label: 否, screen_out: true}}]}}
  - {{id: where, text: 所在居民区, role: subject}}
  - {{id: r1, text: 办事方便, scale: satisfaction}}
  - {{id: r2, text: 办事耐心, scale: satisfaction}}
  - {{id: r3, text: 经常走访, scale: satisfaction}}
  - {{id: r4, text: 环境整洁, scale: satisfaction}}
  - {{id: overall, text: 总体满意, role: overall, scale: satisfaction}}
"""
ORGANISATION = f"""\
id: organisation
title: 科室问卷
{_SCALE}
items:
  - {{id: who, text: 科室名称, kind: text, role: rater}}
  - {{id: where, text: 评价的居民区, role: subject}}
  - {{id: o1, text: 办事规范, scale: satisfaction}}
  - {{id: o2, text: 环境整洁, scale: satisfaction}}
"""
ORDER = """\
title: 小评估
street: 测试街道
synthetic: true
scheme: scheme.yaml
settings: {draws: 1000}
waves:
  - id: '2015'
    start: 2015-01-01
    end: 2015-12-31
    issued: {resident: 100}
    files:
      - {file: responses/2015/resident.csv, questionnaire: resident, group: resident}
      - {file: responses/2015/office.csv, questionnaire: organisation, group: office}
  - id: '2016'
    start: 2016-01-01
    end: 2016-12-31
    issued: {resident: 100}
    files:
      - {file: responses/2016/resident.csv, questionnaire: resident, group: resident}
      - {file: responses/2016/office.csv, questionnaire: organisation, group: office}
"""
ROSTER = "id,name,aliases\n" + "".join(
    f"s{place},{name},{name[0]}社区\n" for place, name in enumerate(SUBJECTS, start=1)
)
RESIDENT_HEADER = (
    "序号", "提交答卷时间", "所用时间", "来自IP", "是否住满半年", "所在居民区",
    "办事方便", "办事耐心", "经常走访", "环境整洁", "总体满意",
)  # fmt: skip
OFFICE_HEADER = (
    "序号", "提交答卷时间", "所用时间", "来自IP", "科室名称", "评价的居民区", "办事规范", "环境整洁",
)  # fmt: skip


def residents(year: int, per_subject: int = 24) -> list[list[str]]:
    """Rows of resident answers; committees differ, and so do the years."""
    rng = np.random.Generator(np.random.PCG64(year))
    rows = []
    for place, name in enumerate(SUBJECTS):
        for _ in range(per_subject):
            number = len(rows) + 1
            answers = rng.choice(5, size=5, p=_chances(place + year % 2))
            rows.append(
                [
                    str(number),
                    f"{year}/6/{1 + number % 28} 10:{number % 60:02d}:{(7 * number) % 60:02d}",
                    f"{60 + number}秒",
                    f"10.0.{place}.{number}(上海-上海)",
                    "是",
                    name,
                    *(LABELS[answer] for answer in answers),
                ]
            )
    return rows


def offices(year: int) -> list[list[str]]:
    """Rows of four departments, each rating every committee."""
    rng = np.random.Generator(np.random.PCG64(year + 1))
    rows = []
    for office in ("党建办", "服务办", "管理办", "平安办"):
        for place, name in enumerate(SUBJECTS):
            number = len(rows) + 1
            answers = rng.choice(5, size=2, p=_chances(place))
            rows.append(
                [
                    str(number),
                    f"{year}/7/{1 + number % 28} 9:00:{number:02d}",
                    "90秒",
                    "10.1.0.1(上海-上海)",
                    office,
                    name,
                    *(LABELS[answer] for answer in answers),
                ]
            )
    return rows


def write_csv(
    path: Path, header: Sequence[str], rows: Sequence[Sequence[str]], encoding: str = "utf-8-sig"
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([header, *rows])


def write(root: Path) -> Path:
    """Write the whole workspace; every test then spoils what it is about."""
    (root / "questionnaires").mkdir(parents=True)
    texts = {
        "scheme.yaml": SCHEME,
        "questionnaires/resident.yaml": RESIDENT,
        "questionnaires/organisation.yaml": ORGANISATION,
        "evaluation.yaml": ORDER,
        "roster.csv": ROSTER,
    }
    for name, text in texts.items():
        (root / name).write_text(text, encoding="utf-8")
    for year in (2015, 2016):
        write_csv(root / f"responses/{year}/resident.csv", RESIDENT_HEADER, residents(year))
        write_csv(root / f"responses/{year}/office.csv", OFFICE_HEADER, offices(year))
    return root


def _chances(place: int) -> list[float]:
    top = 0.25 + 0.1 * place
    rest = (1.0 - top) / 10.0
    return [top, 4 * rest, 3 * rest, 2 * rest, rest]
