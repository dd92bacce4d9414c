"""The smallest workspace with a hotline: its ledger, its records, and a group that speaks through it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests import tiny

LEDGER = """\
id: hotline
title: 热线工单
noun: 工单
wave_by: due
key: [order]
opened: opened
closed: closed
state: state
withdrawn: [撤单]
finished: [办结]
drop: [来电人姓名, 联系电话]
columns:
  - {code: order, headers: [工单编号], holds: code}
  - {code: handler, headers: [承办单位], holds: unit}
  - {code: opened, headers: [派单时间], holds: time}
  - {code: due, headers: [截止时间], holds: time}
  - {code: closed, headers: [办结时间], holds: time}
  - {code: state, headers: [状态], holds: option, required: false}
  - {code: resolved, headers: [是否解决], holds: option}
  - {code: satisfied, headers: [满意度], holds: option}
values:
  state: {办结: null, 处理中: null, 撤单: null}
  resolved: {已解决: 100, 未解决: 0, 未回访: null}
  satisfied: {满意: 100, 基本满意: 80, 一般: 60, 不满意: 0, 未评价: null}
exclude:
  - {column: state, values: [撤单], reason: 撤单}
clocks:
  - {code: on_time, name: 按时办结, start: opened, stop: closed, due: due}
measures:
  - {code: on_time, name: 按时办结率, how: share, clock: on_time}
  - {code: resolved, name: 解决率, how: share, column: resolved, hits: [已解决], bounds: true}
  - {code: satisfied, name: 满意度, how: score, column: satisfied, bounds: true}
"""
HEADER = (
    "工单编号", "承办单位", "派单时间", "截止时间", "办结时间", "状态", "是否解决", "满意度", "来电人姓名",
)  # fmt: skip
SCHEME = tiny.SCHEME.replace("residents_weight: 70\n", "").replace(
    "weight: 70, questionnaire: resident", "weight: 50, questionnaire: resident"
)
SCHEME = SCHEME.replace(
    "dimensions:\n",
    "  - {code: line, name: 热线, weight: 20, ledger: hotline, minimum_n: 5}\ndimensions:\n",
    1,
).replace("organisation: [o1]}", "organisation: [o1], hotline: [resolved, satisfied]}")
SCHEME = SCHEME.replace("{resident: 50, office: 50}", "{resident: 50, office: 50, line: 0}")

Row = tuple[str, ...]


def orders(year: int, per_subject: int = 20) -> list[Row]:
    """Records of a year: committees differ in how much they resolve."""
    rng = np.random.Generator(np.random.PCG64(year + 5))
    rows: list[Row] = []
    for place, name in enumerate(tiny.SUBJECTS):
        for _ in range(per_subject):
            at = len(rows)
            month, day = 1 + at % 11, 1 + at % 25
            late = rng.random() < 0.2
            rated = rng.choice(
                ["满意", "基本满意", "一般", "不满意", "未评价"], p=[0.4, 0.2, 0.1, 0.1, 0.2]
            )
            solved = "已解决" if rng.random() < 0.6 + 0.08 * place else "未解决"
            rows.append(
                (
                    f"W{year}{at:04d}",
                    name,
                    f"{year}-{month:02d}-{day:02d} 09:00:00",
                    f"{year}-{month:02d}-{day + 2:02d} 17:00:00",
                    f"{year}-{month:02d}-{day + (3 if late else 1):02d} 10:{at % 60:02d}:00",
                    "办结",
                    solved,
                    str(rated),
                    "张建国",
                )
            )
    return rows


def write(root: Path, scheme: str = SCHEME) -> Path:
    """Write the whole workspace, `tiny` with a hotline."""
    tiny.write(root)
    (root / "scheme.yaml").write_text(scheme, encoding="utf-8")
    (root / "ledgers").mkdir()
    (root / "ledgers/hotline.yaml").write_text(LEDGER, encoding="utf-8")
    order = tiny.ORDER
    for year in (2015, 2016):
        office = f"responses/{year}/office.csv, questionnaire: organisation, group: office}}\n"
        line = f"      - {{file: responses/{year}/hotline.csv, ledger: hotline}}\n"
        order = order.replace(office, office + line)
        tiny.write_csv(root / f"responses/{year}/hotline.csv", HEADER, orders(year))
    (root / "evaluation.yaml").write_text(order, encoding="utf-8")
    return root
