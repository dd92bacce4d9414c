"""What is told in words alone: what went well, what is to be solved, what is proposed.

Every sentence is of something that a table or a test of this report bears out; causes are for
those who know the place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from evalkit.codes import OwnChange
from evalkit.definitions.checklist import TITLE
from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section
from evalkit.pages.street import league, means, tasks
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import overall, sampling, satisfaction
from evalkit.pages.telling.facts import Row, records
from evalkit.pages.telling.tasks import (
    AT_ONCE,
    LOOK,
    MEND,
    STREET,
    WISH,
    everything,
    ticked,
    wished,
)
from evalkit.tables import COMPOSITE, Evaluation

NAMED = 16
"""Committees named in one sentence; of more only their number is told."""

WISHES = 3
"""Needs named among what is to be solved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matters(Section):
    """One sentence a matter."""

    template = "street/matters.html.j2"
    lines: Sequence[str]
    remark: str = ""


def achievements(evaluation: Evaluation) -> Matters | None:
    """Plan what went well; None where nothing could be told from chance."""
    lines = [
        *_satisfaction(evaluation, OwnChange.RISEN),
        *_composite(evaluation, OwnChange.RISEN),
        *_indicators(evaluation, OwnChange.RISEN),
        *_high(evaluation),
        *_own(evaluation, OwnChange.RISEN),
    ]
    if not lines:
        return None
    return Matters(
        title="做得好的和提高的", takeaway=f"算进误差仍然成立的有 {len(lines)} 条。", lines=lines
    )


def problems(evaluation: Evaluation) -> Matters | None:
    """Plan what is to be solved; None where nothing could be told."""
    lines = [
        *_at_once(evaluation),
        *_low(evaluation),
        *_satisfaction(evaluation, OwnChange.FALLEN),
        *_composite(evaluation, OwnChange.FALLEN),
        *_indicators(evaluation, OwnChange.FALLEN),
        *_own(evaluation, OwnChange.FALLEN),
        *_lowest(evaluation),
        *_wished(evaluation),
    ]
    if not lines:
        return None
    return Matters(
        title="要解决什么",
        takeaway=f"共 {len(lines)} 条，只说现象和数据；原因须由{evaluation.order.street_word}"
        f"和{evaluation.order.subject_word}核实。",
        lines=lines,
    )


def proposals(evaluation: Evaluation) -> Matters:
    """Plan what is proposed: to the street, to the committees, for next time."""
    lines = [*_of_street(evaluation), *_of_committees(evaluation), *_next_time(evaluation)]
    lines = lines or [f"{evaluation.order.street_word}统筹的：{tasks.plan(evaluation).remark}"]
    return Matters(
        title="建议怎么办",
        takeaway=f"一个{evaluation.order.subject_word}办不了的由{evaluation.order.street_word}统筹，办得了的各自办，"
        "下一次评估回头看。",
        lines=lines,
        remark=_list(evaluation),
    )


def _list(evaluation: Evaluation) -> str:
    """Say where the tasks stand one by one, and what became of the last list where none came back."""
    told = f"逐件的措施、责任人、期限见各份诊断书和 actions.xlsx（{TITLE}）；填好收回，下一次评估报告办理情况。"
    if evaluation.previous is not None and not len(evaluation.follow_up):
        told += "没有收到上次的清单，本次不能报告上次整改的落实情况。"
    return told


# --- what is sure ---------------------------------------------------------------------------


def _satisfaction(evaluation: Evaluation, way: OwnChange) -> list[str]:
    row = satisfaction.overall(evaluation)
    if row is None or say.missing(row["change"]) or row["change_verdict"] != way:
        return []
    return [f"居民总体满意率 {satisfaction.share(row)}，{satisfaction.changed(row)}。"]


def _composite(evaluation: Evaluation, way: OwnChange) -> list[str]:
    table = overall.of_street(evaluation)
    return [
        f"综合得分平均 {say.fixed(row['mean'])} 分，可比的{evaluation.order.subject_word}比上次"
        f"{row['verdict']} {say.fixed(abs(float(row['change'])))} 分，{row['verdict']}明显。"
        for row in records(table[(table["code"] == COMPOSITE) & (table["verdict"] == way)])
    ]


def _indicators(evaluation: Evaluation, way: OwnChange) -> list[str]:
    table = overall.of_street(evaluation)
    own = table[(table["level"] == "indicator") & (table["verdict"] == way)]
    if not len(own):
        return []
    size = own["change"].abs().sort_values(ascending=False, kind="stable").index
    names = [
        f"{row['name']}（{say.signed(row['change'])}）"
        for row in records(own.loc[size[: means.ENDS]])
    ]
    many = f"，变化最大的是{'、'.join(names)}" if len(own) > len(names) else f"：{'、'.join(names)}"
    return [f"{evaluation.order.street_word}平均{way.value}明显的有 {len(own)} 项指标{many}。"]


def _high(evaluation: Evaluation) -> list[str]:
    names = league.against_mean(evaluation)[league.ABOVE]
    return [_against(evaluation, "高于", names, names)] if names else []


def _low(evaluation: Evaluation) -> list[str]:
    names = league.against_mean(evaluation)[league.BELOW]
    told = [league.with_lowest(evaluation, name) for name in names]
    return [_against(evaluation, "低于", names, told)] if names else []


def _against(evaluation: Evaluation, way: str, names: Sequence[str], told: Sequence[str]) -> str:
    order = evaluation.order
    beside = "（括号内为差得最多的维度及其得分）" if told != names else ""
    return (
        f"得分明显{way}{order.street_word}平均的有 {len(names)} 个{order.subject_word}{beside}："
        f"{say.joined(told, NAMED)}。"
    )


def _own(evaluation: Evaluation, way: OwnChange) -> list[str]:
    changes = known.changes_of(evaluation)
    if changes is None or not len(changes.table):
        return []
    own = changes.table[changes.table["change_verdict"] == way]
    if not len(own):
        return []
    names = [f"{row['name']}（{say.signed(row['change'])}）" for row in records(own)]
    word = evaluation.order.subject_word
    return [f"得分比上次{way.value}明显的有 {len(names)} 个{word}：{say.joined(names, NAMED)}。"]


# --- what is low, urgent or wished ----------------------------------------------------------


def _at_once(evaluation: Evaluation) -> list[str]:
    told = at_once(evaluation)
    return [told] if told else []


def at_once(evaluation: Evaluation) -> str:
    """Name what must not wait, and where: it stands in the committees' own papers, too."""
    what = "；".join(
        f"{problem}（{len(own)} 个{evaluation.order.subject_word}：{say.joined([t.name for t in own])}）"
        for problem, own in tasks.at_once(evaluation).items()
    )
    return f"不得等、须立即核查和办理的是{what}。" if what else ""


def _lowest(evaluation: Evaluation) -> list[str]:
    told = lowest(evaluation)
    return [told] if told else []


def lowest(evaluation: Evaluation) -> str:
    """Name the indicators with the lowest means; nothing where all are alike."""
    if not len(overall.of_street(evaluation)):
        return ""
    high, low = means.ends(evaluation)
    if not low or say.fixed(high[0]["mean"]) == say.fixed(low[0]["mean"]):
        return ""
    names = "、".join(str(row["name"]) for row in low)
    street = evaluation.order.street_word
    return f"{street}层面平均分最低的是{names}（各项之间未逐对检验）。"


def _wished(evaluation: Evaluation) -> list[str]:
    rows: list[Row] = wished(evaluation)[:WISHES]
    if not rows:
        return []
    told = "；".join(f"{row['name']}，{ticked(row)}" for row in rows)
    return [f"居民最盼解决的：{told}。"]


# --- what is proposed -----------------------------------------------------------------------


def _of_street(evaluation: Evaluation) -> list[str]:
    planned = tasks.plan(evaluation)
    if not planned.rows:
        return []
    own = "；".join(
        f"{row['need']}"
        + ("" if row["who"] == say.MISSING else f"，{row['who']}牵头")
        + ("" if row["by"] == say.MISSING else f"，{row['by']}")
        for row in planned.rows
    )
    return [
        f"{evaluation.order.street_word}统筹 {len(planned.rows)} 件：{own}。办法见首页。{planned.left}"
    ]


def _of_committees(evaluation: Evaluation) -> list[str]:
    kinds = Counter(task.kind for task in everything(evaluation) if not task.kind.endswith(STREET))
    if not kinds:
        return []
    parts = [f"{kind} {kinds[kind]} 件" for kind in (AT_ONCE, MEND, LOOK, WISH) if kinds[kind]]
    word = evaluation.order.subject_word
    how = ["先办同步办的，再办整改的"] if kinds[AT_ONCE] and kinds[MEND] else []
    how += ["核实的先走访，属实再列入整改"] if kinds[LOOK] else []
    how += ["诉求的逐项答复居民"] if kinds[WISH] else []
    return [
        f"各{word}共 {sum(kinds.values())} 件：{'，'.join(parts)}。"
        + (f"{'；'.join(how)}。" if how else "")
    ]


def _next_time(evaluation: Evaluation) -> list[str]:
    if not len(evaluation.assurance.plan):
        return []
    return [f"下次评估：{sampling.takeaway(evaluation).replace('见下表', '见技术说明')}"]
