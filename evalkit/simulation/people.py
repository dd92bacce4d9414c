"""The people behind the answers: who they are, what they need, what they write, who they work for.

Shares are plausible and made up; none of them touches a score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from evalkit.definitions.questionnaire import Option
from evalkit.definitions.roster import Subject
from evalkit.simulation import remarks
from evalkit.simulation.naming import spoken
from evalkit.simulation.respondents import GroupAnswers, Sample, choices

OTHER_TEXT = "{item}:other"
"""Name of the column with what was written beside an option that asks for it."""
ASKS_FOR_TEXT = "请注明"

_SHARES: Mapping[str, Mapping[str, float]] = {
    "key": {"男": 36, "女": 64, "18～29岁": 2, "30～44岁": 9, "45～59岁": 27, "60～74岁": 48}
    | {"75岁及以上": 14, "不到3年": 3, "3～9年": 13, "10～19年": 31, "20年及以上": 53},
    "random": {"男": 46, "女": 54, "18～29岁": 11, "30～44岁": 25, "45～59岁": 28, "60～74岁": 27}
    | {"75岁及以上": 9, "不到3年": 12, "3～9年": 24, "10～19年": 31, "20年及以上": 33},
}
_AT_HOME_IN_COMMITTEES_HOUSING = 0.82
_RENTING = ("租住的房子", 0.08)
_PROFILE_LEFT_EMPTY = 0.03

_NEEDS = {
    "房屋漏水、墙面脱落等维修": 0.16,
    "上下楼不便，盼加装电梯": 0.13,
    "停车难": 0.22,
    "老人照料和吃饭": 0.17,
    "看病配药": 0.14,
    "孩子放学后和假期没人带": 0.08,
    "找工作": 0.05,
    "环境卫生和垃圾清运": 0.12,
    "违法搭建、群租": 0.09,
    "治安和消防": 0.07,
    "物业服务": 0.15,
    "邻里矛盾": 0.04,
}
_NEED_OTHERWISE = 0.03
_NEED_UNKNOWN = 0.16
"""Of every option of a question that none of the needs above stands in."""
_NEEDS_OF_HOUSING: Mapping[str, Mapping[str, float]] = {
    "商品房": {"停车难": 1.6, "物业服务": 1.7, "房屋漏水、墙面脱落等维修": 0.5},
    "售后公房": {"上下楼不便，盼加装电梯": 1.9, "房屋漏水、墙面脱落等维修": 1.2},
    "老公房": {"上下楼不便，盼加装电梯": 1.8, "房屋漏水、墙面脱落等维修": 1.6},
    "老式里弄": {"房屋漏水、墙面脱落等维修": 2.4, "治安和消防": 2.5, "停车难": 0.6},
}
_NOTHING = ("没有", "都不需要", "无")
"""How an option ends that says that there is nothing."""

_OTHER_NEEDS = ("宽带太贵", "宠物管理", "隔壁装修噪声", "快递没处放", "没有健身的地方")

_DEPARTMENTS = (
    "党政办公室",
    "社区党建办公室",
    "社区管理办公室",
    "社区服务办公室",
    "社区平安办公室",
    "社区自治办公室",
    "社区发展办公室",
    "社区事务受理服务中心",
    "社区文化活动中心",
    "社区党建服务中心",
    "城市网格化综合管理中心",
    "社会治安综合治理中心",
)
_BODIES: Mapping[str, tuple[str, ...]] = {
    "物业服务企业": ("物业管理公司", "物业服务公司"),
    "业主委员会": ("业主委员会",),
    "社会组织": ("社区服务社", "公益服务中心", "志愿者协会"),
    "共建单位": ("小学", "幼儿园", "门诊部", "商厦", "银行支行", "餐饮公司"),
}
_NAMES = (
    "春申",
    "和顺",
    "瑞安里",
    "晨光",
    "同济坊",
    "东方红",
    "新苗",
    "康乐",
    "百草",
    "友谊",
    "长青",
)


def frame(sample: Sample, wave: str, group: str) -> pd.DataFrame:
    """Return the answers of a rater group in one wave, complete as a person gave them.

    Returns
    -------
    DataFrame of shape (n, 3 + items)
        ``wave``, ``group``, ``subject`` (id), then one column an item in the order of the form:
        option codes, several joined by ``;``, or text; ``""`` where left empty. The subject item
        holds the subject id. Items with an "other, please specify" are followed by
        `OTHER_TEXT` with what was written there.
    """
    sheet = sample.sheets[wave, group]
    place = (sample.truth.waves.index(wave), sample.truth.groups.index(group))
    rng = np.random.Generator(np.random.PCG64([sample.seed, *place, 1]))
    scored = sheet.codes()
    committees = [sample.truth.subjects[at] for at in sheet.subject]
    n = len(committees)
    raters, kinds = _raters(sample, sheet, rng)
    columns: dict[str, Sequence[str]] = {
        "wave": [wave] * n,
        "group": [group] * n,
        "subject": [committee.id for committee in committees],
    }
    for item in sheet.questionnaire.items:
        options = choices(sheet.questionnaire, item)
        if item.id in scored:
            columns[item.id] = list(scored[item.id])
        elif item.role == "subject":
            columns[item.id] = columns["subject"]
        elif item.role == "rater":
            columns[item.id] = raters
        elif item.role == "group":
            columns[item.id] = [_group_code(options, group, kind) for kind in kinds]
        elif item.role == "screening":
            passes = next(option.code for option in options if not option.screen_out)
            columns[item.id] = [passes] * n
        elif item.role in ("cluster", "panel"):
            columns[item.id] = _places(sheet, item.role)
        elif item.kind in ("multiple", "ranking"):
            columns[item.id] = _needs(options, committees, rng)
        elif item.kind == "text":
            columns[item.id] = remarks.write(
                item, group, sheet.subject, len(sample.truth.subjects), [sample.seed], place
            )
        else:
            columns[item.id] = _profile(options, group, committees, rng)
        other = next((option.code for option in options if ASKS_FOR_TEXT in option.label), None)
        if other is not None:
            columns[OTHER_TEXT.format(item=item.id)] = [
                str(rng.choice(_OTHER_NEEDS)) if other in codes.split(";") else ""
                for codes in columns[item.id]
            ]
    return pd.DataFrame(columns)


def _places(sheet: GroupAnswers, role: str) -> list[str]:
    """Return the building, or the number, of every resident; nothing where none was simulated."""
    told, form = (sheet.building, "{}号楼") if role == "cluster" else (sheet.person, "P{:04d}")
    if told is None:
        return [""] * len(sheet.subject)
    return [
        form.format(1000 * subject * (role == "panel") + number + 1) if number >= 0 else ""
        for subject, number in zip(sheet.subject.tolist(), told.tolist(), strict=True)
    ]


def _profile(
    options: list[Option], group: str, committees: Sequence[Subject], rng: np.random.Generator
) -> list[str]:
    if not options:
        return [""] * len(committees)
    codes = [option.code for option in options]
    labels = {option.label: option.code for option in options}
    shares = _SHARES.get(group, _SHARES["random"])
    chances = np.array([shares.get(option.label, 1.0) for option in options])
    drawn = rng.choice(len(codes), size=len(committees), p=chances / chances.sum())
    lot = rng.random((len(committees), 2))
    result = []
    for committee, place, (at_home, empty) in zip(committees, drawn, lot, strict=True):
        code = codes[place]
        if committee.housing in labels:
            if at_home < _AT_HOME_IN_COMMITTEES_HOUSING:
                code = labels[committee.housing]
            elif at_home > 1.0 - _RENTING[1] and _RENTING[0] in labels:
                code = labels[_RENTING[0]]
        result.append("" if empty < _PROFILE_LEFT_EMPTY else code)
    return result


def _needs(
    options: list[Option], committees: Sequence[Subject], rng: np.random.Generator
) -> list[str]:
    lot = rng.random((len(committees), len(options)))
    nothing = [option.code for option in options if option.label.endswith(_NOTHING)]
    known = any(option.label in _NEEDS for option in options)
    chances = {
        option.label: _NEEDS.get(
            option.label,
            _NEED_OTHERWISE if known or ASKS_FOR_TEXT in option.label else _NEED_UNKNOWN,
        )
        for option in options
        if option.code not in nothing
    }
    result = []
    for committee, row in zip(committees, lot, strict=True):
        local = _NEEDS_OF_HOUSING.get(committee.housing or "", {})
        named = [
            option.code
            for option, draw in zip(options, row, strict=True)
            if draw < chances.get(option.label, 0.0) * local.get(option.label, 1.0)
        ]
        result.append(";".join(named or nothing))
    return result


def _group_code(options: list[Option], group: str, kind: str) -> str:
    own = {option.label: option.code for option in options if option.group == group}
    return own.get(kind, next(iter(own.values())))


def _raters(
    sample: Sample, sheet: GroupAnswers, rng: np.random.Generator
) -> tuple[Sequence[str], Sequence[str]]:
    """Return the name of the body behind every answer and what kind of body it is."""
    n = len(sheet.subject)
    pattern = sample.truth.patterns[sheet.group]
    if pattern == "each":
        return [""] * n, [""] * n
    if pattern in ("others", "own"):
        return [spoken(sample.truth.subjects[at]) for at in sheet.rater], [""] * n
    if pattern == "near":
        return [f"评价人{int(number) + 1:03d}" for number in sheet.rater], [""] * n
    if pattern == "all":
        return [_department(int(number)) for number in sheet.rater], [""] * n
    kinds = _partner_kinds(sheet, rng)
    named = [_partner(int(number), kinds[int(number)]) for number in sheet.rater]
    return named, [kinds[int(number)] for number in sheet.rater]


def _department(number: int) -> str:
    if number < len(_DEPARTMENTS):
        return _DEPARTMENTS[number]
    return f"第{number + 1}科室"


def _partner_kinds(sheet: GroupAnswers, rng: np.random.Generator) -> dict[int, str]:
    """Owners' committees rate one residents' committee; whoever rates more is something else."""
    numbers, rated = np.unique(sheet.rater, return_counts=True)
    kinds = list(_BODIES)
    lot = rng.random(len(numbers))
    found = {}
    for number, count, draw in zip(numbers, rated, lot, strict=True):
        possible = [kind for kind in kinds if count == 1 or kind != "业主委员会"]
        found[int(number)] = possible[int(draw * len(possible))]
    return found


def _partner(number: int, kind: str) -> str:
    forms = _BODIES[kind]
    turn, place = divmod(number, len(_NAMES))
    ordinal = f"第{turn + 1}" if turn else ""
    return f"{_NAMES[place]}{ordinal}{forms[number % len(forms)]}"
