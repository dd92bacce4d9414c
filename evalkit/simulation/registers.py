"""Registers of a street: what is needed, what there is, what runs, where; events, funds, organisations.

Their totals are those published about Changshou Road, their rows are made up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from evalkit.definitions.roster import Subject
from evalkit.methods.coordinates import gcj02_of_wgs84
from evalkit.simulation.ledger_truth import LedgerTruth

Row = list[str]

NEEDS, PROJECTS, RUNNING, PLATFORMS, ORGANISATIONS = 9742, 689, 217, 14, 98
"""As published: needs, projects, projects that run, platforms, organisations."""
FUNDS = 86_760_000
"""As published, 867,600 yuan, in fen."""
EVENTS: Mapping[str, int] = {
    "党课宣讲": 18,
    "健康义诊": 29,
    "法律咨询": 13,
    "文艺演出": 8,
    "亲子活动": 7,
    "便民服务": 156,
}
"""231 in all, as published; what kind each was is made up."""
RESOURCES, MATCHES = 420, 560

KINDS: Mapping[str, float] = {
    "助餐养老": 0.17,
    "健康医疗": 0.12,
    "托育助学": 0.09,
    "便民代办": 0.11,
    "就业帮扶": 0.05,
    "文体活动": 0.13,
    "环境卫生": 0.11,
    "停车管理": 0.10,
    "平安消防": 0.07,
    "纠纷调解": 0.05,
}
"""Kinds of needs and of what meets them, with the shares of needs."""
_OF_HOUSING: Mapping[str, Mapping[str, float]] = {
    "商品房": {"停车管理": 1.7, "托育助学": 1.5},
    "老公房": {"助餐养老": 1.5},
    "老式里弄": {"平安消防": 2.2, "环境卫生": 1.5, "停车管理": 0.5},
}
WORDS: Mapping[str, tuple[str, ...]] = {
    "助餐养老": ("社区食堂送餐到家", "独居老人结对", "助浴护理"),
    "健康医疗": ("家门口的健康小屋", "慢病自我管理", "代配药跑腿"),
    "托育助学": ("放学后看护班", "暑期夏令营", "亲子阅读角"),
    "便民代办": ("证照代办", "磨刀修伞进小区", "夜间接待"),
    "就业帮扶": ("技能培训", "家门口招聘"),
    "文体活动": ("合唱与书画沙龙", "广场舞公约", "楼道读书会"),
    "环境卫生": ("楼道清理", "垃圾分类督导", "绿化认养"),
    "停车管理": ("潮汐停车", "停车自管会", "非机动车充电棚"),
    "平安消防": ("楼道消防巡查", "电线整治", "夜间巡逻队"),
    "纠纷调解": ("老娘舅工作室", "律师进小区"),
}
_SITES: Mapping[str, int] = {"服务平台": PLATFORMS, "助餐点": 9, "活动室": 52, "健康小屋": 24}

NEED = ("需求编号", "居民区", "需求类别", "办理状态", "登记时间", "提出人", "联系电话")
RESOURCE = ("资源编号", "居民区", "资源类别", "可服务人次", "联系人")
PROJECT = (
    "项目编号", "项目名称", "居民区", "项目类别", "项目状态", "需求编号", "资源编号", "开始时间",
    "结束时间", "负责人",
)  # fmt: skip
MATCH = ("需求编号", "资源编号", "居民区", "对接状态")
SITE = ("站点编号", "居民区", "类别", "经度", "纬度", "地址")
EVENT = ("活动编号", "居民区", "活动类别", "活动时间", "参加人数", "负责人")
FUND = ("支出编号", "居民区", "用途", "支出时间", "金额（元）", "经办人")
ORGANISATION = ("登记号", "居民区", "类别", "人数", "负责人")
_SOMEBODY = "某某"


class Lists:
    """The lists of needs, resources, projects and matches, which point to one another."""

    def __init__(
        self, subjects: Sequence[Subject], truth: LedgerTruth, year: int, seed: int
    ) -> None:
        self._subjects, self._year = subjects, year
        self._rng = np.random.Generator(np.random.PCG64([seed, 4]))
        people = np.array([subject.population or 0 for subject in subjects], dtype=np.float64)
        self._people = people / people.sum()
        self._ready = self._people * truth.reporting / (self._people * truth.reporting).sum()
        self._kinds = list(KINDS)
        self.needs = self._needs()
        self.resources = self._resources()
        self.projects = self._projects()
        self.matches = self._matches()

    def _needs(self) -> list[Row]:
        rng, places = self._rng, self._drawn(self._ready, NEEDS)
        states = rng.choice(
            ["未对接", "对接中", "已对接", "已完成"], size=NEEDS, p=[0.2, 0.14, 0.25, 0.41]
        )
        days = rng.integers(1, 340, size=NEEDS)
        lots = rng.random(NEEDS)
        chances = [np.cumsum(self._shares(subject)) for subject in self._subjects]
        first = dt.date(self._year, 1, 1)
        return [
            [
                f"XQ{number:05d}",
                self._subjects[place].name,
                self._kinds[min(int(np.searchsorted(chances[place], lot)), len(self._kinds) - 1)],
                str(state),
                str(first + dt.timedelta(days=int(day))),
                _SOMEBODY,
                "139****0000",
            ]
            for number, (place, lot, state, day) in enumerate(
                zip(places, lots, states, days, strict=True), start=1
            )
        ]

    def _resources(self) -> list[Row]:
        rng, places = self._rng, self._drawn(self._people, RESOURCES)
        kinds = rng.choice(self._kinds, size=RESOURCES, p=list(KINDS.values()))
        sizes = rng.integers(8, 60, size=RESOURCES)
        return [
            [f"ZY{number:04d}", self._subjects[place].name, str(kind), str(size), _SOMEBODY]
            for number, (place, kind, size) in enumerate(
                zip(places, kinds, sizes, strict=True), start=1
            )
        ]

    def _projects(self) -> list[Row]:
        """Projects answer a need of their committee with a resource of the need's kind."""
        rng, places = self._rng, self._drawn(self._people, PROJECTS)
        needs = _by(self.needs, 1)
        resources = _by(self.resources, 2)
        states = ["实施中"] * RUNNING + list(
            rng.choice(["未启动", "已完成", "已终止"], size=PROJECTS - RUNNING, p=[0.3, 0.6, 0.1])
        )
        order = rng.permutation(PROJECTS)
        found = []
        for number, place in enumerate(places, start=1):
            name = self._subjects[place].name
            need = needs[name][int(rng.integers(len(needs[name])))]
            kind, state = need[2], str(states[int(order[number - 1])])
            resource = resources[kind][int(rng.integers(len(resources[kind])))]
            words = WORDS[kind]
            begun = dt.date(self._year, 1, 4) + dt.timedelta(days=int(rng.integers(0, 200)))
            ended = begun + dt.timedelta(days=int(rng.integers(30, 120)))
            found.append(
                [
                    f"XM{number:04d}",
                    words[int(rng.integers(len(words)))],
                    name,
                    kind,
                    state,
                    need[0],
                    resource[0],
                    "" if state == "未启动" else str(begun),
                    str(ended) if state in ("已完成", "已终止") else "",
                    _SOMEBODY,
                ]
            )
        return found

    def _matches(self) -> list[Row]:
        rng = self._rng
        met = [need for need in self.needs if need[3] in ("已对接", "已完成")]
        resources = _by(self.resources, 2)
        room = {row[0]: int(row[3]) for row in self.resources}
        found: list[Row] = []
        for at in rng.permutation(len(met)):
            need = met[int(at)]
            offered = [row for row in resources[need[2]] if room[row[0]] > 0]
            if not offered:
                continue
            own = next((row for row in offered if row[1] == need[1]), offered[0])
            room[own[0]] -= 1
            state = str(
                rng.choice(["意向", "已签约", "已落实", "已取消"], p=[0.1, 0.2, 0.65, 0.05])
            )
            found.append([need[0], own[0], need[1], state])
            if len(found) == MATCHES:
                break
        return sorted(found)

    def _shares(self, subject: Subject) -> np.ndarray:
        local = _OF_HOUSING.get(subject.housing or "", {})
        shares = np.array([share * local.get(kind, 1.0) for kind, share in KINDS.items()])
        return np.asarray(shares / shares.sum())

    def _drawn(self, shares: np.ndarray, count: int) -> list[int]:
        """Return so many committees in roster order, every one at least once."""
        k = len(self._subjects)
        drawn = self._rng.choice(k, size=count - k, p=shares)
        return sorted([*range(k), *(int(place) for place in drawn)])


def _by(rows: Sequence[Row], column: int) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row[column], []).append(row)
    return found


def sites(subjects: Sequence[Subject], boundaries: Mapping[str, Any], seed: int) -> list[Row]:
    """Return sites within their committees, in degrees as Chinese maps show them."""
    rng = np.random.Generator(np.random.PCG64([seed, 5]))
    rings = {
        str(feature["properties"]["id"]): np.array(feature["geometry"]["coordinates"][0])[:-1]
        for feature in boundaries["features"]
    }
    found: list[Row] = []
    for kind, count in _SITES.items():
        for place in sorted(int(p) for p in rng.permutation(np.arange(count) % len(subjects))):
            ring = rings[subjects[place].id]
            weights = rng.dirichlet(np.full(len(ring), 1.2))
            lon, lat = gcj02_of_wgs84((weights @ ring)[None, :])[0]
            number = f"ZD{len(found) + 1:03d}"
            found.append([number, subjects[place].name, kind, f"{lon:.6f}", f"{lat:.6f}", "（略）"])
    return found


def events(subjects: Sequence[Subject], year: int, seed: int) -> list[Row]:
    """Return the year's events, as many of every kind as published."""
    rng = np.random.Generator(np.random.PCG64([seed, 6]))
    found = []
    for kind, count in EVENTS.items():
        for _ in range(count):
            day = dt.date(year, 1, 4) + dt.timedelta(days=int(rng.integers(0, 340)))
            place = int(rng.integers(len(subjects)))
            people = str(int(rng.integers(12, 160)))
            found.append([str(day), subjects[place].name, kind, people])
    found.sort(key=lambda row: row[0])
    return [
        [f"HD{number:03d}", name, kind, day, people, _SOMEBODY]
        for number, (day, name, kind, people) in enumerate(found, start=1)
    ]


def funds(subjects: Sequence[Subject], year: int, seed: int) -> list[Row]:
    """Return what was spent, in yuan with two decimals, adding up to what was published."""
    rng = np.random.Generator(np.random.PCG64([seed, 7]))
    count = 8 * len(subjects)
    shares = rng.dirichlet(np.full(count, 2.0))
    fen = np.floor(FUNDS * shares).astype(np.int64)
    fen[-1] += FUNDS - int(fen.sum())
    uses = rng.choice(["项目经费", "活动经费", "场地维护", "宣传"], size=count)
    days = np.sort(rng.integers(0, 340, size=count))
    return [
        [
            f"ZC{at + 1:03d}",
            subjects[at % len(subjects)].name,
            str(uses[at]),
            str(dt.date(year, 1, 4) + dt.timedelta(days=int(days[at]))),
            f"{fen[at] // 100}.{fen[at] % 100:02d}",
            _SOMEBODY,
        ]
        for at in range(count)
    ]


def organisations(subjects: Sequence[Subject], seed: int) -> list[Row]:
    """Return the register of organisations."""
    rng = np.random.Generator(np.random.PCG64([seed, 8]))
    kinds = rng.choice(["公益慈善", "文体", "为老服务", "志愿服务"], size=ORGANISATIONS)
    people = rng.integers(5, 80, size=ORGANISATIONS)
    places = sorted(int(place) for place in rng.integers(len(subjects), size=ORGANISATIONS))
    return [
        [f"SZ{at + 1:03d}", subjects[place].name, str(kind), str(n), _SOMEBODY]
        for at, (place, kind, n) in enumerate(zip(places, kinds, people, strict=True))
    ]
