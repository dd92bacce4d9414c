"""The smallest workspace with lists: needs, resources, projects and sites of four committees, all context."""

from __future__ import annotations

from pathlib import Path

from tests import tiny

NEEDS = {"甲": (("助餐", 12), ("停车", 9)), "乙": (("助餐", 2), ("停车", 20), ("文体", 8)),
         "丙": (("助餐", 7), ("停车", 6), ("文体", 30)), "丁": (("助餐", 11), ("停车", 15), ("文体", 9))}  # fmt: skip
"""How many needs of which kind every committee has."""
STATES = ("未对接", "已对接")
ACTIONS = """\
id: actions
title: 措施
actions:
  - {indicator: A1, what: 延长接待时间, who: 主任, days: 30, shown_by: 得分}
  - {indicator: A2, what: 增加走访, who: 书记, days: 30, shown_by: 得分}
  - {indicator: B1, what: 清理楼道, who: 社工, days: 30, shown_by: 得分}
matters:
  - {kind: 助餐, indicators: [A1]}
  - {kind: 停车, indicators: [B1]}
"""
SITES = """\
id: sites
title: 站点
noun: 站点
key: [site]
minimum_n: 2
columns:
  - {code: site, headers: [编号], holds: code}
  - {code: unit, headers: [居民区], holds: unit}
  - {code: kind, headers: [类别], holds: option}
  - {code: lon, headers: [经度], holds: number}
  - {code: lat, headers: [纬度], holds: number}
values: {kind: {助餐点: null, 活动室: null}}
measures:
  - {code: near, name: 覆盖率, how: coverage, where: kind, among: [助餐点], longitude: lon, latitude: lat,
     system: wgs84, radius: 500, scored: false}
"""
PROJECTS = (
    ("P1", "送餐到家", "甲", "助餐", "实施中", "N0", "R1", "2016-12-31"),
    ("P2", "错时停车", "乙", "停车", "实施中", "", "", "2016-06-30"),
    ("P3", "王阿姨", "丙", "助餐", "实施中", "N3", "R1", ""),
    ("P4", "送餐 到家", "甲", "助餐", "已完成", "N1", "", "2016-03-01"),
)
PLACES = (
    ("Z1", "甲", "助餐点", 123.2010, 30.6010),
    ("Z2", "甲", "助餐点", 123.2010, 30.6010),
    ("Z3", "乙", "活动室", 123.2150, 30.6050),
)


def write(root: Path) -> Path:
    """Write `tiny` with lists, an own library of actions, and squares as boundaries."""
    tiny.write(root)
    (root / "ledgers").mkdir()
    (root / "ledgers/sites.yaml").write_text(SITES, encoding="utf-8")
    (root / "actions.yaml").write_text(ACTIONS, encoding="utf-8")
    unit = {name[0]: name for name in tiny.SUBJECTS}
    needs: list[tuple[str, ...]] = []
    for short, kinds in NEEDS.items():
        for kind, n in kinds:
            needs += [(f"N{len(needs) + at}", unit[short], kind, STATES[at % 2]) for at in range(n)]
    tables = {
        "needs": (("需求编号", "居民区", "需求类别", "办理状态"), needs),
        "resources": (
            ("资源编号", "居民区", "资源类别", "可服务人次"),
            [("R1", unit["甲"], "助餐", "40"), ("R2", unit["丁"], "停车", "30")],
        ),
        "projects": (
            (
                "项目编号",
                "项目名称",
                "居民区",
                "项目类别",
                "项目状态",
                "需求编号",
                "资源编号",
                "结束时间",
            ),
            [(a, b, unit[c], *rest) for a, b, c, *rest in PROJECTS],
        ),
        "sites": (
            ("编号", "居民区", "类别", "经度", "纬度"),
            [(a, unit[b], c, str(d), str(e)) for a, b, c, d, e in PLACES],
        ),
    }
    files = ""
    for name, (header, rows) in tables.items():
        tiny.write_csv(root / f"responses/2016/{name}.csv", header, rows)
        files += f"      - {{file: responses/2016/{name}.csv, ledger: {name}}}\n"
    (root / "evaluation.yaml").write_text(tiny.ORDER + files, encoding="utf-8")
    (root / "boundaries.geojson").write_text(squares(), encoding="utf-8")
    return root


def squares() -> str:
    """Four squares in a row, 0.01 degrees wide."""
    features = []
    for at in range(len(tiny.SUBJECTS)):
        west, east = 123.2 + 0.01 * at, 123.2 + 0.01 * (at + 1)
        ring = f"[[{west:.2f},30.6],[{east:.2f},30.6],[{east:.2f},30.61],[{west:.2f},30.61],[{west:.2f},30.6]]"
        features.append(
            f'{{"type":"Feature","properties":{{"id":"s{at + 1}"}},'
            f'"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}'
        )
    return f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}'
