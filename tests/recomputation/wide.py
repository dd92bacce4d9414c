"""A street of eleven committees, so that groups of like committees can be compared.

Residents of some committees are few, so that cells are withheld and give others away; one committee
has a single answer in a group; partners judge some committees each, of one kind of indicator only.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.tiny import LABELS, OFFICE_HEADER, write_csv

NAMES = tuple("甲乙丙丁戊己庚辛壬癸子")
ROSTER = """\
id,name,aliases,zone,kind,housing,population
w1,甲,,东片,居民区,商品房,900
w2,乙,,东片,居民区,售后公房,1200
w3,丙,,东片,居民区,商品房,800
w4,丁,,西片,居民区,售后公房,700
w5,戊,,西片,村,售后公房,650
w6,己,,西片,居民区,商品房,500
w7,庚,,北片,居民区,售后公房,400
w8,辛,,北片,村,商品房,450
w9,壬,,,居民区,商品房,300
w10,癸,,,居民区,售后公房,350
w11,子,,,居民区,商品房,280
"""
SCALE = """\
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
{SCALE}
items:
  - {{id: where, text: 所在居民区, role: subject}}
  - {{id: r1, text: 办事方便, scale: satisfaction}}
  - {{id: r2, text: 办事耐心, scale: satisfaction}}
  - {{id: r3, text: 经常走访, scale: satisfaction}}
  - {{id: r4, text: 环境整洁, scale: satisfaction}}
  - {{id: r5, text: 楼道畅通, scale: satisfaction}}
  - {{id: r6, text: 议事公开, scale: satisfaction}}
  - {{id: overall, text: 总体满意, role: overall, scale: satisfaction}}
"""
ORGANISATION = f"""\
id: organisation
title: 单位问卷
{SCALE}
items:
  - {{id: who, text: 科室名称, kind: text, role: rater}}
  - {{id: where, text: 评价的居民区, role: subject}}
  - {{id: o1, text: 办事规范, scale: satisfaction}}
  - {{id: o2, text: 环境整洁, scale: satisfaction}}
"""
SCHEME = """\
id: wide
title: 宽方案
assumptions: [权重为测试自定]
residents_weight: 70
uncovered: {uncovered}
confidence: {confidence}
false_discovery_rate: {rate}
groups:
  - {{code: key, name: 重点, weight: 45, questionnaire: resident, residents: true, minimum_n: 10}}
  - {{code: random, name: 随机, weight: 25, questionnaire: resident, residents: true, minimum_n: 10}}
  - {{code: office, name: 科室, weight: 18, questionnaire: organisation, raters: rater, minimum_n: 3}}
  - {{code: partner, name: 共建, weight: 12, questionnaire: organisation, raters: rater, minimum_n: 3, covers: [B1]}}
dimensions:
  - code: A
    name: 服务
    weight: 50
    indicators:
      - {{code: A1, name: 办事, weight: 30, items: {{resident: [r1, r2], organisation: [o1]}}}}
      - {{code: A2, name: 走访, weight: 20, items: {{resident: [r3]}}}}
  - code: B
    name: 环境
    weight: 35
    indicators:
      - {{code: B1, name: 卫生, weight: 20, items: {{resident: [r4], organisation: [o2]}}}}
      - {{code: B2, name: 畅通, weight: 15, items: {{resident: [r5]}}}}
  - code: C
    name: 议事
    weight: 15
    indicators:
      - {{code: C1, name: 公开, weight: 15, items: {{resident: [r6]}}}}
grades:
  - {{name: 优秀, cutoff: 85, good: true}}
  - {{name: 良好, cutoff: 75, good: true}}
  - {{name: 合格, cutoff: 60}}
  - {{name: 待改进, cutoff: 0}}
"""
ORDER = """\
title: 宽评估
street: 测试街道
synthetic: true
scheme: scheme.yaml
settings: {seed: 7}
waves:
"""
WAVE = """\
  - id: '{year}'
    start: {year}-01-01
    end: {year}-12-31
    files:
      - {{file: responses/{year}/key.csv, questionnaire: resident, group: key}}
      - {{file: responses/{year}/random.csv, questionnaire: resident, group: random}}
      - {{file: responses/{year}/office.csv, questionnaire: organisation, group: office}}
      - {{file: responses/{year}/partner.csv, questionnaire: organisation, group: partner}}
"""
EDGES = """\
id: edges
title: 边缘方案
assumptions: [权重为测试自定]
residents_weight: 100
groups:
  - {code: resident, name: 居民, weight: 100, questionnaire: resident, residents: true, minimum_n: 5}
dimensions:
  - code: A
    name: 服务
    weight: 100
    indicators:
      - {code: A1, name: 办事, weight: 100, items: {resident: [r1, r2, r3, r4, r5, r6]}}
grades:
  - {name: 优秀, cutoff: 85, good: true}
  - {name: 待改进, cutoff: 0}
"""
EDGES_FILE = """\
      - {{file: responses/{year}/resident.csv, questionnaire: resident, group: resident}}
"""
RESIDENT_HEADER = (
    "序号", "提交答卷时间", "所用时间", "来自IP", "所在居民区",
    "办事方便", "办事耐心", "经常走访", "环境整洁", "楼道畅通", "议事公开", "总体满意",
)  # fmt: skip
KEY = {2021: (40, 35, 30, 28, 33, 26, 12, 30, 25, 29, 20), 2022: (38, 36, 29, 27, 30, 9, 30, 31, 22, 28, 21)}  # fmt: skip
RANDOM = {2021: (20, 22, 14, 16, 13, 18, 12, 15, 14, 11, 1), 2022: (21, 9, 14, 17, 4, 16, 13, 12, 15, 11, 12)}  # fmt: skip


def wide(root: Path) -> Path:
    """Weights that a group cannot use stay with the group."""
    return _write(root, uncovered="within_group", confidence=0.95, rate=0.05)


def wide_spread(root: Path) -> Path:
    """Weights that a group cannot use go to the other groups; other levels of confidence."""
    return _write(root, uncovered="to_covering_groups", confidence=0.7, rate=0.2)


def edges(root: Path) -> Path:
    """A handful of answers near 0 and near 100, so that intervals end there; a single indicator.

    What is too small in 丙 is the composite itself, which is told in any case.
    """
    (root / "questionnaires").mkdir(parents=True)
    names = ("甲", "乙", "丙", "丁")
    texts = {
        "scheme.yaml": EDGES,
        "questionnaires/resident.yaml": RESIDENT,
        "evaluation.yaml": ORDER
        + "".join(
            WAVE.format(year=year).partition("      - ")[0] + EDGES_FILE.format(year=year)
            for year in KEY
        ),
        "roster.csv": "id,name,zone\n"
        + "".join(f"e{n},{name},{name}片\n" for n, name in enumerate(names, 1)),
    }
    for name, text in texts.items():
        (root / name).write_text(text, encoding="utf-8")
    best, good, poor, worst = LABELS[0], LABELS[1], LABELS[3], LABELS[4]
    answers = {
        "甲": [best, best, good, best, best],
        "乙": [good, best, LABELS[2], good, poor, good],
        "丙": [worst, worst, poor, worst],
        "丁": [worst, worst, worst, worst, poor, worst],
    }
    for year in KEY:
        rows = [
            [name, *[found[(at + shift * (year - 2020)) % len(found)] for shift in range(7)]]
            for name, found in answers.items()
            for at in range(len(found))
        ]
        folder = root / f"responses/{year}"
        write_csv(folder / "resident.csv", RESIDENT_HEADER, _numbered(rows, year, 6))
    return root


def _write(root: Path, *, uncovered: str, confidence: float, rate: float) -> Path:
    (root / "questionnaires").mkdir(parents=True)
    texts = {
        "scheme.yaml": SCHEME.format(uncovered=uncovered, confidence=confidence, rate=rate),
        "questionnaires/resident.yaml": RESIDENT,
        "questionnaires/organisation.yaml": ORGANISATION,
        "evaluation.yaml": ORDER + "".join(WAVE.format(year=year) for year in KEY),
        "roster.csv": ROSTER,
    }
    for name, text in texts.items():
        (root / name).write_text(text, encoding="utf-8")
    for year in KEY:
        rng = np.random.Generator(np.random.PCG64([year, 5]))
        folder = root / f"responses/{year}"
        for group, counts in (("key", KEY[year]), ("random", RANDOM[year])):
            write_csv(folder / f"{group}.csv", RESIDENT_HEADER, _residents(rng, year, counts))
        offices = [f"{name}办" for name in ("党建", "服务", "管理", "平安", "自治", "发展")]
        write_csv(folder / "office.csv", OFFICE_HEADER, _judged(rng, year, offices, 1.0))
        partners = [f"第{n}公司" for n in range(1, 16)]
        write_csv(folder / "partner.csv", OFFICE_HEADER, _judged(rng, year, partners, 0.45))
    return root


def _residents(rng: np.random.Generator, year: int, counts: tuple[int, ...]) -> list[list[str]]:
    """Answers; the lobby question is one that most do not know an answer to."""
    rows = []
    for place, count in enumerate(counts):
        for at in range(count):
            answers = [_pick(rng, place, year, 0.08) for _ in range(7)]
            if count > 1 and at > 2:
                answers[4] = _pick(rng, place, year, 0.55)
            rows.append([NAMES[place], *answers])
    return _numbered(rows, year, 6)


def _judged(
    rng: np.random.Generator, year: int, raters: list[str], share: float
) -> list[list[str]]:
    rows = []
    for rater in raters:
        severity = int(rng.integers(-3, 4))
        for place, name in enumerate(NAMES):
            if rng.random() < share:
                answers = [_pick(rng, place + severity, year, 0.0) for _ in range(2)]
                rows.append([rater, name, *answers])
    return _numbered(rows, year, 7)


def _pick(rng: np.random.Generator, place: int, year: int, unknown: float) -> str:
    moved = {0: 0.4, 2: 0.22, 9: -0.3}.get(place, 0.03) if year == 2022 else 0.0
    top = min(max(0.12 + 0.065 * place + moved, 0.05), 0.9)
    rest = (1 - top) / 10
    chances = np.array([top, 4 * rest, 3 * rest, 2 * rest, rest])
    return LABELS[5] if rng.random() < unknown else LABELS[int(rng.choice(5, p=chances))]


def _numbered(rows: list[list[str]], year: int, month: int) -> list[list[str]]:
    return [
        [
            str(at),
            f"{year}/{month}/{1 + at % 28} 10:{at % 60:02d}:{(7 * at) % 60:02d}",
            f"{60 + at % 200}秒",
            f"198.18.{at % 250}.{at // 250 + 1}(上海-上海)",
            *row,
        ]
        for at, row in enumerate(rows, start=1)
    ]
