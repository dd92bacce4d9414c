"""The small workspace with two tracks: social workers, and party members with their service points.

Four committees of five workers each, one wave. Every worker has a true score; residents, colleagues and
departments answer around it, 60 / 30 / 10.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from tests import tiny

PER_UNIT = 5
RESIDENTS = 10
OFFICES = ("党建办", "服务办", "管理办", "平安办")
FAMILY, GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张", "国华建文明志强丽芳敏静秀"

UNITS = {f"s{place}": name for place, name in enumerate(tiny.SUBJECTS, start=1)}
WORKERS = tuple(
    (f"gh{unit[1:]}{at}", unit, f"{FAMILY[k]}{GIVEN[k % 12]}{GIVEN[(5 * k + 3) % 12]}")
    for k, (unit, at) in enumerate((unit, at) for unit in UNITS for at in range(1, PER_UNIT + 1))
)
"""Number, committee and name of every worker."""

MARKS = {100: "很好", 90: "好", 80: "较好", 70: "还行", 60: "一般", 40: "差", 0: "很差"}
SCALE = "".join(
    f"    - {{code: {code}, label: {label}, score: {score}}}\n"
    for code, (score, label) in enumerate(MARKS.items(), start=1)
)
ITEMS = ("attitude", "skill", "duty")
TEXTS = ("服务态度", "业务能力", "责任担当")

SCHEME = """\
id: workers
title: 社工评价方案
assumptions: [权重为测试自定]
residents_weight: 60
groups:
  - {code: resident, name: 居民, weight: 60, questionnaire: resident, residents: true, minimum_n: 10}
  - {code: colleague, name: 同事, weight: 30, questionnaire: rating, raters: rater, minimum_n: 3, rates_itself: false}
  - {code: office, name: 科室, weight: 10, questionnaire: rating, raters: rater, minimum_n: 3}
dimensions:
  - code: W
    name: 工作
    weight: 100
    indicators:
      - {code: W1, name: 服务态度, weight: 40, items: {resident: [attitude], rating: [c_attitude]}}
      - {code: W2, name: 业务能力, weight: 30, items: {resident: [skill], rating: [c_skill]}}
      - {code: W3, name: 责任担当, weight: 30, items: {resident: [duty], rating: [c_duty]}}
grades:
  - {name: 优秀, cutoff: 90, good: true}
  - {name: 良好, cutoff: 80, good: true}
  - {name: 合格, cutoff: 60}
  - {name: 待改进, cutoff: 0}
"""


def form(code: str, prefix: str, first: str) -> str:
    items = "".join(
        f"  - {{id: {prefix}{item}, text: {text}, scale: marks}}\n"
        for item, text in zip(ITEMS, TEXTS, strict=True)
    )
    return (
        f"id: {code}\ntitle: 问卷\nscales:\n  marks:\n{SCALE}items:\n{first}"
        f"  - {{id: {prefix}whom, text: 评价的人, role: subject}}\n{items}"
    )


RATER = "  - {id: who, text: 评价人, kind: text, role: rater}\n"
DOCUMENTS = {
    "scheme.yaml": SCHEME,
    "questionnaires/resident.yaml": form("resident", "", ""),
    "questionnaires/rating.yaml": form("rating", "c_", RATER),
}
ORDER = """\
tracks:
  - id: workers
    title: 社工评价
    kind: workers
    colleagues: [colleague]
    quotas:
      - {grade: 优, share: 15}
      - {grade: 先进, share: 20, within: unit}
    waves:
      - id: '2016'
        files:
          - {file: responses/resident.csv, questionnaire: resident, group: resident}
          - {file: responses/colleague.csv, questionnaire: rating, group: colleague}
          - {file: responses/office.csv, questionnaire: rating, group: office}
"""
META = ("序号", "提交答卷时间", "所用时间", "来自IP")


def truth(seed: int = 7) -> dict[str, float]:
    """What every worker would score without any error."""
    rng = np.random.Generator(np.random.PCG64(seed))
    return {worker: float(rng.normal(78.0, 8.0)) for worker, _, _ in WORKERS}


def marked(value: float) -> str:
    """The mark that lies nearest to a value."""
    return MARKS[min(MARKS, key=lambda score: abs(score - value))]


def _rows(
    pairs: Sequence[tuple[str, str]], value: Callable[[str, str], float], spread: float, seed: int
) -> list[list[str]]:
    rng = np.random.Generator(np.random.PCG64(seed))
    rows = []
    for number, (rater, worker) in enumerate(pairs, start=1):
        about = value(rater, worker) + rng.normal(0.0, spread)
        marks = [marked(about + rng.normal(0.0, 6.0)) for _ in ITEMS]
        name = next(name for own, _, name in WORKERS if own == worker)
        meta = [
            str(number),
            f"2016/6/{1 + number % 28} 10:{number % 60:02d}:{(7 * number) % 60:02d}",
            f"{60 + number}秒",
            f"10.{seed}.0.{number}(上海-上海)",
        ]
        rows.append([*meta, *([rater] if rater else []), name, *marks])
    return rows


def residents(seed: int = 1) -> list[list[str]]:
    true = truth()
    pairs = [("", worker) for worker, _, _ in WORKERS for _ in range(RESIDENTS)]
    return _rows(pairs, lambda _, worker: true[worker], 12.0, seed)


def colleagues(seed: int = 2) -> list[list[str]]:
    """Every worker rates every other of the committee, not quite as generously as the next one."""
    true = truth()
    pairs = [
        (rater, worker)
        for rater, unit, _ in WORKERS
        for worker, own, _ in WORKERS
        if own == unit and rater != worker
    ]
    return _rows(pairs, lambda rater, worker: true[worker] - 6 + int(rater[-1]), 5.0, seed)


def offices(seed: int = 3) -> list[list[str]]:
    true = truth()
    pairs = [(office, worker) for office in OFFICES for worker, _, _ in WORKERS]
    return _rows(pairs, lambda _, worker: true[worker], 5.0, seed)


def roster() -> str:
    return "工号,姓名,居民区,岗位\n" + "".join(
        f"{worker},{name},{UNITS[unit]},{'书记' if worker[-1] == '1' else '社工'}\n"
        for worker, unit, name in WORKERS
    )


def write(root: Path, order: str = ORDER) -> Path:
    """Write the small workspace with the track of workers; every test then spoils what it is about."""
    tiny.write(root)
    head, waves = tiny.ORDER.replace("draws: 1000", "draws: 800").split("waves:\n")
    only = waves[waves.index("  - id: '2016'") :]
    text = f"{head}notice: false\npapers: [pdf]\nwaves:\n{only}{order}"
    (root / "evaluation.yaml").write_text(text, encoding="utf-8")
    shutil.rmtree(root / "responses/2015")
    folder = root / "tracks/workers"
    for name, text in {**DOCUMENTS, "roster.csv": roster()}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    tiny.write_csv(folder / "responses/resident.csv", (*META, "评价的人", *TEXTS), residents())
    header = (*META, "评价人", "评价的人", *TEXTS)
    tiny.write_csv(folder / "responses/colleague.csv", header, colleagues())
    tiny.write_csv(folder / "responses/office.csv", header, offices())
    return root
