"""A workspace of fifteen committees with everything that pages can tell: two waves, two groups of
residents and one of departments, zones, housing, needs, open answers, themes and actions.

One committee lacks the departments, one is new, one has too few departments to be told, one too
few random residents, one has answers that were given too fast.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.tiny import write_csv

COMMITTEES = {
    "s01": ("春晖苑", "东片", "商品房"),
    "s02": ("松涛里", "东片", "商品房"),
    "s03": ("竹韵坊", "东片", "售后公房"),
    "s04": ("梅岭", "东片", "售后公房"),
    "s05": ("兰溪", "东片", "商品房"),
    "s06": ("荷塘月", "西片", "商品房"),
    "s07": ("桂花弄", "西片", "售后公房"),
    "s08": ("柳岸", "西片", "售后公房"),
    "s09": ("杏林村", "西片", "售后公房"),
    "s10": ("枫桥", "西片", "商品房"),
    "s11": ("榆钱巷", "南片", "售后公房"),
    "s12": ("槐荫道", "南片", "商品房"),
    "s13": ("桐城路", "南片", "里弄"),
    "s14": ("棠梨湾", "南片", "里弄"),
    "s15": ("榕江", "南片", "售后公房"),
}
NEW, WITHOUT_OFFICES, FEW_OFFICES, FEW_RANDOM, HURRIED = "s14", "s15", "s08", "s12", "s05"

LABELS = ("非常满意", "满意", "基本满意", "不满意", "非常不满意", "不了解")
AGES = ("18–39 岁", "40–64 岁", "65 岁及以上")
NEEDS = ("停车位", "加装电梯", "老年食堂", "充电桩", "其他", "目前没有")
REMARKS = ("停车难，晚上没有车位", "早日装上电梯", "楼道堆物，要打扫", "都挺好")
OFFICES = ("党建办", "服务办", "管理办", "平安办", "自治办", "发展办")

SCHEME = """\
id: town
title: 小镇方案
published: [居民评价占七成。]
assumptions: [权重为测试自定, 分数线为测试自定]
residents_weight: 70
groups:
  - {code: key, name: 重点居民, weight: 40, questionnaire: resident, residents: true, minimum_n: 10}
  - {code: random, name: 随机居民, weight: 30, questionnaire: resident, residents: true, minimum_n: 10}
  - {code: office, name: 科室, weight: 30, questionnaire: organisation, raters: rater, minimum_n: 3}
dimensions:
  - code: A
    name: 服务
    weight: 30
    indicators:
      - {code: A1, name: 办事, weight: 18, items: {resident: [r1, r2], organisation: [o1]}}
      - {code: A2, name: 走访, weight: 12, items: {resident: [r3]}}
  - code: B
    name: 环境
    weight: 40
    indicators:
      - {code: B1, name: 卫生, weight: 16, items: {resident: [r4], organisation: [o2]}}
      - {code: B2, name: 绿化, weight: 10, items: {resident: [r5], organisation: [o3]}}
      - {code: B3, name: 平安, weight: 14, items: {resident: [r6]}}
  - code: C
    name: 自治
    weight: 30
    indicators:
      - {code: C1, name: 公开, weight: 19, items: {resident: [r7], organisation: [o4]}}
      - {code: C2, name: 协商, weight: 11, items: {resident: [r8]}}
grades:
  - {name: 优秀, cutoff: 85, good: true}
  - {name: 良好, cutoff: 75, good: true, basis: published}
  - {name: 合格, cutoff: 60}
  - {name: 待改进, cutoff: 0}
alternatives:
  - {id: even, name: 三家各三分之一, group_weights: {key: 34, random: 33, office: 33}}
  - {id: chance, name: 只听随机居民, group_weights: {key: 0, random: 70, office: 30}}
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
ITEMS = {
    "r1": "办事方便", "r2": "办事耐心", "r3": "经常走访", "r4": "楼道整洁",
    "r5": "绿化养护", "r6": "夜里安全", "r7": "账目公开", "r8": "有事商量",
}  # fmt: skip
PART = {"r1": 0, "r2": 0, "r3": 1, "r4": 2, "r5": 3, "r6": 4, "r7": 5, "r8": 6}
OFFICE_ITEMS = {"o1": "窗口规范", "o2": "环境整洁", "o3": "绿地完好", "o4": "公示及时"}
OFFICE_PART = {"o1": 0, "o2": 2, "o3": 3, "o4": 5}
RESIDENT = (
    f"id: resident\ntitle: 居民问卷\nassumptions: [题目为测试自拟]\n{_SCALE}items:\n"
    "  - {id: live, text: 是否住满半年, role: screening, options: "
    "[{code: 1, label: 是}, {code: 2, label: 否, screen_out: true}]}\n"
    "  - {id: where, text: 所在居民区, role: subject}\n"
    + "".join(f"  - {{id: {i}, text: {text}, scale: satisfaction}}\n" for i, text in ITEMS.items())
    + "  - {id: overall, text: 总体满意, role: overall, scale: satisfaction}\n"
    "  - {id: want, text: 急难愁盼, kind: multiple, role: need, options: ["
    + ", ".join(f"{{code: {n}, label: {label}}}" for n, label in enumerate(NEEDS, start=1))
    + "]}\n  - {id: say, text: 您的建议, kind: text, role: open}\n"
    + "  - {id: age, text: 您的年龄, role: profile, options: ["
    + ", ".join(f"{{code: {n}, label: {label}}}" for n, label in enumerate(AGES, start=1))
    + "]}\n"
)
ORGANISATION = (
    f"id: organisation\ntitle: 科室问卷\n{_SCALE}items:\n"
    "  - {id: who, text: 科室名称, kind: text, role: rater}\n"
    "  - {id: where, text: 评价的居民区, role: subject}\n"
    + "".join(
        f"  - {{id: {i}, text: {text}, scale: satisfaction}}\n" for i, text in OFFICE_ITEMS.items()
    )
)
THEMES = """\
id: remarks
title: 主题词表
assumptions: [主题词为测试自拟]
themes:
  - {code: parking, name: 停车, words: [停车, 车位]}
  - {code: lift, name: 电梯, words: [电梯]}
  - {code: clean, name: 保洁, words: [打扫, 堆物]}
"""
ACTIONS = """\
id: deeds
title: 措施库
assumptions: [措施为测试自拟]
actions:
  - {indicator: A1, what: 窗口延时到晚上七点, who: 服务专干, days: 30, shown_by: 办事方便的得分}
  - {indicator: A1, what: 办事指南上墙, who: 文书, days: 15, shown_by: 办事耐心的得分}
  - {indicator: A2, what: 每户每季走访一次, who: 片长, days: 90, shown_by: 经常走访的得分}
  - {indicator: B1, what: 楼道清堆物, who: 环境专干, days: 45, shown_by: 楼道整洁的得分}
  - {indicator: B1, what: 每周抽查保洁, who: 物业经理, days: 60, shown_by: 抽查记录}
  - {indicator: B1, what: 居民评保洁, who: 楼组长, days: 75, shown_by: 评议记录}
  - {indicator: B3, what: 补装楼道灯, who: 平安专干, days: 20, shown_by: 夜里安全的得分}
  - {indicator: C1, what: 每月公示账目, who: 书记, days: 10, shown_by: 账目公开的得分}
  - {indicator: C2, what: 每月一次议事会, who: 主任, days: 40, shown_by: 有事商量的得分}
street:
  - {need: 加装电梯, what: 每个门栋派一名代办员, who: 房管办, days: 100, shown_by: 勾选电梯的比例}
  - {need: 停车位, what: 与商场商定夜间错时停车, who: 管理办, days: 60, shown_by: 勾选停车的比例}
  - {need: 充电桩, what: 每个小区选址一处, who: 发展办, days: 80, shown_by: 勾选充电桩的比例}
"""
ORDER = (
    "title: 小镇评估\nstreet: 测试街道\nsynthetic: true\nscheme: scheme.yaml\n"
    "waves:\n"
    + "".join(
        f"  - id: '{year}'\n    start: {year}-03-01\n    end: {year}-11-30\n"
        f"    issued: {{key: {key}, random: {rand}, office: 90}}\n    files:\n"
        f"      - {{file: responses/{year}/key.csv, questionnaire: resident, group: key}}\n"
        f"      - {{file: responses/{year}/random.csv, questionnaire: resident, group: random}}\n"
        f"      - {{file: responses/{year}/office.csv, questionnaire: organisation, group: office}}\n"
        for year, key, rand in ((2015, 700, 500), (2016, 820, 637))
    )
)
ROSTER = "id,name,aliases,zone,housing,since\n" + "".join(
    f"{i},{name},,{zone},{housing},{'2016' if i == NEW else ''}\n"
    for i, (name, zone, housing) in COMMITTEES.items()
)
HEADER = (
    "序号", "提交答卷时间", "所用时间", "来自IP", "是否住满半年", "所在居民区",
    *ITEMS.values(), "总体满意", "急难愁盼", "您的建议", "您的年龄",
)  # fmt: skip
OFFICE_HEADER = (
    "序号", "提交答卷时间", "所用时间", "来自IP", "科室名称", "评价的居民区", *OFFICE_ITEMS.values(),
)  # fmt: skip


def _quality(year: int) -> np.ndarray:
    """What committees are like, in standard units: (committee, indicator)."""
    rng = np.random.Generator(np.random.PCG64(7))
    level = np.linspace(-0.75, 0.75, len(COMMITTEES))
    rng.shuffle(level)
    quality = level[:, None] + 0.45 * rng.standard_normal((len(COMMITTEES), 7))
    if year == 2015:
        quality = quality - 0.15 + 0.1 * rng.standard_normal(quality.shape)
        quality[2] -= 1.1
        quality[9] += 1.0
    return quality


def _answer(rng: np.random.Generator, centre: float) -> str:
    if rng.random() < 0.02:
        return LABELS[5]
    thresholds = (0.3, -0.7, -1.4, -2.1)
    latent = centre + 0.8 * rng.standard_normal()
    return LABELS[next((at for at, t in enumerate(thresholds) if latent > t), 4)]


def residents(year: int, group: str) -> list[list[str]]:
    """Rows of one group of residents; the hurried copies and the screened out at the end."""
    rng = np.random.Generator(np.random.PCG64(year * 10 + (group == "key")))
    quality, rows = _quality(year), list[list[str]]()

    def row(
        name: str, seconds: int, given: list[str], want: str, said: str, age: str = AGES[1]
    ) -> list[str]:
        number = len(rows) + 1
        minutes = 7 * number
        stamp = f"{year}/{4 + minutes // 1440 % 6}/{1 + number % 28} {8 + number % 12}:{number % 60:02d}:{number % 59:02d}"
        ip = f"10.{1 if group == 'key' else 2}.{number // 250}.{number % 250}(上海-上海)"
        return [str(number), stamp, f"{seconds}秒", ip, "是", name, *given, want, said, age]

    for at, (subject, (name, _, _)) in enumerate(COMMITTEES.items()):
        if subject == NEW and year == 2015:
            continue
        n = {"key": 30 + at, "random": 36 - at}[group]
        n = 8 if (subject, group) == (FEW_RANDOM, "random") else n
        for _ in range(n):
            mood = 0.7 * rng.standard_normal() + (0.35 if group == "key" else 0.0)
            parts = [quality[at, PART[i]] for i in ITEMS]
            given = [_answer(rng, p + mood) for p in parts]
            overall = _answer(rng, float(np.dot(parts, (4, 1, 1, 2, 1, 1, 3, 1))) / 14 + 1.2 * mood)
            wants = [
                need
                for need, p in zip(NEEDS[:4], (0.3 + 0.05 * (at % 7), 0.4, 0.2, 0.08), strict=True)
                if rng.random() < p
            ] + (["其他"] if rng.random() < 0.05 else [])
            said = REMARKS[int(rng.integers(4))] if rng.random() < 0.75 else "(空)"
            want = "┋".join(wants) or "目前没有"
            cheer = mood + (0.6 if len(rows) % 2 else -0.6)
            age = AGES[int(cheer > -0.4) + int(cheer > 0.4)]
            rows.append(row(name, int(rng.integers(150, 500)), [*given, overall], want, said, age))
        if subject == HURRIED and group == "key" and year == 2016:
            rows += [row(name, 9, [LABELS[0]] * 9, "目前没有", "(空)") for _ in range(1)]
            for k in range(11):
                rows.append(row(name, 9 + k % 3, [LABELS[0]] * 9, "目前没有", "(空)"))
    if group == "random" and year == 2016:
        rows.append(
            ["否" if v == "是" else v for v in row("梅岭", 200, [LABELS[1]] * 9, "停车位", "(空)")]
        )
        rows.append(list(rows[3]))
    return rows


def offices(year: int) -> list[list[str]]:
    """Rows of the departments; nobody rates `WITHOUT_OFFICES`, two rate `FEW_OFFICES`."""
    rng = np.random.Generator(np.random.PCG64(year + 1))
    quality, rows = _quality(year), list[list[str]]()
    for place, office in enumerate(OFFICES):
        mood = 0.4 * rng.standard_normal()
        for at, (subject, (name, _, _)) in enumerate(COMMITTEES.items()):
            absent = subject == WITHOUT_OFFICES and year == 2016
            absent |= subject == FEW_OFFICES and place > 1
            if absent or (subject == NEW and year == 2015):
                continue
            number = len(rows) + 1
            given = [_answer(rng, 0.5 + mood + quality[at, OFFICE_PART[i]]) for i in OFFICE_ITEMS]
            stamp = f"{year}/7/{1 + number % 28} 9:{number // 60:02d}:{number % 60:02d}"
            rows.append([str(number), stamp, "90秒", "10.9.0.1(上海-上海)", office, name, *given])
    return rows


AGES_OF = {
    "东片": ("0.30", "0.45", "0.25"), "西片": ("0.22", "0.43", "0.35"), "南片": ("0.15", "0.40", "0.45"),
}  # fmt: skip
"""What is known of the ages of who lives in a zone's committees, but of one of them."""
UNKNOWN_AGES = "s10"
MARGINS = "group,subject,item,option,share\n" + "".join(
    f"random,{name},age,{label},{share}\n"
    for subject, (name, zone, _) in COMMITTEES.items()
    if subject != UNKNOWN_AGES
    for label, share in zip(AGES, AGES_OF[zone], strict=True)
)


def write(root: Path) -> Path:
    """Write the whole workspace."""
    texts = {
        "scheme.yaml": SCHEME,
        "questionnaires/resident.yaml": RESIDENT,
        "questionnaires/organisation.yaml": ORGANISATION,
        "themes.yaml": THEMES,
        "actions.yaml": ACTIONS,
        "evaluation.yaml": ORDER,
        "roster.csv": ROSTER,
        "margins.csv": MARGINS,
    }
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for year in (2015, 2016):
        for group in ("key", "random"):
            write_csv(root / f"responses/{year}/{group}.csv", HEADER, residents(year, group))
        write_csv(root / f"responses/{year}/office.csv", OFFICE_HEADER, offices(year))
    return root
