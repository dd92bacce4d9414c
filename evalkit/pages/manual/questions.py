"""The manual's sections on the questionnaires themselves and on how answers become files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from evalkit.definitions.decided import Decided
from evalkit.definitions.evaluation import ResponseFile
from evalkit.definitions.questionnaire import Item, Option, Questionnaire, Role
from evalkit.definitions.text import COMMITTEE_SUFFIXES
from evalkit.definitions.units import Units
from evalkit.definitions.words import WORDS
from evalkit.pages.manual import fieldwork
from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section
from evalkit.tables import State

REPEATED = 3
"""Items that may repeat the options of a scale before it is told once, at the top."""

PURPOSES: dict[Role, str] = {
    "overall": "只用来检验综合得分是否反映总体感受，不计入得分",
    "screening": "决定这份答卷是否计入",
    "group": "说明填写人属于哪一类评价主体",
    "rater": "说明谁在评；导入时换成流水号，把同一评价者的几份问卷连起来",
    "mode": "说明是怎样填的（纸质、网上、电话、面访）；用来比较填答方式，不计分",
    "panel": "填表人自己的编号，两次都用同一个；导入时换成认不出人的标识，只用来算变化的误差，不保存",
    "cluster": "说明答卷出自哪个楼组（户、访问员）；导入时换成流水号，只用来算误差",
    "subject": "说明评的是哪一个，导入时换成名册中的代码",
    "need": "汇总最集中的需求，只报合计",
    "profile": "了解受访者的构成，用于检查样本、加权和结构调整，不计入得分",
    "open": "归纳意见的主题，从不逐字引用",
}
"""Why items are asked that do not score."""

STATES: dict[State, tuple[str, str]] = {
    State.ANSWERED: ("有效", "选了一个有分值的选项；只有这一种计分"),
    State.DONT_KNOW: ("不了解", "选了“不了解”一类的选项"),
    State.NOT_APPLICABLE: ("不适用", "选了“没有办过”一类的选项"),
    State.REFUSED: ("拒答", "选了“不愿回答”一类的选项"),
    State.SKIPPED: ("跳过", "平台导出为“(跳过)”，按序号、按分数导出时为 -3"),
    State.EMPTY: ("空白", "没有填；平台导出为“(空)”，按序号、按分数导出时为 -2"),
    State.NOT_ASKED: ("没有问", "文件里没有这一题的列"),
    State.INVALID: ("无效", "对照表注明这个取值不算答案"),
}
"""What a cell of an answer sheet may be: its name, and what makes it so."""


# --- questionnaires -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Questionnaires(Section):
    """Every questionnaire in full."""

    template = "manual/questionnaires.html.j2"
    forms: Sequence[Mapping[str, object]]


def questionnaires(decided: Decided) -> Questionnaires:
    """Plan every questionnaire in full: items, options and scores, and where each item counts."""
    forms = fieldwork.forms(decided)
    scored = say.joined(f"《{q.title}》{len(q.of_role('scored'))} 道" for q in forms)
    return Questionnaires(
        title="问卷：每道题、每个选项、每个分值",
        takeaway=f"计分题：{scored}；分值逐项写明，与选项的先后无关。",
        forms=[_form(decided, form) for form in forms],
    )


def _form(decided: Decided, form: Questionnaire) -> dict[str, Any]:
    groups = [g.name for g in decided.scheme.groups if g.questionnaire == form.id]
    named = _named_scales(form)
    return {
        "title": form.title,
        "groups": say.joined(groups),
        "introduction": form.introduction,
        "scales": [
            {"name": name, "options": "；".join(_option(decided, option) for option in options)}
            for name, options in form.scales.items()
            if name in named
        ],
        "rows": list(_rows(decided, form)),
        "purposes": [
            {
                "role": WORDS["role"][role],
                "asked": say.joined(_called(item) for item in form.of_role(role)),
                "purpose": purpose,
            }
            for role, purpose in PURPOSES.items()
            if form.of_role(role)
        ],
    }


def _rows(decided: Decided, form: Questionnaire) -> Iterator[dict[str, Any]]:
    for stem, run in groupby(form.items, key=lambda item: item.stem or ""):
        items = list(run)
        told = {_answers(decided, form, item) for item in items}
        common = told.pop() if stem and len(told) == 1 else ()
        if stem:
            yield {
                "kind": "stem",
                "number": _number(items[0]),
                "text": stem,
                "options": common,
                "counts": "",
            }
        for item in items:
            yield {
                "kind": "part" if stem else "item",
                "number": item.id if stem or item.number is None else _number(item),
                "text": item.text,
                "options": () if common else _answers(decided, form, item),
                "counts": _counts(decided, form, item),
            }


def _named_scales(form: Questionnaire) -> set[str]:
    """Return the scales that so many single items use that their options are told only once."""
    uses = Counter(i.scale for i in form.items if i.scale and i.stem is None and not i.options)
    return {scale for scale, count in uses.items() if scale and count > REPEATED}


def _number(item: Item) -> str:
    return item.id if item.number is None else str(item.number)


def _called(item: Item) -> str:
    return item.id if item.number is None else f"第 {item.number} 题"


def _answers(decided: Decided, form: Questionnaire, item: Item) -> tuple[str, ...]:
    """Say how an item is answered: its scale's name, or its options."""
    prefix = "" if item.kind == "single" else f"{WORDS['kind'][item.kind]}　"
    if item.kind == "number" and item.minimum is not None and item.maximum is not None:
        scored = "，按比例折成 0 至 100 分" if item.role in ("scored", "overall") else ""
        return (f"{prefix}{item.minimum:g} 至 {item.maximum:g}{scored}",)
    if item.stem is None and not item.options and item.scale in _named_scales(form):
        return (f"{prefix}量表 {item.scale}",)
    options = form.options_of(item)
    if not options:
        return (prefix.strip() or ("选名册中的名称" if item.role == "subject" else say.MISSING),)
    first, *rest = (_option(decided, option) for option in options)
    return (prefix + first, *rest)


def _option(decided: Decided, option: Option) -> str:
    if option.score is not None:
        return f"{option.label}{say.SPACE}{option.score:g}"
    if option.screen_out:
        return f"{option.label}（答卷不计入）"
    if option.missing is not None:
        return f"{option.label}（不计分）"
    if option.group is not None:
        name = next((g.name for g in decided.scheme.groups if g.code == option.group), "")
        return option.label if name in ("", option.label) else f"{option.label}（归{name}）"
    return option.label


def _counts(decided: Decided, form: Questionnaire, item: Item) -> str:
    """Say which indicator an item counts for, or that it does not score."""
    for indicator in decided.scheme.indicators:
        if item.id in indicator.items.get(form.id, []):
            return f"{indicator.code}{say.SPACE}{indicator.name}"
    return WORDS["role"][item.role] if item.role != "scored" else "未归入指标"


# --- entry ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Section):
    """From answers to files, and from files to what counts."""

    template = "manual/entry.html.j2"
    wave: str
    wave_id: str
    files: Sequence[Mapping[str, str]]
    source: str
    roster: str
    subjects: int
    around: str
    finer: str
    suffixes: str
    alias: Mapping[str, str] | None
    states: Sequence[Mapping[str, str]]


def _listed(decided: Decided, file: ResponseFile) -> dict[str, str]:
    """Return one file of the order: what it is of, and whose view it is."""
    if file.ledger is not None:
        spoken = [group.name for group in decided.scheme.groups if group.ledger == file.ledger]
        title = f"台账《{decided.ledgers[file.ledger].title}》"
        group = "、".join(spoken) or "不计分，只作参考"
    else:
        title = decided.questionnaires[file.source].title
        names = {group.code: group.name for group in decided.scheme.groups}
        group = names[file.group] if file.group else "由问卷中的题目判断"
    return {"file": file.file, "questionnaire": title, "group": group}


def _around(units: Units) -> list[str]:
    """Say how many units of every other level the roster has."""
    counts = Counter(unit.level for unit in units.around)
    return [f"{counts[one.code]} 个{one.name}" for one in units.levels if counts[one.code]]


def entry(decided: Decided) -> Entry:
    """Plan how answers are entered, exported, checked and matched to the roster."""
    order, wave = decided.order, decided.order.waves[-1]
    units = Units.of(decided.roster)
    named = {unit.level for unit in units.around}
    longest = max(decided.roster.subjects, key=lambda subject: len(subject.aliases))
    return Entry(
        title="录入与导出",
        takeaway=(
            "平台导出什么样，就交什么样，一个字也不改；认不出的列和名称由人核对之后写进对照表。"
        ),
        wave=wave.name,
        wave_id=wave.id,
        files=[_listed(decided, file) for file in wave.files],
        source="问卷、台账" if len(wave.files) > len(wave.answers) else "问卷",
        roster=order.roster,
        subjects=len(decided.roster.subjects),
        around=say.joined(_around(units)),
        finer=say.joined(level.name for level in units.finer if level.code in named),
        suffixes=say.joined(f"“{suffix}”" for suffix in COMMITTEE_SUFFIXES),
        alias=(
            {"name": longest.name, "aliases": say.joined(longest.aliases, 4)}
            if longest.aliases
            else None
        ),
        states=[{"name": name, "why": why} for name, why in STATES.values()],
    )
