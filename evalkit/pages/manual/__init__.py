"""The operations manual: how the evaluation is carried out, from this workspace's own documents.

It needs no answers, so that it can be read before anybody is asked. What the street decides is
told as its documents say it; what they do not say (roles, deadlines, retention) is a proposal and
is called one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.definitions.decided import Decided
from evalkit.pages.manual import fieldwork, persons, questions, records, sampling, scoring
from evalkit.pages.press import wording as say
from evalkit.pages.press.planned import Paper
from evalkit.pages.press.section import Section
from evalkit.pages.telling import assumed
from evalkit.pages.telling.behind import behind, heading
from evalkit.platforms.base import PERSONAL
from evalkit.tables import Illustration

PATH = "manual.pdf"
KIND = "操作手册"

PERSONAL_COLUMNS: Mapping[str, tuple[str, str]] = {
    "ip": (
        "来自 IP",
        "换成流水号，同一地址同一个号，只用来看是否成批提交；地址本身不读进结果",
    ),
    "nickname": ("昵称（含微信昵称）", "不读入"),
    "contact": ("联系方式、手机号", "不读入"),
    "location": ("地理位置", "不读入"),
}
"""What becomes of the platform columns that tell who somebody is."""


def plan(
    decided: Decided,
    example: Illustration,
) -> Paper:
    """Plan the operations manual.

    Parameters
    ----------
    decided : Decided
        Without faults.
    example : Illustration
        Of the same documents.
    """
    order = decided.order
    wave = order.waves[-1]
    day = wave.end or wave.start
    sections = _sections(decided, example)
    return Paper(
        path=PATH,
        template="manual.html.j2",
        title=f"{order.street}{order.title}{KIND}",
        subject=f"{order.street}{order.title}",
        created=day.isoformat() if day else "",
        context={
            "kind": KIND,
            "wave": wave.name,
            "street": order.street,
            "evaluation_title": order.title,
            "synthetic": order.synthetic,
            "word": order.subject_word,
            "street_word": order.street_word,
            "sections": sections,
            "part": {s.template[7:-8]: number for number, s in enumerate(sections, start=1)},
            "asked": bool(decided.scheme.asked),
        },
        proof={"title": order.title, "wave": wave.name},
    )


def _sections(decided: Decided, example: Illustration) -> list[Section]:
    """Return the sections: of people who are asked, of records, or of both; of a track its own."""
    if decided.track is not None:
        return [
            persons.judging(decided, decided.track),
            questions.questionnaires(decided),
            questions.entry(decided),
            scoring.scores(decided, example),
            persons.receiving(decided, decided.track),
            _basis(decided),
        ]
    asking: list[Section] = []
    if decided.scheme.asked:
        asking = [
            fieldwork.fieldwork(decided),
            questions.questionnaires(decided),
            questions.entry(decided),
        ]
    of_records = (
        records.workflow(decided),
        records.standards(decided),
        records.registers(decided),
    )
    recorded = [one for one in of_records if one is not None]
    return [
        fieldwork.organisation(decided),
        sampling.sampling(decided),
        *(asking or recorded),
        scoring.scores(decided, example),
        scoring.reading(decided, example),
        *(recorded if asking else ()),
        _disclosure(decided),
        _complaints(decided),
        _basis(decided),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure(Section):
    """What is told to whom, and what becomes of personal data."""

    template = "manual/disclosure.html.j2"
    groups: Sequence[Mapping[str, str]]
    behind: str
    bounds: str
    columns: Sequence[tuple[str, str]]
    public: str
    open: bool
    rater: bool
    ledgers: bool


def _public(decided: Decided) -> str:
    """Say what residents read: what stands on the notice, where one is made."""
    scheme, order = decided.scheme, decided.order
    overall = any(
        item.role == "overall" for form in fieldwork.forms(decided) for item in form.items
    )
    if not (order.notice and overall and scheme.residents):
        return f"本次不生成公示；公布什么，由{order.street_word}决定"
    return (
        f"本{order.subject_word}的公示（notice 文件夹，一页）：总体满意率、误差范围和升降，评价最高、最低的题目，"
        f"最盼解决的事，准备做的事，上次要做的事办得怎样；由{order.street_word}审定后张贴"
    )


def _disclosure(decided: Decided) -> Disclosure:
    scheme, word = decided.scheme, decided.order.subject_word
    least = sorted({group.minimum_n for group in scheme.groups}, reverse=True)
    roles = {item.role for form in fieldwork.forms(decided) for item in form.items}
    return Disclosure(
        public=_public(decided),
        title="公布规则与个人信息",
        takeaway=(
            f"只公布{word}一级的汇总数；少于最低份数的不给数字，任何人的原话和任何一份答卷都不外传。"
            if scheme.asked
            else f"只公布{word}一级的汇总数；记录太少的不给数字，任何一条记录都不外传。"
        ),
        groups=[
            {
                "name": group.name,
                "minimum": f"{group.minimum_n} {behind(group, decided).unit}",
            }
            for group in scheme.groups
        ],
        behind=heading(scheme),
        bounds="".join(f"“<{n}”" for n in least),
        columns=[PERSONAL_COLUMNS[code] for code in sorted(PERSONAL)],
        open="open" in roles,
        rater="rater" in roles,
        ledgers=bool(records.ledgers(decided)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaints(Section):
    """How to object, and what may be recalculated."""

    template = "manual/complaints.html.j2"
    seed: str
    draws: str
    wave_id: str
    alternatives: bool


def _complaints(decided: Decided) -> Complaints:
    order = decided.order
    return Complaints(
        title="异议与复核",
        takeaway=(
            "谁都可以要求重算，因为同样的文件、方案和随机种子必得同样的结果；"
            + (
                "谁也不能要求查某个人怎么答。"
                if decided.scheme.asked
                else "谁也不能要求单独改一条记录的算法。"
            )
        ),
        seed=str(order.settings.seed),
        draws=say.count(order.settings.draws),
        wave_id=order.waves[-1].id,
        alternatives=bool(decided.scheme.alternatives),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis(Section):
    """What is published, what is assumed, what the manual was made of."""

    template = "manual/basis.html.j2"
    scheme_title: str
    published: Sequence[str]
    assumptions: Sequence[str]
    forms: Sequence[Mapping[str, object]]
    spread: str
    digests: Sequence[tuple[str, str]]


def _basis(decided: Decided) -> Basis:
    scheme, forms = decided.scheme, fieldwork.forms(decided)
    decisions = [*assumed.sentences(decided), *scheme.assumptions]
    ledgers = records.ledgers(decided)
    stating = [(one.title, list(one.assumptions)) for one in forms]
    stating += [(one.title, list(one.assumptions)) for one in ledgers]
    count = len(decisions) + sum(len(said) for _, said in stating)
    told = f"{len(scheme.published)} 条有公开出处" if scheme.published else "没有一条注明公开出处"
    return Basis(
        title="依据与假定",
        takeaway=(
            f"方案和{'问卷' if scheme.asked else '台账'}写明的依据里，{told}，{count} 条是方案的规定和假定；"
            "可以改，改了要在报告里写明。"
        ),
        scheme_title=scheme.title,
        published=list(scheme.published),
        assumptions=decisions,
        forms=[{"title": title, "assumptions": said} for title, said in stating if said],
        spread="" if decided.track is not None else f"{sampling.SPREAD:g}",
        digests=sorted(decided.digests.items()),
    )
